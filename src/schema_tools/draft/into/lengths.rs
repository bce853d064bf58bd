//! Declared lengths and precisions beside those that a line states.
//!
//! An application that declares a longer one than before will write longer values: the line's would
//! refuse them in PostgreSQL. One that declares a shorter one, or none, says nothing against it.

use std::cmp::Ordering;

use model::Type;
use model::file::ColumnLine;

use crate::schema_tools::draft::family::Family;

/// Whether a declared type says a length, or a precision, that does not fit the line's.
pub fn exceeds_line_length(line: &ColumnLine, declared: &str) -> bool {
    compare_lengths(line, declared) == Some(Ordering::Greater)
}

/// Whether a declared type says less than the line allows.
pub fn is_below_line_length(line: &ColumnLine, declared: &str) -> bool {
    compare_lengths(line, declared) == Some(Ordering::Less)
}

/// What is declared, beside the line's; nothing where one of them says no length.
fn compare_lengths(line: &ColumnLine, declared: &str) -> Option<Ordering> {
    // Somebody wrote the type for exactly this declaration.
    if line.declared.as_deref() == Some(declared) {
        return None;
    }
    match (line.ty, Family::of_declared(declared)) {
        (Type::Varchar(own) | Type::Char(own), Family::Varchar(new) | Family::Char(new)) => {
            Some(new.cmp(&own))
        }
        (Type::Text, Family::Varchar(_) | Family::Char(_))
        | (Type::Numeric(None), Family::Decimal(Type::Numeric(Some(_)))) => Some(Ordering::Less),
        (Type::Numeric(Some(own)), Family::Decimal(Type::Numeric(Some(new)))) => {
            // The digits before the point, and those behind it.
            let parts = |(precision, scale): (u16, u16)| (precision.saturating_sub(scale), scale);
            let ((integer_digits, after), (own_integer_digits, own_after)) =
                (parts(new), parts(own));
            let greater = integer_digits > own_integer_digits || after > own_after;
            Some(if greater { Ordering::Greater } else { new.cmp(&own) })
        }
        _ => None,
    }
}

/// Whether two lines are of one type, but for its length.
pub fn have_same_type(first: &ColumnLine, second: &ColumnLine) -> bool {
    let text = |ty: Type| matches!(ty, Type::Text | Type::Varchar(_) | Type::Char(_));
    let number = |ty: Type| matches!(ty, Type::Numeric(_));
    let kind = |of: fn(Type) -> bool| of(first.ty) && of(second.ty);
    (first.ty, first.stored) == (second.ty, second.stored) || kind(text) || kind(number)
}
