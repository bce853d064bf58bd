//! Bytes as SQLite stores them: themselves, or text that writes them, and such text of blobs.

use crate::verify::Unread;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use model::{Stored, Type};
use rusqlite::types::ValueRef;

/// Appends the bytes of a `bytea`.
///
/// # Errors
/// When the rules do not take the value.
pub(super) fn append_bytes(
    stored: Stored,
    value: ValueRef<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Unread> {
    match (stored, value) {
        (Stored::Hex, ValueRef::Text(text)) => {
            let marks: [&[u8]; 4] = [b"\\x", b"\\X", b"0x", b"0X"];
            let digits = marks.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text);
            out.extend(hex::decode(digits).map_err(|_| "not hexadecimal digits")?);
        }
        (Stored::Base64, ValueRef::Text(text)) => {
            let text: Vec<u8> =
                text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
            let url = text.iter().any(|byte| b"-_".contains(byte));
            let engine = match (url, text.contains(&b'=')) {
                (false, true) => STANDARD,
                (false, false) => STANDARD_NO_PAD,
                (true, true) => URL_SAFE,
                (true, false) => URL_SAFE_NO_PAD,
            };
            out.extend(engine.decode(text).map_err(|_| "not base64")?);
        }
        (Stored::Hex | Stored::Base64, _) => return Err("not text"),
        (_, ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => out.extend_from_slice(bytes),
        _ => return Err("a number where bytes are needed"),
    }
    Ok(())
}

/// Appends the text that writes the bytes of a blob.
///
/// # Errors
/// When the rules do not take the value.
pub(super) fn append_digits(
    ty: Type,
    stored: Stored,
    value: ValueRef<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Unread> {
    let ValueRef::Blob(blob) = value else { return Err("not a blob") };
    let text = match stored {
        Stored::BlobAsHex => hex::encode(blob),
        _ => STANDARD.encode(blob),
    };
    match ty {
        Type::Varchar(most) | Type::Char(most) if text.len() > most as usize => {
            Err("text that is too long")
        }
        _ => {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
}
