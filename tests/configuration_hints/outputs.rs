//! Hints about files and directories that a run writes, and about versions of a schema.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{contains_text, hints};
use crate::hint_log;
use crate::server::installation::{Ended, program};
use crate::server::{self, Database};

/// A source, existing tables, and a directory for what is written.
struct Place {
    folder: tempfile::TempDir,
    database: Database,
}

impl Place {
    fn new() -> Place {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
            database: server::database(server::shared()),
        };
        let source = rusqlite::Connection::open(place.path("shop.db")).unwrap();
        source
            .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
            .unwrap();
        server::execute(&place.database.url, "CREATE TABLE t (id bigint PRIMARY KEY)");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> (i32, String) {
        let root = self.folder.path().display().to_string();
        let words =
            words.iter().map(|word| word.replace("DIR", &root).replace("URL", &self.database.url));
        let mut command = program();
        command.args(words).env("HOME", self.path("home"));
        let ended = Ended::of(&command.output().unwrap());
        (ended.code.unwrap(), format!("{}\n{}", ended.out, ended.err))
    }
}

const DRY_RUN: &[&str] =
    &["copy", "--dry-run", "--source", "DIR/shop.db", "--target", "URL", "--save-schema"];

/// Runs words, which are refused, and then each way that the hint names, on a place of its own.
#[track_caller]
fn check(prepare: fn(&Path), words: &[&str], part: &str, ways: &[(&str, &[&str])]) {
    let place = Place::new();
    prepare(place.folder.path());
    let (code, printed) = place.run(words);
    let found = hints(&printed).into_iter().find(|one| one.text.contains(part));
    let found = found.unwrap_or_else(|| panic!("no {part:?}, exit {code}:\n{printed}"));
    hint_log::note_hint_followed(&found.text, &found.hint);
    assert_ne!(code, 0, "{printed}");
    for (named, way) in ways {
        assert!(found.hint.contains(named), "no {named} in: {}", found.hint);
        let place = Place::new();
        prepare(place.folder.path());
        let (code, printed) = place.run(way);
        let text = found.text.split('/').next().unwrap();
        assert!(
            code != 101 && !printed.contains("Usage: ") && !contains_text(&printed, &found.text),
            "{way:?}: {text}, exit {code}:\n{printed}"
        );
    }
}

#[test]
fn a_report_onto_something_else() {
    let report = |file| [DRY_RUN, &["DIR/saved", "--report", file]].concat();
    let forced = [DRY_RUN, &["DIR/saved", "--report", "DIR/notes.txt", "--force"]].concat();
    check(
        |folder| fs::write(folder.join("notes.txt"), "mine").unwrap(),
        &report("DIR/notes.txt"),
        "exists already",
        &[("name another file", &report("DIR/new.json")), ("--force", &forced)],
    );
    check(
        |folder| symlink(folder.join("elsewhere"), folder.join("link.json")).unwrap(),
        &report("DIR/link.json"),
        "symbolic link",
        &[("name a regular file with `--report`", &report("DIR/new.json"))],
    );
    check(|_| {}, &report("DIR/shop.db"), "shop.db", &[("--report", &report("DIR/new.json"))]);
}

#[test]
fn a_directory_that_is_taken() {
    let save = |directory| [DRY_RUN, &[directory]].concat();
    let other = |folder: &Path| {
        fs::create_dir(folder.join("saved")).unwrap();
        fs::write(folder.join("saved/notes.txt"), "mine").unwrap();
    };
    check(
        other,
        &save("DIR/saved"),
        "does not contain a schema",
        &[("name another directory", &save("DIR/new"))],
    );
    let draft = |directory| ["schema", "draft", "--source", "DIR/shop.db", "--out", directory];
    check(other, &draft("DIR/saved"), "--out", &[("`--out DIR`", &draft("DIR/new"))]);
    check(
        |folder| fs::write(folder.join("home"), "no directory").unwrap(),
        &DRY_RUN[..DRY_RUN.len() - 1],
        "home",
        &[("--save-schema DIR", &save("DIR/new"))],
    );
}

#[test]
fn a_version_that_is_not_known() {
    let copy = |version| {
        ["copy", "--dry-run", "--source", "DIR/shop.db", "--target", "URL", "--schema", version]
    };
    check(
        |_| {},
        &copy("connect/core@1.0"),
        "has no version",
        &[("name a known version", &copy("connect/core@2026.06"))],
    );
}
