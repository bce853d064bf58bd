//! `bytea` of bytes that SQLite has as text: hexadecimal digits or base64.

use super::refuse::refuse_showing_size;
use super::uuid::hex_value;
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

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
