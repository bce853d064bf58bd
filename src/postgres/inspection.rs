//! Everything that PostgreSQL's catalog says about a schema's tables, in the server's own words.
//!
//! The texts (`pg_get_expr` and its kin) are canonical for a server, so two schemas of one server
//! compare as text. They name other objects as the search path needs it; therefore the path is set
//! to the schema that is read, the other schemas of the same tables, and `public` behind them.

use model::Database;
use model::sql::{self, QualifiedName};
use postgres::types::Oid;
use postgres::{Client, Error, Transaction};

use super::catalog::read_schema_tables;
use super::schemas::TableSchemas;
use crate::postgres::direct::DirectQueries;
use crate::postgres::is_interruption;

/// The tables and enum types of a schema, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// In the order of the schemas, and of their names.
    pub tables: Vec<Table>,
    /// Tables that have the name of one of `tables` in a later schema of the search path.
    pub shadowed: Vec<Table>,
    /// What has a name among relations and is no table.
    pub others: Vec<OtherRelation>,
    /// Enum types and their labels.
    pub enums: Vec<(String, Vec<String>)>,
}

/// A view, a materialized view or a foreign table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherRelation {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub kind: &'static str,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its columns in their order.
    pub columns: Vec<Column>,
    /// Its constraints but for NOT NULL.
    pub constraints: Vec<Constraint>,
    /// Its indexes but for those of constraints: name, and the definition from `USING` on.
    pub indexes: Vec<Index>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as `format_type` spells it, and its collation where that is not the type's.
    pub ty: String,
    /// What values of the type are.
    pub base: Base,
    /// Whether NULL is allowed.
    pub null: bool,
    /// Its default, unless a sequence makes it.
    pub default: Option<String>,
    /// `by default`, `always`, `serial`, or nothing.
    pub identity: &'static str,
    /// The expression of a generated column.
    pub generated: Option<String>,
}

/// What stands behind a type once domains are taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// The type with its parameters, as `format_type` spells it.
    pub text: String,
    /// The same without its parameters.
    pub plain: String,
    /// The name of the enum that it or its elements are.
    pub label: Option<String>,
    /// Characters at most.
    pub length: Option<i32>,
    /// Digits at most.
    pub precision: Option<i32>,
    /// How many of them are after the decimal point.
    pub scale: Option<i32>,
    /// Digits of a fraction of a second.
    pub fraction: Option<i32>,
}

/// A constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// `p`, `u`, `f`, `c`, `x`.
    pub kind: char,
    /// Its definition.
    pub text: String,
    /// Its columns.
    pub columns: Names,
    /// The table that a foreign key refers to, where it is of one of the schemas that are read.
    pub parent: Option<String>,
    /// That table's schema, where it is not the constraint's own.
    pub parent_schema: Option<String>,
    /// The same as the server writes it.
    pub parent_text: String,
    /// The columns referred to.
    pub to: Names,
    /// What happens when the parent is deleted, as the catalog's letter.
    pub on_delete: char,
    /// What happens when the parent's key is changed, as the catalog's letter.
    pub on_update: char,
    /// Whether the check can be deferred.
    pub deferrable: bool,
    /// Whether it is deferred.
    pub deferred: bool,
}

/// Names, and how the server writes each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// As they are.
    pub plain: Vec<String>,
    /// In quotes where they need them.
    pub quoted: Vec<String>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it is unique.
    pub unique: bool,
    /// Its definition after the table's name.
    pub text: String,
    /// The access method.
    pub method: String,
    /// Its keys.
    pub parts: Vec<IndexKey>,
    /// The predicate.
    pub predicate: Option<String>,
}

/// A key of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// The column, where it is one and no expression.
    pub column: Option<String>,
    /// Its text.
    pub text: String,
    /// The bits of its order.
    pub order: i32,
}

/// Reads a schema; nothing where there is no such schema.
///
/// # Errors
/// The server's.
pub fn inspect_schema(client: &mut Client, schema: &str) -> Result<Option<Inspection>, Error> {
    let found = "SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1";
    if client.query_opt_directly(found, &[&schema])?.is_none() {
        return Ok(None);
    }
    inspect_schemas(client, &[schema]).map(Some)
}

/// Reads several schemas; of an enum's name that two of them have, the first counts.
///
/// # Errors
/// The server's.
pub fn inspect_schemas(client: &mut Client, schemas: &[&str]) -> Result<Inspection, Error> {
    let mut transaction = client.transaction()?;
    let numbers = "SELECT oid, nspname::text FROM pg_catalog.pg_namespace \
                   WHERE nspname::text = ANY ($1) \
                   ORDER BY pg_catalog.array_position($1, nspname::text)";
    let rows = transaction.query_directly(numbers, &[&schemas])?;
    let all: Vec<Oid> = rows.iter().map(|row| row.get(0)).collect();
    let mut inspection = Inspection::default();
    for row in &rows {
        let (number, name): (Oid, &str) = (row.get(0), row.get(1));
        set_search_path(&mut transaction, &search_path_text("", name, schemas))?;
        let found = read_schema_tables(&mut transaction, number, &all)?;
        inspection.tables.extend(found.tables);
        inspection.others.extend(found.others);
        for declared in found.enums {
            if !inspection.enums.iter().any(|(known, _)| *known == declared.0) {
                inspection.enums.push(declared);
            }
        }
    }
    transaction.rollback()?;
    Ok(inspection)
}

/// How a server would describe tables of ours: they are made in the session's temporary schema,
/// read back and taken away again. `schema` is the one with which those that state no schema will
/// be compared.
///
/// # Errors
/// The server's, for instance that it takes a statement in another way.
pub fn inspect_expected_tables(
    client: &mut Client,
    database: &Database,
    schema: &str,
) -> Result<Inspection, Error> {
    let schemas = TableSchemas::of_tables(schema, database.tables.iter());
    let mut expected = Inspection::default();
    for own in schemas.all() {
        // Indexes of two schemas may share a name, which those of temporary tables may not.
        let is_own = |table: &Table| schemas.schema_of(&table.name) == own;
        let tables = database.tables.iter().enumerate().map(|(index, table)| {
            match schemas.schema_of(table.name) == own {
                true => *table,
                false => bare_parent(table, index),
            }
        });
        let tables: Vec<model::Table> = tables.collect();
        let found = inspect_temporary_tables(client, database.enums, &tables, (own, &schemas))?;
        expected.tables.extend(found.tables.into_iter().filter(is_own));
        expected.enums = found.enums;
    }
    expected.tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(expected)
}

/// A table with what foreign keys to it need, under names that nothing else has.
fn bare_parent(table: &model::Table, index: usize) -> model::Table {
    let leak = |name: String| -> &'static str { name.leak() };
    let rename = |(number, unique): (usize, &model::table::Unique)| model::table::Unique {
        name: leak(format!("migrate {index} {number}")),
        columns: unique.columns,
    };
    let uniques: Vec<_> = table.uniques.iter().enumerate().map(rename).collect();
    model::Table {
        key_name: Some(leak(format!("migrate {index}"))),
        uniques: uniques.leak(),
        indexes: &[],
        foreign_keys: &[],
        checks: &[],
        rules: &[],
        ..*table
    }
}

/// Makes tables in the session's temporary schema, reads them and takes them away again.
fn inspect_temporary_tables(
    client: &mut Client,
    enums: &[model::Enum],
    tables: &[model::Table],
    (own, schemas): (&str, &TableSchemas),
) -> Result<Inspection, Error> {
    let mut others: Vec<&str> = vec![&schemas.usual];
    others.extend(schemas.all().iter().map(String::as_str));
    let mut transaction = begin_writing_transaction(client)?;
    set_search_path(&mut transaction, &search_path_text("pg_temp, ", own, &others))?;
    for statement in sql::create_statements(sql::TEMPORARY, enums, tables) {
        transaction.batch_execute(&statement.sql())?;
    }
    let made: Oid =
        transaction.query_one_directly("SELECT pg_catalog.pg_my_temp_schema()", &[])?.get(0);
    let mut inspection = read_schema_tables(&mut transaction, made, &[made])?;
    transaction.rollback()?;
    for table in &mut inspection.tables {
        schemas.schema_of(&table.name).clone_into(&mut table.schema);
        for constraint in &mut table.constraints {
            let schema = constraint.parent.as_ref().map(|parent| schemas.schema_of(parent));
            let other = schema.filter(|schema| *schema != table.schema);
            constraint.parent_schema = other.map(str::to_owned);
        }
    }
    Ok(inspection)
}

/// Checks and indexes that are `expected` in other words are read once more, since the server does
/// not always write twice what it reads once: of `status IN ('a', 'b')` over a `varchar` it makes a
/// text of which it then makes another. What is the same after that is the same.
///
/// # Errors
/// When the server is interrupted.
pub fn reread_differing_rules(
    client: &mut Client,
    schema: &str,
    expected: &Inspection,
    existing: &mut Inspection,
) -> Result<(), Error> {
    for table in &mut existing.tables {
        let Some(other) = expected.tables.iter().find(|other| other.name == table.name) else {
            continue;
        };
        let checks = table.constraints.iter().filter(|rule| rule.kind == 'c');
        let checks = checks.filter(|rule| !other.constraints.contains(rule));
        let indexes = table.indexes.iter().filter(|index| !other.indexes.contains(index));
        let mut statements: Vec<String> = Vec::new();
        let own = QualifiedName { schema: "pg_temp", name: &table.name };
        statements.extend(checks.map(|rule| sql::add_constraint(own, &rule.name, &rule.text)));
        statements.extend(
            indexes.map(|index| sql::create_index(own, &index.name, index.unique, &index.text)),
        );
        if statements.is_empty() {
            continue;
        }
        // Whatever cannot be read again stays as it is, and differs.
        let there = QualifiedName { schema: &table.schema, name: &table.name };
        let again = match make_and_inspect_table(client, there, schema, &statements) {
            Ok(Some(again)) => again,
            Err(error) if is_interruption(&error) => return Err(error),
            _ => continue,
        };
        for rule in &mut table.constraints {
            let same = |text: &&Constraint| text.name == rule.name;
            if let Some(found) = again.constraints.iter().find(same)
                && other.constraints.contains(found)
            {
                rule.clone_from(found);
            }
        }
        for index in &mut table.indexes {
            let same = |found: &&Index| found.name == index.name;
            if let Some(found) = again.indexes.iter().find(same)
                && other.indexes.contains(found)
            {
                index.clone_from(found);
            }
        }
    }
    Ok(())
}

/// A table like an existing one, with these rules alone; `usual` is the schema of tables that state
/// none.
fn make_and_inspect_table(
    client: &mut Client,
    there: QualifiedName<'_>,
    usual: &str,
    statements: &[String],
) -> Result<Option<Table>, Error> {
    let mut transaction = begin_writing_transaction(client)?;
    set_search_path(&mut transaction, &search_path_text("pg_temp, ", there.schema, &[usual]))?;
    let own = QualifiedName { schema: sql::TEMPORARY, name: there.name };
    transaction.batch_execute(&sql::create_table_like(own, there))?;
    for statement in statements {
        transaction.batch_execute(statement)?;
    }
    let made: Oid =
        transaction.query_one_directly("SELECT pg_catalog.pg_my_temp_schema()", &[])?.get(0);
    let inspection = read_schema_tables(&mut transaction, made, &[made])?;
    transaction.rollback()?;
    Ok(inspection.tables.into_iter().next())
}

/// A transaction that may make temporary tables, also where the session is one that only reads: it
/// is rolled back.
fn begin_writing_transaction(client: &mut Client) -> Result<Transaction<'_>, Error> {
    client.build_transaction().read_only(false).start()
}

/// The path of both readings: types of extensions mostly live in `public`, and a name that is seen
/// on the path stands without its schema.
/// Begins a transaction that only reads, in which names mean what they mean in an inspection.
///
/// # Errors
/// The server's.
pub fn begin_reading(client: &mut Client, schema: &str) -> Result<(), Error> {
    client.batch_execute("ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let set = "SELECT pg_catalog.set_config('search_path', $1, true)";
    client.query_one_directly(set, &[&search_path_text("", schema, &[])]).map(|_| ())
}

/// `schema` before the `others`, and `public` behind them.
fn search_path_text(first: &str, schema: &str, others: &[&str]) -> String {
    let mut all = vec![schema];
    for other in others.iter().copied().chain(["public"]) {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    let all: Vec<String> = all.into_iter().map(sql::quote).collect();
    format!("{first}{}", all.join(", "))
}

fn set_search_path(transaction: &mut Transaction<'_>, path: &str) -> Result<(), Error> {
    let set = "SELECT pg_catalog.set_config('search_path', $1, true)";
    transaction.execute(set, &[&path]).map(|_| ())
}
