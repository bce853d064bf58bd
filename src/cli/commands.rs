//! What each command does with what was said.

use std::time::Instant;

use super::last::Last;
use super::{DryRun, Encrypt, How, Integrity, Search, outputs};
use crate::check::columns::Trial;
use crate::config;
use crate::config::secret::Form;
use crate::config::settings::variables_of_process;
use crate::diagnostic::console::{self, Console};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::Protected;
use crate::load::hooks::Hooks;
use crate::migrate::{
    self, Context, Mode, Request, RequestedDatabase, RequestedRepairs, SchemaSearch,
};
use crate::postgres::connection::Environment;
use crate::repair;
use crate::report::{Outcome, Report, RunFacts};
use crate::sqlite;
use crate::stop::Stop;

/// The mode that the flags ask for.
pub fn mode(how: &How) -> Mode {
    match how.dry_run {
        _ if how.verify => Mode::Verify,
        _ if how.rehearse => Mode::Rehearse,
        Some(DryRun::Complete | DryRun::Quick) => Mode::DryRun,
        Some(DryRun::Off) | None => Mode::Migrate,
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
        trial: match how.dry_run {
            Some(DryRun::Quick) => Trial::Quick,
            _ => Trial::Complete,
        },
        check_first: how.check_first,
        drop_all: how.drop_all,
        replace_seed: how.replace_seed,
        accept_wal_loss: how.accept_wal_loss,
        blank_only: false,
        search: SchemaSearch::default(),
        accepted_histories: how.accept_migration_history.clone(),
        repairs: repairs(how)?,
        key: None,
    })
}

/// What the flags say of a schema that has to be found.
pub fn search(flags: &Search) -> Result<SchemaSearch> {
    if let Some(zone) = &flags.naive_zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        return Err(Error::new(
            Exit::Usage,
            format!("--naive-zone: `{zone}` is no time zone"),
            "name UTC, or a zone of the IANA database like Europe/Berlin",
        ));
    }
    Ok(SchemaSearch {
        directory: flags.save_schema.clone(),
        same: flags.same.clone(),
        ignored: flags.ignore.clone(),
        create_missing: flags.create_missing,
        naive_zone: flags.naive_zone.clone(),
        ..SchemaSearch::default()
    })
}

/// The repairs that the flags ask for; everything that is wrong with them is reported together.
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
    Error::from_faults(Exit::Usage, faults)?;
    // Where the keys go is known when the files of the report are.
    let quarantine = how.quarantine.clone();
    Ok(RequestedRepairs { asked, quarantine, keys: None, force: how.force })
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
    let (run, begun) = (RunFacts::begin(how.command_line.clone()), Instant::now());
    let mut files = outputs::check(&mut request, how, &environment, protected)?;
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.print_warning(warning));
    let stop = Stop::listen().map_err(|error| {
        Error::new(Exit::Usage, format!("signals cannot be listened to: {error}"), "")
    })?;
    let ask = !how.yes;
    if ask && request.mode.loads() && !console.can_ask() {
        return Err(Error::new(
            Exit::Usage,
            "cannot ask for confirmation: standard input is not a terminal",
            "add --yes to go on without it",
        ));
    }
    let hooks = Hooks::from_environment(&stop, &console);
    let mut context = Context::new(environment, stop, console);
    (context.hooks, context.ask) = (hooks, ask);
    let report = &mut context.report;
    (report.mode, report.run, report.with_profile) = (word(request.mode), run, how.profile);
    report.warnings.extend(warnings.iter().map(|warning| warning.text.clone()));
    // That it can be written is found out now, not when everything is committed; and a run that is
    // killed leaves a report that says "unfinished".
    outputs::begin_report(report, &mut files)?;
    let ended = migrate::run(&request, &mut context);
    context.console.end_steps();
    context.console.print_line("");
    let Context { stop, mut console, mut report, environment, .. } = context;
    report.outcome = Some(match ended {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(error),
    });
    report.run.end(begun.elapsed());
    let taken = files.iter().any(|file| file.output.is_standard_output());
    let next = match report.outcome {
        Some(Outcome::Migrated | Outcome::AlreadyThere) => last.text(environment, &mut console),
        Some(Outcome::Clean) => after_dry_run(&request),
        _ => String::new(),
    };
    tell(&report, &request, &next, taken);
    if stop.came_too_late() && matches!(report.outcome, Some(Outcome::Migrated)) {
        console.print_line("the signal came after COMMIT had been sent: everything is committed");
    }
    console.print_json("result", || report.result_json());
    how.messages.print(&report);
    outputs::end_report(&report, &mut files, &mut console);
    Ok(report.exit_status())
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Migrate => "migrate",
        Mode::Rehearse => "rehearse",
        Mode::DryRun => "dry-run",
        Mode::Verify => "verify",
    }
}

/// What follows a dry run that found nothing wrong.
fn after_dry_run(request: &Request) -> String {
    let repairs = &request.repairs;
    let needs_file = repairs.quarantine.is_none()
        && repairs.asked.iter().any(|asked| asked.action.quarantines_rows());
    let file = if needs_file { " and with --quarantine FILE" } else { "" };
    let yes = match Console::new().can_ask() {
        true => "",
        false => " and with --yes",
    };
    format!("\nnext: stop the application, and run the same command without --dry-run{yes}{file}\n")
}

/// The end of a run on the terminal: the summary on standard output, unless that is `taken` by the
/// report in JSON, with what is `next`; an error on standard error.
fn tell(report: &Report, request: &Request, next: &str, taken: bool) {
    let print_ending = match taken {
        true => |text: &str| console::print_error(text.trim_end_matches('\n')),
        false => console::print_ending,
    };
    match &report.outcome {
        Some(Outcome::Failed(error)) => {
            console::print_failure(error);
            if request.mode.loads() && error.exit != Exit::CommitUnknown {
                console::print_error(&format!("\n{}", after_failure(report, request.blank_only)));
            }
        }
        Some(Outcome::Declined) => print_ending("not confirmed; nothing was changed\n"),
        Some(_) => {
            let mut text = report.tables_text();
            text.push_str(&format!("{}\n", report.verdict()));
            text.push_str(next);
            print_ending(&text);
        }
        None => {}
    }
}

/// What a failed run leaves behind.
fn after_failure(report: &Report, is_late: bool) -> String {
    let committed: Vec<&str> = report
        .databases
        .iter()
        .filter(|database| database.committed)
        .map(|database| database.name.as_str())
        .collect();
    if committed.is_empty() && is_late {
        return "nothing was changed: Connect goes on on PostgreSQL as before".into();
    }
    if committed.is_empty() {
        return "nothing was changed: the application can be started on SQLite as before".into();
    }
    format!(
        "{} is in PostgreSQL, the rest is not; the SQLite files are as before: \
         run the same command again to finish",
        committed.join(" and ")
    )
}

/// `migrate encrypt-config-value`
pub fn encrypt(encrypt: &Encrypt) -> Result<Exit> {
    let variables = variables_of_process();
    let form = if encrypt.fips { Form::Fips } else { Form::Secretbox };
    let value = config::encrypt::read_value()?;
    let (file, mut out) = (&encrypt.file.config, Vec::new());
    let warnings = config::encrypt::encrypt_value(file, &variables, form, &value, &mut out)?;
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.print_warning(warning));
    console::print_result(out)
}
