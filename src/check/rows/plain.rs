//! Plain values: no two of them that SQLite tells apart become one in PostgreSQL.
//!
//! What SQLite keeps unique stays unique where every value of its columns is plain. Most columns
//! hold nothing else, whatever their type would allow: only the rows tell, and they are read
//! anyway. Texts of a UTF-16 file are never plain: reading them may make two of them one.

use model::{Stored, Type};

use crate::codec::Cell;

/// Says whether a value is plain.
pub type Plain = fn(Cell<'_>) -> bool;

/// The plain values of a column; all others may meet them, or each other, after conversion.
pub fn plain_predicate(ty: Type, stored: Stored) -> Plain {
    match (ty, stored) {
        (Type::Int2 | Type::Int4 | Type::Int8 | Type::Bool | Type::Numeric(_), _) => is_integer,
        // SQLite compares the two classes exactly; a float4 may be the nearest of several doubles.
        (Type::Float8, _) => is_number,
        (Type::Text | Type::Varchar(_) | Type::Char(_), digits) if is_written_blob(digits) => {
            is_blob
        }
        (Type::Citext, Stored::BlobAsHex) => is_blob,
        (Type::Citext, Stored::BlobAsBase64) => |_| false,
        (Type::Text | Type::Varchar(_) | Type::Enum(_), _) => is_text,
        (Type::Char(_), _) => is_unpadded_text,
        (Type::Citext, _) => is_lower_case_ascii,
        (Type::Uuid, Stored::Text) => is_hyphenated_uuid,
        (Type::Uuid, Stored::Blob | Stored::GuidLe) | (Type::Bytea, Stored::Blob) => is_blob,
        (Type::Bytea, Stored::Hex) => is_lower_case_hex,
        (Type::Bytea, Stored::Base64) => is_padded_base64,
        (Type::Date, Stored::Text) => is_iso_date,
        (Type::Date, counted) if counted.counts_since_a_day() => is_integer,
        (Type::Date | Type::Timestamp | Type::Timestamptz, digits) if digits.is_compact() => {
            is_integer
        }
        (Type::Timestamp | Type::Timestamptz, Stored::UnixS | Stored::UnixMs | Stored::UnixUs)
        | (Type::Timestamp | Type::Timestamptz, Stored::AppleS | Stored::WebkitUs) => is_integer,
        (Type::Timestamp | Type::Timestamptz, Stored::Text | Stored::TextUtc) => is_utc_timestamp,
        (Type::Interval, Stored::Microseconds | Stored::Milliseconds | Stored::Seconds) => {
            is_integer
        }
        _ => |_| false,
    }
}

fn is_written_blob(stored: Stored) -> bool {
    matches!(stored, Stored::BlobAsHex | Stored::BlobAsBase64)
}

fn is_integer(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Integer(_))
}

fn is_number(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Integer(_) | Cell::Real(_))
}

fn is_text(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Text(_))
}

fn is_blob(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Blob(_))
}

/// What `char(n)` pads would be equal with and without blanks at its end.
fn is_unpadded_text(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Text(bytes) if bytes.last() != Some(&b' '))
}

/// What is lower-case already is kept apart; other letters than ASCII's are the server's to fold.
fn is_lower_case_ascii(cell: Cell<'_>) -> bool {
    let folded = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    matches!(cell, Cell::Text(bytes) if bytes.iter().all(folded))
}

/// One of the many ways to write a UUID.
fn is_hyphenated_uuid(cell: Cell<'_>) -> bool {
    let Cell::Text(bytes) = cell else { return false };
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Digits alone, in lower case: one of the ways to write bytes.
fn is_lower_case_hex(cell: Cell<'_>) -> bool {
    let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(cell, Cell::Text(bytes) if bytes.iter().all(digit))
}

/// Whole groups of four in the standard alphabet.
fn is_padded_base64(cell: Cell<'_>) -> bool {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    matches!(cell, Cell::Text(bytes) if bytes.len() % 4 == 0 && bytes.iter().all(digit))
}

/// `2024-01-02`: what is taken of that length has no other form.
fn is_iso_date(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Text(bytes) if bytes.len() == 10)
}

/// `2024-01-02T03:04:05Z`: one of the many ways to write a time, neither 24:00 nor a second 60.
fn is_utc_timestamp(cell: Cell<'_>) -> bool {
    let Cell::Text(bytes) = cell else { return false };
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let usual = [(10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    let usual = bytes.len() == 20 && usual.iter().all(|(index, byte)| at(*index) == *byte);
    usual && at(17) < b'6' && (at(11), at(12)) < (b'2', b'4')
}
