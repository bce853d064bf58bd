//! Values of types that the server itself reads: what SQLite stores is brought to the form in which
//! the server prints it, as the loaded values are.

use super::Unread;
use super::form::{NULL, VALUE};
use super::row::{Each, Layout, Row};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::postgres::direct::DirectQueries;
use model::Column;
use postgres::GenericClient;

/// So many rows, or bytes, are sent at once.
const ROWS: usize = 5_000;
const BYTES: usize = 4 << 20;

/// What the server prints for the texts of a column, in their order.
pub(super) type Print<'a> = &'a mut dyn FnMut(&Column, &[String]) -> Result<Vec<String>>;

/// Has the server read texts as a column's type and print the values.
///
/// # Errors
/// The server's.
pub(super) fn print_texts(
    client: &mut impl GenericClient,
    table: &str,
    column: &Column,
    texts: &[String],
) -> Result<Vec<String>> {
    let ty = column.type_sql.map_or_else(|| column.ty.to_string(), str::to_owned);
    let query = format!(
        "SELECT (given.text::{ty})::pg_catalog.text FROM unnest($1::pg_catalog.text[]) WITH \
         ORDINALITY AS given(text, place) ORDER BY given.place"
    );
    let failed = |error: postgres::Error| {
        let words = crate::postgres::describe_error(&error);
        let place = format!("{table}.{}", column.name);
        let text = format!("{place}: PostgreSQL cannot read SQLite's values as {ty}: {words}");
        Error {
            exit: Exit::Verification,
            faults: vec![Fault::new(text, "").with_server_text(&error)],
        }
    };
    let rows = client.query_directly(&query, &[&texts]).map_err(failed)?;
    let printed = rows.iter().map(|row| row.try_get::<_, Option<String>>(0).ok().flatten());
    let printed: Option<Vec<String>> = printed.collect();
    printed.filter(|printed| printed.len() == texts.len()).ok_or_else(|| {
        let text =
            format!("{table}.{}: PostgreSQL did not return a text for every value", column.name);
        Error::new(Exit::Verification, text, "")
    })
}

/// Rows of the source that wait for the server.
#[derive(Default)]
pub(super) struct Waiting {
    rows: Vec<Row>,
    bytes: usize,
}

impl Waiting {
    /// Adds a row; it is given to `each` as soon as enough of them have come together.
    pub(super) fn add_row(
        &mut self,
        row: Row,
        layout: &Layout,
        print: Print<'_>,
        each: Each<'_>,
    ) -> Result<()> {
        self.bytes += row.size();
        self.rows.push(row);
        match self.rows.len() >= ROWS || self.bytes >= BYTES {
            true => self.send_rows(layout, print, each),
            false => Ok(()),
        }
    }

    /// Gives all rows that wait to `each`, with what the server prints.
    pub(super) fn send_rows(
        &mut self,
        layout: &Layout,
        print: Print<'_>,
        each: Each<'_>,
    ) -> Result<()> {
        let mut rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        for ordinal in layout.ordinals_read_by_server() {
            let Some(column) = layout.columns.get(ordinal) else { continue };
            let texts: Vec<String> =
                rows.iter().filter_map(|row| text_of(row.column_value(ordinal))).collect();
            let mut printed = print(column, &texts)?.into_iter();
            for row in &mut rows {
                if text_of(row.column_value(ordinal)).is_some() {
                    let text = printed.next().unwrap_or_default();
                    *row = replace_column(row, layout, ordinal, &text).map_err(|why| {
                        Error::new(Exit::Verification, format!("{}: {why}", layout.table), "")
                    })?;
                }
            }
        }
        rows.iter_mut().try_for_each(|row| {
            row.finish_key(layout);
            each(row)
        })
    }
}

/// The text of a value; none for NULL.
fn text_of(form: &[u8]) -> Option<String> {
    match form {
        [NULL, ..] | [] => None,
        [_, text @ ..] => Some(String::from_utf8_lossy(text).into_owned()),
    }
}

/// The row with another text in a column.
fn replace_column(
    row: &Row,
    layout: &Layout,
    replaced: usize,
    text: &str,
) -> std::result::Result<Row, Unread> {
    let mut new = Row::default();
    for ordinal in 0..layout.columns.len() {
        new.add_column(|out| {
            match ordinal == replaced {
                true => {
                    out.push(VALUE);
                    out.extend_from_slice(text.as_bytes());
                }
                false => out.extend_from_slice(row.column_value(ordinal)),
            }
            Ok(())
        })?;
    }
    Ok(new)
}
