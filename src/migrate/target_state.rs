//! What is done in each target: decided once, before any row is checked.

use std::collections::BTreeSet;

use model::sql;

use super::context::Context;
use super::describe::announce_state;
use super::existing_tables::{self, Existing, KnownTable};
use super::histories::{self, DifferingHistory};
use super::request::Request;
use super::seed_rows::SeedRows;
use super::sequence_checks;
use super::sources::Sources;
use super::targets::Target;
use crate::check::existing::fit;
use crate::diagnostic::{Error, Exit, Fault, Finding, Hints, Id, Result, Severity};
use crate::ids::{DatabaseId, PerDatabase, PerTarget};
use crate::plan::{PlannedDatabase, TargetState};
use crate::postgres::sequences::judge;
use crate::report::TargetClass;
use crate::sqlite::Source;
use crate::text::count_with_noun;

/// Something that keeps a database of the run from being loaded.
pub struct Blocker {
    /// The database.
    pub database: DatabaseId,
    /// What it is.
    pub finding: Finding,
}

/// What was found of all databases' tables.
#[derive(Default)]
pub struct Inspection {
    /// What keeps databases out.
    pub blockers: Vec<Blocker>,
    /// Migration history tables whose lists differ, which somebody may accept.
    pub differing: Vec<DifferingHistory>,
    /// Rows that somebody may let be replaced.
    pub seed_rows: Vec<SeedRows>,
}

/// Inspects every database's tables. Their states are set; what keeps a database out is returned:
/// unless all of it was migrated before, that ends the run.
///
/// # Errors
/// SQLite's, and the servers'.
pub fn inspect_targets(
    request: &Request,
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    databases: &mut PerDatabase<PlannedDatabase>,
    context: &mut Context,
) -> Result<Inspection> {
    let mut inspection = Inspection::default();
    let known = known_tables(databases);
    for (id, database) in databases.entries_mut() {
        let Some(target) = database.target else { continue };
        let target = targets.get_mut(target)?;
        let existing = existing_tables::read_existing(target, database, &known, context)?;
        let decision =
            existing_tables::decide_target_state(request, target, database, &existing, context)?;
        let mut findings = decision.findings;
        (database.state, database.tables) = (decision.state, decision.tables);
        let all_tables_exist = existing.survey.is_some();
        if histories_stay(&database.state, all_tables_exist) {
            let source = &sources.databases.get(id)?.source;
            let compared = histories::compare_histories(source, target, database)?;
            let position = if all_tables_exist { 0 } else { findings.len() };
            findings.splice(position..position, compared.findings);
            inspection.differing.extend(compared.differing);
        }
        if !matches!(database.state, TargetState::Blocked) {
            findings.extend(sequence_checks::find_sequence_findings(
                target,
                database,
                &existing.sequences,
            ));
            findings.extend(find_triggers_of_new_tables(database));
            findings.extend(sequence_checks::find_sequences_not_held(
                target,
                database,
                &existing.sequences,
            ));
        }
        let seed_rows = decision.seed_rows;
        let seed_rows =
            seed_rows.map(|(finding, tables)| SeedRows { database: id, finding, tables });
        inspection.seed_rows.extend(seed_rows);
        announce_state(database, context);
        context.report.databases.get_mut(id)?.class = class_of(&database.state);
        for finding in findings {
            match finding.severity {
                Severity::Error => inspection.blockers.push(Blocker { database: id, finding }),
                Severity::Warning | Severity::Note => context.report_finding(finding, Exit::Target),
            }
        }
    }
    Ok(inspection)
}

/// Triggers that shall fire on tables that the run itself makes, which have none.
fn find_triggers_of_new_tables(database: &PlannedDatabase) -> Vec<Finding> {
    let is_new = |table: &&model::Table| {
        !table.fire_triggers.is_empty() && !database.state.is_of_application(table.name)
    };
    let finding = |table: &model::Table| {
        let what = format!(
            "`fire_triggers` names {}, but this run creates the table without triggers",
            table.fire_triggers.join(", ")
        );
        let mut finding = Finding::without_rows(Id::K17, Severity::Error, what);
        finding.database.clone_from(&database.name);
        table.name.clone_into(&mut finding.table);
        finding.hints = Hints::from([
            "let the application create its tables first",
            "remove `fire_triggers` from the table's schema file",
        ]);
        finding
    };
    database.version.loaded_tables().filter(is_new).map(finding).collect()
}

/// Whether migration history tables of the target stay, so that they are compared.
fn histories_stay(state: &TargetState, all_tables_exist: bool) -> bool {
    match state {
        TargetState::Existing(_) => true,
        TargetState::Replace(replacement) => {
            all_tables_exist || !replacement.remaining_histories.is_empty()
        }
        _ => false,
    }
}

/// How the report calls a state.
fn class_of(state: &TargetState) -> Option<TargetClass> {
    match state {
        TargetState::NotInspected => None,
        TargetState::Blank => Some(TargetClass::Blank),
        TargetState::Replace(_) => Some(TargetClass::Replaced),
        TargetState::Existing(existing) if existing.tables.rows.is_empty() => {
            Some(TargetClass::EmptyTables)
        }
        TargetState::Existing(_) | TargetState::AlreadyMigrated | TargetState::Blocked => {
            Some(TargetClass::Occupied)
        }
    }
}

/// The tables that the databases of the run know.
fn known_tables(databases: &PerDatabase<PlannedDatabase>) -> Vec<KnownTable> {
    let known = databases.iter().flat_map(|database| {
        let histories = database.version.migration_histories.iter().map(|history| history.table);
        let names = database.version.tables().map(|table| table.name).chain(histories);
        let schemas = database.table_schemas();
        names.map(move |name| KnownTable { schema: schemas.schema_of(name).to_owned(), name })
    });
    known.collect()
}

/// Reports what keeps out databases that are not migrated for certain: no comparison of rows would
/// make that good. Whether there is any.
pub fn emit_certain(
    inspection: &mut Inspection,
    databases: &PerDatabase<PlannedDatabase>,
    context: &mut Context,
) -> bool {
    let may_be_migrated = |blocker: &Blocker| {
        let state = databases.find(blocker.database).map(|database| &database.state);
        matches!(state, Some(TargetState::Existing(existing)) if existing.may_be_migrated)
    };
    let all = std::mem::take(&mut inspection.blockers);
    let (open, certain): (Vec<_>, Vec<_>) = all.into_iter().partition(may_be_migrated);
    inspection.blockers = open;
    let certain: Vec<Finding> = certain.into_iter().map(|blocker| blocker.finding).collect();
    emit_blockers(certain, context)
}

/// Reports what keeps databases out; whether there is anything.
fn emit_blockers(blockers: Vec<Finding>, context: &mut Context) -> bool {
    let any = !blockers.is_empty();
    let to_decide = blockers.iter().any(|finding| judge::TO_DECIDE.contains(&finding.id));
    let exit = if to_decide { Exit::Source } else { Exit::Target };
    blockers.into_iter().for_each(|finding| context.report_finding(finding, exit));
    any
}

/// Reports what keeps databases out; otherwise says which rows will be replaced, and leaves out the
/// databases that are already migrated.
///
/// # Errors
/// When a database is not in the report, which is a bug in this program.
pub fn decide_databases(
    blockers: Vec<Blocker>,
    is_blocked: bool,
    migrated: &BTreeSet<DatabaseId>,
    databases: &mut PerDatabase<PlannedDatabase>,
    context: &mut Context,
) -> Result<()> {
    let blockers = blockers.into_iter().filter(|blocker| !migrated.contains(&blocker.database));
    let blockers: Vec<Finding> = blockers.map(|blocker| blocker.finding).collect();
    if emit_blockers(blockers, context) || is_blocked {
        return Ok(());
    }
    for (id, database) in databases.entries_mut() {
        if migrated.contains(&id) {
            database.state = TargetState::AlreadyMigrated;
        } else if let Some(tables) = database.state.existing_tables() {
            for (name, rows) in &tables.rows {
                let table = sql::qualified_name(tables.schemas.schema_of(name), name);
                let rows = count_with_noun(*rows, "row");
                context.print_line(&format!("plan: {table} is emptied ({rows})"));
            }
            context.report.databases.get_mut(id)?.replaced.clone_from(&tables.rows);
        }
    }
    Ok(())
}

/// For `--verify`: everything that is to be compared must be there, and have been loaded.
///
/// # Errors
/// When tables or columns are missing, when nothing was loaded, and both sides'.
pub fn check_tables_exist(
    request: &Request,
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    databases: &mut PerDatabase<PlannedDatabase>,
    context: &mut Context,
) -> Result<()> {
    let mut faults = Vec::new();
    for (id, database) in databases.entries_mut() {
        let target = database.target;
        let target = target.ok_or_else(|| Error::internal("a comparison without a target"))?;
        let existing =
            existing_tables::read_existing(targets.get_mut(target)?, database, &[], context)?;
        let (name, version) = (&database.name, database.version);
        let schemas = database.shown_schemas();
        match &existing.survey {
            Some(survey) => {
                let fit = fit::compare_with_existing_tables(name, version, survey);
                // What else differs shows in the values, if it matters for what is compared.
                let missing = fit.findings.iter().filter(|found| found.id == Id::O2);
                faults.extend(missing.map(Finding::to_fault));
                database.tables = existing_tables::fitting_tables(database, &fit);
                let source = &sources.databases.get(id)?.source;
                if faults.is_empty() && is_not_loaded(source, database, &existing)? {
                    faults.push(Fault::new(
                        format!(
                            "{name}: nothing was loaded: none of the tables in {schemas} has as \
                             many rows as in SQLite, and there are tables without rows"
                        ),
                        match &request.database(id)?.load_hint {
                            own if own.is_empty() => Hints::from(
                                "run the migration: the same command without `--verify`",
                            ),
                            own => own.clone(),
                        },
                    ));
                }
            }
            None => faults.push(Fault::new(
                format!(
                    "{name}: {schemas} {} not have all tables of {} {}",
                    if database.table_schemas().all().len() == 1 { "does" } else { "do" },
                    version.database,
                    version.name
                ),
                ["run the migration first", "check the URL"],
            )),
        }
    }
    Error::from_faults(Exit::Target, faults)
}

/// Whether the rows of a database were never loaded. A load becomes visible whole or not at all, so
/// that after one each table has rows where SQLite has some.
fn is_not_loaded(source: &Source, database: &PlannedDatabase, existing: &Existing) -> Result<bool> {
    let mut has_empty = false;
    for planned in &database.tables {
        let table = &planned.shape.table;
        if database.version.is_history_table(table.name) {
            continue;
        }
        let (there, here) = (existing.row_count(table.name), source.count_rows(table.source)?);
        if there == here && here > 0 {
            return Ok(false);
        }
        has_empty |= there == 0 && here > 0;
    }
    Ok(has_empty)
}
