//! The schema that a run takes for each database: the one that is given, a built-in one that has
//! the structure of the file, one that an earlier run has saved, or a new join of both sides.
//!
//! What a join cannot know is asked, where somebody is at a terminal: first which names belong
//! together ([`names`]), which decides what is read, then what single columns mean
//! ([`questions`]). Everything is saved before the run goes on ([`saved`]).

mod blank;
mod choices;
mod edit;
mod flags;
mod histories;
mod names;
mod questions;
mod saved;
mod schemas;

use std::collections::BTreeSet;
use std::path::Path;

use super::context::Context;
use super::request::{ChosenSchema, Mode, Request, RequestedSchema};
use super::sources;
use super::targets::Target;
use crate::check::undecided::find_undecided_columns;
use crate::diagnostic::{Error, Exit, Fault, Hint, Hints, Result, console::Step};
use crate::ids::{DatabaseId, PerDatabase};
use crate::postgres::inspection::Inspection;
use crate::postgres::quote_if_needed;
use crate::postgres::schemas::Beyond;
use crate::schema::Schema;
use crate::schema_tools::draft::Draft;
use crate::schema_tools::draft::join::{self, Pairings};
use crate::sqlite::{self, Source};
use crate::text::{count_with_noun, shell_word};

use saved::{Fingerprint, Wanted, read_schema};

/// What a version that was found is called.
const VERSION: &str = "1";

/// A database whose schema is found by a join, or is there already from an earlier one.
struct Joining<'a> {
    id: DatabaseId,
    name: String,
    /// The built-in schema of the application; guesses in it are shown, never taken.
    built_in: Option<Schema>,
    source: &'a mut Source,
    target: &'a mut Target,
    /// The first PostgreSQL schema of the search path, and what is in those of the path.
    schema: String,
    there: Inspection,
    /// Schemas beyond the search path that have tables of the file's names.
    beyond: Vec<Beyond>,
    pairings: Pairings,
}

/// Chooses the schema of each database whose file could be opened. What cannot be found is
/// collected.
///
/// # Errors
/// SQLite's, and the servers'.
pub fn choose_schemas(
    request: &Request,
    files: &mut PerDatabase<Source>,
    reached: &mut PerDatabase<Target>,
    context: &mut Context,
) -> Result<PerDatabase<ChosenSchema>> {
    let mut chosen = PerDatabase::default();
    let mut open: BTreeSet<DatabaseId> = BTreeSet::new();
    for (id, requested) in request.entries() {
        match &requested.schema {
            RequestedSchema::Given(schema) => chosen.insert(id, schema.clone()),
            RequestedSchema::Find { built_in } => {
                let Some(source) = files.find(id) else { continue };
                match built_in.filter(|schema| has_structure(source, schema)) {
                    Some(schema) => chosen.insert(id, ChosenSchema { schema, version: None }),
                    None => drop(open.insert(id)),
                }
            }
        }
    }
    if open.is_empty() {
        // Of a file that cannot be used nobody knows.
        if chosen.ids().count() == request.databases.len() {
            check_unused_flags(request)?;
        }
        return Ok(chosen);
    }
    super::fail_on_early_problems(request, context)?;
    let mut joining =
        schemas::inspect_targets(request, &open, files, reached, &mut chosen, context)?;
    if joining.is_empty() {
        return Ok(chosen);
    }
    flags::apply_flags(&request.search, &mut joining)?;
    find_schemas(request, joining, &mut chosen, context)?;
    Ok(chosen)
}

fn has_structure(source: &Source, schema: &Schema) -> bool {
    sqlite::detect_versions(&source.structure, schema).is_ok()
}

/// Flags that say something of a join mean nothing where there is none.
fn check_unused_flags(request: &Request) -> Result<()> {
    let search = &request.search;
    let flags = [
        ("--same", !search.same.is_empty()),
        ("--ignore", !search.ignored.is_empty()),
        ("--create-missing", search.create_missing),
        ("--naive-zone", search.naive_zone.is_some()),
        ("--draft", search.may_draft),
    ];
    let faults = flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| {
        let text = format!("{flag}: the schema of the source is known, so the flag has no effect");
        Fault::new(text, format!("leave out `{flag}`"))
    });
    Error::from_faults(Exit::Usage, faults.collect())
}

/// Finds the schema of every database: saved ones are taken, the others are joined and saved.
fn find_schemas(
    request: &Request,
    joining: Vec<Joining<'_>>,
    chosen: &mut PerDatabase<ChosenSchema>,
    context: &mut Context,
) -> Result<()> {
    let (mut joining, fingerprints) = take_fingerprints(request, joining, chosen, context)?;
    if joining.is_empty() {
        return Ok(());
    }
    let wanted = joining.iter().zip(&fingerprints);
    let wanted: Vec<Wanted<'_>> = wanted
        .map(|(database, fingerprint)| Wanted { name: &database.name, fingerprint })
        .collect();
    saved::warn_of_unsafe_directory(&request.search, &wanted, context);
    let root = match saved::choose_root(&request.search, &context.environment, &wanted) {
        // Nothing will be saved.
        Err(_) if request.search.reads_no_rows => {
            joining.iter().for_each(|database| explain_that_run_joins(database, context));
            return Ok(());
        }
        found => found?,
    };
    histories::assign_shared_histories(&mut joining, context)?;
    if let (Some(other), [database]) = (&request.search.other_source, joining.as_mut_slice()) {
        histories::ignore_history_of_other_database(database, other, context)?;
    }
    let mut elsewhere: Vec<BTreeSet<String>> = joining.iter().map(own_tables).collect();
    let known = chosen.iter().flat_map(|chosen| chosen.schema.versions.iter());
    let known = known.flat_map(|version| version.tables()).map(|table| table.name.to_owned());
    elsewhere.push(known.collect());
    let mut is_new = false;
    for (index, (database, fingerprint)) in joining.iter_mut().zip(&fingerprints).enumerate() {
        let directory = saved::directory_of(&request.search, &root, &database.name);
        let others = elsewhere_of(&elsewhere, index);
        let is_saved = fingerprint.is_saved_in(&directory);
        // Names decide what is read: where one can be answered now, everything is read again.
        let is_complete = is_saved
            && !(may_ask(request, context) && has_open_names(database, &others, &directory)?);
        if !is_complete && request.search.reads_no_rows {
            explain_that_run_joins(database, context);
            continue;
        }
        if is_complete {
            context.print_line(&format!("schema: {} is in {}", database.name, directory.display()));
        } else {
            if !join_and_save(request, database, &others, &directory, fingerprint, context)? {
                continue;
            }
            is_new = true;
        }
        if may_ask(request, context) {
            questions::ask_open_questions(database, &directory, context)?;
        }
        let schema = read_schema(&directory)?;
        if !refuse_open(database, &others, &schema, context)? {
            chosen.insert(database.id, ChosenSchema { schema, version: None });
        }
    }
    if is_new {
        print_how_to_use(request, &root, context);
    }
    Ok(())
}

/// What identifies both sides of each database; one whose tables a draft has made has its schema.
fn take_fingerprints<'a>(
    request: &Request,
    all: Vec<Joining<'a>>,
    chosen: &mut PerDatabase<ChosenSchema>,
    context: &mut Context,
) -> Result<(Vec<Joining<'a>>, Vec<Fingerprint>)> {
    let zone = request.search.naive_zone.as_deref();
    let (mut joining, mut fingerprints) = (Vec::new(), Vec::new());
    for database in all {
        let Joining { source, there, pairings, .. } = &database;
        let fingerprint = Fingerprint::take(source, there, pairings, zone)?;
        match blank::find_drafted(request, &database, &fingerprint, context)? {
            Some(schema) => chosen.insert(database.id, ChosenSchema { schema, version: None }),
            None => {
                fingerprints.push(fingerprint);
                joining.push(database);
            }
        }
    }
    Ok((joining, fingerprints))
}

/// What is said of a database whose schema is not known yet, where no row is to be read.
fn explain_that_run_joins(database: &Joining<'_>, context: &mut Context) {
    context.print_line(&format!(
        "schema: {} is not built in; a run joins it with the application's tables in schema {}",
        database.name,
        quote_if_needed(&database.schema)
    ));
}

/// Whether a saved schema leaves names of SQLite without a place.
fn has_open_names(
    database: &Joining<'_>,
    elsewhere: &BTreeSet<String>,
    directory: &Path,
) -> Result<bool> {
    match read_schema(directory)?.versions.last() {
        Some(version) => Ok(!names::find_open_names(database, elsewhere, version)?.is_empty()),
        None => Ok(false),
    }
}

/// Whether somebody is there to answer questions.
fn may_ask(request: &Request, context: &Context) -> bool {
    context.ask && request.mode != Mode::Verify && context.console.can_ask()
}

/// Refuses names that have no place yet, and with them columns that are to be decided, so that all
/// of it is said together; whether there are any such names.
fn refuse_open(
    database: &Joining<'_>,
    elsewhere: &BTreeSet<String>,
    schema: &Schema,
    context: &mut Context,
) -> Result<bool> {
    let Some(version) = schema.versions.last() else { return Ok(false) };
    if !names::refuse_open_names(database, elsewhere, version, context)? {
        return Ok(false);
    }
    let source = &database.source;
    let built_in = database.built_in.and_then(|schema| schema.versions.last().copied());
    let (reader, structure) = (&source.reader, &source.structure);
    let found = find_undecided_columns(&database.name, reader, structure, version, built_in);
    for mut finding in found.map_err(|error| source.read_error(&error))? {
        // It is said with the flags that decide it.
        if finding.columns.is_empty() && schemas::is_open(database, &finding.table) {
            continue;
        }
        finding.database.clone_from(&database.name);
        context.report_finding(finding, Exit::Source);
    }
    Ok(true)
}

/// The names of PostgreSQL's tables that belong to the other databases.
fn elsewhere_of(all: &[BTreeSet<String>], index: usize) -> BTreeSet<String> {
    let others = all.iter().enumerate().filter(|(other, _)| *other != index);
    others.flat_map(|(_, names)| names.iter().cloned()).collect()
}

/// PostgreSQL's tables that have the names of SQLite's.
fn own_tables(database: &Joining<'_>) -> BTreeSet<String> {
    let structure = &database.source.structure;
    let is_own = |name: &&String| structure.ordinary_tables().any(|table| table.name == **name);
    database.there.tables.iter().map(|table| &table.name).filter(is_own).cloned().collect()
}

/// Joins both sides and saves what comes of it; `false` where that cannot be done.
fn join_and_save(
    request: &Request,
    database: &mut Joining<'_>,
    elsewhere: &BTreeSet<String>,
    directory: &Path,
    fingerprint: &Fingerprint,
    context: &mut Context,
) -> Result<bool> {
    let name = database.name.clone();
    if !sources::check_integrity(database.source, &name, request.integrity, context) {
        return Ok(false);
    }
    let earlier = fingerprint.load_earlier(directory);
    if let Some(earlier) = &earlier {
        names::keep_earlier_names(database, elsewhere, earlier)?;
    }
    if may_ask(request, context) {
        schemas::ask_for_schemas(database, context)?;
        names::ask_for_counterparts(database, elsewhere, context)?;
    }
    context.begin_step(Step::JoinSchema, &name);
    database.pairings.filled_by_others = elsewhere.iter().cloned().collect();
    let draft = draft_join(request, database)?;
    if draft.directory.tables.is_empty() {
        context.diagnostics.add(Exit::Target, vec![no_common_table(database)]);
        return Ok(false);
    }
    database.source.check_unchanged()?;
    let old = saved::save_schema(directory, &draft, fingerprint)?;
    let kept = match &earlier {
        Some(earlier) => edit::keep_earlier_answers(directory, earlier)?,
        None => 0,
    };
    if let Some(old) = old {
        let kept = match kept {
            0 => String::new(),
            kept => format!("; {} kept", count_with_noun(kept, "answer")),
        };
        let old = old.display();
        context.print_line(&format!("schema: {name}: the previous schema is now {old}{kept}"));
    }
    let shown = directory.display();
    context.print_line(&format!("schema: {name} is joined from SQLite and PostgreSQL: {shown}"));
    Ok(true)
}

fn draft_join(request: &Request, database: &mut Joining<'_>) -> Result<Draft> {
    let Joining { source, target, schema, there, pairings, built_in, .. } = database;
    let title = format!("{}, schema {}", target.address.database_name(), quote_if_needed(schema));
    let mut target = join::Target {
        client: &mut target.connection.client,
        schema,
        title: &title,
        naive_zone: request.search.naive_zone.as_deref(),
        pairings,
        built_in: built_in.and_then(|schema| schema.versions.last().copied()),
    };
    join::draft_joined(source, VERSION, &mut target, there)
}

fn no_common_table(database: &Joining<'_>) -> Fault {
    let text = format!(
        "{}: schema {} has tables, but none of them has the name of a table in {}",
        database.name,
        quote_if_needed(&database.schema),
        database.source.path.display()
    );
    let usual =
        || Hints::from(["check the URL", "name another schema in the URL: `?search_path=NAME`"]);
    let hints = schemas::hint_at_schemas_beyond(database).map_or_else(usual, Hints::from);
    let prefix = join::find_common_prefix(&database.source.structure, &database.there);
    let rule = prefix.map(|prefix| shell_word(&format!("*={prefix}*")));
    let rule = rule.map(|rule| {
        Hint::with_line("if its tables have a prefix there, add:", format!("--same {rule}")).into()
    });
    Fault::new(text, rule.unwrap_or(hints))
}

/// How the saved schema is used again.
fn print_how_to_use(request: &Request, root: &Path, context: &mut Context) {
    let root = shell_word(&root.to_string_lossy());
    let with = match request.search.directory {
        Some(_) => ", with the same --save-schema,",
        None => "",
    };
    context.print_line(&format!(
        "schema: later runs and --verify{with} use it and your changes to it, as long as source \
         and target keep this structure"
    ));
    context.print_line("schema: for other SQLite files with the same tables, run:");
    // Indented lines are not wrapped, so that they can be pasted.
    context.print_line(&format!("  {} --schema {root}", request.search.command));
}
