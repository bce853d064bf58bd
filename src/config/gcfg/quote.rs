//! Text as Go prints it in its messages: `%q`, `%#q` and `%#U`.

use std::fmt::Write as _;

use unicode_general_category::{GeneralCategory, get_general_category};

/// `%q`: in double quotes, with escapes.
#[must_use]
pub fn quote_double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            _ if is_printable(c) => out.push(c),
            _ => push_code(&mut out, u32::from(c)),
        }
    }
    out.push('"');
    out
}

/// `%#q`: in backquotes where that is possible, else as [`quote_double`].
#[must_use]
pub fn quote_back(text: &str) -> String {
    let plain = |c: char| c == '\t' || !(c.is_ascii_control() || c == '`' || c == '\u{feff}');
    if text.chars().all(plain) { format!("`{text}`") } else { quote_double(text) }
}

/// `%#U`: the code point, and the character where it can be seen.
#[must_use]
pub fn show_code_point(c: char) -> String {
    let code = u32::from(c);
    if is_printable(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

fn push_code(out: &mut String, code: u32) {
    // Writing to a String cannot fail.
    let _ = match code {
        0..0x20 | 0x7f => write!(out, "\\x{code:02x}"),
        0..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

fn is_printable(c: char) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate,
        Unassigned,
    };
    c == ' '
        || !matches!(
            get_general_category(c),
            Control
                | Format
                | LineSeparator
                | ParagraphSeparator
                | PrivateUse
                | SpaceSeparator
                | Surrogate
                | Unassigned
        )
}
