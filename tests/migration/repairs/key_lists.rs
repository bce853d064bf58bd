//! `--keys`: the keys of all rows that repairs touch and that findings are about.

use std::fs;

use serde_json::Value;

use super::Shop;

/// The lines of the list.
fn listed(shop: &Shop) -> Vec<Value> {
    let text = fs::read_to_string(shop.path("keys.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// More keys than the report takes.
#[test]
fn all_keys_are_listed_however_many_there_are() {
    let shop = Shop::new(
        &[(
            "t",
            "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\nb = { type = 'bool' }\n",
        )],
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1203)
         INSERT INTO t SELECT i, 2 FROM n;",
    );
    let keys = shop.path("keys.jsonl").display().to_string();
    let line = |row: u64, name: &str, why: &str| {
        serde_json::json!({
            "key": format!("rowid {row}"), "database": "shop", "table": "t", "column": "b",
            name: why,
        })
    };
    let words = ["--dry-run", "--repair=t.b=nonzero-true"];
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (label, rows, first) = shop.repairs().remove(0);
    assert_eq!((label.as_str(), rows, first.len()), ("shop.t.b=nonzero-true", 1203, 1000));
    // Nothing is written beside the report, unless it is asked for.
    assert!(!shop.path("report.json.keys.jsonl").exists());
    let ran = shop.copy(&[&words[..], &["--keys", &keys]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains(&format!("\nKeys of affected rows: {keys}\n")), "{ran:?}");
    let repaired = |row| line(row, "repair", "shop.t.b=nonzero-true");
    assert_eq!(listed(&shop), (1..=1203).map(repaired).collect::<Vec<_>>());
    // The same for what is refused.
    shop.copy(&["--dry-run"]).fails(1, &["write the keys of all rows to a file", "--keys"]);
    let ran = shop.copy(&["--dry-run", "--keys", &keys]);
    ran.fails(1, &["1 problem in 1 table: nothing was written.", "(in 1203 rows)"]);
    assert!(!ran.err.contains("write the keys"), "{ran:?}");
    let refused = |row| line(row, "id", "B3");
    assert_eq!(listed(&shop), (1..=1203).map(refused).collect::<Vec<_>>());
}

/// Rows that are found by joining and sorting, more than a finding names, in the order of the
/// tables.
#[test]
fn orphans_and_repeated_keys_are_listed() {
    let child = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                 parent = { type = 'int8', references = 'parents.id' }\n";
    let parent = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                  name = { type = 'text', unique = true }\n";
    let shop = Shop::new(
        &[("children", child), ("parents", parent)],
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER);
         CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
         INSERT INTO parents SELECT i, 'name ' || (i % 12) FROM n;
         INSERT INTO children SELECT id, id * 2 FROM parents;",
    );
    let keys = shop.path("keys.jsonl").display().to_string();
    let ran = shop.copy(&["--dry-run", "--keys", &keys]);
    ran.fails(1, &["2 problems in 2 tables: nothing was written.", "K1 shop.children.parent"]);
    let lines = listed(&shop);
    let of = |id: &str| -> Vec<String> {
        let lines = lines.iter().filter(|line| line["id"] == id);
        lines.map(|line| line["key"].as_str().unwrap().to_owned()).collect()
    };
    let rows = |rows: &mut dyn Iterator<Item = u32>| -> Vec<String> {
        rows.map(|row| format!("rowid {row}")).collect()
    };
    assert_eq!(of("K1"), rows(&mut (11..=20)));
    assert_eq!(of("K11"), rows(&mut (1..=8).chain(13..=20)));
    assert_eq!(lines.len(), 26, "{lines:?}");
}
