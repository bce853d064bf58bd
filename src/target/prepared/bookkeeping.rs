//! The tables in which an application keeps which of its own migrations were done. Both sides have
//! their own; they are compared, and never copied over standing ones. Which tables these are, and
//! which of their columns count, is said in the schema files.

use std::collections::BTreeMap;

use model::{Bookkeeping, sql};
use postgres::Client;
use rusqlite::types::ValueRef;

use crate::error::Result;
use crate::finding::{Finding, Severity};
use crate::schema::Version;
use crate::source::Source;

/// Rows as texts, and how often each is there.
type Rows = BTreeMap<Vec<Option<String>>, i64>;

/// More rows than that are no bookkeeping.
const ROWS: usize = 100_000;

/// How many rows are named that only one side has.
const NAMED: usize = 5;

/// What is said of a table; the cure is empty where the catalogue's says all.
struct Said {
    severity: Severity,
    what: String,
    cure: &'static str,
}

/// Something to look at, with the usual cure.
fn said(severity: Severity, what: impl Into<String>) -> Option<Said> {
    Some(Said { severity, what: what.into(), cure: "" })
}

/// Compares every bookkeeping table that both sides have.
///
/// # Errors
/// SQLite's, and the server's.
pub fn compare(
    database: &str,
    version: &Version,
    source: &Source,
    client: &mut Client,
    schema: &str,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for bookkeeping in version.bookkeeping {
        if let Some(Said { severity, what, cure }) =
            one(bookkeeping, version, source, client, schema)?
        {
            let mut finding = Finding::about("O4", severity, what);
            cure.clone_into(&mut finding.cure);
            database.clone_into(&mut finding.database);
            bookkeeping.table.clone_into(&mut finding.table);
            findings.push(finding);
        }
    }
    Ok(findings)
}

fn one(
    bookkeeping: &Bookkeeping,
    version: &Version,
    source: &Source,
    client: &mut Client,
    schema: &str,
) -> Result<Option<Said>> {
    let fail = |error| crate::target::error("reading the application's bookkeeping", &error);
    let described = version.tables().find(|table| table.name == bookkeeping.table);
    let name = described.map_or(bookkeeping.table, |table| table.source);
    let own = source.structure.table(name);
    let there = client.query(COLUMNS, &[&schema, &bookkeeping.table]).map_err(fail)?;
    let there: Vec<(String, bool)> = there.iter().map(|row| (row.get(0), row.get(1))).collect();
    let own = match (own, there.is_empty()) {
        (None, true) => {
            let what = "neither SQLite nor PostgreSQL has the table".to_owned();
            let cure = "correct its name under [bookkeeping] in database.toml, or take it out";
            return Ok(Some(Said { severity: Severity::Error, what, cure }));
        }
        (Some(_), true) => return Ok(said(Severity::Warning, "only SQLite has the table")),
        (None, false) => return Ok(said(Severity::Warning, "only PostgreSQL has the table")),
        (Some(own), false) => own,
    };
    // A column's name in SQLite, in PostgreSQL, and whether it is a boolean there.
    let mut columns: Vec<(&str, &str, bool)> = Vec::new();
    for (target, boolean) in &there {
        let described = described.and_then(|table| table.column(target));
        let name = described.map_or(target.as_str(), |column| column.source);
        let own = own.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        let counts = bookkeeping.columns.is_empty() || bookkeeping.columns.contains(&&**target);
        if let Some(own) = own.filter(|_| counts) {
            columns.push((&own.name, target, *boolean));
        }
    }
    let missing = |name: &&&str| !columns.iter().any(|(_, target, _)| target == *name);
    if let Some(name) = bookkeeping.columns.iter().find(missing) {
        let what = format!("column {name} is not on both sides");
        let cure = "correct its name under [bookkeeping] in database.toml; where the name is \
                    right, let the same release of the application make its tables in PostgreSQL";
        return Ok(Some(Said { severity: Severity::Error, what, cure }));
    }
    let left = of_sqlite(source, &own.name, &columns)?;
    let right = of_postgres(client, schema, bookkeeping.table, &columns).map_err(fail)?;
    Ok(match (left, right) {
        (Some(left), Some(right)) if left == right => {
            let rows: i64 = left.values().sum();
            said(Severity::Note, format!("equal on both sides ({rows} rows)"))
        }
        (Some(left), Some(right)) => said(Severity::Error, difference(&left, &right)),
        _ => said(Severity::Error, format!("has more than {ROWS} rows, too many for bookkeeping")),
    })
}

fn of_sqlite(source: &Source, table: &str, columns: &[(&str, &str, bool)]) -> Result<Option<Rows>> {
    let fail = |error: rusqlite::Error| source.error(&error);
    let names: Vec<String> = columns.iter().map(|(own, ..)| sql::quote(own)).collect();
    let select = format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), sql::quote(table));
    let mut statement = source.reader.prepare(&select).map_err(fail)?;
    let mut found = statement.query([]).map_err(fail)?;
    let (mut rows, mut count) = (Rows::new(), 0);
    while let Some(row) = found.next().map_err(fail)? {
        let texts = (0..columns.len()).map(|at| Ok(text(row.get_ref(at)?)));
        let texts: Vec<_> = texts.collect::<rusqlite::Result<_>>().map_err(fail)?;
        *rows.entry(texts).or_default() += 1;
        count += 1;
        if count > ROWS {
            return Ok(None);
        }
    }
    Ok(Some(rows))
}

fn text(value: ValueRef<'_>) -> Option<String> {
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
fn of_postgres(
    client: &mut Client,
    schema: &str,
    table: &str,
    columns: &[(&str, &str, bool)],
) -> Result<Option<Rows>, postgres::Error> {
    let shown = columns.iter().map(|(_, name, boolean)| match boolean {
        true => format!("{}::int::text", sql::quote(name)),
        false => format!("{}::text", sql::quote(name)),
    });
    let shown: Vec<String> = shown.collect();
    let select = format!(
        "SELECT {} FROM {} LIMIT {}",
        shown.join(", "),
        sql::qualified(schema, table),
        ROWS + 1
    );
    let found = client.query(&select, &[])?;
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
fn difference(left: &Rows, right: &Rows) -> String {
    let only = |one: &Rows, other: &Rows| {
        let more = one.iter().filter(|(row, count)| other.get(*row) != Some(*count));
        let rows: Vec<String> = more.map(|(row, _)| shown(row)).collect();
        match rows.len() {
            0 => None,
            count if count > NAMED => {
                let last = rows.get(count - NAMED..).unwrap_or_default();
                Some(format!("{} and {} more", last.join("; "), count - NAMED))
            }
            _ => Some(rows.join("; ")),
        }
    };
    let what = match (only(left, right), only(right, left)) {
        (Some(left), Some(right)) => {
            format!("only SQLite has {left}; only PostgreSQL has {right}")
        }
        (Some(left), None) => format!("SQLite also has {left}"),
        (None, right) => format!("PostgreSQL also has {}", right.unwrap_or_default()),
    };
    format!("the application's own migrations differ: {what}")
}

/// A row of names and numbers of migrations, which are no secret; anything else only by its length.
fn shown(row: &[Option<String>]) -> String {
    let plain = |text: &str| {
        let harmless = |letter: char| letter.is_ascii_alphanumeric() || "._-: /".contains(letter);
        text.len() <= 80 && text.chars().all(harmless)
    };
    let cell = |cell: &Option<String>| match cell {
        None => "NULL".to_owned(),
        Some(text) if plain(text) => text.clone(),
        Some(text) => format!("text of {} bytes", text.len()),
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
