//! `cargo xtask bless`: every file that is derived from others, and every expected text of a test,
//! is written anew.

use std::fs;
use std::process::Command;

use crate::golden::{rendered, root};
use crate::server;

/// Tests with expected texts in files, as a package and filters of its tests.
pub const TESTS: &[(&str, &[&str])] = &[
    ("connect-migrate-model", &["schema_files::"]),
    (
        "connect-migrate",
        &[
            "existing_tables::findings::",
            "existing_tables::frameworks::",
            "findings::",
            "hazards::",
            "preflight::",
            "report::",
            "schemas::diff_reports::",
            "schemas::draft_into::",
            "settings::",
        ],
    ),
];

/// Tests that hold expected texts against each other, for which all must have been written before.
const READERS: &[&str] = &["hazards::outcomes", "hazards::together"];

/// Writes the rendered files, then has the tests write what they find, or those of a filter. Files
/// that are as they should be are left alone.
///
/// # Errors
/// The schema files' faults, a file that cannot be written, or a test that fails all the same.
pub fn bless(filter: Option<&str>) -> Result<(), String> {
    for (file, text) in rendered()? {
        if fs::read_to_string(&file).is_ok_and(|old| old == text) {
            continue;
        }
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("wrote {}", file.display());
    }
    let bin = server::bin_dir(&root().join("target"))?;
    for (package, filters) in TESTS {
        let mut command = Command::new(env!("CARGO"));
        command.args(["test", "--package", package, "--test", "it", "--quiet", "--"]);
        match filter {
            Some(filter) => command.arg(filter),
            None => command.args(*filters),
        };
        for reader in READERS {
            command.args(["--skip", reader]);
        }
        command.current_dir(root()).env("BLESS", "1").env("PG_BIN", &bin);
        server::run(&mut command)?;
    }
    eprintln!("what changed: git diff");
    Ok(())
}
