//! Sequences, after the rows: each one goes on behind every id that is there or was there.
//!
//! Which sequence makes values for which column is found by [`crate::postgres::sequences`], not by
//! name, and several columns may share one; lines of `database.toml` add to it. `ALTER SEQUENCE …
//! RESTART` is part of the transaction, `setval` is not. No sequence goes back to a value before.

use std::collections::btree_map::{BTreeMap, Entry};

use model::{Column, Next, Type, sql};
use postgres::Client;
use postgres::types::Oid;

use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result};
use crate::event::Event;
use crate::ids::PerDatabase;
use crate::load::hooks::Hooks;
use crate::plan::{Copy, SequencePlan, TargetPlan};
use crate::postgres::direct::DirectQueries;
use crate::postgres::sequences::{self as catalog, Line, Survey, judge};
use crate::postgres::server_error;
use crate::sqlite::Source;

/// A sequence and the outermost of its values that are taken.
#[derive(Debug)]
struct Sequence {
    /// Its schema and name, quoted.
    name: String,
    increment: i64,
    start: i64,
    /// Its least value.
    least: i64,
    /// Its greatest value.
    greatest: i64,
    /// The value that it would give next.
    due: i64,
    /// Among the columns that it makes values for.
    outermost: Option<Outermost>,
    /// The value that a person gave for the next.
    wanted: Option<i64>,
}

/// The last value of a sequence that is taken, in the sequence's direction.
#[derive(Clone, Debug)]
struct Outermost {
    /// The sequence's value; beyond all bounds for one that no sequence has.
    value: i128,
    /// What the column holds for it.
    id: i128,
    /// The column that holds it, for the message.
    place: String,
}

/// Beyond the values of every sequence.
const BEYOND: i128 = 1 << 66;

/// Restarts every sequence that makes values for a copied column. `sources` are the databases.
///
/// # Errors
/// What is left to decide (`Q13`, `Q15`); when the outermost id leaves no room (`Q7`); and the
/// server's.
pub fn restart_sequences(
    client: &mut Client,
    sources: &PerDatabase<&Source>,
    part: &TargetPlan,
    hooks: &mut Hooks,
) -> Result<()> {
    let mut sequences: BTreeMap<Oid, Sequence> = BTreeMap::new();
    for planned in &part.sequences {
        let fail = |error| server_error("reading the sequences of the schema", &error);
        let survey =
            catalog::read_survey(client, &planned.schemas, &planned.stated_sequence_names())
                .map_err(fail)?;
        refuse_undecided(&survey, part, planned)?;
        for copy in part.copies_of(planned.database_id) {
            let source = sources.get(copy.database_id)?;
            add_table_sequences(client, source, copy, (&survey, planned), &mut sequences)?;
        }
        for line in planned.stated_sequences() {
            let Next::At(next) = line.next else { continue };
            for known in
                survey.sequences.iter().filter(|known| survey.line_names_sequence(line, known))
            {
                find_or_read_sequence(client, known, &mut sequences)?.wanted = Some(next);
            }
        }
    }
    for sequence in sequences.values() {
        let Some(next) = sequence.next_value()? else { continue };
        hooks.run_at_with_session(Event::Sequence, client)?;
        let restart = model::sql::restart_sequence(&sequence.name, next);
        let fail = |error| server_error(&format!("sequence {}", sequence.name), &error);
        client.batch_execute(&restart).map_err(fail)?;
    }
    Ok(())
}

/// Makes sure that nothing is left to decide, also where this run has made the tables.
fn refuse_undecided(survey: &Survey, part: &TargetPlan, planned: &SequencePlan) -> Result<()> {
    let own = part.copies_of(planned.database_id);
    let tables: Vec<judge::Table> = own.map(|copy| copy.table().into()).collect();
    let (database, lines) = (&planned.database, planned.stated_sequences());
    let asked = judge::Asked { database, user: "", tables: &tables, lines, file: "" };
    let found = judge::find_sequence_findings(survey, asked).into_iter();
    let open = found.filter(|finding| judge::TO_DECIDE.contains(&finding.id));
    Error::from_faults(
        Exit::Source,
        open.map(|finding| Finding::to_fault(&finding)).collect::<Vec<Fault>>(),
    )
}

/// Adds what one table says about its sequences.
fn add_table_sequences(
    client: &mut Client,
    source: &Source,
    copy: &Copy,
    (survey, planned): (&Survey, &SequencePlan),
    sequences: &mut BTreeMap<Oid, Sequence>,
) -> Result<()> {
    const PLAIN: Line = Line { factor: 1, offset: 0 };
    let table = copy.table();
    let mut feeds: Vec<(Oid, &str, Line)> = Vec::new();
    for tie in survey.ties.iter().filter(|tie| tie.table == table.name) {
        if let (Some(column), Some(line)) = (&tie.column, tie.line) {
            feeds.push((tie.sequence, column, line));
        }
    }
    for line in planned.stated_sequences() {
        let Next::After { table: of, column } = line.next else { continue };
        let meant = survey.sequences.iter().filter(|known| survey.line_names_sequence(line, known));
        let meant = meant.filter(|_| of == table.name);
        feeds.extend(meant.map(|known| (known.oid, column, PLAIN)));
    }
    for (oid, column, line) in feeds {
        let Some(column) = table.copied_columns().find(|known| known.name == column) else {
            continue;
        };
        let known = survey.sequences.iter().find(|known| known.oid == oid);
        let known = known.ok_or_else(|| Error::internal("a column's sequence was not read"))?;
        if !judge::can_hold_sequence_values(column.ty) {
            continue;
        }
        let upwards = (line.factor > 0) == (known.increment > 0);
        let mut id = extreme_value(client, copy, column, upwards)?;
        if upwards && is_rowid_column(source, copy, column.source) {
            id = id.max(source.remembered_id(table.source)?.map(i128::from));
        }
        let sequence = find_or_read_sequence(client, known, sequences)?;
        let Some(id) = id else { continue };
        let value = sequence.sequence_value_of_id(id, line);
        let place = format!("{}.{}.{}", copy.database, table.name, column.name);
        let further = |known: &Outermost| match sequence.increment > 0 {
            true => value > known.value,
            false => value < known.value,
        };
        if sequence.outermost.as_ref().is_none_or(further) {
            sequence.outermost = Some(Outermost { value, id, place });
        }
    }
    Ok(())
}

/// A sequence as the catalog and itself describe it.
fn find_or_read_sequence<'a>(
    client: &mut Client,
    known: &catalog::Sequence,
    sequences: &'a mut BTreeMap<Oid, Sequence>,
) -> Result<&'a mut Sequence> {
    let place = match sequences.entry(known.oid) {
        Entry::Occupied(found) => return Ok(found.into_mut()),
        Entry::Vacant(place) => place,
    };
    let name = sql::qualified_name(&known.schema, &known.name);
    let fail = |error| server_error(&format!("restarting sequence {name}"), &error);
    let state = format!("SELECT last_value, is_called FROM {name}");
    let state = client.query_one_directly(&state, &[]).map_err(fail)?;
    let (last, called): (i64, bool) = (state.get(0), state.get(1));
    let due = if called { last.saturating_add(known.increment) } else { last };
    let (increment, start) = (known.increment, known.start);
    let (least, greatest) = (known.least, known.greatest);
    let (outermost, wanted) = (None, None);
    Ok(place.insert(Sequence { name, increment, start, least, greatest, due, outermost, wanted }))
}

/// The greatest or the least number of a column; one that is no whole number counts as the next
/// towards zero of the range, as a sequence gives whole ones.
fn extreme_value(
    client: &mut Client,
    copy: &Copy,
    column: &Column,
    greatest: bool,
) -> Result<Option<i128>> {
    let (name, table) =
        (sql::quote(column.name), sql::qualified_name(&copy.schema, copy.table().name));
    let (aggregate, round) = if greatest { ("max", "floor") } else { ("min", "ceil") };
    let fail = |error| server_error(&format!("reading ids of {}", copy.table().name), &error);
    let asked = match column.ty {
        Type::Int2 | Type::Int4 | Type::Int8 => {
            format!("SELECT {aggregate}({name})::text FROM {table}")
        }
        // NaN is greater than all numbers and none that a sequence gives.
        _ => {
            format!("SELECT {round}({aggregate}({name}))::text FROM {table} WHERE {name} <> 'NaN'")
        }
    };
    let found: Option<String> = client.query_one_directly(&asked, &[]).map_err(fail)?.get(0);
    Ok(found.map(|text| saturating_number(&text)))
}

/// A whole number as the server prints it; beyond all bounds where it is larger than any sequence.
fn saturating_number(text: &str) -> i128 {
    if let Ok(number) = text.parse::<i128>() {
        return number.clamp(-BEYOND, BEYOND);
    }
    // What floats print (1e+20, Infinity) and numbers of more digits.
    match text.parse::<f64>() {
        Ok(float) => (float as i128).clamp(-BEYOND, BEYOND),
        Err(_) if text.starts_with('-') => -BEYOND,
        Err(_) => BEYOND,
    }
}

/// Whether SQLite counts this column's ids: it is the only one of the primary key.
fn is_rowid_column(source: &Source, copy: &Copy, column: &str) -> bool {
    source.structure.table(copy.table().source).is_some_and(
        |table| matches!(table.primary_key_columns().as_slice(), [key] if *key == column),
    )
}

impl Sequence {
    /// The last of its values that an id shows to be taken, where ids are made of them by a line.
    fn sequence_value_of_id(&self, id: i128, line: Line) -> i128 {
        let (above, factor) = (id.saturating_sub(line.offset), line.factor);
        let (Some(value), Some(rest)) = (above.checked_div(factor), above.checked_rem(factor))
        else {
            return BEYOND;
        };
        // A value between two ids: the one before it in the sequence's direction.
        let below_zero = (above < 0) != (factor < 0);
        let value = match (rest == 0, self.increment > 0) {
            (true, _) => value,
            (false, true) => value - i128::from(below_zero),
            (false, false) => value + i128::from(!below_zero),
        };
        value.clamp(-BEYOND, BEYOND)
    }

    /// The value to go on with; nothing when it is beyond all ids already. It stays on the steps
    /// that the sequence takes from its start, and a whole step lies before it: an application may
    /// use one value of a sequence with a wide step for all ids of that step.
    fn next_value(&self) -> Result<Option<i64>> {
        // One that counts down is computed with the signs reversed.
        let sign = i128::from(self.increment.signum());
        let seen = |value: i64| i128::from(value) * sign;
        if let Some(wanted) = self.wanted {
            return self.requested_next_value(wanted, sign);
        }
        let Some(outermost) = &self.outermost else { return Ok(None) };
        let (step, start) = (seen(self.increment), seen(self.start));
        let beyond = outermost.value * sign + step - start;
        let steps = beyond.div_euclid(step) + i128::from(beyond.rem_euclid(step) != 0);
        let next = start + step * steps.max(0);
        if next <= seen(self.due) {
            return Ok(None);
        }
        let end = if self.increment > 0 { self.greatest } else { self.least };
        match i64::try_from(next * sign) {
            Ok(value) if next <= seen(end) => Ok(Some(value)),
            _ => Err(self.exhausted_error(outermost, end)),
        }
    }

    /// The value that a person gave, unless the sequence is further, or ids are.
    fn requested_next_value(&self, wanted: i64, sign: i128) -> Result<Option<i64>> {
        let seen = |value: i128| value * sign;
        if let Some(outermost) = &self.outermost
            && seen(i128::from(wanted)) <= seen(outermost.value)
        {
            return Err(Error {
                exit: Exit::Source,
                faults: vec![Fault::new(
                    format!(
                        "{}: database.toml has {wanted} as the next value of sequence {}, but ids \
                         up to its value {} are already used",
                        outermost.place, self.name, outermost.value
                    ),
                    [
                        "write a greater `next`, or a lower one if the sequence counts down",
                        "write `column` instead of `next`",
                    ],
                )
                .with_id(Id::Q15)],
            });
        }
        Ok((seen(i128::from(wanted)) > seen(i128::from(self.due))).then_some(wanted))
    }

    fn exhausted_error(&self, outermost: &Outermost, end: i64) -> Error {
        let what = if outermost.value > 0 { "highest" } else { "lowest" };
        Error::new(
            Exit::Findings,
            format!(
                "Q7 {}: the {what} id is {}, the sequence {} ends at {end}: no id is left for new \
                 rows",
                outermost.place, outermost.id, self.name
            ),
            "renumber the row with that id in the application, then run again",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting_sequence(start: i64, step: i64, last: Option<i64>) -> Sequence {
        let (least, greatest) = if step > 0 { (start, 1000) } else { (-1000, start) };
        let (increment, due) = (step, last.map_or(start, |last| last + step));
        let name = String::new();
        Sequence { name, increment, start, least, greatest, due, outermost: None, wanted: None }
    }

    fn next_value(start: i64, step: i64, last: Option<i64>, id: Option<i64>) -> Option<i64> {
        next_on(Line { factor: 1, offset: 0 }, start, step, last, id)
    }

    fn next_on(
        line: Line,
        start: i64,
        step: i64,
        last: Option<i64>,
        id: Option<i64>,
    ) -> Option<i64> {
        let mut sequence = counting_sequence(start, step, last);
        sequence.outermost = id.map(|id| {
            let id = i128::from(id);
            Outermost { value: sequence.sequence_value_of_id(id, line), id, place: String::new() }
        });
        sequence.next_value().unwrap_or(Some(0))
    }

    #[test]
    fn a_sequence_goes_on_behind_every_id() {
        assert_eq!(next_value(1, 1, None, Some(7)), Some(8));
        assert_eq!(next_value(1, 1, Some(3), Some(7)), Some(8));
        // Nothing there, nothing positive, or counted further already.
        assert_eq!(next_value(1, 1, None, None), None);
        assert_eq!(next_value(1, 1, None, Some(0)), None);
        assert_eq!(next_value(1, 1, None, Some(-5)), None);
        assert_eq!(next_value(1, 1, Some(20), Some(7)), None);
        assert_eq!(next_value(100, 1, None, Some(7)), None);
        // The last one is left, and then none.
        assert_eq!(next_value(1, 1, None, Some(999)), Some(1000));
        assert_eq!(next_value(1, 1, None, Some(1000)), Some(0));
        assert_eq!(next_value(1, 1, None, Some(i64::MAX)), Some(0));
    }

    #[test]
    fn wide_steps_keep_their_places_and_a_whole_step_is_free() {
        assert_eq!(next_value(1, 50, None, Some(120)), Some(201));
        assert_eq!(next_value(1, 50, None, Some(101)), Some(151));
        assert_eq!(next_value(2, 2, None, Some(8)), Some(10));
        assert_eq!(next_value(2, 2, None, Some(9)), Some(12));
    }

    #[test]
    fn a_sequence_that_counts_down_goes_on_below() {
        assert_eq!(next_value(-1, -1, None, Some(-7)), Some(-8));
        assert_eq!(next_value(-1, -1, None, Some(5)), None);
        assert_eq!(next_value(-1, -10, None, Some(-21)), Some(-31));
        assert_eq!(next_value(-1, -10, None, Some(-22)), Some(-41));
        assert_eq!(next_value(-1, -1, Some(-50), Some(-7)), None);
        assert_eq!(next_value(-1, -1, None, Some(-1000)), Some(0));
    }

    /// For every line, step and outermost id: the next value makes an id beyond it, and the value a
    /// step before does not.
    #[test]
    fn ids_made_of_values_lie_beyond_the_outermost() {
        for factor in [-7, -1, 1, 3, 10] {
            for offset in [-20, 0, 13] {
                for id in -40_i64..40 {
                    for step in [-1, 1] {
                        let line = Line { factor, offset };
                        let given = next_on(line, step, step, None, Some(id));
                        let made = |value: i64| line.value_at(i128::from(value)).unwrap();
                        let upwards = (factor > 0) == (step > 0);
                        let beyond = |value| match upwards {
                            true => made(value) > i128::from(id),
                            false => made(value) < i128::from(id),
                        };
                        let value = given.unwrap_or(step);
                        let what = format!("{line:?} {step} {id}: {given:?}");
                        assert!(beyond(value), "{what}");
                        assert!(given.is_none() || !beyond(value - step), "{what}");
                    }
                }
            }
        }
    }
}
