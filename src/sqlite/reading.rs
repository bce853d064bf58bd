//! One look at a file: a connection within its snapshot, and what is known of the file.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::{Structure, open, refusal_error};
use crate::diagnostic::console::Total;
use crate::diagnostic::{Error, Result};

/// The least bytes of a file that a row of a table takes.
const ROW_BYTES_LEAST: u64 = 4;

/// What reading a file's rows needs; one thread has one.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The file, for messages.
    pub path: &'a Path,
    /// A connection that sees the snapshot.
    pub connection: &'a Connection,
    /// What tables there are.
    pub structure: &'a Structure,
    /// Whether the file's text is UTF-16: then texts that differ there may be one text here.
    pub utf16: bool,
}

/// The same for another thread.
#[derive(Clone, Copy, Debug)]
pub struct SecondReading<'a> {
    pub(super) path: &'a Path,
    pub(super) connection: &'a Mutex<Connection>,
    pub(super) structure: &'a Structure,
    pub(super) utf16: bool,
}

impl SecondReading<'_> {
    /// Has the second connection for as long as `work` takes.
    pub fn read_with<T>(self, work: impl FnOnce(Reading<'_>) -> T) -> T {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(Reading {
            path: self.path,
            connection: &connection,
            structure: self.structure,
            utf16: self.utf16,
        })
    }
}

impl Reading<'_> {
    /// An error of SQLite while this file was read.
    pub fn read_error(&self, error: &rusqlite::Error) -> Error {
        refusal_error(&open::explain_open_error(self.path, error))
    }

    /// How many rows a table has at most, by the row numbers that SQLite has given. To count them
    /// would read the table once more. Numbers that leave gaps say nothing: a row takes 4 bytes of
    /// the file at least.
    pub fn estimate_rows(&self, table: &str) -> Total {
        let Some(rowid) = self.structure.table(table).and_then(|own| own.rowid_name()) else {
            return Total::Unknown;
        };
        let rows = format!("FROM {} NOT INDEXED", model::sql::quote(table));
        let sql = format!(
            "SELECT (SELECT max({rowid}) {rows}), (SELECT min({rowid}) {rows}), \
             page_count * page_size FROM pragma_page_count, pragma_page_size"
        );
        let read = self.connection.query_row(&sql, [], |row| {
            Ok((
                row.get::<_, Option<i64>>(0)?,
                row.get::<_, Option<i64>>(1)?,
                row.get::<_, i64>(2)?,
            ))
        });
        match read {
            Ok((Some(last), Some(first), bytes))
                if last.abs_diff(first) < bytes.unsigned_abs() / ROW_BYTES_LEAST =>
            {
                Total::AtMost(last.abs_diff(first).saturating_add(1))
            }
            Ok((None, None, _)) => Total::Known(0),
            Ok(_) | Err(_) => Total::Unknown,
        }
    }

    /// The highest id that SQLite remembers for a table with AUTOINCREMENT, deleted rows included.
    /// An application may have written it as a real or as text; SQLite counts on from the integer
    /// that `CAST` makes of it, and so does this.
    ///
    /// # Errors
    /// When SQLite cannot be asked.
    pub fn remembered_id(&self, table: &str) -> Result<Option<i64>> {
        if self.structure.table("sqlite_sequence").is_none() {
            return Ok(None);
        }
        let sql = "SELECT max(CAST(seq AS INTEGER)) FROM sqlite_sequence WHERE name = ?1";
        self.connection
            .query_row(sql, [table], |row| row.get(0))
            .map_err(|error| self.read_error(&error))
    }
}
