//! Values that are not as declared stop the run before anything is written, each with its place.

use std::fs;

use super::all_types::{Zoo, kinds};
use super::{Site, UNRELATED, dump};
use crate::server;

/// Bad values for the last row of the last of all tables: the column and the value.
const LAST: &[(&str, &str)] = &[
    ("data_version", "1099511627775"),
    ("data_version", "0.5"),
    ("data_version", "'abc'"),
    ("app_guid", "CAST(x'610062' AS TEXT)"),
    ("app_guid", "CAST(x'41ff' AS TEXT)"),
    ("started", "'2024-02-30 01:02:03+00:00'"),
    ("started", "'now'"),
    ("ended", "'2024-01-02 03:04:05'"),
];

#[test]
fn bad_value_in_the_last_row_of_the_last_table_stops_the_run() {
    let site = Site::occupied();
    let before = site.dump();
    let id = "(SELECT max(id) FROM shiny_app_usage)";
    let clean = fs::read(site.file("connect-instrumentation.db")).unwrap();
    for (column, value) in LAST {
        fs::write(site.file("connect-instrumentation.db"), &clean).unwrap();
        let update = format!("UPDATE shiny_app_usage SET {column} = {value} WHERE id = {id}");
        site.sqlite("connect-instrumentation.db", &update);
        let file = rusqlite::Connection::open(site.file("connect-instrumentation.db")).unwrap();
        let last = "SELECT max(id) FROM shiny_app_usage";
        let last: i64 = file.query_row(last, [], |row| row.get(0)).unwrap();
        file.close().unwrap();
        let files = site.hashes();
        let place = format!("instrumentation.shiny_app_usage.{column}: expected ");
        let ran = site.db(&["--yes"]);
        ran.fails(1, &[&place, &format!(" at rowid {last}"), "hint: "]);
        assert_eq!(ran.err.matches("error: ").count(), 1, "{ran:?}");
        assert!(!ran.err.contains("a\0b"), "the value itself is shown: {ran:?}");
        assert_eq!(site.hashes(), files);
        let report = site.report();
        let findings = report["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["severity"] == "error").unwrap();
        assert_eq!(report["exit"], 1);
        assert_eq!(
            (&finding["table"], &finding["column"]),
            (&"shiny_app_usage".into(), &(*column).into())
        );
        assert_eq!(finding["examples"][0]["key"], format!("rowid {last}"));
    }
    site.dump().is(&before, "changed");
}

/// Every codec refuses; all refusals of a run are reported together.
#[test]
fn bad_values_of_every_codec_are_all_named_at_once() {
    let zoo = Zoo::new();
    server::execute(&zoo.database.url, UNRELATED);
    let before = dump(&zoo.database.url, &[]);
    let rounds = kinds().map(|kind| kind.bad.len()).max().unwrap();
    for round in 0..rounds {
        let bad = |kind: &'static super::all_types::Kind| Some((kind.name, *kind.bad.get(round)?));
        let planted: Vec<_> = kinds().filter_map(bad).chain([("must", "NULL")]).collect();
        let set: Vec<_> = planted.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let update = format!("UPDATE zebras SET {} WHERE id = 3", set.join(", "));
        let ran = zoo.with(&update, || {
            let file = fs::read(zoo.file()).unwrap();
            let ran = zoo.copy(&[]);
            assert_eq!(fs::read(zoo.file()).unwrap(), file);
            ran
        });
        assert_eq!(ran.code, Some(1), "{ran:?}");
        for (name, value) in &planted {
            let place = format!("zoo.zebras.{name}: expected ");
            let line = ran.err.lines().find(|line| line.contains(&place));
            let line = line.unwrap_or_else(|| panic!("{name} = {value} was taken: {ran:?}"));
            assert!(line.ends_with(" at rowid 3"), "{line}");
        }
        assert_eq!(ran.err.matches("error: ").count(), planted.len(), "{ran:?}");
    }
    dump(&zoo.database.url, &[]).is(&before, "changed");
    // Without them the same rows go through.
    let ran = zoo.copy(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// Each alone is enough to stop.
#[test]
fn one_bad_value_is_enough() {
    let zoo = Zoo::new();
    for (column, value) in [("tame", "2"), ("short", "'ninechars'"), ("weight", "1099511627775")] {
        let update = format!("UPDATE zebras SET {column} = {value} WHERE id = 3");
        let ran = zoo.with(&update, || zoo.copy(&[]));
        ran.fails(1, &[&format!("zoo.zebras.{column}: "), "at rowid 3"]);
    }
    assert!(!dump(&zoo.database.url, &[]).contains("zebras"));
}

/// An orphan that PostgreSQL's keys would find while loading is found before anything is written.
#[test]
fn orphan_of_a_foreign_key_stops_the_run() {
    let site = Site::occupied();
    site.sqlite(
        "connect.db",
        "PRAGMA foreign_keys = OFF;
         UPDATE jobs SET app_id = 424242 WHERE id = (SELECT max(id) FROM jobs)",
    );
    let (before, files) = (site.dump(), site.hashes());
    site.db(&["--yes"]).fails(
        1,
        &[
            "K1 core.jobs.app_id: ",
            "found integer 424242 at rowid",
            "nothing was changed",
            "hint: ",
        ],
    );
    site.dump().is(&before, "changed");
    assert_eq!(site.hashes(), files);
}

/// A rollback journal is played back on a copy, and the files stay as they are.
#[test]
fn interrupted_transaction_is_undone_elsewhere() {
    let site = Site::new();
    let file = rusqlite::Connection::open(site.file("connect.db")).unwrap();
    file.execute_batch(
        "PRAGMA journal_mode = delete; PRAGMA cache_size = 1; BEGIN;
         UPDATE jobs SET status = 99; UPDATE audit_log SET id = id + 1000000;",
    )
    .unwrap();
    let kept = tempfile::tempdir().unwrap();
    for name in ["connect.db", "connect.db-journal"] {
        fs::copy(site.file(name), kept.path().join(name)).unwrap();
    }
    drop(file);
    for name in ["connect.db", "connect.db-journal"] {
        fs::copy(kept.path().join(name), site.file(name)).unwrap();
    }
    let files = site.hashes();
    let ran = site.db(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("warning: F4 core: "), "{ran:?}");
    assert_eq!(site.hashes(), files);
    let rows = "SELECT count(*) FROM jobs WHERE status = 99";
    let mut target = server::connect(&site.database.url).client;
    assert_eq!(target.query_one(rows, &[]).unwrap().get::<_, i64>(0), 0);
}
