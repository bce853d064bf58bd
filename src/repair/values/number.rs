//! Numbers: zero, truth, rounding.

use model::Type;

use super::RepairedValue;
use crate::codec::Cell;
use crate::codec::decimal::{Decimal, Printed, trim_white_space};

/// Whether it is the number 0, or the text `0`.
pub fn is_zero(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Integer(value) => value == 0,
        Cell::Real(value) => value == 0.0,
        Cell::Text(bytes) => trim_white_space(bytes) == b"0",
        _ => false,
    }
}

/// 1 for a number that is neither 0 nor 1.
pub fn number_to_true(cell: Cell<'_>) -> Option<RepairedValue> {
    match cell {
        Cell::Integer(value) if value != 0 && value != 1 => Some(RepairedValue::Integer(1)),
        Cell::Real(value) if value.is_finite() && value != 0.0 && value != 1.0 => {
            Some(RepairedValue::Integer(1))
        }
        _ => None,
    }
}

/// The nearest number that the type has, halves away from zero; `None` where the number fits, or
/// where what is wrong with it is not a matter of rounding.
pub fn round_to_type(ty: Type, cell: Cell<'_>) -> Option<RepairedValue> {
    match (ty, cell) {
        (Type::Int2 | Type::Int4 | Type::Int8, Cell::Real(value)) => {
            // Doubles with a fraction are below 2^53: the nearest whole number is exact.
            (value.is_finite() && value.fract() != 0.0)
                .then(|| RepairedValue::Integer(value.round() as i64))
        }
        (Type::Float4, Cell::Real(value)) => {
            let near = value as f32;
            let same = Printed::shortest(near).as_bytes() == Printed::shortest(value).as_bytes();
            (near.is_finite() && value.is_finite() && f64::from(near) != value && !same)
                .then(|| RepairedValue::Real(f64::from(near)))
        }
        (Type::Float8, Cell::Integer(value)) => {
            let near = value as f64;
            (near as i128 != i128::from(value)).then_some(RepairedValue::Real(near))
        }
        (Type::Numeric(Some((_, scale))), Cell::Real(value)) if value.is_finite() => {
            let printed = Printed::shortest(value);
            round_to_scale(&Decimal::parse(printed.as_bytes())?, scale)
        }
        (Type::Numeric(Some((_, scale))), Cell::Text(bytes)) => {
            round_to_scale(&Decimal::from_text(bytes)?, scale)
        }
        _ => None,
    }
}

/// The number with this many digits after the point, when it has more.
fn round_to_scale(number: &Decimal<'_>, scale: u16) -> Option<RepairedValue> {
    let (first, last) = number.significant_digits()?;
    let point = number.point_position();
    let end = point + i64::from(scale);
    if last < end {
        return None;
    }
    let start = first.min(point);
    let mut digits: Vec<u8> = (start..end).map(|index| number.digit_at(index)).collect();
    let mut carry = u8::from(number.digit_at(end) >= 5);
    for digit in digits.iter_mut().rev() {
        *digit += carry;
        carry = *digit / 10;
        *digit %= 10;
    }
    let integer_length = usize::try_from(point - start).ok()?;
    let mut text = if number.negative { vec![b'-'] } else { Vec::new() };
    text.push(b'0' + carry);
    for (index, digit) in digits.iter().enumerate() {
        if index == integer_length {
            text.push(b'.');
        }
        text.push(b'0' + digit);
    }
    Some(RepairedValue::Text(text))
}
