//! Fields as PostgreSQL's `=` compares them: two are equal for the server exactly where the bytes
//! that are made here are equal.
//!
//! A foreign key may refer to a key of another type (`model::can_refer`). PostgreSQL then compares
//! by an operator that takes both types, or casts the referring value to the key's type first. Both
//! are done here, one rule for each pair of types.

use model::Type;

use super::json::comparable_json;

/// Microseconds.
const DAY: i128 = 86_400_000_000;

/// Dates without end, as PostgreSQL keeps them.
const INFINITE_DAYS: [i32; 2] = [i32::MIN, i32::MAX];

/// Makes bytes of a binary COPY field of type `own_type` that is compared with a key of type
/// `key_type`. `None` where that cannot be said, because the cast fails.
pub fn comparable_bytes(own_type: Type, key_type: Type, field: &[u8]) -> Option<Vec<u8>> {
    let integer = |field: &[u8]| match field {
        [a, b] => i64::from(i16::from_be_bytes([*a, *b])),
        [a, b, c, d] => i64::from(i32::from_be_bytes([*a, *b, *c, *d])),
        longer => read_i64(longer),
    };
    Some(match (own_type, key_type) {
        (Type::Int2 | Type::Int4 | Type::Int8, key_type) => match key_type {
            // A cast to the nearest, as the server's.
            Type::Float4 => float_bytes(f64::from(integer(field) as f32)),
            Type::Float8 => float_bytes(integer(field) as f64),
            Type::Numeric(_) => Decimal::from_i64(integer(field)).to_bytes(),
            _ => integer(field).to_be_bytes().to_vec(),
        },
        (Type::Numeric(_), key_type) => {
            let decimal = Decimal::from_field(field);
            match key_type {
                Type::Float4 => float_bytes(f64::from(decimal.nearest_float::<f32>()?)),
                Type::Float8 => float_bytes(decimal.nearest_float::<f64>()?),
                _ => decimal.to_bytes(),
            }
        }
        (Type::Float4 | Type::Float8, _) => float_bytes(match field {
            [a, b, c, d] => f64::from(f32::from_be_bytes([*a, *b, *c, *d])),
            longer => f64::from_bits(read_i64(longer).cast_unsigned()),
        }),
        // What char(n) pads does not count, and a cast of it to text cuts it off.
        (Type::Char(_), _) | (_, Type::Char(_)) => trim_padding(field).to_vec(),
        // Other letters than ASCII's are folded by the rules of the server's locale.
        (Type::Citext, Type::Citext) => field.to_ascii_lowercase(),
        (Type::Date, _) => {
            let days = i32::try_from(integer(field)).unwrap_or_default();
            let infinite = INFINITE_DAYS.contains(&days);
            let endless = if days < 0 { i64::MIN } else { i64::MAX };
            microseconds_bytes(if infinite { endless.into() } else { i128::from(days) * DAY })
        }
        // Sessions of this program are in UTC, where a date begins with midnight of UTC.
        (Type::Timestamp | Type::Timestamptz, _) => microseconds_bytes(read_i64(field).into()),
        (Type::Time, Type::Interval) => microseconds_bytes(read_i64(field).into()),
        // A month has 30 days and a day 24 hours, when lengths of time are compared.
        (Type::Interval, _) => {
            let (time, rest) = field.split_at_checked(8).unwrap_or((field, &[]));
            let (days, months) = rest.split_at_checked(4).unwrap_or((rest, &[]));
            let days = i128::from(integer(months)) * 30 + i128::from(integer(days));
            microseconds_bytes(days * DAY + i128::from(read_i64(time)))
        }
        // Family, bits, whether it is a cidr (which does not count), length, address.
        (Type::Inet | Type::Cidr, _) => match field {
            [family, bits, _, rest @ ..] => [&[*family, *bits], rest].concat(),
            short => short.to_vec(),
        },
        // Behind the version: neither order nor blanks count, and the last of equal keys is kept.
        (Type::Jsonb, _) => {
            let text = field.split_first().map_or(field, |(_, text)| text);
            comparable_json(text).unwrap_or_else(|| field.to_vec())
        }
        (Type::Array(element), Type::Array(key_type)) => array_bytes(*element, *key_type, field)?,
        // Only the server compares them.
        (Type::ReadByServer(_), _) | (_, Type::ReadByServer(_)) => return None,
        _ => field.to_vec(),
    })
}

/// The same with more values equal: without upper and lower case, and for others than `citext`
/// without hyphens, braces and blanks.
pub fn loosely_comparable_bytes(own_type: Type, key_type: Type, field: &[u8]) -> Option<Vec<u8>> {
    let text =
        |ty: Type| matches!(ty, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_));
    if text(own_type) && text(key_type) {
        // A Turkish server has four letters i.
        let text = String::from_utf8_lossy(field).to_uppercase().to_lowercase();
        let text = text.replace('ı', "i").replace('\u{307}', "");
        // Of these the server's locale decides, of the others a person.
        let by_locale = (own_type, key_type) == (Type::Citext, Type::Citext);
        let text = if by_locale { text } else { text.replace(['-', '{', '}', ' '], "") };
        return Some(text.into_bytes());
    }
    comparable_bytes(own_type, key_type, field)
}

fn read_i64(field: &[u8]) -> i64 {
    field.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

fn microseconds_bytes(microseconds: i128) -> Vec<u8> {
    microseconds.to_be_bytes().to_vec()
}

/// A negative zero equals zero, and every NaN any other.
fn float_bytes(value: f64) -> Vec<u8> {
    let value = match value {
        0.0 => 0.0,
        value if value.is_nan() => f64::NAN,
        value => value,
    };
    value.to_be_bytes().to_vec()
}

/// What `char(n)` does not count is left out.
fn trim_padding(field: &[u8]) -> &[u8] {
    let end = field.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    field.get(..end).unwrap_or(field)
}

/// Dimensions with their bounds, then each element with its length.
fn array_bytes(element: Type, key: Type, field: &[u8]) -> Option<Vec<u8>> {
    let dimensions = field.first_chunk().map_or(0, |count| u32::from_be_bytes(*count)) as usize;
    let shape = dimensions.checked_mul(8)?;
    let (shape, mut rest) = field.split_at_checked(12)?.1.split_at_checked(shape)?;
    let mut bytes = [&dimensions.to_be_bytes()[..], shape].concat();
    while let Some((length, after)) = rest.split_first_chunk() {
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            // NULL equals NULL, inside of arrays.
            bytes.push(0);
            rest = after;
            continue;
        };
        let (own, after) = after.split_at_checked(length)?;
        let own = comparable_bytes(element, key, own)?;
        bytes.push(1);
        bytes.extend_from_slice(&own.len().to_be_bytes());
        bytes.extend_from_slice(&own);
        rest = after;
    }
    Some(bytes)
}

/// A binary `numeric` field by its value.
pub(super) fn comparable_number(field: &[u8]) -> Vec<u8> {
    Decimal::from_field(field).to_bytes()
}

/// A `numeric` by its value: groups of four digits without zeros at either end, the weight of the
/// first, and the sign as PostgreSQL writes it.
struct Decimal {
    weight: i32,
    sign: u16,
    groups: Vec<u16>,
}

impl Decimal {
    fn normalised(weight: i32, sign: u16, groups: Vec<u16>) -> Decimal {
        let zeros = groups.iter().take_while(|group| **group == 0).count();
        let mut groups: Vec<u16> = groups.into_iter().skip(zeros).collect();
        while groups.last() == Some(&0) {
            groups.pop();
        }
        let zeros = i32::try_from(zeros).unwrap_or_default();
        match groups.is_empty() {
            // Neither zero nor what is no number has a weight; a zero has no sign.
            true => Decimal { weight: 0, sign: if sign == 0x4000 { 0 } else { sign }, groups },
            false => Decimal { weight: weight - zeros, sign, groups },
        }
    }

    fn from_field(field: &[u8]) -> Decimal {
        let words: Vec<u16> = field
            .chunks_exact(2)
            .map(|word| word.try_into().map_or(0, u16::from_be_bytes))
            .collect();
        let at = |index: usize| words.get(index).copied().unwrap_or_default();
        let groups = words.get(4..).unwrap_or_default().to_vec();
        Decimal::normalised(at(1).cast_signed().into(), at(2), groups)
    }

    fn from_i64(value: i64) -> Decimal {
        let (mut rest, mut groups) = (value.unsigned_abs(), Vec::new());
        while rest > 0 {
            groups.insert(0, u16::try_from(rest % 10_000).unwrap_or_default());
            rest /= 10_000;
        }
        let weight = i32::try_from(groups.len()).unwrap_or_default() - 1;
        Decimal::normalised(weight, if value < 0 { 0x4000 } else { 0 }, groups)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let head = [&self.weight.to_be_bytes()[..], &self.sign.to_be_bytes()].concat();
        self.groups.iter().fold(head, |mut bytes, group| {
            bytes.extend_from_slice(&group.to_be_bytes());
            bytes
        })
    }

    /// The nearest floating point number; none where PostgreSQL's cast fails, because it is too
    /// large or too small for one.
    fn nearest_float<F: std::str::FromStr + Into<f64> + Copy>(&self) -> Option<F> {
        let text = match self.sign {
            0 | 0x4000 => {
                let sign = if self.sign == 0 { "" } else { "-" };
                let digits: String =
                    self.groups.iter().map(|group| format!("{group:04}")).collect();
                let groups = i32::try_from(self.groups.len()).unwrap_or(i32::MAX);
                let exponent = self.weight.checked_sub(groups)?.checked_add(1)?.checked_mul(4)?;
                format!("{sign}0{digits}e{exponent}")
            }
            0xd000 => "inf".to_owned(),
            0xf000 => "-inf".to_owned(),
            _ => "nan".to_owned(),
        };
        let value: F = text.parse().ok()?;
        let wide: f64 = value.into();
        let lost = wide == 0.0 && !self.groups.is_empty();
        let beyond = wide.is_infinite() && !self.groups.is_empty();
        (!lost && !beyond).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_comparison_key(ty: Type, field: &[u8]) -> Option<Vec<u8>> {
        comparable_bytes(ty, ty, field)
    }

    #[test]
    fn keys_compare_as_postgresql_does() {
        let seven = own_comparison_key(Type::Int8, &7_i64.to_be_bytes());
        assert_eq!(own_comparison_key(Type::Int2, &7_i16.to_be_bytes()), seven);
        assert_eq!(own_comparison_key(Type::Int4, &7_i32.to_be_bytes()), seven);
        let minus = own_comparison_key(Type::Float8, &(-0.0_f64).to_be_bytes());
        assert_eq!(minus, own_comparison_key(Type::Float8, &0.0_f64.to_be_bytes()));
        assert_eq!(minus, own_comparison_key(Type::Float4, &0.0_f32.to_be_bytes()));
        assert_eq!(own_comparison_key(Type::Char(4), b"a b  ").as_deref(), Some(b"a b".as_slice()));
        assert_eq!(own_comparison_key(Type::Text, b"a  ").as_deref(), Some(b"a  ".as_slice()));
        assert_eq!(own_comparison_key(Type::Citext, b"AB").as_deref(), Some(b"ab".as_slice()));
        let citext = Type::Citext;
        assert_ne!(
            own_comparison_key(citext, "Ä".as_bytes()),
            own_comparison_key(citext, "ä".as_bytes())
        );
        let wide = |text: &str| loosely_comparable_bytes(citext, citext, text.as_bytes());
        assert_eq!(wide("Äı"), wide("äI"));
        // 1.5 and 1.50: one digit group apart in scale only; 1.5000 0000 has a group of zeros.
        let short = [0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0x13, 0x88];
        let long = [0, 3, 0, 0, 0, 0, 0, 8, 0, 1, 0x13, 0x88, 0, 0];
        let numeric = Type::Numeric(None);
        assert_eq!(own_comparison_key(numeric, &short), own_comparison_key(numeric, &long));
        let half = comparable_bytes(numeric, Type::Float8, &short);
        assert_eq!(half, own_comparison_key(Type::Float8, &1.5_f64.to_be_bytes()));
        assert_eq!(
            loosely_comparable_bytes(Type::Text, Type::Text, b"{AB-1}"),
            loosely_comparable_bytes(citext, citext, b"ab1")
        );
    }

    #[test]
    fn whole_numbers_compare_with_wider_kinds() {
        let million = [0, 1, 0, 1, 0, 0, 0, 0, 0, 100];
        let numeric = Type::Numeric(None);
        for (value, field) in [(0, &[0; 8][..]), (1_000_000, &million)] {
            let integer = comparable_bytes(Type::Int8, numeric, &i64::to_be_bytes(value));
            assert_eq!(integer, own_comparison_key(numeric, field), "{value}");
        }
        let large = ((1_i64 << 53) + 1).to_be_bytes();
        let nearest = own_comparison_key(Type::Float8, &((1_i64 << 53) as f64).to_be_bytes());
        assert_eq!(comparable_bytes(Type::Int8, Type::Float8, &large), nearest);
    }
}
