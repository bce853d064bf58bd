//! Keys and references of every two types that PostgreSQL lets refer to each other: what is an
//! orphan is what the server itself refuses.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::types::parse_type;
use model::{Enum, can_refer};

use super::Shop;
use super::random_values::Random;
use crate::server;

/// A type, and values of it as SQL of SQLite has them.
type Kind = (&'static str, &'static [&'static str]);

const TYPES: &[Kind] = &[
    ("bool", &["0", "1", "'t'", "'no'"]),
    ("int2", &["0", "1", "-1", "'7'", "100", "2.0"]),
    ("int4", &["0", "1", "-1", "7", "100", "2.0", "16777216", "16777217"]),
    ("int8", &["0", "1", "'7'", "2.0", "16777217", "9007199254740992", "9007199254740993"]),
    (
        "float4",
        &["0.0", "-0.0", "1", "7", "1.5", "0.1", "16777216.0", "'1e2'", "9007199254740992.0"],
    ),
    ("float8", &["0.0", "-0.0", "1", "7", "1.5", "0.1", "16777217.0", "9007199254740992.0"]),
    ("numeric", &["0", "'-0.00'", "'1.0'", "'7'", "1.5", "'0.1'", "'16777217'", "'1e2'"]),
    ("numeric(22,2)", &["0", "'1.0'", "'7.00'", "1.5", "0.1", "'9007199254740993'"]),
    ("text", &["'a'", "'A'", "'a '", "'ab'", "'1'", "1", "1.0", "'ä'", "'Ä'", "''"]),
    ("varchar(9)", &["'a'", "'A'", "'a '", "'ab'", "'1'", "1", "1.0", "'ä'", "''"]),
    ("char(5)", &["'a'", "'A'", "'a '", "'ab '", "1", "'ä'", "' a'", "''"]),
    ("char(9)", &["'a'", "'A'", "'a '", "'ab '", "1", "'ä'", "' a'", "''"]),
    ("citext", &["'a'", "'A'", "'a '", "'ab'", "'1'", "'Ab'", "'ß'", "''"]),
    ("bytea", &["x''", "x'61'", "'a'", "x'6120'"]),
    (
        "uuid",
        &[
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'{A0EEBC999C0B4EF8BB6D6BB9BD380A11}'",
            "'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        ],
    ),
    ("json", &["'1'"]),
    (
        "jsonb",
        &["'1'", "1.0", "'{\"a\":1,\"b\":2}'", "'{\"b\":2, \"a\":1.0}'", "'\"x\"'", "'[1.0]'"],
    ),
    ("date", &["'2024-01-01'", "'2024-01-02'", "'1999-12-31'", "'2000-01-01T00:00:00Z'"]),
    ("timestamp", &["'2024-01-01'", "'2024-01-01 12:00'", "'2024-01-02T02:00:00+02:00'"]),
    (
        "timestamptz",
        &["'2024-01-01T00:00:00Z'", "'2024-01-01T14:00:00+02:00'", "'2000-01-01 00:00Z'"],
    ),
    ("time", &["'00:00'", "'12:30'", "'12:30:00.0'", "'24:00:00'"]),
    ("interval", &["0", "45000000000000", "86400000000000", "1000000000"]),
    ("inet", &["'10.0.0.0/8'", "'10.0.0.1'", "'10.0.0.1/32'", "'::1'", "'10.0.0.0/24'"]),
    ("cidr", &["'10.0.0.0/8'", "'10.0.0.1'", "'10.0.0.1/32'", "'::1/128'", "'10.0.0.0/24'"]),
    ("mood", &["'sad'", "'glad'"]),
    ("int4[]", &["'[1,2]'", "'[1]'", "'[1.0,2]'", "'[null]'", "'[]'", "'[[1,2]]'", "'[[1],[2]]'"]),
    ("int8[]", &["'[1,2]'", "'[1]'"]),
    ("float8[]", &["'[0.0]'", "'[-0.0]'", "'[1]'"]),
    ("numeric[]", &["'[1.00,2]'", "'[1,2]'", "'[0]'", "'[null]'"]),
    ("numeric(9,2)[]", &["'[1.00,2]'", "'[1,2]'", "'[3]'"]),
    ("text[]", &["'[\"a\"]'", "'[\"a \"]'"]),
    ("varchar(3)[]", &["'[\"a\"]'", "'[\"a \"]'"]),
    ("varchar(9)[]", &["'[\"a\"]'", "'[ \"a \"]'"]),
    ("char(9)[]", &["'[\"a\"]'", "'[\"a \"]'", "'[\"b\"]'"]),
    ("citext[]", &["'[\"a\"]'", "'[\"A\"]'", "'[\"b\"]'"]),
    ("inet[]", &["'[\"10.0.0.1\"]'", "'[\"10.0.0.1/32\"]'", "'[\"::1\"]'"]),
    ("timestamp[]", &["'[\"2024-01-01\"]'", "'[\"2024-01-01 00:00\"]'"]),
    ("json[]", &["'[\"1\"]'"]),
];

fn parsed(word: &str) -> model::Type {
    let mood = Enum { name: "mood", labels: &["sad", "glad"] };
    parse_type(word, &[mood]).unwrap()
}

/// The pairs that a schema file may have: the referring type, and the key's.
fn pairs() -> impl Iterator<Item = (usize, &'static Kind, &'static Kind)> {
    let all = TYPES.iter().flat_map(|own| TYPES.iter().map(move |to| (own, to)));
    let taken = all.filter(|(own, to)| can_refer(parsed(own.0), parsed(to.0)));
    taken.enumerate().map(|(number, (own, to))| (number, own, to))
}

#[test]
fn schema_files_take_the_pairs_that_postgresql_takes() {
    let shop = Shop::new(&[], "");
    server::execute(&shop.database.url, "CREATE EXTENSION citext");
    server::execute(&shop.database.url, "CREATE TYPE mood AS ENUM ('sad', 'glad')");
    server::execute(&shop.database.url, "CREATE TABLE taken (own text, key text)");
    let mut sql = String::new();
    for (key, _) in TYPES.iter().filter(|(key, _)| !key.starts_with("json") || *key == "jsonb") {
        write!(sql, "CREATE TABLE p (k {key} UNIQUE);").unwrap();
        for (own, _) in TYPES {
            write!(
                sql,
                "DO $$ BEGIN CREATE TABLE c (k {own}); \
                 ALTER TABLE c ADD FOREIGN KEY (k) REFERENCES p (k); \
                 INSERT INTO taken VALUES ('{own}', '{key}'); DROP TABLE c; \
                 EXCEPTION WHEN OTHERS THEN NULL; END $$;"
            )
            .unwrap();
        }
        sql.push_str("DROP TABLE p;");
    }
    server::execute(&shop.database.url, &sql);
    let taken = shop.text("SELECT string_agg(own || ' -> ' || key, E'\\n') FROM taken");
    let taken: BTreeSet<&str> = taken.lines().collect();
    let by_program: Vec<String> =
        pairs().map(|(_, own, to)| format!("{} -> {}", own.0, to.0)).collect();
    assert_eq!(by_program.iter().map(String::as_str).collect::<BTreeSet<_>>(), taken);
    assert!(taken.len() > 80, "{}", taken.len());
}

/// The pairs that can be loaded into the tests' server: P16 refuses some before PostgreSQL 14.
fn loadable_pairs() -> impl Iterator<Item = (usize, &'static Kind, &'static Kind)> {
    let mut client = server::connect(&server::shared().url("postgres")).client;
    let row = client.query_one("SELECT current_setting('server_version_num')::int", &[]).unwrap();
    let takes_all = row.get::<_, i32>(0) >= 140_000;
    let is_taken = |kind: &Kind| kind.0 != "citext[]";
    pairs().filter(move |(_, own, to)| takes_all || is_taken(own) && is_taken(to))
}

/// Every pair with random values: `p0` and `c0`, `p1` and `c1`, and so on.
fn shop(seed: u64) -> Shop {
    let mut random = Random(seed);
    let (mut files, mut sql) = (Vec::new(), String::new());
    for (number, (own, own_values), (to, to_values)) in loadable_pairs() {
        let parent = format!("primary_key = ['k']\n[columns]\nk = {{ type = '{to}' }}\n");
        let child = format!(
            "primary_key = ['id']\n[columns]\nid = {{ type = 'int8' }}\n\
             k = {{ type = '{own}', null = true, references = 'p{number}.k' }}\n"
        );
        files.extend([(format!("p{number}"), parent), (format!("c{number}"), child)]);
        write!(
            sql,
            "CREATE TABLE p{number} (k PRIMARY KEY); \
             CREATE TABLE c{number} (id INTEGER PRIMARY KEY, k);"
        )
        .unwrap();
        for _ in 0..random.below(5) {
            write!(sql, "INSERT OR IGNORE INTO p{number} VALUES ({});", random.of(to_values))
                .unwrap();
        }
        for value in *own_values {
            write!(sql, "INSERT INTO c{number} (k) VALUES ({value});").unwrap();
        }
        write!(sql, "INSERT INTO c{number} (k) VALUES (NULL);").unwrap();
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let shop = Shop::new(&files, &format!("BEGIN; {sql} COMMIT"));
    server::execute(&shop.database.url, "CREATE EXTENSION citext");
    shop
}

/// Parents that are equal go, the first one stays; what is asked for the children is `word`.
fn copied(seed: u64, word: &str) -> Shop {
    let shop = shop(seed);
    let mut words = vec!["--quarantine".to_owned(), shop.quarantine_file()];
    for (number, ..) in loadable_pairs() {
        words.push(format!("--repair=shop.p{number}=duplicate-quarantine"));
        words.push(format!("--repair=shop.c{number}.k={word}"));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    shop
}

#[test]
fn orphans_are_what_the_server_refuses() {
    for seed in [1, 2, 3] {
        let by_program = copied(seed, "orphan-null");
        let all = copied(seed, "orphan-not-valid");
        let (mut orphans, mut nulls) = (String::new(), String::new());
        for (number, own, _) in loadable_pairs() {
            write!(
                orphans,
                "CREATE TABLE probe (k {} REFERENCES p{number} (k)); \
                 DO $$ DECLARE row c{number}; BEGIN FOR row IN SELECT * FROM c{number} LOOP BEGIN \
                 INSERT INTO probe VALUES (row.k); EXCEPTION WHEN foreign_key_violation THEN \
                 INSERT INTO found VALUES ({number}, row.id); END; END LOOP; END $$; \
                 DROP TABLE probe;",
                own.0
            )
            .unwrap();
            write!(nulls, "INSERT INTO found SELECT {number}, id FROM c{number} WHERE k IS NULL;")
                .unwrap();
            // The last row was NULL before.
            write!(nulls, "DELETE FROM found WHERE pair = {number} AND id = {};", own.1.len() + 1)
                .unwrap();
        }
        let list = |shop: &Shop, sql: &str| {
            server::execute(&shop.database.url, "CREATE TABLE found (pair int, id int8)");
            server::execute(&shop.database.url, sql);
            let names: Vec<String> =
                pairs().map(|(_, own, to)| format!("{} -> {}", own.0, to.0)).collect();
            let found = shop
                .text("SELECT string_agg(pair || ' ' || id, E'\\n' ORDER BY pair, id) FROM found");
            let named = |line: &str| {
                let (pair, id) = line.split_once(' ').unwrap();
                format!("{} row {id}", names[pair.parse::<usize>().unwrap()])
            };
            found.lines().map(named).collect::<Vec<_>>()
        };
        let (server, by_program) = (list(&all, &orphans), list(&by_program, &nulls));
        assert!(server.len() > 100, "{}", server.len());
        assert_eq!(by_program, server, "seed {seed}");
    }
}
