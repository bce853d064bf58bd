//! The main job through the built program: real SQLite files, a real configuration with a key and
//! an encrypted password, a real PostgreSQL.
//!
//! A [`Site`] is one server's worth of that: a directory with the files, and a database that a
//! role without any privilege but its ownership will fill.

mod all_types;
mod bad_values;
mod commit;
pub mod compare;
mod drop_all;
mod early_refusals;
mod end_to_end;
mod existing_tables;
mod expected_values;
mod mutation;
mod rehearsal;
mod repairs;
mod run_modes;
mod transactions;
mod versions;

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};

use connect_migrate::config::key::Key;
use connect_migrate::config::secret::{Form, Secret, encrypt};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use xtask::sample;

use crate::{hint_log, server};

/// The role that runs migrations. Its password has what needs care in files and URLs.
const ROLE: &str = "connect_migration";
const PASSWORD: &str = "p@ss \"word\" #1; 50%";

/// Unrelated tables with rows and advanced sequences, as in a database that is also used
/// otherwise.
const UNRELATED: &str = "
    CREATE TABLE invoices (id serial PRIMARY KEY, note text)
    INSERT INTO invoices (note) SELECT 'note ' || n FROM generate_series(1, 20) n
    CREATE SEQUENCE tickets START 5
    SELECT nextval('tickets') FROM generate_series(1, 7)
    CREATE VIEW open_invoices AS SELECT id FROM invoices WHERE note LIKE '%1%'";

/// Files, configuration and target of one migration.
struct Site {
    folder: TempDir,
    database: server::Database,
}

/// What a run of the program came to.
struct Ran {
    /// The exit code; `None` when a signal ended it.
    code: Option<i32>,
    out: String,
    err: String,
}

impl Site {
    /// The newest sample and an empty database.
    fn new() -> Site {
        Site::with(&sample_files(300, None))
    }

    /// Copies of these SQLite files and an empty database.
    fn with(files: &Path) -> Site {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("db")).unwrap();
        for entry in fs::read_dir(files).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join("db").join(entry.file_name())).unwrap();
        }
        let site = Site { folder, database: database() };
        write(&site.folder.path().join("db/secret.key"), &key_text());
        site.configure("");
        site
    }

    /// The newest sample and a database with tables of others in it.
    fn occupied() -> Site {
        let site = Site::new();
        server::execute(&site.database.url, UNRELATED);
        site
    }

    /// Writes the configuration, with more lines for its section `[Postgres]`.
    fn configure(&self, more: &str) {
        let text = format!(
            "[Server]\nDataDir = {}\n\n[Database]\nProvider = sqlite\n\n[Postgres]\n\
             URL = \"{}\"\nPassword = {}\n{more}\n",
            self.folder.path().display(),
            url(&self.database.name),
            password()
        );
        write(&self.config(), &text);
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("rstudio-connect.gcfg")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("db").join(name)
    }

    fn report(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.folder.path().join("report.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// `migrate db --config …` with more words.
    fn db(&self, words: &[&str]) -> Ran {
        self.db_hooked("", words)
    }

    /// The same, with hooks on events.
    fn db_hooked(&self, hooks: &str, words: &[&str]) -> Ran {
        let mut command = self.command(words);
        command.env("MIGRATE_TEST", hooks);
        ran(&mut command)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.arg("db").arg("--config").arg(self.config()).args(words);
        command.arg("--report").arg(self.folder.path().join("report.json"));
        command
    }

    /// `migrate db --yes`, which must succeed.
    fn migrate(&self) -> Ran {
        let ran = self.db(&["--yes"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran
    }

    /// Runs SQL on one of the SQLite files.
    fn sqlite(&self, file: &str, sql: &str) {
        let connection = Connection::open(self.file(file)).unwrap();
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The whole database as `pg_dump` writes it, values of sequences included.
    fn dump(&self) -> Dump {
        dump(&self.database.url, &[])
    }

    /// What the SQLite files hold, byte by byte; `-shm` is no content.
    fn hashes(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.folder.path().join("db")).unwrap();
        let mut hashes: Vec<_> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
            .filter(|(name, _)| !name.ends_with("-shm"))
            .map(|(name, path)| (name, hex::encode(Sha256::digest(fs::read(path).unwrap()))))
            // An empty -wal says nothing; a reader may leave one.
            .filter(|(name, hash)| {
                !name.ends_with("-wal") || *hash != hex::encode(Sha256::digest(b""))
            })
            .collect();
        hashes.sort();
        hashes
    }

    /// A number from the target.
    fn number(&self, sql: &str) -> i64 {
        server::connect(&self.database.url).client.query_one(sql, &[]).unwrap().get(0)
    }
}

impl Ran {
    /// Fails unless the exit code and all these texts on standard error are there.
    #[track_caller]
    fn fails(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for text in texts {
            assert!(self.err.contains(text), "{text:?} is not in {self:?}");
        }
    }
}

/// As a person would see it, for failing tests.
impl std::fmt::Debug for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {:?}\n{}\n{}", self.code, self.out, self.err)
    }
}

/// The program, in an environment that holds nothing but what a test puts there.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
    command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    command
}

fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: status.code(), out: text(stdout), err: text(stderr) };
    hint_log::note_printed(&ran.err);
    ran
}

/// A database that belongs to [`ROLE`].
fn database() -> server::Database {
    static ROLE_MADE: OnceLock<()> = OnceLock::new();
    let admin = server::shared().url("postgres");
    let create = format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'");
    ROLE_MADE.get_or_init(|| server::execute(&admin, &create));
    let database = server::database(server::shared());
    server::execute(&admin, &format!("ALTER DATABASE {} OWNER TO {ROLE}", database.name));
    server::execute(&database.url, &format!("ALTER SCHEMA public OWNER TO {ROLE}"));
    database
}

/// The URL of a site's database for [`ROLE`], with its password.
fn url_of(site: &Site) -> String {
    let port = server::shared().port;
    let password = "p%40ss%20%22word%22%20%231%3B%2050%25";
    let name = &site.database.name;
    format!("postgres://{ROLE}:{password}@127.0.0.1:{port}/{name}?sslmode=disable")
}

/// The URL of a database for [`ROLE`], without its password.
fn url(database: &str) -> String {
    let port = server::shared().port;
    format!("postgres://{ROLE}@127.0.0.1:{port}/{database}?sslmode=disable")
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A key of 512 bytes that is only in these tests.
fn key_text() -> String {
    (0..512).map(|at| format!("{:02x}", (at * 11 + 5) % 256)).collect()
}

/// [`PASSWORD`] as the configuration has it: encrypted with the key.
fn password() -> String {
    let key = Key::parse(key_text().as_bytes()).unwrap();
    encrypt(&key, Form::Secretbox, &Secret::new(PASSWORD)).unwrap()
}

/// A sample's files, made once for all tests.
pub fn sample_files(rows: u64, version: Option<&str>) -> PathBuf {
    static MADE: Mutex<Option<HashMap<String, TempDir>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap();
    let name = format!("{rows} {version:?}");
    let folder = made.get_or_insert_default().entry(name).or_insert_with(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut options = sample::Options::new(folder.path());
        options.rows = rows;
        options.version = version.map(str::to_owned);
        sample::write(&options).unwrap();
        folder
    });
    folder.path().to_owned()
}

/// What `pg_dump` says of a database, without owners and without what differs in each run.
pub fn dump(url: &str, words: &[&str]) -> Dump {
    let bin = server::cluster::bin_dir().unwrap().join("pg_dump");
    let program = if bin.exists() { bin } else { PathBuf::from("pg_dump") };
    let mut command = Command::new(program);
    let ran = ran(command.args(["--no-owner", "--dbname", url]).args(words));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = ran.out.lines().filter(|line| {
        // A random key stands in these, in releases that have them.
        !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")
    });
    Dump(lines.map(str::to_owned).collect())
}

/// The same as one text.
pub fn dump_of(url: &str, words: &[&str]) -> String {
    dump(url, words).0.join("\n")
}

/// What `pg_dump` says, line by line.
pub struct Dump(Vec<String>);

impl std::fmt::Display for Dump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl Dump {
    fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|line| line.contains(text))
    }

    /// Fails with the lines that only one of two dumps has: whole ones are too long to read.
    #[track_caller]
    fn is(&self, other: &Dump, what: &str) {
        let only = |a: &Dump, b: &Dump| {
            let lines = a.0.iter().filter(|line| !b.0.contains(line)).cloned();
            lines.take(10).collect::<Vec<_>>().join("\n")
        };
        let equal = self.0 == other.0;
        assert!(equal, "{what}\nnow:\n{}\nand not:\n{}", only(self, other), only(other, self));
    }
}
