//! Numbers as SQLite's own conversion to text prints them.
//!
//! How SQLite prints a double differs between its versions (15 digits, 17 digits, shorter where
//! that reads back the same), so SQLite is asked. That costs a few microseconds, in the rare
//! column that holds text and has a double in it.

use rusqlite::Connection;

thread_local! {
    /// A database in memory without a table. Where it cannot be made, nothing can be read either.
    static SQLITE: Option<Connection> = Connection::open_in_memory().ok();
}

/// A double as `CAST(value AS TEXT)` gives it.
pub(super) fn print_real(value: f64) -> Option<String> {
    SQLITE.with(|connection| {
        let connection = connection.as_ref()?;
        let mut cast = connection.prepare("SELECT CAST(?1 AS TEXT)").ok()?;
        cast.query_row([value], |row| row.get(0)).ok()
    })
}
