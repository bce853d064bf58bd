//! Whether every hint that a test has made the program print was followed by a test.
//!
//! The integration tests write each hint that they see, and each one that they follow, to a file.
//! What a hint tells to do (a flag, a statement, a setting, a command) counts as followed when a
//! test has followed the same under the same finding. Hints without such a part, and acts that are
//! not a test's to do, stand on a list with what a test does in their place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::golden::root;

/// The list, below the root of the workspace.
const LIST: &str = "tests/cases/hints_by_hand.txt";

/// Statements, by how they begin.
const STATEMENTS: &[&str] = &[
    "ALTER COLUMN",
    "ALTER DATABASE",
    "ALTER DOMAIN",
    "ALTER ROLE",
    "ALTER SEQUENCE",
    "ALTER TABLE",
    "CREATE DATABASE",
    "CREATE ROLE",
    "CREATE SCHEMA",
    "CREATE TABLE",
    "GRANT",
    "REINDEX",
    "SELECT",
    "UPDATE",
];

/// Programs of the system.
const PROGRAMS: &[&str] = &["chmod", "chown", "getent", "sqlite3", "sudo"];

/// Parameters of a URL.
const PARAMETERS: &[&str] = &[
    "channel_binding",
    "connect_timeout",
    "dbname",
    "options",
    "require_auth",
    "search_path",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
];

/// Settings of schema files.
const SETTINGS: &[&str] = &["declared", "ignore", "migration_history", "source_key", "stored"];

/// Commands of the program.
const COMMANDS: &[&str] = &["check-config", "copy", "db", "encrypt-config-value", "schema"];

/// Where the tests write what they print and follow.
fn log_file() -> PathBuf {
    root().join("target/hints.log")
}

/// Begins an empty log, and says where it is.
///
/// # Errors
/// When it cannot be written.
pub fn start_log() -> Result<PathBuf, String> {
    let file = log_file();
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(&file, "")).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(file)
}

/// Fails where a hint was printed whose parts nobody has followed, and names them.
///
/// # Errors
/// Says which, or that a file cannot be read.
pub fn check_hints() -> Result<(), String> {
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let unfollowed = find_unfollowed(&read(&log_file())?, &read(&root().join(LIST))?);
    if unfollowed.is_empty() {
        return Ok(());
    }
    unfollowed.iter().for_each(|line| eprintln!("{line}"));
    Err(format!(
        "{} parts of hints are printed and followed by no test: follow them as those of \
         tests/hints.rs are, or write into {LIST} what a test does in their place",
        unfollowed.len()
    ))
}

/// The parts that were printed and not followed, each with a test and the hint.
fn find_unfollowed(log: &str, list: &str) -> Vec<String> {
    let mut done: BTreeSet<(String, String)> = BTreeSet::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split(" | ").map(str::to_owned);
        done.extend(fields.next().zip(fields.next()));
    }
    let mut printed = BTreeMap::new();
    for line in log.lines() {
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        let [kind, test, above, hint] = fields[..] else { continue };
        for part in parts_of(hint) {
            let key = (id_of(above).to_owned(), part);
            match kind == "followed" {
                true => drop(done.insert(key)),
                false => drop(printed.entry(key).or_insert_with(|| format!("{test}: {hint}"))),
            }
        }
    }
    let is_done = |(id, part): &(String, String)| {
        done.contains(&(id.clone(), part.clone())) || done.contains(&("*".to_owned(), part.clone()))
    };
    let unfollowed = printed.into_iter().filter(|(key, _)| !is_done(key));
    unfollowed.map(|((id, part), example)| format!("{id} | {part} | {example}")).collect()
}

/// The finding that an error or a warning begins with, or `-`.
fn id_of(above: &str) -> &str {
    let first = above.split(' ').next().unwrap_or_default();
    let digits = first.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let is_id = !digits.is_empty()
        && digits.len() < first.len()
        && digits.chars().all(|c| c.is_ascii_digit());
    if is_id { first } else { "-" }
}

/// What a hint tells to do; of one without anything to paste its first words.
fn parts_of(hint: &str) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    for (position, _) in hint.match_indices("--repair ") {
        let rest = hint.get(position..).unwrap_or_default();
        let flag = rest.split(" or ").next().and_then(|flag| flag.split("; ").next());
        let word = flag.and_then(|flag| flag.rsplit('=').next()).unwrap_or_default();
        parts.insert(format!("--repair {}", first_word(word)));
    }
    for (position, found) in hint.match_indices("repair = \"") {
        let word = hint.get(position + found.len()..).unwrap_or_default();
        parts.insert(format!("--repair {}", first_word(word)));
    }
    let words: Vec<&str> =
        hint.split([' ', ',', ';', '(', ')', '\'', '"', '`', '?', '&']).collect();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied().unwrap_or_default();
        parts.extend(part_of_word(word, next));
    }
    for statement in STATEMENTS {
        let begins_word =
            |position: usize| !hint[..position].ends_with(|c: char| c.is_ascii_uppercase());
        if hint.match_indices(&format!("{statement} ")).any(|(position, _)| begins_word(position)) {
            parts.insert(format!("SQL {statement}"));
        }
    }
    if parts.is_empty() {
        let plain = |word: &&str| word.chars().all(|c| c.is_ascii_alphabetic());
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let words: Vec<&str> = words.into_iter().filter(plain).take(5).collect();
        parts.insert(format!("prose {}", words.join(" ")));
    }
    parts
}

/// The part that a word is, with the word behind it.
fn part_of_word(word: &str, next: &str) -> Option<String> {
    if let Some(flag) = word.strip_prefix("--") {
        let flag = first_word(flag);
        // The repair that is named counts, on the command line or in a file.
        let is_part = !["", "repair", "repairs"].contains(&&*flag);
        return is_part.then(|| format!("--{flag}"));
    }
    if word.starts_with("CONNECT_") {
        return Some("CONNECT_ variable".to_owned());
    }
    if word == "migrate" && COMMANDS.contains(&next) {
        return Some(format!("migrate {next}"));
    }
    if PROGRAMS.contains(&word) {
        return Some(format!("$ {word}"));
    }
    if SETTINGS.contains(&word) && next == "=" || word == "[migration_history]" {
        return Some(format!("schema file: {}", word.trim_matches(['[', ']'])));
    }
    let parameter = word.split_once('=').map(|(name, _)| name)?;
    PARAMETERS.contains(&parameter).then(|| format!("URL {parameter}"))
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(hint: &str) -> Vec<String> {
        parts_of(hint).into_iter().collect()
    }

    #[test]
    fn a_hint_is_taken_apart() {
        assert_eq!(
            parts(
                "set NULL; or repair it by --repair a.t.c=enum-map:OLD=LABEL or --repair 'a.t t=b'"
            ),
            ["--repair LABEL", "--repair b"]
        );
        assert_eq!(
            parts("with this line in it: repair = [{ table = \"a\", repair = \"strip-nul\" }]"),
            ["--repair strip-nul"]
        );
        assert_eq!(
            parts("run as admin, or: GRANT admin TO x; or use ?search_path=NAME with --data core"),
            ["--data", "SQL GRANT", "URL search_path"]
        );
        assert_eq!(
            parts("ask the application what they mean: /tmp/x"),
            ["prose ask the application what they"]
        );
        assert_eq!(parts("migrate db --dry-run"), ["--dry-run", "migrate db"]);
    }

    #[test]
    fn only_what_nobody_follows_is_named() {
        let log = "printed\ta::b\tK1 t: x\tuse --data core\n\
                   printed\ta::c\tK2 t: x\tuse --data core\n\
                   followed\ta::d\tK1 t: y\tuse --data instrumentation\n\
                   printed\ta::e\tno id here\tstop it\n";
        assert_eq!(
            find_unfollowed(log, "# by hand\n- | prose stop it | it is stopped\n"),
            ["K2 | --data | a::c: use --data core"]
        );
    }
}
