//! How much of a database was moved, and how fast.

use std::time::Duration;

use crate::report::DatabaseReport;

/// The amount of one database, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseTotal {
    /// Its name; `total` for all.
    pub name: String,
    /// Its tables.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Bytes that were sent to PostgreSQL.
    pub bytes: u64,
    /// How long copying took.
    pub time: Duration,
    /// Whether the run committed it.
    pub committed: bool,
}

impl DatabaseTotal {
    /// That of a database.
    pub fn of_database(database: &DatabaseReport) -> DatabaseTotal {
        let tables = &database.tables;
        DatabaseTotal {
            name: database.name.clone(),
            tables: tables.len() as u64,
            rows: tables.iter().map(|table| table.rows).sum(),
            bytes: tables.iter().map(|table| table.bytes).sum(),
            time: tables.iter().map(|table| table.time).sum(),
            committed: database.committed,
        }
    }

    /// All databases together.
    pub fn of_all(databases: &[DatabaseTotal]) -> DatabaseTotal {
        DatabaseTotal {
            name: "total".to_owned(),
            tables: databases.iter().map(|one| one.tables).sum(),
            rows: databases.iter().map(|one| one.rows).sum(),
            bytes: databases.iter().map(|one| one.bytes).sum(),
            time: databases.iter().map(|one| one.time).sum(),
            committed: databases.iter().any(|one| one.committed),
        }
    }

    /// Whether anything was copied; a comparison and a dry run copy nothing.
    pub fn was_copied(&self) -> bool {
        self.bytes > 0
    }
}

/// Rows a second while they were copied, to three digits.
pub fn rows_per_second(databases: &[DatabaseTotal]) -> u64 {
    let copied: Vec<DatabaseTotal> =
        databases.iter().filter(|one| one.was_copied()).cloned().collect();
    let DatabaseTotal { rows, time, .. } = DatabaseTotal::of_all(&copied);
    let rate = (rows as f64 / time.as_secs_f64().max(0.001)) as u64;
    let unit = 10_u64.pow(rate.max(1).ilog10().saturating_sub(2));
    rate / unit * unit
}
