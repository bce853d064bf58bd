//! One row in canonical form, and its hashes: what a digest sums and a locating pass compares.

use super::Unread;
use crate::diagnostic::Result;
use model::{Column, Table};
use xxhash_rust::xxh3::xxh3_128;

/// A buffer that one huge row made larger than this is given back.
const KEEP: usize = 4 << 20;
/// The key's hash and the column's ordinal stand before each value.
const PREFIX: usize = 16 + 2;

/// The columns that are compared, and which of them are the key.
pub(super) struct Layout {
    pub(super) table: &'static str,
    pub(super) columns: Vec<&'static Column>,
    /// Ordinals among `columns`, in key order; empty when rows have no key to go by.
    pub(super) key: Vec<usize>,
}

impl Layout {
    pub(super) fn of_table(table: &Table) -> Layout {
        let columns: Vec<_> = table.copied_columns().collect();
        let ordinal = |name: &&str| columns.iter().position(|column| column.name == *name);
        // A key with a generated column in it cannot be read on both sides.
        let key = table.primary_key.iter().map(ordinal).collect::<Option<_>>().unwrap_or_default();
        Layout { table: table.name, columns, key }
    }

    /// The columns whose values the server reads.
    pub(super) fn ordinals_read_by_server(&self) -> Vec<usize> {
        let by_server = |(_, column): &(usize, &&Column)| column.ty.is_read_by_server();
        self.columns.iter().enumerate().filter(by_server).map(|(ordinal, _)| ordinal).collect()
    }

    /// Whether there are such columns.
    pub(super) fn is_read_by_server(&self) -> bool {
        self.columns.iter().any(|column| column.ty.is_read_by_server())
    }

    pub(super) fn is_keyless(&self) -> bool {
        self.key.is_empty()
    }
}

/// A row being read; the same for source and target.
#[derive(Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    /// The end of each column's frame in `bytes`.
    ends: Vec<usize>,
    key: Vec<u8>,
    key_hash: u128,
}

impl Row {
    /// Forgets the row before.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEEP);
        self.ends.clear();
    }

    /// Takes the next column.
    #[inline]
    pub(super) fn add_column(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> std::result::Result<(), Unread>,
    ) -> std::result::Result<(), Unread> {
        let mut prefix = [0; PREFIX];
        let [.., low, high] = &mut prefix;
        [*low, *high] = (self.ends.len() as u16).to_le_bytes();
        self.bytes.extend_from_slice(&prefix);
        write(&mut self.bytes)?;
        self.ends.push(self.bytes.len());
        Ok(())
    }

    /// Works out the key's hash, once all columns are taken.
    pub(super) fn finish_key(&mut self, layout: &Layout) {
        if layout.is_keyless() {
            self.key_hash = 0;
            return;
        }
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.shrink_to(KEEP);
        for ordinal in &layout.key {
            let value = self.column_value(*ordinal);
            key.extend_from_slice(&(value.len() as u64).to_le_bytes());
            key.extend_from_slice(value);
        }
        self.key_hash = xxh3_128(&key);
        self.key = key;
        let prefix = self.key_hash.to_le_bytes();
        let mut start = 0;
        for end in &self.ends {
            if let Some(place) = self.bytes.get_mut(start..start + prefix.len()) {
                place.copy_from_slice(&prefix);
            }
            start = *end;
        }
    }

    /// The canonical form of a column.
    pub(super) fn column_value(&self, ordinal: usize) -> &[u8] {
        let start = ordinal.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or(0) + PREFIX;
        self.ends.get(ordinal).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default()
    }

    /// The hash of the key; the same for all rows where there is none.
    pub(super) fn key_hash(&self) -> u128 {
        self.key_hash
    }

    /// The hash of key, ordinal and value of each column.
    #[inline]
    pub(super) fn column_hashes(&self) -> impl Iterator<Item = u128> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let frame = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            xxh3_128(frame)
        })
    }

    /// The hash of the row as a whole, which ties its values together without a key.
    pub(super) fn row_hash(&self) -> u128 {
        self.column_hashes().fold(0, |sum, hash| {
            let mut pair = [0; 32];
            let (first, second) = pair.split_at_mut(16);
            first.copy_from_slice(&sum.to_le_bytes());
            second.copy_from_slice(&hash.to_le_bytes());
            xxh3_128(&pair)
        })
    }

    /// The sum of the hashes: what a row with a key adds to a bucket. The key in each hash ties
    /// them together, and the ordinal keeps equal values of two columns apart.
    pub(super) fn hash_sum(&self) -> u128 {
        self.column_hashes().fold(0, u128::wrapping_add)
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes the values have in canonical form.
    pub(super) fn canonical_size(&self) -> u64 {
        (self.bytes.len() - self.ends.len() * PREFIX) as u64
    }
}

/// What is done with each row that is read.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Row) -> Result<()>;
