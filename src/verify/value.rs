//! What SQLite stores, brought to the canonical form of the column's type.
//!
//! A value that the rules do not take has no canonical form; it should have been refused before
//! anything was copied. Which table and row it stands in is left to [`source`](super::source).

mod arrays;
mod bytes;
mod lengths;
mod numbers;
mod times;

use super::decimal::{Decimal, Notation, shortest_text};
use super::form::{NULL, VALUE, append_json_text, trim_trailing_spaces};
use super::json::Canon;
use super::{Unread, net};
use model::{Stored, Type};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};

/// Reads values; keeps its buffers from one to the next.
pub struct Reader<'c> {
    connection: &'c Connection,
    /// Prepared when the first number must be printed.
    print: Option<Statement<'c>>,
    decimal: Decimal,
    canon: Canon,
}

impl<'c> Reader<'c> {
    /// A reader that asks this connection how SQLite prints a number as text.
    pub fn new(connection: &'c Connection) -> Reader<'c> {
        let (decimal, canon) = (Decimal::default(), Canon::default());
        Reader { connection, print: None, decimal, canon }
    }

    /// Appends the canonical form of a value.
    ///
    /// # Errors
    /// When the rules do not take it.
    pub fn append_value(
        &mut self,
        ty: Type,
        stored: Stored,
        value: ValueRef<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        if matches!(value, ValueRef::Null) {
            out.push(NULL);
            return Ok(());
        }
        out.push(VALUE);
        match ty {
            Type::Bool => out.push(u8::from(numbers::read_bool(stored, value)?)),
            Type::Int2 => numbers::append_integer(value, i16::MIN.into(), i16::MAX.into(), out)?,
            Type::Int4 => numbers::append_integer(value, i32::MIN.into(), i32::MAX.into(), out)?,
            Type::Int8 => numbers::append_integer(value, i64::MIN, i64::MAX, out)?,
            Type::Float8 | Type::Float4 | Type::Numeric(_)
                if stored == Stored::NumberOrWord && numbers::append_word(ty, value, out)? => {}
            Type::Float8 => out.extend_from_slice(&self.read_f64(value)?.to_bits().to_le_bytes()),
            Type::Float4 => out.extend_from_slice(&self.read_f32(value)?.to_bits().to_le_bytes()),
            Type::Numeric(limits) => self.append_numeric(value, limits, out)?,
            Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_)
                if matches!(stored, Stored::BlobAsHex | Stored::BlobAsBase64) =>
            {
                bytes::append_digits(ty, stored, value, out)?;
            }
            // Of a type that the server reads: what the server shall read.
            Type::Text | Type::Citext | Type::ReadByServer(_) => {
                self.append_text(value, None, out)?;
            }
            Type::Varchar(most) => self.append_text(value, Some(most), out)?,
            Type::Char(most) => {
                self.append_text(value, Some(most), out)?;
                trim_trailing_spaces(out);
            }
            Type::Bytea => bytes::append_bytes(stored, value, out)?,
            Type::Uuid => append_uuid(stored, value, out)?,
            Type::Json => self.append_json(value, out)?,
            Type::Jsonb => self.append_jsonb(value, out)?,
            Type::Inet => net::append_address(text_of(value)?, false, out)?,
            Type::Cidr => net::append_address(text_of(value)?, true, out)?,
            Type::Enum(declared) => {
                let text = text_of(value)?;
                if !declared.labels.iter().any(|label| label.as_bytes() == text) {
                    return Err("not a label of the enum");
                }
                out.extend_from_slice(text);
            }
            Type::Array(element) => {
                arrays::append_array(self, (*element, stored), text_of(value)?, out)?;
            }
            Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz => {
                let number = self.read_time(ty, stored, value)?;
                out.extend_from_slice(&number.to_le_bytes());
            }
            Type::Interval => {
                let (micros, days, months) = times::read_interval(stored, value)?;
                out.extend_from_slice(&micros.to_le_bytes());
                out.extend_from_slice(&days.to_le_bytes());
                out.extend_from_slice(&months.to_le_bytes());
            }
        }
        Ok(())
    }

    fn append_text(
        &mut self,
        value: ValueRef<'_>,
        limit: Option<u32>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        let start = out.len();
        match value {
            ValueRef::Text(text) => out.extend_from_slice(text),
            ValueRef::Blob(_) => return Err("a blob where text is needed"),
            number => self.append_number_text(number, out)?,
        }
        let written = out.get(start..).unwrap_or_default();
        if written.contains(&0) {
            return Err("a NUL in text");
        }
        let text = std::str::from_utf8(written).map_err(|_| "text that is not UTF-8")?;
        match limit {
            Some(limit) if text.len() > limit as usize && text.chars().count() > limit as usize => {
                Err("text that is too long")
            }
            _ => Ok(()),
        }
    }

    /// Appends a number as SQLite prints it; SQLite itself is asked, so that there is no doubt.
    fn append_number_text(
        &mut self,
        number: ValueRef<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        const FAILED: Unread = "a number that SQLite does not print";
        let print = match &mut self.print {
            Some(print) => print,
            none => {
                none.insert(self.connection.prepare("SELECT CAST(?1 AS TEXT)").map_err(|_| FAILED)?)
            }
        };
        let mut rows = match number {
            ValueRef::Integer(integer) => print.query([integer]),
            ValueRef::Real(real) => print.query([real]),
            _ => return Err(FAILED),
        }
        .map_err(|_| FAILED)?;
        let row = rows.next().ok().flatten().ok_or(FAILED)?;
        let text = row.get_ref(0).ok().and_then(|text| text.as_bytes().ok()).ok_or(FAILED)?;
        out.extend_from_slice(text);
        Ok(())
    }

    fn append_json(&mut self, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
        match value {
            ValueRef::Integer(_) | ValueRef::Real(_) => self.append_numeric(value, None, out),
            ValueRef::Text(text) => {
                if text.contains(&0) || std::str::from_utf8(text).is_err() {
                    return Err("JSON that is not text");
                }
                append_json_text(text, &mut self.decimal, out);
                Ok(())
            }
            _ => Err("not JSON"),
        }
    }

    fn append_jsonb(&mut self, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
        match value {
            ValueRef::Integer(integer) => {
                self.canon.append_document(integer.to_string().as_bytes(), out)
            }
            ValueRef::Real(real) if real.is_finite() => {
                self.canon.append_document(shortest_text(real).as_bytes(), out)
            }
            ValueRef::Text(text) => self.canon.append_document(text, out),
            _ => Err("not JSON"),
        }
    }

    /// A JSON number as SQLite would have stored it; whole numbers and decimals by their digits.
    fn element_number<'t>(
        &mut self,
        element: Type,
        digits: &'t [u8],
    ) -> Result<ValueRef<'t>, Unread> {
        if matches!(element, Type::Numeric(_)) {
            return Ok(ValueRef::Text(digits));
        }
        let read = self.decimal.read_text(digits, Notation::Exponent);
        let text = std::str::from_utf8(digits).ok().filter(|_| read).ok_or("not a number")?;
        if let Ok(integer) = text.parse() {
            return Ok(ValueRef::Integer(integer));
        }
        if matches!(element, Type::Int2 | Type::Int4 | Type::Int8) {
            return self.decimal.to_i64().map(ValueRef::Integer).ok_or("not a whole number");
        }
        let real = text.parse().ok().filter(|real: &f64| real.is_finite());
        real.map(ValueRef::Real).ok_or("a number beyond the range of double precision")
    }
}

fn append_uuid(stored: Stored, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
    match (stored, value) {
        (Stored::Blob, ValueRef::Blob(bytes)) if bytes.len() == 16 => out.extend_from_slice(bytes),
        (Stored::GuidLe, ValueRef::Blob(bytes)) => {
            let bytes = bytes.try_into().map_err(|_| "not a UUID")?;
            out.extend_from_slice(::uuid::Uuid::from_bytes_le(bytes).as_bytes());
        }
        (Stored::Text, ValueRef::Text(text)) => return net::append_uuid(text, out),
        _ => return Err("not a UUID"),
    }
    Ok(())
}

fn text_of(value: ValueRef<'_>) -> Result<&[u8], Unread> {
    match value {
        ValueRef::Text(text) => Ok(text),
        _ => Err("not text"),
    }
}

/// Without ASCII white space at the ends.
pub(super) fn trim_white_space(text: &[u8]) -> &[u8] {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    let mut text = text;
    while let [first, rest @ ..] = text {
        if !space(first) {
            break;
        }
        text = rest;
    }
    while let [rest @ .., last] = text {
        if !space(last) {
            break;
        }
        text = rest;
    }
    text
}
