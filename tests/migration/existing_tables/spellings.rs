//! Values in spellings of PostgreSQL's input: loaded exactly, or refused with a finding.

use std::fs;

use super::Place;

const TABLE: &str = "primary_key = [\"id\"]

[columns]
id     = { type = \"int8\" }
plain  = { type = \"numeric\", null = true }
wordy  = { type = \"numeric\", stored = \"number_or_word\", null = true }
digits = { type = \"bytea\", stored = \"hex\", null = true }
list   = { type = \"int4[]\", stored = \"pg_array\", null = true }
";

#[test]
fn unusual_spellings_are_exact_or_refused() {
    let place = Place::drafted(
        "CREATE TABLE t (id bigint PRIMARY KEY, plain numeric, wordy numeric, digits bytea,
            list int[])",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, plain NUMERIC, wordy NUMERIC, digits TEXT,
            list TEXT)",
    );
    fs::write(place.schema.join("t.toml"), TABLE).unwrap();
    place.sqlite(
        "INSERT INTO t VALUES (1, 1.5, 'NaN', 'DEADBEEF', '{1,2}'),
             (2, NULL, 'nan', '\\xDeadBeef', '{ {1 , 2}, {3,4} }'), (3, NULL, NULL, '0Xab', '{}')",
    );
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // What fits is asked about again with what does not, so that one load shows all.
    for (values, text) in [
        ("(5, 9e999, NULL, NULL, NULL)", "S9 draft.t.plain"),
        ("(5, -9e999, NULL, NULL, NULL)", "S9 draft.t.plain"),
        ("(5, 'Infinity', NULL, NULL, NULL)", "S1 draft.t.plain"),
        ("(5, NULL, 'Infinity', NULL, NULL)", "S9 draft.t.wordy"),
        ("(5, NULL, '-inf', NULL, NULL)", "S9 draft.t.wordy"),
        ("(5, NULL, NULL, 'DEADBEE', NULL)", "J11 draft.t.digits"),
        ("(5, NULL, NULL, NULL, '[0:1]={1,2}')", "J9 draft.t.list"),
        ("(5, NULL, NULL, NULL, '[1:2]={1,2}')", "J9 draft.t.list"),
    ] {
        place.sqlite(&format!("INSERT INTO t VALUES {values}"));
        place.copy(&["--dry-run"]).fails(1, &[text, "at rowid 5", "--repair draft.t."]);
        place.sqlite("DELETE FROM t WHERE id = 5");
    }
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let exact = "SELECT count(*) FROM t WHERE (id, digits, list) IN
        ((1, '\\xdeadbeef'::bytea, '{1,2}'::int[]), (2, '\\xdeadbeef', '{{1,2},{3,4}}'),
         (3, '\\xab', '{}')) AND (wordy = 'NaN' OR id = 3)";
    assert_eq!(place.number(exact), 3);
}
