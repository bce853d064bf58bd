//! Source files in every state that an application or an administrator leaves them in.
//! A test with an expected text has the name of its case.

#![allow(non_snake_case, reason = "ids of findings keep their capital letter")]

use std::fs::{self, File, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use super::{RunOutput, blank, cases_root, dry_run, dry_run_with, expect, make, target};
use crate::server::Database;
use crate::server::installation::{Ended, program, tables};

/// A folder with an application's file, and a target.
pub struct Place {
    pub folder: tempfile::TempDir,
    database: Database,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place { folder, database: blank() }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    pub fn make(&self, more: &str) -> Connection {
        make(&self.file(), more)
    }

    /// Copies the file and its siblings elsewhere, as they are while the application has them
    /// open: the state after a kill.
    pub fn killed(&self, connection: Connection) -> Place {
        let other = Place { folder: tempfile::tempdir().unwrap(), database: blank() };
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let from = entry.unwrap().path();
            fs::copy(&from, other.folder.path().join(from.file_name().unwrap())).unwrap();
        }
        drop(connection);
        other
    }

    pub fn dry_run(&self) -> RunOutput {
        dry_run(&self.file(), &self.database)
    }

    /// Runs the program without a look at the file before and after.
    pub fn run(&self, mode: &str) -> Ended {
        self.run_output_of(mode).ended
    }

    pub fn run_output_of(&self, mode: &str) -> RunOutput {
        self.run_output_with(&[mode])
    }

    pub fn run_output_with(&self, words: &[&str]) -> RunOutput {
        let report = self.folder.path().join("report.json");
        let mut command = program();
        command.arg("copy").args(words).arg("--schema").arg(cases_root().join("schema"));
        command.arg("--source").arg(self.file());
        target(&mut command, &self.database);
        let ended = Ended::of(&command.arg("--report").arg(&report).output().unwrap());
        let report = fs::read_to_string(report).unwrap();
        RunOutput { ended, report: serde_json::from_str(&report).unwrap() }
    }

    fn expect(&self, case: &str) {
        self.expect_text(case, &self.dry_run().text(&self.file()));
    }

    fn expect_text(&self, case: &str, text: &str) {
        expect(case, text);
    }

    pub fn rows(&self, printed: &RunOutput, table: &str) -> i64 {
        let tables = printed.report["databases"][0]["tables"].as_array().unwrap();
        let found = tables.iter().find(|found| found["name"] == table).unwrap();
        found["rows"].as_i64().unwrap()
    }
}

pub fn write_at(file: &Path, at: u64, bytes: &[u8]) {
    let mut open = File::options().write(true).open(file).unwrap();
    open.seek(SeekFrom::Start(at)).unwrap();
    open.write_all(bytes).unwrap();
}

const WAL: &str = "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;
                   INSERT INTO groups VALUES (3, 'three');";

/// What is said of a file of these bytes.
fn expect_bytes(case: &str, bytes: &[u8]) {
    let place = Place::new();
    fs::write(place.file(), bytes).unwrap();
    place.expect(case);
}

#[test]
fn F12_empty() {
    expect_bytes("F12-empty", b"");
}

#[test]
fn F12_text() {
    expect_bytes("F12-text", b"Dear diary");
}

#[test]
fn F12_encrypted() {
    expect_bytes("F12-encrypted", &[0x9a; 4096]);
}

#[test]
fn F12_dump() {
    let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n";
    expect_bytes("F12-dump", format!("{dump:<1024}").as_bytes());
}

#[test]
fn F12_missing() {
    Place::new().expect("F12-missing");
}

#[test]
fn F12_folder() {
    let place = Place::new();
    fs::create_dir(place.file()).unwrap();
    place.expect("F12-folder");
}

#[test]
fn F12_newer() {
    let place = Place::new();
    drop(place.make(""));
    write_at(&place.file(), 19, &[3]);
    place.expect("F12-newer");
}

/// Damage is found before anything is read.
#[test]
fn F10_zero_page() {
    let place = Place::new();
    damage_last_page(&place, FILL);
    place.expect("F10-zero-page");
}

/// Rows for many pages.
const FILL: &str = "
    WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO groups SELECT i, printf('%100d', i) FROM n;";

/// Makes a file whose last page is empty; it belongs to the table that was filled last.
fn damage_last_page(place: &Place, more: &str) {
    zero_last_page(&place.file(), more);
}

/// Makes a file of many rows whose last page is empty.
pub(super) fn damage_last_page_of(file: &Path) {
    zero_last_page(file, FILL);
}

fn zero_last_page(file: &Path, more: &str) {
    let connection = make(file, more);
    let page: u32 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    drop(connection);
    write_at(file, u64::from(page - 1) * 4096, &[0; 4096]);
}

/// Makes a file whose list of free pages is damaged: no row is, and only a check sees it.
fn damage_free_list(place: &Place) {
    drop(place.make(&format!("{FILL} DELETE FROM groups WHERE id > 9;")));
    let header = fs::read(place.file()).unwrap();
    let first = u32::from_be_bytes(*header[32..].first_chunk().unwrap());
    write_at(&place.file(), u64::from(first - 1) * 4096 + 4, &[0x7f; 4]);
}

/// With `--yes` the file is checked beside the copy. Damage is reported as by a check that comes
/// first, whether the copy meets it or not, also where a row does not fit; nothing is left of the
/// load.
#[test]
fn damage_that_is_found_beside_the_copy_is_reported_as_before_it() {
    let misfit = format!("INSERT INTO things VALUES ('x'); {FILL}");
    let damages: [&dyn Fn(&Place); 3] = [
        &|place| damage_last_page(place, FILL),
        &|place| damage_last_page(place, &misfit),
        &damage_free_list,
    ];
    for (case, damage) in damages.into_iter().enumerate() {
        let place = Place::new();
        damage(&place);
        let before = fs::read(place.file()).unwrap();
        let first = place.run_output_with(&["--yes", "--check-first"]);
        let beside = place.run_output_with(&["--yes"]);
        first.ended.expect(3, &["error: F10", "nothing was changed"]);
        assert!(!first.ended.err.contains("copied: "), "{case}: {}", first.ended.err);
        assert_eq!(beside.text(&place.file()), first.text(&place.file()), "{case}");
        assert!(fs::read(place.file()).unwrap() == before, "{case}: the source changed");
        assert_eq!(tables(&place.database.url), 0, "{case}: the target changed");
    }
    let place = Place::new();
    drop(place.make(FILL));
    place.run("--yes").expect(0, &["copied: ", "integrity: schema passed the quick check"]);
}

/// A file in WAL mode without its siblings is worth a warning.
#[test]
fn F1_wal_alone() {
    let place = Place::new();
    drop(place.make(WAL));
    place.expect("F1-wal-alone");
}

/// A WAL that was left is read.
#[test]
fn F1_wal_left_by_a_kill() {
    let place = Place::new();
    let connection = place.make(WAL);
    let killed = place.killed(connection);
    let printed = killed.dry_run();
    assert_eq!(killed.rows(&printed, "groups"), 3);
    killed.expect("F1-wal-left-by-a-kill");
}

/// An interrupted transaction is undone on a copy.
#[test]
fn F4_hot_journal() {
    let place = Place::new();
    let connection = place.make("");
    // So small a cache that pages reach the file before the transaction ends.
    let big = "PRAGMA cache_size = 1; BEGIN;
         UPDATE groups SET name = 'half';
         WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO groups SELECT i, printf('%200d', i) FROM n;";
    connection.execute_batch(big).unwrap();
    let killed = place.killed(connection);
    assert!(killed.folder.path().join("app.db-journal").metadata().unwrap().len() > 0);
    let printed = killed.dry_run();
    assert_eq!(killed.rows(&printed, "groups"), 2);
    killed.expect("F4-hot-journal");
    let empty = tempfile::tempdir().unwrap();
    let mut command = program();
    command.env("TMPDIR", empty.path());
    let printed = dry_run_with(command, &killed.file(), &killed.database);
    assert_eq!(killed.rows(&printed, "groups"), 2);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "the copy stays");
}

/// A process that has the file open is named.
#[test]
fn F5_open_elsewhere() {
    let place = Place::new();
    let connection = place.make(WAL);
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    let holder = format!("in use by {} (pid {})", name.trim(), std::process::id());
    let printed = place.dry_run();
    printed.ended.expect(0, &["warning: F5", &holder, "hint: stop it before the migration"]);
    assert!(!printed.ended.err.contains("systemctl stop"), "{}", printed.ended.err);
    let text = printed.text(&place.file()).replace(&holder, "in use by NAME (pid PID)");
    place.expect_text("F5-open-elsewhere", &text);
    assert_eq!(place.rows(&printed, "groups"), 3);
    // No service and no server of the application: whether it writes is watched until COMMIT.
    let ended = place.run("--yes");
    ended.expect(0, &["warning: F5", &holder, "systemctl stop rstudio-connect"]);
    drop(connection);
}

/// A locked file is refused.
#[test]
fn F9_locked() {
    let place = Place::new();
    let connection = place.make("");
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // Looking at the file by plain calls would drop the locks that this process holds on it.
    let printed = place.run_output_of("--dry-run");
    printed.ended.expect(3, &["warning: F5", "error: F9", "locked"]);
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    let holder = format!("in use by {} (pid {})", name.trim(), std::process::id());
    let text = printed.text(&place.file());
    place.expect_text("F9-locked", &text.replace(&holder, "in use by NAME (pid PID)"));
    drop(connection);
}

#[test]
fn T4_utf_16() {
    let place = Place::new();
    let connection = Connection::open(place.file()).unwrap();
    connection.execute_batch("PRAGMA encoding = 'UTF-16le'; CREATE TABLE first (a)").unwrap();
    drop(connection);
    drop(place.make("DROP TABLE first"));
    place.expect("T4-utf-16");
}

/// The program as a user who may read everything and write only what permissions allow.
fn without_override(root: bool) -> Command {
    let program = program();
    if !root {
        return program;
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-dac_override", "--inh-caps=-dac_override"]);
    command.arg(program.get_program());
    command
}

/// Reads a file in WAL mode in a folder that cannot be written.
fn expect_read_only_folder(case: &str, keep_wal: bool) {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let place = Place::new();
    let connection = place.make(WAL);
    let place = if keep_wal {
        place.killed(connection)
    } else {
        drop(connection);
        place
    };
    let _ = fs::remove_file(place.folder.path().join("app.db-shm"));
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o555)).unwrap();
    let printed = dry_run_with(without_override(root), &place.file(), &place.database);
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(place.rows(&printed, "groups"), 3, "{}", printed.ended.err);
    assert!(!place.folder.path().join("app.db-shm").exists());
    // What can be seen of other processes decides how; only root sees them all.
    if root {
        expect(case, &printed.text(&place.file()));
    }
}

#[test]
fn F3_wal_closed() {
    expect_read_only_folder("F3-wal-closed", false);
}

#[test]
fn F3_wal_left() {
    expect_read_only_folder("F3-wal-left", true);
}
