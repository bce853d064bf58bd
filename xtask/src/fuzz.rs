//! `cargo xtask fuzz`: random input for every reader. The readers are the product's, so the loop is
//! an example of the product's package.

use std::process::Command;

use crate::golden::root;
use crate::server;

/// Runs every reader, or those of these names, for so many seconds.
///
/// # Errors
/// When one of them panics; its input has been printed. When there is none of a name.
pub fn fuzz(seconds: u64, readers: &[String]) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "connect-migrate", "--example", "fuzz", "--"]);
    server::run(command.arg(seconds.to_string()).args(readers).current_dir(root()))
}
