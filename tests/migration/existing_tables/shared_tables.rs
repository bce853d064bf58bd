//! Two files of one application that go into one database and share a table: the rows of the first
//! stay, and no hint says how to empty them.

use super::Place;
use crate::hint_log;

fn file(part: &str, tables: &[&str]) -> String {
    let mut sql =
        "CREATE TABLE notes (version TEXT PRIMARY KEY NOT NULL, time TEXT NOT NULL);".to_owned();
    for step in 0..3 {
        sql += &format!("INSERT INTO notes VALUES ('{part}: {step}', '2024-01-02T03:04:05Z');");
    }
    for table in tables {
        sql += &format!(
            "CREATE TABLE {table} (nid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
             INSERT INTO {table} VALUES (1, 'a'), (2, 'b');"
        );
    }
    sql
}

const TARGET: &str = "
    CREATE TABLE notes (version text PRIMARY KEY NOT NULL, time text NOT NULL);
    CREATE TABLE room (nid bigint PRIMARY KEY, id text NOT NULL UNIQUE);
    CREATE TABLE event (nid bigint PRIMARY KEY, id text NOT NULL UNIQUE);
    CREATE TABLE device (nid bigint PRIMARY KEY, id text NOT NULL UNIQUE);
    CREATE TABLE token (nid bigint PRIMARY KEY, id text NOT NULL UNIQUE)";

#[test]
fn rows_of_another_file_in_existing_tables_are_not_offered_to_be_replaced() {
    let first = Place::drafted(TARGET, &file("one", &["room", "event"]));
    let ran = first.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let before = first.dump();
    let second = first.beside(&file("two", &["device", "token"]));
    for words in [&["--yes"][..], &["--dry-run"]] {
        let ran = second.copy(words);
        ran.fails(
            4,
            &[
                "O6 draft: tables of the migration already have rows in the target:",
                "\"public\".\"notes\": 3 rows",
                "tables that were loaded before and are not in this SQLite file: event, room",
                "hint: use an empty database: the rows may be those of another file",
                "?search_path=NAME",
            ],
        );
        for flag in ["--replace-seed", "--drop-all"] {
            assert!(!ran.err.contains(flag), "{ran:?}");
        }
    }
    first.dump().is(&before, "changed");
    follow_to_a_schema_of_its_own(&second);
}

/// What O6 advises: the file's tables are made in another schema, which the URL names.
fn follow_to_a_schema_of_its_own(place: &Place) {
    hint_log::note_followed(&place.copy(&["--dry-run"]).err);
    place.sql("CREATE SCHEMA second AUTHORIZATION connect_migration; SET search_path = second");
    let url = format!("{}&search_path=second", super::url(&place.database.name));
    let mut command = super::program();
    command.env("PGPASSWORD", super::PASSWORD).env("HOME", place.folder.path());
    command.args(["copy", "--dry-run", "--draft", "--source"]).arg(place.file());
    let ran = super::ran(command.args(["--target", &url]));
    assert!(!ran.err.contains("O6 "), "{ran:?}");
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn rows_of_another_file_in_own_tables_are_not_offered_to_be_dropped() {
    let first = Place::drafted(TARGET, &file("one", &["room", "event"]));
    let empty = crate::migration::database();
    let first = Place { database: empty, ..first };
    let ran = first.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let before = first.dump();
    let second = Place::drafted(TARGET, &file("two", &["device", "token"]));
    let database = crate::server::Database {
        name: first.database.name.clone(),
        url: first.database.url.clone(),
    };
    let second = Place { database, ..second };
    let ran = second.copy(&["--yes"]);
    ran.fails(
        4,
        &[
            "O6 draft: the target already has tables that the migration would create:",
            "\"public\".\"notes\": 3 rows",
            "missing: device, token",
            "the rows may be those of another SQLite file",
        ],
    );
    for flag in ["--replace-seed", "--drop-all"] {
        assert!(!ran.err.contains(flag), "{ran:?}");
    }
    first.dump().is(&before, "changed");
}
