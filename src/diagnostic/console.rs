//! Talking to the person at the terminal: progress, warnings, the one question.
//!
//! Progress and everything else that is not the result goes to standard error, in one of three
//! forms. On a terminal the step in work stands on one line, which a timer draws anew; elsewhere (a
//! log) each step has a line with its time, and a step that lasts has one more every 30 seconds;
//! with `--log-format json` everything is a line of JSON.
//!
//! Nothing but this file writes to the standard streams, and what fails to be written decides
//! nothing: a run must roll back and end with its own exit code though nobody reads.

mod clock;
mod handles;
mod json_lines;
mod line;
mod progress;
mod settings;
mod shared;
mod step;

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Error, Exit, Fault, Result};
use crate::program_name::with_program_name;
use crate::text;
use crate::threads::spawn_thread;
use clock::Clock;
use progress::{StepState, lock_mutex};
use shared::{Form, Shared};

pub use handles::{Progress, Timer, WorkItem};
pub use json_lines::{KINDS, VERSION};
pub use settings::{Color, Settings, has_color, set_settings};
pub use step::{Amount, Step, Total, Unit};

/// How long a question waits before it looks whether a signal came.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// How often the line of a terminal is drawn.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// Text is broken for so many columns at least.
const COLUMNS_LEAST: usize = 40;

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
            let text = format!("cannot write to standard output: {error}");
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
    if settings::current_settings().json {
        let time = Clock::start().timestamp();
        write_text(&json_lines::json_line("message", &time, json!({"text": lines.trim()})), true);
        return;
    }
    let fit = |line| settings::color_label(&fit_to_terminal(line));
    let lines: Vec<String> = lines.split('\n').map(fit).collect();
    write_text(&lines.join("\n"), true);
}

/// A line for standard error: at a terminal it is broken at blanks to fit its width. What is
/// indented is to be pasted, and is left as it is.
fn fit_to_terminal(line: &str) -> String {
    let named = with_program_name(line);
    let line = text::escape(&named);
    match error_is_terminal() && !line.starts_with("  ") {
        true => text::wrap_message(&line, error_columns().max(COLUMNS_LEAST), 2),
        false => line.into_owned(),
    }
}

/// Writes the end of a run or a command that failed to standard error; `heading` stands before it.
pub fn print_failure(heading: &str, error: &Error) {
    if !settings::current_settings().json {
        let blank = if heading.is_empty() { "" } else { "\n\n" };
        return print_error(format!("{heading}{blank}{error}").trim_end_matches('\n'));
    }
    if !heading.is_empty() {
        print_error(heading);
    }
    let time = Clock::start().timestamp();
    for fault in &error.faults {
        write_text(&json_lines::json_line("error", &time, json_lines::fault_line(fault)), true);
    }
}

/// Writes to standard error in one piece.
fn write_text(text: &str, ends_line: bool) {
    let end = if ends_line { "\n" } else { "" };
    let mut error = io::stderr().lock();
    let _ = error.write_all(format!("{text}{end}").as_bytes()).and_then(|()| error.flush());
}

/// The columns of standard error's terminal, as they are now.
fn error_columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok();
    size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(80)
}

/// Whether standard error is a terminal.
pub fn error_is_terminal() -> bool {
    io::stderr().is_terminal()
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
    shared: Arc<Shared>,
}

impl Console {
    /// The process's own standard error, in the form that was decided.
    pub fn new() -> Console {
        let decided = settings::current_settings();
        let form = match (decided.json, decided.quiet) {
            (true, _) => Form::Json,
            (false, true) => Form::Nothing,
            (false, false) if error_is_terminal() && !settings::is_dumb_terminal() => Form::Screen,
            (false, false) => Form::Log,
        };
        Console::with_form(form, decided.quiet, false)
    }

    /// One that shows progress at a terminal, and nothing of it elsewhere: for commands that are no
    /// run.
    pub fn without_log() -> Console {
        let console = Console::new();
        match console.shared.form {
            Form::Log => Console::with_form(Form::Nothing, console.shared.is_quiet, false),
            _ => console,
        }
    }

    /// One that says nothing, for tests and for use as a library.
    pub fn silent() -> Console {
        Console::with_form(Form::Nothing, true, true)
    }

    fn with_form(form: Form, is_quiet: bool, is_silent: bool) -> Console {
        let shared = Shared {
            form,
            is_quiet,
            is_silent,
            clock: Clock::start(),
            current: Mutex::default(),
            output: Mutex::default(),
            is_ticking: AtomicBool::new(false),
        };
        Console { shared: Arc::new(shared) }
    }

    /// Its clock.
    pub fn timer(&self) -> Timer {
        Timer { shared: self.shared.clone() }
    }

    /// A line that stays. At a terminal it is broken at blanks; see [`fit_to_terminal`].
    pub fn print_line(&mut self, line: &str) {
        if self.shared.is_quiet {
            return;
        }
        match self.shared.form == Form::Screen && !line.is_empty() {
            true => fit_to_terminal(line).lines().for_each(|line| self.shared.print_line(line)),
            false => self.shared.print_line(line),
        }
    }

    /// A line of an error that does not end the run at once. Lines of JSON have all errors at the
    /// end.
    pub fn print_error_line(&mut self, line: &str) {
        if !self.shared.is_silent && self.shared.form != Form::Json {
            fit_to_terminal(line).lines().for_each(|line| self.shared.print_line(line));
        }
    }

    /// Begins a step: from now on it is the one that is shown.
    pub fn begin_step(&mut self, step: Step, subject: &str, amount: impl Into<Amount>) -> Progress {
        let progress = self.prepare_step(step, subject, amount);
        self.show_step(&progress);
        progress
    }

    /// A step that runs beside the one that is shown.
    pub fn prepare_step(
        &mut self,
        step: Step,
        subject: &str,
        amount: impl Into<Amount>,
    ) -> Progress {
        let now = self.shared.clock.elapsed();
        let state = Arc::new(StepState::begin(step, subject, amount.into(), now));
        Progress { shared: self.shared.clone(), state }
    }

    /// Shows a step from now on.
    pub fn show_step(&mut self, progress: &Progress) {
        self.shared.show_step(&progress.state);
        self.start_ticking();
    }

    /// Ends the last step; nothing of it is left on the terminal.
    pub fn end_steps(&mut self) {
        self.shared.end_steps();
    }

    /// Starts the timer that shows progress, once. It ends with the console.
    fn start_ticking(&self) {
        let is_needed = self.shared.form != Form::Nothing && !self.shared.clock.is_stopped();
        if !is_needed || self.shared.is_ticking.swap(true, Ordering::SeqCst) {
            return;
        }
        let shared = Arc::downgrade(&self.shared);
        // Without a thread for it, progress is shown where a step begins.
        let _ = spawn_thread(move || {
            loop {
                thread::sleep(DRAW_EVERY);
                let Some(shared) = shared.upgrade() else { return };
                if shared.clock.is_stopped() {
                    return;
                }
                shared.tick();
            }
        });
    }

    /// A warning with its hint.
    pub fn print_warning(&mut self, fault: &Fault) {
        if self.shared.is_silent {
            return;
        }
        if self.shared.form == Form::Json {
            return self.shared.write_json("warning", json_lines::fault_line(fault));
        }
        let mut lines = fault.terminal_lines("warning");
        lines.append_lines(fault.shown_hints());
        for line in lines.into_text().lines() {
            fit_to_terminal(line).lines().for_each(|line| self.shared.print_line(line));
        }
    }

    /// The line of JSON of a kind, where that is the form of the output.
    pub fn print_json(&mut self, kind: &str, members: impl FnOnce() -> Value) {
        if self.shared.form == Form::Json {
            self.shared.write_json(kind, members());
        }
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
        self.shared.print_line("");
        let answer = self.ask(&format!("{question} [y/N]"), stopped);
        answer.is_some_and(|answer| means_yes(&answer))
    }

    /// Asks for a line: what was typed, without blanks around it. Nothing where nobody is at a
    /// terminal, or `stopped`.
    pub fn ask(&mut self, question: &str, stopped: &dyn Fn() -> bool) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        // What was typed before the question stood there is no answer to it.
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
        self.shared.print_question(question);
        let answer = wait_for_answer(stopped);
        lock_mutex(&self.shared.output).is_asking = false;
        answer
    }
}

/// Reads a line, unless it is `stopped` before.
fn wait_for_answer(stopped: &dyn Fn() -> bool) -> Option<String> {
    let (send, receive) = mpsc::channel();
    let reading = spawn_thread(move || {
        let mut answer = String::new();
        let read = io::stdin().lock().take(ANSWER_BYTES_MOST).read_line(&mut answer);
        let _ = send.send(read.map(|_| answer));
    });
    reading.ok()?;
    loop {
        match receive.recv_timeout(STOP_CHECK_INTERVAL) {
            Ok(Ok(answer)) if !answer.is_empty() => return Some(answer.trim().to_owned()),
            Err(mpsc::RecvTimeoutError::Timeout) if !stopped() => {}
            _ => return None,
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

impl Drop for Console {
    fn drop(&mut self) {
        self.end_steps();
    }
}
