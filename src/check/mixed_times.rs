//! Columns of times in which numbers stand beside texts: no encoding takes both, but the texts are
//! times as they are written, and a repair says what the numbers count.

use model::{Stored, Type, sql};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::undecided::{Reading, decode_time};
use crate::codec::Out;
use crate::repair::epoch_to_text;

/// What texts and numbers of a column come to, together.
#[derive(Clone, Copy, Debug)]
pub struct MixedReading {
    /// How the texts are written, with the first and the last time of the numbers.
    pub reading: Reading,
    /// What the numbers count since 1970.
    pub unit: Stored,
}

/// The units, as the repair `epoch-unit` calls them.
const UNITS: [(Stored, &str); 4] =
    [(Stored::UnixS, "s"), (Stored::UnixMs, "ms"), (Stored::UnixUs, "us"), (Stored::UnixNs, "ns")];

impl MixedReading {
    /// The unit as the repair `epoch-unit` calls it.
    pub fn unit_word(&self) -> &'static str {
        UNITS.iter().find(|(unit, _)| *unit == self.unit).map_or("s", |(_, word)| word)
    }
}

/// The readings that take every value of a column, the likelier ones first; texts without an offset
/// are read as UTC only where that is needed.
///
/// # Errors
/// SQLite's.
pub fn try_units_beside_texts(
    connection: &Connection,
    table: &str,
    column: &str,
    ty: Type,
) -> rusqlite::Result<Vec<MixedReading>> {
    if !matches!(ty, Type::Timestamp | Type::Timestamptz) {
        return Ok(Vec::new());
    }
    let written = [Stored::Text, Stored::TextUtc];
    for stored in written.into_iter().filter(|stored| ty.encodings().contains(stored)) {
        let units = UNITS.iter().map(|(unit, _)| MixedReading {
            reading: Reading { stored, times: None },
            unit: *unit,
        });
        let mut all: Vec<MixedReading> = units.collect();
        let (name, of) = (sql::quote(column), sql::quote(table));
        let select = format!("SELECT {name} FROM {of} NOT INDEXED WHERE {name} IS NOT NULL");
        let mut statement = connection.prepare(&select)?;
        let mut rows = statement.query([])?;
        let mut out = Out::default();
        while let Some(row) = rows.next()?
            && !all.is_empty()
        {
            let cell = row.get_ref(0)?;
            all.retain_mut(|mixed| mixed.add_value(ty, cell, &mut out));
        }
        if !all.is_empty() {
            all.sort_by_key(|mixed| mixed.reading.distance_from_today(ty));
            return Ok(all);
        }
    }
    Ok(Vec::new())
}

impl MixedReading {
    /// Adds a value; `false` where it is refused.
    fn add_value(&mut self, ty: Type, cell: ValueRef<'_>, out: &mut Out) -> bool {
        match epoch_to_text(self.unit, cell) {
            Some(text) => self.reading.add_value(ty, text.as_cell(), out),
            None => decode_time(ty, self.reading.stored, cell, out).is_some(),
        }
    }
}
