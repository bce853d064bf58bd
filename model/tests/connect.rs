//! What `schema/connect` calls a fact is one: the names that public code shows, and no unit.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use model::rust::Resolved;
use model::{Column, Stored, Type};

/// Columns that are seen: in a customer's public dbt models. What those do with the two times of
/// `apps` speaks against the type that the files give them.
const SEEN: &[(&str, &[&str])] = &[
    ("app_environment_variables", &["app_id", "name"]),
    (
        "apps",
        &["id", "guid", "name", "title", "principal_id", "app_mode", "bundle_id", "has_parameters"],
    ),
    ("git", &["app_id", "repository_url"]),
    ("permissions", &["app_id", "principal_id", "app_role"]),
    ("rmd_and_static_hits", &["id", "app_guid", "user_guid", "hit_time"]),
    ("schedule", &["app_id", "email"]),
    ("shiny_app_usage", &["id", "app_guid", "user_guid", "started", "ended"]),
    ("users", &["principal_id", "guid", "username"]),
    ("vanities", &["app_id", "path_prefix"]),
];

/// Columns of which the files state the unit or the zone, and no source shows it: the API answers
/// with times of its own making.
const UNITS: &[&str] = &[
    "jobs.end_time",
    "jobs.last_heartbeat_time",
    "jobs.queue_wait",
    "jobs.queued_time",
    "jobs.start_time",
    "nodes.clock_read_at",
    "nodes.last_heartbeat",
    "nodes.started_at",
    "nodes.uptime",
    "principals.created_time",
    "queue_events.event_time",
    "queue_events.recorded_at",
    "server_settings.changed_at",
    "server_settings.effective_on",
    "server_settings.reviewed_at",
    "sessions.expires",
    "sessions.idle_limit",
    "tasks.duration",
    "tasks.updated_at",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../schema")
}

/// The lines of all columns of all versions that are chosen, as `table.column`.
fn lines(all: &[Resolved], chosen: impl Fn(&Column) -> bool) -> BTreeSet<String> {
    let databases = all.iter().flat_map(|resolved| &resolved.versions);
    let tables = databases.flat_map(|database| database.tables);
    tables
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .filter(|(_, column)| chosen(column))
        .map(|(table, column)| format!("{}.{}", table.name, column.name))
        .collect()
}

fn states_unit(column: &Column) -> bool {
    let timed = matches!(
        column.ty,
        Type::Date | Type::Timestamp | Type::Timestamptz | Type::Time | Type::Interval
    );
    timed && column.stored != Stored::Text
}

#[test]
fn only_names_that_public_code_shows_are_no_guesses() {
    let all = model::load_built_in(&root()).unwrap();
    let seen = SEEN
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(move |column| format!("{table}.{column}")));
    assert_eq!(lines(&all, |column| !column.guess), seen.collect());
}

#[test]
fn every_unit_is_a_guess() {
    let all = model::load_built_in(&root()).unwrap();
    let known: BTreeSet<String> = UNITS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(lines(&all, states_unit), known);
    assert_eq!(lines(&all, |column| states_unit(column) && !column.guess), BTreeSet::new());
}

/// What a key says is not said once more in words, where nothing reads it.
#[test]
fn no_comment_says_what_is_a_guess() {
    for resolved in model::load_built_in(&root()).unwrap() {
        for table in &resolved.directory.tables {
            let text = fs::read_to_string(&table.file).unwrap();
            let comments = text.lines().filter_map(|line| line.split_once('#'));
            let output: Vec<_> = comments.filter(|(_, output)| output.contains("guess")).collect();
            assert_eq!(output, Vec::new(), "{}", table.file.display());
        }
    }
}

/// Nobody has seen a key, an index or a constraint that is not on a column's own line.
#[test]
fn every_rule_is_a_guess() {
    for resolved in model::load_built_in(&root()).unwrap() {
        for table in &resolved.directory.tables {
            let on_line = |line: usize| table.columns.iter().any(|column| column.line == line);
            let uniques = table.uniques.iter().map(|rule| (rule.line, rule.guess));
            let keys = table.foreign_keys.iter().map(|rule| (rule.line, rule.guess));
            let indexes = table.indexes.iter().map(|rule| (rule.line, rule.guess));
            let checks = table.checks.iter().map(|rule| (rule.line, rule.guess));
            let all = uniques.chain(keys).chain(indexes).chain(checks);
            let seen: Vec<_> = all.filter(|(line, guess)| !guess && !on_line(*line)).collect();
            assert_eq!(seen, Vec::new(), "{}", table.file.display());
        }
    }
}
