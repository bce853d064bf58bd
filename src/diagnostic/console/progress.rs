//! How far a step has come: counters that the threads of a run add to, and what the output says of
//! them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::step::{Amount, Step, Total, Unit};

/// The rate is that of so much time.
const RATE_WINDOW: Duration = Duration::from_secs(15);
/// Time between two samples of the rate.
const SAMPLE_EVERY: Duration = Duration::from_millis(500);
/// No rate is given before.
const RATE_AFTER: Duration = Duration::from_secs(1);

/// A step, as all threads see it.
#[derive(Debug)]
pub struct StepState {
    /// Which one.
    pub step: Step,
    /// What it is about as a whole: a file or a database; may be empty.
    pub subject: String,
    /// How much there is to be done.
    pub total: Total,
    /// When it began, by the output's clock.
    pub begun: Duration,
    done: AtomicU64,
    work: Mutex<Vec<Arc<WorkState>>>,
    samples: Mutex<VecDeque<Sample>>,
}

/// What was done at a time.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Duration,
    done: u64,
}

/// A table or a statement that is being worked at.
#[derive(Debug)]
pub struct WorkState {
    name: String,
    done: AtomicU64,
    detail: Mutex<String>,
}

/// What the output says of a step at one instant.
#[derive(Clone, Debug)]
pub struct View {
    /// Which step.
    pub step: Step,
    /// What it is about as a whole.
    pub subject: String,
    /// The table or statement in work; empty where there is none.
    pub work: String,
    /// What is being done there; may be empty.
    pub detail: String,
    /// So much of that table is done.
    pub work_done: u64,
    /// So much of the step is done.
    pub done: u64,
    /// Of so much.
    pub total: Total,
    /// Since the step began.
    pub elapsed: Duration,
    /// So much is done each second, where that can be told.
    pub rate: Option<u64>,
}

impl StepState {
    /// A step that begins.
    pub fn begin(step: Step, subject: &str, amount: Amount, now: Duration) -> StepState {
        let Amount { total, done } = amount;
        StepState {
            step,
            subject: subject.to_owned(),
            total,
            begun: now,
            done: AtomicU64::new(done),
            work: Mutex::default(),
            samples: Mutex::new(VecDeque::from([Sample { at: now, done }])),
        }
    }

    /// Begins the work at a table or statement.
    pub fn begin_work(&self, name: String) -> Arc<WorkState> {
        let (done, detail) = (AtomicU64::new(0), Mutex::default());
        let work = Arc::new(WorkState { name, done, detail });
        lock_mutex(&self.work).push(work.clone());
        work
    }

    /// Ends it; a statement counts as done.
    pub fn end_work(&self, work: &Arc<WorkState>) {
        lock_mutex(&self.work).retain(|known| !Arc::ptr_eq(known, work));
        if self.step.unit() == Unit::Statements {
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether a table or statement is in work.
    pub fn has_work(&self) -> bool {
        !lock_mutex(&self.work).is_empty()
    }

    /// Counts what was done of the work.
    pub fn add(&self, work: &WorkState, count: u64) {
        work.done.fetch_add(count, Ordering::Relaxed);
        self.done.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts what is left of the work, of so much in all.
    pub fn complete(&self, work: &WorkState, all: u64) {
        self.add(work, all.saturating_sub(work.done.load(Ordering::Relaxed)));
    }

    /// What is to be said of it now.
    pub fn view(&self, now: Duration) -> View {
        let done = self.done.load(Ordering::Relaxed);
        // The oldest one: where two threads work, that is the largest table.
        let work = lock_mutex(&self.work).first().cloned();
        let detail = work.as_ref().map(|work| lock_mutex(&work.detail).clone());
        View {
            step: self.step,
            subject: self.subject.clone(),
            work: work.as_ref().map_or_else(String::new, |work| work.name.clone()),
            detail: detail.unwrap_or_default(),
            work_done: work.map_or(0, |work| work.done.load(Ordering::Relaxed)),
            done,
            total: self.total,
            elapsed: now.saturating_sub(self.begun),
            rate: self.measure_rate(now, done),
        }
    }

    /// The rate of the last seconds.
    fn measure_rate(&self, now: Duration, done: u64) -> Option<u64> {
        let mut samples = lock_mutex(&self.samples);
        let is_due = |last: &Sample| now.saturating_sub(last.at) >= SAMPLE_EVERY;
        if samples.back().is_none_or(is_due) {
            samples.push_back(Sample { at: now, done });
        }
        let is_old = |sample: &Sample| now.saturating_sub(sample.at) > RATE_WINDOW;
        while samples.len() > 2 && samples.get(1).is_some_and(is_old) {
            samples.pop_front();
        }
        let first = samples.front()?;
        let time = now.saturating_sub(first.at);
        let shows_rate = self.step.unit() == Unit::Rows && time >= RATE_AFTER;
        let rate = done.saturating_sub(first.done) as f64 / time.as_secs_f64();
        shows_rate.then_some(rate as u64)
    }
}

impl WorkState {
    /// Says what is being done there.
    pub fn set_detail(&self, detail: String) {
        *lock_mutex(&self.detail) = detail;
    }
}

impl View {
    /// How much of it is done, in hundredths, where the total is known.
    pub fn percent(&self) -> Option<u64> {
        match self.total {
            Total::Known(total) if total > 0 && self.step.unit() == Unit::Rows => {
                let percent = u128::from(self.done.min(total)) * 100 / u128::from(total);
                u64::try_from(percent).ok()
            }
            _ => None,
        }
    }

    /// How long the rest takes at this rate; at most so long, where the total is a limit.
    pub fn remaining(&self) -> Option<Duration> {
        let (Total::Known(total) | Total::AtMost(total)) = self.total else { return None };
        let rate = self.rate.filter(|rate| *rate > 0)?;
        Some(Duration::from_secs(total.saturating_sub(self.done).div_ceil(rate)))
    }
}

/// What a thread that panicked has left is as good as before.
pub fn lock_mutex<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
