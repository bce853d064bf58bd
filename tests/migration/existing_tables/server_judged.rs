//! What PostgreSQL alone can judge of rows: unique indexes of every kind, exclusion constraints,
//! domains, and columns that only it has. A dry run says the same as a load, for tables that stand
//! there and for tables that schema files make.

mod kinds;

use std::fs;

use super::Place;
use crate::migration;

use kinds::{BEFORE, KEYS, KEYS_OF_15, Kind, OWN, RULES, TABLE};

/// The kinds that a server has.
fn kinds(groups: &[&'static [Kind]], place: &Place) -> Vec<Kind> {
    let version = place.number("SELECT current_setting('server_version_num')::int8");
    let new = if version >= 150_000 { KEYS_OF_15 } else { &[] };
    groups.iter().copied().chain([new]).flatten().copied().collect()
}

/// The target's statements, the table and its index under the kind's name.
fn target_sql((name, sql, ..): &Kind) -> String {
    let sql = sql.replace("TABLE;", &format!("{TABLE};"));
    let sql = sql.replace("TABLE t ", &format!("TABLE {name} "));
    let sql = sql.replace(" ON t ", &format!(" ON {name} "));
    let sql = sql.replace("(t IS", &format!("({name} IS"));
    sql.replace("INDEX x ", &format!("INDEX {name}_x "))
}

fn source_sql((name, _, fits, ..): &Kind) -> String {
    let create =
        format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, c INTEGER);");
    match fits.is_empty() {
        true => create,
        false => format!("{create} INSERT INTO {name} VALUES {fits};"),
    }
}

/// Both sides and a draft of them.
fn place(groups: &[&'static [Kind]]) -> (Place, Vec<Kind>) {
    let any = Place::new();
    let kinds = kinds(groups, &any);
    let target: Vec<String> = kinds.iter().map(target_sql).collect();
    let source: Vec<String> = kinds.iter().map(source_sql).collect();
    (Place::drafted(&format!("{BEFORE}{}", target.join("; ")), &source.join(" ")), kinds)
}

/// The ids of the findings that refuse a run.
fn error_ids(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("error: "));
    let ids = lines.filter_map(|line| line.split(' ').next());
    let mut ids: Vec<String> =
        ids.filter(|id| id.contains(char::is_numeric)).map(str::to_owned).collect();
    ids.sort();
    ids
}

/// A dry run and a load say the same of each kind's row that does not fit, and change nothing;
/// without these rows both succeed.
fn agree(place: &Place, kinds: &[Kind], before: &migration::Dump) {
    for (name, _, _, breaks, texts) in kinds.iter().filter(|kind| !kind.3.is_empty()) {
        place.sqlite(&format!("INSERT INTO {name} VALUES {breaks}"));
        let found = [["--dry-run"], ["--yes"]].map(|words| {
            let ran = place.copy(&words);
            ran.fails(1, texts);
            error_ids(&ran.err)
        });
        assert_eq!(found[0], found[1], "{name}");
        place.sqlite(&format!("DELETE FROM {name} WHERE id >= 5"));
    }
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.out.contains("not decided") && !ran.err.contains("not decided"), "{ran:?}");
    place.dump().is(before, "a dry run, or a load that failed, changed the target");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_dry_run_agrees_with_a_load_on_every_kind_of_key() {
    let (place, kinds) = place(&[KEYS]);
    let before = place.dump();
    agree(&place, &kinds, &before);
}

#[test]
fn a_dry_run_agrees_with_a_load_on_rules_and_columns_of_postgresql_alone() {
    let (place, kinds) = place(&[RULES, OWN]);
    let before = place.dump();
    agree(&place, &kinds, &before);
}

/// The tables are made by the draft; indexes are `NAME_x` there, too.
#[test]
fn a_dry_run_agrees_with_a_load_of_tables_that_are_made() {
    let (place, kinds) = place(&[KEYS, RULES]);
    let place = Place { database: migration::database(), ..place };
    place.sql(&format!("SET ROLE {}; {BEFORE}", migration::ROLE));
    let before = place.dump();
    agree(&place, &kinds, &before);
}

/// More rows than travel at once.
#[test]
fn many_rows_are_judged_together() {
    let place = Place::drafted(
        &target_sql(KEYS.iter().find(|kind| kind.0 == "folded").unwrap()).replace("folded", "t"),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, c INTEGER);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
         INSERT INTO t SELECT i, 'x' || i, i, i FROM n",
    );
    let before = place.dump();
    assert_eq!(place.copy(&["--dry-run"]).code, Some(0));
    place.sqlite("INSERT INTO t VALUES (30000, 'X17', 0, 0)");
    place.copy(&["--dry-run"]).fails(1, &["K16 draft.t.a", "rowid 17 and rowid 30000"]);
    let quick = place.copy(&["--dry-run=quick"]);
    assert_eq!(quick.code, Some(0), "{quick:?}");
    assert!(quick.err.contains("warning: K16 draft.t.a: not decided"), "{quick:?}");
    place.copy(&["--yes"]).fails(1, &["K16 draft.t.a", "rowid 17 and rowid 30000"]);
    place.dump().is(&before, "changed");
}

/// Where no temporary table can be made, what needs one is left to the load, visibly.
#[test]
fn without_the_right_to_temporary_tables_something_is_not_decided() {
    let place = Place::drafted(
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            CONSTRAINT apart EXCLUDE USING gist (int4range(b, c) WITH &&))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, c INTEGER);
         INSERT INTO t VALUES (1, 'p', 1, 5), (2, 'p', 4, 9)",
    );
    let name = &place.database.name;
    place.sql(&format!("REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC, {}", migration::ROLE));
    let dry = place.copy(&["--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    let text = "warning: K16 draft.t.b, c: not decided: exclusion constraint apart: ";
    assert!(dry.err.contains(text), "{dry:?}");
    place.copy(&["--yes"]).fails(1, &["K16 copying draft t", "constraint apart"]);
}

/// What PostgreSQL does not take of a schema file is said before anything is made, also where there
/// is no row.
#[test]
fn definitions_that_postgresql_does_not_take_are_found_first() {
    for (definition, output) in [
        ("[[index]]\nname = \"x\"\ncolumns = [{ expression = \"lowr(a)\" }]\nunique = true", "K16"),
        ("[[index]]\nname = \"x\"\ndefinition = \"USING btree (lowr(a))\"\nunique = true", "K17"),
        ("[[check]]\nname = \"x\"\nexpression = \"lowr(a) = a\"", "K13"),
        ("[[constraint]]\nname = \"x\"\ndefinition = \"EXCLUDE USING gist (a WITH @@@)\"", "K17"),
    ] {
        let table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)";
        let place = Place::drafted(table, table);
        let place = Place { database: migration::database(), ..place };
        let file = place.schema.join("t.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{definition}\n")).unwrap();
        for words in [["--dry-run"], ["--yes"]] {
            place.copy(&words).fails(1, &[&format!("{output} draft.t"), "undefined_"]);
        }
    }
}

/// What only the server finds twice goes into quarantine where that is asked for, by the flag that
/// the finding offers; verification finds the same, at once and later.
#[test]
fn rows_that_only_the_server_finds_twice_go_into_quarantine() {
    let new = kinds(&[], &Place::new());
    let nulls: &[(&str, &str, &str)] = match new.is_empty() {
        true => &[],
        false => &[("nulls", "(5, 'p', 1, NULL), (6, 'r', 7, 0)", "rowid 5")],
    };
    let all = [
        ("folded", "(5, 'P', 7, 0), (6, 'r', 7, 0)", "rowid 5"),
        ("collated", "(5, 'P', 7, 0), (6, 'r', 7, 0)", "rowid 5"),
        ("apart", "(5, 'p', 4, 9), (6, 'r', 70, 80)", "rowid 5"),
        // Those that a partial index leaves out stay.
        ("single", "(5, 'p', 0, 1), (6, 'p', 0, 0)", "rowid 5"),
        ("late", "(5, 'p', 7, 0), (6, 'r', 7, 0)", "rowid 5"),
    ];
    for (name, more, texts) in all.iter().chain(nulls).copied() {
        let kind = KEYS.iter().chain(&new).find(|kind| kind.0 == name).unwrap();
        let target = format!("{BEFORE} {}", target_sql(kind));
        let place = Place::drafted(&target, &source_sql(kind));
        place.sqlite(&format!("INSERT INTO {name} VALUES {more}"));
        let repair = format!("draft.{name}=duplicate-quarantine");
        place.copy(&["--dry-run"]).fails(1, &[texts, &format!("--repair {repair}")]);
        let file = place.folder.path().join("rows.jsonl");
        let words = ["--repair", &repair, "--quarantine", file.to_str().unwrap()];
        let with = |word: &'static str| [&[word], &words[..]].concat();
        let dry = place.copy(&with("--dry-run"));
        assert_eq!(dry.code, Some(0), "{dry:?}");
        assert!(dry.err.contains("duplicate-quarantine: 1 row"), "{dry:?}");
        let ran = place.copy(&with("--yes"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(place.number(&format!("SELECT sum(id)::int8 FROM {name}")), 9);
        assert!(fs::read_to_string(&file).unwrap().contains(texts));
        let verified = place.copy(&["--verify", "--repair", &repair]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        let again = place.copy(&with("--yes"));
        assert!(again.out.contains("Already migrated"), "{again:?}");
    }
}

/// Rows that break a rule of PostgreSQL's table or of a domain go into quarantine by the flag that
/// the finding offers, into tables that stand there and into those that are made.
#[test]
fn rows_that_break_a_rule_of_postgresql_go_into_quarantine() {
    for (name, column, is_made) in [
        ("priced", "b", false),
        ("priced", "b", true),
        ("nested", "a", false),
        ("checked", "b", false),
        ("checked", "b", true),
        ("required", "a", false),
        ("listed_check", "a", false),
    ] {
        let kind = RULES.iter().find(|kind| kind.0 == name).unwrap();
        let mut place =
            Place::drafted(&format!("{BEFORE} {}", target_sql(kind)), &source_sql(kind));
        if is_made {
            place = Place { database: migration::database(), ..place };
            place.sql(&format!("SET ROLE {}; {BEFORE}", migration::ROLE));
        }
        place.sqlite(&format!("INSERT INTO {name} VALUES {}", kind.3));
        let repair = format!("draft.{name}.{column}=quarantine");
        let refused = place.copy(&["--dry-run"]);
        refused.fails(1, &["at rowid 5", &format!("--repair {repair}")]);
        assert!(!refused.err.contains("from the schema file") || is_made, "{refused:?}");
        let file = place.folder.path().join("rows.jsonl");
        let words = ["--repair", &repair, "--quarantine", file.to_str().unwrap()];
        let with = |word: &'static str| [&[word], &words[..]].concat();
        let dry = place.copy(&with("--dry-run"));
        assert_eq!(dry.code, Some(0), "{name}: {dry:?}");
        assert!(dry.err.contains("=quarantine: 1 row"), "{dry:?}");
        let ran = place.copy(&with("--yes"));
        assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
        assert_eq!(place.number(&format!("SELECT count(*) FROM {name} WHERE id >= 5")), 0);
        assert!(fs::read_to_string(&file).unwrap().contains("rowid 5"));
        let verified = place.copy(&["--verify", "--repair", &repair]);
        assert_eq!(verified.code, Some(0), "{name}: {verified:?}");
        assert_eq!(place.copy(&["--verify"]).code, Some(6), "{name}");
    }
}

/// What the hint tells to do where NULL is refused, by a column or by its domain, is done and
/// helps, also with the schema files that were drafted before.
#[test]
fn null_is_allowed_as_the_hint_says() {
    let place = Place::drafted(
        "CREATE DOMAIN must AS text NOT NULL; CREATE DOMAIN \"Must too\" AS must;
         CREATE TABLE t (id bigint PRIMARY KEY, a must, b text NOT NULL, c must NOT NULL)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT);
         INSERT INTO t VALUES (1, 'x', 'y', 'z')",
    );
    place.sqlite("INSERT INTO t VALUES (2, NULL, NULL, NULL)");
    let refused = place.copy(&["--dry-run"]);
    refused.fails(1, &["K14 draft.t.a", "K14 draft.t.b", "K14 draft.t.c"]);
    let lines = refused.err.lines().filter(|line| line.starts_with("  ALTER "));
    let statements: Vec<&str> = lines.collect();
    assert_eq!(statements.len(), 5, "{refused:?}");
    crate::hint_log::note_followed(&refused.err);
    assert_eq!(refused.err.matches("ALTER DOMAIN must DROP NOT NULL").count(), 2, "{refused:?}");
    statements.iter().for_each(|statement| place.sql(statement));
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let nulls = "SELECT count(*) FROM t WHERE a IS NULL AND b IS NULL AND c IS NULL";
    assert_eq!(place.number(nulls), 1);
}

/// Rows that break a rule go first, then those that refer to them, and of rows with one key the
/// first of those that are left stays.
#[test]
fn rows_that_break_a_rule_are_missing_for_all_others() {
    let place = Place::drafted(
        "CREATE DOMAIN cents AS int CHECK (VALUE >= 0);
         CREATE TABLE bills (id bigint PRIMARY KEY, total cents, label text);
         CREATE UNIQUE INDEX bills_label ON bills (lower(label));
         CREATE TABLE lines (id bigint PRIMARY KEY, bill bigint REFERENCES bills,
            code text UNIQUE)",
        "CREATE TABLE bills (id INTEGER PRIMARY KEY, total INTEGER, label TEXT);
         CREATE TABLE lines (id INTEGER PRIMARY KEY, bill INTEGER REFERENCES bills, code TEXT);
         INSERT INTO bills VALUES (1, 5, 'a'), (2, -5, 'b'), (3, 7, 'B'), (4, 8, 'A');
         INSERT INTO lines VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'y')",
    );
    let file = place.folder.path().join("rows.jsonl");
    let words = [
        "--repair",
        "bills.total=quarantine",
        "--repair",
        "bills=duplicate-quarantine",
        "--repair",
        "lines.bill=orphan-quarantine",
        "--repair",
        "lines=duplicate-quarantine",
    ];
    let ran =
        place.copy(&[&words[..], &["--yes", "--quarantine", file.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT sum(id)::int8 FROM bills"), 4);
    assert_eq!(place.number("SELECT sum(id)::int8 FROM lines"), 4);
    let verified = place.copy(&[&words[..], &["--verify"]].concat());
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

/// What a default of PostgreSQL's refers to is looked for among the rows that the run loads.
#[test]
fn what_a_default_refers_to_may_come_with_the_load() {
    let place = Place::drafted(
        "CREATE TABLE teams (id bigint PRIMARY KEY, name text);
         CREATE TABLE users (id bigint PRIMARY KEY, name text,
            team bigint NOT NULL DEFAULT 7 REFERENCES teams)",
        "CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO teams VALUES (1, 'a');
         CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'b')",
    );
    let before = place.dump();
    for words in [["--dry-run"], ["--yes"]] {
        let texts = ["K1 draft.users.team", "team gets its value from PostgreSQL", "at rowid 1"];
        let ran = place.copy(&words);
        ran.fails(1, &texts);
        assert!(!ran.err.contains("--repair"), "{ran:?}");
    }
    place.dump().is(&before, "changed");
    place.sqlite("INSERT INTO teams VALUES (7, 'c')");
    assert_eq!(place.copy(&["--dry-run"]).code, Some(0));
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
}
