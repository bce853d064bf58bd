//! The new database in the words of the schema that is there: its names, and its types wherever
//! they still hold every row.

use model::Affinity;
use model::file::{ColumnLine, Directory, TableFile};
use rusqlite::Connection;

use super::lengths;
use crate::schema_tools::draft::build::{self, Input};
use crate::schema_tools::draft::choose::Chosen;
use crate::schema_tools::draft::names::{self, Names, Taken, primary_key_name};
use crate::schema_tools::draft::profile::{self, Profile};
use crate::schema_tools::draft::residue::Residue;
use crate::schema_tools::draft::resolve_types::{self, ResolvedTypes};
use crate::sqlite::{SourceTable, Structure};

/// What the new database is, described as the directory would.
pub struct Known<'a> {
    /// Its structure, without what the directory ignores.
    pub inspection: Structure,
    /// For each ordinary table the file that describes it in the newest version.
    pub files: Vec<Option<&'a TableFile>>,
    /// Types, rows, and what a person must look at.
    pub resolved: ResolvedTypes,
    /// For each column of each table, what else its rows and its declaration say.
    pub facts: Vec<Vec<Facts>>,
    /// The tables as a draft would describe them, in the same order.
    pub wanted: Vec<TableFile>,
    /// What a draft could not say.
    pub lost: Vec<Residue>,
}

/// What a column that the directory knows is found to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// How many rows have NULL there.
    pub nulls: u64,
    /// Whether its line allows longer values than are declared.
    pub wider: bool,
}

/// The line of a SQLite column in a file at a version.
pub fn line_of<'a>(file: &'a TableFile, version: usize, source: &str) -> Option<&'a ColumnLine> {
    let mut lines = file.columns.iter().filter(|line| line.range.has_version(version));
    lines.find(|line| line.item.source == source).map(|line| &line.item)
}

/// Reads all rows and describes the database; `newest` is the version compared with.
///
/// # Errors
/// SQLite's.
pub fn describe_tables<'a>(
    connection: &Connection,
    inspection: Structure,
    directory: &'a Directory,
    newest: usize,
) -> rusqlite::Result<Known<'a>> {
    let described = |table: &SourceTable| {
        let mut files = directory.tables.iter().filter(|file| file.range.has_version(newest));
        files.find(|file| file.source == table.name)
    };
    let tables: Vec<&SourceTable> = inspection.ordinary_tables().collect();
    let files: Vec<Option<&TableFile>> = tables.iter().map(|table| described(table)).collect();
    let mut resolved = resolve_types::resolve_column_types(connection, &inspection)?;
    let mut facts = Vec::new();
    let mut stated = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let file = files.get(index).copied().flatten();
        let drafted = resolved.chosen.get(index).map(Vec::as_slice).unwrap_or_default();
        let (columns, found) = find_stated_types(connection, table, file, newest, drafted)?;
        stated.push(columns);
        facts.push(found);
    }
    apply_stated_types(&mut resolved, &stated);
    // A new column refers to what the files say, and what they say stays.
    resolve_types::resolve_foreign_key_types(connection, &tables, &mut resolved)?;
    apply_stated_types(&mut resolved, &stated);
    let names = choose_names(&inspection, &files, newest);
    let mut taken = Taken::default();
    for names in &names {
        taken.take_name(&names.table);
        taken.take_name(&primary_key_name(&names.table));
    }
    let input = Input { inspection: &inspection, names: &names, chosen: &resolved.chosen };
    let (wanted, lost) = build::build_files(&input, &mut taken);
    drop(tables);
    Ok(Known { inspection, files, resolved, facts, wanted, lost })
}

fn apply_stated_types(resolved: &mut ResolvedTypes, stated: &[Vec<Option<Chosen>>]) {
    for (chosen, stated) in resolved.chosen.iter_mut().zip(stated) {
        for (chosen, stated) in chosen.iter_mut().zip(stated) {
            if stated.is_some() {
                chosen.clone_from(stated);
            }
        }
    }
}

/// The types that the file states and the declared types allow, and what else is found.
fn find_stated_types(
    connection: &Connection,
    table: &SourceTable,
    file: Option<&TableFile>,
    newest: usize,
    drafted: &[Option<Chosen>],
) -> rusqlite::Result<(Vec<Option<Chosen>>, Vec<Facts>)> {
    let none = (vec![None; table.columns.len()], vec![Facts::default(); table.columns.len()]);
    let Some(file) = file else { return Ok(none) };
    let (mut stated, mut facts) = none;
    let mut places = Vec::new();
    let mut columns = Vec::new();
    let mut candidates = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let Some(line) = line_of(file, newest, &column.name) else { continue };
        // What SQLite alone cannot compute is not read.
        let Some(drafted) = drafted.get(index).and_then(Option::as_ref) else { continue };
        let held = (column.generated || declaration_fits_line(line, &column.declared))
            && !lengths::exceeds_line_length(line, &column.declared)
            && !resolve_types::is_unordered_key_type(table, column, line.ty);
        places.push((index, line, column, drafted, held));
        columns.push(column.name.as_str());
        candidates.push(held.then_some((line.ty, line.stored)).into_iter().collect());
    }
    let profiles = match columns.is_empty() {
        true => Vec::new(),
        false => profile::read_table(connection, table, &columns, &candidates)?,
    };
    for ((index, line, column, drafted, held), profile) in places.into_iter().zip(profiles) {
        let (Some(stated), Some(facts)) = (stated.get_mut(index), facts.get_mut(index)) else {
            continue;
        };
        facts.nulls = profile.nulls;
        if held {
            // Where a draft would choose the same, the rows did not leave what is declared.
            facts.wider =
                drafted.ty != line.ty && lengths::is_below_line_length(line, &column.declared);
            *stated = Some(keep_stated_type(line, &column.declared, &profile, drafted));
        }
    }
    Ok((stated, facts))
}

/// Whether a column that is declared so can be the one that a line describes.
pub fn declaration_fits_line(line: &ColumnLine, declared: &str) -> bool {
    match &line.declared {
        Some(exact) => exact == declared,
        None => line.ty.stores_undamaged(line.stored, Affinity::of_declared(declared)),
    }
}

/// What a person has stated stays; rows that do not fit it are for a person to look at.
fn keep_stated_type(
    line: &ColumnLine,
    declared: &str,
    profile: &Profile,
    drafted: &Chosen,
) -> Chosen {
    let mut chosen = Chosen::encoded(line.ty, line.stored).declared_as(declared);
    if declaration_fits_line(line, declared) {
        chosen.declared.clone_from(&line.declared);
    }
    let refused = profile.refused_by((line.ty, line.stored)).unwrap_or(0);
    if refused == 0 {
        return chosen;
    }
    let instead = match (drafted.ty, drafted.stored) == (line.ty, line.stored) {
        true => match &drafted.finding {
            Some(finding) => return chosen.with_finding(finding),
            None => String::new(),
        },
        false => {
            let stored = match drafted.stored == drafted.ty.usual_encoding() {
                true => String::new(),
                false => format!(", stored = \"{}\"", drafted.stored),
            };
            format!("; by its values it would be type = \"{}\"{stored}", drafted.ty)
        }
    };
    let values = profile.count_values();
    chosen.with_finding(format!("{refused} of {values} values do not fit {}{instead}", line.ty))
}

/// The names in PostgreSQL: those of the files where they have one.
fn choose_names(inspection: &Structure, files: &[Option<&TableFile>], newest: usize) -> Vec<Names> {
    let mut all = names::assign_names(inspection, &mut Taken::default());
    for ((names, table), file) in all.iter_mut().zip(inspection.ordinary_tables()).zip(files) {
        let Some(file) = file else { continue };
        names.table.clone_from(&file.name);
        for (name, column) in names.columns.iter_mut().zip(&table.columns) {
            if let Some(line) = line_of(file, newest, &column.name) {
                name.clone_from(&line.name);
            }
        }
    }
    all
}
