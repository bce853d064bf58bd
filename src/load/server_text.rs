//! Columns of types without a codec: the server reads their texts, and its binary form goes into
//! the COPY.
//!
//! Rows are collected with the texts in them. Before they are sent, one query has the server read
//! all texts of the batch; so one connection does, for it is not in a COPY then.

use model::Type;
use postgres::Client;
use postgres::types::{FromSql, ToSql};

use crate::diagnostic::{Error, Result};
use crate::plan::Copy;
use crate::postgres::server_error;
use crate::postgres::server_types::find_base_type;

/// The columns of a table whose values the server reads.
pub struct ServerColumns {
    /// Their places among the copied columns, ascending.
    places: Vec<usize>,
    query: String,
    what: String,
}

/// The texts of one column in a batch; none for NULL.
type Texts<'b> = Vec<Option<&'b str>>;

impl ServerColumns {
    /// Those of a table, if it has some.
    ///
    /// # Errors
    /// The server's.
    pub fn of_copy(client: &mut Client, copy: &Copy) -> Result<Option<ServerColumns>> {
        let (mut places, mut selected) = (Vec::new(), Vec::new());
        let what = format!("reading values for {} {}", copy.database, copy.table().name);
        for (index, column) in copy.table().copied_columns().enumerate() {
            let Type::ReadByServer(words) = column.ty else { continue };
            let found = find_base_type(client, column.type_sql.unwrap_or(words));
            let found = found.map_err(|error| server_error(&what, &error))?;
            // Without the length: COPY refuses what the column's own does not take, where a cast
            // would cut or pad it.
            let base = found.map_or_else(|| words.to_owned(), |found| found.name);
            selected.push(format!("given.c{}::{base}", places.len()));
            places.push(index);
        }
        if places.is_empty() {
            return Ok(None);
        }
        let number = 1..=places.len();
        let arrays: Vec<String> = number.map(|n| format!("${n}::pg_catalog.text[]")).collect();
        let names: Vec<String> = (0..places.len()).map(|n| format!("c{n}")).collect();
        let query = format!(
            "SELECT {} FROM unnest({}) WITH ORDINALITY AS given({}, place) ORDER BY given.place",
            selected.join(", "),
            arrays.join(", "),
            names.join(", ")
        );
        Ok(Some(ServerColumns { places, query, what }))
    }

    /// The rows of a batch with what the server makes of the texts.
    ///
    /// # Errors
    /// The server's, where it does not read one.
    pub fn read_texts(&self, client: &mut Client, rows: &[u8]) -> Result<Vec<u8>> {
        let broken = || Error::internal("rows of a batch cannot be taken apart");
        let mut columns: Vec<Texts<'_>> = vec![Vec::new(); self.places.len()];
        // What is no text must not become NULL; the codec lets none through.
        let mut is_text = true;
        for_each_field(rows, &mut |place, field| {
            let known = self.places.binary_search(&place).ok();
            if let Some(texts) = known.and_then(|at| columns.get_mut(at)) {
                let text = field.map(std::str::from_utf8).transpose();
                is_text &= text.is_ok();
                texts.push(text.unwrap_or_default());
            }
        })
        .filter(|()| is_text)
        .ok_or_else(broken)?;
        let parameters: Vec<&(dyn ToSql + Sync)> =
            columns.iter().map(|texts| texts as &(dyn ToSql + Sync)).collect();
        let read = client.query(&self.query, &parameters);
        let read = read.map_err(|error| server_error(&self.what, &error))?;
        let (mut out, mut number) = (Vec::with_capacity(rows.len()), 0);
        let mut is_complete = true;
        let fields = u16::from_be_bytes(*rows.first_chunk().unwrap_or(&[0; 2]));
        for_each_field(rows, &mut |place, field| {
            if place == 0 {
                out.extend_from_slice(&fields.to_be_bytes());
                number += 1;
            }
            let known = self.places.binary_search(&place).ok();
            let made = known.and_then(|at| {
                let value =
                    read.get(number - 1).map(|row| row.try_get::<_, Option<Binary<'_>>>(at));
                is_complete &= matches!(value, Some(Ok(_)));
                value?.ok().flatten()
            });
            let bytes = known.map_or(field, |_| made.as_ref().map(|binary| binary.0));
            let length = bytes.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(bytes.unwrap_or_default());
        })
        .filter(|()| is_complete)
        .ok_or_else(broken)?;
        Ok(out)
    }
}

/// A value as the server sends it.
struct Binary<'b>(&'b [u8]);

impl<'b> FromSql<'b> for Binary<'b> {
    fn from_sql(
        _: &postgres::types::Type,
        raw: &'b [u8],
    ) -> std::result::Result<Binary<'b>, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Binary(raw))
    }

    fn accepts(_: &postgres::types::Type) -> bool {
        true
    }
}

/// Calls `each` with the place and the bytes of each field of rows in binary COPY form; nothing
/// where they are not such rows.
fn for_each_field<'b>(
    mut rows: &'b [u8],
    each: &mut dyn FnMut(usize, Option<&'b [u8]>),
) -> Option<()> {
    while !rows.is_empty() {
        let (count, rest) = rows.split_first_chunk::<2>()?;
        rows = rest;
        for place in 0..usize::from(u16::from_be_bytes(*count)) {
            let (length, rest) = rows.split_first_chunk::<4>()?;
            rows = rest;
            let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
                each(place, None);
                continue;
            };
            let (field, rest) = rows.split_at_checked(length)?;
            rows = rest;
            each(place, Some(field));
        }
    }
    Some(())
}
