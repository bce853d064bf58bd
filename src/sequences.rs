//! Sequences, after the rows: each one goes on behind every id that is there or was there.
//!
//! They are found in the catalog, not by name, and several tables may share one. `ALTER SEQUENCE …
//! RESTART` is part of the transaction, `setval` would not be. A sequence is never turned back: the
//! application may have given away what it has counted.

use std::collections::BTreeMap;

use model::{Type, sql};
use postgres::types::Oid;
use postgres::{Client, Row};

use crate::error::{Error, Exit, Result};
use crate::event::{Event, Hooks};
use crate::plan::Copy;
use crate::source::Source;
use crate::target;

/// A sequence and the outermost id among the rows that it makes values for.
struct Sequence {
    /// Its schema and name, quoted.
    name: String,
    /// The column that has the outermost id, for the message.
    place: String,
    increment: i64,
    start: i64,
    /// The last value in its direction.
    end: i64,
    /// The value that it would give next.
    due: i64,
    /// The highest id; the lowest for a sequence that counts down.
    outermost: Option<i64>,
}

/// Restarts every sequence that makes values for a copied column. `sources` are the databases.
///
/// # Errors
/// When the outermost id leaves no room (`Q7`), and the server's.
pub fn restart(
    client: &mut Client,
    sources: &[&Source],
    copies: &[Copy],
    hooks: &mut Hooks,
) -> Result<()> {
    let mut sequences: BTreeMap<Oid, Sequence> = BTreeMap::new();
    for copy in copies {
        let Some(source) = sources.get(copy.input) else { continue };
        look(client, source, copy, &mut sequences)?;
    }
    for sequence in sequences.values() {
        let Some(next) = sequence.next()? else { continue };
        hooks.reached_with(Event::Sequence, client)?;
        let restart = format!("ALTER SEQUENCE {} RESTART WITH {next}", sequence.name);
        let fail = |error| target::error(&format!("sequence of {}", sequence.place), &error);
        client.batch_execute(&restart).map_err(fail)?;
    }
    Ok(())
}

/// Adds what one table says about its sequences.
fn look(
    client: &mut Client,
    source: &Source,
    copy: &Copy,
    sequences: &mut BTreeMap<Oid, Sequence>,
) -> Result<()> {
    let table = copy.table();
    let fail = |error| target::error(&format!("sequences of {}", table.name), &error);
    for row in client.query(SEQUENCES, &[&copy.schema, &table.name]).map_err(fail)? {
        let column: String = row.get(1);
        let Some(column) = table.copied().find(|known| known.name == column) else { continue };
        if !matches!(column.ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Numeric(_)) {
            continue;
        }
        let oid: Oid = row.get(0);
        if !sequences.contains_key(&oid) {
            sequences.insert(oid, sequence(client, &row).map_err(fail)?);
        }
        let Some(sequence) = sequences.get_mut(&oid) else { continue };
        let downwards = sequence.increment < 0;
        let outermost = format!(
            "SELECT {}({})::int8 FROM {}",
            if downwards { "min" } else { "max" },
            sql::quote(column.name),
            sql::qualified(&copy.schema, table.name)
        );
        let mut here: Option<i64> = client.query_one(&outermost, &[]).map_err(fail)?.get(0);
        if !downwards && is_rowid(source, copy, column.source) {
            here = here.max(source.remembered_id(table.source)?);
        }
        let further = match (here, sequence.outermost) {
            (Some(here), Some(known)) if downwards => here < known,
            (here, known) => here > known,
        };
        if further {
            sequence.outermost = here;
            sequence.place = format!("{}.{}.{}", copy.database, table.name, column.name);
        }
    }
    Ok(())
}

/// A sequence as the catalog and itself describe it.
fn sequence(client: &mut Client, row: &Row) -> Result<Sequence, postgres::Error> {
    let increment: i64 = row.get(4);
    let name = sql::qualified(row.get(2), row.get(3));
    let (start, end) = (row.get(5), row.get(6));
    let state = format!("SELECT last_value, is_called FROM {name}");
    let state = client.query_one(&state, &[])?;
    let (last, called): (i64, bool) = (state.get(0), state.get(1));
    let due = if called { last.saturating_add(increment) } else { last };
    Ok(Sequence { name, place: String::new(), increment, start, end, due, outermost: None })
}

/// Whether SQLite counts this column's ids: it is the only one of the primary key.
fn is_rowid(source: &Source, copy: &Copy, column: &str) -> bool {
    source
        .structure
        .table(copy.table().source)
        .is_some_and(|table| matches!(table.primary_key()[..], [key] if key == column))
}

impl Sequence {
    /// The value to go on with; nothing when it is beyond all ids already. It stays on the steps
    /// that the sequence takes from its start, and a whole step lies before it: an application may
    /// use one value of a sequence with a wide step for all ids of that step.
    fn next(&self) -> Result<Option<i64>> {
        let Some(outermost) = self.outermost else { return Ok(None) };
        // One that counts down is looked at in a mirror.
        let sign = i128::from(self.increment.signum());
        let seen = |value: i64| i128::from(value) * sign;
        let (step, start) = (seen(self.increment), seen(self.start));
        let beyond = seen(outermost) + step - start;
        let steps = beyond.div_euclid(step) + i128::from(beyond.rem_euclid(step) != 0);
        let next = start + step * steps.max(0);
        if next <= seen(self.due) {
            return Ok(None);
        }
        match i64::try_from(next * sign) {
            Ok(value) if next <= seen(self.end) => Ok(Some(value)),
            _ => Err(self.exhausted(outermost)),
        }
    }

    fn exhausted(&self, outermost: i64) -> Error {
        let what = if self.increment > 0 { "highest" } else { "lowest" };
        Error::new(
            Exit::Findings,
            format!(
                "Q7 {}: the {what} id is {outermost}, the sequence {} ends at {}: no id is left \
                 for new rows",
                self.place, self.name, self.end
            ),
            "renumber the row with that id in the application, then run again",
        )
    }
}

/// The sequences that make values for a table's columns, by identity, `OWNED BY` or a default.
const SEQUENCES: &str = "\
WITH made AS (
    SELECT d.objid AS sequence, d.refobjsubid AS attnum, d.refobjid AS relation
    FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid, a.adnum, a.adrelid
    FROM pg_catalog.pg_attrdef a
    JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
     AND d.refclassid = 'pg_catalog.pg_class'::regclass
)
SELECT s.oid, a.attname::text, sn.nspname::text, s.relname::text, q.seqincrement, q.seqstart,
       CASE WHEN q.seqincrement > 0 THEN q.seqmax ELSE q.seqmin END
FROM made m
JOIN pg_catalog.pg_class s ON s.oid = m.sequence AND s.relkind = 'S'
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = m.relation
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = m.attnum
WHERE n.nspname = $1 AND t.relname = $2
ORDER BY 2, 4";

#[cfg(test)]
mod tests {
    use super::*;

    fn next(start: i64, step: i64, last: Option<i64>, id: Option<i64>) -> Option<i64> {
        let end = if step > 0 { 1000 } else { -1000 };
        let (name, place) = (String::new(), String::new());
        let (increment, due) = (step, last.map_or(start, |last| last + step));
        let sequence = Sequence { name, place, increment, start, end, due, outermost: id };
        sequence.next().unwrap_or(Some(0))
    }

    #[test]
    fn a_sequence_goes_on_behind_every_id() {
        assert_eq!(next(1, 1, None, Some(7)), Some(8));
        assert_eq!(next(1, 1, Some(3), Some(7)), Some(8));
        // Nothing there, nothing positive, or counted further already.
        assert_eq!(next(1, 1, None, None), None);
        assert_eq!(next(1, 1, None, Some(0)), None);
        assert_eq!(next(1, 1, None, Some(-5)), None);
        assert_eq!(next(1, 1, Some(20), Some(7)), None);
        assert_eq!(next(100, 1, None, Some(7)), None);
        // The last one is left, and then none.
        assert_eq!(next(1, 1, None, Some(999)), Some(1000));
        assert_eq!(next(1, 1, None, Some(1000)), Some(0));
        assert_eq!(next(1, 1, None, Some(i64::MAX)), Some(0));
    }

    #[test]
    fn wide_steps_keep_their_places_and_a_whole_step_is_free() {
        assert_eq!(next(1, 50, None, Some(120)), Some(201));
        assert_eq!(next(1, 50, None, Some(101)), Some(151));
        assert_eq!(next(2, 2, None, Some(8)), Some(10));
        assert_eq!(next(2, 2, None, Some(9)), Some(12));
    }

    #[test]
    fn a_sequence_that_counts_down_goes_on_below() {
        assert_eq!(next(-1, -1, None, Some(-7)), Some(-8));
        assert_eq!(next(-1, -1, None, Some(5)), None);
        assert_eq!(next(-1, -10, None, Some(-21)), Some(-31));
        assert_eq!(next(-1, -10, None, Some(-22)), Some(-41));
        assert_eq!(next(-1, -1, Some(-50), Some(-7)), None);
        assert_eq!(next(-1, -1, None, Some(-1000)), Some(0));
    }
}
