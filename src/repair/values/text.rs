//! Text: NUL, character sets, length.

use model::Type;

use super::RepairedValue;
use crate::codec::Cell;
use crate::codec::decimal::trim_white_space;
use crate::repair::Charset;

/// What Windows 1252 has for the bytes 0x80 to 0x9f; 0 where it has nothing.
const CP1252: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
    0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

/// Text without NUL, or with a character for each; in `jsonb` escaped ones too.
pub fn replace_nul(ty: Type, cell: Cell<'_>, replacement: Option<char>) -> Option<RepairedValue> {
    let Cell::Text(bytes) = cell else { return None };
    let mut buffer = [0; 4];
    let replacement: &[u8] =
        replacement.map_or(&[], |replacement| replacement.encode_utf8(&mut buffer).as_bytes());
    let mut new = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            0 => new.extend_from_slice(replacement),
            byte => new.push(*byte),
        }
    }
    if ty == Type::Jsonb {
        // Control characters must be escaped in JSON; none of the usual replacements is one.
        new = replace_json_escapes(&new, &mut |code, _| (code == 0).then_some(replacement))
            .unwrap_or(new);
    }
    (new != bytes).then_some(RepairedValue::Text(new))
}

/// Text of another character set as UTF-8; text that is UTF-8 stays, and so does text with bytes
/// that the set does not have.
pub fn decode_charset(charset: Charset, cell: Cell<'_>) -> Option<RepairedValue> {
    let bytes = match (charset, cell) {
        (Charset::Utf8, Cell::Blob(bytes)) => {
            return std::str::from_utf8(bytes).is_ok().then(|| RepairedValue::Text(bytes.to_vec()));
        }
        (Charset::Latin1 | Charset::Cp1252, Cell::Text(bytes)) => bytes,
        _ => return None,
    };
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let character = |byte: &u8| match (charset, byte) {
        (Charset::Cp1252, 0x80..=0x9f) => {
            let code = CP1252.get(usize::from(byte - 0x80)).copied().unwrap_or(0);
            char::from_u32(code.into()).filter(|character| *character != '\0')
        }
        _ => Some(char::from(*byte)),
    };
    let text: String = bytes.iter().map(character).collect::<Option<_>>()?;
    Some(RepairedValue::Text(text.into_bytes()))
}

/// Text with U+FFFD for what is not UTF-8; in `jsonb` for halves of surrogate pairs too.
pub fn replace_invalid(ty: Type, cell: Cell<'_>) -> Option<RepairedValue> {
    let Cell::Text(bytes) = cell else { return None };
    let mut new = String::from_utf8_lossy(bytes).into_owned().into_bytes();
    if ty == Type::Jsonb {
        let lone = &mut |code: u16, alone: bool| {
            let half = (0xd800..=0xdfff).contains(&code) && alone;
            half.then_some(&b"\\ufffd"[..])
        };
        new = replace_json_escapes(&new, lone).unwrap_or(new);
    }
    (new != bytes).then_some(RepairedValue::Text(new))
}

/// JSON text with other bytes for some of its `\uXXXX`; `None` when nothing changed. `other` is
/// given the code and, for a surrogate, whether its other half is missing.
fn replace_json_escapes<'a>(
    text: &[u8],
    other: &mut dyn FnMut(u16, bool) -> Option<&'a [u8]>,
) -> Option<Vec<u8>> {
    let (mut new, mut rest, mut changed) = (Vec::new(), text, false);
    while let Some((byte, after)) = rest.split_first() {
        let code = unicode_escape_code(rest);
        let length = match (byte, code) {
            (b'\\', Some(code)) => {
                let pair = (0xd800..0xdc00).contains(&code)
                    && rest
                        .get(6..)
                        .and_then(self::unicode_escape_code)
                        .is_some_and(|low| (0xdc00..=0xdfff).contains(&low));
                if pair {
                    12
                } else {
                    if let Some(bytes) = other(code, true) {
                        new.extend_from_slice(bytes);
                        rest = rest.get(6..).unwrap_or_default();
                        changed = true;
                        continue;
                    }
                    6
                }
            }
            (b'\\', None) if !after.is_empty() => 2,
            _ => 1,
        };
        let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        new.extend_from_slice(taken);
        rest = left;
    }
    changed.then_some(new)
}

/// The code of a `\uXXXX` that the text begins with.
fn unicode_escape_code(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let digits = digits.iter().all(u8::is_ascii_hexdigit).then_some(digits)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Text without a character; white space alone too, where it can be no value.
pub fn is_empty(ty: Type, cell: Cell<'_>) -> bool {
    let exact =
        matches!(ty, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) | Type::Bytea);
    match cell {
        Cell::Text(bytes) | Cell::Blob(bytes) if exact => bytes.is_empty(),
        Cell::Text(bytes) => trim_white_space(bytes).is_empty(),
        _ => false,
    }
}

/// The first characters of text that has more.
pub fn truncate_characters(limit: usize, cell: Cell<'_>) -> Option<RepairedValue> {
    let Cell::Text(bytes) = cell else { return None };
    let text = std::str::from_utf8(bytes).ok()?;
    let (end, _) = text.char_indices().nth(limit)?;
    Some(RepairedValue::Text(text.get(..end)?.as_bytes().to_vec()))
}
