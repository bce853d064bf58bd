//! What keeps a load out of existing tables, each before a row is written, or rolled back.

use std::fs;

use super::Place;
use crate::migration::ROLE;
use crate::{hint_log, server};

/// What is done to the target, and what is said of it.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "DROP MATERIALIZED VIEW counted; DROP VIEW visitors;
         ALTER TABLE visits ALTER note TYPE varchar(10); ALTER TABLE visits ALTER account TYPE int;
         ALTER TABLE teams RENAME code TO \"Code\"; ALTER TABLE teams ADD must int NOT NULL",
        &[
            "S14 schema.visits.note: text in the schema files, character varying(10) in PostgreSQL",
            "S14 schema.visits.account: int8 in the schema files, integer in PostgreSQL",
            "O2 schema.teams.code: not in PostgreSQL; a column with a similar name is Code",
            "O3 schema.teams.must: only in PostgreSQL, where every row must have a value",
        ],
    ),
    (
        "ALTER TABLE bookings ALTER half DROP EXPRESSION",
        &["O11 schema.bookings.half: a computed column in the schema files"],
    ),
    (
        "ALTER TYPE team_kind RENAME VALUE 'outer' TO 'other'",
        &["J8 schema.teams.kind: PostgreSQL's type team_kind lacks labels: outer"],
    ),
    (
        "ALTER TABLE visits OWNER TO SUPER_; ALTER SEQUENCE shared_ids OWNER TO SUPER_;
         ALTER TABLE audit OWNER TO SUPER_; REVOKE INSERT ON teams FROM ROLE_",
        &[
            "P2 schema: 2 tables belong to SUPER_, not to ROLE_:",
            "P2 schema.bookings: sequence public.shared_ids belongs to SUPER_",
            "  public.audit",
            "GRANT SUPER_ TO ROLE_;",
            "P2 schema.teams: role ROLE_ owns the table but lacks privileges on it: INSERT",
            "GRANT INSERT ON public.teams TO ROLE_;",
        ],
    ),
    (
        "ALTER TABLE teams ENABLE ROW LEVEL SECURITY; ALTER TABLE teams FORCE ROW LEVEL SECURITY",
        &["K17 schema.teams: row-level security hides rows", "NO FORCE ROW LEVEL SECURITY;"],
    ),
    (
        "ALTER TABLE visits DISABLE TRIGGER ALL",
        &["K17 schema.visits: triggers of foreign keys are disabled"],
    ),
    ("CREATE TABLE younger () INHERITS (visits)", &["O19 schema.visits: it inherits from another"]),
    (
        "ALTER TABLE visits SET UNLOGGED",
        &["O19 schema.visits: the table is unlogged", "ALTER TABLE public.visits SET LOGGED;"],
    ),
    (
        "ALTER TABLE bookings RENAME TO other; CREATE VIEW bookings AS SELECT * FROM other;
         ALTER VIEW bookings OWNER TO ROLE_",
        &["O19 schema.bookings: it is a view"],
    ),
    (
        "ALTER TABLE bookings RENAME TO other;
         CREATE TABLE bookings (LIKE other INCLUDING GENERATED INCLUDING DEFAULTS)
            PARTITION BY RANGE (id);
         CREATE UNLOGGED TABLE others PARTITION OF bookings DEFAULT;
         ALTER TABLE bookings OWNER TO ROLE_",
        &["O19 schema.bookings: one of its partitions is no ordinary table"],
    ),
    (
        "DROP TABLE bookings",
        &[
            "already has tables that the migration would create",
            "\"public\".\"teams\": 0 rows",
            "missing: ",
        ],
    ),
    (
        "CREATE SCHEMA later AUTHORIZATION ROLE_; ALTER TABLE bookings SET SCHEMA later;
         ALTER ROLE ROLE_ IN DATABASE DATABASE_ SET search_path = public, later",
        &["P4 the tables are in several schemas", "later: bookings", "search_path=NAME"],
    ),
];

#[test]
fn existing_tables_that_do_not_fit_are_refused_all_at_once() {
    for (change, texts) in REFUSED {
        let place = Place::new();
        let output = |text: &str| {
            text.replace("ROLE_", ROLE)
                .replace("SUPER_", server::SUPERUSER)
                .replace("DATABASE_", &place.database.name)
        };
        place.sql(&output(change));
        let before = place.dump();
        let texts: Vec<String> = texts.iter().map(|text| output(text)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for words in [&["--yes"][..], &["--yes", "--drop-all"], &["--dry-run"]] {
            if words.contains(&"--drop-all") && change.starts_with("DROP") {
                continue;
            }
            place.copy(words).fails(4, &texts);
        }
        place.dump().is(&before, change);
    }
}

/// Rules that only the target has act while it is loaded; the row is named, and all is taken back.
#[test]
fn rows_that_break_a_constraint_of_the_target_are_named_and_rolled_back() {
    for (change, texts) in [
        ("UPDATE Accounts SET email = 'nobody' WHERE id = 2", &["address_check", "rowid 2"][..]),
        (
            "UPDATE Accounts SET Name = '' WHERE id = 3",
            &["violates the constraint Named", "rowid 3"],
        ),
        ("UPDATE bookings SET cents = 0 WHERE id = 9", &["positive", "rowid 9"]),
        (
            "UPDATE bookings SET from_at = '2024-01-01 10:30:00'",
            &["K16 schema.bookings", "exclusion constraint no overlap", "rowid"],
        ),
        ("UPDATE Accounts SET team_code = NULL WHERE id = 1", &["in_team"]),
        ("INSERT INTO visits VALUES (77, 78, '')", &[]),
    ] {
        let place = Place::new();
        let before = place.dump();
        place.sqlite(change);
        let ran = place.copy(&["--yes"]);
        if texts.is_empty() {
            // A foreign key that was never valid is not made valid by us.
            assert_eq!(ran.code, Some(0), "{ran:?}");
            continue;
        }
        assert!(matches!(ran.code, Some(1 | 5)), "{ran:?}");
        for text in texts {
            assert!(ran.err.contains(text), "{text}: {ran:?}");
        }
        place.dump().is(&before, change);
    }
}

/// What PostgreSQL computes must be what SQLite has.
#[test]
fn computed_columns_are_compared() {
    let place = Place::new();
    place.sql(
        "ALTER TABLE bookings DROP half, ADD half int GENERATED ALWAYS AS ((cents + 1) / 2) STORED",
    );
    let before = place.dump();
    for words in ["--yes", "--dry-run"] {
        let texts = ["O11 schema.bookings.half", "rowid 9", "source = false"];
        place.copy(&[words]).fails(1, &texts);
        place.dump().is(&before, "changed");
    }
}

#[test]
fn null_that_only_the_target_refuses_is_found_before_anything_is_written() {
    let place = Place::new();
    place.sql("ALTER TABLE visits ALTER note SET NOT NULL");
    place.copy(&["--yes"]).fails(1, &["K14 schema.visits.note", "rowid 2"]);
}

/// The tables are those that the application would see.
#[test]
fn tables_of_a_later_schema_of_the_search_path_are_found() {
    let place = Place::new();
    server::execute(
        &place.database.url,
        &format!(
            "CREATE SCHEMA {ROLE} AUTHORIZATION {ROLE}\n\
             CREATE TABLE {ROLE}.unrelated (id int)\n\
             ALTER TABLE {ROLE}.unrelated OWNER TO {ROLE}"
        ),
    );
    let before = place.structure();
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place.structure().is(&before, "changed");
    place.holds_everything();
}

/// Neither keeps a load from being done; both see it.
#[test]
fn a_publication_and_an_event_trigger_are_reported() {
    let place = Place::new();
    place.sql(
        "CREATE PUBLICATION passed_on FOR TABLE visits; \
         CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; \
         CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION seen()",
    );
    let before = place.structure();
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for finding in ["publication passed_on has public.visits", "event trigger watcher"] {
        assert!(ran.err.contains(&format!("warning: P19 schema: {finding}")), "{ran:?}");
    }
    place.structure().is(&before, "changed");
}

/// Unlogged tables that refer to one another: the statements that are printed, in their order.
#[test]
fn the_statements_that_make_tables_logged_can_be_followed() {
    let place = Place::undecided(
        "CREATE UNLOGGED TABLE a (id bigint PRIMARY KEY, b bigint, z bigint,
            own bigint REFERENCES a);
         CREATE UNLOGGED TABLE b (id bigint PRIMARY KEY, a bigint NOT NULL REFERENCES a
            ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
         CREATE UNLOGGED TABLE \"Z\" (id bigint PRIMARY KEY);
         ALTER TABLE a ADD CONSTRAINT \"to B\" FOREIGN KEY (b) REFERENCES b ON DELETE SET NULL,
            ADD FOREIGN KEY (z) REFERENCES \"Z\" NOT VALID;
         CREATE TABLE c (id bigint PRIMARY KEY)",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER, z INTEGER, own INTEGER);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL);
         CREATE TABLE \"Z\" (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY);
         INSERT INTO a VALUES (1, 1, 1, 1); INSERT INTO b VALUES (1, 1);
         INSERT INTO \"Z\" VALUES (1)",
    );
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
    let residue = fs::read_to_string(place.schema.join("RESIDUE.md")).unwrap();
    assert!(residue.contains("3 tables are unlogged"), "{residue}");
    assert!(residue.contains("\nALTER TABLE public.a SET LOGGED;\n"), "{residue}");
    let refused = place.copy(&["--dry-run"]);
    refused.fails(4, &["O19 draft: 3 tables are unlogged", "  public.\"Z\"", "in this order"]);
    let statements: Vec<&str> = refused
        .err
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("ALTER TABLE "))
        .collect();
    for statement in &statements {
        place.sql(statement);
    }
    hint_log::note_followed(&refused.err);
    assert_eq!(place.number(keys), 4);
    assert_eq!(place.number("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"), 1);
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
}

/// A table that inherits: the draft says so, and the lines that the refusal has can be followed.
#[test]
fn a_table_that_inherits_is_taken_out_of_its_family_for_the_load() {
    let place = Place::undecided(
        "CREATE TABLE base (id bigint PRIMARY KEY, name text);
         CREATE TABLE \"Events\" (value text) INHERITS (base)",
        "CREATE TABLE \"Events\" (id INTEGER PRIMARY KEY, name TEXT, value TEXT);
         INSERT INTO \"Events\" VALUES (1, 'a', 'b')",
    );
    let residue = fs::read_to_string(place.schema.join("RESIDUE.md")).unwrap();
    let output = "- **the table in PostgreSQL**: it inherits from another table";
    assert!(residue.contains(output), "{residue}");
    let refused = place.copy(&["--dry-run"]);
    refused.fails(4, &["O19 draft.Events: it inherits from another table", "NO INHERIT"]);
    hint_log::note_followed(&refused.err);
    let lines =
        || refused.err.lines().map(str::trim).filter(|line| line.starts_with("ALTER TABLE "));
    lines().filter(|line| line.contains(" NO INHERIT ")).for_each(|line| place.sql(line));
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    lines().filter(|line| !line.contains(" NO INHERIT ")).for_each(|line| place.sql(line));
    assert_eq!(place.number("SELECT count(*) FROM base"), 1);
}

#[test]
fn a_table_is_made_logged_as_the_hint_says() {
    let place = Place::new();
    place.sql("ALTER TABLE visits SET UNLOGGED");
    let refused = place.copy(&["--dry-run"]);
    refused.fails(
        4,
        &["O19 ", "hint: make the table logged:\n  ALTER TABLE public.visits SET LOGGED;"],
    );
    hint_log::note_followed(&refused.err);
    place.sql("ALTER TABLE public.visits SET LOGGED");
    assert!(!place.copy(&["--dry-run"]).err.contains("error: O19 "));
}

#[test]
fn a_sequence_is_given_to_the_role_as_the_hint_says() {
    let place = Place::new();
    let admin = server::SUPERUSER;
    place.sql(&format!("ALTER SEQUENCE shared_ids OWNER TO {admin}"));
    let refused = place.copy(&["--dry-run"]);
    refused.fails(4, &["P2 schema.bookings: sequence public.shared_ids belongs to"]);
    let (_, statement) = refused.err.split_once("\n  ALTER SEQUENCE ").unwrap();
    let statement = statement.split(';').next().unwrap();
    place.sql(&format!("ALTER SEQUENCE {statement}"));
    hint_log::note_followed(&refused.err);
    assert!(!place.copy(&["--dry-run"]).err.contains("error: P2 "), "{refused:?}");
}

/// A schema that a schema file states must let the role in; the statement of the hint does so.
#[test]
fn a_schema_that_is_stated_must_be_open_to_the_role() {
    let table = "CREATE TABLE t (id INTEGER PRIMARY KEY)";
    let place = Place::drafted(table, &format!("{table}; INSERT INTO t VALUES (4)"));
    place.sql("DROP TABLE t; CREATE SCHEMA closed");
    let file = place.schema.join("t.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("schema = \"closed\"\n{text}")).unwrap();
    let refused = place.copy(&["--yes"]);
    refused.fails(4, &["P3 ", "has no permission to create tables in schema closed"]);
    let hint = refused
        .err
        .lines()
        .find_map(|line| line.strip_prefix("  ").filter(|line| line.starts_with("GRANT ")));
    place.sql(hint.unwrap());
    crate::hint_log::note_followed(&refused.err);
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM closed.t WHERE id = 4"), 1);
}
