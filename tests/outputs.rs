//! Files that the user names, for writing and for reading: what is refused is unchanged, and what
//! is written is there completely or not at all. Always through the built program.

mod drafts;
mod file_kinds;
mod full_disk;
mod input_files;
mod protected_inputs;
mod shared_directories;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use crate::server::installation::{Ended, program};
use crate::server::{self, Database};

/// A server that does not answer: what is refused is refused before anybody is asked.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable";

/// A schema directory `shop`, a SQLite file `shop.db` with two rows that do not fit (their repair
/// is [`REPAIR`]) and one that does.
struct Case {
    folder: tempfile::TempDir,
    database: Option<Database>,
}

const REPAIR: &str = "--repair=shop.t=quarantine";

impl Case {
    /// Without a target.
    fn new() -> Case {
        let case = Case { folder: tempfile::tempdir().unwrap(), database: None };
        fs::create_dir(case.path("shop")).unwrap();
        fs::write(case.path("shop/database.toml"), "versions = [\"1\"]\n").unwrap();
        let table = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
                     flag = { type = \"bool\" }\n";
        fs::write(case.path("shop/t.toml"), table).unwrap();
        let connection = Connection::open(case.path("shop.db")).unwrap();
        let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, flag INTEGER); \
                   INSERT INTO t VALUES (1, 1), (2, 7), (3, 8);";
        connection.execute_batch(sql).unwrap();
        case
    }

    /// With a database to fill.
    fn with_target() -> Case {
        Case { database: Some(server::database(server::shared())), ..Case::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `migrate copy` of the case, in its folder.
    fn command(&self, words: &[&str]) -> Command {
        let target = self.database.as_ref().map_or(NOWHERE, |database| database.url.as_str());
        let mut command = program();
        command.args(["copy", "--schema", "shop", "--source", "shop.db", "--target", target]);
        command.args(words).current_dir(self.folder.path()).env("PATH", "/usr/bin:/bin");
        command
    }

    fn copy(&self, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    fn report(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Runs `words`, which must be refused with these texts, in every mode, and change nothing.
    fn refuses(&self, words: &[&str], texts: &[&str]) {
        // A comparison lists no keys.
        let has_keys = words.iter().any(|word| word.starts_with("--keys"));
        let modes = ["--yes", "--dry-run", "--verify"];
        for mode in modes.into_iter().take(if has_keys { 2 } else { 3 }) {
            let before = everything(self.folder.path());
            let ended = self.copy(&[&[mode], words].concat());
            ended.expect(2, &[texts, &["hint: "]].concat());
            assert_eq!(everything(self.folder.path()), before, "{words:?} {mode}");
        }
    }
}

/// Every file below a directory: its name, inode, owner, mode and content.
fn everything(directory: &Path) -> Vec<(PathBuf, [u64; 3], Option<Vec<u8>>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::symlink_metadata(&path).unwrap();
        let marks = [data.ino(), u64::from(data.uid()), u64::from(data.mode())];
        // SQLite may make these two beside a file that it reads.
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".db-shm") || name.ends_with(".db-wal") && data.len() == 0 {
            continue;
        }
        if data.is_dir() {
            all.extend(everything(&path));
        }
        let content = data.is_file().then(|| fs::read(&path).unwrap());
        all.push((path, marks, content));
    }
    all.sort();
    all
}

/// The names in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Makes a FIFO.
fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Makes the character device with this minor number of major 1, so that a test that goes wrong
/// harms no device of the machine; `false` where only root could, or where devices do not work.
fn make_device(path: &Path, minor: &str) -> bool {
    let made = Command::new("mknod").arg(path).args(["c", "1", minor]).output();
    let works = made.is_ok_and(|made| made.status.success())
        && fs::OpenOptions::new().write(true).open(path).is_ok();
    if !works {
        eprintln!("no character device can be made here: none is tried");
    }
    works
}

/// The command, ended by `timeout` (exit code 124) where it waits for something.
fn bounded(command: &Command) -> Command {
    let mut bounded = Command::new("timeout");
    bounded
        .args(["--signal=KILL", "60"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    bounded.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        bounded.current_dir(directory);
    }
    bounded.stdin(std::process::Stdio::null());
    bounded
}
