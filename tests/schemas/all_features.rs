//! A database that has everything SQLite lets one have: what goes over goes over exactly, and what
//! does not has its line in RESIDUE.md.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::{Case, migrate};
use crate::server;

const TABLES: &str = r#"
CREATE TABLE "table/with/slashes.csv" ("a b" TEXT, "select" INTEGER, "Ünïcode" TEXT, "q""uote" TEXT,
    "x.y" INTEGER UNIQUE, [br acket] REAL, `tick` TEXT);
INSERT INTO "table/with/slashes.csv" VALUES ('x', 1, 'ü', 'q', 5, 1.5, 't');
CREATE TABLE "order" (id INTEGER PRIMARY KEY AUTOINCREMENT, "User" TEXT NOT NULL DEFAULT 'me',
    ref INTEGER REFERENCES "table/with/slashes.csv"("x.y"));
INSERT INTO "order" VALUES (1, 'a', 5), (9, 'b', NULL);
DELETE FROM "order" WHERE id = 9;
CREATE INDEX "order_pkey" ON "order" ("User");
CREATE TABLE wr (b TEXT, a INTEGER, c TEXT COLLATE NOCASE UNIQUE, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO wr VALUES ('x', 2, 'C'), ('y', 1, 'D');
CREATE TABLE nullkey (k TEXT PRIMARY KEY, v BLOB);
INSERT INTO nullkey VALUES (NULL, x'00'), ('a', NULL);
CREATE TABLE strict_one (i INT PRIMARY KEY, t TEXT, r REAL, b BLOB) STRICT;
INSERT INTO strict_one VALUES (1, 't', 1, x'01'), (2, NULL, NULL, NULL);
CREATE TABLE gen (a INTEGER, b INTEGER, s INTEGER GENERATED ALWAYS AS (a + b) STORED,
    v TEXT AS (upper(hex(a))) VIRTUAL, u TEXT);
INSERT INTO gen (a, b, u) VALUES (1, 2, 'Bob');
CREATE UNIQUE INDEX gen_partial ON gen (a) WHERE b IS NOT NULL AND a <> 7;
CREATE INDEX gen_expr ON gen (lower(u) DESC, a);
CREATE INDEX gen_odd ON gen (substr(u, 1, 2));
CREATE INDEX gen_nocase ON gen (u COLLATE NOCASE, b DESC);
CREATE INDEX gen_like ON gen (a) WHERE u LIKE 'x%';
CREATE TABLE tree (id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES tree ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CHECK (id <> parent), CONSTRAINT "odd check" CHECK (typeof(id) = 'integer'));
INSERT INTO tree VALUES (1, 2), (2, 1);
CREATE TABLE one (id INTEGER PRIMARY KEY, other INTEGER CONSTRAINT to_two REFERENCES two (id));
CREATE TABLE two (id INTEGER PRIMARY KEY, other INTEGER REFERENCES one);
INSERT INTO one VALUES (1, 1);
INSERT INTO two VALUES (1, 1);
CREATE TABLE anything (v, n);
INSERT INTO anything VALUES (1, 1), (1.5, 2), ('t', 3), (x'00', NULL), (NULL, 4);
CREATE VIRTUAL TABLE doc USING fts5(body);
INSERT INTO doc VALUES ('hello');
CREATE VIRTUAL TABLE box USING rtree(id, a, b);
CREATE VIEW seen AS SELECT * FROM gen;
CREATE TRIGGER after_gen AFTER INSERT ON gen BEGIN SELECT 1; END;
CREATE TABLE coll (k TEXT COLLATE APP PRIMARY KEY, v INTEGER) WITHOUT ROWID;
INSERT INTO coll VALUES ('b', 1), ('a', 2);
CREATE TABLE "database" (x INTEGER, CHECK (x > 0));
INSERT INTO "database" VALUES (1);
CREATE TABLE "" ("" TEXT, ctid INTEGER);
INSERT INTO "" VALUES ('e', 1);
CREATE TABLE child (p INTEGER REFERENCES one (id), q INTEGER REFERENCES nowhere (id),
    r INTEGER REFERENCES gen (b), CONSTRAINT "my unique" UNIQUE (p, q));
INSERT INTO child VALUES (1, 2, 3);
"#;

fn long(end: &str) -> String {
    format!("{}{end}", "long_".repeat(14))
}

/// A file of all that.
pub fn everything() -> Case {
    let case = Case::new("PRAGMA encoding = 'UTF-16le'; CREATE TABLE plain (x INTEGER)");
    let connection = Connection::open(case.path().join("app.db")).unwrap();
    connection.create_collation("APP", |a: &str, b: &str| b.cmp(a)).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = off").unwrap();
    connection.execute_batch(TABLES).unwrap();
    let wide: Vec<String> = (0..1500).map(|place| format!("c{place} INTEGER")).collect();
    connection
        .execute_batch(&format!(
            "CREATE TABLE wide ({}); INSERT INTO wide (c7) VALUES (5);
             CREATE TABLE {} ({} INTEGER PRIMARY KEY, {} TEXT); CREATE TABLE {} (x INTEGER)",
            wide.join(", "),
            long("a"),
            long("b"),
            long("c"),
            long("d")
        ))
        .unwrap();
    case
}

/// What RESIDUE.md must name: the line's beginning, and the text that follows where there is one.
const NAMED: &[(&str, &str)] = &[
    ("- **column v**: mixed storage classes (1 integer, 1 real, 1 text, 1 blob)", ""),
    ("- **primary key column k**: NULL in 1 row", ""),
    ("- **the table**: a row with a value in every column needs 12000 bytes", ""),
    ("- **foreign key to nowhere**: ", "FOREIGN KEY (q) REFERENCES nowhere (id)"),
    ("- **foreign key to gen**: the columns that it refers to are not a primary key", ""),
    ("- **column k**: SQLite compares and sorts it by APP", "COLLATE APP"),
    ("- **the primary key**: PostgreSQL does not have the application's collation APP", "(k)"),
    ("- **column v**: a generated column; its values are copied", "upper(hex(a))"),
    ("- **index gen_odd**: ", "CREATE INDEX gen_odd ON gen (substr(u, 1, 2))"),
    ("- **index gen_like**: ", "CREATE INDEX gen_like ON gen (a) WHERE u LIKE 'x%'"),
    ("- **check odd check**: ", "CHECK (typeof(id) = 'integer')"),
    ("- **column c**: SQLite compares and sorts it by NOCASE", "COLLATE NOCASE"),
    ("- **virtual table box**: ", "CREATE VIRTUAL TABLE box USING rtree(id, a, b)"),
    ("- **virtual table doc**: ", "CREATE VIRTUAL TABLE doc USING fts5(body)"),
    ("- **shadow table doc_content**: ", ""),
    ("- **shadow table box_rowid**: ", ""),
    (
        "- **trigger after_gen**: ",
        "CREATE TRIGGER after_gen AFTER INSERT ON gen BEGIN SELECT 1; END",
    ),
    ("- **view seen**: ", "CREATE VIEW seen AS SELECT * FROM gen"),
    ("- **table (no name)**: its name in PostgreSQL is unnamed", ""),
    ("- **column ctid**: its name in PostgreSQL is ctid_2", ""),
    ("- **index order_pkey**: its name in PostgreSQL is order_pkey_2", ""),
];

/// What a person does about the findings.
const REPAIR_SOURCE: &str =
    "DELETE FROM nullkey WHERE k IS NULL; DELETE FROM anything WHERE v IN ('t', x'00')";

/// What PostgreSQL must have: a definition, as its own catalog prints it.
const RULES: &[&str] = &[
    "PRIMARY KEY (a, b)",
    "UNIQUE (\"x.y\")",
    "UNIQUE (p, q)",
    "FOREIGN KEY (ref) REFERENCES \"table/with/slashes.csv\"(\"x.y\")",
    "FOREIGN KEY (parent) REFERENCES tree(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
    "FOREIGN KEY (other) REFERENCES two(id)",
    "FOREIGN KEY (other) REFERENCES one(id)",
    "CHECK ((id <> parent))",
    "CHECK ((x > 0))",
    "USING btree (a) WHERE ((b IS NOT NULL) AND (a <> 7))",
    "USING btree (lower((u COLLATE \"C\")) DESC, a)",
    "USING btree (lower((u COLLATE \"C\")), b DESC)",
    "USING btree (lower((c COLLATE \"C\")))",
    "USING btree (\"User\")",
];

#[test]
fn everything_is_drafted_or_named() {
    let case = everything();
    let diff = case.draft().diff();
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    let residue = case.read("RESIDUE.md");
    for (line, text) in NAMED {
        let at = residue.find(&format!("\n{line}")).unwrap_or_else(|| panic!("{line}\n{residue}"));
        let item = residue[at + 1..].split("\n- **").next().unwrap();
        assert!(item.contains(text), "{text} in {item}");
    }
    for name in ["a", "b", "c", "d"] {
        assert!(residue.contains(&format!("{}**: its name in PostgreSQL is", long(name))));
    }
    assert!(case.read("database_.toml").contains("name = \"database\""));
    assert!(case.read("table_with_slashes_csv.toml").contains("name = \"table/with/slashes.csv\""));
    assert!(case.read("unnamed.toml").contains("source = \"\""));
}

#[test]
fn everything_goes_over_once_the_findings_are_repaired() {
    let case = everything();
    case.draft();
    let database = server::database(server::shared());
    let refused = case.copy(&database.url);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    for output in [".anything.v: ", ".nullkey.k: "] {
        assert!(refused.err.contains(output), "{}", refused.err);
    }
    let connection = Connection::open(case.path().join("app.db")).unwrap();
    connection.execute_batch(REPAIR_SOURCE).unwrap();
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let target = format!("postgres:{}", database.url);
    for side in [case.out(), format!("sqlite:{}", case.file())] {
        let diff = migrate(&["schema", "diff", &side, &target]);
        assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    }
    let mut client = server::connect(&database.url).client;
    let rules = "SELECT pg_get_constraintdef(oid) FROM pg_constraint
                 UNION SELECT pg_get_indexdef(indexrelid) FROM pg_index";
    let rows = client.query(rules, &[]).unwrap();
    let rules: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for wanted in RULES {
        let here = |rule: &String| rule == wanted || rule.ends_with(&format!(" {wanted}"));
        assert!(rules.iter().any(here), "{wanted} in {rules:#?}");
    }
    let one = |client: &mut postgres::Client, sql: &str| -> String {
        client.query_one(sql, &[]).unwrap().get(0)
    };
    for (sql, wanted) in [
        ("SELECT string_agg(k || v, ',' ORDER BY v) FROM coll", "b1,a2"),
        ("SELECT \"Ünïcode\" FROM \"table/with/slashes.csv\"", "ü"),
        ("SELECT s::text || v FROM gen", "331"),
        ("SELECT c7::text FROM wide", "5"),
        ("SELECT unnamed || ctid_2 FROM unnamed", "e1"),
        ("SELECT nextval(pg_get_serial_sequence('\"order\"', 'id'))::text", "10"),
    ] {
        assert_eq!(one(&mut client, sql), wanted, "{sql}");
    }
}

/// All rows of all tables, in PostgreSQL's words.
fn rows(url: &str) -> BTreeMap<String, Vec<String>> {
    let mut client = server::connect(url).client;
    let names = "SELECT relname::text FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    let names: Vec<String> =
        client.query(names, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    let all = names.into_iter().map(|name| {
        let table = model::sql::qualified_name("public", &name);
        let select = format!("SELECT of_it::text FROM {table} of_it ORDER BY of_it::text");
        let rows = client.query(&select, &[]).unwrap();
        (name, rows.iter().map(|row| row.get(0)).collect())
    });
    all.collect()
}

/// The tables that the first draft made stand for those of an application.
#[test]
fn everything_goes_into_existing_tables() {
    let case = everything();
    case.draft();
    let connection = Connection::open(case.path().join("app.db")).unwrap();
    connection.execute_batch(REPAIR_SOURCE).unwrap();
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let (before, url) = (rows(&database.url), &database.url);
    assert!(before.values().flatten().count() > 15, "{before:?}");
    let names: Vec<String> = before.keys().map(|name| model::sql::quote(name)).collect();
    server::execute(url, &format!("TRUNCATE {}", names.join(", ")));
    let structure = crate::migration::dump_of(url, &["--schema-only"]);
    let joined = case.path().join("joined").display().to_string();
    let (file, sides) = (case.file(), format!("postgres:{url}"));
    let drafted =
        migrate(&["schema", "draft", "--source", &file, "--target", url, "--out", &joined]);
    assert!(matches!(drafted.code, 0 | 1), "{}{}", drafted.out, drafted.err);
    let diff = migrate(&["schema", "diff", &joined, &sides]);
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    super::choose_names(Path::new(&joined));
    let words = ["copy", "--yes", "--schema", &joined, "--source", &file, "--target", url];
    let copied = migrate(&words);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    assert!(copied.err.contains("without rows, and will be loaded"), "{}", copied.err);
    assert_eq!(crate::migration::dump_of(url, &["--schema-only"]), structure);
    assert_eq!(rows(url), before);
}
