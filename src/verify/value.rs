//! What SQLite stores, brought to the canonical form of the column's type.
//!
//! A value that the rules do not take has no canonical form; it should have been refused before
//! anything was copied. Which table and row it stands in is left to [`source`](super::source).

use super::decimal::{Decimal, Notation};
use super::json::{Canon, Cursor, Token};
use super::{NULL, Unread, VALUE, net, time};
use model::{Stored, Type};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};
use std::fmt::Write;

/// Text for numbers is not longer than this.
const NUMBER_MAX: usize = 1000;
/// Whole doubles up to this are exact integers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads values; keeps its buffers from one to the next.
pub struct Reader<'c> {
    connection: &'c Connection,
    /// Prepared when the first number must be printed.
    print: Option<Statement<'c>>,
    decimal: Decimal,
    canon: Canon,
    shortest: [String; 2],
}

impl<'c> Reader<'c> {
    /// A reader that asks this connection how SQLite prints a number as text.
    pub fn new(connection: &'c Connection) -> Reader<'c> {
        let (decimal, canon) = (Decimal::default(), Canon::default());
        let shortest = [String::new(), String::new()];
        Reader { connection, print: None, decimal, canon, shortest }
    }

    /// Appends the canonical form of a value.
    ///
    /// # Errors
    /// When the rules do not take it.
    pub fn put(
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
            Type::Bool => out.push(u8::from(boolean(value)?)),
            Type::Int2 => integer(value, i16::MIN.into(), i16::MAX.into(), out)?,
            Type::Int4 => integer(value, i32::MIN.into(), i32::MAX.into(), out)?,
            Type::Int8 => integer(value, i64::MIN, i64::MAX, out)?,
            Type::Float8 => out.extend_from_slice(&self.real(value)?.to_bits().to_le_bytes()),
            Type::Float4 => out.extend_from_slice(&self.single(value)?.to_bits().to_le_bytes()),
            Type::Numeric(limits) => self.numeric(value, limits, out)?,
            Type::Text | Type::Citext => self.text(value, None, out)?,
            Type::Varchar(most) => self.text(value, Some(most), out)?,
            Type::Char(most) => {
                self.text(value, Some(most), out)?;
                trim_end(out);
            }
            Type::Bytea => out.extend_from_slice(match value {
                ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes,
                _ => return Err("a number where bytes are needed"),
            }),
            Type::Uuid => uuid(stored, value, out)?,
            Type::Json => self.json(value, out)?,
            Type::Jsonb => self.jsonb(value, out)?,
            Type::Inet => net::address(text_of(value)?, false, out)?,
            Type::Cidr => net::address(text_of(value)?, true, out)?,
            Type::Enum(declared) => {
                let text = text_of(value)?;
                if !declared.labels.iter().any(|label| label.as_bytes() == text) {
                    return Err("not a label of the enum");
                }
                out.extend_from_slice(text);
            }
            Type::Array(element) => self.array(*element, text_of(value)?, out)?,
            Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz | Type::Interval => {
                let number = self.time(ty, stored, value)?;
                out.extend_from_slice(&number.to_le_bytes());
                if ty == Type::Interval {
                    out.extend_from_slice(&[0; 8]);
                }
            }
        }
        Ok(())
    }

    fn real(&mut self, value: ValueRef<'_>) -> Result<f64, Unread> {
        match value {
            ValueRef::Real(real) => Ok(real),
            ValueRef::Integer(integer) => {
                let real = integer as f64;
                let exact = real as i128 == i128::from(integer);
                if exact { Ok(real) } else { Err("an integer that no double holds") }
            }
            ValueRef::Text(text) => {
                let text = trimmed(text);
                self.number(text, Notation::Exponent)?;
                let parsed = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
                let real: f64 = parsed.ok_or("not a number")?;
                if real.is_infinite() || (real == 0.0 && !self.decimal.is_zero()) {
                    return Err("a number beyond the doubles");
                }
                Ok(real)
            }
            _ => Err("not a number"),
        }
    }

    /// A double that says in decimal what the nearest float4 says.
    fn single(&mut self, value: ValueRef<'_>) -> Result<f32, Unread> {
        let double = self.real(value)?;
        let single = double as f32;
        if f64::from(single) == double && double.fract() == 0.0 && double.abs() < 16_777_216.0 {
            return Ok(single);
        }
        let [narrow, wide] = &mut self.shortest;
        narrow.clear();
        wide.clear();
        // Writing to a string does not fail.
        let _ = (write!(narrow, "{single}"), write!(wide, "{double}"));
        if narrow == wide { Ok(single) } else { Err("a number that float4 would change") }
    }

    fn numeric(
        &mut self,
        value: ValueRef<'_>,
        limits: Option<(u16, u16)>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        match value {
            ValueRef::Integer(integer) => self.decimal.set_integer(integer),
            ValueRef::Real(real) if self.decimal.set_real(real) => {}
            ValueRef::Text(text) => self.number(trimmed(text), Notation::Exponent)?,
            _ => return Err("not a number"),
        }
        if !self.decimal.fits(limits) {
            return Err("a number that numeric would change");
        }
        out.push(NUMBER);
        self.decimal.write(out);
        Ok(())
    }

    fn number(&mut self, text: &[u8], notation: Notation) -> Result<(), Unread> {
        let read = text.len() <= NUMBER_MAX && self.decimal.read(text, notation);
        if read { Ok(()) } else { Err("not a number") }
    }

    fn text(
        &mut self,
        value: ValueRef<'_>,
        most: Option<u32>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        let start = out.len();
        match value {
            ValueRef::Text(text) => out.extend_from_slice(text),
            ValueRef::Blob(_) => return Err("a blob where text is needed"),
            number => self.printed(number, out)?,
        }
        let written = out.get(start..).unwrap_or_default();
        if written.contains(&0) {
            return Err("a NUL in text");
        }
        let text = std::str::from_utf8(written).map_err(|_| "text that is not UTF-8")?;
        match most {
            Some(most) if text.len() > most as usize && text.chars().count() > most as usize => {
                Err("text that is too long")
            }
            _ => Ok(()),
        }
    }

    /// Appends a number as SQLite prints it; SQLite itself is asked, so that there is no doubt.
    fn printed(&mut self, number: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
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

    fn json(&mut self, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
        match value {
            ValueRef::Integer(_) | ValueRef::Real(_) => self.numeric(value, None, out),
            ValueRef::Text(text) => {
                if text.contains(&0) || std::str::from_utf8(text).is_err() {
                    return Err("JSON that is not text");
                }
                json_text(text, &mut self.decimal, out);
                Ok(())
            }
            _ => Err("not JSON"),
        }
    }

    fn jsonb(&mut self, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
        match value {
            ValueRef::Integer(integer) => {
                let [text, _] = &mut self.shortest;
                text.clear();
                let _ = write!(text, "{integer}");
                self.canon.write(text.as_bytes(), out)
            }
            ValueRef::Real(real) if real.is_finite() => {
                let [text, _] = &mut self.shortest;
                text.clear();
                let _ = write!(text, "{real:e}");
                self.canon.write(text.as_bytes(), out)
            }
            ValueRef::Text(text) => self.canon.write(text, out),
            _ => Err("not JSON"),
        }
    }

    /// Days for a date, microseconds for everything else.
    fn time(&mut self, ty: Type, stored: Stored, value: ValueRef<'_>) -> Result<i64, Unread> {
        match (ty, stored) {
            (Type::Time, _) => time::read_clock(trimmed(text_of(value)?)),
            (Type::Date, Stored::Text) => {
                let written = time::read(trimmed(text_of(value)?))?;
                let midnight = written.time.unwrap_or(0) == 0;
                if midnight { Ok(written.days) } else { Err("a date with a time of day") }
            }
            (Type::Date, _) => {
                if stored == Stored::UnixS && !matches!(value, ValueRef::Integer(_)) {
                    return Err("not whole seconds");
                }
                let micros = self.moment(stored, value)?;
                let midnight = micros % time::DAY == 0;
                if midnight { Ok(micros / time::DAY) } else { Err("a date with a time of day") }
            }
            (Type::Interval, _) => {
                let ValueRef::Integer(count) = value else { return Err("not a whole number") };
                let length = match stored {
                    Stored::Seconds => count.checked_mul(1_000_000),
                    Stored::Milliseconds => count.checked_mul(1_000),
                    Stored::Microseconds => Some(count),
                    _ => Some(count.div_euclid(1000)),
                };
                length.ok_or("an interval out of range")
            }
            (_, Stored::Text | Stored::TextUtc) => {
                let written = time::read(trimmed(text_of(value)?))?;
                let said = written.offset.is_some() && written.time.is_some();
                if ty == Type::Timestamptz && stored == Stored::Text && !said {
                    return Err("a time without an offset");
                }
                written.micros()
            }
            _ => self.moment(stored, value),
        }
    }

    /// Microseconds since 2000 of a count since 1970, or of a Julian day number.
    fn moment(&mut self, stored: Stored, value: ValueRef<'_>) -> Result<i64, Unread> {
        let places = match stored {
            Stored::UnixS => 6,
            Stored::UnixMs => 3,
            Stored::UnixUs => 0,
            Stored::UnixNs => -3,
            _ => {
                return match value {
                    ValueRef::Real(day) => time::julian(day),
                    ValueRef::Integer(day) => time::julian(day as f64),
                    _ => Err("not a Julian day number"),
                };
            }
        };
        let micros = match value {
            ValueRef::Integer(count) if places < 0 => Some(i128::from(count.div_euclid(1000))),
            ValueRef::Integer(count) => Some(i128::from(count) * 10i128.pow(places as u32)),
            ValueRef::Real(real) if self.decimal.set_real(real) => self.decimal.floor(places),
            ValueRef::Text(text) => {
                self.number(trimmed(text), Notation::Fraction)?;
                self.decimal.floor(places)
            }
            _ => return Err("not a count of time"),
        };
        let epoch = i128::from(time::UNIX_DAYS * time::DAY);
        time::ranged(micros.ok_or("a time out of range")?.saturating_sub(epoch))
    }

    /// Appends the number of elements, then each with its length.
    fn array(&mut self, element: Type, text: &[u8], out: &mut Vec<u8>) -> Result<(), Unread> {
        std::str::from_utf8(text).map_err(|_| "not UTF-8")?;
        let mut cursor = Cursor::new(text);
        if cursor.token()? != Token::Array {
            return Err("not a JSON array");
        }
        let (start, mut count, mut first) = (out.len(), 0u32, true);
        out.extend_from_slice(&[0; 4]);
        let mut string = Vec::new();
        while cursor.more(b']', &mut first)? {
            let token = cursor.token()?;
            if token == Token::String {
                string.clear();
                cursor.string(&mut string)?;
            }
            let value = match token {
                Token::Null => ValueRef::Null,
                Token::Bool(value) => ValueRef::Integer(value.into()),
                Token::String => ValueRef::Text(&string),
                Token::Number(digits) => self.element_number(element, digits)?,
                Token::Array | Token::Object => return Err("an array element that is no scalar"),
            };
            framed(out, |out| self.put(element, element.usual(), value, out))?;
            count += 1;
        }
        if let Some(place) = out.get_mut(start..start + 4) {
            place.copy_from_slice(&count.to_le_bytes());
        }
        cursor.end()
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
        let read = self.decimal.read(digits, Notation::Exponent);
        let text = std::str::from_utf8(digits).ok().filter(|_| read).ok_or("not a number")?;
        if let Ok(integer) = text.parse() {
            return Ok(ValueRef::Integer(integer));
        }
        if matches!(element, Type::Int2 | Type::Int4 | Type::Int8) {
            return self.decimal.integral().map(ValueRef::Integer).ok_or("not a whole number");
        }
        let real = text.parse().ok().filter(|real: &f64| real.is_finite());
        real.map(ValueRef::Real).ok_or("a number beyond the doubles")
    }
}

/// Marks a `numeric` or a JSON number in the canonical form; other JSON text is marked `TEXT`.
pub(super) const NUMBER: u8 = b'#';
pub(super) const TEXT: u8 = b'"';

/// Appends the form of `json`: the text as it is, but a number alone by its value, because it may
/// have been a number in SQLite, and has then no text of its own.
pub(super) fn json_text(text: &[u8], decimal: &mut Decimal, out: &mut Vec<u8>) {
    let numeric = text.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
    if numeric && decimal.read(text, Notation::Exponent) {
        out.push(NUMBER);
        decimal.write(out);
    } else {
        out.push(TEXT);
        out.extend_from_slice(text);
    }
}

/// Appends something with its length in front.
pub(super) fn framed(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Unread>,
) -> Result<(), Unread> {
    let start = out.len();
    out.extend_from_slice(&[0; 8]);
    write(out)?;
    let length = (out.len() - start - 8) as u64;
    if let Some(place) = out.get_mut(start..start + 8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

/// Drops spaces at the end; a tag always stands before the text, so they are the text's.
pub(super) fn trim_end(out: &mut Vec<u8>) {
    while out.last() == Some(&b' ') {
        out.pop();
    }
}

fn boolean(value: ValueRef<'_>) -> Result<bool, Unread> {
    const TRUE: [&[u8]; 6] = [b"t", b"true", b"y", b"yes", b"on", b"1"];
    const FALSE: [&[u8]; 6] = [b"f", b"false", b"n", b"no", b"off", b"0"];
    match value {
        ValueRef::Integer(0) => Ok(false),
        ValueRef::Integer(1) => Ok(true),
        ValueRef::Real(0.0) => Ok(false),
        ValueRef::Real(1.0) => Ok(true),
        ValueRef::Text(text) => {
            let word = trimmed(text);
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

fn integer(value: ValueRef<'_>, min: i64, max: i64, out: &mut Vec<u8>) -> Result<(), Unread> {
    let integer = match value {
        ValueRef::Integer(integer) => Some(integer),
        ValueRef::Real(real) if real.fract() == 0.0 && real.abs() <= EXACT => Some(real as i64),
        ValueRef::Text(text) => {
            let text = trimmed(text);
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

fn uuid(stored: Stored, value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
    match (stored, value) {
        (Stored::Blob, ValueRef::Blob(bytes)) if bytes.len() == 16 => out.extend_from_slice(bytes),
        (Stored::Text, ValueRef::Text(text)) => return net::uuid(text, out),
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
fn trimmed(text: &[u8]) -> &[u8] {
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
