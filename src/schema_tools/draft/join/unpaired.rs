//! Tables and columns of SQLite that hold something and have no name in PostgreSQL, and what there
//! they could be. Nothing is taken for granted: a person says which is which.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{Pairings, choose_tables, migration_history, pair_columns, pair_tables};
use crate::diagnostic::Result;
use crate::libraries;
use crate::postgres::inspection::{Column, Inspection, Table};
use crate::schema_tools::draft::names::{self, Names, Taken};
use crate::sqlite::{Source, SourceColumn, SourceTable};

/// What has no name in PostgreSQL.
#[derive(Clone, Debug, Default)]
pub struct Unpaired {
    /// Tables with rows.
    pub tables: Vec<UnpairedTable>,
    /// Columns with values, of tables that have their place.
    pub columns: Vec<UnpairedColumn>,
}

/// A table of SQLite with rows.
#[derive(Clone, Debug)]
pub struct UnpairedTable {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its columns.
    pub columns: usize,
    /// Tables of PostgreSQL that have no name in SQLite, and how many columns of both have the
    /// same names; those with most of them first.
    pub candidates: Vec<(String, usize)>,
}

/// A column of SQLite with values.
#[derive(Clone, Debug)]
pub struct UnpairedColumn {
    /// Its table in SQLite.
    pub table: String,
    /// The table in PostgreSQL.
    pub target_table: String,
    /// Its name.
    pub name: String,
    /// The type that SQLite's table declares.
    pub declared: String,
    /// Its values.
    pub values: u64,
    /// Columns of PostgreSQL that have no name in SQLite, and their types.
    pub candidates: Vec<(String, String)>,
}

/// Finds them. `elsewhere` has names of tables of PostgreSQL that are other databases'.
///
/// # Errors
/// SQLite's.
pub fn find_unpaired(
    source: &Source,
    there: &Inspection,
    pairings: &Pairings,
    elsewhere: &BTreeSet<String>,
) -> Result<Unpaired> {
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let own = &source.structure;
    let there = &choose_tables(there, pairings);
    let given = names::assign_names(own, &mut Taken::default());
    let found = pair_tables(own, &given, there, pairings);
    let taken: BTreeSet<usize> = found.iter().flatten().map(|(index, _)| *index).collect();
    let free = there.tables.iter().enumerate().filter(|(index, _)| !taken.contains(index));
    let free = free.map(|(_, table)| table).filter(|table| {
        !elsewhere.contains(&table.name)
            && !migration_history::is_specific_to_database(table)
            && !is_history(table)
    });
    let free: Vec<&Table> = free.collect();
    let mut unpaired = Unpaired::default();
    for ((table, names), pair) in own.ordinary_tables().zip(&given).zip(&found) {
        match pair.and_then(|(index, _)| there.tables.get(index)) {
            Some(other) => {
                let columns = find_columns(&source.reader, (table, names), other, pairings);
                unpaired.columns.extend(columns.map_err(fail)?);
            }
            None if pairings.leaves_table(&table.name) || pairings.create_missing => {}
            None => {
                let rows = source.count_rows(&table.name)?;
                if rows > 0 {
                    unpaired.tables.push(describe_table(table, rows, &free));
                }
            }
        }
    }
    Ok(unpaired)
}

fn is_history(table: &Table) -> bool {
    let has = |name: &str| table.columns.iter().any(|column| column.name == name);
    libraries::history_columns(&table.name, has).is_some()
}

fn describe_table(table: &SourceTable, rows: u64, free: &[&Table]) -> UnpairedTable {
    let same = |other: &Table| {
        let has = |column: &&SourceColumn| {
            other.columns.iter().any(|there| there.name.eq_ignore_ascii_case(&column.name))
        };
        table.columns.iter().filter(has).count()
    };
    let mut candidates: Vec<(String, usize)> =
        free.iter().map(|other| (other.name.clone(), same(other))).collect();
    candidates.sort_by_key(|(_, same)| std::cmp::Reverse(*same));
    UnpairedTable { name: table.name.clone(), rows, columns: table.columns.len(), candidates }
}

fn find_columns(
    connection: &Connection,
    (table, names): (&SourceTable, &Names),
    other: &Table,
    pairings: &Pairings,
) -> rusqlite::Result<Vec<UnpairedColumn>> {
    let found = pair_columns(table, names, other, pairings);
    let taken: BTreeSet<usize> = found.iter().flatten().map(|(index, _)| *index).collect();
    let free = other.columns.iter().enumerate().filter(|(index, _)| !taken.contains(index));
    let free = free.map(|(_, column)| column).filter(|column| column.generated.is_none());
    let shown = |column: &Column| (column.name.clone(), column.ty.clone());
    let candidates: Vec<(String, String)> = free.map(shown).collect();
    let mut unpaired = Vec::new();
    for (column, _) in table.columns.iter().zip(&found).filter(|(_, pair)| pair.is_none()) {
        if column.generated || pairings.leaves_column(&table.name, &column.name) {
            continue;
        }
        let name = model::sql::quote(&column.name);
        let of = model::sql::quote(&table.name);
        let count = format!("SELECT count({name}) FROM {of} NOT INDEXED");
        let values = connection.query_row(&count, [], |row| row.get::<_, i64>(0))?.unsigned_abs();
        if values > 0 {
            unpaired.push(UnpairedColumn {
                table: table.name.clone(),
                target_table: other.name.clone(),
                name: column.name.clone(),
                declared: column.declared.clone(),
                values,
                candidates: candidates.clone(),
            });
        }
    }
    Ok(unpaired)
}
