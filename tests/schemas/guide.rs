//! The worked examples of the guide, as they stand there.
//!
//! Blocks are done in their order. `sql` goes into `app.db`, or where its first line says:
//! `-- PostgreSQL`, or a file's name. `console` lines are typed, and what stands below one must be
//! what it says; `toml` must be a file of the folder; an `ini` block becomes the file that its
//! first line names; a `diff` is what a person edits. Absolute paths are in the folder, too.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::Connection;

use crate::server;

/// Where absolute paths of the guide begin.
const ROOTS: &[&str] =
    &["/var/lib/rstudio-connect", "/etc/rstudio-connect", "/root/connect-schema"];

/// A page being followed.
struct Reader {
    folder: tempfile::TempDir,
    database: server::Database,
    codes: Vec<i32>,
}

/// Follows a page of the guide to its end; returns how each command ended.
fn follow(page: &str) -> Vec<i32> {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = fs::read_to_string(text).unwrap();
    let mut reader = Reader {
        folder: tempfile::tempdir().unwrap(),
        database: server::database(server::shared()),
        codes: Vec::new(),
    };
    for part in text.split("\n```").skip(1).step_by(2) {
        let (language, text) = part.split_once('\n').unwrap();
        match language {
            "sql" => reader.sql(text),
            "toml" => reader.toml(text),
            "diff" => reader.edit(text),
            "ini" => reader.file(text),
            "console" => reader.console(text),
            other => panic!("{page}: a block in {other}"),
        }
    }
    reader.codes
}

impl Reader {
    /// A path of the page, in the folder.
    fn place(&self, name: &str) -> PathBuf {
        let place = self.folder.path().join(name.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    fn sql(&self, text: &str) {
        let named = text.lines().next().and_then(|line| line.strip_prefix("-- "));
        match named {
            Some("PostgreSQL") => {
                let mut client = server::connect(&self.database.url).client;
                client.batch_execute(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            }
            named => {
                let file = named.filter(|name| name.ends_with(".db")).unwrap_or("app.db");
                let connection = Connection::open(self.place(file)).unwrap();
                connection.execute_batch(text).unwrap();
            }
        }
    }

    fn toml(&self, text: &str) {
        let has = |file: &PathBuf| fs::read_to_string(file).unwrap().trim_end() == text;
        assert!(files(self.folder.path()).iter().any(has), "no file is\n{text}");
    }

    fn file(&self, text: &str) {
        let name = text.lines().next().and_then(|line| line.strip_prefix("; ")).unwrap();
        fs::write(self.place(name), self.here(text)).unwrap();
    }

    /// A text of the page with this test's own places in it, and the other way round.
    fn here(&self, text: &str) -> String {
        let text = text.replace("postgres://USER@HOST/DATABASE", &self.database.url);
        ROOTS.iter().fold(text, |text, root| {
            text.replace(root, &self.folder.path().join(&root[1..]).display().to_string())
        })
    }

    fn there(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        text.replace(&folder, "").replace(&self.database.name, "DATABASE")
    }

    fn edit(&self, text: &str) {
        let mut git = Command::new("git");
        git.args(["apply", "--whitespace=nowarn", "-"]).current_dir(self.folder.path());
        let mut git = git.stdin(Stdio::piped()).spawn().unwrap();
        git.stdin.take().unwrap().write_all(format!("{text}\n").as_bytes()).unwrap();
        assert!(git.wait().unwrap().success(), "{text}");
    }

    fn console(&mut self, text: &str) {
        for part in format!("\n{text}").split("\n$ ").skip(1) {
            let (command, wanted) = part.split_once('\n').unwrap_or((part, ""));
            let (found, code) = self.run(command);
            let (found, wanted) = (found.trim_end(), wanted.trim_end());
            assert!(wanted.is_empty() || found == wanted, "$ {part}\n--- found\n{found}");
            self.codes.push(code);
        }
    }

    /// What a command says and how it ends.
    fn run(&self, command: &str) -> (String, i32) {
        let command = self.here(command.trim_start_matches("sudo "));
        let mut words: Vec<&str> = command.split(' ').collect();
        let mut program = match words.remove(0) {
            "migrate" => Command::new(env!("CARGO_BIN_EXE_migrate")),
            "git" => {
                let mut git = Command::new("git");
                git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
                for (name, value) in [("NAME", "a"), ("EMAIL", "a@localhost")] {
                    git.env(format!("GIT_AUTHOR_{name}"), value);
                    git.env(format!("GIT_COMMITTER_{name}"), value);
                }
                git
            }
            other => panic!("no {other} here"),
        };
        if matches!(words[0], "copy" | "db") && !words.contains(&"--dry-run") {
            words.push("--yes");
        }
        let output = program.args(words).current_dir(self.folder.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let printed = text(output.stdout) + &text(output.stderr);
        (self.there(&printed), output.status.code().unwrap())
    }
}

/// The files below a folder, but git's own.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true if entry.ends_with(".git") => {}
            true => found.extend(files(&entry)),
            false if entry.extension().is_some_and(|end| end == "toml") => found.push(entry),
            false => {}
        }
    }
    found
}

#[test]
fn schemas() {
    assert_eq!(follow("schemas.md"), [0, 0, 0, 1, 0]);
}

#[test]
fn another_application() {
    assert_eq!(follow("another-application.md"), [1, 1, 0, 0, 0, 0]);
}

#[test]
fn a_new_version() {
    assert_eq!(follow("new-version.md"), [0, 0, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn a_real_server() {
    assert_eq!(follow("real-server.md"), [3, 3, 0, 0, 0, 0, 1, 0]);
}
