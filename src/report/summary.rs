//! What a run that has ended says: the facts, typed. `lines` prints them for people, `json` for
//! programs.

mod changes;
mod json;
mod lines;
mod totals;

use std::path::PathBuf;
use std::time::Duration;

use super::{NotMoved, Outcome, Report};
use crate::diagnostic::{Finding, Severity};

pub use changes::{Change, Changes};
pub use totals::DatabaseTotal;

/// The end of a run.
#[derive(Debug)]
pub struct Summary<'r> {
    /// How it ended, a sentence each; empty where it failed.
    pub headline: Vec<String>,
    /// Whether it says what has happened, or what a real run would do.
    pub tense: Tense,
    /// How long the run took.
    pub time: Option<Duration>,
    /// Whether nothing was done because the question was not answered with yes.
    pub is_declined: bool,
    /// Each database.
    pub databases: Vec<DatabaseTotal>,
    /// All of them together.
    pub total: DatabaseTotal,
    /// Values that arrive otherwise than they were.
    pub changes: Changes,
    /// Rows of existing tables that are replaced.
    pub replaced: Vec<ReplacedRows>,
    /// What stays in SQLite alone.
    pub left: Vec<Left<'r>>,
    /// Findings that are for the record.
    pub notes: Vec<&'r Finding>,
    /// What a person does next.
    pub next: NextSteps,
    /// The files that the run has written.
    pub files: Vec<WrittenFile>,
}

/// Whether something has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// It has.
    Past,
    /// A real run would do it.
    Future,
}

/// Rows of an existing table that are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedRows {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// So many rows it had.
    pub rows: u64,
}

/// Something that stays in SQLite alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left<'r> {
    /// A table or column that is not copied.
    NotMoved(&'r str, &'r NotMoved),
    /// Rows of a table that go into quarantine.
    Quarantined(&'r str, &'r str, u64),
    /// A migration history that differs, which was accepted.
    History(&'r str, &'r str),
}

/// What a person does after a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextSteps {
    /// In their order.
    pub steps: Vec<NextStep>,
    /// What is to be known beside them.
    pub remarks: Vec<String>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// In words.
    pub text: String,
    /// What is typed or written for it.
    pub lines: Vec<String>,
}

impl NextSteps {
    /// Adds a step.
    pub fn add_step(&mut self, text: impl Into<String>, lines: &[&str]) {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        self.steps.push(NextStep { text: text.into(), lines });
    }

    /// Adds what is to be known.
    pub fn add_remark(&mut self, text: impl Into<String>) {
        self.remarks.push(text.into());
    }
}

/// A file that a run has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// What it is: `report`.
    pub what: &'static str,
    /// Where it is, as it was named.
    pub path: PathBuf,
}

impl<'r> Summary<'r> {
    /// The end of the run of a report.
    pub fn of_report(report: &'r Report, next: NextSteps, files: Vec<WrittenFile>) -> Summary<'r> {
        let databases: Vec<DatabaseTotal> =
            report.databases.iter().map(DatabaseTotal::of_database).collect();
        let total = DatabaseTotal::of_all(&databases);
        // Repairs are listed by themselves.
        let notes = report.findings.iter().filter(|finding| !finding.id.is_of_repairs());
        Summary {
            headline: report.headline(),
            tense: match &report.outcome {
                Some(
                    Outcome::Migrated | Outcome::Rehearsed | Outcome::AlreadyThere | Outcome::Same,
                ) => Tense::Past,
                Some(Outcome::Clean | Outcome::Declined | Outcome::Failed(_)) | None => {
                    Tense::Future
                }
            },
            time: report.run.time,
            is_declined: matches!(report.outcome, Some(Outcome::Declined)),
            databases,
            total,
            changes: Changes::of_report(report),
            replaced: replaced_rows(report),
            left: left_behind(report),
            notes: notes.filter(|finding| finding.severity == Severity::Note).collect(),
            next,
            files,
        }
    }
}

fn replaced_rows(report: &Report) -> Vec<ReplacedRows> {
    let of_database = |database: &super::DatabaseReport| {
        let name = database.name.clone();
        let replaced = database.replaced.iter();
        let replaced = replaced.map(move |(table, rows)| ReplacedRows {
            database: name.clone(),
            table: table.clone(),
            rows: *rows,
        });
        replaced.collect::<Vec<_>>()
    };
    report.databases.iter().flat_map(of_database).collect()
}

fn left_behind(report: &Report) -> Vec<Left<'_>> {
    let mut left = Vec::new();
    for database in &report.databases {
        let name = database.name.as_str();
        left.extend(database.not_moved.iter().map(|one| Left::NotMoved(name, one)));
        let tables = database.tables.iter().filter(|table| table.quarantined > 0);
        left.extend(tables.map(|table| Left::Quarantined(name, &table.name, table.quarantined)));
        let histories = database.accepted_histories.iter();
        left.extend(histories.map(|accepted| Left::History(name, &accepted.table)));
    }
    left
}
