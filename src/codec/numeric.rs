//! `numeric`: decimal numbers, exactly as written.

use super::decimal::{Decimal, Printed};
use super::number::read_float_word;
use super::refuse::refuse_showing_shape;
use super::{Cell, Codec, Out, Refused};
use crate::diagnostic::Id;

/// PostgreSQL's most digits before the point.
const BEFORE_MAX: i64 = 131_072;
/// PostgreSQL's most digits after the point.
const AFTER_MAX: i64 = 16_383;

const EXPECTED: &str = "a decimal number";

/// What a column allows: (digits before the point, digits after it), when it says.
type Within = Option<(i64, i64)>;

/// `numeric` stored as a decimal: an integer, a real by its shortest decimal form, number text.
///
/// # Errors
/// When the value is no number (`S1`), infinite (`S9`) or beyond the type (`S7`).
pub fn numeric(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_value(out, cell, None).map_err(|id| refuse_showing_shape(id, EXPECTED, cell))
}

/// `numeric(precision,scale)` stored as a decimal.
///
/// The returned codec refuses what [`numeric`] refuses, and digits that do not fit (`S7`).
pub fn numeric_within(precision: u16, scale: u16) -> impl Codec + Copy {
    let within = (i64::from(precision) - i64::from(scale), i64::from(scale));
    move |out: &mut Out, cell: Cell<'_>| {
        put_value(out, cell, Some(within))
            .map_err(|id| refuse_showing_shape(id, describe_limits(within), cell))
    }
}

/// `numeric` stored as a decimal or the word `nan`; PostgreSQL before 14 has no infinities there.
///
/// # Errors
/// As [`numeric`]; words for infinities are infinite (`S9`).
pub fn numeric_or_word(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_word(out, cell).unwrap_or_else(|| numeric(out, cell))
}

/// `numeric(precision,scale)` stored as a decimal or the word `nan`.
///
/// The returned codec refuses what [`numeric_or_word`] refuses, and digits that do not fit (`S7`).
pub fn numeric_within_or_word(precision: u16, scale: u16) -> impl Codec + Copy {
    let within = numeric_within(precision, scale);
    move |out: &mut Out, cell: Cell<'_>| put_word(out, cell).unwrap_or_else(|| within(out, cell))
}

/// Writes what a word means, where there is one.
fn put_word(out: &mut Out, cell: Cell<'_>) -> Option<Result<(), Refused>> {
    let value = read_float_word(cell)?;
    if value.is_infinite() {
        return Some(Err(refuse_showing_shape(Id::S9, EXPECTED, cell)));
    }
    out.write_field(&[0, 0, 0, 0, 0xc0, 0, 0, 0]);
    Some(Ok(()))
}

/// The JSON number of an array element, by its digits.
pub(super) fn put_numeric_of_digits(
    out: &mut Out,
    number: &Decimal<'_>,
    digits: &[u8],
    within: Option<(u16, u16)>,
) -> Result<(), Refused> {
    let within = within.map(|(p, s)| (i64::from(p) - i64::from(s), i64::from(s)));
    put_decimal(out, number, number.fraction_digits(), within).map_err(|id| {
        refuse_showing_shape(
            id,
            within.map_or(EXPECTED.into(), describe_limits),
            Cell::Text(digits),
        )
    })
}

/// Whether PostgreSQL reads the number as a `numeric`: for numbers within `jsonb`.
///
/// Its exponents are limited for zeros, too.
pub(super) fn fits_numeric(number: &Decimal<'_>) -> bool {
    let before =
        number.significant_digits().map_or(0, |(first, _)| number.point_position() - first);
    before <= BEFORE_MAX
        && number.fraction_digits() <= AFTER_MAX
        && number.point_position() < 1_000_000_000
}

fn describe_limits((before, after): (i64, i64)) -> String {
    format!("a decimal number of at most {before} digits before the point and {after} after it")
}

fn put_value(out: &mut Out, cell: Cell<'_>, within: Within) -> Result<(), Id> {
    match cell {
        Cell::Integer(value) => {
            let printed = Printed::from_arguments(format_args!("{value}"));
            let number = Decimal::parse(printed.as_bytes()).ok_or(Id::S1)?;
            put_decimal(out, &number, 0, within)
        }
        Cell::Real(value) if value.is_finite() => {
            let printed = Printed::shortest(value);
            let number = Decimal::parse(printed.as_bytes()).ok_or(Id::S1)?;
            // The shortest form has no zero at its end, unless it is `0e0`.
            put_decimal(out, &number, number.fraction_digits(), within)
        }
        Cell::Real(_) => Err(Id::S9),
        Cell::Text(bytes) => {
            let number = Decimal::from_text(bytes).ok_or(Id::S1)?;
            put_decimal(out, &number, number.fraction_digits(), within)?;
            out.add_note(Id::S2);
            Ok(())
        }
        Cell::Null | Cell::Blob(_) => Err(Id::S1),
    }
}

/// Writes the field: count of base-10000 digits, weight of the first, sign, scale, the digits.
fn put_decimal(out: &mut Out, number: &Decimal<'_>, scale: i64, within: Within) -> Result<(), Id> {
    let point = number.point_position();
    let (first, last) = number.significant_digits().unwrap_or((point, point - 1));
    // Digits before the point that count, and digits after it without zeros at the end.
    let (before, after) = (point - first, last + 1 - point);
    let (most_before, most_after) = within.unwrap_or((BEFORE_MAX, AFTER_MAX));
    if before.max(0) > most_before.min(BEFORE_MAX) || after > most_after || scale > AFTER_MAX {
        return Err(Id::S7);
    }
    let scale = if within.is_some() { most_after } else { scale };
    // The digit at `index` stands for ten to the power of `point - 1 - index`.
    let groups = if last < first {
        0..0
    } else {
        (point - 1 - last).div_euclid(4)..(point - 1 - first).div_euclid(4) + 1
    };
    let count = groups.end - groups.start;
    let weight = (groups.end - 1).max(groups.start);
    let negative = number.negative && count > 0;
    let header = [count, weight, if negative { 0x4000 } else { 0 }, scale];
    out.write_field_with(|bytes| {
        for word in header {
            bytes.extend_from_slice(&low_16_bits(word));
        }
        for group in groups.rev() {
            let top = point - 1 - (4 * group + 3);
            let value =
                (top..top + 4).fold(0, |v, index| v * 10 + i64::from(number.digit_at(index)));
            bytes.extend_from_slice(&low_16_bits(value));
        }
    });
    Ok(())
}

/// The low 16 bits; everything written here was compared with limits that fit.
fn low_16_bits(word: i64) -> [u8; 2] {
    let [.., high, low] = word.to_be_bytes();
    [high, low]
}
