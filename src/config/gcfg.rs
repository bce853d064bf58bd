//! The configuration language of Connect: gcfg, the Go reader of git-config's look.
//!
//! [`read_gcfg`] turns bytes into [`Event`]s exactly as version 1 of the Go package does, and stops
//! where it stops, with its words and its position (columns count bytes). What the events mean is
//! said by [`table`]; what usually goes wrong in a value, by [`traps`]. Which settings exist and
//! what they are for is not known here.

pub mod environment;
pub mod problem;
pub mod quantity;
pub mod quote;
mod scan;
pub mod table;
pub mod traps;
pub mod value;

use std::fmt;
use std::ops::Range;

use problem::Problem;
use scan::{Scanner, Token};
use zeroize::Zeroizing;

/// A position in the file; line and column count from one, the column counts bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The byte in the line.
    pub column: usize,
}

/// What one line of the file says. Not `Debug`: a value may be a secret.
pub struct Event {
    /// The section as written.
    pub section: String,
    /// The subsection, unquoted; empty when there is none (an empty one is an error in the file).
    pub subsection: String,
    /// The variable, or nothing for the header itself.
    pub variable: Option<Variable>,
    /// Where the header's bracket or the variable's name stands.
    pub place: Place,
}

/// A variable with what was said of it.
pub struct Variable {
    /// The name as written.
    pub name: String,
    /// The value, unquoted; nothing when the line has no `=` (a "blank" value).
    pub value: Option<Zeroizing<String>>,
    /// The bytes of the value in [`Reading::text`], quotes and trailing blanks included.
    pub raw: Range<usize>,
    /// Where the value starts.
    pub place: Place,
}

/// Why the reader stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    pub problem: Problem,
    /// How many more problems there are.
    pub more: usize,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.problem)?;
        match self.more {
            0 => Ok(()),
            // Go's own plural.
            more => write!(f, " (and {more} more errors)"),
        }
    }
}

/// A file as far as it could be read.
pub struct Reading<'a> {
    /// The bytes, without a leading byte order mark.
    pub text: &'a [u8],
    /// What was read before the error, or all.
    pub events: Vec<Event>,
    /// The first error, which ends the reading.
    pub error: Option<SyntaxError>,
}

impl Reading<'_> {
    /// The position of a byte of [`Reading::text`].
    #[must_use]
    pub fn place_of_byte(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Place { line, column: before.len() - line_start + 1 }
    }
}

/// Reads a gcfg text. Any bytes may be given.
#[must_use]
pub fn read_gcfg(source: &[u8]) -> Reading<'_> {
    let text = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let mut reader = Reader::new(text);
    let error = reader.read_file().err();
    Reading { text, events: reader.events, error }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    token: Token,
    /// Where `token` starts.
    offset: usize,
    section: String,
    subsection: String,
    events: Vec<Event>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Reader<'a> {
        let mut scanner = Scanner::new(text);
        let (offset, token) = scanner.next_token();
        Reader {
            scanner,
            token,
            offset,
            section: String::new(),
            subsection: String::new(),
            events: Vec::new(),
        }
    }

    fn read_file(&mut self) -> Result<(), SyntaxError> {
        loop {
            self.scanner.check_no_error()?;
            match self.token {
                Token::End => return Ok(()),
                Token::LineEnd => self.advance_token(),
                Token::Open => self.read_header()?,
                Token::Name(_) => self.read_variable()?,
                _ if self.section.is_empty() => {
                    return self.refuse_at_token(Problem::ExpectedHeader);
                }
                _ => return self.refuse_at_token(Problem::ExpectedHeaderOrVariable),
            }
        }
    }

    fn read_header(&mut self) -> Result<(), SyntaxError> {
        let place = self.scanner.place_of_byte(self.offset);
        self.advance_token_checked()?;
        let Token::Name(name) = &self.token else {
            return self.refuse_at_token(Problem::ExpectedSectionName);
        };
        self.section.clone_from(name);
        self.subsection.clear();
        self.advance_token_checked()?;
        if let Token::Text(raw) = &self.token {
            self.subsection = unquote(&self.scanner.token_text(raw)).to_string();
            if self.subsection.is_empty() {
                return self.refuse_at_token(Problem::EmptySubsection);
            }
            self.advance_token_checked()?;
        }
        match (&self.token, self.subsection.is_empty()) {
            (Token::Close, _) => {}
            (_, true) => return self.refuse_at_token(Problem::ExpectedSubsectionOrBracket),
            (_, false) => return self.refuse_at_token(Problem::ExpectedBracket),
        }
        // Go looks for scanner errors only after it has taken note of the section.
        self.advance_token();
        self.expect_line_end()?;
        self.push_event(place, None);
        Ok(())
    }

    fn read_variable(&mut self) -> Result<(), SyntaxError> {
        if self.section.is_empty() {
            return self.refuse_at_token(Problem::ExpectedHeader);
        }
        let place = self.scanner.place_of_byte(self.offset);
        let Token::Name(name) = std::mem::replace(&mut self.token, Token::End) else {
            return Ok(());
        };
        self.advance_token_checked()?;
        let mut variable = Variable { name, value: None, raw: self.offset..self.offset, place };
        if !matches!(self.token, Token::End | Token::LineEnd) {
            if !matches!(self.token, Token::Equals) {
                return self.refuse_at_token(Problem::ExpectedEquals);
            }
            self.advance_token_checked()?;
            let Token::Text(raw) = &self.token else {
                return self.refuse_at_token(Problem::ExpectedValue);
            };
            variable.place = self.scanner.place_of_byte(self.offset);
            variable.value = Some(unquote(&strip_carriage_returns(self.scanner.token_text(raw))));
            variable.raw = self.offset..self.scanner.value_end();
            self.advance_token_checked()?;
            self.expect_line_end()?;
        }
        self.push_event(place, Some(variable));
        Ok(())
    }

    fn push_event(&mut self, place: Place, variable: Option<Variable>) {
        let (section, subsection) = (self.section.clone(), self.subsection.clone());
        self.events.push(Event { section, subsection, variable, place });
    }

    fn expect_line_end(&self) -> Result<(), SyntaxError> {
        match self.token {
            Token::End | Token::LineEnd => Ok(()),
            _ => self.refuse_at_token(Problem::ExpectedLineEnd),
        }
    }

    fn advance_token(&mut self) {
        (self.offset, self.token) = self.scanner.next_token();
    }

    fn advance_token_checked(&mut self) -> Result<(), SyntaxError> {
        self.advance_token();
        self.scanner.check_no_error()
    }

    fn refuse_at_token<T>(&self, problem: Problem) -> Result<T, SyntaxError> {
        Err(SyntaxError { place: self.scanner.place_of_byte(self.offset), problem, more: 0 })
    }
}

/// A carriage return is never part of a value, quoted or not.
fn strip_carriage_returns(raw: Zeroizing<String>) -> Zeroizing<String> {
    if !raw.contains('\r') {
        return raw;
    }
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    text.extend(raw.chars().filter(|c| *c != '\r'));
    text
}

/// Takes quotes and escapes off; the scanner has already refused what this does not know.
fn unquote(raw: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('\n') | None => {}
                Some(other) => text.push(other),
            },
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::read_gcfg;

    #[track_caller]
    fn check_line(line: &str, value: &str) {
        let source = format!("[S]\n{line}\n");
        let reading = read_gcfg(source.as_bytes());
        assert_eq!(reading.error, None);
        let variable = reading.events.last().and_then(|event| event.variable.as_ref());
        assert_eq!(variable.and_then(|v| v.value.as_ref()).map(|v| v.as_str()), Some(value));
    }

    #[test]
    fn carriage_returns_are_no_part_of_a_value() {
        check_line("a = x\ry \r", "xy");
        check_line("a = \" x\ry\r\"", " xy");
        check_line("a = x\\\r\ny", "xy");
        check_line("a = x\\\r\"y", "x\"y");
    }
}
