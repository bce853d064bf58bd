//! Arrays in PostgreSQL's own notation, and as values with commas between them.

use model::Type;

use super::array::{Notation, Shape, Stopped, count_leading, put_array, put_written_element};
use super::{Cell, Codec, Out};

/// `element[]` stored in PostgreSQL's notation: `{a,"b c",NULL}`, `{{1,2},{3,4}}`.
///
/// The returned codec refuses everything else (`J9`), bounds of dimensions too, and an element as
/// its codec refuses it.
pub fn array_literal(element: &'static Type) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| put_array(out, cell, element, &LITERAL)
}

/// `element[]` stored as values with commas between them, quoted as RFC 4180 has it.
///
/// The returned codec refuses everything else (`J9`), and an element as its codec refuses it.
pub fn array_csv(element: &'static Type) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| put_array(out, cell, element, &CSV)
}

const LITERAL: Notation = Notation {
    expected: "an array as PostgreSQL writes it",
    trouble: "that is not such an array",
    dimensions: |text, _| count_leading(text, b'{'),
    read: read_literal,
};

const CSV: Notation = Notation {
    expected: "values with commas between them",
    trouble: "that are not such values",
    dimensions: |_, _| 1,
    read: read_csv,
};

fn read_literal(
    out: &mut Out,
    text: &[u8],
    element: &Type,
    shape: &mut Shape,
) -> Result<(), Stopped> {
    let stopped = |rest: &[u8]| Stopped { why: None, at: text.len() - rest.len() };
    let (mut rest, mut decoded) = (text, Vec::new());
    loop {
        rest = skip_space(rest);
        if shape.is_innermost() {
            let (is_null, after) =
                read_literal_element(rest, &mut decoded).ok_or_else(|| stopped(rest))?;
            if is_null {
                out.write_null();
            } else {
                put_written_element(out, element, &decoded)
                    .map_err(|why| Stopped { why: Some(why), ..stopped(rest) })?;
            }
            shape.add_element(is_null).ok_or_else(|| stopped(rest))?;
            rest = after;
        } else {
            rest = skip_space(rest.strip_prefix(b"{").ok_or_else(|| stopped(rest))?);
            shape.open_array();
            if !rest.starts_with(b"}") {
                continue;
            }
        }
        loop {
            rest = skip_space(rest);
            match rest {
                [b',', after @ ..] => {
                    rest = after;
                    break;
                }
                [b'}', after @ ..] => {
                    let is_outermost = shape.close_array().ok_or_else(|| stopped(rest))?;
                    rest = after;
                    if is_outermost {
                        let end = skip_space(rest);
                        return if end.is_empty() { Ok(()) } else { Err(stopped(end)) };
                    }
                }
                _ => return Err(stopped(rest)),
            }
        }
    }
}

/// Reads an element into `decoded`: whether it is NULL, and what stands behind it.
fn read_literal_element<'a>(text: &'a [u8], decoded: &mut Vec<u8>) -> Option<(bool, &'a [u8])> {
    decoded.clear();
    let (is_quoted, mut rest) = match text {
        [b'"', inside @ ..] => (true, inside),
        _ => (false, text),
    };
    // Blanks at the end do not count, unless they are quoted or escaped.
    let (mut end, mut is_escaped) = (0, false);
    loop {
        match rest {
            [b'"', after @ ..] if is_quoted => return Some((false, after)),
            [b',' | b'}', ..] if !is_quoted => break,
            [b'{' | b'"', ..] if !is_quoted => return None,
            [b'\\', byte, after @ ..] => {
                decoded.push(*byte);
                (end, is_escaped, rest) = (decoded.len(), true, after);
            }
            [b'\\'] | [] => return None,
            [byte, after @ ..] => {
                decoded.push(*byte);
                end = if is_space(*byte) { end } else { decoded.len() };
                rest = after;
            }
        }
    }
    decoded.truncate(end);
    let is_null = !is_escaped && decoded.eq_ignore_ascii_case(b"NULL");
    (!decoded.is_empty()).then_some((is_null, rest))
}

fn read_csv(out: &mut Out, text: &[u8], element: &Type, shape: &mut Shape) -> Result<(), Stopped> {
    let stopped = |rest: &[u8]| Stopped { why: None, at: text.len() - rest.len() };
    shape.open_array();
    // What begins like another notation is none of this one, unless it is quoted.
    if text.starts_with(b"{") || text.starts_with(b"[") {
        return Err(stopped(text));
    }
    let (mut rest, mut decoded) = (text, Vec::new());
    while !text.is_empty() {
        let after = read_csv_field(rest, &mut decoded).ok_or_else(|| stopped(rest))?;
        put_written_element(out, element, &decoded)
            .map_err(|why| Stopped { why: Some(why), ..stopped(rest) })?;
        shape.add_element(false).ok_or_else(|| stopped(rest))?;
        match after {
            [] => break,
            [b',', next @ ..] => rest = next,
            _ => return Err(stopped(after)),
        }
    }
    shape.close_array().map(|_| ()).ok_or_else(|| stopped(text))
}

/// Reads a value into `decoded`; hands back what stands behind it.
fn read_csv_field<'a>(text: &'a [u8], decoded: &mut Vec<u8>) -> Option<&'a [u8]> {
    decoded.clear();
    let [b'"', inside @ ..] = text else {
        let end = text.iter().position(|byte| *byte == b',').unwrap_or(text.len());
        let (field, after) = text.split_at_checked(end)?;
        decoded.extend_from_slice(field);
        let is_plain = !field.iter().any(|byte| matches!(byte, b'"' | b'\n' | b'\r'));
        return is_plain.then_some(after);
    };
    let mut rest = inside;
    loop {
        match rest {
            [b'"', b'"', after @ ..] => {
                decoded.push(b'"');
                rest = after;
            }
            [b'"', after @ ..] => return Some(after),
            [byte, after @ ..] => {
                decoded.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}

fn skip_space(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

/// White space as PostgreSQL passes over it.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
