//! Verification: the canonical form of values, what digests tell apart, and a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod canonical;
mod digests;
mod equal_literals;
mod properties;
mod real_server;
mod times;

use connect_migrate::verify::Unread;
use connect_migrate::verify::field;
use connect_migrate::verify::value::Reader;
use model::{Column, Enum, Stored, Table, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

pub const MOOD: Type = Type::Enum(Enum { name: "mood", labels: &["sad", "so so", "happy"] });

/// The canonical form of what SQLite stores.
pub fn stored(ty: Type, stored: Stored, value: ValueRef<'_>) -> Result<Vec<u8>, Unread> {
    let connection = Connection::open_in_memory().unwrap();
    let mut out = Vec::new();
    Reader::new(&connection).append_value(ty, stored, value, &mut out).map(|()| out)
}

/// The canonical form of what PostgreSQL sends.
pub fn sent(ty: Type, field: &[u8]) -> Result<Vec<u8>, Unread> {
    let mut out = Vec::new();
    field::Reader::default().append_field(ty, Some(field), &mut out).map(|()| out)
}

/// A table of these columns.
pub fn table(columns: &[Column], primary_key: &'static [&'static str]) -> Table {
    Table {
        name: "ta\"ble",
        schema: None,
        source: "Table \"1\"",
        columns: columns.to_vec().leak(),
        primary_key,
        uniques: &[],
        indexes: &[],
        foreign_keys: &[],
        checks: &[],
        key_name: None,
        ignored: &[],
        source_key: None,
        rules: &[],
        fire_triggers: &[],
    }
}

pub fn never() -> bool {
    false
}
