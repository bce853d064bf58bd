//! Verification within a run: which tables are compared when, and what a difference means.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use model::Table;
use postgres::Client;

use super::context::Context;
use super::repair_results;
use super::row_counts::{self, OtherRows, count_rows_until};
use super::sequence_checks;
use super::server_rows;
use super::sources::{Checker, Sources};
use super::targets::{self, Target};
use crate::diagnostic::console::{Progress, Step, Total};
use crate::diagnostic::{BUG_HINT, Error, Exit, Fault, Hints, Id, Result, catalog};
use crate::event::Event;
use crate::ids::{DatabaseId, PerDatabase, PerTarget};
use crate::plan::{self, Copy, ExistingTarget, Plan, PlannedDatabase, TargetPlan, TargetState};
use crate::repair::{RefusedRows, Repairs};
use crate::report::Digests;
use crate::sqlite::Source;
use crate::stop::Stop;
use crate::text::count_with_noun;
use crate::verify::repair::{Judge, TableJudge, Tally};
use crate::verify::{self, Difference, TableDigest};

/// What is compared in one target.
#[derive(Clone, Copy)]
pub struct Compared<'p> {
    /// Its tables.
    pub part: &'p TargetPlan,
    /// The rows of other targets of the run.
    pub others: OtherRows,
    /// When it is compared.
    pub when: When,
}

/// When source and target are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After this run has loaded the tables.
    Loaded,
    /// After statements that ran behind the load.
    AfterStatements,
    /// In a run that loads nothing.
    NothingLoaded,
}

impl Compared<'_> {
    /// Whether this run has loaded the tables.
    pub fn is_loaded(self) -> bool {
        self.when != When::NothingLoaded
    }

    /// Whether statements of `after_load` say that they change a table's copied values.
    fn is_changed(self, copy: &Copy) -> bool {
        let own = self.part.sequences.iter().filter(|own| own.database_id == copy.database_id);
        let mut statements = own.flat_map(|own| own.version.after_load);
        let changed = |name: &&str| *name == copy.table().name;
        self.when != When::Loaded
            && statements.any(|statement| statement.changes.iter().any(changed))
    }
}

/// What was read of the sources.
pub struct SourceDigests<'r> {
    digests: Vec<SourceDigest<'r>>,
    /// What repairs make of each database.
    judges: PerDatabase<Judge<'r>>,
}

/// The digest of one table of a source; none yet where the server must read some of its values.
struct SourceDigest<'r> {
    copy: &'r Copy,
    digest: Option<TableDigest>,
}

impl SourceDigests<'_> {
    /// What repairs make of a table's rows; none when it has no repairs.
    fn repairs_of_table(&self, part: &TargetPlan, copy: &Copy) -> Result<Option<TableJudge<'_>>> {
        let judge = self.judges.get(copy.database_id)?;
        Ok(judge.judge_of_table(copy.table(), &tables_of_database(part, copy.database_id)))
    }

    /// How many rows the targets' tables must have, where all of them were read.
    fn total_rows(&self) -> Total {
        let rows = |read: &SourceDigest<'_>| read.digest.as_ref().map(|digest| digest.rows);
        Total::of_all(
            self.digests.iter().map(|read| rows(read).map_or(Total::Unknown, Total::Known)),
        )
    }

    /// What repairs came to in the tables that were read so far.
    pub fn tallies(&self) -> PerDatabase<Tally> {
        self.judges.map(Judge::tally)
    }
}

/// The tables of a database that are in a plan.
fn tables_of_database(part: &TargetPlan, database: DatabaseId) -> Vec<&'static Table> {
    part.copies_of(database).map(Copy::table).collect()
}

/// Digests the sources' tables. Runs beside the server's work, on connections of its own.
///
/// # Errors
/// SQLite's, a full disk, or a stop.
pub fn digest_sources<'r>(
    checkers: &PerDatabase<&Checker>,
    part: &'r TargetPlan,
    repairs: &'r Repairs,
    refused: &'r RefusedRows,
    stop: &Stop,
    progress: &Progress,
) -> Result<SourceDigests<'r>> {
    let stopped = || stop.is_asked();
    let (mut digests, mut judges) = (Vec::new(), PerDatabase::default());
    for copy in &part.copies {
        let id = copy.database_id;
        let connection = checkers.get(id)?.lock().unwrap_or_else(PoisonError::into_inner);
        let tables = tables_of_database(part, id);
        let judge = judges.get_or_insert_with(id, || {
            Judge::judge_tables(&connection, &tables, repairs, id, refused, &stopped)
        })?;
        let judge = judge.judge_of_table(copy.table(), &tables);
        let table = compared_table(copy, judge.as_ref());
        let work = progress.begin_work(copy.place_name());
        let by_server = table.copied_columns().any(|column| column.ty.is_read_by_server());
        let digest = match by_server {
            true => None,
            false => Some(verify::digest_source_after_repairs(
                &connection,
                table,
                judge.as_ref(),
                &count_rows_until(stop, &work),
            )?),
        };
        digest.iter().for_each(|digest| work.complete(digest.rows));
        digests.push(SourceDigest { copy, digest });
    }
    Ok(SourceDigests { digests, judges })
}

/// What source and target of a table are compared by. SQLite computes from values as they were
/// before repairs, so that computed columns of a table with repairs cannot be compared.
fn compared_table(copy: &Copy, judge: Option<&TableJudge<'_>>) -> &'static Table {
    if judge.is_some() { copy.table() } else { copy.compared }
}

/// The result of the thread that read the sources.
///
/// # Errors
/// The thread's.
pub fn join_reader<T>(handle: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    handle.join().unwrap_or_else(|_| {
        Err(Error::new(Exit::Verification, "reading the source for verification broke off", ""))
    })
}

/// Compares every table of a target with its source's digest.
///
/// # Errors
/// Every difference; the server's, SQLite's, or a stop.
pub fn compare_target(
    sources: &Sources,
    client: &mut Client,
    compared: Compared<'_>,
    read: &SourceDigests<'_>,
    context: &mut Context,
) -> Result<()> {
    let part = compared.part;
    let (mut faults, mut equal) = (Vec::new(), 0);
    let amount = compared.others.amount_with(read.total_rows());
    let progress = context.console.begin_step(Step::ReadTarget, "", amount);
    for SourceDigest { copy, digest } in &read.digests {
        let copy = *copy;
        context.stop.fail_if_asked()?;
        if compared.is_changed(copy) {
            let name = format!("{}.{}", copy.database, copy.table().name);
            context.print_line(&format!(
                "not compared: {name}, which a statement of `after_load` changes"
            ));
            context.report.not_compared.push(name);
            continue;
        }
        let work = progress.begin_work(copy.place_name());
        context.hooks.run_at_with_session(Event::Verify, client)?;
        let stop = context.stop.clone();
        let judge = read.repairs_of_table(part, copy)?;
        let table = compared_table(copy, judge.as_ref());
        let stopped = &count_rows_until(&stop, &work);
        let target = verify::digest_target(client, &copy.schema, table, stopped)?;
        work.complete(target.rows);
        let digest = match digest {
            Some(digest) => digest,
            None => &digest_with_server(sources, client, copy, judge.as_ref(), &stop)?,
        };
        let differences = verify::compare_digests(digest, &target);
        let tally = read.judges.get(copy.database_id)?.tally();
        let entry = context.report.table_report(copy.database_id, copy.table())?;
        entry.rows = digest.rows;
        entry.verified = Some(differences.is_empty());
        let (source, target) = (digest.fingerprint(), target.fingerprint());
        entry.digests = Some(Digests { source, target });
        entry.quarantined = tally.quarantined.get(copy.table().name).copied().unwrap_or(0);
        equal += u64::from(differences.is_empty());
        if !differences.is_empty() {
            let located = locate_rows(sources, client, copy, judge.as_ref(), &stop)?;
            faults.push(difference_fault(copy, compared, &differences).with_details(located));
        }
    }
    faults.extend(sequence_checks::find_too_low_sequences(client, compared)?);
    if faults.is_empty() {
        context.print_line(&format!(
            "verified: {}, source and target are equal",
            count_with_noun(equal, "table")
        ));
    }
    Error::from_faults(Exit::Verification, faults)
}

/// The digest of a source's table of whose values the server reads some.
fn digest_with_server(
    sources: &Sources,
    client: &mut Client,
    copy: &Copy,
    judge: Option<&TableJudge<'_>>,
    stop: &Stop,
) -> Result<TableDigest> {
    let source = &sources.databases.get(copy.database_id)?.source;
    let connection = source.checker.lock().unwrap_or_else(PoisonError::into_inner);
    let (table, stopped) = (compared_table(copy, judge), &|| stop.is_asked());
    verify::digest_source_with_server(&connection, client, table, judge, stopped)
}

/// The rows that differ, where they can be found.
fn locate_rows(
    sources: &Sources,
    client: &mut Client,
    copy: &Copy,
    judge: Option<&TableJudge<'_>>,
    stop: &Stop,
) -> Result<Vec<String>> {
    let source = &sources.databases.get(copy.database_id)?.source;
    let connection = source.checker.lock().unwrap_or_else(PoisonError::into_inner);
    let (schema, table) = (&copy.schema, compared_table(copy, judge));
    let stopped = &|| stop.is_asked();
    let located = verify::locate_differences_after_repairs(
        &connection,
        client,
        schema,
        table,
        judge,
        stopped,
    )?;
    Ok(located.iter().map(ToString::to_string).collect())
}

/// The differences of a table in words.
fn difference_fault(copy: &Copy, compared: Compared<'_>, differences: &[Difference]) -> Fault {
    let whats: Vec<String> = differences
        .iter()
        .map(|difference| match difference {
            Difference::Count { source, target } => {
                format!("SQLite has {}, PostgreSQL has {target}", count_with_noun(*source, "row"))
            }
            Difference::Keys => {
                "some rows are missing, and others are duplicated or added".to_owned()
            }
            Difference::Column(name) => format!("column {name} differs"),
            Difference::Rows => "rows differ".to_owned(),
        })
        .collect();
    let name = copy.table().name;
    let text = format!("{}.{name}: {}", copy.database, whats.join(", "));
    let is_computed = |difference: &Difference| match difference {
        Difference::Column(name) => {
            copy.table().column(name).is_some_and(|column| column.generated.is_some())
        }
        _ => false,
    };
    let fires = compared.part.copies.iter().any(|copy| !copy.table().fire_triggers.is_empty());
    let hints = match (differences.iter().all(is_computed), compared.when) {
        (_, When::AfterStatements) => Hints::from([
            "correct the statement of `after_load` that has changed the table",
            "name the table under `changes` of that statement, so that it is not compared again",
        ]),
        (_, When::Loaded) if fires => Hints::from([
            "remove triggers that write to copied columns from `fire_triggers` of the schema files",
            "write what they do as a statement under `[[after_load]]` in database.toml",
        ]),
        (true, _) => catalog::hints_of(Id::O11),
        (false, When::NothingLoaded) => Hints::from([
            "give the repairs with which the copy was made",
            "otherwise find out what has changed the source or the target since the copy",
        ]),
        (false, When::Loaded) => BUG_HINT.into(),
    };
    Fault::new(text, hints)
}

/// Compares everything that is planned with what the targets hold.
///
/// # Errors
/// Every difference; the servers', SQLite's, or a stop.
pub fn verify_targets(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Result<()> {
    let begun = Instant::now();
    let mut faults = Vec::new();
    let refused = server_rows::find_refused_rows(sources, targets, plan, context)?;
    for (index, part) in plan.parts.iter().enumerate() {
        let target = targets.get_mut(part.target_id()?)?;
        let checkers = sources.checkers();
        let (repairs, stop) = (&sources.repairs, context.stop.clone());
        let others = OtherRows::beside_part(plan, index, sources, false, context)?;
        let amount = others.amount_with(row_counts::estimate_rows(sources, part)?);
        let progress = context.console.begin_step(Step::ReadSource, "", amount);
        let read = digest_sources(&checkers, part, repairs, &refused, &stop, &progress)?;
        let client = &mut target.connection.client;
        targets::begin_reading(client)?;
        let compared = Compared { part, others, when: When::NothingLoaded };
        let compared = compare_target(sources, client, compared, &read, context);
        repair_results::report_tallies(sources, &read.tallies(), &mut context.report);
        match compared {
            Err(error) if error.exit == Exit::Verification => faults.extend(error.faults),
            other => other?,
        }
        targets::end_reading(client)?;
    }
    context.report.record_step("verify", begun, ());
    Error::from_faults(Exit::Verification, faults)
}

/// The databases that are completely there already, with exactly the source's content. A rerun
/// after a kill behind COMMIT, or after the second of two commits failed, finds them.
///
/// # Errors
/// The servers', SQLite's, or a stop; a difference is no error here.
pub fn find_migrated(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    databases: &PerDatabase<PlannedDatabase>,
    context: &mut Context,
) -> Result<BTreeSet<DatabaseId>> {
    let mut migrated = BTreeSet::new();
    for (id, database) in databases.entries() {
        let TargetState::Existing(existing) = &database.state else { continue };
        if !existing.may_be_migrated {
            continue;
        }
        let (name, source) = (&database.name, &sources.databases.get(id)?.source);
        if sources.repairs.all.is_empty() && !has_same_counts(source, database, existing)? {
            context
                .print_line(&format!("{name}: the rows in PostgreSQL differ from those in SQLite"));
            continue;
        }
        context.print_line(&format!("{name}: all tables already exist; comparing"));
        let plan = plan::plan_run([database].into_iter(), database.target.into_iter())?;
        match verify_targets(sources, targets, &plan, context) {
            Ok(()) => {
                migrated.insert(id);
            }
            Err(error) if error.exit == Exit::Verification => {
                context.print_line(&format!(
                    "{name}: differs from SQLite (--verify lists the differences)"
                ));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(migrated)
}

/// Whether every table has as many rows on both sides: most targets that are something else are
/// told apart by that, without reading everything.
fn has_same_counts(
    source: &Source,
    database: &PlannedDatabase,
    existing: &ExistingTarget,
) -> Result<bool> {
    for table in database.tables.iter().map(|planned| &planned.shape.table) {
        let there = existing.tables.rows.iter().find(|(name, _)| name == table.name);
        if source.count_rows(table.source)? != there.map_or(0, |(_, rows)| *rows) {
            return Ok(false);
        }
    }
    Ok(true)
}
