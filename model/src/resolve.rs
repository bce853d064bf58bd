//! From files with ranges to tables at each version, and the judgement whether they fit together.
//!
//! Everything is checked in every version in which it holds, because a reference that is right in
//! the newest version may be wrong in an old one that a server still runs.

use std::collections::BTreeMap;

use crate::fault::Faults;
use crate::file::{Directory, Ranged, TableFile};
use crate::read::{leak, leak_all};
use crate::table::{
    Check, Column, Database, ForeignKey, Identity, Index, Part, Table, Unique, required,
};
use crate::types::Type;

/// PostgreSQL cuts longer names, in bytes.
const NAME_MAX: usize = 63;

/// Every version of a directory, oldest first.
///
/// # Errors
/// Everything that does not fit together: references to nothing, names that are too long or come
/// twice, keys over columns that may be NULL, lines that hold in no version.
pub fn resolve(directory: &Directory) -> Result<Vec<Database>, Faults> {
    let mut faults = Faults::default();
    let name = leak(&directory.name);
    let enums = directory.enums.clone().leak();
    let ignored = leak_all(&directory.ignore);
    let mut databases = Vec::new();
    for (version, label) in directory.versions.iter().enumerate() {
        let here: Vec<_> = directory.tables.iter().filter(|t| t.range.has(version)).collect();
        let tables: Vec<Table> = here.iter().map(|file| table_at(file, &here, version)).collect();
        for (file, table) in here.iter().zip(&tables) {
            check_table(file, table, version, &tables, &mut faults);
        }
        check_names(&here, &tables, &mut faults);
        let tables = tables.leak();
        databases.push(Database { name, version: leak(label), tables, enums, ignored });
    }
    for file in &directory.tables {
        check_lines_hold(file, directory.versions.len(), &mut faults);
    }
    faults.none_or(databases)
}

fn columns_at(file: &TableFile, version: usize) -> impl Iterator<Item = &str> {
    file.columns.iter().filter(move |c| c.range.has(version)).map(|c| c.item.name.as_str())
}

fn has_columns(file: &TableFile, version: usize, columns: &[String]) -> bool {
    columns.iter().all(|column| columns_at(file, version).any(|known| known == column))
}

/// What holds at a version, with the columns it needs.
fn holding<'a, T>(
    file: &'a TableFile,
    lines: &'a [Ranged<T>],
    version: usize,
    columns: impl Fn(&T) -> Vec<String> + 'a,
) -> impl Iterator<Item = &'a T> {
    lines
        .iter()
        .filter(move |line| line.range.has(version))
        .filter(move |line| has_columns(file, version, &columns(&line.item)))
        .map(|line| &line.item)
}

/// A table at one version; `all` are the tables of that version, among which foreign keys find
/// their parents.
pub fn table_at(file: &TableFile, all: &[&TableFile], version: usize) -> Table {
    let columns: Vec<Column> = file
        .columns
        .iter()
        .filter(|line| line.range.has(version))
        .map(|line| {
            let line = &line.item;
            Column {
                source: leak(&line.source),
                stored: line.stored,
                declared: line.declared.as_deref().map(leak),
                null: line.null,
                default: line.default.as_deref().map(leak),
                identity: line.identity,
                generated: line.generated.as_deref().map(leak),
                ..required(leak(&line.name), line.ty)
            }
        })
        .collect();
    let uniques: Vec<Unique> = holding(file, &file.uniques, version, |u| u.columns.clone())
        .map(|u| Unique { name: leak(&u.name), columns: leak_all(&u.columns) })
        .collect();
    let checks: Vec<Check> = holding(file, &file.checks, version, |_| Vec::new())
        .map(|c| Check { name: leak(&c.name), expression: leak(&c.expression) })
        .collect();
    Table {
        name: leak(&file.name),
        source: leak(&file.source),
        columns: columns.leak(),
        primary_key: leak_all(primary_key_at(file, version)),
        uniques: uniques.leak(),
        indexes: indexes_at(file, version).leak(),
        foreign_keys: foreign_keys_at(file, all, version).leak(),
        checks: checks.leak(),
    }
}

fn primary_key_at(file: &TableFile, version: usize) -> &[String] {
    let key = file.primary_keys.iter().find(|key| key.range.has(version));
    key.map_or(&[], |key| key.item.as_slice())
}

fn indexes_at(file: &TableFile, version: usize) -> Vec<Index> {
    let plain = |index: &crate::file::IndexLine| {
        let columns = index.parts.iter().filter(|part| !part.expression);
        columns.map(|part| part.text.clone()).collect()
    };
    holding(file, &file.indexes, version, plain)
        .map(|index| {
            let parts: Vec<Part> = index
                .parts
                .iter()
                .map(|part| Part {
                    text: leak(&part.text),
                    expression: part.expression,
                    descending: part.descending,
                })
                .collect();
            Index {
                name: leak(&index.name),
                parts: parts.leak(),
                unique: index.unique,
                method: leak(&index.method),
                predicate: index.predicate.as_deref().map(leak),
            }
        })
        .collect()
}

fn foreign_keys_at(file: &TableFile, all: &[&TableFile], version: usize) -> Vec<ForeignKey> {
    holding(file, &file.foreign_keys, version, |key| key.columns.clone())
        .map(|key| {
            let parent = all.iter().find(|parent| parent.name == key.table);
            let implied = parent.map_or(&[][..], |parent| primary_key_at(parent, version));
            ForeignKey {
                name: leak(&key.name),
                columns: leak_all(&key.columns),
                table: leak(&key.table),
                to: leak_all(if key.to.is_empty() { implied } else { &key.to }),
                on_delete: key.on_delete,
                on_update: key.on_update,
                deferred: key.deferred,
            }
        })
        .collect()
}

fn check_table(
    file: &TableFile,
    table: &Table,
    version: usize,
    tables: &[Table],
    faults: &mut Faults,
) {
    let at = |name: &str| {
        let mut lines = file.columns.iter().filter(|c| c.range.has(version));
        lines.find(|c| c.item.name == name).map_or(1, |c| c.line)
    };
    if table.columns.is_empty() {
        faults.add(&file.file, 1, "a version of this table has no columns");
    }
    if table.columns.len() > 1600 {
        faults.add(&file.file, 1, "PostgreSQL allows at most 1600 columns");
    }
    for column in table.columns {
        let mut fault = |text: &str| {
            faults.add(&file.file, at(column.name), format!("column `{}`: {text}", column.name));
        };
        if column.identity != Identity::No {
            if column.null || column.default.is_some() || column.generated.is_some() {
                fault("an identity column has no `null`, `default` or `generated`");
            }
            if !matches!(column.ty, Type::Int2 | Type::Int4 | Type::Int8) {
                fault("an identity column is an int2, int4 or int8");
            }
        }
        if column.default.is_some() && column.generated.is_some() {
            fault("a generated column has no default");
        }
    }
    for key in &file.primary_keys {
        if !key.range.has(version) {
            continue;
        }
        for name in &key.item {
            match table.column(name) {
                None => {
                    let text = format!("primary key: no column `{name}` in some of its versions");
                    faults.add(&file.file, key.line, text);
                }
                Some(column) if column.null => {
                    let text = format!("primary key: column `{name}` must not have `null`");
                    faults.add(&file.file, key.line, text);
                }
                Some(_) => {}
            }
        }
    }
    check_foreign_keys(file, table, tables, faults);
}

fn check_foreign_keys(file: &TableFile, table: &Table, tables: &[Table], faults: &mut Faults) {
    for key in table.foreign_keys {
        let line = file.foreign_keys.iter().find(|line| line.item.name == key.name);
        let line = line.map_or(1, |line| line.line);
        let mut fault = |text: String| {
            faults.add(&file.file, line, format!("foreign key `{}`: {text}", key.name));
        };
        let Some(parent) = tables.iter().find(|parent| parent.name == key.table) else {
            fault(format!("no table `{}` in a version where the key holds", key.table));
            continue;
        };
        let missing: Vec<_> = key.to.iter().filter(|to| parent.column(to).is_none()).collect();
        for to in &missing {
            fault(format!("`{}` has no column `{to}` in a version where it holds", key.table));
        }
        if key.to.len() != key.columns.len() {
            fault(format!("{} columns refer to {}", key.columns.len(), key.to.len()));
        } else if missing.is_empty() && !is_key(parent, key.to) {
            let columns = key.to.join(", ");
            fault(format!("({columns}) is neither primary key nor unique in `{}`", key.table));
        }
    }
}

/// Whether PostgreSQL lets a foreign key refer to these columns.
fn is_key(table: &Table, columns: &[&str]) -> bool {
    let same = |key: &[&str]| {
        key.len() == columns.len() && key.iter().all(|column| columns.contains(column))
    };
    let unique_index = |index: &Index| {
        let parts: Vec<&str> = index.parts.iter().map(|part| part.text).collect();
        let plain = index.parts.iter().all(|part| !part.expression);
        index.unique && index.predicate.is_none() && plain && same(&parts)
    };
    same(table.primary_key)
        || table.uniques.iter().any(|unique| same(unique.columns))
        || table.indexes.iter().any(unique_index)
}

/// Names that PostgreSQL would cut, and names of tables and indexes that come twice: both share
/// one name space.
fn check_names(files: &[&TableFile], tables: &[Table], faults: &mut Faults) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (file, table) in files.iter().zip(tables) {
        let mut relation = |name: &str, line: usize, what: String, faults: &mut Faults| {
            if let Some(other) = seen.insert(name.to_owned(), what.clone()) {
                let text = format!("the name `{name}` is taken twice, by {other} and {what}");
                faults.add(&file.file, line, text);
            }
        };
        relation(table.name, 1, format!("table `{}`", table.name), faults);
        if !table.primary_key.is_empty() {
            let name = primary_key_name(table);
            relation(&name, 1, format!("the primary key of `{}`", table.name), faults);
        }
        for unique in table.uniques {
            let line = file.uniques.iter().find(|line| line.item.name == unique.name);
            let what = format!("a unique key of `{}`", table.name);
            relation(unique.name, line.map_or(1, |line| line.line), what, faults);
        }
        for index in table.indexes {
            let line = file.indexes.iter().rfind(|line| line.item.name == index.name);
            let what = format!("an index of `{}`", table.name);
            relation(index.name, line.map_or(1, |line| line.line), what, faults);
        }
        check_name_lengths(file, table, faults);
    }
}

fn check_name_lengths(file: &TableFile, table: &Table, faults: &mut Faults) {
    let columns = table.columns.iter().map(|column| column.name);
    let uniques = table.uniques.iter().map(|unique| unique.name);
    let indexes = table.indexes.iter().map(|index| index.name);
    let foreign_keys = table.foreign_keys.iter().map(|key| key.name);
    let checks = table.checks.iter().map(|check| check.name);
    let names = std::iter::once(table.name).chain(columns).chain(uniques);
    for name in names.chain(indexes).chain(foreign_keys).chain(checks) {
        if name.is_empty() || name.contains('\0') {
            faults.add(&file.file, 1, format!("`{name}` is no name for PostgreSQL"));
        }
        if name.len() > NAME_MAX {
            let text = format!("the name `{name}` is longer than {NAME_MAX} bytes");
            faults.add(&file.file, 1, text);
        }
    }
}

/// Lines that hold in no version because their columns never exist together.
fn check_lines_hold(file: &TableFile, versions: usize, faults: &mut Faults) {
    let mut check = |line: usize, what: &str, range: crate::file::Range, columns: &[String]| {
        let holds = (0..versions).any(|v| range.has(v) && has_columns(file, v, columns));
        if !holds || columns.is_empty() {
            let list = columns.join(", ");
            let text = format!("{what} holds in no version: no columns ({list}) there");
            faults.add(&file.file, line, text);
        }
    };
    for line in &file.uniques {
        check(line.line, "the unique key", line.range, &line.item.columns);
    }
    for line in &file.foreign_keys {
        check(line.line, "the foreign key", line.range, &line.item.columns);
    }
    for line in &file.indexes {
        let parts = line.item.parts.iter().filter(|part| !part.expression);
        let columns: Vec<String> = parts.map(|part| part.text.clone()).collect();
        if !columns.is_empty() {
            check(line.line, "the index", line.range, &columns);
        }
    }
    for (index, later) in file.primary_keys.iter().enumerate() {
        if file.primary_keys.iter().take(index).any(|k| !k.range.and(later.range).is_empty()) {
            faults.add(&file.file, later.line, "two primary keys hold in one version");
        }
    }
}

/// The name of a table's primary key constraint, cut as PostgreSQL would.
pub fn primary_key_name(table: &Table) -> String {
    let mut end = table.name.len().min(NAME_MAX - "_pkey".len());
    while !table.name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_pkey", table.name.get(..end).unwrap_or_default())
}
