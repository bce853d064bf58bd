//! What the hints of refused runs without `--schema` tell to do is done as it is printed, and
//! helps.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::copies::Files;
use crate::hints::{Instead, Scene, follow_all, follow_new_settings};

impl Scene for Files {
    fn run(&self, words: &[String]) -> (i32, String) {
        let words = words.iter().map(String::as_str);
        let ended = Files::run(self, &words.chain(["--dry-run"]).collect::<Vec<_>>());
        (ended.code.unwrap(), ended.err)
    }

    fn run_joined(&self) -> (i32, String) {
        Scene::run(self, &[])
    }

    fn source(&self) -> PathBuf {
        Files::source(self)
    }

    fn url(&self) -> &str {
        &self.database.url
    }
}

/// Follows the hints of a run over both sides, and says of which findings they are.
#[track_caller]
fn check(source: &str, target: &str, ids: &[&str], elsewhere: &[(&str, Instead)]) {
    let (_, output) = Scene::run(&Files::new(source, target), &[]);
    for id in ids {
        assert!(output.contains(&format!("error: {id} ")), "no {id} in:\n{output}");
    }
    let (followed, faults) = follow_all(|| Files::new(source, target), "shop.", elsewhere);
    assert!(faults.is_empty(), "of {followed} hints\n{}\n\n{output}", faults.join("\n"));
}

#[test]
fn names_that_only_one_side_has() {
    check(
        "CREATE TABLE \"my orders\" (id INTEGER PRIMARY KEY, \"a'b $x\" TEXT, \"x.y\" TEXT);
         INSERT INTO \"my orders\" VALUES (1, 'a', 'b');
         CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT, colour TEXT);
         INSERT INTO labels VALUES (1, 'a', 'red');",
        "CREATE TABLE \"my orders\" (id bigint PRIMARY KEY, one text, two text);
         CREATE TABLE marks (id bigint PRIMARY KEY, name text, colour text);",
        &["O1", "O2"],
        &[],
    );
}

#[test]
fn numbers_and_texts_that_may_be_several_times() {
    check(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, seen INTEGER, waits INTEGER, day INTEGER,
            naive DATETIME, started TEXT);
         INSERT INTO t VALUES (1, 1709283600, 86400000000000, 1709283600000,
            '2024-03-01 09:00:00', '20240301');",
        "CREATE TABLE t (id bigint PRIMARY KEY, seen timestamptz, waits interval, day date,
            naive timestamptz, started timestamp)",
        &["S20"],
        &[],
    );
}

#[test]
fn bytes_whose_order_or_meaning_is_open() {
    check(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, guid BLOB, hash TEXT, kind INTEGER);
         INSERT INTO t VALUES (1, x'0102030405060708090a0b0c0d0e0f10', 'abcd', 1),
            (2, x'1102030405060708090a0b0c0d0e0f10', 'abce', 0);",
        "CREATE TABLE t (id bigint PRIMARY KEY, guid uuid, hash bytea, kind boolean)",
        &["S20"],
        &[],
    );
}

#[test]
fn counters_and_histories() {
    check(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, number INTEGER);
         INSERT INTO orders VALUES (1, 1000);
         CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, dirty BOOLEAN);
         INSERT INTO schema_migrations VALUES (1, 0), (2, 0);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, number bigint);
         CREATE SEQUENCE orders_number_seq;
         CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
         INSERT INTO schema_migrations VALUES (1, false);",
        &["O4"],
        &[],
    );
}

#[test]
fn values_that_do_not_fit() {
    check(
        "CREATE TABLE parents (code TEXT PRIMARY KEY);
         INSERT INTO parents VALUES ('a');
         CREATE TABLE t (id INTEGER PRIMARY KEY, short TEXT, number INTEGER, made DATETIME,
            must TEXT, flag BOOLEAN, parent TEXT REFERENCES parents, data TEXT, mail TEXT);
         INSERT INTO t VALUES
            (1, 'much too long', 'many', '2024-03-01T09:00:00Z', NULL, 'maybe', 'b', '{', 'x'),
            (2, 'a' || char(0), 99999999999, 'yesterday', 'm', 1, 'a', '{}', 'x');",
        "CREATE TABLE parents (code text PRIMARY KEY);
         CREATE TABLE t (id bigint PRIMARY KEY, short varchar(5), number integer,
            made timestamptz, must text NOT NULL, flag boolean, parent text REFERENCES parents,
            data jsonb, mail text UNIQUE)",
        &["K1"],
        &[],
    );
}

#[test]
fn texts_that_are_no_labels() {
    check(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mood TEXT);
         INSERT INTO t VALUES (1, ''), (2, 'glad');",
        "CREATE TYPE mood AS ENUM ('viewer', 'glad');
         CREATE TABLE t (id bigint PRIMARY KEY, mood mood)",
        &["J8"],
        &[],
    );
}

#[test]
fn rows_that_are_there_already() {
    check(
        "CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO roles VALUES (1, 'viewer'), (2, 'publisher');",
        "CREATE TABLE roles (id bigint PRIMARY KEY, name text);
         INSERT INTO roles VALUES (1, 'viewer')",
        &["O6"],
        &[],
    );
}

/// Tables as frameworks make them: times without an offset, counts of time, seed rows, histories.
#[test]
fn tables_of_frameworks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/frameworks");
    let (mut followed, mut faults, mut refused) = (0, Vec::new(), 0);
    let mut known = BTreeSet::new();
    for case in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        let read = |name: &str| fs::read_to_string(case.join(name)).unwrap();
        let (source, target) = (read("source.sql"), read("target.sql"));
        if Scene::run(&Files::new(&source, &target), &[]).0 == 0 {
            continue;
        }
        refused += 1;
        let make = || Files::new(&source, &target);
        let (more, wrong) = follow_new_settings(make, "shop.", &mut known);
        followed += more;
        faults.extend(wrong.into_iter().map(|why| format!("{}: {why}", case.display())));
    }
    assert!(faults.is_empty(), "of {followed} hints\n{}", faults.join("\n"));
    assert!(refused > 0 && followed > 0);
}
