//! From a SQLite file to schema files that a person would have written.
//!
//! The structure comes from [`crate::inspect`]; [`profile`] reads every row, [`choose`] gives each
//! column its type, [`build`] turns the structure into the model's own terms, [`write`] into text.
//! What cannot be said in a schema file is listed in RESIDUE.md ([`residue`]); nothing is left
//! out without a line there.

pub mod build;
pub mod choose;
mod clauses;
mod defaults;
mod evidence;
pub mod expression;
mod family;
pub mod foreign;
mod guids;
pub mod into;
pub mod join;
pub mod names;
mod orphans;
mod partners;
pub mod profile;
pub mod residue;
mod resolve_types;
mod rowids;
mod subject;
mod times;
mod virtuals;
mod write;

use std::collections::BTreeSet;
use std::path::Path;

use model::file::Directory;

use crate::diagnostic::{Error, Exit, Hint, Result};
use crate::files;
use crate::schema::Version;
use crate::sqlite;
use crate::sqlite::{Source, TableKind};
use crate::sqlite::{SourceTable, Structure};
use crate::text::count_with_noun;

use build::Input;
use choose::{Chosen, Note};
use family::Family;
use names::Taken;
use profile::Profile;
use residue::{Clause, Kind, Residue, Subject};

/// A schema directory in memory.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// File names and their texts.
    pub files: Vec<(String, String)>,
    /// The same in the model's terms.
    pub directory: Directory,
    /// What RESIDUE.md lists.
    pub residue: Vec<Residue>,
}

/// Columns of PostgreSQL's tables, and the bytes of a row that must stay in one page.
const COLUMNS_MAX: usize = 1600;
const ROW_MAX: usize = 8160;

/// Drafts the schema of a source at one version.
///
/// # Errors
/// SQLite's.
pub fn draft_schema(source: &Source, version: &str) -> Result<Draft> {
    draft_with_built_in(source, version, None)
}

/// The same with what is built in about the application: a line that is no guess answers what the
/// values leave open.
///
/// # Errors
/// SQLite's.
pub fn draft_with_built_in(
    source: &Source,
    version: &str,
    built_in: Option<&Version>,
) -> Result<Draft> {
    let connection = &source.reader;
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let inspection = sqlite::read_structure(connection).map_err(fail)?;
    let mut resolved =
        resolve_types::resolve_column_types(connection, &inspection).map_err(fail)?;
    if let Some(built_in) = built_in {
        resolved.answer_by_built_in(&inspection, built_in);
    }
    let mut taken = Taken::default();
    let names = names::assign_names(&inspection, &mut taken);
    let input = Input { inspection: &inspection, names: &names, chosen: &resolved.chosen };
    let (files, lost) = build::build_files(&input, &mut taken);
    let mut residue = find_left_out_objects(&inspection);
    virtuals::note_rows_of_virtual_tables(connection, &inspection, &mut residue).map_err(fail)?;
    residue.append(&mut resolved.residue);
    residue.extend(find_decisions(&inspection, &resolved.chosen));
    residue.extend(lost);
    residue.extend(clauses::find_left_out_clauses(&inspection));
    residue.extend(orphans::find_orphans(connection, &inspection).map_err(fail)?);
    residue.extend(rowids::find_rowid_tables(connection, &inspection, &files).map_err(fail)?);
    let shown = source.path.file_name().unwrap_or(source.path.as_os_str()).to_string_lossy();
    let mut out = vec![("database.toml".to_owned(), write::database_toml(&shown, version))];
    let mut stems: BTreeSet<String> = BTreeSet::from(["database".to_owned()]);
    for (index, file) in files.iter().enumerate() {
        let stem = choose_file_stem(&file.name, &mut stems);
        let chosen = resolved.chosen.get(index).map(Vec::as_slice).unwrap_or_default();
        let notes: Vec<Option<String>> = chosen.iter().flatten().map(column_remark).collect();
        let rows = resolved.rows.get(index).copied().unwrap_or(0);
        out.push((format!("{stem}.toml"), write::table_toml(file, &stem, rows, &notes)));
    }
    out.push(("RESIDUE.md".to_owned(), residue::residue_markdown(&shown, &residue)));
    let versions = vec![version.to_owned()];
    let name = shown.into_owned();
    let directory = Directory { name, versions, tables: files, ..Directory::default() };
    Ok(Draft { files: out, directory, residue })
}

/// What to say of a file without ordinary tables: which virtual tables it has, if any.
pub fn no_tables_error(source: &Source) -> Error {
    let shown = source.path.display();
    let virtuals = source.structure.tables.iter().filter(|table| table.kind == TableKind::Virtual);
    let describe = |table: &SourceTable| {
        let rows = virtuals::count_own_rows(&source.reader, &source.structure, table);
        match rows {
            Ok(Some(rows)) => {
                format!("{} ({} of its own)", table.name, count_with_noun(rows, "row"))
            }
            Ok(None) | Err(_) => table.name.clone(),
        }
    };
    let names: Vec<String> = virtuals.map(describe).collect();
    if names.is_empty() {
        let text = format!("{shown}: the database has no tables");
        return Error::new(Exit::Source, text, "check the path");
    }
    let text = format!(
        "{shown}: the database has only virtual tables, which cannot be copied: {}",
        names.join(", ")
    );
    let hint = Hint::with_line(
        "copy the rows that are to be migrated into ordinary tables first:",
        "CREATE TABLE NAME AS SELECT * FROM VIRTUAL_TABLE;",
    );
    Error::new(Exit::Source, text, hint)
}

/// What stands behind a column's line.
pub fn column_remark(chosen: &Chosen) -> Option<String> {
    match (&chosen.note, &chosen.finding) {
        (note, Some(finding)) => {
            let note = note.as_ref().map(|note| format!("{note}; ")).unwrap_or_default();
            Some(format!("{note}TO DECIDE: {finding}"))
        }
        (note, None) => note.as_ref().map(Note::to_string),
    }
}

/// Views, triggers, virtual tables and what belongs to them.
pub fn find_left_out_objects(inspection: &Structure) -> Vec<Residue> {
    let mut found = Vec::new();
    let mut left = |table: &str, what: Subject, why: &str, sql: &str| {
        let (table, why, sql) = (table.to_owned(), why.to_owned(), sql.into());
        found.push(Residue { table, kind: Kind::Left, what, why, sql });
    };
    for table in &inspection.tables {
        match table.kind {
            TableKind::Virtual => {
                let why = "a module of SQLite produces its rows";
                let what = Subject::VirtualTable(table.name.clone());
                left(&table.name, what, why, &table.sql);
            }
            TableKind::Shadow => {
                let why = "a virtual table stores its data there";
                let what = format!("shadow table {}", table.name).into();
                left(&table.name, what, why, "");
            }
            TableKind::Table | TableKind::Internal => {}
        }
    }
    for object in &inspection.others {
        let what = format!("{} {}", object.kind, object.name).into();
        left(&object.table, what, "written in the SQL of SQLite", &object.sql);
    }
    found
}

/// What a person must decide, column by column, and tables that are too wide.
pub fn find_decisions(inspection: &Structure, chosen: &[Vec<Option<Chosen>>]) -> Vec<Residue> {
    let mut found = Vec::new();
    let mut add = |kind: Kind, table: &SourceTable, what: Subject, why: String| {
        let (table, sql) = (table.name.clone(), Clause::None);
        found.push(Residue { table, kind, what, why, sql });
    };
    for (table, chosen) in inspection.ordinary_tables().zip(chosen) {
        for (column, chosen) in table.columns.iter().zip(chosen) {
            let Some(chosen) = chosen else { continue };
            let what = || Subject::Column(column.name.clone());
            if let Some(finding) = chosen.finding.clone() {
                add(Kind::Decide, table, what(), finding);
            }
            if let (true, Some(note)) = (chosen.unexpressed || chosen.counts, &chosen.note) {
                add(Kind::Changed, table, what(), note.to_string());
            }
        }
        if table.columns.len() > COLUMNS_MAX {
            let why = format!(
                "{} columns; a table in PostgreSQL has at most {COLUMNS_MAX}",
                table.columns.len()
            );
            add(Kind::Decide, table, "the table".into(), why);
        }
        let bytes: usize =
            chosen.iter().flatten().map(|chosen| resolve_types::row_width(chosen.ty)).sum();
        if bytes > ROW_MAX {
            let why = format!(
                "a row with a value in every column needs {bytes} bytes for columns of fixed \
                 width, and PostgreSQL allows {ROW_MAX}"
            );
            add(Kind::Decide, table, "the table".into(), why);
        }
    }
    found
}

/// A file's name for a table: its own where every file system takes that.
fn choose_file_stem(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut stem: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if stem.starts_with('-') || stem.is_empty() {
        stem.insert(0, '_');
    }
    // Some file systems do not tell upper from lower case.
    while !taken.insert(stem.to_ascii_lowercase()) {
        stem.push('_');
    }
    stem
}

/// Writes a draft: beside its place first, then moved there as one.
///
/// # Errors
/// When the place is taken or cannot be written.
pub fn write_draft(draft: &Draft, out: &Path) -> Result<()> {
    files::directory::write_new_directory("--out", out, &draft.files)
}

/// The type of a column as if it had no value.
pub fn type_by_declaration(declared: &str, default: Option<&str>) -> Chosen {
    choose::choose_type(
        declared,
        default,
        &Profile::with_candidates(&candidates_of_declared_type(declared)),
    )
}

/// The types that a declared type may lead to.
fn candidates_of_declared_type(declared: &str) -> Vec<profile::Candidate> {
    Family::of_declared(declared).candidates()
}
