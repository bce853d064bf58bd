//! A table of the plan: what is read of it in SQLite, and where it goes.

use model::{Identity, Table, sql};

use super::{PlannedDatabase, PlannedTable};
use crate::ids::DatabaseId;
use crate::schema::Shape;

/// A table to be copied.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The database that it comes from.
    pub database_id: DatabaseId,
    /// That database's name.
    pub database: String,
    /// The PostgreSQL schema.
    pub schema: String,
    /// The table and its encoder.
    pub shape: &'static Shape,
    /// What source and target are compared by.
    pub compared: &'static Table,
    /// Whether the table is created or emptied in the same transaction, which lets rows be frozen,
    /// unless they go into partitions.
    pub fresh: bool,
    /// Whether a table of that name exists before the load.
    pub exists: bool,
    /// Whether the application has created it, so that it must be the same afterwards.
    pub is_of_application: bool,
    /// Whether nothing names its rows in SQLite but their place, [`NUMBER`].
    pub numbered: bool,
    /// What repairs change of it.
    pub repaired: Repaired,
}

/// The place of a row in the order of reading, from 1, as SQL of SQLite; for tables whose rows have
/// no other name.
pub const NUMBER: &str = "\"migrate row\"";

/// What repairs change of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// The subquery that is read in the place of the SQLite table; its columns have the names of
    /// the table's.
    pub rows: Option<String>,
    /// Foreign keys that are added without a look at the rows that are there.
    pub not_valid: Vec<&'static str>,
    /// Columns whose unit of time was said, so that nothing is to be asked about it.
    pub units: Vec<&'static str>,
}

impl Copy {
    /// What is done to a table of a database.
    pub fn new(database: &PlannedDatabase, planned: &PlannedTable) -> Copy {
        Copy {
            database_id: database.id,
            database: database.name.clone(),
            schema: planned.shape.table.schema_or(&database.schema).to_owned(),
            shape: planned.shape,
            compared: planned.compared,
            fresh: !database.state.is_partitioned(planned.shape.table.name),
            exists: database.state.has_table(planned.shape.table.name),
            is_of_application: database.state.is_of_application(planned.shape.table.name),
            numbered: planned.numbered,
            repaired: Repaired::default(),
        }
    }

    /// Whether it is the same table of the same database.
    pub fn is_same_table(&self, other: &Copy) -> bool {
        self.database_id == other.database_id && self.table().name == other.table().name
    }

    /// The table's name behind its database's: `core.apps`.
    pub fn place_name(&self) -> String {
        format!("{}.{}", self.database, self.table().name)
    }

    /// The table's description.
    pub fn table(&self) -> &'static Table {
        &self.shape.table
    }

    /// The SELECT on SQLite: the copied columns in order. Never through an index: a damaged one
    /// would lose rows in silence.
    pub fn select_sql(&self, key: &[String]) -> String {
        let columns = self.table().copied_columns().map(|column| sql::quote(column.source));
        let all: Vec<String> = columns.chain(key.iter().cloned()).collect();
        format!("SELECT {} FROM {}", all.join(", "), self.source_rows_sql())
    }

    /// The SQLite table as SQL reads it, or what repairs put in its place. Never through an index.
    pub fn source_rows_sql(&self) -> String {
        match &self.repaired.rows {
            Some(rows) => format!("({rows})"),
            None => self.unrepaired_rows_sql(""),
        }
    }

    /// The same with a name for the rows.
    pub fn source_rows_sql_as(&self, name: &str) -> String {
        match &self.repaired.rows {
            Some(rows) => format!("({rows}) AS {name}"),
            None => self.unrepaired_rows_sql(&format!(" AS {name}")),
        }
    }

    /// The SQLite table as SQL reads it without any repair; `name` follows it.
    pub fn unrepaired_rows_sql(&self, name: &str) -> String {
        let table = sql::quote(self.table().source);
        match self.numbered {
            true => {
                format!(
                    "(SELECT *, row_number() OVER () AS {NUMBER} FROM {table} NOT INDEXED){name}"
                )
            }
            false => format!("{table}{name} NOT INDEXED"),
        }
    }

    /// The COPY on PostgreSQL.
    pub fn copy_sql(&self) -> String {
        let columns: Vec<&str> = self.table().copied_columns().map(|column| column.name).collect();
        let freeze = if self.fresh { ", FREEZE" } else { "" };
        format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary{freeze})",
            sql::qualified_name(&self.schema, self.table().name),
            sql::quoted_list(&columns)
        )
    }

    /// The columns for which PostgreSQL makes ids.
    pub fn identity_columns(&self) -> impl Iterator<Item = &'static model::Column> + use<> {
        self.table().columns.iter().filter(|column| column.identity != Identity::No)
    }
}
