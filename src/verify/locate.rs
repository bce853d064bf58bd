//! Names rows in which source and target differ, once a digest has shown that they do.
//!
//! Both are read twice more. The first time rows are summed into buckets by the hash of
//! their key, the second time the rows of a few buckets that differ are kept and compared; so
//! what is held does not grow with the table but for its share of those buckets.

use super::repair::TableJudge;
use super::row::{Layout, Row};
use super::server_text::print_texts;
use super::{show, source, target};
use crate::diagnostic::Result;
use model::{Column, Table};
use postgres::GenericClient;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fmt;

/// So many rows are named at most.
const NAMED_MAX: usize = 5;
/// Bits of the key's hash that choose a bucket.
const BUCKET_BITS: u32 = 16;

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The key's columns and values.
    pub key: String,
    /// In what it differs.
    pub what: What,
}

/// In what a row differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// SQLite has the key so many times, PostgreSQL so many; once each is the usual.
    Count {
        /// Times in SQLite.
        source: u64,
        /// Times in PostgreSQL.
        target: u64,
    },
    /// Both have the key, with other values in these columns.
    Columns(Vec<&'static str>),
}

/// A key's rows in source and target.
#[derive(Default)]
struct KeyRows {
    key: String,
    count: [u64; 2],
    /// Sums of the hashes of each column.
    columns: [Vec<u128>; 2],
}

/// Names up to five keys at which source and target differ; none in a table without a key.
///
/// # Errors
/// When an end cannot be read, or when `stop` says so.
#[cfg(feature = "internals")]
pub fn locate_differences(
    connection: &Connection,
    client: &mut impl GenericClient,
    schema: &str,
    table: &Table,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Located>> {
    locate_differences_after_repairs(connection, client, schema, table, None, stop)
}

/// The same where repairs change what is read of the source.
///
/// # Errors
/// As [`locate_differences`].
pub fn locate_differences_after_repairs(
    connection: &Connection,
    client: &mut impl GenericClient,
    schema: &str,
    table: &Table,
    judge: Option<&TableJudge<'_>>,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Located>> {
    let layout = Layout::of_table(table);
    if layout.is_keyless() {
        return Ok(Vec::new());
    }
    let mut buckets: Vec<u128> = vec![0; 1 << BUCKET_BITS];
    let print =
        &mut |column: &Column, texts: &[String]| print_texts(client, table.name, column, texts);
    source::for_each_row(connection, table, &layout, judge, print, stop, &mut |row| {
        if let Some(sum) = buckets.get_mut(bucket_of_row(row)) {
            *sum = sum.wrapping_add(row.hash_sum());
        }
        Ok(())
    })?;
    target::for_each_row(client, schema, &layout, stop, &mut |row| {
        if let Some(sum) = buckets.get_mut(bucket_of_row(row)) {
            *sum = sum.wrapping_sub(row.hash_sum());
        }
        Ok(())
    })?;
    let differ = buckets.iter().enumerate().filter(|(_, sum)| **sum != 0);
    let differ: Vec<usize> = differ.map(|(bucket, _)| bucket).take(NAMED_MAX).collect();
    let mut found_keys: BTreeMap<u128, KeyRows> = BTreeMap::new();
    let print =
        &mut |column: &Column, texts: &[String]| print_texts(client, table.name, column, texts);
    source::for_each_row(connection, table, &layout, judge, print, stop, &mut |row| {
        keep_row_of_bucket::<0>(&mut found_keys, &differ, &layout, row);
        Ok(())
    })?;
    target::for_each_row(client, schema, &layout, stop, &mut |row| {
        keep_row_of_bucket::<1>(&mut found_keys, &differ, &layout, row);
        Ok(())
    })?;
    let located = found_keys.into_values().filter_map(|rows| located_difference(rows, &layout));
    Ok(located.take(NAMED_MAX).collect())
}

fn bucket_of_row(row: &Row) -> usize {
    (row.key_hash() >> (128 - BUCKET_BITS)) as usize
}

/// Keeps a row of source (0) or target (1) when it is in one of the buckets.
fn keep_row_of_bucket<const END: usize>(
    found_keys: &mut BTreeMap<u128, KeyRows>,
    differ: &[usize],
    layout: &Layout,
    row: &Row,
) {
    if !differ.contains(&bucket_of_row(row)) {
        return;
    }
    let key_rows = found_keys.entry(row.key_hash()).or_insert_with(|| {
        let part =
            |ordinal: &usize| Some((*layout.columns.get(*ordinal)?, row.column_value(*ordinal)));
        KeyRows { key: show::show_key(layout.key.iter().filter_map(part)), ..KeyRows::default() }
    });
    if let (Some(count), Some(sums)) = (key_rows.count.get_mut(END), key_rows.columns.get_mut(END))
    {
        *count += 1;
        sums.resize(layout.columns.len(), 0);
        for (sum, hash) in sums.iter_mut().zip(row.column_hashes()) {
            *sum = sum.wrapping_add(hash);
        }
    }
}

fn located_difference(key_rows: KeyRows, layout: &Layout) -> Option<Located> {
    let [source, target] = key_rows.count;
    if source != target {
        return Some(Located { key: key_rows.key, what: What::Count { source, target } });
    }
    let [source_sums, target_sums] = &key_rows.columns;
    let pairs = layout.columns.iter().zip(source_sums.iter().zip(target_sums));
    let differ = pairs.filter(|(_, (source_sums, target_sums))| source_sums != target_sums);
    let names: Vec<_> = differ.map(|(column, _)| column.name).collect();
    if names.is_empty() {
        return None;
    }
    Some(Located { key: key_rows.key, what: What::Columns(names) })
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.what {
            What::Count { source: 1, target: 0 } => write!(f, "{key}: only in SQLite"),
            What::Count { source: 0, target: 1 } => write!(f, "{key}: only in PostgreSQL"),
            What::Count { source, target } => {
                write!(f, "{key}: {source} times in SQLite, {target} times in PostgreSQL")
            }
            What::Columns(names) => write!(f, "{key}: other values in {}", names.join(", ")),
        }
    }
}
