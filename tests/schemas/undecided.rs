//! What nothing proves is never loaded: counts of time, texts without an offset, and whatever else
//! both databases may mean in another way.

use super::{Case, migrate};
use crate::server;

/// Runs statements in a new database.
pub(super) fn target(sql: &str) -> server::Database {
    let database = server::database(server::shared());
    server::connect(&database.url).client.batch_execute(sql).unwrap();
    database
}

/// Drafts with a database as the target; more words may follow.
pub(super) fn join(case: &Case, url: &str, more: &[&str]) -> super::Ran {
    let (file, out) = (case.file(), case.out());
    let words = ["schema", "draft", "--source", &file, "--target", url, "--out", &out];
    migrate(&[&words[..], more].concat())
}

/// `migrate copy` into the tables that are there; `--dry-run` and repairs may follow.
pub(super) fn copy(case: &Case, url: &str, more: &[&str]) -> super::Ran {
    let (file, out) = (case.file(), case.out());
    let words = ["copy", "--yes", "--schema", &out, "--source", &file, "--target", url];
    migrate(&[&words[..], more].concat())
}

/// One value of PostgreSQL as text.
pub(super) fn value(url: &str, sql: &str) -> String {
    let mut client = server::connect(url).client;
    client.batch_execute("SET timezone = 'UTC'").unwrap();
    client.query_one(sql, &[]).unwrap().get(0)
}

/// Replaces a text of a drafted file.
pub(super) fn edit(case: &Case, name: &str, from: &str, to: &str) {
    let path = std::path::Path::new(&case.out()).join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in\n{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// (PostgreSQL's type, SQLite's declaration, values, what the draft says, the setting that a person
/// adds, the first value in PostgreSQL)
type Open = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// All of these fit some encoding, and none is proved.
const OPEN: &[Open] = &[
    (
        "timestamptz",
        "INTEGER",
        "(1, 1700000000), (2, 1700000001)",
        "stored = \"unix_s\" reads 2023-11-14 22:13:20+00 to 2023-11-14 22:13:21+00",
        "stored = \"unix_s\"",
        "2023-11-14 22:13:20+00",
    ),
    (
        "timestamp",
        "timestamp",
        "(1, 700000000.5), (2, 700000001.25)",
        "stored = \"apple_s\" reads 2023-03-08 20:26:40.5 to 2023-03-08 20:26:41.25",
        "stored = \"apple_s\"",
        "2023-03-08 20:26:40.5",
    ),
    (
        "timestamptz",
        "INTEGER",
        "(1, 13344480000000000)",
        "stored = \"webkit_us\" reads 2023-11-15 00:00:00+00",
        "stored = \"webkit_us\"",
        "2023-11-15 00:00:00+00",
    ),
    (
        "timestamptz",
        "BIGINT",
        "(1, 133444800000000000)",
        "stored = \"filetime\" reads 2023-11-15 00:00:00+00",
        "stored = \"filetime\"",
        "2023-11-15 00:00:00+00",
    ),
    (
        "timestamp",
        "BIGINT",
        "(1, 638356032000000001)",
        "stored = \"dotnet_ticks\" reads 2023-11-15 00:00:00",
        "stored = \"dotnet_ticks\"",
        "2023-11-15 00:00:00",
    ),
    (
        "timestamp",
        "timestamp",
        "(1, '20241125040301')",
        "stored = \"yyyymmddhhmmss\" reads 2024-11-25 04:03:01",
        "stored = \"yyyymmddhhmmss\"",
        "2024-11-25 04:03:01",
    ),
    (
        "timestamp",
        "DATETIME",
        "(1, 45293.127836), (2, 36525.5)",
        "stored = \"ole_day\" reads 1999-12-31 12:00:00 to 2024-01-02 03:04:05.03",
        "stored = \"ole_day\"",
        "2024-01-02 03:04:05.03",
    ),
    (
        "timestamptz",
        "REAL",
        "(1, 2460311.25)",
        "stored = \"julian\" reads 2024-01-01 18:00:00+00",
        "stored = \"julian\"",
        "2024-01-01 18:00:00+00",
    ),
    (
        "date",
        "DATE",
        "(1, 1707523200000)",
        "stored = \"unix_ms\" reads 2024-02-10",
        "stored = \"unix_ms\"",
        "2024-02-10",
    ),
    (
        "date",
        "DATE",
        "(1, 20240210)",
        "stored = \"yyyymmdd\" reads 2024-02-10",
        "stored = \"yyyymmdd\"",
        "2024-02-10",
    ),
    (
        "timestamptz",
        "TEXT",
        "(1, '1717171717'), (2, '1717171718.125')",
        "stored = \"unix_s\", declared = \"TEXT\" reads 2024-05-31 16:08:37+00",
        "stored = \"unix_s\", declared = \"TEXT\"",
        "2024-05-31 16:08:37+00",
    ),
    (
        "timestamptz",
        "DATETIME",
        "(1, '2024-01-02 03:04:05')",
        "1 of 1 values have no UTC offset; if they are in UTC, write stored = \"text_utc\"",
        "stored = \"text_utc\"",
        "2024-01-02 03:04:05+00",
    ),
    (
        "timestamp",
        "DATETIME",
        "(1, '2024-01-02 03:04:05'), (2, '2024-01-02 03:04:05+01:00')",
        "1 of 2 values have no UTC offset; if they are in UTC, write stored = \"text\"",
        "stored = \"text\"",
        "2024-01-02 03:04:05",
    ),
    (
        "interval",
        "BIGINT",
        "(1, 1500000)",
        "the unit of the values is not known; write stored = \"ns\", \"us\"",
        "stored = \"us\"",
        "00:00:01.5",
    ),
    (
        "bytea",
        "TEXT",
        "(1, '6869')",
        "1 of 1 values are text: it is not known whether they are hex, base64",
        "stored = \"blob\", declared = \"TEXT\"",
        "\\x36383639",
    ),
    (
        "bytea",
        "VARCHAR(64)",
        "(1, '\\x6869'), (2, '00FF')",
        "copies the bytes of the text; all of them are also valid as stored = \"hex\"",
        "stored = \"hex\"",
        "\\x6869",
    ),
    (
        "bytea",
        "TEXT",
        "(1, 'aGk='), (2, '-_-_')",
        "all of them are also valid as stored = \"base64\"",
        "stored = \"base64\"",
        "\\x6869",
    ),
    (
        "bytea",
        "TEXT",
        "(1, '6869'), (2, '/a/1ü')",
        "some are neither hex nor base64",
        "stored = \"blob\", declared = \"TEXT\"",
        "\\x36383639",
    ),
    (
        "text",
        "INTEGER",
        "(1, 1)",
        "1 integer in a text column: it is not known whether the application stores numbers",
        "stored = \"text\", declared = \"INTEGER\"",
        "1",
    ),
    (
        "varchar(9)",
        "BOOLEAN",
        "(1, 1)",
        "1 integer in a varchar(9) column: it is not known whether the application stores numbers",
        "stored = \"text\", declared = \"BOOLEAN\"",
        "1",
    ),
];

#[test]
fn unproved_units_are_refused_until_a_file_states_them() {
    for (ty, declared, values, output, setting, first) in OPEN {
        let case = Case::new(&format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, c {declared}); INSERT INTO t VALUES {values}"
        ));
        let database = target(&format!("CREATE TABLE t (id int8 PRIMARY KEY, c {ty})"));
        let ran = join(&case, &database.url, &[]);
        assert_eq!(ran.code, 1, "{ty} {declared}: {}{}", ran.out, ran.err);
        let line = case.column("t", "c");
        assert!(line.contains("stored = \"undecided\""), "{line}");
        for text in [&line, &ran.out, &case.read("RESIDUE.md")] {
            assert!(text.contains(output), "{ty} {declared}: {output} in {text}");
        }
        for more in [&["--dry-run"][..], &[]] {
            let refused = copy(&case, &database.url, more);
            assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
            assert!(refused.err.contains("S20 "), "{}", refused.err);
            assert!(refused.err.contains("t.c: not decided how "), "{}", refused.err);
        }
        assert_eq!(value(&database.url, "SELECT count(*)::text FROM t"), "0");
        edit(&case, "t.toml", "stored = \"undecided\"", setting);
        let copied = copy(&case, &database.url, &[]);
        assert_eq!(copied.code, 0, "{ty} {declared}: {}{}", copied.out, copied.err);
        let found = value(&database.url, "SELECT c::text FROM t WHERE id = 1");
        assert_eq!(found, *first, "{ty} {declared}");
    }
}

/// (PostgreSQL's type, SQLite's table and rows, what the drafted line says)
const PROVED: &[(&str, &str, &str)] = &[
    (
        "bytea",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT DEFAULT (lower(hex(randomblob(16)))));
         INSERT INTO t (id) VALUES (1), (2)",
        "stored = \"hex\", null = true",
    ),
    (
        "timestamptz",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER DEFAULT (unixepoch()));
         INSERT INTO t VALUES (1, 1700000000)",
        "stored = \"unix_s\", null = true }  # according to its default in SQLite",
    ),
    (
        "timestamptz",
        "CREATE TABLE t (id INTEGER PRIMARY KEY,
            c INTEGER DEFAULT (CAST(strftime('%s', 'now') AS INTEGER) * 1000));
         INSERT INTO t VALUES (1, 1700000000123)",
        "stored = \"unix_ms\", null = true }  # according to its default in SQLite",
    ),
    (
        "timestamp",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c REAL DEFAULT (julianday('now')));
         INSERT INTO t VALUES (1, 2460311.25)",
        "stored = \"julian\", null = true }  # according to its default in SQLite",
    ),
    (
        "timestamptz",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c DATETIME DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO t VALUES (1, '2024-01-02 03:04:05')",
        "stored = \"text_utc\", null = true }  # values without an offset are in UTC, as is its",
    ),
    (
        "timestamptz",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT DEFAULT (datetime('now')));
         INSERT INTO t VALUES (1, '2024-01-02 03:04:05')",
        "stored = \"text_utc\", null = true }  # values without an offset are in UTC, as is its",
    ),
    (
        "timestamptz",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER, said TEXT);
         INSERT INTO t VALUES (1, 700000000, '2023-03-08 20:26:40'), (2, NULL, NULL),
            (3, 700000001, '2023-03-08T20:26:41Z')",
        "stored = \"apple_s\", null = true }  # the same times as in said",
    ),
    (
        "timestamptz",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c DATETIME, said TEXT);
         INSERT INTO t VALUES (1, '2023-03-08 20:26:40', '2023-03-08 21:26:40+01:00')",
        "stored = \"text_utc\", null = true }  # the same times as in said",
    ),
    (
        "date",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER, said TEXT);
         INSERT INTO t VALUES (1, 20240210, '2024-02-10'), (2, 20240211, '2024-02-11')",
        "stored = \"yyyymmdd\", null = true }  # the same times as in said",
    ),
];

#[test]
fn a_default_and_a_text_beside_it_prove_how_times_are_stored() {
    for (ty, sql, output) in PROVED {
        let case = Case::new(sql);
        let database = target(&format!("CREATE TABLE t (id int8 PRIMARY KEY, c {ty}, said text)"));
        let ran = join(&case, &database.url, &[]);
        let line = case.column("t", "c");
        assert!(line.contains(output), "{output} in {line}");
        assert_eq!(ran.code, 0, "{sql}: {}{}", ran.out, ran.err);
        let copied = copy(&case, &database.url, &[]);
        assert_eq!(copied.code, 0, "{sql}: {}{}", copied.out, copied.err);
    }
}

#[test]
fn a_proof_that_a_row_contradicts_is_none() {
    for sql in [
        // Milliseconds beside a default of seconds.
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER DEFAULT (unixepoch()), said TEXT);
         INSERT INTO t VALUES (1, 1700000000000, NULL)",
        // A local time.
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c DATETIME DEFAULT (datetime('now', 'localtime')),
            said TEXT);
         INSERT INTO t VALUES (1, '2024-01-02 03:04:05', NULL)",
        // One row differs.
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER, said TEXT);
         INSERT INTO t VALUES (1, 700000000, '2023-03-08 20:26:40'), (2, 700000000, '2023-03-08')",
        // Another text without an offset says nothing of the zone.
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c DATETIME, said TEXT);
         INSERT INTO t VALUES (1, '2024-01-02 03:04:05', '2024-01-02 03:04:05')",
        // Nothing to compare, and nothing that tells the units apart.
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER, said TEXT);
         INSERT INTO t VALUES (1, 0, '1970-01-01 00:00:00'), (2, 1700000000, NULL)",
    ] {
        let case = Case::new(sql);
        let database = target("CREATE TABLE t (id int8 PRIMARY KEY, c timestamptz, said text)");
        let ran = join(&case, &database.url, &[]);
        assert_eq!(ran.code, 1, "{sql}: {}{}", ran.out, ran.err);
        let line = case.column("t", "c");
        assert!(line.contains("stored = \"undecided\""), "{line}");
    }
}
