//! The command line: what can be said, and what it leads to.
//!
//! Definitions only; `commands` does what they say.

mod commands;
mod copy;
mod schema;
pub mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::error::{Error, Exit};

/// Where Connect keeps its configuration.
pub const CONFIG: &str = "/etc/rstudio-connect/rstudio-connect.gcfg";

/// Moves an application's SQLite databases into PostgreSQL: once, in a downtime, for good.
#[derive(Parser, Debug)]
#[command(name = "migrate", disable_version_flag = true, subcommand_required = true)]
#[command(after_help = EXITS)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print the release, the schema versions it knows, and its SQLite version
    #[arg(long, exclusive = true)]
    version: bool,
}

const EXITS: &str = "\
Flags take one dash or two, and their value after a space or `=`.

Exit codes:
  0  done and verified, or a clean dry run
  1  values that do not fit; nothing was written
  2  usage or configuration
  3  the SQLite side cannot be used, or its structure is unknown
  4  the PostgreSQL side cannot be used
  5  loading failed; rolled back
  6  verification failed; rolled back
  7  the connection was lost during COMMIT: run again with --verify
  8  interrupted; rolled back";

#[derive(Subcommand, Debug)]
enum Command {
    /// Move Connect's databases from SQLite to PostgreSQL
    ///
    /// Reads Connect's configuration, looks at every row, then copies the core and the
    /// instrumentation database into PostgreSQL, verifies them and commits. Connect must be
    /// stopped. Until the end nothing changes in PostgreSQL; the SQLite files are never changed.
    Db(Db),
    /// Move one database named on the command line, for scripts and other applications
    Copy(copy::Copy),
    /// List, show, draft and compare schemas
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Show the effective configuration, with secrets masked, and whether each secret opens
    CheckConfig(ConfigFile),
    /// Encrypt one value from standard input (or a prompt) for use in the configuration
    EncryptConfigValue(Encrypt),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

#[derive(Args, Debug)]
struct ConfigFile {
    /// Connect's configuration file
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
}

#[derive(Args, Debug)]
struct Db {
    #[command(flatten)]
    file: ConfigFile,
    /// Which database to move [default: both]
    #[arg(long, value_name = "DATABASE")]
    data: Option<Data>,
    #[command(flatten)]
    how: How,
}

/// What `db` and `copy` have in common.
#[derive(Args, Debug)]
struct How {
    /// Do not ask before writing
    #[command(flatten)]
    yes: Yes,
    /// Look at everything and write nothing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", hide_possible_values = true,
          conflicts_with = "verify")]
    dry_run: bool,
    /// Only compare what SQLite and PostgreSQL hold; copy nothing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", hide_possible_values = true)]
    verify: bool,
    /// Replace the planned tables that exist in PostgreSQL; no other table is touched
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", hide_possible_values = true)]
    drop_all: bool,
    /// Write a report as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct Yes {
    /// Do not ask before writing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", hide_possible_values = true)]
    yes: bool,
}

#[derive(Args, Debug)]
struct Encrypt {
    #[command(flatten)]
    file: ConfigFile,
    /// Use AES-256-GCM, as Connect does in FIPS mode
    #[arg(long)]
    fips: bool,
}

/// The databases of Connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Data {
    /// Content, users, permissions, jobs
    Core,
    /// Usage events
    Instrumentation,
}

/// Runs the program on these words.
pub fn main(words: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    let words = words::normalize(words);
    if words.len() == 2 && words.last().is_some_and(|word| word == "--version") {
        return finish(commands::version());
    }
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return ExitCode::from(code as u8);
        }
    };
    finish(match cli.command {
        Command::Db(db) => commands::db(&db),
        Command::Copy(copy) => copy::run(&copy),
        Command::Schema(schema) => schema::run(&schema),
        Command::CheckConfig(file) => commands::check_config(&file.config),
        Command::EncryptConfigValue(encrypt) => commands::encrypt(&encrypt),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "migrate", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::Man => commands::man(),
    })
}

/// The full command definition, for the manual page and tests.
pub fn definition() -> clap::Command {
    Cli::command()
}

fn finish(result: Result<Exit, Error>) -> ExitCode {
    match result {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit as u8)
        }
    }
}
