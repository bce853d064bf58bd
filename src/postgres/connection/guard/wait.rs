//! How long an answer is waited for.
//!
//! A server that builds an index says nothing for hours, and its kernel answers keepalives even
//! where its processes do not run any more. So silence alone proves nothing: a session that has
//! waited for long has the run's other session of the server asked, which is idle otherwise.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::{Rules, Violation};
use crate::event::test_limit;

/// How long a session waits before another one is asked, and how long that one waits.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often a session that waits looks at the clock and at the others.
const TICK: Duration = Duration::from_secs(5);

/// A limit has so many ticks at least.
const TICKS: u32 = 8;

/// Asks the server something short on another session. Returns when it was answered, or could not
/// be asked, and says whether it stayed silent.
pub type Question = Arc<dyn Fn() -> bool + Send + Sync>;

/// How long a session hears nothing before another one is asked.
pub(super) fn silence_limit() -> Duration {
    static LIMIT: OnceLock<Duration> = OnceLock::new();
    *LIMIT.get_or_init(|| test_limit("silence").map_or(PATIENCE, Duration::from_millis))
}

/// The time from tick to tick.
fn step_of(limit: Option<Duration>) -> Duration {
    (limit.unwrap_or_else(silence_limit) / TICKS).min(TICK)
}

/// One wait for an answer.
///
/// Time is counted in ticks: a session that nobody uses is not polled, and that is no waiting.
pub(super) struct Wait {
    waited: Duration,
    /// A limit, and how long had been waited when it began to hold.
    limit: Option<(Duration, Duration)>,
    /// How long had been waited when the other session was last answered.
    answered: Duration,
    inquiry: Option<Inquiry>,
    step: Duration,
    tick: Pin<Box<Sleep>>,
}

impl Wait {
    pub(super) fn begin(rules: &Rules) -> Wait {
        let step = step_of(rules.limit_of_silence());
        Wait {
            waited: Duration::ZERO,
            limit: None,
            answered: Duration::ZERO,
            inquiry: None,
            step,
            tick: Box::pin(tokio::time::sleep(step)),
        }
    }

    /// Begins anew: something was sent. The tick goes on, because the driver reads before it sends
    /// and would not be woken otherwise; what is left of it does not count.
    pub(super) fn restart(&mut self) {
        (self.waited, self.answered, self.step) = Default::default();
        (self.limit, self.inquiry) = (None, None);
    }

    /// What ends the wait; pending as long as nothing does.
    pub(super) fn poll_violation(
        &mut self,
        cx: &mut Context<'_>,
        rules: &Rules,
        is_started: bool,
    ) -> Poll<Violation> {
        loop {
            let limit = rules.limit_of_silence().filter(|_| is_started);
            let violation = match limit {
                Some(limit) => self.is_over(limit).then_some(Violation::Silence(limit)),
                None => self.is_server_silent(rules).then_some(Violation::Unanswered(self.waited)),
            };
            if let Some(violation) = violation {
                return Poll::Ready(violation);
            }
            ready!(self.tick.as_mut().poll(cx));
            self.waited += self.step;
            self.step = step_of(limit);
            self.tick.as_mut().reset(Instant::now() + self.step);
        }
    }

    /// Whether a limit is over, which holds from when it was first seen.
    fn is_over(&mut self, limit: Duration) -> bool {
        let known = self.limit.filter(|(known, _)| *known == limit);
        let (_, since) = *self.limit.insert(known.unwrap_or((limit, self.waited)));
        self.waited.saturating_sub(since) >= limit
    }

    /// Whether the server does not answer another session either; that is asked after a while.
    fn is_server_silent(&mut self, rules: &Rules) -> bool {
        self.limit = None;
        let Some(question) = rules.question.get() else { return false };
        if self.waited.saturating_sub(self.answered) < silence_limit() {
            return false;
        }
        let inquiry = self.inquiry.get_or_insert_with(|| Inquiry::start(question.clone()));
        match inquiry.state() {
            PENDING => false,
            SILENT => true,
            // The server works on the statement.
            _ => {
                (self.answered, self.inquiry) = (self.waited, None);
                false
            }
        }
    }
}

const PENDING: u8 = 0;
const ANSWERED: u8 = 1;
const SILENT: u8 = 2;

/// A question that was asked on a thread of its own.
struct Inquiry(Arc<AtomicU8>);

impl Inquiry {
    fn start(question: Question) -> Inquiry {
        let state = Arc::new(AtomicU8::new(PENDING));
        let own = state.clone();
        let ask = move || own.store(if question() { SILENT } else { ANSWERED }, Ordering::SeqCst);
        if thread::Builder::new().name("inquiry".into()).spawn(ask).is_err() {
            state.store(ANSWERED, Ordering::SeqCst);
        }
        Inquiry(state)
    }

    fn state(&self) -> u8 {
        self.0.load(Ordering::SeqCst)
    }
}
