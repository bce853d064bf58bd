//! What stands in a row, as a finding says it: never the value of text or bytes, only their shape.

use std::fmt;

use crate::text;

/// What was found at a place, safe to print.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// `NULL`
    Null,
    /// `integer 2`
    Integer(i64),
    /// `real 2.5`
    Real(f64),
    /// `text of 3 bytes`
    Text {
        /// Its length.
        bytes: usize,
    },
    /// `blob of 3 bytes`
    Blob {
        /// Its length.
        bytes: usize,
    },
    /// `text of 3 characters`, where characters are what is counted.
    Characters(usize),
    /// `empty text`, where text is shown by its shape.
    EmptyText,
    /// `text like 9999-99-99`
    TextLike(Shape),
    /// `text of 3 bytes with a NUL at byte 1`
    At {
        /// What it stands in.
        value: Box<Found>,
        /// What is wrong: `with a NUL`, `that is not UTF-8`.
        trouble: &'static str,
        /// Where, from 0.
        offset: usize,
    },
    /// Anything else, in words.
    Described(String),
}

impl Found {
    /// Whether it is text without a character.
    pub fn is_empty_text(&self) -> bool {
        match self {
            Found::EmptyText | Found::Text { bytes: 0 } => true,
            Found::At { value, .. } => value.is_empty_text(),
            _ => false,
        }
    }

    /// Whether it is text of digits alone, enough of them to count seconds.
    pub fn is_long_number(&self) -> bool {
        matches!(self, Found::TextLike(shape) if shape.is_long_number())
    }
}

impl From<String> for Found {
    fn from(words: String) -> Found {
        Found::Described(words)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::make_message(match self {
            Found::Null => "NULL".to_owned(),
            Found::Integer(value) => format!("integer {value}"),
            Found::Real(value) => format!("real {value:?}"),
            Found::Text { bytes } => {
                format!("text of {}", text::count_with_noun(*bytes as u64, "byte"))
            }
            Found::Blob { bytes } => {
                format!("blob of {}", text::count_with_noun(*bytes as u64, "byte"))
            }
            Found::Characters(length) => {
                format!("text of {}", text::count_with_noun(*length as u64, "character"))
            }
            Found::EmptyText => "empty text".to_owned(),
            Found::TextLike(shape) => format!("text like {shape}"),
            Found::At { value, trouble, offset } => format!("{value} {trouble} at byte {offset}"),
            Found::Described(words) => words.clone(),
        }))
    }
}

/// So many characters of a shape say enough.
const SHAPE_MAX: usize = 40;

/// The shape of a text: letters as `a` and `A`, digits as `9`, punctuation and spaces as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    beginning: String,
    is_cut: bool,
}

impl Shape {
    /// The shape of a text, which may be no UTF-8.
    pub fn of_text(bytes: &[u8]) -> Shape {
        // A character has at most four bytes, so this is enough of them.
        let head = bytes.get(..4 * SHAPE_MAX + 4).unwrap_or(bytes);
        let text = String::from_utf8_lossy(head);
        let is_cut = text.chars().nth(SHAPE_MAX).is_some();
        let shown = if is_cut { SHAPE_MAX - 1 } else { SHAPE_MAX };
        Shape { beginning: text.chars().take(shown).map(character_class).collect(), is_cut }
    }

    fn is_long_number(&self) -> bool {
        let digits = self.beginning.bytes().all(|byte| byte == b'9');
        digits && !self.is_cut && self.beginning.len() > 8
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.beginning)?;
        f.write_str(if self.is_cut { "…" } else { "" })
    }
}

/// One character of a shape.
fn character_class(character: char) -> char {
    match character {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        ' ' => ' ',
        c if c.is_ascii_graphic() => c,
        _ => '?',
    }
}
