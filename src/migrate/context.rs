//! What surrounds a run: where it reads, prints, records and stops.

use std::time::{Duration, Instant};

use super::diagnostics::{Diagnostics, SHOWN_MOST, warnings_left_out};
use super::integrity_checks::IntegrityChecks;
use super::key_list::KeyList;
use crate::check::columns::Trial;
use crate::check::rows::LeftOut;
use crate::diagnostic::console::{Console, Progress, Step, Total};
use crate::diagnostic::{Exit, Fault, Finding, Result, Severity};
use crate::load::hooks::Hooks;
use crate::postgres::connection::Environment;
use crate::report::{Report, finding_json};
use crate::stop::Stop;

/// The first warning in whose place another one stands.
const FIRST_NOT_SHOWN: usize = SHOWN_MOST + 1;

/// What every step of a run takes. The caller owns it, so that the report survives a failure.
pub struct Context {
    /// Password files, home directory and the like.
    pub environment: Environment,
    /// Hooks of tests.
    pub hooks: Hooks,
    /// Whether a signal came.
    pub stop: Stop,
    /// Where progress and warnings are printed.
    pub console: Console,
    /// Whether to ask before anything is written.
    pub ask: bool,
    /// How far the server is asked about rows.
    pub(super) trial: Trial,
    /// How long the server was asked about rows.
    pub(super) asking: Duration,
    /// How long answers of a person were waited for.
    pub(super) answering: Duration,
    /// Everything that happened; it is filled on the way and says how far the run came.
    pub report: Report,
    /// The list of keys of affected rows.
    pub(super) keys: KeyList,
    /// What was found wrong so far.
    pub(super) diagnostics: Diagnostics,
    /// The integrity checks that run beside.
    pub(super) integrity_checks: IntegrityChecks,
}

impl Context {
    /// A context without hooks that asks nothing.
    pub fn new(environment: Environment, stop: Stop, console: Console) -> Context {
        Context {
            environment,
            hooks: Hooks::default(),
            stop,
            console,
            ask: false,
            trial: Trial::default(),
            asking: Duration::ZERO,
            answering: Duration::ZERO,
            report: Report::default(),
            keys: KeyList::default(),
            diagnostics: Diagnostics::default(),
            integrity_checks: IntegrityChecks::default(),
        }
    }

    /// Begins a step of which nothing but the time is known.
    pub(super) fn begin_step(&mut self, step: Step, subject: &str) -> Progress {
        self.console.begin_step(step, subject, Total::Unknown)
    }

    /// Prints a line that stays.
    pub(super) fn print_line(&mut self, line: &str) {
        self.console.print_line(line);
    }

    /// Reports a finding: prints a warning, collects an error under its exit code, and records any.
    pub(super) fn report_finding(&mut self, finding: Finding, exit: Exit) {
        match finding.severity {
            Severity::Error => self.diagnostics.add(exit, vec![finding.to_fault()]),
            Severity::Warning => self.show_warning(Some(&finding)),
            Severity::Note => {}
        }
        self.add_finding(finding);
    }

    /// Prints a warning about the source or rows, if not too many were printed; some are only
    /// counted.
    fn show_warning(&mut self, finding: Option<&Finding>) {
        match (self.diagnostics.number_warning(), finding) {
            (..=SHOWN_MOST, Some(finding)) => self.console.print_warning(&finding.to_fault()),
            (FIRST_NOT_SHOWN, _) => self.console.print_warning(&warnings_left_out()),
            _ => {}
        }
    }

    /// Counts findings about rows of which there are too many to be kept.
    pub(super) fn count_findings_left_out(&mut self, left_out: LeftOut) {
        self.diagnostics.count_left_out(Exit::Findings, left_out.errors);
        (0..left_out.warnings).for_each(|_| self.show_warning(None));
        self.report.findings_left_out += left_out.total();
    }

    /// Puts a finding into the report and, where lines of JSON are asked for, among these.
    fn add_finding(&mut self, finding: Finding) {
        self.console.print_json("finding", || finding_json(&finding));
        self.report.add_finding(finding);
    }

    /// Reports what is wrong with a server: collects it under the exit code, and records it.
    pub(super) fn report_fault(&mut self, fault: Fault, exit: Exit, database: &str) {
        self.record_fault(&fault, Severity::Error, database);
        self.diagnostics.add(exit, vec![fault]);
    }

    /// Prints and records a warning, once: core and instrumentation usually share a URL.
    pub(super) fn report_warning(&mut self, warning: Fault, database: &str) {
        self.record_fault(&warning, Severity::Warning, database);
        if self.diagnostics.is_first_warning(&warning) {
            self.console.print_warning(&warning);
            self.report.warnings.push(warning.full_text());
        }
    }

    /// Puts a fault that is a finding into the report, once.
    pub(super) fn record_fault(&mut self, fault: &Fault, severity: Severity, database: &str) {
        if fault.finding.is_none()
            && let Some(finding) = Finding::from_fault(fault, severity, database)
            && self.diagnostics.is_first_record(fault)
        {
            self.add_finding(finding);
        }
    }

    /// Asks for a line; nothing where nobody answers.
    ///
    /// # Errors
    /// When a signal came meanwhile.
    pub(super) fn ask_line(&mut self, question: &str) -> Result<Option<String>> {
        let begun = Instant::now();
        let answer = self.console.ask(question, &|| self.stop.is_asked());
        self.answering += begun.elapsed();
        self.stop.fail_if_asked()?;
        Ok(answer)
    }

    /// Asks a question that only a yes answers.
    ///
    /// # Errors
    /// When a signal came meanwhile.
    pub(super) fn ask_to_confirm(&mut self, question: &str) -> Result<bool> {
        let begun = Instant::now();
        let confirmed = self.console.confirm(question, &|| self.stop.is_asked());
        self.answering += begun.elapsed();
        self.stop.fail_if_asked()?;
        Ok(confirmed)
    }
}
