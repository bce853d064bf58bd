//! What proves how a column of times is stored: its own default, or a column of text beside it
//! that says the same times. The range of its numbers proves nothing.

use model::{Stored, Type, sql};
use rusqlite::Connection;

use crate::check::undecided::{Reading, decode_time};
use crate::codec::Out;
use crate::sqlite::tokens::{Kind, tokenize};
use crate::sqlite::{SourceColumn, SourceTable};

/// The encoding of a column that one of `readings` is proved to be, and by what.
///
/// # Errors
/// SQLite's.
pub fn prove_encoding(
    connection: &Connection,
    table: &SourceTable,
    column: &SourceColumn,
    ty: Type,
    readings: &[Reading],
) -> rusqlite::Result<Option<(Stored, String)>> {
    let stated = column.default.as_deref().and_then(encoding_by_default);
    let taken = readings.iter().find(|reading| Some(reading.stored) == stated);
    if let Some(reading) = taken.filter(|reading| is_of_our_age(reading)) {
        return Ok(Some((reading.stored, "according to its default in SQLite".to_owned())));
    }
    for other in table.columns.iter().filter(|other| other.name != column.name) {
        if let Some(stored) =
            encoding_by_other_column(connection, table, column, other, (ty, readings))?
        {
            return Ok(Some((stored, format!("the same times as in {}", other.name))));
        }
    }
    Ok(None)
}

/// A default that other rows contradict proves nothing: times of the years 1900 to 2300.
fn is_of_our_age(reading: &Reading) -> bool {
    const YEAR: i64 = 365 * 86_400_000_000 + 86_400_000_000 / 4;
    let within = |time: i64| (-100 * YEAR..300 * YEAR).contains(&time);
    reading.times.is_none_or(|(first, last)| within(first) && within(last))
}

/// The one reading by which every row has the same time as in another column, a text.
fn encoding_by_other_column(
    connection: &Connection,
    table: &SourceTable,
    column: &SourceColumn,
    other: &SourceColumn,
    (ty, readings): (Type, &[Reading]),
) -> rusqlite::Result<Option<Stored>> {
    let (own, other) = (sql::quote(&column.name), sql::quote(&other.name));
    let select = format!(
        "SELECT {own}, {other} FROM {} NOT INDEXED WHERE {own} IS NOT NULL AND {other} IS NOT NULL",
        sql::quote(&table.name)
    );
    // A column that only the application can compute is none to compare with.
    let Ok(mut statement) = connection.prepare(&select) else { return Ok(None) };
    let mut rows = statement.query([])?;
    let (mut out, mut left) = (Out::default(), readings.to_vec());
    let mut compared = false;
    while let Some(row) = rows.next()? {
        let (value, text) = (row.get_ref(0)?, row.get_ref(1)?);
        compared = true;
        left.retain(|reading| {
            // A time that says no offset is proved by one that does.
            let written = match (ty, reading.stored) {
                (Type::Date, _) => (Type::Date, Stored::Text),
                (_, Stored::TextUtc | Stored::Text) => (Type::Timestamptz, Stored::Text),
                _ => (Type::Timestamptz, Stored::TextUtc),
            };
            let decoded = decode_time(written.0, written.1, text, &mut out).flatten();
            let found = decode_time(ty, reading.stored, value, &mut out).flatten();
            // The text may leave out the digits below the second.
            let same = |(decoded, found): (i64, i64)| decoded.abs_diff(found) < 1_000_000;
            decoded.zip(found).is_some_and(same)
        });
        if left.is_empty() {
            return Ok(None);
        }
    }
    Ok(match &*left {
        [one] if compared => Some(one.stored),
        _ => None,
    })
}

/// What a default of SQLite stores, where it says what time it is.
pub fn encoding_by_default(text: &str) -> Option<Stored> {
    encoding_of_expression(&squeeze_expression(text))
}

/// Whether a default of SQLite writes bytes as hexadecimal digits.
pub fn bytes_by_default(text: &str) -> Option<Stored> {
    let text = squeeze_expression(text);
    let mut text = text.as_str();
    loop {
        let inside = |start: &str| {
            let inner = text.strip_prefix(start)?.strip_suffix(')')?;
            has_balanced_parentheses(inner).then_some(inner)
        };
        match inside("(").or_else(|| inside("lower(")).or_else(|| inside("upper(")) {
            Some(inner) => text = inner,
            None => return inside("hex(").map(|_| Stored::Hex),
        }
    }
}

/// Without white space, in lower case but for its texts.
fn squeeze_expression(text: &str) -> String {
    let all = tokenize(text);
    let lower = |raw: &str, kind| match kind {
        Kind::Word => raw.to_ascii_lowercase(),
        _ => raw.to_owned(),
    };
    all.iter().map(|token| lower(token.raw, token.kind)).collect()
}

/// By an expression without white space, in lower case but for its texts.
fn encoding_of_expression(text: &str) -> Option<Stored> {
    let inside = |function: &str| text.strip_prefix(function)?.strip_suffix(')');
    if let Some(inner) = inside("(").filter(|inner| has_balanced_parentheses(inner)) {
        return encoding_of_expression(inner);
    }
    if let Some((inner, _)) = inside("cast(").and_then(|inner| inner.rsplit_once("as")) {
        return encoding_of_expression(inner);
    }
    if let Some(inner) = inside("round(").or(inside("floor(")) {
        return encoding_of_expression(inner.strip_suffix(",0").unwrap_or(inner));
    }
    if let Some((inner, factor)) = text.rsplit_once('*') {
        return encoding_of_scaled(inner, factor);
    }
    Some(match text {
        "current_timestamp" | "datetime('now')" | "datetime()" | "datetime(current_timestamp)" => {
            Stored::TextUtc
        }
        "current_date" | "date('now')" | "date()" => Stored::TextUtc,
        "unixepoch()" | "unixepoch('now')" | "unixepoch(current_timestamp)" => Stored::UnixS,
        "unixepoch('subsec')" | "unixepoch('now','subsec')" | "unixepoch('subsecond')" => {
            Stored::UnixS
        }
        "julianday()" | "julianday('now')" | "julianday(current_timestamp)" => Stored::Julian,
        _ => {
            let inner = inside("strftime(")?;
            let form = inner.strip_suffix(",'now'").unwrap_or(inner);
            return encoding_of_strftime(form.strip_prefix('\'')?.strip_suffix('\'')?);
        }
    })
}

fn encoding_of_strftime(form: &str) -> Option<Stored> {
    Some(match form {
        "%s" => Stored::UnixS,
        "%J" => Stored::Julian,
        "%Y%m%d" => Stored::Yyyymmdd,
        "%Y%m%d%H%M" => Stored::Yyyymmddhhmm,
        "%Y%m%d%H%M%S" => Stored::Yyyymmddhhmmss,
        _ if form.starts_with("%Y-%m-%d") && !form.contains('\'') => Stored::TextUtc,
        _ => return None,
    })
}

/// A factor makes of seconds, or of days since 1970, another unit.
fn encoding_of_scaled(inner: &str, factor: &str) -> Option<Stored> {
    let days = ["(julianday('now')-2440587.5)", "(julianday()-2440587.5)"].contains(&inner);
    let seconds = || encoding_of_expression(inner) == Some(Stored::UnixS);
    Some(match factor.strip_suffix(".0").unwrap_or(factor) {
        "86400" if days => Stored::UnixS,
        "86400000" if days => Stored::UnixMs,
        "1000" if seconds() => Stored::UnixMs,
        "1000000" if seconds() => Stored::UnixUs,
        "1000000000" if seconds() => Stored::UnixNs,
        _ => return None,
    })
}

/// Whether no parenthesis is closed that was not opened: `a)+(b` is not one expression.
fn has_balanced_parentheses(text: &str) -> bool {
    let mut depth = 0_i64;
    for byte in text.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}
