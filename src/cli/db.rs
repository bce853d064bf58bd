//! The commands that go by Connect's configuration: `db` and `check-config`.

use std::path::{Path, PathBuf};

use super::commands::{make_request, perform_request, requested_mode, schema_search_of_flags};
use super::last::{Last, Left};
use super::{CONFIG, Data, Db, outputs, schema_word};
use crate::config::settings::variables_of_process;
use crate::config::{self, Config, Databases, Pair, Provider};
use crate::diagnostic::{Error, Exit, Fault, Hint, Hints, Result};
use crate::migrate::{
    ChosenSchema, KeyTrial, Mode, Request, RequestedDatabase, RequestedSchema, SchemaSearch,
};
use crate::postgres::connection::{self, Address, Environment};
use crate::schema;
use crate::text::shell_word;

/// `migrate db`
pub fn run(db: &Db) -> Result<Exit> {
    let config =
        config::load_config(&db.file.config, &variables_of_process(), databases_of_flag(db.data))?;
    let mode = requested_mode(&db.how);
    let is_late = config.provider == Provider::Postgres && mode != Mode::Verify;
    if is_late {
        refuse_run_after_switch(&config, db)?;
    }
    let environment = Environment::from_process();
    let wanted = Wanted { config: &config, data: db.data, directory: db.schema.as_deref() };
    let mut databases = wanted.requested(&environment)?;
    for database in &mut databases {
        let how = match mode {
            Mode::DryRun => " --dry-run",
            Mode::Rehearse => " --rehearse",
            Mode::Verify => " --verify",
            Mode::Migrate => "",
        };
        let core = command_of(db, &format!(" --data core{how}"), Some(Data::Core));
        database.missing_file_hint = missing_file_hint(&config, &core, &database.source);
        if config.provider == Provider::Postgres {
            database.load_hint = match database.name == Data::Instrumentation.name() {
                true => {
                    Hint::with_line("migrate it:", command_for_database(db, Data::Instrumentation))
                        .into()
                }
                false => "check the URL: Connect runs on PostgreSQL, and the SQLite file is no \
                          longer migrated"
                    .into(),
            };
        }
    }
    let other = db.data.map(|data| match data {
        Data::Core => config.instrumentation.sqlite.clone(),
        Data::Instrumentation => config.core.sqlite.clone(),
    });
    let search = SchemaSearch { other_source: other, ..search_of(db)? };
    // After the switch a comparison comes too late for it.
    let key = if mode == Mode::Verify { None } else { key_of(&db.file.config) };
    let request =
        Request { blank_only: is_late, search, key, ..make_request(databases, mode, &db.how)? };
    let mut warnings = config.warnings.clone();
    if is_late {
        let text =
            "Connect runs on PostgreSQL: usage history is loaded only into tables without rows";
        let hint = Hint::with_line("stop Connect first:", "sudo systemctl stop rstudio-connect");
        let hints = if mode.loads() { hint.into() } else { Hints::default() };
        warnings.push(Fault::new(text, hints));
    }
    let protected = outputs::inputs_of_db(&config, db);
    let left = find_unmoved_database(&config, db, &environment);
    perform_request(
        request,
        &db.how,
        environment,
        &warnings,
        &Last::Connect(&config, left),
        protected,
    )
}

/// The key that the configuration names, if it can be read, to be tried on encrypted values. What
/// needs a key says itself why it has none.
pub(super) fn key_of(config: &Path) -> Option<Box<dyn KeyTrial>> {
    let (key, _) = config::survey::read_key(config, &variables_of_process()).ok()?;
    Some(Box::new(key))
}

/// What may be done once Connect runs on PostgreSQL: usage history that an older release left in
/// SQLite can follow.
fn refuse_run_after_switch(config: &Config, db: &Db) -> Result<()> {
    let is_postgres = format!("{} is postgres already", config.provider_place());
    if db.data != Some(Data::Instrumentation) {
        let text = format!(
            "{is_postgres}: Connect runs on PostgreSQL, and what Connect has written to PostgreSQL \
             since would be lost or mixed with the old rows"
        );
        let verify = format!("migrate db --verify{}", config_flag(&db.file.config));
        let hints = [
            Hint::with_line("compare SQLite and PostgreSQL:", verify),
            Hint::with_line(
                "move usage history that is still in SQLite into tables without rows:",
                command_for_database(db, Data::Instrumentation),
            ),
        ];
        return Err(Error::new(Exit::Usage, text, hints));
    }
    let flags = [("--drop-all", db.how.drop_all), ("--replace-seed", db.how.replace_seed)];
    let faults = flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| {
        let text =
            format!("{flag}: {is_postgres}, and nothing that Connect has written is replaced");
        let hint = format!("leave out `{flag}`: usage history is loaded into tables without rows");
        Fault::new(text, hint)
    });
    Error::from_faults(Exit::Usage, faults.collect())
}

/// What the directory of Connect's saved schemas is called.
pub(super) const SAVED_NAME: &str = "connect";

/// How the schema is found where none is given.
fn search_of(db: &Db) -> Result<SchemaSearch> {
    let mut command = "migrate db".to_owned();
    if let Some(data) = db.data {
        command += &format!(" --data {}", data.name());
    }
    command += &config_flag(&db.file.config);
    Ok(SchemaSearch {
        name: SAVED_NAME.to_owned(),
        has_directory_each: true,
        command,
        ..schema_search_of_flags(&db.how.search)?
    })
}

/// The databases that the flag asks for.
pub(super) fn databases_of_flag(data: Option<Data>) -> Databases {
    match data {
        None => Databases::BOTH,
        Some(Data::Core) => Databases::CORE,
        Some(Data::Instrumentation) => Databases::INSTRUMENTATION,
    }
}

/// The command that moves one database by the same configuration.
fn command_for_database(db: &Db, which: Data) -> String {
    command_of(db, &format!(" --data {}", which.name()), Some(which))
}

/// The command with these words, by the same configuration and schema; of both databases where
/// none is named.
fn command_of(db: &Db, more: &str, which: Option<Data>) -> String {
    let mut words = format!("migrate db{more}{}", config_flag(&db.file.config));
    if let Some(root) = &db.schema
        && which.is_none_or(|which| has_schema(&root.join(which.name())))
    {
        words += &format!(" --schema {}", shell_word(&root.to_string_lossy()));
    }
    if let Some(saved) = &db.how.search.save_schema {
        words += &format!(" --save-schema {}", shell_word(&saved.to_string_lossy()));
    }
    words
}

/// The flag of a configuration that is not in its usual place, with a blank before it.
pub(super) fn config_flag(file: &Path) -> String {
    match file == Path::new(CONFIG) {
        true => String::new(),
        false => format!(" --config {}", shell_word(&file.to_string_lossy())),
    }
}

/// The command that does without a file that is missing; empty where nothing better is known than
/// to check the path. Servers without usage history have no file for it.
pub(super) fn missing_file_hint(config: &Config, core: &str, source: &Path) -> String {
    let is_usage = source == config.instrumentation.sqlite;
    if !is_usage || !config.core.sqlite.exists() {
        return String::new();
    }
    core.to_owned()
}

/// What a run of one database leaves to another one.
fn find_unmoved_database(config: &Config, db: &Db, environment: &Environment) -> Option<Left> {
    let (which, pair) = match db.data? {
        Data::Core => (Data::Instrumentation, &config.instrumentation),
        Data::Instrumentation => (Data::Core, &config.core),
    };
    if which == Data::Instrumentation && matches!(pair.sqlite.try_exists(), Ok(false)) {
        return Some(Left::NoHistory(pair.sqlite.clone()));
    }
    let directory = db.schema.as_deref().filter(|root| has_schema(&root.join(which.name())));
    let databases = Wanted { config, data: Some(which), directory }.requested(environment);
    let databases = databases.ok().filter(|_| !pair.url.is_empty());
    let search = SchemaSearch { reads_no_rows: true, ..search_of(db).ok()? };
    let request = databases
        .map(|databases| Box::new(Request { search, ..Request::new(databases, Mode::Verify) }));
    let comparison = command_of(db, " --verify", None);
    Some(Left::Database {
        name: which.name(),
        request,
        command: command_for_database(db, which),
        comparison,
    })
}

/// What Connect's server is called as a process.
const SERVERS: &[&str] = &["connect", "rstudio-connect"];

/// Databases of a configuration that are wanted, with the directory of their schema files.
pub struct Wanted<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// One of them alone.
    pub data: Option<Data>,
    /// What `--schema` names.
    pub directory: Option<&'a Path>,
}

impl Wanted<'_> {
    /// The databases, as a run takes them.
    ///
    /// # Errors
    /// Everything that is wrong with their URLs and schema files.
    pub fn requested(&self, environment: &Environment) -> Result<Vec<RequestedDatabase>> {
        let Wanted { config, data, directory } = *self;
        let all = [
            (Data::Core, "connect/core", &config.core),
            (Data::Instrumentation, "connect/instrumentation", &config.instrumentation),
        ];
        let mut wanted = Vec::new();
        let mut faults: Vec<Fault> = Vec::new();
        for (which, schema, pair) in all {
            if data.is_some_and(|data| data != which) {
                continue;
            }
            let name = which.name();
            let Some(built_in) = schema::built_in(schema).copied() else { continue };
            let given = |schema| RequestedSchema::Given(ChosenSchema { schema, version: None });
            let schema = match directory.map(|root| directory_of(root, name, data)).transpose()? {
                Some(Some(directory)) => given(schema_word::read_schema_directory(&directory)?),
                Some(None) => given(built_in),
                None => RequestedSchema::Find { built_in: Some(built_in) },
            };
            match address_of_pair(pair, environment) {
                Ok(address) => wanted.push(RequestedDatabase {
                    name: name.to_owned(),
                    schema,
                    source: pair.sqlite.clone(),
                    missing_file_hint: String::new(),
                    load_hint: Hints::default(),
                    configured: true,
                    application: SERVERS,
                    address,
                }),
                Err(error) => {
                    let new = error.faults.into_iter().filter(|fault| !faults.contains(fault));
                    let new: Vec<Fault> = new.collect();
                    faults.extend(new);
                }
            }
        }
        Error::from_faults(Exit::Usage, faults)?;
        Ok(wanted)
    }
}

/// Whether a directory has the schema files of a database.
fn has_schema(directory: &Path) -> bool {
    directory.join("database.toml").is_file()
}

/// Where the schema files of a database are below what `--schema` names; nothing where they are not
/// there and the built-in ones count.
fn directory_of(root: &Path, name: &str, data: Option<Data>) -> Result<Option<PathBuf>> {
    let is = has_schema;
    let below = root.join(name);
    if is(&below) {
        return Ok(Some(below));
    }
    let named = root.file_name().is_some_and(|last| last == name);
    if is(root) && (data.is_some() || named) {
        return Ok(Some(root.to_owned()));
    }
    if ["core", "instrumentation"].iter().any(|name| is(&root.join(name))) {
        return Ok(None);
    }
    let (text, hints): (String, &[&str]) = match is(root) {
        true => (
            format!("--schema: {} is the schema of one of two databases", root.display()),
            &["add `--data core`", "add `--data instrumentation`"],
        ),
        false => (
            format!("--schema: {} has no schema files", root.display()),
            &["name a directory with core/database.toml or instrumentation/database.toml"],
        ),
    };
    Err(Error::new(Exit::Usage, text, hints))
}

fn address_of_pair(pair: &Pair, environment: &Environment) -> Result<Address> {
    let password = pair.password.as_ref().and_then(|password| password.expose_text());
    let password = password.map(connection::Secret::new);
    let url = pair.url.expose_text().unwrap_or_default();
    let address = Address::parse_setting(&pair.url_source, url, password.as_ref(), environment)?;
    Ok(Address { password_setting: Some(pair.password_setting), ..address })
}
