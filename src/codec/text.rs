//! Text and bytes.

use super::decimal::Printed;
use super::refuse::{refuse_at_place, refuse_showing_shape, refuse_showing_size};
use super::{Cell, Codec, Out, Refused, print};
use crate::diagnostic::{Found, Id};

const EXPECTED: &str = "text";

/// `text` and `citext` stored as text; numbers are printed as SQLite prints them.
///
/// # Errors
/// When the value holds a NUL (`T1`), is not UTF-8 (`T2`) or is a blob (`T5`).
#[inline]
pub fn text(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Text(bytes) => {
            valid_text(bytes, EXPECTED)?;
            out.write_field(bytes);
            Ok(())
        }
        _ => put_unusual_text(out, cell, usize::MAX),
    }
}

/// `varchar(limit)` stored as text.
///
/// The returned codec refuses what [`text`] refuses, and more than `limit` characters (`T7`).
#[inline]
pub fn varchar(limit: u32) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| put_limited_text(out, cell, limit)
}

/// `char(limit)` stored as text; PostgreSQL pads it.
///
/// The returned codec refuses what [`text`] refuses, and more than `limit` characters (`T7`).
#[inline]
pub fn character(limit: u32) -> impl Codec + Copy {
    varchar(limit)
}

#[inline]
fn put_limited_text(out: &mut Out, cell: Cell<'_>, limit: u32) -> Result<(), Refused> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    match cell {
        Cell::Text(bytes) => {
            let text = valid_text(bytes, EXPECTED)?;
            // A character has at least one byte: short text need not be counted.
            if bytes.len() > limit {
                check_length(text, limit)?;
            }
            out.write_field(bytes);
            Ok(())
        }
        _ => put_unusual_text(out, cell, limit),
    }
}

#[inline(never)]
fn check_length(text: &str, limit: usize) -> Result<(), Refused> {
    let length = text.chars().count();
    if length <= limit {
        return Ok(());
    }
    Err(Refused {
        id: Id::T7,
        expected: format!("text of at most {limit} characters").into(),
        found: Found::Characters(length),
    })
}

/// A number in a column of text.
#[inline(never)]
fn put_unusual_text(out: &mut Out, cell: Cell<'_>, limit: usize) -> Result<(), Refused> {
    let fits = |text: &[u8]| match std::str::from_utf8(text) {
        Ok(text) => check_length(text, limit),
        Err(_) => Ok(()),
    };
    match cell {
        Cell::Integer(value) => {
            let printed = Printed::from_arguments(format_args!("{value}"));
            fits(printed.as_bytes())?;
            out.write_field(printed.as_bytes());
        }
        Cell::Real(value) => {
            let printed = print::print_real(value)
                .ok_or_else(|| refuse_showing_size(Id::S4, EXPECTED, cell))?;
            fits(printed.as_bytes())?;
            out.write_field(printed.as_bytes());
        }
        _ => return Err(refuse_showing_size(Id::T5, EXPECTED, cell)),
    }
    out.add_note(Id::S4);
    Ok(())
}

/// Text as PostgreSQL takes it: UTF-8 without a NUL.
#[inline]
pub(super) fn valid_text<'a>(bytes: &'a [u8], expected: &'static str) -> Result<&'a str, Refused> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.contains(&0) => Ok(text),
        _ => Err(refuse_invalid_text(bytes, expected)),
    }
}

#[cold]
#[inline(never)]
fn refuse_invalid_text(bytes: &[u8], expected: &'static str) -> Refused {
    let cell = Cell::Text(bytes);
    match (bytes.iter().position(|byte| *byte == 0), std::str::from_utf8(bytes)) {
        (None, Err(why)) => {
            refuse_at_place(Id::T2, expected, cell, "that is not UTF-8", why.valid_up_to())
        }
        (nul, _) => refuse_at_place(Id::T1, expected, cell, "with a NUL", nul.unwrap_or(0)),
    }
}

/// `bytea` stored as a blob; text is taken as its bytes.
///
/// # Errors
/// When the value is a number (`S1`).
#[inline]
pub fn bytea(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Blob(bytes) => out.write_field(bytes),
        Cell::Text(bytes) => {
            out.write_field(bytes);
            out.add_note(Id::T6);
        }
        _ => return Err(refuse_showing_shape(Id::S1, "a blob", cell)),
    }
    Ok(())
}
