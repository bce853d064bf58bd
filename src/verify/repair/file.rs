//! The quarantine file read again, and compared with what SQLite holds by hashes of whole rows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use serde_json::Value;
use xxhash_rust::xxh3::Xxh3;

use crate::diagnostic::{Error, Exit, Result};
use crate::files::open_regular_file;

/// The hash of one row: names, storage classes and values of all its columns.
#[derive(Default)]
pub struct Content(Xxh3);

impl Content {
    /// Begins a row of a table.
    pub fn begin_row(table: &str) -> Content {
        let mut content = Content::default();
        content.add_part(b'!', table.as_bytes());
        content
    }

    fn add_part(&mut self, class: u8, bytes: &[u8]) {
        self.0.update(&[class]);
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Takes a column.
    pub fn add_column(&mut self, name: &str, value: ValueRef<'_>) {
        self.add_part(b'#', name.as_bytes());
        match value {
            ValueRef::Null => self.add_part(b'n', &[]),
            ValueRef::Integer(integer) => self.add_part(b'i', &integer.to_le_bytes()),
            ValueRef::Real(real) => self.add_part(b'r', &real.to_bits().to_le_bytes()),
            ValueRef::Text(bytes) => self.add_part(b't', bytes),
            ValueRef::Blob(bytes) => self.add_part(b'b', bytes),
        }
    }

    /// The hash.
    pub fn hash(&self) -> u128 {
        self.0.digest128()
    }
}

/// Counts and sums of a quarantine file, by database.
///
/// # Errors
/// When it cannot be read, or is not what this program writes.
#[cfg(feature = "internals")]
pub fn sum_quarantine_file(file: &Path) -> Result<BTreeMap<String, (u64, u128)>> {
    let open = open_regular_file(file).map_err(|error| {
        let text = format!("the quarantine file {}: {error}", file.display());
        Error::new(Exit::Verification, text, "")
    })?;
    sum_open_quarantine_file(open, file)
}

/// The same of an open file, which stands at its beginning; `file` is its name for messages.
///
/// # Errors
/// As [`sum_quarantine_file`].
pub fn sum_open_quarantine_file(
    file_handle: File,
    file: &Path,
) -> Result<BTreeMap<String, (u64, u128)>> {
    let file_error = |why: &str| {
        let text = format!("the quarantine file {}: {why}", file.display());
        Error::new(Exit::Verification, text, "")
    };
    let lines = BufReader::new(file_handle);
    let mut found: BTreeMap<String, (u64, u128)> = BTreeMap::new();
    for line in lines.lines() {
        let line = line.map_err(|error| file_error(&error.to_string()))?;
        let line: Value =
            serde_json::from_str(&line).map_err(|_| file_error("a line is not JSON"))?;
        let (database, sum) = parse_line(&line).ok_or_else(|| file_error("a line is not a row"))?;
        let (count, total) = found.entry(database).or_default();
        *count += 1;
        *total = total.wrapping_add(sum);
    }
    Ok(found)
}

fn parse_line(line: &Value) -> Option<(String, u128)> {
    let mut content = Content::begin_row(line.get("table")?.as_str()?);
    for (name, value) in line.get("values")?.as_object()? {
        let kind = |kind: &str| value.get(kind)?.as_str();
        let decoded = |text: &str| STANDARD.decode(text).ok();
        if let Some(text) = value.as_str() {
            content.add_column(name, ValueRef::Text(text.as_bytes()));
        } else if let Some(integer) = value.as_i64() {
            content.add_column(name, ValueRef::Integer(integer));
        } else if let Some(real) = value.as_f64() {
            content.add_column(name, ValueRef::Real(real));
        } else if let Some(real) = kind("real") {
            content.add_column(name, ValueRef::Real(real.parse().ok()?));
        } else if let Some(text) = kind("text") {
            content.add_column(name, ValueRef::Text(&decoded(text)?));
        } else if let Some(blob) = kind("blob") {
            content.add_column(name, ValueRef::Blob(&decoded(blob)?));
        } else if value.is_null() {
            content.add_column(name, ValueRef::Null);
        } else {
            return None;
        }
    }
    Some((line.get("database")?.as_str()?.to_owned(), content.hash()))
}
