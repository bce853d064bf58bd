//! What the threads of a run share of the output: the step in work, the line that stands on the
//! terminal, and what is written when.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use serde_json::{Value, json};

use super::clock::Clock;
use super::progress::{StepState, lock};
use super::step::Unit;
use super::{error_columns, json_lines, line, settings, write_text};
use crate::program_name::with_program_name;
use crate::text;

/// Steps that follow each other faster are not drawn by themselves: that would only flicker.
const FLICKER: Duration = Duration::from_millis(50);

/// How often a log says how far a step is.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How often a line of JSON says so.
const JSON_EVERY: Duration = Duration::from_secs(1);

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Not at all.
    Nothing,
    /// On one line of a terminal.
    Screen,
    /// As lines with their time.
    Log,
    /// As lines of JSON.
    Json,
}

/// What the threads of a run share of it.
pub struct Shared {
    /// How progress is shown.
    pub form: Form,
    /// Whether lines that stay are left out.
    pub is_quiet: bool,
    /// Whether not even warnings are shown.
    pub is_silent: bool,
    /// The clock of progress.
    pub clock: Clock,
    /// The step in work. What it says can be changed while the output waits for its reader.
    pub current: Mutex<Option<Arc<StepState>>>,
    /// What was written.
    pub output: Mutex<Output>,
    /// Whether the timer runs.
    pub is_ticking: AtomicBool,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Output {
    /// The line that stands on the terminal; empty where there is none.
    pub line: String,
    /// When progress was last shown.
    pub shown_at: Duration,
    /// Whether a question waits for its answer.
    pub is_asking: bool,
}

impl Shared {
    /// Shows the step in work, where it is time for that.
    pub fn tick(&self) {
        let Some(step) = lock(&self.current).clone() else { return };
        let now = self.clock.elapsed();
        let every = match self.form {
            Form::Nothing => return,
            Form::Screen => return self.draw(&step, now),
            Form::Log => HEARTBEAT,
            Form::Json => JSON_EVERY,
        };
        let mut output = lock(&self.output);
        // The rate is that of the last seconds, however rarely it is shown.
        let view = step.view(now);
        if output.is_asking || now.saturating_sub(output.shown_at) < every {
            return;
        }
        output.shown_at = now;
        let time = self.clock.timestamp();
        match self.form {
            Form::Json => {
                let members = json_lines::progress(&view);
                write_text(&json_lines::json_line("progress", &time, members), true);
            }
            _ => write_text(&format!("{time} {}", line::log_line(&view)), true),
        }
    }

    /// Draws the line of the terminal. Where another thread is about to, or waits for a terminal
    /// that takes no text, nothing is waited for.
    fn draw(&self, step: &StepState, now: Duration) {
        let mut output = match self.output.try_lock() {
            Ok(output) => output,
            Err(TryLockError::Poisoned(output)) => output.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if output.is_asking {
            return;
        }
        output.shown_at = now;
        let color = settings::settings().color;
        let line = line::screen_line(&step.view(now), error_columns(), color);
        if line != output.line {
            write_text(&format!("\r\x1b[K{line}"), false);
            output.line = line;
        }
    }

    /// Draws what has just begun, unless something was drawn a moment ago: then the timer does.
    pub fn draw_soon(&self) {
        if self.form != Form::Screen {
            return;
        }
        let now = self.clock.elapsed();
        let is_due = self.output.try_lock().is_ok_and(|output| {
            output.line.is_empty() || now.saturating_sub(output.shown_at) >= FLICKER
        });
        if is_due && let Some(step) = lock(&self.current).clone() {
            self.draw(&step, now);
        }
    }

    /// Writes a line that stays.
    pub fn print_line(&self, line: &str) {
        let mut output = lock(&self.output);
        match self.form {
            Form::Json if line.is_empty() => {}
            Form::Json => {
                let members = json!({"text": line});
                let time = self.clock.timestamp();
                write_text(&json_lines::json_line("message", &time, members), true);
            }
            _ => {
                let clear = output.take_clearing();
                let line = with_program_name(line);
                let line = settings::color_label(&text::escape(&line));
                write_text(&format!("{clear}{line}"), true);
            }
        }
    }

    /// Makes a step the one in work.
    pub fn show_step(&self, step: &Arc<StepState>) {
        let now = self.clock.elapsed();
        let before = lock(&self.current).replace(step.clone());
        match self.form {
            Form::Nothing => {}
            // A step of tables or statements is drawn with the first of them.
            Form::Screen if step.step.unit() != Unit::Nothing && !step.has_work() => {}
            Form::Screen => self.draw_soon(),
            Form::Log => {
                let mut output = lock(&self.output);
                output.shown_at = now;
                let (time, line) = (self.clock.timestamp(), line::begin_line(&step.view(now)));
                write_text(&format!("{time} {line}"), true);
            }
            Form::Json => {
                lock(&self.output).shown_at = now;
                if let Some(before) = before {
                    self.write_json("step-finished", json_lines::finished(&before.view(now)));
                }
                self.write_json("step-started", json_lines::started(&step.view(now)));
            }
        }
    }

    /// Writes a question; nothing is drawn until it is answered.
    pub fn print_question(&self, question: &str) {
        let mut output = lock(&self.output);
        output.is_asking = true;
        match self.form {
            Form::Json => self.write_json("question", json!({"text": question})),
            _ => {
                let clear = output.take_clearing();
                let question = with_program_name(question);
                write_text(&format!("{clear}{} ", text::escape(&question)), false);
            }
        }
    }

    /// Writes a line of JSON.
    pub fn write_json(&self, kind: &str, members: Value) {
        write_text(&json_lines::json_line(kind, &self.clock.timestamp(), members), true);
    }

    /// Takes the line off the terminal: no step is in work any more.
    pub fn end_steps(&self) {
        let before = lock(&self.current).take();
        match (self.form, before) {
            (Form::Json, Some(before)) => {
                let view = before.view(self.clock.elapsed());
                self.write_json("step-finished", json_lines::finished(&view));
            }
            (Form::Screen, _) => write_text(lock(&self.output).take_clearing(), false),
            _ => {}
        }
    }
}

impl Output {
    /// What clears the line that stands on the terminal.
    fn take_clearing(&mut self) -> &'static str {
        match std::mem::take(&mut self.line).is_empty() {
            true => "",
            false => "\r\x1b[K",
        }
    }
}
