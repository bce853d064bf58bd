//! Everything that PostgreSQL's catalog says about a schema's tables, in the server's own words.
//!
//! The texts (`pg_get_expr` and its kin) are canonical for a server, so two schemas of one server
//! compare as text. They name other objects as the search path needs it; therefore the path is set
//! to the schema that is read, and `public` behind it.

use model::{Database, sql};
use postgres::types::Oid;
use postgres::{Client, Error, GenericClient, Transaction};

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
    /// Its type, as `format_type` spells it.
    pub ty: String,
    /// Whether NULL is allowed.
    pub null: bool,
    /// Its default, unless a sequence makes it.
    pub default: Option<String>,
    /// `by default`, `always`, `serial`, or nothing.
    pub identity: &'static str,
    /// The expression of a generated column.
    pub generated: Option<String>,
}

/// A constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// `p`, `u`, `f`, `c`, `x`.
    pub kind: char,
    /// Its definition.
    pub text: String,
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
}

/// Reads a schema; nothing where there is no such schema.
///
/// # Errors
/// The server's.
pub fn read(client: &mut Client, schema: &str) -> Result<Option<Inspection>, Error> {
    let mut transaction = client.transaction()?;
    let found = "SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let Some(row) = transaction.query_opt(found, &[&schema])? else { return Ok(None) };
    search_path(&mut transaction, &path("", schema))?;
    let inspection = tables(&mut transaction, row.get(0))?;
    transaction.rollback()?;
    Ok(Some(inspection))
}

/// How a server would describe a schema of ours: its tables are made in the session's temporary
/// schema, read back and taken away again. `schema` is the one that it will be compared with.
///
/// # Errors
/// The server's, for instance that it takes a statement in another way.
pub fn expected(
    client: &mut Client,
    database: &Database,
    schema: &str,
) -> Result<Inspection, Error> {
    const TEMPORARY: &str = "pg_temp";
    let mut transaction = client.transaction()?;
    search_path(&mut transaction, &path("pg_temp, ", schema))?;
    let mut statements: Vec<String> =
        database.enums.iter().map(|declared| sql::create_enum(TEMPORARY, declared)).collect();
    statements.extend(database.tables.iter().map(|table| sql::create_table(TEMPORARY, table)));
    for table in database.tables {
        statements.extend(sql::primary_key(TEMPORARY, table));
        statements.extend(table.uniques.iter().map(|key| sql::unique(TEMPORARY, table, key)));
        statements.extend(table.indexes.iter().map(|index| sql::index(TEMPORARY, table, index)));
    }
    for table in database.tables {
        let keys = table.foreign_keys.iter();
        statements.extend(keys.map(|key| sql::foreign_key(TEMPORARY, table, key)));
    }
    for statement in statements {
        transaction.batch_execute(&statement)?;
    }
    let made = transaction.query_one("SELECT pg_catalog.pg_my_temp_schema()", &[])?.get(0);
    let inspection = tables(&mut transaction, made)?;
    transaction.rollback()?;
    Ok(inspection)
}

/// The path of both readings: types of extensions mostly live in `public`, and a name that is seen
/// on the path stands without its schema.
fn path(first: &str, schema: &str) -> String {
    format!("{first}{}, public", sql::quote(schema))
}

fn search_path(transaction: &mut Transaction<'_>, path: &str) -> Result<(), Error> {
    let set = "SELECT pg_catalog.set_config('search_path', $1, true)";
    transaction.execute(set, &[&path]).map(|_| ())
}

fn tables(client: &mut impl GenericClient, schema: Oid) -> Result<Inspection, Error> {
    let mut inspection = Inspection::default();
    for row in client.query(TABLES, &[&schema])? {
        let (relation, name): (Oid, String) = (row.get(0), row.get(1));
        let columns = client.query(COLUMNS, &[&relation])?.iter().map(column).collect();
        let constraints = client.query(CONSTRAINTS, &[&relation])?;
        let constraints = constraints.iter().map(|row| {
            let kind: String = row.get(1);
            let kind = kind.chars().next().unwrap_or(' ');
            Constraint { name: row.get(0), kind, text: row.get(2) }
        });
        let indexes = client.query(INDEXES, &[&relation])?;
        let indexes = indexes.iter().map(|row| {
            let text: String = row.get(2);
            // `CREATE INDEX name ON schema.table USING …`: names may hold the word, too, but
            // only in quotes, and those come before the one that counts.
            let place = text.find(" USING ").map_or(0, |at| at + 1);
            let text = text.get(place..).unwrap_or_default().to_owned();
            Index { name: row.get(0), unique: row.get(1), text }
        });
        let (constraints, indexes) = (constraints.collect(), indexes.collect());
        inspection.tables.push(Table { name, columns, constraints, indexes });
    }
    let enums = client.query(ENUMS, &[&schema])?;
    inspection.enums = enums.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(inspection)
}

fn column(row: &postgres::Row) -> Column {
    let expression: Option<String> = row.get(3);
    let (identity, generated): (String, String) = (row.get(4), row.get(5));
    let serial = expression.as_deref().is_some_and(|text| text.starts_with("nextval("));
    let identity = match &*identity {
        "d" => "by default",
        "a" => "always",
        _ if serial => "serial",
        _ => "",
    };
    let (default, generated) = match (generated.is_empty(), serial) {
        (true, true) => (None, None),
        (true, false) => (expression, None),
        (false, _) => (None, expression),
    };
    let (name, ty, null) = (row.get(0), row.get(1), row.get(2));
    Column { name, ty, null, default, identity, generated }
}

const TABLES: &str = "\
SELECT c.oid, c.relname::text FROM pg_catalog.pg_class c
WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
ORDER BY c.relname::text COLLATE \"C\"";

const COLUMNS: &str = "\
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

const CONSTRAINTS: &str = "\
SELECT k.conname::text, k.contype::text, pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k
WHERE k.conrelid = $1 AND k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY k.contype, k.conname::text COLLATE \"C\"";

const INDEXES: &str = "\
SELECT c.relname::text, i.indisunique, pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = $1
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                  WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                    AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname::text COLLATE \"C\"";

const ENUMS: &str = "\
SELECT t.typname::text, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
WHERE t.typnamespace = $1
GROUP BY 1 ORDER BY 1";
