//! Refusals: what is said about a value that is not taken, without saying the value.
//!
//! Numbers are shown as they are. Text is shown by its shape where a column holds numbers, times
//! or ids, and by its length alone where it may be anything.

use std::borrow::Cow;

use super::{Cell, Refused};
use crate::diagnostic::Id;

/// So many characters of a shape say enough.
const SHAPE_MAX: usize = 40;

/// Refuses a value of a column of numbers, times, ids: text is shown by its shape.
#[cold]
#[inline(never)]
pub(super) fn shaped(id: Id, expected: impl Into<Cow<'static, str>>, cell: Cell<'_>) -> Refused {
    let found = match cell {
        Cell::Text(bytes) => shape(bytes),
        other => size(other),
    };
    refusal(id, expected, cell, found)
}

/// Refuses a value of a column that may hold anything: text is shown by its length.
#[cold]
#[inline(never)]
pub(super) fn sized(id: Id, expected: impl Into<Cow<'static, str>>, cell: Cell<'_>) -> Refused {
    refusal(id, expected, cell, size(cell))
}

/// Refuses text for what stands at one place of it: `with a NUL`, `not JSON`.
#[cold]
#[inline(never)]
pub(super) fn placed(
    id: Id,
    expected: &'static str,
    cell: Cell<'_>,
    trouble: &str,
    offset: usize,
) -> Refused {
    refusal(id, expected, cell, format!("{} {trouble} at byte {offset}", size(cell)))
}

/// NULL is no codec's business; one that meets it all the same says what [`super::Row`] says.
fn refusal(
    id: Id,
    expected: impl Into<Cow<'static, str>>,
    cell: Cell<'_>,
    found: String,
) -> Refused {
    match cell {
        Cell::Null => Refused { id: Id::K14, expected: "a value".into(), found },
        _ => Refused { id, expected: expected.into(), found },
    }
}

/// The storage class, with the number itself or the length.
fn size(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "NULL".into(),
        Cell::Integer(value) => format!("integer {value}"),
        Cell::Real(value) => format!("real {value:?}"),
        Cell::Text(bytes) => format!("text of {} bytes", bytes.len()),
        Cell::Blob(bytes) => format!("blob of {} bytes", bytes.len()),
    }
}

/// Letters as `a` and `A`, digits as `9`, punctuation and spaces as they are.
fn shape(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "empty text".into();
    }
    // A character has at most four bytes, so this is enough of them.
    let head = bytes.get(..4 * SHAPE_MAX + 4).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    let mut shape: String = text.chars().take(SHAPE_MAX).map(blank).collect();
    if text.chars().nth(SHAPE_MAX).is_some() {
        shape.pop();
        shape.push('…');
    }
    format!("text like {shape}")
}

/// One character of a shape.
fn blank(character: char) -> char {
    match character {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        ' ' => ' ',
        c if c.is_ascii_graphic() => c,
        _ => '?',
    }
}
