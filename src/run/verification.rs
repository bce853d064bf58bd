//! Verification within a run: which tables are compared when, and what a difference means.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use model::Table;
use postgres::Client;
use rusqlite::Connection;

use super::repairs::Repairing;
use super::sources::Database;
use super::targets::{self, Target};
use super::{World, counters, table_report};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::event::Event;
use crate::plan::{self, Copy, Input, Plan, TargetPlan};
use crate::repair::Repairs;
use crate::report::Report;
use crate::sqlite::Source;
use crate::stop::Stop;
use crate::text::counted;
use crate::verify::repair::{Judge, TableJudge, Tally};
use crate::verify::{self, Difference, TableDigest};

/// What was read of the sources.
pub struct Read<'r> {
    /// Digests, in the order of the plan's copies.
    digests: Vec<TableDigest>,
    /// What repairs make of each database.
    judges: BTreeMap<usize, Judge<'r>>,
    /// What that came to.
    pub tallies: BTreeMap<usize, Tally>,
}

/// The tables of a database that are in a plan.
fn tables(todo: &TargetPlan, input: usize) -> Vec<&'static Table> {
    let own = todo.copies.iter().filter(|copy| copy.input == input);
    own.map(Copy::table).collect()
}

/// Digests the sources' tables. Runs beside the server's work, on connections of its own.
pub fn sources<'r>(
    checkers: &[&Checker],
    todo: &TargetPlan,
    repairs: &'r Repairs,
    stop: &Stop,
) -> Result<Read<'r>> {
    let asked = || stop.asked();
    let (mut digests, mut judges) = (Vec::new(), BTreeMap::new());
    for copy in &todo.copies {
        let Some(checker) = checkers.get(copy.input) else {
            return Err(Error::new(Exit::Verification, "a table without a source", ""));
        };
        let connection = checker.lock().unwrap_or_else(PoisonError::into_inner);
        let tables = tables(todo, copy.input);
        if let Entry::Vacant(none) = judges.entry(copy.input) {
            none.insert(Judge::new(&connection, &tables, repairs, copy.input, &asked)?);
        }
        let judge = judges.get(&copy.input).and_then(|judge| judge.table(copy.table(), &tables));
        let table = compared(copy, judge.as_ref());
        digests.push(verify::digest_repaired(&connection, table, judge.as_ref(), &asked)?);
    }
    let tallies = judges.iter().map(|(input, judge)| (*input, judge.tally())).collect();
    Ok(Read { digests, judges, tallies })
}

/// What both ends of a table are compared by. SQLite computes from values as they were before
/// repairs, so that computed columns of a table with repairs cannot be compared.
fn compared(copy: &Copy, judge: Option<&TableJudge<'_>>) -> &'static Table {
    if judge.is_some() { copy.table() } else { copy.compared }
}

/// A source's second connection, which may go to another thread.
type Checker = Mutex<Connection>;

/// The second connections of all databases.
pub fn checkers(databases: &[Database]) -> Vec<&Checker> {
    databases.iter().map(|database| &database.source.checker).collect()
}

/// The result of the thread that made the digests.
pub fn joined<'r>(handle: ScopedJoinHandle<'_, Result<Read<'r>>>) -> Result<Read<'r>> {
    handle.join().unwrap_or_else(|_| {
        Err(Error::new(Exit::Verification, "reading the source for verification broke off", ""))
    })
}

/// Compares every table of a target with its source's digest; with what is to be compared stands
/// whether this run has loaded it.
pub fn compare(
    databases: &[Database],
    client: &mut Client,
    (todo, loaded): (&TargetPlan, bool),
    read: &Read<'_>,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    let mut faults = Vec::new();
    for (copy, source) in todo.copies.iter().zip(&read.digests) {
        world.stop.check()?;
        world.console.doing(&format!("verifying {} {}", copy.database, copy.table().name));
        world.hooks.reached_with(Event::Verify, client)?;
        let stop = world.stop.clone();
        let tables = tables(todo, copy.input);
        let judge = read.judges.get(&copy.input);
        let judge = judge.and_then(|judge| judge.table(copy.table(), &tables));
        let table = compared(copy, judge.as_ref());
        let target = verify::digest_target(client, &copy.schema, table, &|| stop.asked())?;
        let differences = verify::compare(source, &target);
        let entry = table_report(report, copy);
        entry.rows = source.rows;
        entry.verified = Some(differences.is_empty());
        let tally = read.tallies.get(&copy.input);
        let gone = tally.and_then(|tally| tally.quarantined.get(copy.table().name)).copied();
        entry.quarantined = gone.unwrap_or(0);
        if !differences.is_empty() {
            faults.push(fault(
                databases,
                client,
                (copy, loaded),
                &differences,
                judge.as_ref(),
                world,
            )?);
        }
    }
    faults.extend(counters::behind(client, (todo, loaded))?);
    if faults.is_empty() {
        world.console.say(&format!(
            "verified: {}, both ends equal",
            counted(todo.copies.len() as u64, "table")
        ));
    }
    Error::all(Exit::Verification, faults)
}

/// A difference in words, with keys where they can be found.
fn fault(
    databases: &[Database],
    client: &mut Client,
    (copy, loaded): (&Copy, bool),
    differences: &[Difference],
    judge: Option<&TableJudge<'_>>,
    world: &mut World,
) -> Result<Fault> {
    let whats: Vec<String> = differences
        .iter()
        .map(|difference| match difference {
            Difference::Count { source, target } => {
                format!("SQLite has {source} rows, PostgreSQL has {target}")
            }
            Difference::Keys => "rows are lost and others doubled or added".to_owned(),
            Difference::Column(name) => format!("column {name} differs"),
            Difference::Rows => "rows differ".to_owned(),
        })
        .collect();
    let name = copy.table().name;
    let text = format!("{}.{name}: {}", copy.database, whats.join(", "));
    let mut details = Vec::new();
    if let Some(database) = databases.get(copy.input) {
        let stop = world.stop.clone();
        let connection = database.source.checker.lock().unwrap_or_else(PoisonError::into_inner);
        let (schema, table) = (&copy.schema, compared(copy, judge));
        let asked = &|| stop.asked();
        let located = verify::locate_repaired(&connection, client, schema, table, judge, asked)?;
        details.extend(located.iter().map(ToString::to_string));
    }
    let computed = |difference: &Difference| match difference {
        Difference::Column(name) => {
            copy.table().column(name).is_some_and(|column| column.generated.is_some())
        }
        _ => false,
    };
    let hint = match (differences.iter().all(computed), loaded) {
        (true, _) => {
            "PostgreSQL computes it otherwise than SQLite: where that is right, write `source = \
             false` in the column's line and its name under `ignore` of the table, so that it is \
             not compared"
        }
        (false, false) => {
            "one side was changed since the copy; or it was made with repairs: then give the same \
             ones"
        }
        (false, true) => "this is a fault of this program: keep the report and tell its makers",
    };
    Ok(Fault::new(text, hint).with_details(details))
}

/// Compares everything that is planned with what stands in the targets, for `--verify`.
pub fn all(
    databases: &[Database],
    targets: &mut [Target],
    plan: &Plan,
    repairing: &Repairing,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    let begun = Instant::now();
    let mut faults = Vec::new();
    for (target, todo) in targets.iter_mut().zip(&plan.targets) {
        let read = sources(&checkers(databases), todo, &repairing.repairs, &world.stop)?;
        repairing.report(&read.tallies, report);
        let client = &mut target.connection.client;
        targets::begin_reading(client)?;
        match compare(databases, client, (todo, false), &read, world, report) {
            Err(error) if error.exit == Exit::Verification => faults.extend(error.faults),
            other => other?,
        }
        targets::end_reading(client)?;
    }
    report.step("verify", begun, ());
    Error::all(Exit::Verification, faults)
}

/// The databases that are completely there already, with exactly the source's content: the places
/// among the inputs. A rerun after a kill behind COMMIT, or after the second of two commits
/// failed, finds them.
pub fn done(
    databases: &[Database],
    targets: &mut [Target],
    inputs: &[Input],
    repairing: &Repairing,
    world: &mut World,
    report: &mut Report,
) -> Result<Vec<usize>> {
    let mut done = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        let Some(database) = databases.get(place).filter(|_| input.filled) else { continue };
        let repairs = !repairing.repairs.all.is_empty();
        if !repairs && !same_counts(&database.source, input)? {
            let text = format!("{}: PostgreSQL has other rows than SQLite", input.database);
            world.console.say(&text);
            continue;
        }
        world.console.say(&format!("{}: all tables are there already; comparing", input.database));
        let mut only = inputs.to_vec();
        for (other, skipped) in only.iter_mut().enumerate() {
            skipped.target = if other == place { skipped.target } else { usize::MAX };
        }
        let plan = plan::plan(&only, targets.len());
        match all(databases, targets, &plan, repairing, world, report) {
            Ok(()) => done.push(place),
            Err(error) if error.exit == Exit::Verification => {
                let text = format!("{}: not what SQLite holds (--verify lists it)", input.database);
                world.console.say(&text);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Whether every table has as many rows on both sides: most targets that are something else are
/// told apart by that, without reading everything.
fn same_counts(source: &Source, input: &Input) -> Result<bool> {
    let Some(prepared) = &input.prepared else { return Ok(false) };
    for table in input.tables.iter().map(|planned| &planned.shape.table) {
        let there = prepared.rows.iter().find(|(name, _)| name == table.name);
        if source.rows(table.source)? != there.map_or(0, |(_, rows)| *rows) {
            return Ok(false);
        }
    }
    Ok(true)
}
