//! Connect's configuration: flags, files, environment and key become a [`Config`].
//!
//! In running order: [`gcfg`] reads the file's language, [`settings`] gathers what was said where
//! ([`advice`] comments on it), [`survey`] decides what it means together and opens the secrets
//! ([`key`], [`secret`]). [`check`] and [`encrypt`] are the two commands about configuration.
//! Nothing is written, and no database is touched; URLs are read by the connection's module.

pub mod advice;
pub mod check;
pub mod encrypt;
pub mod gcfg;
pub mod key;
pub mod mask;
pub mod secret;
pub mod settings;
pub mod survey;

use std::path::{Path, PathBuf};

use crate::diagnostic::{Error, Exit, Fault, Result};
use gcfg::environment::Environment;
use secret::Secret;
use survey::Survey;

/// The configuration of a server, complete.
#[derive(Debug)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// Which database Connect itself uses as things stand.
    pub provider: Provider,
    /// The environment variables that gave settings, by name.
    pub variables: Vec<String>,
    /// The main database.
    pub core: Pair,
    /// The database of usage events.
    pub instrumentation: Pair,
    /// The other files that were read, or would be if they existed: what they are, and where.
    pub beside: Vec<(&'static str, PathBuf)>,
    /// What is worth telling but stops nothing.
    pub warnings: Vec<Fault>,
}

/// The variable that says `Database.Provider` where the file does not count.
pub const PROVIDER_VARIABLE: &str = "CONNECT_DATABASE_PROVIDER";

/// `Database.Provider`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Connect runs on its SQLite files: what a migration starts from.
    Sqlite,
    /// Connect is on PostgreSQL already: only a comparison makes sense.
    Postgres,
}

impl Config {
    /// Where the provider is said, for messages: the variable that counts, or the file.
    #[must_use]
    pub fn provider_place(&self) -> String {
        match self.provider_is_variable() {
            true => format!("environment variable {PROVIDER_VARIABLE}: Provider"),
            false => format!("{}: [Database] Provider", self.file.display()),
        }
    }

    /// Whether the provider comes from the environment, so that the file's word does not count.
    #[must_use]
    pub fn provider_is_variable(&self) -> bool {
        self.variables.iter().any(|name| name == PROVIDER_VARIABLE)
    }
}

/// Databases of Connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Databases {
    /// The main database.
    pub core: bool,
    /// The database of usage events.
    pub instrumentation: bool,
}

impl Databases {
    /// Both.
    pub const BOTH: Databases = Databases { core: true, instrumentation: true };
    /// The main database alone.
    pub const CORE: Databases = Databases { core: true, instrumentation: false };
    /// The database of usage events alone.
    pub const INSTRUMENTATION: Databases = Databases { core: false, instrumentation: true };

    /// Whether one of them is among `others`, too.
    #[must_use]
    pub fn overlaps(self, others: Databases) -> bool {
        self.core && others.core || self.instrumentation && others.instrumentation
    }
}

/// Where one database is, and where it is to go.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The SQLite file; whether it exists has not been checked.
    pub sqlite: PathBuf,
    /// The PostgreSQL URL as written (less a `{$}`), unread; it may hold a password. Empty where
    /// there is none, for a database that nobody wants to move.
    pub url: Secret,
    /// The URL for messages, everything that could be a password hidden.
    pub url_shown: String,
    /// Where the URL was said, for messages.
    pub url_source: String,
    /// The password that takes the place of the URL's own; plain, never empty.
    pub password: Option<Secret>,
    /// The setting that the password of this URL belongs to.
    pub password_setting: &'static str,
}

impl Pair {
    /// A database whose target is not said.
    fn without_url(sqlite: &Path, password_setting: &'static str) -> Pair {
        Pair {
            sqlite: sqlite.to_owned(),
            url: Secret::new(""),
            url_shown: "(not set)".to_owned(),
            url_source: String::new(),
            password: None,
            password_setting,
        }
    }
}

/// Reads the configuration of a server: `file`, the `-migration.gcfg` beside it where there is
/// one, and the variables.
///
/// # Errors
/// All faults at once: files that cannot be read or are not gcfg, settings that are missing or
/// contradict each other, secrets that do not open. What concerns none of the `wanted` databases
/// is a warning.
pub fn load_config(file: &Path, environment: &Environment, wanted: Databases) -> Result<Config> {
    let survey = Survey::read_survey(file, environment, wanted);
    match survey.config {
        Some(config) if survey.faults.is_empty() => Ok(config),
        _ => Err(Error { exit: Exit::Usage, faults: survey.faults }),
    }
}
