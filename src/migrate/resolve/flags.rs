//! What `--same`, `--ignore` and `--naive-zone` say, held against the databases of the run.

use std::collections::BTreeSet;

use super::Joining;
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::migrate::request::SchemaSearch;
use crate::schema_tools::draft::join::Pairings;
use crate::sqlite::Structure;

/// A table of SQLite, or a column of one.
struct Place {
    table: String,
    column: Option<String>,
}

/// Puts what the flags say into the pairings of each database.
///
/// # Errors
/// With every flag that names nothing of any database.
pub fn apply_flags(search: &SchemaSearch, joining: &mut [Joining<'_>]) -> Result<()> {
    let mut faults = Vec::new();
    for database in joining.iter_mut() {
        database.pairings.create_missing = search.create_missing;
    }
    for flag in &search.same {
        let mut is_used = false;
        for database in joining.iter_mut() {
            is_used |= apply_same(flag, database);
        }
        if !is_used {
            let text = format!("--same {flag}: no table or column of both sides is meant");
            let hint = "write TABLE=TABLE or TABLE.COLUMN=COLUMN, SQLite's name first";
            faults.push(Fault::new(text, hint));
        }
    }
    for flag in &search.ignored {
        let mut is_used = false;
        for database in joining.iter_mut() {
            let Some(place) = find_place(flag, &database.name, &database.source.structure) else {
                continue;
            };
            is_used = true;
            leave_behind(place.table, place.column, &mut database.pairings);
        }
        if !is_used {
            let text = format!("--ignore {flag}: no table or column of SQLite is meant");
            faults.push(Fault::new(text, "write TABLE or TABLE.COLUMN"));
        }
    }
    Error::from_faults(Exit::Usage, faults)
}

/// Leaves a table or a column behind.
pub fn leave_behind(table: String, column: Option<String>, pairings: &mut Pairings) {
    match column {
        Some(column) => pairings.left_columns.push((table, column)),
        None => pairings.left_tables.push(table),
    }
}

/// Names may hold `=` themselves: every place of one is tried.
fn apply_same(flag: &str, database: &mut Joining<'_>) -> bool {
    for (at, _) in flag.match_indices('=') {
        let (Some(left), Some(right)) = (flag.get(..at), flag.get(at + 1..)) else { continue };
        let Some(place) = find_place(left, &database.name, &database.source.structure) else {
            continue;
        };
        match place.column {
            None if database.there.tables.iter().any(|table| table.name == right) => {
                database.pairings.tables.push((place.table, right.to_owned()));
                return true;
            }
            Some(column) if has_column(database, right) => {
                let pair = (place.table, column, right.to_owned());
                database.pairings.columns.push(pair);
                return true;
            }
            _ => {}
        }
    }
    false
}

fn has_column(database: &Joining<'_>, name: &str) -> bool {
    let columns = database.there.tables.iter().flat_map(|table| &table.columns);
    columns.map(|column| column.name.as_str()).collect::<BTreeSet<_>>().contains(name)
}

/// The table, or the column, that a word names; the database may stand before it.
fn find_place(word: &str, database: &str, structure: &Structure) -> Option<Place> {
    let without = word.strip_prefix(database).and_then(|rest| rest.strip_prefix('.'));
    [Some(word), without].into_iter().flatten().find_map(|word| {
        if let Some(table) = structure.table(word) {
            return Some(Place { table: table.name.clone(), column: None });
        }
        word.match_indices('.').find_map(|(at, _)| {
            let (table, column) = (word.get(..at)?, word.get(at + 1..)?);
            let table = structure.table(table)?;
            let column = table.column(column)?.name.clone();
            Some(Place { table: table.name.clone(), column: Some(column) })
        })
    })
}
