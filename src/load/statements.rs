//! Statements of the plan and statistics, all in the load's own transaction.

use postgres::Client;

use model::sql::{self, QualifiedName, Statement};

use crate::diagnostic::Result;
use crate::load::hooks::Hooks;
use crate::plan::Copy;
use crate::postgres::session;
use crate::postgres::{server_error, server_error_in};
use crate::run::World;

/// Runs one statement of the plan.
///
/// # Errors
/// The server's.
pub fn run(client: &mut Client, statement: &Statement, hooks: &mut Hooks) -> Result<()> {
    hooks.reached_with(statement.section.into(), client)?;
    let sql = statement.sql();
    client.batch_execute(&sql).map_err(|error| server_error_in(&statement.progress(), &sql, &error))
}

/// Runs one statement of the plan that may have to wait for other sessions' locks: those that
/// `watcher` sees holding them up are named when the wait was too long.
///
/// # Errors
/// The server's.
pub fn run_watched(
    client: &mut Client,
    watcher: &mut Client,
    pid: i32,
    statement: &Statement,
    world: &mut World,
) -> Result<()> {
    world.hooks.reached_with(statement.section.into(), client)?;
    let sql = statement.sql();
    session::watched(
        watcher,
        pid,
        &mut |text| world.console.say(text),
        || client.batch_execute(&sql),
        |error| server_error_in(&statement.progress(), &sql, &error),
    )
}

/// Gathers the planner's statistics, so that the first hours are not slow.
///
/// # Errors
/// The server's.
pub fn analyze(client: &mut Client, copy: &Copy) -> Result<()> {
    let table = QualifiedName { schema: &copy.schema, name: copy.table().name };
    client
        .batch_execute(&sql::analyze(table))
        .map_err(|error| server_error(&format!("statistics of {}", copy.table().name), &error))
}
