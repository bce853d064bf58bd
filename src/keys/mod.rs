//! Keys as PostgreSQL will compare them, and a place on disk where many of them can be looked up
//! and sorted.

use model::{Column, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

pub mod comparison;
pub mod hashes;
pub mod ids;
mod json;
pub mod relation;
pub mod spellings;

use crate::codec::{self, Cell, Out};
use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result, Severity};
use crate::sqlite;
use crate::text;

/// A longer key is kept as its digest.
const SHORT: usize = 64;

/// Memory that sorting may take, in KiB; the rest is on disk. Little, so that a run needs the same
/// for a small database and a large one.
const MEMORY: i64 = 4 * 1024;

/// Reads keys from rows, with memory that is used again.
#[derive(Debug, Default)]
pub struct Reader {
    out: Out,
}

/// How a key is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As PostgreSQL compares it.
    Exact,
    /// Without upper and lower case, hyphens and braces.
    Folded,
    /// Without upper and lower case where the server's locale says which letters are one.
    Locale,
    /// As PostgreSQL compares it where its locale knows all letters: what must be unique.
    Unique,
}

/// A column of a key, and the type of the column that it is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The column.
    pub column: &'static Column,
    /// The type of the key that is looked for, or the column's own.
    pub key: Type,
}

impl Part {
    /// A column whose values are compared with each other, or are referred to.
    pub fn of_column(column: &'static Column) -> Part {
        Part { column, key: column.ty }
    }
}

/// What a row has for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A part is NULL, which refers to nothing and equals nothing.
    Null,
    /// A part is refused by its codec, which is a finding of its own.
    Refused,
    /// Only the server can say how a part compares.
    Open,
    /// The same bytes for the same key.
    Key(Vec<u8>),
}

impl Read {
    /// The key, where there is one.
    pub fn into_key(self) -> Option<Vec<u8>> {
        match self {
            Read::Key(key) => Some(key),
            Read::Null | Read::Refused | Read::Open => None,
        }
    }
}

impl Reader {
    /// The key in a row's first columns.
    pub fn read_key(
        &mut self,
        parts: &[Part],
        row: &rusqlite::Row<'_>,
        form: Form,
    ) -> rusqlite::Result<Read> {
        let mut key = Vec::new();
        let mut ended = None;
        for (index, Part { column, key: to }) in parts.iter().enumerate() {
            let cell = row.get_ref(index)?;
            if matches!(cell, ValueRef::Null) {
                return Ok(Read::Null);
            }
            self.out.clear();
            if codec::encode_value(column, &mut self.out, cell).is_err() {
                ended = Some(Read::Refused);
                continue;
            }
            // Behind the field's length.
            let field = self.out.bytes().get(4..).unwrap_or_default();
            let part = match form {
                Form::Unique if column.ty == Type::Citext => {
                    Some(String::from_utf8_lossy(field).to_lowercase().into_bytes())
                }
                Form::Exact | Form::Unique => comparison::comparable_bytes(column.ty, *to, field),
                Form::Locale if column.ty != Type::Citext => {
                    comparison::comparable_bytes(column.ty, *to, field)
                }
                Form::Folded | Form::Locale => {
                    comparison::loosely_comparable_bytes(column.ty, *to, field)
                }
            };
            let Some(part) = part else {
                ended = ended.or(Some(Read::Open));
                continue;
            };
            key.extend_from_slice(&part.len().to_be_bytes());
            key.extend_from_slice(&part);
        }
        let long = key.len() > SHORT;
        let key = || if long { Sha256::digest(&key).to_vec() } else { key };
        Ok(ended.unwrap_or_else(|| Read::Key(key())))
    }
}

/// A private temporary database on disk, gone when it is dropped.
#[derive(Debug)]
pub struct Scratch {
    /// It.
    pub connection: Connection,
}

impl Scratch {
    /// Makes one with room for `rows` keys.
    ///
    /// # Errors
    /// `F13` when the disk has no room.
    pub fn new(rows: u64) -> Result<Scratch> {
        check_free_space(rows.saturating_mul(160))?;
        let connection = Connection::open("").map_err(|error| scratch_error(&error))?;
        let set = format!(
            "PRAGMA temp_store = file; PRAGMA journal_mode = off; PRAGMA synchronous = off; \
             PRAGMA cache_size = -{MEMORY}; PRAGMA locking_mode = exclusive"
        );
        connection.execute_batch(&set).map_err(|error| scratch_error(&error))?;
        Ok(Scratch { connection })
    }
}

/// Whether there is room on disk for so many bytes of sorting.
///
/// # Errors
/// `F13` when there is not.
pub fn check_free_space(bytes: u64) -> Result<()> {
    sqlite::check_free_space(&hashes::sorting_folder(), bytes, "sorting keys")
        .map_err(|finding| refusal_error(&finding))
}

/// An error of the scratch database: there is nothing in it that could be wrong but the disk.
pub fn scratch_error(error: &rusqlite::Error) -> Error {
    let words = sqlite::describe_error(error);
    refusal_error(&Finding::without_rows(
        Id::F13,
        Severity::Error,
        format!("sorting keys: {words}"),
    ))
}

/// An error of the file that hashes are sorted in.
pub fn hash_file_error(error: &std::io::Error) -> Error {
    refusal_error(&Finding::without_rows(
        Id::F13,
        Severity::Error,
        format!("sorting keys: {error}"),
    ))
}

fn refusal_error(finding: &Finding) -> Error {
    let fault = Fault::new(finding.what.clone(), finding.to_fault().hints).with_id(finding.id);
    Error { exit: Exit::Source, faults: vec![fault] }
}

/// A value in words that do not show text: `integer 4`, `text of 3 bytes`.
pub fn describe_value(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(value) => format!("integer {value}"),
        Cell::Real(value) => format!("real {value:?}"),
        Cell::Text([]) => "empty text".to_owned(),
        Cell::Text(bytes) => format!("text of {}", text::count_bytes(bytes)),
        Cell::Blob(bytes) => format!("blob of {}", text::count_bytes(bytes)),
    }
}
