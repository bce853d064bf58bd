//! `bytea` of bytes that SQLite has as text, hexadecimal digits or base64, and such text of bytes.

use super::refuse::refuse_showing_size;
use super::uuid::hex_value;
use super::{Cell, Codec, Out, Refused};
use crate::diagnostic::{Found, Id};

/// `bytea` stored as hexadecimal digits, behind `\x` or `0x` or nothing.
///
/// # Errors
/// When the value is anything else (`J11`).
#[inline]
pub fn bytea_hex(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let digits = match cell {
        Cell::Text([b'\\' | b'0', b'x' | b'X', digits @ ..]) => digits,
        Cell::Text(digits) => digits,
        _ => return Err(refuse_showing_size(Id::J11, HEX, cell)),
    };
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(refuse_showing_size(Id::J11, HEX, cell));
    }
    let values = pairs.iter().map(|[high, low]| hex_value(*high) << 4 | hex_value(*low));
    out.write_field_with(|bytes| bytes.extend(values));
    Ok(())
}

const HEX: &str = "an even number of hexadecimal digits";

/// `bytea` stored as base64 of either alphabet, padded in full or not at all; line ends do not
/// count.
///
/// # Errors
/// When the value is anything else (`J11`).
#[inline]
pub fn bytea_base64(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let before = out.bytes().len();
    let mut taken = None;
    if let Cell::Text(text) = cell {
        out.write_field_with(|bytes| taken = decode_base64(text, bytes));
    }
    taken.ok_or_else(|| {
        out.truncate(before);
        refuse_showing_size(Id::J11, "base64 text", cell)
    })
}

/// Appends what a text writes; none where it is not the one way to write it in its alphabet.
fn decode_base64(text: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let (mut held, mut bits) = (0_u32, 0_u32);
    let (mut digits, mut padding) = (0_usize, 0_usize);
    let (mut standard, mut url) = (false, false);
    for byte in text {
        let value = match byte {
            b'\n' | b'\r' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        standard |= matches!(byte, b'+' | b'/');
        url |= matches!(byte, b'-' | b'_');
        if padding > 0 {
            return None;
        }
        held = held << 6 | u32::from(value);
        bits += 6;
        digits += 1;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    let missing = digits.next_multiple_of(4) - digits;
    let padded = padding == 0 || padding == missing;
    let exact = held == 0 && missing < 3 && padded && !(standard && url);
    exact.then_some(())
}

/// `text` and `citext` of a blob's hexadecimal digits, in lower case.
///
/// # Errors
/// When the value is no blob (`J11`).
#[inline]
pub fn hex_of_blob(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_digits(out, cell, write_hex, usize::MAX)
}

/// `text` and `citext` of a blob in padded base64 of the standard alphabet.
///
/// # Errors
/// When the value is no blob (`J11`).
#[inline]
pub fn base64_of_blob(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_digits(out, cell, write_base64, usize::MAX)
}

/// `varchar(limit)` and `char(limit)` of a blob's hexadecimal digits.
///
/// The returned codec refuses what [`hex_of_blob`] refuses, and more than `limit` digits (`T7`).
pub fn hex_of_blob_within(limit: u32) -> impl Codec + Copy {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    move |out: &mut Out, cell: Cell<'_>| put_digits(out, cell, write_hex, limit)
}

/// `varchar(limit)` and `char(limit)` of a blob in base64.
///
/// The returned codec refuses what [`base64_of_blob`] refuses, and more than `limit` characters
/// (`T7`).
pub fn base64_of_blob_within(limit: u32) -> impl Codec + Copy {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    move |out: &mut Out, cell: Cell<'_>| put_digits(out, cell, write_base64, limit)
}

/// Writes a blob's digits as the field, where they are not too many.
fn put_digits(
    out: &mut Out,
    cell: Cell<'_>,
    write: fn(&[u8], &mut Vec<u8>),
    limit: usize,
) -> Result<(), Refused> {
    let Cell::Blob(blob) = cell else { return Err(refuse_showing_size(Id::J11, "a blob", cell)) };
    let before = out.bytes().len();
    out.write_field_with(|bytes| write(blob, bytes));
    let length = out.bytes().len() - before - 4;
    if length > limit {
        out.truncate(before);
        return Err(Refused {
            id: Id::T7,
            expected: format!("text of at most {limit} characters").into(),
            found: Found::Characters(length),
        });
    }
    Ok(())
}

fn write_hex(blob: &[u8], text: &mut Vec<u8>) {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    text.extend(blob.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

fn write_base64(blob: &[u8], text: &mut Vec<u8>) {
    let digit = |value: u32| match (value & 63) as u8 {
        value @ 0..=25 => b'A' + value,
        value @ 26..=51 => b'a' + value - 26,
        value @ 52..=61 => b'0' + value - 52,
        62 => b'+',
        _ => b'/',
    };
    for chunk in blob.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        let four = [18, 12, 6, 0].map(|shift| digit(bits >> shift));
        let written = chunk.len() + 1;
        text.extend(four.iter().take(written));
        text.extend(std::iter::repeat_n(b'=', 4 - written));
    }
}
