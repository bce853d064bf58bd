//! Which canonical forms PostgreSQL's `=` takes for equal, for every pair of types that a foreign
//! key may have; the second implementation, apart from the one that finds orphans.

use model::{Column, Type};

use crate::verify::decimal::Decimal;
use crate::verify::form::{NULL, TEXT, shape_length};
use crate::verify::time::DAY;

/// A value of type `own_type` as it is compared with a key of type `key_type`: equal bytes for
/// equal values. None where PostgreSQL's cast fails.
pub(super) fn comparable_form(own_type: Type, key_type: Type, form: &[u8]) -> Option<Vec<u8>> {
    // Behind the mark that it is a value.
    let rest = form.get(1..).unwrap_or_default();
    match key_type {
        Type::Float4 | Type::Float8 => form_to_f64(own_type, key_type, rest).map(f64_form),
        Type::Numeric(_) if is_integer_type(own_type) => {
            let mut decimal = Decimal::default();
            decimal.set_integer(form_to_i64(rest));
            let mut out = Vec::new();
            decimal.append_canonical(&mut out);
            Some(out)
        }
        // Behind the mark of a number, or of a NaN.
        Type::Numeric(_) => Some(rest.get(1..).unwrap_or_default().to_vec()),
        Type::Char(_) => Some(trim_padding(rest)),
        Type::Text | Type::Varchar(_) if matches!(own_type, Type::Char(_)) => {
            Some(trim_padding(rest))
        }
        Type::Citext => Some(rest.iter().map(u8::to_ascii_lowercase).collect()),
        Type::Date | Type::Timestamp | Type::Timestamptz => {
            let unit = if own_type == Type::Date { i128::from(DAY) } else { 1 };
            Some((i128::from(form_to_i64(rest)) * unit).to_string().into_bytes())
        }
        Type::Interval => Some(interval_microseconds(rest).to_string().into_bytes()),
        Type::Array(element) => comparable_array(*element, rest),
        Type::ReadByServer(_) => None,
        _ => Some(rest.to_vec()),
    }
}

/// The same where values must be unique: letters of `citext` as a locale that knows all has them.
pub(super) fn unique_form(own_type: Type, key_type: Type, form: &[u8]) -> Option<Vec<u8>> {
    match (key_type, std::str::from_utf8(form.get(1..)?)) {
        (Type::Citext, Ok(text)) => Some(text.to_lowercase().into_bytes()),
        _ => comparable_form(own_type, key_type, form),
    }
}

/// The same for `citext` with more values equal: no server takes more for equal than these.
pub(super) fn loose_form(key_type: Type, form: &[u8]) -> Option<Vec<u8>> {
    if key_type != Type::Citext {
        return None;
    }
    let text = std::str::from_utf8(form.get(1..)?).ok()?.to_uppercase().to_lowercase();
    let letters = text.chars().filter(|letter| *letter != '\u{307}');
    Some(letters.map(|letter| if letter == 'ı' { 'i' } else { letter }).collect::<String>().into())
}

/// A text without what may be written in several ways: letters of both cases, hyphens, braces,
/// blanks.
pub(super) fn fold_text(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?.to_uppercase().to_lowercase();
    let letters = text.chars().filter(|letter| !"\u{307}-{} ".contains(*letter));
    Some(letters.map(|letter| if letter == 'ı' { 'i' } else { letter }).collect())
}

/// Whether the server's collation decides what is equal.
pub(super) fn is_compared_by_collation(column: &Column) -> bool {
    let type_sql = column.type_sql.unwrap_or_default();
    let Some(place) = type_sql.find("COLLATE ") else { return false };
    let name = type_sql.get(place + 8..).unwrap_or_default().replace('"', "");
    let name = name.rsplit('.').next().unwrap_or_default().trim().to_lowercase();
    !(name.ends_with("-x-icu")
        || matches!(
            name.as_str(),
            "c" | "posix" | "default" | "ucs_basic" | "unicode" | "pg_c_utf8" | "pg_unicode_fast"
        ))
}

fn is_integer_type(ty: Type) -> bool {
    matches!(ty, Type::Int2 | Type::Int4 | Type::Int8)
}

fn form_to_i64(form: &[u8]) -> i64 {
    form.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes))
}

fn form_to_f64(own_type: Type, key_type: Type, form: &[u8]) -> Option<f64> {
    let single = key_type == Type::Float4;
    match own_type {
        Type::Float4 => {
            let bits = form.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            Some(f32::from_bits(bits).into())
        }
        Type::Float8 => Some(f64::from_bits(form_to_i64(form).cast_unsigned())),
        Type::Numeric(_) if form.first() == Some(&TEXT) => Some(f64::NAN),
        Type::Numeric(_) => {
            let negative = form.get(1) == Some(&1);
            let exponent = form_to_i64(form.get(2..).unwrap_or_default());
            let digits = std::str::from_utf8(form.get(10..).unwrap_or_default()).ok()?;
            let sign = if negative { "-" } else { "" };
            let text = format!("{sign}0{digits}e{exponent}");
            let value =
                if single { text.parse::<f32>().ok()?.into() } else { text.parse().ok()? };
            let fits: bool = f64::is_finite(value) && (value != 0.0 || digits.is_empty());
            fits.then_some(value)
        }
        // A whole number's text has the nearest one, as a cast has.
        _ => {
            let text = form_to_i64(form).to_string();
            if single { text.parse::<f32>().ok().map(f64::from) } else { text.parse().ok() }
        }
    }
}

/// Neither a zero's sign counts, nor what kind of NaN it is.
fn f64_form(value: f64) -> Vec<u8> {
    let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
    value.to_bits().to_le_bytes().to_vec()
}

fn trim_padding(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    while text.last() == Some(&b' ') {
        text.pop();
    }
    text
}

/// Microseconds, a day for 24 hours and a month for 30 days; a `time` has neither.
fn interval_microseconds(form: &[u8]) -> i128 {
    let word = |from: usize| {
        let bytes = form.get(from..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| i128::from(i32::from_le_bytes(*bytes)))
    };
    i128::from(form_to_i64(form)) + (word(8) + 30 * word(12)) * i128::from(DAY)
}

/// The number of elements, then each with its length; a NULL is its mark alone.
fn comparable_array(element: Type, form: &[u8]) -> Option<Vec<u8>> {
    let (shape, mut rest) = form.split_at_checked(shape_length(form)?)?;
    let mut out = shape.to_vec();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (own, after) = after.split_at_checked(length)?;
        let own = match own {
            [NULL] => own.to_vec(),
            own => [&[own.first().copied()?], comparable_form(element, element, own)?.as_slice()]
                .concat(),
        };
        out.extend_from_slice(&(own.len() as u64).to_le_bytes());
        out.extend_from_slice(&own);
        rest = after;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::decimal::Notation;

    #[test]
    fn numbers_of_several_types_meet() {
        let form = |mark: u8, bytes: &[u8]| [&[mark], bytes].concat();
        let large = form(1, &((1_i64 << 53) + 1).to_le_bytes());
        let real = form(1, &9_007_199_254_740_992.0_f64.to_bits().to_le_bytes());
        let double = Type::Float8;
        assert_eq!(
            comparable_form(Type::Int8, double, &large),
            comparable_form(double, double, &real)
        );
        let mut decimal = Decimal::default();
        assert!(decimal.read_text(b"-1.50", Notation::Fraction));
        let mut text = vec![1, b'#'];
        decimal.append_canonical(&mut text);
        let half = form(1, &(-1.5_f64).to_bits().to_le_bytes());
        let numeric = Type::Numeric(None);
        assert_eq!(comparable_form(numeric, double, &text), comparable_form(double, double, &half));
        assert!(decimal.read_text(b"1e400", Notation::Exponent));
        text.truncate(2);
        decimal.append_canonical(&mut text);
        assert_eq!(comparable_form(numeric, double, &text), None);
    }
}
