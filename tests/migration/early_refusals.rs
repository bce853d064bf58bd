//! What is refused before anything else is checked: a report that cannot be written, a server
//! that still runs.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::{Site, ran};

#[test]
fn report_that_cannot_be_written_is_known_before_anything_is() {
    let site = Site::new();
    let before = site.dump();
    let place = "/nowhere/report.json";
    let mut command = site.command(&["--yes"]);
    ran(command.args(["--report", place])).fails(2, &[place, "with `--report`"]);
    site.dump().is(&before, "changed");
}

/// A process of the name that Connect's server has, with one of the files open.
#[test]
fn server_that_still_runs_is_named_and_refused() {
    let site = Site::new();
    let (before, server) = (site.dump(), site.folder.path().join("connect"));
    symlink("/usr/bin/tail", &server).unwrap();
    let file = fs::File::open(site.file("connect.db")).unwrap();
    let mut command = Command::new(&server);
    let mut running = command.arg("-f").stdin(file).stdout(Stdio::null()).spawn().unwrap();
    // It keeps the descriptor that it gave to the process.
    drop(command);
    let named = format!("in use by connect (pid {})", running.id());
    let ended = site.db(&["--yes"]);
    let rehearsed = site.db(&["--dry-run"]);
    running.kill().unwrap();
    running.wait().unwrap();
    ended.fails(3, &["error: F5", &named, "systemctl stop rstudio-connect"]);
    assert_eq!(rehearsed.code, Some(0), "{rehearsed:?}");
    assert!(rehearsed.err.contains(&named), "{rehearsed:?}");
    site.dump().is(&before, "changed");
}
