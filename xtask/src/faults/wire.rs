//! The line between the program and PostgreSQL: cut, halved, stalled, silent, forged, slow.

use std::time::Duration;

use rustix::process::Signal;

use super::judge::{self, OUTSIDE, Rules};
use super::moment::{self, Moment, STEPS, Step};
use super::place::Place;
use super::program::{Ended, send};
use super::site::{SCENARIOS, Scenario, Site};
use super::tally::Attempt;
use crate::proxy::{self, Action, Line, error_response};
use crate::sample::random::Dice;

/// How long a line that recovers is stalled.
const STALL: Duration = Duration::from_millis(1500);

/// What happens to a message.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The connection ends before it, or after it.
    Cut,
    /// Every connection ends, and there is no other one.
    CutAll,
    /// A few bytes of it arrive, then the connection ends.
    Half(usize),
    /// An error that the server has not sent, and the end of the connection.
    Forged { severity: &'static str, code: &'static str },
    /// It comes late.
    Stall,
}

/// Severities and SQLSTATEs of forged errors: poolers' and servers'.
const FORGED: [(&str, &str); 10] = [
    ("FATAL", "08P01"),
    ("FATAL", "57P01"),
    ("FATAL", "57P02"),
    ("FATAL", "53300"),
    ("FATAL", "28000"),
    ("PANIC", "53100"),
    ("ERROR", "40001"),
    ("ERROR", "57014"),
    ("ERROR", "23505"),
    ("ERROR", "XX000"),
];

impl Fault {
    fn choose(dice: &mut Dice) -> Fault {
        match dice.below(6) {
            0 | 1 => Fault::Cut,
            2 => Fault::CutAll,
            3 => Fault::Half(dice.place(12)),
            4 => {
                let (severity, code) = dice.choose(FORGED);
                Fault::Forged { severity, code }
            }
            _ => Fault::Stall,
        }
    }

    fn act(self, after: bool) -> Action {
        match self {
            Fault::Cut if after => Action::PassAndCut,
            Fault::Cut => Action::Cut,
            Fault::CutAll => Action::CutAll,
            Fault::Half(count) => Action::Half(count),
            Fault::Forged { severity, code } => {
                Action::Answer(error_response(severity, code, "forged by the test"))
            }
            Fault::Stall => Action::Stall(STALL),
        }
    }
}

/// A fault at any message of any connection.
///
/// # Errors
/// When the attempt could not be made.
pub fn wire(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose(SCENARIOS);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = Moment::choose_message(&place, dice);
    break_at(&place, moment, Fault::choose(dice))
}

/// A fault at a step of COMMIT.
///
/// # Errors
/// When the attempt could not be made.
pub fn commit(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose(SCENARIOS);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = Moment::choose_commit(&place, dice);
    let mut attempt = break_at(&place, moment, Fault::choose(dice))?;
    if let Moment::Commit { step, .. } = moment {
        attempt.outcome = format!("{step:?}: {}", attempt.outcome);
    }
    Ok(attempt)
}

fn break_at(place: &Place<'_>, moment: Moment, fault: Fault) -> Result<Attempt, String> {
    let mut attempt = Attempt::new(format!("{:?}: {fault:?} at {moment:?}", place.scenario));
    let mut launch = place.launch();
    launch.before = "MIGRATE_TEST='limit commit-wait 3000'; export MIGRATE_TEST".to_owned();
    let broken = moment::run_and_break(place, &launch, moment, move |after| fault.act(after));
    let (ended, fired) = broken?;
    let must_succeed = !fired || matches!(fault, Fault::Stall);
    judge::judge(&mut attempt, place, &ended, Rules { must_succeed, ..OUTSIDE })?;
    let word = format!("{fault:?}");
    let word = word.split([' ', '(']).next().unwrap_or_default();
    attempt.outcome = format!("{word}: {}", attempt.outcome);
    Ok(attempt)
}

/// How long a run that waits for a silent server may take to end by itself, with lowered limits.
/// Those of connecting are not lowered: 30 seconds for each of two databases.
const GIVES_UP: Duration = Duration::from_secs(120);

/// A server that suddenly says nothing: the run ends by itself after a while, or the person at the
/// terminal has enough before, twice.
///
/// # Errors
/// When the attempt could not be made.
pub fn silence(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = Scenario::Empty;
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = match dice.one_in(3) {
        true => Moment::Commit { number: 1, step: dice.choose(STEPS) },
        false => Moment::choose_message(&place, dice),
    };
    let by_itself = dice.one_in(2);
    let reported = matches!(moment, Moment::Commit { step: Step::Reported, .. });
    let mut attempt = Attempt::new(format!("{scenario:?}: silence at {moment:?}"));
    let mut watch = moment::Watch::new(moment);
    let proxy = proxy::start(site.port, move |message| match watch.sees(message) {
        None => Action::Pass,
        Some(_) => Action::Silence,
    });
    let proxy = proxy.map_err(|error| error.to_string())?;
    place.configure(proxy.port)?;
    let (ended, silent) = match by_itself {
        true => (run_until_given_up(&place)?, false),
        false => run_until_reported(&place)?,
    };
    drop(proxy);
    place.configure(site.port)?;
    let rules = Rules {
        may_be_killed: silent,
        must_succeed: !by_itself && !silent && !reported,
        may_be_interrupted: !by_itself,
        may_lack_report: !by_itself,
        again_at_once: false,
        has_words: by_itself,
    };
    judge::judge(&mut attempt, &place, &ended, rules)?;
    let how = if by_itself { "by itself" } else { "told twice" };
    attempt.outcome = format!("{how}: {}", attempt.outcome);
    Ok(attempt)
}

/// A run to its end, with a second in the place of minutes.
fn run_until_given_up(place: &Place<'_>) -> Result<Ended, String> {
    let mut launch = place.launch();
    let limits = "limit silence 1000\nlimit commit-wait 1000";
    launch.before = format!("MIGRATE_TEST='{limits}'; export MIGRATE_TEST");
    launch.start()?.wait_at_most(GIVES_UP)
}

/// A run that gets two signals where it has not ended; and whether it had not.
fn run_until_reported(place: &Place<'_>) -> Result<(Ended, bool), String> {
    let mut running = place.launch().start()?;
    running.wait_since_start(Duration::from_secs_f64(place.setup.seconds * 2.0 + 1.0));
    let silent = !running.is_over();
    for _ in 0..2 {
        send(running.pid(), Signal::TERM);
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok((running.wait_at_most(Duration::from_secs(10))?, silent))
}

/// A line that is slow and otherwise good: the run must be done.
///
/// # Errors
/// When the attempt could not be made.
pub fn slow(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose(SCENARIOS);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let [client, server] = place.setup.messages;
    // At most about ten seconds of waiting in all.
    let most = 10_000_000 / (client + server).max(1);
    let line = Line {
        delay: Duration::from_micros(dice.below(most)),
        bytes_per_second: 100_000 + dice.below(5_000_000),
    };
    let mut attempt = Attempt::new(format!("{scenario:?}: {line:?}"));
    let proxy = proxy::start_line(site.port, line, |_| Action::Pass);
    let proxy = proxy.map_err(|error| error.to_string())?;
    place.configure(proxy.port)?;
    let ended = place.run()?;
    drop(proxy);
    place.configure(site.port)?;
    judge::judge(&mut attempt, &place, &ended, Rules { must_succeed: true, ..OUTSIDE })?;
    Ok(attempt)
}
