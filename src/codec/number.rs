//! Booleans, whole numbers and floating point numbers.

use model::Type;

use super::decimal::{Decimal, Printed, split_sign, trim_white_space};
use super::refuse::refuse_showing_shape;
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

/// The largest magnitude below which every whole number is a double of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// `bool` stored as a boolean: 0 or 1, or one of PostgreSQL's words.
///
/// # Errors
/// When the value is neither (`B3`).
#[inline]
pub fn boolean(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let truth = match cell {
        Cell::Integer(0) => false,
        Cell::Integer(1) => true,
        _ => read_unusual_boolean(out, cell)?,
    };
    out.write_field(&[u8::from(truth)]);
    Ok(())
}

fn read_unusual_boolean(out: &mut Out, cell: Cell<'_>) -> Result<bool, Refused> {
    let (truth, note) = match cell {
        Cell::Real(0.0) => (Some(false), Id::B3),
        Cell::Real(1.0) => (Some(true), Id::B3),
        Cell::Text(bytes) => (bool_of_word(trim_white_space(bytes)), Id::B2),
        _ => (None, Id::B3),
    };
    let truth = truth.ok_or_else(|| refuse_showing_shape(Id::B3, "0 or 1", cell))?;
    out.add_note(note);
    Ok(truth)
}

/// `bool` stored as a blob: one byte 0 or 1, or the bytes of one of PostgreSQL's words. What is no
/// blob is taken as [`boolean`] takes it.
///
/// # Errors
/// When the value is neither (`B3`).
#[inline]
pub fn boolean_blob(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Blob([byte @ (0 | 1)]) => {
            out.write_field(&[*byte]);
            Ok(())
        }
        Cell::Blob(bytes) => boolean(out, Cell::Text(bytes))
            .map_err(|_| refuse_showing_shape(Id::B3, "0 or 1", cell)),
        _ => boolean(out, cell),
    }
}

pub(super) fn bool_of_word(word: &[u8]) -> Option<bool> {
    let is = |known: &&str| word.eq_ignore_ascii_case(known.as_bytes());
    if ["t", "true", "y", "yes", "on", "1"].iter().any(is) {
        Some(true)
    } else if ["f", "false", "n", "no", "off", "0"].iter().any(is) {
        Some(false)
    } else {
        None
    }
}

/// `int2` stored as an integer.
///
/// # Errors
/// When the value is no whole number (`S1`, `S3`) or too large (`S13`).
#[inline]
pub fn int2(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let value: i16 = read_integer(out, cell, "an integer from -32768 to 32767")?;
    out.write_field(&value.to_be_bytes());
    Ok(())
}

/// `int4` stored as an integer.
///
/// # Errors
/// When the value is no whole number (`S1`, `S3`) or too large (`S13`).
#[inline]
pub fn int4(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let value: i32 = read_integer(out, cell, "an integer from -2147483648 to 2147483647")?;
    out.write_field4(value.to_be_bytes());
    Ok(())
}

/// `int8` stored as an integer.
///
/// # Errors
/// When the value is no whole number (`S1`, `S3`) or too large (`S13`).
#[inline]
pub fn int8(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let value: i64 = read_integer(out, cell, "an integer of 64 bits")?;
    out.write_field8(value.to_be_bytes());
    Ok(())
}

#[inline]
fn read_integer<T: TryFrom<i64>>(
    out: &mut Out,
    cell: Cell<'_>,
    expected: &'static str,
) -> Result<T, Refused> {
    if let Cell::Integer(value) = cell
        && let Ok(value) = T::try_from(value)
    {
        return Ok(value);
    }
    let value =
        read_unusual_integer(out, cell).map_err(|id| refuse_showing_shape(id, expected, cell))?;
    T::try_from(value).map_err(|_| refuse_showing_shape(Id::S13, expected, cell))
}

/// A whole number that is not stored as one.
#[inline(never)]
fn read_unusual_integer(out: &mut Out, cell: Cell<'_>) -> Result<i64, Id> {
    match cell {
        Cell::Integer(value) => Ok(value),
        Cell::Real(value) if value.trunc() == value && value.abs() <= EXACT => {
            out.add_note(Id::S3);
            // Exact: the magnitude was just compared.
            Ok(value as i64)
        }
        Cell::Real(_) => Err(Id::S3),
        Cell::Text(bytes) => {
            let number = Decimal::from_text(bytes).filter(Decimal::is_plain).ok_or(Id::S1)?;
            let (value, _) = number.scaled_floor(0).ok_or(Id::S13)?;
            let value = i64::try_from(value).map_err(|_| Id::S13)?;
            out.add_note(Id::S2);
            Ok(value)
        }
        Cell::Null | Cell::Blob(_) => Err(Id::S1),
    }
}

/// The whole number that digits with a fraction or an exponent write: an element of a JSON array.
pub(super) fn put_integer_of_digits(
    out: &mut Out,
    element: Type,
    number: &Decimal<'_>,
    digits: &[u8],
) -> Result<(), Refused> {
    let refuse = |id| refuse_showing_shape(id, "a whole number", Cell::Text(digits));
    let (value, cut) = number.scaled_floor(0).ok_or_else(|| refuse(Id::S13))?;
    if cut {
        return Err(refuse(Id::S3));
    }
    let value = i64::try_from(value).map_err(|_| refuse(Id::S13))?;
    out.add_note(Id::S3);
    match element {
        Type::Int2 => int2(out, Cell::Integer(value)),
        Type::Int4 => int4(out, Cell::Integer(value)),
        _ => int8(out, Cell::Integer(value)),
    }
}

const FLOAT8: &str = "a floating point number";
const FLOAT4: &str = "a floating point number of 32 bits";

/// `float8` stored as a real.
///
/// # Errors
/// When the value is no number (`S1`), or none that a double holds (`S6`, `S12`).
#[inline]
pub fn float8(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let value = match cell {
        Cell::Real(value) if !value.is_nan() => value,
        _ => read_unusual_float(out, cell).map_err(|id| refuse_showing_shape(id, FLOAT8, cell))?,
    };
    out.write_field8(value.to_be_bytes());
    Ok(())
}

/// `float4` stored as a real: a double that 32 bits hold, or that is written the same with them.
///
/// # Errors
/// As [`float8`], and when 32 bits write another number (`S11`).
pub fn float4(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let value = match cell {
        Cell::Real(value) if !value.is_nan() => value,
        _ => read_unusual_float(out, cell).map_err(|id| refuse_showing_shape(id, FLOAT4, cell))?,
    };
    let narrow = exact_f32(value).ok_or_else(|| refuse_showing_shape(Id::S11, FLOAT4, cell))?;
    out.write_field4(narrow.to_be_bytes());
    Ok(())
}

/// `float8` stored as a number or a word for what is none: NaN or an infinity.
///
/// # Errors
/// As [`float8`], for everything but the words.
#[inline]
pub fn float8_or_word(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match read_float_word(cell) {
        Some(value) => {
            out.write_field8(value.to_be_bytes());
            Ok(())
        }
        None => float8(out, cell),
    }
}

/// `float4` stored as a number or a word for what is none: NaN or an infinity.
///
/// # Errors
/// As [`float4`], for everything but the words.
pub fn float4_or_word(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match read_float_word(cell) {
        Some(value) => {
            out.write_field4((value as f32).to_be_bytes());
            Ok(())
        }
        None => float4(out, cell),
    }
}

/// What the words `nan`, `inf` and `infinity` mean; the latter two may have a sign.
pub(super) fn read_float_word(cell: Cell<'_>) -> Option<f64> {
    let Cell::Text(text) = cell else { return None };
    let word = trim_white_space(text);
    if word.eq_ignore_ascii_case(b"nan") {
        return Some(f64::NAN);
    }
    let (negative, word) = split_sign(word);
    let infinite = [&b"inf"[..], b"infinity"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let value = if negative { f64::NEG_INFINITY } else { f64::INFINITY };
    infinite.then_some(value)
}

/// A double from what is not stored as one.
#[inline(never)]
fn read_unusual_float(out: &mut Out, cell: Cell<'_>) -> Result<f64, Id> {
    match cell {
        Cell::Integer(value) => {
            let double = value as f64;
            // In 128 bits, where 2^63 is not clamped to the largest integer.
            if double as i128 == i128::from(value) { Ok(double) } else { Err(Id::S6) }
        }
        Cell::Text(bytes) => {
            let double = nearest_f64(bytes)?;
            out.add_note(Id::S12);
            Ok(double)
        }
        Cell::Null | Cell::Real(_) | Cell::Blob(_) => Err(Id::S1),
    }
}

/// The double nearest to number text, unless it would be an infinity or a false zero.
fn nearest_f64(bytes: &[u8]) -> Result<f64, Id> {
    let bytes = trim_white_space(bytes);
    let number = Decimal::from_text(bytes).ok_or(Id::S1)?;
    let double: f64 =
        std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or(Id::S1)?;
    let vanished = double == 0.0 && number.significant_digits().is_some();
    if double.is_finite() && !vanished { Ok(double) } else { Err(Id::S12) }
}

/// The same number in 32 bits: the very same, or equal as both are written shortest, for then
/// PostgreSQL prints what SQLite holds.
fn exact_f32(value: f64) -> Option<f32> {
    let narrow = value as f32;
    let same = f64::from(narrow) == value
        || Printed::shortest(narrow).as_bytes() == Printed::shortest(value).as_bytes();
    same.then_some(narrow)
}

/// A double that the digits of a JSON number write.
pub(super) fn put_float_of_digits(out: &mut Out, digits: &[u8], wide: bool) -> Result<(), Refused> {
    let cell = Cell::Text(digits);
    let expected = if wide { FLOAT8 } else { FLOAT4 };
    let double = nearest_f64(digits).map_err(|id| refuse_showing_shape(id, expected, cell))?;
    if wide {
        out.write_field8(double.to_be_bytes());
    } else {
        let narrow =
            exact_f32(double).ok_or_else(|| refuse_showing_shape(Id::S11, expected, cell))?;
        out.write_field4(narrow.to_be_bytes());
    }
    Ok(())
}
