//! `cargo xtask release VERSION`: everything that a release needs, but its commit.
//!
//! All checks are run, on every supported PostgreSQL; advisories about dependencies are looked up;
//! then the version and the changelog's section are set, the page about tested servers is written,
//! and the packages are made and tried. A person looks at the change, commits and tags it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::check::{self, TestedServer};
use crate::golden::root;
use crate::server;

/// The heading of what is not released yet, in the changelog.
const UNRELEASED: &str = "## Unreleased\n";

/// Makes a release of this version.
///
/// # Errors
/// What failed, in words; before the checks have passed no file is changed.
pub fn release(version: &str) -> Result<(), String> {
    if !is_version(version) {
        return Err(format!("{version:?} is no version: three numbers, as in 1.2.3"));
    }
    require_clean_tree()?;
    let manifest = read("Cargo.toml")?;
    let manifest = set_version(&manifest, version)?;
    let date = today()?;
    let changelog = name_section(&read("CHANGELOG.md")?, version, &date)?;
    let results = check::check(true)?;
    if !results.is_passed {
        return Err("not every check passed: nothing is changed".to_owned());
    }
    check_advisories()?;
    write("Cargo.toml", &manifest)?;
    write("CHANGELOG.md", &changelog)?;
    write("docs/tested-with.md", &page_of_servers(&results.servers, version, &date))?;
    // Writes the new version into Cargo.lock.
    server::run(cargo().args(["metadata", "--format-version", "1", "--quiet"]).stdout(null()))?;
    // A process of its own, which is built with the new version.
    server::run(cargo().args(["xtask", "dist", "--try"]))?;
    println!("look at the change with `git diff`, then type:");
    println!("git commit --all --message 'Release {version}'");
    println!("git tag --annotate v{version} --message 'Release {version}'");
    Ok(())
}

fn null() -> std::process::Stdio {
    std::process::Stdio::null()
}

fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root());
    command
}

fn is_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}

/// A change that is not committed would be part of the release.
fn require_clean_tree() -> Result<(), String> {
    let mut git = Command::new("git");
    let output = git.args(["status", "--porcelain"]).current_dir(root()).output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    match output.status.success() && output.stdout.is_empty() {
        true => Ok(()),
        false => Err("the working tree has changes: commit them, or put them away".to_owned()),
    }
}

/// The manifest with the workspace's version replaced.
fn set_version(manifest: &str, version: &str) -> Result<String, String> {
    let old = manifest.lines().find(|line| line.starts_with("version = \""));
    let old = old.ok_or("Cargo.toml has no version of the workspace")?;
    Ok(manifest.replacen(old, &format!("version = \"{version}\""), 1))
}

/// The changelog with what was not released under a heading of this version.
fn name_section(changelog: &str, version: &str, date: &str) -> Result<String, String> {
    let (before, after) =
        changelog.split_once(UNRELEASED).ok_or("CHANGELOG.md has no section `Unreleased`")?;
    let section = after.split("\n## ").next().unwrap_or_default();
    if section.trim().is_empty() {
        return Err("the section `Unreleased` of CHANGELOG.md is empty".to_owned());
    }
    Ok(format!("{before}{UNRELEASED}\n## {version} ({date})\n{after}"))
}

/// Advisories about dependencies, where the tool is installed that knows them.
fn check_advisories() -> Result<(), String> {
    let installed = cargo().args(["deny", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        return Err("cargo-deny is needed; type: cargo install --locked cargo-deny".to_owned());
    }
    server::run(cargo().args(["deny", "check", "advisories"]))
}

fn page_of_servers(servers: &[TestedServer], version: &str, date: &str) -> String {
    let mut page = format!(
        "# Tested with\n\nAll integration tests of release {version} were run on these servers on \
         {date}, by\n`cargo xtask release`:\n\n| server | tests passed | tests failed |\n\
         |---|---|---|\n"
    );
    for TestedServer { version, counts } in servers {
        let name = version.trim_start_matches("postgres (").replace(')', "");
        let _ = writeln!(page, "| {name} | {} | {} |", counts.passed, counts.failed);
    }
    page
}

fn today() -> Result<String, String> {
    let output = Command::new("date").arg("+%Y-%m-%d").output();
    let output = output.map_err(|error| format!("date: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read(file: &str) -> Result<String, String> {
    fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))
}

fn write(file: &str, text: &str) -> Result<(), String> {
    let place = root().join(Path::new(file));
    fs::write(&place, text).map_err(|error| format!("{file}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Counts;

    #[test]
    fn the_section_gets_the_version_and_an_empty_one_begins() {
        let named = name_section("# C\n\n## Unreleased\n\n- A.\n\n## 0.1.0\n", "0.2.0", "today");
        assert_eq!(
            named.unwrap(),
            "# C\n\n## Unreleased\n\n## 0.2.0 (today)\n\n- A.\n\n## 0.1.0\n"
        );
        assert!(name_section("# C\n\n## Unreleased\n\n## 0.1.0\n- A.\n", "0.2.0", "").is_err());
        assert!(name_section("# C\n", "0.2.0", "").is_err());
    }

    #[test]
    fn only_the_version_of_the_workspace_changes() {
        let manifest =
            "[workspace.package]\nversion = \"0.1.0\"\n[x]\nclap = { version = \"4\" }\n";
        let changed = set_version(manifest, "0.2.0").unwrap();
        assert_eq!(changed, manifest.replace("0.1.0", "0.2.0"));
        assert!(is_version("1.20.3") && !is_version("1.2") && !is_version("v1.2.3"));
    }

    #[test]
    fn the_page_has_a_line_for_each_server() {
        let counts = Counts { passed: 950, failed: 0 };
        let version = "postgres (PostgreSQL) 18.4".to_owned();
        let page = page_of_servers(&[TestedServer { version, counts }], "0.2.0", "2026-12-01");
        assert!(page.contains("\n| PostgreSQL 18.4 | 950 | 0 |\n"), "{page}");
    }
}
