//! Rows that the application has put into its new tables: whether SQLite has them, too, and the
//! question whether SQLite's replace them.

use std::collections::{HashMap, HashSet};
use std::io::Read as _;

use model::{Column, Stored, Table, Type, sql};
use postgres::Client;
use rusqlite::types::ValueRef;

use super::context::Context;
use super::request::Request;
use super::sources::Sources;
use super::target_state::Blocker;
use super::targets::Target;
use crate::codec::{self, Out};
use crate::diagnostic::{Error, Exit, Finding, Result};
use crate::ids::{DatabaseId, PerDatabase, PerTarget};
use crate::plan::PlannedDatabase;
use crate::postgres::direct::DirectQueries;
use crate::postgres::server_error;
use crate::sqlite::Source;
use crate::text::count_with_noun;

/// Tables with more rows than that are no seed, and are not replaced by a mere yes.
const SEED_ROWS_MOST: u64 = 100;

/// How binary COPY begins: its signature, flags, and the length of an extension that is empty.
const COPY_HEADER_BYTES: usize = 19;

/// Rows of the application's tables that somebody may let be replaced.
pub struct SeedRows {
    /// The database.
    pub database: DatabaseId,
    /// What is said of them where nobody does.
    pub finding: Finding,
    /// The tables and their rows.
    pub tables: Vec<(String, u64)>,
}

/// The rows of one table in PostgreSQL, compared with SQLite's.
struct ComparedRows {
    table: &'static Table,
    /// Whether rows have a key that can be shown.
    has_key: bool,
    /// Rows in PostgreSQL.
    rows: u64,
    /// Rows in SQLite.
    source_rows: u64,
    /// Rows that SQLite has with the same values, times left aside.
    equal: u64,
    /// Keys of rows that SQLite has with other values, as PostgreSQL shows them.
    other_values: Vec<String>,
    /// Keys of rows that only PostgreSQL has.
    target_only: Vec<String>,
    /// Whether a row has another value than SQLite's in a column that names it, too.
    is_another: bool,
}

impl ComparedRows {
    /// Rows on both sides, none of which is on both, or that are named otherwise: another server's.
    fn is_foreign(&self) -> bool {
        self.is_another || self.source_rows > 0 && self.target_only.len() as u64 == self.rows
    }

    fn describe(&self) -> String {
        let name = self.table.name;
        let (there, here) =
            (count_with_noun(self.rows, "row"), count_with_noun(self.source_rows, "row"));
        if self.other_values.is_empty() && self.target_only.is_empty() {
            let all = if self.rows == 1 { "which is" } else { "all of them" };
            return format!("{name}: {there}, {all} among SQLite's {here}");
        }
        let mut text = format!("{name}: {there}, SQLite has {here}");
        for (keys, what) in [
            (&self.other_values, "with other values in SQLite"),
            (&self.target_only, "not in SQLite"),
        ] {
            if !keys.is_empty() {
                text += &format!("; {} {what}", keys.len());
                if self.has_key {
                    text += &format!(" ({})", keys.join("; "));
                }
            }
        }
        text
    }
}

/// Asks whether seed rows may be replaced, and returns what keeps databases out. Databases that are
/// already migrated are not asked about, and nobody is asked when something else ends the run.
///
/// # Errors
/// SQLite's, the servers', and when a signal came.
pub fn accept_seed_rows(
    request: &Request,
    seeds: Vec<SeedRows>,
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    databases: &PerDatabase<PlannedDatabase>,
    context: &mut Context,
) -> Result<Vec<Blocker>> {
    let may_ask = context.diagnostics.is_empty()
        && request.mode.loads()
        && context.ask
        && context.console.can_ask();
    let mut blockers = Vec::new();
    for seed in seeds {
        let SeedRows { database: id, finding, tables } = seed;
        let is_small = tables.iter().all(|(_, rows)| *rows <= SEED_ROWS_MOST);
        // A database whose file cannot be read keeps its finding.
        let Some(database) = databases.find(id) else {
            blockers.push(Blocker { database: id, finding });
            continue;
        };
        let target = database.target.filter(|_| may_ask && is_small && !request.blank_only);
        let Some(target) = target else {
            blockers.push(Blocker { database: id, finding });
            continue;
        };
        let source = &sources.databases.get(id)?.source;
        let client = &mut targets.get_mut(target)?.connection.client;
        let compared = compare_rows(source, client, database, &tables)?;
        if let Some(why) = why_foreign(&compared) {
            let mut finding = finding;
            finding.details.push(why);
            blockers.push(Blocker { database: id, finding });
            continue;
        }
        context.print_line("");
        context.print_line(&format!(
            "{}: the application has put rows into its tables:",
            database.name
        ));
        for rows in &compared {
            context.print_line(&format!("     {}", rows.describe()));
        }
        if !context.ask_to_confirm("replace them with SQLite's rows?")? {
            blockers.push(Blocker { database: id, finding });
        }
    }
    Ok(blockers)
}

/// Why rows are taken for another server's, which a mere yes must not replace.
fn why_foreign(compared: &[ComparedRows]) -> Option<String> {
    if let Some(foreign) = compared.iter().find(|rows| rows.is_foreign()) {
        let name = foreign.table.name;
        return Some(match foreign.is_another {
            true => format!(
                "rows of {name} have the same keys as in SQLite but other names: they belong to \
                 another server"
            ),
            false => {
                format!(
                    "no row of {name} has a key that exists in SQLite: the rows may belong to \
                     another server"
                )
            }
        });
    }
    let equal: u64 = compared.iter().map(|rows| rows.equal).sum();
    let other: usize = compared.iter().map(|rows| rows.other_values.len()).sum();
    (other as u64 > equal).then(|| {
        let other = count_with_noun(other as u64, "row");
        format!(
            "{other} have the same key as in SQLite but other values: they may belong to another \
             server"
        )
    })
}

fn compare_rows(
    source: &Source,
    client: &mut Client,
    database: &PlannedDatabase,
    tables: &[(String, u64)],
) -> Result<Vec<ComparedRows>> {
    let mut all = Vec::new();
    for (name, rows) in tables {
        let described = database.version.tables().find(|table| table.name == name);
        let Some(table) = described else { continue };
        let columns = compared_columns(table);
        let mut compared = ComparedRows {
            table,
            has_key: !table.primary_key.is_empty(),
            rows: *rows,
            source_rows: source.count_rows(table.source)?,
            equal: 0,
            other_values: Vec::new(),
            target_only: Vec::new(),
            is_another: false,
        };
        let there = read_target_rows(client, table.schema_or(&database.schema), table, &columns)?;
        let here = read_source_rows(source, table, &columns, &there)?;
        for row in &there {
            match here.get(&row.key(&columns)) {
                None => compared.target_only.push(row.shown.clone()),
                Some(same) => {
                    let differs = |place: &usize| row.fields.get(*place) != same.get(*place);
                    let different: Vec<usize> = (0..columns.len()).filter(differs).collect();
                    let is = |test: fn(&ComparedColumn) -> bool| {
                        different.iter().filter_map(|place| columns.get(*place)).any(test)
                    };
                    compared.is_another |= is(|column| column.is_unique);
                    match is(|column| !column.is_time) {
                        true => compared.other_values.push(row.shown.clone()),
                        false => compared.equal += 1,
                    }
                }
            }
        }
        all.push(compared);
    }
    Ok(all)
}

/// A column of rows that are compared.
struct ComparedColumn {
    column: &'static Column,
    /// Whether it names the row: part of its key, or all of it where the table has none.
    is_key: bool,
    /// Whether no two rows have the same value in it.
    is_unique: bool,
    /// Whether it says when something happened, which differs from server to server.
    is_time: bool,
}

fn compared_columns(table: &'static Table) -> Vec<ComparedColumn> {
    let copied = table.copied_columns().filter(|column| column.stored != Stored::Undecided);
    let is_unique = |name: &str| {
        table
            .unique_keys()
            .iter()
            .any(|key| matches!(key.columns.as_deref(), Some([only]) if only.name == name))
    };
    let compared = copied.map(|column| ComparedColumn {
        column,
        is_key: table.primary_key.is_empty() || table.primary_key.contains(&column.name),
        is_unique: is_unique(column.name),
        is_time: matches!(column.ty, Type::Date | Type::Timestamp | Type::Timestamptz),
    });
    compared.collect()
}

/// A row of PostgreSQL.
struct TargetRow {
    /// The fields of binary COPY with their lengths.
    fields: Vec<Vec<u8>>,
    /// Its key, as PostgreSQL shows it.
    shown: String,
}

impl TargetRow {
    fn key(&self, columns: &[ComparedColumn]) -> Vec<u8> {
        let fields = self.fields.iter().zip(columns).filter(|(_, column)| column.is_key);
        fields.flat_map(|(field, _)| field.iter().copied()).collect()
    }
}

fn read_target_rows(
    client: &mut Client,
    schema: &str,
    table: &Table,
    columns: &[ComparedColumn],
) -> Result<Vec<TargetRow>> {
    let fail = |error: postgres::Error| server_error("reading existing rows", &error);
    let quoted = |compared: &ComparedColumn| sql::quote(compared.column.name);
    let names: Vec<String> = columns.iter().map(quoted).collect();
    let keys: Vec<String> = columns.iter().filter(|column| column.is_key).map(quoted).collect();
    let from = sql::qualified_name(schema, table.name);
    let order: Vec<String> = keys.iter().map(|key| format!("{key}::text")).collect();
    let order = order.join(", ");
    let select = format!("SELECT {} FROM {from} ORDER BY {order}", names.join(", "));
    let copy = format!("COPY ({select}) TO STDOUT (FORMAT binary)");
    let mut stream = Vec::new();
    let mut reader = client.copy_out(&copy).map_err(fail)?;
    reader.read_to_end(&mut stream).map_err(|error| {
        let text = format!("reading existing rows: {error}");
        Error::new(Exit::Target, text, "run the command again")
    })?;
    drop(reader);
    let shown = format!("SELECT concat_ws(', ', {order}) FROM {from} ORDER BY {order}");
    let shown = client.query_directly(&shown, &[]).map_err(fail)?;
    let rows = split_copy_rows(&stream).into_iter().zip(shown);
    Ok(rows.map(|(fields, row)| TargetRow { fields, shown: row.get(0) }).collect())
}

/// The rows of a binary COPY, each as its fields with their lengths.
fn split_copy_rows(stream: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut rest = stream.get(COPY_HEADER_BYTES..).unwrap_or_default();
    let mut rows = Vec::new();
    while let Some((count, after)) = rest.split_first_chunk::<2>() {
        let Ok(count) = usize::try_from(i16::from_be_bytes(*count)) else { break };
        rest = after;
        let mut fields = Vec::new();
        for _ in 0..count {
            let length = rest.first_chunk::<4>().map_or(0, |length| i32::from_be_bytes(*length));
            let bytes = usize::try_from(length).unwrap_or(0).saturating_add(4).min(rest.len());
            let (field, more) = rest.split_at_checked(bytes).unwrap_or((rest, &[]));
            fields.push(field.to_vec());
            rest = more;
        }
        rows.push(fields);
    }
    rows
}

/// The rows of SQLite that have a key of these, by their keys, as a load would send them; a value
/// that cannot be sent equals none.
fn read_source_rows(
    source: &Source,
    table: &Table,
    columns: &[ComparedColumn],
    target_rows: &[TargetRow],
) -> Result<HashMap<Vec<u8>, Vec<Vec<u8>>>> {
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let wanted: HashSet<Vec<u8>> = target_rows.iter().map(|row| row.key(columns)).collect();
    let names: Vec<String> =
        columns.iter().map(|compared| sql::quote(compared.column.source)).collect();
    let select =
        format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), sql::quote(table.source));
    let mut statement = source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let (mut out, mut found) = (Out::default(), HashMap::new());
    while let Some(row) = rows.next().map_err(fail)? {
        let mut fields = Vec::new();
        for (index, compared) in columns.iter().enumerate() {
            let cell = row.get_ref(index).map_err(fail)?;
            fields.push(match cell {
                ValueRef::Null => NULL_FIELD.to_vec(),
                cell if codec::encode_value(compared.column, &mut out, cell).is_ok() => {
                    out.bytes().to_vec()
                }
                _ => Vec::new(),
            });
            while out.take_note().is_some() {}
            out.clear();
        }
        let row = TargetRow { fields, shown: String::new() };
        let key = row.key(columns);
        if wanted.contains(&key) {
            found.insert(key, row.fields);
        }
    }
    Ok(found)
}

/// How binary COPY says NULL.
const NULL_FIELD: [u8; 4] = (-1_i32).to_be_bytes();
