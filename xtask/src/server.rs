//! PostgreSQL's server for demo, tests and benchmark, and Python for tests: found, or installed.

use std::io::IsTerminal as _;
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

/// The same for a demonstration, which changes nothing of the system if it can. A server is
/// unpacked below `target/` first, and one is installed only when that does not work and somebody
/// at the terminal or a flag says so. Where nobody can be asked it is installed.
///
/// # Errors
/// When there is no server in the end; the text says what to type.
pub fn bin_dir_for_demo(target: &Path, is_install_allowed: bool) -> Result<PathBuf, String> {
    let missing = match cluster::bin_dir() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    if std::env::var_os("PG_BIN").is_some() {
        return Err(missing);
    }
    eprintln!("no PostgreSQL server is installed; unpacking one below {}", target.display());
    let error = match pg::unpack("18", target) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    eprintln!("that does not work here ({error})");
    if !is_install_allowed && !confirm("Install PostgreSQL by apt-get? [y/N] ") {
        return Err(missing);
    }
    install(&["postgresql"])?;
    cluster::bin_dir()
}

/// Asks at the terminal; yes where there is none.
fn confirm(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return true;
    }
    eprint!("{question}");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Makes sure that a program is there that the tests run; its package has the same name.
///
/// # Errors
/// When it is not and cannot be installed; the text says what to type.
pub fn require_program(name: &str) -> Result<(), String> {
    let answers = || {
        let asked = Command::new(name).arg("--version").output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    if answers() {
        return Ok(());
    }
    eprintln!("{name} is not installed; installing it");
    if install(&[name]).is_ok() && answers() {
        return Ok(());
    }
    Err(format!("{name} is needed by the tests: sudo apt-get install {name}"))
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
