//! What PostgreSQL sends in binary, brought to the canonical form of the column's type.
//!
//! Cutting the stream into rows and fields is left to [`target`](super::target).

use super::decimal::Decimal;
use super::form::{
    NULL, NUMBER, TEXT, VALUE, append_json_text, append_shape, append_with_length,
    trim_trailing_spaces,
};
use super::json::Canon;
use super::{Unread, net};
use model::Type;

/// Address families as PostgreSQL numbers them on the wire.
const WIRE_V4: u8 = 2;
const WIRE_V6: u8 = 3;

/// Signs of `numeric` on the wire.
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;

/// Reads fields; keeps its buffers from one to the next.
#[derive(Debug, Default)]
pub struct Reader {
    decimal: Decimal,
    canon: Canon,
}

impl Reader {
    /// Appends the canonical form of a field; `None` is NULL.
    ///
    /// # Errors
    /// When the field is not one of that type.
    pub fn append_field(
        &mut self,
        ty: Type,
        field: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        let Some(bytes) = field else {
            out.push(NULL);
            return Ok(());
        };
        out.push(VALUE);
        match ty {
            Type::Bool => match bytes {
                [value @ (0 | 1)] => out.push(*value),
                _ => return Err("not a bool"),
            },
            Type::Int2 => append_i64(i16::from_be_bytes(exact_bytes(bytes)?).into(), out),
            Type::Int4 | Type::Date => {
                append_i64(i32::from_be_bytes(exact_bytes(bytes)?).into(), out)
            }
            Type::Int8 | Type::Timestamp | Type::Timestamptz | Type::Time => {
                append_i64(i64::from_be_bytes(exact_bytes(bytes)?), out);
            }
            Type::Float8 => append_i64(i64::from_be_bytes(exact_bytes(bytes)?), out),
            Type::Float4 => {
                out.extend_from_slice(&u32::from_be_bytes(exact_bytes(bytes)?).to_le_bytes());
            }
            Type::Interval => {
                let (time, rest) = bytes.split_first_chunk().ok_or("not an interval")?;
                let (days, months) = rest.split_first_chunk().ok_or("not an interval")?;
                append_i64(i64::from_be_bytes(*time), out);
                out.extend_from_slice(&i32::from_be_bytes(*days).to_le_bytes());
                out.extend_from_slice(&i32::from_be_bytes(exact_bytes(months)?).to_le_bytes());
            }
            Type::Numeric(_) => self.append_numeric(bytes, out)?,
            Type::Text | Type::Citext | Type::Varchar(_) | Type::Bytea | Type::Enum(_)
            // As the server prints it.
            | Type::ReadByServer(_) => {
                out.extend_from_slice(bytes);
            }
            Type::Char(_) => {
                out.extend_from_slice(bytes);
                trim_trailing_spaces(out);
            }
            Type::Uuid => out.extend_from_slice(&exact_bytes::<16>(bytes)?),
            Type::Json => append_json_text(bytes, &mut self.decimal, out),
            Type::Jsonb => match bytes {
                [1, text @ ..] => self.canon.append_document(text, out)?,
                _ => return Err("not a jsonb"),
            },
            Type::Inet | Type::Cidr => append_address(bytes, ty == Type::Cidr, out)?,
            Type::Array(element) => self.append_array(*element, bytes, out)?,
        }
        Ok(())
    }

    fn append_numeric(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unread> {
        let (head, groups) = bytes.split_first_chunk::<8>().ok_or("not a numeric")?;
        let [n0, n1, w0, w1, s0, s1, _, _] = *head;
        let sign = u16::from_be_bytes([s0, s1]);
        if !matches!(sign, POSITIVE | NEGATIVE) {
            // Infinities, which no source has, and NaN.
            out.push(TEXT);
            out.extend_from_slice(&[s0, s1]);
            return Ok(());
        }
        let (count, weight) = (u16::from_be_bytes([n0, n1]), i16::from_be_bytes([w0, w1]));
        let is_complete = groups.len() == usize::from(count) * 2;
        if !is_complete || !self.decimal.set_groups(sign == NEGATIVE, weight, groups) {
            return Err("not a numeric");
        }
        out.push(NUMBER);
        self.decimal.append_canonical(out);
        Ok(())
    }

    /// An array whose dimensions begin at 1; any other gets a form that no source has.
    fn append_array(
        &mut self,
        element: Type,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        const NOT: Unread = "not an array";
        let (dimensions, rest) = split_i32(bytes, NOT)?;
        let (_flags, rest) = split_i32(rest, NOT)?;
        let (_element, rest) = split_i32(rest, NOT)?;
        if dimensions == 0 {
            out.extend_from_slice(&[0; 4]);
            return Ok(());
        }
        let (mut lengths, mut rest, mut is_usual) = (Vec::new(), rest, true);
        for _ in 0..dimensions {
            let (length, after) = split_i32(rest, NOT)?;
            let (first, after) = split_i32(after, NOT)?;
            lengths.push(u32::try_from(length).map_err(|_| NOT)?);
            (rest, is_usual) = (after, is_usual && first == 1);
        }
        if !is_usual {
            out.extend_from_slice(&u32::MAX.to_le_bytes());
            out.extend_from_slice(bytes);
            return Ok(());
        }
        append_shape(&lengths, out);
        for _ in 0..lengths.iter().map(|length| u64::from(*length)).product() {
            let (length, tail) = split_i32(rest, NOT)?;
            let field = match usize::try_from(length) {
                Ok(length) => {
                    let (field, tail) = tail.split_at_checked(length).ok_or(NOT)?;
                    rest = tail;
                    Some(field)
                }
                Err(_) => {
                    rest = tail;
                    None
                }
            };
            append_with_length(out, |out| self.append_field(element, field, out))?;
        }
        if rest.is_empty() { Ok(()) } else { Err(NOT) }
    }
}

fn append_address(bytes: &[u8], network: bool, out: &mut Vec<u8>) -> Result<(), Unread> {
    let (family, length) = match bytes {
        [WIRE_V4, _, flag, 4, ..] if *flag == u8::from(network) => (net::V4, 4),
        [WIRE_V6, _, flag, 16, ..] if *flag == u8::from(network) => (net::V6, 16),
        _ => return Err("not a network address"),
    };
    match bytes {
        [_, bits, _, _, host @ ..] if host.len() == length => {
            out.push(family);
            out.push(*bits);
            out.extend_from_slice(host);
            Ok(())
        }
        _ => Err("not a network address"),
    }
}

fn append_i64(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn split_i32(bytes: &[u8], not: Unread) -> Result<(i32, &[u8]), Unread> {
    let (head, rest) = bytes.split_first_chunk().ok_or(not)?;
    Ok((i32::from_be_bytes(*head), rest))
}

fn exact_bytes<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Unread> {
    bytes.try_into().map_err(|_| "a field of another length")
}
