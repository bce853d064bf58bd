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
    /// Do not ask before writing
    #[arg(long)]
    pub yes: bool,
    /// Look at both sides and at every row, and leave nothing in PostgreSQL: where only an index
    /// decides, it is tried in a temporary table; with `quick` no such table is made
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
    /// Do all of it but the last step: copy and verify everything, say how long it took, and roll
    /// it back; tables that exist in PostgreSQL are locked meanwhile
    #[arg(long, conflicts_with_all = ["verify", "dry_run"])]
    pub rehearse: bool,
    /// Copy nothing: compare what SQLite and PostgreSQL hold, after a migration
    #[arg(long)]
    pub verify: bool,
    /// With --yes: check the SQLite files and every row before anything is copied, not meanwhile
    #[arg(long, conflicts_with = "verify")]
    pub check_first: bool,
    /// Check the SQLite files for damage: quick (pages and rows), or full (indexes too; slower)
    #[arg(long, value_name = "HOW", default_value = "quick", hide_possible_values = true)]
    pub integrity: Integrity,
    /// Replace the tables of the migration that exist in PostgreSQL already, and only those: drop
    /// what this program has made, empty what the application has made
    #[arg(long, conflicts_with = "verify")]
    pub drop_all: bool,
    /// Replace the rows that the application has put into its own new tables in PostgreSQL, but
    /// those of a migration history table
    #[arg(long, conflicts_with = "verify")]
    pub replace_seed: bool,
    /// Read a SQLite file though its -wal is damaged, without the committed rows behind that place
    #[arg(long)]
    pub accept_wal_loss: bool,
    /// Go on though this migration history table differs between both sides, and leave
    /// PostgreSQL's as it is; can be given several times
    #[arg(long, value_name = "TABLE", conflicts_with = "verify")]
    pub accept_migration_history: Vec<String>,
    /// Repair what is named in this file (docs/repairs.md)
    #[arg(long, value_name = "FILE")]
    pub repairs: Option<PathBuf>,
    /// Repair a column or table: core.apps.title=strip-nul; can be given several times
    #[arg(long, value_name = "PLACE=WORD")]
    pub repair: Vec<String>,
    /// Where rows go that repairs put into quarantine
    #[arg(long, value_name = "FILE")]
    pub quarantine: Option<PathBuf>,
    /// Write a report there, also when it fails: a page for FILE.html and FILE.md, otherwise JSON;
    /// - is standard output; can be given several times
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Write the keys of all rows there that findings and repairs are about, one JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub keys: Option<PathBuf>,
    /// Write a file for --repairs there that answers what was found
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub propose_repairs: Option<PathBuf>,
    /// Put into the report in JSON what each column holds: classes, least and greatest, forms
    #[arg(long)]
    pub profile: bool,
    /// Replace files that --report, --propose-repairs, --keys and --quarantine name, whatever is in
    /// them
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
    /// Where the schema is saved that is joined from both sides
    /// [default: a directory in ~/migrate-schema]
    #[arg(long, value_name = "DIR", conflicts_with = "schema")]
    pub save_schema: Option<PathBuf>,
    /// A table or column of SQLite has another name in PostgreSQL: core.apps=content,
    /// core.apps.created=created_time, or '*=PREFIX_*' for all tables; can be given several times
    #[arg(long, value_name = "NAME=NAME", conflicts_with = "schema")]
    pub same: Vec<String>,
    /// Leave this table or column of SQLite behind, with its rows or values; can be given several
    /// times
    #[arg(long, value_name = "NAME", conflicts_with = "schema")]
    pub ignore: Vec<String>,
    /// Create the tables that hold rows in SQLite and that PostgreSQL lacks, by what SQLite says of
    /// them, beside the application's own tables
    #[arg(long, conflicts_with = "schema")]
    pub create_missing: bool,
    /// The zone of times that say no offset: UTC, or a name like Europe/Berlin
    #[arg(long, value_name = "ZONE", conflicts_with = "schema")]
    pub naive_zone: Option<String>,
}

/// How a run says what it is doing.
#[derive(Args, Debug)]
pub struct Output {
    /// Show errors, warnings, questions and results only; no progress
    #[arg(long)]
    pub quiet: bool,
    /// Use colours on standard error: auto (on a terminal, unless NO_COLOR is set), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: ColorChoice,
    /// Write to standard error as text, or as lines of json (docs/progress.md)
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
    /// Show PostgreSQL's own messages about errors, which can quote values of rows, on standard
    /// error; the report never holds them
    #[arg(long)]
    pub show_server_messages: bool,
}

impl Messages {
    /// Writes what servers said about the errors of a run, if that is asked for.
    pub fn print(&self, report: &Report) {
        if let (true, Some(Outcome::Failed(error))) = (self.show_server_messages, &report.outcome) {
            server_text::print_server_texts(&error.faults);
        }
    }
}
