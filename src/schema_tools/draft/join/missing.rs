//! Tables that PostgreSQL lacks and that a run is to create: drafted from SQLite alone, beside the
//! application's own tables.

use std::collections::BTreeSet;

use model::file::TableFile;
use rusqlite::Connection;

use super::Joined;
use super::pairings::Pairings;
use super::pairs::How;
use crate::schema_tools::draft::names::Names;
use crate::schema_tools::draft::residue::Residue;
use crate::schema_tools::draft::{build, clauses, column_remark, find_decisions, resolve_types};
use crate::sqlite::{Source, SourceTable, Structure};

/// The tables that PostgreSQL lacks and that a run creates, by their names in SQLite.
///
/// # Errors
/// SQLite's.
pub fn tables_to_create(
    source: &Source,
    own: &Structure,
    found: &[Option<(usize, How)>],
    pairings: &Pairings,
) -> rusqlite::Result<BTreeSet<String>> {
    if !pairings.create_missing {
        return Ok(BTreeSet::new());
    }
    let lacking = own.ordinary_tables().zip(found).filter(|(_, pair)| pair.is_none());
    let lacking = lacking.map(|(table, _)| table);
    let lacking: Vec<_> = lacking.filter(|table| !pairings.leaves_table(&table.name)).collect();
    find_tables_to_create(&source.reader, &lacking)
}

/// Of the tables that PostgreSQL lacks, those that hold rows, and those that they refer to.
fn find_tables_to_create(
    connection: &Connection,
    lacking: &[&SourceTable],
) -> rusqlite::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for table in lacking {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", model::sql::quote(&table.name));
        if connection.query_row(&sql, [], |row| row.get::<_, bool>(0))? {
            found.insert(table.name.clone());
        }
    }
    loop {
        let children = lacking.iter().filter(|table| found.contains(&table.name));
        let parents: Vec<&String> =
            children.flat_map(|table| table.foreign_keys.iter().map(|key| &key.parent)).collect();
        let refers_to = |table: &&&SourceTable| {
            parents.iter().any(|parent| table.name.eq_ignore_ascii_case(parent))
        };
        let referred: Vec<String> =
            lacking.iter().filter(refers_to).map(|table| table.name.clone()).collect();
        let before = found.len();
        found.extend(referred);
        if found.len() == before {
            return Ok(found);
        }
    }
}

impl Joined {
    /// Adds tables that a run creates, with the types that a draft from SQLite alone gives them.
    ///
    /// # Errors
    /// SQLite's.
    pub fn add_created_tables(
        &mut self,
        connection: &Connection,
        tables: Vec<(SourceTable, Names)>,
    ) -> rusqlite::Result<()> {
        if tables.is_empty() {
            return Ok(());
        }
        let structure = Structure {
            tables: tables.iter().map(|(table, _)| table.clone()).collect(),
            ..Structure::default()
        };
        let resolved = resolve_types::resolve_column_types(connection, &structure)?;
        self.residue.extend(find_decisions(&structure, &resolved.chosen));
        self.residue.extend(resolved.residue);
        self.residue.extend(clauses::find_left_out_clauses(&structure));
        let described = tables.into_iter().zip(resolved.chosen).zip(resolved.rows);
        for (((table, names), chosen), rows) in described {
            self.created.push(names.table.clone());
            // Keys, indexes and rules are built together with those of the other tables.
            self.files.push(build::empty_table_file(&names.table, &table.name));
            self.notes.push(chosen.iter().flatten().map(column_remark).collect());
            self.own.push(table);
            self.names.push(names);
            self.chosen.push(chosen);
            self.rows.push(rows);
        }
        Ok(())
    }

    /// Takes what was built of the created tables, and what is said of them.
    pub fn take_created_files(&mut self, built: &[TableFile], unexpressed: &[Residue]) {
        let Joined { files, created, residue, .. } = self;
        for (file, built) in files.iter_mut().zip(built) {
            if created.contains(&file.name) {
                file.clone_from(built);
                residue
                    .extend(unexpressed.iter().filter(|item| item.table == file.source).cloned());
            }
        }
    }
}
