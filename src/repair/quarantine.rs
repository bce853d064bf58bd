//! The quarantine file: rows that do not go over, whole, one JSON object a line.
//!
//! It is a file and no table, because a table of ours would be an intruder in the application's
//! schema. It is begun beside its name before anything else is done, complete and on the disk
//! before COMMIT, and has its name only after it: what is called FILE is true. After an end at any
//! instant a committed run has its complete file, as FILE or as FILE.part; a run that was not
//! committed leaves nothing, or something called FILE.part.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

use super::Repair;
use crate::error::{Error, Exit, Result};

/// The file while it is written.
#[derive(Debug)]
pub struct Writer {
    file: PathBuf,
    out: BufWriter<File>,
    /// Lines that were written.
    pub rows: u64,
    complete: bool,
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn failed(file: &Path, error: &std::io::Error) -> Error {
    let text = format!("the quarantine file {} cannot be written: {error}", file.display());
    Error::new(Exit::Usage, text, "name another place with --quarantine")
}

impl Writer {
    /// Begins it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(file: &Path) -> Result<Writer> {
        let new = beside(file, ".part.new");
        let open = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)
            .map_err(|error| failed(file, &error))?;
        let (file, out) = (file.to_owned(), BufWriter::new(open));
        Ok(Writer { file, out, rows: 0, complete: false })
    }

    /// Writes a row: its table, its key, why it is here, and all its columns, from the place
    /// `first` on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn row(
        &mut self,
        database: &str,
        repair: &Repair,
        key: &str,
        columns: &[&str],
        row: &rusqlite::Row<'_>,
        first: usize,
    ) -> Result<()> {
        let mut values = Map::new();
        for (place, name) in columns.iter().enumerate() {
            let cell = row.get_ref(first + place).unwrap_or(ValueRef::Null);
            values.insert((*name).to_owned(), value(cell));
        }
        let line = json!({
            "database": database,
            "table": repair.table,
            "key": key,
            "reason": repair.label,
            "values": values,
        });
        self.rows += 1;
        writeln!(self.out, "{line}").map_err(|error| failed(&self.file, &error))
    }

    /// Brings everything to the disk, under the name of a file that is complete but not yet true.
    /// Returns that name.
    ///
    /// # Errors
    /// When that fails; nothing may be committed then.
    pub fn complete(&mut self) -> Result<PathBuf> {
        let part = beside(&self.file, ".part");
        if !self.complete {
            let written = self
                .out
                .flush()
                .and_then(|()| self.out.get_ref().sync_all())
                .and_then(|()| fs::rename(beside(&self.file, ".part.new"), &part))
                .and_then(|()| sync_folder(&self.file));
            written.map_err(|error| failed(&self.file, &error))?;
            self.complete = true;
        }
        Ok(part)
    }

    /// Gives it its name, once everything is committed.
    ///
    /// # Errors
    /// When that fails; the file is there as FILE.part then.
    pub fn publish(&mut self) -> Result<()> {
        let part = self.complete()?;
        let named = fs::rename(&part, &self.file).and_then(|()| sync_folder(&self.file));
        named.map_err(|error| {
            let text = format!(
                "everything is committed, but {} cannot be renamed to {}: {error}",
                part.display(),
                self.file.display()
            );
            Error::new(Exit::Usage, text, "rename it; it holds the rows in quarantine")
        })
    }

    /// Takes away what a run that was rolled back has written.
    pub fn discard(self) {
        // What cannot be taken away is called .part, and so passes for nothing.
        let _ = fs::remove_file(beside(&self.file, ".part.new"));
        if self.complete {
            let _ = fs::remove_file(beside(&self.file, ".part"));
        }
    }
}

fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A value so that it can be told exactly which it was: numbers and text as JSON has them,
/// everything else in an object that names its kind.
fn value(cell: ValueRef<'_>) -> Value {
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
