//! What a value's writer may have meant otherwise.
//!
//! Everything here is legal gcfg and is read as Go reads it. These are the spots where that
//! differs from what a person sees; whether one is worth a warning, the caller decides.

use super::{Place, Reading, Variable};

/// A spot in a value, and what happens there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Which kind of spot.
    pub kind: TrapKind,
    /// Where.
    pub place: Place,
}

/// The kinds of spots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapKind {
    /// An unquoted `#` or `;` right behind the value, or in place of it: the rest is a comment.
    Cut(char),
    /// The same behind a blank, where a comment is likely meant.
    Comment(char),
    /// Typographic quotes, which quote nothing and are part of the value.
    CurlyQuotes,
    /// Single quotes around the value, which do the same.
    SingleQuotes,
    /// Double quotes inside the value, which vanish.
    InnerQuotes,
    /// A backslash at the line's end: the next line belongs to the value.
    Continuation,
}

impl TrapKind {
    /// What happens, as a fragment.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            TrapKind::Cut(sign) | TrapKind::Comment(sign) => {
                format!("the value ends before this `{sign}`; all that follows is a comment")
            }
            TrapKind::CurlyQuotes => "curly quotes are read as part of the value".to_owned(),
            TrapKind::SingleQuotes => "single quotes are read as part of the value".to_owned(),
            TrapKind::InnerQuotes => "double quotes inside a value are dropped".to_owned(),
            TrapKind::Continuation => {
                "the backslash makes the next line part of the value".to_owned()
            }
        }
    }

    /// What to type instead.
    #[must_use]
    pub fn hints(self) -> &'static [&'static str] {
        match self {
            TrapKind::Cut(_) | TrapKind::Comment(_) => {
                &["put the whole value in double quotes if the sign is part of it"]
            }
            TrapKind::CurlyQuotes | TrapKind::SingleQuotes => {
                &["use plain double quotes (\") around the value"]
            }
            TrapKind::InnerQuotes => &["write \\\" for a double quote that is part of the value"],
            TrapKind::Continuation => &["remove the backslash", "remove the line break after it"],
        }
    }
}

/// The spots of a variable's value, in order.
#[must_use]
pub fn find_traps(reading: &Reading<'_>, variable: &Variable) -> Vec<Trap> {
    let raw = reading.text.get(variable.raw.clone()).unwrap_or_default();
    let trimmed = raw.trim_ascii_end();
    let at = |offset: usize| reading.place_of_byte(variable.raw.start + offset);
    let mut traps = Vec::new();
    let mut trap = |kind, offset| traps.push(Trap { kind, place: at(offset) });

    if let Some(offset) = first_curly_quote(raw) {
        trap(TrapKind::CurlyQuotes, offset);
    }
    if let [b'\'', .., b'\''] = trimmed {
        trap(TrapKind::SingleQuotes, 0);
    }
    let mut escaped = false;
    let mut inner_quotes = None;
    for (offset, byte) in raw.iter().enumerate() {
        match byte {
            b'\n' if escaped => trap(TrapKind::Continuation, offset.saturating_sub(1)),
            b'"' if !escaped && offset != 0 && offset + 1 != trimmed.len() => {
                inner_quotes = inner_quotes.or(Some(offset));
            }
            _ => {}
        }
        // A carriage return between the backslash and its line end does not part them.
        escaped = if *byte == b'\r' { escaped } else { *byte == b'\\' && !escaped };
    }
    if let Some(offset) = inner_quotes {
        trap(TrapKind::InnerQuotes, offset);
    }
    if let Some(sign @ (b'#' | b';')) = reading.text.get(variable.raw.end) {
        let sign = char::from(*sign);
        let after_blank = trimmed.len() < raw.len() && !trimmed.is_empty();
        let kind = if after_blank { TrapKind::Comment(sign) } else { TrapKind::Cut(sign) };
        trap(kind, raw.len());
    }
    traps.sort_by_key(|trap| (trap.place.line, trap.place.column));
    traps
}

/// The lines that continuations have made part of a value; they may hold anything.
#[must_use]
pub fn swallowed_lines(reading: &Reading<'_>, variable: &Variable) -> Vec<(Place, String)> {
    let continuations = find_traps(reading, variable)
        .into_iter()
        .filter(|trap| trap.kind == TrapKind::Continuation);
    let mut lines = reading.text.split(|byte| *byte == b'\n');
    let mut read = 0;
    let mut swallowed = Vec::new();
    for trap in continuations {
        // The line after the backslash's; `nth` goes on from where it was.
        if let Some(line) = lines.nth(trap.place.line - read) {
            swallowed.push((trap.place, String::from_utf8_lossy(line).trim().to_owned()));
        }
        read = trap.place.line + 1;
    }
    swallowed
}

fn first_curly_quote(raw: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(raw).ok()?;
    text.find(['“', '”', '„', '‟', '‘', '’', '«', '»'])
}
