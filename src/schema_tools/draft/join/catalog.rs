//! A table's keys, indexes and checks as the catalog has them: as a person would write them where
//! that says the same, in the server's own words where it does not.

use model::Enum;
use model::file::{
    CheckLine, ForeignKeyLine, IndexLine, PartLine, RuleLine, TableFile, UniqueLine,
};
use model::table::Action;

use super::column_line::describe_column;
use crate::postgres::inspection::{Column, Constraint, Index, IndexKey, Inspection, Table};
use crate::schema_tools::draft::build::{self, since_draft_version};
use crate::schema_tools::draft::names::primary_key_name;

/// A server's tables as schema files would say them.
pub fn describe_existing_tables(inspection: &Inspection) -> Vec<TableFile> {
    let enums: Vec<Enum> = inspection.enums.iter().map(of_catalog).collect();
    let file = |table: &Table| {
        let mut file = build::empty_table_file(&table.name, &table.name);
        let line = |column: &Column| since_draft_version(describe_column(column, &enums));
        file.columns = table.columns.iter().map(line).collect();
        add_rules(table, &mut file);
        for constraint in table.constraints.iter().filter(|constraint| constraint.kind == 'f') {
            match foreign_key(constraint) {
                Some(line) => file.foreign_keys.push(since_draft_version(line)),
                None => file.rules.push(since_draft_version(rule_line(constraint))),
            }
        }
        file
    };
    inspection.tables.iter().map(file).collect()
}

/// An enum with its labels.
pub fn of_catalog((name, labels): &(String, Vec<String>)) -> Enum {
    let leak = |text: &String| -> &'static str { text.clone().leak() };
    Enum { name: leak(name), labels: labels.iter().map(leak).collect::<Vec<_>>().leak() }
}

/// Adds everything but foreign keys.
pub fn add_rules(table: &Table, file: &mut TableFile) {
    for constraint in &table.constraints {
        match constraint.kind {
            'f' => {}
            'p' if constraint.text == format!("PRIMARY KEY ({})", column_list(constraint)) => {
                file.primary_keys.push(since_draft_version(constraint.columns.plain.clone()));
                let usual = constraint.name == primary_key_name(&table.name);
                file.key_name = (!usual).then(|| constraint.name.clone());
            }
            'u' if constraint.text == format!("UNIQUE ({})", column_list(constraint)) => {
                let (name, columns) = (constraint.name.clone(), constraint.columns.plain.clone());
                file.uniques.push(since_draft_version(UniqueLine { name, columns }));
            }
            'c' if check_condition(&constraint.text).is_some() => {
                let expression = check_condition(&constraint.text).unwrap_or_default().to_owned();
                let name = constraint.name.clone();
                file.checks.push(since_draft_version(CheckLine { name, expression }));
            }
            _ => file.rules.push(since_draft_version(rule_line(constraint))),
        }
    }
    file.indexes =
        table.indexes.iter().map(|found| since_draft_version(index_line(found))).collect();
}

/// A constraint in the server's own words.
pub fn rule_line(constraint: &Constraint) -> RuleLine {
    RuleLine { name: constraint.name.clone(), definition: constraint.text.clone() }
}

fn column_list(constraint: &Constraint) -> String {
    constraint.columns.quoted.join(", ")
}

/// The condition of `CHECK (…)`, unless something stands behind it.
fn check_condition(text: &str) -> Option<&str> {
    text.strip_prefix("CHECK (")?.strip_suffix(')')
}

fn index_line(found: &Index) -> IndexLine {
    // Bit 0 is DESC, bit 1 NULLS FIRST, which is what DESC brings along.
    const DESC: i32 = 3;
    let plain = |part: &&IndexKey| part.order == 0 || part.order == DESC;
    let parts: Vec<_> = found.parts.iter().filter(plain).collect();
    let texts = parts.iter().map(|part| match part.order {
        DESC => format!("{} DESC", part.text),
        _ => part.text.clone(),
    });
    let (method, keys) = (&found.method, texts.collect::<Vec<_>>().join(", "));
    let condition = found.predicate.as_ref().map(|text| format!(" WHERE {text}"));
    let definition = format!("USING {method} ({keys}){}", condition.unwrap_or_default());
    let (name, unique) = (found.name.clone(), found.unique);
    if definition != found.text {
        let (parts, method) = (Vec::new(), "btree".to_owned());
        let definition = Some(found.text.clone());
        return IndexLine { name, parts, unique, method, predicate: None, definition };
    }
    let part = |part: &&IndexKey| PartLine {
        text: part.column.clone().unwrap_or_else(|| part.text.clone()),
        expression: part.column.is_none(),
        descending: part.order == DESC,
    };
    let parts = parts.iter().map(part).collect();
    let (method, predicate) = (method.clone(), found.predicate.clone());
    IndexLine { name, parts, unique, method, predicate, definition: None }
}

/// A foreign key, where a schema file can say it.
pub fn foreign_key(constraint: &Constraint) -> Option<ForeignKeyLine> {
    let table = constraint.parent.clone()?;
    let (on_delete, on_update) =
        (action_of_letter(constraint.on_delete)?, action_of_letter(constraint.on_update)?);
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}({})",
        column_list(constraint),
        constraint.parent_text,
        constraint.to.quoted.join(", ")
    );
    for (word, action) in [("UPDATE", on_update), ("DELETE", on_delete)] {
        let known = model::table::ACTIONS.iter().find(|(_, known)| *known == action);
        if let (Some((name, _)), true) = (known, action != Action::NoAction) {
            text.push_str(&format!(" ON {word} {}", name.to_uppercase()));
        }
    }
    let (deferrable, deferred) = (constraint.deferrable, constraint.deferred);
    for (is_set, words) in [(deferrable, " DEFERRABLE"), (deferred, " INITIALLY DEFERRED")] {
        text.push_str(if is_set { words } else { "" });
    }
    let (name, columns) = (constraint.name.clone(), constraint.columns.plain.clone());
    let (to, deferrable) = (constraint.to.plain.clone(), deferrable && !deferred);
    let line =
        ForeignKeyLine { name, columns, table, to, on_delete, on_update, deferred, deferrable };
    (text == constraint.text).then_some(line)
}

/// What the catalog says by a letter.
pub fn action_of_letter(letter: char) -> Option<Action> {
    match letter {
        'a' => Some(Action::NoAction),
        'r' => Some(Action::Restrict),
        'c' => Some(Action::Cascade),
        'n' => Some(Action::SetNull),
        'd' => Some(Action::SetDefault),
        _ => None,
    }
}
