//! The sources of a run: opened, matched with a version, and held against the repairs.

use std::sync::Mutex;
use std::time::Instant;

use rusqlite::Connection;

use super::context::Context;
use super::request::{Mode, Request, RequestedDatabase};
use crate::check;
use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result, Severity};
use crate::ids::{DatabaseId, PerDatabase};
use crate::repair::{self, Judged, Known, Repairs};
use crate::report::DatabaseReport;
use crate::schema::{self, Version};
use crate::sqlite::{self, Difference, Source, differences_from_version};
use crate::text::{group_thousands, version_range};

/// What a run reads: the databases, and the repairs that change what is read.
pub struct Sources {
    /// The databases whose files can be used.
    pub databases: PerDatabase<Database>,
    /// The repairs.
    pub repairs: Repairs,
    /// What the repairs do, once every row was judged.
    pub judged: Judged,
}

/// A source's second connection, which may go to another thread.
pub type Checker = Mutex<Connection>;

/// A database of the run: its file and its version.
pub struct Database {
    /// `core`, `instrumentation`, …
    pub name: String,
    /// The open file.
    pub source: Source,
    /// Its version; where several fit they are equal, and this is the newest.
    pub version: &'static Version,
}

impl Sources {
    /// The files.
    pub fn files(&self) -> PerDatabase<&Source> {
        self.databases.map(|database| &database.source)
    }

    /// The second connections, which may go to another thread.
    pub fn checkers(&self) -> PerDatabase<&Checker> {
        self.databases.map(|database| &database.source.checker)
    }

    /// Makes sure that nobody has written to the files since they were opened.
    ///
    /// # Errors
    /// When somebody has.
    pub fn check_unchanged(&self) -> Result<()> {
        self.databases.iter().try_for_each(|database| database.source.check_unchanged())
    }
}

/// How many differences are worth listing.
const LISTED: usize = 30;

/// A file that was opened, with the versions that fit it.
struct Opened<'r> {
    id: DatabaseId,
    requested: &'r RequestedDatabase,
    source: Source,
    versions: Vec<&'static Version>,
}

/// A file whose structure is none that the schema knows.
struct Mismatch {
    fault: Fault,
    /// Its differences one by one, for the report; the fault lists them already.
    findings: Vec<Finding>,
}

impl From<Fault> for Mismatch {
    fn from(fault: Fault) -> Mismatch {
        Mismatch { fault, findings: Vec::new() }
    }
}

/// Opens all sources, finds their versions, and resolves the repairs; files that cannot be used are
/// left out.
///
/// # Errors
/// What keeps the rest from being checked.
pub fn open(request: &Request, context: &mut Context) -> Result<Sources> {
    let begun = Instant::now();
    let opened = open_files(request, context);
    let all: Vec<_> = opened.iter().map(|opened| opened.versions.clone()).collect();
    let common = context.diagnostics.recover(common_versions(&all))?.unwrap_or_default();
    let mut databases = PerDatabase::default();
    for Opened { id, requested, source, versions } in opened {
        let mut newest_first = versions.iter().rev();
        let version = newest_first.find(|v| common.is_empty() || common.contains(&v.name));
        let Some(version) = version else { continue };
        // Its rows cannot be checked before all of it is decided.
        if !is_decided(&source, requested, version, context)? {
            continue;
        }
        let names: Vec<String> = versions.iter().map(|version| version.name.to_owned()).collect();
        context.info(&format!(
            "source: {} {} is {} {}, whole by the {} check",
            requested.name,
            requested.source.display(),
            requested.schema.name,
            version_range(&names),
            request.integrity.word()
        ));
        let report = DatabaseReport {
            name: requested.name.clone(),
            source: requested.source.display().to_string(),
            schema: requested.schema.name.to_owned(),
            versions: names,
            application_id: source.header.application_id,
            user_version: source.header.user_version,
            integrity: request.integrity.word(),
            ..DatabaseReport::default()
        };
        context.report.databases.insert(id, report);
        databases.insert(id, Database { name: requested.name.clone(), source, version });
    }
    context.report.record_step("source", begun, ());
    // Repairs are held against all databases, and a comparison needs them.
    if request.mode == Mode::Verify || !request.repairs.asked.is_empty() {
        context.diagnostics.finish()?;
    }
    let repairs = resolve_repairs(request, &mut databases)?;
    Ok(Sources { databases, repairs, judged: Judged::default() })
}

/// Opens the files; what is wrong with them is collected.
fn open_files<'r>(request: &'r Request, context: &mut Context) -> Vec<Opened<'r>> {
    let mut opened = Vec::new();
    for (id, requested) in request.entries() {
        context.progress(&format!("opening {}", requested.source.display()));
        let rehearsal = request.mode != Mode::Migrate;
        let (configured, application) = (requested.configured, requested.application);
        let integrity = request.integrity;
        let missing_cure = requested.missing_cure.as_str();
        let how = sqlite::How { missing_cure, rehearsal, configured, application, integrity };
        let (mut findings, mut listed) = (Vec::new(), Vec::new());
        match Source::open(&requested.source, how, &mut findings) {
            Ok(source) => match matching_versions(&source, requested) {
                Ok(versions) => {
                    findings.extend(ignored_tables(&source, &versions));
                    opened.push(Opened { id, requested, source, versions });
                }
                Err(mismatch) => {
                    context.diagnostics.add(Exit::Source, vec![mismatch.fault]);
                    listed = mismatch.findings;
                }
            },
            Err(trouble) => findings.push(*trouble),
        }
        for mut finding in findings {
            finding.database.clone_from(&requested.name);
            context.emit(finding, Exit::Source);
        }
        for finding in &mut listed {
            finding.database.clone_from(&requested.name);
        }
        // The fault lists them already.
        context.report.findings.extend(listed);
    }
    opened
}

/// Holds what is asked for against the databases, and gives those descriptions that it changes.
///
/// # Errors
/// Everything that does not fit.
fn resolve_repairs(request: &Request, databases: &mut PerDatabase<Database>) -> Result<Repairs> {
    let known = databases.entries().map(|(id, database)| Known {
        id,
        name: &database.name,
        version: database.version,
    });
    let repairs = repair::resolve_repairs(&request.repairs.asked, &known.collect::<Vec<_>>())?;
    for (id, database) in databases.entries_mut() {
        database.version = repair::version_with_repairs(database.version, id, &repairs);
    }
    Ok(repairs)
}

/// Whether the schema says how every column that holds a value is stored.
fn is_decided(
    source: &Source,
    requested: &RequestedDatabase,
    version: &Version,
    context: &mut Context,
) -> Result<bool> {
    let found =
        check::undecided::find_undecided_columns(&source.reader, &source.structure, version);
    let mut found = found.map_err(|error| source.read_error(&error))?;
    for finding in &mut found {
        finding.database.clone_from(&requested.name);
    }
    let is_decided = found.is_empty();
    found.into_iter().for_each(|finding| context.emit(finding, Exit::Source));
    Ok(is_decided)
}

/// The versions that fit a source.
fn matching_versions(
    source: &Source,
    requested: &RequestedDatabase,
) -> Result<Vec<&'static Version>, Mismatch> {
    let file = source.path.display();
    let schema = &requested.schema;
    let stated = match &requested.version {
        Some(version) => Some(version.clone()),
        None => stated_version(source, requested)?,
    };
    let mismatch = |text: String, found: &[Difference]| {
        let hint = unknown_structure_hint(requested);
        let fault = Fault::new(text, hint).with_details(difference_lines(source, found));
        Mismatch { fault, findings: difference_findings(source, found, hint) }
    };
    let Some(stated) = stated else {
        return sqlite::detect_versions(&source.structure, schema).map_err(|(version, found)| {
            let text = format!(
                "{file}: the structure is none that {} knows; nearest is version {}, but:",
                schema.name, version.name,
            );
            mismatch(text, &found)
        });
    };
    let Some(version) = schema.versions.iter().find(|version| version.name == stated) else {
        let known: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        let text = format!("{file}: {} has no version {stated}", schema.name);
        return Err(Fault::new(text, format!("known versions are {}", known.join(", "))).into());
    };
    let found = differences_from_version(&source.structure, version);
    if found.is_empty() {
        return Ok(vec![version]);
    }
    Err(mismatch(format!("{file}: is not {} at {stated}:", schema.name), &found))
}

/// What to do about a structure that the schema does not know.
fn unknown_structure_hint(requested: &RequestedDatabase) -> &'static str {
    match (schema::built_in(requested.schema.name).is_some(), requested.configured) {
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
fn stated_version(source: &Source, requested: &RequestedDatabase) -> Result<Option<String>, Fault> {
    let Some(query) = requested.schema.version_query else { return Ok(None) };
    let read = source.reader.query_row(query, [], |row| row.get::<_, String>(0));
    read.map(Some).map_err(|error| {
        let words = sqlite::describe_error(&error);
        let text = format!("{}: the version query failed: {words}", source.path.display());
        Fault::new(text, "check `version_query` in the schema's database.toml")
    })
}

/// The tables that stay behind because the schema says so.
fn ignored_tables(source: &Source, versions: &[&'static Version]) -> Option<Finding> {
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
    let said = |why: &str, left: &dyn Fn(&str) -> bool| {
        let tables = source.structure.ordinary_tables().filter(|table| left(&table.name));
        let list: Vec<String> = tables.map(of).collect();
        (!list.is_empty()).then(|| format!("left behind, as {why} says: {}", list.join("; ")))
    };
    let both = [
        said("`ignore`", &|name| version.ignores(name) && !version.is_history_table(name)),
        said("`[bookkeeping]`", &|name| version.is_history_table(name)),
    ];
    let what = both.into_iter().flatten().collect::<Vec<_>>().join("; ");
    (!what.is_empty()).then(|| Finding::of_whole(Id::O1, Severity::Note, what))
}

/// Each difference as a finding of its own, for the report.
fn difference_findings(source: &Source, found: &[Difference], cure: &str) -> Vec<Finding> {
    let of = |difference: &Difference| {
        let what = format!("{}{}", difference.what, affected_rows(source, difference));
        let mut finding = Finding::of_whole(difference.id, Severity::Error, what);
        finding.table.clone_from(&difference.table);
        finding.set_columns(difference.column.as_deref());
        finding.count = 1;
        cure.clone_into(&mut finding.cure);
        finding
    };
    found.iter().map(of).collect()
}

/// How many rows or values a difference would leave behind, in words.
fn affected_rows(source: &Source, difference: &Difference) -> String {
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
    count.map_or(String::new(), |count| {
        format!(", {} {what}", group_thousands(count.unsigned_abs()))
    })
}

/// The differences, a line each.
fn difference_lines(source: &Source, found: &[Difference]) -> Vec<String> {
    let line = |difference: &Difference| {
        format!("{} {difference}{}", difference.id, affected_rows(source, difference))
    };
    let mut lines: Vec<String> = found.iter().take(LISTED).map(line).collect();
    if found.len() > LISTED {
        lines.push(format!("… and {} more", found.len() - LISTED));
    }
    lines
}

/// The versions that fit all databases of one application; empty when there is nothing to choose.
fn common_versions(all: &[Vec<&'static Version>]) -> Result<Vec<&'static str>> {
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
            set.first().map(|version| format!("{} is {}", version.database, version_range(&names)))
        })
        .collect();
    Err(Error::new(
        Exit::Source,
        format!("the databases are of different versions: {}", sets.join(", ")),
        "both files must come from the same server at the same time; check the paths, and that \
         the application's last upgrade was finished",
    ))
}
