//! The repair that a hint prints is pasted into a shell, whatever the names of tables and columns
//! are: the shell runs nothing else, and the repair is the one that was meant.

use std::fs;
use std::process::Command;

use rusqlite::Connection;

use crate::hint_log;
use crate::server::installation::{Ended, program};
use crate::server::{self, Database};

/// Names that are more than a word to a shell, or to a flag.
const NAMES: [&str; 12] = [
    "plain",
    "two words",
    "a; touch ran",
    "$(touch ran)",
    "`touch ran`",
    "it's",
    "x' ; touch ran ; '",
    "a|touch ran",
    "a && touch ran #",
    "dotted.name",
    "equals=sign",
    "line\ntouch ran",
];

struct Place {
    folder: tempfile::TempDir,
    database: Database,
}

impl Place {
    /// A table and a column of that name, with a text that PostgreSQL cannot hold.
    fn new(name: &str) -> Place {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
            database: server::database(server::shared()),
        };
        let connection = Connection::open(place.folder.path().join("app.db")).unwrap();
        let create = format!("CREATE TABLE \"{name}\" (id INTEGER PRIMARY KEY, \"{name}\" TEXT)");
        connection.execute_batch(&create).unwrap();
        let draft = ["schema", "draft", "--source", "app.db", "--out", "drafted"];
        let output = program().args(draft).current_dir(place.folder.path()).output().unwrap();
        assert!(output.status.success(), "{name:?}: {output:?}");
        let insert = format!("INSERT INTO \"{name}\" VALUES (1, 'a' || char(0) || 'b')");
        connection.execute_batch(&insert).unwrap();
        place
    }

    /// A dry run, typed in a shell with these words behind it.
    fn type_dry_run(&self, more: &str) -> Ended {
        let line = format!(
            "exec \"$MIGRATE\" copy --schema drafted --source app.db --target \"$TARGET\" \
             --dry-run {more}"
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).current_dir(self.folder.path());
        shell.env("MIGRATE", program().get_program()).env("TARGET", &self.database.url);
        let ended = Ended::of(&shell.output().unwrap());
        assert!(!self.folder.path().join("ran").exists(), "{more}: {ended:?}");
        ended
    }
}

/// The first repair of the hints, with the line below it.
fn first_repair(text: &str) -> (&str, &str) {
    let (_, rest) = text.split_once("\nhint: repair it with ").unwrap();
    let mut lines = rest.lines();
    (lines.next().unwrap(), lines.next().unwrap_or_default())
}

#[test]
fn a_printed_repair_can_be_pasted_whatever_the_names_are() {
    for name in NAMES {
        let place = Place::new(name);
        let refused = place.type_dry_run("");
        assert_eq!(refused.code, Some(1), "{name:?}: {refused:?}");
        hint_log::note_followed(&refused.err);
        let (repair, below) = first_repair(&refused.err);
        let repaired = match repair.starts_with("--repairs FILE, and write this line") {
            true => {
                fs::write(place.folder.path().join("repairs.toml"), below.trim_start()).unwrap();
                place.type_dry_run("--repairs repairs.toml")
            }
            false => place.type_dry_run(repair),
        };
        assert_eq!(repaired.code, Some(0), "{name:?}, {repair}: {repaired:?}");
    }
}
