//! Which hints the tests of a run have printed, and which they have followed: lines of the file
//! that `HINT_LOG` names, for `cargo xtask check` to compare.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::thread;

/// Notes the hints of what the program has said.
pub fn note_printed(said: &str) {
    note("printed", said);
}

/// Notes the hints of a run whose hints the test follows.
pub fn note_followed(said: &str) {
    note("followed", said);
}

/// Notes one hint that the test follows, with the line above it.
pub fn note_hint_followed(text: &str, hint: &str) {
    note_followed(&format!("error: {text}\nhint: {hint}"));
}

fn note(what: &str, said: &str) {
    let Some(path) = std::env::var_os("HINT_LOG") else { return };
    let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path) else { return };
    let test = thread::current().name().unwrap_or("-").to_owned();
    let mut above = "-";
    for line in said.lines() {
        let text = line.strip_prefix("error: ").or_else(|| line.strip_prefix("warning: "));
        if let Some(text) = text {
            above = text;
        }
        if let Some(hint) = line.strip_prefix("hint: ") {
            let _ = file.write_all(format!("{what}\t{test}\t{above}\t{hint}\n").as_bytes());
        }
    }
}
