//! Migration history tables that several SQLite files have, and one PostgreSQL schema has once: the
//! file whose list is PostgreSQL's keeps it.

use std::collections::BTreeMap;

use model::Bookkeeping;

use super::Joining;
use crate::diagnostic::{Result, Severity};
use crate::libraries;
use crate::migrate::context::Context;
use crate::postgres::existing::bookkeeping;
use crate::postgres::facts::{self, Relationship};
use crate::schema::Version;

/// Finds the file that a shared list belongs to; the others leave theirs behind.
///
/// # Errors
/// SQLite's, and the servers'.
pub fn assign_shared_histories(joining: &mut [Joining<'_>], context: &mut Context) -> Result<()> {
    for (table, sharing) in find_shared(joining) {
        let mut owner = None;
        for place in &sharing {
            if let Some(database) = joining.get_mut(*place)
                && has_equal_list(database, &table)?
            {
                owner = Some(*place);
                break;
            }
        }
        let found = owner.or(sharing.first().copied());
        let name = found.and_then(|place| joining.get(place)).map(|owner| owner.name.clone());
        let name = name.unwrap_or_default();
        let why = match owner {
            Some(_) => format!("PostgreSQL's list is that of {name}"),
            None => format!("PostgreSQL's list is none of theirs; it is compared with {name}'s"),
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

/// History tables with the databases that have them and go to one schema that has it.
fn find_shared(joining: &[Joining<'_>]) -> BTreeMap<String, Vec<usize>> {
    let mut shared: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let Some(first) = joining.first() else { return shared };
    for (place, database) in joining.iter().enumerate() {
        let related = facts::relate_targets(&first.target.facts, &database.target.facts);
        if place > 0 && related != Relationship::SameSchema {
            continue;
        }
        for table in database.source.structure.ordinary_tables() {
            let is_there = database.there.tables.iter().any(|there| there.name == table.name);
            let has = |name: &str| table.column(name).is_some();
            if is_there && libraries::history_columns(&table.name, has).is_some() {
                shared.entry(table.name.clone()).or_default().push(place);
            }
        }
    }
    shared.retain(|_, databases| databases.len() > 1);
    shared
}

fn has_equal_list(database: &mut Joining<'_>, table: &str) -> Result<bool> {
    let Some(own) = database.source.structure.table(table) else { return Ok(false) };
    let has = |name: &str| own.column(name).is_some();
    let Some(columns) = libraries::history_columns(table, has) else { return Ok(false) };
    let table: &'static str = table.to_owned().leak();
    let histories: &'static [Bookkeeping] = Box::leak(Box::new([Bookkeeping { table, columns }]));
    let version = Version { bookkeeping: histories, ..Version::EMPTY };
    let (source, schema) = (&*database.source, &database.schema);
    let client = &mut database.target.connection.client;
    let all =
        bookkeeping::compare_history_tables(&database.name, &version, source, client, schema)?;
    Ok(all.iter().all(|compared| {
        compared.difference.is_none() && compared.finding.severity == Severity::Note
    }))
}
