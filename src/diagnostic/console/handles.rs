//! What the steps of a run count with.

use std::sync::Arc;
use std::time::Duration;

use super::progress::{StepState, WorkState};
use super::shared::Shared;

/// A step of a run; its threads count in it.
#[derive(Clone)]
pub struct Progress {
    pub(super) shared: Arc<Shared>,
    pub(super) state: Arc<StepState>,
}

/// A table or a statement of a step. It is in work until it is dropped.
pub struct WorkItem {
    pub(super) progress: Progress,
    pub(super) state: Arc<WorkState>,
}

/// The clock of the output, for tests.
#[derive(Clone)]
pub struct Timer {
    pub(super) shared: Arc<Shared>,
}

impl Timer {
    /// Stops the clock and the timer that draws.
    pub fn stop(&self) {
        self.shared.clock.stop();
    }

    /// Moves the stopped clock, and does what the timer would do then.
    pub fn advance(&self, time: Duration) {
        self.shared.clock.advance(time);
        self.shared.tick();
    }
}

impl Progress {
    /// Begins the work at a table or statement of the step.
    pub fn begin_work(&self, name: impl Into<String>) -> WorkItem {
        let work = WorkItem { progress: self.clone(), state: self.state.begin_work(name.into()) };
        self.shared.draw_soon();
        work
    }
}

impl WorkItem {
    /// Counts what was done of it since the last time.
    pub fn add(&self, count: u64) {
        self.progress.state.add(&self.state, count);
    }

    /// Counts what was not counted before, of so much in all.
    pub fn complete(&self, all: u64) {
        self.progress.state.complete(&self.state, all);
    }

    /// Says what is being done there.
    pub fn set_detail(&self, detail: String) {
        self.state.set_detail(detail);
    }
}

impl Drop for WorkItem {
    fn drop(&mut self) {
        self.progress.state.end_work(&self.state);
    }
}
