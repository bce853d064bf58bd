//! Values that PostgreSQL can hold and not dump (T16): a row is dumped as one line of text of at
//! most 1 GB, in which a byte of `bytea` takes two, and a backslash, tab or line end of a text too.

use model::{Column, Type, sql};

use super::{CheckedTable, octets_sql};
use crate::diagnostic::{Finding, Id, Result, Severity};
use crate::event;
use crate::text::group_thousands;

/// The most bytes of a row's line (`MaxAllocSize`), less what stands at its end.
const LINE: u64 = (1 << 30) - 64;

fn dump_line_limit() -> u64 {
    event::test_limit("dump").unwrap_or(LINE)
}

/// The rows that arrive and that no dump holds.
pub fn find_rows_too_long_for_dump(checked: CheckedTable<'_>) -> Result<Option<Finding>> {
    let table = checked.copy.table();
    let columns: Vec<&'static Column> =
        table.copied_columns().filter(|column| may_be_long(column)).collect();
    let most = |column: &&'static Column| match checked.profile_of(column) {
        Some(profile) => (profile.longest_text * 4).max(profile.longest_blob).max(32) * 2,
        None => u64::MAX >> 16,
    };
    if columns.iter().map(most).sum::<u64>() <= dump_line_limit() {
        return Ok(None);
    }
    let octets = |column: &&'static Column| {
        format!("coalesce(octet_length({}), 0) * 2", sql::quote(column.source))
    };
    let bound = columns.iter().map(octets).collect::<Vec<_>>().join(" + ");
    let exact =
        columns.iter().map(|column| dumped_length_sql(column)).collect::<Vec<_>>().join(" + ");
    let condition = format!("{bound} > {0} AND {exact} > {0}", dump_line_limit());
    let shown = |row: &rusqlite::Row<'_>| {
        let size = row.get::<_, i64>(0).unwrap_or_default().unsigned_abs();
        format!("{} bytes", group_thousands(size))
    };
    let (count, examples) = checked.count_rows_with_examples(&exact, &condition, "", &shown)?;
    let what = format!(
        "pg_dump, and every COPY to text, fails at rows whose text has more than {} bytes; bytea \
         takes two for each of its bytes",
        group_thousands(dump_line_limit())
    );
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let finding = checked.make_finding(Id::T16, Severity::Warning, &names, what);
    Ok((count > 0).then_some(Finding { count, examples, ..finding }))
}

/// Whether values of a type can be long.
fn may_be_long(column: &Column) -> bool {
    matches!(
        column.ty,
        Type::Text
            | Type::Citext
            | Type::Varchar(_)
            | Type::Bytea
            | Type::Json
            | Type::Jsonb
            | Type::Array(_)
            | Type::ReadByServer(_)
    )
}

/// The bytes of a value in a row's line, in SQL of SQLite.
fn dumped_length_sql(column: &Column) -> String {
    let name = sql::quote(column.source);
    let octets = octets_sql(column);
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
