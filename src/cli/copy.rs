//! `migrate copy`: one database named on the command line.

use std::path::{Path, PathBuf};

use clap::Args;

use super::commands;
use super::last::Last;
use super::{How, Messages};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::Protected;
use crate::migrate::RequestedDatabase;
use crate::postgres::connection::{Address, Environment};
use crate::schema::{self, Schema};

#[derive(Args, Debug)]
pub struct Copy {
    /// The schema: a built-in one (connect/core, connect/core@2025.04) or a directory
    #[arg(long, value_name = "SCHEMA")]
    schema: String,
    /// The SQLite file
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// The PostgreSQL URL; give the password in PGPASSWORD or a password file, not here
    #[arg(long, value_name = "URL")]
    target: String,
    #[command(flatten)]
    how: How,
}

impl Copy {
    /// What is asked for about messages.
    pub(super) fn messages(&self) -> &Messages {
        &self.how.messages
    }
}

/// Does it.
pub fn run(copy: &Copy) -> Result<Exit> {
    let environment = Environment::of_process();
    let (schema, version) = find(&copy.schema, "--schema: ")?;
    if copy.target.contains('#') {
        return Err(Error::new(
            Exit::Usage,
            "--target: what follows the # is not used here",
            "name the schema in the URL's parameters: ?search_path=NAME; write %23 for a # that is \
             meant",
        ));
    }
    let address = Address::read("--target", &copy.target, None, &environment)?;
    let mut warnings = Vec::new();
    if address.password.is_some() && environment.password.is_none() {
        warnings.push(Fault::new(
            "--target holds a password, which other users of this machine can see while it runs",
            "give it in the environment variable PGPASSWORD or in ~/.pgpass",
        ));
    }
    let name = schema.name.rsplit('/').next().unwrap_or(schema.name).to_owned();
    let source = copy.source.clone();
    let wanted = RequestedDatabase {
        name,
        schema,
        version,
        source,
        missing_cure: String::new(),
        configured: false,
        application: &[],
        address,
    };
    let request = commands::request(vec![wanted], commands::mode(&copy.how), &copy.how)?;
    let mut protected = Protected::default();
    if let Some(directory) = directory_of(&copy.schema) {
        protected.add_schema(directory);
    }
    commands::perform(request, &copy.how, environment, &warnings, &Last::Nothing, protected)
}

/// The schema directory that a word names, where it names one.
fn directory_of(word: &str) -> Option<&Path> {
    let without_version = word.rsplit_once('@').map_or(word, |(name, _)| name);
    [word, without_version].into_iter().map(Path::new).find(|path| path.is_dir())
}

/// The schema of a word: built in, with an optional version, or a directory, likewise. An error
/// begins with `place`, where the word was given.
pub fn find(word: &str, place: &str) -> Result<(Schema, Option<String>)> {
    if Path::new(word).is_dir() {
        return read(Path::new(word)).map(|schema| (schema, None));
    }
    let (name, version) = match word.rsplit_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (word, None),
    };
    let schema = match schema::built_in(name) {
        Some(schema) => *schema,
        None if Path::new(name).is_dir() => read(Path::new(name))?,
        None => {
            let known: Vec<&str> = schema::SCHEMAS.iter().map(|schema| schema.name).collect();
            return Err(Error::new(
                Exit::Usage,
                format!("{place}{name} is neither a built-in schema nor a directory"),
                format!("built in are {}", known.join(", ")),
            ));
        }
    };
    Ok((schema, version))
}

/// Reads a schema directory.
pub fn read(directory: &Path) -> Result<Schema> {
    schema::read(directory).map_err(|faults| {
        let faults = faults.0.iter().map(|fault| {
            Fault::new(fault.to_string(), "the format is described in schema/README.md")
        });
        Error { exit: Exit::Usage, faults: faults.collect() }
    })
}
