//! Through a real server: values that SQL itself made on both sides, and planted differences.

use super::equal_literals::{EVERYTHING, Pairs};
use super::{never, table};
use crate::server;
use connect_migrate::diagnostic::Exit;
use connect_migrate::verify::{
    Difference, Located, What, compare_digests, digest_source, digest_target, locate_differences,
};
use model::{Table, Type, nullable, required};
use postgres::Client;
use rusqlite::Connection;

struct TestTables {
    sqlite: Connection,
    client: Client,
    table: Table,
}

const SCHEMA: &str = "sch\"ema";

/// A client of a fresh database.
fn database() -> Client {
    server::connect(&server::database(server::shared()).url).client
}

/// The same rows in source and target; row n has the n-th pair of each column, or NULL when it has
/// fewer.
fn test_tables(pairs: &[Pairs], primary_key: &'static [&'static str]) -> TestTables {
    let mut columns = vec![required("id", Type::Int8).from("ID")];
    columns.extend(pairs.iter().map(|(column, _)| *column));
    let table = table(&columns, primary_key);
    let (sqlite, mut client) = (Connection::open_in_memory().unwrap(), database());
    let names: Vec<_> = columns.iter().map(|c| format!("\"{}\"", c.source)).collect();
    let mut sqlite_sql = format!("CREATE TABLE \"Table \"\"1\"\"\" ({});\n", names.join(", "));
    let typed: Vec<_> = columns.iter().map(|c| format!("\"{}\" {}", c.name, c.ty)).collect();
    let mut postgres_sql = format!(
        "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy');
        SET timezone = 'America/New_York'; CREATE SCHEMA \"sch\"\"ema\";
        CREATE TABLE \"sch\"\"ema\".\"ta\"\"ble\" ({});\n",
        typed.join(", ")
    );
    let rows = pairs.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
    for row in 0..rows {
        let value = |end: fn(&(&'static str, &'static str)) -> &'static str| {
            let values = pairs.iter().map(|(_, values)| values.get(row).map_or("NULL", end));
            [row.to_string()].into_iter().chain(values.map(str::to_owned)).collect::<Vec<_>>()
        };
        let (source, target) = (value(|pair| pair.0).join(", "), value(|pair| pair.1).join(", "));
        sqlite_sql.push_str(&format!("INSERT INTO \"Table \"\"1\"\"\" VALUES ({source});\n"));
        postgres_sql
            .push_str(&format!("INSERT INTO \"sch\"\"ema\".\"ta\"\"ble\" VALUES ({target});\n"));
    }
    sqlite.execute_batch(&sqlite_sql).unwrap();
    client.batch_execute(&postgres_sql).unwrap_or_else(|error| panic!("{error:?}"));
    TestTables { sqlite, client, table }
}

impl TestTables {
    fn differences(&mut self) -> Vec<Difference> {
        let source = digest_source(&self.sqlite, &self.table, &never).unwrap();
        let target = digest_target(&mut self.client, SCHEMA, &self.table, &never).unwrap();
        let differences = compare_digests(&source, &target);
        assert_eq!(source == target, differences.is_empty());
        differences
    }

    fn located(&mut self) -> Vec<Located> {
        locate_differences(&self.sqlite, &mut self.client, SCHEMA, &self.table, &never).unwrap()
    }

    /// Changes the target, says what that makes of it, and takes the change back.
    fn planted(&mut self, sql: &str) -> (Vec<Difference>, Vec<Located>) {
        let sql = sql.replace("TABLE", "\"sch\"\"ema\".\"ta\"\"ble\"");
        self.client.batch_execute("BEGIN").unwrap();
        self.client.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let found = (self.differences(), self.located());
        self.client.batch_execute("ROLLBACK").unwrap();
        found
    }
}

fn columns(key: &str, names: &[&'static str]) -> Located {
    Located { key: key.to_owned(), what: What::Columns(names.to_vec()) }
}

fn count(key: &str, source: u64, target: u64) -> Located {
    Located { key: key.to_owned(), what: What::Count { source, target } }
}

#[test]
fn values_of_every_type_agree() {
    let mut test_tables = test_tables(EVERYTHING, &["id"]);
    let named = test_tables.differences();
    assert_eq!(named, [], "{:?}", test_tables.located());
    assert_eq!(test_tables.located(), []);
    test_tables.table.primary_key = &[];
    assert_eq!(test_tables.differences(), []);
}

/// Each value of each column, made NULL or another value of the column, is found.
#[test]
fn each_changed_value_is_found_in_its_column_and_row() {
    let mut test_tables = test_tables(EVERYTHING, &["id"]);
    for (column, values) in EVERYTHING {
        let name = column.name;
        for (row, (_, value)) in values.iter().enumerate() {
            let other = values.iter().map(|pair| pair.1).find(|other| other != value);
            for new in ["NULL"].into_iter().chain(other) {
                let ty = column.ty;
                let same = format!(
                    "SELECT ({value})::{ty}::text IS NOT DISTINCT FROM ({new})::{ty}::text"
                );
                if test_tables.client.query_one(&same, &[]).unwrap().get(0) {
                    continue;
                }
                let found = test_tables
                    .planted(&format!("UPDATE TABLE SET {name} = {new} WHERE id = {row}"));
                let expected = columns(&format!("id {row}"), &[name]);
                assert_eq!(found, (vec![Difference::Column(name)], vec![expected]), "{name} {new}");
            }
        }
    }
}

/// Changes that are as small as the type allows.
#[test]
fn the_smallest_changes_are_found() {
    let mut test_tables = test_tables(EVERYTHING, &["id"]);
    let version =
        test_tables.client.query_one("SELECT current_setting('server_version_num')::int4", &[]);
    let version: i32 = version.unwrap().get(0);
    // PostgreSQL 13 knows no infinite numeric.
    let largest = if version < 140_000 { "'9e999'" } else { "'Infinity'" };
    for (name, row, new) in [
        ("c_float8", 0, "0.1::float8 + 1e-17 + 2e-17"),
        ("c_float8", 1, "0"),
        ("c_float4", 0, "0.10000001"),
        ("c_numeric", 1, "12345678901234567890.01234567891"),
        ("c_numeric", 0, "-0.1"),
        ("c_numeric", 4, "'NaN'"),
        ("c_numeric", 4, largest),
        ("c_text", 1, "' '"),
        ("c_citext", 0, "'Mixed'"),
        ("c_varchar", 0, "'äöü'"),
        ("c_char", 0, "'aB'"),
        ("c_bytea", 1, "'\\x00'"),
        ("c_bytea", 0, "'\\x00fe'"),
        ("c_json", 0, "'{\"a\":2, \"b\": 1}'"),
        ("c_json", 2, "'[1]'"),
        ("c_jsonb", 1, "'1e401'"),
        ("c_jsonb", 0, r#"'{"a":[100,"ä\n\\"],"b":{"z":0,"aa":null,"c":false}}'"#),
        ("c_timestamptz", 1, "'-infinity'"),
        ("c_timestamptz", 0, "'2024-01-02 03:04:05.123457-05'"),
        ("c_date", 0, "'infinity'"),
        ("c_time", 1, "'00:00'"),
        ("c_interval_s", 0, "'1 day 01:00:00'"),
        ("c_interval_s", 0, "'1 day 25:00:00'"),
        ("c_interval_s", 0, "'1 mon 25:00:00'"),
        ("c_inet", 0, "'10.1.2.3'"),
        ("c_ints", 0, "'{1,NULL,-3,NULL}'"),
        ("c_ints", 0, "'[0:2]={1,NULL,-3}'"),
        ("c_ints", 0, "'{{1,NULL,-3}}'"),
        ("c_ints", 1, "'{NULL}'"),
        ("c_texts", 0, "ARRAY['a',NULL,'','ä,\"']"),
    ] {
        let found =
            test_tables.planted(&format!("UPDATE TABLE SET {name} = {new} WHERE id = {row}"));
        let expected = columns(&format!("id {row}"), &[name]);
        assert_eq!(found, (vec![Difference::Column(name)], vec![expected]), "{name} {new}");
    }
    // What jsonb and numeric write otherwise but hold alike is no difference.
    for (name, row, new) in [
        ("c_jsonb", 0, r#"'{"a":[100.0,"ä\n\\"],"b":{"aa":null,"c":true,"z":0}}'"#),
        ("c_numeric", 0, "0.1000"),
    ] {
        let found =
            test_tables.planted(&format!("UPDATE TABLE SET {name} = {new} WHERE id = {row}"));
        assert_eq!(found, (vec![], vec![]), "{name} {new}");
    }
}

const WORDS: &[(&str, &str)] = &[("'a'", "'a'"), ("'b'", "'b'"), ("'c'", "'c'"), ("'b'", "'b'")];

fn words() -> Vec<Pairs> {
    vec![(nullable("w", Type::Text), WORDS), (nullable("v", Type::Text), &WORDS[1..])]
}

#[test]
fn lost_doubled_and_moved_rows_are_found() {
    let mut test_tables = test_tables(&words(), &["id"]);
    let lost = Difference::Count { source: 4, target: 3 };
    let found = test_tables.planted("DELETE FROM TABLE WHERE id = 2");
    assert_eq!(found, (vec![lost], vec![count("id 2", 1, 0)]));
    let more = Difference::Count { source: 4, target: 5 };
    let found = test_tables.planted("INSERT INTO TABLE VALUES (9, 'a', 'b')");
    assert_eq!(found, (vec![more.clone()], vec![count("id 9", 0, 1)]));
    let found = test_tables.planted("INSERT INTO TABLE SELECT * FROM TABLE WHERE id = 1");
    assert_eq!(found, (vec![more], vec![count("id 1", 1, 2)]));
    let (named, mut located) = test_tables.planted(
        "DELETE FROM TABLE WHERE id = 1; INSERT INTO TABLE SELECT * FROM TABLE WHERE id = 3",
    );
    located.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(named, [Difference::Keys]);
    assert_eq!(located, [count("id 1", 1, 0), count("id 3", 1, 2)]);
    let (named, located) = test_tables.planted("UPDATE TABLE SET w = v, v = w WHERE id < 2");
    assert_eq!(named, [Difference::Column("w"), Difference::Column("v")]);
    assert_eq!(located.len(), 2);
    let (named, located) = test_tables
        .planted("UPDATE TABLE SET w = CASE id WHEN 0 THEN 'b' ELSE 'a' END WHERE id < 2");
    assert_eq!((named, located.len()), (vec![Difference::Column("w")], 2));
}

#[test]
fn a_table_without_a_key_is_a_heap_of_rows() {
    let mut test_tables = test_tables(&words(), &[]);
    let (named, located) = test_tables.planted("UPDATE TABLE SET w = 'B' WHERE id = 1");
    assert_eq!((named, located), (vec![Difference::Column("w"), Difference::Rows], vec![]));
    let moved = "UPDATE TABLE SET w = CASE id WHEN 0 THEN 'b' ELSE 'a' END WHERE id < 2";
    assert_eq!(test_tables.planted(moved), (vec![Difference::Rows], vec![]));
    let lost = Difference::Count { source: 4, target: 3 };
    assert_eq!(test_tables.planted("DELETE FROM TABLE WHERE id = 2"), (vec![lost], vec![]));
}

#[test]
fn no_more_than_five_rows_are_named() {
    let mut test_tables = test_tables(&words(), &["id"]);
    let rows = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i+1 FROM n WHERE i < 3000)
        INSERT INTO \"Table \"\"1\"\"\" SELECT i, i, i FROM n";
    test_tables.sqlite.execute_batch(rows).unwrap();
    let same = "INSERT INTO TABLE SELECT i, i, i FROM generate_series(10, 3000) i;";
    assert_eq!(test_tables.planted(same), (vec![], vec![]));
    let (named, located) =
        test_tables.planted(&format!("{same} UPDATE TABLE SET v = '' WHERE id > 9"));
    assert_eq!((named, located.len()), (vec![Difference::Column("v")], 5));
    let (named, located) = test_tables.planted("SELECT 1");
    assert_eq!((named.len(), located.len()), (1, 5));
}

#[test]
fn a_column_of_another_type_is_refused() {
    let mut test_tables = test_tables(&words(), &["id"]);
    let alter = "ALTER TABLE \"sch\"\"ema\".\"ta\"\"ble\" ALTER id TYPE int4";
    test_tables.client.batch_execute(alter).unwrap();
    let error =
        digest_target(&mut test_tables.client, SCHEMA, &test_tables.table, &never).unwrap_err();
    assert_eq!(error.exit, Exit::Verification);
    assert_eq!(error.faults[0].text, "ta\"ble.id is declared int8 but is int4 in PostgreSQL");
    let error =
        digest_target(&mut test_tables.client, "nowhere", &test_tables.table, &never).unwrap_err();
    assert_eq!(error.exit, Exit::Target);
    let error = digest_target(&mut test_tables.client, SCHEMA, &test_tables.table, &|| true);
    assert_eq!(error.unwrap_err().exit, Exit::Verification);
}

#[test]
fn a_stop_leaves_a_connection_that_works() {
    let mut test_tables = test_tables(&words(), &["id"]);
    let error =
        digest_target(&mut test_tables.client, SCHEMA, &test_tables.table, &|| true).unwrap_err();
    assert_eq!(error.exit, Exit::Interrupted);
    assert_eq!(test_tables.differences(), []);
}
