//! Findings: what is wrong (or worth a word) about values, source and target, each with its place.

use std::borrow::Cow;
use std::fmt;

use super::server_text::ServerText;
use super::{Error, Exit, Fault, FindingPart, Found, Hints, Id, Offer, OfferedShare, catalog};
use crate::text;

/// What codecs took in a way that is counted.
pub type Notes = Vec<Note>;

/// Values of one column that a codec took in one way that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// The column's index among the copied columns of its table.
    pub column: usize,
    /// In which way.
    pub id: Id,
    /// How many values.
    pub count: u64,
}

/// Why a codec does not take a value. Never holds the value of text or bytes, only their shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The kind of finding that it is.
    pub id: Id,
    /// What the column holds by its description: `0 or 1`, `an integer from -32768 to 32767`.
    pub expected: Cow<'static, str>,
    /// What was found.
    pub found: Found,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run stops.
    Error,
    /// The run goes on; somebody should look.
    Warning,
    /// For the record.
    Note,
}

/// One kind of trouble at one place, however often.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The stable id: `T1`, `K1`, `D6`, …
    pub id: Id,
    /// How bad it is.
    pub severity: Severity,
    /// The database's name; empty when a whole end is meant.
    pub database: String,
    /// The table's name, where there is one.
    pub table: String,
    /// The names of the columns that are meant; mostly one, or none.
    pub columns: Vec<String>,
    /// The index whose entries are meant.
    pub index: Option<String>,
    /// In how many rows.
    pub count: u64,
    /// What is wrong, in words; empty for a value, which `expected` and the examples describe.
    pub what: String,
    /// Things that the words introduce: tables, sessions; a line each.
    pub details: Vec<String>,
    /// What the column wants.
    pub expected: String,
    /// What to do about this one; none where the catalogue says all.
    pub hints: Hints,
    /// Up to [`EXAMPLES`] of them.
    pub examples: Vec<Example>,
    /// What would repair it, to choose from.
    pub repairs: Vec<Offer>,
    /// What the server said about it; shown only on request, and in no report.
    pub server: Option<ServerText>,
}

/// A row in which something was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The row's name: `rowid 17`.
    pub key: String,
    /// What was found there.
    pub found: Found,
}

/// So many findings are kept and listed; the rest is counted. A source can be wrong in every column
/// of every table, and nobody reads more.
pub const FINDINGS_MOST: usize = 10_000;

/// How many examples a finding keeps.
pub const EXAMPLES: usize = 5;

impl Finding {
    /// Something about a file or a table, not about its rows, in words.
    pub fn without_rows(id: Id, severity: Severity, what: impl Into<String>) -> Finding {
        Finding {
            id,
            severity,
            database: String::new(),
            table: String::new(),
            columns: Vec::new(),
            index: None,
            count: 1,
            what: text::make_message(what),
            details: Vec::new(),
            expected: String::new(),
            hints: Hints::default(),
            examples: Vec::new(),
            repairs: Vec::new(),
            server: None,
        }
    }

    /// A value that a codec refused.
    pub fn of_refused_value(
        database: &str,
        table: &str,
        column: &str,
        why: Refused,
        key: String,
    ) -> Finding {
        Finding {
            id: why.id,
            severity: Severity::Error,
            database: database.to_owned(),
            table: table.to_owned(),
            columns: vec![column.to_owned()],
            index: None,
            count: 1,
            what: String::new(),
            details: Vec::new(),
            expected: text::make_message(why.expected),
            hints: Hints::default(),
            examples: vec![Example { key, found: why.found }],
            repairs: Vec::new(),
            server: None,
        }
    }

    /// Whether another one is of the same kind at the same place.
    pub fn is_same_kind(&self, other: &Finding) -> bool {
        self.id == other.id
            && self.database == other.database
            && self.table == other.table
            && self.columns == other.columns
            && self.expected == other.expected
    }

    /// Adds another of the same kind; `false` when it is of another kind.
    pub fn merge(&mut self, other: &Finding) -> bool {
        let same = self.is_same_kind(other);
        if same {
            self.count += other.count;
            let room = EXAMPLES.saturating_sub(self.examples.len());
            self.examples.extend(other.examples.iter().take(room).cloned());
        }
        same
    }

    /// Says which columns of its table are meant.
    pub fn set_columns<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.columns = names.into_iter().map(str::to_owned).collect();
    }

    /// What is wrong with the details behind it, exactly; not for a terminal.
    pub fn full_text(&self) -> String {
        text::with_lines(&self.what, &self.details)
    }

    /// The columns, as they are printed.
    pub fn columns_text(&self) -> String {
        self.columns.join(", ")
    }

    /// What a fault with an id says.
    pub fn from_fault(fault: &Fault, severity: Severity, database: &str) -> Option<Finding> {
        let mut finding = Finding::without_rows(fault.id?, severity, "");
        finding.what.clone_from(&fault.text);
        finding.details.clone_from(&fault.details);
        finding.hints.clone_from(&fault.hints);
        database.clone_into(&mut finding.database);
        Some(finding)
    }

    /// As the one fault of an error.
    pub fn into_error(self) -> Error {
        Error { exit: Exit::Findings, faults: vec![self.to_fault()] }
    }

    /// As a fault: text, and as hints its own or the catalogue's.
    pub fn to_fault(&self) -> Fault {
        let hints = match self.hints.is_empty() {
            true => catalog::hints_of(self.id),
            false => self.hints.clone(),
        };
        let place = [self.database.as_str(), self.table.as_str()];
        Fault {
            id: Some(self.id),
            details: self.details.clone(),
            server: self.server.clone(),
            finding: Some(Box::new(FindingPart {
                table: if self.table.is_empty() { String::new() } else { place.join(".") },
                alternatives: describe_offers(&self.repairs),
            })),
            ..Fault::new(self.describe(), hints)
        }
    }

    /// What is wrong and where, without the id.
    pub fn describe(&self) -> String {
        let columns = self.columns_text();
        let place = [self.database.as_str(), self.table.as_str(), columns.as_str()];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        let (what, mut link) = match self.what.as_str() {
            "" => (format!("expected {}", self.expected), ", found"),
            what => (what.to_owned(), ":"),
        };
        let mut text = match place.is_empty() {
            true => what,
            false => format!("{}: {what}", place.join(".")),
        };
        for example in &self.examples {
            text += &format!("{link} {} at {}", example.found, example.key);
            link = ";";
        }
        if self.count != 1 {
            text += &format!(" (in {} rows)", self.count);
        }
        text
    }
}

/// A hint for each repair: those that help with all rows first, then those that help with some.
fn describe_offers(offers: &[Offer]) -> Hints {
    let complete_repairs = offers.iter().filter(|offer| offer.share.is_none());
    let complete_repairs = complete_repairs.map(|offer| offer.as_hint("repair it"));
    let some = offers.iter().filter_map(|offer| {
        let OfferedShare { repaired, all } = offer.share?;
        let (repaired, all) = (text::group_thousands(repaired), text::group_thousands(all));
        Some(offer.as_hint(&format!("repair {repaired} of the {all} rows")))
    });
    complete_repairs.chain(some).collect::<Vec<_>>().into()
}

/// `D13 core.jobs.start_time: expected …, found text like 9999-99-99 at rowid 17 (in 3 rows)`, or
/// `F10 core: /srv/connect.db: …`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.describe())
    }
}
