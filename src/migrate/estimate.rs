//! How long the rest will take, told before it begins.
//!
//! The look at the rows has just shown how fast this machine reads and converts them. Copying,
//! keys and verification go over the same rows and take a multiple of that time.

use std::time::Duration;

use super::{Mode, World};
use crate::report::Report;

/// How many times the look at the rows all that follows takes, by `cargo xtask bench`.
pub const FACTOR: u32 = 6;

/// Says how long a real run takes, or what is left of this one, and puts it into the report.
pub fn tell(mode: Mode, world: &mut World, report: &mut Report) {
    let of = |name: &str| {
        let step = report.steps.iter().find(|(step, _)| *step == name);
        step.map_or(Duration::ZERO, |(_, time)| *time)
    };
    let look = of("preflight");
    let rest = look * FACTOR;
    let whole = of("source") + look + rest;
    report.estimate = Some(whole);
    let told = match mode {
        Mode::DryRun => format!("a real run takes about {}", words(whole)),
        _ => format!("what follows takes about {}", words(rest)),
    };
    world.console.say(&format!("estimate: {told}, with PostgreSQL as fast as this machine"));
}

/// A time as precise as it can be known.
fn words(time: Duration) -> String {
    match time.as_secs() {
        0 => "a second".to_owned(),
        seconds @ ..100 => format!("{} s", seconds + 1),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_round_numbers() {
        let told =
            [300, 4_200, 99_999, 100_000, 7_200_000].map(|ms| words(Duration::from_millis(ms)));
        assert_eq!(told, ["a second", "5 s", "100 s", "2 min", "120 min"]);
    }
}
