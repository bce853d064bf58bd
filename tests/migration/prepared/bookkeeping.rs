//! The application's own migrations: compared with those of the prepared target, never copied.

use super::Place;
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

/// Both sides with bookkeeping, and schema files that name it.
fn place() -> Place {
    let mut place = Place::new();
    place.sqlite(SOURCE);
    place.sql(&format!("SET ROLE {ROLE}; {SAME}"));
    let schema = place.own_schema();
    let database = std::fs::read_to_string(schema.join("database.toml")).unwrap();
    let more = "[bookkeeping]\nschema_migrations = ['version', 'dirty']\nalembic_version = []\n";
    std::fs::write(schema.join("database.toml"), format!("{database}\n{more}")).unwrap();
    let file = "primary_key = ['version_num']\n[columns]\nversion_num = { type = 'varchar(32)' }\n";
    std::fs::write(schema.join("alembic_version.toml"), file).unwrap();
    place
}

#[test]
fn equal_bookkeeping_is_left_as_it_is() {
    let place = place();
    let kept = "SELECT count(*) FROM alembic_version, schema_migrations WHERE at IS NOT NULL";
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("all 4 tables stand"), "{ran:?}");
    assert_eq!(place.number(kept), 2);
    place.holds_everything();
    let findings = place.report()["findings"].to_string();
    assert!(findings.contains("equal on both sides (2 rows)"), "{findings}");
    assert!(place.copy(&["--yes"]).out.contains("done before"));
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
                "PostgreSQL also has 20240303, 0",
            ][..],
        ),
        (
            "SQLite",
            "UPDATE schema_migrations SET dirty = 1 WHERE version = 20240202",
            &["only SQLite has 20240202, 1; only PostgreSQL has 20240202, 0"],
        ),
        (
            "SQLite",
            "UPDATE alembic_version SET version_num = 'a secret \"text\"'",
            &["O4 schema.alembic_version", "only SQLite has text of 15 bytes; only PostgreSQL"],
        ),
        (
            "PostgreSQL",
            "ALTER TABLE schema_migrations DROP dirty",
            &["O4 schema.schema_migrations: column dirty is not on both sides", "correct its name"],
        ),
    ] {
        let place = place();
        match side {
            "SQLite" => place.sqlite(sql),
            _ => place.sql(sql),
        }
        let before = place.dump();
        for words in [&["--yes"][..], &["--yes", "--replace-seed"], &["--yes", "--drop-all"]] {
            place.copy(words).fails(4, texts);
        }
        place.dump().is(&before, sql);
    }
}

/// A name that is nowhere is a slip of the pen, and the table that was meant would be loaded.
#[test]
fn a_name_that_neither_side_knows_is_refused() {
    let place = place();
    let file = place.schema.join("database.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("alembic_version =", "alembic_versions =")).unwrap();
    let before = place.dump();
    place.copy(&["--yes", "--replace-seed"]).fails(
        4,
        &[
            "O4 schema.alembic_versions: neither SQLite nor PostgreSQL has the table",
            "database.toml",
        ],
    );
    place.dump().is(&before, "changed");
}

/// Where the tables are made, one that is described is one like the others.
#[test]
fn described_bookkeeping_goes_along_where_tables_are_made() {
    let place = place();
    let empty = crate::migration::database();
    let place = Place { database: empty, ..place };
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM alembic_version"), 1);
    assert_eq!(place.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 5);
    assert!(place.copy(&["--yes"]).out.contains("done before"));
}
