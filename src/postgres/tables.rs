//! What stands in the target's schema under the names that the plan needs.

use postgres::{Client, GenericClient};

use super::schemas::TableSchemas;
use crate::postgres::direct::DirectQueries;
use crate::schema::Version;

/// A relation or type of the target that has a name of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingRelation {
    /// The schema.
    pub schema: String,
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its rows, for a table that our role may read.
    pub rows: Option<i64>,
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

/// Finds what has the names of a version's tables, indexes and types in their schemas.
///
/// # Errors
/// When the server cannot be asked.
pub fn find_existing_relations(
    client: &mut Client,
    schemas: &TableSchemas,
    version: &Version,
) -> Result<Vec<ExistingRelation>, postgres::Error> {
    let is_planned = |schema: &str, name: &str| {
        schemas.schema_of(name) == schema && version.tables().any(|table| table.name == name)
    };
    let (all_schemas, names) = planned_relation_names(schemas, version);
    let (mut found, mut readable) = (Vec::new(), Vec::new());
    for row in client.query_directly(RELATIONS, &[&all_schemas, &names])? {
        let (name, kind, owner): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let schema: String = row.get(4);
        // An index of a planned table goes with its table.
        if is_planned(&schema, &owner) {
            continue;
        }
        let (kind, rows) = match kind.as_str() {
            "table" if is_planned(&schema, &name) => {
                if row.get(3) {
                    readable.push(found.len());
                }
                (Kind::Table, None)
            }
            _ => (Kind::Other(kind), None),
        };
        found.push(ExistingRelation { schema, name, kind, rows });
    }
    let mut readable: Vec<&mut ExistingRelation> = found
        .iter_mut()
        .enumerate()
        .filter_map(|(index, relation)| readable.contains(&index).then_some(relation))
        .collect();
    let names: Vec<String> = readable
        .iter()
        .map(|relation| model::sql::qualified_name(&relation.schema, &relation.name))
        .collect();
    for (relation, count) in readable.iter_mut().zip(count_rows_of_tables(client, &names)?) {
        relation.rows = Some(count);
    }
    let enums: Vec<&str> = version.enums.iter().map(|declared| declared.name).collect();
    for row in client.query_directly(TYPES, &[&schemas.usual, &enums])? {
        let (name, is_enum): (String, bool) = (row.get(0), row.get(1));
        let kind = if is_enum { Kind::Enum } else { Kind::Other("type".to_owned()) };
        found.push(ExistingRelation { schema: schemas.usual.clone(), name, kind, rows: None });
    }
    Ok(found)
}

/// The numbers of rows of tables, in the order of their qualified names; a round trip for many.
///
/// # Errors
/// The server's.
pub fn count_rows_of_tables(
    client: &mut impl GenericClient,
    names: &[String],
) -> Result<Vec<i64>, postgres::Error> {
    let mut counts = Vec::new();
    // A statement holds a lock and memory for each of its tables.
    for some in names.chunks(100) {
        let each: Vec<String> =
            some.iter().map(|name| format!("(SELECT count(*) FROM {name})")).collect();
        let sql = format!("SELECT ARRAY[{}]", each.join(", "));
        let found: Vec<i64> = client.query_one_directly(&sql, &[])?.get(0);
        counts.extend(found);
    }
    Ok(counts)
}

/// The relation names that some tables of a version take.
pub fn names_of_tables(version: &Version, tables: &[&str]) -> Vec<String> {
    let named = version.tables().filter(|table| tables.contains(&table.name));
    named.flat_map(relation_names_of_table).collect()
}

/// Every relation name that the plan will take: schemas, and names in step with them.
fn planned_relation_names(schemas: &TableSchemas, version: &Version) -> (Vec<String>, Vec<String>) {
    let of_table = |table: &'static model::Table| {
        let schema = table.schema_or(&schemas.usual).to_owned();
        relation_names_of_table(table).map(move |name| (schema.clone(), name))
    };
    version.tables().flat_map(of_table).unzip()
}

fn relation_names_of_table(table: &'static model::Table) -> impl Iterator<Item = String> {
    let key = (!table.primary_key.is_empty()).then(|| model::resolve::primary_key_name(table));
    let uniques = table.uniques.iter().map(|unique| unique.name.to_owned());
    let indexes = table.indexes.iter().map(|index| index.name.to_owned());
    let own = std::iter::once(table.name.to_owned());
    own.chain(key).chain(uniques).chain(indexes)
}

const RELATIONS: &str = "\
SELECT c.relname::text,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'i' THEN 'index'
            WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
            WHEN 'p' THEN 'partitioned table' WHEN 'c' THEN 'composite type' ELSE 'relation' END,
       coalesce(t.relname, '')::text,
       coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT'), false), n.nspname::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE (n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY 1, 5";

const TYPES: &str = "\
SELECT t.typname::text, t.typtype = 'e'
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = $1 AND t.typname::text = ANY ($2)
ORDER BY 1";
