//! What the values of a column say beside their encoding: digits that PostgreSQL's column does not
//! keep, and whether they are what the built-in schema says.

use model::{Stored, Type};

use super::columns::Input;
use crate::check::mixed_times::{MixedReading, try_units_beside_texts};
use crate::check::undecided;
use crate::codec::{self, Out};
use crate::postgres::inspection::Column;
use crate::schema_tools::draft::profile;
use crate::sqlite;

/// How many values have a finer fraction of a second than PostgreSQL's column keeps.
pub fn count_finer(
    input: &Input<'_>,
    source: &sqlite::SourceColumn,
    (ty, stored): profile::Candidate,
    digits: i32,
) -> rusqlite::Result<u64> {
    let coarse = 10_i64.saturating_pow(6_u32.saturating_sub(digits.unsigned_abs()));
    let column = model::nullable("", ty).stored(stored);
    let mut statement = input.connection.prepare(&profile::rows_sql(input.own, &[&source.name]))?;
    let mut rows = statement.query([])?;
    let (mut out, mut count) = (Out::default(), 0);
    while let Some(row) = rows.next()? {
        let cell = row.get_ref(0)?;
        if cell != rusqlite::types::ValueRef::Null
            && codec::encode_value(&column, &mut out, cell).is_ok()
            && out.bytes().get(4..12).and_then(|eight| eight.try_into().ok()).is_some_and(|eight| {
                i64::from_be_bytes(eight).checked_rem(coarse).is_some_and(|rest| rest != 0)
            })
        {
            count += 1;
        }
        while out.take_note().is_some() {}
        out.clear();
    }
    Ok(count)
}

/// The encoding that a built-in line says, if it is no guess and takes every value.
pub fn proved_by_built_in(
    input: &Input<'_>,
    source: &sqlite::SourceColumn,
    ty: Type,
) -> rusqlite::Result<Option<Stored>> {
    let mut columns = input.built_in.into_iter().flat_map(|table| table.columns);
    let stated = columns.find(|column| column.source == source.name && !column.guess);
    let Some(stored) = stated.map(|column| column.stored).filter(|s| *s != Stored::Undecided)
    else {
        return Ok(None);
    };
    let readings =
        undecided::try_all_encodings(input.connection, &input.own.name, &source.name, ty)?;
    Ok(readings.iter().any(|reading| reading.stored == stored).then_some(stored))
}

/// What each unit would make of numbers beside texts, with the repair that says it.
pub fn describe_mixed_readings(
    input: &Input<'_>,
    column: &Column,
    source: &sqlite::SourceColumn,
    ty: Type,
) -> rusqlite::Result<String> {
    let names = ["", &*input.there.name, &*column.name];
    let (table, declared) = (&input.own.name, &source.declared);
    let all = try_units_beside_texts(input.connection, table, &source.name, ty)?;
    let describe = |mixed: &MixedReading| {
        let (setting, reads) = undecided::describe_mixed_reading(mixed, ty, declared, names);
        format!("{setting} and copy with {reads}")
    };
    Ok(all.iter().map(describe).collect::<Vec<_>>().join("; "))
}
