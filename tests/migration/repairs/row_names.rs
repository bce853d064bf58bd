//! How rows are named, and that findings and repairs mean the same rows.

use super::Shop;

/// Columns may hide the rowid under all of its names; a row is then named by its place.
#[test]
fn rows_without_any_name_are_named_by_their_place() {
    let file = "[columns]\nrowid = { type = 'text' }\noid = { type = 'text' }\n\
                _rowid_ = { type = 'text' }\nn = { type = 'int4', null = true }\n";
    let one = "[columns]\nrowid = { type = 'int4' }\nname = { type = 'text', null = true }\n\
               n = { type = 'int4' }\nto = { type = 'int4', null = true, references = 'p.id' }\n";
    let parent = "primary_key = ['id']\n[columns]\nid = { type = 'int4' }\n";
    let shop = Shop::new(
        &[("e", file), ("b", one), ("p", parent)],
        "CREATE TABLE e (rowid TEXT, oid TEXT, _rowid_ TEXT, n INTEGER);
         INSERT INTO e VALUES ('r', 'o', 'u', 1), ('r', 'o', 'u', 'bad'), ('r', 'o', 'u', 3);
         CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE b (rowid INTEGER, name TEXT, n INTEGER, \"to\" INTEGER);
         INSERT INTO p VALUES (5);
         INSERT INTO b VALUES (7, 'x', 1, 5), (7, 'y', 'bad', 5), (7, NULL, 3, 99);",
    );
    shop.copy(&["--dry-run"]).fails(
        1,
        &[
            "found text like aaa at row 2",
            "found text like aaa at _rowid_ 2",
            "integer 99 at _rowid_ 3",
        ],
    );
    let quarantine = shop.quarantine_file();
    let words = [
        "--repair=shop.e=quarantine",
        "--repair=shop.b=quarantine",
        "--repair=shop.b.to=orphan-null",
        "--quarantine",
        &quarantine,
    ];
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.text("SELECT string_agg(n::text, ' ' ORDER BY n) FROM e"), "1 3");
    let b = "SELECT string_agg(n || ':' || coalesce(\"to\"::text, '-'), ' ' ORDER BY n) FROM b";
    assert_eq!(shop.text(b), "1:5 3:-");
    let keys: Vec<_> = shop.quarantine().iter().map(|line| line["key"].clone()).collect();
    assert_eq!(keys, ["_rowid_ 2", "row 2"]);
}

/// Types of a key and of what refers to it, and values of both.
const PAIRS: &[(&str, &str, &str, &str)] = &[
    ("int8", "int8", "(1), (2)", "(1), (0), (7), ('2')"),
    ("text", "text", "('1'), ('02')", "(1), ('01'), ('1 '), ('02'), ('')"),
    ("float8", "int8", "(1.5), (2)", "(2), (3)"),
    (
        "uuid",
        "uuid",
        "('A0EEBC999C0B4EF8BB6D6BB9BD380A11')",
        "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), ('b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
    ),
    ("date", "timestamp", "('2024-01-01')", "('2024-01-01'), ('2024-01-01 00:00:01')"),
    ("inet", "cidr", "('10.0.0.1')", "('10.0.0.1/32'), ('10.0.0.2')"),
    // A parent that is refused is a finding, its children are none.
    ("varchar(3)", "varchar(9)", "('abcdef')", "('abcdef'), ('x')"),
];

/// The query that counts the rows which a hint's own SQL shows or changes.
fn counting(hint: &str) -> String {
    let end = |sql: &str| sql.split(";\n").next().unwrap().to_owned();
    match (hint.split_once("  SELECT * FROM "), hint.split_once("  UPDATE ")) {
        (Some((_, sql)), _) => format!("SELECT count(*) FROM {}", end(sql)),
        (None, Some((_, sql))) => {
            format!("SELECT count(*) FROM {}", end(sql).replacen(" SET \"k\" = NULL", "", 1))
        }
        (None, None) => panic!("{hint}"),
    }
}

/// What a finding of orphans gives to look at is what its repair takes the reference of.
#[test]
fn queries_of_findings_name_the_rows_that_repairs_touch() {
    let key = |ty: &str| format!("primary_key = ['k']\n[columns]\nk = {{ type = '{ty}' }}\n");
    let child = |ty: &str, to: &str| {
        format!(
            "primary_key = ['id']\n[columns]\nid = {{ type = 'int8' }}\n\
             k = {{ type = '{ty}', null = true, references = '{to}.k' }}\n"
        )
    };
    let (mut files, mut sql) = (Vec::new(), String::new());
    for (place, (to, own, parents, children)) in PAIRS.iter().enumerate() {
        files.extend([
            (format!("p{place}"), key(to)),
            (format!("c{place}"), child(own, &format!("p{place}"))),
        ]);
        sql.push_str(&format!(
            "CREATE TABLE p{place} (k PRIMARY KEY); INSERT INTO p{place} VALUES {parents};
             CREATE TABLE c{place} (id INTEGER PRIMARY KEY, k);
             INSERT INTO c{place} (k) VALUES {children};"
        ));
    }
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let shop = Shop::new(&files, &sql);
    shop.copy(&["--dry-run"]).fails(1, &["T7 shop.p6.k"]);
    let report = shop.report();
    let source = rusqlite::Connection::open(shop.path("shop.db")).unwrap();
    let mut named = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap();
        if !text("id").starts_with('K') || finding["severity"] != "error" {
            continue;
        }
        let select = counting(text("hint"));
        let rows: u32 = source.query_row(&select, [], |row| row.get(0)).unwrap();
        named.push((
            text("table").to_owned(),
            text("id").to_owned(),
            finding["count"].as_u64().unwrap(),
            rows,
        ));
    }
    let found = |table: &str, id: &str, count, rows| (table.to_owned(), id.to_owned(), count, rows);
    assert_eq!(
        named,
        [
            found("c0", "K1b", 1, 2),
            found("c0", "K1", 1, 2),
            found("c1", "K1", 1, 3),
            found("c1", "K5", 1, 3),
            found("c1", "K1b", 1, 3),
            found("c2", "K1", 1, 1),
            found("c3", "K1", 1, 1),
            found("c4", "K1", 1, 1),
            found("c5", "K1", 1, 1),
            found("c6", "K1", 1, 1),
        ]
    );
}
