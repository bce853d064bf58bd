//! `migrate db -data`: one of Connect's two databases, whatever is wrong with the other one.

use std::fs;

use crate::command_line::type_at;
use crate::server::installation::{Ended, Installation, ROLE_PASSWORD, owned};
use crate::server::{self, Database};

/// What looks encrypted and opens with no key.
fn sealed() -> String {
    "QUJD".repeat(30)
}

/// A server's files, what its `[Postgres]` needs, and its target.
fn ready() -> (Installation, String, Database) {
    let database = server::database(server::shared());
    let (_, url) = owned(&database);
    let password = ROLE_PASSWORD.replace('"', "\\\"");
    let settings = format!("URL = \"{url}\"\nPassword = \"{password}\"\n");
    (Installation::new(&settings), settings, database)
}

/// Both databases in their own schema of one database, so that each has its own URL.
fn apart() -> (Installation, String, String, Database) {
    let (installation, settings, database) = ready();
    let owner = settings.split("://").nth(1).unwrap().split('@').next().unwrap().to_owned();
    server::execute(&database.url, &format!("CREATE SCHEMA usage AUTHORIZATION {owner}"));
    let url = settings.split('"').nth(1).unwrap();
    let own = format!("InstrumentationURL = \"{url}&search_path=usage\"\n");
    (installation, settings, own, database)
}

/// The command that a run of these words says to be next.
fn command(installation: &Installation, words: &str) -> String {
    format!("migrate db {words} --config {}", installation.config.display())
}

#[track_caller]
fn expect_words(ended: &Ended, words: &[&str], not: &[&str]) {
    for word in words {
        assert!(ended.out.contains(word), "no {word:?} in:\n{}", ended.out);
    }
    for word in not {
        assert!(!ended.out.contains(word), "{word:?} in:\n{}", ended.out);
    }
}

#[test]
fn a_secret_of_the_other_database_blocks_nothing() {
    let (installation, settings, _) = ready();
    let wrong = format!("{settings}InstrumentationPassword = {}\n", sealed());
    installation.configure(&wrong);
    let setting = "Postgres.InstrumentationPassword";
    let dry_run = installation.run(&["db", "-dry-run", "-data", "core"]);
    dry_run.expect(0, &["warning: ", setting, "cannot be decrypted"]);
    for words in [&["db", "-dry-run"][..], &["db", "-dry-run", "-data", "instrumentation"]] {
        installation.run(words).expect(2, &["error: ", setting, "cannot be decrypted"]);
    }
    installation.run(&["check-config"]).expect(2, &[setting]);
    installation.run(&["db", "-yes", "-data", "core"]).expect(0, &["copied:"]);
}

#[test]
fn a_key_that_only_the_other_database_needs_blocks_nothing() {
    let (installation, settings, _) = ready();
    installation.configure(&format!("{settings}InstrumentationPassword = {}\n", sealed()));
    fs::remove_file(installation.directory.path().join("db/secret.key")).unwrap();
    let needed = "it is needed to decrypt Postgres.InstrumentationPassword";
    installation.run(&["db", "-dry-run"]).expect(2, &["error: ", needed]);
    installation.run(&["db", "-dry-run", "-data", "core"]).expect(0, &["warning: ", needed]);
}

#[test]
fn a_secret_of_core_does_not_block_instrumentation() {
    let (installation, settings, own, _) = apart();
    let (url, password) = settings.split_once('\n').unwrap();
    let own_password = password.replacen("Password", "InstrumentationPassword", 1);
    let wrong = format!("{url}\nPassword = {}\n{own}", sealed());
    let only = ["db", "-dry-run", "-data", "instrumentation"];
    installation.configure(&format!("{wrong}{own_password}"));
    installation.run(&only).expect(0, &["warning: Postgres.Password"]);
    installation.run(&["db", "-dry-run", "-data", "core"]).expect(2, &["error: Postgres.Password"]);
    // Without a password of its own it needs that of core.
    installation.configure(&wrong);
    installation.run(&only).expect(2, &["error: Postgres.Password"]);
    // No URL for core; the one without a URL of its own needs it.
    installation.configure(&format!("{own}{own_password}"));
    installation.run(&only).expect(0, &["warning: Postgres.URL is not set"]);
    installation.run(&["db", "-dry-run"]).expect(2, &["error: Postgres.URL is not set"]);
    installation.configure(&own_password);
    installation.run(&only).expect(2, &["error: Postgres.URL is not set"]);
}

#[test]
fn a_url_of_the_other_database_blocks_nothing() {
    let (installation, settings, _) = ready();
    installation.configure(&format!("{settings}InstrumentationURL = \"host=x dbname=y\"\n"));
    installation.run(&["db", "-dry-run"]).expect(2, &["rstudio-connect.gcfg:7"]);
    installation.run(&["db", "-yes", "-data", "core"]).expect(0, &["copied:"]);
    installation.configure(&format!("{settings}InstrumentationURL = \"postgres://u:{{$}}@h/d\"\n"));
    installation.run(&["db", "-yes", "-data", "core"]).expect(0, &["source and target are equal"]);
}

#[test]
fn a_missing_file_of_usage_events_leads_to_core_alone() {
    let (installation, _, _) = ready();
    let file = installation.directory.path().join("db/connect-instrumentation.db");
    fs::remove_file(&file).unwrap();
    for words in
        [&["db", "-dry-run"][..], &["db", "-yes"], &["db", "-yes", "-data", "instrumentation"]]
    {
        let ended = installation.run(words);
        let how = if words == ["db", "-dry-run"] { " --dry-run" } else { "" };
        let core = command(&installation, &format!("--data core{how}"));
        ended.expect(3, &["connect-instrumentation.db: there is no such file", &core]);
        assert!(!ended.err.contains("SQLite.Dir"), "{}", ended.err);
    }
    // Nothing is left to be moved then.
    let ended = installation.run(&["db", "-yes", "-data", "core"]);
    ended.expect(0, &[]);
    expect_words(
        &ended,
        &["Provider = postgres", "there is no usage history to move"],
        &["--data"],
    );
    // Where both are missing it is the directory that is wrong.
    fs::remove_file(file.with_file_name("connect.db")).unwrap();
    let ended = installation.run(&["db", "-dry-run"]);
    ended.expect(3, &["connect-instrumentation.db: there is no such file", "SQLite.Dir"]);
    assert!(!ended.err.contains("--data core"), "{}", ended.err);
}

#[test]
fn the_switch_is_advised_when_both_are_moved() {
    for (first, second) in [("core", "instrumentation"), ("instrumentation", "core")] {
        let (installation, settings, own, _) = apart();
        installation.configure(&format!("{settings}{own}"));
        let next = command(&installation, &format!("--data {second}"));
        for _ in 0..2 {
            let half = installation.run(&["db", "-yes", "-data", first]);
            half.expect(0, &[]);
            let left = format!("1. Migrate {second}, which is not in PostgreSQL yet");
            expect_words(&half, &[&left, &next], &["Provider = postgres", "systemctl start"]);
        }
        // Of the one that is there, no row is read to be loaded.
        let both = installation.run(&["db", "-dry-run"]);
        both.expect(0, &["rows read, no errors found"]);
        assert!(!both.err.contains("errors above"), "{}", both.err);
        let whole = installation.run(&["db", "-yes", "-data", second]);
        whole.expect(0, &[]);
        let compare = format!("1. Compare every value of {first}");
        let again = command(&installation, &format!("--data {first}")) + " --drop-all";
        expect_words(
            &whole,
            &["Provider = postgres", "systemctl start", &compare, &again],
            &["1. Move"],
        );
        let again = installation.run(&["db", "-yes", "-data", first]);
        again.expect(0, &[]);
        expect_words(&again, &["Provider = postgres"], &["1. Move"]);
    }
}

#[test]
fn tables_that_wait_for_their_rows_are_not_moved() {
    let (installation, _, database) = ready();
    installation.run(&["db", "-yes"]).expect(0, &[]);
    server::execute(&database.url, "TRUNCATE content_hits, rmd_and_static_hits, shiny_app_usage");
    let half = installation.run(&["db", "-yes", "-data", "core"]);
    half.expect(0, &[]);
    expect_words(
        &half,
        &["1. Migrate instrumentation, which is not in PostgreSQL yet"],
        &["Provider = postgres"],
    );
}

#[test]
fn some_rows_of_the_other_database_advise_no_switch() {
    let (installation, settings, database) = ready();
    installation.run(&["db", "-yes"]).expect(0, &[]);
    // As many as an application might have put into its own tables.
    server::execute(&database.url, "DELETE FROM content_hits WHERE id > 1");
    let counts = "The rows of instrumentation in PostgreSQL are not those in SQLite \
                  (content_hits: 1 in PostgreSQL, ";
    let again = command(&installation, "--data instrumentation") + " --drop-all";
    let half = installation.run(&["db", "-yes", "-data", "core"]);
    half.expect(0, &[]);
    expect_words(&half, &[counts, &again], &["Provider = postgres"]);
    // Nor where nobody can look.
    let nowhere = "InstrumentationURL = \"postgres://nobody@localhost:1/none?sslmode=disable\"";
    installation.configure(&format!("{settings}[Postgres]\n{nowhere}"));
    let half = installation.run(&["db", "-yes", "-data", "core"]);
    half.expect(0, &[]);
    let unknown = ["1. Migrate instrumentation, if this was not done before"];
    expect_words(&half, &unknown, &["Provider = postgres"]);
}

#[test]
fn usage_events_may_follow_when_connect_is_on_postgresql() {
    let (installation, settings, database) = ready();
    installation.run(&["db", "-yes"]).expect(0, &[]);
    installation.configure(&format!("{settings}[Database]\nProvider = postgres"));
    let history = ["db", "-yes", "-data", "instrumentation"];
    // Connect's own tables, and no events in them yet.
    server::execute(&database.url, "TRUNCATE content_hits, rmd_and_static_hits, shiny_app_usage");
    let next = command(&installation, "--data instrumentation");
    installation.run(&["db", "-verify"]).expect(4, &["nothing was loaded", &next]);
    for words in [&["db", "-yes"][..], &["db", "-yes", "-data", "core"], &["db", "-dry-run"]] {
        let next = command(&installation, "--data instrumentation");
        let why = "what Connect has written to PostgreSQL since would be lost or mixed";
        installation.run(words).expect(2, &["Provider is postgres already", why, &next]);
    }
    for flag in ["--drop-all", "--replace-seed"] {
        let mut words = history.to_vec();
        words.push(flag);
        installation.run(&words).expect(2, &[flag, "Provider is postgres already"]);
    }
    installation.run(&history[..1]).expect(2, &["Provider is postgres already"]);
    let arguments = ["db", "-data", "instrumentation"];
    installation.run(&arguments).expect(2, &["standard input is not a terminal", "--yes"]);
    installation.run(&["db", "-dry-run", "-data", "instrumentation"]).expect(0, &[]);
    let (program, config) = (env!("CARGO_BIN_EXE_migrate"), installation.config.display());
    let line = format!("exec {program} db -data instrumentation -config {config}");
    let (code, seen) = type_at(&line, "[y/N] ", "n\n");
    assert_eq!(code, Some(8), "{seen}");
    let question = "Connect already runs on PostgreSQL; add the usage history from SQLite? [y/N]";
    assert!(seen.contains(question), "{seen}");
    let ended = installation.run(&history);
    ended.expect(0, &["warning: ", "Connect runs on PostgreSQL"]);
    expect_words(&ended, &["Done: "], &["Provider = postgres", "--data"]);
    installation.run(&["db", "-verify"]).expect(0, &[]);
    // Rows that differ are Connect's.
    server::execute(&database.url, "DELETE FROM content_hits WHERE id = 1");
    installation.run(&history).expect(4, &["tables of the migration already have rows"]);
}
