//! What happened, for the terminal and as JSON (`docs/report.md` describes the format).
//!
//! The caller owns the report and hands it through the run, so that it survives a failure.

mod not_moved;
mod notes;
mod outcome;
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use model::Table;
use serde_json::{Value, json};

use crate::check::rows::Profile;
use crate::diagnostic::{Error, Exit, Finding, Note, Notes, Offer, Result, Severity};
use crate::files::{Output, Purpose, read_text_file};
use crate::ids::{DatabaseId, PerDatabase};
use crate::postgres::existing::bookkeeping::Difference;
use crate::text::{Lines, count_with_noun, version_range};

pub use not_moved::NotMoved;
pub use outcome::Outcome;

/// The format's name; its number grows when a reader of the old one would be misled.
pub const FORMAT: &str = "connect-migrate-report/1";

/// What the report is to the rules of outputs.
pub const PURPOSE: Purpose =
    Purpose { flag: "--report", noun: "the report", takes_streams: true, is_same_kind };

/// Whether a file begins like a report of any release: `format` comes first.
fn is_same_kind(beginning: &[u8]) -> bool {
    let plain = beginning.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    plain.take(64).collect::<Vec<u8>>().starts_with(b"{\"format\":\"connect-migrate-report/")
}

/// A run, as far as it came.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// `migrate`, `rehearse`, `dry-run` or `verify`.
    pub mode: &'static str,
    /// One for each database whose source could be used.
    pub databases: PerDatabase<DatabaseReport>,
    /// The steps that were done and their time, in order.
    pub steps: Vec<(&'static str, Duration)>,
    /// What was found about values and both ends.
    pub findings: Vec<Finding>,
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
    /// SQLite's `PRAGMA application_id`.
    pub application_id: i32,
    /// SQLite's `PRAGMA user_version`.
    pub user_version: i32,
    /// How far it was checked for damage: `quick` or `full`.
    pub integrity: &'static str,
    /// Where it goes: `connect on db.example.com:5432, schema public`.
    pub target: String,
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
    Prepared,
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
            TargetClass::Prepared => "prepared",
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
    /// Whether both ends were compared, and equal.
    pub verified: Option<bool>,
    /// What was taken in a way that is counted.
    pub notes: Notes,
    /// What the columns hold.
    pub profiles: Vec<Profile>,
}

impl Report {
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
            tables.push(TableReport { name, columns, ..TableReport::default() });
        }
        tables.get_mut(index).ok_or_else(|| Error::internal("a table is not in the report"))
    }

    /// Rows of all tables.
    pub fn total_rows(&self) -> u64 {
        self.databases.iter().flat_map(|database| &database.tables).map(|table| table.rows).sum()
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

    /// The tables, as text with aligned columns.
    pub fn tables_text(&self) -> String {
        let mut out = Lines::default();
        for database in &self.databases {
            let DatabaseReport { name, source, schema, target, .. } = database;
            out.add_line(format!(
                "{name}  {source} ({schema} {})",
                version_range(&database.versions)
            ));
            out.add_line(format!("{}  to {target}", " ".repeat(name.chars().count())));
            if database.tables.is_empty() {
                continue;
            }
            out.add_blank_line();
            out.append_lines(table::table_lines(&database.tables));
            out.add_blank_line();
            let replaced = match self.outcome {
                Some(Outcome::Migrated) => "replaced",
                _ => "to be replaced",
            };
            for (table, rows) in &database.replaced {
                out.add_line(format!("  {replaced} in {table}: {}", count_with_noun(*rows, "row")));
            }
            for accepted in &database.accepted_histories {
                out.add_line(format!(
                    "  accepted: the migration history in {} differs, and PostgreSQL's list stays",
                    accepted.table
                ));
            }
        }
        for repair in &self.repairs {
            out.add_line(format!(
                "repair: {}: {}",
                repair.repair,
                count_with_noun(repair.rows, "row")
            ));
        }
        for table in self.databases.iter().flat_map(|database| &database.tables) {
            if table.quarantined > 0 {
                let rows = count_with_noun(table.quarantined, "row");
                out.add_line(format!("in quarantine: {rows} of {}", table.name));
            }
        }
        out.append_lines(notes::notes_text(self));
        out.append_lines(self.not_moved_lines());
        out.into_text()
    }

    /// The report as JSON.
    pub fn to_json(&self) -> Value {
        let outcome = self.outcome.as_ref().map_or("unfinished", Outcome::word);
        let errors = match &self.outcome {
            Some(Outcome::Failed(error)) => error.faults.as_slice(),
            _ => &[],
        };
        let errors = errors
            .iter()
            .map(|fault| json!({"text": fault.text_with_id(), "hint": fault.full_hint()}));
        let steps = self
            .steps
            .iter()
            .map(|(name, time)| json!({"step": name, "seconds": rounded_seconds(*time)}));
        json!({
            "format": FORMAT,
            "release": env!("CARGO_PKG_VERSION"),
            "mode": self.mode,
            "outcome": outcome,
            "exit": self.outcome.as_ref().map(|_| self.exit_status() as u8),
            "memory_peak": memory_peak_bytes(),
            "steps": steps.collect::<Vec<_>>(),
            "estimate": self.estimate.map(rounded_seconds),
            "rehearsal": self.rehearsal.map(rounded_seconds),
            "databases": self.databases.iter().map(database_json).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "repairs": self.repairs.iter().map(repair_json).collect::<Vec<_>>(),
            "warnings": self.warnings,
            "errors": errors.collect::<Vec<_>>(),
        })
    }

    /// Writes the JSON. A regular file is replaced in one step, so that no half report is ever
    /// read.
    ///
    /// # Errors
    /// When it cannot be written; an earlier report then is as it was.
    pub fn write_json(&self, path: &Path, output: &mut Output) -> Result<()> {
        let text = format!("{:#}\n", self.to_json());
        output.write_all(text.as_bytes()).map_err(|error| PURPOSE.system_error(path, &error))
    }
}

/// The most memory this process ever held, in bytes, as the kernel counts it (`VmHWM`).
fn memory_peak_bytes() -> Option<u64> {
    let status = read_text_file(Path::new("/proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn rounded_seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

fn database_json(database: &DatabaseReport) -> Value {
    let tables: Vec<Value> = database
        .tables
        .iter()
        .map(|table| {
            let notes = table.notes.iter().map(|Note { column, id, count }| {
                let column = table.columns.get(*column).copied().unwrap_or_default();
                json!({"id": id.as_str(), "column": column, "count": count})
            });
            let profiles = table.columns.iter().zip(&table.profiles);
            let profiles = profiles.map(|(name, profile)| profile.to_json(name));
            json!({
                "name": table.name,
                "rows": table.rows,
                "quarantined": table.quarantined,
                "bytes": table.bytes,
                "seconds": rounded_seconds(table.time),
                "verified": table.verified,
                "notes": notes.collect::<Vec<_>>(),
                "profile": profiles.collect::<Vec<_>>(),
            })
        })
        .collect();
    let replaced =
        database.replaced.iter().map(|(table, rows)| json!({"name": table, "rows": rows}));
    let accepted = database.accepted_histories.iter().map(|accepted| {
        let Difference { source_only, target_only, newest_common } = &accepted.difference;
        json!({
            "name": accepted.table,
            "source_only": source_only,
            "target_only": target_only,
            "newest_common": newest_common,
        })
    });
    json!({
        "name": database.name,
        "source": database.source,
        "schema": database.schema,
        "versions": database.versions,
        "application_id": database.application_id,
        "user_version": database.user_version,
        "integrity": database.integrity,
        "target": database.target,
        "class": database.class.map_or("", TargetClass::word),
        "replaced": replaced.collect::<Vec<_>>(),
        "accepted_histories": accepted.collect::<Vec<_>>(),
        "not_moved": database.not_moved.iter().map(NotMoved::to_json).collect::<Vec<_>>(),
        "committed": database.committed,
        "tables": tables,
    })
}

fn repair_json(repair: &RepairReport) -> Value {
    json!({"repair": repair.repair, "rows": repair.rows, "keys": repair.keys})
}

fn finding_json(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let examples = finding
        .examples
        .iter()
        .map(|example| json!({"key": example.key, "found": example.found.to_string()}));
    json!({
        "id": finding.id.as_str(),
        "severity": severity,
        "database": finding.database,
        "table": finding.table,
        "column": finding.columns_text(),
        "count": finding.count,
        "what": finding.full_text(),
        "expected": finding.expected,
        "hint": finding.to_fault().full_hint(),
        "repairs": finding.repairs.iter().map(Offer::to_string).collect::<Vec<_>>(),
        "examples": examples.collect::<Vec<_>>(),
    })
}
