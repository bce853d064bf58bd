//! What a table's columns hold: every row is read once, and every value is shown to the codecs of
//! the types that its column may get. So a drafted type is one that the copy takes.

use model::{Stored, Type, nullable, sql};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::guids::Guids;
use crate::codec::{self, Out};
use crate::sqlite::SourceTable;

/// A type and an encoding that a column may get.
pub type Candidate = (Type, Stored);

/// What a column holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Values of each storage class.
    pub nulls: u64,
    /// Whole numbers.
    pub integers: u64,
    /// Floating point numbers.
    pub reals: u64,
    /// Texts.
    pub texts: u64,
    /// Those of them that are empty or blank.
    pub empties: u64,
    /// Blobs.
    pub blobs: u64,
    /// Those of them that are no text in UTF-8.
    pub binaries: u64,
    /// The range of the whole numbers.
    pub integer_range: Option<(i64, i64)>,
    /// The range of the floating point numbers.
    pub real: Option<(f64, f64)>,
    /// Characters of the longest text.
    pub longest: usize,
    /// What blobs of 16 bytes say of their order.
    pub guids: Guids,
    /// How many values each candidate refuses.
    pub refused: Vec<(Candidate, u64)>,
}

impl Profile {
    /// An empty one that will try these candidates.
    pub fn with_candidates(candidates: &[Candidate]) -> Profile {
        let refused = candidates.iter().map(|candidate| (*candidate, 0)).collect();
        Profile { refused, ..Profile::default() }
    }

    /// Values that are not NULL.
    pub fn count_values(&self) -> u64 {
        self.integers + self.reals + self.texts + self.blobs
    }

    /// How many storage classes there are among the values; both kinds of numbers are one.
    pub fn count_classes(&self) -> usize {
        let classes = [self.integers + self.reals, self.texts, self.blobs];
        classes.iter().filter(|count| **count > 0).count()
    }

    /// How many values a candidate refuses; `None` when it was not tried.
    pub fn refused_by(&self, candidate: Candidate) -> Option<u64> {
        self.refused.iter().find(|(tried, _)| *tried == candidate).map(|(_, count)| *count)
    }

    /// Whether a candidate was tried and takes every value.
    pub fn is_taken_by(&self, ty: Type, stored: Stored) -> bool {
        self.refused_by((ty, stored)) == Some(0)
    }

    /// `3 integers, 1 text`
    pub fn describe_classes(&self) -> String {
        let one = |count: u64, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            _ => Some(format!("{count} {word}s")),
        };
        let all = [
            one(self.integers, "integer"),
            one(self.reals, "real"),
            one(self.texts, "text"),
            one(self.blobs, "blob"),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn add_value(&mut self, cell: ValueRef<'_>, out: &mut Out) {
        match cell {
            ValueRef::Null => {
                self.nulls += 1;
                return;
            }
            ValueRef::Integer(value) => {
                self.integers += 1;
                let (least, most) = self.integer_range.unwrap_or((value, value));
                self.integer_range = Some((least.min(value), most.max(value)));
            }
            ValueRef::Real(value) => {
                self.reals += 1;
                let (least, most) = self.real.unwrap_or((value, value));
                self.real = Some((least.min(value), most.max(value)));
            }
            ValueRef::Text(text) => {
                self.texts += 1;
                self.empties += u64::from(text.trim_ascii().is_empty());
                // Bytes that are no UTF-8 continuation begin a character.
                let characters = text.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
                self.longest = self.longest.max(characters);
            }
            ValueRef::Blob(blob) => {
                self.blobs += 1;
                self.binaries += u64::from(std::str::from_utf8(blob).is_err());
                self.guids.observe_blob(blob);
            }
        }
        for ((ty, stored), refused) in &mut self.refused {
            if codec::encode_value(&nullable("", *ty).stored(*stored), out, cell).is_err() {
                *refused += 1;
            }
            while out.take_note().is_some() {}
            out.clear();
        }
    }
}

/// Reads all rows of a table. `candidates` has a list for each of `columns`.
///
/// # Errors
/// SQLite's.
pub fn read_table(
    connection: &Connection,
    table: &SourceTable,
    columns: &[&str],
    candidates: &[Vec<Candidate>],
) -> rusqlite::Result<Vec<Profile>> {
    let mut profiles: Vec<Profile> =
        candidates.iter().map(|list| Profile::with_candidates(list)).collect();
    let mut statement = connection.prepare(&rows_sql(table, columns))?;
    let mut rows = statement.query([])?;
    let mut out = Out::default();
    while let Some(row) = rows.next()? {
        for (index, profile) in profiles.iter_mut().enumerate() {
            profile.add_value(row.get_ref(index)?, &mut out);
        }
    }
    Ok(profiles)
}

/// Never through an index: a damaged one would lose rows in silence.
pub fn rows_sql(table: &SourceTable, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| sql::quote(column)).collect();
    format!("SELECT {} FROM {} NOT INDEXED", columns.join(", "), sql::quote(&table.name))
}

/// Whether SQLite can compute a column: a generated one may use a function of the application.
pub fn is_readable(connection: &Connection, table: &SourceTable, column: &str) -> bool {
    connection.prepare(&rows_sql(table, &[column])).is_ok()
}

/// Whether a column's values all fit a type that was not among its candidates.
///
/// # Errors
/// SQLite's.
pub fn all_values_fit(
    connection: &Connection,
    of: &SourceTable,
    column: &str,
    candidate: Candidate,
) -> rusqlite::Result<bool> {
    let profiles = read_table(connection, of, &[column], &[vec![candidate]])?;
    Ok(profiles.iter().all(|profile| profile.is_taken_by(candidate.0, candidate.1)))
}
