//! What stands in PostgreSQL, in the schemas that the other side of a comparison means, and how the
//! server would describe that side.

use super::offline;
use super::shape::Shape;
use super::side::{Side, draft_database, inspection_shape, target_error, without_ignored};
use crate::diagnostic::{Error, Exit, Result};
use crate::postgres::connection::Connection;
use crate::postgres::inspection as postgres;
use crate::postgres::is_refusal_of_temporary_tables;
use crate::postgres::schemas::TableSchemas;
use crate::schema_tools::draft;
use crate::sqlite;

/// Everything that the first of these schemas holds.
///
/// # Errors
/// The server's, and that there is no such schema.
pub fn existing_shape(connection: &mut Connection, schemas: &[String]) -> Result<Shape> {
    inspect_target(connection, default_schema(schemas)).map(|found| inspection_shape(&found))
}

/// Everything that a schema of PostgreSQL holds.
///
/// # Errors
/// The server's, and that there is no such schema.
pub fn inspect_target(connection: &mut Connection, schema: &str) -> Result<postgres::Inspection> {
    let found = postgres::inspect_schema(&mut connection.client, schema)
        .map_err(|error| target_error(&error))?;
    found.ok_or_else(|| {
        let text = format!("there is no schema {schema} in this database");
        Error::new(Exit::Target, text, "name a schema after the URL: `#SCHEMA`")
    })
}

/// Everything that the first schema of a search path holds, and the others as far as they have
/// tables for those of SQLite.
///
/// # Errors
/// The server's, and that there is no such schema.
pub fn inspect_search_path(
    connection: &mut Connection,
    schemas: &[String],
    structure: &sqlite::Structure,
) -> Result<postgres::Inspection> {
    match schemas {
        [only] => inspect_target(connection, only),
        all => draft::join::inspect_search_path(&mut connection.client, all, structure)
            .map_err(|error| target_error(&error)),
    }
}

/// The schema of tables that state none.
fn default_schema(schemas: &[String]) -> &str {
    schemas.first().map_or("", String::as_str)
}

/// The tables of a server that the other side means: those of the usual schema, and those of other
/// schemas that are described there or have the name of a table of SQLite's.
fn inspect_for_side(
    connection: &mut Connection,
    side: &Side,
    schemas: &[String],
) -> Result<postgres::Inspection> {
    let mut found = inspect_target(connection, default_schema(schemas))?;
    match side {
        Side::Schema(version) => {
            let places = TableSchemas::of_tables(default_schema(schemas), version.tables());
            let others = places.all().iter().map(String::as_str);
            let others: Vec<&str> =
                others.filter(|other| *other != default_schema(schemas)).collect();
            if !others.is_empty() {
                let all: Vec<&str> =
                    std::iter::once(default_schema(schemas)).chain(others).collect();
                found = postgres::inspect_schemas(&mut connection.client, &all)
                    .map_err(|error| target_error(&error))?;
                let is_described = |name: &str| version.tables().any(|table| table.name == name);
                found.tables.retain(|table| {
                    places.schema_of(&table.name) == table.schema
                        && (table.schema == default_schema(schemas) || is_described(&table.name))
                });
            }
        }
        Side::Sqlite(source, _) if schemas.len() > 1 => {
            let own = &source.structure;
            found = inspect_search_path(connection, schemas, own)?;
            found.tables.retain(|table| {
                table.schema == default_schema(schemas) || own.table(&table.name).is_some()
            });
        }
        Side::Sqlite(..) | Side::Postgres(..) => {}
    }
    Ok(found)
}

/// How this server would describe the other side, and what stands there.
///
/// # Errors
/// The server's, and that there is no such schema.
pub fn server_shapes(
    connection: &mut Connection,
    side: &Side,
    schemas: &[String],
) -> Result<(Shape, Shape)> {
    let schema = default_schema(schemas);
    let database = match side {
        Side::Schema(version) => version.to_model(),
        Side::Sqlite(source, _) => draft_database(source)?,
        Side::Postgres(..) => return Ok(Default::default()),
    };
    let mut existing = inspect_for_side(connection, side, schemas)?;
    let client = &mut connection.client;
    let expected = match (postgres::inspect_expected_tables(client, &database, schema), side) {
        (Err(error), Side::Schema(version)) if is_refusal_of_temporary_tables(&error) => {
            let (left, right) = offline::shapes_without_server(version, &existing);
            return Ok((left, without_ignored(right, side)));
        }
        (expected, _) => expected.map_err(|error| target_error(&error))?,
    };
    postgres::reread_differing_rules(client, schema, &expected, &mut existing)
        .map_err(|error| target_error(&error))?;
    if let Side::Schema(version) = side {
        // A key that refers to a table which is not the schema's cannot be said there.
        let own = |name: &String| {
            !version.is_target_only(name) || version.tables().any(|table| table.name == *name)
        };
        for table in &mut existing.tables {
            table.constraints.retain(|key| key.kind != 'f' || key.parent.iter().all(own));
        }
    }
    Ok((inspection_shape(&expected), without_ignored(inspection_shape(&existing), side)))
}
