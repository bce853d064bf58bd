//! What a person has said of names, and which name of PostgreSQL each name of SQLite is by it.

use super::pairs::{self, How};
use crate::postgres::inspection::{Inspection, Table};
use crate::schema_tools::draft::names::Names;
use crate::sqlite::{SourceTable, Structure};

/// What a person has said of names, which nothing else says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairings {
    /// Tables of SQLite, and what PostgreSQL calls them.
    pub tables: Vec<(String, String)>,
    /// Tables of PostgreSQL whose schema a person has said: the table and the schema.
    pub schemas: Vec<(String, String)>,
    /// Columns of SQLite, and what PostgreSQL calls them.
    pub columns: Vec<ColumnPairing>,
    /// Tables of SQLite that are left behind with their rows.
    pub left_tables: Vec<String>,
    /// Columns of SQLite (table and column) that are left behind with their values.
    pub left_columns: Vec<(String, String)>,
    /// Whether tables that PostgreSQL lacks are created there.
    pub create_missing: bool,
    /// Names of tables that another database of the run fills.
    pub filled_by_others: Vec<String>,
}

/// A column of SQLite, and what PostgreSQL calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPairing {
    /// Its table in SQLite.
    pub table: String,
    /// Its name in SQLite.
    pub source: String,
    /// Its name in PostgreSQL.
    pub target: String,
}

impl Pairings {
    /// The pairs of tables: SQLite's name, PostgreSQL's name.
    pub fn of_tables(&self) -> Vec<(&str, &str)> {
        self.tables.iter().map(|(source, target)| (&**source, &**target)).collect()
    }

    /// The pairs of columns of a table of SQLite.
    pub fn of_columns(&self, table: &str) -> Vec<(&str, &str)> {
        let columns = self.columns.iter().filter(|pair| pair.table == table);
        columns.map(|pair| (&*pair.source, &*pair.target)).collect()
    }

    /// Whether a table of SQLite is left behind.
    pub fn leaves_table(&self, table: &str) -> bool {
        self.left_tables.iter().any(|name| name == table)
    }

    /// Whether a column of SQLite is left behind.
    pub fn leaves_column(&self, table: &str, column: &str) -> bool {
        self.left_columns.iter().any(|(of, name)| of == table && name == column)
    }
}

/// For each ordinary table of SQLite its place in PostgreSQL; those that are left behind have none.
pub fn pair_tables(
    structure: &Structure,
    given: &[Names],
    inspection: &Inspection,
    pairings: &Pairings,
) -> Vec<Option<(usize, How)>> {
    let left =
        structure.ordinary_tables().zip(given).map(|(table, names)| (&*table.name, &*names.table));
    let left: Vec<_> = left.collect();
    let right: Vec<&str> = inspection.tables.iter().map(|table| &*table.name).collect();
    let mut found = pairs::pair_names(&left, &right, &pairings.of_tables());
    for (pair, (name, _)) in found.iter_mut().zip(&left) {
        if pairings.leaves_table(name) {
            *pair = None;
        }
    }
    found
}

/// For each column of a SQLite table its place in a PostgreSQL table.
pub fn pair_columns(
    source_table: &SourceTable,
    names: &Names,
    target_table: &Table,
    pairings: &Pairings,
) -> Vec<Option<(usize, How)>> {
    let left = source_table.columns.iter().zip(&names.columns);
    let left: Vec<_> = left.map(|(column, instead)| (&*column.name, &**instead)).collect();
    let right: Vec<&str> = target_table.columns.iter().map(|column| &*column.name).collect();
    pairs::pair_names(&left, &right, &pairings.of_columns(&source_table.name))
}
