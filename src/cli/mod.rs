//! The command line: what can be said, and what it leads to.
//!
//! Definitions only; `commands` does what they say.

mod check_config;
mod commands;
mod completions;
mod copy;
mod db;
mod ending;
mod explain;
mod flags;
mod into;
mod last;
pub mod manual;
mod outputs;
mod schema;
mod schema_word;
mod texts;
mod version;
pub mod words;

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::config::mask;
use crate::diagnostic::console::{self, Color, Console, Settings};
use crate::diagnostic::{Error, Exit, Fault, server_text};
use crate::program_name::{program_name, remember_program_name, with_program_name};
use crate::{files, text};

use flags::{How, Messages, Search};

/// Where Connect keeps its configuration.
pub const CONFIG: &str = "/etc/rstudio-connect/rstudio-connect.gcfg";

/// Move the SQLite databases of Posit Connect into PostgreSQL
#[derive(Parser, Debug)]
#[command(name = "migrate", disable_version_flag = true, subcommand_required = true)]
#[command(arg_required_else_help = true, args_override_self = true)]
#[command(color = clap::ColorChoice::Never, after_help = texts::after_help())]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print the version, the build and the known schema versions
    #[arg(long, exclusive = true)]
    version: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Move Connect's databases from SQLite to PostgreSQL
    #[command(after_help = texts::AFTER_DB)]
    Db(Db),
    /// Move one SQLite file that is named on the command line
    #[command(after_help = texts::AFTER_COPY)]
    Copy(copy::Copy),
    /// List, show, draft and compare schemas
    #[command(subcommand, after_help = texts::AFTER_SCHEMA)]
    Schema(schema::Schema),
    /// Print the settings that are used, where they come from, and whether passwords can be
    /// decrypted
    #[command(after_help = texts::AFTER_CHECK)]
    CheckConfig(CheckConfig),
    /// Encrypt one value with Connect's key
    #[command(after_help = texts::AFTER_ENCRYPT)]
    EncryptConfigValue(Encrypt),
    /// Explain a finding, an exit code or a repair, or list them
    #[command(after_help = texts::AFTER_EXPLAIN)]
    Explain {
        /// A finding (K1), an exit code (3), a repair (strip-nul) or a page: findings, repairs,
        /// schema-files, existing-tables, new-version
        topic: Option<String>,
    },
    /// Print a completion script for a shell
    #[command(after_help = texts::AFTER_COMPLETIONS)]
    Completions {
        /// bash, elvish, fish, powershell or zsh
        #[arg(hide_possible_values = true)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program or of a command
    #[command(after_help = texts::AFTER_MAN)]
    Man {
        /// The command, for example db or schema draft
        command: Vec<String>,
    },
}

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
    /// Also connect to PostgreSQL and check what a run needs there
    #[arg(long)]
    connect: bool,
    /// Check only one database: core or instrumentation [default: both]
    #[arg(long, value_name = "DATABASE", hide_possible_values = true)]
    data: Option<Data>,
    #[command(flatten)]
    messages: Messages,
}

#[derive(Args, Debug)]
struct Db {
    #[command(flatten)]
    file: ConfigFile,
    /// Move only one database: core or instrumentation [default: both]
    #[arg(long, value_name = "DATABASE", hide_possible_values = true)]
    data: Option<Data>,
    /// Use the schema files in DIR/core and DIR/instrumentation
    #[arg(long, value_name = "DIR")]
    schema: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(Args, Debug)]
struct Encrypt {
    #[command(flatten)]
    file: ConfigFile,
    /// Use AES-256-GCM, which a server in FIPS mode needs
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

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// What is written to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
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
    let typed: Vec<std::ffi::OsString> = words.into_iter().collect();
    typed.first().iter().for_each(|first| remember_program_name(first));
    let words = match words::normalize_arguments(
        typed.iter().cloned(),
        &switch_names(&command_definition()),
    ) {
        Ok(words) => words,
        Err(fault) => return finish_process(Err(Error { exit: Exit::Usage, faults: vec![fault] })),
    };
    if words.len() == 2 && words.last().is_some_and(|word| word == "--version") {
        return finish_process(version::print_version());
    }
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return report_usage_error(&error, &words),
    };
    console::set_settings(output_settings(&cli.command));
    let shows = shows_server_messages(&cli.command);
    if shows {
        Console::new().print_warning(&Fault::new(server_text::WARNING, server_text::WARNING_HINT));
    }
    if let Err(error) = files::require_open_files() {
        return finish_process(Err(error));
    }
    let ended = match cli.command {
        Command::Db(mut db) => {
            db.how.command_line = command_line(&typed);
            db::run(&db)
        }
        Command::Copy(mut copy) => {
            copy.how.command_line = command_line(&typed);
            copy::run(&copy)
        }
        Command::Schema(schema) => schema::run(&schema),
        Command::CheckConfig(check) => check_config::check_config(&check),
        Command::EncryptConfigValue(encrypt) => commands::encrypt_config_value(&encrypt),
        Command::Explain { topic } => explain::explain(topic.as_deref()),
        Command::Completions { shell } => {
            console::print_result(completions::completion_script(shell, command_definition()))
        }
        Command::Man { command } => manual::print_page(&command),
    };
    let faults = ended.as_ref().err().filter(|_| shows).map(|error| error.faults.clone());
    let code = finish_process(ended);
    server_text::print_server_texts(&faults.unwrap_or_default());
    code
}

/// The command as it was typed; what may be a password is hidden.
fn command_line(words: &[std::ffi::OsString]) -> String {
    let shown = words.iter().map(|word| {
        let word = word.to_string_lossy().into_owned();
        text::shell_word(&mask::mask_words(&word, std::slice::from_ref(&word)))
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// How the output of a command looks.
fn output_settings(command: &Command) -> Settings {
    match command {
        Command::Db(db) => db.how.output.settings(),
        Command::Copy(copy) => copy.how.output.settings(),
        _ => {
            let color = console::has_color(Color::Auto, console::error_is_terminal());
            Settings { color, ..Settings::default() }
        }
    }
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
pub fn command_definition() -> clap::Command {
    Cli::command().name(program_name())
}

/// The flags without a value, which Go lets one write as `-yes=false`.
pub fn switch_names(definition: &clap::Command) -> Vec<String> {
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
fn report_usage_error(error: &clap::Error, words: &[std::ffi::OsString]) -> ExitCode {
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
    finish_process(console::print_result(&*with_program_name(&text)))
}

fn finish_process(result: Result<Exit, Error>) -> ExitCode {
    match result {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            console::print_failure("", &error);
            ExitCode::from(error.exit as u8)
        }
    }
}
