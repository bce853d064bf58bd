//! Rows that the application puts into its new tables.

use super::Place;
use crate::migration::{ROLE, Site, compare, end_to_end};
use crate::server;

const SEED: &str = "
    SET test.seeding = on;
    INSERT INTO \"Accounts\" (email, \"Name\") VALUES ('admin@example.com', 'admin');
    INSERT INTO visits (account, note) SELECT 1, 'seed' FROM generate_series(1, 1200)";

#[test]
fn seed_rows_are_replaced_only_with_the_flag() {
    let place = Place::new();
    place.sql(SEED);
    let (before, structure) = (place.dump(), place.structure());
    place.copy(&["--yes"]).fails(
        4,
        &[
            "O6 schema: tables of the migration already have rows in the target:",
            "\"public\".\"Accounts\": 1 row",
            "\"public\".\"visits\": 1,200 rows",
            "puts into new tables: `--replace-seed`",
        ],
    );
    place.dump().is(&before, "changed");
    let ran = place.copy_hooked("kill Restore 1", &["--yes", "--replace-seed"]);
    assert_eq!(ran.code, None, "{ran:?}");
    place.dump().is(&before, "changed");
    let ran = place.copy(&["--yes", "--replace-seed"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("\"public\".\"visits\" is emptied (1,200 rows)"), "{ran:?}");
    assert!(
        ran.out.contains(
            "Replaced in PostgreSQL\n  table Accounts: 1 row\n  table visits: 1,200 rows\n"
        ),
        "{ran:?}"
    );
    let replaced = place.report().pointer("/databases/0/replaced").unwrap().clone();
    let wanted = serde_json::json!([
        {"name": "Accounts", "rows": 1}, {"name": "visits", "rows": 1200}
    ]);
    assert_eq!(replaced, wanted);
    place.structure().is(&structure, "changed");
    place.holds_everything();
    // A sequence is not turned back: its 1,200 values may be known somewhere.
    assert_eq!(place.number("SELECT nextval('shared_ids')"), 1210);
    // Said again after it was done, it finds everything done.
    let again = place.copy(&["--yes", "--replace-seed"]);
    assert!(again.out.contains("Already migrated"), "{again:?}");
}

/// The application's tables are emptied, never dropped.
#[test]
fn drop_all_empties_tables_that_the_application_has_made() {
    let place = Place::new();
    place.sql(SEED);
    let structure = place.structure();
    let ran = place.copy(&["--yes", "--drop-all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place.structure().is(&structure, "changed");
    place.holds_everything();
}

/// Rows outside of the plan that refer to seeded rows keep them from being replaced.
#[test]
fn seed_rows_that_others_refer_to_are_not_replaced() {
    let place = Place::new();
    place.sql(&format!("{SEED}; UPDATE \"Accounts\" SET email = 'x@y'; "));
    place.sql("UPDATE audit SET account = (SELECT id FROM \"Accounts\")");
    place.sqlite(
        "DELETE FROM Accounts WHERE id = 1; \
                  UPDATE teams SET lead = NULL; DELETE FROM visits",
    );
    let before = place.dump();
    let ran = place.copy(&["--yes", "--replace-seed"]);
    ran.fails(1, &["foreign key about", "nothing was changed"]);
    place.dump().is(&before, "changed");
}

/// Connect's own tables as they may be on a server: with a column and an index that we do not know.
#[test]
fn built_in_schemas_go_into_existing_tables() {
    let site = Site::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/connect");
    for name in ["core", "instrumentation"] {
        let sql = std::fs::read_to_string(format!("{root}/{name}/postgres.sql")).unwrap();
        let mut client = server::connect(&site.database.url).client;
        client.batch_execute(&format!("SET ROLE {ROLE}; {sql}")).unwrap();
    }
    server::execute(
        &site.database.url,
        &format!(
            "SET ROLE {ROLE}\n\
             ALTER TABLE apps ADD COLUMN later text DEFAULT 'new'\n\
             CREATE INDEX apps_later ON apps (later)\n\
             CREATE VIEW running AS SELECT id FROM jobs"
        ),
    );
    let dumped = || super::dump(&site.database.url, &["--schema-only"]);
    let before = dumped();
    let ran = site.migrate();
    assert!(ran.err.contains("core: all 49 tables exist in schema public"), "{ran:?}");
    assert!(ran.err.contains("instrumentation: all 3 tables exist in schema public"), "{ran:?}");
    dumped().is(&before, "changed");
    for (file, version) in end_to_end::newest() {
        let compared = compare::compare(&site.file(file), &site.database.url, version);
        assert_eq!(compared.differing, [] as [String; 0]);
        assert_eq!(compared.cells, compared.counted);
    }
    assert!(site.db(&["--yes"]).out.contains("Already migrated"));
    assert_eq!(site.db(&["--verify"]).code, Some(0));
}
