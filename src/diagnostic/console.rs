//! Talking to the person at the terminal: progress, warnings, the one question.
//!
//! Progress and everything else that is not the result goes to standard error; on a terminal the
//! current step stands on one line that is written over; elsewhere (a log) a step is a line only
//! when nothing was said for a while.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Error, Exit, Fault, Result};
use crate::program_name::with_program_name;
use crate::text;

/// How long a question waits before it looks whether a signal came.
const LOOK: Duration = Duration::from_millis(100);

/// How long a log stays silent before it says that something is still being done.
const SILENCE: Duration = Duration::from_secs(30);

/// How much of an answer is read, in bytes.
const ANSWER_BYTES_MOST: u64 = 1024;

/// Writes to standard output what a command was asked for. A reader that has gone away wanted no
/// more of it.
///
/// # Errors
/// With [`Exit::Usage`] when it cannot be written, to a full disk for instance.
pub fn print_result(text: impl AsRef<[u8]>) -> Result<Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let text = format!("standard output cannot be written: {error}");
            Err(Error::new(Exit::Usage, text, ""))
        }
        _ => Ok(Exit::Done),
    }
}

/// Writes to standard output how a run ended. That nobody reads it changes nothing about the end.
pub fn print_ending(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(with_program_name(text).as_bytes()).and_then(|()| out.flush());
}

/// Writes lines to standard error; line breaks are meant. Whether anybody reads them decides
/// nothing: a run must roll back and end with its own exit code all the same.
pub fn print_error(lines: &str) {
    let _ = writeln!(io::stderr(), "{}", text::escape_lines(&with_program_name(lines)));
}

/// The columns for text on standard output: those of its terminal, in reason; 80 elsewhere.
pub fn output_width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    columns.map_or(80, |columns| columns.clamp(40, 100))
}

/// Whether standard output is a terminal, which must not be sent what a name may hold.
pub fn output_is_terminal() -> bool {
    io::stdout().is_terminal()
}

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
    pub fn print_line(&mut self, line: &str) {
        if self.quiet {
            return;
        }
        self.said = Instant::now();
        let clear = if self.drawn.take().is_some() { "\r\x1b[K" } else { "" };
        let line = with_program_name(line);
        let _ = writeln!(io::stderr(), "{clear}{}", text::escape(&line));
    }

    /// What is being done now: written over by the next on a terminal.
    pub fn show_progress(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        if !self.terminal {
            if self.said.elapsed() >= SILENCE {
                self.print_line(&format!("still at it: {text}"));
            }
            return;
        }
        // Redrawing for each of hundreds of small steps would only flicker.
        if self.drawn.is_some_and(|at| at.elapsed() < Duration::from_millis(50)) {
            return;
        }
        self.drawn = Some(Instant::now());
        let _ = write!(io::stderr(), "\r\x1b[K{}", text::escape(text));
        let _ = io::stderr().flush();
    }

    /// A warning with its hint.
    pub fn print_warning(&mut self, fault: &Fault) {
        fault.terminal_lines("warning").into_text().lines().for_each(|line| self.print_line(line));
        fault.shown_hint().into_text().lines().for_each(|line| self.print_line(line));
    }

    /// Whether somebody is there to answer a question.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Asks a question that only `y` or `yes` answers; nobody at a terminal means no, and so does
    /// `stopped`: a read would go on waiting for the line's end after a signal.
    pub fn confirm(&mut self, question: &str, stopped: &dyn Fn() -> bool) -> bool {
        if !self.can_ask() {
            return false;
        }
        self.print_line("");
        let answer = self.ask(&format!("{question} [y/N]"), stopped);
        answer.is_some_and(|answer| means_yes(&answer))
    }

    /// Asks for a line: what was typed, without blanks around it. Nothing where nobody is at a
    /// terminal, or `stopped`.
    pub fn ask(&mut self, question: &str, stopped: &dyn Fn() -> bool) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        let clear = if self.drawn.take().is_some() { "\r\x1b[K" } else { "" };
        let mut error = io::stderr();
        // What was typed before the question stood there is no answer to it.
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
        let question = with_program_name(question);
        let _ = write!(error, "{clear}{} ", text::escape(&question));
        let _ = error.flush();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let mut answer = String::new();
            let read = io::stdin().lock().take(ANSWER_BYTES_MOST).read_line(&mut answer);
            let _ = send.send(read.map(|_| answer));
        });
        loop {
            match receive.recv_timeout(LOOK) {
                Ok(Ok(answer)) if !answer.is_empty() => return Some(answer.trim().to_owned()),
                Err(mpsc::RecvTimeoutError::Timeout) if !stopped() => {}
                _ => return None,
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
