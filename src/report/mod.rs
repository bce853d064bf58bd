//! What happened, for the terminal (`summary`) and for files: JSON (`docs/report.md` describes the
//! format), and a page in HTML or Markdown.
//!
//! The caller owns the report and hands it through the run, so that it survives a failure.

mod build;
mod findings;
mod format;
mod html;
mod json;
mod markdown;
mod not_moved;
mod outcome;
mod page;
mod proposed_repairs;
mod run_facts;
mod summary;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use model::Table;

use crate::check::rows::Profile;
use crate::diagnostic::{Error, Exit, FINDINGS_MOST, Finding, Notes, Result, Severity};
use crate::event::test_limit;
use crate::ids::{DatabaseId, PerDatabase};
use crate::postgres::existing::migration_history::Difference;

pub use build::Build;
pub use format::{FORMAT, Format, ReportFile};
pub use json::finding_json;
pub use not_moved::NotMoved;
pub use outcome::Outcome;
pub use proposed_repairs::describe_left_out;
pub use run_facts::RunFacts;
pub use summary::{NextSteps, Summary, WrittenFile};

/// A run, as far as it came.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// `migrate`, `rehearse`, `dry-run` or `verify`.
    pub mode: &'static str,
    /// One for each database whose source could be used.
    pub databases: PerDatabase<DatabaseReport>,
    /// The steps that were done and their time, in order.
    pub steps: Vec<(&'static str, Duration)>,
    /// What was found about values, source and target.
    pub findings: Vec<Finding>,
    /// How many findings are not listed, because there are more than [`FINDINGS_MOST`].
    pub findings_left_out: u64,
    /// What repairs did.
    pub repairs: Vec<RepairReport>,
    /// How long a whole run takes here, as far as the look at the rows tells.
    pub estimate: Option<Duration>,
    /// How long a rehearsal took up to where a real run publishes.
    pub rehearsal: Option<Duration>,
    /// Tables that are not compared, because statements of the schema files change them.
    pub not_compared: Vec<String>,
    /// What deserves a word but stops nothing.
    pub warnings: Vec<String>,
    /// When, where, by whom and with which words it was run.
    pub run: RunFacts,
    /// Whether files get what the columns hold.
    pub with_profile: bool,
    /// How it ended; `None` while it runs.
    pub outcome: Option<Outcome>,
}

/// One database of a run.
#[derive(Clone, Debug, Default)]
pub struct DatabaseReport {
    /// `core`, `instrumentation`, or the schema's name.
    pub name: String,
    /// The SQLite file.
    pub source: String,
    /// The schema and its versions that fit the source.
    pub schema: String,
    /// The versions that fit, oldest first.
    pub versions: Vec<String>,
    /// SHA-256 of the statements that make the tables of the version.
    pub schema_digest: String,
    /// SQLite's `PRAGMA application_id`.
    pub application_id: i32,
    /// SQLite's `PRAGMA user_version`.
    pub user_version: i32,
    /// How far it was checked for damage: `quick` or `full`.
    pub integrity: &'static str,
    /// Where it goes: `connect on db.example.com:5432, schema public`.
    pub target: String,
    /// The server's release: `16.4`; empty before it was asked.
    pub server_version: String,
    /// What was there before; none when it was not inspected.
    pub class: Option<TargetClass>,
    /// Rows of existing tables that were replaced: table and count.
    pub replaced: Vec<(String, u64)>,
    /// Migration history tables that differ, which was accepted.
    pub accepted_histories: Vec<AcceptedHistory>,
    /// What stays in SQLite alone.
    pub not_moved: Vec<NotMoved>,
    /// Whether this run committed it.
    pub committed: bool,
    /// Its tables.
    pub tables: Vec<TableReport>,
}

/// What a database's tables met in the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetClass {
    /// None of the tables existed.
    Blank,
    /// The application's tables, without rows.
    EmptyTables,
    /// Tables with rows, or something else in the way.
    Occupied,
    /// Tables of this program, which are replaced.
    Replaced,
}

impl TargetClass {
    /// Its word in the report.
    pub fn word(self) -> &'static str {
        match self {
            TargetClass::Blank => "blank",
            TargetClass::EmptyTables => "empty_tables",
            TargetClass::Occupied => "occupied",
            TargetClass::Replaced => "replaced",
        }
    }
}

/// A migration history table that differs between both sides, which was accepted.
#[derive(Clone, Debug, Default)]
pub struct AcceptedHistory {
    /// Its name in PostgreSQL.
    pub table: String,
    /// How it differs.
    pub difference: Difference,
}

/// One repair of a run.
#[derive(Clone, Debug, Default)]
pub struct RepairReport {
    /// As a flag says it: `core.apps.title=strip-nul`.
    pub repair: String,
    /// So many rows were touched.
    pub rows: u64,
    /// The first of them.
    pub keys: Vec<String>,
}

/// One table of a run.
#[derive(Clone, Debug, Default)]
pub struct TableReport {
    /// Its name in PostgreSQL.
    pub name: String,
    /// The schema that its schema file states.
    pub schema: Option<String>,
    /// The copied columns' names.
    pub columns: Vec<&'static str>,
    /// Rows copied, or read in a dry run.
    pub rows: u64,
    /// Rows that went into quarantine instead.
    pub quarantined: u64,
    /// Bytes of binary COPY.
    pub bytes: u64,
    /// How long copying took.
    pub time: Duration,
    /// Whether source and target were compared, and equal.
    pub verified: Option<bool>,
    /// The digests by which source and target were compared.
    pub digests: Option<Digests>,
    /// What was taken in a way that is counted.
    pub notes: Notes,
    /// What the columns hold.
    pub profiles: Vec<Profile>,
}

impl TableReport {
    /// Its name as people read it, with the schema that its schema file states.
    pub fn shown_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// What source and target of a table hold, each as one number that anything else would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of SQLite.
    pub source: String,
    /// Of PostgreSQL.
    pub target: String,
}

impl Report {
    /// How many of the findings are warnings.
    pub fn count_warnings(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Warning).count()
    }

    /// Adds a finding, or counts it where there is no room for more.
    pub fn add_finding(&mut self, finding: Finding) {
        let most = test_limit("findings").map_or(FINDINGS_MOST, |most| most as usize);
        match self.findings.len() < most {
            true => self.findings.push(finding),
            false => self.findings_left_out += 1,
        }
    }

    /// Takes the findings from a place on, and how many were not listed since.
    pub fn take_findings_since(&mut self, index: usize) -> (Vec<Finding>, u64) {
        // As long as there was room, none had been left out before.
        let left_out = match index < FINDINGS_MOST {
            true => std::mem::take(&mut self.findings_left_out),
            false => 0,
        };
        (self.findings.split_off(index.min(self.findings.len())), left_out)
    }

    /// Adds findings that were taken, and counts those that were not listed.
    pub fn restore_findings(&mut self, (findings, left_out): (Vec<Finding>, u64)) {
        findings.into_iter().for_each(|finding| self.add_finding(finding));
        self.findings_left_out += left_out;
    }

    /// Measures a step.
    pub fn record_step<T>(&mut self, name: &'static str, begun: Instant, result: T) -> T {
        let time = begun.elapsed();
        match self.steps.iter_mut().find(|(known, _)| *known == name) {
            Some((_, total)) => *total += time,
            None => self.steps.push((name, time)),
        }
        result
    }

    /// A table of a database, which is added when it is first asked for.
    ///
    /// # Errors
    /// When the report does not know the database, which is a bug in this program.
    pub fn table_report(
        &mut self,
        database: DatabaseId,
        table: &Table,
    ) -> Result<&mut TableReport> {
        let tables = &mut self.databases.get_mut(database)?.tables;
        let known = tables.iter().position(|known| known.name == table.name);
        let index = known.unwrap_or(tables.len());
        if known.is_none() {
            let columns = table.copied_columns().map(|column| column.name).collect();
            let name = table.name.to_owned();
            let schema = table.schema.map(str::to_owned);
            tables.push(TableReport { name, schema, columns, ..TableReport::default() });
        }
        tables.get_mut(index).ok_or_else(|| Error::internal("a table is not in the report"))
    }

    /// All tables of all databases.
    pub fn tables(&self) -> impl Iterator<Item = &TableReport> {
        self.databases.iter().flat_map(|database| &database.tables)
    }

    /// Rows of all tables.
    pub fn total_rows(&self) -> u64 {
        self.tables().map(|table| table.rows).sum()
    }

    /// Rows of all tables of these databases.
    pub fn rows_of_databases(&self, names: &BTreeSet<&str>) -> u64 {
        let named = self.databases.iter().filter(|database| names.contains(&*database.name));
        named.flat_map(|database| &database.tables).map(|table| table.rows).sum()
    }

    /// Whether a database was committed by this run.
    pub fn any_committed(&self) -> bool {
        self.databases.iter().any(|database| database.committed)
    }

    /// How the process should end.
    pub fn exit_status(&self) -> Exit {
        match &self.outcome {
            Some(Outcome::Failed(error)) => error.exit,
            Some(Outcome::Declined) | None => Exit::Interrupted,
            Some(_) => Exit::Done,
        }
    }
}
