//! Which hints the tests of a run have printed, and which they have followed: lines of the file
//! that `HINT_LOG` names, for `cargo xtask check` to compare.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::thread;

/// Notes the hints of what the program has said, none of which may be too long.
pub fn note_printed(output: &str) {
    let hints = output.lines().filter_map(|line| line.strip_prefix("hint: "));
    for hint in hints.filter(|hint| !hint.starts_with("chmod ")) {
        let length: usize = hint.split(' ').map(|word| 1 + counted_length(word)).sum();
        assert!(length <= 101, "a hint of {} characters: {hint}", length - 1);
    }
    note("printed", output);
}

/// The characters of a word of a hint; of a path, which differs from run to run, at most 20.
fn counted_length(word: &str) -> usize {
    let length = word.chars().count();
    if word.contains('/') { length.min(20) } else { length }
}

/// Notes the hints of a run whose hints the test follows.
pub fn note_followed(output: &str) {
    note("followed", output);
}

/// Notes one hint that the test follows, with the line above it.
pub fn note_hint_followed(text: &str, hint: &str) {
    note_followed(&format!("error: {text}\nhint: {hint}"));
}

fn note(what: &str, output: &str) {
    let Some(path) = std::env::var_os("HINT_LOG") else { return };
    let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path) else { return };
    let test = thread::current().name().unwrap_or("-").to_owned();
    for (above, hints) in hints_of(output) {
        let _ = file.write_all(format!("{what}\t{test}\t{above}\t{hints}\n").as_bytes());
    }
}

/// The hints of what was said, the alternatives of one place together, with the line above them.
fn hints_of(output: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let (mut above, mut is_beginning, mut is_below) = ("-", true, false);
    for line in output.lines() {
        let text = line.strip_prefix("error: ").or_else(|| line.strip_prefix("warning: "));
        if let Some(text) = text {
            (above, is_beginning, is_below) = (text, true, false);
        }
        let Some(hint) = line.strip_prefix("hint: ") else {
            is_below &= line.starts_with("  ");
            if let Some((_, hints)) = found.last_mut().filter(|_| is_below) {
                *hints += &format!(" {}", line.trim_start());
            }
            continue;
        };
        // It has the command as it was typed, and `--keys` is followed where repairs are tested.
        is_below = !hint.starts_with("write the keys of all rows");
        if !is_below {
            continue;
        }
        match found.last_mut().filter(|_| !is_beginning) {
            Some((_, hints)) => *hints += &format!("; {hint}"),
            None => found.push((above, hint.to_owned())),
        }
        is_beginning = false;
    }
    found
}
