//! Hints about flags, and commands that hints print.

use super::{Scene, contains_text, hints};
use crate::hint_log;
use crate::hints::shell_words;
use crate::server::installation::{Ended, Installation, program};

/// A part of the text, and what is made of the words.
type Way = fn(&[String]) -> Vec<String>;

fn with(words: &[String], more: &[&str]) -> Vec<String> {
    words.iter().cloned().chain(more.iter().map(|word| (*word).to_owned())).collect()
}

fn without(words: &[String], flag: &str) -> Vec<String> {
    words.iter().filter(|word| *word != flag).cloned().collect()
}

/// The commands that a hint prints, as a shell reads them.
fn printed_commands(hint: &str) -> Vec<Vec<String>> {
    let starts = hint.match_indices("migrate db");
    let all = starts.map(|(at, _)| hint[at..].split(['\u{3b}', ',']).next().unwrap());
    all.map(|command| shell_words(command).unwrap()[1..].to_vec()).collect()
}

fn run(words: &[String]) -> (i32, String) {
    let ended = Ended::of(&program().args(words).output().unwrap());
    (ended.code.unwrap(), format!("{}\n{}", ended.out, ended.err))
}

/// Runs words; then what the hint prints, or else each of the ways.
#[track_caller]
fn check(words: &[String], part: &str, ways: &[(&str, Way)]) {
    let (code, printed) = run(words);
    let found = hints(&printed).into_iter().find(|one| one.text.contains(part));
    let found = found.unwrap_or_else(|| panic!("no {part:?}, exit {code}:\n{printed}"));
    hint_log::note_hint_followed(&found.text, &found.hint);
    let mut all = printed_commands(&found.hint);
    for (named, way) in ways {
        assert!(found.hint.contains(named), "no {named} in: {}", found.hint);
        all.push(way(words));
    }
    assert!(!all.is_empty(), "{}", found.hint);
    for words in all {
        let (code, printed) = run(&words);
        assert!(
            code != 101 && !contains_text(&printed, &found.text) && !printed.contains("Usage: "),
            "{words:?}, exit {code}:\n{printed}"
        );
    }
}

fn words_of(installation: &Installation, words: &[&str]) -> Vec<String> {
    let config = installation.config.display().to_string();
    with(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &["--config", &config])
}

const NOBODY: &str = "URL = postgres://u@127.0.0.1:1/x?sslmode=disable\nPassword = x";

#[test]
fn commands_after_the_switch() {
    let installation = Installation::new(&format!("{NOBODY}\n[Database]\nProvider = postgres"));
    check(&words_of(&installation, &["db", "--yes"]), "is postgres already", &[]);
    let late = ["db", "--yes", "--data", "instrumentation"];
    for flag in ["--drop-all", "--replace-seed"] {
        let words = with(&words_of(&installation, &late), &[flag]);
        match flag {
            "--drop-all" => check(&words, flag, &[(flag, |words| without(words, "--drop-all"))]),
            _ => check(&words, flag, &[(flag, |words| without(words, "--replace-seed"))]),
        }
    }
}

#[test]
fn flags_that_are_missing_or_wrong() {
    let installation = Installation::new(NOBODY);
    let words = words_of(&installation, &["db"]);
    check(
        &words,
        "standard input is not a terminal",
        &[("--yes", |words| with(words, &["--yes"]))],
    );
    let words = words_of(&installation, &["db", "--yes=maybe"]);
    check(
        &words,
        "neither true nor false",
        &[
            ("`--yes`", |words| with(&without(words, "--yes=maybe"), &["--yes"])),
            ("`--yes=false`", |words| with(&without(words, "--yes=maybe"), &["--yes=false"])),
        ],
    );
    let words = words_of(&installation, &["db", "--yes", "--naive-zone", "Mars"]);
    let zone: Way = |words| {
        with(&without(&without(words, "Mars"), "--naive-zone"), &["--naive-zone", "Europe/Berlin"])
    };
    check(&words, "is not a time zone", &[("Europe/Berlin", zone)]);
    // Only what is joined has zones to choose.
    let words = words_of(&installation, &["db", "--yes", "--naive-zone", "UTC"]);
    let way: Way = |words| without(&without(words, "UTC"), "--naive-zone");
    check(&words, "--naive-zone", &[("leave out `--naive-zone`", way)]);
    let schema = installation.directory.path().join("one");
    std::fs::create_dir(&schema).unwrap();
    std::fs::write(schema.join("database.toml"), "versions = [\"1\"]\n").unwrap();
    let words = with(&words_of(&installation, &["db", "--yes", "--schema"]), &[]);
    let mut words: Vec<String> = words;
    words.insert(3, schema.display().to_string());
    check(
        &words,
        "is the schema of one of two databases",
        &[
            ("--data core", |words| with(words, &["--data", "core"])),
            ("--data instrumentation", |words| with(words, &["--data", "instrumentation"])),
        ],
    );
}

#[test]
fn a_usage_history_that_is_missing() {
    let installation = Installation::new(NOBODY);
    let file = installation.directory.path().join("db/connect-instrumentation.db");
    std::fs::remove_file(file).unwrap();
    let words = words_of(&installation, &["db", "--dry-run"]);
    check(&words, "there is no such file", &[]);
}

#[test]
fn a_target_that_other_users_see_or_that_holds_a_sign() {
    let installation = Installation::new(NOBODY);
    let file = installation.directory.path().join("db/connect.db").display().to_string();
    let copy = |target: &str| -> Vec<String> {
        let all = [
            "copy",
            "--dry-run",
            "--schema",
            "connect/core",
            "--source",
            &file,
            "--target",
            target,
        ];
        all.map(str::to_owned).to_vec()
    };
    let target = "postgres://u@127.0.0.1:1/x#y";
    let replaced: Way =
        |words| words.iter().map(|word| word.replace("#y", "?search_path=y")).collect();
    let meant: Way = |words| words.iter().map(|word| word.replace('#', "%23")).collect();
    check(&copy(target), "what follows #", &[("`?search_path=NAME`", replaced), ("%23", meant)]);
    let words = copy("postgres://u:secret@127.0.0.1:1/x");
    let (_, printed) = run(&words);
    let seen = hints(&printed).into_iter().find(|one| one.text.contains("other users")).unwrap();
    hint_log::note_hint_followed(&seen.text, &seen.hint);
    assert!(seen.hint.contains("PGPASSWORD"), "{}", seen.hint);
    let mut scene = Scene { words, ..Scene::default() }.with_variable("PGPASSWORD", "secret");
    scene.words.last_mut().unwrap().clone_from(&"postgres://u@127.0.0.1:1/x".to_owned());
    let (_, printed) = scene.run();
    assert!(!contains_text(&printed, &seen.text), "{printed}");
}
