//! Others at work at the same time: a writer on the source, other runs on the same target.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::Signal;

use super::judge::{self, OUTSIDE};
use super::place::{Holds, Place};
use super::program::{Running, send};
use super::rows;
use super::site::{Scenario, Site};
use super::state;
use super::tally::Attempt;
use crate::sample::random::Dice;

/// Writes a row into each of two tables in every transaction, until it is stopped. How many.
fn write_rows(file: &Path, stop: &AtomicBool) -> Result<i64, String> {
    let fail = |error: rusqlite::Error| error.to_string();
    let connection = Connection::open(file).map_err(fail)?;
    connection.busy_timeout(Duration::from_secs(20)).map_err(fail)?;
    connection.execute_batch("PRAGMA synchronous = OFF").map_err(fail)?;
    let mut written = 0;
    while !stop.load(Ordering::SeqCst) && written < 20_000 {
        let sql = format!(
            "BEGIN IMMEDIATE; INSERT INTO people (name) VALUES ('new {written}'); \
             INSERT INTO words VALUES ('new {written}', 1); COMMIT"
        );
        match connection.execute_batch(&sql) {
            Ok(()) => written += 1,
            Err(error) if stop.load(Ordering::SeqCst) => {
                let _ = error;
            }
            Err(error) => return Err(error.to_string()),
        }
        thread::sleep(Duration::from_micros(500));
    }
    Ok(written)
}

/// The application goes on writing while the run reads.
///
/// # Errors
/// When the attempt could not be made.
pub fn writer(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = Scenario::Empty;
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let mode = dice.choose(["WAL", "DELETE", "TRUNCATE"]);
    let late = dice.one_in(2);
    let mut attempt = Attempt::new(format!("a writer in mode {mode}, late: {late}"));
    let stop = Arc::new(AtomicBool::new(false));
    let file = place.file("db").join(rows::CORE);
    let fail = |error: rusqlite::Error| error.to_string();
    let open = Connection::open(&file).map_err(fail)?;
    open.pragma_update(None, "journal_mode", mode).map_err(fail)?;
    open.close().map_err(|(_, error)| fail(error))?;
    let start =
        |file: PathBuf, stop: Arc<AtomicBool>| thread::spawn(move || write_rows(&file, &stop));
    let early_writer = (!late).then(|| start(file.clone(), Arc::clone(&stop)));
    let mut running = place.launch().start()?;
    let part = dice.fraction() * 0.5;
    running.wait_since_start(Duration::from_secs_f64(place.setup.seconds * part));
    let writer = early_writer.unwrap_or_else(|| start(file.clone(), Arc::clone(&stop)));
    let ended = running.wait()?;
    stop.store(true, Ordering::SeqCst);
    let written = writer.join().map_err(|_| "the writer panicked")?;
    attempt.output = ended.output();
    judge::judge_words(&mut attempt, &ended, OUTSIDE);
    attempt.outcome = format!("{mode}: {}", ended.shown());
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            attempt.problems.push(format!("the application could not go on writing: {error}"));
            0
        }
    };
    place.wait_until_alone()?;
    let now = rows::read_sqlite(&file)?;
    attempt.check(rows::check_sqlite(&file) == "ok", || "the source is damaged".to_owned());
    let database = place.databases.first().map_or("", String::as_str);
    let mut client = state::connect(&site.admin_url_of(database))?;
    if ended.code == Some(0) {
        let loaded = rows::read_postgres(&mut client, &now)?;
        check_snapshot(&mut attempt, &now, &loaded, written);
        return Ok(attempt);
    }
    let old = place.holds()?.iter().all(|holds| *holds == Holds::Old);
    attempt.check(old, || "it failed, and PostgreSQL has changed".to_owned());
    // Without the writer the same command must be done.
    let again = place.run()?;
    attempt.check(again.code == Some(0), || format!("again: {}", again.output()));
    let loaded = rows::read_postgres(&mut client, &now)?;
    if let Some(text) = rows::difference(&now, &loaded) {
        attempt.problems.push(format!("run again, the rows differ: {text}"));
    }
    Ok(attempt)
}

/// What was loaded is the file at one moment: every row of the beginning, and as many later rows
/// of the one table as of the other.
fn check_snapshot(attempt: &mut Attempt, now: &rows::Rows, loaded: &rows::Rows, written: i64) {
    let new = |of: &rows::Rows, table: &str, column: usize| {
        let rows = of.get(table).map(Vec::as_slice).unwrap_or_default();
        let is_new = |row: &&Vec<String>| row.get(column).is_some_and(|v| v.starts_with("tnew "));
        rows.iter().filter(is_new).count()
    };
    let (people, words) = (new(loaded, "people", 1), new(loaded, "words", 0));
    attempt.check(people == words, || format!("no snapshot: {people} people, {words} words"));
    attempt.check(people <= written.unsigned_abs() as usize, || "more rows than ever".to_owned());
    for (table, rows) in now {
        let there = loaded.get(table).map(Vec::as_slice).unwrap_or_default();
        let is_old = |row: &&Vec<String>| !row.iter().any(|value| value.starts_with("tnew "));
        let lost = rows.iter().filter(is_old).find(|row| !there.contains(row));
        attempt.check(lost.is_none(), || format!("{table}: {lost:?} is missing"));
    }
}

/// Two or three runs into one target, one of which may be killed.
///
/// # Errors
/// When the attempt could not be made.
pub fn twice(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose([
        Scenario::Empty,
        Scenario::TwoTargets,
        Scenario::ExistingTables,
        Scenario::Replaced,
        Scenario::Connect,
    ]);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let count = 2 + usize::from(dice.one_in(3));
    let pauses = [0, 1, 2].map(|_| if dice.one_in(2) { 0.0 } else { dice.fraction() });
    let killed = dice.one_in(3).then(|| dice.fraction());
    let mut attempt =
        Attempt::new(format!("{scenario:?}: {count} runs, {pauses:?} apart, killed {killed:?}"));
    let mut runs: Vec<Running> = Vec::new();
    let seconds = place.setup.seconds;
    for (index, pause) in pauses.iter().take(count).enumerate() {
        let mut launch = place.launch();
        if index > 0 {
            launch.folder = place.file(&format!("run-{index}"));
            fs::create_dir_all(launch.folder.join("tmp")).map_err(|error| error.to_string())?;
            let copied = fs::copy(place.file("c.gcfg"), launch.folder.join("c.gcfg"));
            copied.map_err(|error| error.to_string())?;
        }
        runs.push(launch.start()?);
        thread::sleep(Duration::from_secs_f64(pause * seconds * 0.7));
    }
    if let (Some(part), Some(first)) = (killed, runs.first_mut()) {
        first.wait_since_start(Duration::from_secs_f64(part * seconds * 2.0));
        send(first.pid(), Signal::KILL);
    }
    let mut codes = Vec::new();
    for (index, run) in runs.into_iter().enumerate() {
        let ended = run.wait()?;
        attempt.output += &ended.output();
        let may_be_killed = index == 0 && killed.is_some();
        judge::judge_words(&mut attempt, &ended, judge::Rules { may_be_killed, ..OUTSIDE });
        attempt.check(!ended.hung, || "it did not end".to_owned());
        codes.push(ended.code);
    }
    for index in 1..count {
        let _ = fs::remove_dir_all(place.file(&format!("run-{index}")));
    }
    place.wait_until_alone()?;
    let holds = place.holds()?;
    let (done, new) = (codes.contains(&Some(0)), holds.iter().all(|h| *h == Holds::New));
    let is_expected = !holds.iter().any(|holds| matches!(holds, Holds::Other(_)));
    attempt.check(is_expected, || format!("PostgreSQL is {holds:?}"));
    attempt.check(!done || new, || format!("a run is done, and PostgreSQL is {holds:?}"));
    attempt.check(done || killed.is_some(), || "no run is done".to_owned());
    let mut shown: Vec<String> =
        codes.iter().map(|code| code.map_or("killed".into(), |code| code.to_string())).collect();
    shown.sort();
    attempt.outcome = format!("exits {}, {}", shown.join(" "), if new { "new" } else { "old" });
    judge::run_again(&mut attempt, &place)?;
    if let Some(change) = place.find_source_change() {
        attempt.problems.push(format!("the source has changed: {change}"));
    }
    Ok(attempt)
}
