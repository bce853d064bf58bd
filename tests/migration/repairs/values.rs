//! Repairs of values.

use super::Shop;
use crate::hint_log;

/// A column, its values in rows 1, 2, …, and what a word makes of them.
struct Case {
    /// The repair, behind `shop.t.c=`.
    word: &'static str,
    /// The column's line in the schema file.
    line: &'static str,
    /// What SQLite declares.
    declared: &'static str,
    /// The values as SQL.
    values: &'static [&'static str],
    /// The finding without the repair, and in how many rows.
    finding: (&'static str, u64),
    /// What PostgreSQL holds then, as text.
    held: &'static str,
    /// The rows that are touched.
    touched: &'static [u32],
    /// Another value for row 1 that verification must find.
    wrong: &'static str,
}

const CASES: &[Case] = &[
    Case {
        word: "strip-nul",
        line: "type = 'text'",
        declared: "TEXT",
        values: &["CAST(x'610062' AS TEXT)", "'ab'", "CAST(x'00' AS TEXT)"],
        finding: ("T1", 2),
        held: "ab|ab|",
        touched: &[1, 3],
        wrong: "'a'",
    },
    Case {
        word: "replace-nul",
        line: "type = 'varchar(3)'",
        declared: "TEXT",
        values: &["CAST(x'610062' AS TEXT)", "'ab'"],
        finding: ("T1", 1),
        held: "a\u{fffd}b|ab",
        touched: &[1],
        wrong: "'ab'",
    },
    Case {
        word: "replace-nul:-",
        line: "type = 'text'",
        declared: "TEXT",
        values: &["CAST(x'610062' AS TEXT)", "'-'"],
        finding: ("T1", 1),
        held: "a-b|-",
        touched: &[1],
        wrong: "'a b'",
    },
    Case {
        word: "strip-nul",
        line: "type = 'jsonb'",
        declared: "TEXT",
        values: &[r#"'["a\u0000b"]'"#, r#"'["\\u0000"]'"#],
        finding: ("J2", 1),
        held: r#"["ab"]|["\\u0000"]"#,
        touched: &[1],
        wrong: r#"'["a"]'"#,
    },
    Case {
        word: "decode:latin-1",
        line: "type = 'text'",
        declared: "TEXT",
        values: &["CAST(x'e96c616e80' AS TEXT)", "'é'"],
        finding: ("T2", 1),
        held: "élan\u{80}|é",
        touched: &[1],
        wrong: "'élan€'",
    },
    Case {
        word: "decode:cp1252",
        line: "type = 'text'",
        declared: "TEXT",
        values: &["CAST(x'e96c616e80' AS TEXT)", "'€'"],
        finding: ("T2", 1),
        held: "élan€|€",
        touched: &[1],
        wrong: "'élan'",
    },
    Case {
        word: "decode:utf-8",
        line: "type = 'text'",
        declared: "TEXT",
        values: &["x'c3a9'", "'é'"],
        finding: ("T5", 1),
        held: "é|é",
        touched: &[1],
        wrong: "'e'",
    },
    Case {
        word: "replace-invalid",
        line: "type = 'text'",
        declared: "TEXT",
        values: &["CAST(x'61ffe282' AS TEXT)", "'a'"],
        finding: ("T2", 1),
        held: "a\u{fffd}\u{fffd}|a",
        touched: &[1],
        wrong: "'a'",
    },
    Case {
        word: "replace-invalid",
        line: "type = 'jsonb'",
        declared: "TEXT",
        values: &[r#"'["\ud83d"]'"#, r#"'["\ud83d\ude00"]'"#],
        finding: ("J3", 1),
        held: "[\"\u{fffd}\"]|[\"\u{1f600}\"]",
        touched: &[1],
        wrong: "'[]'",
    },
    Case {
        word: "empty-as-null",
        line: "type = 'timestamp', null = true",
        declared: "DATETIME",
        values: &["''", "'2024-01-02 03:04:05'", "'  '", "NULL"],
        finding: ("T9", 2),
        held: "NULL|2024-01-02 03:04:05|NULL|NULL",
        touched: &[1, 3],
        wrong: "'epoch'",
    },
    Case {
        word: "empty-as-null",
        line: "type = 'uuid', null = true",
        declared: "TEXT",
        values: &["''", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
        finding: ("J6", 1),
        held: "NULL|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        touched: &[1],
        wrong: "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    },
    Case {
        word: "invalid-as-null",
        line: "type = 'timestamptz', null = true",
        declared: "DATETIME",
        values: &[
            "'0000-00-00 00:00:00Z'",
            "'2024-02-29 00:00:00Z'",
            "'2023-02-29 00:00:00Z'",
            "'2024-01-01 25:00:00Z'",
            "'0001-01-01 00:00:00Z'",
        ],
        finding: ("D9", 1),
        held: "NULL|2024-02-29 00:00:00+00|NULL|NULL|NULL",
        touched: &[1, 3, 4, 5],
        wrong: "'epoch'",
    },
    Case {
        word: "invalid-as-null",
        line: "type = 'numeric', null = true",
        declared: "REAL",
        values: &["9e999", "1.5"],
        finding: ("S9", 1),
        held: "NULL|1.5",
        touched: &[1],
        wrong: "0",
    },
    Case {
        word: "nonzero-true",
        line: "type = 'bool'",
        declared: "INTEGER",
        values: &["2", "0", "1", "-1", "0.5"],
        finding: ("B3", 3),
        held: "true|false|true|true|true",
        touched: &[1, 4, 5],
        wrong: "false",
    },
    Case {
        word: "round",
        line: "type = 'numeric(6,2)'",
        declared: "NUMERIC",
        values: &["1.005", "1.5", "-2.675", "'9.995'", "99.994"],
        finding: ("S7", 4),
        held: "1.01|1.50|-2.68|10.00|99.99",
        touched: &[1, 3, 4, 5],
        wrong: "1.00",
    },
    Case {
        word: "round",
        line: "type = 'int4'",
        declared: "INTEGER",
        values: &["2.5", "3", "-2.5", "0.49999999999999994"],
        finding: ("S3", 3),
        held: "3|3|-3|0",
        touched: &[1, 3, 4],
        wrong: "2",
    },
    Case {
        word: "round",
        line: "type = 'float4'",
        declared: "REAL",
        values: &["16777217.0", "0.1"],
        finding: ("S11", 1),
        held: "1.6777216e+07|0.1",
        touched: &[1],
        wrong: "16777218",
    },
    Case {
        word: "epoch-unit:ms",
        line: "type = 'timestamptz'",
        declared: "DATETIME",
        values: &["1700000000123", "'2024-01-02 03:04:05Z'", "-1"],
        finding: ("D6", 2),
        held: "2023-11-14 22:13:20.123+00|2024-01-02 03:04:05+00|1969-12-31 23:59:59.999+00",
        touched: &[1, 3],
        wrong: "'2023-11-14 22:13:20Z'",
    },
    Case {
        word: "epoch-unit:ms",
        line: "type = 'timestamptz', stored = 'unix_s'",
        declared: "INTEGER",
        values: &["1700000000123", "9300000000000"],
        finding: ("D10", 1),
        held: "2023-11-14 22:13:20.123+00|2264-09-14 21:20:00+00",
        touched: &[1, 2],
        wrong: "'2023-11-14 22:13:20Z'",
    },
    Case {
        word: "naive-zone:Europe/Berlin",
        line: "type = 'timestamptz'",
        declared: "DATETIME",
        values: &["'2024-07-01 12:00:00'", "'2024-07-01 12:00:00Z'", "'2024-01-01T12:00:00.5'"],
        finding: ("D5", 2),
        held: "2024-07-01 10:00:00+00|2024-07-01 12:00:00+00|2024-01-01 11:00:00.5+00",
        touched: &[1, 3],
        wrong: "'2024-07-01 12:00:00Z'",
    },
    Case {
        word: "truncate",
        line: "type = 'varchar(3)'",
        declared: "TEXT",
        values: &["'äöüß'", "'äöü'", "'abc  '"],
        finding: ("T7", 2),
        held: "äöü|äöü|abc",
        touched: &[1, 3],
        wrong: "'äö'",
    },
    Case {
        word: "widen",
        line: "type = 'varchar(3)'",
        declared: "TEXT",
        values: &["'äöüß'", "'äöü'"],
        finding: ("T7", 1),
        held: "äöüß|äöü",
        touched: &[1],
        wrong: "'äöü'",
    },
];

fn check(case: &Case) {
    let table = format!(
        "primary_key = ['id']\n[columns]\nid = {{ type = 'int8' }}\nc = {{ {} }}\n",
        case.line
    );
    let mut sql = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, c {});", case.declared);
    for (row, value) in case.values.iter().enumerate() {
        sql.push_str(&format!("INSERT INTO t VALUES ({}, {value});", row + 1));
    }
    let shop = Shop::new(&[("t", &table)], &sql);
    let (word, line) = (case.word, case.line);
    let flag = format!("--repair=shop.t.c={word}");

    let alone = shop.copy(&["--dry-run"]);
    alone.fails(1, &[]);
    let (id, count) = case.finding;
    let found = (id.to_owned(), "c".to_owned(), count);
    assert!(shop.errors().contains(&found), "{word} {line}: {:?}", shop.errors());

    let dry = shop.copy(&["--dry-run", &flag]);
    assert_eq!(dry.code, Some(0), "{word} {line}: {dry:?}");
    hint_log::note_hint_followed(&format!("{id} shop.t.c: "), &flag.replacen('=', " ", 1));
    let report = shop.report();
    let note = report["findings"].as_array().unwrap().iter().find(|note| note["id"] == "R1");
    let note = note.unwrap_or_else(|| panic!("{word} {line}: no note"));
    assert_eq!(note["severity"], "note");
    assert_eq!(note["count"], case.touched.len());

    let wrong = format!("sql Verify 1 UPDATE t SET c = {} WHERE id = 1", case.wrong);
    let bitten = shop.copy_hooked(&wrong, &[&flag]);
    bitten.fails(6, &["shop.t: column c differs", "id 1"]);

    let done = shop.copy(&[&flag]);
    assert_eq!(done.code, Some(0), "{word} {line}: {done:?}");
    let held = "SET TimeZone TO UTC";
    let mut client = crate::server::connect(&shop.database.url).client;
    client.batch_execute(held).unwrap();
    let held = "SELECT string_agg(coalesce(c::text, 'NULL'), '|' ORDER BY id) FROM t";
    let held: String = client.query_one(held, &[]).unwrap().get(0);
    assert_eq!(held, case.held, "{word} {line}");
    let keys: Vec<String> = case.touched.iter().map(|row| format!("rowid {row}")).collect();
    let listed = vec![(format!("shop.t.c={word}"), keys.len() as u64, keys)];
    let listed: Vec<_> = listed
        .into_iter()
        .map(|(label, rows, keys)| (label.replace("replace-nul:-", "replace-nul"), rows, keys))
        .collect();
    assert_eq!(shop.repairs(), listed, "{word} {line}");

    let verified = shop.copy(&["--verify", &flag]);
    assert_eq!(verified.code, Some(0), "{word} {line}: {verified:?}");
    let without = shop.copy(&["--verify"]);
    assert_eq!(without.code, Some(6), "{word} {line}: {without:?}");
}

#[test]
fn each_repair_changes_its_finding_and_nothing_else() {
    CASES.iter().for_each(check);
}
