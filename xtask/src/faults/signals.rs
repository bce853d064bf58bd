//! Signals: SIGKILL at any moment, and every other signal with every state of the standard streams.

use std::sync::Arc;
use std::time::Duration;
use std::{array, thread};

use rustix::process::Signal;

use super::judge::{self, Rules};
use super::moment::{self, Deed, Moment};
use super::place::Place;
use super::program::{STREAMS, Stream, send};
use super::site::{SCENARIOS, Site};
use super::tally::Attempt;
use crate::sample::random::Dice;

/// What a kill allows.
const KILLED: Rules = Rules { may_be_killed: true, ..judge::OUTSIDE };

/// SIGKILL: by time, at a message, around COMMIT.
///
/// # Errors
/// When the attempt could not be made.
pub fn kill(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose(SCENARIOS);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = Moment::choose(&place, dice);
    let again_at_once = dice.one_in(3);
    let mut attempt = Attempt::new(format!("{scenario:?}: SIGKILL at {moment:?}"));
    let deed: Deed = Arc::new(|pid| send(pid, Signal::KILL));
    let (ended, fired) = moment::run_and_do(&place, &place.launch(), moment, &deed)?;
    let rules = Rules { again_at_once, may_be_killed: fired, ..KILLED };
    judge::judge(&mut attempt, &place, &ended, rules)?;
    Ok(attempt)
}

/// Signals with names and whether the program answers them itself.
const ASKING: [(&str, Signal); 3] =
    [("INT", Signal::INT), ("TERM", Signal::TERM), ("HUP", Signal::HUP)];

/// Signals that end a process that does not care, or that nobody notices.
const OTHERS: [(&str, Signal); 23] = [
    ("QUIT", Signal::QUIT),
    ("ILL", Signal::ILL),
    ("TRAP", Signal::TRAP),
    ("ABRT", Signal::ABORT),
    ("BUS", Signal::BUS),
    ("FPE", Signal::FPE),
    ("USR1", Signal::USR1),
    ("SEGV", Signal::SEGV),
    ("USR2", Signal::USR2),
    ("PIPE", Signal::PIPE),
    ("ALRM", Signal::ALARM),
    ("STKFLT", Signal::STKFLT),
    ("CHLD", Signal::CHILD),
    ("CONT", Signal::CONT),
    ("URG", Signal::URG),
    ("XCPU", Signal::XCPU),
    ("XFSZ", Signal::XFSZ),
    ("VTALRM", Signal::VTALARM),
    ("PROF", Signal::PROF),
    ("WINCH", Signal::WINCH),
    ("IO", Signal::IO),
    ("PWR", Signal::POWER),
    ("SYS", Signal::SYS),
];

/// Signals that stop a process until another one lets it go on.
const STOPPING: [(&str, Signal); 4] = [
    ("STOP", Signal::STOP),
    ("TSTP", Signal::TSTP),
    ("TTIN", Signal::TTIN),
    ("TTOU", Signal::TTOU),
];

/// How long a process is stopped.
const PAUSE: Duration = Duration::from_millis(300);

/// Any other signal, once or twice, with any state of the standard streams.
///
/// # Errors
/// When the attempt could not be made.
pub fn signal(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose(SCENARIOS);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = Moment::choose(&place, dice);
    let streams: [Stream; 3] = match dice.one_in(3) {
        true => Default::default(),
        false => array::from_fn(|_| dice.choose(STREAMS)),
    };
    let (which, twice) = (dice.below(4), dice.one_in(4));
    let (word, signal) = match which {
        0 | 1 => dice.choose(ASKING),
        2 => dice.choose(OTHERS),
        _ => dice.choose(STOPPING),
    };
    let shown =
        format!("{scenario:?}: SIG{word}{} at {moment:?}", if twice { " twice" } else { "" });
    let mut attempt = Attempt::new(format!("{shown}, streams {streams:?}"));
    let deed: Deed = Arc::new(move |pid| {
        send(pid, signal);
        if which == 3 {
            thread::sleep(PAUSE);
            send(pid, Signal::CONT);
        } else if twice {
            thread::sleep(Duration::from_millis(2));
            send(pid, signal);
        }
    });
    let mut launch = place.launch();
    launch.streams = streams;
    let (ended, fired) = moment::run_and_do(&place, &launch, moment, &deed)?;
    // Before its handlers stand, a process ends by the signal; and a second one ends it at once.
    let early = matches!(moment, Moment::Part(_)) && ended.err.is_empty();
    let rules = Rules {
        may_be_killed: fired && (which == 2 || twice || early),
        must_succeed: !fired || which == 3,
        may_be_interrupted: which < 2,
        may_lack_report: twice,
        again_at_once: false,
        has_words: streams[2] == Stream::Open,
    };
    judge::judge(&mut attempt, &place, &ended, rules)?;
    let outcome = std::mem::take(&mut attempt.outcome);
    let group = ["asked to stop", "asked to stop", "another signal", "stopped for a moment"];
    let group = group.get(usize::try_from(which).unwrap_or(0)).copied().unwrap_or_default();
    attempt.outcome = format!("{group}{}: {outcome}", if twice { ", twice" } else { "" });
    Ok(attempt)
}
