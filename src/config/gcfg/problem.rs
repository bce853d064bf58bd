//! What can be wrong with a line, in Go's words.

use std::fmt;

use super::quote;

/// Why a text is no gcfg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A backslash outside of quotes that continues no line.
    UnquotedBackslash,
    /// A backslash in quotes before another character than it can stand before.
    UnknownEscape,
    /// Quotes that nothing closes.
    StringNotTerminated,
    /// Bytes that are no UTF-8.
    IllegalUtf8,
    /// A NUL.
    IllegalNul,
    /// A character that can begin nothing.
    IllegalCharacter(char),
    /// A line before the first section.
    ExpectedHeader,
    /// A line that is neither.
    ExpectedHeaderOrVariable,
    /// A bracket without a name.
    ExpectedSectionName,
    /// `[Section ""]`
    EmptySubsection,
    /// Something else behind a section's name.
    ExpectedSubsectionOrBracket,
    /// Something else behind a subsection.
    ExpectedBracket,
    /// Something else behind a header or a value.
    ExpectedLineEnd,
    /// Something else behind a variable's name.
    ExpectedEquals,
    /// Nothing behind an equals sign.
    ExpectedValue,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Problem::UnquotedBackslash => {
                "unquoted '\\' must be followed by new line or double quote"
            }
            Problem::UnknownEscape => "unknown escape sequence",
            Problem::StringNotTerminated => "string not terminated",
            Problem::IllegalUtf8 => "illegal UTF-8 encoding",
            Problem::IllegalNul => "illegal character NUL",
            Problem::IllegalCharacter(character) => {
                return write!(f, "illegal character {}", quote::show_code_point(*character));
            }
            Problem::ExpectedHeader => "expected section header",
            Problem::ExpectedHeaderOrVariable => "expected section header or variable declaration",
            Problem::ExpectedSectionName => "expected section name",
            Problem::EmptySubsection => "empty subsection name",
            Problem::ExpectedSubsectionOrBracket => "expected subsection name or right bracket",
            Problem::ExpectedBracket => "expected right bracket",
            Problem::ExpectedLineEnd => "expected EOL, EOF, or comment",
            Problem::ExpectedEquals => "expected '='",
            Problem::ExpectedValue => "expected value",
        })
    }
}
