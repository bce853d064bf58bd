//! Other encodings of a column whose values are refused: a person may have described it wrongly.

use model::{Column, Stored, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::undecided::Reading;
use crate::codec::{self, Out};

/// What a schema file may say instead, for all values of a column; nothing where its values fit.
/// `rows` is the table as SQL of SQLite reads it, `declared` the column's type there.
///
/// Numbers fit every count of time, which says nothing: types of time have no answer here.
///
/// # Errors
/// SQLite's.
pub fn list_fitting_settings(
    connection: &Connection,
    rows: &str,
    column: &Column,
    declared: &str,
) -> rusqlite::Result<Vec<String>> {
    if matches!(column.ty, Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz) {
        return Ok(Vec::new());
    }
    let others = column.ty.encodings().iter().copied();
    let mut others: Vec<Stored> =
        others.filter(|stored| restricts_values(column, *stored)).collect();
    let name = model::sql::quote(column.source);
    let select = format!("SELECT {name} FROM {rows} WHERE {name} IS NOT NULL");
    let mut statement = connection.prepare(&select)?;
    let mut values = statement.query([])?;
    let (mut out, mut refused) = (Out::default(), false);
    while let Some(row) = values.next()?
        && !others.is_empty()
    {
        let cell = row.get_ref(0)?;
        refused |= !is_taken(column, column.stored, cell, &mut out);
        others.retain(|stored| is_taken(column, *stored, cell, &mut out));
    }
    if !refused {
        return Ok(Vec::new());
    }
    let reading = |stored| Reading { stored, times: None };
    Ok(others.iter().map(|stored| reading(*stored).setting_text(column.ty, declared)).collect())
}

/// Whether it is another encoding that does not take whatever there is: all numbers for counts, or
/// all texts for their own bytes.
fn restricts_values(column: &Column, stored: Stored) -> bool {
    let any_text = column.ty == Type::Bytea && stored == Stored::Blob;
    stored != column.stored && !stored.is_count_of_units() && !any_text
}

fn is_taken(column: &Column, stored: Stored, cell: ValueRef<'_>, out: &mut Out) -> bool {
    let taken = codec::encode_value(&Column { stored, ..*column }, out, cell).is_ok();
    while out.take_note().is_some() {}
    out.clear();
    taken
}
