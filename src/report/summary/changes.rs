//! Values that arrive otherwise than they were, and those that codecs took in a way that is
//! counted: in words, for each kind.

use super::Tense;
use crate::diagnostic::{Id, Note, catalog};
use crate::report::Report;
use crate::text::group_thousands;

/// Everything of that kind in a run.
#[derive(Debug, Default)]
pub struct Changes {
    /// Values of which something is lost.
    pub lossy: Vec<Change>,
    /// Values that were taken without loss.
    pub lossless: Vec<Change>,
    /// Rows that repairs touched: the repair as its flag says it, and how many.
    pub repairs: Vec<(String, u64)>,
}

/// One kind of change.
#[derive(Debug)]
pub struct Change {
    /// Which one.
    pub id: Id,
    /// The columns, each with its values, in the order in which they were met.
    pub columns: Vec<(String, u64)>,
}

/// The words for one kind: `{have}`, `{are}` and `{they_are}` stand for the verb in its number and
/// tense.
struct Words {
    id: Id,
    is_lossy: bool,
    noun: &'static str,
    rest: &'static str,
}

const fn lossy_words(id: Id, noun: &'static str, rest: &'static str) -> Words {
    Words { id, is_lossy: true, noun, rest }
}

const fn lossless_words(id: Id, noun: &'static str, rest: &'static str) -> Words {
    Words { id, is_lossy: false, noun, rest }
}

/// Every kind that codecs count.
const WORDS: &[Words] = &[
    lossy_words(
        Id::D11,
        "time",
        "{have} digits below a microsecond, which PostgreSQL does not keep; {they_are} cut",
    ),
    lossy_words(
        Id::D12,
        "time",
        "{have} second 60 or hour 24; {they_are} rolled over to the next minute or day",
    ),
    lossy_words(Id::D18, "date", "{have} the time midnight, which a date does not keep"),
    lossy_words(Id::J4, "document", "{have} a duplicate key, of which jsonb keeps the last"),
    lossless_words(
        Id::B2,
        "boolean",
        "{are} a word such as 'yes', and converted as PostgreSQL does",
    ),
    lossless_words(Id::B3, "boolean", "{are} 0.0 or 1.0, and converted to 0 or 1"),
    lossless_words(
        Id::D8,
        "time",
        "{are} Go's zero time, 0001-01-01 00:00:00 UTC, which means unset",
    ),
    lossless_words(Id::D10, "time", "{have} a year beyond 9999"),
    lossless_words(Id::S2, "number", "{are} stored as text, and converted exactly"),
    lossless_words(Id::S3, "integer", "{are} stored as a real such as 12.0, and converted exactly"),
    lossless_words(
        Id::S4,
        "number",
        "{are} in a text column, and converted to text as SQLite does",
    ),
    lossless_words(
        Id::S5,
        "number",
        "{are} text that SQLite converted to the column's declared type",
    ),
    lossless_words(Id::S12, "real number", "{are} written as text"),
    lossless_words(Id::T6, "text", "{are} in a column of bytes, and copied as UTF-8 bytes"),
];

impl Changes {
    /// Those of a run.
    pub fn of_report(report: &Report) -> Changes {
        let repairs = report.repairs.iter().map(|repair| (repair.repair.clone(), repair.rows));
        let mut changes = Changes { repairs: repairs.collect(), ..Changes::default() };
        for database in &report.databases {
            for table in &database.tables {
                for Note { column, id, count } in &table.notes {
                    let column = table.columns.get(*column).copied().unwrap_or_default();
                    let place = format!("{}.{}.{column}", database.name, table.name);
                    changes.add(*id, place, *count);
                }
            }
        }
        changes
    }

    fn add(&mut self, id: Id, column: String, count: u64) {
        let is_lossy = words_of(id).is_some_and(|words| words.is_lossy);
        let list = if is_lossy { &mut self.lossy } else { &mut self.lossless };
        match list.iter_mut().find(|change| change.id == id) {
            Some(change) => change.columns.push((column, count)),
            None => list.push(Change { id, columns: vec![(column, count)] }),
        }
    }
}

fn words_of(id: Id) -> Option<&'static Words> {
    WORDS.iter().find(|words| words.id == id)
}

impl Change {
    /// So many values in all columns.
    pub fn count(&self) -> u64 {
        self.columns.iter().map(|(_, count)| count).sum()
    }

    /// `2,478,795 times had digits below a microsecond, …`
    pub fn describe(&self, tense: Tense) -> String {
        let count = self.count();
        let Some(Words { noun, rest, .. }) = words_of(self.id) else {
            let entry = catalog::entries().find(|entry| entry.id == self.id);
            let meaning = entry.map_or("", |entry| entry.meaning);
            return format!("{}: {meaning}", group_thousands(count));
        };
        let [have, are, they_are] = match (tense, count) {
            (Tense::Past, 1) => ["had", "was", "it was"],
            (Tense::Past, _) => ["had", "were", "they were"],
            (Tense::Future, 1) => ["has", "is", "it will be"],
            (Tense::Future, _) => ["have", "are", "they will be"],
        };
        let rest = rest.replace("{have}", have).replace("{are}", are);
        let rest = rest.replace("{they_are}", they_are);
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {noun}{plural} {rest}", group_thousands(count))
    }
}
