//! The tables in which an application keeps which of its own migrations were done. Both sides have
//! their own; they are compared, and never copied over existing ones. Which tables these are, and
//! which of their columns count, is said in the schema files.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use model::{MigrationHistory, Table, sql};
use postgres::Client;
use rusqlite::types::ValueRef;

use crate::diagnostic::{Finding, Hint, Hints, Id, Result, Severity};
use crate::postgres::direct::DirectQueries;
use crate::schema::Version;
use crate::sqlite::{Source, SourceTable};
use crate::text;

/// A row as texts.
type Row = Vec<Option<String>>;

/// Rows, and how often each is there.
type Rows = BTreeMap<Row, i64>;

/// A table with more rows than that is no migration history.
const ROWS: usize = 100_000;

/// How many rows are named that only one side has.
const NAMED: usize = 5;

/// What was found of one table.
pub struct Compared {
    /// In words.
    pub finding: Finding,
    /// How the lists differ, where both sides have one that can be read.
    pub difference: Option<Difference>,
}

/// How two lists of done migrations differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Entries that only SQLite has.
    pub source_only: u64,
    /// Entries that only PostgreSQL has.
    pub target_only: u64,
    /// The last one of SQLite's that PostgreSQL has as well, safe to print.
    pub newest_common: Option<String>,
}

/// A column that is compared.
struct ComparedColumn<'a> {
    /// Its name in SQLite.
    source: &'a str,
    /// Its name in PostgreSQL.
    target: &'a str,
    /// Whether it is a boolean in PostgreSQL.
    is_boolean: bool,
}

/// What is said of a table; there are no hints where the catalogue's say all.
struct HistoryComparison {
    severity: Severity,
    what: String,
    hints: Hints,
    difference: Option<Difference>,
}

/// Something to look at, with the usual hints.
fn make_remark(severity: Severity, what: impl Into<String>) -> HistoryComparison {
    HistoryComparison { severity, what: what.into(), hints: Hints::default(), difference: None }
}

/// Compares every migration history table that both sides have.
///
/// # Errors
/// SQLite's, and the server's.
pub fn compare_history_tables(
    database: &str,
    version: &Version,
    source: &Source,
    client: &mut Client,
    schema: &str,
) -> Result<Vec<Compared>> {
    let mut all = Vec::new();
    for history in version.migration_histories {
        let HistoryComparison { severity, what, hints, difference } =
            compare_history_table(history, version, source, client, schema)?;
        let mut finding = Finding::without_rows(Id::O4, severity, what);
        finding.hints = hints;
        database.clone_into(&mut finding.database);
        history.table.clone_into(&mut finding.table);
        all.push(Compared { finding, difference });
    }
    Ok(all)
}

const CORRECT_NAME: &str = "correct its name under `[migration_history]` in database.toml";
const MAKE_TABLES: &str =
    "let the release that wrote the SQLite file create its tables in PostgreSQL";

fn compare_history_table(
    history: &MigrationHistory,
    version: &Version,
    source: &Source,
    client: &mut Client,
    schema: &str,
) -> Result<HistoryComparison> {
    let fail = |error| {
        crate::postgres::server_error("reading the application's migration history", &error)
    };
    let described = version.tables().find(|table| table.name == history.table);
    let schema = described.map_or(schema, |table| table.schema_or(schema));
    let name = described.map_or(history.table, |table| table.source);
    let own = source.structure.table(name);
    let there = client.query_directly(COLUMNS, &[&schema, &history.table]).map_err(fail)?;
    let there: Vec<(String, bool)> = there.iter().map(|row| (row.get(0), row.get(1))).collect();
    let own = match (own, there.is_empty()) {
        (None, true) => {
            let what = "neither SQLite nor PostgreSQL has the table".to_owned();
            let hints = Hints::from([CORRECT_NAME, "remove it from `[migration_history]`"]);
            return Ok(HistoryComparison { hints, ..make_remark(Severity::Error, what) });
        }
        (Some(_), true) => return Ok(make_remark(Severity::Warning, "only SQLite has the table")),
        (None, false) => {
            return Ok(make_remark(Severity::Warning, "only PostgreSQL has the table"));
        }
        (Some(own), false) => own,
    };
    let columns = compared_columns(history, described, own, &there);
    let missing = |name: &&&str| !columns.iter().any(|column| column.target == **name);
    if let Some(name) = history.columns.iter().find(missing) {
        let what = format!("column {name} is missing in SQLite or in PostgreSQL");
        let hints = Hints::from([CORRECT_NAME, MAKE_TABLES]);
        return Ok(HistoryComparison { hints, ..make_remark(Severity::Error, what) });
    }
    let left = read_sqlite_rows(source, &own.name, &columns)?;
    let right = read_postgres_rows(client, schema, history.table, &columns).map_err(fail)?;
    Ok(match (left, right) {
        (Some((left, _)), Some(right)) if left == right => {
            let rows = left.values().sum::<i64>().unsigned_abs();
            make_remark(
                Severity::Note,
                format!(
                    "identical in SQLite and PostgreSQL ({})",
                    text::count_with_noun(rows, "row")
                ),
            )
        }
        (Some((left, order)), Some(right)) => {
            let (what, difference) = describe_difference(&left, &order, &right);
            let table = text::shell_word(history.table);
            let hints = Hints::from(MAKE_TABLES).and(Hint::with_line(
                "if that release keeps another list in PostgreSQL, accept it; it is not changed:",
                format!("--accept-migration-history {table}"),
            ));
            HistoryComparison {
                hints,
                difference: Some(difference),
                ..make_remark(Severity::Error, what)
            }
        }
        _ => make_remark(
            Severity::Error,
            format!("has more than {ROWS} rows, too many for a migration history"),
        ),
    })
}

/// The columns that both sides have, of those that count. `there` has those in PostgreSQL, and
/// whether each is a boolean.
fn compared_columns<'a>(
    history: &MigrationHistory,
    described: Option<&'static Table>,
    own: &'a SourceTable,
    there: &'a [(String, bool)],
) -> Vec<ComparedColumn<'a>> {
    let mut columns = Vec::new();
    for (target, is_boolean) in there {
        let described = described.and_then(|table| table.column(target));
        let name = described.map_or(target.as_str(), |column| column.source);
        let own = own.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        let counts = history.columns.is_empty() || history.columns.contains(&&**target);
        if let Some(own) = own.filter(|_| counts) {
            columns.push(ComparedColumn { source: &own.name, target, is_boolean: *is_boolean });
        }
    }
    columns
}

/// The rows, and each of them once in the order in which SQLite has them: the oldest first, where
/// nothing was removed.
fn read_sqlite_rows(
    source: &Source,
    table: &str,
    columns: &[ComparedColumn<'_>],
) -> Result<Option<(Rows, Vec<Row>)>> {
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let names: Vec<String> = columns.iter().map(|column| sql::quote(column.source)).collect();
    let select = format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), sql::quote(table));
    let mut statement = source.reader.prepare(&select).map_err(fail)?;
    let mut found = statement.query([]).map_err(fail)?;
    let (mut rows, mut order, mut count) = (Rows::new(), Vec::new(), 0);
    while let Some(row) = found.next().map_err(fail)? {
        let texts = (0..columns.len()).map(|at| Ok(value_text(row.get_ref(at)?)));
        let texts: Row = texts.collect::<rusqlite::Result<_>>().map_err(fail)?;
        if !rows.contains_key(&texts) {
            order.push(texts.clone());
        }
        *rows.entry(texts).or_default() += 1;
        count += 1;
        if count > ROWS {
            return Ok(None);
        }
    }
    Ok(Some((rows, order)))
}

fn value_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// Booleans as the 0 and 1 that SQLite has.
fn read_postgres_rows(
    client: &mut Client,
    schema: &str,
    table: &str,
    columns: &[ComparedColumn<'_>],
) -> Result<Option<Rows>, postgres::Error> {
    let shown = columns.iter().map(|column| match column.is_boolean {
        true => format!("{}::int::text", sql::quote(column.target)),
        false => format!("{}::text", sql::quote(column.target)),
    });
    let shown: Vec<String> = shown.collect();
    let select = format!(
        "SELECT {} FROM {} LIMIT {}",
        shown.join(", "),
        sql::qualified_name(schema, table),
        ROWS + 1
    );
    let found = client.query_directly(&select, &[])?;
    if found.len() > ROWS {
        return Ok(None);
    }
    let mut rows = Rows::new();
    for row in found {
        *rows.entry((0..columns.len()).map(|at| row.get(at)).collect()).or_default() += 1;
    }
    Ok(Some(rows))
}

/// What each side has alone, the last ones of each: they are the newest mostly.
fn describe_difference(left: &Rows, order: &[Row], right: &Rows) -> (String, Difference) {
    let differs = |row: &&Row| left.get(*row) != right.get(*row);
    let source_only: Vec<&Row> = order.iter().filter(differs).collect();
    let mut target_only: Vec<&Row> = right.keys().filter(differs).collect();
    target_only.sort_by(|one, other| compare_as_numbers(one, other));
    let newest_common = order.iter().rfind(|row| right.contains_key(*row)).map(|row| show_row(row));
    let what = match (source_only.as_slice(), target_only.as_slice()) {
        ([], only) => format!("PostgreSQL also has {}", describe_last_rows(only)),
        (only, []) => format!("SQLite also has {}", describe_last_rows(only)),
        (here, there) => {
            format!(
                "only SQLite has {}; only PostgreSQL has {}",
                describe_last_rows(here),
                describe_last_rows(there)
            )
        }
    };
    let common = match (&newest_common, right.is_empty()) {
        (Some(entry), _) => format!("the newest entry that both have is {entry}"),
        (None, true) => "PostgreSQL's list has no entry".to_owned(),
        (None, false) => "the two lists have no entry in common".to_owned(),
    };
    let what = format!("the application's own migrations differ: {what}; {common}");
    let count = |rows: &[&Row]| rows.len() as u64;
    let (source_only, target_only) = (count(&source_only), count(&target_only));
    (what, Difference { source_only, target_only, newest_common })
}

/// The last rows, and how many there are before them.
fn describe_last_rows(rows: &[&Row]) -> String {
    let before = rows.len().saturating_sub(NAMED);
    let last = rows.get(before..).unwrap_or_default();
    let last = last.iter().map(|row| show_row(row)).collect::<Vec<_>>().join("; ");
    if before == 0 { last } else { format!("{last} and {before} more") }
}

/// Numbers by what they are, everything else as text.
fn compare_as_numbers(left: &Row, other: &Row) -> Ordering {
    let cells = left.iter().zip(other).map(|(left, other)| {
        let number = |cell: &Option<String>| cell.as_ref().and_then(|text| text.parse().ok());
        match (number(left), number(other)) {
            (Some(left), Some(other)) => i128::cmp(&left, &other),
            _ => left.cmp(other),
        }
    });
    cells.fold(Ordering::Equal, Ordering::then)
}

/// A row of names and numbers of migrations, which are no secret; anything else only by its length.
fn show_row(row: &[Option<String>]) -> String {
    let plain = |text: &str| {
        let harmless = |letter: char| letter.is_ascii_alphanumeric() || "._-: /".contains(letter);
        text.len() <= 80 && text.chars().all(harmless)
    };
    let cell = |cell: &Option<String>| match cell {
        None => "NULL".to_owned(),
        Some(text) if plain(text) => text.clone(),
        Some(text) => format!("text of {}", text::count_bytes(text.as_bytes())),
    };
    row.iter().map(cell).collect::<Vec<_>>().join(", ")
}

const COLUMNS: &str = "\
SELECT a.attname::text, a.atttypid = 'pg_catalog.bool'::regtype
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";
