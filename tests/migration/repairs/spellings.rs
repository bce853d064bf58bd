//! References that are written as the parent writes its key.

use super::Shop;

const KEYS: &str = "primary_key = ['name']\n[columns]\nname = { type = 'text' }\n";
const USES: &str = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                    name = { type = 'varchar(20)', null = true, references = 'keys.name' }\n";

const ROWS: &str = "SELECT string_agg(id || ':' || coalesce(name, '-'), ' ' ORDER BY id) FROM uses";

/// Row 2 has one parent in other letters, row 3 two of them, row 4 none.
fn shop(more: &str) -> Shop {
    let sql = "CREATE TABLE keys (name TEXT PRIMARY KEY);
         CREATE TABLE uses (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE);
         INSERT INTO keys VALUES ('Ada'), ('bob'), ('BOB'), ('{c-d}');
         INSERT INTO uses VALUES (1, 'Ada'), (2, 'aDA'), (5, NULL), (6, 'CD');";
    Shop::new(&[("keys", KEYS), ("uses", USES)], &format!("{sql}{more}"))
}

#[test]
fn a_reference_is_written_as_its_parent() {
    let shop = shop("");
    let flag = "hint: repair it with --repair shop.uses.name=parent-spelling\n";
    shop.copy(&["--dry-run"]).fails(1, &["K5 shop.uses.name", flag, "(in 2 rows)"]);
    let words = ["--repair=shop.uses.name=parent-spelling"];
    let wrong = "sql Verify 1 UPDATE uses SET name = 'bob' WHERE id = 2";
    shop.copy_hooked(wrong, &words).fails(6, &["shop.uses: column name differs"]);
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.text(ROWS), "1:Ada 2:Ada 5:- 6:{c-d}");
    let keys = vec!["rowid 2".to_owned(), "rowid 6".to_owned()];
    assert_eq!(shop.repairs(), [("shop.uses.name=parent-spelling".to_owned(), 2, keys)]);
    assert_eq!(shop.copy(&["--verify", words[0]]).code, Some(0));
}

#[test]
fn what_several_parents_could_be_is_left() {
    let both = "INSERT INTO uses VALUES (3, 'Bob'), (4, 'eve');";
    let shop = shop(both);
    let part = "repair 2 of the 3 rows with --repair shop.uses.name=parent-spelling";
    shop.copy(&["--dry-run"]).fails(1, &["K1 shop.uses.name", "K5 shop.uses.name", part]);
    let spelling = "--repair=shop.uses.name=parent-spelling";
    shop.copy(&[spelling]).fails(1, &["K5 shop.uses.name", "K1 shop.uses.name"]);
    let words = [spelling, "--repair=shop.uses.name=orphan-null"];
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.text(ROWS), "1:Ada 2:Ada 3:- 4:- 5:- 6:{c-d}");
    assert_eq!(shop.copy(&[&["--verify"], &words[..]].concat()).code, Some(0));
    // Where no row has one parent alone, it is not offered.
    shop.sqlite("DELETE FROM uses WHERE id IN (2, 6)");
    let ran = shop.copy(&["--dry-run"]);
    assert!(!ran.err.contains("parent-spelling"), "{ran:?}");
}
