//! `cargo xtask next-version`: a made-up next Connect goes from its file to a migrated PostgreSQL.
//!
//! A copy of the schema files gets another version by `migrate schema draft --into`; the project's
//! own build script makes code of the copy, and only that code is compiled, against the libraries
//! that the tests have; what comes of it migrates the new version and every old one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use postgres::{Client, NoTls};
use rusqlite::Connection;

use crate::cluster::{self, Cluster, Wanted};
use crate::golden::root;
use crate::sample::{self, Options};
use crate::server;

/// The name of the made-up version.
pub const VERSION: &str = "2099.01";

/// What the next version does to the newest one's file.
///
/// # Errors
/// When a statement fails.
pub fn advance(file: &Path) -> Result<(), String> {
    let sql = fs::read_to_string(root().join("tests/cases/into/next.sql"));
    let sql = sql.map_err(|error| error.to_string())?;
    let connection = Connection::open(file).map_err(|error| error.to_string())?;
    connection.execute_batch(&sql).map_err(|error| error.to_string())
}

/// Drafts, builds, migrates.
///
/// # Errors
/// Whatever goes wrong, in words.
pub fn next_version() -> Result<(), String> {
    let target = root().join("target");
    let program = build_libraries(&target)?;
    let package = target.join("next-version");
    let schema = package.join("schema");
    let _ = fs::remove_dir_all(&schema);
    copy(&root().join("schema"), &schema).map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = connect_db(&folder.path().join("next"), None)?;
    advance(&file)?;
    let mut draft = Command::new(&program);
    draft.args(["schema", "draft", "--version", VERSION, "--source"]).arg(&file);
    server::run(draft.arg("--into").arg(schema.join("connect/core")))?;
    let migrate = build(&package, &target)?;
    let cluster = cluster::start(&server::bin_dir(&target)?, &Wanted::default())?;
    let mut versions: Vec<String> = versions(&schema)?;
    let newest = versions.pop();
    if newest.as_deref() != Some(VERSION) {
        return Err(format!("the newest version is {newest:?}"));
    }
    check(&migrate, &file, VERSION, &cluster)?;
    for version in versions {
        let file = connect_db(&folder.path().join(&version), Some(&version))?;
        check(&migrate, &file, &version, &cluster)?;
    }
    cluster.stop();
    Ok(())
}

fn connect_db(folder: &Path, version: Option<&str>) -> Result<PathBuf, String> {
    let version = version.map(str::to_owned);
    let options = Options { rows: 600, version, ..Options::new(folder) };
    sample::write(&options).map_err(|error| error.to_string())?;
    Ok(folder.join("connect.db"))
}

fn versions(schema: &Path) -> Result<Vec<String>, String> {
    let all = model::load_built_in(schema).map_err(|faults| faults.to_string())?;
    let core = all.into_iter().find(|schema| schema.directory.name == "connect/core");
    Ok(core.ok_or("no connect/core")?.directory.versions)
}

/// Migrates a file into a database of its own, by the generated code.
fn check(migrate: &Path, file: &Path, version: &str, cluster: &Cluster) -> Result<(), String> {
    let name = format!("next_{}", version.replace('.', "_"));
    let mut admin =
        Client::connect(&cluster.url("postgres"), NoTls).map_err(|error| error.to_string())?;
    let create = format!("CREATE DATABASE {name}");
    admin.batch_execute(&create).map_err(|error| error.to_string())?;
    let mut command = Command::new(migrate);
    command.arg("connect/core").arg(file).arg(cluster.url(&name));
    let output = command.output().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{version}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    if !printed.split_whitespace().any(|known| known == version) {
        return Err(format!("{version} was taken for {printed}"));
    }
    println!("{version}: migrated and verified as {}", printed.trim_end());
    Ok(())
}

/// The program and its libraries with the feature that makes their modules public, which the
/// program of the template looks into. Tests have it too: nothing is compiled for a second time.
fn build_libraries(target: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--workspace", "--lib", "--bin", "migrate"]);
    server::run(cargo.args(["--features", "internals"]).current_dir(root()))?;
    Ok(target.join("debug/migrate"))
}

/// The program around the code that the project's own build script makes of the copy. Both are
/// compiled by rustc itself, because Cargo would compile the libraries once more for a package
/// outside of the workspace.
fn build(package: &Path, target: &Path) -> Result<PathBuf, String> {
    let fail = |error: std::io::Error| error.to_string();
    let main = package.join("main.rs");
    fs::write(&main, include_str!("../templates/next_version.rs")).map_err(fail)?;
    let script = package.join("build-script");
    server::run(&mut compile(&root().join("build.rs"), &script, target))?;
    let made = Command::new(&script).env("OUT_DIR", package).current_dir(package).output();
    let made = made.map_err(fail)?;
    if !made.status.success() {
        return Err(format!("the build script: {}", String::from_utf8_lossy(&made.stdout)));
    }
    let program = package.join("next-version");
    server::run(compile(&main, &program, target).env("OUT_DIR", package))?;
    Ok(program)
}

fn compile(source: &Path, program: &Path, target: &Path) -> Command {
    let built = target.join("debug");
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.arg("--edition=2024").arg(source).arg("-o").arg(program);
    rustc.arg("-L").arg(format!("dependency={}", built.join("deps").display()));
    for library in ["connect_migrate", "model"] {
        let file = built.join(format!("lib{library}.rlib"));
        rustc.arg("--extern").arg(format!("{library}={}", file.display()));
    }
    rustc
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &place)?,
            false => fs::copy(entry.path(), place).map(|_| ())?,
        }
    }
    Ok(())
}
