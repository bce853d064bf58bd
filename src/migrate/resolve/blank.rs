//! A source whose structure is not known, and a target without tables.

use super::saved::{Fingerprint, Wanted};
use super::{Joining, VERSION, print_how_to_use, read_schema, saved, schemas};
use crate::diagnostic::console::Step;
use crate::diagnostic::{Exit, Fault, Hints, Result};
use crate::ids::PerDatabase;
use crate::migrate::context::Context;
use crate::migrate::request::{ChosenSchema, Mode, Request, RequestedDatabase};
use crate::migrate::sources;
use crate::postgres::inspection::Inspection;
use crate::postgres::quote_if_needed;
use crate::schema::Schema;
use crate::schema_tools::draft;

/// What a draft from SQLite alone means.
const DRAFT: &str = "PostgreSQL's types would be chosen from SQLite's declarations and values \
                     only; RESIDUE.md would list what is not migrated (views, triggers, and more)";

/// Says that the application has to make its tables first; or drafts them from SQLite alone, where
/// that is asked for.
///
/// # Errors
/// SQLite's, and when the draft cannot be saved.
pub fn describe_blank(
    request: &Request,
    requested: &RequestedDatabase,
    database: Joining<'_>,
    chosen: &mut PerDatabase<ChosenSchema>,
    context: &mut Context,
) -> Result<()> {
    if !requested.configured && may_draft(request, &database, context)? {
        return draft_alone(request, database, chosen, context);
    }
    if let (true, Some(schema)) = (requested.configured, database.built_in) {
        // What differs from it is reported, and how the application makes its tables.
        chosen.insert(database.id, ChosenSchema { schema, version: None });
        return Ok(());
    }
    let text = format!(
        "{}: the structure of {} is not known, and PostgreSQL's schema {} has no tables",
        database.name,
        database.source.path.display(),
        quote_if_needed(&database.schema)
    );
    let usual = || {
        Hints::from([
            "let the application create its tables in PostgreSQL once, and run the command again",
            "create the tables from SQLite's structure: `--draft`",
        ])
    };
    let hints = schemas::hint_at_schemas_beyond(&database).map_or_else(usual, Hints::from);
    context.diagnostics.add(Exit::Source, vec![Fault::new(text, hints)]);
    Ok(())
}

fn may_draft(request: &Request, database: &Joining<'_>, context: &mut Context) -> Result<bool> {
    if request.search.may_draft {
        return Ok(true);
    }
    if !context.ask || request.mode == Mode::Verify || !context.console.can_ask() {
        return Ok(false);
    }
    context.print_line("");
    context.print_line(&format!(
        "{}: PostgreSQL's schema {} has no tables of the application. {DRAFT}.",
        database.name,
        quote_if_needed(&database.schema)
    ));
    if let Some(hint) = schemas::hint_at_schemas_beyond(database) {
        context.print_line(&format!("Otherwise {}", hint.text));
        hint.lines.iter().for_each(|line| context.print_line(&format!("  {line}")));
    }
    context.ask_to_confirm("create the tables from SQLite's structure?")
}

fn draft_alone(
    request: &Request,
    database: Joining<'_>,
    chosen: &mut PerDatabase<ChosenSchema>,
    context: &mut Context,
) -> Result<()> {
    let Joining { id, name, source, there, pairings, .. } = database;
    let fingerprint = Fingerprint::take(source, &there, &pairings, None)?.of_draft();
    let wanted = [Wanted { name: &name, fingerprint: &fingerprint }];
    let root = saved::choose_root(&request.search, &context.environment, &wanted)?;
    let directory = saved::directory_of(&request.search, &root, &name);
    if !fingerprint.is_saved_in(&directory) {
        if !sources::check_integrity(source, &name, request.integrity, context) {
            return Ok(());
        }
        context.begin_step(Step::DraftSchema, &name);
        let draft = draft::draft_schema(source, VERSION)?;
        if draft.directory.tables.is_empty() {
            return Err(draft::no_tables_error(source));
        }
        source.check_unchanged()?;
        saved::save_schema(&directory, &draft, &fingerprint)?;
        context
            .print_line(&format!("schema: {name} is drafted from SQLite: {}", directory.display()));
        print_how_to_use(request, &root, context);
    }
    let schema = read_schema(&directory)?;
    chosen.insert(id, ChosenSchema { schema, version: None });
    Ok(())
}

/// The schema of tables that a draft has made: it is saved, and the target has its tables.
///
/// # Errors
/// When the saved files cannot be read.
pub fn find_drafted(
    request: &Request,
    database: &Joining<'_>,
    fingerprint: &Fingerprint,
    context: &mut Context,
) -> Result<Option<Schema>> {
    let fingerprint = fingerprint.clone().of_draft();
    let wanted = [Wanted { name: &database.name, fingerprint: &fingerprint }];
    let Ok(root) = saved::choose_root(&request.search, &context.environment, &wanted) else {
        return Ok(None);
    };
    let directory = saved::directory_of(&request.search, &root, &database.name);
    if !fingerprint.is_saved_in(&directory) {
        return Ok(None);
    }
    let schema = read_schema(&directory)?;
    let is_made = schema
        .versions
        .iter()
        .all(|version| version.tables().all(|table| has_same_columns(table, &database.there)));
    if is_made {
        context.print_line(&format!("schema: {} is in {}", database.name, directory.display()));
    }
    Ok(is_made.then_some(schema))
}

fn has_same_columns(table: &model::Table, inspection: &Inspection) -> bool {
    let Some(existing) = inspection.tables.iter().find(|existing| existing.name == table.name)
    else {
        return false;
    };
    let mut names: Vec<&str> = existing.columns.iter().map(|column| &*column.name).collect();
    let mut described: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    names.sort_unstable();
    described.sort_unstable();
    names == described
}
