//! Phrases that readers stumbled over occur nowhere: not in messages, pages, comments or expected
//! texts of tests.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::fs;
use std::process::Command;

use xtask::golden::root;

/// What is not written, and what is written instead. Letters of either case.
const PHRASES: &[(&str, &str)] = &[
    ("the structure is none that", "the tables match no known version of"),
    ("nobody is at a terminal to", "standard input is not a terminal"),
    ("of the tables: they are made", "no existing tables; they will be created"),
    ("triggers rest while", "triggers are disabled during the load"),
    ("sorting keys needs", "not enough space in … for sorting keys"),
    ("done before: ", "Already migrated: "),
    ("is a fault of this program", "is a bug in migrate"),
    ("still at it", "the step with its numbers"),
    ("both ends equal", "source and target are equal"),
    ("taken to be so", "proved, or to decide"),
    (" is told", "is reported"),
    (" are told", "are reported"),
    (" was told", "was reported"),
    ("be told apart", "be distinguished"),
    (" mend the ", "correct the "),
    (" mend it", "correct it"),
    (" mend them", "correct them"),
    (" mend that", "correct that"),
    ("the way to take", "what to do"),
    ("leaves all as it was", "leaves everything unchanged"),
];

/// Files in which they may stand: this one, and what was true of earlier releases.
const ALLOWED: &[&str] = &["xtask/tests/language.rs", "CHANGELOG.md"];

fn findings(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        let phrases = PHRASES.iter().filter(|(phrase, _)| line.contains(phrase));
        found.extend(phrases.map(|(phrase, instead)| {
            format!("{path}:{}: `{phrase}`; write: {instead}", number + 1)
        }));
    }
    found
}

#[test]
fn no_phrase_of_the_list_occurs() {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    let names = String::from_utf8(git.stdout).unwrap();
    let mut found = Vec::new();
    for path in names.split('\0').filter(|path| !ALLOWED.contains(path)) {
        let is_text = [".rs", ".md", ".txt", ".toml"].iter().any(|end| path.ends_with(end));
        if let Ok(text) = fs::read_to_string(root().join(path))
            && is_text
        {
            found.extend(findings(path, &text));
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_planted_phrase_is_found() {
    let planted = "//! Fine.\n// The reader Is Told so.\n";
    assert_eq!(findings("a.rs", planted), ["a.rs:2: ` is told`; write: is reported"]);
    assert!(findings("a.md", "The reader is asked.\n").is_empty());
}
