//! What a campaign came to: outcomes by kind, and every failure with the command that repeats it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What one attempt came to.
#[derive(Debug, Default)]
pub struct Attempt {
    /// What was done to the run, exactly.
    pub fault: String,
    /// What came of it, in few words: attempts of equal words are counted together.
    pub outcome: String,
    /// What is wrong; empty when nothing is.
    pub problems: Vec<String>,
    /// What the program wrote, for a person who looks at a failure.
    pub output: String,
}

impl Attempt {
    /// An attempt of this fault, without a result yet.
    pub fn new(fault: impl Into<String>) -> Attempt {
        Attempt { fault: fault.into(), ..Attempt::default() }
    }

    /// Notes a problem where `good` is false.
    pub fn check(&mut self, good: bool, problem: impl FnOnce() -> String) {
        if !good {
            self.problems.push(problem());
        }
    }

    /// An attempt that cannot be made here, and why.
    pub fn skipped(why: &str) -> Attempt {
        Attempt { outcome: format!("skipped: {why}"), ..Attempt::default() }
    }
}

/// A failure, and how to see it again.
#[derive(Debug)]
struct Failure {
    place: String,
    attempt: Attempt,
}

/// The figures of a campaign.
#[derive(Debug, Default)]
pub struct Tally {
    outcomes: BTreeMap<&'static str, BTreeMap<String, u64>>,
    failures: Vec<Failure>,
    tried: u64,
}

impl Tally {
    /// Adds an attempt: the `number`-th of its kind in the campaign of `seed`.
    pub fn add(&mut self, kind: &'static str, number: u64, seed: u64, attempt: Attempt) {
        self.tried += 1;
        let outcomes = self.outcomes.entry(kind).or_default();
        *outcomes.entry(attempt.outcome.clone()).or_default() += 1;
        if !attempt.problems.is_empty() {
            let place = format!("cargo xtask faults --seed {seed} --only {kind}:{number}");
            let failure = Failure { place, attempt };
            eprintln!("{}", failure.shown());
            self.failures.push(failure);
        }
    }

    /// How many attempts were made.
    pub fn tried(&self) -> u64 {
        self.tried
    }

    /// How many of them failed.
    pub fn failed(&self) -> usize {
        self.failures.len()
    }

    /// The figures by kind, then the failures in one line each.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for (kind, outcomes) in &self.outcomes {
            let sum: u64 = outcomes.values().sum();
            let _ = writeln!(text, "{kind}: {sum} tried");
            let mut outcomes: Vec<_> = outcomes.iter().collect();
            outcomes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (outcome, count) in outcomes {
                let _ = writeln!(text, "  {count:>6}  {outcome}");
            }
        }
        for failure in &self.failures {
            let _ = writeln!(text, "FAILED  {}", failure.place);
        }
        let _ = writeln!(text, "{} tried, {} failed", self.tried, self.failures.len());
        text
    }
}

impl Failure {
    fn shown(&self) -> String {
        let Failure { place, attempt } = self;
        let mut text = format!("\nFAILED  {place}\n  {}\n  {}\n", attempt.fault, attempt.outcome);
        for problem in &attempt.problems {
            let _ = writeln!(text, "  - {problem}");
        }
        let output: Vec<&str> = attempt.output.lines().collect();
        for line in output.iter().skip(output.len().saturating_sub(15)) {
            let _ = writeln!(text, "  | {line}");
        }
        text
    }
}
