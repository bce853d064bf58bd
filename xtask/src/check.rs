//! `cargo xtask check`: everything that a change must pass; what CI runs.

use std::process::Command;

use crate::golden::root;
use crate::{next_version, server};

/// Formatting, lints, tests (goldens among them), and a made-up next version of the schema files.
///
/// Property tests take the same values each time, so that a commit does not fail by chance;
/// `cargo test` alone takes new ones.
///
/// # Errors
/// The first that fails.
pub fn check() -> Result<(), String> {
    let bin = server::bin_dir(&root().join("target"))?;
    server::python()?;
    let cargo = |arguments: &[&str]| {
        eprintln!("+ cargo {}", arguments.join(" "));
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(root()).env("PG_BIN", &bin);
        server::run(command.env("PROPTEST_RNG_SEED", "1"))
    };
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    cargo(&["test", "--workspace", "--quiet"])?;
    eprintln!("+ cargo xtask next-version");
    next_version::next_version()
}
