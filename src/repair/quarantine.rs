//! The quarantine file: rows that do not go over, whole, one JSON object a line.
//!
//! It is a file and no table, because a table of ours would be an intruder in the application's
//! schema. It is begun beside its name before anything else is done, complete and on the disk
//! before COMMIT, and has its name only after it: what is called FILE is true. After an end at any
//! instant a committed run has its complete file, as FILE or as FILE.part; a run that was not
//! committed leaves nothing, or something called FILE.part.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

use super::Repair;
use crate::diagnostic::{Error, Exit, Result};
use crate::files::new_file::NewFile;
use crate::files::output::{self, Purpose};
use crate::files::place::Place;
use crate::files::with_suffix;

/// The file while it is written.
#[derive(Debug)]
pub struct Writer {
    out: BufWriter<NewFile>,
    /// FILE.part, and FILE.
    part: Place,
    file: Place,
    /// Lines that were written.
    pub rows: u64,
    complete: bool,
}

/// What FILE and FILE.part are to the rules of outputs.
pub const PURPOSE: Purpose = Purpose {
    flag: "--quarantine",
    noun: "the quarantine file",
    takes_streams: false,
    is_same_kind,
};

/// Whether a file begins like one that [`Writer::write_row`] has written.
fn is_same_kind(beginning: &[u8]) -> bool {
    let table = b",\"table\":";
    beginning.starts_with(b"{\"database\":")
        && beginning.windows(table.len()).any(|window| window == table)
}

/// The name of the file from its completion to COMMIT.
pub fn part_file_path(file: &Path) -> PathBuf {
    with_suffix(file, ".part")
}

fn write_error(file: &Path, error: &std::io::Error) -> Error {
    PURPOSE.system_error(file, error)
}

impl Writer {
    /// Begins it, under a temporary name. With `force`, FILE and FILE.part may be files of another
    /// kind; an earlier quarantine file is left for the caller to judge.
    ///
    /// # Errors
    /// When it cannot be written, or what is there must not be replaced.
    pub fn create(path: &Path, force: bool) -> Result<Writer> {
        let file = output::find_place(path, PURPOSE, force)?;
        let part = output::find_place(&part_file_path(path), PURPOSE, force)?;
        let new = NewFile::create(&part).map_err(|error| write_error(path, &error))?;
        Ok(Writer { out: BufWriter::new(new), part, file, rows: 0, complete: false })
    }

    /// Writes a row: its table, its key, why it is here, and all its columns, from the place
    /// `first` on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_row(
        &mut self,
        database: &str,
        repair: &Repair,
        key: &str,
        columns: &[&str],
        row: &rusqlite::Row<'_>,
        first: usize,
    ) -> Result<()> {
        let mut values = Map::new();
        for (index, name) in columns.iter().enumerate() {
            let cell = row.get_ref(first + index).unwrap_or(ValueRef::Null);
            values.insert((*name).to_owned(), exact_json_value(cell));
        }
        let line = json!({
            "database": database,
            "table": repair.table,
            "key": key,
            "reason": repair.label,
            "values": values,
        });
        self.rows += 1;
        writeln!(self.out, "{line}").map_err(|error| write_error(&self.file.path, &error))
    }

    /// Brings everything to the disk, under the name of a file that is complete but not yet true.
    /// Returns that name.
    ///
    /// # Errors
    /// When that fails; nothing may be committed then.
    pub fn complete(&mut self) -> Result<PathBuf> {
        if !self.complete {
            let flushed = self.out.flush();
            let written = flushed.and_then(|()| self.out.get_mut().rename_to(&mut self.part));
            written.map_err(|error| write_error(&self.part.path, &error))?;
            self.complete = true;
        }
        Ok(self.part.path.clone())
    }

    /// The complete file for reading, whatever its name has become.
    ///
    /// # Errors
    /// The system's.
    pub fn open_for_reading(&self) -> Result<File> {
        self.out
            .get_ref()
            .reopen_for_reading()
            .map_err(|error| write_error(&self.part.path, &error))
    }

    /// Gives it its name, once everything is committed.
    ///
    /// # Errors
    /// When that fails; the file is there as FILE.part then.
    pub fn publish(&mut self) -> Result<()> {
        let part = self.complete()?;
        let named = self.out.get_mut().rename_to(&mut self.file);
        named.map_err(|error| {
            let text = format!(
                "everything is committed, but {} cannot be renamed to {}: {error}",
                part.display(),
                self.file.path.display()
            );
            Error::new(Exit::Usage, text, "rename it by hand: it contains the rows in quarantine")
        })
    }

    /// Takes away what a run that was rolled back has written.
    pub fn discard(self) {
        // What cannot be taken away is called .part, and so passes for nothing. What is buffered
        // need not be written any more.
        let (new, _) = self.out.into_parts();
        new.remove();
    }
}

/// A value so that it is clear exactly which it was: numbers and text as JSON has them,
/// everything else in an object that names its kind.
fn exact_json_value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => value.into(),
        ValueRef::Real(value) if value.is_finite() => value.into(),
        ValueRef::Real(value) => json!({ "real": value.to_string() }),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => json!({ "text": STANDARD.encode(bytes) }),
        },
        ValueRef::Blob(bytes) => json!({ "blob": STANDARD.encode(bytes) }),
    }
}
