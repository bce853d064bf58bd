//! The clock of a run's output, which tests stop and advance by hand.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Time since the output began.
#[derive(Debug)]
pub struct Clock {
    begun: Instant,
    begun_at: Timestamp,
    is_stopped: AtomicBool,
    advanced_ms: AtomicU64,
}

impl Clock {
    /// A clock that begins now.
    pub fn start() -> Clock {
        Clock {
            begun: Instant::now(),
            begun_at: Timestamp::now(),
            is_stopped: AtomicBool::new(false),
            advanced_ms: AtomicU64::new(0),
        }
    }

    /// Stops it at zero: from now on [`Clock::advance`] alone moves it.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }

    /// Moves a stopped clock.
    pub fn advance(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or_default();
        self.advanced_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// The time since it began.
    pub fn elapsed(&self) -> Duration {
        match self.is_stopped() {
            true => Duration::from_millis(self.advanced_ms.load(Ordering::SeqCst)),
            false => self.begun.elapsed(),
        }
    }

    /// The time of day as RFC 3339 has it, in UTC and to the second: `2026-11-29T10:00:00Z`.
    pub fn timestamp(&self) -> String {
        let now = match self.is_stopped() {
            true => {
                let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or_default();
                self.begun_at.checked_add(elapsed).unwrap_or(self.begun_at)
            }
            false => Timestamp::now(),
        };
        now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}
