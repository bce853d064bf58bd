//! A damaged source: bytes flipped, pages lost, the end missing, the `-wal` damaged. SQLite itself
//! reads a copy of the same bytes, and says what is in them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use super::judge::{self, OUTSIDE};
use super::place::{Holds, Place, read_sources};
use super::program::{Ended, Launch};
use super::rows::{self, Rows};
use super::site::{Scenario, Site};
use super::state;
use super::tally::Attempt;
use crate::sample::random::Dice;

/// What is done to the bytes.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Flip { bits: usize },
    ZeroPage,
    ZeroBlock,
    Truncate,
    TruncatePages,
    CopyPage,
}

const HARMS: [Harm; 8] = [
    Harm::Flip { bits: 1 },
    Harm::Flip { bits: 3 },
    Harm::Flip { bits: 12 },
    Harm::ZeroPage,
    Harm::ZeroBlock,
    Harm::Truncate,
    Harm::TruncatePages,
    Harm::CopyPage,
];

/// The size of SQLite's pages in these files.
const PAGE: usize = 4096;

/// A damaged file.
///
/// # Errors
/// When the attempt could not be made.
pub fn damage(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = Scenario::Empty;
    let setup = site.set_up_scenario(scenario)?;
    let place = Place::make(site, setup, scenario, name)?;
    let with_wal = dice.one_in(2);
    let source = make_source(&place, with_wal)?;
    let undamaged = read_copy(&place, &source, "whole")?
        .0
        .map_err(|error| format!("SQLite does not read the file before it is damaged: {error}"))?;
    let victim = match with_wal && dice.one_in(2) {
        true => PathBuf::from(format!("{}-wal", source.display())),
        false => source.clone(),
    };
    let harm = dice.choose(HARMS);
    let shown = victim.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = fs::read(&victim).map_err(|error| error.to_string())?;
    let place_of_harm = apply(harm, &victim, dice)?;
    let evident = victim != source && leaves_commits(&victim, &bytes)?;
    let mut attempt = Attempt::new(format!("{harm:?} of {shown} at {place_of_harm}"));
    let (damaged, checked) = read_copy(&place, &source, "damaged")?;
    let before = read_sources(&place.file("db"))?;
    let full = dice.one_in(2);
    let mut launch = launch(&place, &source);
    launch.words.extend(full.then(|| ["--integrity".into(), "full".into()]).into_iter().flatten());
    let ended = launch.run()?;
    attempt.output = ended.output();
    judge::judge_words(&mut attempt, &ended, OUTSIDE);
    attempt.check(!ended.hung, || "it did not end".to_owned());
    attempt.check(read_sources(&place.file("db"))? == before, || "the source changed".to_owned());
    let kind = if victim == source { "file" } else { "-wal" };
    // The quick check, which is the default, does not compare tables with their indexes.
    let check = if full { checked.as_str() } else { "ok" };
    let rows = [&Ok(undamaged), &damaged];
    let outcome = compare(&mut attempt, &place, &ended, rows, Signs { check, evident })?;
    let kind = if full { format!("{kind}, full check") } else { kind.to_owned() };
    attempt.outcome = format!("{kind}: {outcome}");
    Ok(attempt)
}

/// A copy of the core database; with `with_wal`, its last transactions are in a `-wal` beside it.
fn make_source(place: &Place<'_>, with_wal: bool) -> Result<PathBuf, String> {
    let fail = |error: rusqlite::Error| error.to_string();
    let from = place.file("db").join(rows::CORE);
    let source = place.file("db").join("source.db");
    let open = Connection::open(&from).map_err(fail)?;
    if with_wal {
        open.execute_batch("PRAGMA wal_autocheckpoint = 0").map_err(fail)?;
        for number in 0..40 {
            let sql = format!(
                "BEGIN; INSERT INTO people (name, note) VALUES ('late {number}', 'in the wal'); \
                 INSERT INTO words VALUES ('late {number}', {number}); \
                 UPDATE teams SET title = title || 'x' WHERE id = {number}; COMMIT"
            );
            open.execute_batch(&sql).map_err(fail)?;
        }
    }
    for end in ["", "-wal"] {
        let file = PathBuf::from(format!("{}{end}", from.display()));
        if file.exists() {
            let copy = format!("{}{end}", source.display());
            fs::copy(file, copy).map_err(|error| error.to_string())?;
        }
    }
    drop(open);
    Ok(source)
}

/// What SQLite reads of a copy of a file and its `-wal`, and what its own check says.
fn read_copy(
    place: &Place<'_>,
    source: &Path,
    name: &str,
) -> Result<(Result<Rows, String>, String), String> {
    let folder = place.site().folder().join(format!("{}-{name}", place.path_name()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let copy = folder.join("copy.db");
    for end in ["", "-wal"] {
        let from = format!("{}{end}", source.display());
        if Path::new(&from).exists() {
            let to = format!("{}{end}", copy.display());
            fs::copy(from, to).map_err(|error| error.to_string())?;
        }
    }
    let read = rows::read_sqlite(&copy);
    let checked = rows::check_sqlite(&copy);
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok((read, checked))
}

/// Does harm to a file, and says where.
fn apply(harm: Harm, file: &Path, dice: &mut Dice) -> Result<String, String> {
    let fail = |error: std::io::Error| error.to_string();
    let mut bytes = fs::read(file).map_err(fail)?;
    let page = dice.place(bytes.len() / PAGE) * PAGE;
    let place = match harm {
        Harm::Flip { bits } => {
            let places: Vec<usize> = (0..bits).map(|_| dice.place(bytes.len())).collect();
            for at in &places {
                if let Some(byte) = bytes.get_mut(*at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            format!("{places:?}")
        }
        Harm::ZeroPage | Harm::ZeroBlock => {
            let start = page + if matches!(harm, Harm::ZeroBlock) { dice.place(PAGE) } else { 0 };
            let end = start + if matches!(harm, Harm::ZeroBlock) { 512 } else { PAGE };
            bytes.iter_mut().take(end).skip(start).for_each(|byte| *byte = 0);
            format!("{start}")
        }
        Harm::Truncate => {
            bytes.truncate(dice.place(bytes.len()));
            format!("{}", bytes.len())
        }
        Harm::TruncatePages => {
            bytes.truncate(page);
            format!("{page}")
        }
        Harm::CopyPage => {
            let to = dice.place(bytes.len() / PAGE) * PAGE;
            let copy: Vec<u8> = bytes.iter().skip(page).take(PAGE).copied().collect();
            for (at, byte) in bytes.iter_mut().skip(to).zip(copy) {
                *at = byte;
            }
            format!("{page} to {to}")
        }
    };
    fs::write(file, bytes).map_err(fail)?;
    Ok(place)
}

fn launch(place: &Place<'_>, source: &Path) -> Launch {
    let mut launch = place.launch();
    let schema = launch.words.iter().skip_while(|word| *word != "--schema").nth(1);
    let schema = schema.map(|schema| Path::new(schema).join("core")).unwrap_or_default();
    let database = place.databases.first().map_or("", String::as_str);
    let url = place.site().url_of(database, place.site().port);
    let words = ["copy", "--yes", "--report", "r.json", "--target"].map(OsString::from);
    launch.words = words.into();
    launch.words.extend([url.into(), "--schema".into(), schema.into()]);
    launch.words.extend(["--source".into(), source.into()]);
    launch
}

/// Whether a damaged `-wal` still holds the end of a transaction behind the damaged frame, which
/// SQLite does not reach. Damage of the last frame looks like a transaction that was being
/// committed when the power failed.
fn leaves_commits(wal: &Path, before: &[u8]) -> Result<bool, String> {
    let now = fs::read(wal).map_err(|error| error.to_string())?;
    let Some(harm) = before.iter().zip(&now).position(|(before, now)| before != now) else {
        return Ok(false);
    };
    let (header, frame) = (32, 24 + PAGE);
    if harm < header {
        return Ok(now.len() > header + frame);
    }
    let salts = before.get(16..24);
    let first = (harm - header) / frame;
    let mut frames = now.get(header..).unwrap_or_default().chunks_exact(frame).skip(first + 1);
    Ok(frames.any(|frame| frame.get(8..16) == salts && frame.get(4..8) != Some(&[0; 4])))
}

/// What tells of damage.
struct Signs<'a> {
    /// The result of the check that the run was asked for.
    check: &'a str,
    /// Whether transactions are there that SQLite does not read.
    evident: bool,
}

/// Compares what was loaded with what SQLite reads, before the damage and after it.
fn compare(
    attempt: &mut Attempt,
    place: &Place<'_>,
    ended: &Ended,
    [undamaged, damaged]: [&Result<Rows, String>; 2],
    Signs { check: checked, evident }: Signs<'_>,
) -> Result<String, String> {
    place.wait_until_alone()?;
    let same = damaged == undamaged;
    if ended.code != Some(0) {
        let old = place.holds()?.iter().all(|holds| *holds == Holds::Old);
        attempt.check(old, || "it failed, and PostgreSQL has changed".to_owned());
        let why = if same && checked == "ok" { ", though SQLite sees no damage" } else { "" };
        return Ok(format!("{}{why}", ended.shown()));
    }
    let damaged = match damaged {
        Ok(rows) => rows,
        Err(error) => {
            attempt.problems.push(format!("done, but SQLite cannot read the file: {error}"));
            return Ok("done".to_owned());
        }
    };
    let database = place.databases.first().map_or("", String::as_str);
    let mut client = state::connect(&place.site().admin_url_of(database))?;
    let loaded = rows::read_postgres(&mut client, damaged)?;
    if let Some(text) = rows::difference(damaged, &loaded) {
        attempt.problems.push(format!("done, but SQLite reads other rows: {text}"));
    }
    if same {
        return Ok("done: SQLite reads all rows".to_owned());
    }
    attempt.check(checked == "ok", || format!("done, but SQLite's check says {checked}"));
    let lost = undamaged.as_ref().is_ok_and(|undamaged| {
        undamaged
            .iter()
            .any(|(name, rows)| loaded.get(name).is_none_or(|now| now.len() < rows.len()))
    });
    let text = fs::read_to_string(place.file("r.json")).unwrap_or_default();
    let report: Value = serde_json::from_str(&text).unwrap_or_default();
    let mut reported_ids: Vec<String> = Vec::new();
    for finding in report["findings"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let id = finding["id"].as_str().filter(|_| finding["severity"] != "note");
        reported_ids.extend(id.map(str::to_owned));
    }
    // Somebody must say that committed transactions of a -wal are not read.
    attempt.check(!evident || reported_ids.iter().any(|id| id == "F17"), || {
        "transactions of the -wal are not read, and nothing says so".to_owned()
    });
    let reported_ids = if reported_ids.is_empty() {
        "nothing is said".to_owned()
    } else {
        reported_ids.join(", ")
    };
    let what = if lost { "fewer rows than before" } else { "other values than before" };
    Ok(format!("done: SQLite reads {what}, {reported_ids}"))
}
