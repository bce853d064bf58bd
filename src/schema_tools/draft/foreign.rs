//! Foreign keys: those that PostgreSQL can have, named and typed as it wants them.

use model::Action;
use model::file::{ColumnLine, ForeignKeyLine, Ranged, TableFile};

use super::build::{Input, since_draft_version};
use super::names::{Names, Taken, primary_key_name};
use super::residue::{Clause, Kind, Residue, Subject};
use crate::sqlite::TableKind;
use crate::sqlite::{SourceForeignKey, SourceTable};
use crate::text::count_with_noun;

/// Adds the foreign keys of all tables.
pub fn add_foreign_keys(input: &Input<'_>, files: &mut [TableFile], residue: &mut Vec<Residue>) {
    let tables: Vec<&SourceTable> = input.inspection.ordinary_tables().collect();
    for (index, table) in tables.iter().enumerate() {
        let Some(file) = files.get(index) else { continue };
        let mut taken = Taken::default();
        taken.take_name(&primary_key_name(&file.name));
        file.key_name.iter().for_each(|name| {
            taken.take_name(name);
        });
        file.uniques.iter().for_each(|unique| {
            taken.take_name(&unique.item.name);
        });
        file.checks.iter().for_each(|check| {
            taken.take_name(&check.item.name);
        });
        let mut lines = Vec::new();
        for key in &table.foreign_keys {
            match foreign_key_line(input, files, index, key) {
                Ok(line) => {
                    let usual = || format!("{}_{}_fkey", file.name, line.columns.join("_"));
                    let name = taken.free_name(&key.name.clone().unwrap_or_else(usual));
                    if let Some(own) = key.name.as_ref().filter(|own| **own != name) {
                        residue.push(Residue {
                            table: table.name.clone(),
                            kind: Kind::Changed,
                            what: Subject::ForeignKey(own.clone()),
                            why: format!("its name in PostgreSQL is {name}"),
                            sql: Clause::None,
                        });
                    }
                    lines.push(since_draft_version(ForeignKeyLine { name, ..line }));
                }
                Err(why) => residue.push(Residue {
                    table: table.name.clone(),
                    kind: Kind::Lost,
                    what: Subject::ForeignKeyTo(key.parent.clone()),
                    why,
                    sql: describe_key(key).into(),
                }),
            }
        }
        if let Some(file) = files.get_mut(index) {
            file.foreign_keys = lines;
        }
    }
}

/// A key as SQLite has it.
pub fn describe_key(key: &SourceForeignKey) -> String {
    let to = match key.to.is_empty() {
        true => String::new(),
        false => format!(" ({})", key.to.join(", ")),
    };
    format!(
        "FOREIGN KEY ({}) REFERENCES {}{to} ON DELETE {} ON UPDATE {}",
        key.columns.join(", "),
        key.parent,
        key.on_delete,
        key.on_update
    )
}

/// The place of the parent among the ordinary tables, and the columns that a key refers to.
pub fn find_parent<'a>(
    tables: &[&'a SourceTable],
    key: &'a SourceForeignKey,
) -> Option<(usize, Vec<&'a str>)> {
    let index = tables.iter().position(|table| table.name.eq_ignore_ascii_case(&key.parent))?;
    let to = match key.to.is_empty() {
        true => tables.get(index)?.primary_key_columns(),
        false => key.to.iter().map(String::as_str).collect(),
    };
    (to.len() == key.columns.len()).then_some((index, to))
}

fn foreign_key_line(
    input: &Input<'_>,
    files: &[TableFile],
    index: usize,
    key: &SourceForeignKey,
) -> Result<ForeignKeyLine, String> {
    let tables: Vec<&SourceTable> = input.inspection.ordinary_tables().collect();
    let (parent_place, to) =
        find_parent(&tables, key).ok_or_else(|| why_key_leads_nowhere(input, key))?;
    let missing = || "one of its columns does not exist or is not copied".to_owned();
    let (child, parent) = (files.get(index), files.get(parent_place));
    let (Some(child), Some(parent)) = (child, parent) else { return Err(missing()) };
    let names = |position: usize, sources: &[&str]| -> Option<Vec<String>> {
        sources
            .iter()
            .map(|source| target_column(tables.get(position)?, input.names.get(position)?, source))
            .collect()
    };
    let sources: Vec<&str> = key.columns.iter().map(String::as_str).collect();
    let columns = names(index, &sources).ok_or_else(missing)?;
    let to = names(parent_place, &to).ok_or_else(|| {
        let there = |name: &&&str| names(parent_place, &[**name]).is_none();
        let name = to.iter().find(there).copied().unwrap_or_default();
        format!("{} has no column {name} that is copied", key.parent)
    })?;
    for (column, to) in columns.iter().zip(&to) {
        let (Some(own), Some(there)) = (find_column(child, column), find_column(parent, to)) else {
            return Err(missing());
        };
        if !model::can_refer(own.ty, there.ty) {
            return Err(format!(
                "{column} is {} and {to} is {}: PostgreSQL cannot compare them",
                own.ty, there.ty
            ));
        }
    }
    if !is_key(parent, &to) {
        return Err("the columns that it refers to are not a primary key or unique".to_owned());
    }
    let (on_delete, on_update) = key_actions(key);
    let (name, table, deferred) = (String::new(), parent.name.clone(), key.deferred);
    let deferrable = false;
    Ok(ForeignKeyLine { name, columns, table, to, on_delete, on_update, deferred, deferrable })
}

/// Why a key leads nowhere.
fn why_key_leads_nowhere(input: &Input<'_>, key: &SourceForeignKey) -> String {
    let (parent, columns) = (&key.parent, key.columns.len());
    let same = |name: &str| name.eq_ignore_ascii_case(parent);
    let inspection = input.inspection;
    if inspection.others.iter().any(|other| other.kind == "view" && same(&other.name)) {
        return format!("{parent} is a view");
    }
    let Some(table) = inspection.tables.iter().find(|table| same(&table.name)) else {
        return format!("there is no table {parent}");
    };
    match (table.kind, table.primary_key_columns().len()) {
        (TableKind::Virtual, _) => format!("{parent} is a virtual table, which is not copied"),
        (TableKind::Shadow, _) => format!("{parent} belongs to a virtual table and is not copied"),
        (TableKind::Internal, _) => format!("{parent} is an internal table of SQLite"),
        (TableKind::Table, 0) => format!("{parent} has no primary key"),
        (TableKind::Table, there) => format!(
            "it has {}, and refers to {} of {parent}",
            count_with_noun(columns as u64, "column"),
            count_with_noun(there as u64, "column")
        ),
    }
}

fn target_column(table: &SourceTable, names: &Names, source: &str) -> Option<String> {
    let same = |column: &crate::sqlite::SourceColumn| column.name.eq_ignore_ascii_case(source);
    names.columns.get(table.columns.iter().position(same)?).cloned()
}

fn find_column<'a>(file: &'a TableFile, name: &str) -> Option<&'a ColumnLine> {
    file.columns.iter().map(|line| &line.item).find(|line| line.name == name)
}

/// Whether PostgreSQL lets a foreign key refer to these columns.
pub fn is_key(file: &TableFile, columns: &[String]) -> bool {
    let same = |key: &[&String]| {
        key.len() == columns.len() && key.iter().all(|column| columns.contains(column))
    };
    fn all_names(list: &[String]) -> Vec<&String> {
        list.iter().collect()
    }
    let unique = |line: &Ranged<model::file::IndexLine>| {
        let index = &line.item;
        let plain = index.parts.iter().all(|part| !part.expression);
        let parts: Vec<&String> = index.parts.iter().map(|part| &part.text).collect();
        index.unique && index.predicate.is_none() && plain && same(&parts)
    };
    file.primary_keys.iter().any(|key| same(&all_names(&key.item)))
        || file.uniques.iter().any(|key| same(&all_names(&key.item.columns)))
        || file.indexes.iter().any(unique)
}

/// What a key of SQLite does on delete and on update.
pub fn key_actions(key: &SourceForeignKey) -> (Action, Action) {
    (parse_action(&key.on_delete), parse_action(&key.on_update))
}

fn parse_action(word: &str) -> Action {
    let found = model::table::ACTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    found.map(|(_, action)| *action).unwrap_or_default()
}
