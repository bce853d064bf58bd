//! Stopping on SIGINT and SIGTERM: the running statement is cancelled, everything is rolled back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::connection::Cancel;
use crate::error::{Error, Exit, Result};

/// How soon a statement is cancelled that began after the last time.
const AGAIN: Duration = Duration::from_millis(500);

/// Whether a signal asked the run to stop, and the sessions whose statements it cancels.
#[derive(Clone, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    sessions: Arc<Mutex<Vec<Cancel>>>,
}

impl Stop {
    /// Listens for signals from now on.
    ///
    /// # Errors
    /// When the system does not let a handler be installed.
    pub fn listen() -> io::Result<Stop> {
        let stop = Stop::default();
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let own = stop.clone();
        thread::spawn(move || {
            for signal in signals.forever() {
                if own.asked() {
                    // The person does not want to wait any longer; the server rolls back alone.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
                eprintln!("\nstopping and rolling back; a second signal ends at once");
                own.asked.store(true, Ordering::SeqCst);
                // On a thread of its own: a server that does not answer must not keep the second
                // signal waiting.
                let own = own.clone();
                thread::spawn(move || own.cancel());
            }
        });
        Ok(stop)
    }

    /// Asks the run to stop, as a signal does.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.cancel_once();
    }

    /// Cancels until the process ends: the first time may fall between two statements, and the
    /// second of them may be the building of a large index.
    fn cancel(&self) {
        loop {
            self.cancel_once();
            thread::sleep(AGAIN);
        }
    }

    fn cancel_once(&self) {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for session in sessions {
            // A session that cannot be reached is on its way out already.
            let _ = session.cancel();
        }
    }

    /// Has a session's statements cancelled when a stop is asked for.
    pub fn watch(&self, session: Cancel) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// Whether a stop was asked for.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Fails when a stop was asked for.
    ///
    /// # Errors
    /// [`Exit::Interrupted`].
    pub fn check(&self) -> Result<()> {
        if self.asked() { Err(interrupted()) } else { Ok(()) }
    }
}

/// The error of a run that a signal stopped.
pub fn interrupted() -> Error {
    Error::new(
        Exit::Interrupted,
        "stopped by a signal",
        "nothing was changed in PostgreSQL or in the SQLite files; run the same command again",
    )
}
