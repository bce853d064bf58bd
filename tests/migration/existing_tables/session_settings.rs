//! Settings of the role, the database and the URL that change how a server reads and writes values:
//! nothing of ours depends on them.

use std::collections::BTreeMap;
use std::fs;

use super::Place;
use crate::migration::{PASSWORD, ROLE, program, ran, url};

const SOURCE: &str = r#"
    CREATE TABLE "Order" (id INTEGER PRIMARY KEY, f REAL, b BLOB, at TIMESTAMP NOT NULL, d DATE,
        n DECIMAL(20, 6), j JSON, ok BOOLEAN NOT NULL DEFAULT 1, v VARCHAR(9) DEFAULT 'a\b' UNIQUE,
        u UUID, tags TEXT, s TEXT);
    INSERT INTO "Order" VALUES
        (1, 0.1, x'005c27ff', '2024-02-01 10:00:00.123456+05:30', '2024-12-11', 0.142857,
         '{"a": "\\ü"}', 1, 'x\1', '6f9619ff-8b86-d011-b42d-00cf4fc964f1',
         '["a","NULL",null]', 'q\'),
        (2, 1e300, x'', '0099-03-04 00:00:00-03:30', '1999-01-02', 1, '[]', 0, 'x\2', NULL,
         '[]', '');
    CREATE TABLE line (id INTEGER PRIMARY KEY, "order" INTEGER NOT NULL REFERENCES "Order"(id));
    INSERT INTO line VALUES (1, 2);"#;

const TARGET: &str = r#"
    CREATE TABLE "Order" (id serial PRIMARY KEY, f double precision, b bytea DEFAULT '\x5c00',
        at timestamptz NOT NULL DEFAULT '2024-05-06 07:08:09+00', d date DEFAULT '2024-05-06',
        n numeric, j jsonb, ok boolean NOT NULL DEFAULT true, v varchar(9) DEFAULT 'a\b' UNIQUE,
        u uuid, tags text[] DEFAULT ARRAY['a', 'NULL'], s text,
        i interval DEFAULT '1 day 02:03:04');
    CREATE INDEX order_in ON "Order" (id) WHERE v IN ('a', 'b\') AND s = NULL;
    CREATE TABLE line (id serial PRIMARY KEY,
        "order" integer NOT NULL REFERENCES "Order"(id) ON DELETE CASCADE)"#;

const SETTINGS: &[&str] = &[
    "TimeZone = 'Asia/Kolkata'",
    "DateStyle = 'SQL, DMY'",
    "IntervalStyle = 'iso_8601'",
    "extra_float_digits = -15",
    "bytea_output = 'escape'",
    "quote_all_identifiers = on",
    "standard_conforming_strings = off",
    "backslash_quote = off",
    "transform_null_equals = on",
    "array_nulls = off",
    "xmloption = document",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_deferrable = on",
    // Less than any statement takes.
    "statement_timeout = 1",
    "lock_timeout = 1",
    "idle_in_transaction_session_timeout = 1",
    "synchronous_commit = off",
    "client_encoding = 'LATIN1'",
];

/// The files of a draft that name no table's rows.
fn draft(place: &Place, target: &str, to: &str) -> BTreeMap<String, String> {
    let out = place.folder.path().join(to);
    let mut command = program();
    command.env("PGPASSWORD", PASSWORD).args(["schema", "draft", "--source"]);
    command.arg(place.file()).args(["--target", target, "--out"]).arg(&out);
    let ran = ran(&mut command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let files = fs::read_dir(out).unwrap().map(|entry| entry.unwrap());
    let text = |entry: &fs::DirEntry| fs::read_to_string(entry.path()).unwrap();
    files.map(|entry| (entry.file_name().into_string().unwrap(), text(&entry))).collect()
}

#[test]
fn settings_of_the_role_change_nothing() {
    let place = Place::drafted(TARGET, SOURCE);
    let (name, plain) = (&place.database.name, url(&place.database.name));
    let before = draft(&place, &plain, "before");
    let structure = place.structure();
    for setting in SETTINGS {
        place.sql(&format!("ALTER ROLE {ROLE} IN DATABASE {name} SET {setting}"));
    }
    assert_eq!(draft(&place, &plain, "after"), before);
    // What the URL says counts as little, behind the schema that it names.
    let more = "options=-c%20statement_timeout%3D1%20-c%20quote_all_identifiers%3Don";
    let hurried = format!("{plain}&TimeZone=Asia/Kolkata&search_path=public&{more}");
    assert_eq!(draft(&place, &hurried, "by_url"), before);
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
    place.structure().is(&structure, "changed");
    let kept = "SELECT count(*) FROM \"Order\" WHERE (id, f, b) = (1, 0.1, '\\x005c27ff') \
                AND at = '2024-02-01 04:30:00.123456+00' AND tags = ARRAY['a', 'NULL', NULL]";
    assert_eq!(place.number(kept), 1);
}
