//! What else is checked before anything is written: units of time, signs, sizes that PostgreSQL
//! has limits for, and rules, keys and columns that both sides compute, which the server itself
//! judges.
//!
//! SQLite answers most of it by one look at a table that reads lengths, not values. What cannot be
//! decided before the rows are loaded is said as such.

mod computed;
mod dump;
mod figures;
mod fractions;
mod judged;
mod rules;
pub mod server_text;
mod signs;
mod sizes;
mod units;
mod width;

pub use judged::{AskedServer, Trial, find_rows_to_take_out, is_plain_spelling};
pub use sizes::add_size_findings;

use std::time::Instant;

use model::{Affinity, Column, Stored, sql};
use postgres::Client;

use crate::check::rows::Profile;
use crate::diagnostic::{EXAMPLES, Example, Finding, Id, Note, Notes, Result, Severity};
use crate::plan::Copy;
use crate::rows::Key;
use crate::sqlite::Source;
use crate::stop::Stop;

/// A table whose columns are checked.
#[derive(Clone, Copy)]
pub struct CheckedTable<'a> {
    /// Its file.
    pub source: &'a Source,
    /// The table.
    pub copy: &'a Copy,
    /// What its codecs noted.
    pub notes: &'a Notes,
    /// What its columns hold, in the order of the copied ones.
    pub profiles: &'a [Profile],
    /// All tables of the target with their files.
    pub others: &'a [(&'a Source, &'a Copy)],
}

/// Looks at the columns of a table, by what its codecs noted and its columns hold.
///
/// # Errors
/// SQLite's, or a stop; what is wrong with rows is no error here.
pub fn check_table_columns(checked: CheckedTable<'_>, stop: &Stop) -> Result<Vec<Finding>> {
    let mut findings = note_findings(checked);
    let mut wants = units::wanted_figures(checked);
    wants.extend(signs::wanted_figures(checked));
    wants.extend(sizes::wanted_lengths(checked));
    let figures = figures::query_figures(checked, wants)?;
    stop.fail_if_asked()?;
    findings.extend(units::find_doubtful_units(checked, &figures)?);
    findings.extend(signs::find_negative_unsigned(checked, &figures)?);
    findings.extend(sizes::find_too_large(checked, &figures)?);
    findings.extend(dump::find_rows_too_long_for_dump(checked)?);
    findings.extend(width::find_too_wide_rows(checked, stop)?);
    findings.extend(fractions::find_cut_fractions(checked, stop)?);
    Ok(findings)
}

/// Has the server judge a table's rows, where it can be reached: `client` is a session without a
/// transaction, and nothing may hold locks on the table. What the columns hold is not needed.
/// `asked` holds what the pass over the tables has learned, and grows by the time of the server's
/// own judgement.
///
/// # Errors
/// SQLite's, the server's, or a stop; what is wrong with rows is no error here.
pub fn check_by_server(
    checked: CheckedTable<'_>,
    mut client: Option<&mut Client>,
    trial: Trial,
    asked: &mut AskedServer,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let begun = Instant::now();
    let mut findings = server_text::find_refused_texts(checked, client.as_deref_mut(), stop)?;
    let refused: Vec<String> = findings.iter().flat_map(|found| found.columns.clone()).collect();
    let client_again = client.as_deref_mut();
    findings.extend(judged::find_refused_rows(
        checked,
        &refused,
        client_again,
        trial,
        asked,
        stop,
    )?);
    asked.time += begun.elapsed();
    findings.extend(computed::find_computed_differences(checked, client, stop)?);
    Ok(findings)
}

/// The bytes that PostgreSQL keeps of a value that has no growth of its own, in SQL of SQLite.
fn octets_sql(column: &Column) -> String {
    let name = sql::quote(column.source);
    match column.stored {
        Stored::Hex => {
            format!("(octet_length({name}) - 2 * (substr({name}, 2, 1) IN ('x', 'X'))) / 2")
        }
        Stored::Base64 => {
            let digits = format!("replace(replace({name}, char(10), ''), char(13), '')");
            format!("octet_length(replace({digits}, '=', '')) * 3 / 4")
        }
        Stored::BlobAsHex => format!("octet_length({name}) * 2"),
        Stored::BlobAsBase64 => format!("(octet_length({name}) + 2) / 3 * 4"),
        _ => format!("octet_length({name})"),
    }
}

/// What codecs noted and somebody should look at.
fn note_findings(checked: CheckedTable<'_>) -> Vec<Finding> {
    let of = |Note { column, id, count }: &Note| {
        let column = checked.copy.table().copied_columns().nth(*column)?;
        let (id, what) = match *id {
            Id::J4 => {
                (Id::J4, "an object has a duplicate key; jsonb keeps the last value".to_owned())
            }
            Id::S4 => {
                let declared = declared_type(checked, column)?;
                let kept =
                    matches!(Affinity::of_declared(declared), Affinity::Text | Affinity::Blob);
                let numbers = !kept && !stores_values_unchanged(checked, declared);
                let what = format!(
                    "numbers in a column declared {declared}: SQLite has converted texts that \
                     look like numbers; leading or trailing zeros may be lost"
                );
                numbers.then_some((Id::S5, what))?
            }
            _ => return None,
        };
        let mut finding = checked.make_finding(id, Severity::Warning, &[column.name], what);
        finding.count = *count;
        Some(finding)
    };
    checked.notes.iter().filter_map(of).collect()
}

/// Whether SQLite keeps every value of a column as it came: ANY does so in a STRICT table alone.
fn stores_values_unchanged(checked: CheckedTable<'_>, declared: &str) -> bool {
    let own = checked.source.structure.table(checked.copy.table().source);
    declared.eq_ignore_ascii_case("ANY") && own.is_some_and(|own| own.strict)
}

/// The type that SQLite's table declares for a column.
fn declared_type<'a>(checked: CheckedTable<'a>, column: &Column) -> Option<&'a str> {
    let own = checked.source.structure.table(checked.copy.table().source)?;
    let own = own.columns.iter().find(|own| own.name.eq_ignore_ascii_case(column.source))?;
    Some(&own.declared)
}

impl CheckedTable<'_> {
    /// A finding about the table, or columns of it.
    fn make_finding(
        &self,
        id: Id,
        severity: Severity,
        columns: &[&str],
        what: impl Into<String>,
    ) -> Finding {
        let mut finding = Finding::without_rows(id, severity, what);
        finding.database.clone_from(&self.copy.database);
        self.copy.table().name.clone_into(&mut finding.table);
        finding.set_columns(columns.iter().copied());
        finding
    }

    /// How rows are named.
    fn row_key(&self) -> Key {
        Key::of_table(&self.source.structure, self.copy)
    }

    /// The rows in SQL of SQLite, as they will be copied.
    fn rows_sql(&self) -> String {
        self.copy.source_rows_sql()
    }

    /// What a column holds.
    fn profile_of(&self, column: &Column) -> Option<&Profile> {
        let place =
            self.copy.table().copied_columns().position(|known| known.name == column.name)?;
        self.profiles.get(place)
    }

    /// The first rows that fulfil a condition, with what `shown` makes of `value` there, and in
    /// how many rows it holds.
    fn count_rows_with_examples(
        &self,
        value: &str,
        condition: &str,
        order: &str,
        shown: &dyn Fn(&rusqlite::Row<'_>) -> String,
    ) -> Result<(u64, Vec<Example>)> {
        let fail = |error: rusqlite::Error| self.source.read_error(&error);
        let from = self.rows_sql();
        let count = format!("SELECT count(*) FROM {from} WHERE {condition}");
        let count: i64 =
            self.source.reader.query_row(&count, [], |row| row.get(0)).map_err(fail)?;
        let key = self.row_key();
        let all: Vec<String> =
            [value.to_owned()].into_iter().chain(key.columns.iter().cloned()).collect();
        let select = format!(
            "SELECT {} FROM {from} WHERE {condition} {order} LIMIT {EXAMPLES}",
            all.join(", ")
        );
        let mut statement = self.source.reader.prepare(&select).map_err(fail)?;
        let examples = statement
            .query_map([], |row| {
                Ok(Example { key: key.describe_row(row, 1), found: shown(row).into() })
            })
            .map_err(fail)?;
        let examples = examples.collect::<rusqlite::Result<Vec<_>>>().map_err(fail)?;
        Ok((count.unsigned_abs(), examples))
    }
}
