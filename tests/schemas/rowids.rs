//! SQLite's own number of a row, in tables without a column that is it.

use super::{Case, migrate};
use crate::server;

const SOURCE: &str = "
CREATE TABLE note (body TEXT NOT NULL);
INSERT INTO note (rowid, body) VALUES (5, 'five'), (9, 'nine'), (12, 'twelve');
CREATE TABLE tag (note_rowid INTEGER NOT NULL, tag TEXT);
INSERT INTO tag VALUES (5, 'a'), (12, 'b');
CREATE VIRTUAL TABLE note_fts USING fts5(body, content='note');
INSERT INTO note_fts (note_fts) VALUES ('rebuild');
CREATE VIEW tagged AS SELECT n.body, t.tag FROM note n JOIN tag t ON t.note_rowid = n.rowid;
CREATE TABLE apart (body TEXT); INSERT INTO apart VALUES ('x');";

#[test]
fn rowids_that_others_refer_to_are_named_and_can_be_kept() {
    let case = Case::new(SOURCE);
    case.draft();
    let residue = case.read("RESIDUE.md");
    for output in [
        "tag.note_rowid (2 values, all of them rowids), the search table note_fts, view tagged",
        "rowid = { type = \"int8\", source = \"rowid\" }",
        "VACUUM",
    ] {
        assert!(residue.contains(output), "{output}\n{residue}");
    }
    assert!(!residue.contains("apart"), "{residue}");
    let path = std::path::Path::new(&case.out()).join("note.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text =
        text.replace("[columns]\n", "[columns]\nrowid = { type = \"int8\", source = \"rowid\" }\n");
    std::fs::write(&path, format!("primary_key = [\"rowid\"]\n{text}")).unwrap();
    let tags = std::path::Path::new(&case.out()).join("tag.toml");
    let text = std::fs::read_to_string(&tags).unwrap();
    let line = "note_rowid = { type = \"int8\"";
    let text = text.replace(line, &format!("{line}, references = \"note.rowid\""));
    std::fs::write(&tags, text).unwrap();
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let joined = "SELECT string_agg(body || tag, ' ' ORDER BY tag) FROM note \
                  JOIN tag ON note_rowid = note.rowid";
    let found: String =
        server::connect(&database.url).client.query_one(joined, &[]).unwrap().get(0);
    assert_eq!(found, "fivea twelveb");
}

#[test]
fn a_column_of_that_name_in_postgresql_gets_the_rowid() {
    let case = Case::new(SOURCE);
    let database = server::database(server::shared());
    server::execute(
        &database.url,
        "CREATE TABLE note (rowid bigserial PRIMARY KEY, body text NOT NULL);
         CREATE TABLE tag (note_rowid bigint NOT NULL REFERENCES note (rowid), tag text);
         CREATE TABLE apart (body text)",
    );
    let (file, out) = (case.file(), case.out());
    let ran =
        migrate(&["schema", "draft", "--source", &file, "--target", &database.url, "--out", &out]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(!case.read("note.toml").contains("source = false"), "{}", case.read("note.toml"));
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let mut client = server::connect(&database.url).client;
    let rows = "SELECT string_agg(rowid::text, ' ' ORDER BY rowid) FROM note";
    let found: String = client.query_one(rows, &[]).unwrap().get(0);
    assert_eq!(found, "5 9 12");
    let next = "INSERT INTO note (body) VALUES ('new') RETURNING rowid";
    assert_eq!(client.query_one(next, &[]).unwrap().get::<_, i64>(0), 13);
}

#[test]
fn a_rowid_is_a_whole_number_of_a_table_that_has_one() {
    let case =
        Case::new("CREATE TABLE a (k TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TABLE b (k TEXT);");
    case.draft();
    for (table, ty) in [("a", "int8"), ("b", "text")] {
        let path = std::path::Path::new(&case.out()).join(format!("{table}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let line = format!("[columns]\nn = {{ type = \"{ty}\", source = \"rowid\" }}\n");
        std::fs::write(&path, text.replace("[columns]\n", &line)).unwrap();
    }
    let database = server::database(server::shared());
    let refused = case.copy(&database.url);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    for output in [
        "table a, column rowid: missing",
        "table b, column rowid: the rowid, which is an integer, not text",
    ] {
        assert!(refused.err.contains(output), "{}", refused.err);
    }
}
