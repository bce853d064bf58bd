//! The statements that suspend foreign keys, indexes and triggers of existing tables before the
//! rows and restore them after the rows exactly as they were. Pure.
//!
//! Exclusion constraints stay, and keys that something else than a foreign key depends on.

use model::sql::{self, ForeignKeyObject, Object, QualifiedName, Section, Statement, TriggerMode};

use super::ExistingTables;
use super::catalog::{ForeignKey, Index, Relation, Survey};

/// `LOCK TABLE` for all tables that a load changes.
pub fn lock_tables_statement(survey: &Survey) -> String {
    let mut names: Vec<QualifiedName<'_>> = relation_names(survey);
    names.extend(survey.keys.iter().map(child_table_name));
    names.sort();
    names.dedup();
    sql::lock_tables(&names)
}

/// Before the rows.
pub fn suspend_statements(existing: &ExistingTables) -> Vec<Statement> {
    let survey = &existing.survey;
    let mut statements = Vec::new();
    let mut add = |object: Object, sql: String| {
        statements.push(Statement::new(Section::Suspend, object, sql));
    };
    for relation in &survey.relations {
        for (trigger, _) in suspended_triggers(existing, relation) {
            let sql = sql::disable_trigger(relation_name(relation), trigger);
            add(trigger_object(relation, trigger), sql);
        }
    }
    for key in &survey.keys {
        let sql = sql::drop_constraint(child_table_name(key), &key.name);
        add(foreign_key_object(key, true), sql);
    }
    for relation in &survey.relations {
        for index in &relation.indexes {
            let sql = match index.constraint {
                Some(_) => sql::drop_constraint(relation_name(relation), &index.name),
                None => sql::drop_index(index_name(relation, index)),
            };
            add(index_object(relation, index), sql);
        }
    }
    // Exactly these tables, never CASCADE. An empty one, too: rows that go into a table which was
    // emptied in the same transaction need no second write later.
    let names = relation_names(survey);
    if !names.is_empty() {
        add(Object::Rows { tables: names.len() }, sql::truncate(&names));
    }
    statements
}

/// After the rows: indexes, then foreign keys, then triggers.
pub fn restore_statements(existing: &ExistingTables) -> Vec<Statement> {
    let survey = &existing.survey;
    let mut statements = Vec::new();
    for relation in &survey.relations {
        for index in &relation.indexes {
            let (object, sql) =
                (index_object(relation, index), restore_index_statement(relation, index));
            statements.push(Statement::new(Section::Indexes, object, sql));
        }
    }
    for key in &survey.keys {
        statements.extend(restore_foreign_key_statements(key));
    }
    for relation in &survey.relations {
        for (trigger, state) in suspended_triggers(existing, relation) {
            let mode = match state.as_str() {
                "R" => TriggerMode::Replica,
                "A" => TriggerMode::Always,
                _ => TriggerMode::Origin,
            };
            let sql = sql::enable_trigger(relation_name(relation), trigger, mode);
            let object = trigger_object(relation, trigger);
            statements.push(Statement::new(Section::Triggers, object, sql));
        }
    }
    statements
}

/// The triggers of a table but for those that fire: their names and states.
fn suspended_triggers<'a>(
    existing: &'a ExistingTables,
    relation: &'a Relation,
) -> impl Iterator<Item = &'a (String, String)> {
    relation.triggers.iter().filter(|(name, _)| !existing.fires(&relation.name, name))
}

/// A foreign key and its comment.
fn restore_foreign_key_statements(key: &ForeignKey) -> Vec<Statement> {
    let table = child_table_name(key);
    let sql = sql::add_constraint(table, &key.name, &key.definition);
    let object = foreign_key_object(key, key.validated);
    let mut statements = vec![Statement::new(Section::ForeignKeys, object, sql)];
    if let Some(comment) = &key.comment {
        let sql = sql::comment_on_constraint(table, &key.name, comment);
        let (_, table) = &key.child;
        let object = Object::Comment { table: table.clone(), name: key.name.clone() };
        statements.push(Statement::new(Section::Triggers, object, sql));
    }
    statements
}

/// An index with everything that goes with it when it is dropped.
fn restore_index_statement(relation: &Relation, index: &Index) -> String {
    let (table, own) = (relation_name(relation), index_name(relation, index));
    // The role's own setting must not decide; definitions do not name the tablespace.
    let mut statements = vec![
        sql::set_tablespace(&index.tablespace),
        index.definition.clone(),
        sql::reset_tablespace(),
    ];
    if let Some(deferrable) = &index.constraint {
        statements.push(sql::add_key_using_index(table, &index.name, index.primary, deferrable));
    }
    statements.extend(index.statistics.iter().map(|target| sql::alter_index(own, target)));
    let [on_index, on_constraint] = &index.comments;
    if let Some(comment) = on_index {
        statements.push(sql::comment_on_index(own, comment));
    }
    if let Some(comment) = on_constraint {
        statements.push(sql::comment_on_constraint(table, &index.name, comment));
    }
    if index.clustered {
        statements.push(sql::cluster_on(table, &index.name));
    }
    if index.identity {
        statements.push(sql::set_replica_identity(table, &index.name));
    }
    statements.join("; ")
}

fn relation_names(survey: &Survey) -> Vec<QualifiedName<'_>> {
    survey.relations.iter().map(relation_name).collect()
}

fn relation_name(relation: &Relation) -> QualifiedName<'_> {
    QualifiedName { schema: &relation.schema, name: &relation.name }
}

/// An index lies in the schema of its table.
fn index_name<'a>(relation: &'a Relation, index: &'a Index) -> QualifiedName<'a> {
    QualifiedName { schema: &relation.schema, name: &index.name }
}

/// The referring table of a foreign key.
fn child_table_name(key: &ForeignKey) -> QualifiedName<'_> {
    let (schema, name) = &key.child;
    QualifiedName { schema, name }
}

fn index_object(relation: &Relation, index: &Index) -> Object {
    Object::Index { table: relation.name.clone(), name: index.name.clone() }
}

fn trigger_object(relation: &Relation, trigger: &str) -> Object {
    Object::Trigger { table: relation.name.clone(), name: trigger.to_owned() }
}

fn foreign_key_object(key: &ForeignKey, validate: bool) -> Object {
    let (schema, table) = key.child.clone();
    Object::ForeignKey(ForeignKeyObject { schema, table, name: key.name.clone(), validate })
}
