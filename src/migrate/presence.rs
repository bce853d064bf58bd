//! Whether databases are in PostgreSQL already, for what is said at the end of another run.

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::request::Request;
use super::{Connected, existing_tables, open_and_connect};
use crate::diagnostic::Result;
use crate::plan::PlannedTable;

/// Whether databases are in PostgreSQL, as far as counting rows tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Each table has as many rows there as in SQLite.
    Moved,
    /// A table is missing there, or has no rows where SQLite has some.
    NotMoved,
    /// There are rows in all tables, but not as many: the application's first ones, or those that
    /// repairs have left.
    Differs(Difference),
    /// Nobody could look.
    Unknown,
}

/// A table that has other numbers of rows on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name in PostgreSQL.
    pub table: String,
    /// Its rows in PostgreSQL.
    pub target_rows: u64,
    /// Its rows in SQLite.
    pub source_rows: u64,
}

/// Whether the databases of a request are in PostgreSQL. A load becomes visible whole or not at
/// all, so that rows are counted and not compared.
///
/// # Errors
/// What keeps from counting.
pub fn count_moved(request: &Request, context: &mut Context) -> Result<Presence> {
    context.diagnostics = Diagnostics::default();
    let Connected { sources, mut targets, databases } = open_and_connect(request, context)?;
    context.diagnostics.fail_if_any()?;
    // Of a database whose schema is not known yet, nothing was moved.
    if databases.ids().count() < request.databases.len() {
        return Ok(Presence::NotMoved);
    }
    let mut presence = Presence::Moved;
    for (id, database) in databases.entries() {
        let Some(target) = database.target else { return Ok(Presence::NotMoved) };
        let existing =
            existing_tables::read_existing(targets.get_mut(target)?, database, &[], context)?;
        if existing.survey.is_none() {
            return Ok(Presence::NotMoved);
        }
        let source = &sources.databases.get(id)?.source;
        let loaded =
            |planned: &&PlannedTable| !database.version.is_history_table(planned.shape.table.name);
        for planned in database.tables.iter().filter(loaded) {
            let table = &planned.shape.table;
            let (there, here) = (existing.row_count(table.name), source.count_rows(table.source)?);
            match there == here {
                true => {}
                false if there == 0 => return Ok(Presence::NotMoved),
                false if presence == Presence::Moved => {
                    let table = table.name.to_owned();
                    let counts = Difference { table, target_rows: there, source_rows: here };
                    presence = Presence::Differs(counts);
                }
                false => {}
            }
        }
    }
    Ok(presence)
}
