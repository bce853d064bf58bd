//! Which rows are concerned, round by round.

use std::collections::BTreeSet;

use model::{Column, ForeignKey, sql};

use super::memory::{
    Memory, key_of_row, remember_null, remember_refused_row, remember_row, remember_spelling,
};
use super::{AskServer, ServerQuestion, Work};
use crate::diagnostic::Result;
use crate::keys::relation::{Relation, Verdict};
use crate::keys::spellings::for_each_spelling;
use crate::keys::{Form, Part, Reader, Scratch, scratch_error};
use crate::plan::Copy;
use crate::repair::{Action, Repair};
use crate::rows::{RowLoop, Step, find_refusals, for_each_row};
use crate::sqlite::Source;
use crate::stop::Stop;

/// Finds all rows that are concerned: first those with values that are refused, then orphans and
/// rows that break a rule of the server until there are no more, then duplicates; and again,
/// because duplicates may have had children.
pub(super) fn find_concerned_rows(
    works: &[Work<'_>],
    copies: &[Copy],
    memory: &Memory,
    ask: &mut AskServer<'_>,
    stop: &Stop,
) -> Result<()> {
    for work in works {
        quarantine_refused_rows(work, memory, stop)?;
    }
    loop {
        let mut changed = false;
        loop {
            let mut found = find_orphans_once(works, copies, memory, stop)?;
            if !found {
                for work in works {
                    found |= quarantine_broken_rows(work, memory, ask, stop)?;
                }
            }
            changed |= found;
            if !found {
                break;
            }
        }
        for work in works {
            changed |= quarantine_duplicates(work, memory, stop)?;
            changed |= quarantine_duplicates_of_server(work, memory, ask, stop)?;
        }
        if !changed {
            return Ok(());
        }
    }
}

fn quarantine_refused_rows(work: &Work<'_>, memory: &Memory, stop: &Stop) -> Result<()> {
    let own: Vec<_> =
        work.repairs.iter().filter(|(_, repair)| repair.action == Action::Quarantine).collect();
    if own.is_empty() {
        return Ok(());
    }
    let fields = work.copy.table().copied_columns().count();
    let table = work.copy.table();
    let mut out = crate::codec::Out::default();
    let control = RowLoop { stop, work: None };
    for_each_row(work.source.reading(), &work.copy, &mut out, control, None, &mut |step| {
        let Step::Refused { row, .. } = step else {
            if let Step::Encoded(out) = step {
                out.clear();
            }
            return Ok(());
        };
        let found = find_refusals(row, &work.copy, 0, &mut |_, _, _| {});
        let named = |repair: &Repair| {
            found.iter().any(|refusal| {
                repair.column.is_none() || repair.column_index(table) == Some(refusal.column)
            })
        };
        if let Some((at, _)) = own.iter().find(|(_, repair)| named(repair)) {
            remember_row(memory, work.place, &key_of_row(work, row, fields), *at)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// One look at all references that are to be repaired; whether it found any.
fn find_orphans_once(
    works: &[Work<'_>],
    copies: &[Copy],
    memory: &Memory,
    stop: &Stop,
) -> Result<bool> {
    let mut changed = false;
    for work in works {
        for (at, repair) in &work.repairs {
            let (Some(column), Some(field)) =
                (repair.column, repair.column_index(work.copy.table()))
            else {
                continue;
            };
            if repair.action == Action::ParentSpelling {
                changed |= find_spellings(work, (column, field, *at), copies, memory, stop)?;
            }
            let null = match repair.action {
                Action::OrphanNull => true,
                Action::OrphanQuarantine => false,
                _ => continue,
            };
            for key in super::foreign_keys_with_column(work.copy.table(), column) {
                for_each_orphan(work, key, copies, stop, &mut |row, fields| {
                    let row = key_of_row(work, row, fields);
                    changed |= match null {
                        true => remember_null(memory, work.place, field, &row, *at)?,
                        false => remember_row(memory, work.place, &row, *at)?,
                    };
                    Ok(())
                })?;
            }
        }
    }
    Ok(changed)
}

/// Remembers how the parents write what the rows of a table refer to by a column.
fn find_spellings(
    work: &Work<'_>,
    (column, field, at): (&'static Column, usize, usize),
    copies: &[Copy],
    memory: &Memory,
    stop: &Stop,
) -> Result<bool> {
    let mut changed = false;
    for key in super::foreign_keys_with_column(work.copy.table(), column) {
        let Some(relation) = Relation::of_foreign_key(&work.copy, key, copies) else { continue };
        let reading = work.source.reading();
        for_each_spelling(&relation, reading, &work.key, stop, &mut |row, spelling| {
            let Some(spelling) = spelling else { return Ok(()) };
            let key = key_of_row(work, row, 1);
            let place = (work.place, field);
            changed |= remember_spelling(memory, place, &key, at, &spelling)?;
            Ok(())
        })?;
    }
    Ok(changed)
}

/// The keys that `not valid` is asked for, with the repair.
pub(super) fn keys_not_to_validate(work: &Work<'_>) -> Vec<(usize, &'static ForeignKey)> {
    let own = work.repairs.iter().filter(|(_, repair)| repair.action == Action::OrphanNotValid);
    own.filter_map(|(at, repair)| Some((*at, repair.column?)))
        .flat_map(|(at, column)| {
            super::foreign_keys_with_column(work.copy.table(), column)
                .into_iter()
                .map(move |key| (at, key))
        })
        .collect()
}

/// Calls `each` with every row that refers to nothing by this key, and the place of its own key.
/// Where only the server can say whether a row does, it is left alone.
pub(super) fn for_each_orphan(
    work: &Work<'_>,
    key: &'static ForeignKey,
    copies: &[Copy],
    stop: &Stop,
    each: &mut dyn FnMut(&rusqlite::Row<'_>, usize) -> Result<()>,
) -> Result<()> {
    let Some(relation) = Relation::of_foreign_key(&work.copy, key, copies) else { return Ok(()) };
    let fields = relation.from.len();
    relation.for_each_orphan(work.source.reading(), &work.key, stop, &mut |row, verdict| {
        match verdict {
            Verdict::Missing | Verdict::Near => each(row, fields),
            Verdict::Open => Ok(()),
        }
    })?;
    Ok(())
}

/// Reads the keys in these columns as PostgreSQL compares them; a NULL in one makes it none.
fn for_each_key(
    source: &Source,
    copy: &Copy,
    columns: &[&'static Column],
    extra_columns: &[String],
    stop: &Stop,
    each: &mut dyn FnMut(Vec<u8>, &rusqlite::Row<'_>) -> Result<()>,
) -> Result<()> {
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let names = columns.iter().map(|column| sql::quote(column.source));
    let names: Vec<String> = names.chain(extra_columns.iter().cloned()).collect();
    let select = format!("SELECT {} FROM {}", names.join(", "), copy.source_rows_sql());
    let mut statement = source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let parts: Vec<Part> = columns.iter().map(|column| Part::of_column(column)).collect();
    let (mut reader, mut count) = (Reader::default(), 0_u64);
    while let Some(row) = rows.next().map_err(fail)? {
        count += 1;
        if count.is_multiple_of(4096) {
            stop.fail_if_asked()?;
        }
        if let Some(key) = reader.read_key(&parts, row, Form::Unique).map_err(fail)?.into_key() {
            each(key, row)?;
        }
    }
    Ok(())
}

/// Puts all but the first row of every key into quarantine.
fn quarantine_duplicates(work: &Work<'_>, memory: &Memory, stop: &Stop) -> Result<bool> {
    let asked =
        work.repairs.iter().find(|(_, repair)| repair.action == Action::DuplicateQuarantine);
    let Some((at, _)) = asked else { return Ok(false) };
    let mut changed = false;
    let unique_keys = work.copy.table().unique_keys();
    for columns in unique_keys.into_iter().filter_map(|key| key.columns) {
        let disk = |error: rusqlite::Error| scratch_error(&error);
        let scratch = Scratch::new(0)?;
        let seen = "CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN";
        scratch.connection.execute_batch(seen).map_err(disk)?;
        let mut insert =
            scratch.connection.prepare("INSERT OR IGNORE INTO seen VALUES (?1)").map_err(disk)?;
        let names = &work.key.columns;
        for_each_key(work.source, &work.copy, &columns, names, stop, &mut |key, row| {
            if insert.execute([key]).map_err(disk)? == 0 {
                let row = key_of_row(work, row, columns.len());
                changed |= remember_row(memory, work.place, &row, *at)?;
            }
            Ok(())
        })?;
    }
    Ok(changed)
}

/// Puts the rows into quarantine that only the server knows to break a rule.
fn quarantine_broken_rows(
    work: &Work<'_>,
    memory: &Memory,
    ask: &mut AskServer<'_>,
    stop: &Stop,
) -> Result<bool> {
    let mut changed = false;
    let own = work.repairs.iter().filter(|(_, repair)| repair.action == Action::Quarantine);
    for (at, repair) in own {
        let question = ServerQuestion::Broken(repair.column.map(|column| column.name));
        changed |= quarantine_rows_of_server(work, memory, ask, (question, *at), stop)?;
    }
    Ok(changed)
}

/// Puts the rows into quarantine that only the server knows to be there twice.
fn quarantine_duplicates_of_server(
    work: &Work<'_>,
    memory: &Memory,
    ask: &mut AskServer<'_>,
    stop: &Stop,
) -> Result<bool> {
    let asked =
        work.repairs.iter().find(|(_, repair)| repair.action == Action::DuplicateQuarantine);
    let Some((at, _)) = asked else { return Ok(false) };
    quarantine_rows_of_server(work, memory, ask, (ServerQuestion::Repeated, *at), stop)
}

/// Puts the rows into quarantine that the server names; whether there were any.
fn quarantine_rows_of_server(
    work: &Work<'_>,
    memory: &Memory,
    ask: &mut AskServer<'_>,
    (question, at): (ServerQuestion, usize),
    stop: &Stop,
) -> Result<bool> {
    let places: BTreeSet<i64> = ask(work.source, &work.copy, question)?.into_iter().collect();
    let is_broken = question != ServerQuestion::Repeated;
    if places.is_empty() {
        return Ok(false);
    }
    let fail = |error: rusqlite::Error| work.source.read_error(&error);
    let columns = work.key.columns.join(", ");
    let select = format!("SELECT {columns} FROM {}", work.copy.source_rows_sql());
    let mut statement = work.source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let (mut changed, mut place) = (false, 0_i64);
    while let Some(row) = rows.next().map_err(fail)? {
        place += 1;
        if place % 4096 == 0 {
            stop.fail_if_asked()?;
        }
        if places.contains(&place) {
            let key = key_of_row(work, row, 0);
            changed |= remember_refused_row(memory, work.place, &key, (at, is_broken))?;
        }
    }
    Ok(changed)
}
