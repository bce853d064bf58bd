//! Refusals: what is said about a value that is not taken, without saying the value.
//!
//! Numbers are shown as they are. Text is shown by its shape where a column holds numbers, times
//! or ids, and by its length alone where it may be anything.

use std::borrow::Cow;

use super::{Cell, Refused};
use crate::diagnostic::{Found, Id, Shape};

/// Refuses a value of a column of numbers, times, ids: text is shown by its shape.
#[cold]
#[inline(never)]
pub(super) fn refuse_showing_shape(
    id: Id,
    expected: impl Into<Cow<'static, str>>,
    cell: Cell<'_>,
) -> Refused {
    let found = match cell {
        Cell::Text([]) => Found::EmptyText,
        Cell::Text(bytes) => Found::TextLike(Shape::of_text(bytes)),
        other => found_size(other),
    };
    refuse_with(id, expected, cell, found)
}

/// Refuses a value of a column that may hold anything: text is shown by its length.
#[cold]
#[inline(never)]
pub(super) fn refuse_showing_size(
    id: Id,
    expected: impl Into<Cow<'static, str>>,
    cell: Cell<'_>,
) -> Refused {
    refuse_with(id, expected, cell, found_size(cell))
}

/// Refuses text for what stands at one place of it: `with a NUL`, `not JSON`.
#[cold]
#[inline(never)]
pub(super) fn refuse_at_place(
    id: Id,
    expected: &'static str,
    cell: Cell<'_>,
    trouble: &'static str,
    offset: usize,
) -> Refused {
    let value = Box::new(found_size(cell));
    refuse_with(id, expected, cell, Found::At { value, trouble, offset })
}

/// NULL is no codec's business; one that meets it all the same says what [`super::Row`] says.
fn refuse_with(
    id: Id,
    expected: impl Into<Cow<'static, str>>,
    cell: Cell<'_>,
    found: Found,
) -> Refused {
    match cell {
        Cell::Null => Refused { id: Id::K14, expected: "a value".into(), found },
        _ => Refused { id, expected: expected.into(), found },
    }
}

/// The storage class, with the number itself or the length.
fn found_size(cell: Cell<'_>) -> Found {
    match cell {
        Cell::Null => Found::Null,
        Cell::Integer(value) => Found::Integer(value),
        Cell::Real(value) => Found::Real(value),
        Cell::Text(bytes) => Found::Text { bytes: bytes.len() },
        Cell::Blob(bytes) => Found::Blob { bytes: bytes.len() },
    }
}
