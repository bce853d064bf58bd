//! What each command does with what was said.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::last::Last;
use super::{Data, Db, Encrypt, How, Integrity, copy, outputs};
use crate::config::secret::Form;
use crate::config::settings::variables_of_process;
use crate::config::{self, Config, Databases, Pair, Provider};
use crate::diagnostic::console::{self, Console};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::{Output, Protected, with_suffix};
use crate::load::hooks::Hooks;
use crate::migrate::{self, Context, Mode, Request, RequestedDatabase, RequestedRepairs};
use crate::postgres::connection::{self, Address, Environment};
use crate::repair;
use crate::report::{Outcome, Report};
use crate::schema;
use crate::sqlite;
use crate::stop::Stop;
use crate::text::Lines;

/// `migrate db`
pub fn db(db: &Db) -> Result<Exit> {
    let config = config::load(&db.file.config, &variables_of_process(), databases_of(db.data))?;
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
    let protected = outputs::inputs_of_db(&config, db);
    let last = Last::Connect(&config);
    perform(request, &db.how, environment, &config.warnings, &last, protected)
}

/// The databases that the flag asks for.
fn databases_of(data: Option<Data>) -> Databases {
    match data {
        None => Databases::BOTH,
        Some(Data::Core) => Databases::CORE,
        Some(Data::Instrumentation) => Databases::INSTRUMENTATION,
    }
}

/// What Connect's server is called as a process.
const SERVERS: &[&str] = &["connect", "rstudio-connect"];

fn wanted(
    config: &Config,
    data: Option<Data>,
    directory: Option<&Path>,
    environment: &Environment,
) -> Result<Vec<RequestedDatabase>> {
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
            Ok(address) => wanted.push(RequestedDatabase {
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
    let address = Address::read(&pair.url_source, url, password.as_ref(), environment)?;
    Ok(Address { password_setting: pair.password_setting, ..address })
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
fn integrity(how: &How) -> sqlite::Integrity {
    match how.integrity {
        Integrity::Quick => sqlite::Integrity::Quick,
        Integrity::Full => sqlite::Integrity::Full,
    }
}

/// What is asked for by the flags that all commands have.
pub fn request(databases: Vec<RequestedDatabase>, mode: Mode, how: &How) -> Result<Request> {
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
fn repairs(how: &How) -> Result<RequestedRepairs> {
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
    let keys = how.report.as_ref().map(|report| with_suffix(report, ".keys.jsonl"));
    Ok(RequestedRepairs { asked, quarantine: how.quarantine.clone(), keys, force: how.force })
}

/// Runs a request and tells how it ended.
pub fn perform(
    mut request: Request,
    how: &How,
    environment: Environment,
    warnings: &[Fault],
    last: &Last<'_>,
    protected: Protected,
) -> Result<Exit> {
    let mut file = outputs::check(&mut request, how, &environment, protected)?;
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
    let mut context = Context::new(environment, stop, console);
    (context.hooks, context.ask) = (hooks, ask);
    let report = &mut context.report;
    report.mode = word(request.mode);
    report.warnings.extend(warnings.iter().map(|warning| warning.text.clone()));
    // That it can be written is found out now, not when everything is committed; and a run that is
    // killed leaves a report that says "unfinished".
    outputs::begin_report(report, how, file.as_mut())?;
    let ended = migrate::run(&request, &mut context);
    context.console.info("");
    let Context { stop, mut console, mut report, .. } = context;
    report.outcome = Some(match ended {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(error),
    });
    let taken = file.as_ref().is_some_and(Output::is_standard_output);
    tell(&report, request.mode, last, taken);
    if stop.came_too_late() && matches!(report.outcome, Some(Outcome::Migrated)) {
        console.info("the signal came after COMMIT had been sent: everything is committed");
    }
    how.messages.print(&report);
    outputs::end_report(&report, how, file.as_mut(), &mut console);
    Ok(report.exit())
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Migrate => "migrate",
        Mode::DryRun => "dry-run",
        Mode::Verify => "verify",
    }
}

/// The end of a run on the terminal: the summary on standard output, unless that is `taken` by the
/// report in JSON; an error on standard error.
fn tell(report: &Report, mode: Mode, last: &Last<'_>, taken: bool) {
    let print_ending = match taken {
        true => |text: &str| console::print_error(text.trim_end_matches('\n')),
        false => console::print_ending,
    };
    match &report.outcome {
        Some(Outcome::Failed(error)) => {
            console::print_error(&error.to_string());
            if mode == Mode::Migrate && error.exit != Exit::CommitUnknown {
                console::print_error(&format!("\n{}", after_failure(report)));
            }
        }
        Some(Outcome::Declined) => print_ending("not confirmed; nothing was changed\n"),
        Some(outcome) => {
            let mut text = report.text();
            text.push_str(&format!("{}\n", verdict(outcome, report.repairs.is_empty())));
            if let Outcome::Migrated | Outcome::AlreadyThere = outcome {
                text.push_str(&last.to_string());
            }
            print_ending(&text);
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
    let printed = console::print(text);
    verdict?;
    printed?;
    let config = config::load(file, &variables, Databases::BOTH)?;
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
    console::print(format!("\nthe configuration can be used ({next})\n"))
}

/// `migrate encrypt-config-value`
pub fn encrypt(encrypt: &Encrypt) -> Result<Exit> {
    let variables = variables_of_process();
    let form = if encrypt.fips { Form::Fips } else { Form::Secretbox };
    let value = config::encrypt::read_value()?;
    let (file, mut out) = (&encrypt.file.config, Vec::new());
    let warnings = config::encrypt::encrypt_value(file, &variables, form, &value, &mut out)?;
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.warn(warning));
    console::print(out)
}

/// `migrate --version`
pub fn version() -> Result<Exit> {
    let mut out = Lines::default();
    out.line(concat!("migrate ", env!("CARGO_PKG_VERSION")));
    for schema in schema::SCHEMAS {
        let versions: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        out.line(format!("{}: {}", schema.name, versions.join(", ")));
    }
    out.line(format!("SQLite {}", rusqlite::version()));
    console::print(out.into_text())
}

/// `migrate man`
pub fn man() -> Result<Exit> {
    let unwritable = |error| Error::new(Exit::Usage, format!("the manual page: {error}"), "");
    console::print(manual().map_err(unwritable)?)
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
