//! The names of a version: what PostgreSQL would cut, refuse, or find taken.

use std::collections::BTreeMap;

use crate::fault::Faults;
use crate::file::{Directory, Ranged, TableFile};
use crate::table::{Identity, Table};

/// PostgreSQL cuts longer names, in bytes.
const NAME_MAX: usize = 63;

/// The columns that every table of PostgreSQL has already.
const SYSTEM_COLUMNS: &[&str] = &["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

/// The line of the statement that holds at a version.
pub(crate) fn line_of<T>(lines: &[Ranged<T>], version: usize, is: impl Fn(&T) -> bool) -> usize {
    let found = lines.iter().rfind(|line| line.range.has_version(version) && is(&line.item));
    found.map_or(1, |line| line.line)
}

/// Checks the names of one version: `files` and `tables` go in step.
pub(crate) fn check_names(
    directory: &Directory,
    files: &[&TableFile],
    tables: &[Table],
    version: usize,
    faults: &mut Faults,
) {
    let mut relations = BTreeMap::new();
    let mut sources = BTreeMap::new();
    for declared in &directory.enums {
        let place = (None, declared.name.to_owned());
        relations.insert(place, format!("enum `{}`", declared.name));
    }
    check_table_names(files, tables, faults);
    for (file, table) in files.iter().zip(tables) {
        check_relations(file, table, version, &mut relations, faults);
        check_constraints(file, table, version, faults);
        check_sources(directory, file, table, &mut sources, faults);
        for column in table.columns.iter().filter(|c| SYSTEM_COLUMNS.contains(&c.name)) {
            let line = line_of(&file.columns, version, |line| line.name == column.name);
            let text = format!("`{}` is a column that PostgreSQL keeps for itself", column.name);
            faults.add(&file.file, line, text);
        }
        for (name, line) in every_name(file, table, version) {
            if name.is_empty() || name.contains('\0') {
                faults.add(&file.file, line, format!("`{name}` is no name for PostgreSQL"));
            }
            if name.len() > NAME_MAX {
                let text = format!("the name `{name}` is longer than {NAME_MAX} bytes");
                faults.add(&file.file, line, text);
            }
        }
    }
}

/// Tables are known by their names alone, so that two of them cannot have one name, even where
/// their schemas differ.
fn check_table_names(files: &[&TableFile], tables: &[Table], faults: &mut Faults) {
    let mut seen: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (file, table) in files.iter().zip(tables) {
        let other = seen.insert(table.name, table.schema);
        if let Some(other) = other.filter(|other| *other != table.schema) {
            let shown = |schema: Option<&str>| match schema {
                Some(schema) => format!("schema `{schema}`"),
                None => "the schema of the other tables".to_owned(),
            };
            let text = format!(
                "two tables have the name `{}`, in {} and in {}; describe one of them in a schema \
                 directory of its own, and copy it by itself",
                table.name,
                shown(other),
                shown(table.schema)
            );
            faults.add(&file.file, 1, text);
        }
        let reserved = |schema: &str| schema.starts_with("pg_") || schema == "information_schema";
        if table.schema.is_some_and(reserved) {
            let text = "`schema` names one that PostgreSQL keeps for itself";
            faults.add(&file.file, 1, text);
        }
    }
}

/// Tables, indexes, keys, sequences and types share the name space of their schema.
fn check_relations(
    file: &TableFile,
    table: &Table,
    version: usize,
    seen: &mut BTreeMap<(Option<&'static str>, String), String>,
    faults: &mut Faults,
) {
    let mut relation = |name: &str, line: usize, what: String| {
        if let Some(other) = seen.insert((table.schema, name.to_owned()), what.clone()) {
            let text = format!("the name `{name}` is taken twice, by {other} and {what}");
            faults.add(&file.file, line, text);
        }
    };
    let of = table.name;
    relation(of, 1, format!("table `{of}`"));
    // The sequence of an identity column is named so that it clashes with nothing.
    for column in table.columns.iter().filter(|column| column.identity == Identity::Serial) {
        let name = format!("{of}_{}_seq", column.name);
        if name.len() <= NAME_MAX {
            let line = line_of(&file.columns, version, |line| line.name == column.name);
            relation(&name, line, format!("the sequence of `{of}.{}`", column.name));
        }
    }
    if !table.primary_key.is_empty() {
        let line = line_of(&file.primary_keys, version, |_| true);
        relation(&primary_key_name(table), line, format!("the primary key of `{of}`"));
    }
    for unique in table.uniques {
        let line = line_of(&file.uniques, version, |line| line.name == unique.name);
        relation(unique.name, line, format!("a unique key of `{of}`"));
    }
    for index in table.indexes {
        let line = line_of(&file.indexes, version, |line| line.name == index.name);
        relation(index.name, line, format!("an index of `{of}`"));
    }
}

/// The constraints of one table have names of their own.
fn check_constraints(file: &TableFile, table: &Table, version: usize, faults: &mut Faults) {
    let mut seen = BTreeMap::new();
    let mut constraint = |name: &str, line: usize, what: &'static str| {
        if let Some(other) = seen.insert(name.to_owned(), what) {
            // Two keys are two indexes: that they share a name is said already.
            if !(other.ends_with("key") && what == "a unique key") {
                let of = table.name;
                let text =
                    format!("the name `{name}` is taken twice in `{of}`, by {other} and {what}");
                faults.add(&file.file, line, text);
            }
        }
    };
    if !table.primary_key.is_empty() {
        constraint(&primary_key_name(table), 1, "the primary key");
    }
    for unique in table.uniques {
        constraint(unique.name, 1, "a unique key");
    }
    for key in table.foreign_keys {
        let line = line_of(&file.foreign_keys, version, |line| line.name == key.name);
        constraint(key.name, line, "a reference");
    }
    for check in table.checks {
        let line = line_of(&file.checks, version, |line| line.name == check.name);
        constraint(check.name, line, "a check");
    }
    for rule in table.rules {
        let line = line_of(&file.rules, version, |line| line.name == rule.name);
        constraint(rule.name, line, "a constraint");
    }
}

/// Each SQLite table and column goes to one place; SQLite does not tell capitals apart.
fn check_sources(
    directory: &Directory,
    file: &TableFile,
    table: &Table,
    seen: &mut BTreeMap<String, &'static str>,
    faults: &mut Faults,
) {
    let source = table.source;
    let mut fault = |line: usize, text: String| faults.add(&file.file, line, text);
    // The empty name is one that SQLite takes.
    if source.contains('\0') {
        fault(1, format!("`{source}` is no name for SQLite"));
    }
    if let Some(other) = seen.insert(source.to_ascii_lowercase(), table.name) {
        let name = table.name;
        fault(1, format!("SQLite's table `{source}` is copied twice, to `{other}` and `{name}`"));
    }
    let ignored = directory.ignore.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => source.starts_with(start),
        None => source == pattern,
    });
    if ignored {
        fault(1, format!("SQLite's table `{source}` is copied, but `ignore` has it too"));
    }
    let mut columns = BTreeMap::new();
    for column in table.copied_columns() {
        let line = file.columns.iter().rfind(|line| line.item.name == column.name);
        let line = line.map_or(1, |line| line.line);
        let other = columns.insert(column.source.to_ascii_lowercase(), column.name);
        if let Some(other) = other.filter(|other| *other != column.name) {
            let (source, name) = (column.source, column.name);
            let text = format!("column `{source}` is copied twice, to `{other}` and `{name}`");
            fault(line, format!("SQLite's {text}"));
        }
    }
}

/// Every name of a table, with its line.
fn every_name(file: &TableFile, table: &Table, version: usize) -> Vec<(&'static str, usize)> {
    let mut names = vec![(table.name, 1)];
    names.extend(table.columns.iter().map(|column| {
        (column.name, line_of(&file.columns, version, |line| line.name == column.name))
    }));
    names.extend(table.uniques.iter().map(|unique| {
        (unique.name, line_of(&file.uniques, version, |line| line.name == unique.name))
    }));
    names.extend(table.indexes.iter().map(|index| {
        (index.name, line_of(&file.indexes, version, |line| line.name == index.name))
    }));
    names.extend(
        table.foreign_keys.iter().map(|key| {
            (key.name, line_of(&file.foreign_keys, version, |line| line.name == key.name))
        }),
    );
    names.extend(
        table.checks.iter().map(|check| {
            (check.name, line_of(&file.checks, version, |line| line.name == check.name))
        }),
    );
    names.extend(
        table
            .rules
            .iter()
            .map(|rule| (rule.name, line_of(&file.rules, version, |line| line.name == rule.name))),
    );
    names.extend(table.key_name.map(|name| (name, 1)));
    names.extend(table.schema.map(|name| (name, 1)));
    names
}

/// Whether PostgreSQL takes a name as it is, uncut.
pub(crate) fn fits_name_length(name: &str) -> bool {
    !name.is_empty() && !name.contains('\0') && name.len() <= NAME_MAX
}

/// The name of a table's primary key constraint: as its file says, or the usual one, cut as
/// PostgreSQL would.
pub fn primary_key_name(table: &Table) -> String {
    if let Some(name) = table.key_name {
        return name.to_owned();
    }
    let mut end = table.name.len().min(NAME_MAX - "_pkey".len());
    while !table.name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_pkey", table.name.get(..end).unwrap_or_default())
}
