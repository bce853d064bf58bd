//! Everything that PostgreSQL's catalog says about a schema's tables, in the server's own words.
//!
//! The texts (`pg_get_expr` and its kin) are canonical for a server, so two schemas of one server
//! compare as text. They name other objects as the search path needs it; therefore the path is set
//! to the schema that is read, and `public` behind it.

use model::Database;
use model::sql::{self, QualifiedName};
use postgres::{Client, Error, Transaction};

use super::catalog::read_schema_tables;

/// A schema's tables and enum types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// In the order of their names.
    pub tables: Vec<Table>,
    /// Enum types and their labels.
    pub enums: Vec<(String, Vec<String>)>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
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
    /// Digits at most, and how many of them stand behind the point.
    pub digits: (Option<i32>, Option<i32>),
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
    /// The table that a foreign key refers to, where it is of the same schema.
    pub parent: Option<String>,
    /// The same as the server writes it.
    pub parent_text: String,
    /// The columns referred to.
    pub to: Names,
    /// What happens on delete and on update, in the catalog's letters.
    pub actions: (char, char),
    /// Whether the check can be put off, and whether it is.
    pub deferrable: (bool, bool),
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
    /// Its keys: the column where it is one, the text, and the bits of its order.
    pub parts: Vec<(Option<String>, String, i32)>,
    /// The predicate.
    pub predicate: Option<String>,
}

/// Reads a schema; nothing where there is no such schema.
///
/// # Errors
/// The server's.
pub fn inspect_schema(client: &mut Client, schema: &str) -> Result<Option<Inspection>, Error> {
    let mut transaction = client.transaction()?;
    let found = "SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let Some(row) = transaction.query_opt(found, &[&schema])? else { return Ok(None) };
    set_search_path(&mut transaction, &search_path_text("", schema))?;
    let inspection = read_schema_tables(&mut transaction, row.get(0))?;
    transaction.rollback()?;
    Ok(Some(inspection))
}

/// How a server would describe a schema of ours: its tables are made in the session's temporary
/// schema, read back and taken away again. `schema` is the one that it will be compared with.
///
/// # Errors
/// The server's, for instance that it takes a statement in another way.
pub fn inspect_expected_tables(
    client: &mut Client,
    database: &Database,
    schema: &str,
) -> Result<Inspection, Error> {
    const TEMPORARY: &str = "pg_temp";
    let mut transaction = begin_writing_transaction(client)?;
    set_search_path(&mut transaction, &search_path_text("pg_temp, ", schema))?;
    for statement in sql::create_statements(TEMPORARY, database.enums, database.tables) {
        transaction.batch_execute(&statement.sql())?;
    }
    let made = transaction.query_one("SELECT pg_catalog.pg_my_temp_schema()", &[])?.get(0);
    let inspection = read_schema_tables(&mut transaction, made)?;
    transaction.rollback()?;
    Ok(inspection)
}

/// Checks and indexes that are `expected` in other words are read once more, since the server does
/// not always write twice what it reads once: of `status IN ('a', 'b')` over a `varchar` it makes a
/// text of which it then makes another. What is the same after that is the same.
pub fn reread_differing_rules(
    client: &mut Client,
    schema: &str,
    expected: &Inspection,
    standing: &mut Inspection,
) {
    for table in &mut standing.tables {
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
        let Ok(Some(again)) = make_and_inspect_table(client, schema, &table.name, &statements)
        else {
            continue;
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
}

/// A table like a standing one, with these rules alone.
fn make_and_inspect_table(
    client: &mut Client,
    schema: &str,
    name: &str,
    statements: &[String],
) -> Result<Option<Table>, Error> {
    let mut transaction = begin_writing_transaction(client)?;
    set_search_path(&mut transaction, &search_path_text("pg_temp, ", schema))?;
    let (own, there) = (QualifiedName { schema: "pg_temp", name }, QualifiedName { schema, name });
    transaction.batch_execute(&sql::create_table_like(own, there))?;
    for statement in statements {
        transaction.batch_execute(statement)?;
    }
    let schema = transaction.query_one("SELECT pg_catalog.pg_my_temp_schema()", &[])?.get(0);
    let inspection = read_schema_tables(&mut transaction, schema)?;
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
    client.query_one(set, &[&search_path_text("", schema)]).map(|_| ())
}

fn search_path_text(first: &str, schema: &str) -> String {
    format!("{first}{}, public", sql::quote(schema))
}

fn set_search_path(transaction: &mut Transaction<'_>, path: &str) -> Result<(), Error> {
    let set = "SELECT pg_catalog.set_config('search_path', $1, true)";
    transaction.execute(set, &[&path]).map(|_| ())
}
