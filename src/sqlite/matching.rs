//! Which version of a schema a source has, and what differs where it has none of them.

use model::{Column, Table, Type};

use super::{SourceTable, Structure};
use crate::diagnostic::Id;
use crate::schema::{Schema, Version};
use crate::text::toml_string;

/// One thing in which a source differs from a version of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The table in SQLite.
    pub table: String,
    /// The column, unless the table as a whole differs.
    pub column: Option<String>,
    /// What differs, in words that follow the place.
    pub what: String,
    /// The kind of finding that it is.
    pub id: Id,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "table {}, column {column}: {}", self.table, self.what),
            None => write!(f, "table {}: {}", self.table, self.what),
        }
    }
}

/// The versions that a source's structure fits, oldest first; where it fits none, the version
/// with the fewest differences, and those.
///
/// # Errors
/// The nearest version and its differences.
pub fn detect_versions(
    structure: &Structure,
    schema: &Schema,
) -> Result<Vec<&'static Version>, (&'static Version, Vec<Difference>)> {
    let compared: Vec<_> = schema
        .versions
        .iter()
        .map(|version| (*version, differences_from_version(structure, version)))
        .collect();
    let fitting: Vec<_> = compared
        .iter()
        .filter(|(_, found)| found.is_empty())
        .map(|(version, _)| *version)
        .collect();
    // Of equally near versions the newest is the likelier one.
    match compared.into_iter().rev().min_by_key(|(_, found)| found.len()) {
        Some(nearest) if fitting.is_empty() => Err(nearest),
        _ => Ok(fitting),
    }
}

/// In what a source differs from one version.
pub fn differences_from_version(structure: &Structure, version: &Version) -> Vec<Difference> {
    let mut found = Vec::new();
    for table in version.tables() {
        match structure.ordinary_tables().find(|own| own.name == table.source) {
            Some(own) => compare_table(own, table, &mut found),
            None => found.push(Difference {
                table: table.source.to_owned(),
                column: None,
                what: "missing from the source".to_owned(),
                id: Id::O3,
            }),
        }
    }
    for own in structure.ordinary_tables() {
        let known = version.tables().any(|table| table.source == own.name);
        if !known && !version.ignores(&own.name) {
            found.push(Difference {
                table: own.name.clone(),
                column: None,
                what: "not in the schema".to_owned(),
                id: Id::O1,
            });
        }
    }
    found.sort();
    found
}

fn compare_table(source_table: &SourceTable, table: &Table, differences: &mut Vec<Difference>) {
    let mut differ = |id: Id, column: &str, what: String| {
        let column = Some(column.to_owned());
        differences.push(Difference { table: source_table.name.clone(), column, what, id });
    };
    for column in table.copied_columns() {
        let Some(there) = source_table.columns.iter().find(|there| there.name == column.source)
        else {
            if source_table.is_rowid(column.source) {
                if !matches!(column.ty, Type::Int2 | Type::Int4 | Type::Int8) {
                    differ(
                        Id::S5,
                        column.source,
                        format!("the rowid, which is an integer, not {}", column.ty),
                    );
                }
                continue;
            }
            differ(Id::O3, column.source, "missing from the source".to_owned());
            continue;
        };
        if !column.accepts_declared(&there.declared) {
            differ(
                Id::S5,
                column.source,
                format!(
                    "declared {}, which cannot hold a {} stored as {}",
                    if there.declared.is_empty() { "without a type" } else { &there.declared },
                    column.ty,
                    column.stored
                ),
            );
        }
    }
    let is_filled = |column: &Column| column.fills_itself() || !table.fire_triggers.is_empty();
    for column in table.columns.iter().filter(|column| column.target_only && !is_filled(column)) {
        let what = "only in PostgreSQL, where it must have a value and has no default; if a \
                    trigger fills it, add fire_triggers = [\"NAME\"] at the top of its file";
        differ(Id::O3, column.name, what.to_owned());
    }
    let ignored = |name: &str| table.ignored.iter().any(|known| name.eq_ignore_ascii_case(known));
    for there in
        source_table.columns.iter().filter(|there| !there.generated && !ignored(&there.name))
    {
        if !table.copied_columns().any(|column| column.source == there.name) {
            differ(Id::O2, &there.name, "not in the schema".to_owned());
        }
    }
    let mapped = |key: &&'static str| table.column(key).map_or(*key, |column| column.source);
    let wanted: Vec<&str> = match table.source_key {
        Some(key) => key.to_vec(),
        None => table.primary_key.iter().map(mapped).collect(),
    };
    let key = source_table.primary_key_columns();
    let complete =
        wanted.iter().all(|key| source_table.columns.iter().any(|there| there.name == *key));
    if complete && key != wanted {
        let (table, column) = (source_table.name.clone(), None);
        let what = describe_other_key(&key, &wanted);
        differences.push(Difference { table, column, what, id: Id::K15 });
    }
}

fn describe_other_key(key: &[&str], wanted: &[&str]) -> String {
    let (has, wanted) = (key.join(", "), wanted.join(", "));
    // The schema file can say so, and have another key in PostgreSQL, or none.
    let own: Vec<String> = key.iter().map(|name| toml_string(name)).collect();
    let setting = match own.is_empty() {
        true => String::new(),
        false => format!("; source_key = [{}] accepts that", own.join(", ")),
    };
    format!("primary key ({has}), but the schema has ({wanted}){setting}")
}
