//! What the dry run passes over because the rows say that nothing can be wrong there: for each
//! such condition, rows that do not meet it.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::{blank, target};
use crate::server::installation::{Ended, program};

/// A type and how it is stored, and two values that are unique in SQLite and equal in PostgreSQL.
const EQUAL: &[(&str, &str, &str)] = &[
    ("bool", "boolean", "1), ('t'"),
    ("int8", "integer", "1), ('1'"),
    ("int4", "integer", "1), (' 1'"),
    ("numeric", "decimal", "1), ('1.0'"),
    ("numeric(9,2)", "decimal", "1.5), ('1.50'"),
    // The double is 2^60, which is written shortest with zeros at its end.
    ("numeric", "decimal", "1152921504606846976.0), (1152921504606847000"),
    ("float8", "real", "1.5), ('1.5'"),
    ("float4", "real", "1073741800), (1073741824"),
    ("float4", "real", "0.1), (0.10000000149011612"),
    ("text", "text", "1), ('1'"),
    ("varchar(5)", "text", "1.5), ('1.5'"),
    ("char(5)", "text", "'a'), ('a '"),
    ("citext", "text", "'a'), ('A'"),
    ("citext", "text", "'é'), ('É'"),
    ("bytea", "blob", "x'61'), ('a'"),
    (
        "uuid",
        "text",
        "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'), ('6BA7B810-9dad-11d1-80b4-00c04fd430c8'",
    ),
    (
        "uuid",
        "text",
        "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'), ('6ba7b8109dad11d180b400c04fd430c8'",
    ),
    (
        "uuid",
        "text",
        "'6ba7-b810-9dad-11d1-80b4-00c04fd430c8'), ('6ba7b810-9dad-11d180b4-00c04fd430c8'",
    ),
    ("date", "text", "'2024-01-02'), ('2024-01-02 '"),
    ("date", "text", "'2024-01-02'), ('2024-01-02T00:00'"),
    ("time", "text", "'03:04'), ('03:04:00'"),
    ("timestamptz", "text", "'2024-01-02T03:04:05Z'), ('2024-01-02 03:04:05Z'"),
    ("timestamptz", "text", "'2024-01-02T00:00:00Z'), ('2024-01-01T24:00:00Z'"),
    ("timestamptz", "text", "'2024-01-02T03:05:00Z'), ('2024-01-02T03:04:60Z'"),
    ("timestamptz", "text_utc", "'2024-01-02T03:04:05Z'), ('2024-01-02T03:04:05 '"),
    ("timestamp", "text", "'2024-01-02T03:04:05Z'), ('2024-01-02T03:04:05+00'"),
    ("timestamp", "text", "'2024-01-02T03:04:05Z'), ('2024-01-02T04:04:05+01:00'"),
    ("timestamptz", "unix_s", "1700000000), ('1700000000'"),
    ("timestamp", "unix_ms", "1700000000), (1700000000.0001"),
    ("timestamp", "unix_us", "1700000000), (1700000000.5"),
    ("timestamptz", "unix_ns", "1700000000), (1700000001"),
    ("timestamp", "julian", "2460311.5), (2460311.500000001"),
    ("interval", "ns", "1), (2"),
    ("inet", "text", "'::1'), ('0::1'"),
    ("cidr", "text", "'10.0.0.0'), ('10.0.0.0/32'"),
];

/// A schema directory of these files, as (name, text).
pub fn schema(folder: &Path, files: &[(String, String)]) -> std::path::PathBuf {
    let schema = folder.join("schema");
    fs::create_dir(&schema).unwrap();
    fs::write(schema.join("database.toml"), "versions = [\"1\"]\n").unwrap();
    for (name, text) in files {
        fs::write(schema.join(format!("{name}.toml")), text).unwrap();
    }
    schema
}

/// What a dry run finds: id, table and count.
pub fn found(folder: &Path, schema: &Path, file: &Path) -> Vec<(String, String, u64)> {
    let (report, _) = run_preflight(folder, schema, file, &[]);
    let finding = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        (text("id"), text("table"), finding["count"].as_u64().unwrap())
    };
    report["findings"].as_array().unwrap().iter().map(finding).collect()
}

/// The report of a dry run with more words, and how it ended.
pub fn run_preflight(folder: &Path, schema: &Path, file: &Path, words: &[&str]) -> (Value, Ended) {
    let database = blank();
    let report = folder.join("report.json");
    let mut command = program();
    command.args(["copy", "--dry-run", "--schema"]).arg(schema).arg("--source").arg(file);
    command.arg("--report").arg(&report).args(words);
    target(&mut command, &database);
    let ended = Ended::of(&command.output().unwrap());
    let report = fs::read_to_string(report).unwrap_or_else(|_| panic!("{}", ended.err));
    (serde_json::from_str(&report).unwrap(), ended)
}

#[test]
fn values_that_become_equal_are_found_where_sqlite_keeps_them_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut sql) = (Vec::new(), String::new());
    for (place, (ty, stored, values)) in EQUAL.iter().enumerate() {
        let table = format!("t{place:02}");
        sql += &format!(
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, v UNIQUE); \
             INSERT INTO {table} (v) VALUES (NULL), ({values});\n"
        );
        let column =
            format!("{{ type = \"{ty}\", stored = \"{stored}\", null = true, unique = true }}");
        let text = format!(
            "primary_key = [\"id\"]\n[columns]\nid = {{ type = \"int8\" }}\nv = {column}\n"
        );
        files.push((table, text));
    }
    let schema = schema(folder.path(), &files);
    let file = folder.path().join("app.db");
    Connection::open(&file).unwrap().execute_batch(&sql).unwrap();
    let first = found(folder.path(), &schema, &file);
    // Two threads look at these tables; the order is that of the tables all the same.
    for _ in 0..5 {
        assert_eq!(found(folder.path(), &schema, &file), first);
    }
    let mut missing = Vec::new();
    for ((table, _), case) in files.iter().zip(EQUAL) {
        // Two times near 1970 look like another unit, too, which is worth a warning.
        let here = first.iter().filter(|(id, at, _)| at == table && id != "D6");
        let here: Vec<_> = here.collect();
        match here.as_slice() {
            [(id, _, 2)] if ["S16", "T8", "K10"].contains(&id.as_str()) => {}
            other => missing.push(format!("{table} {case:?}: {other:?}")),
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn texts_that_become_equal_by_reading_utf_16_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let text = "primary_key = [\"v\"]\n[columns]\nv = { type = \"text\" }\n".to_owned();
    let schema = schema(folder.path(), &[("t".to_owned(), text)]);
    let file = folder.path().join("app.db");
    // Half a pair of surrogates takes the next letter for its other half, but for some bits of it.
    let sql = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (v TEXT PRIMARY KEY) WITHOUT ROWID; \
               INSERT INTO t VALUES (CAST(x'00d84100' AS TEXT)), (CAST(x'00d84104' AS TEXT))";
    Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    let found = found(folder.path(), &schema, &file);
    assert!(found.iter().any(|(id, _, count)| id == "K11" && *count == 2), "{found:?}");
}

#[test]
fn references_are_checked_where_ids_are_unusual() {
    let parent = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n";
    let child = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
                 p = { type = \"int8\", null = true, references = \"parent.id\" }\n\
                 more = { type = \"int4\" }\n";
    let files = [("parent", parent), ("child", child)].map(|(n, t)| (n.to_owned(), t.to_owned()));
    // The parents' ids, a child's reference, and how many are missing.
    let cases: &[(&str, &str, u64)] = &[
        ("(1), (2)", "(1, 1, 1), (2, 2, 1), (3, NULL, 1)", 0),
        ("(1), (2)", "(1, 3, 1)", 1),
        ("(1), (2)", "(1, 2, 1), (2, -1, 1), (3, 70000, 1), (4, 1000000000000, 1)", 3),
        ("(-1), (1000000000000)", "(1, -1, 1), (2, 1000000000000, 1), (3, 1, 1)", 1),
        ("(65536)", "(1, 0, 1), (2, 65536, 1), (3, 131072, 1)", 2),
        // Other classes than integers, and a row of which another value is refused.
        ("(1), (7)", "(1, '7', 1), (2, 7.0, 1), (3, '8', 1), (4, 9.0, 1)", 2),
        ("(1)", "(1, 5, 'no number'), (2, 1, 1)", 1),
        ("('1'), (2)", "(1, 1, 1), (2, 2, 1), (3, 3, 1)", 1),
    ];
    for (parents, children, missing) in cases {
        let folder = tempfile::tempdir().unwrap();
        let schema = schema(folder.path(), &files);
        let file = folder.path().join("app.db");
        let sql = format!(
            "CREATE TABLE parent (id PRIMARY KEY); INSERT INTO parent VALUES {parents}; \
             CREATE TABLE child (id INTEGER PRIMARY KEY, p, more); \
             INSERT INTO child VALUES {children}"
        );
        Connection::open(&file).unwrap().execute_batch(&sql).unwrap();
        let found = found(folder.path(), &schema, &file);
        let orphans: u64 = found.iter().filter(|(id, ..)| id.starts_with("K1")).map(|f| f.2).sum();
        assert_eq!(orphans, *missing, "{parents} {children}: {found:?}");
    }
}
