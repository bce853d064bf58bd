//! Migration history tables that several SQLite files have, and one PostgreSQL schema has once: the
//! file whose list is PostgreSQL's keeps it.

use std::collections::BTreeMap;
use std::path::Path;

use model::MigrationHistory;
use postgres::Client;

use super::Joining;
use crate::diagnostic::{Result, Severity};
use crate::libraries;
use crate::migrate::context::Context;
use crate::postgres::existing::migration_history;
use crate::postgres::facts::{self, Relationship};
use crate::schema::Version;
use crate::sqlite::{How, Source};

/// Finds the file that a shared list belongs to; the others leave theirs behind.
///
/// # Errors
/// SQLite's, and the servers'.
pub fn assign_shared_histories(joining: &mut [Joining<'_>], context: &mut Context) -> Result<()> {
    for (table, sharing) in find_shared(joining) {
        let mut owner = None;
        for place in &sharing {
            let Some(Joining { name, source, target, schema, .. }) = joining.get_mut(*place) else {
                continue;
            };
            let client = &mut target.connection.client;
            if has_equal_list((name, source), client, schema, &table)? == Some(true) {
                owner = Some(*place);
                break;
            }
        }
        let found = owner.or(sharing.first().copied());
        let name = found.and_then(|place| joining.get(place)).map(|owner| owner.name.clone());
        let name = name.unwrap_or_default();
        let why = match owner {
            Some(_) => format!("PostgreSQL's list equals that of {name}"),
            None => {
                format!("PostgreSQL's list equals none of theirs; it is compared with {name}'s")
            }
        };
        context.print_line(&format!(
            "schema: several files have the migration history table {table}: {why}"
        ));
        for place in sharing.iter().filter(|place| Some(**place) != found) {
            if let Some(database) = joining.get_mut(*place) {
                database.pairings.left_tables.push(table.clone());
            }
        }
    }
    Ok(())
}

/// For a run of one database: leaves a list behind that is another one's than PostgreSQL's, where
/// PostgreSQL's is that of the application's other file, which `other` names.
///
/// # Errors
/// SQLite's, and the server's.
pub fn ignore_history_of_other_database(
    database: &mut Joining<'_>,
    other: &Path,
    context: &mut Context,
) -> Result<()> {
    // What is wrong with that file is reported when it is moved itself.
    let Ok(other) = Source::open(other, How::TO_INSPECT, &mut Vec::new()) else { return Ok(()) };
    let structure = &database.source.structure;
    let tables: Vec<String> = structure.ordinary_tables().map(|table| table.name.clone()).collect();
    for table in tables {
        let is_there = database.there.tables.iter().any(|there| there.name == table);
        if !is_there || other.structure.table(&table).is_none() {
            continue;
        }
        let Joining { name, source, target, schema, .. } = &mut *database;
        let client = &mut target.connection.client;
        let is_own = has_equal_list((name, source), client, schema, &table)?;
        if is_own != Some(false)
            || has_equal_list((name, &other), client, schema, &table)? != Some(true)
        {
            continue;
        }
        context.print_line(&format!(
            "schema: PostgreSQL's migration history table {table} is that of {}",
            other.path.display()
        ));
        database.pairings.left_tables.push(table);
    }
    Ok(())
}

/// History tables with the databases that have them and go to one schema that has it.
fn find_shared(joining: &[Joining<'_>]) -> BTreeMap<String, Vec<usize>> {
    let mut shared: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let Some(first) = joining.first() else { return shared };
    for (index, database) in joining.iter().enumerate() {
        let related = facts::relate_targets(&first.target.facts, &database.target.facts);
        if index > 0 && related != Relationship::SameSchema {
            continue;
        }
        for table in database.source.structure.ordinary_tables() {
            let is_there = database.there.tables.iter().any(|there| there.name == table.name);
            let has = |name: &str| table.column(name).is_some();
            if is_there && libraries::history_columns(&table.name, has).is_some() {
                shared.entry(table.name.clone()).or_default().push(index);
            }
        }
    }
    shared.retain(|_, databases| databases.len() > 1);
    shared
}

/// Whether PostgreSQL's list is a file's; nothing where the table is no migration history table.
fn has_equal_list(
    (name, source): (&str, &Source),
    client: &mut Client,
    schema: &str,
    table: &str,
) -> Result<Option<bool>> {
    let Some(own) = source.structure.table(table) else { return Ok(None) };
    let has = |name: &str| own.column(name).is_some();
    let Some(columns) = libraries::history_columns(table, has) else { return Ok(None) };
    let table: &'static str = table.to_owned().leak();
    let histories: &'static [MigrationHistory] =
        Box::leak(Box::new([MigrationHistory { table, columns }]));
    let version = Version { migration_histories: histories, ..Version::EMPTY };
    let all = migration_history::compare_history_tables(name, &version, source, client, schema)?;
    Ok(Some(all.iter().all(|compared| {
        compared.difference.is_none() && compared.finding.severity == Severity::Note
    })))
}
