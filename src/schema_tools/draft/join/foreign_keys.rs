//! The foreign keys of the application's own tables.

use std::collections::BTreeSet;

use super::{Joined, catalog};
use crate::postgres::inspection::Inspection;
use crate::schema_tools::draft::build::since_draft_version;
use crate::schema_tools::draft::foreign::is_key;
use crate::schema_tools::draft::residue::{Kind, Residue, Subject};

/// The foreign keys of all tables; those that a schema file cannot say stay in PostgreSQL alone.
pub fn add_foreign_keys(there: &Inspection, joined: &mut Joined) {
    let mut found = Vec::new();
    for (place, file) in joined.files.iter().enumerate() {
        let Some(table) = there.tables.iter().find(|table| table.name == file.name) else {
            continue;
        };
        for constraint in table.constraints.iter().filter(|constraint| constraint.kind == 'f') {
            let line = catalog::foreign_key(constraint).filter(|line| {
                let parent = joined.files.iter().find(|parent| parent.name == line.table);
                parent.is_some_and(|parent| is_key(parent, &line.to))
            });
            found.push((place, file.source.clone(), constraint, line));
        }
    }
    let described: BTreeSet<String> = joined.files.iter().map(|file| file.name.clone()).collect();
    for (place, table, constraint, line) in found {
        let known = constraint.parent.as_ref().is_some_and(|parent| described.contains(parent));
        match (line, joined.files.get_mut(place)) {
            (Some(line), Some(file)) => file.foreign_keys.push(since_draft_version(line)),
            // MATCH FULL, NOT VALID: the server's own words say it.
            (None, Some(file)) if known => {
                file.rules.push(since_draft_version(catalog::rule(constraint)));
            }
            _ => joined.residue.push(Residue {
                table,
                kind: Kind::Changed,
                what: Subject::ForeignKey(constraint.name.clone()),
                why:
                    "only PostgreSQL's own table has it: it refers to a table outside of the schema"
                        .to_owned(),
                sql: constraint.text.clone().into(),
            }),
        }
    }
}
