//! The sources of a run: opened, and matched with a version.

use std::time::Instant;

use super::wrong::Wrong;
use super::{Mode, Request, World};
use crate::check;
use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result, Severity};
use crate::report::{DatabaseReport, Report};
use crate::schema::{self, Version};
use crate::sqlite::{self, Difference, Source, differences};
use crate::text::{grouped, range};

/// A database of the run: its file and its version.
pub struct Database {
    /// Its place in the request.
    pub wanted: usize,
    /// `core`, `instrumentation`, …
    pub name: String,
    /// The open file.
    pub source: Source,
    /// Its version; where several fit they are equal, and this is the newest.
    pub version: &'static Version,
}

/// How many differences are worth listing.
const LISTED: usize = 30;

/// Opens all sources and finds their versions; those of which something is `wrong` are left out.
pub fn open(
    request: &Request,
    world: &mut World,
    report: &mut Report,
    wrong: &mut Wrong,
) -> Result<Vec<Database>> {
    let begun = Instant::now();
    let mut faults = Vec::new();
    let mut opened = Vec::new();
    for (place, wanted) in request.databases.iter().enumerate() {
        world.console.doing(&format!("opening {}", wanted.source.display()));
        let rehearsal = request.mode != Mode::Migrate;
        let (configured, application) = (wanted.configured, wanted.application);
        let integrity = request.integrity;
        let how = sqlite::How { rehearsal, configured, application, integrity };
        let (mut findings, mut differing) = (Vec::new(), Vec::new());
        match Source::open(&wanted.source, how, &mut findings) {
            Ok(source) => match fitting(&source, wanted) {
                Ok(versions) => {
                    findings.extend(ignored(&source, &versions));
                    opened.push((place, wanted, source, versions));
                }
                Err(Unfit { fault, differences }) => {
                    faults.push(fault);
                    differing = differences;
                }
            },
            Err(trouble) => findings.push(*trouble),
        }
        tell(findings, wanted, world, report, &mut faults);
        for mut finding in differing {
            finding.database.clone_from(&wanted.name);
            report.findings.push(finding);
        }
    }
    wrong.add(Exit::Source, faults);
    let all: Vec<_> = opened.iter().map(|(.., versions)| versions.clone()).collect();
    let common = wrong.keep(common(&all))?.unwrap_or_default();
    let mut databases = Vec::new();
    for (place, wanted, source, versions) in opened {
        let version = versions.iter().rev().find(|v| common.is_empty() || common.contains(&v.name));
        let Some(version) = version else { continue };
        // Its rows cannot be checked before all of it is decided.
        if !decided(&source, wanted, version, report, wrong)? {
            continue;
        }
        let names: Vec<String> = versions.iter().map(|version| version.name.to_owned()).collect();
        let shown = range(&names);
        world.console.say(&format!(
            "source: {} {} is {} {shown}, whole by the {} check",
            wanted.name,
            wanted.source.display(),
            wanted.schema.name,
            request.integrity.word()
        ));
        report.databases.push(DatabaseReport {
            name: wanted.name.clone(),
            source: wanted.source.display().to_string(),
            schema: wanted.schema.name.to_owned(),
            versions: names,
            application_id: source.header.application_id,
            user_version: source.header.user_version,
            integrity: request.integrity.word(),
            ..DatabaseReport::default()
        });
        databases.push(Database { wanted: place, name: wanted.name.clone(), source, version });
    }
    report.step("source", begun, ());
    Ok(databases)
}

/// Puts what was found of a file where it belongs.
fn tell(
    findings: Vec<Finding>,
    wanted: &super::Wanted,
    world: &mut World,
    report: &mut Report,
    faults: &mut Vec<Fault>,
) {
    for mut finding in findings {
        finding.database.clone_from(&wanted.name);
        match finding.severity {
            Severity::Error => faults.push(finding.fault()),
            Severity::Warning => world.console.warn(&finding.fault()),
            Severity::Note => {}
        }
        report.findings.push(finding);
    }
}

/// Whether the schema says how every column that holds a value is stored.
fn decided(
    source: &Source,
    wanted: &super::Wanted,
    version: &Version,
    report: &mut Report,
    wrong: &mut Wrong,
) -> Result<bool> {
    let found = check::undecided::find(&source.reader, &source.structure, version);
    let mut found = found.map_err(|error| source.error(&error))?;
    for finding in &mut found {
        finding.database.clone_from(&wanted.name);
    }
    wrong.add(Exit::Source, found.iter().map(Finding::fault).collect());
    let decided = found.is_empty();
    report.findings.extend(found);
    Ok(decided)
}

/// Why no version fits a source.
struct Unfit {
    /// All of it, for the terminal.
    fault: Fault,
    /// Each difference by itself, for the report.
    differences: Vec<Finding>,
}

impl From<Fault> for Unfit {
    fn from(fault: Fault) -> Unfit {
        Unfit { fault, differences: Vec::new() }
    }
}

/// The versions that fit a source.
fn fitting(source: &Source, wanted: &super::Wanted) -> Result<Vec<&'static Version>, Unfit> {
    let file = source.path.display();
    let schema = &wanted.schema;
    let stated = match &wanted.version {
        Some(version) => Some(version.clone()),
        None => stated_version(source, wanted)?,
    };
    let Some(stated) = stated else {
        return sqlite::detect(&source.structure, schema).map_err(|(version, found)| {
            let text = format!(
                "{file}: the structure is none that {} knows; nearest is version {}, but:",
                schema.name, version.name,
            );
            let fault = Fault::new(text, unknown(wanted)).with_details(listed(source, &found));
            Unfit { fault, differences: told(source, &found, unknown(wanted)) }
        });
    };
    let Some(version) = schema.versions.iter().find(|version| version.name == stated) else {
        let known: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        let text = format!("{file}: {} has no version {stated}", schema.name);
        let fault = Fault::new(text, format!("known versions are {}", known.join(", ")));
        return Err(fault.into());
    };
    let found = differences(&source.structure, version);
    if found.is_empty() {
        return Ok(vec![version]);
    }
    let text = format!("{file}: is not {} at {stated}:", schema.name);
    let fault = Fault::new(text, unknown(wanted)).with_details(listed(source, &found));
    Err(Unfit { fault, differences: told(source, &found, unknown(wanted)) })
}

/// What to do about a structure that the schema does not know.
fn unknown(wanted: &super::Wanted) -> &'static str {
    match (schema::built_in(wanted.schema.name).is_some(), wanted.configured) {
        (true, true) => {
            "docs/real-server.md is the way then: draft schema files from both sides, and run \
             migrate db --schema DIR"
        }
        (true, false) => {
            "docs/another-application.md is the way then: draft schema files of the database, and \
             run migrate copy --schema DIR"
        }
        (false, _) => {
            "mend the schema files (schema/README.md): migrate schema diff says what differs; \
             `ignore` names what stays behind; declared = \"…\" behind a column's type says that \
             the type is meant, although SQLite's table declares another; a new version of the \
             application goes as docs/new-version.md says"
        }
    }
}

/// What the application itself says about its version, where the schema knows how to ask.
fn stated_version(source: &Source, wanted: &super::Wanted) -> Result<Option<String>, Fault> {
    let Some(query) = wanted.schema.version_query else { return Ok(None) };
    let read = source.reader.query_row(query, [], |row| row.get::<_, String>(0));
    read.map(Some).map_err(|error| {
        let words = sqlite::words(&error);
        let text = format!("{}: the version query failed: {words}", source.path.display());
        Fault::new(text, "check `version_query` in the schema's database.toml")
    })
}

/// The tables that stay behind because the schema says so.
fn ignored(source: &Source, versions: &[&'static Version]) -> Option<Finding> {
    let version = versions.last()?;
    let of = |table: &sqlite::SourceTable| {
        let difference = Difference {
            table: table.name.clone(),
            column: None,
            what: "not in the schema".to_owned(),
            id: Id::O1,
        };
        format!("{}{}", table.name, rows(source, &difference))
    };
    let said = |why: &str, left: &dyn Fn(&str) -> bool| {
        let tables = source.structure.ordinary().filter(|table| left(&table.name));
        let list: Vec<String> = tables.map(of).collect();
        (!list.is_empty()).then(|| format!("left behind, as {why} says: {}", list.join("; ")))
    };
    let both = [
        said("`ignore`", &|name| version.ignores(name) && !version.keeps(name)),
        said("`[bookkeeping]`", &|name| version.keeps(name)),
    ];
    let what = both.into_iter().flatten().collect::<Vec<_>>().join("; ");
    (!what.is_empty()).then(|| Finding::about(Id::O1, Severity::Note, what))
}

/// Each difference as a finding of its own, for the report.
fn told(source: &Source, found: &[Difference], cure: &str) -> Vec<Finding> {
    let of = |difference: &Difference| {
        let what = format!("{}{}", difference.what, rows(source, difference));
        let mut finding = Finding::about(difference.id, Severity::Error, what);
        finding.table.clone_from(&difference.table);
        finding.set_columns(difference.column.as_deref());
        cure.clone_into(&mut finding.cure);
        finding
    };
    found.iter().map(of).collect()
}

/// What would be left behind, in words.
fn rows(source: &Source, difference: &Difference) -> String {
    let table = model::sql::quote(&difference.table);
    let (what, filter) = match (difference.id, &difference.column) {
        (Id::O1, _) => ("rows", String::new()),
        (Id::O2, Some(name)) => {
            ("rows with a value", format!(" WHERE {} IS NOT NULL", model::sql::quote(name)))
        }
        _ => return String::new(),
    };
    let count = format!("SELECT count(*) FROM {table} NOT INDEXED{filter}");
    let count = source.reader.query_row(&count, [], |row| row.get::<_, i64>(0));
    count.map_or(String::new(), |count| format!(", {} {what}", grouped(count.unsigned_abs())))
}

fn listed(source: &Source, found: &[Difference]) -> Vec<String> {
    let line = |difference: &Difference| {
        format!("{} {difference}{}", difference.id, rows(source, difference))
    };
    let mut lines: Vec<String> = found.iter().take(LISTED).map(line).collect();
    if found.len() > LISTED {
        lines.push(format!("… and {} more", found.len() - LISTED));
    }
    lines
}

/// The versions that fit all databases of one application; empty when there is nothing to choose.
fn common(all: &[Vec<&'static Version>]) -> Result<Vec<&'static str>> {
    let application = |version: &Version| version.database.split('/').next().unwrap_or_default();
    let Some((first, rest)) = all.split_first() else { return Ok(Vec::new()) };
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
    let sets: Vec<String> = all
        .iter()
        .filter_map(|set| {
            let names: Vec<String> = set.iter().map(|version| version.name.to_owned()).collect();
            set.first().map(|version| format!("{} is {}", version.database, range(&names)))
        })
        .collect();
    Err(Error::new(
        Exit::Source,
        format!("the databases are of different versions: {}", sets.join(", ")),
        "both files must come from the same server at the same time; check the paths, and that \
         the application's last upgrade was finished",
    ))
}
