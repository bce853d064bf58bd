//! Arrays, from JSON text; what the other ways to write arrays share with it.

use model::Type;

use super::decimal::{Decimal, trim_white_space};
use super::refuse::{refuse_at_place, refuse_showing_size};
use super::scan::Scanner;
use super::{Cell, Codec, Out, Refused, dispatch, number, numeric};
use crate::diagnostic::Id;

const EXPECTED: &str = "a JSON array of scalars";

/// PostgreSQL's most elements.
const LENGTH_MAX: i32 = 134_217_727;

/// PostgreSQL's most dimensions.
const DIMENSIONS_MAX: usize = 6;

/// `element[]` stored as JSON text: each element null, or a string, number or boolean that the
/// element's usual codec takes as text, integer or real, 1 or 0. Arrays of arrays are further
/// dimensions; elements of JSON types may be any document.
///
/// The returned codec refuses everything else (`J9`), and an element as its codec refuses it.
pub fn array(element: &'static Type) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| put_array(out, cell, element, &JSON)
}

/// A way to write arrays.
pub(super) struct Notation {
    /// What is expected.
    pub expected: &'static str,
    /// What is said of other text.
    pub trouble: &'static str,
    /// How many dimensions a text has, by its beginning.
    pub dimensions: fn(&[u8], &Type) -> usize,
    /// Writes all elements.
    pub read: Read,
}

type Read = fn(&mut Out, &[u8], &Type, &mut Shape) -> Result<(), Stopped>;

const JSON: Notation = Notation {
    expected: EXPECTED,
    trouble: "that is not an array of scalars",
    dimensions: |text, element| match element {
        Type::Json | Type::Jsonb => 1,
        _ => count_leading(text, b'['),
    },
    read: |out, text, element, shape| {
        let mut scanner = Scanner::starting_at(text, 0);
        read_json(out, &mut scanner, element, shape)
            .map_err(|ElementError(why)| Stopped { why, at: scanner.offset() })
    },
};

/// How often a byte stands at the beginning, white space aside.
pub(super) fn count_leading(text: &[u8], open: u8) -> usize {
    let visible = text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0x0b);
    visible.take_while(|byte| **byte == open).count()
}

/// Why reading stopped, and where: an element's own refusal, or none for what is no such array.
pub(super) struct Stopped {
    pub why: Option<Refused>,
    pub at: usize,
}

/// What is known of an array while its elements are read.
pub(super) struct Shape {
    /// How many elements the arrays have that are open, from the outermost.
    counts: [i32; DIMENSIONS_MAX],
    /// The length of each dimension, from when one of its arrays has ended.
    lengths: [i32; DIMENSIONS_MAX],
    open: usize,
    dimensions: usize,
    elements: i32,
    has_nulls: bool,
}

impl Shape {
    fn of_dimensions(dimensions: usize) -> Shape {
        let dimensions = dimensions.clamp(1, DIMENSIONS_MAX);
        let none = [0; DIMENSIONS_MAX];
        Shape { counts: none, lengths: none, open: 0, dimensions, elements: 0, has_nulls: false }
    }

    /// Whether elements come next, and no further arrays.
    pub fn is_innermost(&self) -> bool {
        self.open == self.dimensions
    }

    /// Begins an array within the one that is open.
    pub fn open_array(&mut self) {
        if let Some(count) = self.counts.get_mut(self.open) {
            *count = 0;
        }
        self.open += 1;
    }

    /// Counts an element; none where there are too many.
    pub fn add_element(&mut self, is_null: bool) -> Option<()> {
        self.has_nulls |= is_null;
        self.elements += 1;
        self.count_one();
        (self.elements <= LENGTH_MAX).then_some(())
    }

    fn count_one(&mut self) {
        if let Some(count) = self.open.checked_sub(1).and_then(|open| self.counts.get_mut(open)) {
            *count += 1;
        }
    }

    /// Ends the innermost array, and says whether it was the outermost too; none where it has
    /// another length than those beside it, or none.
    pub fn close_array(&mut self) -> Option<bool> {
        self.open = self.open.checked_sub(1)?;
        let count = *self.counts.get(self.open)?;
        let length = self.lengths.get_mut(self.open)?;
        let fits = *length == count || *length == 0;
        *length = count;
        self.count_one();
        (fits && (count > 0 || self.dimensions == 1)).then_some(self.open == 0)
    }
}

/// Writes the field: dimensions, whether there are nulls, the element's type, then length and
/// first index of each dimension, then the elements as fields of their own.
pub(super) fn put_array(
    out: &mut Out,
    cell: Cell<'_>,
    element: &Type,
    notation: &Notation,
) -> Result<(), Refused> {
    let refuse = || refuse_showing_size(Id::J9, notation.expected, cell);
    let Cell::Text(text) = cell else { return Err(refuse()) };
    std::str::from_utf8(text).map_err(|_| refuse())?;
    let mut shape = Shape::of_dimensions((notation.dimensions)(text, element));
    let dimensions = shape.dimensions;
    out.try_field(|out| {
        let start = out.bytes().len();
        for word in [i32::try_from(dimensions).unwrap_or_default(), 0, type_oid(element)] {
            out.append_raw(&word.to_be_bytes());
        }
        for _ in 0..dimensions {
            out.append_raw(&[0, 0, 0, 0, 0, 0, 0, 1]);
        }
        (notation.read)(out, text, element, &mut shape).map_err(|Stopped { why, at }| {
            let no_array =
                || refuse_at_place(Id::J9, notation.expected, cell, notation.trouble, at);
            why.unwrap_or_else(no_array)
        })?;
        if shape.elements == 0 {
            // An empty array has no dimension: 12 bytes remain.
            out.truncate(start + 12);
            out.patch_i32(start, 0);
            return Ok(());
        }
        out.patch_i32(start + 4, i32::from(shape.has_nulls));
        for (index, length) in shape.lengths.iter().take(dimensions).enumerate() {
            out.patch_i32(start + 12 + 8 * index, *length);
        }
        Ok(())
    })
}

/// An element's own refusal, or none for what is no array of scalars.
struct ElementError(Option<Refused>);

/// Reads the whole text.
fn read_json(
    out: &mut Out,
    scanner: &mut Scanner<'_>,
    element: &Type,
    shape: &mut Shape,
) -> Result<(), ElementError> {
    let mut decoded = Vec::new();
    loop {
        scanner.skip_space();
        if shape.is_innermost() {
            let is_null = put_element(out, scanner, element, &mut decoded)?;
            shape.add_element(is_null).ok_or(ElementError(None))?;
        } else {
            stop_unless(scanner.eat_byte(b'['))?;
            shape.open_array();
            scanner.skip_space();
            if scanner.peek() != Some(b']') {
                continue;
            }
        }
        loop {
            scanner.skip_space();
            if !scanner.eat_byte(b']') {
                stop_unless(scanner.eat_byte(b','))?;
                break;
            }
            if shape.close_array().ok_or(ElementError(None))? {
                scanner.skip_space();
                return stop_unless(scanner.peek().is_none());
            }
        }
    }
}

/// Writes one element; says whether it is null.
fn put_element(
    out: &mut Out,
    scanner: &mut Scanner<'_>,
    element: &Type,
    decoded: &mut Vec<u8>,
) -> Result<bool, ElementError> {
    let documents = matches!(element, Type::Json | Type::Jsonb);
    let cell = match scanner.peek() {
        Some(b'"') => {
            let before = *scanner;
            let string = scanner.read_string().ok_or(ElementError(None))?;
            decoded.clear();
            if !string.escaped {
                Cell::Text(string.raw)
            } else if string.for_each_piece(|piece| decoded.extend_from_slice(piece)).is_some() {
                Cell::Text(decoded)
            } else {
                *scanner = before;
                return Err(ElementError(None));
            }
        }
        Some(b'-' | b'0'..=b'9') => {
            let digits = scanner.read_number().ok_or(ElementError(None))?;
            match put_digits(out, element, digits)? {
                Some(cell) => cell,
                None => return Ok(false),
            }
        }
        Some(b'[' | b'{') if documents => {
            Cell::Text(scanner.read_nested().ok_or(ElementError(None))?)
        }
        _ if scanner.eat_word(b"null") => {
            out.write_null();
            return Ok(true);
        }
        _ if documents && scanner.eat_word(b"true") => Cell::Text(b"true"),
        _ if documents && scanner.eat_word(b"false") => Cell::Text(b"false"),
        _ if *element == Type::Bool && scanner.eat_word(b"true") => Cell::Integer(1),
        _ if *element == Type::Bool && scanner.eat_word(b"false") => Cell::Integer(0),
        _ => return Err(ElementError(None)),
    };
    dispatch::encode_as(*element, element.usual_encoding(), out, cell)
        .map_err(|why| ElementError(Some(why)))?;
    Ok(false)
}

/// Writes an element that stands as text: numbers by their digits, and words for what no number
/// is; bytes as PostgreSQL writes them.
pub(super) fn put_written_element(
    out: &mut Out,
    element: &Type,
    text: &[u8],
) -> Result<(), Refused> {
    let (cell, word) = (Cell::Text(text), trim_white_space(text));
    let mut stored = element.usual_encoding();
    match element {
        Type::Bool => {
            if let Some(truth) = number::bool_of_word(word) {
                return number::boolean(out, Cell::Integer(truth.into()));
            }
        }
        Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Numeric(_) => {
            let digits = match word {
                [b'+', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => digits,
                digits => digits,
            };
            if Decimal::from_text(digits).is_some() {
                return match put_digits(out, element, digits) {
                    Ok(None) => Ok(()),
                    Ok(Some(cell)) => dispatch::encode_as(*element, stored, out, cell),
                    Err(ElementError(why)) => {
                        Err(why.unwrap_or_else(|| refuse_showing_size(Id::J9, EXPECTED, cell)))
                    }
                };
            }
            if element.codec_name(model::Stored::NumberOrWord).is_some() {
                stored = model::Stored::NumberOrWord;
            }
        }
        Type::Bytea if text.starts_with(b"\\x") => stored = model::Stored::Hex,
        Type::Bytea => {
            let expected = "\\x and hexadecimal digits";
            return Err(refuse_showing_size(Id::J9, expected, cell));
        }
        _ => {}
    }
    dispatch::encode_as(*element, stored, out, cell)
}

/// Writes a number where its digits matter; hands it back as SQLite would hold it elsewhere.
fn put_digits(
    out: &mut Out,
    element: &Type,
    digits: &[u8],
) -> Result<Option<Cell<'static>>, ElementError> {
    let number = Decimal::parse(digits).ok_or(ElementError(None))?;
    let plain = number.is_plain().then(|| number.scaled_floor(0)).flatten();
    let small = plain.and_then(|(value, _)| i64::try_from(value).ok());
    let written = match (element, small) {
        (Type::Numeric(within), _) => numeric::put_numeric_of_digits(out, &number, digits, *within),
        (_, Some(value)) => return Ok(Some(Cell::Integer(value))),
        (Type::Int2 | Type::Int4 | Type::Int8, None) => {
            number::put_integer_of_digits(out, *element, &number, digits)
        }
        (Type::Float4 | Type::Float8, None) => {
            number::put_float_of_digits(out, digits, *element == Type::Float8)
        }
        _ => {
            let text = std::str::from_utf8(digits).map_err(|_| ElementError(None))?;
            let real: f64 = text.parse().map_err(|_| ElementError(None))?;
            stop_unless(real.is_finite())?;
            return Ok(Some(Cell::Real(real)));
        }
    };
    written.map(|()| None).map_err(|why| ElementError(Some(why)))
}

fn stop_unless(met: bool) -> Result<(), ElementError> {
    if met { Ok(()) } else { Err(ElementError(None)) }
}

/// PostgreSQL's number for an element type. Types that a database makes have other numbers in
/// each; with 0 the server takes the column's own.
fn type_oid(element: &Type) -> i32 {
    element.catalog_type().map_or(0, |known| known.oid.cast_signed())
}
