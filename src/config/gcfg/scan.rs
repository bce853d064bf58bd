//! The lexical layer of gcfg: bytes to tokens, one character of look-ahead.
//!
//! Go's scanner complains about a bad byte when it *loads* it, which is while the token before it
//! is still being finished; the order and number of errors, and which events come before them,
//! follow from that. So this keeps the same look-ahead, and a list of errors to be asked for.

use std::ops::Range;

use unicode_general_category::{GeneralCategory, get_general_category};
use zeroize::Zeroizing;

use super::problem::Problem;
use super::{Place, SyntaxError};

pub(super) enum Token {
    End,
    LineEnd,
    Open,
    Close,
    Equals,
    Name(String),
    /// A quoted subsection name or a value: its bytes, quotes and escapes still in.
    Text(Range<usize>),
    Illegal,
}

pub(super) struct Scanner<'a> {
    text: &'a [u8],
    /// The offset of each line's first byte.
    lines: Vec<usize>,
    current: Option<char>,
    /// Where `current` starts, and what follows it.
    offset: usize,
    next_offset: usize,
    /// After `=` everything to the end of the line is one token.
    value_is_next: bool,
    value_end: usize,
    errors: Vec<(usize, Problem)>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a [u8]) -> Scanner<'a> {
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(index, _)| index + 1)).collect();
        let mut scanner = Scanner {
            text,
            lines,
            current: None,
            offset: 0,
            next_offset: 0,
            value_is_next: false,
            value_end: 0,
            errors: Vec::new(),
        };
        scanner.load_character();
        scanner
    }

    pub(super) fn place_of_byte(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        Place { line, column: offset - start + 1 }
    }

    /// The text of a token. Not UTF-8 was an error, so nothing is lost here.
    pub(super) fn token_text(&self, range: &Range<usize>) -> Zeroizing<String> {
        let bytes = self.text.get(range.clone()).unwrap_or_default();
        Zeroizing::new(String::from_utf8_lossy(bytes).into_owned())
    }

    /// Where the last value ended: at its line's end or at the comment that cut it.
    pub(super) fn value_end(&self) -> usize {
        self.value_end
    }

    pub(super) fn check_no_error(&self) -> Result<(), SyntaxError> {
        let Some(((offset, problem), rest)) = self.errors.split_first() else { return Ok(()) };
        Err(SyntaxError { place: self.place_of_byte(*offset), problem: *problem, more: rest.len() })
    }

    pub(super) fn next_token(&mut self) -> (usize, Token) {
        loop {
            self.skip_blanks();
            let start = self.offset;
            if self.value_is_next {
                self.value_is_next = false;
                return (start, Token::Text(self.scan_value()));
            }
            if self.current.is_some_and(is_letter) {
                return (start, Token::Name(self.scan_name()));
            }
            let first = self.current;
            self.load_character();
            let token = match first {
                None => Token::End,
                Some('\n') => Token::LineEnd,
                Some('"') => Token::Text(self.scan_quoted(start)),
                Some('[') => Token::Open,
                Some(']') => Token::Close,
                Some(';' | '#') => {
                    self.skip_comment();
                    continue;
                }
                Some('=') => {
                    self.value_is_next = true;
                    Token::Equals
                }
                Some(other) => {
                    self.note_first_error(start, Problem::IllegalCharacter(other));
                    Token::Illegal
                }
            };
            return (start, token);
        }
    }

    /// Makes the next character the current one, and complains of it where it cannot be one.
    fn load_character(&mut self) {
        self.offset = self.next_offset;
        let window = self.text.get(self.offset..).unwrap_or_default();
        let window = window.get(..4).unwrap_or(window);
        let Some(chunk) = window.utf8_chunks().next() else {
            self.current = None;
            return;
        };
        let Some(c) = chunk.valid().chars().next() else {
            self.next_offset = self.offset + 1;
            self.current = Some(char::REPLACEMENT_CHARACTER);
            self.note_first_error(self.offset, Problem::IllegalUtf8);
            return;
        };
        self.next_offset = self.offset + c.len_utf8();
        self.current = Some(c);
        if c == '\0' {
            self.note_first_error(self.offset, Problem::IllegalNul);
        }
    }

    fn note_first_error(&mut self, offset: usize, problem: Problem) {
        self.errors.push((offset, problem));
    }

    fn skip_blanks(&mut self) {
        while self.current.is_some_and(is_blank) {
            self.load_character();
        }
    }

    fn skip_comment(&mut self) {
        while self.current.is_some_and(|c| c != '\n') {
            self.load_character();
        }
    }

    fn scan_name(&mut self) -> String {
        let start = self.offset;
        while self.current.is_some_and(|c| c == '-' || is_letter(c) || is_digit(c)) {
            self.load_character();
        }
        self.token_text(&(start..self.offset)).to_string()
    }

    /// A subsection's name; its opening quote is already behind.
    fn scan_quoted(&mut self, start: usize) -> Range<usize> {
        while self.current != Some('"') {
            let c = self.current;
            self.load_character();
            if matches!(c, None | Some('\n')) {
                self.note_first_error(start, Problem::StringNotTerminated);
                break;
            }
            if c == Some('\\') {
                self.scan_escape(&['\\', '"']);
            }
        }
        self.load_character();
        start..self.offset
    }

    fn scan_escape(&mut self, known: &[char]) {
        let (offset, c) = (self.offset, self.current);
        self.load_character();
        if !c.is_some_and(|c| known.contains(&c)) {
            self.note_first_error(offset, Problem::UnknownEscape);
        }
    }

    /// A value: to the end of the line or to the first comment sign outside quotes.
    fn scan_value(&mut self) -> Range<usize> {
        let start = self.offset;
        let mut end = start;
        let mut quoted = false;
        while quoted || !matches!(self.current, None | Some('\n' | ';' | '#')) {
            let c = self.current;
            self.load_character();
            match c {
                Some('\\') if quoted => self.scan_escape(&['\\', '"', 'n', 't']),
                Some('\\') => {
                    if self.current == Some('\r') {
                        self.load_character();
                    }
                    if !matches!(self.current, Some('\n' | '"')) {
                        self.note_first_error(start, Problem::UnquotedBackslash);
                        break;
                    }
                    self.load_character();
                }
                Some('"') => quoted = !quoted,
                None => {
                    self.note_first_error(start, Problem::StringNotTerminated);
                    break;
                }
                Some('\n') if quoted => {
                    self.note_first_error(start, Problem::StringNotTerminated);
                    break;
                }
                _ => {}
            }
            if quoted || !c.is_some_and(is_blank) {
                end = self.offset;
            }
        }
        self.value_end = self.offset;
        start..end
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
}

fn is_letter(c: char) -> bool {
    use GeneralCategory::{
        LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter,
    };
    c.is_ascii_alphabetic()
        || !c.is_ascii()
            && matches!(
                get_general_category(c),
                LowercaseLetter | ModifierLetter | OtherLetter | TitlecaseLetter | UppercaseLetter
            )
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || !c.is_ascii() && get_general_category(c) == GeneralCategory::DecimalNumber
}
