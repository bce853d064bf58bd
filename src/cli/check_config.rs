//! `check-config`: whether a configuration can be used, and what comes next.

use super::db::{SAVED_NAME, Wanted, config_flag, databases_of_flag, key_of, missing_file_hint};
use super::{CheckConfig, Data};
use crate::config::settings::variables_of_process;
use crate::config::{self, Provider};
use crate::diagnostic::console::{self, Console};
use crate::diagnostic::{Exit, Result};
use crate::migrate::{self, Context, Mode, Request, RequestedDatabase, SchemaSearch};
use crate::postgres::connection::Environment;
use crate::program_name::with_program_name;
use crate::stop::Stop;
use crate::text;

/// `migrate check-config`
pub fn check_config(check: &CheckConfig) -> Result<Exit> {
    let file = check.file.config.as_path();
    let variables = variables_of_process();
    let (text, verdict) =
        config::check::check_config(file, &variables, databases_of_flag(check.data));
    let printed = console::print_result(text);
    verdict?;
    printed?;
    let config = config::load_config(file, &variables, databases_of_flag(check.data))?;
    // Only a run connects, but whether the URLs can be read is to be known before the downtime.
    let wanted = Wanted { config: &config, data: check.data, directory: None };
    let mut databases = wanted.requested(&Environment::from_process())?;
    let core = format!("migrate db --dry-run --data core{}", config_flag(file));
    for database in &mut databases {
        database.missing_file_hint = missing_file_hint(&config, &core, &database.source);
    }
    let mut warnings = config.warnings.len() + print_url_warnings(&databases);
    let is_on_sqlite = config.provider == Provider::Sqlite;
    // Without usage history there is core to move.
    let is_core_alone = check.data.is_none()
        && is_on_sqlite
        && config.core.sqlite.exists()
        && !config.instrumentation.sqlite.exists();
    let data = if is_core_alone { Some(Data::Core) } else { check.data };
    if is_core_alone {
        databases.truncate(1);
    }
    let missing = match is_on_sqlite {
        true => describe_missing_sources(&databases),
        false => None,
    };
    let next = match is_on_sqlite {
        true => {
            let data = data.map(|data| format!(" --data {}", data.name())).unwrap_or_default();
            format!("next: migrate db --dry-run{data}{}", config_flag(file))
        }
        false => "Provider is postgres: Connect is on PostgreSQL already".to_owned(),
    };
    let next = text::escape(&next);
    let request = Request { key: key_of(file), ..Request::new(databases, Mode::DryRun) };
    let done = match check.connect {
        true => {
            check_connections(request, !is_on_sqlite)?;
            "PostgreSQL can be reached"
        }
        false => {
            warnings += try_key(request)?;
            "no connection to PostgreSQL was made"
        }
    };
    let text = match (missing, warnings) {
        (Some(missing), _) => format!("the configuration can be read; {done}\n{missing}\n"),
        (None, 0) => format!("the configuration can be used; {done}\n{next}\n"),
        (None, count) => {
            let count = text::count_with_noun(count as u64, "warning");
            format!("the configuration can be used; read the {count} above first; {done}\n{next}\n")
        }
    };
    let history = match is_core_alone {
        true => {
            "there is no SQLite file of instrumentation, so only core can be migrated; if this \
             server has a usage history, find that file first: it cannot be added after Connect \
             has written to PostgreSQL\n"
        }
        false => "",
    };
    let text = format!("\n{history}{text}");
    console::print_result(&*with_program_name(&text))
}

/// Prints each warning about a URL once, and says how many there were.
fn print_url_warnings(databases: &[RequestedDatabase]) -> usize {
    let mut console = Console::new();
    let mut reported = Vec::new();
    for warning in databases.iter().flat_map(|database| &database.address.warnings) {
        if !reported.contains(&warning) {
            console.print_warning(warning);
            reported.push(warning);
        }
    }
    reported.len()
}

/// What is said where SQLite files are not there: nothing can be moved then.
fn describe_missing_sources(databases: &[RequestedDatabase]) -> Option<String> {
    let missing = databases.iter().filter(|database| !database.source.exists());
    let names: Vec<&str> = missing.map(|database| database.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "but the SQLite file of {} does not exist:\ncheck SQLite.Dir and Server.DataDir",
            names.join(" and ")
        )
    })
}

/// Tries the key on values of the files that are there; how many warnings were printed.
fn try_key(mut request: Request) -> Result<usize> {
    if request.key.is_none() {
        return Ok(0);
    }
    request.databases.retain(|database| database.source.is_file());
    let mut context =
        Context::new(Environment::from_process(), Stop::default(), Console::without_log());
    migrate::try_key(&request, &mut context)?;
    Ok(context.report.count_warnings())
}

/// Reaches both servers and checks what a run needs there; `is_late` where Connect is on PostgreSQL
/// already.
fn check_connections(request: Request, is_late: bool) -> Result<()> {
    let search = SchemaSearch {
        name: SAVED_NAME.to_owned(),
        has_directory_each: true,
        reads_no_rows: true,
        ..SchemaSearch::default()
    };
    let request = Request { search, blank_only: is_late, ..request };
    let mut context =
        Context::new(Environment::from_process(), Stop::default(), Console::without_log());
    migrate::check_connections(&request, &mut context)
}
