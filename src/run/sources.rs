//! The sources of a run: opened, and matched with a version.

use std::time::Instant;

use super::{Mode, Request, World};
use crate::error::{Error, Exit, Fault, Result};
use crate::finding::Severity;
use crate::report::{DatabaseReport, Report, range};
use crate::schema::Version;
use crate::source::{self, Difference, Source, differences};

/// A database of the run: its file and its version.
pub struct Database {
    /// `core`, `instrumentation`, …
    pub name: String,
    /// The open file.
    pub source: Source,
    /// Its version; where several fit they are equal, and this is the newest.
    pub version: &'static Version,
}

/// How many differences are worth listing.
const LISTED: usize = 30;

/// Opens all sources and finds their versions; faults of all of them are told together.
pub fn open(request: &Request, world: &mut World, report: &mut Report) -> Result<Vec<Database>> {
    let begun = Instant::now();
    let mut faults = Vec::new();
    let mut opened = Vec::new();
    for wanted in &request.databases {
        world.console.doing(&format!("opening {}", wanted.source.display()));
        let rehearsal = request.mode != Mode::Migrate;
        let (configured, application) = (wanted.configured, wanted.application);
        let integrity = request.integrity;
        let how = source::How { rehearsal, configured, application, integrity };
        let mut findings = Vec::new();
        match Source::open(&wanted.source, how, &mut findings) {
            Ok(source) => match fitting(&source, wanted) {
                Ok(versions) => opened.push((wanted, source, versions)),
                Err(fault) => faults.push(fault),
            },
            Err(trouble) => findings.push(*trouble),
        }
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
    Error::all(Exit::Source, faults)?;
    let common = common(&opened.iter().map(|(.., versions)| versions.clone()).collect::<Vec<_>>())?;
    let mut databases = Vec::new();
    for (wanted, source, versions) in opened {
        let version = versions.iter().rev().find(|v| common.is_empty() || common.contains(&v.name));
        let Some(version) = version else { continue };
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
        databases.push(Database { name: wanted.name.clone(), source, version });
    }
    report.step("source", begun, ());
    Ok(databases)
}

/// The versions that fit a source.
fn fitting(source: &Source, wanted: &super::Wanted) -> Result<Vec<&'static Version>, Fault> {
    let file = source.path.display();
    let schema = &wanted.schema;
    let stated = match &wanted.version {
        Some(version) => Some(version.clone()),
        None => stated_version(source, wanted)?,
    };
    let Some(stated) = stated else {
        return source::detect(&source.structure, schema).map_err(|(version, found)| {
            let text = format!(
                "{file}: the structure is none that {} knows; nearest is version {}, but:{}",
                schema.name,
                version.name,
                listed(&found)
            );
            Fault::new(text, UNKNOWN)
        });
    };
    let Some(version) = schema.versions.iter().find(|version| version.name == stated) else {
        let known: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        let text = format!("{file}: {} has no version {stated}", schema.name);
        return Err(Fault::new(text, format!("known versions are {}", known.join(", "))));
    };
    let found = differences(&source.structure, version);
    if found.is_empty() {
        return Ok(vec![version]);
    }
    let text = format!("{file}: is not {} at {stated}:{}", schema.name, listed(&found));
    Err(Fault::new(text, UNKNOWN))
}

const UNKNOWN: &str = "docs/moving-connect.md says what to do then: describe this structure in a \
                       schema directory (schema/README.md) and use migrate copy --schema DIR, or \
                       take a release of this program that knows this version";

/// What the application itself says about its version, where the schema knows how to ask.
fn stated_version(source: &Source, wanted: &super::Wanted) -> Result<Option<String>, Fault> {
    let Some(query) = wanted.schema.version_query else { return Ok(None) };
    let read = source.reader.query_row(query, [], |row| row.get::<_, String>(0));
    read.map(Some).map_err(|error| {
        let text = format!("{}: the version query failed: {error}", source.path.display());
        Fault::new(text, "check `version_query` in the schema's database.toml")
    })
}

fn listed(found: &[Difference]) -> String {
    let mut text = String::new();
    for difference in found.iter().take(LISTED) {
        text.push_str(&format!("\n  {difference}"));
    }
    if found.len() > LISTED {
        text.push_str(&format!("\n  … and {} more", found.len() - LISTED));
    }
    text
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
