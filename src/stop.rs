//! Stopping on SIGINT, SIGTERM and SIGHUP: the running statement is cancelled, everything is
//! rolled back. Once COMMIT was sent there is nothing to roll back, and the run goes on to its end.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::diagnostic::{Error, Exit, Result, console};
use crate::files::read_text_file;
use crate::threads::spawn_thread;

/// How soon a statement is cancelled that began after the last time.
const AGAIN: Duration = Duration::from_millis(500);

/// Cancels the running statement of one session. That a session cannot be reached is no error: it
/// is about to end then.
pub type Cancellation = Arc<dyn Fn() + Send + Sync>;

/// How far a run has come, as a signal sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Everything can still be rolled back.
    #[default]
    Open,
    /// A COMMIT was sent.
    CommitSent,
    /// The last COMMIT was answered.
    Committed,
}

/// Whether a signal asked the run to stop, and the sessions whose statements it cancels.
#[derive(Clone, Default)]
pub struct Stop {
    /// Set by the signal handler itself, before anything that could fail or wait.
    signalled: Arc<AtomicBool>,
    stage: Arc<Mutex<Stage>>,
    sessions: Arc<Mutex<Vec<Cancellation>>>,
}

impl Stop {
    /// Listens for signals from now on. A signal that this process was started to ignore, as
    /// `nohup` does with SIGHUP, stays ignored.
    ///
    /// # Errors
    /// When the system does not let a handler be installed, or refuses a thread.
    pub fn listen_for_signals() -> io::Result<Stop> {
        let stop = Stop::default();
        let ignored = ignored_signals();
        let wanted = [SIGINT, SIGTERM, SIGHUP];
        let wanted: Vec<i32> =
            wanted.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0).collect();
        for signal in &wanted {
            signal_hook::flag::register(*signal, stop.signalled.clone())?;
        }
        let mut signals = Signals::new(&wanted)?;
        let own = stop.clone();
        spawn_thread(move || {
            let mut first = true;
            for signal in signals.forever() {
                if !first {
                    // The person does not want to wait any longer; the server rolls back alone.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
                first = false;
                own.obey_first_signal();
            }
        })?;
        Ok(stop)
    }

    /// Does what the first signal calls for. A terminal that takes no text and a server that does
    /// not answer must not keep the second signal waiting, so each has a thread of its own.
    fn obey_first_signal(&self) {
        let text = match self.current_stage() {
            Stage::Open => {
                let own = self.clone();
                if spawn_thread(move || own.cancel_repeatedly()).is_err() {
                    self.cancel_statements();
                }
                "\nstopping and rolling back; a second signal exits immediately"
            }
            Stage::CommitSent => {
                "\nCOMMIT has been sent and cannot be undone; waiting for its outcome \
                 (a second signal exits immediately and leaves it unknown)"
            }
            Stage::Committed => "\neverything is committed already; finishing",
        };
        let _ = spawn_thread(move || console::print_error(text));
    }

    fn current_stage(&self) -> Stage {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancels until the process ends: the first time may fall between two statements, and the
    /// second of them may be the building of a large index.
    fn cancel_repeatedly(&self) {
        while self.current_stage() == Stage::Open {
            self.cancel_statements();
            thread::sleep(AGAIN);
        }
    }

    fn cancel_statements(&self) {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for session in sessions {
            session();
        }
    }

    /// Has a session's statements cancelled when a stop is asked for.
    pub fn add_session(&self, session: Cancellation) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// Whether a stop was asked for that can still be obeyed.
    pub fn is_asked(&self) -> bool {
        self.signalled.load(Ordering::SeqCst) && self.current_stage() == Stage::Open
    }

    /// Whether a signal came that was too late: a COMMIT had been sent.
    pub fn came_too_late(&self) -> bool {
        self.signalled.load(Ordering::SeqCst) && self.current_stage() != Stage::Open
    }

    /// Whether a signal has come at all.
    pub fn has_signal_come(&self) -> bool {
        self.signalled.load(Ordering::SeqCst)
    }

    /// Fails when a stop was asked for.
    ///
    /// # Errors
    /// [`Exit::Interrupted`].
    pub fn fail_if_asked(&self) -> Result<()> {
        if self.is_asked() { Err(interrupted_error()) } else { Ok(()) }
    }

    /// Takes the step after which a signal no longer rolls back; the next statement is COMMIT.
    ///
    /// # Errors
    /// [`Exit::Interrupted`] when a signal came first; COMMIT must not be sent then.
    pub fn begin_commit(&self) -> Result<()> {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Open && self.signalled.load(Ordering::SeqCst) {
            return Err(interrupted_error());
        }
        *stage = Stage::CommitSent;
        Ok(())
    }

    /// Notes that every COMMIT was answered with success.
    pub fn end_commit(&self) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Committed;
    }
}

/// The signals that this process ignores since it was started, a bit each (`SigIgn` of proc(5)).
fn ignored_signals() -> u64 {
    let status = read_text_file(Path::new("/proc/self/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// The error of a run that a signal stopped.
pub fn interrupted_error() -> Error {
    Error::new(
        Exit::Interrupted,
        "stopped by a signal",
        "run the command again: nothing was changed in PostgreSQL or in the SQLite files",
    )
}
