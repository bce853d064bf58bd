//! Turns the schema files into typed copy code, in `OUT_DIR/schemas.rs`, and says from which
//! commit and for which platform the program is built.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, process};

use model::rust;

fn main() {
    println!("cargo::rerun-if-changed=schema");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=MIGRATE_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=MIGRATE_COMMIT={}", commit());
    let all = model::load_built_in(Path::new("schema")).unwrap_or_else(|faults| {
        for fault in &faults.0 {
            println!("cargo::error={fault}");
        }
        process::exit(1)
    });
    let written = rust::schemas_source(&all).map_err(|error| error.to_string()).and_then(|text| {
        let file = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("schemas.rs");
        rust::write_if_changed(&file, &text).map_err(|error| error.to_string())
    });
    if let Err(error) = written {
        println!("cargo::error=the generated code could not be written: {error}");
        process::exit(1);
    }
}

/// The commit that `migrate --version` names. `MIGRATE_COMMIT` says it where there is no git, as in
/// a package's sources. A development build names none: it would be compiled again after each
/// commit.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=MIGRATE_COMMIT");
    if let Ok(named) = env::var("MIGRATE_COMMIT") {
        return named.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    }
    if env::var("PROFILE").as_deref() != Ok("release") {
        return "unknown (development build)".to_owned();
    }
    let found = git(&["log", "-1", "--format=%h %cs", "--abbrev=12"]);
    // Sources that were unpacked within another repository have nothing to do with its commits.
    let is_own_repository =
        git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty());
    let Some(found) = found.filter(|_| is_own_repository) else {
        return "unknown (built without git)".to_owned();
    };
    // What changes the answer: the commit itself, and every file that is compiled.
    for name in ["HEAD", "refs", "packed-refs"] {
        let path = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists());
        path.iter().for_each(|path| println!("cargo::rerun-if-changed={path}"));
    }
    for path in ["src", "model", "docs", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if changes.is_empty() => found,
        _ => format!("{found}, with changes"),
    }
}

/// What git prints; nothing where it is not there, or this is no repository of its.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
