//! What a database's tables meet in its target: nothing (they are created), the application's own
//! tables (they are loaded as they are), the work of this program, or something in the way.

use model::sql;

use super::context::Context;
use super::describe::{describe_rows, list_existing, list_missing};
use super::request::Request;
use super::targets::{Target, begin_reading, end_reading};
use super::{histories, sequence_checks};
use crate::check::existing::fit::{self, Fit};
use crate::check::existing::obstacles;
use crate::diagnostic::{Finding, Hints, Id, Result, Severity};
use crate::plan::{ExistingTarget, PlannedDatabase, PlannedTable, Replacement, TargetState};
use crate::postgres::existing::catalog::Survey;
use crate::postgres::existing::{self, ExistingTables, identical};
use crate::postgres::sequences;
use crate::postgres::server_error;
use crate::postgres::session;
use crate::postgres::tables::{self, ExistingRelation, Kind};
use crate::repair::Action;
use crate::schema::Version;

/// What exists in a target under one database's names.
pub struct Existing {
    /// Relations and types.
    pub objects: Vec<ExistingRelation>,
    /// The tables in full, where all of them exist.
    pub survey: Option<Survey>,
    /// Tables of the plan that are created beside these.
    created: Vec<&'static str>,
    /// The rows of those.
    rows: Vec<(String, u64)>,
    /// The schema's sequences.
    pub sequences: sequences::Survey,
    /// Tables of the same schema that were loaded before and that no database of the run knows.
    other_loads: Vec<String>,
}

impl Existing {
    /// The rows of a table; none where there is no such table.
    pub fn row_count(&self, table: &str) -> u64 {
        self.rows.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows)
    }
}

/// A table that a database of the run knows, in the schema in which it knows it.
pub struct KnownTable {
    /// The PostgreSQL schema.
    pub schema: String,
    /// Its name.
    pub name: &'static str,
}

/// What was decided about a database.
pub struct Decision {
    /// What its tables meet.
    pub state: TargetState,
    /// The tables to be loaded, as they fit.
    pub tables: Vec<PlannedTable>,
    /// What should be known about it; errors keep it from being loaded.
    pub findings: Vec<Finding>,
    /// Rows that keep it from being loaded unless somebody lets them be replaced: what is said of
    /// them, and the tables.
    pub seed_rows: Option<(Finding, Vec<(String, u64)>)>,
}

/// Reads what exists. Tables that another session holds are waited for.
///
/// # Errors
/// The server's.
pub fn read_existing(
    target: &mut Target,
    database: &PlannedDatabase,
    known: &[KnownTable],
    context: &mut Context,
) -> Result<Existing> {
    let client = &mut target.connection.client;
    begin_reading(client)?;
    let schemas = &database.table_schemas();
    let read = || {
        let objects = tables::find_existing_relations(client, schemas, database.version)?;
        let created = find_tables_to_create(database.version, &objects);
        let planned = database.version.loaded_tables().map(|table| table.name);
        let planned: Vec<&str> = planned.filter(|name| !created.contains(name)).collect();
        let survey = match planned.is_empty() {
            true => None,
            false => existing::survey_tables(client, schemas, &planned)?,
        };
        let rows =
            survey.as_ref().map(|survey| existing::count_rows(client, survey)).transpose()?;
        let mut other_loads = Vec::new();
        for schema in schemas.all() {
            let own = known.iter().filter(|known| known.schema == *schema);
            let own: Vec<&str> = own.map(|known| known.name).collect();
            other_loads.extend(existing::find_other_loaded_tables(client, schema, &own)?);
        }
        let named = sequence_checks::named_sequences(database);
        let sequences = sequences::read_survey(client, schemas, &named)?;
        let rows = rows.unwrap_or_default();
        Ok(Existing { objects, survey, created, rows, other_loads, sequences })
    };
    let fail = |error: postgres::Error| server_error("reading existing tables", &error);
    let waiting = &mut |text: &str| context.console.print_line(text);
    let pid = target.facts.pid;
    let existing = session::run_watched(&target.watcher, pid, waiting, read, fail)?;
    end_reading(&mut target.connection.client)?;
    Ok(existing)
}

/// The tables that the schema files let a run create beside the application's, where they are
/// missing.
fn find_tables_to_create(version: &Version, objects: &[ExistingRelation]) -> Vec<&'static str> {
    let exists =
        |name: &str| objects.iter().any(|object| object.name == name && !is_no_table(object));
    let missing = version.create_missing.iter().copied().filter(|name| !exists(name));
    missing.filter(|name| version.loaded_tables().any(|table| table.name == *name)).collect()
}

/// Decides what a database's tables meet, and what is done there.
///
/// # Errors
/// The server's.
pub fn decide_target_state(
    request: &Request,
    target: &mut Target,
    database: &PlannedDatabase,
    existing: &Existing,
    context: &mut Context,
) -> Result<Decision> {
    if existing.objects.is_empty() {
        let (state, tables) = (TargetState::Blank, database.tables.clone());
        return Ok(Decision { state, tables, findings: Vec::new(), seed_rows: None });
    }
    let Some(survey) = &existing.survey else {
        return decide_some_tables(request, target, database, &existing.objects, context);
    };
    if request.drop_all && are_all_identical(target, database, &existing.objects)? {
        return Ok(decide_replaced(database, &existing.objects, context));
    }
    Ok(decide_all_tables(request, target, database, existing, survey))
}

/// All tables exist: they are loaded as they are, if nothing speaks against it.
fn decide_all_tables(
    request: &Request,
    target: &Target,
    database: &PlannedDatabase,
    existing: &Existing,
    survey: &Survey,
) -> Decision {
    let rows = &existing.rows;
    let mut fit = fit::compare_with_existing_tables(&database.name, database.version, survey);
    let fits = fit.columns_fit();
    fit.findings.iter_mut().for_each(|finding| explain_widen(request, finding));
    let tables = fitting_tables(database, &fit);
    let mut findings = fit.findings;
    let is_in_the_way = |object: &&ExistingRelation| {
        tables::names_of_tables(database.version, &existing.created).contains(&object.name)
    };
    let in_the_way = existing.objects.iter().filter(is_in_the_way);
    findings.extend(in_the_way.filter_map(|object| finding_of_foreign_object(database, object)));
    let (user, version) = (&target.facts.user, database.version);
    findings.extend(obstacles::find_load_obstacles(&database.name, survey, version, user));
    let replaces = request.replace_seed || request.drop_all;
    let unnamed = histories::unnamed_histories(
        database,
        rows.iter().map(|(name, count)| (&**name, Some(*count))),
    );
    // Rows for which another finding has the hint are not offered to be replaced.
    let is_unnamed = |name: &String| unnamed.iter().any(|finding| finding.table == *name);
    let offered: Vec<(String, u64)> =
        rows.iter().filter(|(name, _)| !is_unnamed(name)).cloned().collect();
    let mut seed_rows = None;
    if fits && !offered.is_empty() && !replaces {
        let others = &existing.other_loads;
        let mut finding =
            obstacles::existing_rows_finding(&database.name, survey, &offered, others);
        if request.blank_only {
            finding.hints =
                "nothing to do: rows that Connect has written since are not replaced".into();
        }
        seed_rows = Some((finding, offered));
    }
    findings.extend(unnamed);
    let copied = tables.iter().map(|planned| &planned.shape.table).flat_map(|table| {
        table.copied_columns().map(|column| (table.name.to_owned(), column.name.to_owned()))
    });
    let existing_tables = ExistingTables {
        database: database.name.clone(),
        schemas: database.table_schemas(),
        survey: survey.clone(),
        rows: rows.clone(),
        copied: copied.collect(),
        sequences: existing.sequences.clone(),
        named: sequence_checks::named_sequences(database),
        fired: fired_triggers(database),
    };
    let created = existing.created.clone();
    let may_be_migrated = fits && !rows.is_empty() && created.is_empty();
    let existing = ExistingTarget { tables: existing_tables, created, may_be_migrated };
    let state = TargetState::Existing(Box::new(existing));
    Decision { state, tables, findings, seed_rows }
}

/// The triggers that the schema files let fire.
fn fired_triggers(database: &PlannedDatabase) -> Vec<(&'static str, &'static str)> {
    let of_table = |table: &'static model::Table| {
        table.fire_triggers.iter().map(|trigger| (table.name, *trigger))
    };
    database.version.loaded_tables().flat_map(of_table).collect()
}

/// A type that differs only because a repair was to make it wider.
fn explain_widen(request: &Request, finding: &mut Finding) {
    let mut asked = request.repairs.asked.iter();
    let wider = match finding.columns.as_slice() {
        [column] => {
            asked.any(|asked| asked.action == Action::Widen && asked.is_for(&finding.table, column))
        }
        _ => false,
    };
    if finding.id == Id::S14 && wider {
        finding.what.push_str(
            ": `widen` is only for tables that this program creates, but this table belongs to the \
             application",
        );
        finding.hints = Hints::from([
            "use the repair `truncate` or `quarantine`",
            "let its owner widen the column in PostgreSQL, and draft the schema files again",
        ]);
    }
}

/// The tables' descriptions as they fit the target; what is compared keeps its computed columns.
pub fn fitting_tables(database: &PlannedDatabase, fit: &Fit) -> Vec<PlannedTable> {
    let mut tables = database.tables.clone();
    tables.retain(|planned| !database.version.is_history_table(planned.shape.table.name));
    for shape in &fit.shapes {
        let has_name = |planned: &&mut PlannedTable| planned.shape.table.name == shape.table.name;
        if let Some(planned) = tables.iter_mut().find(has_name) {
            planned.shape = shape;
        }
    }
    tables
}

/// Not all tables exist, or only types: nothing of that is ever loaded into.
fn decide_some_tables(
    request: &Request,
    target: &mut Target,
    database: &PlannedDatabase,
    existing: &[ExistingRelation],
    context: &mut Context,
) -> Result<Decision> {
    let mut findings: Vec<Finding> =
        existing.iter().filter_map(|object| finding_of_foreign_object(database, object)).collect();
    let own_relations: Vec<ExistingRelation> =
        existing.iter().filter(|object| !is_no_table(object)).cloned().collect();
    if own_relations.is_empty() {
        return Ok(decide_blocked(database, findings));
    }
    if !request.drop_all {
        findings.push(incomplete_tables(database, &own_relations));
        return Ok(decide_blocked(database, findings));
    }
    let names: Vec<String> = own_relations.iter().map(|object| object.name.clone()).collect();
    let differing = differing_objects(target, database, &names)?;
    if differing.is_empty() {
        let mut decision = decide_replaced(database, &own_relations, context);
        findings.append(&mut decision.findings);
        return Ok(Decision { findings, ..decision });
    }
    let differing: Vec<ExistingRelation> =
        own_relations.into_iter().filter(|object| differing.contains(&object.name)).collect();
    let mut finding = target_finding(
        database,
        "not dropped, as they are not exactly what this program would create:",
        [
            "drop them in PostgreSQL, if nothing in them is needed",
            "let the application create all of its tables, which are then emptied and loaded",
        ],
    );
    finding.details = list_existing(&differing);
    findings.push(finding);
    Ok(decide_blocked(database, findings))
}

fn decide_blocked(database: &PlannedDatabase, findings: Vec<Finding>) -> Decision {
    let (state, tables) = (TargetState::Blocked, database.tables.clone());
    Decision { state, tables, findings, seed_rows: None }
}

fn target_finding(
    database: &PlannedDatabase,
    what: impl Into<String>,
    hints: impl Into<Hints>,
) -> Finding {
    let mut finding = Finding::without_rows(Id::O6, Severity::Error, what);
    finding.database.clone_from(&database.name);
    finding.hints = hints.into();
    finding
}

/// Something that is neither a table nor a type of the plan and has one of its names.
fn finding_of_foreign_object(
    database: &PlannedDatabase,
    object: &ExistingRelation,
) -> Option<Finding> {
    let Kind::Other(kind) = &object.kind else { return None };
    let what = format!(
        "{kind} {} in schema {} has the name of a planned table",
        object.name, object.schema
    );
    let hints = ["rename it or drop it in PostgreSQL", "use an empty database"];
    Some(Finding { id: Id::O19, ..target_finding(database, what, hints) })
}

/// Some of the tables exist, and nobody has asked to replace them.
fn incomplete_tables(database: &PlannedDatabase, own_relations: &[ExistingRelation]) -> Finding {
    let mut details = list_existing(own_relations);
    details.extend(list_missing(database, own_relations));
    // A load makes all tables or none: where some are, their rows are not of this file.
    let hints = match own_relations.iter().all(|object| matches!(object.rows, None | Some(0))) {
        true => Hints::from([
            "use an empty database or schema",
            "let the application create all of its tables",
            "replace tables that this program created: `--drop-all`",
        ]),
        false => Hints::from([
            "use an empty database: the rows may be those of another SQLite file",
            "use a separate schema for this file: `?search_path=NAME` in the URL",
            "let the application create all of its tables",
        ]),
    };
    let what = "the target already has tables that the migration would create:";
    Finding { details, ..target_finding(database, what, hints) }
}

fn is_no_table(object: &ExistingRelation) -> bool {
    matches!(object.kind, Kind::Other(_))
}

/// Whether everything that exists is exactly what this program creates.
fn are_all_identical(
    target: &mut Target,
    database: &PlannedDatabase,
    existing: &[ExistingRelation],
) -> Result<bool> {
    let names: Vec<String> = existing.iter().map(|object| object.name.clone()).collect();
    let any_foreign = existing.iter().any(is_no_table);
    Ok(!any_foreign && differing_objects(target, database, &names)?.is_empty())
}

/// Those of these tables and types that are not what this program would create.
fn differing_objects(
    target: &mut Target,
    database: &PlannedDatabase,
    names: &[String],
) -> Result<Vec<String>> {
    let client = &mut target.connection.client;
    identical::find_differing_names(client, &database.schema, database.version, names)
        .map_err(|error| server_error("reading existing tables", &error))
}

/// The tables and types are dropped and created again.
fn decide_replaced(
    database: &PlannedDatabase,
    existing: &[ExistingRelation],
    context: &mut Context,
) -> Decision {
    let rows = existing.iter().filter(|object| object.kind == Kind::Table);
    let rows = rows.map(|table| (&*table.name, table.rows.map(i64::unsigned_abs)));
    let findings = histories::unnamed_histories(database, rows);
    let remaining_histories = histories::remaining_histories(database, existing, context);
    let mut tables = database.tables.clone();
    tables.retain(|planned| !remaining_histories.contains(&planned.shape.table.name));
    let mut replacement = Replacement { remaining_histories, ..Replacement::default() };
    for object in existing {
        if replacement.remaining_histories.contains(&&*object.name) {
            continue;
        }
        let table = database.version.tables().find(|table| table.name == object.name);
        let declared = database.version.enums.iter().find(|known| known.name == object.name);
        if let (Kind::Table, Some(table)) = (&object.kind, table) {
            let name = sql::qualified_name(&object.schema, &object.name);
            let rows = describe_rows(object.rows);
            context.print_line(&format!("plan: --drop-all replaces {name} ({rows})"));
            replacement.tables.push(table.name);
        } else if let Some(known) = declared {
            replacement.types.push(known.name);
        }
    }
    Decision { state: TargetState::Replace(replacement), tables, findings, seed_rows: None }
}
