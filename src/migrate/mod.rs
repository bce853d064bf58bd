//! A run from its request to its outcome: the steps of ARCHITECTURE.md in their order.
//!
//! [`run`] is the entry. Its three drivers share their steps: sources are opened, targets connected
//! and inspected, everything is planned and every row checked before the first write; then each
//! target is loaded and verified in one transaction of its own, and the commits come last, one
//! after the other.

mod commit;
mod context;
mod describe;
mod diagnostics;
mod encrypted_values;
mod estimate;
mod existing_tables;
mod histories;
mod integrity_checks;
mod key_list;
mod load;
mod not_moved;
mod presence;
mod repair_files;
mod repair_results;
mod request;
mod resolve;
mod row_checks;
mod row_counts;
mod row_hints;
mod seed_rows;
mod sequence_checks;
mod server_rows;
mod sources;
mod target_state;
mod targets;
mod verification;
mod versions;

use std::collections::BTreeSet;
use std::time::Instant;

use crate::diagnostic::{Error, Exit, Id, Result, Severity};
use crate::ids::{PerDatabase, PerTarget};
use crate::plan::{self, Plan, PlannedDatabase};
use crate::report::Outcome;
use crate::stop;
use crate::text::count_with_noun;

use diagnostics::Diagnostics;
use integrity_checks::IntegrityChecks;
use key_list::KeyList;
use repair_files::RepairFiles;
use sources::Sources;
use targets::Target;

pub use context::Context;
pub use key_list::KEYS;
pub use presence::{Difference, Presence, count_moved};
pub use request::{
    ChosenSchema, KeyTrial, Mode, Request, RequestedDatabase, RequestedRepairs, RequestedSchema,
    RowChecks, SchemaSearch, TriedValue,
};

/// Migrates, rehearses or verifies what is asked for, as [`Request::mode`] says. The context's
/// report is filled on the way and says how far the run came; [`Context::report`] has it also after
/// an error.
///
/// ```no_run
/// use connect_migrate::postgres::connection::{Address, Environment};
/// use connect_migrate::diagnostic::console::Console;
/// use connect_migrate::migrate::{
///     ChosenSchema, Context, Mode, Request, RequestedDatabase, RequestedSchema, run,
/// };
/// use connect_migrate::{schema, stop::Stop};
///
/// let environment = Environment::from_process();
/// let schema = *schema::built_in("connect/core").ok_or("no such schema")?;
/// let database = RequestedDatabase {
///     name: "core".to_owned(),
///     schema: RequestedSchema::Given(ChosenSchema { schema, version: None }),
///     source: "connect.db".into(),
///     missing_file_hint: String::new(),
///     load_hint: Default::default(),
///     configured: false,
///     application: &[],
///     address: Address::parse_setting("target", "postgres://localhost/c", None, &environment)?,
/// };
/// let mut context = Context::new(environment, Stop::default(), Console::silent());
/// let outcome = run(&Request::new(vec![database], Mode::DryRun), &mut context)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Whatever stops it; nothing has changed in the target then, but for
/// [`Exit::CommitUnknown`] and for a second target whose commit failed after the first.
pub fn run(request: &Request, context: &mut Context) -> Result<Outcome> {
    context.diagnostics = Diagnostics::default();
    context.trial = request.trial;
    context.integrity_checks = IntegrityChecks::default();
    context.keys = KeyList::create(&request.repairs)?;
    let mut files = RepairFiles::default();
    let ended = run_mode(request, &mut files, context);
    if let Err(error) = &ended {
        error.faults.iter().for_each(|fault| context.record_fault(fault, Severity::Error, ""));
    }
    if let Err(error) = context.keys.finish() {
        error.faults.into_iter().for_each(|fault| context.report_warning(fault, ""));
    }
    let is_unknown = matches!(&ended, Err(error) if error.exit == Exit::CommitUnknown);
    let nothing_changed = !is_unknown && !context.report.any_committed();
    if nothing_changed {
        files.discard_quarantine();
    } else if ended.is_err() {
        files.keep_quarantine(context);
    }
    match ended {
        // Whatever the server said when its statement was cancelled: it was the signal.
        Err(_) if nothing_changed && context.stop.is_asked() => Err(stop::interrupted_error()),
        ended => ended,
    }
}

fn run_mode(request: &Request, files: &mut RepairFiles, context: &mut Context) -> Result<Outcome> {
    *files = RepairFiles::create_quarantine(request)?;
    match request.mode {
        Mode::Migrate => {
            let outcome = run_migration(request, files, context);
            sources::prefer_damage(outcome, context)
        }
        Mode::Rehearse => {
            let outcome = run_rehearsal(request, files, context);
            sources::prefer_damage(outcome, context)
        }
        Mode::DryRun => {
            let ended = run_dry_run(request, files, context);
            ended.map_err(|error| with_exit_of_loss(error, Exit::Target))
        }
        Mode::Verify => {
            let ended = run_verification(request, context);
            ended.map_err(|error| with_exit_of_loss(error, Exit::Target))
        }
    }
}

/// A connection that is lost has one exit code, wherever that happens: [`Exit::Load`] in a run that
/// loads, once it is connected, and [`Exit::Target`] otherwise.
fn with_exit_of_loss(error: Error, exit: Exit) -> Error {
    let is_lost = matches!(error.exit, Exit::Load | Exit::Target)
        && error.faults.iter().any(|fault| fault.id == Some(Id::P10));
    if is_lost { Error { exit, ..error } } else { error }
}

/// Checks everything, then loads, verifies and publishes; or checks the rows while they are loaded.
fn run_migration(
    request: &Request,
    files: &mut RepairFiles,
    context: &mut Context,
) -> Result<Outcome> {
    let question = match request.blank_only {
        true => "Connect already runs on PostgreSQL; add the usage history from SQLite?",
        false => "continue?",
    };
    let (mut connected, plan) = match check_and_load(request, question, files, context)? {
        Loaded::Done(connected, plan) => (*connected, plan),
        Loaded::Not(outcome) => return Ok(outcome),
    };
    connected.sources.check_unchanged()?;
    commit::commit_targets(&mut connected.targets, &plan, context)?;
    files.publish_quarantine(context);
    Ok(Outcome::Migrated)
}

/// Does what a migration does until it would publish, and then rolls everything back. The
/// application may write to the sources meanwhile: what is read is one state of them.
fn run_rehearsal(
    request: &Request,
    files: &mut RepairFiles,
    context: &mut Context,
) -> Result<Outcome> {
    let begun = Instant::now();
    let question = "load everything and roll it back?";
    let (mut connected, plan) = match check_and_load(request, question, files, context)? {
        Loaded::Done(connected, plan) => (*connected, plan),
        Loaded::Not(outcome) => return Ok(outcome),
    };
    // The time of a person's answers is none of the run's.
    let time = begun.elapsed().saturating_sub(context.answering);
    commit::roll_back_targets(&mut connected.targets, &plan, context)?;
    context.report.rehearsal = Some(time);
    Ok(Outcome::Rehearsed)
}

/// How far a run came that is to load its targets.
enum Loaded {
    /// Everything is loaded and verified, and nothing is committed.
    Done(Box<Connected>, Plan),
    /// Nothing was to be done, or somebody did not want it.
    Not(Outcome),
}

/// Checks everything, asks the question where somebody is to be asked, loads and verifies.
fn check_and_load(
    request: &Request,
    question: &str,
    files: &mut RepairFiles,
    context: &mut Context,
) -> Result<Loaded> {
    let opened = open_and_connect(request, context);
    let opened = opened.map_err(|error| with_exit_of_loss(error, Exit::Target))?;
    let mut connected = Box::new(opened);
    encrypted_values::try_key(request, &connected.sources.source_files(), context)?;
    let Checked::Loadable(plan) = check_all(request, &mut connected, files, context)? else {
        return Ok(Loaded::Not(Outcome::AlreadyThere));
    };
    if context.ask && !context.ask_to_confirm(question)? {
        return Ok(Loaded::Not(Outcome::Declined));
    }
    let checks = request.when_rows_are_checked(context.ask);
    let Connected { sources, targets, .. } = &mut *connected;
    load::load_targets(sources, targets, &plan, files, checks, context)?;
    Ok(Loaded::Done(connected, plan))
}

/// Checks everything.
fn run_dry_run(
    request: &Request,
    files: &mut RepairFiles,
    context: &mut Context,
) -> Result<Outcome> {
    let mut connected = open_and_connect(request, context)?;
    encrypted_values::try_key(request, &connected.sources.source_files(), context)?;
    let Checked::Loadable(_) = check_all(request, &mut connected, files, context)? else {
        return Ok(Outcome::AlreadyThere);
    };
    Ok(Outcome::Clean)
}

/// Compares what sources and targets hold.
fn run_verification(request: &Request, context: &mut Context) -> Result<Outcome> {
    let Connected { mut sources, mut targets, mut databases } = open_and_connect(request, context)?;
    context.diagnostics.fail_if_any()?;
    sources::check_files(request, &mut sources, context)?;
    context.diagnostics.fail_if_any()?;
    target_state::check_tables_exist(request, &sources, &mut targets, &mut databases, context)?;
    let plan = plan::plan_run(databases.iter(), targets.ids())?;
    verification::verify_targets(&sources, &mut targets, &plan, context)?;
    Ok(Outcome::Same)
}

/// Checks what needs no row of the sources: files, servers, rights, versions, existing tables.
///
/// # Errors
/// Everything that would stop a run.
pub fn check_connections(request: &Request, context: &mut Context) -> Result<()> {
    context.diagnostics = Diagnostics::default();
    let Connected { sources, mut targets, mut databases } = open_and_connect(request, context)?;
    let found =
        target_state::inspect_targets(request, &sources, &mut targets, &mut databases, context);
    let mut inspection = context.diagnostics.collect_error(found)?.unwrap_or_default();
    encrypted_values::try_key(request, &sources.source_files(), context)?;
    target_state::emit_certain(&mut inspection, &databases, context);
    context.diagnostics.fail_if_any()?;
    // A run may find these rows to be the source's own, or may ask about them.
    for seed in inspection.seed_rows {
        context.console.print_warning(&seed.finding.to_fault());
    }
    Ok(())
}

/// Tries the application's key on values of the SQLite files, and does nothing else.
///
/// # Errors
/// When a file cannot be opened, and SQLite's.
pub fn try_key(request: &Request, context: &mut Context) -> Result<()> {
    context.diagnostics = Diagnostics::default();
    let files = sources::open_files(request, context);
    context.diagnostics.fail_if_any()?;
    encrypted_values::try_key(request, &files.map(|source| source), context)
}

/// Sources and targets of a run, and which database goes where.
struct Connected {
    sources: Sources,
    targets: PerTarget<Target>,
    databases: PerDatabase<PlannedDatabase>,
}

/// Opens the sources and connects the targets. No row is read, unless a schema has to be found.
fn open_and_connect(request: &Request, context: &mut Context) -> Result<Connected> {
    let mut files = sources::open_files(request, context);
    let mut reached = targets::connect_targets(request, &files, context)?;
    let schemas = resolve::choose_schemas(request, &mut files, &mut reached, context)?;
    let sources = sources::match_versions(request, files, &schemas, context)?;
    let mut targets = targets::join_and_check_needs(reached, &sources, request.mode, context)?;
    let databases = targets::plan_databases(&sources, &mut targets)?;
    histories::check_accepted_histories(request, &databases)?;
    Ok(Connected { sources, targets, databases })
}

/// What checking before the load came to.
enum Checked {
    /// The targets hold exactly what the sources hold.
    AlreadyMigrated,
    /// Nothing is wrong; this is what is to be done.
    Loadable(Plan),
}

/// Decides what is done in each target, and checks every row.
fn check_all(
    request: &Request,
    connected: &mut Connected,
    files: &mut RepairFiles,
    context: &mut Context,
) -> Result<Checked> {
    let Connected { sources, targets, databases } = connected;
    let found = target_state::inspect_targets(request, sources, targets, databases, context);
    let mut inspection = context.diagnostics.collect_error(found)?.unwrap_or_default();
    let is_blocked = target_state::emit_certain(&mut inspection, databases, context);
    fail_on_early_problems(request, context)?;
    for unusable in sources::check_files(request, sources, context)? {
        databases.remove(unusable);
    }
    if request.mode.loads() {
        context.diagnostics.fail_if_any()?;
    }
    let all_tables = plan::plan_run(databases.iter(), targets.ids())?;
    let migrated = match request.drop_all {
        true => BTreeSet::new(),
        false => verification::find_migrated(sources, targets, databases, context)?,
    };
    if databases.ids().all(|id| migrated.contains(&id)) && context.diagnostics.is_empty() {
        sources::wait_for_integrity_checks(context)?;
        if request.mode != Mode::Rehearse && files.is_owed(&request.repairs) {
            repair_results::judge_rows(sources, targets, &all_tables, files, context)?;
            files.publish_quarantine(context);
        }
        return Ok(Checked::AlreadyMigrated);
    }
    let seeds = std::mem::take(&mut inspection.seed_rows).into_iter();
    let seeds = seeds.filter(|seed| !migrated.contains(&seed.database)).collect();
    let blocked =
        seed_rows::accept_seed_rows(request, seeds, sources, targets, databases, context)?;
    inspection.blockers.extend(blocked);
    let blockers = histories::accept_differences(request, inspection, &migrated, context)?;
    target_state::decide_databases(blockers, is_blocked, &migrated, databases, context)?;
    let mut plan = plan::plan_run(databases.iter(), targets.ids())?;
    announce_plan(&plan, targets.ids().count(), databases, context);
    files.check_name_is_free(&request.repairs)?;
    repair_results::judge_rows(sources, targets, &all_tables, files, context)?;
    context.diagnostics.collect_error(plan.apply_repairs(&sources.judged.repaired))?;
    // A run that ends here says all that is wrong.
    let are_checked_now = request.when_rows_are_checked(context.ask) == RowChecks::Before
        || !context.diagnostics.is_empty();
    if are_checked_now {
        row_checks::check_rows(sources, targets, &plan, context)?;
    }
    context.diagnostics.fail_if_any()?;
    if are_checked_now {
        estimate::report_estimate(request.mode, &plan, sources, targets, context)?;
    }
    Ok(Checked::Loadable(plan))
}

/// Ends the checks that need no rows. Whatever is wrong ends a run that loads here; a dry run says
/// it at once, and goes on to the rows.
fn fail_on_early_problems(request: &Request, context: &mut Context) -> Result<()> {
    if request.mode.loads() {
        return context.diagnostics.fail_if_any();
    }
    for lines in context.diagnostics.take_unprinted_lines() {
        lines.into_text().lines().for_each(|line| context.console.print_error_line(line));
    }
    Ok(())
}

/// Says what is going to happen, before the question.
fn announce_plan(
    plan: &Plan,
    targets: usize,
    databases: &PerDatabase<PlannedDatabase>,
    context: &mut Context,
) {
    for (position, part) in plan.parts.iter().enumerate() {
        if part.copies.is_empty() {
            continue;
        }
        let tables = count_with_noun(part.copies.len() as u64, "table");
        let transaction = match targets {
            0 | 1 => "in one transaction".to_owned(),
            all => format!("in transaction {} of {all}", position + 1),
        };
        let names: Vec<&str> = databases
            .iter()
            .filter(|database| part.copies_of(database.id).next().is_some())
            .map(|database| database.name.as_str())
            .collect();
        context.print_line(&format!("plan: {}: {tables} {transaction}", names.join(" and ")));
    }
}
