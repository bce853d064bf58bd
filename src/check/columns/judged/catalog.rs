//! What a table that stands on the server refuses, as the server's catalog has it: columns with
//! their defaults, checks, and what keeps rows apart.

use std::collections::BTreeMap;

use postgres::{Client, Row};

use crate::diagnostic::Result;
use crate::postgres::direct::DirectQueries;
use crate::postgres::server_error;

/// A table as the server judges its rows.
#[derive(Clone, Debug, Default)]
pub struct ServerTable {
    /// Its columns.
    pub columns: Vec<ServerColumn>,
    /// What each row must fulfil.
    pub conditions: Vec<Condition>,
    /// What keeps rows apart.
    pub keys: Vec<Key>,
    /// What its rows refer to.
    pub references: Vec<Reference>,
    /// Whether types of labels are not there yet.
    pub lacks_enums: bool,
    /// Columns of which the server does not read every value, which another finding says.
    pub refused: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, Default)]
pub struct ServerColumn {
    /// Its name.
    pub name: String,
    /// Its type beneath domains, as SQL.
    pub ty: String,
    /// Its collation as SQL, where it is not the type's.
    pub collation: Option<String>,
    /// Whether NULL is refused.
    pub must: bool,
    /// What a row without a value gets.
    pub default: Option<String>,
    /// How its value is computed.
    pub generated: Option<String>,
    /// Whether a sequence counts its values.
    pub counted: bool,
}

/// What each row must fulfil.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A check of the table.
    Check { name: String, expression: String },
    /// A check of a column's domain, in which the value is `VALUE`.
    Domain { name: String, expression: String, column: String },
    /// A column that must have a value.
    Value { column: String },
    /// That some partition takes the row.
    Partition { expression: String },
}

/// A foreign key.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// The parent's schema.
    pub schema: String,
    /// The parent.
    pub table: String,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The parent's columns, in the same order.
    pub to: Vec<String>,
}

/// Something that keeps rows apart.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// The index's name.
    pub name: String,
    /// Its definition from `USING` on, or the whole one of an exclusion constraint.
    pub definition: String,
    /// Whether it is an exclusion constraint.
    pub exclusion: bool,
    /// Whether two NULLs are one.
    pub nulls_equal: bool,
    /// The condition of the rows that it holds.
    pub predicate: Option<String>,
    /// What is compared.
    pub parts: Vec<KeyPart>,
    /// Whether collations tell all texts apart that differ in bytes.
    pub deterministic: bool,
    /// Whether values are equal where their types say so everywhere.
    pub usual_equality: bool,
}

/// A column or an expression of a key.
#[derive(Clone, Debug, Default)]
pub struct KeyPart {
    /// Its text as SQL.
    pub text: String,
    /// Its column, where it is one.
    pub column: Option<String>,
    /// The collation as SQL.
    pub collation: Option<String>,
}

const TABLES: &str = "\
SELECT c.oid, n.nspname::text, c.relname::text
  FROM unnest($1, $2) AS s (schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname::text = s.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname::text = s.name
 WHERE c.relkind IN ('r', 'p')";

/// Reads those of these tables that the server has, by schema and name, in a transaction of its own
/// that only reads.
///
/// # Errors
/// The server's.
pub fn read_existing_tables(
    client: &mut Client,
    wanted: &[(&str, &str)],
) -> Result<BTreeMap<(String, String), ServerTable>> {
    super::travel::begin_reading(client)?;
    let (schemas, names): (Vec<&str>, Vec<&str>) = wanted.iter().copied().unzip();
    let read = |client: &mut Client| {
        let mut places = BTreeMap::new();
        for row in client.query_directly(TABLES, &[&schemas, &names])? {
            places.insert(row.get::<_, u32>(0), (row.get(1), row.get(2)));
        }
        let numbers: Vec<u32> = places.keys().copied().collect();
        let found = read_tables(client, &numbers)?;
        let placed = found.into_iter();
        let placed = placed.filter_map(|(number, table)| Some((places.remove(&number)?, table)));
        Ok(placed.collect())
    };
    let found = read(client).map_err(|error| server_error("reading constraints", &error))?;
    super::travel::end_transaction(client)?;
    Ok(found)
}

/// Reads tables by their numbers, in a few round trips for all of them. Afterwards no name is
/// looked up without its schema until the transaction ends.
///
/// # Errors
/// The server's.
pub fn read_tables(
    client: &mut Client,
    numbers: &[u32],
) -> std::result::Result<BTreeMap<u32, ServerTable>, postgres::Error> {
    client.batch_execute("SET LOCAL search_path = ''")?;
    let numbers = numbers.to_vec();
    let mut tables: BTreeMap<u32, ServerTable> =
        numbers.iter().map(|number| (*number, ServerTable::default())).collect();
    let mut for_each = |sql: &str, add: &dyn Fn(&mut ServerTable, &Row)| {
        for row in client.query_directly(sql, &[&numbers])? {
            if let Some(table) = tables.get_mut(&row.get("relation")) {
                add(table, &row);
            }
        }
        Ok::<_, postgres::Error>(())
    };
    for_each(include_str!("sql/columns.sql"), &add_column)?;
    for_each(include_str!("sql/checks.sql"), &|table, row| {
        table.conditions.push(Condition::Check { name: row.get(0), expression: row.get(1) });
    })?;
    for_each(PARTITIONS, &|table, row| {
        if let Some(expression) = row.get(0) {
            table.conditions.push(Condition::Partition { expression });
        }
    })?;
    for_each(include_str!("sql/references.sql"), &|table, row| {
        table.references.push(reference_of_row(row));
    })?;
    for_each(include_str!("sql/keys.sql"), &|table, row| table.keys.push(key_of_row(row)))?;
    Ok(tables)
}

/// What a row must fulfil so that some partition takes it; NULL where every row is taken. Tables
/// without partitions are left out.
const PARTITIONS: &str = "\
SELECT CASE WHEN bool_and(p.rule IS NOT NULL) THEN string_agg(p.rule, ' OR ') END,
       r.oid AS relation
  FROM unnest($1) AS r (oid)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN t.isleaf AND t.level > 0
                   THEN '(' || pg_get_partition_constraintdef(t.relid) || ')'
                   ELSE 'false' END AS rule
         FROM pg_partition_tree(r.oid::regclass) AS t) AS p
 GROUP BY r.oid";

fn add_column(table: &mut ServerTable, row: &Row) {
    let column = ServerColumn {
        name: row.get(0),
        ty: row.get(1),
        collation: row.get(2),
        must: row.get(3),
        default: row.get(4),
        generated: row.get(5),
        counted: row.get(6),
    };
    let (names, expressions): (Vec<String>, Vec<String>) = (row.get(7), row.get(8));
    for (name, expression) in names.into_iter().zip(expressions) {
        let column = column.name.clone();
        table.conditions.push(Condition::Domain { name, expression, column });
    }
    if column.must {
        table.conditions.push(Condition::Value { column: column.name.clone() });
    }
    table.columns.push(column);
}

fn reference_of_row(row: &Row) -> Reference {
    let (name, schema, table) = (row.get(0), row.get(1), row.get(2));
    Reference { name, schema, table, columns: row.get(3), to: row.get(4) }
}

fn key_of_row(row: &Row) -> Key {
    let (definition, exclusion): (String, bool) = (row.get(1), row.get(2));
    // Names may hold the word, too, but only in quotes, where a definition that begins there is
    // none that the server takes.
    let start = definition.find(" USING ").map_or(0, |place| place + 1);
    let definition = match exclusion {
        true => definition,
        false => definition.get(start..).unwrap_or_default().to_owned(),
    };
    let texts: Vec<String> = row.get(5);
    let (columns, collations): (Vec<Option<String>>, Vec<Option<String>>) =
        (row.get(6), row.get(7));
    let parts = texts.into_iter().zip(columns).zip(collations);
    let parts = parts.map(|((text, column), collation)| KeyPart { text, column, collation });
    Key {
        name: row.get(0),
        definition,
        exclusion,
        nulls_equal: row.get(3),
        predicate: row.get(4),
        parts: parts.collect(),
        deterministic: row.get(8),
        usual_equality: row.get(9),
    }
}

impl ServerTable {
    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&ServerColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
