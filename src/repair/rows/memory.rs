//! What was found of rows, on disk: those that go into quarantine, and those whose reference
//! becomes another, or none.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::Work;
use crate::diagnostic::Result;
use crate::keys::{Scratch, scratch_error};
use crate::repair::RepairedValue;

/// Where rows are remembered, shared with the functions that SQLite calls.
pub(super) type Memory = Arc<Mutex<Connection>>;

const TABLES: &str = "\
CREATE TABLE gone (place INTEGER, key BLOB, repair INTEGER, PRIMARY KEY (place, key)) WITHOUT ROWID;
CREATE TABLE nulled (place INTEGER, field INTEGER, key BLOB, repair INTEGER,
    PRIMARY KEY (place, field, key)) WITHOUT ROWID;
CREATE TABLE spelled (place INTEGER, field INTEGER, key BLOB, repair INTEGER, spelling BLOB,
    PRIMARY KEY (place, field, key)) WITHOUT ROWID;
CREATE TABLE refused (place INTEGER, key BLOB, broken INTEGER, PRIMARY KEY (place, key))
    WITHOUT ROWID;
BEGIN";

/// An empty one.
pub(super) fn new() -> Result<Memory> {
    let scratch = Scratch::new(0)?;
    scratch.connection.execute_batch(TABLES).map_err(|error| scratch_error(&error))?;
    Ok(Arc::new(Mutex::new(scratch.connection)))
}

/// A row's key as bytes.
pub(super) fn key_bytes<'v>(values: impl Iterator<Item = ValueRef<'v>>) -> Vec<u8> {
    let mut key = Vec::new();
    for value in values {
        let (class, bytes) = match value {
            ValueRef::Null => (b'n', Vec::new()),
            ValueRef::Integer(value) => (b'i', value.to_be_bytes().to_vec()),
            ValueRef::Real(value) => (b'r', value.to_be_bytes().to_vec()),
            ValueRef::Text(bytes) => (b't', bytes.to_vec()),
            ValueRef::Blob(bytes) => (b'b', bytes.to_vec()),
        };
        key.push(class);
        key.extend_from_slice(&bytes.len().to_be_bytes());
        key.extend_from_slice(&bytes);
    }
    key
}

/// The key in a row, from the place `fields` on.
pub(super) fn key_of_row(work: &Work<'_>, row: &rusqlite::Row<'_>, fields: usize) -> Vec<u8> {
    let values = 0..work.key.columns.len();
    key_bytes(values.map(|at| row.get_ref(fields + at).unwrap_or(ValueRef::Null)))
}

/// The repair that put a row into quarantine.
pub(super) fn quarantine_repair(
    memory: &Memory,
    index: i64,
    key: &[u8],
) -> rusqlite::Result<Option<usize>> {
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "SELECT repair FROM gone WHERE place = ?1 AND key = ?2";
    let mut statement = memory.prepare_cached(sql)?;
    let found = statement.query_row((index, key), |row| row.get(0)).optional()?;
    Ok(found.map(|repair: u32| repair as usize))
}

/// Of a row in quarantine that only the server could name: whether it breaks a rule.
pub(super) fn refused_as_broken(
    memory: &Memory,
    index: i64,
    key: &[u8],
) -> rusqlite::Result<Option<bool>> {
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "SELECT broken FROM refused WHERE place = ?1 AND key = ?2";
    memory.prepare_cached(sql)?.query_row((index, key), |row| row.get(0)).optional()
}

/// Remembers a row that only the server could name; whether it was not yet in quarantine.
pub(super) fn remember_refused_row(
    memory: &Memory,
    index: i64,
    key: &[u8],
    (repair, is_broken): (usize, bool),
) -> Result<bool> {
    let is_new = remember_row(memory, index, key, repair)?;
    if is_new {
        let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "INSERT OR IGNORE INTO refused VALUES (?1, ?2, ?3)";
        let mut statement = memory.prepare_cached(sql).map_err(|error| scratch_error(&error))?;
        statement.execute((index, key, is_broken)).map_err(|error| scratch_error(&error))?;
    }
    Ok(is_new)
}

/// What stands in the place of a row's reference, NULL or the parent's spelling, and the repair
/// that puts it there.
pub(super) fn changed_reference(
    memory: &Memory,
    index: i64,
    field: usize,
    key: &[u8],
) -> rusqlite::Result<Option<(usize, RepairedValue)>> {
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "SELECT repair, NULL FROM nulled WHERE place = ?1 AND field = ?2 AND key = ?3 \
               UNION ALL SELECT repair, spelling FROM spelled \
               WHERE place = ?1 AND field = ?2 AND key = ?3";
    let mut statement = memory.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| {
        let (repair, spelling): (u32, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        Ok((repair as usize, spelling.map_or(RepairedValue::Null, RepairedValue::Text)))
    };
    statement.query_row((index, small_index(field), key), read).optional()
}

/// Remembers how the parent writes what a row refers to; whether that was not yet.
pub(super) fn remember_spelling(
    memory: &Memory,
    (place, field): (i64, usize),
    key: &[u8],
    repair: usize,
    spelling: &[u8],
) -> Result<bool> {
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "INSERT OR IGNORE INTO spelled VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = memory.prepare_cached(sql).map_err(|error| scratch_error(&error))?;
    let values = (place, small_index(field), key, small_index(repair), spelling);
    Ok(statement.execute(values).map_err(|error| scratch_error(&error))? > 0)
}

/// A place in a list, as SQLite keeps it.
pub(super) fn small_index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Remembers a row; whether it was not yet.
pub(super) fn remember_row(memory: &Memory, index: i64, key: &[u8], repair: usize) -> Result<bool> {
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "INSERT OR IGNORE INTO gone VALUES (?1, ?2, ?3)";
    let mut statement = memory.prepare_cached(sql).map_err(|error| scratch_error(&error))?;
    Ok(statement
        .execute((index, key, small_index(repair)))
        .map_err(|error| scratch_error(&error))?
        > 0)
}

/// Remembers a reference that is taken; whether it was not yet.
pub(super) fn remember_null(
    memory: &Memory,
    index: i64,
    field: usize,
    key: &[u8],
    repair: usize,
) -> Result<bool> {
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "INSERT OR IGNORE INTO nulled VALUES (?1, ?2, ?3, ?4)";
    let mut statement = memory.prepare_cached(sql).map_err(|error| scratch_error(&error))?;
    Ok(statement
        .execute((index, small_index(field), key, small_index(repair)))
        .map_err(|error| scratch_error(&error))?
        > 0)
}
