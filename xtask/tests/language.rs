//! Phrases that readers stumbled over occur nowhere: not in messages, pages, comments or expected
//! texts of tests. Neither do the words that the glossary replaced, in names: of files, modules,
//! types, functions, fields, variables and tests. Hints in expected texts fit a line.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use xtask::census::code;
use xtask::golden::root;

/// What is not written, and what is written instead. Letters of either case.
const PHRASES: &[(&str, &str)] = &[
    ("the structure is none that", "the tables match no known version of"),
    ("none that app knows", "matches no known version of"),
    ("nearest is version", "closest is"),
    ("nobody is at a terminal to", "standard input is not a terminal"),
    ("whole by the quick check", "integrity check (quick): ok"),
    ("whole by the full check", "integrity check (full): ok"),
    ("of the tables: they are made", "no existing tables; they will be created"),
    ("triggers rest while", "triggers are disabled during the load"),
    ("sorting keys needs", "not enough space in … for sorting keys"),
    ("done before: ", "Already migrated: "),
    ("is a fault of this program", "is a bug in migrate"),
    ("is a fault of the program", "is a bug in migrate"),
    ("tell its makers", "report it"),
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
    ("is the way then", "what to do"),
    ("is looked at", "is checked, or is read"),
    ("are looked at", "are checked, or are read"),
    ("be looked at", "be checked, or be read"),
    ("been looked at", "been checked, or been read"),
    ("was looked at", "was checked, or was read"),
    ("is as it was", "is unchanged"),
    ("and only then", "afterwards"),
    ("on both ends", "in source and target"),
    ("both ends are", "source and target are"),
    ("both ends hold", "source and target hold"),
    ("standing table", "existing table"),
    ("leaves all as it was", "leaves everything unchanged"),
];

/// Words that are neither a name nor a part of one, and what is used instead.
const PARTS: &[(&str, &str)] = &[
    ("prepared", "existing"),
    ("standing", "existing"),
    ("bookkeeping", "migration_history"),
    ("cure", "hint"),
    ("cures", "hints"),
    ("cured", "repaired"),
    ("mend", "repair"),
    ("mends", "repairs"),
    ("mended", "repaired"),
    ("mending", "repair"),
    ("aside", "suspend"),
    ("look", "check, inspect"),
    ("looks", "checks"),
    ("looked", "checked"),
    ("tell", "report"),
    ("tells", "reports"),
    ("told", "reported"),
    ("untold", "what it is"),
    ("ours", "own, identical"),
    ("unasked", "offline, unrequested"),
    ("spelled", "type_sql"),
    ("nicer", "simplify_expressions"),
    ("teeth", "mutation"),
    ("onward", "new_version"),
];

/// Words that are no name by themselves in the program and its tasks; tests may use them.
const NAMES: &[(&str, &str)] = &[
    ("wrong", "what it is, such as invalid"),
    ("whole", "all_rows, integer, is_complete"),
    ("behind", "after"),
    ("absent", "target_only"),
    ("keeps", "a verb that says what is done"),
    ("passes_over", "is_target_only"),
    ("doing", "progress"),
    ("say", "print_line, add_item"),
    ("says", "what it is"),
    ("said", "what it is, such as stated"),
    ("world", "context"),
];

/// Where [`NAMES`] are looked for.
const PROGRAM: &[&str] = &["src/", "model/src/", "xtask/src/", "build.rs"];

/// Files and names in which such a word is right.
const ALLOWED_NAMES: &[(&str, &str)] = &[];

/// Files in which they may stand: this one, and what was true of earlier releases.
const ALLOWED: &[&str] = &["xtask/tests/language.rs", "CHANGELOG.md"];

/// A hint has at most so many characters, unless it is a command alone.
const HINT_MOST: usize = 100;

/// How hints begin that are commands, which cannot be broken.
const COMMANDS: &[&str] = &["chmod "];

/// How a hint begins in the texts of a terminal, of a page in Markdown, and of one in HTML.
const HINTS: &[&str] = &["hint: ", "- hint: ", "<p class=\"hint\">hint: <bdi>"];

/// The hints of an expected text that are too long.
fn long_hints(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let Some(hint) = HINTS.iter().find_map(|start| line.strip_prefix(start)) else { continue };
        let hint = hint.trim_end_matches("</bdi></p>");
        let length = hint.chars().count();
        let is_command = COMMANDS.iter().any(|start| hint.starts_with(start));
        if length > HINT_MOST && !is_command {
            found.push(format!(
                "{path}:{}: a hint of {length} characters; {HINT_MOST} are the most: give each \
                 alternative a hint, and a command a line below its hint",
                number + 1
            ));
        }
    }
    found
}

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

/// The files of the repository.
fn list_files() -> Vec<String> {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    let names = String::from_utf8(git.stdout).unwrap();
    names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The words of a name in lower case: those between `_`, `-`, `.` and `/`, and before capitals.
fn split_name(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = '_';
    for letter in name.chars() {
        let begins = letter.is_uppercase() && previous.is_lowercase();
        if !letter.is_alphabetic() || begins {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphabetic(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        previous = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What is wrong with a name that stands in a file, if anything is.
fn find_name_fault(path: &str, name: &str) -> Option<String> {
    if ALLOWED_NAMES.contains(&(path, name)) {
        return None;
    }
    let words = split_name(name);
    let part = PARTS.iter().find(|(part, _)| words.iter().any(|word| word == part));
    let is_program = PROGRAM.iter().any(|start| path.starts_with(start));
    let whole_name = name.to_lowercase();
    let by_itself = NAMES.iter().find(|(word, _)| is_program && whole_name == *word);
    part.or(by_itself).map(|(word, instead)| format!("`{name}` has `{word}`; use: {instead}"))
}

/// The faults of the names in a source file, each once.
fn find_name_faults(path: &str, source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    for (number, line) in code::strip(source).text.lines().enumerate() {
        for name in line.split(|letter| !code::is_name(letter)).filter(|name| !name.is_empty()) {
            if let (Some(fault), true) =
                (find_name_fault(path, name), known.insert(name.to_owned()))
            {
                found.push(format!("{path}:{}: {fault}", number + 1));
            }
        }
    }
    found
}

#[test]
fn no_name_has_a_word_that_the_glossary_replaced() {
    let mut found = Vec::new();
    for path in list_files() {
        found.extend(find_name_fault("", &path).map(|fault| format!("{path}: {fault}")));
        if let (Ok(text), true) = (fs::read_to_string(root().join(&path)), path.ends_with(".rs")) {
            found.extend(find_name_faults(&path, &text));
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn planted_names_are_found() {
    let planted = "struct SetAside;\n// told\nfn mend_value(whole: &str) -> &str { \"cure\" }\n";
    let found = find_name_faults("src/a.rs", planted);
    assert_eq!(
        found,
        [
            "src/a.rs:1: `SetAside` has `aside`; use: suspend",
            "src/a.rs:3: `mend_value` has `mend`; use: repair",
            "src/a.rs:3: `whole` has `whole`; use: all_rows, integer, is_complete",
        ]
    );
    // In a test, and as a part of other words, it is right.
    let fine = "fn amend_recommended(whole: u8, understanding: u8) {}\n";
    assert!(find_name_faults("tests/a.rs", fine).is_empty());
    let path = "docs/prepared.md";
    assert!(find_name_fault("", path).is_some_and(|fault| fault.contains("use: existing")));
}

#[test]
fn no_phrase_of_the_list_occurs() {
    let mut found = Vec::new();
    for path in list_files() {
        if ALLOWED.contains(&path.as_str()) {
            continue;
        }
        let is_text = [".rs", ".md", ".txt", ".toml"].iter().any(|end| path.ends_with(end));
        if let Ok(text) = fs::read_to_string(root().join(&path))
            && is_text
        {
            found.extend(findings(&path, &text));
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

#[test]
fn hints_of_expected_texts_fit_a_line() {
    let git = Command::new("git").args(["ls-files", "-z", "tests"]).current_dir(root()).output();
    let names = String::from_utf8(git.unwrap().stdout).unwrap();
    let (mut found, mut hints) = (Vec::new(), 0);
    for path in names.split('\0').filter(|path| !path.is_empty()) {
        if let Ok(text) = fs::read_to_string(root().join(path)) {
            hints += text.matches("hint: ").count();
            found.extend(long_hints(path, &text));
        }
    }
    assert!(hints > 100, "only {hints} hints");
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_planted_long_hint_is_found() {
    let long = "a ".repeat(51);
    let short = "a ".repeat(49);
    for start in ["hint: ", "  - hint: ", "<p class=\"hint\">hint: <bdi>"] {
        let text = format!("error: x\n{start}{long}\n");
        assert_eq!(long_hints("a.txt", &text).len(), 1, "{text}");
        assert!(long_hints("a.txt", &format!("{start}{short}")).is_empty());
    }
    assert!(long_hints("a.txt", &format!("hint: chmod 0600 {long}")).is_empty());
    assert!(long_hints("a.txt", &format!("hint: list them:\n  SELECT {long}")).is_empty());
}
