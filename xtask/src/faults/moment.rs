//! When a fault comes: at a part of the time that a run takes, at a message of the protocol, or at
//! a step of COMMIT. Messages are seen by a proxy, so that these moments come again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::place::Place;
use super::program::{Ended, Launch};
use crate::proxy::{self, Action, Message, Sender};
use crate::sample::random::Dice;

/// A step of COMMIT as the proxy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is not yet passed to the server.
    Arrives,
    /// The server has it.
    Passed,
    /// The answer is not yet passed to the program.
    Answered,
    /// The program has the answer.
    Reported,
}

/// All steps.
pub const STEPS: [Step; 4] = [Step::Arrives, Step::Passed, Step::Answered, Step::Reported];

/// When a fault comes.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// When this part of the usual time has passed.
    Part(f64),
    /// At the n-th message of a sender; with `after`, when it was passed on.
    Message { sender: Sender, number: u64, after: bool },
    /// At a step of the n-th COMMIT.
    Commit { number: u64, step: Step },
}

/// What is done to the run then.
pub type Deed = Arc<dyn Fn(u32) + Send + Sync>;

impl Moment {
    /// A moment of a run: a third each by time, by message, at COMMIT.
    pub fn choose(place: &Place<'_>, dice: &mut Dice) -> Moment {
        match dice.below(3) {
            0 => Moment::Part(dice.fraction() * 1.05),
            1 => Moment::choose_message(place, dice),
            _ => Moment::choose_commit(place, dice),
        }
    }

    /// A message of a run.
    pub fn choose_message(place: &Place<'_>, dice: &mut Dice) -> Moment {
        let [client, server] = place.setup.messages;
        let (sender, count) = dice.choose([(Sender::Client, client), (Sender::Server, server)]);
        Moment::Message { sender, number: dice.below(count) + 1, after: dice.one_in(2) }
    }

    /// A step of a COMMIT of a run.
    pub fn choose_commit(place: &Place<'_>, dice: &mut Dice) -> Moment {
        let commits = place.databases.len() as u64;
        Moment::Commit { number: dice.below(commits) + 1, step: dice.choose(STEPS) }
    }
}

/// Recognizes a moment among the messages.
pub struct Watch {
    moment: Moment,
    counts: [u64; 2],
    commits: u64,
    committing: Option<usize>,
    /// Whether the moment has come.
    pub fired: Arc<AtomicBool>,
}

impl Watch {
    /// For this moment.
    pub fn new(moment: Moment) -> Watch {
        let fired = Arc::new(AtomicBool::new(false));
        Watch { moment, counts: [0; 2], commits: 0, committing: None, fired }
    }

    /// Whether this message is the moment: `Some(true)` when it comes after the message was passed
    /// on. Only once.
    pub fn sees(&mut self, message: &Message<'_>) -> Option<bool> {
        let [client, server] = &mut self.counts;
        let count = if message.sender == Sender::Client { client } else { server };
        *count += 1;
        let count = *count;
        let is_commit = message.is_query("COMMIT");
        if is_commit {
            self.commits += 1;
        }
        let came = match self.moment {
            Moment::Part(_) => None,
            Moment::Message { sender, number, after } => {
                (sender == message.sender && number == count).then_some(after)
            }
            Moment::Commit { number, step } => {
                if is_commit && self.commits == number {
                    self.committing = Some(message.connection);
                }
                let answer =
                    message.sender == Sender::Server && self.committing == Some(message.connection);
                match step {
                    Step::Arrives | Step::Passed => {
                        (is_commit && self.commits == number).then_some(step == Step::Passed)
                    }
                    Step::Answered | Step::Reported => answer.then_some(step == Step::Reported),
                }
            }
        };
        came.filter(|_| !self.fired.swap(true, Ordering::SeqCst))
    }
}

/// Runs the program and does this to it at the moment. Whether the moment came before its end.
///
/// # Errors
/// The system's.
pub fn run_and_do(
    place: &Place<'_>,
    launch: &Launch,
    moment: Moment,
    deed: &Deed,
) -> Result<(Ended, bool), String> {
    if let Moment::Part(part) = moment {
        place.configure(place.site().port)?;
        let mut running = launch.start()?;
        let time = Duration::from_secs_f64(place.setup.seconds * part);
        running.wait_since_start(time);
        let fired = !running.is_over();
        if fired {
            deed(running.pid());
        }
        return Ok((running.wait()?, fired));
    }
    let mut watch = Watch::new(moment);
    let fired = Arc::clone(&watch.fired);
    let process = Arc::new(OnceLock::new());
    let (known, deed) = (Arc::clone(&process), Arc::clone(deed));
    let proxy =
        proxy::start(place.site().port, move |message: &Message<'_>| match watch.sees(message) {
            None => Action::Pass,
            Some(false) => {
                deed(*known.wait());
                Action::Pass
            }
            Some(true) => {
                let (known, deed) = (Arc::clone(&known), Arc::clone(&deed));
                Action::PassThen(Box::new(move || deed(*known.wait())))
            }
        });
    let proxy = proxy.map_err(|error| error.to_string())?;
    place.configure(proxy.port)?;
    let running = launch.start()?;
    let _ = process.set(running.pid());
    let ended = running.wait()?;
    drop(proxy);
    place.configure(place.site().port)?;
    Ok((ended, fired.load(Ordering::SeqCst)))
}

/// Runs the program through a proxy that does this to the message of the moment. Whether the moment
/// came.
///
/// # Errors
/// The system's.
pub fn run_and_break(
    place: &Place<'_>,
    launch: &Launch,
    moment: Moment,
    action: impl Fn(bool) -> Action + Send + 'static,
) -> Result<(Ended, bool), String> {
    let mut watch = Watch::new(moment);
    let fired = Arc::clone(&watch.fired);
    let proxy = proxy::start(place.site().port, move |message: &Message<'_>| {
        watch.sees(message).map_or(Action::Pass, &action)
    });
    let proxy = proxy.map_err(|error| error.to_string())?;
    place.configure(proxy.port)?;
    let ended = launch.run()?;
    drop(proxy);
    place.configure(place.site().port)?;
    Ok((ended, fired.load(Ordering::SeqCst)))
}
