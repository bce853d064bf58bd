//! Several schemas of PostgreSQL: what those of the search path hold, which of them is meant where
//! two have a table of one name, and schemas beyond the path that have the file's tables.

use std::collections::BTreeSet;

use model::file::Directory;

use super::Joining;
use super::choices::{Choice, Item, ask_for_each};
use crate::diagnostic::{Finding, Hint, Id, Result, Severity};
use crate::ids::{DatabaseId, PerDatabase};
use crate::migrate::context::Context;
use crate::migrate::request::{ChosenSchema, Request, RequestedSchema};
use crate::migrate::targets::Target;
use crate::postgres::schemas::{find_tables_beyond, search_path_parameter};
use crate::postgres::{quote_if_needed, server_error};
use crate::schema::Version;
use crate::schema_tools::draft::join::{Clash, Pairings, find_clashes, inspect_search_path};
use crate::sqlite::Source;
use crate::text::shell_word;

/// Reads what the targets hold. Databases that cannot be joined are left out: they are compared
/// with the built-in schema instead, or reported where the target holds no tables.
///
/// # Errors
/// The servers', and when a signal came.
pub fn inspect_targets<'a>(
    request: &Request,
    open: &BTreeSet<DatabaseId>,
    files: &'a mut PerDatabase<Source>,
    reached: &'a mut PerDatabase<Target>,
    chosen: &mut PerDatabase<ChosenSchema>,
    context: &mut Context,
) -> Result<Vec<Joining<'a>>> {
    let mut joining = Vec::new();
    let mut targets: Vec<(DatabaseId, &'a mut Target)> = reached.entries_mut().collect();
    for (id, source) in files.entries_mut().filter(|(id, _)| open.contains(id)) {
        let requested = request.database(id)?;
        let RequestedSchema::Find { built_in } = &requested.schema else { continue };
        let position = targets
            .iter()
            .position(|(known, target)| *known == id && target.facts.impostor.is_none());
        // Why a target cannot be asked has been said.
        let Some(position) = position else { continue };
        let (_, target) = targets.swap_remove(position);
        let schema = target.facts.schema.clone().unwrap_or_default();
        let client = &mut target.connection.client;
        let fail = |error| server_error("reading the catalog", &error);
        let path = &target.facts.schemas;
        let there = inspect_search_path(client, path, &source.structure).map_err(fail)?;
        let names: Vec<&str> =
            source.structure.ordinary_tables().map(|table| table.name.as_str()).collect();
        let beyond = find_tables_beyond(client, path, &names).map_err(fail)?;
        let database = Joining {
            id,
            name: requested.name.clone(),
            built_in: *built_in,
            source,
            target,
            schema,
            there,
            beyond,
            pairings: Pairings::default(),
        };
        if database.there.tables.is_empty() {
            super::blank::describe_blank(request, requested, database, chosen, context)?;
            continue;
        }
        joining.push(database);
    }
    Ok(joining)
}

fn find_schema_clashes(database: &Joining<'_>) -> Vec<Clash> {
    if database.there.shadowed.is_empty() {
        return Vec::new();
    }
    find_clashes(&database.source.structure, &database.there, &database.pairings)
}

/// Whether several schemas have a table of a name of PostgreSQL's, and nobody has said which is
/// meant.
pub fn is_open(database: &Joining<'_>, table: &str) -> bool {
    find_schema_clashes(database).iter().any(|clash| clash.name == table)
}

/// Asks which schema is meant where several have a table of one name.
///
/// # Errors
/// When a signal came.
pub fn ask_for_schemas(database: &mut Joining<'_>, context: &mut Context) -> Result<()> {
    let clashes = find_schema_clashes(database);
    if clashes.is_empty() {
        return Ok(());
    }
    let heading = format!(
        "{}: several schemas of PostgreSQL have tables with these names. Which one does the \
         application use?",
        database.name
    );
    let item = |clash: &Clash| Item {
        lines: vec![clash.source.clone()],
        options: clash.schemas.iter().map(|schema| typed_name(schema, &clash.name)).collect(),
        named: Vec::new(),
    };
    let items: Vec<Item> = clashes.iter().map(item).collect();
    let Some(answers) = ask_for_each(&heading, &items, &[], context)? else { return Ok(()) };
    for (clash, answer) in clashes.into_iter().zip(answers) {
        let Choice::Option(place) = answer else { continue };
        if let Some(schema) = clash.schemas.into_iter().nth(place) {
            database.pairings.schemas.push((clash.name, schema));
        }
    }
    Ok(())
}

/// Takes the schemas that an earlier join of the same two structures was given.
pub fn keep_earlier_schemas(database: &mut Joining<'_>, earlier: &Directory) {
    for clash in find_schema_clashes(database) {
        let file = earlier.tables.iter().find(|file| file.name == clash.name);
        let is_settled = !earlier.undecided.contains(&clash.name);
        if let Some(file) = file.filter(|_| is_settled) {
            let schema = file.schema.clone().unwrap_or_else(|| database.schema.clone());
            database.pairings.schemas.push((clash.name, schema));
        }
    }
}

/// Tables of a version of which nobody has said in which schema they are, with the flags that say
/// it.
pub fn find_open_schemas(database: &Joining<'_>, version: &Version) -> Vec<Finding> {
    let clashes = find_schema_clashes(database).into_iter();
    let open = clashes.filter(|clash| version.undecided.contains(&clash.name.as_str()));
    let finding = |clash: Clash| {
        let names: Vec<String> = clash.schemas.iter().map(|name| quote_if_needed(name)).collect();
        let what = format!("schemas {} each have a table with this name", names.join(" and "));
        let mut finding = Finding::without_rows(Id::S20, Severity::Error, what);
        finding.table.clone_from(&clash.source);
        let flag = |schema: &String| {
            let (name, own) = (&clash.name, format!("{}.{}", database.name, clash.source));
            format!("--same {}", shell_word(&format!("{own}={schema}.{name}")))
        };
        let flags = clash.schemas.iter().map(flag).collect();
        finding.hints = Hint::with_lines("add the one that the application uses:", flags).into();
        finding
    };
    open.map(finding).collect()
}

fn typed_name(schema: &str, table: &str) -> String {
    format!("{}.{}", quote_if_needed(schema), quote_if_needed(table))
}

/// What to do where schemas beyond the search path have the file's tables.
pub fn hint_at_schemas_beyond(database: &Joining<'_>) -> Option<Hint> {
    if database.beyond.is_empty() {
        return None;
    }
    let (mut left, mut path): (BTreeSet<&str>, Vec<&str>) = (BTreeSet::new(), Vec::new());
    left.extend(database.beyond.iter().flat_map(|beyond| &beyond.tables).map(String::as_str));
    for beyond in &database.beyond {
        if beyond.tables.iter().any(|table| left.remove(table.as_str())) {
            path.push(&beyond.schema);
        }
    }
    let shown: Vec<String> = path.iter().map(|name| quote_if_needed(name)).collect();
    // The first schema stays the first where it has tables of the application.
    if !database.there.tables.is_empty() {
        path.insert(0, &database.schema);
    }
    let (schemas, have) = match shown.as_slice() {
        [_] => (format!("schema {}", shown.concat()), "has"),
        _ => (format!("schemas {}", shown.join(" and ")), "have"),
    };
    let text = format!("add to the URL's parameters, as {schemas} {have} tables of these names:");
    Some(Hint::with_line(text, search_path_parameter(&path)))
}
