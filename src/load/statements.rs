//! Statements of the plan and statistics, all in the load's own transaction.

use postgres::Client;

use model::sql::{self, QualifiedName, Statement};

use crate::diagnostic::console::WorkItem;
use crate::diagnostic::{Error, Result};
use crate::load::hooks::Hooks;
use crate::plan::Copy;
use crate::postgres::index_progress::describe_index_progress;
use crate::postgres::watcher::Watcher;
use crate::postgres::{server_error, server_error_in, session};

/// A session whose statements may have to wait, and another that can say for whom.
pub struct WatchedSession<'s> {
    /// The session.
    pub client: &'s mut Client,
    /// The other one.
    pub watcher: &'s Watcher,
    /// The first one's process on the server.
    pub pid: i32,
}

/// Runs one statement of the plan that may take long; `work` gets how far an index is.
///
/// # Errors
/// The server's.
pub fn run_long_statement(
    session: &mut WatchedSession<'_>,
    statement: &Statement,
    hooks: &mut Hooks,
    work: &WorkItem,
) -> Result<()> {
    let WatchedSession { client, watcher, pid } = session;
    hooks.run_at_with_session(statement.section.into(), client)?;
    let sql = statement.sql();
    let mut observe = |watcher: &mut Client| {
        let described = describe_index_progress(watcher, *pid);
        described.map(|detail| work.set_detail(detail)).is_ok()
    };
    session::run_observed(watcher, &mut observe, || client.batch_execute(&sql))
        .map_err(|error| statement_error(statement, &error))
}

/// Runs one statement of the plan that may have to wait for other sessions' locks: they are named
/// to `inform`, and in the error when the wait was too long.
///
/// # Errors
/// The server's.
pub fn run_watched_statement(
    session: &mut WatchedSession<'_>,
    statement: &Statement,
    hooks: &mut Hooks,
    inform: &mut (dyn FnMut(&str) + Send),
) -> Result<()> {
    let WatchedSession { client, watcher, pid } = session;
    hooks.run_at_with_session(statement.section.into(), client)?;
    session::run_watched(
        watcher,
        *pid,
        inform,
        || client.batch_execute(&statement.sql()),
        |error| statement_error(statement, &error),
    )
}

/// An error of a statement, with the index that it was to make.
fn statement_error(statement: &Statement, error: &postgres::Error) -> Error {
    let mut error = server_error_in(&statement.progress_text(), &statement.sql(), error);
    if let Some(name) = statement.object.index_name() {
        error.faults.iter_mut().for_each(|fault| fault.index = Some(name.to_owned()));
    }
    error
}

/// Gathers the planner's statistics of tables in one round trip, so that the first hours are not
/// slow.
///
/// # Errors
/// The server's.
pub fn analyze_tables(client: &mut Client, copies: &[&Copy]) -> Result<()> {
    let names: Vec<QualifiedName<'_>> = copies
        .iter()
        .map(|copy| QualifiedName { schema: &copy.schema, name: copy.table().name })
        .collect();
    let what = match names.as_slice() {
        [one] => format!("gathering statistics of {}", one.name),
        several => format!("gathering statistics of {} tables", several.len()),
    };
    client.batch_execute(&sql::analyze(&names)).map_err(|error| server_error(&what, &error))
}
