//! A run from its request to its outcome: the steps of ARCHITECTURE.md in their order.
//!
//! Sources are read, targets are looked at, everything is planned and every row is looked at
//! before the first write; then each target is loaded and verified in one transaction of its own,
//! and the commits come last, one after the other.

mod estimate;
mod load;
mod repairs;
mod sources;
mod standing;
mod targets;
mod verification;

use std::path::PathBuf;
use std::time::Instant;

use crate::connection::{Address, Environment};
use crate::console::Console;
use crate::error::{Error, Exit, Fault, Result};
use crate::event::{Event, Hooks};
use crate::finding::Severity;
use crate::plan::{self, Copy, Plan};
use crate::preflight;
use crate::publish;
use crate::repair;
use crate::report::{Outcome, Report, TableReport, grouped};
use crate::schema::Schema;
use crate::source::Integrity;
use crate::stop::Stop;

use repairs::Repairing;
pub use repairs::Wanted as Repairs;
use sources::Database;
use targets::Target;

/// What is asked for.
#[derive(Debug)]
pub struct Request {
    /// The databases, in the order in which they are done.
    pub databases: Vec<Wanted>,
    /// What to do with them.
    pub mode: Mode,
    /// How far the files are checked for damage.
    pub integrity: Integrity,
    /// Whether planned tables that stand in the target are replaced: dropped, if this program made
    /// them, emptied otherwise.
    pub drop_all: bool,
    /// Whether rows of the application's own tables are replaced.
    pub replace_seed: bool,
    /// What is to be repaired on the way.
    pub repairs: repairs::Wanted,
}

/// One database to be moved.
#[derive(Debug)]
pub struct Wanted {
    /// `core`, `instrumentation`, or the schema's name.
    pub name: String,
    /// Its schema in all versions.
    pub schema: Schema,
    /// The version, where it is not the structure that decides.
    pub version: Option<String>,
    /// The SQLite file.
    pub source: PathBuf,
    /// Whether the application's configuration names it.
    pub configured: bool,
    /// Names of the application's processes, which must not run.
    pub application: &'static [&'static str],
    /// Where it goes.
    pub address: Address,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Copy, verify, publish.
    Migrate,
    /// Look at everything, write nothing.
    DryRun,
    /// Compare what both ends hold.
    Verify,
}

/// What surrounds a run.
pub struct World {
    /// Password files, home directory and the like.
    pub environment: Environment,
    /// Hooks of tests.
    pub hooks: Hooks,
    /// Whether a signal came.
    pub stop: Stop,
    /// Where to speak.
    pub console: Console,
    /// Whether to ask before anything is written.
    pub ask: bool,
}

/// Does what is asked for. The report is filled on the way and tells how far it came.
///
/// # Errors
/// Whatever stops it; nothing has changed in the target then, but for
/// [`Exit::CommitUnknown`] and for a second target whose commit failed after the first.
pub fn run(request: &Request, world: &mut World, report: &mut Report) -> Result<Outcome> {
    let mut repairing = Repairing::default();
    let ended = steps(request, &mut repairing, world, report);
    let unknown = matches!(&ended, Err(error) if error.exit == Exit::CommitUnknown);
    if !unknown && !report.databases.iter().any(|database| database.committed) {
        repairing.discard();
    } else if ended.is_err() {
        repairing.keep(world, report);
    }
    match ended {
        // Whatever the server said when its statement was cancelled: it was the signal.
        Err(error)
            if world.stop.asked()
                && error.exit != Exit::CommitUnknown
                && !report.databases.iter().any(|database| database.committed) =>
        {
            Err(crate::stop::interrupted())
        }
        ended => ended,
    }
}

fn steps(
    request: &Request,
    repairing: &mut Repairing,
    world: &mut World,
    report: &mut Report,
) -> Result<Outcome> {
    repairing.begin(request)?;
    let mut databases = sources::open(request, world, report)?;
    repairing.resolve(request, &mut databases)?;
    let mut targets = targets::connect(request, &databases, world, report)?;
    let mut inputs = targets::inputs(&databases, &mut targets, report)?;
    if request.mode == Mode::Verify {
        standing::expect_tables(&mut targets, &mut inputs, world)?;
        let plan = plan::plan(&inputs, targets.len());
        verification::all(&databases, &mut targets, &plan, repairing, world, report)?;
        return Ok(Outcome::Same);
    }
    let blockers = standing::look(request, &databases, &mut targets, &mut inputs, world, report)?;
    let whole = plan::plan(&inputs, targets.len());
    let done = match request.drop_all {
        true => Vec::new(),
        false => verification::done(&databases, &mut targets, &inputs, repairing, world, report)?,
    };
    if done.len() == inputs.len() {
        if repairing.owes_file(request) {
            repairing.judge(request, &databases, &whole, world, report)?;
            repairing.publish(world, report);
        }
        return Ok(Outcome::AlreadyThere);
    }
    let inputs = standing::without_done(inputs, &done, blockers, world, report)?;
    let mut plan = plan::plan(&inputs, targets.len());
    announce(world, &plan, &databases);
    repairing.file_is_free(request)?;
    repairing.judge(request, &databases, &whole, world, report)?;
    repairing.take_over(&mut plan)?;
    look_at_rows(&databases, &plan, world, report)?;
    estimate::tell(request.mode, world, report);
    if request.mode == Mode::Migrate && world.ask {
        let confirmed = world.console.confirm("continue?", &world.stop);
        world.stop.check()?;
        if !confirmed {
            return Ok(Outcome::Declined);
        }
    }
    if request.mode == Mode::DryRun {
        return Ok(Outcome::Clean);
    }
    load::all(&databases, &mut targets, &plan, repairing, world, report)?;
    for database in &databases {
        database.source.unchanged()?;
    }
    publish(&mut targets, &plan, world, report)?;
    repairing.publish(world, report);
    Ok(Outcome::Migrated)
}

/// What is going to happen, in words, before the question.
fn announce(world: &mut World, plan: &Plan, databases: &[Database]) {
    for (place, target) in plan.targets.iter().enumerate() {
        let tables = target.copies.len();
        if tables == 0 {
            continue;
        }
        let transaction = match plan.targets.len() {
            1 => "in one transaction".to_owned(),
            all => format!("in transaction {} of {all}", place + 1),
        };
        let names: Vec<&str> = databases
            .iter()
            .enumerate()
            .filter(|(input, _)| target.copies.iter().any(|copy| copy.input == *input))
            .map(|(_, database)| database.name.as_str())
            .collect();
        let names = names.join(" and ");
        world.console.say(&format!("plan: {names}: {tables} tables {transaction}"));
    }
}

/// Reads every row before anything is written.
fn look_at_rows(
    databases: &[Database],
    plan: &Plan,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    let begun = Instant::now();
    let all = plan.targets.iter().map(|target| target.copies.as_slice());
    let tasks = all.flat_map(|copies| copies.iter().map(move |copy| (copy, copies)));
    let tasks: Vec<preflight::Task<'_>> = tasks
        .filter_map(|(copy, copies)| {
            let source = &databases.get(copy.input)?.source;
            Some(preflight::Task { source, copy, copies })
        })
        .collect();
    let (stop, console) = (&world.stop, &mut world.console);
    let seen = preflight::look(&tasks, stop, &mut |copy| {
        console.doing(&format!("reading {} {}", copy.database, copy.table().name));
    })?;
    for (task, seen) in tasks.iter().zip(seen) {
        let table = table_report(report, task.copy);
        table.rows = seen.rows;
        table.notes = seen.notes;
        table.profiles = seen.profiles;
        for mut finding in seen.findings {
            finding.repairs = repair::offer::flags(&finding, task.copy.table());
            report.findings.push(finding);
        }
    }
    report.step("preflight", begun, ());
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let faults: Vec<Fault> = errors.map(crate::finding::Finding::fault).collect();
    if faults.is_empty() {
        let rows: u64 = report.databases.iter().flat_map(|d| &d.tables).map(|t| t.rows).sum();
        world.console.say(&format!("preflight: {} rows read, all fit", grouped(rows)));
    }
    Error::all(Exit::Findings, faults)
}

/// The report's entry of a table, made when it is first asked for.
fn table_report<'a>(report: &'a mut Report, copy: &Copy) -> &'a mut TableReport {
    let name = copy.table().name;
    while report.databases.len() <= copy.input {
        report.databases.push(crate::report::DatabaseReport::default());
    }
    let last = report.databases.len() - 1;
    let place = copy.input.min(last);
    // The index was made to exist by the loop above.
    #[allow(clippy::indexing_slicing)]
    let tables = &mut report.databases[place].tables;
    let at = tables.iter().position(|table| table.name == name).unwrap_or_else(|| {
        let columns = copy.table().copied().map(|column| column.name).collect();
        tables.push(TableReport { name: name.to_owned(), columns, ..TableReport::default() });
        tables.len() - 1
    });
    #[allow(clippy::indexing_slicing)]
    &mut tables[at]
}

/// The commits, one after the other.
fn publish(
    targets: &mut [Target],
    plan: &Plan,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    world.stop.check()?;
    let begun = Instant::now();
    let mut published = 0;
    for (target, todo) in targets.iter_mut().zip(&plan.targets) {
        if todo.copies.is_empty() {
            continue;
        }
        let client = &mut target.connection.client;
        world.hooks.reached_with(Event::BeforeCommit, client)?;
        if let Err(mut error) = publish::commit(client, &target.address, &world.environment) {
            if published > 0 {
                error.faults.push(Fault::new(
                    "the other database is already committed and stays",
                    "run the same command again: it verifies what is there and does the rest",
                ));
            }
            return Err(error);
        }
        published += 1;
        for (place, _) in &target.schemas {
            let copied = todo.copies.iter().any(|copy| copy.input == *place);
            if let Some(entry) = report.databases.get_mut(*place) {
                entry.committed = copied;
            }
        }
        world.hooks.reached_with(Event::AfterCommit, client)?;
    }
    report.step("publish", begun, ());
    Ok(())
}
