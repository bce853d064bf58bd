//! One look at a file: a connection within its snapshot, and what is known of the file.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::{Structure, open, refusal_error};
use crate::diagnostic::{Error, Result};

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
pub struct Aside<'a> {
    pub(super) path: &'a Path,
    pub(super) connection: &'a Mutex<Connection>,
    pub(super) structure: &'a Structure,
    pub(super) utf16: bool,
}

impl Aside<'_> {
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
