//! Numbers after repairs.

use model::{Column, Type};
use rusqlite::types::ValueRef;

use super::Held;
use crate::repair::takes_integers;
use crate::verify::decimal::{Decimal, Notation, shortest_text};
use crate::verify::value::trim_white_space;

/// Whether the value says 0.
pub(super) fn is_zero(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Integer(number) => number == 0,
        ValueRef::Real(number) => number.abs() == 0.0,
        ValueRef::Text(text) => matches!(trim_white_space(text), [b'0']),
        _ => false,
    }
}

/// What somebody has typed for NULL: a whole number where the column takes such, else text.
pub(super) fn read_typed_value(column: &Column, typed: &str) -> Held {
    let number = typed.parse::<i64>().ok().filter(|_| takes_integers(column));
    number.map_or_else(|| Held::Text(typed.as_bytes().to_vec()), Held::Integer)
}

/// True, for a number that no boolean is.
pub(super) fn number_to_true(value: ValueRef<'_>) -> Option<Held> {
    let number = match value {
        ValueRef::Integer(number) => number as f64,
        ValueRef::Real(number) => number,
        _ => return None,
    };
    let other = number.is_finite() && ![0.0, 1.0].contains(&number);
    other.then_some(Held::Integer(1))
}

/// The number as the type can hold it, halves away from zero.
pub(super) fn round_to_type(ty: Type, value: ValueRef<'_>) -> Option<Held> {
    let mut decimal = Decimal::default();
    match (ty, value) {
        (Type::Int2 | Type::Int4 | Type::Int8, ValueRef::Real(real)) => {
            // By its decimal form, which is exact for every double with a fraction.
            if !decimal.set_real(real) || !decimal.round_to_scale(0) {
                return None;
            }
            decimal.to_i64().map(Held::Integer)
        }
        (Type::Float4, ValueRef::Real(real)) if real.is_finite() => {
            // The nearest float4 is found in its text, by the library's parser.
            let narrow: f32 = format!("{real:?}").parse().ok()?;
            let same = shortest_text(narrow) == shortest_text(real);
            (narrow.is_finite() && !same && f64::from(narrow) != real)
                .then(|| Held::Real(f64::from(narrow)))
        }
        (Type::Float8, ValueRef::Integer(integer)) => {
            let near: f64 = integer.to_string().parse().ok()?;
            (format!("{near:.0}") != integer.to_string()).then_some(Held::Real(near))
        }
        (Type::Numeric(Some((_, scale))), ValueRef::Real(real)) => (decimal.set_real(real)
            && decimal.round_to_scale(scale.into()))
        .then(|| Held::Text(decimal.to_text())),
        (Type::Numeric(Some((_, scale))), ValueRef::Text(text)) => {
            let text = trim_white_space(text);
            let read = text.len() <= 1000 && decimal.read_text(text, Notation::Exponent);
            (read && decimal.round_to_scale(scale.into())).then(|| Held::Text(decimal.to_text()))
        }
        _ => None,
    }
}
