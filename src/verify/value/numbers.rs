//! Numbers and booleans as SQLite stores them.

use super::{Reader, trim_white_space};
use crate::verify::Unread;
use crate::verify::decimal::{Notation, shortest_text};
use crate::verify::form::{NUMBER, TEXT};
use model::{Stored, Type};
use rusqlite::types::ValueRef;

/// Text for numbers is not longer than this.
const NUMBER_MAX: usize = 1000;
/// The form of a NaN of `numeric`, by its sign on the wire.
const NUMERIC_NAN: [u8; 3] = [TEXT, 0xc0, 0];
/// Whole doubles up to this are exact integers.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Reader<'_> {
    pub(super) fn read_f64(&mut self, value: ValueRef<'_>) -> Result<f64, Unread> {
        match value {
            ValueRef::Real(real) => Ok(real),
            ValueRef::Integer(integer) => {
                let real = integer as f64;
                let exact = real as i128 == i128::from(integer);
                if exact {
                    Ok(real)
                } else {
                    Err("an integer that double precision cannot represent")
                }
            }
            ValueRef::Text(text) => {
                let text = trim_white_space(text);
                self.read_decimal(text, Notation::Exponent)?;
                let parsed = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
                let real: f64 = parsed.ok_or("not a number")?;
                if real.is_infinite() || (real == 0.0 && !self.decimal.is_zero()) {
                    return Err("a number beyond the range of double precision");
                }
                Ok(real)
            }
            _ => Err("not a number"),
        }
    }

    /// A double that a float4 is, or that says in decimal what the nearest float4 says.
    pub(super) fn read_f32(&mut self, value: ValueRef<'_>) -> Result<f32, Unread> {
        let double = self.read_f64(value)?;
        let single = double as f32;
        if f64::from(single) == double {
            return Ok(single);
        }
        if shortest_text(single) == shortest_text(double) {
            Ok(single)
        } else {
            Err("a number that float4 would change")
        }
    }

    pub(super) fn append_numeric(
        &mut self,
        value: ValueRef<'_>,
        limits: Option<(u16, u16)>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        match value {
            ValueRef::Integer(integer) => self.decimal.set_integer(integer),
            ValueRef::Real(real) if self.decimal.set_real(real) => {}
            ValueRef::Text(text) => {
                self.read_decimal(trim_white_space(text), Notation::Exponent)?
            }
            _ => return Err("not a number"),
        }
        if !self.decimal.fits_limits(limits) {
            return Err("a number that numeric would change");
        }
        out.push(NUMBER);
        self.decimal.append_canonical(out);
        Ok(())
    }

    pub(super) fn read_decimal(&mut self, text: &[u8], notation: Notation) -> Result<(), Unread> {
        let read = text.len() <= NUMBER_MAX && self.decimal.read_text(text, notation);
        if read { Ok(()) } else { Err("not a number") }
    }
}

/// Appends what a word of text means that is no number; `false` where the value is no such word.
pub(super) fn append_word(
    ty: Type,
    value: ValueRef<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, Unread> {
    let ValueRef::Text(text) = value else { return Ok(false) };
    let word = trim_white_space(text).to_ascii_lowercase();
    let number = match word.as_slice() {
        b"nan" => f64::NAN,
        b"inf" | b"infinity" | b"+inf" | b"+infinity" => f64::INFINITY,
        b"-inf" | b"-infinity" => f64::NEG_INFINITY,
        _ => return Ok(false),
    };
    match ty {
        Type::Float4 => out.extend_from_slice(&(number as f32).to_bits().to_le_bytes()),
        Type::Float8 => out.extend_from_slice(&number.to_bits().to_le_bytes()),
        _ if number.is_nan() => out.extend_from_slice(&NUMERIC_NAN),
        _ => return Err("an infinity, which numeric cannot hold"),
    }
    Ok(true)
}

pub(super) fn read_bool(stored: Stored, value: ValueRef<'_>) -> Result<bool, Unread> {
    let value = match (stored, value) {
        (Stored::Blob, ValueRef::Blob([0])) => return Ok(false),
        (Stored::Blob, ValueRef::Blob([1])) => return Ok(true),
        (Stored::Blob, ValueRef::Blob(word)) => ValueRef::Text(word),
        (_, value) => value,
    };
    const TRUE: [&[u8]; 6] = [b"t", b"true", b"y", b"yes", b"on", b"1"];
    const FALSE: [&[u8]; 6] = [b"f", b"false", b"n", b"no", b"off", b"0"];
    match value {
        ValueRef::Integer(0) => Ok(false),
        ValueRef::Integer(1) => Ok(true),
        ValueRef::Real(0.0) => Ok(false),
        ValueRef::Real(1.0) => Ok(true),
        ValueRef::Text(text) => {
            let word = trim_white_space(text);
            let among = |words: [&[u8]; 6]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
            match (among(TRUE), among(FALSE)) {
                (true, _) => Ok(true),
                (_, true) => Ok(false),
                _ => Err("not a boolean"),
            }
        }
        _ => Err("not a boolean"),
    }
}

pub(super) fn append_integer(
    value: ValueRef<'_>,
    min: i64,
    max: i64,
    out: &mut Vec<u8>,
) -> Result<(), Unread> {
    let integer = match value {
        ValueRef::Integer(integer) => Some(integer),
        ValueRef::Real(real) if real.fract() == 0.0 && real.abs() <= EXACT => Some(real as i64),
        ValueRef::Text(text) => {
            let text = trim_white_space(text);
            let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= NUMBER_MAX);
            text.and_then(|text| text.parse().ok())
        }
        _ => None,
    };
    let integer = integer.ok_or("not a whole number")?;
    if !(min..=max).contains(&integer) {
        return Err("a whole number out of range");
    }
    out.extend_from_slice(&integer.to_le_bytes());
    Ok(())
}
