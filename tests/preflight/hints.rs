//! What the hints of refused dry runs tell to do is done as it is printed, and helps: of every case
//! of `tests/cases/preflight` that is refused, and of damaged and locked files.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rusqlite::Connection;

use super::files::damage_last_page_of;
use super::{blank, cases_root, make, target};
use crate::hint_log;
use crate::hints::{Instead, Scene, follow_all};
use crate::server::Database;
use crate::server::installation::{Ended, program};

use Instead::{EmptyTable, EndSessions, Nothing};

/// Hints without anything to paste.
const ELSEWHERE: &[(&str, Instead)] = &[
    // The application is stopped.
    ("F9", EndSessions),
    // Another file is named, or the file made readable by its application.
    ("F12", Nothing),
    // Rows are renumbered in the application.
    ("Q7", EmptyTable),
];

/// An application's file, and a target.
struct Place {
    folder: tempfile::TempDir,
    database: Database,
    /// What the application has open.
    held: RefCell<Option<Connection>>,
}

impl Place {
    fn new() -> Place {
        let (folder, database) = (tempfile::tempdir().unwrap(), blank());
        Place { folder, database, held: RefCell::new(None) }
    }

    fn of_sql(sql: &str) -> Place {
        let place = Place::new();
        drop(make(&place.source(), sql));
        place
    }

    fn of_bytes(bytes: &[u8]) -> Place {
        let place = Place::new();
        fs::write(place.source(), bytes).unwrap();
        place
    }

    fn damaged() -> Place {
        let place = Place::new();
        damage_last_page_of(&place.source());
        place
    }

    fn locked() -> Place {
        let place = Place::new();
        let connection = make(&place.source(), "");
        connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
        place.held.replace(Some(connection));
        place
    }
}

impl Scene for Place {
    fn run(&self, words: &[String]) -> (i32, String) {
        let mut command = program();
        command.args(["copy", "--dry-run", "--schema"]).arg(cases_root().join("schema"));
        command.arg("--source").arg(self.source()).args(words);
        target(&mut command, &self.database);
        let ended = Ended::of(&command.output().unwrap());
        (ended.code.unwrap(), ended.err)
    }

    fn run_joined(&self) -> (i32, String) {
        self.run(&[])
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    fn url(&self) -> &str {
        &self.database.url
    }

    fn end_sessions(&self) {
        self.held.take();
    }
}

#[track_caller]
fn check(name: &str, place: impl Fn() -> Place) {
    let (followed, faults) = follow_all(place, "schema.", ELSEWHERE);
    assert!(faults.is_empty(), "{name}, of {followed} hints:\n{}", faults.join("\n"));
}

#[test]
fn hints_of_refused_cases_are_followed() {
    for case in fs::read_dir(cases_root()).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(sql) = fs::read_to_string(case.join("source.sql")) else { continue };
        let expected = fs::read_to_string(case.join("expected.txt")).unwrap();
        if !expected.starts_with("exit 0") {
            check(&case.display().to_string(), || Place::of_sql(&sql));
        }
    }
}

#[test]
fn hints_of_files_that_cannot_be_read_are_followed() {
    check("damaged", Place::damaged);
    check("locked", Place::locked);
    check("empty", || Place::of_bytes(b""));
    check("no database", || Place::of_bytes(b"Dear diary"));
    check("missing", Place::new);
}

/// A dump in the place of a database: the command that the hint prints makes a database of it.
#[test]
fn a_dump_is_made_a_database_of() {
    let dump = "BEGIN TRANSACTION;\nCREATE TABLE t (id INTEGER PRIMARY KEY);\nCOMMIT;\n";
    let place = Place::of_bytes(format!("PRAGMA foreign_keys=OFF;\n{dump:<1024}").as_bytes());
    let (code, printed) = place.run(&[]);
    assert_eq!(code, 3, "{printed}");
    let (_, command) = printed.split_once("sqlite3 NEW < ").unwrap_or_else(|| panic!("{printed}"));
    let named = command.lines().next().unwrap();
    hint_log::note_followed(&printed);
    let new = place.source().with_extension("new");
    let line = format!("sqlite3 '{}' < {named}", new.display());
    assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success(), "{line}");
    fs::rename(new, place.source()).unwrap();
    let (_, printed) = place.run(&[]);
    assert!(!printed.contains("error: F12 "), "{printed}");
}
