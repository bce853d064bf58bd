//! How far a file is checked for damage, and that it is said.

use rusqlite::Connection;

use super::shortcuts::{run_preflight, schema};

const TABLE: &str = "\
CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT, other TEXT);
CREATE INDEX t_index ON t (other);
INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');";

/// From here on the index says that it holds code, and holds other.
const DAMAGE: &str = "\
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE INDEX t_index ON t (code)' WHERE name = 't_index';
PRAGMA writable_schema = RESET;";

/// An order that only the application knows.
const OWN: &str = "\
CREATE TABLE own (id INTEGER PRIMARY KEY, code TEXT COLLATE own_order);
CREATE INDEX own_index ON own (code); INSERT INTO own VALUES (1, 'b'), (2, 'a'), (3, 'c');";

#[test]
fn damage_of_an_index_is_seen_by_the_full_check_alone() {
    let folder = tempfile::tempdir().unwrap();
    let own = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
               code = { type = \"text\" }\n";
    let text = format!("{own}other = {{ type = \"text\" }}\n");
    let files = [("t".to_owned(), text), ("own".to_owned(), own.to_owned())];
    let schema = schema(folder.path(), &files);
    let file = folder.path().join("app.db");
    let connection = Connection::open(&file).unwrap();
    connection.create_collation("own_order", |a: &str, b: &str| b.cmp(a)).unwrap();
    connection.execute_batch(TABLE).unwrap();
    connection.execute_batch(OWN).unwrap();
    drop(connection);
    let run_check = |words: &[&str]| run_preflight(folder.path(), &schema, &file, words);

    let (report, ended) = run_check(&["--integrity", "full"]);
    ended.expect(0, &["passed the full check"]);
    assert_eq!(report["databases"][0]["integrity"], "full");
    // The stand-in for the application's order must not make damage of what is none.
    let found = report["findings"].as_array().unwrap();
    assert!(found.iter().any(|f| f["id"] == "F14" && f["table"] == "own"), "{found:?}");

    Connection::open(&file).unwrap().execute_batch(DAMAGE).unwrap();
    for words in [&[][..], &["--integrity", "quick"]] {
        let (report, ended) = run_check(words);
        ended.expect(0, &["passed the quick check"]);
        assert_eq!(report["databases"][0]["integrity"], "quick");
    }
    let (report, ended) = run_check(&["--integrity", "full"]);
    ended.expect(3, &["error: F10", "damaged: row 1 missing from index t_index", "REINDEX"]);
    let found = report["findings"].as_array().unwrap();
    assert!(found.iter().any(|f| f["id"] == "F10"), "{found:?}");
}

/// Puts rows before the others whose values violate the declaration of two columns.
fn violations(rows: u32) -> String {
    format!(
        "WITH n (i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < {rows} + 3) \
         INSERT INTO t SELECT -i, i, i FROM n; PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT, \
         other TEXT)' WHERE name = 't'; PRAGMA writable_schema = RESET;"
    )
}

/// What SQLite says of values is no damage, and must not take the place of the check of indexes:
/// neither one line of it, nor as many before the first damaged row as SQLite gives.
#[test]
fn values_that_violate_a_declaration_hide_no_damage() {
    for rows in [1, 150] {
        let folder = tempfile::tempdir().unwrap();
        let own = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
                   code = { type = \"text\", null = true }\n";
        let text = format!("{own}other = {{ type = \"text\" }}\n");
        let schema = schema(folder.path(), &[("t".to_owned(), text)]);
        let file = folder.path().join("app.db");
        let connection = Connection::open(&file).unwrap();
        let table = TABLE.replace(" TEXT", "");
        connection.execute_batch(&table).unwrap();
        connection.execute_batch(&violations(rows)).unwrap();
        drop(connection);
        let run_check = || run_preflight(folder.path(), &schema, &file, &["--integrity", "full"]);
        run_check().1.expect(0, &["passed the full check"]);
        Connection::open(&file).unwrap().execute_batch(DAMAGE).unwrap();
        run_check().1.expect(3, &["error: F10", "missing from index t_index"]);
    }
}

/// Where a table is checked alone, because another one needs the application, SQLite's limit cannot
/// be raised: a note says that the check ended early.
#[test]
fn a_check_that_ends_early_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let own = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
               code = { type = \"text\" }\n";
    let text = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
                code = { type = \"text\", null = true }\nother = { type = \"text\" }\n";
    let files = [("t".to_owned(), text.to_owned()), ("own".to_owned(), own.to_owned())];
    let schema = schema(folder.path(), &files);
    let file = folder.path().join("app.db");
    let connection = Connection::open(&file).unwrap();
    connection.create_collation("own_order", |a: &str, b: &str| b.cmp(a)).unwrap();
    connection.execute_batch(&TABLE.replace(" TEXT", "")).unwrap();
    connection.execute_batch(OWN).unwrap();
    connection.execute_batch(&violations(150)).unwrap();
    drop(connection);
    let notes = |words: &[&str]| -> Vec<String> {
        let (report, ended) = run_preflight(folder.path(), &schema, &file, words);
        ended.expect(0, &[]);
        let found = report["findings"].as_array().unwrap();
        let of_table = found.iter().filter(|one| one["id"] == "F14" && one["table"] == "t");
        of_table.map(|one| one["what"].as_str().unwrap().to_owned()).collect()
    };
    let why = "SQLite reports at most 100 problems of a table, and none of those is damage";
    let indexes = format!("its indexes were not checked completely: {why}");
    assert_eq!(notes(&["--integrity", "full"]), [indexes.as_str()]);

    let connection = Connection::open(&file).unwrap();
    let function = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = \
                    replace(sql, 'own_order)', 'own_order, made AS (own_made(code)) NOT NULL)') \
                    WHERE name = 'own'; PRAGMA writable_schema = RESET;";
    connection.execute_batch(function).unwrap();
    let table = format!("the table was not checked completely: {why}");
    assert_eq!(notes(&["--integrity", "full"]), [table, indexes]);
}

/// A full-text index that lags behind its table is no damage, and must not take the place of the
/// check of other indexes either.
#[test]
fn a_full_text_index_that_lags_hides_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let text = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
                code = { type = \"text\" }\nother = { type = \"text\" }\n";
    let schema = schema(folder.path(), &[("t".to_owned(), text.to_owned())]);
    let file = folder.path().join("app.db");
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch(TABLE).unwrap();
    let lagging = "CREATE VIRTUAL TABLE words USING fts5 (word); \
                   INSERT INTO words VALUES ('one'), ('two'); \
                   DELETE FROM words_content WHERE id = 1";
    connection.execute_batch(lagging).unwrap();
    drop(connection);
    let run_check = || run_preflight(folder.path(), &schema, &file, &["--integrity", "full"]);
    let (report, ended) = run_check();
    ended.expect(0, &["passed the full check"]);
    let found = report["findings"].as_array().unwrap();
    let is_about_it = |finding: &&serde_json::Value| {
        finding["id"] == "F14" && finding["what"].as_str().unwrap().contains("full-text index")
    };
    assert_eq!(found.iter().filter(is_about_it).count(), 1, "{found:?}");
    Connection::open(&file).unwrap().execute_batch(DAMAGE).unwrap();
    run_check().1.expect(3, &["error: F10", "damaged: row 1 missing from index t_index"]);
}

/// An index of vectors, as a library makes it that is not here: it fills the index by a function of
/// its own, or keeps nothing in it.
#[test]
fn an_index_that_only_another_library_fills_is_no_damage() {
    use std::io::{Seek, SeekFrom, Write};
    let folder = tempfile::tempdir().unwrap();
    let text = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
                place = { type = \"bytea\", null = true }\n";
    let schema = schema(folder.path(), &[("notes".to_owned(), text.to_owned())]);
    let file = folder.path().join("app.db");
    let connection = Connection::open(&file).unwrap();
    let table = "CREATE TABLE notes (id INTEGER PRIMARY KEY, place F32_BLOB(2));
        CREATE INDEX notes_near ON notes (hex(place));
        INSERT INTO notes VALUES (1, x'0000803f00000040'), (2, x'0000003f00000041');";
    connection.execute_batch(table).unwrap();
    let root = "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema \
                WHERE name = 'notes_near'";
    let places = connection.query_row(root, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let (page, size): (i64, u16) = places.unwrap();
    let change = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = \
                  'CREATE INDEX notes_near ON notes (library_vector_idx(place, ''metric''))' \
                  WHERE name = 'notes_near'";
    connection.execute_batch(change).unwrap();
    drop(connection);
    for is_empty in [false, true] {
        if is_empty {
            let mut bytes = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
            bytes.seek(SeekFrom::Start((page - 1).unsigned_abs() * u64::from(size))).unwrap();
            let [high, low] = size.to_be_bytes();
            bytes.write_all(&[10, 0, 0, 0, 0, high, low, 0]).unwrap();
        }
        for words in [&["--integrity", "quick"][..], &["--integrity", "full"]] {
            let (report, ended) = run_preflight(folder.path(), &schema, &file, words);
            ended.expect(0, &["passed the"]);
            let found = report["findings"].as_array().unwrap();
            let is_reported = |finding: &&serde_json::Value| {
                finding["id"] == "F14" && finding["table"] == "notes"
            };
            assert!(!is_empty || found.iter().any(|f| is_reported(&f)), "{found:?}");
        }
    }
}
