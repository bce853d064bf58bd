//! The statements that take foreign keys, indexes and triggers of standing tables away before the
//! rows, and put them back after them exactly as they were. Pure.
//!
//! Primary keys and exclusion constraints stay: views may depend on the first, and rows of a
//! damaged source are named by the row that breaks them.

use model::sql::{literal, qualified, quote};

use super::Prepared;
use super::catalog::{Index, Relation, Survey};
use crate::event::Event;
use crate::plan::Statement;

/// `LOCK TABLE` for all tables that a load changes.
pub fn lock(survey: &Survey) -> String {
    let mut names: Vec<String> =
        survey.relations.iter().map(|relation| survey.name(relation)).collect();
    names.extend(survey.keys.iter().map(|key| name(&key.child)));
    names.sort();
    names.dedup();
    format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "))
}

/// Before the rows.
pub fn before(prepared: &Prepared) -> Vec<Statement> {
    let survey = &prepared.survey;
    let mut statements = Vec::new();
    let mut add = |what: String, sql: String| {
        statements.push(Statement { event: Event::SetAside, what, sql });
    };
    for relation in &survey.relations {
        for (trigger, _) in &relation.triggers {
            let table = survey.name(relation);
            let sql = format!("ALTER TABLE {table} DISABLE TRIGGER {}", quote(trigger));
            add(format!("trigger {trigger} of {}", relation.name), sql);
        }
    }
    for key in &survey.keys {
        let sql = format!("ALTER TABLE {} DROP CONSTRAINT {}", name(&key.child), quote(&key.name));
        add(format!("foreign key {}", key.name), sql);
    }
    for relation in &survey.relations {
        for index in &relation.indexes {
            let sql = match index.constraint {
                Some(_) => format!(
                    "ALTER TABLE {} DROP CONSTRAINT {}",
                    survey.name(relation),
                    quote(&index.name)
                ),
                None => format!("DROP INDEX {}", qualified(&survey.schema, &index.name)),
            };
            add(format!("index {}", index.name), sql);
        }
    }
    // Exactly these tables, never CASCADE. An empty one, too: rows that go into a table which was
    // emptied in the same transaction need no second write later.
    let names: Vec<String> =
        survey.relations.iter().map(|relation| survey.name(relation)).collect();
    if !names.is_empty() {
        add(format!("rows of {} tables", names.len()), format!("TRUNCATE {}", names.join(", ")));
    }
    statements
}

/// After the rows: indexes, then foreign keys, then triggers.
pub fn after(prepared: &Prepared) -> Vec<Statement> {
    let survey = &prepared.survey;
    let mut statements = Vec::new();
    for relation in &survey.relations {
        for index in &relation.indexes {
            let (what, sql) = (format!("index {}", index.name), again(survey, relation, index));
            statements.push(Statement { event: Event::Index, what, sql });
        }
    }
    for key in &survey.keys {
        let what = format!("foreign key {}", key.name);
        let (table, bare) = (name(&key.child), quote(&key.name));
        let sql = format!("ALTER TABLE {table} ADD CONSTRAINT {bare} {}", key.definition);
        statements.push(Statement { event: Event::ForeignKey, what, sql });
        if let Some(comment) = &key.comment {
            let what = format!("comment on {}", key.name);
            let sql = format!("COMMENT ON CONSTRAINT {bare} ON {table} IS {}", literal(comment));
            statements.push(Statement { event: Event::PutBack, what, sql });
        }
    }
    for relation in &survey.relations {
        for (trigger, state) in &relation.triggers {
            let word = match state.as_str() {
                "R" => "ENABLE REPLICA",
                "A" => "ENABLE ALWAYS",
                _ => "ENABLE",
            };
            let table = survey.name(relation);
            let sql = format!("ALTER TABLE {table} {word} TRIGGER {}", quote(trigger));
            let what = format!("trigger {trigger} of {}", relation.name);
            statements.push(Statement { event: Event::PutBack, what, sql });
        }
    }
    statements
}

/// An index with everything that goes with it when it is dropped.
fn again(survey: &Survey, relation: &Relation, index: &Index) -> String {
    let (table, own) = (survey.name(relation), qualified(&survey.schema, &index.name));
    let bare = quote(&index.name);
    // The role's own setting must not decide; definitions do not name the tablespace.
    let mut sql = vec![
        format!("SET LOCAL default_tablespace = {}", literal(&index.tablespace)),
        index.definition.clone(),
        "RESET default_tablespace".to_owned(),
    ];
    if let Some(deferrable) = &index.constraint {
        sql.push(format!(
            "ALTER TABLE {table} ADD CONSTRAINT {bare} UNIQUE USING INDEX {bare} {deferrable}"
        ));
    }
    sql.extend(index.statistics.iter().map(|target| format!("ALTER INDEX {own} {target}")));
    let [on_index, on_constraint] = &index.comments;
    if let Some(comment) = on_index {
        sql.push(format!("COMMENT ON INDEX {own} IS {}", literal(comment)));
    }
    if let Some(comment) = on_constraint {
        sql.push(format!("COMMENT ON CONSTRAINT {bare} ON {table} IS {}", literal(comment)));
    }
    if index.clustered {
        sql.push(format!("ALTER TABLE {table} CLUSTER ON {bare}"));
    }
    if index.identity {
        sql.push(format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX {bare}"));
    }
    sql.join("; ")
}

fn name((schema, name): &(String, String)) -> String {
    qualified(schema, name)
}
