//! Whether existing tables are exactly what this program would make, so that dropping and making
//! them again loses nothing. Whatever else somebody has put on a table makes it the application's.

use postgres::Client;

use crate::postgres::direct::DirectQueries;
use crate::postgres::inspection::{Inspection, inspect_expected_tables, inspect_schemas};
use crate::postgres::is_refusal_of_temporary_tables;
use crate::postgres::schemas::TableSchemas;
use crate::schema::Version;

/// The names among `existing` (tables and enum types) that are not exactly ours. When the server
/// makes no temporary tables, it cannot say how it would describe our tables, and none of them is.
///
/// # Errors
/// The server's, when it is asked about the existing tables or how it would describe ours.
pub fn find_differing_names(
    client: &mut Client,
    schema: &str,
    version: &Version,
    existing: &[String],
) -> Result<Vec<String>, postgres::Error> {
    let schemas = TableSchemas::of_tables(schema, version.tables());
    let all: Vec<&str> = schemas.all().iter().map(String::as_str).collect();
    let mut there = inspect_schemas(client, &all)?;
    there.tables.retain(|table| schemas.schema_of(&table.name) == table.schema);
    let expected = match inspect_expected_tables(client, &version.to_model(), schema) {
        Err(error) if is_refusal_of_temporary_tables(&error) => Inspection::default(),
        expected => expected?,
    };
    let places: Vec<&str> = existing.iter().map(|name| schemas.schema_of(name)).collect();
    let touched = client.query_directly(TOUCHED, &[&places, &existing])?;
    let touched: Vec<String> = touched.iter().map(|row| row.get(0)).collect();
    let other = |name: &&String| touched.contains(name) || !is_same_object(&there, &expected, name);
    Ok(existing.iter().filter(other).cloned().collect())
}

fn is_same_object(existing: &Inspection, expected: &Inspection, name: &str) -> bool {
    let table = |of: &Inspection| of.tables.iter().find(|table| table.name == name).cloned();
    let labels = |of: &Inspection| of.enums.iter().find(|(known, _)| known == name).cloned();
    match (table(expected), labels(expected)) {
        (None, None) => false,
        (expected, expected_labels) => {
            table(existing) == expected && labels(existing) == expected_labels
        }
    }
}

const TOUCHED: &str = include_str!("sql/touched.sql");
