//! `cargo xtask check`: everything that a change must pass; what CI runs.
//!
//! Steps follow each other, each with its number and its time. One that fails does not hide the
//! others: only steps that need its result are left out. The last line says how many tests passed
//! and failed.

mod hints;
mod steps;
mod test_run;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::golden::root;
use crate::server;
pub use hints::check_hints;
use steps::Step;
pub use test_run::Counts;

/// How a step ended.
enum Outcome {
    Passed,
    Failed(String),
    /// The step of this name, which it needs, did not pass.
    LeftOut(String),
}

/// What a check came to.
pub struct Results {
    /// Whether every step passed.
    pub is_passed: bool,
    /// The servers on which all integration tests were run, with what came of them.
    pub servers: Vec<TestedServer>,
}

/// A server on which all integration tests were run.
pub struct TestedServer {
    /// What it calls itself: `postgres (PostgreSQL) 18.4`.
    pub version: String,
    /// Its tests.
    pub counts: Counts,
}

/// Runs every step; with `all`, the long ones for a release too.
///
/// # Errors
/// When nothing could be run: a server or Python is missing.
pub fn check(all: bool) -> Result<Results, String> {
    let pg_bin = server::bin_dir(&root().join("target"))?;
    // The oracle of the tests is written in Python; hints are followed with SQLite's shell.
    server::require_program("python3")?;
    server::require_program("sqlite3")?;
    eprintln!("PostgreSQL: {}", pg_bin.display());
    let mut steps = steps::usual();
    if all {
        steps.extend(steps::long());
    }
    let started = Instant::now();
    let mut counts = Counts::default();
    let mut outcomes: Vec<(&Step, Outcome)> = Vec::new();
    let mut servers = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let before = counts;
        let missing = outcomes.iter().find(|(earlier, outcome)| {
            step.needs == Some(&earlier.name) && !matches!(outcome, Outcome::Passed)
        });
        let outcome = match missing {
            Some((needed, _)) => Outcome::LeftOut(needed.name.clone()),
            None => run(step, &format!("[{}/{}]", index + 1, steps.len()), &pg_bin, &mut counts),
        };
        if let Some(bin) = step.tested_server() {
            let counts = Counts {
                passed: counts.passed - before.passed,
                failed: counts.failed - before.failed,
            };
            servers.push(TestedServer { version: server_version(&bin)?, counts });
        }
        outcomes.push((step, outcome));
    }
    Ok(Results { is_passed: report(&outcomes, counts, started), servers })
}

/// What a server calls itself.
fn server_version(bin: &Path) -> Result<String, String> {
    let output = Command::new(bin.join("postgres")).arg("--version").output();
    let output = output.map_err(|error| format!("{}: {error}", bin.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a step and says how long it took.
fn run(step: &Step, number: &str, pg_bin: &Path, counts: &mut Counts) -> Outcome {
    eprintln!("\n{number} {}: {}", step.name, step.title);
    let (started, cpu_before, failed_before) =
        (Instant::now(), children_cpu_seconds(), counts.failed);
    let result = step.perform(pg_bin, counts);
    let wall = started.elapsed().as_secs();
    let cpu = children_cpu_seconds().saturating_sub(cpu_before);
    match result {
        Ok(()) => {
            eprintln!("{number} {}: ok, {wall} s ({cpu} s of CPU)", step.name);
            Outcome::Passed
        }
        Err(error) => {
            eprintln!("{number} {}: FAILED, {wall} s ({cpu} s of CPU)", step.name);
            // A failure that no test has counted.
            if counts.failed == failed_before {
                counts.failed += 1;
            }
            Outcome::Failed(error)
        }
    }
}

/// The end of the output: what failed, and the counts as the last line. Whether all passed.
fn report(outcomes: &[(&Step, Outcome)], counts: Counts, started: Instant) -> bool {
    eprintln!();
    for (step, outcome) in outcomes {
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed(error) => eprintln!("{} failed: {error}", step.name),
            Outcome::LeftOut(needed) => eprintln!("{} was not run: {needed} failed", step.name),
        }
    }
    eprintln!("{} steps in {} s", outcomes.len(), started.elapsed().as_secs());
    eprintln!("{} passed, {} failed", counts.passed, counts.failed);
    outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Passed))
}

/// Seconds of CPU of all processes that this one has waited for. Linux counts them in hundredths.
fn children_cpu_seconds() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold blanks; `state` is the first field after it.
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = fields.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u64>().ok());
    ticks.sum::<u64>() / 100
}
