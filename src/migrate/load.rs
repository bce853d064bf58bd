//! Loading: in each target's transaction create, copy, build keys, restart sequences, verify.

use std::time::Instant;

use postgres::Client;

use super::context::Context;
use super::repair_files::RepairFiles;
use super::repair_results;
use super::request::RowChecks;
use super::row_checks::{self, FoundBeside};
use super::row_counts::{self, OtherRows};
use super::sources::{self, Sources};
use super::targets::{LOCK_TIMEOUT, Target};
use super::verification::{self, Compared, When};
use crate::check;
use crate::check::rows::{Room, Watched};
use crate::codec::Cell;
use crate::diagnostic::console::{Progress, Step, Total};
use crate::diagnostic::threads::refused_thread_error;
use crate::diagnostic::{Error, Exit, Result};
use crate::event::Event;
use crate::ids::PerTarget;
use crate::load::after_load;
use crate::load::copy;
use crate::load::sequences;
use crate::load::statements::{self, WatchedSession};
use crate::plan::{Copy, Plan, TargetPlan};
use crate::postgres::direct::DirectQueries;
use crate::postgres::existing::{self, ExistingTables};
use crate::postgres::server_error;
use crate::postgres::session;
use crate::rows::RowLoop;
use crate::text::count_with_noun;
use crate::threads::spawn_in_scope;

/// Loads and verifies every target; nothing is committed.
///
/// # Errors
/// Whatever stops it; everything is rolled back then. Where rows are checked beside the copy, and
/// something is wrong with them, that is the error, whatever stopped the load.
pub fn load_targets(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    files: &RepairFiles,
    checks: RowChecks,
    context: &mut Context,
) -> Result<()> {
    let mut found = FoundBeside::default();
    let mut load_all = || -> Result<()> {
        for (index, part) in plan.parts.iter().enumerate() {
            if part.copies.is_empty() {
                continue;
            }
            let target = targets.get_mut(part.target_id()?)?;
            let are_known = checks == RowChecks::Before;
            let others = OtherRows::beside_part(plan, index, sources, are_known, context)?;
            let loading = Loading { sources, part, others, files, checks };
            load_target(loading, target, &mut found, context).map_err(|error| {
                check::columns::add_size_findings(error, &context.report.findings)
            })?;
        }
        Ok(())
    };
    if let Err(error) = load_all() {
        let is_stopped = error.exit == Exit::Interrupted || context.stop.is_asked();
        return Err(match checks {
            RowChecks::Beside if !is_stopped => {
                row_checks::explain_failure(error, sources, targets, plan, context)
            }
            _ => error,
        });
    }
    sources::wait_for_integrity_checks(context)?;
    if checks == RowChecks::Beside {
        found.report(plan, context);
    }
    Ok(())
}

/// What is loaded into a target.
#[derive(Clone, Copy)]
struct Loading<'a> {
    sources: &'a Sources,
    part: &'a TargetPlan,
    others: OtherRows,
    files: &'a RepairFiles,
    checks: RowChecks,
}

fn load_target(
    loading: Loading<'_>,
    target: &mut Target,
    found: &mut FoundBeside,
    context: &mut Context,
) -> Result<()> {
    let Loading { sources, part, others, checks, .. } = loading;
    if checks == RowChecks::Beside {
        // The load locks existing tables, and the server reads expressions of theirs.
        found.check_by_server(sources, target, part, context)?;
    }
    let begun = Instant::now();
    begin_transaction(target, part, context)?;
    create_tables(target, part, context)?;
    context.report.record_step("create", begun, ());
    let begun = Instant::now();
    let room = Room::unused();
    let watching = (checks == RowChecks::Beside).then_some(&room);
    let total = match checks {
        RowChecks::Before => row_counts::known_rows(part, context)?,
        RowChecks::Beside => row_counts::estimate_rows(sources, part)?,
    };
    let amount = others.amount_with(total);
    let progress = context.console.begin_step(Step::Copy, "", amount);
    let client = &mut target.connection.client;
    let watched = copy_tables(sources, client, part, watching, &progress, context)?;
    context.report.record_step("copy", begun, ());
    let rows = context.report.rows_of_databases(&part.database_names());
    context.print_line(&format!("copied: {}", count_with_noun(rows, "row")));
    complete_and_verify(loading, target, &watched, found, context)
}

/// Completes and verifies a target. While PostgreSQL builds indexes this process would be idle: it
/// checks what holds between rows that were `watched`, and reads the source again.
fn complete_and_verify(
    loading: Loading<'_>,
    target: &mut Target,
    watched: &[Watched<'_>],
    found: &mut FoundBeside,
    context: &mut Context,
) -> Result<()> {
    let Loading { sources, part, others, files, checks } = loading;
    let related = match checks {
        RowChecks::Before => Vec::new(),
        RowChecks::Beside => row_checks::related_tables(sources, part)?,
    };
    let mut session = target.watched_session();
    let amount = others.amount_with(row_counts::known_rows(part, context)?);
    let reading = context.console.prepare_step(Step::ReadSource, "", amount);
    std::thread::scope(|scope| {
        let (stop, checkers, repairs, progress) =
            (context.stop.clone(), sources.checkers(), &sources.repairs, reading.clone());
        let refused = &sources.judged.refused_by_server;
        let read = spawn_in_scope(scope, move || {
            let relations = check::rows::check_relations(&related, watched, &stop, &progress)?;
            let digest = verification::digest_sources;
            let digests = digest(&checkers, part, repairs, refused, &stop, &progress)?;
            Ok((relations, digests))
        });
        let read = read.map_err(|error| refused_thread_error(Exit::Load, &error))?;
        let begun = Instant::now();
        complete_tables(sources, &mut session, part, context)?;
        context.report.record_step("keys", begun, ());
        let begun = Instant::now();
        if checks == RowChecks::Beside {
            found.check_columns(sources, part, context)?;
        }
        context.console.show_step(&reading);
        let (relations, digests) = verification::join_reader(read)?;
        let client = &mut *session.client;
        found.add_relations(part, relations)?;
        let compared = Compared { part, others, when: When::Loaded };
        verification::compare_target(sources, client, compared, &digests, context)?;
        let tallies = digests.tallies();
        let disagreements = repair_results::find_disagreements(sources, &tallies);
        Error::from_faults(Exit::Verification, disagreements)?;
        files.verify_quarantine(sources, &tallies)?;
        let ran = run_statements_after_load(client, part, context)?;
        if ran > 0 {
            let compared = Compared { part, others, when: When::AfterStatements };
            verification::compare_target(sources, client, compared, &digests, context)?;
        }
        context.report.record_step("verify", begun, ());
        Ok(())
    })
}

/// Runs the statements of `after_load`, and returns how many.
fn run_statements_after_load(
    client: &mut Client,
    part: &TargetPlan,
    context: &mut Context,
) -> Result<u64> {
    let mut ran = 0;
    for planned in &part.sequences {
        context.stop.fail_if_asked()?;
        if !planned.version.after_load.is_empty() {
            context.begin_step(Step::RunAfterLoad, &planned.database);
        }
        ran += after_load::run_statements(client, planned)?;
    }
    if ran > 0 {
        context.print_line(&format!("after_load: {} run", count_with_noun(ran, "statement")));
    }
    Ok(ran)
}

/// Opens the transaction, without time limits, and makes sure that no other run is active.
fn begin_transaction(target: &mut Target, part: &TargetPlan, context: &mut Context) -> Result<()> {
    let client = &mut target.connection.client;
    client.batch_execute("BEGIN").map_err(|error| server_error("BEGIN", &error))?;
    session::lift_limits(client, LOCK_TIMEOUT)?;
    let (database, mut waited) = (&target.facts.database.0, false);
    for schema in &target.schemas {
        let waiting = &mut |text: &str| context.console.print_line(text);
        waited |= session::lock_schema(client, database, schema, waiting)?;
    }
    // The other run may have been killed while its COMMIT was on the way.
    if waited && have_tables_changed(client, part)? {
        return Err(Error::new(
            Exit::Target,
            "another migration into the same schema has ended while this one waited for it",
            "run the command again: it checks the target again",
        ));
    }
    Ok(())
}

/// Locks the existing tables, and runs the statements before the data.
fn create_tables(target: &mut Target, part: &TargetPlan, context: &mut Context) -> Result<()> {
    for existing in &part.existing {
        context.begin_step(Step::LockTables, &existing.database);
        lock_and_recheck(target, existing, context)?;
    }
    let mut session = target.watched_session();
    let total = Total::Known(part.before.len() as u64);
    let progress = context.console.begin_step(Step::CreateTables, "", total);
    for statement in &part.before {
        let _work = progress.begin_work(statement.object.to_string());
        let inform = &mut |text: &str| context.console.print_line(text);
        statements::run_watched_statement(&mut session, statement, &mut context.hooks, inform)?;
    }
    Ok(())
}

/// Locks the tables that exist, and makes sure that they are still what was inspected.
fn lock_and_recheck(
    target: &mut Target,
    existing: &ExistingTables,
    context: &mut Context,
) -> Result<()> {
    let client = &mut target.connection.client;
    context.hooks.run_at_with_session(Event::Suspend, client)?;
    session::run_watched(
        &target.watcher,
        target.facts.pid,
        &mut |text| context.console.print_line(text),
        || existing::lock_for_load(client, existing),
        |error| server_error("locking the tables", &error),
    )?;
    existing::recheck_under_locks(client, existing)
}

/// Whether other planned tables exist than those that the plan knows of.
fn have_tables_changed(client: &mut Client, part: &TargetPlan) -> Result<bool> {
    let sql = "SELECT to_regclass($1) IS NOT NULL";
    for copy in &part.copies {
        let name = model::sql::qualified_name(&copy.schema, copy.table().name);
        let row =
            client.query_one_directly(sql, &[&name]).map_err(|error| server_error(sql, &error))?;
        if row.get::<_, bool>(0) != copy.exists {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Copies the rows, and watches them where there is `room` for what is learned.
fn copy_tables<'r>(
    sources: &Sources,
    client: &mut Client,
    part: &TargetPlan,
    room: Option<&'r Room>,
    progress: &Progress,
    context: &mut Context,
) -> Result<Vec<Watched<'r>>> {
    let mut all_watched = Vec::new();
    for copy in &part.copies {
        let source = &sources.databases.get(copy.database_id)?.source;
        let work = progress.begin_work(copy.place_name());
        context.hooks.run_at_with_session(Event::Table, client)?;
        let hooks = &mut context.hooks;
        let control = RowLoop { stop: &context.stop, work: Some(&work) };
        let start = |room| Watched::start_watching(copy, &part.copies, source.reading(), room);
        let mut watched = room.map(start);
        let copied = match &mut watched {
            None => copy::copy_table(source, client, copy, None, hooks, control)?,
            Some(watched) => {
                let mut watch = |index: usize, cell: Cell<'_>, field: Option<&[u8]>| {
                    watched.observe_value(index, cell, field);
                };
                copy::copy_table(source, client, copy, Some(&mut watch), hooks, control)?
            }
        };
        let table = context.report.table_report(copy.database_id, copy.table())?;
        (table.rows, table.bytes, table.time) = (copied.rows, copied.bytes, copied.time);
        table.notes = copied.notes;
        if let Some(mut watched) = watched {
            watched.set_row_count(copied.rows);
            table.profiles = watched.profiles();
            all_watched.push(watched);
        }
    }
    Ok(all_watched)
}

/// Keys, indexes, foreign keys, sequences and statistics.
fn complete_tables(
    sources: &Sources,
    session: &mut WatchedSession<'_>,
    part: &TargetPlan,
    context: &mut Context,
) -> Result<()> {
    if !part.after.is_empty() {
        let total = Total::Known(part.after.len() as u64);
        let progress = context.console.begin_step(Step::BuildKeys, "", total);
        for statement in &part.after {
            context.stop.fail_if_asked()?;
            let work = progress.begin_work(statement.object.to_string());
            statements::run_long_statement(session, statement, &mut context.hooks, &work)?;
        }
    }
    let client = &mut *session.client;
    context.begin_step(Step::RestartSequences, "");
    sequences::restart_sequences(client, &sources.source_files(), part, &mut context.hooks)?;
    let groups = group_for_statistics(part, context)?;
    let total = Total::Known(groups.len() as u64);
    let progress = context.console.begin_step(Step::GatherStatistics, "", total);
    for copies in groups {
        context.stop.fail_if_asked()?;
        let name = match copies.as_slice() {
            [copy] => copy.place_name(),
            several => count_with_noun(several.len() as u64, "small table"),
        };
        let _work = progress.begin_work(name);
        statements::analyze_tables(client, &copies)?;
    }
    Ok(())
}

/// The tables of which statistics are gathered in one statement: small ones together, as each
/// statement takes a round trip, and the others one by one, so that a stop need not wait for all.
fn group_for_statistics<'p>(
    part: &'p TargetPlan,
    context: &mut Context,
) -> Result<Vec<Vec<&'p Copy>>> {
    const SMALL: u64 = 10_000;
    let (mut small, mut groups) = (Vec::new(), Vec::new());
    for copy in &part.copies {
        match context.report.table_report(copy.database_id, copy.table())?.rows {
            rows if rows <= SMALL => small.push(copy),
            _ => groups.push(vec![copy]),
        }
    }
    groups.extend(small.chunks(100).map(<[_]>::to_vec));
    Ok(groups)
}
