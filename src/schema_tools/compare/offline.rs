//! A schema and what stands in a server that cannot be asked how it would describe the schema: it
//! makes no temporary tables. Both are compared as schema files say them, so that a rule or default
//! in other words differs although it means the same.

use super::shape::Shape;
use super::side::{shape_of_files, version_shape};
use crate::postgres::inspection::Inspection;
use crate::schema::Version;
use crate::schema_tools::draft::join;

/// What is said of it.
const NOTE: &str = " (compared as text, because the server does not let this role create temporary \
                    tables)";

/// Both in the words of schema files.
pub fn shapes_without_server(version: &Version, existing: &Inspection) -> (Shape, Shape) {
    let (mut described, mut there) =
        (version_shape(version), shape_of_files(&join::describe_existing_tables(existing)));
    for column in described.tables.iter_mut().flat_map(|table| &mut table.columns) {
        column.stored.clear();
    }
    there.enums.clone_from(&existing.enums);
    described.remark = Some(NOTE);
    (described, there)
}
