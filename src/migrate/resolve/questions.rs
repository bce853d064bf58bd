//! What a join leaves open about single columns, asked at a terminal with what each answer would
//! make of the values. No answer is the usual one.

use std::path::Path;

use model::{Affinity, Column, Stored, Table, Type};

use super::Joining;
use super::choices::{Choice, Item, ask_for_each};
use super::edit::{StoredAnswer, note_answers, remove_undecided, write_encodings};
use super::saved::read_schema;
use super::schemas;
use crate::check::undecided::{Reading, guessed_encoding, try_all_encodings};
use crate::diagnostic::Result;
use crate::migrate::context::Context;
use crate::schema::{Schema, Version};
use crate::text::count_with_noun;

/// A column of which the encoding is open.
struct OpenColumn {
    table: &'static Table,
    column: Column,
    declared: String,
    values: u64,
    readings: Vec<Reading>,
}

impl OpenColumn {
    /// Texts that say a time without its zone: only the zone is open.
    fn is_naive(&self) -> bool {
        self.utc_reading().is_some()
            && self.readings.iter().all(|reading| !reading.stored.is_count_of_units())
            && matches!(Affinity::of_declared(&self.declared), Affinity::Text | Affinity::Numeric)
    }

    fn utc_reading(&self) -> Option<&Reading> {
        let utc = match self.column.ty {
            Type::Timestamptz => Stored::TextUtc,
            Type::Timestamp => Stored::Text,
            _ => return None,
        };
        self.readings.iter().find(|reading| reading.stored == utc)
    }

    fn answer(&self, stored: Stored) -> StoredAnswer {
        let fits = self.column.ty.stores_undamaged(stored, Affinity::of_declared(&self.declared));
        StoredAnswer {
            table: self.table.name.to_owned(),
            column: self.column.name.to_owned(),
            stored: stored.to_string(),
            declared: (!fits).then(|| self.declared.clone()),
        }
    }

    fn title(&self, database: &str) -> String {
        format!(
            "{database}.{}.{}  (PostgreSQL: {}; SQLite: {} of type {})",
            self.table.name,
            self.column.name,
            self.column.ty,
            count_with_noun(self.values, "value"),
            if self.declared.is_empty() { "none" } else { &self.declared }
        )
    }
}

/// One thing to be answered, and what each answer says of columns or of a name.
struct OpenItem {
    item: Item,
    /// For each answer of the item, what is written.
    answers: Vec<Written>,
}

/// What an answer comes to in the saved files.
enum Written {
    Encodings(Vec<StoredAnswer>),
    /// Taken out of `undecided`.
    Same(&'static str),
}

/// Asks about everything that is open, in one question, and writes the answers into the saved
/// files.
///
/// # Errors
/// SQLite's, those of the files, and when a signal came.
pub fn ask_open_questions(
    database: &Joining<'_>,
    directory: &Path,
    context: &mut Context,
) -> Result<()> {
    let Some(version) = read_schema(directory)?.versions.last().copied() else { return Ok(()) };
    let (naive, others): (Vec<_>, Vec<_>) =
        find_open_columns(database, version)?.into_iter().partition(OpenColumn::is_naive);
    let mut open = Vec::new();
    for column in &others {
        open.push(encoding_item(database, column)?);
    }
    open.extend(naive_items(database, &naive));
    let undecided = version.undecided.iter().filter(|name| !schemas::is_open(database, name));
    for name in undecided {
        open.push(same_item(database, version, name)?);
    }
    if open.is_empty() {
        return Ok(());
    }
    let heading = format!(
        "{}: the values do not show what these mean. What does the application store?",
        database.name
    );
    let (items, answers): (Vec<Item>, Vec<Vec<Written>>) =
        open.into_iter().map(|open| (open.item, open.answers)).unzip();
    let marks = [('?', "leave one open")];
    let Some(choices) = ask_for_each(&heading, &items, &marks, context)? else { return Ok(()) };
    let (mut encodings, mut same) = (Vec::new(), Vec::new());
    for (choice, answers) in choices.into_iter().zip(answers) {
        let Choice::Option(place) = choice else { continue };
        match answers.into_iter().nth(place) {
            Some(Written::Encodings(answers)) => encodings.extend(answers),
            Some(Written::Same(name)) => same.push(name),
            None => {}
        }
    }
    write_answers(directory, &encodings, &same)
}

fn write_answers(directory: &Path, encodings: &[StoredAnswer], same: &[&str]) -> Result<()> {
    if encodings.is_empty() && same.is_empty() {
        return Ok(());
    }
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    // It was read a moment ago.
    if let Ok((files, _)) = model::load_directory(directory, &name) {
        write_encodings(directory, &files, encodings)?;
    }
    if !same.is_empty() {
        remove_undecided(directory, same)?;
    }
    note_answers(directory)
}

fn find_open_columns(database: &Joining<'_>, version: &Version) -> Result<Vec<OpenColumn>> {
    let source = &*database.source;
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let mut open = Vec::new();
    for table in version.tables() {
        for column in table.copied_columns().filter(|column| column.stored == Stored::Undecided) {
            let own = source.structure.table(table.source);
            let own = own.and_then(|table| table.column(column.source));
            let declared = own.map(|column| column.declared.clone()).unwrap_or_default();
            let name = model::sql::quote(column.source);
            let of = model::sql::quote(table.source);
            let count = format!("SELECT count({name}) FROM {of} NOT INDEXED");
            let values = source.reader.query_row(&count, [], |row| row.get::<_, i64>(0));
            let values = values.map_err(fail)?.unsigned_abs();
            if values == 0 {
                continue;
            }
            let readings =
                try_all_encodings(&source.reader, table.source, column.source, column.ty)
                    .map_err(fail)?;
            // Where no encoding takes all values, the rows have to be checked.
            if !readings.is_empty() {
                open.push(OpenColumn { table, column: *column, declared, values, readings });
            }
        }
    }
    Ok(open)
}

/// How a column is stored: what is likely has a letter, everything else a name.
fn encoding_item(database: &Joining<'_>, open: &OpenColumn) -> Result<OpenItem> {
    let ty = open.column.ty;
    let mut readings: Vec<&Reading> = open.readings.iter().collect();
    readings.sort_by_key(|reading| reading.distance_from_today(ty));
    let guess = guessed_encoding_of(database.built_in, open);
    let is_likely = |reading: &&Reading| reading.is_likely(ty) || guess == Some(reading.stored);
    let (mut likely, mut others): (Vec<_>, Vec<_>) = readings.into_iter().partition(is_likely);
    if likely.is_empty() {
        std::mem::swap(&mut likely, &mut others);
    }
    let option = |reading: &&Reading| {
        let suggested = match guess == Some(reading.stored) {
            true => "  (suggested by public descriptions of the application)",
            false => "",
        };
        let (stored, reads) = (reading.stored.to_string(), reading.describe_range(ty));
        format!("{stored:<14} {reads}").trim_end().to_owned() + suggested
    };
    let named = |reading: &&Reading| (reading.stored.to_string(), reading.describe_first(ty));
    let mut lines = vec![open.title(&database.name)];
    let range = range_of(database, open.table.source, open.column.source)?;
    lines.extend(range.map(|range| format!("in SQLite: {range}")));
    let item = Item {
        lines,
        options: likely.iter().map(option).collect(),
        named: others.iter().map(named).collect(),
    };
    let all = likely.iter().chain(&others);
    let answers = all.map(|reading| Written::Encodings(vec![open.answer(reading.stored)]));
    Ok(OpenItem { answers: answers.collect(), item })
}

/// What the built-in description of the application guesses.
fn guessed_encoding_of(built_in: Option<Schema>, open: &OpenColumn) -> Option<Stored> {
    let version = built_in?.versions.last().copied()?;
    let stored = guessed_encoding(version, open.table.source, &open.column)?;
    open.readings.iter().any(|reading| reading.stored == stored).then_some(stored)
}

/// The zone of times that say none: one answer for all columns of a type.
fn naive_items(database: &Joining<'_>, columns: &[OpenColumn]) -> Vec<OpenItem> {
    let of_type = |ty: Type| columns.iter().filter(move |open| open.column.ty == ty);
    let mut found = Vec::new();
    for (ty, answers) in [
        (
            Type::Timestamptz,
            &[
                (Stored::TextUtc, "UTC"),
                (Stored::Text, "another zone: name it with --repair TABLE.COLUMN=naive-zone:ZONE"),
            ][..],
        ),
        (
            Type::Timestamp,
            &[(
                Stored::Text,
                "UTC, as they are written (the column in PostgreSQL has no time zone)",
            )][..],
        ),
    ] {
        let here: Vec<&OpenColumn> = of_type(ty).collect();
        let Some(first) = here.first() else { continue };
        let mut lines = vec!["times that have no offset: in which time zone are they?".to_owned()];
        lines.extend(here.iter().map(|open| open.title(&database.name)));
        let range = first.utc_reading().map(|reading| reading.describe_naive_range());
        lines.extend(range.map(|range| format!("in SQLite: {range}")));
        let written = |(stored, _): &(Stored, &str)| {
            Written::Encodings(here.iter().map(|open| open.answer(*stored)).collect())
        };
        found.push(OpenItem {
            answers: answers.iter().map(written).collect(),
            item: Item {
                lines,
                options: answers.iter().map(|(_, text)| (*text).to_owned()).collect(),
                named: Vec::new(),
            },
        });
    }
    found
}

/// Whether a table or column of both sides means the same.
fn same_item(database: &Joining<'_>, version: &Version, name: &'static str) -> Result<OpenItem> {
    let (table, column) = match name.split_once('.') {
        Some((table, column)) => (table, Some(column)),
        None => (name, None),
    };
    let described = version.tables().find(|known| known.name == table);
    let source = described.map_or(table, |known| known.source);
    let own = column.and_then(|column| described?.column(column));
    let is_renamed = match (column, own) {
        (Some(column), Some(own)) => !own.source.eq_ignore_ascii_case(column),
        _ => true,
    };
    let why = match is_renamed {
        true => "only the spelling of their names suggests that both mean the same",
        false => "nothing shows that both count in the same unit and from the same day",
    };
    let line = match (column, own) {
        (Some(column), Some(own)) => {
            let range = range_of(database, source, own.source)?;
            let range = range.map(|range| format!(" ({range})")).unwrap_or_default();
            format!(
                "{}.{source}.{}{range} and {table}.{column} in PostgreSQL",
                database.name, own.source
            )
        }
        _ => format!("{}.{source} and {name} in PostgreSQL", database.name),
    };
    let lines = vec![line, why.to_owned()];
    let options = vec!["they mean the same".to_owned()];
    let item = Item { lines, options, named: Vec::new() };
    Ok(OpenItem { item, answers: vec![Written::Same(name)] })
}

/// The smallest and the largest number of a column.
fn range_of(database: &Joining<'_>, table: &str, column: &str) -> Result<Option<String>> {
    let (name, of) = (model::sql::quote(column), model::sql::quote(table));
    let select = format!("SELECT min({name}), max({name}) FROM {of} NOT INDEXED");
    let range = database.source.reader.query_row(&select, [], |row| {
        let least: rusqlite::types::Value = row.get(0)?;
        let most: rusqlite::types::Value = row.get(1)?;
        Ok((least, most))
    });
    let range = range.map_err(|error| database.source.read_error(&error))?;
    Ok(match range {
        (rusqlite::types::Value::Integer(least), rusqlite::types::Value::Integer(most)) => {
            Some(format!("{least} to {most}"))
        }
        (rusqlite::types::Value::Real(least), rusqlite::types::Value::Real(most)) => {
            Some(format!("{least} to {most}"))
        }
        _ => None,
    })
}
