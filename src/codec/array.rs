//! Arrays of one dimension, from JSON text.

use model::Type;

use super::decimal::Decimal;
use super::refuse::{refuse_at_place, refuse_showing_size};
use super::scan::Scanner;
use super::{Cell, Codec, Out, Refused, dispatch, number, numeric};
use crate::diagnostic::Id;

const EXPECTED: &str = "a JSON array of scalars";

/// PostgreSQL's most elements.
const LENGTH_MAX: i32 = 134_217_727;

/// `element[]` stored as JSON text: each element null, or a string, number or boolean that the
/// element's usual codec takes as text, integer or real, 1 or 0.
///
/// The returned codec refuses everything else (`J9`), and an element as its codec refuses it.
pub fn array(element: &'static Type) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| put_array(out, cell, element)
}

/// Writes the field: dimensions, whether there are nulls, the element's type, then length and
/// first index, then the elements as fields of their own.
pub(super) fn put_array(out: &mut Out, cell: Cell<'_>, element: &Type) -> Result<(), Refused> {
    let Cell::Text(text) = cell else { return Err(refuse_showing_size(Id::J9, EXPECTED, cell)) };
    if std::str::from_utf8(text).is_err() {
        return Err(refuse_showing_size(Id::J9, EXPECTED, cell));
    }
    out.try_field(|out| {
        let start = out.bytes().len();
        for word in [1, 0, type_oid(element), 0, 1] {
            out.append_raw(&word.to_be_bytes());
        }
        let mut scanner = Scanner::starting_at(text, 0);
        match put_all_elements(out, &mut scanner, element)
            .map_err(|why| why.into_refusal(cell, &scanner))?
        {
            (0, _) => {
                // An empty array has no dimension: 12 bytes remain.
                out.truncate(start + 12);
                out.patch_i32(start, 0);
            }
            (length, nulls) => {
                out.patch_i32(start + 4, i32::from(nulls));
                out.patch_i32(start + 12, length);
            }
        }
        Ok(())
    })
}

/// Why reading stopped: an element's own refusal, or none for what is no array of scalars.
struct Stopped(Option<Refused>);

impl Stopped {
    fn into_refusal(self, cell: Cell<'_>, scanner: &Scanner<'_>) -> Refused {
        self.0.unwrap_or_else(|| {
            refuse_at_place(Id::J9, EXPECTED, cell, "that is no array of scalars", scanner.offset())
        })
    }
}

/// Reads the whole text: how many elements there are, and whether some are null.
fn put_all_elements(
    out: &mut Out,
    scanner: &mut Scanner<'_>,
    element: &Type,
) -> Result<(i32, bool), Stopped> {
    let (mut length, mut nulls) = (0, false);
    let mut decoded = Vec::new();
    scanner.skip_space();
    stop_unless(scanner.eat_byte(b'['))?;
    scanner.skip_space();
    if !scanner.eat_byte(b']') {
        loop {
            scanner.skip_space();
            nulls |= put_element(out, scanner, element, &mut decoded)?;
            length += 1;
            stop_unless(length <= LENGTH_MAX)?;
            scanner.skip_space();
            if scanner.eat_byte(b']') {
                break;
            }
            stop_unless(scanner.eat_byte(b','))?;
        }
    }
    scanner.skip_space();
    stop_unless(scanner.peek().is_none())?;
    Ok((length, nulls))
}

/// Writes one element; says whether it is null.
fn put_element(
    out: &mut Out,
    scanner: &mut Scanner<'_>,
    element: &Type,
    decoded: &mut Vec<u8>,
) -> Result<bool, Stopped> {
    let cell = match scanner.peek() {
        Some(b'"') => {
            let before = *scanner;
            let string = scanner.read_string().ok_or(Stopped(None))?;
            decoded.clear();
            if !string.escaped {
                Cell::Text(string.raw)
            } else if string.for_each_piece(|piece| decoded.extend_from_slice(piece)).is_some() {
                Cell::Text(decoded)
            } else {
                *scanner = before;
                return Err(Stopped(None));
            }
        }
        Some(b'-' | b'0'..=b'9') => {
            let digits = scanner.read_number().ok_or(Stopped(None))?;
            match put_digits(out, element, digits)? {
                Some(cell) => cell,
                None => return Ok(false),
            }
        }
        _ if scanner.eat_word(b"null") => {
            out.write_null();
            return Ok(true);
        }
        _ if *element == Type::Bool && scanner.eat_word(b"true") => Cell::Integer(1),
        _ if *element == Type::Bool && scanner.eat_word(b"false") => Cell::Integer(0),
        _ => return Err(Stopped(None)),
    };
    dispatch::encode_as(*element, element.usual_encoding(), out, cell)
        .map_err(|why| Stopped(Some(why)))?;
    Ok(false)
}

/// Writes a number where its digits matter; hands it back as SQLite would hold it elsewhere.
fn put_digits(
    out: &mut Out,
    element: &Type,
    digits: &[u8],
) -> Result<Option<Cell<'static>>, Stopped> {
    let number = Decimal::parse(digits).ok_or(Stopped(None))?;
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
            let text = std::str::from_utf8(digits).map_err(|_| Stopped(None))?;
            let real: f64 = text.parse().map_err(|_| Stopped(None))?;
            stop_unless(real.is_finite())?;
            return Ok(Some(Cell::Real(real)));
        }
    };
    written.map(|()| None).map_err(|why| Stopped(Some(why)))
}

fn stop_unless(met: bool) -> Result<(), Stopped> {
    if met { Ok(()) } else { Err(Stopped(None)) }
}

/// PostgreSQL's number for an element type. Types that a database makes have other numbers in
/// each; with 0 the server takes the column's own.
fn type_oid(element: &Type) -> i32 {
    element.catalog_type().map_or(0, |known| known.oid.cast_signed())
}
