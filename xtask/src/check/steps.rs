//! The steps of a check, in order, and what each does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

use super::hints;
use super::test_run::{self, Counts};
use crate::golden::root;
use crate::{dependencies, faults, fuzz, next_version, pg, server};

/// How long each reader gets random input before a release.
const FUZZ_SECONDS: u64 = 120;

/// How long faults are injected before a release.
const FAULT_MINUTES: u64 = 30;

/// The feature that puts messages in brackets.
const FEATURE: &str = "bracketed-texts";

/// One step of a check.
pub struct Step {
    /// A short name, without blanks.
    pub name: String,
    /// What it does, in words or as a command.
    pub title: String,
    /// The name of the step without which this one cannot run.
    pub needs: Option<&'static str>,
    /// What it does.
    action: Action,
}

enum Action {
    /// A command of Cargo without tests.
    Cargo(Vec<String>),
    /// All tests of the workspace, on the server at hand.
    Test,
    /// The integration tests, on a server of this major version.
    TestOn(&'static str),
    /// The hazard cases with all messages in brackets: nothing decides by a text of its own.
    Bracketed,
    /// Every hint that the tests have made the program print is followed by one of them.
    Hints,
    NextVersion,
    MinimumRust,
    Fuzz,
    Dependencies,
    /// Injected faults: a few, or a campaign of minutes.
    Faults(Option<u64>),
}

/// What every change must pass.
pub fn usual() -> Vec<Step> {
    let lint = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    // Without the feature that tests have: what nothing but a test uses is dead code here.
    let program = ["clippy", "--package", "connect-migrate", "--lib", "--bins", "--quiet"];
    let program = [&program[..], &["--", "-D", "warnings"]].concat();
    vec![
        Step::cargo("format", &["fmt", "--all", "--check"]),
        Step::new("dependencies", "licences, bans and sources", None, Action::Dependencies),
        Step::cargo("lints", &lint),
        Step::cargo("lints-program", &program),
        Step::cargo("build", &["test", "--workspace", "--no-run", "--quiet"]),
        Step::new("tests", "cargo test --workspace", Some("build"), Action::Test),
        Step::new("hints", "every printed hint is followed", Some("tests"), Action::Hints),
        Step::new("next-version", "cargo xtask next-version", Some("build"), Action::NextVersion),
        Step::new("faults", "cargo xtask faults --fixed", Some("build"), Action::Faults(None)),
    ]
}

/// What takes longer, and must pass before a release. Long runs of other kinds are added here.
pub fn long() -> Vec<Step> {
    let release = ["build", "--release", "--quiet", "--bin", "migrate"];
    let mut steps = vec![
        Step::new("minimum-rust", "check with the oldest Rust", None, Action::MinimumRust),
        Step::cargo("release-build", &release),
    ];
    for version in pg::versions() {
        let title = format!("the integration tests on PostgreSQL {version}");
        let name = format!("postgresql-{version}");
        steps.push(Step::new(&name, &title, Some("build"), Action::TestOn(version)));
    }
    let title = format!("cargo test --features {FEATURE} --test it hazards::");
    steps.push(Step::new("bracketed", &title, Some("build"), Action::Bracketed));
    let title = format!("cargo xtask fuzz --seconds {FUZZ_SECONDS}");
    steps.push(Step::new("fuzz", &title, None, Action::Fuzz));
    let title = format!("cargo xtask faults --minutes {FAULT_MINUTES}");
    let campaign = Action::Faults(Some(FAULT_MINUTES));
    steps.push(Step::new("fault-campaign", &title, Some("build"), campaign));
    steps
}

impl Step {
    fn new(name: &str, title: &str, needs: Option<&'static str>, action: Action) -> Step {
        Step { name: name.to_owned(), title: title.to_owned(), needs, action }
    }

    fn cargo(name: &str, arguments: &[&str]) -> Step {
        let title = format!("cargo {}", arguments.join(" "));
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Step::new(name, &title, None, Action::Cargo(arguments))
    }

    /// The programs of the server of one version on which the step runs all integration tests.
    pub fn tested_server(&self) -> Option<PathBuf> {
        match &self.action {
            Action::TestOn(version) => server_of(version).ok(),
            _ => None,
        }
    }

    /// Does it; tests are added to `counts`.
    ///
    /// # Errors
    /// What failed; details have been printed.
    pub fn perform(&self, pg_bin: &Path, counts: &mut Counts) -> Result<(), String> {
        match &self.action {
            Action::Cargo(arguments) => server::run(cargo().args(arguments)),
            Action::Test => {
                let arguments = ["test", "--workspace", "--no-fail-fast", "--quiet"];
                let mut command = tests(pg_bin);
                command.args(arguments).env("HINT_LOG", hints::start_log()?);
                test_run::run(&mut command, counts)
            }
            Action::TestOn(version) => {
                let bin = server_of(version)?;
                eprintln!("PostgreSQL: {}", bin.display());
                let arguments = ["test", "--quiet", "--test", "it"];
                test_run::run(tests(&bin).args(arguments), counts)
            }
            Action::Bracketed => {
                let arguments = ["test", "--quiet", "--features", FEATURE, "--test", "it"];
                test_run::run(tests(pg_bin).args(arguments).arg("hazards::"), counts)
            }
            Action::Hints => hints::check_hints(),
            Action::NextVersion => next_version::next_version(),
            Action::MinimumRust => check_minimum_rust(),
            Action::Fuzz => fuzz::fuzz(FUZZ_SECONDS, &[]),
            Action::Dependencies => dependencies::check_dependencies(),
            Action::Faults(minutes) => inject_faults(*minutes),
        }
    }
}

fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root());
    command
}

/// Cargo for tests. Property tests take the same values each time, so that a commit does not fail
/// by chance; `cargo test` alone takes new ones.
fn tests(pg_bin: &Path) -> Command {
    let mut command = cargo();
    command.env("PG_BIN", pg_bin).env("PROPTEST_RNG_SEED", "1");
    command
}

/// A campaign of new faults, or without minutes the fixed form.
fn inject_faults(minutes: Option<u64>) -> Result<(), String> {
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |now| now.as_secs());
    faults::faults(&faults::Options {
        minutes: minutes.unwrap_or(0),
        seed,
        fixed: minutes.is_none(),
        ..faults::Options::default()
    })
}

/// The programs of a server of a major version: Debian's, which has translated messages, or one
/// that is unpacked below `target/`.
fn server_of(version: &str) -> Result<PathBuf, String> {
    let debian = Path::new("/usr/lib/postgresql").join(version).join("bin");
    if debian.join("postgres").exists() {
        return Ok(debian);
    }
    pg::unpack(version, &root().join("target"))
}

/// Checks the workspace with the Rust that `rust-version` of Cargo.toml names. It has a target
/// directory of its own, because compilers share nothing.
fn check_minimum_rust() -> Result<(), String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).map_err(|e| e.to_string())?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.ok_or("Cargo.toml has no rust-version")?.trim_matches('"');
    let toolchain = format!("{version}.0");
    let installed = Command::new("rustup").args(["run", &toolchain, "rustc", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        return Err(format!(
            "Rust {toolchain} is not installed; type: \
             rustup toolchain install {toolchain} --profile minimal"
        ));
    }
    let mut command = Command::new("rustup");
    command.args(["run", &toolchain, "cargo", "check", "--workspace", "--all-targets", "--quiet"]);
    command.args(["--target-dir", "target/minimum-rust"]).current_dir(root());
    // Cargo sets these for the task that runs; they name the newer compiler.
    for name in ["RUSTC", "CARGO", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    server::run(&mut command)
}
