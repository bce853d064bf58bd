//! What surrounds a run: where it reads, prints, records and stops.

use super::diagnostics::Diagnostics;
use crate::diagnostic::console::Console;
use crate::diagnostic::{Fault, Result};
use crate::load::hooks::Hooks;
use crate::postgres::connection::Environment;
use crate::report::Report;
use crate::stop::Stop;

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
    /// Everything that happened; it is filled on the way and says how far the run came.
    pub report: Report,
    /// What was found wrong so far.
    pub(super) diagnostics: Diagnostics,
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
            report: Report::default(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Shows what is being done now.
    pub(super) fn progress(&mut self, text: &str) {
        self.console.progress(text);
    }

    /// Prints a line that stays.
    pub(super) fn info(&mut self, line: &str) {
        self.console.info(line);
    }

    /// Prints a warning with its hint.
    pub(super) fn warn(&mut self, fault: &Fault) {
        self.console.warn(fault);
    }

    /// Asks a question that only a yes answers.
    ///
    /// # Errors
    /// When a signal came meanwhile.
    pub(super) fn confirm(&mut self, question: &str) -> Result<bool> {
        let confirmed = self.console.confirm(question, &|| self.stop.asked());
        self.stop.check()?;
        Ok(confirmed)
    }
}
