//! Arrays as SQLite stores them: JSON, PostgreSQL's notation, or values with commas between them.
//!
//! Each is read into a tree first, whose shape is checked afterwards.

use std::iter::Peekable;
use std::str::Chars;

use super::{Reader, trim_white_space};
use crate::verify::Unread;
use crate::verify::decimal::Notation;
use crate::verify::form::{append_shape, append_with_length};
use crate::verify::json::{Cursor, Token};
use model::{Stored, Type};
use rusqlite::types::ValueRef;

const NOT: Unread = "not an array";

/// PostgreSQL's most dimensions.
const DEPTH_MAX: usize = 6;

/// An element as it is written.
enum Leaf<'t> {
    Null,
    Bool(bool),
    String(Vec<u8>),
    Number(&'t [u8]),
    /// A JSON document of its own.
    Document(&'t [u8]),
    /// Text that writes a value of any type.
    Written(String),
}

enum Tree<'t> {
    Leaf(Leaf<'t>),
    Branch(Vec<Tree<'t>>),
}

/// Appends the shape, then each element with its length.
///
/// # Errors
/// When the rules do not take the text, or PostgreSQL has no such array.
pub(super) fn append_array(
    reader: &mut Reader<'_>,
    (element, stored): (Type, Stored),
    text: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Unread> {
    let text = std::str::from_utf8(text).map_err(|_| "not UTF-8")?;
    let tree = match stored {
        Stored::PgArray => read_literal(text).ok_or(NOT)?,
        Stored::Csv => read_csv(text).ok_or(NOT)?,
        _ => read_json(element, text.as_bytes())?,
    };
    let (mut lengths, mut leaves) = (Vec::new(), Vec::new());
    flatten(tree, 0, &mut lengths, &mut leaves)?;
    append_shape(&lengths, out);
    for leaf in leaves {
        append_with_length(out, |out| append_leaf(reader, element, &leaf, out))?;
    }
    Ok(())
}

/// The length of each dimension, and all elements in their order.
fn flatten<'t>(
    tree: Tree<'t>,
    depth: usize,
    lengths: &mut Vec<u32>,
    leaves: &mut Vec<Leaf<'t>>,
) -> Result<(), Unread> {
    let inner = match tree {
        Tree::Leaf(leaf) if depth > 0 && depth == lengths.len() => {
            leaves.push(leaf);
            return Ok(());
        }
        Tree::Leaf(_) => return Err("an element beside an array"),
        Tree::Branch(inner) => inner,
    };
    let length = u32::try_from(inner.len()).map_err(|_| NOT)?;
    match lengths.get(depth) {
        Some(known) if *known == length => {}
        Some(_) => return Err("arrays of several lengths in one"),
        None if !leaves.is_empty() || depth == DEPTH_MAX => {
            return Err("an array nested too deeply");
        }
        None if length == 0 && depth > 0 => return Err("an array in another without elements"),
        None => lengths.push(length),
    }
    inner.into_iter().try_for_each(|tree| flatten(tree, depth + 1, lengths, leaves))
}

fn append_leaf(
    reader: &mut Reader<'_>,
    element: Type,
    leaf: &Leaf<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Unread> {
    let documents = matches!(element, Type::Json | Type::Jsonb);
    let value = match leaf {
        Leaf::Null => ValueRef::Null,
        Leaf::Bool(value) if element == Type::Bool => ValueRef::Integer((*value).into()),
        Leaf::Bool(value) if documents => ValueRef::Text(if *value { b"true" } else { b"false" }),
        Leaf::Bool(_) => return Err("a boolean in an array of another type"),
        Leaf::String(text) => ValueRef::Text(text),
        Leaf::Number(digits) => reader.element_number(element, digits)?,
        Leaf::Document(text) if documents => ValueRef::Text(text),
        Leaf::Document(_) => return Err("an array element that is not a scalar"),
        Leaf::Written(text) => return append_written(reader, element, text.as_bytes(), out),
    };
    reader.append_value(element, element.usual_encoding(), value, out)
}

/// Appends what a text writes: a number by its digits, bytes as PostgreSQL writes them.
fn append_written(
    reader: &mut Reader<'_>,
    element: Type,
    text: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Unread> {
    let (mut stored, mut value) = (element.usual_encoding(), ValueRef::Text(text));
    match element {
        Type::Bytea if text.starts_with(b"\\x") => stored = Stored::Hex,
        Type::Bytea => return Err("bytes without a mark"),
        Type::Numeric(_) => stored = Stored::NumberOrWord,
        Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 => {
            let word = trim_white_space(text);
            let digits = word.strip_prefix(b"+").unwrap_or(word);
            let begins = digits.first().is_some_and(u8::is_ascii_digit);
            let digits = if begins { digits } else { word };
            if reader.read_decimal(digits, Notation::Exponent).is_ok() {
                value = reader.element_number(element, digits)?;
            } else if matches!(element, Type::Float4 | Type::Float8) {
                stored = Stored::NumberOrWord;
            }
        }
        _ => {}
    }
    reader.append_value(element, stored, value, out)
}

fn read_json(element: Type, text: &[u8]) -> Result<Tree<'_>, Unread> {
    let mut cursor = Cursor::new(text);
    let deepest = if matches!(element, Type::Json | Type::Jsonb) { 1 } else { DEPTH_MAX };
    let tree = read_json_value(&mut cursor, 0, deepest)?;
    cursor.expect_end()?;
    Ok(tree)
}

fn read_json_value<'t>(
    cursor: &mut Cursor<'t>,
    depth: usize,
    deepest: usize,
) -> Result<Tree<'t>, Unread> {
    if cursor.begins_nested() && depth == deepest {
        return Ok(Tree::Leaf(Leaf::Document(cursor.read_nested()?)));
    }
    Ok(Tree::Leaf(match cursor.next_token()? {
        Token::Null => Leaf::Null,
        Token::Bool(value) => Leaf::Bool(value),
        Token::Number(digits) => Leaf::Number(digits),
        Token::String => {
            let mut text = Vec::new();
            cursor.read_string(&mut text)?;
            Leaf::String(text)
        }
        Token::Object => return Err("an array element that is not a scalar"),
        Token::Array => {
            let (mut inner, mut first) = (Vec::new(), true);
            while cursor.has_next_element(b']', &mut first)? {
                inner.push(read_json_value(cursor, depth + 1, deepest)?);
            }
            return Ok(Tree::Branch(inner));
        }
    }))
}

type Letters<'t> = Peekable<Chars<'t>>;

fn is_space(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == '\u{b}'
}

fn skip_space(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| is_space(*letter)).is_some() {}
}

fn read_literal(text: &str) -> Option<Tree<'static>> {
    let mut letters = text.chars().peekable();
    skip_space(&mut letters);
    let tree = read_braces(&mut letters, 0)?;
    skip_space(&mut letters);
    letters.next().is_none().then_some(tree)
}

/// Reads from a brace to its brace.
fn read_braces(letters: &mut Letters<'_>, depth: usize) -> Option<Tree<'static>> {
    letters.next_if_eq(&'{').filter(|_| depth < DEPTH_MAX)?;
    skip_space(letters);
    let mut inner = Vec::new();
    if letters.next_if_eq(&'}').is_some() {
        return Some(Tree::Branch(inner));
    }
    loop {
        skip_space(letters);
        inner.push(match letters.peek()? {
            '{' => read_braces(letters, depth + 1)?,
            '"' => Tree::Leaf(read_quoted(letters)?),
            _ => Tree::Leaf(read_bare(letters)?),
        });
        skip_space(letters);
        match letters.next()? {
            ',' => {}
            '}' => return Some(Tree::Branch(inner)),
            _ => return None,
        }
    }
}

fn read_quoted(letters: &mut Letters<'_>) -> Option<Leaf<'static>> {
    let mut text = String::new();
    letters.next();
    loop {
        match letters.next()? {
            '"' => return Some(Leaf::Written(text)),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

fn read_bare(letters: &mut Letters<'_>) -> Option<Leaf<'static>> {
    // Blanks wait until something comes behind them.
    let (mut text, mut blanks, mut escaped) = (String::new(), String::new(), false);
    while let Some(letter) = letters.next_if(|letter| !matches!(letter, ',' | '}')) {
        match letter {
            '{' | '"' => return None,
            letter if is_space(letter) => blanks.push(letter),
            letter => {
                text.push_str(&std::mem::take(&mut blanks));
                escaped |= letter == '\\';
                text.push(if letter == '\\' { letters.next()? } else { letter });
            }
        }
    }
    letters.peek()?;
    match text.as_str() {
        "" => None,
        word if !escaped && word.eq_ignore_ascii_case("null") => Some(Leaf::Null),
        _ => Some(Leaf::Written(text)),
    }
}

fn read_csv(text: &str) -> Option<Tree<'static>> {
    if text.starts_with(['{', '[']) {
        return None;
    }
    let mut inner = Vec::new();
    let mut rest = (!text.is_empty()).then_some(text);
    while let Some(text) = rest {
        let (field, after) = match text.strip_prefix('"') {
            Some(quoted) => read_csv_quoted(quoted)?,
            None => {
                let end = text.find(',').unwrap_or(text.len());
                let (field, after) = text.split_at_checked(end)?;
                (!field.contains(['"', '\n', '\r'])).then_some((field.to_owned(), after))?
            }
        };
        inner.push(Tree::Leaf(Leaf::Written(field)));
        rest = if after.is_empty() { None } else { Some(after.strip_prefix(',')?) };
    }
    Some(Tree::Branch(inner))
}

/// Reads to the quote that stands alone; what stands behind it comes second.
fn read_csv_quoted(text: &str) -> Option<(String, &str)> {
    let (mut field, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('"')?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, after)),
        }
    }
}
