//! Repairs of rows: orphans, duplicates, quarantine and its file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::Shop;

const USERS: &str = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                     name = { type = 'text' }\n";
const APPS: &str = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                    owner = { type = 'int8', null = true, references = 'users.id' }\n\
                    raw = { type = 'bytea', null = true }\n";
const TAGS: &str = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                    app = { type = 'int4', references = 'apps.id' }\n\
                    title = { type = 'text', null = true }\n";

/// Apps 2 and 3 have owners that do not exist, tags 2 and 3 belong to them.
fn shop() -> Shop {
    Shop::new(
        &[("users", USERS), ("apps", APPS), ("tags", TAGS)],
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE apps (id INTEGER PRIMARY KEY, owner INTEGER, raw BLOB, more);
         CREATE TABLE tags (id INTEGER PRIMARY KEY, app INTEGER, title TEXT);
         INSERT INTO users VALUES (1, 'a');
         INSERT INTO apps VALUES (1, 1, x'00', NULL), (2, 7, x'00ff', -0.0), (3, 0, NULL, 9e999),
             (4, NULL, NULL, NULL);
         INSERT INTO tags VALUES (1, 1, 'x'), (2, 2, CAST(x'61ff00' AS TEXT)), (3, 3, 'z');",
    )
}

/// Without the column `more`, which no schema file describes.
fn plain() -> Shop {
    let shop = shop();
    shop.sqlite("ALTER TABLE apps DROP COLUMN more");
    shop
}

const ROWS: &str = "SELECT (SELECT string_agg(id || ':' || coalesce(owner::text, '-'), ' ' \
                    ORDER BY id) FROM apps) || ', ' || (SELECT string_agg(id::text, ' ' \
                    ORDER BY id) FROM tags)";

#[test]
fn orphan_is_set_to_null() {
    let shop = plain();
    shop.copy(&["--dry-run"]).fails(1, &["K1 shop.apps.owner", "K1b shop.apps.owner"]);
    let words = ["--repair=shop.apps.owner=orphan-null", "--repair=shop.tags.title=decode:latin-1"];
    // The NUL in the title stays an error.
    shop.copy(&words).fails(1, &["T1 shop.tags.title"]);
    let words = [&words[..], &["--repair=shop.tags.title=strip-nul"]].concat();
    let wrong = "sql Verify 1 UPDATE apps SET owner = 1 WHERE id = 3";
    shop.copy_hooked(wrong, &words).fails(6, &["shop.apps: column owner differs"]);
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.text(ROWS), "1:1 2:- 3:- 4:-, 1 2 3");
    assert_eq!(shop.text("SELECT title FROM tags WHERE id = 2"), "aÿ");
    let keys = |rows: &[u32]| rows.iter().map(|row| format!("rowid {row}")).collect::<Vec<_>>();
    let repairs = [
        ("shop.tags.title=strip-nul".to_owned(), 1, keys(&[2])),
        ("shop.tags.title=decode:latin-1".to_owned(), 1, keys(&[2])),
        ("shop.apps.owner=orphan-null".to_owned(), 2, keys(&[2, 3])),
    ];
    assert_eq!(shop.repairs(), repairs);
    let verify = [&["--verify"], words.as_slice()].concat();
    assert_eq!(shop.copy(&verify).code, Some(0));
    assert_eq!(shop.copy(&["--verify"]).code, Some(6));
}

#[test]
fn quarantine_follows_references_and_loses_nothing() {
    let shop = plain();
    let file = shop.quarantine_file();
    let apps = "--repair=shop.apps.owner=orphan-quarantine";
    // Their tags are orphans then, and nobody said what to do with those.
    shop.copy(&["--dry-run", apps]).fails(1, &["K1 shop.tags.app", "(in 2 rows)", "T1"]);
    let tags = "--repair=shop.tags.app=orphan-quarantine";
    shop.copy(&[apps, tags]).fails(2, &["--quarantine FILE"]);
    let ran = shop.copy(&["--dry-run", apps, tags]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!shop.path("out.jsonl").exists() && !shop.path("out.jsonl.part").exists());

    let words = [apps, tags, "--quarantine", &file];
    let wrong = "sql Verify 1 INSERT INTO apps VALUES (2, NULL, NULL)";
    shop.copy_hooked(wrong, &words).fails(6, &["SQLite has 2 rows, PostgreSQL has 3"]);
    let rehearsed = shop.copy(&[&words[..], &["--rehearse"]].concat());
    assert!(rehearsed.code == Some(0) && rehearsed.out.contains("Rehearsed: "), "{rehearsed:?}");
    let left: Vec<_> =
        fs::read_dir(shop.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("out.jsonl")), "{left:?}");

    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.text(ROWS), "1:1 4:-, 1");
    let (app, tag) = ("shop.apps.owner=orphan-quarantine", "shop.tags.app=orphan-quarantine");
    let row = |table, row, reason, values| {
        json!({"database": "shop", "table": table, "key": format!("rowid {row}"),
               "reason": reason, "values": values})
    };
    let expected = [
        row("apps", 2, app, json!({"id": 2, "owner": 7, "raw": {"blob": "AP8="}})),
        row("apps", 3, app, json!({"id": 3, "owner": 0, "raw": null})),
        row("tags", 2, tag, json!({"id": 2, "app": 2, "title": {"text": "Yf8A"}})),
        row("tags", 3, tag, json!({"id": 3, "app": 3, "title": "z"})),
    ];
    assert_eq!(shop.quarantine(), expected);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let report = shop.report();
    let tables = report["databases"][0]["tables"].as_array().unwrap();
    let gone = |name: &str| {
        let table = tables.iter().find(|table| table["name"] == name).unwrap();
        (table["rows"].as_u64().unwrap(), table["quarantined"].as_u64().unwrap())
    };
    assert_eq!((gone("users"), gone("apps"), gone("tags")), ((1, 0), (2, 2), (1, 2)));
    assert_eq!(shop.copy(&["--verify", apps, tags]).code, Some(0));
    assert_eq!(shop.copy(&["--verify", apps]).code, Some(6));
    // One bit of it is as good as a row.
    let summed = |name: &str| {
        connect_migrate::verify::repair::sum_quarantine_file(&shop.path(name)).unwrap()["shop"]
    };
    let (rows, sum) = summed("out.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    for (what, other) in [("\"AP8=\"", "\"AP4=\""), ("\"owner\":7", "\"owner\":7.0")] {
        assert!(text.contains(what), "{text}");
        fs::write(shop.path("other.jsonl"), text.replace(what, other)).unwrap();
        assert_ne!(summed("other.jsonl"), (rows, sum), "{what}");
    }
    // A second time there is nothing to do, and the file stays.
    let again = shop.copy(&words);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("Already migrated"), "{again:?}");
    assert_eq!(shop.quarantine(), expected);
}

/// What is in SQLite and in no description goes into the file as well.
#[test]
fn quarantine_has_every_column_exactly() {
    let shop = shop();
    let described = APPS.to_owned();
    let ignored = shop.copy(&["--dry-run"]);
    assert_ne!(ignored.code, Some(0), "{described}");
    let shop = Shop::new(
        &[(
            "t",
            "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                 b = { type = 'bool' }\nr = { type = 'float8', null = true }\n\
                 k = { type = 'bytea', null = true }\n",
        )],
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b, r, k);
         INSERT INTO t VALUES (1, 1, 0.1, NULL), (2, 'no bool', -9e999, x'00'),
             (3, 5.0, -0.0, 'a' || char(0)), (4, 0, 1e300, NULL),
             (5, 9223372036854775807, 0.30000000000000004, NULL);",
    );
    let file = shop.quarantine_file();
    let ran = shop.copy(&["--repair=shop.t=quarantine", "--quarantine", &file]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let values: Vec<_> = shop.quarantine().iter().map(|line| line["values"].to_string()).collect();
    let expected = [
        r#"{"id":2,"b":"no bool","r":{"real":"-inf"},"k":{"blob":"AA=="}}"#,
        r#"{"id":3,"b":5.0,"r":-0.0,"k":"a\u0000"}"#,
        r#"{"id":5,"b":9223372036854775807,"r":0.30000000000000004,"k":null}"#,
    ];
    assert_eq!(values, expected);
    assert_eq!(shop.text("SELECT string_agg(id::text, ' ' ORDER BY id) FROM t"), "1 4");
}

#[test]
fn orphans_stay_under_a_key_that_is_not_validated() {
    let shop = plain();
    shop.sqlite("UPDATE tags SET title = ''");
    let word = "--repair=shop.apps.owner=orphan-not-valid";
    let ran = shop.copy(&[word]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.text(ROWS), "1:1 2:7 3:0 4:-, 1 2 3");
    let valid = "SELECT string_agg(conname || ' ' || convalidated::text, ', ' ORDER BY conname) \
                 FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(shop.text(valid), "apps_owner_fkey false, tags_app_fkey true");
    let keys = vec!["rowid 2".to_owned(), "rowid 3".to_owned()];
    assert_eq!(shop.repairs(), [("shop.apps.owner=orphan-not-valid".to_owned(), 2, keys)]);
    assert_eq!(shop.copy(&["--verify", word]).code, Some(0));
}

/// Words that no finding asks for: without them the values are taken as they are.
#[test]
fn repairs_without_a_finding_are_applied() {
    let shop = Shop::new(
        &[(
            "t",
            "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                 n = { type = 'int4', null = true }\nat = { type = 'timestamp' }\n\
                 day = { type = 'timestamptz', stored = 'unix_s', null = true }\n",
        )],
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n, at, day INT);
         INSERT INTO t VALUES (1, 0, '2024-01-02 03:04:05 +0200 EET', 0),
             (2, '0', '2024-01-02T03:04:05Z', 86400), (3, 1, '2024-01-02 03:04', NULL);",
    );
    assert_eq!(shop.copy(&["--dry-run"]).code, Some(0));
    let words = [
        "--repair=t.n=zero-as-null",
        "--repair=t.at=keep-wall-clock",
        "--repair=t.day=zero-as-null",
    ];
    let wrong = "sql Verify 1 UPDATE t SET at = '2024-01-02 01:04:05' WHERE id = 1";
    shop.copy_hooked(wrong, &words).fails(6, &["column at differs"]);
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let held = "SELECT string_agg(concat_ws(' ', coalesce(n::text, '-'), at, \
                coalesce(extract(epoch FROM day)::int8::text, '-')), '|' ORDER BY id) FROM t";
    let expected = "- 2024-01-02 03:04:05 -|- 2024-01-02 03:04:05 86400|1 2024-01-02 03:04:00 -";
    assert_eq!(shop.text(held), expected);
    let counts: Vec<_> = shop.repairs().into_iter().map(|(_, rows, _)| rows).collect();
    assert_eq!(counts, [2, 1, 1]);
}

const PEOPLE: &str = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                      mail = { type = 'citext', unique = true }\n\
                      code = { type = 'numeric', null = true, unique = true }\n";

#[test]
fn first_of_equal_keys_is_kept() {
    let shop = Shop::new(
        &[("people", &PEOPLE.replace("citext", "uuid"))],
        "CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT, code);
         INSERT INTO people VALUES
             (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 1.5),
             (2, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 2),
             (3, 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '1.50'),
             (4, 'c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 2),
             (5, 'c0eebc999c0b4ef8bb6d6bb9bd380a11', NULL),
             (6, 'd0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', NULL);",
    );
    shop.copy(&["--dry-run"]).fails(1, &["S16 shop.people.mail", "=duplicate-quarantine"]);
    let file = shop.quarantine_file();
    let ran = shop.copy(&["--repair=people=duplicate-quarantine", "--quarantine", &file]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // 2 is twice by its mail, so its code 2 is free for 4.
    assert_eq!(shop.text("SELECT string_agg(id::text, ' ' ORDER BY id) FROM people"), "1 4 6");
    let keys: Vec<_> = shop.quarantine().iter().map(|line| line["key"].clone()).collect();
    assert_eq!(keys, ["rowid 2", "rowid 3", "rowid 5"]);
    let verified = shop.copy(&["--verify", "--repair=people=duplicate-quarantine"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

/// A table without rowids, and a parent that goes because of its own value.
#[test]
fn rows_are_named_by_their_keys_where_there_is_no_rowid() {
    let shop = Shop::new(
        &[
            (
                "a",
                "primary_key = ['x', 'y']\n[columns]\nx = { type = 'text' }\n\
                   y = { type = 'int4' }\nflag = { type = 'bool' }\n",
            ),
            (
                "b",
                "[columns]\nx = { type = 'text', null = true }\n\
                   y = { type = 'int4', null = true }\n\
                   [[foreign_key]]\ncolumns = ['x', 'y']\nreferences = 'a'\n",
            ),
        ],
        "CREATE TABLE a (x TEXT, y INT, flag INT, PRIMARY KEY (x, y)) WITHOUT ROWID;
         CREATE TABLE b (x TEXT, y INT);
         INSERT INTO a VALUES ('p', 1, 1), ('p', 2, 9), ('q', 1, 0);
         INSERT INTO b VALUES ('p', 1), ('p', 2), ('q', 1), ('p', NULL), ('r', 1);",
    );
    let file = shop.quarantine_file();
    let words = ["--repair=a=quarantine", "--repair=b.y=orphan-null", "--quarantine", &file];
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let b = "SELECT string_agg(x || coalesce(y::text, '-'), ' ' ORDER BY x, y) FROM b";
    assert_eq!(shop.text(b), "p1 p- p- q1 r-");
    let line = &shop.quarantine()[0];
    assert_eq!(line["key"], "(x, y) = (text of 1 byte, 2)");
    assert_eq!(line["values"], json!({"x": "p", "y": 2, "flag": 9}));
}

/// At every instant: a committed run has its complete file, another leaves at most a .part.
#[test]
fn kill_at_any_event_leaves_the_file_and_the_rows_together() {
    for event in ["Create 1", "Copy 2", "Verify 1", "BeforeCommit 1", "AfterCommit 1"] {
        let shop = plain();
        let file = shop.quarantine_file();
        let words = [
            "--repair=shop.apps.owner=orphan-quarantine",
            "--repair=shop.tags.app=orphan-quarantine",
            "--quarantine",
            &file,
        ];
        let killed = shop.copy_hooked(&format!("kill {event}"), &words);
        assert_eq!(killed.code, None, "{event}: {killed:?}");
        let there = shop.text("SELECT coalesce(to_regclass('apps')::text, 'none')") == "apps";
        assert_eq!(there, event == "AfterCommit 1", "{event}");
        assert!(!shop.path("out.jsonl").exists(), "{event}");
        if there {
            let part = fs::read_to_string(shop.path("out.jsonl.part")).unwrap();
            assert_eq!(part.lines().count(), 4, "{part}");
        }
        let again = shop.copy(&words);
        assert_eq!(again.code, Some(0), "{event}: {again:?}");
        assert_eq!(shop.text(ROWS), "1:1 4:-, 1", "{event}");
        assert_eq!(shop.quarantine().len(), 4, "{event}");
        assert!(!shop.path("out.jsonl.part").exists(), "{event}");
    }
}

/// SQLite computes from what was there before the repair, PostgreSQL from what it was given.
#[test]
fn computed_columns_follow_the_repaired_values() {
    let table = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
        name = { type = 'varchar(3)' }\n\
        twice = { type = 'text', null = true, generated = 'name || name' }\n";
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, \
        twice TEXT AS (name || name) STORED);\
        INSERT INTO t VALUES (1, 'abc'), (2, 'abcd');";
    let shop = Shop::new(&[("t", table)], sql);
    let ran = shop.copy(&["--repair", "shop.t.name=truncate"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(shop.text("SELECT string_agg(twice, '|' ORDER BY id) FROM t"), "abcabc|abcabc");
}
