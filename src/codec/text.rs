//! Text and bytes.

use super::decimal::Printed;
use super::refuse::{placed, shaped, sized};
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
            clean(bytes, EXPECTED)?;
            out.field(bytes);
            Ok(())
        }
        _ => unusual(out, cell, usize::MAX),
    }
}

/// `varchar(limit)` stored as text.
///
/// The returned codec refuses what [`text`] refuses, and more than `limit` characters (`T7`).
#[inline]
pub fn varchar(limit: u32) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| limited(out, cell, limit)
}

/// `char(limit)` stored as text; PostgreSQL pads it.
///
/// The returned codec refuses what [`text`] refuses, and more than `limit` characters (`T7`).
#[inline]
pub fn character(limit: u32) -> impl Codec + Copy {
    varchar(limit)
}

#[inline]
fn limited(out: &mut Out, cell: Cell<'_>, limit: u32) -> Result<(), Refused> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    match cell {
        Cell::Text(bytes) => {
            let text = clean(bytes, EXPECTED)?;
            // A character has at least one byte: short text need not be counted.
            if bytes.len() > limit {
                check_length(text, limit)?;
            }
            out.field(bytes);
            Ok(())
        }
        _ => unusual(out, cell, limit),
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
fn unusual(out: &mut Out, cell: Cell<'_>, limit: usize) -> Result<(), Refused> {
    let fits = |text: &[u8]| match std::str::from_utf8(text) {
        Ok(text) => check_length(text, limit),
        Err(_) => Ok(()),
    };
    match cell {
        Cell::Integer(value) => {
            let printed = Printed::of(format_args!("{value}"));
            fits(printed.bytes())?;
            out.field(printed.bytes());
        }
        Cell::Real(value) => {
            let printed = print::real(value).ok_or_else(|| sized(Id::S4, EXPECTED, cell))?;
            fits(printed.as_bytes())?;
            out.field(printed.as_bytes());
        }
        _ => return Err(sized(Id::T5, EXPECTED, cell)),
    }
    out.note(Id::S4);
    Ok(())
}

/// Text as PostgreSQL takes it: UTF-8 without a NUL.
#[inline]
pub(super) fn clean<'a>(bytes: &'a [u8], expected: &'static str) -> Result<&'a str, Refused> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.contains(&0) => Ok(text),
        _ => Err(unclean(bytes, expected)),
    }
}

#[cold]
#[inline(never)]
fn unclean(bytes: &[u8], expected: &'static str) -> Refused {
    let cell = Cell::Text(bytes);
    match (bytes.iter().position(|byte| *byte == 0), std::str::from_utf8(bytes)) {
        (None, Err(why)) => placed(Id::T2, expected, cell, "that is not UTF-8", why.valid_up_to()),
        (nul, _) => placed(Id::T1, expected, cell, "with a NUL", nul.unwrap_or(0)),
    }
}

/// `bytea` stored as a blob; text is taken as its bytes.
///
/// # Errors
/// When the value is a number (`S1`).
#[inline]
pub fn bytea(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Blob(bytes) => out.field(bytes),
        Cell::Text(bytes) => {
            out.field(bytes);
            out.note(Id::T6);
        }
        _ => return Err(shaped(Id::S1, "a blob", cell)),
    }
    Ok(())
}
