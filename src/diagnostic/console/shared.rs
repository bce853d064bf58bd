//! What the threads of a run share of the output: the step in work, the line that stands on the
//! terminal, and what is written when.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use serde_json::{Value, json};

use super::clock::Clock;
use super::progress::{StepState, lock_mutex};
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
        let Some(step) = lock_mutex(&self.current).clone() else { return };
        let now = self.clock.elapsed();
        let every = match self.form {
            Form::Nothing => return,
            Form::Screen => return self.draw(&step, now),
            Form::Log => HEARTBEAT,
            Form::Json => JSON_EVERY,
        };
        let mut output = lock_mutex(&self.output);
        // The rate is that of the last seconds, however rarely it is shown.
        let view = step.view(now);
        let is_due = now.saturating_sub(output.shown_at) >= every;
        if output.is_asking || !is_due || !self.is_current(&step) {
            return;
        }
        output.shown_at = now;
        let time = self.clock.timestamp();
        match self.form {
            Form::Json => {
                let members = json_lines::progress_line(&view);
                write_text(&json_lines::json_line("progress", &time, members), true);
            }
            _ => write_text(&format!("{time} {}", line::log_line(&view)), true),
        }
    }

    /// Draws the line of the terminal. Where another thread is about to, or waits for a terminal
    /// that takes no text, nothing is waited for.
    fn draw(&self, step: &Arc<StepState>, now: Duration) {
        let mut output = match self.output.try_lock() {
            Ok(output) => output,
            Err(TryLockError::Poisoned(output)) => output.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        // A step that has ended meanwhile would stay on the terminal.
        if output.is_asking || !self.is_current(step) {
            return;
        }
        output.shown_at = now;
        let color = settings::current_settings().color;
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
        // Its lock must not be held while drawing, which asks for the step in work again.
        let step = lock_mutex(&self.current).clone().filter(|_| is_due);
        step.iter().for_each(|step| self.draw(step, now));
    }

    /// Writes a line that stays.
    pub fn print_line(&self, line: &str) {
        let mut output = lock_mutex(&self.output);
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
        if matches!(self.form, Form::Nothing | Form::Screen) {
            lock_mutex(&self.current).replace(step.clone());
            // A step of tables or statements is drawn with the first of them.
            if step.step.unit() == Unit::Nothing || step.has_work() {
                self.draw_soon();
            }
            return;
        }
        // Nothing is said of the new step before its beginning.
        let mut output = lock_mutex(&self.output);
        let before = lock_mutex(&self.current).replace(step.clone());
        let now = self.clock.elapsed();
        output.shown_at = now;
        if self.form == Form::Log {
            let (time, line) = (self.clock.timestamp(), line::begin_line(&step.view(now)));
            return write_text(&format!("{time} {line}"), true);
        }
        if let Some(before) = before {
            self.write_json("step-finished", json_lines::finished_line(&before.view(now)));
        }
        self.write_json("step-started", json_lines::started_line(&step.view(now)));
    }

    /// Whether a step is still the one in work; asked by who has the output.
    fn is_current(&self, step: &Arc<StepState>) -> bool {
        lock_mutex(&self.current).as_ref().is_some_and(|current| Arc::ptr_eq(current, step))
    }

    /// Writes a question; nothing is drawn until it is answered.
    pub fn print_question(&self, question: &str) {
        let mut output = lock_mutex(&self.output);
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
        let before = lock_mutex(&self.current).take();
        let mut output = lock_mutex(&self.output);
        match (self.form, before) {
            (Form::Json, Some(before)) => {
                let view = before.view(self.clock.elapsed());
                self.write_json("step-finished", json_lines::finished_line(&view));
            }
            (Form::Screen, _) => write_text(output.take_clearing(), false),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::console::step::{Amount, Step};

    #[test]
    fn a_step_that_has_ended_is_not_drawn() {
        let shared = Shared {
            form: Form::Screen,
            is_quiet: false,
            is_silent: false,
            clock: Clock::start(),
            current: Mutex::default(),
            output: Mutex::default(),
            is_ticking: AtomicBool::new(false),
        };
        let step = Arc::new(StepState::begin(Step::Commit, "", Amount::default(), Duration::ZERO));
        shared.show_step(&step);
        assert_eq!(lock_mutex(&shared.output).line, "committing");
        shared.end_steps();
        // As the timer does that has taken the step just before it ended.
        shared.draw(&step, Duration::ZERO);
        assert_eq!(lock_mutex(&shared.output).line, "");
    }
}
