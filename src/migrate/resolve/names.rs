//! Tables and columns of SQLite that hold something and have no name in PostgreSQL: which they are
//! there is asked, or said by `--same` and `--ignore`.

use std::collections::BTreeSet;

use model::file::Directory;

use super::Joining;
use super::choices::{Choice, Item, ask_for_each};
use super::flags::leave_behind;
use super::schemas;
use crate::diagnostic::{Exit, Finding, Hint, Id, Result, Severity};
use crate::migrate::context::Context;
use crate::schema::Version;
use crate::schema_tools::draft::join::{
    ColumnPairing, Unpaired, UnpairedColumn, UnpairedTable, find_common_prefix, find_unpaired,
};
use crate::text::{count_with_noun, shell_word};

/// Asks which tables and columns are meant; what is not answered stays open.
///
/// # Errors
/// SQLite's, and when a signal came.
pub fn ask_for_counterparts(
    database: &mut Joining<'_>,
    elsewhere: &BTreeSet<String>,
    context: &mut Context,
) -> Result<()> {
    let tables = find_unpaired_names(database, elsewhere)?.tables;
    if !tables.is_empty() {
        ask_for_tables(database, &tables, context)?;
    }
    // Columns are those of tables that have their place now.
    let columns = find_unpaired_names(database, elsewhere)?.columns;
    if !columns.is_empty() {
        ask_for_columns(database, &columns, context)?;
    }
    Ok(())
}

/// The answer that has a table created.
const CREATE: char = '+';

/// Takes the names that an earlier join of the same two structures was given, where nothing else
/// is said of them now.
///
/// # Errors
/// SQLite's.
pub fn keep_earlier_names(
    database: &mut Joining<'_>,
    elsewhere: &BTreeSet<String>,
    earlier: &Directory,
) -> Result<()> {
    schemas::keep_earlier_schemas(database, earlier);
    let file_of = |table: &str| earlier.tables.iter().find(|file| file.source == table);
    for table in find_unpaired_names(database, elsewhere)?.tables {
        let Some(file) = file_of(&table.name) else { continue };
        match earlier.create_missing.contains(&file.name) {
            true => database.pairings.create_missing = true,
            false => database.pairings.tables.push((table.name.clone(), file.name.clone())),
        }
    }
    for column in find_unpaired_names(database, elsewhere)?.columns {
        let lines = file_of(&column.table).into_iter().flat_map(|file| &file.columns);
        let line = lines.map(|line| &line.item).find(|line| line.source == column.name);
        if let Some(line) = line {
            database.pairings.columns.push(ColumnPairing {
                table: column.table.clone(),
                source: column.name.clone(),
                target: line.name.clone(),
            });
        }
    }
    Ok(())
}

fn find_unpaired_names(database: &Joining<'_>, elsewhere: &BTreeSet<String>) -> Result<Unpaired> {
    find_unpaired(database.source, &database.there, &database.pairings, elsewhere)
}

fn ask_for_tables(
    database: &mut Joining<'_>,
    tables: &[UnpairedTable],
    context: &mut Context,
) -> Result<()> {
    let heading = format!(
        "{}: PostgreSQL has no tables with these names. Which tables of PostgreSQL correspond to \
         them?",
        database.name
    );
    let item = |table: &UnpairedTable| Item {
        lines: vec![format!(
            "{}: {}, {}",
            table.name,
            count_with_noun(table.rows, "row"),
            count_with_noun(table.columns as u64, "column")
        )],
        options: table
            .candidates
            .iter()
            .map(|(name, same)| {
                format!("{name} ({} with the same name)", count_with_noun(*same as u64, "column"))
            })
            .collect(),
        named: Vec::new(),
    };
    let items: Vec<Item> = tables.iter().map(item).collect();
    let marks = [('-', "skip its rows"), (CREATE, "create the table")];
    let Some(answers) = ask_for_each(&heading, &items, &marks, context)? else { return Ok(()) };
    for (table, answer) in tables.iter().zip(answers) {
        match answer {
            Choice::Mark(CREATE) => database.pairings.create_missing = true,
            Choice::Mark(_) => leave_behind(table.name.clone(), None, &mut database.pairings),
            Choice::Option(place) => {
                let Some((target, _)) = table.candidates.get(place) else { continue };
                database.pairings.tables.push((table.name.clone(), target.clone()));
            }
        }
    }
    Ok(())
}

fn ask_for_columns(
    database: &mut Joining<'_>,
    columns: &[UnpairedColumn],
    context: &mut Context,
) -> Result<()> {
    let heading = format!(
        "{}: PostgreSQL has no columns with these names. Which columns correspond to them?",
        database.name
    );
    let item = |column: &UnpairedColumn| Item {
        lines: vec![format!(
            "{}.{} ({}): {}",
            column.table,
            column.name,
            column.declared,
            count_with_noun(column.values, "value")
        )],
        options: column
            .candidates
            .iter()
            .map(|(name, ty)| format!("{}.{name} ({ty})", column.target_table))
            .collect(),
        named: Vec::new(),
    };
    let items: Vec<Item> = columns.iter().map(item).collect();
    let marks = [('-', "skip its values")];
    let Some(answers) = ask_for_each(&heading, &items, &marks, context)? else { return Ok(()) };
    for (column, answer) in columns.iter().zip(answers) {
        let (table, name) = (column.table.clone(), column.name.clone());
        match answer {
            Choice::Mark(_) => leave_behind(table, Some(name), &mut database.pairings),
            Choice::Option(place) => {
                let Some((target, _)) = column.candidates.get(place) else { continue };
                let target = target.clone();
                database.pairings.columns.push(ColumnPairing { table, source: name, target });
            }
        }
    }
    Ok(())
}

/// Refuses what has no place yet, with the flags that give it one; whether there is any.
///
/// # Errors
/// SQLite's.
pub fn refuse_open_names(
    database: &Joining<'_>,
    elsewhere: &BTreeSet<String>,
    version: &Version,
    context: &mut Context,
) -> Result<bool> {
    let findings = find_open_names(database, elsewhere, version)?;
    let is_open = !findings.is_empty();
    findings.into_iter().for_each(|finding| context.report_finding(finding, Exit::Source));
    Ok(is_open)
}

/// What has no place in a version yet, with the flags that give it one.
///
/// # Errors
/// SQLite's.
pub fn find_open_names(
    database: &Joining<'_>,
    elsewhere: &BTreeSet<String>,
    version: &Version,
) -> Result<Vec<Finding>> {
    let unpaired = find_unpaired_names(database, elsewhere)?;
    let mut findings = schemas::find_open_schemas(database, version);
    let beyond = schemas::hint_at_schemas_beyond(database);
    let prefix = find_common_prefix(&database.source.structure, &database.there);
    let rule = prefix
        .map(|prefix| format!("--same {}", shell_word(&format!("{}.*={prefix}*", database.name))));
    let has_place =
        |name: &str| version.ignores(name) || version.tables().any(|table| table.source == name);
    for table in unpaired.tables.iter().filter(|table| !has_place(&table.name)) {
        let rows = count_with_noun(table.rows, "row");
        let other = database.there.others.iter().find(|other| other.name == table.name);
        let what = match other {
            Some(other) => {
                format!("it has {rows}, but in PostgreSQL this is the name of {}", other.kind)
            }
            None => format!("it has {rows}, and PostgreSQL has no table with this name"),
        };
        let mut finding = Finding::without_rows(Id::O1, Severity::Error, what);
        finding.table.clone_from(&table.name);
        let has = |of: &crate::postgres::schemas::Beyond| of.tables.contains(&table.name);
        if let Some(hint) = beyond.as_ref().filter(|_| database.beyond.iter().any(has)) {
            finding.hints = hint.clone().into();
            findings.push(finding);
            continue;
        }
        let own = format!("{}.{}", database.name, table.name);
        let candidates = table.candidates.iter().map(|(name, _)| name.as_str());
        let mut flags = list_flags(&own, candidates);
        // What has few columns in common is hardly the same table.
        let is_likely = table.candidates.first().is_some_and(|(_, same)| same * 2 >= table.columns);
        let place = if is_likely { flags.len() } else { 0 };
        // With another object its name is taken.
        if other.is_none() {
            flags.insert(place, "--create-missing".to_owned());
        }
        if let Some(rule) = &rule {
            flags.insert(0, rule.clone());
        }
        let text = if other.is_none() { CHOOSE_OR_CREATE } else { CHOOSE_FLAG };
        finding.hints = Hint::with_lines(text, flags).into();
        findings.push(finding);
    }
    for column in &unpaired.columns {
        let described = version.tables().find(|table| table.source == column.table);
        let has_place = described.is_none_or(|table| {
            table.columns.iter().any(|known| known.source == column.name)
                || table.ignored.contains(&column.name.as_str())
        });
        if has_place {
            continue;
        }
        let values = count_with_noun(column.values, "value");
        let what =
            format!("it has {values}, and the table in PostgreSQL has no column with this name");
        let mut finding = Finding::without_rows(Id::O2, Severity::Error, what);
        finding.table.clone_from(&column.table);
        finding.set_columns([column.name.as_str()]);
        let own = format!("{}.{}.{}", database.name, column.table, column.name);
        let candidates = column.candidates.iter().map(|(name, _)| name.as_str());
        finding.hints = Hint::with_lines(CHOOSE_FLAG, list_flags(&own, candidates)).into();
        findings.push(finding);
    }
    findings.iter_mut().for_each(|finding| finding.database.clone_from(&database.name));
    Ok(findings)
}

/// How many names are proposed.
const PROPOSED: usize = 5;

/// What to do where a flag is to be chosen.
const CHOOSE_FLAG: &str = "add one of these; `--ignore` leaves it out:";
const CHOOSE_OR_CREATE: &str =
    "add one of these; `--ignore` leaves it out, `--create-missing` creates it:";

/// The flags that say which name of PostgreSQL is the same, or that there is none.
fn list_flags<'n>(own: &str, candidates: impl Iterator<Item = &'n str>) -> Vec<String> {
    let same = candidates.take(PROPOSED);
    let same = same.map(|name| format!("--same {}", shell_word(&format!("{own}={name}"))));
    same.chain([format!("--ignore {}", shell_word(own))]).collect()
}
