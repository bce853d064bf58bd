//! What each command does with what was said.

use std::time::Instant;

use super::ending::{self, Ending};
use super::last::Last;
use super::{DryRun, Encrypt, How, Integrity, Search, outputs};
use crate::check::columns::Trial;
use crate::config;
use crate::config::secret::Form;
use crate::config::settings::variables_of_process;
use crate::diagnostic::console::{self, Console};
use crate::diagnostic::threads::hints_about_limits;
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::Protected;
use crate::load::hooks::Hooks;
use crate::migrate::{
    self, Context, Mode, Request, RequestedDatabase, RequestedRepairs, SchemaSearch,
};
use crate::postgres::connection::Environment;
use crate::repair;
use crate::report::{NextSteps, Outcome, RunFacts, Summary};
use crate::sqlite;
use crate::stop::Stop;

/// The mode that the flags ask for.
pub fn requested_mode(how: &How) -> Mode {
    match how.dry_run {
        _ if how.verify => Mode::Verify,
        _ if how.rehearse => Mode::Rehearse,
        Some(DryRun::Complete | DryRun::Quick) => Mode::DryRun,
        Some(DryRun::Off) | None => Mode::Migrate,
    }
}

/// How far files are checked for damage.
fn requested_integrity(how: &How) -> sqlite::Integrity {
    match how.integrity {
        Integrity::Quick => sqlite::Integrity::Quick,
        Integrity::Full => sqlite::Integrity::Full,
    }
}

/// What is asked for by the flags that all commands have.
pub fn make_request(databases: Vec<RequestedDatabase>, mode: Mode, how: &How) -> Result<Request> {
    Ok(Request {
        databases,
        mode,
        integrity: requested_integrity(how),
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
        repairs: requested_repairs(how)?,
        key: None,
    })
}

/// A zone of `--naive-zone` that the time zone database does not have.
pub fn unknown_zone_error(zone: &str) -> Error {
    let text = format!("--naive-zone: `{zone}` is not a time zone");
    let hint = "name UTC, or a zone of the IANA database such as Europe/Berlin";
    Error::new(Exit::Usage, text, hint)
}

/// What the flags say of a schema that has to be found.
pub fn schema_search_of_flags(flags: &Search) -> Result<SchemaSearch> {
    if let Some(zone) = &flags.naive_zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        return Err(unknown_zone_error(zone));
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
fn requested_repairs(how: &How) -> Result<RequestedRepairs> {
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
    let (quarantine, keys) = (how.quarantine.clone(), how.keys.clone());
    Ok(RequestedRepairs { asked, quarantine, keys, force: how.force })
}

/// Runs a request and tells how it ended.
pub fn perform_request(
    request: Request,
    how: &How,
    environment: Environment,
    warnings: &[Fault],
    last: &Last<'_>,
    protected: Protected,
) -> Result<Exit> {
    let (typed, begun) = (how.command_line.as_str(), Instant::now());
    let run = RunFacts::begin(typed.to_owned());
    let mut files = outputs::check_outputs(&request, how, &environment, protected)?;
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.print_warning(warning));
    let stop = Stop::listen_for_signals().map_err(|error| {
        let text = format!("cannot listen to signals: {error}");
        Error::new(Exit::Usage, text, hints_about_limits())
    })?;
    let ask = !how.yes;
    if ask && request.mode.loads() && !console.can_ask() {
        return Err(Error::new(
            Exit::Usage,
            "cannot ask for confirmation: standard input is not a terminal",
            "add `--yes` to run without confirmation",
        ));
    }
    let hooks = Hooks::from_environment(&stop, &console);
    let mut context = Context::new(environment, stop, console);
    (context.hooks, context.ask) = (hooks, ask);
    let report = &mut context.report;
    (report.mode, report.run, report.with_profile) = (mode_word(request.mode), run, how.profile);
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
    let next = match report.outcome {
        Some(Outcome::Migrated | Outcome::AlreadyThere) => {
            last.steps_after_success(environment, &mut console)
        }
        Some(Outcome::Clean) => {
            last.steps_after_dry_run(&ending::flags_of_real_run(&request), typed)
        }
        _ => NextSteps::default(),
    };
    let written = outputs::list_files(&report, &request, &files);
    let summary = Summary::of_report(&report, next, written);
    let ending = Ending { report: &report, summary: &summary, request: &request };
    ending.print(&last.command_to_paste(typed), &files);
    if stop.came_too_late() && matches!(report.outcome, Some(Outcome::Migrated)) {
        console.print_line("the signal came after COMMIT had been sent: everything is committed");
    }
    outputs::warn_of_missing_proposals(&report, &files, &mut console);
    console.print_json("result", || summary.to_json(&report));
    how.messages.print_server_messages(&report);
    outputs::end_report(&report, &mut files, &mut console);
    Ok(report.exit_status())
}

fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Migrate => "migrate",
        Mode::Rehearse => "rehearse",
        Mode::DryRun => "dry-run",
        Mode::Verify => "verify",
    }
}

/// `migrate encrypt-config-value`
pub fn encrypt_config_value(encrypt: &Encrypt) -> Result<Exit> {
    let variables = variables_of_process();
    let form = if encrypt.fips { Form::Fips } else { Form::Secretbox };
    let value = config::encrypt::read_value()?;
    let (file, mut out) = (&encrypt.file.config, Vec::new());
    let warnings = config::encrypt::encrypt_value(file, &variables, form, &value, &mut out)?;
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.print_warning(warning));
    console::print_result(out)
}
