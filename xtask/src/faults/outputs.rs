//! Outputs onto dangerous places: the source and what stands beside it, the configuration, links
//! and files of other users, FIFOs, devices, directories.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::judge::{self, OUTSIDE};
use super::place::{Holds, Place, names_in};
use super::site::{Scenario, Site};
use super::tally::Attempt;
use crate::sample::random::Dice;

/// Where an output goes, and what is there before.
const TARGETS: [&str; 27] = [
    "the source",
    "the source by another name",
    "a hard link to the source",
    "its -wal",
    "its -shm",
    "its -journal",
    "the other source",
    "the configuration",
    "a hard link to the configuration",
    "a schema file",
    "a new schema file",
    "a link",
    "a link to nothing",
    "a link of another user",
    "a file of another user",
    "a file",
    "an empty file",
    "a directory",
    "a path in no directory",
    "a socket",
    "a FIFO with a reader",
    "a full device",
    "the other output",
    "a descriptor that is not open",
    "standard input",
    "its own memory",
    "an empty path",
];

/// An account without rights.
const NOBODY: u32 = 65534;

/// A run with an output onto one of them.
///
/// # Errors
/// When the attempt could not be made.
pub fn output(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = Scenario::Quarantine;
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let target = dice.choose(TARGETS);
    let flag = dice.choose(["--report", "--report", "--quarantine", "--save-schema"]);
    let force = dice.one_in(2);
    let dry = dice.one_in(4);
    let path = make_target(&place, target)?;
    let mut attempt = Attempt::new(format!("{flag} onto {target}, force: {force}, dry run: {dry}"));
    let mut launch = place.launch();
    let mut words = Vec::new();
    let mut rest = launch.words.iter().cloned();
    while let Some(word) = rest.next() {
        if word == "--quarantine" || word == "--report" {
            let usual = rest.next().unwrap_or_default();
            words.extend([word.clone(), if word == flag { path.clone().into() } else { usual }]);
        } else {
            words.push(if dry && word == "--yes" { "--dry-run".into() } else { word });
        }
    }
    if flag == "--save-schema" {
        words.extend([OsString::from(flag), path.clone().into()]);
    }
    words.extend(force.then(|| OsString::from("--force")));
    launch.words = words;
    let before = everything(place.path());
    let reader = (target == "a FIFO with a reader").then(|| {
        let fifo = path.clone();
        thread::spawn(move || Command::new("timeout").arg("20").arg("cat").arg(fifo).output())
    });
    let ended = launch.run()?;
    if let Some(reader) = reader {
        // A run that never opened it leaves the reader waiting.
        let _ = fs::OpenOptions::new().write(true).read(true).open(&path);
        drop(reader);
    }
    attempt.output = ended.output();
    judge::judge_words(&mut attempt, &ended, OUTSIDE);
    attempt.check(!ended.hung, || "it did not end".to_owned());
    let outcome = if dry { "dry run, " } else { "" };
    attempt.outcome = format!("{flag} onto {target}: {outcome}{}", ended.shown());
    judge_files(&mut attempt, &place, &before, target, &path);
    place.wait_until_alone()?;
    let holds = place.holds()?;
    let wanted = if ended.code == Some(0) && !dry { Holds::New } else { Holds::Old };
    attempt.check(holds.iter().all(|holds| *holds == wanted), || {
        format!("{}, but PostgreSQL is {holds:?}", ended.shown())
    });
    let fits = matches!(ended.code, Some(0 | 2));
    attempt.check(fits, || format!("{} is no answer to this path", ended.shown()));
    judge_again(&mut attempt, &place)?;
    Ok(attempt)
}

/// The usual command must be done, once what is in its way is gone.
fn judge_again(attempt: &mut Attempt, place: &Place<'_>) -> Result<(), String> {
    for name in ["r.json", "q.jsonl", "q.jsonl.part"] {
        let file = place.file(name);
        let _ = fs::remove_file(&file);
    }
    let mut launch = place.launch();
    launch.words.push("--force".into());
    let again = launch.run()?;
    attempt.check(again.code == Some(0), || format!("run again: {}", again.output()));
    let new = place.holds()?.iter().all(|holds| *holds == Holds::New);
    attempt.check(new, || "run again, PostgreSQL is not new".to_owned());
    Ok(())
}

/// Makes what is there before, and names the path.
fn make_target(place: &Place<'_>, target: &str) -> Result<PathBuf, String> {
    let fail = |error: std::io::Error| format!("{target}: {error}");
    let source = place.file("db/connect.db");
    let beside = |end: &str| PathBuf::from(format!("{}{end}", source.display()));
    let new = place.file("there");
    let shared = place.file("shared");
    let victim = place.file("victim");
    fs::write(&victim, "precious").map_err(fail)?;
    fs::create_dir(&shared).map_err(fail)?;
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).map_err(fail)?;
    let planted = shared.join("there");
    let made = match target {
        "the source" => return Ok(source),
        "the source by another name" => return Ok(place.file("tmp/../db//./connect.db")),
        "a hard link to the source" => fs::hard_link(&source, &new),
        "its -wal" => return Ok(beside("-wal")),
        "its -shm" => return Ok(beside("-shm")),
        "its -journal" => return Ok(beside("-journal")),
        "the other source" => return Ok(place.file("db/connect-instrumentation.db")),
        "the configuration" => return Ok("c.gcfg".into()),
        "a hard link to the configuration" => fs::hard_link(place.file("c.gcfg"), &new),
        "a schema file" => return schema_file(place, "people.toml"),
        "a new schema file" => return schema_file(place, "new.toml"),
        "a link" => symlink(&victim, &new),
        "a link to nothing" => symlink(place.file("nothing"), &new),
        "a link of another user" => {
            let made = symlink(&victim, &planted);
            return made.and_then(|()| give_away(&planted)).map(|()| planted).map_err(fail);
        }
        "a file of another user" => {
            let made = fs::write(&planted, "");
            return made.and_then(|()| give_away(&planted)).map(|()| planted).map_err(fail);
        }
        "a file" => fs::write(&new, "precious"),
        "an empty file" => fs::write(&new, ""),
        "a directory" => return Ok("tmp".into()),
        "a path in no directory" => return Ok(place.file("nowhere/there")),
        "a socket" => UnixListener::bind(&new).map(drop),
        "a FIFO with a reader" => run("mkfifo", &[], &new),
        "a full device" => match run("mknod", &["c", "1", "7"], &new) {
            // Only root can make one.
            Err(_) => fs::write(&new, ""),
            Ok(()) => Ok(()),
        },
        "the other output" => return Ok("out".into()),
        "a descriptor that is not open" => return Ok("/dev/fd/77".into()),
        "standard input" => return Ok("/dev/stdin".into()),
        "its own memory" => return Ok("/proc/self/mem".into()),
        _ => return Ok(PathBuf::new()),
    };
    made.map(|()| new).map_err(fail)
}

fn schema_file(place: &Place<'_>, name: &str) -> Result<PathBuf, String> {
    let mut words = place.setup.words.iter().skip_while(|word| *word != "--schema");
    let root = words.nth(1).map(PathBuf::from).ok_or("the scenario has no schema files")?;
    Ok(root.join("core").join(name))
}

fn give_away(path: &Path) -> std::io::Result<()> {
    match std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)) {
        // Without root there is no other user to plant anything.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        done => done,
    }
}

fn run(program: &str, words: &[&str], path: &Path) -> std::io::Result<()> {
    let mut command = Command::new(program);
    command.arg(path).args(words).stderr(Stdio::null());
    match command.status()?.success() {
        true => Ok(()),
        false => Err(std::io::Error::other(format!("{program} failed"))),
    }
}

/// A file: inode, owner, mode, and its bytes where it is a regular file.
type Known = (u64, u32, u32, Option<Vec<u8>>);

/// Every file below a directory.
fn everything(directory: &Path) -> BTreeMap<PathBuf, Known> {
    let mut all = BTreeMap::new();
    for name in names_in(directory) {
        let path = directory.join(&name);
        let Ok(data) = fs::symlink_metadata(&path) else { continue };
        if data.is_dir() {
            all.extend(everything(&path));
        }
        let bytes = data.is_file().then(|| fs::read(&path).unwrap_or_default());
        // SQLite may make these two beside a file that it reads.
        let by_sqlite = name.ends_with("-shm") || name.ends_with("-wal") && data.len() == 0;
        if !by_sqlite {
            all.insert(path, (data.ino(), data.uid(), data.mode(), bytes));
        }
    }
    all
}

/// What stood there stands there still, but for outputs that may be replaced.
fn judge_files(
    attempt: &mut Attempt,
    place: &Place<'_>,
    before: &BTreeMap<PathBuf, Known>,
    target: &str,
    path: &Path,
) {
    let after = everything(place.path());
    let replaceable = ["a file", "an empty file", "a full device"].contains(&target);
    for (file, known) in before {
        let same = after.get(file) == Some(known);
        // A hard link shares the inode, whose number stays; directories change their times alone.
        let may_change = replaceable && place.path().join(path) == *file
            || ["out", "err"].iter().any(|name| place.file(name) == *file);
        attempt.check(same || may_change, || format!("{} has changed", file.display()));
    }
    let root = schema_file(place, "new.toml").map(|file| file.exists()).unwrap_or(false);
    attempt.check(!root, || "a file was made among the schema files".to_owned());
    let outputs = ["r.json", "q.jsonl", "q.jsonl.part", "out", "err"];
    for file in after.keys().filter(|file| !before.contains_key(*file)) {
        let known = outputs.iter().any(|name| place.file(name) == *file)
            || file.starts_with(place.path().join(path));
        attempt.check(known, || format!("{} was made", file.display()));
    }
}
