//! The sources of a run: opened, matched with a version, held against the repairs, and checked as
//! files.

use std::sync::Mutex;
use std::time::Instant;

use model::sql;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::context::Context;
use super::integrity_checks::{CheckResult, CheckedFile};
use super::not_moved::find_not_moved;
use super::request::{ChosenSchema, Mode, Request, RequestedDatabase};
use super::versions::{common_versions, ignored_tables, matching_versions};
use crate::check;
use crate::diagnostic::console::Step;
use crate::diagnostic::{Exit, Finding, Result};
use crate::ids::{DatabaseId, PerDatabase};
use crate::repair::{self, Judged, Known, Repairs};
use crate::report::DatabaseReport;
use crate::schema::Version;
use crate::sqlite::{self, Integrity, Source};
use crate::text::version_range;

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
    pub fn source_files(&self) -> PerDatabase<&Source> {
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

/// Opens the files and reads their structure, but no rows; what is wrong with them is collected.
pub fn open_files(request: &Request, context: &mut Context) -> PerDatabase<Source> {
    let begun = Instant::now();
    let mut files = PerDatabase::default();
    for (id, requested) in request.entries() {
        let shown = requested.source.display();
        context.begin_step(Step::OpenSource, &shown.to_string());
        let how = sqlite::How {
            missing_file_hint: requested.missing_file_hint.as_str(),
            rehearsal: request.mode != Mode::Migrate,
            configured: requested.configured,
            application: requested.application,
            accept_wal_loss: request.accept_wal_loss,
        };
        let mut findings = Vec::new();
        match Source::open(&requested.source, how, &mut findings) {
            Ok(source) => {
                context.print_line(&format!("source: {} {shown}", requested.name));
                files.insert(id, source);
            }
            Err(trouble) => findings.push(*trouble),
        }
        emit_findings(findings, &requested.name, context);
    }
    context.report.record_step("source", begun, ());
    files
}

/// Finds the version of each file, and resolves the repairs; files whose structure is none of their
/// schema are left out.
///
/// # Errors
/// What keeps the rest from being checked.
pub fn match_versions(
    request: &Request,
    files: PerDatabase<Source>,
    schemas: &PerDatabase<ChosenSchema>,
    context: &mut Context,
) -> Result<Sources> {
    let mut matched = Vec::new();
    for (id, source) in files {
        let Some(chosen) = schemas.find(id) else { continue };
        let requested = request.database(id)?;
        match matching_versions(&source, requested, chosen) {
            Ok(versions) => {
                let ignored = ignored_tables(&source, &versions);
                emit_findings(ignored.into_iter().collect(), &requested.name, context);
                matched.push((id, source, versions));
            }
            Err(mismatch) => {
                context.diagnostics.add(Exit::Source, vec![mismatch.fault]);
                // The fault lists them already.
                for finding in mismatch.findings {
                    let database = requested.name.clone();
                    context.report.add_finding(Finding { database, ..finding });
                }
            }
        }
    }
    let all: Vec<_> = matched.iter().map(|(_, _, versions)| versions.clone()).collect();
    let common = context.diagnostics.collect_error(common_versions(&all))?.unwrap_or_default();
    let mut databases = PerDatabase::default();
    for (id, source, versions) in matched {
        let mut newest_first = versions.iter().rev();
        let version = newest_first.find(|v| common.is_empty() || common.contains(&v.name));
        let Some(version) = version else { continue };
        let (requested, schema) = (request.database(id)?, schemas.get(id)?.schema.name);
        let names: Vec<String> = versions.iter().map(|version| version.name.to_owned()).collect();
        context.print_line(&format!(
            "schema: {} uses {schema}, version {}",
            requested.name,
            version_range(&names)
        ));
        let mut report = report_of(requested, schema, &source, names, request.integrity);
        // Where a file cannot be read, the integrity check says so.
        report.schema_digest = digest_schema(version);
        report.not_moved = find_not_moved(&source, version).unwrap_or_default();
        for line in report.describe_not_moved() {
            context.print_line(&format!("not moved: {line}"));
        }
        context.report.databases.insert(id, report);
        databases.insert(id, Database { name: requested.name.clone(), source, version });
    }
    // Repairs are held against all databases, and a comparison needs them.
    let is_complete = databases.ids().count() == request.databases.len();
    if !is_complete && (request.mode == Mode::Verify || !request.repairs.asked.is_empty()) {
        context.diagnostics.fail_if_any()?;
    }
    let repairs = resolve_repairs(request, &mut databases)?;
    Ok(Sources { databases, repairs, judged: Judged::default() })
}

/// SHA-256 of the statements that make the tables of a version.
fn digest_schema(version: &Version) -> String {
    hex::encode(Sha256::digest(sql::database_script(&version.to_model())))
}

fn report_of(
    requested: &RequestedDatabase,
    schema: &str,
    source: &Source,
    versions: Vec<String>,
    integrity: Integrity,
) -> DatabaseReport {
    DatabaseReport {
        name: requested.name.clone(),
        source: requested.source.display().to_string(),
        schema: schema.to_owned(),
        versions,
        application_id: source.header.application_id,
        user_version: source.header.user_version,
        integrity: integrity.word(),
        ..DatabaseReport::default()
    }
}

/// Reports what was found of a database's file.
pub fn emit_findings(findings: Vec<Finding>, database: &str, context: &mut Context) {
    for mut finding in findings {
        database.clone_into(&mut finding.database);
        context.report_finding(finding, Exit::Source);
    }
}

/// Has SQLite check a file for damage, once; `false` where it is damaged.
pub fn check_integrity(
    source: &mut Source,
    name: &str,
    integrity: Integrity,
    context: &mut Context,
) -> bool {
    if source.is_checked() {
        return true;
    }
    context.begin_step(Step::CheckIntegrity, &source.path.display().to_string());
    let mut findings = Vec::new();
    let checked = source.check_integrity(integrity, &mut findings);
    let result = CheckResult::new(checked, findings);
    let is_sound = result.is_sound;
    report_checked(CheckedFile { database: name.to_owned(), integrity, result }, context);
    is_sound
}

/// Waits for the integrity checks that run beside, and reports what they found.
///
/// # Errors
/// When a file is damaged: then nothing that was found since counts. Or when a signal came.
pub fn wait_for_integrity_checks(context: &mut Context) -> Result<()> {
    let checks = std::mem::take(&mut context.integrity_checks);
    if checks.is_empty() {
        return Ok(());
    }
    let begun = Instant::now();
    context.begin_step(Step::CheckIntegrity, "the SQLite files");
    let findings_before = checks.findings_before();
    let checked = checks.wait(&context.stop)?;
    let findings_since = context.report.take_findings_since(findings_before);
    let are_sound = checked.iter().all(|file| file.result.is_sound);
    if !are_sound {
        context.diagnostics.forget();
    }
    checked.into_iter().for_each(|file| report_checked(file, context));
    context.report.record_step("integrity", begun, ());
    if !are_sound {
        return context.diagnostics.fail_if_any();
    }
    context.report.restore_findings(findings_since);
    Ok(())
}

/// The outcome of a run, or the damage that an integrity check beside it finds, which explains any
/// other error.
pub fn prefer_damage<T>(outcome: Result<T>, context: &mut Context) -> Result<T> {
    match outcome {
        Err(error) if !matches!(error.exit, Exit::Interrupted | Exit::CommitUnknown) => {
            wait_for_integrity_checks(context)?;
            Err(error)
        }
        outcome => outcome,
    }
}

fn report_checked(file: CheckedFile, context: &mut Context) {
    let CheckedFile { database, integrity, result } = file;
    if result.is_sound {
        let how = integrity.word();
        context.print_line(&format!("integrity: {database} passed the {how} check"));
    }
    emit_findings(result.findings, &database, context);
}

/// Checks the files for damage, and that the schema says of every column with a value how it is
/// stored; those of which the rows cannot be checked are taken out, and named. Where the run asks
/// nothing more and all columns are decided, the files are checked beside what follows.
///
/// # Errors
/// SQLite's.
pub fn check_files(
    request: &Request,
    sources: &mut Sources,
    context: &mut Context,
) -> Result<Vec<DatabaseId>> {
    let begun = Instant::now();
    if !request.checks_first(context.ask) && are_all_decided(sources) {
        for (_, Database { name, source, .. }) in sources.databases.entries_mut() {
            let needed = !source.is_checked();
            let check = needed.then(|| source.take_integrity_check(request.integrity)).flatten();
            let findings = context.report.findings.len();
            if let Some(check) = check {
                context.integrity_checks.start(name, check, findings)?;
            }
        }
        context.report.record_step("integrity", begun, ());
        return Ok(Vec::new());
    }
    let mut unusable = Vec::new();
    for (id, database) in sources.databases.entries_mut() {
        let Database { name, source, version, .. } = database;
        let integrity = request.integrity;
        let is_sound = check_integrity(source, name, integrity, context);
        let built_in = request.database(id)?.schema.latest_built_in_version();
        // Its rows cannot be checked before all of it is decided.
        if !is_sound || !is_decided(source, name, (version, built_in), context)? {
            unusable.push(id);
        }
    }
    unusable.iter().for_each(|id| sources.databases.remove(*id));
    // Nobody can say which rows they touch.
    sources.repairs.all.retain(|repair| !unusable.contains(&repair.database));
    context.report.record_step("integrity", begun, ());
    Ok(unusable)
}

/// Whether the schemas say how every column that holds a value is stored; not so where a file
/// cannot even be asked.
fn are_all_decided(sources: &Sources) -> bool {
    sources.databases.iter().all(|Database { source, version, .. }| {
        let (connection, structure) = (&source.reader, &source.structure);
        let find = check::undecided::find_undecided_columns;
        let found = find("", connection, structure, version, None);
        found.is_ok_and(|found| found.is_empty())
    })
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
    name: &str,
    (version, built_in): (&Version, Option<&Version>),
    context: &mut Context,
) -> Result<bool> {
    let (reader, structure) = (&source.reader, &source.structure);
    let find = check::undecided::find_undecided_columns;
    let found = find(name, reader, structure, version, built_in);
    let found = found.map_err(|error| source.read_error(&error))?;
    let is_decided = found.is_empty();
    emit_findings(found, name, context);
    Ok(is_decided)
}
