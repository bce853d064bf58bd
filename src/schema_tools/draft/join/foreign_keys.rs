//! The foreign keys of the application's own tables.

use std::collections::BTreeSet;

use super::{Joined, catalog};
use crate::postgres::inspection::{Constraint, Inspection, Table};
use crate::schema_tools::draft::build::since_draft_version;
use crate::schema_tools::draft::foreign::is_key;
use crate::schema_tools::draft::residue::{Kind, Residue, Subject};

/// The foreign keys of all tables; those that a schema file cannot say stay in PostgreSQL alone.
pub fn add_foreign_keys(inspection: &Inspection, joined: &mut Joined) {
    // A table of that name in another schema is another table.
    let is_meant = |constraint: &Constraint, table: &Table| {
        let name = constraint.parent.as_ref();
        let schema = constraint.parent_schema.as_ref().unwrap_or(&table.schema);
        let mut tables = inspection.tables.iter();
        tables.any(|parent| Some(&parent.name) == name && parent.schema == *schema)
    };
    let mut found = Vec::new();
    for (index, file) in joined.files.iter().enumerate() {
        let Some(table) = inspection.tables.iter().find(|table| table.name == file.name) else {
            continue;
        };
        for constraint in table.constraints.iter().filter(|constraint| constraint.kind == 'f') {
            let is_meant = is_meant(constraint, table);
            let line = catalog::foreign_key(constraint).filter(|_| is_meant).filter(|line| {
                let parent = joined.files.iter().find(|parent| parent.name == line.table);
                parent.is_some_and(|parent| is_key(parent, &line.to))
            });
            found.push((index, file.source.clone(), (constraint, is_meant), line));
        }
    }
    let described: BTreeSet<String> = joined.files.iter().map(|file| file.name.clone()).collect();
    for (index, table, (constraint, is_meant), line) in found {
        let known = constraint.parent.as_ref().is_some_and(|parent| described.contains(parent));
        match (line, joined.files.get_mut(index)) {
            (Some(line), Some(file)) => file.foreign_keys.push(since_draft_version(line)),
            // MATCH FULL, NOT VALID: the server's own words say it.
            (None, Some(file)) if known && is_meant => {
                file.rules.push(since_draft_version(catalog::rule_line(constraint)));
            }
            _ => joined.residue.push(Residue {
                table,
                kind: Kind::Changed,
                what: Subject::ForeignKey(constraint.name.clone()),
                why: "only in PostgreSQL; it refers to a table outside of the schema".to_owned(),
                sql: constraint.text.clone().into(),
            }),
        }
    }
}
