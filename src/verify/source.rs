//! Reads a SQLite table row by row, in the caller's transaction.

use super::repair::{Content, TableJudge};
use super::row::{Each, Layout, Row};
use super::server_text::{Print, Waiting, print_texts};
use super::value::Reader;
use super::{STOP_EVERY, TableDigest, Unread, interrupted_error, quote_name, show};
use crate::diagnostic::{Error, Exit, Result};
use model::Table;
use postgres::GenericClient;
use rusqlite::Connection;

/// Digests the source of a table.
///
/// # Errors
/// When the table cannot be read, when a value is not as the column is declared, or when `stop`
/// says so.
#[cfg(feature = "internals")]
pub fn digest_source(
    connection: &Connection,
    table: &Table,
    stop: &dyn Fn() -> bool,
) -> Result<TableDigest> {
    digest_source_after_repairs(connection, table, None, stop)
}

/// Digests the source of a table as repairs make it.
///
/// # Errors
/// As [`digest_source`].
pub fn digest_source_after_repairs(
    connection: &Connection,
    table: &Table,
    judge: Option<&TableJudge<'_>>,
    stop: &dyn Fn() -> bool,
) -> Result<TableDigest> {
    digest_rows(connection, table, judge, stop, &mut |column, _| {
        let text = format!("{}.{}: only the server reads its values", table.name, column.name);
        Err(Error::new(Exit::Verification, text, ""))
    })
}

/// The same for a table with columns whose values the server reads.
///
/// # Errors
/// As [`digest_source`], and the server's.
pub fn digest_source_with_server(
    connection: &Connection,
    client: &mut impl GenericClient,
    table: &Table,
    judge: Option<&TableJudge<'_>>,
    stop: &dyn Fn() -> bool,
) -> Result<TableDigest> {
    digest_rows(connection, table, judge, stop, &mut |column, texts| {
        print_texts(client, table.name, column, texts)
    })
}

fn digest_rows(
    connection: &Connection,
    table: &Table,
    judge: Option<&TableJudge<'_>>,
    stop: &dyn Fn() -> bool,
    print: Print<'_>,
) -> Result<TableDigest> {
    let layout = Layout::of_table(table);
    let mut digest = TableDigest::new(&layout);
    for_each_row(connection, table, &layout, judge, print, stop, &mut |row| {
        digest.add_row(row);
        Ok(())
    })?;
    Ok(digest)
}

/// Gives each row of the source to `each`.
pub(super) fn for_each_row(
    connection: &Connection,
    table: &Table,
    layout: &Layout,
    judge: Option<&TableJudge<'_>>,
    print: Print<'_>,
    stop: &dyn Fn() -> bool,
    each: Each<'_>,
) -> Result<()> {
    let failed = |error: rusqlite::Error| {
        let words = crate::sqlite::describe_error(&error);
        let text = format!("reading table {} of SQLite: {words}", table.source);
        Error::new(Exit::Source, text, "")
    };
    let all_columns = judge.is_some_and(|judge| judge.quarantines);
    let mut statement =
        connection.prepare(&select_statement(table, all_columns)).map_err(failed)?;
    let names: Vec<String> =
        statement.column_names().skip(layout.columns.len()).map(str::to_owned).collect();
    let mut rows = statement.raw_query();
    let (mut reader, mut touched) = (Reader::new(connection), Vec::new());
    let (mut row, mut count) = (Row::default(), 0u64);
    let mut waiting = layout.is_read_by_server().then(Waiting::default);
    while let Some(values) = rows.next().map_err(failed)? {
        if count.is_multiple_of(STOP_EVERY) && stop() {
            return Err(interrupted_error());
        }
        count += 1;
        if let Some(judge) = judge
            && judge.is_quarantined(count)?
        {
            let mut content = Content::begin_row(table.name);
            for (place, name) in names.iter().enumerate() {
                let value = values.get_ref(layout.columns.len() + place).map_err(failed)?;
                content.add_column(name, value);
            }
            judge.count_quarantined(table.name, content.hash());
            continue;
        }
        row.clear();
        for (ordinal, column) in layout.columns.iter().enumerate() {
            let value = values.get_ref(ordinal).map_err(failed)?;
            let put = |out: &mut Vec<u8>| match judge {
                Some(judge) => {
                    let place = (count, ordinal);
                    judge.append_column(&mut reader, place, column, value, &mut touched, out)
                }
                None => reader.append_value(column.ty, column.stored, value, out),
            };
            row.add_column(put).map_err(|why| {
                let key = describe_key(&mut reader, values, layout, count);
                unread_value_error(layout.table, column.name, &key, why)
            })?;
        }
        if let Some(judge) = judge {
            judge.count_touched(&mut touched);
        }
        match &mut waiting {
            Some(waiting) => waiting.add_row(std::mem::take(&mut row), layout, print, each)?,
            None => {
                row.finish_key(layout);
                each(&row)?;
            }
        }
    }
    waiting.map_or(Ok(()), |mut waiting| waiting.send_rows(layout, print, each))
}

/// NOT INDEXED keeps the scan on the table's own tree, which is read in its order on disk.
fn select_statement(table: &Table, all_columns: bool) -> String {
    let mut names: Vec<_> =
        table.copied_columns().map(|column| quote_name(column.source)).collect();
    if all_columns {
        names.push("*".to_owned());
    }
    format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), quote_name(table.source))
}

/// The key of a row that could not be read, where at least the key can.
fn describe_key(
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
            reader.append_value(column.ty, column.stored, value, &mut form).ok()?;
            parts.push((*column, form));
        }
        (!parts.is_empty())
            .then(|| show::show_key(parts.iter().map(|(c, form)| (*c, form.as_slice()))))
    };
    read().unwrap_or_else(|| format!("row {count} of the table"))
}

fn unread_value_error(table: &str, column: &str, key: &str, why: Unread) -> Error {
    let text = format!("{table}.{column}, {key}: {why}");
    Error::new(
        Exit::Verification,
        text,
        [
            "list every value that does not fit: `--dry-run`",
            "give the repairs with which the values were copied",
        ],
    )
}
