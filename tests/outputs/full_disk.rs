//! Disks without room, and directories that are gone: what could not be written is said, what the
//! run did is not changed by it, and nothing is left beside.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;
use xtask::small_disk::SmallDisk;

use super::{Case, REPAIR, names};
use crate::server::installation::{Ended, program, tables};

const FULL: &str = "No space left on device";

/// A disk of 2 MiB in the case's folder; none where only root could mount it.
fn mount_small_disk(case: &Case) -> Option<SmallDisk> {
    let disk = SmallDisk::mount(case.folder.path(), 2).unwrap();
    if disk.is_none() {
        eprintln!("not root: no disk is filled");
    }
    disk
}

/// Others may look into the case's folder, and write to this directory of it.
fn open_to_others(case: &Case, directory: &Path) {
    fs::set_permissions(case.folder.path(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(directory, Permissions::from_mode(0o777)).unwrap();
}

/// A hook by which the server runs a command right before COMMIT.
fn at_commit(command: &str) -> String {
    format!("sql BeforeCommit 1 COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; {command}; true'")
}

fn run_with_hook(case: &Case, words: &[&str], hook: &str) -> Ended {
    Ended::of(&case.command(words).env("MIGRATE_TEST", hook).output().unwrap())
}

#[test]
fn disk_that_is_full_at_the_end_changes_no_exit_code() {
    let case = Case::with_target();
    let Some(disk) = mount_small_disk(&case) else { return };
    open_to_others(&case, disk.path());
    let fill = at_commit(&format!("head -c 9000000 /dev/zero > {}/ballast", disk.path().display()));
    let words = ["--yes", "--repair=shop.t.flag=nonzero-true", "--report=small/r"];
    let why = format!("warning: the report small/r cannot be written: {FULL}");
    run_with_hook(&case, &words, &fill).expect(0, &[&why, "hint: use the summary above"]);
    assert_eq!(names(disk.path()), ["ballast", "r"]);
    let report = case.report("small/r");
    assert_eq!((&report["outcome"], report["exit"].is_null()), (&"unfinished".into(), true));
}

#[test]
fn directory_that_is_gone_at_the_end_changes_no_exit_code() {
    let case = Case::with_target();
    fs::create_dir_all(case.path("others/gone")).unwrap();
    open_to_others(&case, &case.path("others"));
    open_to_others(&case, &case.path("others/gone"));
    let remove = at_commit(&format!("rm -rf {}", case.path("others/gone").display()));
    let words = ["--yes", "--repair=shop.t.flag=nonzero-true", "--report=others/gone/r"];
    let why = "warning: the report others/gone/r cannot be written: No such file or directory";
    run_with_hook(&case, &words, &remove).expect(0, &[why, "hint: use the summary above"]);
    assert!(names(&case.path("others")).is_empty());
}

#[test]
fn report_without_room_is_refused_before_anything_is_done() {
    let case = Case::with_target();
    let Some(disk) = mount_small_disk(&case) else { return };
    disk.fill(0).unwrap();
    let why = format!("error: the report small/r cannot be written: {FULL}");
    let hint =
        "hint: free up space on this disk\nhint: name a file on another disk with `--report`";
    case.copy(&["--yes", REPAIR, "--quarantine=q", "--report=small/r"]).expect(2, &[&why, hint]);
    assert_eq!(names(disk.path()), ["ballast"]);
    assert_eq!(names(case.folder.path()), ["shop", "shop.db", "small"]);
    assert_eq!(tables(&case.database.as_ref().unwrap().url), 0);
}

#[test]
fn quarantine_without_room_is_rolled_back() {
    let case = Case::with_target();
    let Some(disk) = mount_small_disk(&case) else { return };
    disk.fill(0).unwrap();
    let words = ["--yes", REPAIR, "--quarantine=small/q", "--report=r"];
    let why = format!("error: the quarantine file small/q.part cannot be written: {FULL}");
    let hint =
        "hint: free up space on this disk\nhint: name a file on another disk with `--quarantine`";
    case.copy(&words).expect(2, &[&why, hint, "nothing was changed"]);
    assert_eq!(names(disk.path()), ["ballast"]);
    assert_eq!(case.report("r")["exit"], 2);
    assert_eq!(tables(&case.database.as_ref().unwrap().url), 0);
    disk.make_room();
    case.copy(&words).expect(0, &[]);
    assert_eq!(names(disk.path()), ["q"]);
}

#[test]
fn keys_without_room_are_rolled_back() {
    let case = Case::with_target();
    let Some(disk) = mount_small_disk(&case) else { return };
    let rows = "WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) \
                INSERT INTO t SELECT i, 7 FROM n";
    Connection::open(case.path("shop.db")).unwrap().execute_batch(rows).unwrap();
    // Room for the report, twice.
    disk.fill(64 << 10).unwrap();
    let words =
        ["--yes", "--repair=shop.t.flag=nonzero-true", "--report=small/r", "--keys=small/keys"];
    let why = format!("the list of keys small/keys cannot be written: {FULL}");
    case.copy(&words).expect(2, &[&why, "hint: free up space on this disk", "nothing was changed"]);
    assert_eq!(names(disk.path()), ["ballast", "r"]);
    assert_eq!(case.report("small/r")["exit"], 2);
    assert_eq!(tables(&case.database.as_ref().unwrap().url), 0);
    disk.make_room();
    case.copy(&words).expect(0, &[]);
    assert_eq!(names(disk.path()), ["keys", "r"]);
}

/// SQLite makes a `-shm` beside a file in WAL mode, which takes room.
#[test]
fn source_on_a_full_disk_is_not_called_damaged() {
    let case = Case::with_target();
    let Some(disk) = mount_small_disk(&case) else { return };
    let connection = Connection::open(case.path("shop.db")).unwrap();
    connection.execute_batch("PRAGMA journal_mode = wal; INSERT INTO t VALUES (4, 1)").unwrap();
    for name in ["shop.db", "shop.db-wal"] {
        fs::copy(case.path(name), disk.path().join(name)).unwrap();
    }
    drop(connection);
    disk.fill(0).unwrap();
    let target = case.database.as_ref().unwrap().url.as_str();
    let run = || {
        let mut command = program();
        command.args(["copy", "--schema", "shop", "--source", "small/shop.db", "--target", target]);
        command.args(["--yes", REPAIR, "--quarantine=q"]).current_dir(case.folder.path());
        Ended::of(&command.output().unwrap())
    };
    run().expect(3, &["error: F13 shop: small/shop.db: SQLITE_", "hint: free up space on"]);
    disk.make_room();
    run().expect(0, &[]);
}
