//! The application's own migrations: compared with those of the target, never copied.

use super::Place;
use crate::hint_log;
use crate::migration::ROLE;

/// `schema_migrations` has no file; `alembic_version` has one, and is copied where tables are made.
const SAME: &str = "
    CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean, at timestamp);
    INSERT INTO schema_migrations VALUES (20240101, false, now()), (20240202, false, now());
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('ab12')";

const SOURCE: &str = "
    CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, dirty BOOLEAN, ran TEXT);
    INSERT INTO schema_migrations VALUES (20240101, 0, 'x'), (20240202, 0, 'y');
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('ab12')";

/// Both sides with migration histories, and schema files that name it.
fn place() -> Place {
    let mut place = Place::new();
    place.sqlite(SOURCE);
    place.sql(&format!("SET ROLE {ROLE}; {SAME}"));
    let schema = place.own_schema();
    let database = std::fs::read_to_string(schema.join("database.toml")).unwrap();
    let more =
        "[migration_history]\nschema_migrations = ['version', 'dirty']\nalembic_version = []\n";
    std::fs::write(schema.join("database.toml"), format!("{database}\n{more}")).unwrap();
    let file = "primary_key = ['version_num']\n[columns]\nversion_num = { type = 'varchar(32)' }\n";
    std::fs::write(schema.join("alembic_version.toml"), file).unwrap();
    place
}

#[test]
fn equal_migration_histories_are_left_as_they_are() {
    let place = place();
    let kept = "SELECT count(*) FROM alembic_version, schema_migrations WHERE at IS NOT NULL";
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("all 4 tables exist"), "{ran:?}");
    assert_eq!(place.number(kept), 2);
    place.holds_everything();
    let findings = place.report()["findings"].to_string();
    assert!(findings.contains("identical in SQLite and PostgreSQL (2 rows)"), "{findings}");
    assert!(place.copy(&["--yes"]).out.contains("Already migrated"));
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}

#[test]
fn other_versions_of_the_application_are_refused_by_name() {
    for (side, sql, texts) in [
        (
            "PostgreSQL",
            "INSERT INTO schema_migrations VALUES (20240303, false)",
            &[
                "O4 schema.schema_migrations: the application's own migrations differ",
                "PostgreSQL also has 20240303, 0; the newest entry that both have is 20240202, 0",
                "accept it; it is not changed:\n  --accept-migration-history schema_migrations",
            ][..],
        ),
        (
            "SQLite",
            "UPDATE schema_migrations SET dirty = 1 WHERE version = 20240202",
            &["only SQLite has 20240202, 1; only PostgreSQL has 20240202, 0; the newest entry \
                 that both have is 20240101, 0"],
        ),
        (
            "SQLite",
            "UPDATE alembic_version SET version_num = 'a secret \"text\"'",
            &["O4 schema.alembic_version", "only SQLite has text of 15 bytes; only PostgreSQL"],
        ),
        (
            "PostgreSQL",
            "ALTER TABLE schema_migrations DROP dirty",
            &[
                "O4 schema.schema_migrations: column dirty is missing in SQLite or in PostgreSQL",
                "correct its name",
            ],
        ),
    ] {
        let place = place();
        match side {
            "SQLite" => place.sqlite(sql),
            _ => place.sql(sql),
        }
        let before = place.dump();
        for words in [&["--yes"][..], &["--yes", "--replace-seed"], &["--yes", "--drop-all"]] {
            let ran = place.copy(words);
            ran.fails(4, texts);
            for flag in ["--replace-seed", "--drop-all"] {
                assert!(!ran.err.contains(flag), "{ran:?}");
            }
        }
        place.dump().is(&before, sql);
    }
}

/// A name that is nowhere is a slip of the pen, and the table that was meant would be loaded.
#[test]
fn a_migration_history_that_neither_side_has_is_refused() {
    let place = place();
    let file = place.schema.join("database.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("alembic_version =", "alembic_versions =")).unwrap();
    let before = place.dump();
    let refused = place.copy(&["--yes", "--replace-seed"]);
    refused.fails(
        4,
        &[
            "O4 schema.alembic_versions: neither SQLite nor PostgreSQL has the table",
            "database.toml",
        ],
    );
    hint_log::note_followed(&refused.err);
    let list = text.lines().find(|line| line.starts_with("alembic_version =")).unwrap();
    for followed in [text.clone(), text.replace(list, "")] {
        std::fs::write(&file, followed).unwrap();
        let ran = place.copy(&["--dry-run", "--replace-seed"]);
        assert!(!ran.err.contains("neither SQLite nor PostgreSQL has the table"), "{ran:?}");
    }
    place.dump().is(&before, "changed");
}

/// Where the tables are made, one that is described is one like the others.
#[test]
fn described_migration_history_is_copied_where_tables_are_created() {
    let place = place();
    let empty = crate::migration::database();
    let place = Place { database: empty, ..place };
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM alembic_version"), 1);
    assert_eq!(place.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 5);
    assert!(place.copy(&["--yes"]).out.contains("Already migrated"));
}

/// What PostgreSQL's lists hold, with the columns that do not count.
const LISTS: &str = "
    SELECT count(*) FROM schema_migrations WHERE version IN (20240101, 20240202, 20240303)
    AND at IS NOT NULL AND (SELECT count(*) FROM alembic_version WHERE version_num = 'ab12') = 1";

/// Both sides with lists that differ, as one release of some applications has them.
fn different() -> Place {
    let place = place();
    place.sql("INSERT INTO schema_migrations VALUES (20240303, false, now())");
    place.sqlite("INSERT INTO schema_migrations VALUES (20240204, 0, 'z')");
    place
}

#[test]
fn different_migration_histories_are_accepted_when_their_table_is_named() {
    let place = different();
    let flag = ["--accept-migration-history", "schema_migrations"];
    let ran = place.copy(&[&["--dry-run"], &flag[..]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // The database's name may stand before it; another table's list is not accepted with it.
    let flag = ["--accept-migration-history", "schema.schema_migrations"];
    place.sql("UPDATE alembic_version SET version_num = 'zz99'");
    place.copy(&[&["--yes"], &flag[..]].concat()).fails(4, &["O4 schema.alembic_version"]);
    place.sql("UPDATE alembic_version SET version_num = 'ab12'");
    for kind in [&["--yes"][..], &["--yes", "--replace-seed"]] {
        let ran = place.copy(&[kind, &flag[..]].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(place.number(LISTS), 3);
        place.holds_everything();
    }
    let place = different();
    let ran = place.copy(&[&["--yes"], &flag[..]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("warning: O4 schema.schema_migrations: "), "{ran:?}");
    assert!(ran.err.contains("accepted, and PostgreSQL's list is kept"), "{ran:?}");
    let output = "schema_migrations: the lists differ, the difference was accepted, and \
                  PostgreSQL's list is kept";
    assert!(ran.out.contains(output), "{ran:?}");
    let accepted = place.report().pointer("/databases/0/accepted_histories").unwrap().clone();
    let wanted = serde_json::json!([{
        "name": "schema_migrations", "source_only": 1, "target_only": 1,
        "newest_common": "20240202, 0"
    }]);
    assert_eq!(accepted, wanted);
    assert!(place.copy(&["--yes"]).out.contains("Already migrated"));
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}

#[test]
fn a_flag_that_names_no_migration_history_is_refused() {
    let place = different();
    let before = place.dump();
    for name in ["teams", "SCHEMA_MIGRATIONS", "other.schema_migrations", ""] {
        let ran = place.copy(&["--yes", "--accept-migration-history", name]);
        ran.fails(2, &["not a migration history table", "schema_migrations, alembic_version"]);
        hint_log::note_followed(&ran.err);
    }
    for name in ["schema_migrations", "alembic_version"] {
        let ran = place.copy(&["--dry-run", "--accept-migration-history", name]);
        assert!(!ran.err.contains("not a migration history table"), "{name}: {ran:?}");
    }
    place.dump().is(&before, "changed");
}

#[test]
fn different_migration_histories_are_asked_about_at_a_terminal() {
    let place = different();
    let before = place.dump();
    let question = "keep PostgreSQL's list in schema_migrations and continue? [y/N]";
    let refused = place.copy_at_terminal(&["n"], &[]);
    refused.fails(4, &[question, "only SQLite has 20240204, 0; only PostgreSQL has 20240303, 0"]);
    // With --yes nobody is asked, and nothing is taken for an answer.
    let yes = place.copy_at_terminal(&["y"], &["--yes"]);
    yes.fails(4, &["  --accept-migration-history schema_migrations"]);
    assert!(!yes.err.contains("[y/N]"), "{yes:?}");
    // Nothing is asked about lists when something else ends the run.
    place.sql("INSERT INTO teams VALUES (7, 'q', NULL, 'inner')");
    let seeded = place.copy_at_terminal(&["y", "y"], &[]);
    seeded.fails(4, &["O6 schema", "O4 schema"]);
    assert!(!seeded.err.contains("[y/N]"), "{seeded:?}");
    place.sql("DELETE FROM teams");
    place.dump().is(&before, "changed");
    let ran = place.copy_at_terminal(&["y", "y"], &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number(LISTS), 3);
    place.holds_everything();
}

/// PostgreSQL's list stays, also in tables that this program has made.
#[test]
fn drop_all_leaves_migration_histories_as_they_are() {
    let place = place();
    let place = Place { database: crate::migration::database(), ..place };
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    // The application has gone on in PostgreSQL.
    place.sql("UPDATE alembic_version SET version_num = 'cd34'");
    place.sql("UPDATE teams SET lead = NULL");
    let before = place.dump();
    place.copy(&["--yes", "--drop-all"]).fails(4, &["O4 schema.alembic_version"]);
    place.dump().is(&before, "changed");
    let flag = ["--accept-migration-history", "alembic_version"];
    let ran = place.copy(&[&["--yes", "--drop-all"], &flag[..]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM alembic_version WHERE version_num = 'cd34'"), 1);
    assert_eq!(place.number("SELECT count(*) FROM teams WHERE lead IS NOT NULL"), 2);
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
    // Where only the list is left of all tables.
    place.sql("DROP TABLE visits, teams, bookings, \"Accounts\" CASCADE");
    let ran = place.copy(&[&["--yes", "--drop-all"], &flag[..]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM alembic_version WHERE version_num = 'cd34'"), 1);
}

/// A library's list that the schema files do not name as one is not emptied either.
#[test]
fn a_migration_history_that_no_schema_file_names_is_not_replaced() {
    let place = place();
    let file = place.schema.join("database.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = "alembic_version = []\n";
    std::fs::write(&file, text.replace(line, "")).unwrap();
    let before = place.dump();
    for words in [&["--yes"][..], &["--yes", "--replace-seed"], &["--yes", "--drop-all"]] {
        let ran = place.copy(words);
        let named =
            "under `[migration_history]` in database.toml:\n  alembic_version = [\"version_num\"]";
        ran.fails(4, &["O4 schema.alembic_version: PostgreSQL has 1 row in the", named]);
        assert!(!ran.err.contains("--replace-seed"), "{ran:?}");
    }
    place.dump().is(&before, "changed");
    // An empty one is a table like others.
    place.sql("DELETE FROM alembic_version");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
