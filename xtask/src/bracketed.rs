//! `cargo xtask bracketed`: nothing in the program decides by a text that it wrote itself.
//!
//! With the feature `bracketed-texts` every message is made in brackets; all hazard cases must end
//! as they do without them.

use std::process::Command;

use crate::golden::root;
use crate::server;

/// Builds the program with messages in brackets and runs the hazard cases.
///
/// # Errors
/// When one of them ends otherwise.
pub fn bracketed() -> Result<(), String> {
    let bin = server::bin_dir(&root().join("target"))?;
    let arguments = ["test", "--features", "bracketed-texts", "--test", "it", "hazards::"];
    eprintln!("+ cargo {}", arguments.join(" "));
    let mut command = Command::new(env!("CARGO"));
    server::run(command.args(arguments).current_dir(root()).env("PG_BIN", &bin))
}
