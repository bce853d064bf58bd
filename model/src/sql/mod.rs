//! PostgreSQL's DDL: the only place where its text is made.
//!
//! [`create_statements`] renders a database in the sections of a load; the load, the rendered
//! `postgres.sql` and the expected structure are made of it. The functions of `alter` are for
//! objects that exist already. sea-query renders what it knows; the rest (primary keys added later,
//! deferred foreign keys) is text with names quoted by [`quote`]. Every statement is one string
//! without a semicolon. All names are qualified, by the schema that a table states or else by the
//! one given, so `search_path` decides nothing; only with an empty schema are they left bare, for
//! people to read.

mod alter;
mod statement;

use std::collections::BTreeSet;

use sea_query::{
    Alias, ColumnDef, ConditionalStatement, Expr, ForeignKeyAction, IndexOrder, IndexType,
    IntoTableRef, PostgresQueryBuilder, TableRef,
};

use crate::expression::RESERVED;
use crate::expression::{self, Kind, Token};
use crate::resolve::primary_key_name;
use crate::table::{Action, Column, Database, ForeignKey, Identity, Index, Rule, Table, Unique};
use crate::types::{Enum, Type};

pub use alter::{
    QualifiedName, TriggerMode, add_constraint, add_key_using_index, alter_index, analyze,
    cluster_on, comment_on_constraint, comment_on_index, create_index, create_sequence,
    create_table_like, disable_trigger, drop_constraint, drop_index, drop_tables, drop_type,
    enable_trigger, lock_tables, reset_tablespace, restart_sequence, set_replica_identity,
    set_tablespace, truncate,
};
pub use statement::{ForeignKeyObject, Object, Section, Statement};

/// A name as PostgreSQL and SQLite both read it: in double quotes, inner ones doubled.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", double_quotes(name))
}

/// A name for sea-query where it puts quotes around names but leaves inner ones alone: those of
/// indexes and foreign keys.
fn double_quotes(name: &str) -> String {
    name.replace('"', "\"\"")
}

/// A name for people to read and type: in double quotes only where they are needed.
pub fn quote_if_needed(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit();
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if starts && bytes.all(plain) && !RESERVED.contains(&name) {
        name.to_string()
    } else {
        quote(name)
    }
}

/// A text constant for PostgreSQL.
pub fn text_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// A table's name with its schema.
pub fn qualified_name(schema: &str, name: &str) -> String {
    match schema {
        "" => quote(name),
        schema => format!("{}.{}", quote(schema), quote(name)),
    }
}

/// The same for sea-query.
fn table_ref(schema: &str, name: &str) -> TableRef {
    match schema {
        "" => Alias::new(name).into_table_ref(),
        schema => (Alias::new(schema), Alias::new(name)).into_table_ref(),
    }
}

/// The schema of a session's temporary tables.
pub const TEMPORARY: &str = "pg_temp";

/// The schema of a table that states `own` or none; a temporary table is in no other than its own.
fn schema_of_table<'a>(usual: &'a str, own: Option<&'a str>) -> &'a str {
    match own {
        Some(own) if usual != TEMPORARY => own,
        _ => usual,
    }
}

/// `CREATE TYPE … AS ENUM`.
pub fn create_enum(schema: &str, declared: &Enum) -> String {
    let labels: Vec<_> = declared.labels.iter().map(|label| text_literal(label)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", qualified_name(schema, declared.name), labels.join(", "))
}

/// `CREATE TABLE` with columns, NOT NULL, defaults, identities and checks; no keys, no indexes:
/// building those after the data is twice as fast.
pub fn create_table(schema: &str, table: &Table) -> String {
    create_table_beside(schema, table, &BTreeSet::new())
}

/// The same where relations of these names are created too. The sequence of an identity column
/// gives way to them.
fn create_table_beside(schema: &str, table: &Table, relations: &BTreeSet<String>) -> String {
    let mut statement = sea_query::Table::create();
    statement.table(table_ref(schema_of_table(schema, table.schema), table.name));
    for column in table.columns {
        let usual = format!("{}_{}_seq", table.name, column.name);
        let free = || (1..).map(|count| format!("{usual}{count}"));
        let sequence = match relations.contains(&usual) {
            true => free().find(|name| !relations.contains(name)),
            false => None,
        };
        statement.col(column_definition(schema, column, sequence.as_deref()));
    }
    for check in table.checks {
        statement.check((Alias::new(check.name), Expr::cust(check.expression)));
    }
    break_at_commas(&statement.to_string(PostgresQueryBuilder))
}

fn column_definition(schema: &str, column: &Column, sequence: Option<&str>) -> ColumnDef {
    let mut definition = ColumnDef::new(Alias::new(column.name));
    let written = match (column.identity, column.type_sql) {
        (Identity::Serial, _) => serial_word(column.ty).to_owned(),
        (_, Some(type_sql)) => type_sql.to_owned(),
        (_, None) => type_name(schema, column.ty),
    };
    definition.custom(Alias::new(written));
    let named = sequence.map(|name| format!(" (SEQUENCE NAME {})", quote(name)));
    let named = named.unwrap_or_default();
    match column.identity {
        Identity::No | Identity::Serial => {}
        Identity::ByDefault => {
            definition.extra(format!("GENERATED BY DEFAULT AS IDENTITY{named}"));
        }
        Identity::Always => {
            definition.extra(format!("GENERATED ALWAYS AS IDENTITY{named}"));
        }
    }
    if let Some(expression) = column.generated {
        definition.extra(format!("GENERATED ALWAYS AS ({expression}) STORED"));
    }
    if let Some(expression) = column.default {
        definition.default(Expr::cust(expression));
    }
    if !column.null {
        definition.not_null();
    }
    definition
}

/// The word that gives a column a sequence of its own.
fn serial_word(ty: Type) -> &'static str {
    match ty {
        Type::Int2 => "smallserial",
        Type::Int4 => "serial",
        _ => "bigserial",
    }
}

/// A type as a column's definition names it; an enum with its schema.
pub fn type_name(schema: &str, ty: Type) -> String {
    match ty {
        Type::Enum(declared) => qualified_name(schema, declared.name),
        Type::Array(element) => format!("{}[]", type_name(schema, *element)),
        plain => plain.to_string(),
    }
}

/// The names that a table, its keys and its indexes take among relations.
fn relation_names(table: &Table) -> Vec<String> {
    let key = (!table.primary_key.is_empty()).then(|| crate::resolve::primary_key_name(table));
    let uniques = table.uniques.iter().map(|unique| unique.name.to_owned());
    let indexes = table.indexes.iter().map(|index| index.name.to_owned());
    std::iter::once(table.name.to_owned()).chain(key).chain(uniques).chain(indexes).collect()
}

/// Everything that makes a database's tables, in the order of [`Section`].
pub fn create_statements<'a>(
    schema: &str,
    enums: &[Enum],
    tables: impl IntoIterator<Item = &'a Table>,
) -> Vec<Statement> {
    let mut statements: Vec<Statement> = enums
        .iter()
        .map(|declared| {
            let object = Object::Type { name: declared.name.to_owned() };
            Statement::new(Section::Types, object, create_enum(schema, declared))
        })
        .collect();
    let tables: Vec<&Table> = tables.into_iter().collect();
    let relations: BTreeSet<String> =
        tables.iter().flat_map(|table| relation_names(table)).collect();
    for table in tables {
        let object = Object::Table { name: table.name.to_owned() };
        let sql = create_table_beside(schema, table, &relations);
        statements.push(Statement::new(Section::Tables, object, sql));
        add_table_indexes(schema, table, &mut statements);
        add_table_foreign_keys(schema, table, &mut statements);
    }
    // Stable: within a section the order of the tables, and of what each of them has.
    statements.sort_by_key(|statement| statement.section);
    statements
}

/// The primary key, unique keys, indexes and other constraints of one table.
fn add_table_indexes(schema: &str, table: &Table, statements: &mut Vec<Statement>) {
    let mut add = |object, sql| {
        statements.push(Statement::new(Section::Indexes, object, sql));
    };
    let owner = || table.name.to_owned();
    let at = QualifiedName { schema: schema_of_table(schema, table.schema), name: table.name };
    if !table.primary_key.is_empty() {
        let definition = format!("PRIMARY KEY ({})", quoted_list(table.primary_key));
        let name = primary_key_name(table);
        let sql = add_constraint(at, &name, &definition);
        add(Object::PrimaryKey { table: owner(), name }, sql);
    }
    for Unique { name, columns } in table.uniques {
        let sql = add_constraint(at, name, &format!("UNIQUE ({})", quoted_list(columns)));
        add(Object::UniqueKey { table: owner(), name: (*name).to_owned() }, sql);
    }
    for line in table.indexes {
        let object = Object::Index { table: owner(), name: line.name.to_owned() };
        add(object, create_table_index(schema, table, line));
    }
    for Rule { name, definition } in table.rules.iter().filter(|rule| !rule.is_foreign_key()) {
        let object = Object::Constraint { table: owner(), name: (*name).to_owned() };
        add(object, add_constraint(at, name, definition));
    }
}

/// The foreign keys of one table, and those of its rules that are foreign keys.
fn add_table_foreign_keys(schema: &str, table: &Table, statements: &mut Vec<Statement>) {
    let at = QualifiedName { schema: schema_of_table(schema, table.schema), name: table.name };
    for key in table.foreign_keys {
        let object = Object::ForeignKey(ForeignKeyObject {
            schema: at.schema.to_owned(),
            table: table.name.to_owned(),
            name: key.name.to_owned(),
            validate: true,
        });
        let sql = add_foreign_key(schema, table, key);
        statements.push(Statement::new(Section::ForeignKeys, object, sql));
    }
    for Rule { name, definition } in table.rules.iter().filter(|rule| rule.is_foreign_key()) {
        let object = Object::Constraint { table: table.name.to_owned(), name: (*name).to_owned() };
        let sql = add_constraint(at, name, definition);
        statements.push(Statement::new(Section::ForeignKeys, object, sql));
    }
}

/// An index.
fn create_table_index(schema: &str, table: &Table, index: &Index) -> String {
    let schema = schema_of_table(schema, table.schema);
    if let Some(definition) = index.definition {
        let table = QualifiedName { schema, name: table.name };
        return create_index(table, index.name, index.unique, definition);
    }
    let mut statement = sea_query::Index::create();
    statement.name(double_quotes(index.name)).table(table_ref(schema, table.name));
    for part in index.parts {
        match (part.expression, part.descending) {
            (false, false) => statement.col(Alias::new(part.text)),
            (false, true) => statement.col((Alias::new(part.text), IndexOrder::Desc)),
            (true, false) => statement.col(Expr::cust(part.text)),
            (true, true) => statement.col((Expr::cust(part.text), IndexOrder::Desc)),
        };
    }
    if index.unique {
        statement.unique();
    }
    if index.method != "btree" {
        statement.index_type(IndexType::Custom(Alias::new(index.method).into()));
    }
    if let Some(predicate) = index.predicate {
        statement.and_where(Expr::cust(predicate));
    }
    statement.to_string(PostgresQueryBuilder)
}

/// A foreign key.
fn add_foreign_key(schema: &str, table: &Table, key: &ForeignKey) -> String {
    let mut statement = sea_query::ForeignKey::create();
    statement
        .name(double_quotes(key.name))
        .from_tbl(table_ref(schema_of_table(schema, table.schema), table.name))
        .to_tbl(table_ref(schema_of_table(schema, key.schema), key.table));
    for column in key.columns {
        statement.from_col(Alias::new(*column));
    }
    for column in key.to {
        statement.to_col(Alias::new(*column));
    }
    if key.on_delete != Action::NoAction {
        statement.on_delete(foreign_key_action(key.on_delete));
    }
    if key.on_update != Action::NoAction {
        statement.on_update(foreign_key_action(key.on_update));
    }
    let mut text = statement.to_string(PostgresQueryBuilder);
    if key.deferred {
        text.push_str(" DEFERRABLE INITIALLY DEFERRED");
    } else if key.deferrable {
        text.push_str(" DEFERRABLE");
    }
    text
}

fn foreign_key_action(action: Action) -> ForeignKeyAction {
    match action {
        Action::NoAction => ForeignKeyAction::NoAction,
        Action::Restrict => ForeignKeyAction::Restrict,
        Action::Cascade => ForeignKeyAction::Cascade,
        Action::SetNull => ForeignKeyAction::SetNull,
        Action::SetDefault => ForeignKeyAction::SetDefault,
    }
}

/// Names in quotes, separated by commas.
pub fn quoted_list(names: &[&str]) -> String {
    names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}

/// The whole database as one script for people to read, `postgres.sql`: each table with its keys
/// and indexes, then all foreign keys.
pub fn database_script(database: &Database) -> String {
    let place = |object: &Object| {
        object.table_name().map(|name| database.tables.iter().position(|table| table.name == name))
    };
    let mut statements = create_statements("", database.enums, database.tables);
    statements.sort_by_key(|statement| {
        (statement.section == Section::ForeignKeys, place(&statement.object))
    });
    let mut out = format!("-- {} at {}\n", database.name, database.version);
    for statement in &statements {
        out.push('\n');
        out.push_str(&statement.sql());
        out.push_str(";\n");
    }
    out
}

/// Breaks `CREATE TABLE x ( a, b )` after each top-level comma, for people who read diffs.
fn break_at_commas(statement: &str) -> String {
    let mut out = String::with_capacity(statement.len() + 64);
    let mut depth = 0_u32;
    let mut fresh = false;
    for Token { kind, text } in expression::tokenize(statement) {
        if fresh && kind == Kind::Space {
            continue;
        }
        fresh = false;
        match text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if (depth, text) == (0, ")") {
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        out.push_str(text);
        if matches!((depth, text), (1, "(" | ",")) {
            out.push_str("\n    ");
            fresh = true;
        }
    }
    out
}
