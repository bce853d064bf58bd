//! `migrate copy`: one database named on the command line.

use std::path::PathBuf;

use clap::Args;

use super::commands;
use super::last::Last;
use super::{How, Messages, schema_word};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::Protected;
use crate::migrate::RequestedDatabase;
use crate::postgres::connection::{Address, Environment};

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
    let environment = Environment::from_process();
    let (schema, version) = schema_word::find(&copy.schema, "--schema: ")?;
    if copy.target.contains('#') {
        return Err(Error::new(
            Exit::Usage,
            "--target: what follows the # is not used here",
            "name the schema in the URL's parameters: ?search_path=NAME; write %23 for a # that is \
             meant",
        ));
    }
    let address = Address {
        password_setting: None,
        ..Address::parse_setting("--target", &copy.target, None, &environment)?
    };
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
    if let Some(directory) = schema_word::directory_of(&copy.schema) {
        protected.add_schema(directory);
    }
    commands::perform(request, &copy.how, environment, &warnings, &Last::Nothing, protected)
}
