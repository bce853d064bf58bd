//! Limits of the process: files, memory, size of files, time.

use super::judge::{self, OUTSIDE, Rules};
use super::place::Place;
use super::site::{Scenario, Site};
use super::tally::Attempt;
use crate::sample::random::Dice;

/// A run with a limit that may be too small for it.
///
/// # Errors
/// When the attempt could not be made.
pub fn limit(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose([Scenario::Empty, Scenario::TwoTargets, Scenario::Quarantine]);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let (what, limit) = match dice.below(3) {
        // With 3 the system cannot load a program's libraries: it never begins.
        0 => ("open files", format!("ulimit -n {}", 4 + dice.below(30))),
        // In blocks of 512 bytes.
        1 => ("size of files", format!("ulimit -f {}", dice.below(40))),
        _ => ("memory", format!("ulimit -v {}", 10_000 + dice.below(300_000))),
    };
    let mut attempt = Attempt::new(format!("{scenario:?}: {limit}"));
    let mut launch = place.launch();
    launch.before.clone_from(&limit);
    let ended = launch.run()?;
    // The system itself ends a process that writes more (SIGXFSZ), and ours ends by SIGABRT where
    // there is no memory. Before `main` the loader may fail with 127.
    let signals: &[i32] = match what {
        "size of files" => &[25],
        "memory" => &[6, 9, 11],
        _ => &[],
    };
    let killed = ended.signal.is_some_and(|signal| signals.contains(&signal));
    let rules = Rules { may_be_killed: killed, may_lack_report: true, has_words: false, ..OUTSIDE };
    if what == "memory" && ended.code == Some(127) {
        attempt.outcome = "memory: the program cannot be loaded".to_owned();
        return Ok(attempt);
    }
    judge::judge(&mut attempt, &place, &ended, rules)?;
    attempt.outcome = format!("{what}: {}", attempt.outcome);
    Ok(attempt)
}
