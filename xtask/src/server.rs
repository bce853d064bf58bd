//! PostgreSQL's server for demo, tests and benchmark, and Python for tests: found, or installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cluster, pg};

/// The directory of the server's programs. Where there is none it is installed: on Debian as root
/// by the package manager, elsewhere unpacked from a package registry under `target/`.
///
/// # Errors
/// When that does not work either; the text says what to type.
pub fn bin_dir(target: &Path) -> Result<PathBuf, String> {
    let missing = match cluster::bin_dir() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    // A wrong PG_BIN is the caller's mistake, not a missing server.
    if std::env::var_os("PG_BIN").is_some() {
        return Err(missing);
    }
    eprintln!("no PostgreSQL server is installed; installing one");
    if install(&["postgresql"]).is_ok() {
        return cluster::bin_dir();
    }
    pg::unpack("18", target).map_err(|error| format!("{missing}\n({error})"))
}

/// Makes sure that Python 3 is there: the oracle of the tests is written in it.
///
/// # Errors
/// When it is not and cannot be installed; the text says what to type.
pub fn python() -> Result<(), String> {
    let answers = || {
        let asked = Command::new("python3").arg("--version").output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    if answers() {
        return Ok(());
    }
    eprintln!("Python 3 is not installed; installing it");
    if install(&["python3"]).is_ok() && answers() {
        return Ok(());
    }
    Err("python3 is needed by the tests: sudo apt-get install python3".to_owned())
}

fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    root && Path::new("/usr/bin/apt-get").exists()
}

/// Installs packages of the distribution, on Debian as root.
///
/// # Errors
/// When that cannot be done here, or fails.
pub fn install(packages: &[&str]) -> Result<(), String> {
    if !may_install() {
        return Err(format!(
            "install {}; only root on Debian may do that here",
            packages.join(" ")
        ));
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
