//! Names and texts from outside that hold escapes, line breaks and marks for the direction of
//! text, in every place that a name can come from: nothing of them reaches the terminal as it is.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use connect_migrate::text::is_hidden;
use rusqlite::Connection;

use crate::server::installation::{Ended, program};
use crate::server::{self, Database};

/// What each of the names holds: a title and a cleared screen, a forged line, a carriage return,
/// text that is turned around, an invisible character, a control character of eight bits.
const HOSTILE: [&str; 6] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "x\nerror: forged\nhint: rm -rf /",
    "x\rdone: forged",
    "x\u{202e}gpj.exe",
    "x\u{200b}\u{2028}y",
    "x\u{9b}31m",
];

struct Place {
    folder: tempfile::TempDir,
    database: Database,
}

impl Place {
    /// A file whose tables, columns, keys, indexes, views and triggers have such names.
    fn new() -> Place {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
            database: server::database(server::shared()),
        };
        let connection = Connection::open(place.path("app.db")).unwrap();
        for (number, name) in HOSTILE.iter().enumerate() {
            let sql = format!(
                "PRAGMA foreign_keys = OFF;
                 CREATE TABLE \"t{number}{name}\" (id INTEGER PRIMARY KEY, \"c{name}\" TEXT,
                     \"r{name}\" INTEGER REFERENCES \"t{number}{name}\", other DATETIME,
                     CONSTRAINT \"k{name}\" UNIQUE (\"c{name}\"),
                     CHECK (\"c{name}\" <> '{name}' OR json_valid(other)));
                 CREATE INDEX \"i{number}{name}\" ON \"t{number}{name}\" (lower(\"c{name}\"));
                 CREATE VIEW \"v{number}{name}\" AS SELECT 1;
                 INSERT INTO \"t{number}{name}\" VALUES (1, x'00ff', 77, 1), (2, 'a', 1, 'b'),
                     (3, 'c' || char(0), NULL, NULL);"
            );
            connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Ended {
        let output = program().args(words).current_dir(self.folder.path()).output().unwrap();
        let ended = Ended::of(&output);
        assert!(ended.code.is_some_and(|code| code < 8), "{words:?}: {ended:?}");
        is_plain(words, &ended.out);
        is_plain(words, &ended.err);
        ended
    }
}

/// Whether a terminal shows the text as it is.
#[track_caller]
fn is_plain(what: &[&str], text: &str) {
    let hidden: Vec<char> = text.chars().filter(|c| *c != '\n' && is_hidden(*c)).collect();
    assert!(hidden.is_empty(), "{what:?} prints {hidden:?}:\n{text:?}");
    // A page shows statements with their line breaks, as code.
    for line in text.lines().filter(|_| !text.starts_with("<!DOCTYPE html>")) {
        let forged = ["error: forged", "hint: rm", "done: forged"];
        assert!(!forged.iter().any(|start| line.trim_start().starts_with(start)), "{text}");
    }
}

#[test]
fn names_of_tables_and_columns_are_escaped() {
    let place = Place::new();
    place.run(&["schema", "draft", "--source", "app.db", "--out", "drafted"]);
    let residue = fs::read_to_string(place.path("drafted/RESIDUE.md")).unwrap();
    // Statements stand there as SQLite keeps them, with their line breaks, between fences.
    let prose: Vec<&str> = residue.split("```").step_by(2).collect();
    is_plain(&["RESIDUE.md"], &prose.concat());
    for entry in fs::read_dir(place.path("drafted")).unwrap() {
        is_plain(&["a file's name"], entry.unwrap().file_name().to_str().unwrap());
    }
    for words in [
        &["schema", "show", "drafted"][..],
        &["schema", "diff", "sqlite:app.db", "drafted"],
        &["schema", "diff", "sqlite:app.db", "connect/core"],
        &["schema", "diff", "--format", "markdown", "sqlite:app.db", "connect/core"],
        &["schema", "diff", "--format", "html", "drafted", "connect/core"],
        &["schema", "diff", "--format", "json", "drafted", "connect/core"],
    ] {
        place.run(words);
    }
    let url = place.database.url.clone();
    let run = ["copy", "--schema", "drafted", "--source", "app.db", "--target", &url, "--yes"];
    let words = [&run[..], &["--report", "report.json", "--dry-run"]].concat();
    let ended = place.run(&words);
    assert_ne!(ended.code, Some(0), "{ended:?}");
    // A program reads the exact names.
    let text = fs::read_to_string(place.path("report.json")).unwrap();
    is_plain(&["report.json"], &text);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(report.to_string().contains("\\u001b]0;owned"), "{report}");
    assert!(report.to_string().contains("x\u{202e}gpj.exe"), "{report}");
    let lines = place.run(&[&run[..], &["--log-format", "json", "--dry-run"]].concat()).err;
    let find = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap().to_string();
    assert!(lines.lines().any(|line| find(line).contains("x\u{202e}gpj.exe")), "{lines}");
    place.run(&[
        "copy",
        "--schema",
        "connect/core",
        "--source",
        "app.db",
        "--target",
        &url,
        "--yes",
    ]);
    place.run(&run);
}

/// The schema's, a role's, a session's and the tables' names in PostgreSQL.
#[test]
fn names_in_postgresql_are_escaped() {
    let place = Place::new();
    let connected = server::connect(&place.database.url);
    let mut client = connected.client;
    for (number, name) in HOSTILE.iter().enumerate() {
        let sql = format!(
            "CREATE TABLE \"p{number}{name}\" (\"c{name}\" int DEFAULT 1,
                 CONSTRAINT \"k{name}\" CHECK (\"c{name}\" > 0));
             CREATE VIEW \"t{number}{name}\" AS SELECT 1 AS id;
             CREATE SEQUENCE \"s{number}{name}\";
             CREATE SCHEMA \"n{number}{name}\""
        );
        client.batch_execute(&sql).unwrap();
    }
    place.run(&["schema", "draft", "--source", "app.db", "--out", "drafted"]);
    let url = place.database.url.clone();
    for schema in ["%0Aerror:%20forged", "n1x%0Aerror:%20forged%0Ahint:%20rm%20-rf%20/"] {
        let url = format!("{url}&search_path={schema}");
        let words = ["copy", "--schema", "drafted", "--source", "app.db", "--target", &url];
        place.run(&[&words[..], &["--dry-run"]].concat());
    }
    place.run(&["schema", "diff", "sqlite:app.db", &format!("postgres:{url}")]);
    place.run(&["schema", "draft", "--source", "app.db", "--target", &url, "--out", "joined"]);
    // A session may call itself anything.
    client.batch_execute("SET application_name = 'a\u{1b}[2Jb'").unwrap();
    let words =
        ["copy", "--schema", "drafted", "--source", "app.db", "--target", &url, "--dry-run"];
    let ended = place.run(&words);
    assert!(ended.err.contains("other sessions use database"), "{ended:?}");
}

/// Words of the command line, files and their contents, and processes that have the file open.
#[test]
fn names_of_files_and_processes_are_escaped() {
    let place = Place::new();
    for name in HOSTILE {
        let file = format!("{}.db", name.replace('/', "_"));
        fs::copy(place.path("app.db"), place.path(&file)).unwrap();
        place.run(&["schema", "draft", "--source", &file, "--out", &format!("d{}", name.len())]);
        place.run(&["schema", "diff", &format!("sqlite:{file}"), "connect/core"]);
        place.run(&["schema", "show", name]);
        place.run(&["copy", "--schema", name, "--source", &file, "--target", name]);
        place.run(&["check-config", "--config", name]);
        place.run(&[name]);
        place.run(&["db", &format!("--{name}")]);
        let text = format!("[Postgres]\nURL = \"{}\"\n[{name}]\n{name} = 1\n", name.escape_debug());
        fs::write(place.path("own.gcfg"), text).unwrap();
        place.run(&["check-config", "--config", "own.gcfg"]);
        fs::write(place.path("repairs.toml"), format!("\"{}\" = [\n{name}", name.escape_debug()))
            .unwrap();
        let run = [
            "copy",
            "--schema",
            "connect/core",
            "--source",
            "app.db",
            "--target",
            "postgres://x/y",
        ];
        place.run(&[&run[..], &["--repairs", "repairs.toml"]].concat());
        place.run(&[&run[..], &["--repair", name]].concat());
    }
    let mut holder = Command::new("sh");
    holder
        .args(["-c", "printf 'a\\033[2J\\nb' > /proc/$$/comm; exec 3<app.db; echo ready; read _"]);
    holder.current_dir(place.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut holder = holder.spawn().unwrap();
    let mut ready = [0; 6];
    holder.stdout.take().unwrap().read_exact(&mut ready).unwrap();
    let url = place.database.url.clone();
    place.run(&["schema", "draft", "--source", "app.db", "--out", "drafted"]);
    let words =
        ["copy", "--schema", "drafted", "--source", "app.db", "--target", &url, "--dry-run"];
    place.run(&words);
    holder.stdin.take().unwrap().write_all(b"\n").unwrap();
    holder.wait().unwrap();
}
