//! What must hold after every fault: PostgreSQL has exactly the old rows or exactly the new ones,
//! the exit code and the words agree with it, the SQLite files are as they were, and the same
//! command, run again, does the rest.

use std::fs;

use serde_json::Value;

use super::place::{Holds, Place};
use super::program::Ended;
use super::tally::Attempt;

/// What a kind of fault allows.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// A signal may end the run.
    pub may_be_killed: bool,
    /// The run must be done all the same.
    pub must_succeed: bool,
    /// Exit code 8 is an answer to this fault.
    pub may_be_interrupted: bool,
    /// The report may be missing or unfinished.
    pub may_lack_report: bool,
    /// The second run comes at once, while the server may still be busy with the first.
    pub again_at_once: bool,
    /// The words of the run must not be missed: the streams are files.
    pub has_words: bool,
}

/// Rules of a fault outside of the process.
pub const OUTSIDE: Rules = Rules {
    may_be_killed: false,
    must_succeed: false,
    may_be_interrupted: false,
    may_lack_report: false,
    again_at_once: false,
    has_words: true,
};

/// Judges a run, and the same run again.
///
/// # Errors
/// When the state cannot be read.
pub fn judge(
    attempt: &mut Attempt,
    place: &Place<'_>,
    ended: &Ended,
    rules: Rules,
) -> Result<(), String> {
    attempt.output = ended.output();
    attempt.check(!ended.hung, || "it did not end".to_owned());
    judge_words(attempt, ended, rules);
    let killed = ended.code.is_none();
    if rules.again_at_once {
        attempt.outcome = format!("{}, run again at once", ended.shown());
    } else {
        let alone = place.wait_until_alone()?;
        attempt.check(alone, || "a session stays in the database".to_owned());
        let holds = place.holds()?;
        attempt.outcome = format!("{}, {}", ended.shown(), shown(&holds));
        judge_state(attempt, place, ended, &holds, rules);
        if ended.code == Some(7) {
            compare_both_sides(attempt, place, &holds)?;
        }
    }
    judge_report(attempt, place, ended, rules);
    let leftovers = place.leftovers(killed || rules.may_lack_report, ended.code == Some(0));
    attempt.check(leftovers.is_empty(), || format!("left behind: {leftovers:?}"));
    run_again(attempt, place)?;
    if let Some(change) = place.find_source_change() {
        attempt.problems.push(format!("the source has changed: {change}"));
    }
    Ok(())
}

/// `old`, `new`, or both for two databases.
fn shown(holds: &[Holds]) -> String {
    let word = |holds: &Holds| match holds {
        Holds::Old => "old",
        Holds::New => "new",
        Holds::Other(_) => "NEITHER",
    };
    holds.iter().map(word).collect::<Vec<_>>().join("+")
}

/// What the process itself must never do.
pub fn judge_words(attempt: &mut Attempt, ended: &Ended, rules: Rules) {
    let panicked = ended.code == Some(101) || ended.output().contains("panicked at");
    attempt.check(!panicked, || "it panicked".to_owned());
    let known = match ended.code {
        Some(code) => (0..=8).contains(&code) && (code != 8 || rules.may_be_interrupted),
        None => rules.may_be_killed || ended.hung,
    };
    attempt.check(known, || format!("{} is no answer to this fault", ended.shown()));
    if rules.must_succeed {
        attempt.check(ended.code == Some(0), || "it should have been done".to_owned());
    }
}

fn judge_state(
    attempt: &mut Attempt,
    place: &Place<'_>,
    ended: &Ended,
    holds: &[Holds],
    rules: Rules,
) {
    for other in holds {
        if let Holds::Other(difference) = other {
            attempt.problems.push(format!("neither the old state nor the new one: {difference}"));
        }
    }
    let count_new = holds.iter().filter(|holds| **holds == Holds::New).count();
    let (all_new, none_new) = (count_new == holds.len(), count_new == 0);
    // A second database may fail after the first is committed; then that is said.
    let partly = ended.err.contains("the other database is already committed");
    let true_code = match ended.code {
        Some(0) => all_new,
        Some(1..=6 | 8) => none_new || partly && !all_new,
        _ => true,
    };
    attempt.check(true_code, || format!("{}, but PostgreSQL is {}", ended.shown(), shown(holds)));
    let output = ended.output();
    if output.contains("nothing was changed") || output.contains("nothing was committed") {
        attempt.check(none_new || partly, || "it said that nothing was changed".to_owned());
    }
    if output.contains("Done: ") {
        attempt.check(all_new, || "it said that everything was done".to_owned());
    }
    if rules.has_words && ended.code.is_some_and(|code| code != 0) {
        attempt.check(ended.err.contains("error"), || "it failed without a word".to_owned());
    }
    let quarantine = ["q.jsonl", "q.jsonl.part"].iter().find_map(|name| {
        let text = fs::read_to_string(place.file(name)).ok()?;
        Some(text.lines().count())
    });
    let wanted = place.setup.words.iter().any(|word| word == "--quarantine");
    if wanted && !none_new {
        let lines = quarantine.unwrap_or(0);
        attempt.check(lines == 3, || format!("the quarantine file has {lines} of 3 rows"));
    }
    if wanted && none_new {
        let there = place.file("q.jsonl").exists();
        attempt.check(!there, || "a quarantine file without a commit".to_owned());
    }
}

/// After an unknown outcome `--verify` finds it out.
fn compare_both_sides(
    attempt: &mut Attempt,
    place: &Place<'_>,
    holds: &[Holds],
) -> Result<(), String> {
    let mut launch = place.launch_with(&["--verify"]);
    launch.words.retain(|word| word != "--drop-all" && word != "--replace-seed");
    let ended = launch.run()?;
    let all_new = holds.iter().all(|holds| *holds == Holds::New);
    attempt.check((ended.code == Some(0)) == all_new, || {
        format!("--verify: {}, but PostgreSQL is {}: {}", ended.shown(), shown(holds), ended.err)
    });
    Ok(())
}

fn judge_report(attempt: &mut Attempt, place: &Place<'_>, ended: &Ended, rules: Rules) {
    let Ok(text) = fs::read_to_string(place.file("r.json")) else {
        // What is refused before anything is opened has no report.
        let early = matches!(ended.code, Some(2 | 8) | None) || rules.may_lack_report;
        attempt.check(early, || "there is no report".to_owned());
        return;
    };
    let report: Value = match serde_json::from_str(&text) {
        Ok(report) => report,
        Err(error) => {
            attempt.problems.push(format!("the report is broken: {error}"));
            return;
        }
    };
    let unfinished = report["exit"].is_null();
    let good = match ended.code {
        None => true,
        Some(code) => report["exit"] == code || unfinished && rules.may_lack_report,
    };
    attempt.check(good, || format!("the report says exit {}", report["exit"]));
}

/// The same command, without a fault: at most the second time it must be done.
pub fn run_again(attempt: &mut Attempt, place: &Place<'_>) -> Result<(), String> {
    let again = place.run()?;
    judge_words(attempt, &again, OUTSIDE);
    if again.code != Some(0) {
        attempt.problems.push(format!("run again: {}: {}", again.shown(), again.output()));
    }
    place.wait_until_alone()?;
    for holds in place.holds()? {
        if holds != Holds::New {
            attempt.problems.push(format!("run again, PostgreSQL is {holds:?}"));
        }
    }
    let wanted = place.setup.words.iter().any(|word| word == "--quarantine");
    if wanted {
        let text = fs::read_to_string(place.file("q.jsonl")).unwrap_or_default();
        let lines = text.lines().count();
        attempt.check(lines == 3, || format!("run again, {lines} of 3 rows in quarantine"));
    }
    Ok(())
}
