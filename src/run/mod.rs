//! A run from its request to its outcome: the steps of ARCHITECTURE.md in their order.
//!
//! Sources are read, targets are looked at, everything is planned and every row is looked at
//! before the first write; then each target is loaded and verified in one transaction of its own,
//! and the commits come last, one after the other.

mod counters;
mod estimate;
mod histories;
mod listing;
mod load;
mod repairs;
mod rows;
mod sources;
mod standing;
mod targets;
mod verification;
mod wrong;

use std::path::PathBuf;
use std::time::Instant;

use crate::check;
use crate::diagnostic::console::Console;
use crate::diagnostic::{Exit, Fault, Result, Severity};
use crate::event::Event;
use crate::load::hooks::Hooks;
use crate::load::publish::{self, Pending};
use crate::plan::{self, Copy, Plan};
use crate::postgres::connection::{Address, Environment};
use crate::report::{Outcome, Report, TableReport};
use crate::schema::Schema;
use crate::sqlite::Integrity;
use crate::stop::Stop;
use crate::text::counted;

use repairs::Repairing;
pub use repairs::{KEYS, Wanted as Repairs};
use sources::Database;
use targets::Target;
use wrong::Wrong;

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
    /// Migration history tables whose lists may differ, as `TABLE` or `DATABASE.TABLE`.
    pub accepted_histories: Vec<String>,
    /// What is to be repaired on the way.
    pub repairs: repairs::Wanted,
}

impl Request {
    /// Nothing but these databases: the quick check, nothing replaced, nothing repaired.
    pub fn new(databases: Vec<Wanted>, mode: Mode) -> Request {
        Request {
            databases,
            mode,
            integrity: Integrity::default(),
            drop_all: false,
            replace_seed: false,
            accepted_histories: Vec::new(),
            repairs: repairs::Wanted::default(),
        }
    }
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
    if let Err(error) = &ended {
        targets::tell(&error.faults, Severity::Error, "", report);
    }
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
    let mut wrong = Wrong::default();
    repairing.begin(request)?;
    let mut databases = sources::open(request, world, report, &mut wrong)?;
    // Repairs are held against all databases, and a comparison needs them.
    if request.mode == Mode::Verify || !request.repairs.asked.is_empty() {
        std::mem::take(&mut wrong).end()?;
    }
    repairing.resolve(request, &mut databases)?;
    let mut targets = targets::connect(request, &databases, world, report, &mut wrong)?;
    let mut inputs = targets::inputs(&databases, &mut targets, report)?;
    histories::check_flags(request, &inputs)?;
    if request.mode == Mode::Verify {
        wrong.end()?;
        standing::expect_tables(&mut targets, &mut inputs, world)?;
        let plan = plan::plan(&inputs, targets.len());
        verification::all(&databases, &mut targets, &plan, repairing, world, report)?;
        return Ok(Outcome::Same);
    }
    // Behind the targets come databases whose target cannot be reached.
    let places = targets.len() + 1;
    let found = standing::look(request, &databases, &mut targets, &mut inputs, world, report);
    let looked = wrong.keep(found)?.unwrap_or_default();
    let whole = plan::plan(&inputs, places);
    let done = match request.drop_all {
        true => Vec::new(),
        false => verification::done(&databases, &mut targets, &inputs, repairing, world, report)?,
    };
    if done.len() == inputs.len() && wrong.is_empty() {
        if repairing.owes_file(request) {
            repairing.judge(&databases, &whole, world, report)?;
            repairing.publish(world, report);
        }
        return Ok(Outcome::AlreadyThere);
    }
    let blockers = histories::decide(request, looked, &done, wrong.is_empty(), world, report)?;
    let left = standing::without_done(inputs.clone(), &done, blockers, world, report);
    let inputs = wrong.keep(left)?.unwrap_or(inputs);
    let mut plan = plan::plan(&inputs, places);
    announce(world, &plan, &databases);
    repairing.file_is_free(request)?;
    repairing.judge(&databases, &whole, world, report)?;
    wrong.keep(repairing.take_over(&mut plan))?;
    rows::look(&databases, &mut targets, &plan, world, report, &mut wrong)?;
    wrong.end()?;
    estimate::tell(request.mode, world, report);
    match request.mode {
        Mode::DryRun => Ok(Outcome::Clean),
        _ if !confirmed(world)? => Ok(Outcome::Declined),
        _ => carry_out(&databases, &mut targets, &plan, repairing, world, report),
    }
}

/// Whether the question, where one is asked, was answered with yes.
fn confirmed(world: &mut World) -> Result<bool> {
    if !world.ask {
        return Ok(true);
    }
    let confirmed = world.console.confirm("continue?", &|| world.stop.asked());
    world.stop.check()?;
    Ok(confirmed)
}

/// Everything that writes.
fn carry_out(
    databases: &[Database],
    targets: &mut [Target],
    plan: &Plan,
    repairing: &mut Repairing,
    world: &mut World,
    report: &mut Report,
) -> Result<Outcome> {
    let loaded = load::all(databases, targets, plan, repairing, world, report);
    loaded.map_err(|error| check::columns::explained(error, &report.findings))?;
    for database in databases {
        database.source.unchanged()?;
    }
    publish(targets, plan, world, report)?;
    repairing.publish(world, report);
    Ok(Outcome::Migrated)
}

/// What is going to happen, in words, before the question.
fn announce(world: &mut World, plan: &Plan, databases: &[Database]) {
    for (place, target) in plan.targets.iter().enumerate() {
        let tables = counted(target.copies.len() as u64, "table");
        if target.copies.is_empty() {
            continue;
        }
        let transaction = match plan.targets.len() - 1 {
            0 | 1 => "in one transaction".to_owned(),
            all => format!("in transaction {} of {all}", place + 1),
        };
        let names: Vec<&str> = databases
            .iter()
            .enumerate()
            .filter(|(input, _)| target.copies.iter().any(|copy| copy.input == *input))
            .map(|(_, database)| database.name.as_str())
            .collect();
        let names = names.join(" and ");
        world.console.say(&format!("plan: {names}: {tables} {transaction}"));
    }
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
        let connection = &mut target.connection;
        let client = &mut connection.client;
        world.hooks.reached_with(Event::BeforeCommit, client)?;
        let table = |copy: &Copy| (copy.schema.clone(), copy.table().name.to_owned());
        let pending = Pending {
            host: &connection.host,
            address: &target.address,
            environment: &world.environment,
            tables: todo.copies.iter().map(table).collect(),
        };
        let say = &mut |line: &str| world.console.say(line);
        let committed = publish::commit(client, &pending, &world.stop, &mut world.hooks, say);
        if let Err(mut error) = committed {
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
    world.stop.end_commit();
    report.step("publish", begun, ());
    Ok(())
}
