//! Rules of the application's own tables that rows of SQLite break, with schema files drafted from
//! both sides: what can be found is found before anything is written, the rest while rows are
//! loaded, and then everything is as before.

use super::Place;
use crate::migration::{compare, url};

const TARGET: &str = "
    CREATE DOMAIN short AS varchar(5) CHECK (VALUE <> 'no');
    CREATE DOMAIN moment AS timestamp(3);
    CREATE TYPE temper AS ENUM ('glad', 'sad');
    CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
    CREATE TABLE t (id bigint PRIMARY KEY, d short, c char(3), v varchar(4), at3 moment,
        clock time(0), n numeric(5,1), mood temper, must text NOT NULL DEFAULT 'x', a int, b int,
        s text, p text, u text, w text, CONSTRAINT ab CHECK (a < b), CONSTRAINT once UNIQUE (s),
        CONSTRAINT apart EXCLUDE USING btree (u WITH =) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT late UNIQUE (v) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT whole FOREIGN KEY (a, b) REFERENCES parent MATCH FULL);
    CREATE UNIQUE INDEX lowered ON t (lower(p));
    CREATE UNIQUE INDEX partly ON t (w) WHERE a > 5;
    CREATE INDEX listed ON t (id) WHERE v IN ('a', 'b')";

const SOURCE: &str = "
    CREATE TABLE parent (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
    INSERT INTO parent VALUES (1, 2), (6, 7), (7, 8), (3, 2);
    CREATE TABLE t (id INTEGER PRIMARY KEY, d TEXT, c TEXT, v TEXT, at3 TEXT, clock TEXT, n REAL,
        mood TEXT, must TEXT DEFAULT 'x', a INTEGER, b INTEGER, s TEXT, p TEXT, u TEXT, w TEXT);
    INSERT INTO t VALUES (1, 'x', 'a', 'b', '2024-01-01 10:00:00.123', '10:00:00', 1.5, 'sad', 'y',
        1, 2, 's1', 'p1', 'u1', 'w1')";

/// What is put into SQLite, and what a dry run says of it already.
const BEFORE: &[(&str, &[&str])] = &[
    ("(id, d) VALUES (2, 'toolong')", &["T7 draft.t.d: expected text of at most 5", "rowid 2"]),
    ("(id, c) VALUES (2, 'abcd')", &["T7 draft.t.c", "rowid 2"]),
    ("(id, v) VALUES (2, 'abcde')", &["T7 draft.t.v", "rowid 2"]),
    (
        "(id, at3) VALUES (2, '2024-01-01 10:00:00.1234'), (3, '1900-01-01 10:00:00.12345'),
            (4, '2024-01-01 10:00:00.12')",
        &[
            "D11 draft.t.at3: more fractional digits of the second than the 3 that the column",
            "text of 24 bytes at rowid 2; text of 25 bytes at rowid 3 (in 2 rows)",
        ],
    ),
    ("(id, clock) VALUES (2, '10:00:00.5')", &["D11 draft.t.clock", "than the 0", "rowid 2"]),
    ("(id, n) VALUES (2, 1.55)", &["S7 draft.t.n", "1 after it", "rowid 2"]),
    ("(id, mood) VALUES (2, 'odd')", &["J8 draft.t.mood: expected one of glad, sad", "rowid 2"]),
    ("(id, must) VALUES (2, NULL)", &["K14 draft.t.must", "rowid 2"]),
    ("(id, a, b) VALUES (2, 3, 2)", &["K13 draft.t.a, b: violates the constraint ab", "rowid 2"]),
    ("(id, s) VALUES (2, 's1')", &["K11 draft.t.s: once must be unique", "rowid 1 and rowid 2"]),
    (
        "(id, d) VALUES (2, 'no')",
        &["K13 draft.t.d: violates the constraint short_check", "rowid 2"],
    ),
    ("(id, p) VALUES (2, 'P1')", &["K16 draft.t.p: lowered must be unique", "rowid 1 and rowid 2"]),
    (
        "(id, w, a, b) VALUES (2, 'q', 6, 7), (3, 'q', 7, 8)",
        &["K16 draft.t.w: partly must be unique", "rowid 2 and rowid 3"],
    ),
    ("(id, u) VALUES (2, 'u1')", &["K16 draft.t.u: exclusion constraint apart", "rowid 2"]),
    ("(id, v) VALUES (2, 'b')", &["K16 draft.t.v: late must be unique", "rowid 1 and rowid 2"]),
];

/// What PostgreSQL alone can judge.
const DURING: &[(&str, &[&str])] = &[
    ("(id, a, b) VALUES (2, 8, 9)", &["K1 building foreign key whole"]),
    ("(id, a, b) VALUES (2, NULL, 2)", &["K1 building foreign key whole"]),
];

#[test]
fn broken_constraints_end_the_run_and_nothing_changes() {
    let place = Place::drafted(TARGET, SOURCE);
    let before = place.dump();
    for (sql, texts) in BEFORE {
        place.sqlite(&format!("INSERT INTO t {sql}"));
        for words in [["--dry-run"], ["--yes"]] {
            place.copy(&words).fails(1, texts);
        }
        place.sqlite("DELETE FROM t WHERE id > 1");
    }
    for (sql, texts) in DURING {
        place.sqlite(&format!("INSERT INTO t {sql}"));
        assert_eq!(place.copy(&["--dry-run"]).code, Some(0), "{sql}");
        place.copy(&["--yes"]).fails(1, texts);
        place.dump().is(&before, sql);
        place.sqlite("DELETE FROM t WHERE id > 1");
    }
    place.dump().is(&before, "changed");
    let structure = place.structure();
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    place.structure().is(&structure, "changed");
    assert_eq!(place.number("SELECT count(*) FROM t WHERE clock = '10:00' AND n = 1.5"), 1);
}

/// Digits that only the target's column lacks, with schema files that do not say so.
#[test]
fn a_column_with_fewer_digits_than_described_is_found_too() {
    let place = Place::new();
    place.sql(
        "DROP TABLE bookings; CREATE TABLE bookings (id bigint PRIMARY KEY, from_at \
               timestamp(0) NOT NULL, until_at timestamp NOT NULL, cents int NOT NULL, total int \
               GENERATED ALWAYS AS (cents * 2) STORED, half int GENERATED ALWAYS AS (cents / 2) \
               STORED)",
    );
    place.sql("ALTER TABLE bookings OWNER TO connect_migration");
    place.sqlite("UPDATE bookings SET from_at = '2024-01-01 10:00:00.25' WHERE id = 9");
    let output = "D11 schema.bookings.from_at: more fractional digits of the second than the 0";
    place.copy(&["--dry-run"]).fails(1, &[output, "rowid 9"]);
}

/// The rich target with a draft in the place of files that a person has written.
#[test]
fn a_draft_of_a_target_with_every_constraint_loads_it_without_difference() {
    let target = std::fs::read_to_string(format!("{}/target.sql", super::ROOT)).unwrap();
    let source = std::fs::read_to_string(format!("{}/source.sql", super::ROOT)).unwrap();
    let place = Place::drafted(&target, &source);
    let before = place.structure();
    let there = format!("postgres:{}", url(&place.database.name));
    let mut command = super::program();
    command.env("PGPASSWORD", super::PASSWORD).args(["schema", "diff"]).arg(&place.schema);
    let diff = super::ran(command.arg(&there));
    assert_eq!(diff.code, Some(0), "{diff:?}");
    let residue = std::fs::read_to_string(place.schema.join("RESIDUE.md")).unwrap();
    for lost in ["foreign key", "unique key", "differs"] {
        assert!(!residue.contains(lost), "{residue}");
    }
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place.structure().is(&before, "changed");
    place.holds_everything();
    let version =
        connect_migrate::schema::read_schema_directory(&place.schema).unwrap().versions[0];
    let compared = compare::compare(&place.file(), &place.database.url, version);
    assert_eq!(compared.differing, [] as [String; 0]);
    assert_eq!(compared.cells, compared.counted);
    assert!(place.copy(&["--yes"]).out.contains("Already migrated"));
    // And where the tables are made by the draft, they are the same but for what it cannot say.
    let blank = Place { database: crate::migration::database(), ..place };
    blank.sql("CREATE DOMAIN address AS text CHECK (VALUE LIKE '%@%')");
    let ran = blank.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let full = "SELECT count(*) FROM pg_constraint WHERE conname IN ('in_team', 'visitor') \
                AND (confmatchtype = 'f') <> (NOT convalidated)";
    assert_eq!(blank.number(full), 2);
}
