//! Which version of its schema a source is, and what differs where it is none of them.

use super::request::{ChosenSchema, RequestedDatabase, RequestedSchema};
use crate::diagnostic::{Error, Exit, Fault, Finding, Hint, Hints, Id, Result, Severity};
use crate::schema::{self, Schema, Version};
use crate::sqlite::{self, Difference, Source, differences_from_version};
use crate::text::{count_with_noun, shell_word, version_range};

/// How many differences are worth listing.
const LISTED: usize = 30;

/// A file whose structure is none that the schema knows.
pub struct Mismatch {
    pub fault: Fault,
    /// Its differences one by one, for the report; the fault lists them already.
    pub findings: Vec<Finding>,
}

impl From<Fault> for Mismatch {
    fn from(fault: Fault) -> Mismatch {
        Mismatch { fault, findings: Vec::new() }
    }
}

/// The versions that fit a source.
pub fn matching_versions(
    source: &Source,
    requested: &RequestedDatabase,
    chosen: &ChosenSchema,
) -> Result<Vec<&'static Version>, Mismatch> {
    let file = source.path.display();
    let schema = &chosen.schema;
    let stated = match &chosen.version {
        Some(version) => Some(version.clone()),
        None => stated_version(source, schema)?,
    };
    let mismatch = |text: String, found: &[Difference]| {
        let hints = unknown_structure_hints(requested, schema);
        let fault = Fault::new(text, hints.clone()).with_details(difference_lines(source, found));
        Mismatch { fault, findings: difference_findings(source, found, &hints) }
    };
    let Some(stated) = stated else {
        return sqlite::detect_versions(&source.structure, schema).map_err(|(version, found)| {
            let text = format!(
                "{file}: the tables match no known version of `{}`; closest is `{}`:",
                schema.name, version.name,
            );
            mismatch(text, &found)
        });
    };
    let Some(version) = schema.versions.iter().find(|version| version.name == stated) else {
        let known: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        let text = format!("{file}: {} has no version {stated}", schema.name);
        let hint = format!("name a known version: {}", known.join(", "));
        return Err(Fault::new(text, hint).into());
    };
    let found = differences_from_version(&source.structure, version);
    if found.is_empty() {
        return Ok(vec![version]);
    }
    Err(mismatch(
        format!("{file}: the tables do not match version {stated} of `{}`:", schema.name),
        &found,
    ))
}

/// How Connect's tables come into PostgreSQL without the production server.
const MAKING_TABLES: [&str; 4] = [
    "1. on a test machine or in a container, install the release of Connect that this server runs",
    "2. in its configuration, set [Postgres] as here, [Database] Provider = postgres, and [Server] \
     DataDir to a new, empty directory",
    "3. start it, wait until it listens, and stop it: its tables are then in PostgreSQL",
    "4. here, run the same command again",
];

/// What to do about a structure that the schema does not know.
fn unknown_structure_hints(requested: &RequestedDatabase, schema: &Schema) -> Hints {
    let saved = schema.versions.last().and_then(|version| version.directory);
    if let (RequestedSchema::Find { .. }, Some(directory)) = (&requested.schema, saved) {
        let directory = shell_word(&directory.to_string_lossy());
        return Hints::from(CORRECT_FILES).and(Hint::with_line(
            "remove the saved schema, and answer all questions again:",
            format!("rm -r {directory}"),
        ));
    }
    match (schema::built_in(schema.name).is_some(), requested.configured) {
        (true, true) => Hint::with_lines(
            "let a Connect of the same release, never the production server, create its tables:",
            MAKING_TABLES.map(str::to_owned).to_vec(),
        )
        .into(),
        (true, false) => "leave out `--schema`: the schema is then joined from both sides".into(),
        (false, _) => Hints::from([
            CORRECT_FILES,
            "compare the file with the schema files: `migrate schema diff`",
            "list under `ignore` what is not to be migrated",
            "add `declared = \"TYPE\"` to a column whose type differs from SQLite's on purpose",
            "add a new version of the application: `migrate explain new-version` says how",
        ]),
    }
}

const CORRECT_FILES: &str =
    "correct the schema files; `migrate explain schema-files` describes them";

/// What the application itself says about its version, where the schema knows how to ask.
fn stated_version(source: &Source, schema: &Schema) -> Result<Option<String>, Fault> {
    let Some(query) = schema.version_query else { return Ok(None) };
    let read = source.reader.query_row(query, [], |row| row.get::<_, String>(0));
    read.map(Some).map_err(|error| {
        let words = sqlite::describe_error(&error);
        let text = format!("{}: the version query failed: {words}", source.path.display());
        Fault::new(text, "check `version_query` in the schema's database.toml")
    })
}

/// The tables that stay behind because the schema says so.
pub fn ignored_tables(source: &Source, versions: &[&'static Version]) -> Option<Finding> {
    let version = versions.last()?;
    let of = |table: &sqlite::SourceTable| {
        let difference = Difference {
            table: table.name.clone(),
            column: None,
            what: "not in the schema".to_owned(),
            id: Id::O1,
        };
        format!("{}{}", table.name, affected_rows(source, &difference))
    };
    let describe_left = |why: &str, left: &dyn Fn(&str) -> bool| {
        let tables = source.structure.ordinary_tables().filter(|table| left(&table.name));
        let list: Vec<String> = tables.map(of).collect();
        (!list.is_empty()).then(|| format!("not migrated, because of {why}: {}", list.join("; ")))
    };
    let both = [
        describe_left("`ignore`", &|name| version.ignores(name) && !version.is_history_table(name)),
        describe_left("`[migration_history]`", &|name| version.is_history_table(name)),
    ];
    let what = both.into_iter().flatten().collect::<Vec<_>>().join("; ");
    (!what.is_empty()).then(|| Finding::without_rows(Id::O1, Severity::Note, what))
}

/// Each difference as a finding of its own, for the report.
fn difference_findings(source: &Source, differences: &[Difference], hints: &Hints) -> Vec<Finding> {
    let of = |difference: &Difference| {
        let what = format!("{}{}", difference.what, affected_rows(source, difference));
        let mut finding = Finding::without_rows(difference.id, Severity::Error, what);
        finding.table.clone_from(&difference.table);
        finding.set_columns(difference.column.as_deref());
        finding.count = 1;
        finding.hints.clone_from(hints);
        finding
    };
    differences.iter().map(of).collect()
}

/// How many rows or values a difference would leave behind, in words.
fn affected_rows(source: &Source, difference: &Difference) -> String {
    let table = model::sql::quote(&difference.table);
    let (with_value, filter) = match (difference.id, &difference.column) {
        (Id::O1, _) => ("", String::new()),
        (Id::O2, Some(name)) => {
            (" with a value", format!(" WHERE {} IS NOT NULL", model::sql::quote(name)))
        }
        _ => return String::new(),
    };
    let count = format!("SELECT count(*) FROM {table} NOT INDEXED{filter}");
    let count = source.reader.query_row(&count, [], |row| row.get::<_, i64>(0));
    count.map_or(String::new(), |count| {
        format!(", {}{with_value}", count_with_noun(count.unsigned_abs(), "row"))
    })
}

/// The differences_from_version, a line each.
fn difference_lines(source: &Source, differences: &[Difference]) -> Vec<String> {
    let line = |difference: &Difference| {
        format!("{} {difference}{}", difference.id, affected_rows(source, difference))
    };
    let mut lines: Vec<String> = differences.iter().take(LISTED).map(line).collect();
    if differences.len() > LISTED {
        lines.push(format!("… and {} more", differences.len() - LISTED));
    }
    lines
}

/// The versions that fit all databases of one application; empty when there is nothing to choose.
pub fn common_versions(
    versions_of_databases: &[Vec<&'static Version>],
) -> Result<Vec<&'static str>> {
    let application = |version: &Version| version.database.split('/').next().unwrap_or_default();
    let Some((first, rest)) = versions_of_databases.split_first() else { return Ok(Vec::new()) };
    let of_first = first.first().map(|version| application(version)).unwrap_or_default();
    let same = rest.iter().flatten().all(|version| application(version) == of_first);
    if rest.is_empty() || !same {
        return Ok(Vec::new());
    }
    let in_all = |name: &&str| rest.iter().all(|set| set.iter().any(|v| v.name == *name));
    let meeting: Vec<&str> = first.iter().map(|version| version.name).filter(in_all).collect();
    if !meeting.is_empty() {
        return Ok(meeting);
    }
    let sets: Vec<String> = versions_of_databases
        .iter()
        .filter_map(|set| {
            let names: Vec<String> = set.iter().map(|version| version.name.to_owned()).collect();
            set.first().map(|version| format!("{} is {}", version.database, version_range(&names)))
        })
        .collect();
    Err(Error::new(
        Exit::Source,
        format!("the databases have different versions: {}", sets.join(", ")),
        [
            "check that both files are those of one server at one time",
            "check that the application's last upgrade was completed",
        ],
    ))
}
