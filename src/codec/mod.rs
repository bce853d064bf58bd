//! The codecs: one function per (type, stored) pair, from a SQLite value to a binary COPY field.
//!
//! A codec takes a value exactly or refuses it; it never guesses, rounds or clamps. What it may
//! change without loss (digits below the microsecond cut toward the past are the one exception,
//! see [`Out::note`]) it notes, and the notes are counted. NULL never reaches a codec:
//! [`Row`] writes it, or refuses it where the column must have a value.
//!
//! Reading tables, naming keys and sending buffers is left to `copy`. Verification shares nothing
//! with this module on purpose.

mod number;
mod out;
mod row;

pub use number::int8;
pub use out::Out;
pub use row::{Refusal, Row};

use std::borrow::Cow;

/// One value as SQLite holds it.
pub type Cell<'a> = rusqlite::types::ValueRef<'a>;

/// Why a codec does not take a value. Never holds the value of text or bytes, only their shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The finding id, as in `docs/findings.md`: `B3`, `D13`, …
    pub id: &'static str,
    /// What the column holds by its description: `0 or 1`, `an integer from -32768 to 32767`.
    pub expected: Cow<'static, str>,
    /// What was found, safe to print: `integer 2`, `text of 3 characters`, `text like 9999-99-99`.
    pub found: String,
}

/// A codec with its parameters bound: what a column is encoded by.
pub trait Codec: Fn(&mut Out, Cell<'_>) -> Result<(), Refused> {}

impl<F: Fn(&mut Out, Cell<'_>) -> Result<(), Refused>> Codec for F {}
