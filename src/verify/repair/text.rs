//! Text after repairs, by the encoding library and by JSON's own reader.

use encoding_rs::{UTF_8, WINDOWS_1252, mem};
use model::Type;
use rusqlite::types::ValueRef;

use super::Held;
use crate::repair::Charset;
use crate::verify::Unread;

/// Text with something else for each NUL, in `jsonb` for those that are escaped too.
pub(super) fn replace_nul(ty: Type, value: ValueRef<'_>, replacement: &str) -> Option<Held> {
    let ValueRef::Text(text) = value else { return None };
    let parts: Vec<&[u8]> = text.split(|byte| *byte == 0).collect();
    let plain = parts.join(replacement.as_bytes());
    let new = match ty {
        Type::Jsonb => replace_json_escapes(&plain, &|code, _| {
            (code == "0000").then(|| replacement.to_owned())
        }),
        _ => plain,
    };
    (new != text).then_some(Held::Text(new))
}

/// Text in the character set that was named.
pub(super) fn decode_charset(charset: Charset, value: ValueRef<'_>) -> Option<Held> {
    let new = match (charset, value) {
        (Charset::Utf8, ValueRef::Blob(bytes)) => {
            UTF_8.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned()
        }
        (Charset::Latin1, ValueRef::Text(bytes)) if !is_utf8(bytes) => {
            mem::decode_latin1(bytes).into_owned()
        }
        (Charset::Cp1252, ValueRef::Text(bytes)) if !is_utf8(bytes) => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            // The library follows the web, where the five bytes that are none are controls.
            if text.chars().any(|character| ('\u{80}'..='\u{9f}').contains(&character)) {
                return None;
            }
            text.into_owned()
        }
        _ => return None,
    };
    Some(Held::Text(new.into_bytes()))
}

fn is_utf8(bytes: &[u8]) -> bool {
    encoding_rs::Encoding::utf8_valid_up_to(bytes) == bytes.len()
}

/// Text with a mark for everything that is none; in `jsonb` for lone surrogates too.
pub(super) fn replace_invalid(ty: Type, value: ValueRef<'_>) -> Option<Held> {
    let ValueRef::Text(text) = value else { return None };
    let (plain, _) = UTF_8.decode_without_bom_handling(text);
    let plain = plain.into_owned().into_bytes();
    let new = match ty {
        Type::Jsonb => replace_json_escapes(&plain, &|_, lone| lone.then(|| "\\ufffd".to_owned())),
        _ => plain,
    };
    (new != text).then_some(Held::Text(new))
}

/// JSON text in which `other` stands for some escapes; it is given their four digits, and whether
/// they are a surrogate alone.
///
/// Backslashes are counted: an escape begins behind an even number of them.
fn replace_json_escapes(text: &[u8], other: &dyn Fn(&str, bool) -> Option<String>) -> Vec<u8> {
    let mut places: Vec<(usize, u32)> = Vec::new();
    let mut before = 0;
    for (index, byte) in text.iter().enumerate() {
        if *byte == b'u' && before % 2 == 1 {
            let digits = text.get(index + 1..index + 5).and_then(|d| std::str::from_utf8(d).ok());
            let hex = digits.filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()));
            if let Some(code) = hex.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                places.push((index - 1, code));
            }
        }
        before = if *byte == b'\\' { before + 1 } else { 0 };
    }
    let mut new = Vec::with_capacity(text.len());
    let (mut end, mut at) = (0, 0);
    while let Some((index, code)) = places.get(at).copied() {
        at += 1;
        let next = places.get(at).filter(|(next, _)| *next == index + 6);
        let paired =
            next.and_then(|(_, low)| char::decode_utf16([code as u16, *low as u16]).next()?.ok());
        if (0xd800..0xdc00).contains(&code) && paired.is_some() {
            at += 1;
            continue;
        }
        let lone = char::from_u32(code).is_none();
        if let Some(other) = other(&format!("{code:04x}"), lone) {
            new.extend_from_slice(text.get(end..index).unwrap_or_default());
            new.extend_from_slice(other.as_bytes());
            end = index + 6;
        }
    }
    new.extend_from_slice(text.get(end..).unwrap_or_default());
    new
}

/// Whether nothing is there, or for what is no text nothing but white space.
pub(super) fn is_empty(ty: Type, value: ValueRef<'_>) -> bool {
    let bytes = match value {
        ValueRef::Text(bytes) => bytes,
        ValueRef::Blob(bytes) => return ty == Type::Bytea && bytes.is_empty(),
        _ => return false,
    };
    match ty {
        Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) | Type::Bytea => {
            bytes.is_empty()
        }
        _ => crate::verify::value::trim_white_space(bytes).is_empty(),
    }
}

/// So many characters of text that has more: a character begins where no byte goes on with one.
pub(super) fn first_characters(limit: usize, value: ValueRef<'_>) -> Option<Vec<u8>> {
    let ValueRef::Text(text) = value else { return None };
    let begins = |(_, byte): &(usize, &u8)| **byte & 0xc0 != 0x80;
    let (end, _) = text.iter().enumerate().filter(begins).nth(limit)?;
    if is_utf8(text) { text.get(..end).map(<[u8]>::to_vec) } else { None }
}

/// Nesting is not deeper than this.
const DEEP: usize = 512;

/// Fails for what is no JSON text, by the library's reader.
pub(super) fn check_json(text: &[u8]) -> Result<(), Unread> {
    let read: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(text);
    if read.is_err() {
        return Err("not JSON");
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEP {
            return Err("JSON nested too deeply");
        }
    }
    Ok(())
}
