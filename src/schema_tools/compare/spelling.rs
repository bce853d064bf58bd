//! What SQLite spells in another way than PostgreSQL, or has only one kind of, is no difference
//! between a file and a schema.

use super::shape::{ColumnShape, Kind, Shape};

/// The order of texts in a translated expression: the functions of SQLite know ASCII alone.
const BYTE_ORDER: &str = " COLLATE \"C\"";

/// The one kind of index that SQLite has no word for.
const HASH: &str = " using hash";

/// Takes out of the shapes of a file and of a schema what SQLite cannot say in another way.
pub fn unify_spellings(of_source: &mut Shape, of_version: &mut Shape) {
    for shape in [&mut *of_source, &mut *of_version] {
        for item in shape.tables.iter_mut().flat_map(|table| &mut table.items) {
            if matches!(item.kind, Kind::Index | Kind::Unique) {
                item.text = item.text.replace(BYTE_ORDER, "").replace(HASH, "");
            }
        }
    }
    for table in &mut of_source.tables {
        let Some(described) = of_version.tables.iter().find(|known| known.name == table.name)
        else {
            continue;
        };
        for column in &mut table.columns {
            let same = |known: &&ColumnShape| known.name == column.name;
            if let Some(known) = described.columns.iter().find(same) {
                unify_identities(column, known);
            }
        }
    }
}

/// SQLite makes a number for every key of one integer column, whatever is meant by it.
fn unify_identities(column: &mut ColumnShape, known: &ColumnShape) {
    if !column.identity.is_empty() {
        column.identity.clone_from(&known.identity);
    }
}
