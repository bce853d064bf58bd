//! What two digests tell apart: every way in which a table can go wrong.

use super::{never, table};
use connect_migrate::diagnostic::Exit;
use connect_migrate::verify::{Difference, TableDigest, compare_digests, digest_source};
use model::{Stored, Table, Type, nullable, required};
use rusqlite::Connection;

const KEYED: &[&str] = &["id"];

fn things(primary_key: &'static [&'static str]) -> Table {
    table(
        &[
            required("id", Type::Int8),
            nullable("a", Type::Text),
            nullable("b\"", Type::Text).from("b \"\"of\" SQLite"),
            nullable("c", Type::Bytea),
            nullable("d", Type::Int4).generated("1"),
        ],
        primary_key,
    )
}

fn source(rows: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let create = r#"CREATE TABLE "Table ""1""" (id, a, "b """"of"" SQLite", c)"#;
    connection.execute_batch(create).unwrap();
    connection.execute_batch(&format!(r#"INSERT INTO "Table ""1""" VALUES {rows}"#)).unwrap();
    connection
}

fn digest(table: &Table, rows: &str) -> TableDigest {
    digest_source(&source(rows), table, &never).unwrap()
}

fn differences(primary_key: &'static [&'static str], other: &str) -> Vec<Difference> {
    let table = things(primary_key);
    let rows = "(1,'one','eins',x'01'), (2,'two','zwei',NULL), (3,'two',NULL,x''), (4,'','',x'04')";
    compare_digests(&digest(&table, rows), &digest(&table, other))
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let rows = "(4,'','',x'04'), (2,'two','zwei',NULL), (3,'two',NULL,x''), (1,'one','eins',x'01')";
    assert_eq!(differences(KEYED, rows), []);
    assert_eq!(differences(&[], rows), []);
    assert_eq!(differences(&["b\"", "id"], rows), []);
}

#[test]
fn a_changed_value_is_its_column() {
    let rows = "(1,'one','eins',x'01'), (2,'Two','zwei',NULL), (3,'two',NULL,x''), (4,'','',x'04')";
    assert_eq!(differences(KEYED, rows), [Difference::Column("a")]);
    assert_eq!(differences(&[], rows), [Difference::Column("a"), Difference::Rows]);
    let rows = "(1,'one','eins',x'00'), (2,'two','zwei',NULL), (3,'two','',x''), (4,'','',x'04')";
    assert_eq!(differences(KEYED, rows), [Difference::Column("b\""), Difference::Column("c")]);
    let rows =
        "(1,'one','eins',x'01'), (2,'two','zwei',x''), (3,'two',NULL,x'00'), (4,'','',x'04')";
    assert_eq!(differences(KEYED, rows), [Difference::Column("c")]);
}

#[test]
fn swapped_columns_differ() {
    let rows = "(1,'eins','one',x'01'), (2,'zwei','two',NULL), (3,NULL,'two',x''), (4,'','',x'04')";
    assert_eq!(differences(KEYED, rows), [Difference::Column("a"), Difference::Column("b\"")]);
    let both = [Difference::Column("a"), Difference::Column("b\""), Difference::Rows];
    assert_eq!(differences(&[], rows), both);
}

#[test]
fn a_value_moved_between_rows_differs() {
    let rows = "(1,'two','eins',x'01'), (2,'one','zwei',NULL), (3,'two',NULL,x''), (4,'','',x'04')";
    assert_eq!(differences(KEYED, rows), [Difference::Column("a")]);
    assert_eq!(differences(&[], rows), [Difference::Rows]);
    // Two values of the same row, into each other's rows.
    let rows = "(1,'one','zwei',NULL), (2,'two','eins',x'01'), (3,'two',NULL,x''), (4,'','',x'04')";
    assert_eq!(differences(KEYED, rows), [Difference::Column("b\""), Difference::Column("c")]);
    assert_eq!(differences(&[], rows), [Difference::Rows]);
}

#[test]
fn lost_and_doubled_rows_differ() {
    let lost = "(1,'one','eins',x'01'), (2,'two','zwei',NULL), (3,'two',NULL,x'')";
    let doubled = &format!("{lost}, (4,'','',x'04'), (4,'','',x'04')");
    let both =
        "(1,'one','eins',x'01'), (2,'two','zwei',NULL), (3,'two',NULL,x''), (3,'two',NULL,x'')";
    for key in [KEYED, &[]] {
        assert_eq!(differences(key, lost), [Difference::Count { source: 4, target: 3 }]);
        assert_eq!(differences(key, doubled), [Difference::Count { source: 4, target: 5 }]);
    }
    assert_eq!(differences(KEYED, both), [Difference::Keys]);
    let all = ["id", "a", "b\"", "c"].map(Difference::Column);
    assert_eq!(differences(&[], both), [all.as_slice(), &[Difference::Rows]].concat());
    // Nothing but the key differs.
    let other =
        "(1,'one','eins',x'01'), (2,'two','zwei',NULL), (3,'two',NULL,x''), (5,'','',x'04')";
    assert_eq!(differences(KEYED, other), [Difference::Keys]);
}

#[test]
fn composite_keys_do_not_run_together() {
    let columns = ["a", "b", "v"].map(|name| required(name, Type::Text));
    let keyed = table(&columns, &["a", "b"]);
    let digest = |one: &str, other: &str| {
        let connection = Connection::open_in_memory().unwrap();
        let rows = format!(
            r#"CREATE TABLE "Table ""1""" (a, b, v); INSERT INTO "Table ""1""" VALUES
            ('a' || char(1) || 'b', 'c', '{one}'), ('a', 'b' || char(1) || 'c', '{other}')"#
        );
        connection.execute_batch(&rows).unwrap();
        digest_source(&connection, &keyed, &never).unwrap()
    };
    // The values of two rows whose keys are the same bytes one after the other.
    let differences = compare_digests(&digest("x", "y"), &digest("y", "x"));
    assert_eq!(differences, [Difference::Column("v")]);
}

#[test]
fn a_value_that_cannot_be_read_is_named_by_its_key() {
    let table = things(KEYED);
    let rows = "(1,'one','eins',x'01'), (17,'secret' || char(0),'zwei',NULL)";
    let error = digest_source(&source(rows), &table, &never).unwrap_err();
    assert_eq!(error.exit, Exit::Verification);
    assert_eq!(error.faults[0].text, "ta\"ble.a, id 17: a NUL in text");
    let error = digest_source(&source("(1,'','',''), ('x','','','')"), &table, &never);
    assert_eq!(
        error.unwrap_err().faults[0].text,
        "ta\"ble.id, row 2 of the table: not a whole number"
    );
    let error = digest_source(&source("(1,x'00','','')"), &things(&[]), &never).unwrap_err();
    assert_eq!(error.faults[0].text, "ta\"ble.a, row 1 of the table: a blob where text is needed");
}

#[test]
fn keys_that_may_be_private_are_not_shown() {
    let mail = table(&[required("mail", Type::Text), required("n", Type::Int2)], &["mail"]);
    let fault = |key: &str| {
        let connection = Connection::open_in_memory().unwrap();
        let rows = format!(
            r#"CREATE TABLE "Table ""1""" (mail, n);
            INSERT INTO "Table ""1""" VALUES ('{key}', 'x')"#
        );
        connection.execute_batch(&rows).unwrap();
        digest_source(&connection, &mail, &never).unwrap_err().faults[0].text.clone()
    };
    assert_eq!(fault("app-17"), "ta\"ble.n, mail app-17: not a whole number");
    assert!(fault("ann@example.org").starts_with("ta\"ble.n, mail of 15 bytes, hash "));
    assert!(!fault(&"k".repeat(41)).contains("kkk"));
}

#[test]
fn a_stop_is_an_interruption() {
    let error = digest_source(&source("(1,'','','')"), &things(KEYED), &|| true).unwrap_err();
    assert_eq!(error.exit, Exit::Interrupted);
}

#[test]
fn the_encoding_of_the_database_does_not_matter() {
    let utf16 = Connection::open_in_memory().unwrap();
    utf16.execute_batch("PRAGMA encoding = 'UTF-16le'").unwrap();
    let eight = Connection::open_in_memory().unwrap();
    let table = table(&[required("id", Type::Int8), nullable("a", Type::Text)], KEYED);
    let digests = [utf16, eight].map(|connection| {
        let rows = r#"CREATE TABLE "Table ""1""" (id, a);
            INSERT INTO "Table ""1""" VALUES (1, 'äöü'), (2, 1.5), (3, 12)"#;
        connection.execute_batch(rows).unwrap();
        digest_source(&connection, &table, &never).unwrap()
    });
    assert_eq!(digests[0], digests[1]);
    assert_eq!(table.columns[1].stored, Stored::Text);
}
