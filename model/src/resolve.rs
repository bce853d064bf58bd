//! From files with ranges to tables at each version, and the judgement whether they fit together.
//!
//! Everything is checked in every version in which it holds, because a reference that is right in
//! the newest version may be wrong in an old one that a server still runs.

use crate::fault::Faults;
use crate::file::{Directory, Ranged, TableFile};
use crate::read::{leak, leak_all};
use crate::table::{
    Check, Column, Database, ForeignKey, Index, MigrationHistory, Part, Rule, Table, Unique,
    required,
};
use crate::{after_load, check, names, sequences};

pub use crate::names::primary_key_name;

/// Every version of a directory, oldest first.
///
/// # Errors
/// Everything that does not fit together: references to nothing, names that are too long or come
/// twice, keys over columns that may be NULL, lines that hold in no version.
pub fn resolve_versions(directory: &Directory) -> Result<Vec<Database>, Faults> {
    let mut faults = Faults::default();
    let name = leak(&directory.name);
    let enums = directory.enums.clone().leak();
    let ignored = leak_all(&directory.ignore);
    let target_only = leak_all(&directory.target_only);
    let create_missing = leak_all(&directory.create_missing);
    let undecided = leak_all(&directory.undecided);
    let kept = directory.migration_histories.iter();
    let kept = kept.map(|(table, columns)| MigrationHistory {
        table: leak(table),
        columns: leak_all(columns),
    });
    let migration_histories = &*kept.collect::<Vec<_>>().leak();
    let after_load = after_load::statements_of_directory(directory);
    let mut databases = Vec::new();
    for (version, label) in directory.versions.iter().enumerate() {
        let here: Vec<_> =
            directory.tables.iter().filter(|t| t.range.has_version(version)).collect();
        let tables: Vec<Table> = here.iter().map(|file| table_at(file, &here, version)).collect();
        for (file, table) in here.iter().zip(&tables) {
            check::check_table(file, table, version, &tables, &mut faults);
        }
        names::check_names(directory, &here, &tables, version, &mut faults);
        let sequences = sequences::sequences_of_tables(directory, &tables);
        let tables = tables.leak();
        let version = leak(label);
        databases.push(Database {
            name,
            version,
            tables,
            enums,
            ignored,
            target_only,
            create_missing,
            undecided,
            migration_histories,
            sequences,
            after_load,
        });
    }
    sequences::check_sequences(directory, &databases, &mut faults);
    after_load::check_statements(directory, &databases, &mut faults);
    for file in &directory.tables {
        check::check_lines(file, directory.versions.len(), &mut faults);
    }
    faults.none_or(databases)
}

fn columns_at(file: &TableFile, version: usize) -> impl Iterator<Item = &str> {
    file.columns.iter().filter(move |c| c.range.has_version(version)).map(|c| c.item.name.as_str())
}

pub(crate) fn has_columns(file: &TableFile, version: usize, columns: &[String]) -> bool {
    columns.iter().all(|column| columns_at(file, version).any(|known| known == column))
}

/// What holds at a version, with the columns it needs.
fn lines_with_columns<'a, T>(
    file: &'a TableFile,
    lines: &'a [Ranged<T>],
    version: usize,
    columns: impl Fn(&T) -> Vec<String> + 'a,
) -> impl Iterator<Item = &'a T> {
    lines
        .iter()
        .filter(move |line| line.range.has_version(version))
        .filter(move |line| has_columns(file, version, &columns(&line.item)))
        .map(|line| &line.item)
}

/// A table at one version; `all_files` are the tables of that version, among which foreign keys
/// find their parents.
pub fn table_at(file: &TableFile, all_files: &[&TableFile], version: usize) -> Table {
    let columns: Vec<Column> = file
        .columns
        .iter()
        .filter(|line| line.range.has_version(version))
        .map(|ranged| {
            let line = &ranged.item;
            Column {
                source: leak(&line.source),
                stored: line.stored,
                declared: line.declared.as_deref().map(leak),
                null: line.null,
                default: line.default.as_deref().map(leak),
                identity: line.identity,
                generated: line.generated.as_deref().map(leak),
                type_sql: line.type_sql.as_deref().map(leak),
                target_only: line.target_only,
                guess: ranged.guess,
                ..required(leak(&line.name), line.ty)
            }
        })
        .collect();
    let uniques: Vec<Unique> =
        lines_with_columns(file, &file.uniques, version, |u| u.columns.clone())
            .map(|u| Unique { name: leak(&u.name), columns: leak_all(&u.columns) })
            .collect();
    let checks: Vec<Check> = lines_with_columns(file, &file.checks, version, |_| Vec::new())
        .map(|c| Check { name: leak(&c.name), expression: leak(&c.expression) })
        .collect();
    let rules: Vec<Rule> = lines_with_columns(file, &file.rules, version, |_| Vec::new())
        .map(|rule| Rule { name: leak(&rule.name), definition: leak(&rule.definition) })
        .collect();
    Table {
        name: leak(&file.name),
        schema: file.schema.as_deref().map(leak),
        source: leak(&file.source),
        columns: columns.leak(),
        primary_key: leak_all(primary_key_at(file, version)),
        key_name: file.key_name.as_deref().map(leak),
        ignored: leak_all(&file.ignore),
        source_key: file.source_key.as_deref().map(leak_all),
        uniques: uniques.leak(),
        indexes: indexes_at(file, version).leak(),
        foreign_keys: foreign_keys_at(file, all_files, version).leak(),
        checks: checks.leak(),
        rules: rules.leak(),
        fire_triggers: leak_all(&file.fire_triggers),
    }
}

fn primary_key_at(file: &TableFile, version: usize) -> &[String] {
    let key = file.primary_keys.iter().find(|key| key.range.has_version(version));
    key.map_or(&[], |key| key.item.as_slice())
}

fn indexes_at(file: &TableFile, version: usize) -> Vec<Index> {
    let plain = |index: &crate::file::IndexLine| {
        let columns = index.parts.iter().filter(|part| !part.expression);
        columns.map(|part| part.text.clone()).collect()
    };
    lines_with_columns(file, &file.indexes, version, plain)
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
                definition: index.definition.as_deref().map(leak),
            }
        })
        .collect()
}

fn foreign_keys_at(file: &TableFile, all_files: &[&TableFile], version: usize) -> Vec<ForeignKey> {
    lines_with_columns(file, &file.foreign_keys, version, |key| key.columns.clone())
        .map(|key| {
            let parent = all_files.iter().find(|parent| parent.name == key.table);
            let implied = parent.map_or(&[][..], |parent| primary_key_at(parent, version));
            ForeignKey {
                name: leak(&key.name),
                columns: leak_all(&key.columns),
                table: leak(&key.table),
                schema: parent.and_then(|parent| parent.schema.as_deref()).map(leak),
                to: leak_all(if key.to.is_empty() { implied } else { &key.to }),
                on_delete: key.on_delete,
                on_update: key.on_update,
                deferred: key.deferred,
                deferrable: key.deferrable,
            }
        })
        .collect()
}
