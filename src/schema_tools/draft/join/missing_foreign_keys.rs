//! Foreign keys of SQLite's tables beside those of PostgreSQL's own: what is lost of them, and what
//! leads elsewhere.

use model::Action;
use model::file::{ForeignKeyLine, TableFile};

use super::catalog::action_of_letter;
use crate::postgres::inspection::{Constraint, Table};
use crate::schema_tools::draft::foreign::{describe_key, key_actions};
use crate::schema_tools::draft::residue::{Clause, Kind, Residue, Subject};
use crate::sqlite::{SourceForeignKey, SourceTable};

/// A foreign key that PostgreSQL has.
struct ExistingForeignKey {
    /// Its columns with those that they refer to, in the order of names.
    pairs: Vec<(String, String)>,
    /// The parent, as it is called there.
    parent: String,
    /// What happens on delete and on update.
    actions: (Action, Action),
}

fn column_pairs(columns: &[String], to: &[String]) -> Vec<(String, String)> {
    let mut all: Vec<_> = columns.iter().cloned().zip(to.iter().cloned()).collect();
    all.sort();
    all
}

/// The keys of a table, as it stands there or as it will be made.
fn existing_foreign_keys(
    target_table: Option<&Table>,
    file: &TableFile,
) -> Vec<ExistingForeignKey> {
    let of_line = |key: &ForeignKeyLine| ExistingForeignKey {
        pairs: column_pairs(&key.columns, &key.to),
        parent: key.table.clone(),
        actions: (key.on_delete, key.on_update),
    };
    let of_catalog = |key: &Constraint| ExistingForeignKey {
        pairs: column_pairs(&key.columns.plain, &key.to.plain),
        parent: key.parent.clone().unwrap_or_else(|| key.parent_text.clone()),
        actions: (
            action_of_letter(key.on_delete).unwrap_or_default(),
            action_of_letter(key.on_update).unwrap_or_default(),
        ),
    };
    match target_table {
        Some(target_table) => {
            target_table.constraints.iter().filter(|key| key.kind == 'f').map(of_catalog).collect()
        }
        None => file.foreign_keys.iter().map(|line| of_line(&line.item)).collect(),
    }
}

/// What PostgreSQL's table does not have of the keys that a draft of SQLite's alone has.
pub fn find_missing_foreign_keys(
    source_table: &SourceTable,
    target_table: Option<&Table>,
    plain: &TableFile,
    file: &TableFile,
) -> Vec<Residue> {
    let existing = existing_foreign_keys(target_table, file);
    let mut found = Vec::new();
    for key in plain.foreign_keys.iter().map(|line| &line.item) {
        let wanted = column_pairs(&key.columns, &key.to);
        let same = |other: &&ExistingForeignKey| other.pairs == wanted && other.parent == key.table;
        let why = match existing.iter().find(same) {
            None => "the table in PostgreSQL does not have it".to_owned(),
            Some(other) => match missing_actions(key, other.actions) {
                Some(why) => why,
                None => continue,
            },
        };
        let (columns, to) = (key.columns.join(", "), key.to.join(", "));
        let sql = format!(
            "FOREIGN KEY ({columns}) REFERENCES {} ({to}){}",
            key.table,
            describe_actions((key.on_delete, key.on_update))
        );
        let what = Subject::ForeignKey(key.name.clone());
        found.push(Residue {
            table: source_table.name.clone(),
            kind: Kind::Lost,
            what,
            why,
            sql: Clause::from(sql),
        });
    }
    found
}

/// What SQLite's key does to referring rows and PostgreSQL's does not.
fn missing_actions(key: &ForeignKeyLine, there: (Action, Action)) -> Option<String> {
    // Both refuse the change, one of them at once.
    let refuses = |action: Action| matches!(action, Action::NoAction | Action::Restrict);
    let is_lost = |own: Action, there: Action| !refuses(own) && own != there;
    let (delete, update) = (is_lost(key.on_delete, there.0), is_lost(key.on_update, there.1));
    (delete || update).then(|| {
        let other = match describe_actions(there) {
            none if none.is_empty() => " no action".to_owned(),
            words => words,
        };
        format!("the foreign key over these columns in PostgreSQL has{other}")
    })
}

/// ` ON DELETE CASCADE`
fn describe_actions((on_delete, on_update): (Action, Action)) -> String {
    let mut text = String::new();
    for (event, action) in [("DELETE", on_delete), ("UPDATE", on_update)] {
        let known = model::table::ACTIONS.iter().find(|(_, known)| *known == action);
        if let (Some((word, _)), true) = (known, action != Action::NoAction) {
            text.push_str(&format!(" ON {event} {}", word.to_uppercase()));
        }
    }
    text
}

/// Replaces what is said of a key that SQLite's file cannot have, where PostgreSQL has one over the
/// same columns.
pub fn compare_by_columns(
    item: Residue,
    tables: &[(&TableFile, &SourceTable)],
    target_tables: &[Table],
) -> Residue {
    let Subject::ForeignKeyTo(parent) = &item.what else { return item };
    let found = tables.iter().find(|(file, _)| file.source == item.table);
    let Some((file, own)) = found.copied() else { return item };
    let text = item.sql.to_string();
    let is_it = |key: &&SourceForeignKey| describe_key(key) == text;
    let Some(key) = own.foreign_keys.iter().find(is_it) else { return item };
    let column_of = |source: &String| {
        let mut lines = file.columns.iter().map(|line| &line.item);
        lines.find(|line| line.source.eq_ignore_ascii_case(source)).map(|line| line.name.clone())
    };
    let columns: Option<Vec<String>> = key.columns.iter().map(column_of).collect();
    let Some(mut columns) = columns else { return item };
    columns.sort();
    let is_over = |other: &&ExistingForeignKey| {
        other.pairs.iter().map(|(column, _)| column).eq(columns.iter())
    };
    let existing =
        existing_foreign_keys(target_tables.iter().find(|table| table.name == file.name), file);
    let Some(other) = existing.iter().find(is_over) else { return item };
    let line = ForeignKeyLine {
        name: String::new(),
        columns,
        table: parent.clone(),
        to: Vec::new(),
        on_delete: key_actions(key).0,
        on_update: key_actions(key).1,
        deferred: false,
        deferrable: false,
    };
    let (kind, why) = match missing_actions(&line, other.actions) {
        Some(why) => (Kind::Lost, format!("{}; {why}", item.why)),
        None => {
            let why = "the foreign key over these columns in PostgreSQL refers to";
            (Kind::Changed, format!("{}; {why} {}", item.why, other.parent))
        }
    };
    Residue { kind, why, ..item }
}
