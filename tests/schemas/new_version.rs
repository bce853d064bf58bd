//! `migrate schema draft --into`, release after release: what comes back, what was left open, and
//! what is none of the directory's.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::draft_into::{changed, files, into, settled};
use super::{Case, Ran, migrate};
use crate::{hint_log, server};

fn same(text: String) -> String {
    text
}

/// Changes the database and adds that as a version.
fn release(case: &Case, sql: &str, version: &str) -> Ran {
    let connection = Connection::open(case.path().join("app.db")).unwrap();
    connection.execute_batch(&format!("PRAGMA foreign_keys = off; {sql}")).unwrap();
    drop(connection);
    into(&case.file(), &case.out(), version)
}

fn copies(case: &Case) {
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}\n{}", copied.out, copied.err, case.read("t.toml"));
}

#[test]
fn null_is_allowed_where_rows_have_it_whatever_the_type_becomes() {
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, q SMALLINT NOT NULL)";
    let new = "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, q REAL);
         INSERT INTO t VALUES (1, NULL)";
    let text = settled(old, &same, new);
    assert!(text.contains("{ type = \"float8\", null = true, versions = \"2..\" }"), "{text}");
}

#[test]
fn a_not_null_that_only_the_file_has_stays_and_is_listed() {
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, q SMALLINT NOT NULL, r TEXT)";
    for (declared, type_) in [("SMALLINT", "int2"), ("REAL", "float8")] {
        let new = format!(
            "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, q {declared}, r TEXT);
             INSERT INTO t VALUES (1, 5, NULL)"
        );
        let (_, text, ran) = changed(old, &same, &new);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(text.contains(&format!("{{ type = \"{type_}\"")), "{text}");
        let list = "\nonly in the schema files, and kept:\n  t: column q: not null\n";
        assert!(ran.out.ends_with(list), "{}", ran.out);
    }
}

const RULES: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, x INTEGER, b INTEGER,
         UNIQUE (x, b), CONSTRAINT big CHECK (x > 0), FOREIGN KEY (x, b) REFERENCES p (m, n));
     CREATE INDEX i1 ON t (x); CREATE INDEX i2 ON t (a) WHERE x > 1;
     INSERT INTO t VALUES (1, 2, 3, 4);";

const PARENT: &str = "CREATE TABLE p (m INTEGER, n INTEGER, PRIMARY KEY (m, n));
     INSERT INTO p VALUES (3, 4);";

/// The keys and indexes of a column end with it by name, so that they are not back with it.
#[test]
fn an_index_that_ended_with_its_column_may_come_back() {
    let case = Case::new(&format!("{PARENT}{RULES}"));
    case.draft();
    let own = "\n[[constraint]]\nname = \"own\"\ndefinition = \"EXCLUDE USING btree (x WITH =)\"\n";
    let place = Path::new(&case.out()).join("t.toml");
    fs::write(&place, case.read("t.toml") + own).unwrap();
    let without = "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);
         INSERT INTO t VALUES (1, 2, 4)";
    let ran = release(&case, without, "2");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = case.read("t.toml");
    assert_eq!(text.matches("\nversions = \"..2\"\n").count(), 6, "{text}");
    for output in ["unique t_x_b_key: gone", "check big: gone", "constraint own: gone"] {
        assert!(ran.out.contains(output), "{output} in {}", ran.out);
    }
    copies(&case);
    let ran = release(&case, &format!("DROP TABLE t; {RULES}"), "3");
    assert_eq!(ran.code, 0, "{}", ran.err);
    copies(&case);
    let ran = migrate(&["schema", "diff", &format!("{}@1", case.out()), &case.out()]);
    let only = "other own\n              only left: EXCLUDE USING btree (x WITH =)";
    assert!(ran.out.contains("1 difference:") && ran.out.contains(only), "{}", ran.out);
}

/// Files of a person, or of an earlier program, in which it ends without a word.
#[test]
fn a_name_that_ended_without_a_range_is_not_added_twice() {
    let edit = |case: &Case| {
        let place = Path::new(&case.out()).join("t.toml");
        fs::write(&place, case.read("t.toml").replace("\nversions = \"..2\"\n", "\n")).unwrap();
    };
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER);
         CREATE INDEX i1 ON t (x); CREATE TABLE u (x INTEGER); INSERT INTO t VALUES (1, 2, 3);";
    let back = "ALTER TABLE t ADD COLUMN x INTEGER;";
    for (two, three, index) in [
        ("", &*format!("{back} CREATE INDEX i1 ON t (x)"), "columns = [\"x\"]\nversions = \"3..\""),
        ("", back, "columns = [\"x\"]\nversions = \"..3\""),
        ("", &format!("{back} CREATE INDEX i1 ON u (x)"), "columns = [\"x\"]\nversions = \"..3\""),
        (
            "CREATE INDEX i1 ON t (y);",
            "DROP INDEX i1; CREATE INDEX i1 ON t (y DESC)",
            "columns = [\"y\"]\nversions = \"2..3\"",
        ),
    ] {
        let case = Case::new(old);
        case.draft();
        let ran =
            release(&case, &format!("DROP INDEX i1; ALTER TABLE t DROP COLUMN x; {two}"), "2");
        assert_eq!(ran.code, 0, "{}", ran.err);
        edit(&case);
        let ran = release(&case, three, "3");
        assert_eq!(ran.code, 0, "{three}: {}", ran.err);
        assert!(case.read("t.toml").contains(index), "{three}: {}", case.read("t.toml"));
        copies(&case);
        let again = into(&case.file(), &case.out(), "4");
        assert!(again.out.contains("nothing differs"), "{three}: {}", again.out);
    }
}

/// A person who writes what the comment shows has the column, and not the index that was dropped.
#[test]
fn a_renamed_column_does_not_bring_back_its_index() {
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); CREATE INDEX i1 ON t (x);
         INSERT INTO t VALUES (1, 'a')";
    let (case, text, ran) =
        changed(old, &same, "DROP INDEX i1; ALTER TABLE t RENAME COLUMN x TO y");
    assert!(ran.out.contains("probably x with a new name"), "{}{}", ran.out, ran.err);
    let (head, rest) = text.split_once("\nx  = ").unwrap();
    let (_, rest) = rest.split_once("\ny  = ").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    let line = "x = [{ type = \"text\", null = true, versions = \"..2\" }, \
         { type = \"text\", null = true, source = \"y\", versions = \"2..\" }]";
    let place = Path::new(&case.out()).join("t.toml");
    fs::write(&place, format!("{head}\n{line}\n{rest}")).unwrap();
    let diff = case.diff();
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    copies(&case);
}

/// (declared before, now, the line from now on, what is listed as the file's own).
const LENGTHS: &[(&str, &str, &str, &str)] = &[
    ("VARCHAR(10)", "VARCHAR(30)", "type = \"varchar(30)\", versions = \"2..\"", ""),
    ("VARCHAR(10)", "CHAR(11)", "type = \"varchar(11)\", versions = \"2..\"", ""),
    ("DECIMAL(6,2)", "DECIMAL(10,4)", "type = \"numeric(10,4)\", versions = \"2..\"", ""),
    ("DECIMAL(6,2)", "DECIMAL(6,0)", "type = \"numeric(6,0)\", versions = \"2..\"", ""),
    ("DECIMAL(6,2)", "NUMERIC(6,3)", "type = \"numeric(6,3)\", versions = \"2..\"", ""),
    ("VARCHAR(20)", "VARCHAR(5)", "", "varchar(20), declared VARCHAR(5)"),
    ("TEXT", "VARCHAR(5)", "", "text, declared VARCHAR(5)"),
    ("DECIMAL(6,2)", "DECIMAL(5,2)", "", "numeric(6,2), declared DECIMAL(5,2)"),
    ("NUMERIC", "DECIMAL(5,2)", "", "numeric, declared DECIMAL(5,2)"),
    ("VARCHAR(20)", "TEXT", "", ""),
    ("DECIMAL(6,2)", "NUMERIC", "", ""),
    ("SMALLINT", "INTEGER", "", ""),
    ("INTEGER", "SMALLINT", "", ""),
];

#[test]
fn a_declared_length_that_no_longer_fits_opens_a_range() {
    for (before, now, line, listed) in LENGTHS {
        let value = if before.contains("CHAR") || *before == "TEXT" { "'x'" } else { "5" };
        let table = |declared: &str| {
            format!(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, a {declared} NOT NULL);
                 INSERT INTO t VALUES (1, {value})"
            )
        };
        let new = format!("DROP TABLE t; {}", table(now));
        let (_, text, ran) = changed(&table(before), &same, &new);
        assert_eq!(ran.code, 0, "{}", ran.err);
        match line.is_empty() {
            true => assert!(!text.contains("versions"), "{before} {now}: {text}"),
            false => assert!(text.contains(line), "{before} {now}: {text}"),
        }
        let list = match listed.is_empty() {
            true => String::new(),
            false => format!("only in the schema files, and kept:\n  t: column a: {listed}\n"),
        };
        assert!(ran.out.ends_with(&list), "{before} {now}: {}", ran.out);
        assert_eq!(ran.out.contains("only in the schema files"), !listed.is_empty(), "{}", ran.out);
        let text = settled(&table(before), &same, &new);
        assert!(line.is_empty() || text.contains(line), "{text}");
    }
}

/// What a draft would choose by the rows is no statement, and one with `declared` stands.
#[test]
fn a_length_that_was_stated_for_this_declaration_stays() {
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(3), b VARCHAR(30));
         INSERT INTO t VALUES (1, 'long text', 'b')";
    let edit = |text: String| {
        let stated = "type = \"varchar(10)\", declared = \"VARCHAR(30)\", default = \"md5('')\"";
        text.replace("type = \"varchar(30)\"", stated)
    };
    let (_, text, ran) = changed(old, &edit, "CREATE TABLE u (x TEXT)");
    assert!(text.contains("type = \"varchar(10)\"") && !text.contains("versions"), "{text}");
    assert!(!ran.out.contains("only in the schema files"), "{}", ran.out);
    let wider = "ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b VARCHAR(40)";
    let edit = |text: String| edit(text).replace(", declared = \"VARCHAR(30)\"", "");
    let text = settled(old, &edit, wider);
    let line = "type = \"varchar(40)\", null = true, default = \"md5('')\", versions = \"2..\"";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_changed_constraint_is_noted() {
    let old = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY,
         r INTEGER REFERENCES p, a TEXT, CONSTRAINT pair UNIQUE (a, r));
         CREATE INDEX i ON t (a);";
    let new = "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY,
         r INTEGER REFERENCES p ON DELETE CASCADE, a TEXT UNIQUE, CONSTRAINT pair UNIQUE (r, a));
         CREATE UNIQUE INDEX i ON t (a);";
    let (_, text, ran) = changed(old, &same, new);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let output = "
t
  unique pair: (a, r) → (r, a)
  foreign key t_r_fkey: (r) references p (id) → (r) references p (id) on delete cascade
  index i: (a) → unique (a)
  unique t_a_key: new, (a)
";
    assert!(ran.out.ends_with(output), "{}\n{text}", ran.out);
}

#[test]
fn files_that_were_joined_with_tables_in_postgresql_are_refused() {
    let case = Case::new("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    let database = server::database(server::shared());
    let sql = "CREATE TABLE t (id bigint PRIMARY KEY)";
    server::connect(&database.url).client.batch_execute(sql).unwrap();
    let (file, out) = (case.file(), case.out());
    let words = ["schema", "draft", "--source", &file, "--target", &database.url, "--out", &out];
    let ran = migrate(&words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let before = files(&out);
    let ran = into(&file, &out, "2");
    assert_eq!((ran.code, files(&out) == before), (2, true), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("was drafted with --target"), "{}", ran.err);
    assert!(ran.err.contains("`--target` and `--out`"), "{}", ran.err);
    hint_log::note_followed(&ran.err);
    let new = format!("{out}-2");
    let words = ["schema", "draft", "--source", &file, "--target", &database.url, "--out", &new];
    assert_eq!(migrate(&words).code, 0);
    assert_eq!(migrate(&["schema", "diff", &out, &new]).code, 0);
}

#[test]
fn what_is_to_decide_is_printed_and_noted_once() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);
         INSERT INTO t VALUES (1, 1, 1), (2, 'x', 1)",
    );
    case.draft();
    let place = Path::new(&case.out()).join("t.toml");
    let text = case.read("t.toml").replace("b  = { type = \"int8\"", "b  = { type = \"bool\"");
    fs::write(&place, text).unwrap();
    let ran = release(&case, "UPDATE t SET b = 70 WHERE id = 2", "2");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = case.read("t.toml");
    assert_eq!(text.matches("TO DECIDE").count(), 2, "{text}");
    assert!(ran.out.contains("\nt: column a: mixed storage classes (1 integer, "), "{}", ran.out);
    let line = "\nt: column b: 1 of 2 values do not fit bool; by its values it would be type = ";
    assert!(ran.out.contains(line), "{}", ran.out);
    let ran = release(&case, "INSERT INTO t VALUES (3, 1, 80), (4, 1, 90)", "3");
    assert_eq!(case.read("t.toml"), text);
    let line = "\nt: column b: 3 of 4 values do not fit bool; by its values it would be type = ";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(case.read("RESIDUE.md").contains("3 of 4 values"));
}

#[test]
fn the_file_of_another_application_is_refused() {
    let case = Case::new("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    case.draft();
    let before = files(&case.out());
    let ran = release(&case, "DROP TABLE t; CREATE TABLE other (x)", "2");
    assert_eq!((ran.code, files(&case.out()) == before), (2, true), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("has no table of"), "{}", ran.err);
    assert!(ran.err.contains("--out"), "{}", ran.err);
}
