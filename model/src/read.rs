//! From a directory of TOML files to what they say, with every fault found on the way.
//!
//! Only the files' own form is judged here; whether the parts fit together is `resolve`'s to say.

use std::fs;
use std::path::Path;

use toml::de::DeTable;

use crate::fault::Faults;
use crate::file::{Directory, Range, TableFile};
use crate::read_table;
use crate::types::Enum;
use crate::walk::Walk;

const DATABASE_KEYS: &[&str] = &["versions", "ignore", "version_query", "enums"];

/// Reads a schema directory; `name` is what the program calls it.
///
/// # Errors
/// Everything that is wrong with the files' form, and files that cannot be read.
pub fn read(path: &Path, name: &str) -> Result<Directory, Faults> {
    let mut faults = Faults::default();
    let mut directory =
        Directory { path: path.to_owned(), name: name.to_owned(), ..Directory::default() };
    read_database(&mut directory, &mut faults);
    for file in table_files(path, &mut faults) {
        let table = parse(&file, &mut faults, &directory.versions, |walk, document| {
            read_table::table(walk, document, &directory.enums)
        });
        directory.tables.extend(table.flatten());
    }
    if directory.tables.is_empty() {
        faults.add(path, 0, "no table files here");
    }
    faults.none_or(directory)
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
fn parse<T>(
    file: &Path,
    faults: &mut Faults,
    versions: &[String],
    then: impl FnOnce(&mut Walk<'_>, &DeTable<'_>) -> T,
) -> Option<T> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            faults.add(file, 0, format!("cannot read the file: {error}"));
            return None;
        }
    };
    let (document, errors) = DeTable::parse_recoverable(&text);
    let mut walk = Walk { file, text: &text, versions, faults };
    if errors.is_empty() {
        return Some(then(&mut walk, document.get_ref()));
    }
    for error in errors {
        let line = error.span().map_or(0, |span| walk.line(span.start));
        walk.faults.add(file, line, error.message().to_owned());
    }
    None
}

fn read_database(directory: &mut Directory, faults: &mut Faults) {
    let file = directory.path.join("database.toml");
    let read = parse(&file, faults, &[], |walk, document| {
        let entries = walk.entries(1, document);
        walk.known(&entries, "database.toml", DATABASE_KEYS);
        let versions = walk.strings(entries.get("versions"), "versions");
        if versions.is_empty() {
            walk.faults.add(&file, 1, "`versions` must list at least one version");
        }
        for (index, version) in versions.iter().enumerate() {
            let bad = version.is_empty() || version.contains("..") || version.contains('@');
            if bad || versions.iter().take(index).any(|earlier| earlier == version) {
                let text = format!("version `{version}` is empty, has `..` or `@`, or comes twice");
                walk.faults.add(&file, 1, text);
            }
        }
        let ignore = walk.strings(entries.get("ignore"), "ignore");
        let query = walk.string(entries.get("version_query"), "version_query");
        let mut enums = Vec::new();
        if let Some(value) = entries.get("enums")
            && let Some(table) = value.get_ref().as_table()
        {
            for (name, line, labels) in walk.entries(1, table).iter() {
                let labels = walk.strings(Some(labels), name);
                if labels.is_empty() {
                    walk.faults.add(&file, line, format!("enum `{name}` has no labels"));
                }
                enums.push(Enum { name: leak(name), labels: leak_all(&labels) });
            }
        }
        (versions, ignore, query, enums)
    });
    if let Some((versions, ignore, query, enums)) = read {
        directory.versions = versions;
        directory.ignore = ignore;
        directory.version_query = query;
        directory.enums = enums;
    }
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
pub(crate) fn all(versions: &[String]) -> Range {
    Range { from: 0, to: versions.len() }
}
