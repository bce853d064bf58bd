//! Loading: in each target's transaction create, copy, build keys, restart sequences, verify.

use std::time::Instant;

use super::repairs::Repairing;
use super::sources::Database;
use super::targets::{LOCK_TIMEOUT, Target};
use super::{World, table_report, verification};
use crate::diagnostic::{Error, Exit, Result};
use crate::event::Event;
use crate::load::copy;
use crate::load::sequences;
use crate::load::statements;
use crate::plan::{Plan, TargetPlan};
use crate::postgres::existing::{self, Prepared};
use crate::postgres::server_error;
use crate::postgres::session;
use crate::report::Report;
use crate::text::grouped;

/// Loads and verifies every target; nothing is committed.
pub fn all(
    databases: &[Database],
    targets: &mut [Target],
    plan: &Plan,
    repairing: &Repairing,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    for (target, todo) in targets.iter_mut().zip(&plan.targets) {
        if !todo.copies.is_empty() {
            one(databases, target, todo, repairing, world, report)?;
        }
    }
    Ok(())
}

fn one(
    databases: &[Database],
    target: &mut Target,
    todo: &TargetPlan,
    repairing: &Repairing,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    let begun = Instant::now();
    begin(target, todo, world)?;
    let pid = target.facts.pid;
    for prepared in &todo.prepared {
        world.console.doing(&format!("locking the tables of {}", prepared.database));
        take(target, prepared, world)?;
    }
    let (client, watcher) = (&mut target.connection.client, &mut target.watcher);
    for statement in &todo.before {
        world.console.doing(&statement.progress());
        statements::run_watched(client, watcher, pid, statement, world)?;
    }
    report.step("create", begun, ());
    let begun = Instant::now();
    for copy in &todo.copies {
        let Some(database) = databases.get(copy.input) else { continue };
        let name = copy.table().name;
        world.console.doing(&format!("copying {} {name}", copy.database));
        world.hooks.reached_with(Event::Table, client)?;
        let copied = copy::copy(&database.source, client, copy, &mut world.hooks, &world.stop)?;
        let table = table_report(report, copy);
        (table.rows, table.bytes, table.time) = (copied.rows, copied.bytes, copied.time);
        table.notes = copied.notes;
    }
    report.step("copy", begun, ());
    let rows: u64 = report.databases.iter().flat_map(|d| &d.tables).map(|t| t.rows).sum();
    world.console.say(&format!("copied: {} rows", grouped(rows)));
    // While PostgreSQL builds indexes this process would be idle: it reads the source again.
    std::thread::scope(|scope| {
        let stop = world.stop.clone();
        let checkers = verification::checkers(databases);
        let repairs = &repairing.repairs;
        let read = scope.spawn(move || verification::sources(&checkers, todo, repairs, &stop));
        let begun = Instant::now();
        complete(databases, client, todo, world)?;
        report.step("keys", begun, ());
        let begun = Instant::now();
        let read = verification::joined(read)?;
        verification::compare(databases, client, (todo, true), &read, world, report)?;
        Error::all(Exit::Verification, repairing.agree(&read.tallies))?;
        repairing.verify_file(databases, &read.tallies)?;
        report.step("verify", begun, ());
        Ok(())
    })
}

/// Opens the transaction, without time limits, and makes sure that no other run is at it.
fn begin(target: &mut Target, todo: &TargetPlan, world: &mut World) -> Result<()> {
    let client = &mut target.connection.client;
    client.batch_execute("BEGIN").map_err(|error| server_error("BEGIN", &error))?;
    session::lift_limits(client, LOCK_TIMEOUT)?;
    let (database, mut waited) = (&target.facts.database.0, false);
    for (_, schema) in &target.schemas {
        let waiting = &mut |text: &str| world.console.say(text);
        waited |= session::lock_schema(client, database, schema, waiting)?;
    }
    // The other run may have been killed while its COMMIT was on the way.
    if waited && changed(client, todo)? {
        return Err(Error::new(
            Exit::Target,
            "another migration into the same schema has ended while this one waited for it",
            "run the same command again: it looks at what is there now",
        ));
    }
    Ok(())
}

/// Locks the tables that stand, and makes sure that they are still what was looked at.
fn take(target: &mut Target, prepared: &Prepared, world: &mut World) -> Result<()> {
    let client = &mut target.connection.client;
    world.hooks.reached_with(Event::SetAside, client)?;
    session::watched(
        &mut target.watcher,
        target.facts.pid,
        &mut |text| world.console.say(text),
        || existing::lock(client, prepared),
        |error| server_error("locking the tables", &error),
    )?;
    existing::settle(client, prepared)
}

/// Whether the planned tables that stand are others than those that the plan knows of.
fn changed(client: &mut postgres::Client, todo: &TargetPlan) -> Result<bool> {
    let sql = "SELECT to_regclass($1) IS NOT NULL";
    for copy in &todo.copies {
        let name = model::sql::qualified(&copy.schema, copy.table().name);
        let row = client.query_one(sql, &[&name]).map_err(|error| server_error(sql, &error))?;
        if row.get::<_, bool>(0) != copy.stands {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keys, indexes, foreign keys, sequences and statistics.
fn complete(
    databases: &[Database],
    client: &mut postgres::Client,
    todo: &TargetPlan,
    world: &mut World,
) -> Result<()> {
    for statement in &todo.after {
        world.stop.check()?;
        world.console.doing(&statement.progress());
        statements::run(client, statement, &mut world.hooks)?;
    }
    let sources: Vec<_> = databases.iter().map(|database| &database.source).collect();
    sequences::restart(client, &sources, todo, &mut world.hooks)?;
    for copy in &todo.copies {
        world.stop.check()?;
        statements::analyze(client, copy)?;
    }
    Ok(())
}
