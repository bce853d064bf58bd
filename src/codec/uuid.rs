//! `uuid`: sixteen bytes, as text or as themselves.

use super::refuse::refuse_showing_shape;
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

const TEXT: &str = "a UUID of 32 hexadecimal digits";

/// `uuid` stored as text: 32 hexadecimal digits, hyphens between groups of four, braces around.
///
/// # Errors
/// When the value is anything else (`J6`), its 16 bytes too (`J7`).
#[inline]
pub fn uuid(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Text(bytes) => match parse_usual_form(bytes).or_else(|| parse_any_form(bytes)) {
            Some(uuid) => {
                out.write_field(&uuid);
                Ok(())
            }
            None => Err(refuse_showing_shape(Id::J6, TEXT, cell)),
        },
        Cell::Blob(bytes) if bytes.len() == 16 => Err(refuse_showing_shape(Id::J7, TEXT, cell)),
        _ => Err(refuse_showing_shape(Id::J6, TEXT, cell)),
    }
}

/// `uuid` stored as a blob of its 16 bytes, in the order of the text.
///
/// # Errors
/// When the value is anything else (`J7`).
#[inline]
pub fn uuid_blob(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Blob(bytes) if bytes.len() == 16 => {
            out.write_field(bytes);
            Ok(())
        }
        _ => Err(refuse_showing_shape(Id::J7, "a blob of 16 bytes", cell)),
    }
}

/// `uuid` stored as a blob of its 16 bytes, the first three fields (4, 2 and 2 bytes) with the
/// lowest byte first: what .NET's `Guid.ToByteArray` gives.
///
/// # Errors
/// When the value is anything else (`J7`).
#[inline]
pub fn uuid_guid_le(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Blob([d, c, b, a, f, e, h, g, rest @ ..]) if rest.len() == 8 => {
            let mut uuid = [*a, *b, *c, *d, *e, *f, *g, *h, 0, 0, 0, 0, 0, 0, 0, 0];
            if let Some(end) = uuid.last_chunk_mut::<8>() {
                end.copy_from_slice(rest);
            }
            out.write_field(&uuid);
            Ok(())
        }
        _ => Err(refuse_showing_shape(Id::J7, "a blob of 16 bytes", cell)),
    }
}

/// The usual form, 8-4-4-4-12.
#[inline]
fn parse_usual_form(bytes: &[u8]) -> Option<[u8; 16]> {
    let (a, rest) = bytes.split_first_chunk::<8>()?;
    let (b, rest) = rest.split_first_chunk::<5>()?;
    let (c, rest) = rest.split_first_chunk::<5>()?;
    let (d, rest) = rest.split_first_chunk::<5>()?;
    let (e, rest) = rest.split_first_chunk::<13>()?;
    let ([b'-', b @ ..], [b'-', c @ ..], [b'-', d @ ..], [b'-', e @ ..], []) = (b, c, d, e, rest)
    else {
        return None;
    };
    let mut uuid = [0; 16];
    let mut bad = 0;
    let pairs = [&a[..], b, c, d, e];
    let pairs = pairs.iter().flat_map(|group| group.as_chunks::<2>().0);
    for (byte, [high, low]) in uuid.iter_mut().zip(pairs) {
        let (high, low) = (hex_value(*high), hex_value(*low));
        bad |= high | low;
        *byte = high << 4 | low & 15;
    }
    (bad < 16).then_some(uuid)
}

/// Every form that PostgreSQL reads.
#[inline(never)]
fn parse_any_form(bytes: &[u8]) -> Option<[u8; 16]> {
    let mut rest = match bytes {
        [b'{', inner @ .., b'}'] => inner,
        _ => bytes,
    };
    let mut uuid = [0; 16];
    for (index, byte) in uuid.iter_mut().enumerate() {
        // Groups have two bytes; a hyphen may stand between two of them.
        if index > 0 && index % 2 == 0 {
            rest = rest.strip_prefix(b"-").unwrap_or(rest);
        }
        let [high, low, after @ ..] = rest else { return None };
        let (high, low) = (hex_value(*high), hex_value(*low));
        if high | low > 15 {
            return None;
        }
        *byte = high << 4 | low;
        rest = after;
    }
    rest.is_empty().then_some(uuid)
}

/// The value of a hexadecimal digit; 16 or more for anything else.
#[inline]
pub(super) fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 16,
    }
}
