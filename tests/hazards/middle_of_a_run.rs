//! What changes in the middle of a run, and limits of the process: each has a message that is true.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::case::{Case, Place};
use super::run_output::{Run, without_brackets};
use super::{ROLE, create_empty_database, shared_cluster};
use crate::server;
use crate::server::installation::limited_program;

/// A run with a hook, into a target that the superuser has made so.
fn run_with(hooks: &str, prepare: &str) -> Run {
    let mut case = Case::named("P1-no-superuser");
    case.options.hooks = Some(hooks.to_owned());
    let database = create_empty_database(shared_cluster());
    server::execute(&database.url, prepare);
    Place::of(&[&case]).run(&database, &["--yes"], &case)
}

#[track_caller]
fn fails(ran: &Run, code: i32, texts: &[&str]) {
    assert_eq!(ran.code, code, "{}", ran.err);
    for text in texts.iter().chain(&["nothing was changed"]) {
        assert!(ran.err.contains(text), "no {text} in {}", ran.err);
    }
}

#[test]
fn a_table_that_was_made_meanwhile_is_named() {
    let ran = run_with("sql Create 1 CREATE TABLE p1_rows (id int)", "");
    let error = "error: O6 creating table p1_rows: duplicate_table (SQLSTATE 42P07)";
    fails(&ran, 4, &[error, "hint: run the command again, in case another session has"]);
}

#[test]
fn a_right_that_is_lost_is_named() {
    let weak = server::role("weak");
    let prepare = format!("CREATE ROLE {weak}\nGRANT {weak} TO {ROLE}");
    let ran = run_with(&format!("sql Index 1 SET LOCAL ROLE {weak}"), &prepare);
    fails(
        &ran,
        4,
        &[
            "error: P2 ",
            "insufficient_privilege (SQLSTATE 42501)",
            "hint: let the owner or a superuser",
        ],
    );
}

#[test]
fn too_few_open_files_are_refused_at_once() {
    let case = Case::named("P1-no-superuser");
    let place = Place::of(&[&case]);
    let run = |limits: &str| {
        let mut command = limited_program(limits);
        command.args(["copy", "--target", "postgres://u@127.0.0.1:1/d", "--yes"]);
        command.arg("--source").arg(place.folder().join("app.db"));
        command.arg("--schema").arg(place.folder().join("app"));
        let output = command.output().unwrap();
        (output.status.code(), without_brackets(&String::from_utf8(output.stderr).unwrap()))
    };
    let (code, printed) = run("ulimit -n 64");
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("error: F18 this process may open 64 files at once"), "{printed}");
    assert!(
        printed.contains("hint: raise the limit in this shell, and run again:\n  ulimit -n"),
        "{printed}"
    );
    // What any user may raise is raised.
    let (code, printed) = run("ulimit -S -n 20");
    assert_eq!(code, Some(4), "{printed}");
    assert!(printed.contains("error: P10 "), "{printed}");
}

/// With a limit of one process for the user, as in a service with `LimitNPROC`, the system refuses
/// every thread.
#[test]
fn a_thread_that_is_refused_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("migrate");
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_migrate")).arg(&program).status();
    assert!(copied.unwrap().success());
    let is_root = folder.path().metadata().unwrap().uid() == 0;
    // Debian's `sh` does not know this limit.
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -u 1; exec \"$@\"", "bash"]).arg(&program);
    command.args(["copy", "--target", "postgres://u@127.0.0.1:1/d", "--yes"]);
    command.args(["--schema", "connect/core", "--source", "none.db"]).env_clear();
    if is_root {
        // The limit does not hold for root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{printed}");
    assert!(printed.contains("error: cannot listen to signals: "), "{printed}");
    assert!(printed.contains("hint: free up memory on this machine"), "{printed}");
}
