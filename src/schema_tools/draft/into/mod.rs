//! From a new database file to what differs in the schema files that are there.
//!
//! [`described_tables`] describes the file in the words of the directory, [`columns`], [`rules`]
//! and [`ended_rules`] say what became of each thing, and [`lengths`] whether a declared length
//! exceeds a line's.
//! [`tables`] writes that into a table's file by [`edit`] and [`notes`], [`save`] reads all of it
//! again before the first file is replaced. What SQLite does not say is left as a person wrote it,
//! so the difference in git is what changed in the application, and nothing else.

mod columns;
mod described_tables;
mod edit;
mod ended_rules;
mod lengths;
mod notes;
mod rules;
mod save;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

use model::Database;
use model::file::{Directory, TableFile};

use super::residue::{self, Clause, Kind, Residue, Subject};
use super::{
    choose_file_stem, column_remark, find_decisions, find_left_out_objects, orphans, profile, write,
};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::read_text_file;
use crate::sqlite;
use crate::sqlite::Source;
use crate::sqlite::SourceTable;

use columns::Both;
use described_tables::Known;
use edit::File;
use tables::{EditNotes, Edited};

/// What is to be written into a directory.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// File names, and their texts from now on; those that stay the same are not among them.
    pub files: Vec<(String, String)>,
    /// The version that was the newest.
    pub before: String,
    /// What differs, by table: name, what happened to it, and to its parts.
    pub tables: Vec<(String, Vec<String>)>,
    /// What only the files say.
    pub left: Vec<String>,
    /// What no schema file says.
    pub residue: Vec<Residue>,
}

/// A schema directory and its versions.
type ExistingDirectory = (Directory, Vec<Database>);

/// What differs between the newest version of a directory and a source, as edits of its files.
///
/// # Errors
/// A directory that has faults or has the version already, a file in a form that cannot be edited,
/// and SQLite's.
pub fn find_changes(source: &Source, path: &Path, version: &str) -> Result<Change> {
    let (directory, databases) = load_existing_directory(path, version)?;
    let newest = directory.versions.len().saturating_sub(1);
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let mut inspection = sqlite::read_structure(&source.reader).map_err(fail)?;
    let described = |name: &str| {
        directory.tables.iter().any(|file| file.range.has_version(newest) && file.source == name)
    };
    refuse_unrelated_file(source, &inspection, &directory)?;
    // The application's own migrations are none of the data.
    let kept: Vec<&str> = databases
        .last()
        .into_iter()
        .flat_map(|last| last.migration_histories)
        .map(|kept| kept.table)
        .collect();
    inspection.tables.retain(|table| {
        let left = is_ignored(&directory, &table.name) || kept.contains(&table.name.as_str());
        described(&table.name) || !left
    });
    for table in &mut inspection.tables {
        let mut files = directory.tables.iter().filter(|file| file.range.has_version(newest));
        let file = files.find(|file| file.source == table.name);
        let left = file.map(|file| file.ignore.as_slice()).unwrap_or_default();
        table.columns.retain(|c| !left.iter().any(|name| c.name.eq_ignore_ascii_case(name)));
    }
    let mut known =
        described_tables::describe_tables(&source.reader, inspection, &directory, newest)
            .map_err(fail)?;
    let mut change = Change {
        before: directory.versions.last().cloned().unwrap_or_default(),
        ..Change::default()
    };
    let mut work = Work { source, directory: &directory, newest, version };
    let mut lost = std::mem::take(&mut known.lost);
    work.compare_tables(&known, &mut lost, &mut change)?;
    work.end_missing_tables(&known, &mut change)?;
    let mut residue = find_left_out_objects(&known.inspection);
    residue.append(&mut known.resolved.residue);
    residue.extend(find_decisions(&known.inspection, &known.resolved.chosen));
    residue.extend(lost);
    residue.extend(orphans::find_orphans(&source.reader, &known.inspection).map_err(fail)?);
    change.residue = residue;
    work.add_database_and_residue_files(&mut change)?;
    save::check_directory(&databases, path, version, &change)?;
    Ok(change)
}

/// Checks that the files of a directory can be replaced, before the source is opened.
///
/// # Errors
/// Files that are links, devices, or another user's.
pub fn check_files(path: &Path) -> Result<()> {
    save::check_files(path)
}

/// Writes a change: all files are there under other names before the first takes its place.
///
/// # Errors
/// When a file cannot be written; the error names it.
pub fn write_change(change: &Change, path: &Path) -> Result<()> {
    save::write_files(change, path)
}

fn load_existing_directory(path: &Path, version: &str) -> Result<ExistingDirectory> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let loaded = model::load_directory(path, &name).map_err(|faults| {
        let hint =
            "correct the files first: a version can only be added to a directory without faults";
        let faults = faults.0.iter().map(|fault| Fault::new(fault.to_string(), hint));
        Error { exit: Exit::Usage, faults: faults.collect() }
    })?;
    if loaded.0.versions.iter().any(|known| known == version) {
        let text = format!("--into: {} has version {version} already", path.display());
        let hints =
            ["give the new version another name", "undo the earlier draft, for example with git"];
        return Err(Error::new(Exit::Usage, text, hints));
    }
    if loaded.0.joined {
        let text = format!(
            "--into: {} was drafted with --target (`joined` in database.toml): SQLite does not \
             show what changed in the tables of PostgreSQL",
            path.display()
        );
        let hint = "draft it with `--target` and `--out` into another directory, and compare both";
        return Err(Error::new(Exit::Usage, text, hint));
    }
    Ok(loaded)
}

/// The file of another application would end every table and begin others.
fn refuse_unrelated_file(
    source: &Source,
    inspection: &sqlite::Structure,
    directory: &Directory,
) -> Result<()> {
    let file = source.path.display();
    if inspection.ordinary_tables().next().is_none() {
        let text = format!("{file}: the database has no tables");
        return Err(Error::new(Exit::Source, text, "check the path"));
    }
    let newest = directory.versions.len().saturating_sub(1);
    let mut there =
        directory.tables.iter().filter(|file| file.range.has_version(newest)).peekable();
    let has =
        |file: &TableFile| inspection.ordinary_tables().any(|table| table.name == file.source);
    if there.peek().is_none() || there.any(has) {
        return Ok(());
    }
    let (path, version) = (directory.path.display(), directory.versions.last());
    let version = version.map(String::as_str).unwrap_or_default();
    let text = format!("--into: {file} has no table of {path}@{version}");
    let hints =
        ["check both paths", "draft the file of another application into a directory with `--out`"];
    Err(Error::new(Exit::Usage, text, hints))
}

fn is_ignored(directory: &Directory, name: &str) -> bool {
    directory.ignore.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    })
}

struct Work<'a> {
    source: &'a Source,
    directory: &'a Directory,
    newest: usize,
    version: &'a str,
}

impl Work<'_> {
    /// The tables of the source: those that the directory knows, and new ones.
    fn compare_tables(
        &mut self,
        known: &Known<'_>,
        lost: &mut Vec<Residue>,
        change: &mut Change,
    ) -> Result<()> {
        let mut stems: BTreeSet<String> = BTreeSet::from(["database".to_owned()]);
        stems.extend(self.directory.tables.iter().map(|file| stem_of(file).to_ascii_lowercase()));
        for (index, table) in known.inspection.ordinary_tables().enumerate() {
            let Some(wanted) = known.wanted.get(index) else { continue };
            let chosen = known.resolved.chosen.get(index).map(Vec::as_slice).unwrap_or_default();
            if let Some(file) = known.files.get(index).copied().flatten() {
                let facts = known.facts.get(index).map(Vec::as_slice).unwrap_or_default();
                let newest = self.newest;
                let both = Both { file, newest, own: table, wanted, chosen, facts };
                self.edit_known_table(both, known, lost, change)?;
                continue;
            }
            let stem = choose_file_stem(&wanted.name, &mut stems);
            let notes: Vec<Option<String>> = chosen.iter().flatten().map(column_remark).collect();
            let rows = known.resolved.rows.get(index).copied().unwrap_or(0);
            let text = write::table_toml(wanted, &stem, rows, &notes);
            let name = format!("{stem}.toml");
            let odd = |why: String| self.unusual_form_error(&name, &why);
            let mut file = File::new(&text, self.version).map_err(odd)?;
            file.open_table();
            let count = wanted.columns.len();
            let s = if count == 1 { "" } else { "s" };
            change.tables.push((wanted.name.clone(), vec![format!("new, {count} column{s}")]));
            change.files.push((name, file.text()));
        }
        Ok(())
    }

    fn edit_known_table(
        &self,
        both: Both<'_>,
        known: &Known<'_>,
        lost: &mut Vec<Residue>,
        change: &mut Change,
    ) -> Result<()> {
        let (file, table) = (both.file, both.own);
        // What a person has said already is no residue.
        lost.retain(|item| {
            let is_stated = |line: &model::file::ColumnLine| match item.kind {
                Kind::Changed => true, // another name
                _ if matches!(item.sql, Clause::Default(_)) => line.default.is_some(),
                _ => line.generated.is_some() && matches!(item.sql, Clause::Generated(_)),
            };
            let of = |source: &str| matches!(&item.what, Subject::Column(name) if name == source);
            let mut lines = file.columns.iter().filter(|line| line.range.has_version(self.newest));
            let is_expressed = lines.any(|line| of(&line.item.source) && is_stated(&line.item))
                || (item.kind == Kind::Changed && item.what == Subject::Table(table.name.clone()));
            !(item.table == table.name && is_expressed)
        });
        let name = format!("{}.toml", stem_of(file));
        let text = self.read(&name)?;
        let fits = |column: &sqlite::SourceColumn, line: &model::file::ColumnLine| {
            let takes = || {
                let kind = (line.ty, line.stored);
                profile::all_values_fit(&self.source.reader, table, &column.name, kind)
                    .unwrap_or(false)
            };
            described_tables::declaration_fits_line(line, &column.declared) && takes()
        };
        let mut edited = Edited {
            both,
            directory: self.directory,
            wanted: &known.wanted,
            lost,
            version: self.version,
        };
        let done =
            edited.edit_file(&text, |both, changes| columns::find_renames(both, changes, fits));
        let (new, EditNotes { changed, left }) =
            done.map_err(|why| self.unusual_form_error(&name, &why))?;
        if new != text {
            change.files.push((name, new));
        }
        if !changed.is_empty() {
            change.tables.push((file.name.clone(), changed));
        }
        change.left.extend(left.into_iter().map(|left| format!("{}: {left}", file.name)));
        Ok(())
    }

    /// The tables of the directory that the source does not have.
    fn end_missing_tables(&self, known: &Known<'_>, change: &mut Change) -> Result<()> {
        let there = |file: &TableFile| {
            let same = |table: &SourceTable| table.name == file.source;
            known.inspection.ordinary_tables().any(same)
        };
        let existing_files =
            self.directory.tables.iter().filter(|file| file.range.has_version(self.newest));
        for file in existing_files.filter(|file| !there(file)) {
            let name = format!("{}.toml", stem_of(file));
            let text = self.read(&name)?;
            let odd = |why: String| self.unusual_form_error(&name, &why);
            let mut edited = File::new(&text, self.version).map_err(odd)?;
            edited.close_table().map_err(|why| self.unusual_form_error(&name, &why))?;
            change.files.push((name, edited.text()));
            change.tables.push((file.name.clone(), vec!["gone".to_owned()]));
        }
        change.tables.sort();
        Ok(())
    }

    /// `database.toml` and RESIDUE.md.
    fn add_database_and_residue_files(&self, change: &mut Change) -> Result<()> {
        let name = "RESIDUE.md";
        let shown = self.source.path.file_name().unwrap_or(self.source.path.as_os_str());
        let text = residue::residue_markdown(&shown.to_string_lossy(), &change.residue);
        let old = read_text_file(&self.directory.path.join(name)).ok();
        if old.is_some() || !change.residue.is_empty() {
            change.files.push((name.to_owned(), text));
        }
        // The last of all: without it, what was half replaced would not be whole.
        let name = "database.toml";
        let text = self.read(name)?;
        let odd = |why: String| self.unusual_form_error(name, &why);
        let mut database = File::new(&text, self.version).map_err(odd)?;
        database.add_version().map_err(|why| self.unusual_form_error(name, &why))?;
        change.files.push((name.to_owned(), database.text()));
        Ok(())
    }

    fn read(&self, name: &str) -> Result<String> {
        let file = self.directory.path.join(name);
        read_text_file(&file)
            .map_err(|error| Error::new(Exit::Usage, format!("{}: {error}", file.display()), ""))
    }

    fn unusual_form_error(&self, name: &str, why: &str) -> Error {
        let file = self.directory.path.join(name);
        let text = format!("{}: cannot be edited by this program: {why}", file.display());
        Error::new(
            Exit::Usage,
            text,
            "write it in the form that `migrate explain schema-files` shows",
        )
    }
}

/// The name of a table's file, without its end.
fn stem_of(file: &TableFile) -> String {
    file.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
