//! Keys as PostgreSQL will compare them, and a place on disk where many of them can be looked up
//! and sorted.

use model::{Column, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::hashes;
use crate::codec::{self, Cell, Out};
use crate::error::{Error, Exit, Fault, Result};
use crate::finding::{Finding, Severity};
use crate::source;
use crate::verify::json::Canon;

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
}

impl Reader {
    /// The key in a row's first columns. `None` where a part is NULL, which refers to nothing and
    /// equals nothing, or is refused by its codec, which is a finding of its own.
    pub fn read(
        &mut self,
        columns: &[&'static Column],
        row: &rusqlite::Row<'_>,
        form: Form,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        let mut key = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let cell = row.get_ref(place)?;
            self.out.clear();
            let null = matches!(cell, ValueRef::Null);
            if null || codec::encode(column, &mut self.out, cell).is_err() {
                return Ok(None);
            }
            // Behind the field's length.
            let field = self.out.bytes().get(4..).unwrap_or_default();
            let part = match form {
                Form::Exact => comparable(column.ty, field),
                Form::Folded => folded(column.ty, field),
            };
            key.extend_from_slice(&part.len().to_be_bytes());
            key.extend_from_slice(&part);
        }
        let long = key.len() > SHORT;
        Ok(Some(if long { Sha256::digest(&key).to_vec() } else { key }))
    }
}

/// A field's bytes so that they are equal exactly where PostgreSQL's `=` says so.
fn comparable(ty: Type, field: &[u8]) -> Vec<u8> {
    match (ty, field) {
        (Type::Int2, [a, b]) => i64::from(i16::from_be_bytes([*a, *b])).to_be_bytes().to_vec(),
        (Type::Int4, [a, b, c, d]) => {
            i64::from(i32::from_be_bytes([*a, *b, *c, *d])).to_be_bytes().to_vec()
        }
        // A negative zero equals zero.
        (Type::Float4 | Type::Float8, [0x80, rest @ ..]) if rest.iter().all(|b| *b == 0) => {
            vec![0; field.len()]
        }
        // Digits, weight and sign decide; the number of digits shown does not.
        (Type::Numeric(_), field) => {
            let (head, digits) = field.split_at_checked(8).unwrap_or((field, &[]));
            let mut pairs: Vec<&[u8]> = digits.chunks(2).collect();
            while pairs.last().is_some_and(|pair| *pair == [0, 0]) {
                pairs.pop();
            }
            [head.get(2..6).unwrap_or_default(), &pairs.concat()].concat()
        }
        (Type::Char(_), field) => field.trim_ascii_end_spaces().to_vec(),
        // Behind the version: neither order nor blanks count, and the last of equal keys is kept.
        (Type::Jsonb, [_, text @ ..]) => {
            let mut form = Vec::new();
            let written = Canon::default().write(text, &mut form);
            if written.is_ok() { form } else { field.to_vec() }
        }
        (Type::Citext, field) => String::from_utf8_lossy(field).to_lowercase().into_bytes(),
        _ => field.to_vec(),
    }
}

fn folded(ty: Type, field: &[u8]) -> Vec<u8> {
    match ty {
        Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) => {
            let text = String::from_utf8_lossy(field).to_lowercase();
            text.replace(['-', '{', '}', ' '], "").into_bytes()
        }
        _ => comparable(ty, field),
    }
}

/// What `char(n)` does not count.
trait Spaces {
    fn trim_ascii_end_spaces(&self) -> &[u8];
}

impl Spaces for [u8] {
    fn trim_ascii_end_spaces(&self) -> &[u8] {
        let end = self.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        self.get(..end).unwrap_or(self)
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
        room(rows.saturating_mul(160))?;
        let connection = Connection::open("").map_err(|error| full(&error))?;
        let set = format!(
            "PRAGMA temp_store = file; PRAGMA journal_mode = off; PRAGMA synchronous = off; \
             PRAGMA cache_size = -{MEMORY}; PRAGMA locking_mode = exclusive"
        );
        connection.execute_batch(&set).map_err(|error| full(&error))?;
        Ok(Scratch { connection })
    }
}

/// Whether there is room on disk for so many bytes of sorting.
///
/// # Errors
/// `F13` when there is not.
pub fn room(bytes: u64) -> Result<()> {
    source::room(&hashes::folder(), bytes, "sorting keys").map_err(|finding| refused(&finding))
}

/// An error of the scratch database: there is nothing in it that could be wrong but the disk.
pub fn full(error: &rusqlite::Error) -> Error {
    let words = source::words(error);
    refused(&Finding::about("F13", Severity::Error, format!("sorting keys: {words}")))
}

/// An error of the file that hashes are sorted in.
pub fn unsorted(error: &std::io::Error) -> Error {
    refused(&Finding::about("F13", Severity::Error, format!("sorting keys: {error}")))
}

fn refused(finding: &Finding) -> Error {
    let fault = Fault::new(finding.what.clone(), finding.fault().hint).with_id(finding.id);
    Error { exit: Exit::Source, faults: vec![fault] }
}

/// A value in words that do not show text: `integer 4`, `text of 3 bytes`.
pub fn described(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(value) => format!("integer {value}"),
        Cell::Real(value) => format!("real {value:?}"),
        Cell::Text([]) => "empty text".to_owned(),
        Cell::Text(bytes) => format!("text of {} bytes", bytes.len()),
        Cell::Blob(bytes) => format!("blob of {} bytes", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_compare_as_postgresql_does() {
        let seven = 7_i64.to_be_bytes().to_vec();
        assert_eq!(comparable(Type::Int2, &7_i16.to_be_bytes()), seven);
        assert_eq!(comparable(Type::Int4, &7_i32.to_be_bytes()), seven);
        assert_eq!(comparable(Type::Int8, &7_i64.to_be_bytes()), seven);
        let minus = comparable(Type::Float8, &(-0.0_f64).to_be_bytes());
        assert_eq!(minus, comparable(Type::Float8, &0.0_f64.to_be_bytes()));
        assert_eq!(comparable(Type::Char(4), b"a b  "), b"a b");
        assert_eq!(comparable(Type::Text, b"a  "), b"a  ");
        assert_eq!(comparable(Type::Citext, "ÄB".as_bytes()), "äb".as_bytes());
        // 1.5 and 1.50: one digit group apart in scale only; 1.5000 0000 has a group of zeros.
        let short = [0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0x13, 0x88];
        let long = [0, 3, 0, 0, 0, 0, 0, 8, 0, 1, 0x13, 0x88, 0, 0];
        let numeric = Type::Numeric(None);
        assert_eq!(comparable(numeric, &short), comparable(numeric, &long));
        assert_eq!(folded(Type::Text, b"{AB-1}"), folded(Type::Text, b"ab1"));
    }
}
