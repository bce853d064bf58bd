//! JSON text, read by hand so that numbers keep all their digits, and its canonical form.
//!
//! Two documents have the same form when `jsonb` holds the same for both: the last of equal keys
//! counts, keys have no order, numbers are exact decimals whatever their scale.

use super::Unread;
use super::decimal::{Decimal, Notation};

/// The deepest nesting that is read.
const DEPTH_MAX: usize = 512;
/// The longest string that `jsonb` holds.
const STRING_MAX: usize = 268_435_455;
/// Ends a number's digits; no digit is this byte.
const NUMBER_END: u8 = 0xff;

/// Where a member of an object stands in the output: its key, then its value up to `end`.
#[derive(Clone, Copy, Debug)]
struct Member {
    key: usize,
    value: usize,
    end: usize,
}

/// Brings documents to their canonical form; keeps its buffers from one to the next.
#[derive(Debug, Default)]
pub struct Canon {
    members: Vec<Member>,
    spare: Vec<u8>,
    decimal: Decimal,
}

impl Canon {
    /// Appends the canonical form of a document.
    ///
    /// # Errors
    /// When the text is not JSON that `jsonb` can hold.
    pub fn append_document(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Unread> {
        std::str::from_utf8(text).map_err(|_| "not UTF-8")?;
        self.members.clear();
        let mut cursor = Cursor::new(text);
        self.append_value(&mut cursor, out, 0)?;
        cursor.expect_end()
    }

    fn append_value(
        &mut self,
        cursor: &mut Cursor<'_>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Unread> {
        match cursor.next_token()? {
            Token::Array | Token::Object if depth == DEPTH_MAX => {
                return Err("JSON nested too deeply");
            }
            Token::Null => out.push(b'n'),
            Token::Bool(value) => out.push(if value { b't' } else { b'f' }),
            Token::Number(text) => {
                if !self.decimal.read_text(text, Notation::Exponent)
                    || !self.decimal.fits_limits(None)
                {
                    return Err("a JSON number beyond numeric");
                }
                out.push(b'#');
                self.decimal.append_canonical(out);
                out.push(NUMBER_END);
            }
            Token::String => append_string(cursor, out)?,
            Token::Array => {
                out.push(b'[');
                let mut first = true;
                while cursor.has_next_element(b']', &mut first)? {
                    self.append_value(cursor, out, depth + 1)?;
                }
                out.push(b']');
            }
            Token::Object => self.append_object(cursor, out, depth)?,
        }
        Ok(())
    }

    fn append_object(
        &mut self,
        cursor: &mut Cursor<'_>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Unread> {
        out.push(b'{');
        let (start, base) = (out.len(), self.members.len());
        let mut first = true;
        while cursor.has_next_element(b'}', &mut first)? {
            let key = out.len();
            let Token::String = cursor.next_token()? else {
                return Err("a JSON key is not a string");
            };
            append_string(cursor, out)?;
            cursor.expect_colon()?;
            let value = out.len();
            self.append_value(cursor, out, depth + 1)?;
            self.members.push(Member { key, value, end: out.len() });
        }
        self.sort_members(start, base, out);
        out.push(b'}');
        Ok(())
    }

    /// Puts the members after `base` in the order of their keys and drops all but the last of
    /// equal ones. Their text begins at `start`.
    fn sort_members(&mut self, start: usize, base: usize, out: &mut Vec<u8>) {
        let members = self.members.get_mut(base..).unwrap_or_default();
        let key = |member: &Member| out.get(member.key..member.value).unwrap_or_default();
        members.sort_unstable_by(|a, b| key(a).cmp(key(b)).then(b.key.cmp(&a.key)));
        self.spare.clear();
        let mut previous = None;
        for member in members {
            if previous != Some(key(member)) {
                self.spare.extend_from_slice(out.get(member.key..member.end).unwrap_or_default());
            }
            previous = Some(key(member));
        }
        out.truncate(start);
        out.extend_from_slice(&self.spare);
        self.members.truncate(base);
    }
}

/// Appends a string's form: its length first, so that no string can look like two.
fn append_string(cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Unread> {
    out.push(b's');
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    cursor.read_string(out)?;
    let length = out.len() - start - 4;
    if length > STRING_MAX {
        return Err("a JSON string too long");
    }
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&(length as u32).to_le_bytes());
    }
    Ok(())
}

/// What stands at the cursor; what is inside strings, arrays and objects is still to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(&'a [u8]),
    /// A string; its quote is read.
    String,
    /// An array; its bracket is read.
    Array,
    /// An object; its brace is read.
    Object,
}

/// A place in JSON text.
#[derive(Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// The beginning of a text.
    pub fn new(text: &'a [u8]) -> Cursor<'a> {
        Cursor { rest: text }
    }

    /// Reads the next token.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn next_token(&mut self) -> Result<Token<'a>, Unread> {
        self.skip_space();
        let word = |cursor: &mut Cursor<'a>, word: &[u8], token| {
            cursor.rest = cursor.rest.strip_prefix(word).ok_or("not JSON")?;
            Ok(token)
        };
        match self.rest.first() {
            Some(b'n') => word(self, b"null", Token::Null),
            Some(b't') => word(self, b"true", Token::Bool(true)),
            Some(b'f') => word(self, b"false", Token::Bool(false)),
            Some(b'"') => word(self, b"\"", Token::String),
            Some(b'[') => word(self, b"[", Token::Array),
            Some(b'{') => word(self, b"{", Token::Object),
            _ => self.read_number(),
        }
    }

    /// Whether an array or an object comes next.
    pub fn begins_nested(&mut self) -> bool {
        self.skip_space();
        matches!(self.rest.first(), Some(b'[' | b'{'))
    }

    /// Reads an array or an object, as it is written.
    ///
    /// # Errors
    /// When it does not end.
    pub fn read_nested(&mut self) -> Result<&'a [u8], Unread> {
        let (text, mut depth, mut first) = (self.rest, 0_usize, true);
        while std::mem::take(&mut first) || depth > 0 {
            let (byte, rest) = self.rest.split_first().ok_or("not JSON")?;
            self.rest = rest;
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.checked_sub(1).ok_or("not JSON")?,
                b'"' => self.read_string(&mut Vec::new())?,
                _ => {}
            }
        }
        text.get(..text.len() - self.rest.len()).ok_or("not JSON")
    }

    /// Whether another element comes before the closing bracket; reads the comma or the bracket.
    ///
    /// # Errors
    /// When neither stands there.
    pub fn has_next_element(&mut self, close: u8, first: &mut bool) -> Result<bool, Unread> {
        self.skip_space();
        let was_first = std::mem::replace(first, false);
        match self.rest.split_first() {
            Some((byte, rest)) if *byte == close => {
                self.rest = rest;
                Ok(false)
            }
            Some((b',', rest)) if !was_first => {
                self.rest = rest;
                Ok(true)
            }
            Some(_) if was_first => Ok(true),
            _ => Err("not JSON"),
        }
    }

    /// Reads the colon after a key.
    ///
    /// # Errors
    /// When none stands there.
    pub fn expect_colon(&mut self) -> Result<(), Unread> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(b":").ok_or("not JSON")?;
        Ok(())
    }

    /// Checks that only white space is left.
    ///
    /// # Errors
    /// When there is more.
    pub fn expect_end(&mut self) -> Result<(), Unread> {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err("text after the JSON value") }
    }

    /// Appends the rest of a string, its escapes resolved.
    ///
    /// # Errors
    /// When it does not end, or holds what PostgreSQL's text cannot: NUL and lone surrogates.
    pub fn read_string(&mut self, out: &mut Vec<u8>) -> Result<(), Unread> {
        loop {
            let plain = |byte: &u8| *byte != b'"' && *byte != b'\\' && *byte >= 0x20;
            let count = self.rest.iter().take_while(|byte| plain(byte)).count();
            let (run, rest) = self.rest.split_at_checked(count).ok_or("not JSON")?;
            out.extend_from_slice(run);
            match rest.split_first() {
                Some((b'"', rest)) => {
                    self.rest = rest;
                    return Ok(());
                }
                Some((b'\\', rest)) => {
                    self.rest = rest;
                    self.read_escape(out)?;
                }
                _ => return Err("not JSON"),
            }
        }
    }

    fn read_escape(&mut self, out: &mut Vec<u8>) -> Result<(), Unread> {
        let (letter, rest) = self.rest.split_first().ok_or("not JSON")?;
        self.rest = rest;
        out.push(match letter {
            b'"' | b'\\' | b'/' => *letter,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit = self.read_code_unit()?;
                let point = match unit {
                    0 => return Err("an escaped NUL"),
                    0xd800..=0xdbff => {
                        self.rest = self.rest.strip_prefix(b"\\u").ok_or("a lone surrogate")?;
                        let low = self.read_code_unit()?;
                        if !(0xdc00..=0xdfff).contains(&low) {
                            return Err("a lone surrogate");
                        }
                        0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    }
                    unit => unit,
                };
                let point = char::from_u32(point).ok_or("a lone surrogate")?;
                out.extend_from_slice(point.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err("not JSON"),
        });
        Ok(())
    }

    fn read_code_unit(&mut self) -> Result<u32, Unread> {
        let (digits, rest) = self.rest.split_first_chunk::<4>().ok_or("not JSON")?;
        self.rest = rest;
        digits.iter().try_fold(0, |unit, digit| {
            Ok(unit * 16 + char::from(*digit).to_digit(16).ok_or("not JSON")?)
        })
    }

    /// A number by the grammar of RFC 8259, which is narrower than that of number text.
    fn read_number(&mut self) -> Result<Token<'a>, Unread> {
        let text = self.rest;
        let digits = |cursor: &mut Cursor<'a>| {
            let count = cursor.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            cursor.rest = cursor.rest.get(count..).unwrap_or_default();
            if count > 0 { Ok(count) } else { Err("not JSON") }
        };
        self.eat_any(b"-");
        let zero = self.rest.first() == Some(&b'0');
        if digits(self)? > 1 && zero {
            return Err("not JSON");
        }
        if self.eat_any(b".") {
            digits(self)?;
        }
        if self.eat_any(b"eE") {
            self.eat_any(b"+-");
            digits(self)?;
        }
        Ok(Token::Number(text.get(..text.len() - self.rest.len()).unwrap_or_default()))
    }

    fn eat_any(&mut self, any: &[u8]) -> bool {
        match self.rest.split_first() {
            Some((byte, rest)) if any.contains(byte) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn skip_space(&mut self) {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }
}
