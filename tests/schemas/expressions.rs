//! Expressions of SQLite that PostgreSQL computes in the same way: both sides compute the same
//! values, and what they differ in is left out and told.

use super::{Case, migrate};
use crate::server;

/// Generated columns: type, and expression over `a`, `b` (texts), `n`, `m` (whole numbers) and `x`,
/// `y` (reals).
const SAME: &[(&str, &str)] = &[
    ("TEXT", "trim(a)"),
    ("TEXT", "ltrim(a) || rtrim(b)"),
    ("TEXT", "trim(a, 'x ')"),
    ("TEXT", "replace(a, 'x', b)"),
    ("TEXT", "ifnull(nullif(a, ''), b)"),
    ("TEXT", "iif(n > 1, a, 'small')"),
    ("TEXT", "CASE WHEN a = b THEN 'same' WHEN n IS NULL THEN a ELSE upper(b) END"),
    ("TEXT", "CASE WHEN n THEN a END"),
    ("INTEGER", "length(a) + instr(a, b)"),
    ("INTEGER", "instr(a, '')"),
    ("INTEGER", "abs(n - m)"),
    ("INTEGER", "min(n, m)"),
    ("INTEGER", "max(n, 3, \"m\")"),
    ("INTEGER", "iif(n IS NULL, 0, n * 2)"),
    ("REAL", "max(x, y)"),
    ("REAL", "abs(x) - min(y, 0.5)"),
];

#[test]
fn both_sides_compute_the_same_values() {
    let columns: Vec<String> = SAME
        .iter()
        .enumerate()
        .map(|(place, (ty, text))| format!("g{place} {ty} AS ({text}) STORED"))
        .collect();
    let case = Case::new(&format!(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER, m INTEGER, x REAL,
            y REAL, {});
         INSERT INTO t (id, a, b, n, m, x, y) VALUES
            (1, '  xÄx ', 'x', 1, 2, 1.5, -2.25), (2, '', '', 5, -7, 0.1, 0.2),
            (3, NULL, 'b', NULL, 4, NULL, 1e300), (4, 'abcabc', 'bc', 0, 0, -0.0, 0.0),
            (5, 'x', NULL, 9, NULL, 2, NULL), (6, '\u{9} x\u{a0}', '%_', -3, -3, -1.0, 1.0)",
        columns.join(", ")
    ));
    case.draft();
    for (place, (_, text)) in SAME.iter().enumerate() {
        let line = case.column("t", &format!("g{place}"));
        assert!(line.contains("generated = "), "{text}: {line}");
    }
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
}

/// A NULL, an empty text or a mixture of types would make the difference.
#[test]
fn expressions_that_differ_for_one_value_are_not_translated() {
    let differing = [
        "replace(a, '', b)",
        "replace(a, b, 'x')",
        "trim(n)",
        "max(a, b)",
        "iif(n, a, 1)",
        "min(n, a)",
    ];
    for text in differing {
        let case = Case::new(&format!(
            "CREATE TABLE t (a TEXT, b TEXT, n INTEGER, g TEXT AS ({text}) STORED);
             INSERT INTO t (a) VALUES ('x')"
        ));
        case.draft();
        let line = case.column("t", "g");
        assert!(!line.contains("generated"), "{text}: {line}");
    }
}

#[test]
fn checks_and_predicates_are_kept() {
    let case = Case::new(
        "CREATE TABLE ab (id INTEGER PRIMARY KEY, age INTEGER, kind TEXT, data JSON,
            made INTEGER DEFAULT (unixepoch() * 1000),
            CONSTRAINT own CHECK (ab.age > 21), CONSTRAINT valid CHECK (json_valid(data)),
            CONSTRAINT valid_too CHECK (json_valid(\"ab\".\"data\") = 1),
            CONSTRAINT kinds CHECK (iif(ab.kind = 'x', age < 99, 1)),
            CONSTRAINT longest CHECK (max(age, 30) < 120 AND instr(kind, 'q') = 0));
         CREATE UNIQUE INDEX old ON ab (kind) WHERE ab.age > 90;
         INSERT INTO ab VALUES (1, 30, 'x', '{}', 5), (2, NULL, NULL, NULL, NULL);",
    );
    let ran = migrate(&["schema", "draft", "--source", &case.file(), "--out", &case.out()]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = case.read("ab.toml");
    for check in ["own", "valid", "valid_too", "kinds", "longest", "old"] {
        assert!(text.contains(&format!("name = \"{check}\"")), "{check}: {text}");
    }
    assert!(text.contains("default = \"floor(extract(epoch FROM now()))::int8 * 1000\""), "{text}");
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let mut client = server::connect(&database.url).client;
    for values in ["3, 20, 'y'", "4, 99, 'x'", "5, 125, 'y'", "6, 40, 'xq'"] {
        let insert = format!("INSERT INTO ab (id, age, kind) VALUES ({values})");
        let error = client.batch_execute(&insert).unwrap_err();
        assert_eq!(error.code().unwrap().code(), "23514", "{values}: {error}");
    }
    client.batch_execute("INSERT INTO ab (id, age, kind) VALUES (7, 50, 'y')").unwrap();
}
