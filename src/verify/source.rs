//! Reads a SQLite table row by row, in the caller's transaction.

use super::row::{Each, Layout, Row};
use super::value::Reader;
use super::{STOP_EVERY, TableDigest, Unread, interrupted, quoted, show};
use crate::error::{Error, Exit, Result};
use model::Table;
use rusqlite::Connection;

/// Digests the source of a table.
///
/// # Errors
/// When the table cannot be read, when a value is not as the column is declared, or when `stop`
/// says so.
pub fn digest_source(
    connection: &Connection,
    table: &Table,
    stop: &dyn Fn() -> bool,
) -> Result<TableDigest> {
    let layout = Layout::of(table);
    let mut digest = TableDigest::new(&layout);
    scan(connection, table, &layout, stop, &mut |row| {
        digest.add(row);
        Ok(())
    })?;
    Ok(digest)
}

/// Gives each row of the source to `each`.
pub(super) fn scan(
    connection: &Connection,
    table: &Table,
    layout: &Layout,
    stop: &dyn Fn() -> bool,
    each: Each<'_>,
) -> Result<()> {
    let failed = |error: rusqlite::Error| {
        let text = format!("reading table {} of SQLite: {error}", table.source);
        Error::new(Exit::Source, text, "")
    };
    let mut statement = connection.prepare(&select(table)).map_err(failed)?;
    let mut rows = statement.raw_query();
    let mut reader = Reader::new(connection);
    let (mut row, mut count) = (Row::default(), 0u64);
    while let Some(values) = rows.next().map_err(failed)? {
        if count.is_multiple_of(STOP_EVERY) && stop() {
            return Err(interrupted());
        }
        count += 1;
        row.begin();
        for (ordinal, column) in layout.columns.iter().enumerate() {
            let value = values.get_ref(ordinal).map_err(failed)?;
            row.column(|out| reader.put(column.ty, column.stored, value, out)).map_err(|why| {
                let key = key_of(&mut reader, values, layout, count);
                unread(layout.table, column.name, &key, why)
            })?;
        }
        row.finish(layout);
        each(&row)?;
    }
    Ok(())
}

/// NOT INDEXED keeps the scan on the table's own tree, which is read in its order on disk.
fn select(table: &Table) -> String {
    let names: Vec<_> = table.copied().map(|column| quoted(column.source)).collect();
    format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), quoted(table.source))
}

/// The key of a row that could not be read, where at least the key can.
fn key_of(
    reader: &mut Reader<'_>,
    values: &rusqlite::Row<'_>,
    layout: &Layout,
    count: u64,
) -> String {
    let mut read = || {
        let mut parts = Vec::new();
        for ordinal in &layout.key {
            let column = layout.columns.get(*ordinal)?;
            let (mut form, value) = (Vec::new(), values.get_ref(*ordinal).ok()?);
            reader.put(column.ty, column.stored, value, &mut form).ok()?;
            parts.push((*column, form));
        }
        (!parts.is_empty()).then(|| show::key(parts.iter().map(|(c, form)| (*c, form.as_slice()))))
    };
    read().unwrap_or_else(|| format!("row {count} of the table"))
}

fn unread(table: &str, column: &str, key: &str, why: Unread) -> Error {
    let text = format!("{table}.{column}, {key}: {why}");
    Error::new(
        Exit::Verification,
        text,
        "`migrate db --dry-run` lists every value that is not as declared",
    )
}
