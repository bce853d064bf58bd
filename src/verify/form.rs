//! The parts of the canonical form that both readers write.
//!
//! A value is a mark and then: one byte for a boolean, eight for whole numbers, times and doubles,
//! the bytes of text and blobs, what [`decimal`](super::decimal) writes for exact decimals, what
//! [`json`](super::json) writes for `jsonb`, and for arrays the count and each element framed.

use super::Unread;
use super::decimal::{Decimal, Notation};

/// The first byte of a NULL, which is all of it.
pub const NULL: u8 = 0;
/// The first byte of every other value.
pub const VALUE: u8 = 1;
/// Marks a `numeric` or a JSON number.
pub const NUMBER: u8 = b'#';
/// Marks what is no number where a number could stand.
pub const TEXT: u8 = b'"';

/// Appends the form of `json`: the text as it is, but a number alone by its value, because it may
/// have been a number in SQLite, and has then no text of its own.
pub(super) fn append_json_text(text: &[u8], decimal: &mut Decimal, out: &mut Vec<u8>) {
    let numeric = text.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
    if numeric && decimal.read_text(text, Notation::Exponent) {
        out.push(NUMBER);
        decimal.append_canonical(out);
    } else {
        out.push(TEXT);
        out.extend_from_slice(text);
    }
}

/// Marks the number of dimensions, where it is more than one.
const DIMENSIONS: u32 = 0x8000_0000;

/// Appends how long each dimension of an array is, for one dimension its length alone.
pub(super) fn append_shape(lengths: &[u32], out: &mut Vec<u8>) {
    if let [length] = lengths {
        out.extend_from_slice(&length.to_le_bytes());
        return;
    }
    let dimensions = u32::try_from(lengths.len()).unwrap_or_default();
    for word in std::iter::once(DIMENSIONS | dimensions).chain(lengths.iter().copied()) {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// So many bytes of an array's form say its shape.
pub(super) fn shape_length(form: &[u8]) -> Option<usize> {
    let first = u32::from_le_bytes(*form.first_chunk()?);
    let dimensions = if first & DIMENSIONS == 0 { 0 } else { first & !DIMENSIONS };
    usize::try_from(dimensions).ok()?.checked_mul(4)?.checked_add(4)
}

/// Appends something with its length in front.
pub(super) fn append_with_length(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Unread>,
) -> Result<(), Unread> {
    let start = out.len();
    out.extend_from_slice(&[0; 8]);
    write(out)?;
    let length = (out.len() - start - 8) as u64;
    if let Some(place) = out.get_mut(start..start + 8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

/// Drops spaces at the end; a tag always stands before the text, so they are the text's.
pub(super) fn trim_trailing_spaces(out: &mut Vec<u8>) {
    while out.last() == Some(&b' ') {
        out.pop();
    }
}
