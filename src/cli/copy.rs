//! `migrate copy`: one database named on the command line.

use std::path::{Path, PathBuf};

use clap::Args;

use super::commands;
use super::last::Last;
use super::{How, Messages, schema_word};
use crate::config::mask;
use crate::diagnostic::{Error, Exit, Fault, Hints, Result};
use crate::files::Protected;
use crate::migrate::{ChosenSchema, Request, RequestedDatabase, RequestedSchema, SchemaSearch};
use crate::postgres::connection::{Address, Environment};
use crate::text::shell_word;

#[derive(Args, Debug)]
pub struct Copy {
    /// A schema directory, or a built-in schema such as connect/core or connect/core@2025.04;
    /// without it the schema is joined from SQLite and the tables of the application in PostgreSQL
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<String>,
    /// Create the tables from their definitions in SQLite if PostgreSQL has none of them
    #[arg(long, conflicts_with = "schema")]
    draft: bool,
    /// The SQLite file
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// The URL of the PostgreSQL database; give the password in PGPASSWORD or a password file, not
    /// here
    #[arg(long, value_name = "URL")]
    target: String,
    #[command(flatten)]
    pub(super) how: How,
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
    let (name, schema) = match &copy.schema {
        Some(word) => {
            let (schema, version) = schema_word::find_schema(word, "--schema: ")?;
            let name = schema.name.rsplit('/').next().unwrap_or(schema.name).to_owned();
            (name, RequestedSchema::Given(ChosenSchema { schema, version }))
        }
        None => (name_of_file(&copy.source), RequestedSchema::Find { built_in: None }),
    };
    if copy.target.contains('#') {
        return Err(Error::new(
            Exit::Usage,
            "--target: what follows # in the URL is not used",
            ["name the schema in the URL: `?search_path=NAME`", "write # in the URL as %23"],
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
            [
                "give the password in the environment variable `PGPASSWORD`",
                "give the password in `~/.pgpass`",
            ],
        ));
    }
    let source = copy.source.clone();
    let wanted = RequestedDatabase {
        name,
        schema,
        source,
        missing_file_hint: String::new(),
        load_hint: Hints::default(),
        configured: false,
        application: &[],
        address,
    };
    let search = SchemaSearch {
        name: wanted.name.clone(),
        may_draft: copy.draft,
        command: command_to_repeat(copy),
        ..commands::schema_search_of_flags(&copy.how.search)?
    };
    let request =
        commands::make_request(vec![wanted], commands::requested_mode(&copy.how), &copy.how)?;
    let request = Request { search, ..request };
    let mut protected = Protected::default();
    if let Some(directory) = copy.schema.as_deref().and_then(schema_word::directory_of) {
        protected.add_schema(directory);
    }
    commands::perform_request(request, &copy.how, environment, &warnings, &Last::Nothing, protected)
}

/// What a database without a schema is called: its file's name, without what a flag could not hold.
fn name_of_file(source: &Path) -> String {
    let stem = source.file_stem().unwrap_or(source.as_os_str()).to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let name: String = stem.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if name.is_empty() { "database".to_owned() } else { name }
}

/// The command as it can be run again; a password in the URL is not repeated.
fn command_to_repeat(copy: &Copy) -> String {
    let source = shell_word(&copy.source.to_string_lossy());
    let target = shell_word(&mask::mask_url(&copy.target));
    format!("migrate copy --source {source} --target {target}")
}
