//! Talking to the person at the terminal: progress, warnings, the one question.
//!
//! Progress and everything else that is not the result goes to standard error; on a terminal the
//! current step stands on one line that is written over; elsewhere (a log) a step is a line only
//! when nothing was said for a while.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Fault;
use crate::stop::Stop;

/// How long a question waits before it looks whether a signal came.
const LOOK: Duration = Duration::from_millis(100);

/// How long a log stays silent before it says that something is still being done.
const SILENCE: Duration = Duration::from_secs(30);

/// How much of an answer is read, in bytes.
const ANSWER_BYTES_MOST: u64 = 1024;

/// Where a run speaks.
pub struct Console {
    terminal: bool,
    quiet: bool,
    drawn: Option<Instant>,
    said: Instant,
}

impl Console {
    /// The process's own standard error.
    pub fn new() -> Console {
        Console {
            terminal: io::stderr().is_terminal(),
            quiet: false,
            drawn: None,
            said: Instant::now(),
        }
    }

    /// One that says nothing, for tests and for use as a library.
    pub fn silent() -> Console {
        Console { terminal: false, quiet: true, drawn: None, said: Instant::now() }
    }

    /// A line that stays.
    pub fn say(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        self.said = Instant::now();
        let clear = if self.drawn.take().is_some() { "\r\x1b[K" } else { "" };
        let _ = writeln!(io::stderr(), "{clear}{text}");
    }

    /// What is being done now: written over by the next on a terminal.
    pub fn doing(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        if !self.terminal {
            if self.said.elapsed() >= SILENCE {
                self.say(&format!("still at it: {text}"));
            }
            return;
        }
        // Redrawing for each of hundreds of small steps would only flicker.
        if self.drawn.is_some_and(|at| at.elapsed() < Duration::from_millis(50)) {
            return;
        }
        self.drawn = Some(Instant::now());
        let _ = write!(io::stderr(), "\r\x1b[K{text}");
        let _ = io::stderr().flush();
    }

    /// A warning with its hint.
    pub fn warn(&mut self, fault: &Fault) {
        self.say(&format!("warning: {}", fault.said()));
        if !fault.hint.is_empty() {
            self.say(&format!("hint: {}", fault.hint));
        }
    }

    /// Whether somebody is there to answer a question.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Asks a question that only `y` or `yes` answers; nobody at a terminal means no, and so does
    /// a signal: a read would go on waiting for the line's end.
    pub fn confirm(&mut self, question: &str, stop: &Stop) -> bool {
        if !self.can_ask() {
            return false;
        }
        self.say("");
        let mut error = io::stderr();
        let _ = write!(error, "{question} [y/N] ");
        let _ = error.flush();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let mut answer = String::new();
            let read = io::stdin().lock().take(ANSWER_BYTES_MOST).read_line(&mut answer);
            let _ = send.send(read.map(|_| answer));
        });
        loop {
            match receive.recv_timeout(LOOK) {
                Ok(answer) => return answer.is_ok_and(|answer| means_yes(&answer)),
                Err(mpsc::RecvTimeoutError::Timeout) if !stop.asked() => {}
                Err(_) => return false,
            }
        }
    }
}

fn means_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

impl Default for Console {
    fn default() -> Console {
        Console::new()
    }
}
