//! SQLite's errors in words without data.
//!
//! What SQLite says of an error can quote the schema, and in a damaged file the schema can be any
//! bytes of it. So an error is described by its result code and SQLite's fixed text for that.

use rusqlite::ffi;

/// A line for each result code: `11 SQLITE_CORRUPT database disk image is malformed`.
const TABLE: &str = include_str!("codes.txt");

/// How messages begin that say more than the code, and what is shown of them.
const KINDS: &[(&str, &str)] = &[
    ("malformed database schema", "malformed database schema"),
    ("no such table", "no such table"),
    ("no such column", "no such column"),
    ("no such function", "no such function"),
    ("unknown function", "no such function"),
    ("no such module", "no such module"),
    ("no such collation sequence", "no such collation sequence"),
    ("no such tokenizer", "no such tokenizer"),
    ("unsafe use of", "unsafe use of a function or virtual table"),
    ("wrong number of arguments", "wrong number of arguments to a function"),
    ("malformed JSON", "malformed JSON"),
    ("bad JSON path", "a JSON function refuses its argument"),
    ("JSON", "a JSON function refuses its argument"),
    ("integer overflow", "integer overflow"),
    ("unsupported file format", "unsupported file format"),
    ("vtable constructor failed", "a virtual table cannot be opened"),
    ("generated column loop", "generated columns that depend on each other"),
    ("unrecognized token", "a token is not SQL"),
    ("incomplete input", "a statement is incomplete"),
    ("near ", "syntax error"),
    ("too many", "too many columns, terms or arguments"),
    ("Expression tree is too large", "an expression is too large"),
    ("parser stack overflow", "an expression is nested too deeply"),
];

/// An error, for example `SQLITE_CORRUPT (11): database disk image is malformed`.
pub fn describe_error(error: &rusqlite::Error) -> String {
    use rusqlite::Error;
    let own = match error {
        Error::SqliteFailure(error, message) => return describe_failure(error, message.as_deref()),
        Error::SqlInputError { error, msg, .. } => return describe_failure(error, Some(msg)),
        Error::FromSqlConversionFailure(..)
        | Error::InvalidColumnType(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..) => "a value of another type than expected",
        Error::QueryReturnedNoRows => "no row",
        Error::QueryReturnedMoreThanOneRow => "more than one row",
        Error::InvalidColumnIndex(_) | Error::InvalidColumnName(_) => "no such column",
        Error::NulError(_) => "a NUL byte in a name or path",
        Error::InvalidPath(_) => "a path that SQLite cannot use",
        _ => "an error of the SQLite library",
    };
    own.to_owned()
}

fn describe_failure(error: &ffi::Error, message: Option<&str>) -> String {
    let code = error.extended_code;
    let of = |code: i32| {
        let mut lines = TABLE.lines().filter_map(|line| {
            let (number, rest) = line.split_once(' ')?;
            (number.parse() == Ok(code)).then_some(rest)
        });
        lines.next().and_then(|rest| rest.split_once(' '))
    };
    let mut text = match of(code).or_else(|| of(code & 0xff)) {
        Some((name, words)) => format!("{name} ({code}): {words}"),
        None => format!("SQLite's result code {code}"),
    };
    let sqlite_text = message.unwrap_or_default();
    if let Some((_, kind)) = KINDS.iter().find(|(start, _)| sqlite_text.starts_with(start)) {
        text.push_str(&format!(" ({kind})"));
    }
    text
}

/// Whether the disk has no room for what SQLite makes beside a file to read it.
pub fn is_disk_full(error: &rusqlite::Error) -> bool {
    let Some(error) = error.sqlite_error() else { return false };
    error.code == ffi::ErrorCode::DiskFull || error.extended_code == ffi::SQLITE_IOERR_SHMSIZE
}

/// Whether the error means that something of the application is missing here: a function or a
/// module. SQLite has no result code for it; its messages, in one language only, say it.
pub fn is_missing_application_part(error: &rusqlite::Error) -> bool {
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        _ => return false,
    };
    let missing = ["no such function", "unknown function", "no such module", "unsafe use of"];
    missing.iter().any(|start| text.contains(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe_code(code: i32, message: &str) -> String {
        describe_error(&rusqlite::Error::SqliteFailure(
            ffi::Error::new(code),
            Some(message.to_owned()),
        ))
    }

    #[test]
    fn only_the_code_is_shown() {
        let message = describe_code(
            ffi::SQLITE_CORRUPT,
            "malformed database schema (secret) - near \"secret\"",
        );
        let kind = "malformed database schema";
        assert_eq!(
            message,
            format!("SQLITE_CORRUPT (11): database disk image is malformed ({kind})")
        );
        assert_eq!(
            describe_code(ffi::SQLITE_IOERR_READ, "secret"),
            "SQLITE_IOERR_READ (266): disk I/O error"
        );
        assert_eq!(describe_code(0x7f01, "secret"), "SQLITE_ERROR (32513): SQL logic error");
        assert_eq!(describe_code(99, "secret"), "SQLite's result code 99");
        assert_eq!(
            describe_error(&rusqlite::Error::InvalidColumnName("secret".into())),
            "no such column"
        );
        let value = rusqlite::Error::IntegralValueOutOfRange(0, 1234567);
        assert!(!describe_error(&value).contains("1234567"));
    }

    #[test]
    fn every_code_is_as_sqlite_says_it() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (code, rest) = line.split_once(' ').unwrap();
            let (_, words) = rest.split_once(' ').unwrap();
            let code: i32 = code.parse().unwrap();
            let own = ffi::code_to_str(code & 0xff);
            assert!(!own.is_empty() && !words.is_empty(), "{line}");
        }
    }
}
