//! What databases of real applications have that made-up ones seldom do.

use super::{Case, migrate};
use crate::server;

/// Writes another word into a statement of the schema, as a newer SQLite or the application's own
/// functions would have allowed it there.
fn rewritten(sql: &str, table: &str, from: &str, to: &str) -> String {
    format!(
        "{sql}; PRAGMA writable_schema = on; \
         UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE name = '{table}'"
    )
}

/// The file, the draft, and what became of both in PostgreSQL agree.
fn goes_over(case: &Case) {
    let diff = case.draft().diff();
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    let database = server::database(server::shared());
    let ran = case.copy(&database.url);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let joined = case.path().join("joined").display().to_string();
    let (file, url) = (case.file(), database.url.as_str());
    let ran = migrate(&["schema", "draft", "--source", &file, "--target", url, "--out", &joined]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let url = format!("postgres:{url}");
    for (left, right) in [(&case.out(), &joined), (&case.out(), &url), (&joined, &url)] {
        let ran = migrate(&["schema", "diff", left, right]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
}

#[test]
fn a_search_index_of_the_applications_own_words_is_no_damage() {
    const TABLES: &str = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); \
        INSERT INTO t VALUES (1, 'x'); CREATE INDEX i ON t (b)";
    for (module, from, to) in [
        ("fts5(b)", "fts5(b)", "fts5(b, tokenize=splitter)"),
        ("fts4(b)", "fts4(b)", "fts4(b, tokenize=splitter)"),
    ] {
        let sql = format!("{TABLES}; CREATE VIRTUAL TABLE words USING {module}");
        let case = Case::new(&rewritten(&sql, "words", from, to));
        goes_over(&case);
        let residue = case.read("RESIDUE.md");
        assert!(residue.contains("- **virtual table words**: "), "{residue}");
    }
}

#[test]
fn rows_that_only_a_virtual_table_has_are_to_be_decided() {
    let case = Case::new(
        "CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO doc VALUES (1, 'a');
         CREATE VIRTUAL TABLE note USING fts5(body); INSERT INTO note VALUES ('a'), ('b');
         CREATE VIRTUAL TABLE old USING fts4(body); INSERT INTO old VALUES ('a');
         CREATE VIRTUAL TABLE place USING rtree(id, a, b); INSERT INTO place VALUES (1, 0, 1);
         CREATE VIRTUAL TABLE none USING fts5(body);
         CREATE VIRTUAL TABLE found USING fts5(body, content='doc', content_rowid='id');
         INSERT INTO found (rowid, body) VALUES (1, 'a');
         CREATE VIRTUAL TABLE copies USING fts5(body); INSERT INTO copies VALUES ('a');
         CREATE TRIGGER kept AFTER INSERT ON doc
             BEGIN INSERT INTO Copies (body) VALUES (new.body); END;",
    );
    case.draft();
    let residue = case.read("RESIDUE.md");
    let (decide, left) = residue.split_once("## Not data: not migrated").unwrap();
    assert!(decide.contains("## To decide before copying"), "{residue}");
    for (table, rows) in [("note", "2 rows"), ("old", "1 row"), ("place", "1 row")] {
        let line = format!("- **virtual table {table}**: not copied: {rows};");
        assert!(decide.contains(&line), "{line}\n{residue}");
    }
    let filled = "copies**: not copied: 1 row; rows that triggers write";
    for table in ["none**", "found**", filled] {
        let line = format!("- **virtual table {table}");
        assert!(left.contains(&line) && !decide.contains(&line), "{line}\n{residue}");
    }
}

#[test]
fn a_table_of_migrations_that_was_copied_is_no_difference() {
    goes_over(&Case::new(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
         INSERT INTO alembic_version VALUES ('1a2b');
         CREATE TABLE t (a INTEGER PRIMARY KEY)",
    ));
}

#[test]
fn a_column_that_only_the_application_can_compute_is_no_difference() {
    let sql = "CREATE TABLE t (a INTEGER PRIMARY KEY, b INT AS (abs(a))); \
               INSERT INTO t VALUES (1)";
    let case = Case::new(&rewritten(sql, "t", "abs(a)", "own(a)"));
    let diff = case.draft().diff();
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    assert!(case.read("RESIDUE.md").contains("- **column b**: this program cannot compute it"));
}

#[test]
fn foreign_keys_that_cannot_be_say_why() {
    let case = Case::new(
        "CREATE TABLE p (a INT PRIMARY KEY, b INT); CREATE TABLE bare (a INT);
         CREATE VIEW v AS SELECT a FROM p; CREATE VIRTUAL TABLE f USING fts5(a);
         CREATE TABLE c (q INT REFERENCES gone(x), r INT REFERENCES v(a), s INT REFERENCES f,
             t INT REFERENCES bare, u INT REFERENCES p(nope), w INT REFERENCES p(b),
             x INT, y INT, FOREIGN KEY (x, y) REFERENCES p)",
    );
    let residue = { case.draft().read("RESIDUE.md") };
    for (parent, why) in [
        ("gone", "there is no table gone"),
        ("v", "v is a view"),
        ("f", "f is a virtual table, which is not copied"),
        ("bare", "bare has no primary key"),
        ("p", "p has no column nope that is copied"),
        ("p", "it has 2 columns, and refers to 1 column of p"),
        ("p", "the columns that it refers to are not a primary key or unique"),
    ] {
        let line = format!("- **foreign key to {parent}**: {why}");
        assert!(residue.contains(&line), "{line}\n{residue}");
    }
}

#[test]
fn conditions_with_a_default_or_a_truth_value_are_kept() {
    let case = Case::new(
        "CREATE TABLE t (a TEXT, b TEXT, n INT, ok BOOLEAN, CHECK (ifnull(n, 0) >= 0));
         INSERT INTO t VALUES ('a', NULL, 1, 1), ('a', 'b', NULL, NULL);
         CREATE UNIQUE INDEX one ON t (a, coalesce(b, ''));
         CREATE INDEX two ON t (a) WHERE ok IS TRUE;
         CREATE INDEX three ON t (a) WHERE n IS NOT TRUE",
    );
    goes_over(&case);
    let text = case.read("t.toml");
    for wanted in [
        "expression = \"coalesce(n, 0) >= 0\"",
        "columns = [\"a\", { expression = \"coalesce(b, '')\" }]",
        "where = \"ok IS TRUE\"",
        "where = \"(n <> 0) IS NOT TRUE\"",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_type_that_nothing_proves_is_shown() {
    let case = Case::new("CREATE TABLE t (a YEAR, b, c BIGSERIAL, d TEXT)");
    case.draft();
    let residue = case.read("RESIDUE.md");
    for (column, note) in [
        ("a", "declared YEAR, which is not a known type, and no values"),
        ("b", "no declared type, and no values"),
    ] {
        let line = format!("- **column {column}**: {note}");
        assert!(residue.contains(&line), "{line}\n{residue}");
        assert!(case.column("t", column).ends_with(&format!("# {note}")));
    }
    assert!(case.column("t", "c").contains("type = \"int8\""));
    assert!(!residue.contains("column c") && !residue.contains("column d"), "{residue}");
}

#[test]
fn empty_texts_among_times_do_not_hide_what_the_others_are() {
    for (values, ty, output) in [
        ("(1700000000), (''), ('')", "type = \"int8\"", "2 of the"),
        ("('2024-01-01 10:00:00'), (''), ('')", "type = \"timestamp\"", "2 of the"),
    ] {
        let case =
            Case::new(&format!("CREATE TABLE t (c DATETIME); INSERT INTO t VALUES {values}"));
        let line = case.draft().column("t", "c");
        assert!(line.contains(ty), "{line}");
        assert!(line.contains("TO DECIDE: "), "{line}");
        let hint = format!("{output} texts are empty; if the column allows NULL, the repair");
        assert!(line.contains(&hint), "{hint}\n{line}");
    }
    let case = Case::new("CREATE TABLE t (c TEXT); INSERT INTO t VALUES (''), ('a'), (x'00')");
    let line = case.draft().column("t", "c");
    assert!(line.contains("TO DECIDE: mixed") && !line.contains("empty"), "{line}");
}

#[test]
fn numbers_and_texts_go_over_as_texts_as_the_draft_says() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c CODE_OR_INT);
         INSERT INTO t VALUES (1, 4326), (2, 'OGC:CRS84'), (3, NULL)",
    );
    let line = case.draft().column("t", "c");
    let offered = "type = \"text\", declared = \"CODE_OR_INT\"";
    assert!(line.ends_with(&format!("; {offered} copies all of them as text")), "{line}");
    let path = case.path().join("draft/t.toml");
    let text = case.read("t.toml");
    let database = server::database(server::shared());
    // Without what SQLite declares, the refusal says what is missing.
    std::fs::write(&path, text.replace("c  = { type = \"int8\"", "c  = { type = \"text\""))
        .unwrap();
    let ran = case.copy(&database.url);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("hint: correct the schema files"), "{}", ran.err);
    assert!(ran.err.contains("add `declared = \"TYPE\"` to a column"), "{}", ran.err);
    std::fs::write(&path, text.replace("type = \"int8\", null", &format!("{offered}, null")))
        .unwrap();
    let ran = case.copy(&database.url);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn values_of_any_type_in_a_strict_table_are_as_they_came() {
    let case = Case::new(
        "CREATE TABLE strict_one (id INTEGER PRIMARY KEY, c ANY) STRICT;
         INSERT INTO strict_one VALUES (1, 5), (2, '007'), (3, 'x');",
    );
    case.draft();
    let database = server::database(server::shared());
    let ran = case.copy(&database.url);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(!format!("{}{}", ran.out, ran.err).contains("S5"), "{}{}", ran.out, ran.err);
}

#[test]
fn clauses_that_postgresql_or_sqlite_does_not_obey_are_listed() {
    let case = Case::new(
        "CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b) ON CONFLICT IGNORE);
         CREATE TABLE c (x INT UNIQUE ON CONFLICT REPLACE, y INT NOT NULL ON CONFLICT ABORT,
             z INT UNIQUE ON CONFLICT replace, \"match\" TEXT,
             FOREIGN KEY (x, y) REFERENCES p MATCH FULL ON DELETE CASCADE);
         CREATE TABLE d (x INT REFERENCES c (x) MATCH SIMPLE, conflict INT)",
    );
    goes_over(&case);
    let residue = case.read("RESIDUE.md");
    for (line, times) in [
        ("- **ON CONFLICT REPLACE**: in PostgreSQL, a row that violates", 1),
        ("- **ON CONFLICT IGNORE**: ", 1),
        ("- **MATCH FULL**: SQLite ignores it and uses MATCH SIMPLE", 1),
        ("**ON CONFLICT ", 2),
        ("**MATCH ", 1),
    ] {
        assert_eq!(residue.matches(line).count(), times, "{line}\n{residue}");
    }
    assert!(case.read("c.toml").contains("on_delete = \"cascade\""));
}
