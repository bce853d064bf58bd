//! Values that PostgreSQL can hold and not dump (T16): a row is dumped as one line of text of at
//! most 1 GB, in which a byte of `bytea` takes two, and a backslash, tab or line end of a text too.

use model::{Column, Type, sql};

use super::Look;
use crate::diagnostic::{Finding, Id, Result, Severity};
use crate::event;
use crate::text::grouped;

/// The most bytes of a row's line (`MaxAllocSize`), less what stands at its end.
const LINE: u64 = (1 << 30) - 64;

fn limit() -> u64 {
    event::limit("dump").unwrap_or(LINE)
}

/// The rows that arrive and that no dump holds.
pub fn find(look: Look<'_>) -> Result<Option<Finding>> {
    let table = look.copy.table();
    let columns: Vec<&'static Column> = table.copied().filter(|column| is_long(column)).collect();
    let most = |column: &&'static Column| match look.profile(column) {
        Some(profile) => (profile.longest_text * 4).max(profile.longest_blob).max(32) * 2,
        None => u64::MAX >> 16,
    };
    if columns.iter().map(most).sum::<u64>() <= limit() {
        return Ok(None);
    }
    let octets = |column: &&'static Column| {
        format!("coalesce(octet_length({}), 0) * 2", sql::quote(column.source))
    };
    let bound = columns.iter().map(octets).collect::<Vec<_>>().join(" + ");
    let exact = columns.iter().map(|column| line(column)).collect::<Vec<_>>().join(" + ");
    let condition = format!("{bound} > {0} AND {exact} > {0}", limit());
    let shown = |row: &rusqlite::Row<'_>| {
        let size = row.get::<_, i64>(0).unwrap_or_default().unsigned_abs();
        format!("{} bytes", grouped(size))
    };
    let (count, examples) = look.rows(&exact, &condition, "", &shown)?;
    let what = format!(
        "pg_dump, and every COPY to text, fails at rows whose text has more than {} bytes; bytea \
         takes two for each of its bytes",
        grouped(limit())
    );
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let finding = look.about(Id::T16, Severity::Warning, &names, what);
    Ok((count > 0).then_some(Finding { count, examples, ..finding }))
}

/// Whether values of a type can be long.
fn is_long(column: &Column) -> bool {
    matches!(
        column.ty,
        Type::Text
            | Type::Citext
            | Type::Varchar(_)
            | Type::Bytea
            | Type::Json
            | Type::Jsonb
            | Type::Array(_)
    )
}

/// The bytes of a value in a row's line, in SQL of SQLite.
fn line(column: &Column) -> String {
    let name = sql::quote(column.source);
    let octets = format!("octet_length({name})");
    let bytes = match column.ty {
        // `\\x` and two digits for each byte.
        Type::Bytea => format!("3 + 2 * {octets}"),
        _ => {
            let escaped = ["92", "10", "13", "9", "8", "11", "12"];
            let plain = escaped
                .iter()
                .fold(name, |text, code| format!("replace({text}, char({code}), '')"));
            format!("2 * {octets} - octet_length({plain})")
        }
    };
    format!("coalesce({bytes}, 0)")
}
