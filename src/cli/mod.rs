//! The command line: what can be said, and what it leads to.
//!
//! Definitions only; `commands` does what they say.

mod check_config;
mod commands;
mod copy;
mod db;
mod flags;
mod into;
mod last;
mod outputs;
mod schema;
mod schema_word;
pub mod words;

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::config::mask;
use crate::diagnostic::console::{self, Console};
use crate::diagnostic::{Error, Exit, Fault, server_text};
use crate::{files, text};

use flags::{How, Messages, Search};

/// Where Connect keeps its configuration.
pub const CONFIG: &str = "/etc/rstudio-connect/rstudio-connect.gcfg";

/// Moves Posit Connect's SQLite databases into PostgreSQL: once, in a downtime, for good
#[derive(Parser, Debug)]
#[command(name = "migrate", disable_version_flag = true, subcommand_required = true)]
#[command(arg_required_else_help = true, args_override_self = true)]
#[command(color = clap::ColorChoice::Never, after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print the release, the schema versions it knows, and its SQLite version
    #[arg(long, exclusive = true)]
    version: bool,
}

const AFTER: &str = "\
The order of work on a Connect server:
  sudo migrate check-config           is the configuration complete, do the passwords open?
  sudo migrate db --dry-run           look at every row, leave nothing; Connect may go on running
  sudo systemctl stop rstudio-connect
  sudo migrate db                     ask once, then copy, verify and commit
  then set [Database] Provider = postgres and start Connect

Flags take one dash or two, and their value after a space or an equals sign: -data core,
--data=core, -yes, -yes=false. Short flags cannot be joined. --config FILE may stand before the
command, too: migrate --config FILE db. `migrate COMMAND --help` says more.

Exit codes:
  0  done and verified, or a clean dry run or rehearsal
  1  values that do not fit; nothing was published
  2  usage or configuration
  3  the SQLite side cannot be used, or its structure is unknown
  4  the PostgreSQL side cannot be used
  5  loading failed; rolled back
  6  verification failed; rolled back
  7  whether COMMIT took effect is unknown: run again with --verify
  8  interrupted, or not confirmed; rolled back";

#[derive(Subcommand, Debug)]
enum Command {
    /// Move Connect's databases from SQLite to PostgreSQL
    #[command(after_help = AFTER_DB)]
    Db(Db),
    /// Move one SQLite file named on the command line
    #[command(after_help = AFTER_COPY)]
    Copy(copy::Copy),
    /// List, show, draft and compare schemas
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Show the settings that count, where they come from, and whether each password opens
    #[command(after_help = AFTER_CHECK)]
    CheckConfig(CheckConfig),
    /// Encrypt one value, from a prompt or standard input, with the server's key
    #[command(after_help = AFTER_ENCRYPT)]
    EncryptConfigValue(Encrypt),
    /// Print a completion script for a shell
    #[command(after_help = AFTER_COMPLETIONS)]
    Completions {
        /// bash, elvish, fish, powershell or zsh
        #[arg(hide_possible_values = true)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "To read it: migrate man > migrate.1 && man ./migrate.1")]
    Man,
}

const AFTER_DB: &str = "\
Connect must be stopped, but for a dry run. Its configuration says where the databases are
([SQLite] Dir) and where they go ([Postgres] URL, InstrumentationURL). Both databases are read,
every row is checked, then everything is copied into PostgreSQL in one transaction (two, if the
URLs name two databases), compared with SQLite, and committed. With --yes rows are checked while
they are copied, and whatever is wrong rolls back; --check-first checks them before. Until that
commit nothing changes in PostgreSQL, and the SQLite files are never changed: whenever it fails,
Connect can be started on SQLite as before, and the same command can be run again.

With --data, one of the two is moved; the end of the run says whether the other one is in
PostgreSQL, too. Where Connect runs on PostgreSQL already (Provider = postgres),
--data instrumentation brings usage history after, into tables without rows.

--rehearse does all of it but the commit, rolls everything back and says how long it took: that is
the downtime. Connect may run on SQLite meanwhile. Where it has made tables in PostgreSQL these are
locked until the end; it waits for sessions that use them, and gives up like the run itself.

Tables that Connect has already made in PostgreSQL are loaded as they are (docs/prepared.md).
A Connect whose tables differ from the built-in ones must have made them in PostgreSQL: then both
sides are joined. What nobody can know is asked at a terminal, and kept with the schema in
~/migrate-schema/connect, which a second run and --verify use. --schema names such a directory, with
core/ and instrumentation/ or one of them in it; with --data it may be that one itself.

The question before writing (also of a rehearsal) is asked at a terminal only; elsewhere --yes is
needed. SIGINT (Ctrl-C), SIGTERM and SIGHUP roll back and end with exit code 8; a second one ends
at once. Once COMMIT was sent, the run waits for its outcome.

Examples:
  sudo migrate db --dry-run
  sudo migrate db --rehearse
  sudo migrate db -yes -report /root/migration.json
  sudo migrate db --schema /root/connect-schema --dry-run
  sudo migrate db --verify";

const AFTER_COPY: &str = "\
Where the application has made its tables in PostgreSQL, both sides say what is what; what they do
not say is asked at a terminal and kept in ~/migrate-schema. --schema names a directory that
describes the tables (schema/README.md), or a built-in schema like connect/core, with a version if
the file's structure is not to decide: connect/core@2025.04. The URL is read as in Connect's
configuration.

Examples:
  PGPASSWORD=... migrate copy --source shop.db \\
      --target 'postgres://shop@db.example.com/shop' --dry-run
  PGPASSWORD=... migrate copy --schema ./schema/shop --source shop.db \\
      --target 'postgres://shop@db.example.com/shop'";

const AFTER_CHECK: &str = "\
Secrets are masked. It is said whether the SQLite files are there and can be read. Exit code 2 if
something is wrong; then everything that is wrong is listed. With --connect the servers are reached
with the configuration's credentials, and rights, versions and existing tables are checked; without
it nothing is connected to. Nothing is written, and no row is read.

Examples:
  sudo migrate check-config
  sudo migrate check-config --connect";

const AFTER_ENCRYPT: &str = "\
At a terminal the value is asked for and not shown; otherwise standard input must be one line. The
encrypted value alone goes to standard output, for [Postgres] Password in the configuration. The
key is found as Connect finds it.

Examples:
  sudo migrate encrypt-config-value
  sudo migrate encrypt-config-value < password.txt";

const AFTER_COMPLETIONS: &str = "\
Example:
  migrate completions bash | sudo tee /usr/share/bash-completion/completions/migrate";

#[derive(Args, Debug)]
struct ConfigFile {
    /// Connect's configuration file
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
}

#[derive(Args, Debug)]
struct CheckConfig {
    #[command(flatten)]
    file: ConfigFile,
    /// Connect to PostgreSQL as well, and check what a run needs there
    #[arg(long)]
    connect: bool,
    /// Check what one database needs: core or instrumentation [default: both]
    #[arg(long, value_name = "DATABASE", hide_possible_values = true)]
    data: Option<Data>,
    #[command(flatten)]
    messages: Messages,
}

#[derive(Args, Debug)]
struct Db {
    #[command(flatten)]
    file: ConfigFile,
    /// Move one database only: core or instrumentation [default: both]
    #[arg(long, value_name = "DATABASE", hide_possible_values = true)]
    data: Option<Data>,
    /// Take the tables from schema files: DIR/core and DIR/instrumentation, where they are
    #[arg(long, value_name = "DIR")]
    schema: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(Args, Debug)]
struct Encrypt {
    #[command(flatten)]
    file: ConfigFile,
    /// Use AES-256-GCM, as a server in FIPS mode needs
    #[arg(long)]
    fips: bool,
}

/// How far a dry run goes; the words of Go's booleans are those of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DryRun {
    #[value(aliases = ["1", "t", "T", "true", "TRUE", "True"])]
    Complete,
    Quick,
    #[value(hide = true, aliases = ["0", "f", "F", "false", "FALSE", "False"])]
    Off,
}

/// How far files are checked for damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Integrity {
    Quick,
    Full,
}

/// The databases of Connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Data {
    // Documented by the flag: help on values would print every command's help in its long form.
    Core,
    Instrumentation,
}

impl Data {
    /// Its name, as the flag has it.
    fn name(self) -> &'static str {
        match self {
            Data::Core => "core",
            Data::Instrumentation => "instrumentation",
        }
    }
}

/// Passwords and keys are in this process's memory, and a dump of it is a file that others may
/// read. The limit alone does not hold where the system gives dumps to a program. A system that
/// knows neither makes none either.
fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Runs the program on these words.
pub fn main(words: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    forbid_core_dumps();
    let words = match words::normalize(words, &switches(&definition())) {
        Ok(words) => words,
        Err(fault) => return finish(Err(Error { exit: Exit::Usage, faults: vec![fault] })),
    };
    if words.len() == 2 && words.last().is_some_and(|word| word == "--version") {
        return finish(commands::version());
    }
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return tell(&error, &words),
    };
    let shows = shows_server_messages(&cli.command);
    if shows {
        Console::new().print_warning(&Fault::new(server_text::WARNING, server_text::WARNING_HINT));
    }
    if let Err(error) = files::require_open_files() {
        return finish(Err(error));
    }
    let ended = match cli.command {
        Command::Db(db) => db::run(&db),
        Command::Copy(copy) => copy::run(&copy),
        Command::Schema(schema) => schema::run(&schema),
        Command::CheckConfig(check) => check_config::check_config(&check),
        Command::EncryptConfigValue(encrypt) => commands::encrypt(&encrypt),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "migrate", &mut script);
            console::print_result(script)
        }
        Command::Man => commands::man(),
    };
    let said = ended.as_ref().err().filter(|_| shows).map(|error| error.faults.clone());
    let code = finish(ended);
    server_text::print_server_texts(&said.unwrap_or_default());
    code
}

fn shows_server_messages(command: &Command) -> bool {
    let messages = match command {
        Command::Db(db) => &db.how.messages,
        Command::Copy(copy) => copy.messages(),
        Command::CheckConfig(check) => &check.messages,
        Command::Schema(schema) => {
            return schema.messages().is_some_and(|m| m.show_server_messages);
        }
        _ => return false,
    };
    messages.show_server_messages
}

/// The full command definition, for the manual page and tests.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// The flags without a value, which Go lets one write as `-yes=false`.
pub fn switches(definition: &clap::Command) -> Vec<String> {
    let (mut switches, mut valued) = (Vec::new(), Vec::new());
    let mut commands = vec![definition];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands());
        for flag in command.get_arguments() {
            let switch = matches!(flag.get_action(), clap::ArgAction::SetTrue);
            let list = if switch { &mut switches } else { &mut valued };
            list.extend(flag.get_long().map(str::to_owned));
        }
    }
    // `--version` alone is a switch; a draft's `--version` has a value.
    switches.retain(|switch| !valued.contains(switch));
    switches
}

/// Help goes to standard output, a mistake to standard error and exit code 2.
fn tell(error: &clap::Error, words: &[std::ffi::OsString]) -> ExitCode {
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into()).collect();
    let mut text = mask::mask_words(&error.render().to_string(), &words);
    // The message repeats words as they were given, line breaks included.
    for part in words.iter().flat_map(|word| [word.as_str()].into_iter().chain(word.split('='))) {
        if let Cow::Owned(escaped) = text::escape(part) {
            text = text.replace(part, &escaped);
        }
    }
    if error.use_stderr() {
        console::print_error(text.trim_end_matches('\n'));
        return ExitCode::from(Exit::Usage as u8);
    }
    finish(console::print_result(text))
}

fn finish(result: Result<Exit, Error>) -> ExitCode {
    match result {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            console::print_error(&error.to_string());
            ExitCode::from(error.exit as u8)
        }
    }
}
