//! What `--same`, `--ignore` and `--naive-zone` say, held against the databases of the run.

use super::Joining;
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::migrate::request::SchemaSearch;
use crate::schema_tools::draft::join::{Pairings, SourceAndTarget, apply_same_flags};

/// Puts what the flags say into the pairings of each database.
///
/// # Errors
/// With every flag that names nothing of any database.
pub fn apply_flags(search: &SchemaSearch, joining: &mut [Joining<'_>]) -> Result<()> {
    for database in joining.iter_mut() {
        database.pairings.create_missing = search.create_missing;
    }
    let mut faults = apply_same_flags(
        &search.same,
        &mut joining.iter_mut().map(source_and_target_of).collect::<Vec<_>>(),
    );
    for flag in &search.ignored {
        let mut is_used = false;
        for database in joining.iter_mut() {
            let Some(place) = source_and_target_of(database).0.find_place(flag) else { continue };
            is_used = true;
            leave_behind(place.table, place.column, &mut database.pairings);
        }
        if !is_used {
            let text = format!("--ignore {flag}: SQLite has no such table or column");
            faults.push(Fault::new(text, "write TABLE or TABLE.COLUMN"));
        }
    }
    Error::from_faults(Exit::Usage, faults)
}

/// Both sides of a database, and what is said of their names.
fn source_and_target_of<'a>(
    database: &'a mut Joining<'_>,
) -> (SourceAndTarget<'a>, &'a mut Pairings) {
    let Joining { name, source, there, pairings, .. } = database;
    (SourceAndTarget { database: name, own: &source.structure, there }, pairings)
}

/// Leaves a table or a column behind.
pub fn leave_behind(table: String, column: Option<String>, pairings: &mut Pairings) {
    match column {
        Some(column) => pairings.left_columns.push((table, column)),
        None => pairings.left_tables.push(table),
    }
}
