//! References that differ from a parent's key in upper and lower case, hyphens, braces or blanks
//! alone: how the parent writes its key.

use model::{Column, Type, sql};
use rusqlite::OptionalExtension;
use rusqlite::types::ValueRef;

use super::relation::{Relation, Verdict};
use super::{Form, Part, Reader, Scratch, scratch_error};
use crate::diagnostic::Result;
use crate::rows::Key;
use crate::sqlite::Reading;
use crate::stop::Stop;

/// Takes a row that refers so, and the parent's spelling; none where several parents differ so.
type EachRow<'a> = dyn FnMut(&rusqlite::Row<'_>, Option<Vec<u8>>) -> Result<()> + 'a;

const TABLE: &str = "\
CREATE TABLE spellings (form BLOB PRIMARY KEY, spelling BLOB, several INTEGER) WITHOUT ROWID;
BEGIN";

/// Whether a reference can be written as its parent's key.
pub fn has_spelling(column: &Column) -> bool {
    matches!(column.ty, Type::Text | Type::Varchar(_)) && column.stored == model::Stored::Text
}

/// Calls `each` with every row that refers so; its columns are the reference and the row's name.
///
/// # Errors
/// SQLite's, a full disk, a stop, or those of `each`.
pub fn for_each_spelling(
    relation: &Relation<'_>,
    reading: Reading<'_>,
    name: &Key,
    stop: &Stop,
    each: &mut EachRow<'_>,
) -> Result<()> {
    let ([own], [to]) = (relation.from.as_slice(), relation.to.as_slice()) else { return Ok(()) };
    if !has_spelling(own) || !has_spelling(to) {
        return Ok(());
    }
    let fail = |error: rusqlite::Error| reading.read_error(&error);
    let (mut reader, mut spellings) = (Reader::default(), None);
    relation.for_each_orphan(reading, name, stop, &mut |row, verdict| {
        if verdict != Verdict::Near {
            return Ok(());
        }
        let spellings = match &mut spellings {
            Some(spellings) => spellings,
            none => none.insert(read_spellings(relation, to, reading, stop)?),
        };
        let parts = [Part { column: own, key: to.ty }];
        let form = reader.read_key(&parts, row, Form::Folded).map_err(fail)?;
        match form.into_key() {
            Some(form) => each(row, find_spelling(spellings, &form)?),
            None => each(row, None),
        }
    })?;
    Ok(())
}

/// Of how many such rows the parent's spelling is known, and how many there are.
///
/// # Errors
/// SQLite's, a full disk, or a stop.
pub fn count_spellings(
    relation: &Relation<'_>,
    reading: Reading<'_>,
    stop: &Stop,
) -> Result<(u64, u64)> {
    let name = Key::of_table(reading.structure, relation.child);
    let (mut known, mut all) = (0, 0);
    for_each_spelling(relation, reading, &name, stop, &mut |_, spelling| {
        known += u64::from(spelling.is_some());
        all += 1;
        Ok(())
    })?;
    Ok((known, all))
}

/// The parent's keys by their folded forms.
fn read_spellings(
    relation: &Relation<'_>,
    to: &'static Column,
    reading: Reading<'_>,
    stop: &Stop,
) -> Result<Scratch> {
    let fail = |error: rusqlite::Error| reading.read_error(&error);
    let disk = |error: rusqlite::Error| scratch_error(&error);
    let scratch = Scratch::new(0)?;
    scratch.connection.execute_batch(TABLE).map_err(disk)?;
    let insert = "INSERT INTO spellings VALUES (?1, ?2, 0) ON CONFLICT DO UPDATE \
                  SET several = several OR spelling <> excluded.spelling";
    let mut insert = scratch.connection.prepare(insert).map_err(disk)?;
    let column = sql::quote(to.source);
    let select = format!("SELECT {column} FROM {}", relation.parent.source_rows_sql());
    let mut statement = reading.connection.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let mut reader = Reader::default();
    while let Some(row) = rows.next().map_err(fail)? {
        stop.fail_if_asked()?;
        let form = reader.read_key(&[Part::of_column(to)], row, Form::Folded).map_err(fail)?;
        if let (Some(form), ValueRef::Text(text)) = (form.into_key(), row.get_ref(0).map_err(fail)?)
        {
            insert.execute((form, text)).map_err(disk)?;
        }
    }
    drop(insert);
    Ok(scratch)
}

fn find_spelling(scratch: &Scratch, form: &[u8]) -> Result<Option<Vec<u8>>> {
    let disk = |error: rusqlite::Error| scratch_error(&error);
    let select = "SELECT spelling FROM spellings WHERE form = ?1 AND NOT several";
    let mut select = scratch.connection.prepare_cached(select).map_err(disk)?;
    select.query_row([form], |row| row.get(0)).optional().map_err(disk)
}
