//! Whole numbers on both sides that count time: each side may do so in a unit of its own.

use model::{Stored, Type};

use crate::postgres::inspection as postgres;
use crate::schema_tools::draft::evidence::encoding_by_default;
use crate::sqlite::SourceColumn;

/// Words of names that speak of a time.
const WORDS: &[&str] = &[
    "at",
    "time",
    "timestamp",
    "ts",
    "date",
    "datetime",
    "created",
    "updated",
    "modified",
    "deleted",
    "expires",
    "expiry",
    "expiration",
    "epoch",
    "since",
    "until",
    "ctime",
    "mtime",
    "atime",
];

/// Why it is not known that an integer counts time in one unit on both sides; `None` where it does
/// not speak of time, or where both defaults say the same unit.
pub fn doubt_about_unit(
    source_column: &SourceColumn,
    target_column: &postgres::Column,
    ty: Type,
) -> Option<String> {
    if !matches!(ty, Type::Int2 | Type::Int4 | Type::Int8) || source_column.key_place > 0 {
        return None;
    }
    let here = source_column.default.as_deref().and_then(encoding_by_default);
    let other = target_column.default.as_deref().and_then(by_target);
    match (here, other) {
        (Some(here), Some(other)) if here == other => None,
        (Some(here), Some(other)) => Some(format!(
            "its default is {here} in SQLite and {other} in PostgreSQL; if its numbers have the \
             same meaning in both"
        )),
        (None, None) if !names_time(&target_column.name) && !names_time(&source_column.name) => {
            None
        }
        _ => Some(format!(
            "integers that are probably times; if {} has the same unit and the same first day in \
             SQLite and PostgreSQL",
            target_column.name
        )),
    }
}

/// What a default of PostgreSQL counts.
fn by_target(text: &str) -> Option<Stored> {
    let text: String = text.to_ascii_lowercase().split_whitespace().collect();
    let epoch = ["extract(epochfrom", "date_part('epoch'"];
    if !epoch.iter().any(|start| text.contains(start)) {
        return None;
    }
    let times = |factor: &str| text.contains(&format!("*{factor}"));
    match () {
        () if times("1000000") || times("'1000000'") => Some(Stored::UnixUs),
        () if times("1000") || times("'1000'") || times("(1000)") => Some(Stored::UnixMs),
        () if text.contains('*') => None,
        () => Some(Stored::UnixS),
    }
}

/// Whether a name has a word of time in it: `created_at`, `lastLoginTime`.
fn names_time(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut lower = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || letter.is_uppercase() && lower {
            words.push(String::new());
        }
        lower = letter.is_lowercase();
        if let Some(last) = words.last_mut().filter(|_| letter.is_alphabetic()) {
            last.extend(letter.to_lowercase());
        }
    }
    words.iter().any(|word| WORDS.contains(&word.as_str()))
}
