//! Flags that several commands have.

use std::path::PathBuf;

use clap::Args;

use super::{ColorChoice, DryRun, Integrity, LogFormat};
use crate::diagnostic::console::{Color, Settings, error_is_terminal, has_color};
use crate::diagnostic::server_text;
use crate::report::{Outcome, Report};

/// What `db` and `copy` have in common.
#[derive(Args, Debug)]
pub struct How {
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Check both sides and every row, and load nothing; what only an index can decide is tried in
    /// a temporary table, with `quick` it is left undecided
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "complete",
        hide_possible_values = true,
        conflicts_with = "verify"
    )]
    pub dry_run: Option<DryRun>,
    /// Copy and verify everything, print how long it took, and roll it back; existing tables are
    /// locked meanwhile
    #[arg(long, conflicts_with_all = ["verify", "dry_run"])]
    pub rehearse: bool,
    /// Copy nothing; compare SQLite and PostgreSQL after a migration
    #[arg(long)]
    pub verify: bool,
    /// With --yes: check the SQLite files and every row before anything is copied, instead of
    /// during the copy
    #[arg(long, conflicts_with = "verify")]
    pub check_first: bool,
    /// Check the SQLite files for damage: quick (pages and rows), or full (indexes too; slower)
    #[arg(long, value_name = "HOW", default_value = "quick", hide_possible_values = true)]
    pub integrity: Integrity,
    /// Replace tables of this migration that exist in PostgreSQL, and no others: drop tables that
    /// this program created, empty tables that the application created
    #[arg(long, conflicts_with = "verify")]
    pub drop_all: bool,
    /// Replace the rows in existing tables, except those of migration history tables
    #[arg(long, conflicts_with = "verify")]
    pub replace_seed: bool,
    /// Read a SQLite file although its -wal is damaged, without the committed rows after the damage
    #[arg(long)]
    pub accept_wal_loss: bool,
    /// Continue although the rows of this migration history table differ between SQLite and
    /// PostgreSQL; PostgreSQL's rows stay; can be given several times
    #[arg(long, value_name = "TABLE", conflicts_with = "verify")]
    pub accept_migration_history: Vec<String>,
    /// Use the repairs in this file (`explain repairs` describes them)
    #[arg(long, value_name = "FILE")]
    pub repairs: Option<PathBuf>,
    /// Repair a column or table, for example core.apps.title=strip-nul; can be given several times
    #[arg(long, value_name = "PLACE=WORD")]
    pub repair: Vec<String>,
    /// The file for rows that repairs do not load
    #[arg(long, value_name = "FILE")]
    pub quarantine: Option<PathBuf>,
    /// Write a report, also if the run fails: a page for FILE.html and FILE.md, JSON for other
    /// names, - for standard output; can be given several times
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Write the keys of all rows that findings and repairs are about, one JSON object in each line
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub keys: Option<PathBuf>,
    /// Write a file for --repairs with one proposed repair for each finding
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub propose_repairs: Option<PathBuf>,
    /// Add to the report in JSON what each column contains: storage classes, smallest and largest
    /// value, formats
    #[arg(long)]
    pub profile: bool,
    /// Replace existing files of --report, --propose-repairs, --keys and --quarantine
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub search: Search,
    #[command(flatten)]
    pub messages: Messages,
    #[command(flatten)]
    pub output: Output,
    /// The command as it was typed, without what may be a password, for the report.
    #[arg(skip)]
    pub command_line: String,
}

/// What `db` and `copy` say of a schema that has to be found.
#[derive(Args, Debug)]
pub struct Search {
    /// The directory in which the joined schema is saved [default: a directory in ~/migrate-schema]
    #[arg(long, value_name = "DIR", conflicts_with = "schema")]
    pub save_schema: Option<PathBuf>,
    /// A table or column has another name in PostgreSQL: core.apps=content,
    /// core.apps.created=created_time, or '*=PREFIX_*' for all tables; can be given several times
    #[arg(long, value_name = "NAME=NAME", conflicts_with = "schema")]
    pub same: Vec<String>,
    /// Do not copy this table or column; can be given several times
    #[arg(long, value_name = "NAME", conflicts_with = "schema")]
    pub ignore: Vec<String>,
    /// Create tables that contain rows in SQLite and do not exist in PostgreSQL, from their
    /// definitions in SQLite
    #[arg(long, conflicts_with = "schema")]
    pub create_missing: bool,
    /// The time zone of times without an offset: UTC, or a name such as Europe/Berlin
    #[arg(long, value_name = "ZONE", conflicts_with = "schema")]
    pub naive_zone: Option<String>,
}

/// How a run says what it is doing.
#[derive(Args, Debug)]
pub struct Output {
    /// Print only errors, warnings, questions and results, no progress
    #[arg(long)]
    pub quiet: bool,
    /// Use colours on standard error: auto (on a terminal, unless NO_COLOR is set), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: ColorChoice,
    /// The format of standard error: text or json (one JSON object in each line)
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub log_format: LogFormat,
}

impl Output {
    /// What it comes to in this process.
    pub fn settings(&self) -> Settings {
        let color = match self.color {
            ColorChoice::Auto => Color::Auto,
            ColorChoice::Always => Color::Always,
            ColorChoice::Never => Color::Never,
        };
        Settings {
            quiet: self.quiet,
            color: has_color(color, error_is_terminal()),
            json: self.log_format == LogFormat::Json,
        }
    }
}

/// What all commands that connect have in common.
#[derive(Args, Debug)]
pub struct Messages {
    /// Print PostgreSQL's own error messages on standard error; they can quote values of rows. The
    /// report never contains them
    #[arg(long)]
    pub show_server_messages: bool,
}

impl Messages {
    /// Writes what servers said about the errors of a run, if that is asked for.
    pub fn print_server_messages(&self, report: &Report) {
        if let (true, Some(Outcome::Failed(error))) = (self.show_server_messages, &report.outcome) {
            server_text::print_server_texts(&error.faults);
        }
    }
}
