//! A Connect server's files in a directory of their own, and the program run on them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use xtask::sample::{self, Options};

use super::{Database, role};
use crate::hint_log;

/// What a role of [`owned`] signs in with.
pub const ROLE_PASSWORD: &str = "s3cret pass/word#;\"%";

/// The files of a server that runs on SQLite.
pub struct Installation {
    /// The directory of everything.
    pub directory: tempfile::TempDir,
    /// Its configuration file.
    pub config: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ended {
    /// The ending of a process.
    pub fn of(output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let Output { status, stdout, stderr } = output;
        let ended = Ended { code: status.code(), out: text(stdout), err: text(stderr) };
        hint_log::note_printed(&ended.err);
        hint_log::note_printed(&ended.out);
        ended
    }

    /// Checks the exit code and that standard error holds all these words.
    pub fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in:\n{}", self.err);
        }
    }
}

/// A new role that owns the database, and its URL without a password.
pub fn owned(database: &Database) -> (String, String) {
    let role = role("owner");
    let password = ROLE_PASSWORD.replace('\'', "''");
    super::execute(&database.url, &format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'"));
    super::execute(&database.url, &format!("ALTER DATABASE {} OWNER TO {role}", database.name));
    let url = database.url.replacen("admin:Throw-away%201!", &role, 1);
    (role, url)
}

impl Installation {
    /// Small databases, a key, and a configuration with these lines in `[Postgres]`.
    pub fn new(postgres: &str) -> Installation {
        Installation::of(300, postgres)
    }

    /// The same with so many rows of instrumentation.
    pub fn of(rows: u64, postgres: &str) -> Installation {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { rows, ..Options::new(directory.path().join("db")) };
        sample::write(&options).unwrap();
        let key: String = (0..512_u32).map(|byte| format!("{:02x}", byte * 7 % 251)).collect();
        private(&directory.path().join("db/secret.key"), key.as_bytes());
        let config = directory.path().join("rstudio-connect.gcfg");
        let installation = Installation { directory, config };
        installation.configure(postgres);
        installation
    }

    /// Rewrites the configuration.
    pub fn configure(&self, postgres: &str) {
        let text = format!(
            "[Server]\nDataDir = {}\n\n[Postgres]\n{postgres}\n",
            self.directory.path().display()
        );
        private(&self.config, text.as_bytes());
    }

    /// The program with these words, in an environment without settings.
    pub fn command<W: AsRef<OsStr>>(&self, words: &[W]) -> Command {
        let mut command = program();
        command.args(words).arg("--config").arg(&self.config);
        command
    }

    /// Runs the program to its end, nobody at a terminal.
    pub fn run(&self, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    /// Runs the program with hooks on its events.
    pub fn run_with(&self, hooks: &str, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).env("MIGRATE_TEST", hooks).output().unwrap())
    }

    /// Starts the program, output kept.
    pub fn start(&self, hooks: &str, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.env("MIGRATE_TEST", hooks);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }
}

/// The built program, nothing of this process's environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// The same with limits that a shell sets before: `ulimit -v 1000000`.
pub fn limited_program(limits: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let script = format!("{limits}; exec \"$@\"");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_migrate")]);
    command.env_clear().stdin(Stdio::null());
    command
}

/// Writes a file that only its owner may read.
pub fn private(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The tables of schema `public`.
pub fn tables(url: &str) -> i64 {
    let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    super::connect(url).client.query_one(count, &[]).unwrap().get(0)
}
