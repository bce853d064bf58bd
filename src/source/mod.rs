//! The SQLite side: one read-only snapshot of a file, its structure, and the version it matches.
//!
//! The file is never written: it is opened read-only and `query_only`, and a `-wal` beside it is
//! honoured. Two connections see one snapshot, so that copying and checking can run side by side;
//! a third, outside any transaction, tells whether somebody wrote meanwhile.

mod matching;
mod open;
mod structure;

pub use matching::{Difference, detect, differences};
pub use structure::{SourceColumn, SourceTable, Structure, TableKind};

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use crate::error::{Error, Exit, Result};

/// A SQLite database, open at one snapshot.
#[derive(Debug)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The snapshot that is copied.
    pub reader: Connection,
    /// The same snapshot on another connection, for verification by another thread.
    pub checker: Mutex<Connection>,
    /// What tables there are.
    pub structure: Structure,
    watch: Connection,
    seen: i64,
}

impl Source {
    /// Opens a file and takes its snapshot.
    ///
    /// # Errors
    /// When the file is missing, unreadable, not a database, or cannot be read without writing
    /// to it; with what to do about it.
    pub fn open(path: &Path) -> Result<Source> {
        open::precheck(path)?;
        let fail = |error| open::explain(path, &error);
        let watch = open::connection(path).map_err(fail)?;
        for _ in 0..10 {
            let seen = data_version(&watch).map_err(fail)?;
            let reader = open::snapshot(path).map_err(fail)?;
            let checker = open::snapshot(path).map_err(fail)?;
            if data_version(&watch).map_err(fail)? != seen {
                continue;
            }
            let structure = structure::read(&reader).map_err(fail)?;
            let (path, checker) = (path.to_owned(), Mutex::new(checker));
            return Ok(Source { path, reader, checker, structure, watch, seen });
        }
        Err(busy(path))
    }

    /// Fails when somebody has written to the file since it was opened.
    ///
    /// # Errors
    /// When the file changed: what was copied is no longer what the application has.
    pub fn unchanged(&self) -> Result<()> {
        let now = data_version(&self.watch).map_err(|error| open::explain(&self.path, &error))?;
        if now == self.seen { Ok(()) } else { Err(busy(&self.path)) }
    }

    /// The highest id that SQLite remembers for a table with AUTOINCREMENT, deleted rows included.
    ///
    /// # Errors
    /// When SQLite cannot be asked.
    pub fn remembered_id(&self, table: &str) -> Result<Option<i64>> {
        if self.structure.table("sqlite_sequence").is_none() {
            return Ok(None);
        }
        let sql =
            "SELECT max(seq) FROM sqlite_sequence WHERE name = ?1 AND typeof(seq) = 'integer'";
        self.reader
            .query_row(sql, [table], |row| row.get(0))
            .map_err(|error| open::explain(&self.path, &error))
    }

    /// An error of SQLite while this file was read.
    pub fn error(&self, error: &rusqlite::Error) -> Error {
        open::explain(&self.path, error)
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

fn busy(path: &Path) -> Error {
    Error::new(
        Exit::Source,
        format!("{}: the application wrote to the database during the run", path.display()),
        "stop the application (for Connect: sudo systemctl stop rstudio-connect) and run again",
    )
}
