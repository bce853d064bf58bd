//! Integrity checks of files that run on threads of their own, beside what follows.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::diagnostic::threads::refused_thread_error;
use crate::diagnostic::{Error, Exit, Finding, Result};
use crate::sqlite::{Integrity, IntegrityCheck, Interruption, Trouble};
use crate::stop::Stop;
use crate::threads::spawn_thread;

/// How long to wait for a check before the next question whether a signal came.
const WAIT: Duration = Duration::from_millis(50);

/// The checks that have begun and not been waited for. Those that nobody waits for any more are
/// interrupted.
#[derive(Debug, Default)]
pub struct IntegrityChecks {
    running: Vec<RunningCheck>,
    findings_before: usize,
}

/// One file's check.
#[derive(Debug)]
struct RunningCheck {
    database: String,
    integrity: Integrity,
    interruption: Interruption,
    result: Receiver<CheckResult>,
}

/// What a check came to.
#[derive(Debug)]
pub struct CheckResult {
    /// What was found, damage last.
    pub findings: Vec<Finding>,
    /// Whether there is no damage.
    pub is_sound: bool,
}

/// What a check of a database's file came to.
#[derive(Debug)]
pub struct CheckedFile {
    /// The database.
    pub database: String,
    /// How far the check went.
    pub integrity: Integrity,
    /// What it came to.
    pub result: CheckResult,
}

impl Drop for IntegrityChecks {
    fn drop(&mut self) {
        self.running.iter().for_each(|check| check.interruption.interrupt());
    }
}

impl IntegrityChecks {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// How many findings the report had before the first began.
    pub fn findings_before(&self) -> usize {
        self.findings_before
    }

    /// Begins to check a database's file; the report has so many findings.
    ///
    /// # Errors
    /// When the system refuses a thread for it.
    pub fn start(&mut self, database: &str, check: IntegrityCheck, findings: usize) -> Result<()> {
        if self.running.is_empty() {
            self.findings_before = findings;
        }
        let (integrity, interruption) = (check.integrity(), Interruption::default());
        let interrupted = interruption.clone();
        let (send, result) = channel();
        let started = spawn_thread(move || {
            let mut findings = Vec::new();
            let checked = check.run(interrupted, &mut findings);
            // Nobody may wait any more: the run has ended then.
            let _ = send.send(CheckResult::new(checked, findings));
        });
        started.map_err(|error| refused_thread_error(Exit::Source, &error))?;
        let database = database.to_owned();
        self.running.push(RunningCheck { database, integrity, interruption, result });
        Ok(())
    }

    /// Waits for all of them.
    ///
    /// # Errors
    /// When a signal came.
    pub fn wait(mut self, stop: &Stop) -> Result<Vec<CheckedFile>> {
        let results: Result<Vec<CheckResult>> =
            self.running.iter().map(|check| check.wait(stop)).collect();
        let checked = self.running.drain(..).zip(results?).map(|(check, result)| CheckedFile {
            database: check.database,
            integrity: check.integrity,
            result,
        });
        Ok(checked.collect())
    }
}

impl RunningCheck {
    fn wait(&self, stop: &Stop) -> Result<CheckResult> {
        loop {
            match self.result.recv_timeout(WAIT) {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Timeout) => stop.fail_if_asked()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(Exit::Source, "checking the integrity broke off", ""));
                }
            }
        }
    }
}

impl CheckResult {
    /// Puts damage behind the other findings.
    pub fn new(
        checked: std::result::Result<(), Trouble>,
        mut findings: Vec<Finding>,
    ) -> CheckResult {
        let is_sound = checked.is_ok();
        findings.extend(checked.err().map(|damage| *damage));
        CheckResult { findings, is_sound }
    }
}
