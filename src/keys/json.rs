//! The form of a `jsonb` document by which two are equal where PostgreSQL finds them equal: the
//! last of equal keys counts, keys have no order, numbers are equal whatever their scale.

use std::collections::BTreeMap;

use super::comparison::comparable_number;
use crate::codec::{Cell, Out, Scanner, numeric};

/// The deepest nesting that is read, as deep as the codec of `jsonb` reads.
const DEPTH_MAX: usize = 512;

/// The form of a document; `None` where the text is not JSON.
pub fn comparable_json(text: &[u8]) -> Option<Vec<u8>> {
    let mut form = Vec::new();
    let mut scanner = Scanner::starting_at(text, 0);
    append_value(&mut scanner, &mut form, 0)?;
    scanner.skip_space();
    scanner.peek().is_none().then_some(form)
}

fn append_value(scanner: &mut Scanner<'_>, form: &mut Vec<u8>, depth: usize) -> Option<()> {
    scanner.skip_space();
    if depth > DEPTH_MAX {
        return None;
    }
    match scanner.peek()? {
        b'{' => append_object(scanner, form, depth),
        b'[' => append_array(scanner, form, depth),
        b'"' => {
            form.push(b's');
            append_sized(&read_string(scanner)?, form);
            Some(())
        }
        b'n' | b't' | b'f' => {
            let words: [&[u8]; 3] = [b"null", b"true", b"false"];
            let word = words.into_iter().find(|word| scanner.eat_word(word))?;
            form.extend(word.first());
            Some(())
        }
        _ => {
            let mut out = Out::default();
            numeric(&mut out, Cell::Text(scanner.read_number()?)).ok()?;
            form.push(b'#');
            // The field's length comes before the field.
            append_sized(&comparable_number(out.bytes().get(4..)?), form);
            Some(())
        }
    }
}

fn append_array(scanner: &mut Scanner<'_>, form: &mut Vec<u8>, depth: usize) -> Option<()> {
    form.push(b'[');
    scanner.skip_byte();
    scanner.skip_space();
    if !scanner.eat_byte(b']') {
        loop {
            append_value(scanner, form, depth + 1)?;
            scanner.skip_space();
            if scanner.eat_byte(b']') {
                break;
            }
            scanner.eat_byte(b',').then_some(())?;
        }
    }
    form.push(b']');
    Some(())
}

fn append_object(scanner: &mut Scanner<'_>, form: &mut Vec<u8>, depth: usize) -> Option<()> {
    let mut members = BTreeMap::new();
    scanner.skip_byte();
    scanner.skip_space();
    if !scanner.eat_byte(b'}') {
        loop {
            scanner.skip_space();
            let key = read_string(scanner)?;
            scanner.skip_space();
            scanner.eat_byte(b':').then_some(())?;
            let mut value = Vec::new();
            append_value(scanner, &mut value, depth + 1)?;
            members.insert(key, value);
            scanner.skip_space();
            if scanner.eat_byte(b'}') {
                break;
            }
            scanner.eat_byte(b',').then_some(())?;
        }
    }
    form.push(b'{');
    for (key, value) in members {
        append_sized(&key, form);
        form.extend_from_slice(&value);
    }
    form.push(b'}');
    Some(())
}

/// The text that a string means.
fn read_string(scanner: &mut Scanner<'_>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    scanner.read_string()?.for_each_piece(|piece| text.extend_from_slice(piece))?;
    Some(text)
}

/// Appends bytes after their number, so that no two parts can look like other two.
fn append_sized(bytes: &[u8], form: &mut Vec<u8>) {
    form.extend_from_slice(&bytes.len().to_be_bytes());
    form.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_postgresql_finds_equal_have_one_form() {
        let equal = [
            (r#"{"a": 1, "b": [true, null]}"#, r#" {"b":[true,null],"a":1.0} "#),
            (r#"{"a": 1, "a": 2}"#, r#"{"a": 2e0}"#),
            (r#""\u00e4\n""#, "\"ä\\n\""),
            ("[]", "[ ]"),
            ("1e2", "100"),
            ("-0", "0.00"),
        ];
        for (left, right) in equal {
            let form = comparable_json(left.as_bytes());
            assert!(form.is_some(), "{left}");
            assert_eq!(form, comparable_json(right.as_bytes()), "{left} and {right}");
        }
        let different = [
            ("[1,2]", "[2,1]"),
            ("1", "\"1\""),
            ("null", "\"\""),
            ("{}", "[]"),
            ("[[],[]]", "[[[]]]"),
        ];
        for (left, right) in different {
            let form = comparable_json(left.as_bytes());
            assert!(form.is_some(), "{left}");
            assert_ne!(form, comparable_json(right.as_bytes()), "{left} and {right}");
        }
        for broken in ["", "nul", "[1", "{\"a\"}", "1 2", "\"\\ud800\""] {
            assert_eq!(comparable_json(broken.as_bytes()), None, "{broken}");
        }
    }
}
