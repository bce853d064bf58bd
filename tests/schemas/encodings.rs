//! Ways in which applications keep values that a join takes where the values prove them, and shows
//! where they do not; and the hint of a value that another encoding would take.

use super::Case;
use super::undecided::{copy, edit, join, target, value};

/// Joins, copies, and compares one value of PostgreSQL.
fn arrives(sqlite: &str, postgres: &str, lines: &[&str], sql: &str, expected: &str) {
    let (case, database) = (Case::new(sqlite), target(postgres));
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 0, "{sqlite}: {}{}", ran.out, ran.err);
    let text = case.read("t.toml");
    for line in lines {
        assert!(text.contains(line), "{line} in {text}");
    }
    let copied = copy(&case, &database.url, &[]);
    assert_eq!(copied.code, 0, "{sqlite}: {}{}", copied.out, copied.err);
    assert_eq!(value(&database.url, sql), expected);
}

#[test]
fn words_for_numbers_and_bytes_for_truth_values_are_proved_by_the_values() {
    arrives(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v REAL, n NUMERIC, ok BIT(1) NOT NULL);
         INSERT INTO t VALUES (1, 1.5, 1, x'01'), (2, 'NaN', 'nan', x'00'), (3, 'inf', 2, 1),
            (4, '-Infinity', NULL, x'30'), (5, NULL, NULL, x'74727565'), (6, 9e999, NULL, x'01')",
        "CREATE TABLE t (id int8 PRIMARY KEY, v float8, n numeric, ok boolean NOT NULL)",
        &["stored = \"number_or_word\"", "stored = \"blob\""],
        "SELECT string_agg(concat_ws(' ', v, n, ok), ',' ORDER BY id) FROM t",
        "1.5 1 t,NaN NaN f,Infinity 2 t,-Infinity f,t,Infinity t",
    );
    // Without a target, too.
    let case = Case::new(
        "CREATE TABLE t (v REAL, b BOOLEAN, d DECIMAL(6,2));
         INSERT INTO t VALUES (1.5, x'01', 1.5), ('NaN', x'00', 'nan')",
    );
    case.draft();
    for (column, stored) in [("v", "number_or_word"), ("b", "blob"), ("d", "number_or_word")] {
        let line = case.column("t", column);
        assert!(line.contains(&format!("stored = \"{stored}\"")), "{line}");
    }
}

#[test]
fn the_hint_of_a_refused_value_names_the_encoding_that_takes_all() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v REAL, ok BOOLEAN);
         INSERT INTO t VALUES (1, 1.5, 1)",
    );
    let database = target("CREATE TABLE t (id int8 PRIMARY KEY, v float8, ok bool)");
    assert_eq!(join(&case, &database.url, &[]).code, 0);
    let connection = rusqlite::Connection::open(case.file()).unwrap();
    connection.execute_batch("INSERT INTO t VALUES (2, 'nan', x'00')").unwrap();
    drop(connection);
    let refused = copy(&case, &database.url, &["--dry-run"]);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    for output in ["  v = { …, stored = \"number_or_word\" }", "  ok = { …, stored = \"blob\" }"]
    {
        assert!(refused.err.contains(output), "{output} in {}", refused.err);
    }
    crate::hint_log::note_followed(&refused.err);
    edit(&case, "t.toml", "type = \"float8\"", "type = \"float8\", stored = \"number_or_word\"");
    edit(&case, "t.toml", "type = \"bool\"", "type = \"bool\", stored = \"blob\"");
    let copied = copy(&case, &database.url, &[]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    assert_eq!(value(&database.url, "SELECT string_agg(v::text, ',') FROM t"), "1.5,NaN");
}

#[test]
fn bytes_for_text_are_to_be_decided() {
    let sqlite = "CREATE TABLE parent (id BLOB PRIMARY KEY);
        INSERT INTO parent VALUES (x'00ff'), (x'fbef');
        CREATE TABLE t (id INTEGER PRIMARY KEY, p BLOB REFERENCES parent);
        INSERT INTO t VALUES (1, x'fbef'), (2, NULL)";
    for (stored, expected) in [("blob_as_hex", "fbef"), ("blob_as_base64", "++8=")] {
        let (case, database) = (
            Case::new(sqlite),
            target(
                "CREATE TABLE parent (id varchar(64) PRIMARY KEY);
                 CREATE TABLE t (id int8 PRIMARY KEY, p varchar(64) REFERENCES parent)",
            ),
        );
        let ran = join(&case, &database.url, &[]);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let setting = format!("stored = \"{stored}\"");
        let refused = copy(&case, &database.url, &[]);
        assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
        for output in ["S20 ", &setting] {
            assert!(refused.err.contains(output), "{output} in {}", refused.err);
        }
        let residue = case.read("RESIDUE.md");
        assert!(residue.contains(&setting) && !residue.contains("decode:"), "{residue}");
        edit(&case, "parent.toml", "stored = \"undecided\"", &setting);
        edit(&case, "t.toml", "stored = \"undecided\"", &setting);
        let copied = copy(&case, &database.url, &[]);
        assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
        assert_eq!(value(&database.url, "SELECT max(p) FROM t"), expected);
    }
}

#[test]
fn brackets_and_braces_say_how_arrays_are_written() {
    arrives(
        "CREATE TABLE t (id TEXT PRIMARY KEY, tags text[] DEFAULT '{}',
            ports integer[] NOT NULL DEFAULT '{}', square TEXT, docs TEXT, none TEXT DEFAULT '{}');
         INSERT INTO t (id, tags, ports, square, docs) VALUES
            ('a', '{}', '{80,443}', '[[1,2],[3,4]]', '[{\"x\":1}]'),
            ('b', '{\"with space\",\"quo\\\"te\",NULL,plain}', '{}', '[]', '[]'),
            ('c', NULL, '{{22},{23}}', NULL, NULL);
         UPDATE t SET none = NULL",
        "CREATE TABLE t (id text PRIMARY KEY, tags text[] DEFAULT '{}',
            ports int4[] NOT NULL DEFAULT '{}', square int4[], docs jsonb[], none text[])",
        &[
            "none   = { type = \"text[]\", stored = \"pg_array\"",
            "docs   = { type = \"jsonb[]\", null",
        ],
        "SELECT string_agg(concat_ws(' ', tags, ports, square, docs), ' ' ORDER BY id) FROM t",
        "{} {80,443} {{1,2},{3,4}} {\"{\\\"x\\\": 1}\"} \
         {\"with space\",\"quo\\\"te\",NULL,plain} {} {} {} {{22},{23}}",
    );
}

#[test]
fn commas_alone_are_to_be_decided() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT);
         INSERT INTO t VALUES (1, 'x,y'), (2, ''), (3, 'z')",
    );
    let database = target("CREATE TABLE t (id int8 PRIMARY KEY, c text[])");
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let refused = copy(&case, &database.url, &[]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("stored = \"csv\"  reads values with"), "{}", refused.err);
    edit(&case, "t.toml", "stored = \"undecided\"", "stored = \"csv\"");
    let copied = copy(&case, &database.url, &[]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let all = "SELECT string_agg(c::text, ' ' ORDER BY id) FROM t";
    assert_eq!(value(&database.url, all), "{x,y} {} {z}");
}

#[test]
fn arrays_of_postgresql_stay_arrays_without_a_target() {
    let case = Case::new(
        "CREATE TABLE t (tags text[] DEFAULT '{}', ports integer[], words varchar[], key byte[],
            none text[] DEFAULT '{}');
         INSERT INTO t VALUES ('{a,\"b c\"}', '[1,2]', 'a,b', x'01', NULL)",
    );
    case.draft();
    let tags = case.column("t", "tags");
    assert!(tags.contains("type = \"text[]\", stored = \"pg_array\""), "{tags}");
    assert!(tags.contains("default = \"'{}'\""), "{tags}");
    let ports = case.column("t", "ports");
    assert!(ports.contains("type = \"int8[]\""), "{ports}");
    let none = case.column("t", "none");
    assert!(none.contains("stored = \"pg_array\""), "{none}");
    // What is no array is reported.
    let words = case.column("t", "words");
    assert!(words.contains("declared as text[], but contains 1 text"), "{words}");
}

#[test]
fn numbers_for_labels_are_mapped_as_the_hint_says() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, state INTEGER DEFAULT 0, prio INTEGER);
         INSERT INTO t VALUES (1, 0, 1), (2, 2, 2), (3, 1, 1), (4, NULL, NULL)",
    );
    let database = target(
        "CREATE TYPE job_state AS ENUM ('queued', 'running', 'it''s done');
         CREATE TABLE t (id int8 PRIMARY KEY, state job_state NOT NULL DEFAULT 'queued',
            prio varchar(10) CHECK (prio IN ('normal', 'urgent')))",
    );
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let residue = case.read("RESIDUE.md");
    for output in
        ["--repair t.state=enum-map:0=LABEL,1=LABEL,2=LABEL", "queued, running, it's done"]
    {
        assert!(residue.contains(output), "{output} in {residue}");
    }
    edit(&case, "t.toml", "stored = \"undecided\"", "stored = \"text\", declared = \"INTEGER\"");
    let refused = copy(&case, &database.url, &["--dry-run"]);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    for output in [
        "--repair draft.t.state=enum-map:0=LABEL,1=LABEL,2=LABEL",
        "--repair draft.t.state=null-as:queued",
    ] {
        assert!(refused.err.contains(output), "{output} in {}", refused.err);
    }
    let repairs = [
        "--repair=draft.t.state=enum-map:0=queued,1=running,2=it's done",
        "--repair=draft.t.state=null-as:queued",
        "--repair=draft.t.prio=enum-map:1=normal,2=urgent",
    ];
    let copied = copy(&case, &database.url, &repairs);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let all = "SELECT string_agg(concat_ws(' ', state, prio), ',' ORDER BY id) FROM t";
    assert_eq!(value(&database.url, all), "queued normal,it's done urgent,running normal,queued");
    let verified = copy(&case, &database.url, &[&["--verify"], &repairs[..]].concat());
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    // What is no label, and what no column takes, is refused before anything is done.
    for (word, output) in [
        ("state=enum-map:0=LABEL", "not a label of the type"),
        ("state=enum-map:0", "enum-map needs OLD=NEW"),
        ("state=enum-map:0=queued,0=running", "names a value twice"),
        ("state=null-as:nothing", "no such value can be stored in it"),
        ("state=null-as", "null-as needs a value"),
    ] {
        let refused = copy(&case, &database.url, &[&format!("--repair=draft.t.{word}")]);
        assert_eq!(refused.code, 2, "{word}: {}{}", refused.out, refused.err);
        assert!(refused.err.contains(output), "{output} in {}", refused.err);
    }
}

#[test]
fn labels_of_another_schema_are_taken() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, m TEXT, ms TEXT);
         INSERT INTO t VALUES (1, 'sad', '[\"sad\",null]'), (2, NULL, '[]')",
    );
    let database = target(
        "CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('sad', 'glad');
         CREATE TABLE t (id int8 PRIMARY KEY, m other.mood DEFAULT 'glad', ms other.mood[])",
    );
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let line = case.column("t", "ms");
    assert!(line.contains("type = \"mood[]\", as = \"other.mood[]\""), "{line}");
    let copied = copy(&case, &database.url, &[]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let all = "SELECT string_agg(concat_ws(' ', m, ms), ',' ORDER BY id) FROM t";
    assert_eq!(value(&database.url, all), "sad {sad,NULL},{}");
    let out = case.out();
    let ran = super::migrate(&["schema", "diff", &out, &database.url]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}
