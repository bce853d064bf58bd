//! Rows that the application has put into its new tables: whether SQLite has them, too, and the
//! question whether SQLite's replace them.

use std::collections::HashSet;
use std::io::Read as _;

use model::{Column, Stored, Table, sql};
use postgres::Client;

use super::context::Context;
use super::request::{Mode, Request};
use super::sources::Sources;
use super::target_state::Blocker;
use super::targets::Target;
use crate::codec::{self, Out};
use crate::diagnostic::{Finding, Result};
use crate::ids::{DatabaseId, PerDatabase, PerTarget};
use crate::plan::PlannedDatabase;
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

/// The keys of one table's rows, seen from both sides.
struct ComparedKeys {
    table: &'static Table,
    /// Rows in PostgreSQL.
    rows: u64,
    /// Rows in SQLite.
    source_rows: u64,
    /// Keys of rows that only PostgreSQL has, as it shows them.
    target_only: Vec<String>,
}

impl ComparedKeys {
    /// Rows on both sides, none of which is on both: another server's table.
    fn is_foreign(&self) -> bool {
        self.source_rows > 0 && self.target_only.len() as u64 == self.rows
    }

    fn describe(&self) -> String {
        let rows = count_with_noun(self.rows, "row");
        let source = count_with_noun(self.source_rows, "row");
        match self.target_only.as_slice() {
            [] => format!("{}: {rows}, all of them among SQLite's {source}", self.table.name),
            only => format!(
                "{}: {rows}, SQLite has {source}; not in SQLite: {}",
                self.table.name,
                only.join("; ")
            ),
        }
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
        && request.mode == Mode::Migrate
        && context.ask
        && context.console.can_ask();
    let mut blockers = Vec::new();
    for seed in seeds {
        let SeedRows { database: id, finding, tables } = seed;
        let is_small = tables.iter().all(|(_, rows)| *rows <= SEED_ROWS_MOST);
        // Of a file that cannot be read, the finding is told all the same.
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
        let compared = compare_keys(source, client, database, &tables)?;
        if let Some(foreign) = compared.iter().find(|keys| keys.is_foreign()) {
            let name = foreign.table.name;
            let mut finding = finding;
            finding.details.push(format!(
                "no row of {name} has a key that SQLite has: they may be another server's"
            ));
            blockers.push(Blocker { database: id, finding });
            continue;
        }
        context.print_line("");
        context.print_line(&format!(
            "{}: the application has put rows into its tables:",
            database.name
        ));
        for keys in &compared {
            context.print_line(&format!("     {}", keys.describe()));
        }
        if !context.ask_to_confirm("replace them by SQLite's?")? {
            blockers.push(Blocker { database: id, finding });
        }
    }
    Ok(blockers)
}

fn compare_keys(
    source: &Source,
    client: &mut Client,
    database: &PlannedDatabase,
    tables: &[(String, u64)],
) -> Result<Vec<ComparedKeys>> {
    let mut all = Vec::new();
    for (name, rows) in tables {
        let described = database.version.tables().find(|table| table.name == name);
        let Some(table) = described else { continue };
        let source_rows = source.count_rows(table.source)?;
        let key = key_columns(table);
        let there = read_target_keys(client, &database.schema, table, &key)?;
        let here = read_source_keys(source, table, &key)?;
        let only = there.into_iter().filter(|(bytes, _)| !here.contains(bytes));
        let target_only = only.map(|(_, shown)| shown).collect();
        all.push(ComparedKeys { table, rows: *rows, source_rows, target_only });
    }
    Ok(all)
}

/// The columns that name a row: its key, or all that are copied where it has none.
fn key_columns(table: &'static Table) -> Vec<&'static Column> {
    let copied = || table.copied_columns().filter(|column| column.stored != Stored::Undecided);
    let key: Vec<&Column> =
        copied().filter(|column| table.primary_key.contains(&column.name)).collect();
    if key.is_empty() { copied().collect() } else { key }
}

/// The keys in PostgreSQL: the fields of binary COPY, and the text that is shown.
fn read_target_keys(
    client: &mut Client,
    schema: &str,
    table: &Table,
    key: &[&Column],
) -> Result<Vec<(Vec<u8>, String)>> {
    let fail = |error: postgres::Error| server_error("reading keys of existing rows", &error);
    let names: Vec<String> = key.iter().map(|column| sql::quote(column.name)).collect();
    let from = sql::qualified_name(schema, table.name);
    let order = names.join(", ");
    let copy =
        format!("COPY (SELECT {order} FROM {from} ORDER BY {order}) TO STDOUT (FORMAT binary)");
    let mut stream = Vec::new();
    let mut reader = client.copy_out(&copy).map_err(fail)?;
    reader.read_to_end(&mut stream).map_err(|error| {
        crate::diagnostic::Error::new(
            crate::diagnostic::Exit::Target,
            format!("reading keys of existing rows: {error}"),
            "run the same command again",
        )
    })?;
    drop(reader);
    let shown = names.iter().map(|name| format!("{name}::text")).collect::<Vec<_>>();
    let select =
        format!("SELECT concat_ws(', ', {}) FROM {from} ORDER BY {order}", shown.join(", "));
    let shown = client.query(&select, &[]).map_err(fail)?;
    let rows = split_copy_rows(&stream);
    Ok(rows.into_iter().zip(shown).map(|(bytes, row)| (bytes, row.get(0))).collect())
}

/// The rows of a binary COPY, each as its fields with their lengths.
fn split_copy_rows(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = stream.get(COPY_HEADER_BYTES..).unwrap_or_default();
    let mut rows = Vec::new();
    while let Some((count, after)) = rest.split_first_chunk::<2>() {
        let Ok(count) = usize::try_from(i16::from_be_bytes(*count)) else { break };
        let mut bytes = 0_usize;
        for _ in 0..count {
            let length = after.get(bytes..).and_then(|field| field.first_chunk::<4>());
            let length = length.map_or(0, |length| i32::from_be_bytes(*length).max(0));
            bytes = bytes.saturating_add(4).saturating_add(usize::try_from(length).unwrap_or(0));
        }
        rows.push(after.get(..bytes).unwrap_or(after).to_vec());
        rest = after.get(bytes..).unwrap_or_default();
    }
    rows
}

/// The keys in SQLite, as a load would send them; a row that cannot be sent has none.
fn read_source_keys(source: &Source, table: &Table, key: &[&Column]) -> Result<HashSet<Vec<u8>>> {
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let names: Vec<String> = key.iter().map(|column| sql::quote(column.source)).collect();
    let select =
        format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), sql::quote(table.source));
    let mut statement = source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let (mut out, mut keys) = (Out::default(), HashSet::new());
    while let Some(row) = rows.next().map_err(fail)? {
        let mut is_encoded = true;
        for (place, column) in key.iter().enumerate() {
            let cell = row.get_ref(place).map_err(fail)?;
            is_encoded &= codec::encode_value(column, &mut out, cell).is_ok();
            while out.take_note().is_some() {}
        }
        if is_encoded {
            keys.insert(out.bytes().to_vec());
        }
        out.clear();
    }
    Ok(keys)
}
