//! What stands in the target's schema under the names that the plan needs.

use postgres::Client;

use crate::error::Result;
use crate::plan::Input;
use crate::schema::Version;

/// A relation or type of the target that has a name of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The schema.
    pub schema: String,
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its rows, for a table.
    pub rows: i64,
}

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary table whose name is a planned table's.
    Table,
    /// An enum type whose name is a planned one's.
    Enum,
    /// Something else in the way: its kind in words.
    Other(String),
}

/// Finds what has the names of a version's tables, indexes and types in a schema.
///
/// # Errors
/// When the server cannot be asked.
pub fn standing(
    client: &mut Client,
    schema: &str,
    version: &Version,
) -> Result<Vec<Standing>, postgres::Error> {
    let tables: Vec<&str> = version.tables().map(|table| table.name).collect();
    let mut found = Vec::new();
    for row in client.query(RELATIONS, &[&schema, &names(version)])? {
        let (name, kind, owner): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        // An index of a planned table goes with its table.
        if tables.contains(&owner.as_str()) {
            continue;
        }
        let (kind, rows) = match kind.as_str() {
            "table" if tables.contains(&name.as_str()) => {
                let count =
                    format!("SELECT count(*) FROM {}", model::sql::qualified(schema, &name));
                let rows = client.query_one(&count, &[])?.get(0);
                (Kind::Table, rows)
            }
            _ => (Kind::Other(kind), 0),
        };
        found.push(Standing { schema: schema.to_owned(), name, kind, rows });
    }
    let enums: Vec<&str> = version.enums.iter().map(|declared| declared.name).collect();
    for row in client.query(TYPES, &[&schema, &enums])? {
        let (name, is_enum): (String, bool) = (row.get(0), row.get(1));
        let kind = if is_enum { Kind::Enum } else { Kind::Other("type".to_owned()) };
        found.push(Standing { schema: schema.to_owned(), name, kind, rows: 0 });
    }
    Ok(found)
}

/// Every relation name that the plan will take.
fn names(version: &Version) -> Vec<String> {
    let of = |table: &'static model::Table| {
        let key = (!table.primary_key.is_empty()).then(|| model::resolve::primary_key_name(table));
        let uniques = table.uniques.iter().map(|unique| unique.name.to_owned());
        let indexes = table.indexes.iter().map(|index| index.name.to_owned());
        let own = std::iter::once(table.name.to_owned());
        own.chain(key).chain(uniques).chain(indexes)
    };
    version.tables().flat_map(of).collect()
}

/// Whether everything that a version's tables need stands there: columns with their types, keys
/// and indexes by name. Used to recognise a migration that is already done.
///
/// # Errors
/// When the server cannot be asked.
pub fn complete(client: &mut Client, input: &Input) -> Result<bool> {
    let fail = |error| super::error("looking at what is there", &error);
    for table in input.version.tables() {
        let rows = client.query(COLUMNS, &[&input.schema, &table.name]).map_err(fail)?;
        let there: Vec<(String, bool)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let wanted = table.columns.iter().map(|column| (column.name.to_owned(), !column.null));
        if !wanted.eq(there) {
            return Ok(false);
        }
    }
    let mut wanted = names(input.version);
    let keys = input.version.tables().flat_map(|table| table.foreign_keys);
    wanted.extend(keys.map(|key| key.name.to_owned()));
    wanted.sort();
    wanted.dedup();
    let count: i64 = client.query_one(NAMED, &[&input.schema, &wanted]).map_err(fail)?.get(0);
    Ok(usize::try_from(count) == Ok(wanted.len()))
}

const RELATIONS: &str = "\
SELECT c.relname::text,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'i' THEN 'index'
            WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
            WHEN 'p' THEN 'partitioned table' WHEN 'c' THEN 'composite type' ELSE 'relation' END,
       coalesce(t.relname, '')::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE n.nspname = $1 AND c.relname::text = ANY ($2)
ORDER BY 1";

const TYPES: &str = "\
SELECT t.typname::text, t.typtype = 'e'
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = $1 AND t.typname::text = ANY ($2)
ORDER BY 1";

const COLUMNS: &str = "\
SELECT a.attname::text, a.attnotnull
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

const NAMED: &str = "\
SELECT count(DISTINCT name) FROM (
    SELECT c.relname::text AS name FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1
    UNION
    SELECT k.conname::text FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = $1
) AS there WHERE name = ANY ($2)";
