//! `--drop-all`: what this program has made is dropped, what the application has made is emptied.

use super::run_modes::{create_foreign_tables, holds_everything};
use super::{ROLE, Site, dump};
use crate::server;

/// What this program did not make, it does not drop.
#[test]
fn drop_all_leaves_tables_that_it_would_create_differently() {
    let site = Site::new();
    create_foreign_tables(&site);
    let (before, files) = (site.dump(), site.hashes());
    let ran = site.db(&["-yes", "-drop-all"]);
    ran.fails(
        4,
        &[
            "not dropped, as they are not exactly what this program would create:",
            "\"public\".\"apps\": 1,234 rows",
            "\"public\".\"matching_rule\" (a type)",
            "drop them in PostgreSQL",
        ],
    );
    site.dump().is(&before, "changed");
    assert_eq!(site.hashes(), files);
}

#[test]
fn drop_all_replaces_exactly_what_this_program_has_made() {
    let site = Site::new();
    site.migrate();
    let ran = site.db(&["--yes", "--drop-all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("--drop-all replaces \"public\".\"apps\" (16 rows)"), "{ran:?}");
    assert!(holds_everything(&site));
    // Also when somebody took a part of them away.
    server::execute(&site.database.url, "DROP TABLE job_errors, shiny_app_usage");
    server::execute(&site.database.url, "CREATE TABLE theirs AS SELECT 1 AS id");
    // Rows that stand in some of the tables only may be another file's: nothing empties them by a
    // hint of ours.
    let ran = site.db(&["--yes"]);
    ran.fails(4, &["already has tables", "those of another SQLite file"]);
    assert!(!ran.err.contains("--drop-all"), "{ran:?}");
    let ran = site.db(&["--yes", "--drop-all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(holds_everything(&site));
    assert_eq!(site.number("SELECT count(*) FROM theirs"), 1);
}

/// An error is no answer to the question of what this program would create: nothing is emptied in
/// place of being dropped, because a statement was cancelled.
#[test]
fn an_error_while_tables_are_compared_ends_the_run() {
    let site = Site::new();
    site.migrate();
    server::execute(
        &site.database.url,
        "CREATE FUNCTION cancel() RETURNS event_trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'cancelled' USING ERRCODE = 'query_canceled'; END $$; \
         CREATE EVENT TRIGGER cancel ON ddl_command_start WHEN TAG IN ('CREATE TABLE') \
         EXECUTE FUNCTION cancel()",
    );
    let before = site.dump();
    let ran = site.db(&["--yes", "--drop-all"]);
    ran.fails(5, &["reading existing tables: query_canceled (SQLSTATE 57014)"]);
    assert!(!ran.err.contains("is emptied"), "{ran:?}");
    site.dump().is(&before, "changed");
}

/// Where the role may make no temporary tables, nothing shows that the tables are this program's:
/// they are emptied and stay.
#[test]
fn without_temporary_tables_nothing_is_dropped() {
    let site = Site::new();
    site.migrate();
    let revoke = format!(
        "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, {ROLE}', \
         current_database()); END $$"
    );
    server::execute(&site.database.url, &revoke);
    let ran = site.db(&["--yes", "--drop-all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("\"public\".\"apps\" is emptied (16 rows)"), "{ran:?}");
    assert!(holds_everything(&site));
}

/// A table on which somebody has built is the application's: it is emptied and stays.
#[test]
fn what_others_have_built_on_a_planned_table_is_never_dropped() {
    let site = Site::new();
    site.migrate();
    for built in [
        "CREATE VIEW own_view AS SELECT id FROM apps",
        "CREATE TABLE own (id int, app bigint CONSTRAINT own_fk REFERENCES apps)",
        "CREATE TABLE theirs (id int PRIMARY KEY, kind matching_rule[])",
        "COMMENT ON TABLE jobs IS 'ours'",
        "GRANT SELECT ON jobs TO PUBLIC",
    ] {
        server::execute(&site.database.url, &format!("SET ROLE {ROLE}\n{built}"));
        let before = dump(&site.database.url, &["--schema-only"]);
        let ran = site.db(&["--yes", "--drop-all"]);
        assert_eq!(ran.code, Some(0), "{built}: {ran:?}");
        assert!(ran.err.contains("\"public\".\"apps\" is emptied (16 rows)"), "{ran:?}");
        dump(&site.database.url, &["--schema-only"]).is(&before, built);
        assert!(holds_everything(&site));
    }
}

/// Settings that dropping a table would lose: it is emptied and keeps them.
#[test]
fn settings_of_sequences_and_columns_are_not_lost() {
    let site = Site::new();
    site.migrate();
    for (setting, back) in [
        ("ALTER SEQUENCE apps_id_seq INCREMENT BY 5", "ALTER SEQUENCE apps_id_seq INCREMENT BY 1"),
        ("ALTER SEQUENCE apps_id_seq CACHE 20", "ALTER SEQUENCE apps_id_seq CACHE 1"),
        ("ALTER SEQUENCE apps_id_seq CYCLE", "ALTER SEQUENCE apps_id_seq NO CYCLE"),
        (
            "ALTER TABLE apps ALTER name SET STORAGE EXTERNAL",
            "ALTER TABLE apps ALTER name SET STORAGE EXTENDED",
        ),
        (
            "ALTER TABLE apps ALTER name SET STATISTICS 7",
            "ALTER TABLE apps ALTER name SET STATISTICS -1",
        ),
        ("ALTER TABLE apps CLUSTER ON apps_pkey", "ALTER TABLE apps SET WITHOUT CLUSTER"),
    ] {
        server::execute(&site.database.url, setting);
        let before = dump(&site.database.url, &["--schema-only"]);
        let ran = site.db(&["--yes", "--drop-all"]);
        assert_eq!(ran.code, Some(0), "{setting}: {ran:?}");
        assert!(ran.err.contains("\"public\".\"apps\" is emptied (16 rows)"), "{ran:?}");
        dump(&site.database.url, &["--schema-only"]).is(&before, setting);
        server::execute(&site.database.url, back);
    }
    assert!(holds_everything(&site));
}
