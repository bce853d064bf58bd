//! A run of `cargo test`, whose results are counted as it prints them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and steps of a check that failed without one.
    pub failed: u64,
}

/// Runs tests; what they print appears at once, and their results are added to `counts`.
///
/// # Errors
/// When a test or its build failed.
pub fn run(command: &mut Command, counts: &mut Counts) -> Result<(), String> {
    let shown = format!("{command:?}");
    let fail = |error: std::io::Error| format!("{shown}: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(fail)?;
    let output = child.stdout.take().map(BufReader::new);
    for line in output.into_iter().flat_map(BufReader::lines) {
        let Ok(line) = line else { break };
        counts.add(&line);
        println!("{line}");
    }
    let status = child.wait().map_err(fail)?;
    if status.success() { Ok(()) } else { Err(format!("tests failed ({status})")) }
}

impl Counts {
    /// Adds what a line of a test binary's output says: `test result: ok. 3 passed; 0 failed; …`.
    pub fn add(&mut self, line: &str) {
        let Some((_, results)) = line.split_once("test result: ") else { return };
        let results = results.split_once(". ").map_or(results, |(_, results)| results);
        for result in results.split("; ") {
            match result.split_once(' ').map(|(count, what)| (count.parse::<u64>(), what)) {
                Some((Ok(count), "passed")) => self.passed += count,
                Some((Ok(count), "failed")) => self.failed += count,
                _ => {}
            }
        }
    }
}
