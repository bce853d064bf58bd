//! From a directory of TOML files to what they say, with every fault found on the way.
//!
//! Only the files' own form is judged here; whether the parts fit together is `resolve`'s to say.

use std::fs;
use std::path::Path;

use toml::de::DeTable;

use crate::fault::Faults;
use crate::file::{Directory, Range, TableFile};
use crate::types::{Enum, Type, parse_type};
use crate::walk::{Entries, Value, Walk, find_line_starts};
use crate::{after_load, input, keys, names, read_table, sequences};

/// Reads a schema directory; `name` is what the program calls it.
///
/// # Errors
/// Everything that is wrong with the files' form, and files that cannot be read.
pub fn read_directory(path: &Path, name: &str) -> Result<Directory, Faults> {
    let Files { directory, faults, .. } = read_files(path, name);
    faults.none_or(directory)
}

/// What the files of a directory say, as far as they could be read.
pub(crate) struct Files {
    pub directory: Directory,
    pub faults: Faults,
    /// Whether every file was TOML, so that what refers to nothing does so truly.
    pub is_complete: bool,
}

/// Reads a schema directory as far as it can be read.
pub(crate) fn read_files(path: &Path, name: &str) -> Files {
    let mut faults = Faults::default();
    let mut directory =
        Directory { path: path.to_owned(), name: name.to_owned(), ..Directory::default() };
    let database = read_database(&mut directory, &mut faults);
    let mut is_complete = database && !directory.versions.is_empty();
    for file in table_files(path, &mut faults) {
        let table = parse_file(&file, &mut faults, &directory.versions, |walk, document| {
            read_table::read_table(walk, document, database.then_some(&directory.enums))
        });
        is_complete &= table.is_some();
        directory.tables.extend(table.flatten());
    }
    if directory.tables.is_empty() && is_complete {
        faults.add(path, 0, "no table files here");
    }
    Files { directory, faults, is_complete }
}

fn table_files(path: &Path, faults: &mut Faults) -> Vec<std::path::PathBuf> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            faults.add(path, 0, format!("cannot list the directory: {error}"));
            return Vec::new();
        }
    };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "toml"))
        .filter(|file| file.file_name().is_some_and(|name| name != "database.toml"))
        .collect();
    files.sort();
    files
}

/// Parses one file and hands its document to `then`.
fn parse_file<T>(
    file: &Path,
    faults: &mut Faults,
    versions: &[String],
    then: impl FnOnce(&mut Walk<'_>, &DeTable<'_>) -> T,
) -> Option<T> {
    let text = match input::read_text_file(file) {
        Ok(text) => text,
        Err(error) => {
            faults.add(file, 0, format!("cannot read the file: {error}"));
            return None;
        }
    };
    let (document, errors) = DeTable::parse_recoverable(&text);
    let mut walk = Walk { file, line_starts: find_line_starts(&text), versions, faults };
    if errors.is_empty() {
        return Some(then(&mut walk, document.get_ref()));
    }
    for error in errors {
        let line = error.span().map_or(0, |span| walk.line_at(span.start));
        walk.faults.add(file, line, error.message().to_owned());
    }
    None
}

/// Reads `database.toml`; `false` when it is no TOML file.
fn read_database(directory: &mut Directory, faults: &mut Faults) -> bool {
    let file = directory.path.join("database.toml");
    let read = parse_file(&file, faults, &[], |walk, document| {
        let mut entries = walk.entries(1, document);
        walk.accept_former_key(&mut entries, keys::FORMER_MIGRATION_HISTORY, "migration_history");
        walk.refuse_unknown_keys(&entries, "database.toml", keys::DATABASE);
        directory.versions = read_versions(walk, &entries);
        directory.ignore = walk.read_strings(entries.get("ignore"), "ignore");
        directory.target_only = walk.read_strings(entries.get("target_only"), "target_only");
        directory.create_missing =
            walk.read_strings(entries.get("create_missing"), "create_missing");
        directory.undecided = walk.read_strings(entries.get("undecided"), "undecided");
        directory.migration_histories =
            read_migration_histories(walk, entries.get("migration_history"));
        directory.version_query = walk.read_string(entries.get("version_query"), "version_query");
        directory.enums = read_enums(walk, entries.get("enums"));
        directory.joined = walk.read_flag(entries.get("joined"), "joined");
        directory.sequences = sequences::read_sequences(walk, entries.get("sequence"));
        directory.after_load = after_load::read_statements(walk, entries.get("after_load"));
    });
    read.is_some()
}

fn read_versions(walk: &mut Walk<'_>, entries: &Entries<'_, '_>) -> Vec<String> {
    let value = entries.get("versions");
    let versions = walk.read_strings(value, "versions");
    let line = value.map_or(1, |value| walk.line_at(value.span().start));
    if versions.is_empty() {
        walk.faults.add(walk.file, line, "`versions` must list at least one version");
    }
    for (index, version) in versions.iter().enumerate() {
        let bad = version.is_empty() || version.contains("..") || version.contains('@');
        if bad || versions.iter().take(index).any(|earlier| earlier == version) {
            let text = format!("version `{version}` is empty, has `..` or `@`, or comes twice");
            walk.faults.add(walk.file, line, text);
        }
    }
    versions
}

fn read_migration_histories(
    walk: &mut Walk<'_>,
    value: Option<&Value<'_>>,
) -> Vec<(String, Vec<String>)> {
    let Some(value) = value else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        walk.fault_at(value, "`[migration_history]` must be a table, like name = [\"version\"]");
        return Vec::new();
    };
    let entries = walk.entries(1, table);
    entries
        .iter()
        .map(|(name, _, list)| (name.to_owned(), walk.read_strings(Some(list), name)))
        .collect()
}

fn read_enums(walk: &mut Walk<'_>, value: Option<&Value<'_>>) -> Vec<Enum> {
    let Some(value) = value else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        walk.fault_at(value, "`[enums]` must be a table, like name = [\"label\"]");
        return Vec::new();
    };
    let mut enums = Vec::new();
    for (name, line, labels) in walk.entries(1, table).iter() {
        let empty = labels.get_ref().as_array().is_some_and(|list| list.is_empty());
        let labels = walk.read_strings(Some(labels), name);
        let declared = Enum { name: leak(name), labels: leak_all(&labels) };
        let mut fault = |text: String| walk.faults.add(walk.file, line, text);
        if empty {
            fault(format!("enum `{name}` has no labels"));
        }
        if !names::fits_name_length(name) {
            fault(format!("`{name}` is no name for an enum: empty, with NUL, or too long"));
        } else if parse_type(name, &[declared]) != Some(Type::Enum(declared)) {
            fault(format!("enum `{name}` has the name of a type"));
        }
        for (index, label) in labels.iter().enumerate() {
            if labels.iter().take(index).any(|earlier| earlier == label) {
                fault(format!("enum `{name}` has the label `{label}` twice"));
            }
            if !names::fits_name_length(label) {
                fault(format!("enum `{name}`: label `{label}` is empty, has NUL, or is too long"));
            }
        }
        enums.push(declared);
    }
    enums
}

/// Text that lives as long as the process, as all descriptions do.
pub(crate) fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// A list of texts that lives as long as the process.
pub(crate) fn leak_all(texts: &[String]) -> &'static [&'static str] {
    texts.iter().map(|text| leak(text)).collect::<Vec<_>>().leak()
}

/// What a table's file says, or nothing where its faults leave no table.
pub(crate) type Read = Option<TableFile>;

/// All versions of a directory.
pub(crate) fn all_versions(versions: &[String]) -> Range {
    Range { from: 0, to: versions.len() }
}
