//! What a join leaves open about single columns, asked at a terminal with what each answer would
//! make of the values. No answer is the usual one.

use std::path::Path;

use model::{Affinity, Column, Stored, Table, Type};

use super::choices::{Choice, Item, ask_for_each};
use super::edit::{StoredAnswer, note_answers, remove_undecided, write_encodings};
use super::{Joining, read_schema};
use crate::check::undecided::{Reading, try_all_encodings};
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

    fn answer(&self, reading: &Reading) -> StoredAnswer {
        let fits =
            self.column.ty.keeps_undamaged(reading.stored, Affinity::of_declared(&self.declared));
        StoredAnswer {
            table: self.table.name.to_owned(),
            column: self.column.name.to_owned(),
            stored: reading.stored.to_string(),
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

/// Asks about everything that is open, and writes the answers into the saved files.
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
    let mut answers = Vec::new();
    if !others.is_empty() {
        answers.extend(ask_for_encodings(database, &others, context)?);
    }
    if !naive.is_empty() && ask_whether_utc(database, &naive, context)? {
        let utc = |open: &OpenColumn| open.utc_reading().map(|reading| open.answer(reading));
        answers.extend(naive.iter().filter_map(utc));
    }
    if !answers.is_empty() {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        // It was read a moment ago.
        if let Ok((files, _)) = model::load_directory(directory, &name) {
            write_encodings(directory, &files, &answers)?;
            note_answers(directory)?;
        }
    }
    if !version.undecided.is_empty() && ask_whether_same(database, version, context)? {
        remove_undecided(directory, version.undecided)?;
        note_answers(directory)?;
    }
    Ok(())
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
            // Where no encoding takes all values, the rows are what has to be looked at.
            if !readings.is_empty() {
                open.push(OpenColumn { table, column: *column, declared, values, readings });
            }
        }
    }
    Ok(open)
}

fn ask_for_encodings(
    database: &Joining<'_>,
    columns: &[OpenColumn],
    context: &mut Context,
) -> Result<Vec<StoredAnswer>> {
    let heading = format!(
        "{}: the values do not say what they are. What does the application store?",
        database.name
    );
    let mut sorted: Vec<Vec<&Reading>> = Vec::new();
    let mut items = Vec::new();
    for open in columns {
        let mut readings: Vec<&Reading> = open.readings.iter().collect();
        readings.sort_by_key(|reading| reading.distance_from_today(open.column.ty));
        let option = |reading: &&Reading| {
            let reads = reading.describe_range(open.column.ty);
            format!("{:<14} {reads}", reading.stored.to_string()).trim_end().to_owned()
        };
        let mut lines = vec![open.title(&database.name)];
        let range = range_of(database, open.table.source, open.column.source)?;
        lines.extend(range.map(|range| format!("SQLite holds {range}")));
        lines.extend(proposal(database.built_in, open));
        items.push(Item { lines, options: readings.iter().map(option).collect() });
        sorted.push(readings);
    }
    let Some(answers) = ask_for_each(&heading, &items, Some("to leave one open"), context)? else {
        return Ok(Vec::new());
    };
    let chosen =
        columns.iter().zip(&sorted).zip(answers).filter_map(|((open, readings), answer)| {
            match answer {
                Choice::Option(place) => readings.get(place).map(|reading| open.answer(reading)),
                Choice::Leave => None,
            }
        });
    Ok(chosen.collect())
}

/// What the built-in description of the application guesses.
fn proposal(built_in: Option<Schema>, open: &OpenColumn) -> Option<String> {
    let version = built_in?.versions.last().copied()?;
    let table = version.tables().find(|table| table.source == open.table.source)?;
    let column = table.columns.iter().find(|column| column.source == open.column.source)?;
    if !column.guess {
        return None;
    }
    let is_open = open.readings.iter().any(|reading| reading.stored == column.stored);
    is_open.then(|| format!("public descriptions of the application suggest {}", column.stored))
}

fn ask_whether_utc(
    database: &Joining<'_>,
    columns: &[OpenColumn],
    context: &mut Context,
) -> Result<bool> {
    context.print_line("");
    context.print_line(&format!("{}: times that say no offset:", database.name));
    for open in columns {
        let range = open.utc_reading().map(|reading| reading.describe_range(open.column.ty));
        context.print_line(&format!("     {}", open.title(&database.name)));
        context.print_line(&format!("       {}", range.unwrap_or_default()));
    }
    context.ask_to_confirm("are they all UTC? (otherwise answer no: docs/repairs.md, naive-zone)")
}

fn ask_whether_same(
    database: &Joining<'_>,
    version: &Version,
    context: &mut Context,
) -> Result<bool> {
    context.print_line("");
    context.print_line(&format!(
        "{}: nothing proves that these mean the same in PostgreSQL as in SQLite (RESIDUE.md says \
         why):",
        database.name
    ));
    for name in version.undecided {
        let (table, column) = match name.split_once('.') {
            Some((table, column)) => (table, Some(column)),
            None => (*name, None),
        };
        let described = version.tables().find(|known| known.name == table);
        let source = described.map_or(table, |known| known.source);
        let own = column.and_then(|column| described?.column(column));
        let line = match (column, own) {
            (Some(column), Some(own)) => {
                let range = range_of(database, source, own.source)?;
                let range = range.map(|range| format!(", which holds {range}")).unwrap_or_default();
                format!("{table}.{column}: {source}.{} of SQLite{range}", own.source)
            }
            _ => format!("{name}: {source} of SQLite"),
        };
        context.print_line(&format!("     {line}"));
    }
    context.ask_to_confirm("do they all mean the same?")
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
