//! What each command does with what was said.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::last::Last;
use super::{Data, Db, Encrypt, How, Integrity, copy};
use crate::config::secret::Form;
use crate::config::settings::variables_of_process;
use crate::config::{self, Config, Pair, Provider};
use crate::connection::{self, Address, Environment};
use crate::console::Console;
use crate::error::{Error, Exit, Fault, Result};
use crate::event::Hooks;
use crate::repair;
use crate::report::{Outcome, Report};
use crate::run::{self, Mode, Repairs, Request, Wanted, World};
use crate::schema;
use crate::source;
use crate::stop::Stop;

/// `migrate db`
pub fn db(db: &Db) -> Result<Exit> {
    let config = config::load(&db.file.config, &variables_of_process())?;
    let mode = mode(&db.how);
    if config.provider == Provider::Postgres && mode != Mode::Verify {
        return Err(Error::new(
            Exit::Usage,
            format!("{} is postgres already: Connect runs on PostgreSQL", config.provider_place()),
            "nothing is left to migrate; to compare both sides run: migrate db --verify",
        ));
    }
    let environment = Environment::of_process();
    let databases = wanted(&config, db.data, db.schema.as_deref(), &environment)?;
    let request = request(databases, mode, &db.how)?;
    perform(&request, &db.how, environment, &config.warnings, &Last::Connect(&config))
}

/// What Connect's server is called as a process.
const SERVERS: &[&str] = &["connect", "rstudio-connect"];

fn wanted(
    config: &Config,
    data: Option<Data>,
    directory: Option<&Path>,
    environment: &Environment,
) -> Result<Vec<Wanted>> {
    let all = [
        (Data::Core, "core", "connect/core", &config.core),
        (
            Data::Instrumentation,
            "instrumentation",
            "connect/instrumentation",
            &config.instrumentation,
        ),
    ];
    let mut wanted = Vec::new();
    let mut faults = Vec::new();
    for (which, name, schema, pair) in all {
        if data.is_some_and(|data| data != which) {
            continue;
        }
        let Some(built_in) = schema::built_in(schema) else { continue };
        let schema = match directory.map(|root| directory_of(root, name, data)).transpose()? {
            Some(Some(directory)) => copy::read(&directory)?,
            _ => *built_in,
        };
        match address(pair, environment) {
            Ok(address) => wanted.push(Wanted {
                name: name.to_owned(),
                schema,
                version: None,
                source: pair.sqlite.clone(),
                configured: true,
                application: SERVERS,
                address,
            }),
            Err(error) => faults.extend(
                error
                    .faults
                    .into_iter()
                    .filter(|fault| !faults.contains(fault))
                    .collect::<Vec<_>>(),
            ),
        }
    }
    Error::all(Exit::Usage, faults)?;
    Ok(wanted)
}

/// Where the schema files of a database are below what `--schema` names; nothing where they are not
/// there and the built-in ones count.
fn directory_of(root: &Path, name: &str, data: Option<Data>) -> Result<Option<PathBuf>> {
    let is = |path: &Path| path.join("database.toml").is_file();
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
    let (text, hint) = match is(root) {
        true => (
            format!("--schema: {} is one database's schema; which one's?", root.display()),
            "add --data core or --data instrumentation",
        ),
        false => (
            format!("--schema: {} has no schema files", root.display()),
            "it should hold core/database.toml, instrumentation/database.toml, or both",
        ),
    };
    Err(Error::new(Exit::Usage, text, hint))
}

fn address(pair: &Pair, environment: &Environment) -> Result<Address> {
    let password = pair.password.as_ref().and_then(|password| password.expose_text());
    let password = password.map(connection::Secret::new);
    let url = pair.url.expose_text().unwrap_or_default();
    Address::read(&pair.url_source, url, password.as_ref(), environment)
}

/// The mode that the flags ask for.
pub fn mode(how: &How) -> Mode {
    match (how.verify, how.dry_run) {
        (true, _) => Mode::Verify,
        (_, true) => Mode::DryRun,
        _ => Mode::Migrate,
    }
}

/// How far files are checked for damage.
fn integrity(how: &How) -> source::Integrity {
    match how.integrity {
        Integrity::Quick => source::Integrity::Quick,
        Integrity::Full => source::Integrity::Full,
    }
}

/// What is asked for by the flags that all commands have.
pub fn request(databases: Vec<Wanted>, mode: Mode, how: &How) -> Result<Request> {
    Ok(Request {
        databases,
        mode,
        integrity: integrity(how),
        drop_all: how.drop_all,
        replace_seed: how.replace_seed,
        accepted_histories: how.accept_migration_history.clone(),
        repairs: repairs(how)?,
    })
}

/// The repairs that the flags ask for; everything that is wrong with them is told together.
fn repairs(how: &How) -> Result<Repairs> {
    let mut faults = Vec::new();
    let mut asked = Vec::new();
    if let Some(file) = &how.repairs {
        asked.extend(repair::read_file(file, &mut faults));
    }
    for flag in &how.repair {
        match repair::read_flag(flag) {
            Ok(one) => asked.push(one),
            Err(fault) => faults.push(fault),
        }
    }
    Error::all(Exit::Usage, faults)?;
    let keys = how.report.as_ref().map(|report| {
        let mut name = report.as_os_str().to_owned();
        name.push(".keys.jsonl");
        name.into()
    });
    Ok(Repairs { asked, quarantine: how.quarantine.clone(), keys })
}

/// Runs a request and tells how it ended.
pub fn perform(
    request: &Request,
    how: &How,
    environment: Environment,
    warnings: &[Fault],
    last: &Last<'_>,
) -> Result<Exit> {
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.warn(warning));
    let stop = Stop::listen().map_err(|error| {
        Error::new(Exit::Usage, format!("signals cannot be listened to: {error}"), "")
    })?;
    let ask = !how.yes;
    if ask && request.mode == Mode::Migrate && !console.can_ask() {
        return Err(Error::new(
            Exit::Usage,
            "nobody is at a terminal to answer the question before writing",
            "add --yes to go on without it",
        ));
    }
    let hooks = Hooks::from_environment(&stop);
    let mut world = World { environment, hooks, stop, console, ask };
    let mut report = Report { mode: word(request.mode), ..Report::default() };
    report.warnings.extend(warnings.iter().map(|warning| warning.text.clone()));
    if let Some(file) = &how.report {
        // That it can be written is found out now, not when everything is committed; and a run
        // that is killed leaves a report that says "unfinished".
        report.write(file)?;
    }
    let ended = run::run(request, &mut world, &mut report);
    world.console.say("");
    report.outcome = Some(match ended {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(error),
    });
    tell(&report, request.mode, last);
    if let Some(file) = &how.report
        && let Err(error) = report.write(file)
    {
        // How the run ended is what counts.
        eprintln!("{error}");
    }
    Ok(report.exit())
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Migrate => "migrate",
        Mode::DryRun => "dry-run",
        Mode::Verify => "verify",
    }
}

/// The end of a run on the terminal: the report on standard output, an error on standard error.
fn tell(report: &Report, mode: Mode, last: &Last<'_>) {
    let mut out = io::stdout().lock();
    match &report.outcome {
        Some(Outcome::Failed(error)) => {
            let _ = writeln!(io::stderr(), "{error}");
            if mode == Mode::Migrate && error.exit != Exit::CommitUnknown {
                let _ = writeln!(io::stderr(), "\n{}", after_failure(report));
            }
        }
        Some(Outcome::Declined) => {
            let _ = writeln!(out, "not confirmed; nothing was changed");
        }
        Some(outcome) => {
            let _ = write!(out, "{}", report.text());
            let _ = writeln!(out, "{}", verdict(outcome, report.repairs.is_empty()));
            if let Outcome::Migrated | Outcome::AlreadyThere = outcome {
                let _ = write!(out, "{last}");
            }
        }
        None => {}
    }
}

/// What a failed run leaves behind.
fn after_failure(report: &Report) -> String {
    let committed: Vec<&str> = report
        .databases
        .iter()
        .filter(|database| database.committed)
        .map(|database| database.name.as_str())
        .collect();
    if committed.is_empty() {
        return "nothing was changed: the application can be started on SQLite as before".into();
    }
    format!(
        "{} is in PostgreSQL, the rest is not; the SQLite files are as before: \
         run the same command again to finish",
        committed.join(" and ")
    )
}

/// The last word; with repairs a comparison is of what they make of the files.
fn verdict(outcome: &Outcome, plain: bool) -> String {
    let held = match plain {
        true => "exactly what the SQLite files hold",
        false => "what the SQLite files hold with these repairs",
    };
    match outcome {
        Outcome::Migrated => "done: everything was copied, verified and committed".to_owned(),
        Outcome::AlreadyThere => {
            format!("done before: PostgreSQL already holds {held}; nothing was changed")
        }
        Outcome::Clean => "clean: every row fits; nothing was written".to_owned(),
        Outcome::Same => format!("verified: PostgreSQL holds {held}"),
        Outcome::Declined | Outcome::Failed(_) => String::new(),
    }
}

/// `migrate check-config`
pub fn check_config(file: &Path) -> Result<Exit> {
    let variables = variables_of_process();
    let (text, verdict) = config::check::check(file, &variables);
    let _ = write!(io::stdout(), "{text}");
    verdict?;
    let config = config::load(file, &variables)?;
    // Only a run connects, but whether the URLs can be read is to be known before the downtime.
    let databases = wanted(&config, None, None, &Environment::of_process())?;
    let mut console = Console::new();
    let warnings = databases.iter().flat_map(|database| &database.address.warnings);
    let mut told = Vec::new();
    for warning in warnings {
        if !told.contains(&warning) {
            console.warn(warning);
            told.push(warning);
        }
    }
    let next = match config.provider {
        Provider::Sqlite => "nothing was connected to; next: migrate db --dry-run",
        Provider::Postgres => "Provider is postgres: Connect is on PostgreSQL already",
    };
    let _ = writeln!(io::stdout(), "\nthe configuration can be used ({next})");
    Ok(Exit::Done)
}

/// `migrate encrypt-config-value`
pub fn encrypt(encrypt: &Encrypt) -> Result<Exit> {
    let variables = variables_of_process();
    let form = if encrypt.fips { Form::Fips } else { Form::Secretbox };
    let value = config::encrypt::read_value()?;
    let (file, mut out) = (&encrypt.file.config, io::stdout());
    let warnings = config::encrypt::encrypt_value(file, &variables, form, &value, &mut out)?;
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.warn(warning));
    Ok(Exit::Done)
}

/// `migrate --version`
pub fn version() -> Result<Exit> {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "migrate {}", env!("CARGO_PKG_VERSION"));
    for schema in schema::SCHEMAS {
        let versions: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        let _ = writeln!(out, "{}: {}", schema.name, versions.join(", "));
    }
    let _ = writeln!(out, "SQLite {}", rusqlite::version());
    Ok(Exit::Done)
}

/// `migrate man`
pub fn man() -> Result<Exit> {
    let page = manual().map_err(unwritable)?;
    io::stdout().write_all(&page).map_err(unwritable)?;
    Ok(Exit::Done)
}

fn unwritable(error: io::Error) -> Error {
    Error::new(Exit::Usage, format!("standard output: {error}"), "")
}

/// One page with the flags of every command; the generator makes one of each command.
fn manual() -> io::Result<Vec<u8>> {
    let definition = super::definition();
    let mut page = Vec::new();
    let whole = clap_mangen::Man::new(definition.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    for command in definition.get_subcommands() {
        writeln!(page, ".SH migrate {}", command.get_name())?;
        let man = clap_mangen::Man::new(command.clone());
        let mut part = Vec::new();
        man.render_description_section(&mut part)?;
        man.render_options_section(&mut part)?;
        man.render_extra_section(&mut part)?;
        let part = String::from_utf8_lossy(&part).replace(".SH DESCRIPTION\n", "");
        let part = part.replace(".SH OPTIONS", ".SS Flags").replace(".SH EXTRA", ".SS Notes");
        page.extend_from_slice(part.as_bytes());
        page.push(b'\n');
    }
    let mut end = Vec::new();
    whole.render_extra_section(&mut end)?;
    let end = String::from_utf8_lossy(&end).replace(".SH EXTRA", ".SH NOTES");
    page.extend_from_slice(end.as_bytes());
    page.push(b'\n');
    Ok(page)
}
