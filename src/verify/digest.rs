//! The digest of a table, and what two digests that differ say.

use super::row::{Layout, Row};
use model::Column;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What a table holds, in sums that do not depend on the order of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDigest {
    /// The number of rows.
    pub rows: u64,
    /// The size of all values in canonical form; a measure for the speed of reading.
    pub bytes: u64,
    /// One sum for each column that is copied.
    pub columns: Vec<ColumnDigest>,
    /// The sum of the hashes of whole rows, where there is no key that ties values together.
    pub row_hash_sum: Option<u128>,
    /// The names of the key's columns.
    pub key: Vec<&'static str>,
}

/// The sum of a column's hashes of (key, ordinal, value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnDigest {
    /// The name in PostgreSQL.
    pub name: &'static str,
    /// The sum, modulo 2^128.
    pub sum: u128,
}

/// One thing in which the two ends differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The number of rows. Columns are not named besides it, as all of them must differ.
    Count {
        /// Rows in SQLite.
        source: u64,
        /// Rows in PostgreSQL.
        target: u64,
    },
    /// As many rows, but with other keys: rows were lost and others added or doubled.
    Keys,
    /// A column's values, at the same keys.
    Column(&'static str),
    /// The rows of a table without a key, as wholes.
    Rows,
}

impl TableDigest {
    pub(super) fn new(layout: &Layout) -> TableDigest {
        let named = |column: &&'static Column| column.name;
        let columns: Vec<&'static str> = layout.columns.iter().map(named).collect();
        let name = |ordinal: &usize| columns.get(*ordinal).copied();
        TableDigest {
            rows: 0,
            bytes: 0,
            row_hash_sum: layout.is_keyless().then_some(0),
            key: layout.key.iter().filter_map(name).collect(),
            columns: columns.iter().map(|name| ColumnDigest { name, sum: 0 }).collect(),
        }
    }

    /// All of it as one number, in 32 hexadecimal digits: the same for two ends that are equal.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.rows.to_be_bytes());
        for column in &self.columns {
            hash.update(column.name);
            hash.update([0]);
            hash.update(column.sum.to_be_bytes());
        }
        hash.update(self.row_hash_sum.unwrap_or_default().to_be_bytes());
        hex::encode(hash.finalize().get(..16).unwrap_or_default())
    }

    pub(super) fn add_row(&mut self, row: &Row) {
        self.rows += 1;
        self.bytes += row.canonical_size();
        for (column, hash) in self.columns.iter_mut().zip(row.column_hashes()) {
            column.sum = column.sum.wrapping_add(hash);
        }
        if let Some(row_hash_sum) = &mut self.row_hash_sum {
            *row_hash_sum = row_hash_sum.wrapping_add(row.row_hash());
        }
    }
}

/// In what the source and the target of a table differ; nothing when they are the same.
pub fn compare_digests(source: &TableDigest, target: &TableDigest) -> Vec<Difference> {
    if source.rows != target.rows {
        return vec![Difference::Count { source: source.rows, target: target.rows }];
    }
    let mut differences = Vec::new();
    for (source_column, target_column) in source.columns.iter().zip(&target.columns) {
        if source_column != target_column {
            // Where keys differ every column does, for each hash has the key in it.
            if source.key.contains(&source_column.name) {
                return vec![Difference::Keys];
            }
            differences.push(Difference::Column(source_column.name));
        }
    }
    if source.row_hash_sum != target.row_hash_sum || source.columns.len() != target.columns.len() {
        differences.push(Difference::Rows);
    }
    differences
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Count { source, target } => {
                write!(
                    f,
                    "{} in SQLite, {target} in PostgreSQL",
                    crate::text::count_with_noun(*source, "row")
                )
            }
            Difference::Keys => f.write_str("as many rows, but with other keys"),
            Difference::Column(name) => write!(f, "column {name} has other values"),
            Difference::Rows => f.write_str("rows have other values"),
        }
    }
}
