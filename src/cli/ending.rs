//! What a run prints at its end: the summary, or why it failed, and what that means.

use super::last;
use crate::diagnostic::console::{self, Console};
use crate::diagnostic::{Error, Exit, Finding, Severity};
use crate::migrate::{Mode, Request};
use crate::report::{Outcome, Report, ReportFile, Summary};
use crate::text::count_with_noun;

/// A run that has ended.
pub struct Ending<'r> {
    /// What happened.
    pub report: &'r Report,
    /// The same as facts for people.
    pub summary: &'r Summary<'r>,
    /// What was asked for.
    pub request: &'r Request,
}

impl Ending<'_> {
    /// Prints it: the summary on standard output, unless a report among `files` has taken that; a
    /// failure on standard error. `command` is that of the run, where it can be pasted.
    pub fn print(&self, command: &str, files: &[ReportFile]) {
        if let Some(Outcome::Failed(error)) = &self.report.outcome {
            return self.print_failure(error, command);
        }
        if files.iter().any(|file| file.output.is_standard_output()) {
            let width = console::error_is_terminal().then(console::output_width);
            console::print_error(self.summary.to_text(width).trim_end_matches('\n'));
        } else {
            let width = console::output_is_terminal().then(console::output_width);
            console::print_ending(&self.summary.to_text(width));
        }
    }

    fn print_failure(&self, error: &Error, command: &str) {
        let Ending { report, request, .. } = self;
        let heading = describe_refusal(error, report, request.mode);
        console::print_failure(&heading, error);
        let hint = hint_about_keys(report, request, command);
        let files = self.summary.files_text();
        for text in hint.into_iter().chain((!files.is_empty()).then_some(files)) {
            console::print_error(&format!("\n{}", text.trim_end_matches('\n')));
        }
        if request.mode.loads() && error.exit != Exit::CommitUnknown {
            let is_printed = !heading.is_empty() && !report.any_committed();
            let after = after_failure(report, request.blank_only, is_printed);
            console::print_error(&format!("\n{after}"));
        }
    }
}

/// The flags that the real run needs beside those of a dry run.
pub fn flags_of_real_run(request: &Request) -> Vec<&'static str> {
    let repairs = &request.repairs;
    let needs_file = repairs.quarantine.is_none()
        && repairs.asked.iter().any(|asked| asked.action.quarantines_rows());
    let yes = (!Console::new().can_ask()).then_some("--yes");
    yes.into_iter().chain(needs_file.then_some(last::QUARANTINE)).collect()
}

/// How to see all rows, where findings name only some of them.
fn hint_about_keys(report: &Report, request: &Request, command: &str) -> Option<String> {
    let is_cut = |finding: &Finding| {
        let is_shown = finding.severity != Severity::Note && !finding.examples.is_empty();
        is_shown && finding.count > finding.examples.len() as u64
    };
    let is_listed = request.repairs.keys.is_some() || request.mode == Mode::Verify;
    if is_listed || !report.findings.iter().any(is_cut) {
        return None;
    }
    Some(match command {
        "" => "hint: write the keys of all rows to a file: add `--keys FILE`".to_owned(),
        command => format!("hint: write the keys of all rows to a file:\n  {command} --keys FILE"),
    })
}

/// The first line of a refusal: how many problems there are, and what that means for PostgreSQL.
/// Empty where the error says it all.
fn describe_refusal(error: &Error, report: &Report, mode: Mode) -> String {
    let is_refusal = matches!(error.exit, Exit::Findings | Exit::Source | Exit::Target);
    let (problems, reported) = error.count_problems();
    let is_one = problems == 1 && reported == 0 && error.exit != Exit::Findings;
    if !is_refusal || is_one || mode == Mode::Verify {
        return String::new();
    }
    let tables = match error.count_tables() {
        Some(tables) => format!(" in {}", count_with_noun(tables, "table")),
        None => String::new(),
    };
    let above = match reported {
        0 => String::new(),
        all if all == problems => ", reported above before rows were read".to_owned(),
        reported => format!(", {reported} of them reported above before rows were read"),
    };
    let state = match mode {
        _ if report.any_committed() => "",
        Mode::DryRun => ": nothing was written",
        _ => ": nothing was changed",
    };
    format!("{}{tables}{above}{state}.", count_with_noun(problems, "problem"))
}

/// What a failed run leaves behind; whether it `is_printed` already that nothing was changed.
fn after_failure(report: &Report, is_late: bool, is_printed: bool) -> String {
    let committed: Vec<&str> = report
        .databases
        .iter()
        .filter(|database| database.committed)
        .map(|database| database.name.as_str())
        .collect();
    if !committed.is_empty() {
        return format!(
            "{} is in PostgreSQL, the rest is not; the SQLite files are unchanged: run the same \
             command again to finish",
            committed.join(" and ")
        );
    }
    let state = if is_printed { "" } else { "nothing was changed: " };
    match is_late {
        true => format!("{state}Connect continues on PostgreSQL as before"),
        false => format!("{state}the application can be started on SQLite as before"),
    }
}
