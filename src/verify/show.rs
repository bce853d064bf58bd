//! Keys as people read them, written from the canonical form, so that source and target
//! name a row alike.
//!
//! Keys may be named, other values never are. A key that is text is shown when it looks like an
//! identifier; other text may be a person's, and is only distinguished by a hash.

use super::form::VALUE;
use super::time::UNIX_DAYS;
use jiff::{SignedDuration, Timestamp, civil::date};
use model::{Column, Type};
use std::fmt::Write;
use xxhash_rust::xxh3::xxh3_64;

/// Identifiers are not longer than this.
const IDENTIFIER_MAX: usize = 40;

/// The columns of a key with their values: `id 17`, or `app 17, user 4`.
pub fn show_key<'a>(parts: impl Iterator<Item = (&'a Column, &'a [u8])>) -> String {
    let mut text = String::new();
    for (column, form) in parts {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{} {}", column.name, show_value(column.ty, form));
    }
    text
}

/// A value of a key.
pub fn show_value(ty: Type, form: &[u8]) -> String {
    let [VALUE, bytes @ ..] = form else { return "NULL".to_owned() };
    let long = bytes.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
    match ty {
        Type::Bool => (bytes == [1]).to_string(),
        Type::Int2 | Type::Int4 | Type::Int8 => long.to_string(),
        Type::Date => show_day(long),
        Type::Timestamp | Type::Timestamptz => show_moment(long),
        Type::Uuid => uuid::Uuid::from_slice(bytes)
            .map_or_else(|_| show_bytes(bytes), |uuid| uuid.to_string()),
        Type::Numeric(_) => show_decimal(bytes).unwrap_or_else(|| show_bytes(bytes)),
        Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) | Type::Enum(_) => {
            let mark = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(byte);
            match std::str::from_utf8(bytes) {
                Ok(text) if (1..=IDENTIFIER_MAX).contains(&text.len()) => {
                    if bytes.iter().all(mark) { text.to_owned() } else { show_bytes(bytes) }
                }
                _ => show_bytes(bytes),
            }
        }
        Type::Float4 | Type::Float8 | Type::Bytea | Type::Json | Type::Jsonb => show_bytes(bytes),
        Type::Time | Type::Interval | Type::Inet | Type::Cidr | Type::Array(_) => show_bytes(bytes),
        Type::ReadByServer(_) => show_bytes(bytes),
    }
}

fn show_bytes(bytes: &[u8]) -> String {
    format!("of {}, hash {:08x}", crate::text::count_bytes(bytes), xxh3_64(bytes) >> 32)
}

fn show_day(days: i64) -> String {
    let hours = days.checked_mul(24).map(SignedDuration::from_hours);
    let date = hours.and_then(|hours| date(2000, 1, 1).checked_add(hours).ok());
    date.map_or_else(|| format!("{days} days after 2000-01-01"), |date| date.to_string())
}

fn show_moment(micros: i64) -> String {
    let since_unix = micros.checked_add(UNIX_DAYS * super::time::DAY);
    let time = since_unix.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    time.map_or_else(|| format!("{micros} microseconds after 2000-01-01"), |time| time.to_string())
}

/// A decimal from mark, sign, exponent and digits.
fn show_decimal(bytes: &[u8]) -> Option<String> {
    let [_, sign, rest @ ..] = bytes else { return None };
    let (exponent, digits) = rest.split_first_chunk()?;
    let (exponent, digits) = (i64::from_le_bytes(*exponent), std::str::from_utf8(digits).ok()?);
    let sign = if *sign == 1 { "-" } else { "" };
    let digits = if digits.is_empty() { "0" } else { digits };
    Some(match exponent {
        0 => format!("{sign}{digits}"),
        exponent => format!("{sign}{digits}e{exponent}"),
    })
}
