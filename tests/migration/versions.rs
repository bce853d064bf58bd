//! Each version of Connect's databases is known by its structure; others are refused.

use std::collections::BTreeSet;
use std::fs;

use connect_migrate::schema::{Schema, built_in};
use rusqlite::Connection;

use super::compare::compare;
use super::{Site, sample_files};

fn core() -> &'static Schema {
    built_in("connect/core").unwrap()
}

fn instrumentation() -> &'static Schema {
    built_in("connect/instrumentation").unwrap()
}

/// The versions whose core and instrumentation both look as at `name`.
fn alike(name: &str) -> BTreeSet<String> {
    let tables = |schema: &Schema, name: &str| {
        let version = schema.versions.iter().find(|version| version.name == name).unwrap();
        version.tables().copied().collect::<Vec<_>>()
    };
    let names = core().versions.iter().map(|version| version.name);
    let same = |other: &&str| {
        [core(), instrumentation()].iter().all(|s| tables(s, other) == tables(s, name))
    };
    names.filter(same).map(str::to_owned).collect()
}

/// Rows that are in the write-ahead log and not yet in the file, as when a server was stopped
/// hard.
const LATE: &str = "
    CREATE TEMP TABLE late AS SELECT * FROM rmd_and_static_hits LIMIT 1;
    UPDATE late SET id = 9223372036854775000, app_guid = 'late';
    INSERT INTO rmd_and_static_hits SELECT * FROM late;
    UPDATE shiny_app_usage SET app_guid = 'changed late'
        WHERE id = (SELECT max(id) FROM shiny_app_usage);";

/// Puts [`LATE`] into the log beside the file, and nothing of it into the file.
fn late_rows(site: &Site) {
    let file = site.file("connect-instrumentation.db");
    let open = |name: &str| Connection::open(site.file(name)).unwrap();
    let work = site.file("work.db");
    fs::rename(&file, &work).unwrap();
    let writer = open("work.db");
    writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    writer.execute_batch(LATE).unwrap();
    let log = |name: &str| site.file(&format!("{name}-wal"));
    fs::copy(&work, &file).unwrap();
    let alone = "SELECT count(*) FROM rmd_and_static_hits WHERE app_guid = 'late'";
    let count = |name| open(name).query_row(alone, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("connect-instrumentation.db"), 0, "the row is in the file already");
    fs::copy(log("work.db"), log("connect-instrumentation.db")).unwrap();
    drop(writer);
    fs::remove_file(&work).unwrap();
    assert!(fs::metadata(log("connect-instrumentation.db")).unwrap().len() > 0);
}

#[test]
fn each_version_is_detected_and_migrated_with_the_rows_of_its_log() {
    let versions: Vec<&str> = core().versions.iter().map(|version| version.name).collect();
    assert_eq!(versions.len(), 7);
    for name in versions {
        let site = Site::with(&sample_files(60, Some(name)));
        late_rows(&site);
        let before = site.hashes();
        assert_eq!(before.iter().filter(|(file, _)| file.ends_with("-wal")).count(), 1);
        site.migrate();
        assert_eq!(site.hashes(), before, "{name}");
        let report = site.report();
        let mut common: Option<BTreeSet<String>> = None;
        for database in report["databases"].as_array().unwrap() {
            let of = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let found: BTreeSet<String> =
                database["versions"].as_array().unwrap().iter().map(of).collect();
            common = Some(match common {
                None => found,
                Some(common) => common.intersection(&found).cloned().collect(),
            });
            let tables = database["tables"].as_array().unwrap();
            assert!(tables.iter().all(|table| table["verified"] == true), "{name}: {database}");
        }
        assert_eq!(common.unwrap(), alike(name), "{name}");
        let late = "SELECT count(*) FROM rmd_and_static_hits WHERE app_guid = 'late'";
        assert_eq!(site.number(late), 1, "{name}");
        for (file, schema) in
            [("connect.db", core()), ("connect-instrumentation.db", instrumentation())]
        {
            let version = schema.versions.iter().find(|version| version.name == name).unwrap();
            let compared = compare(&site.file(file), &site.database.url, version);
            assert_eq!(compared.differing, [] as [String; 0], "{name}");
            assert_eq!(compared.cells, compared.counted);
        }
    }
}

#[test]
fn unknown_structure_is_refused_with_every_difference() {
    let site = Site::new();
    site.sqlite(
        "connect-instrumentation.db",
        "ALTER TABLE shiny_app_usage ADD COLUMN colour TEXT;
         ALTER TABLE rmd_and_static_hits DROP COLUMN rendering_id;
         ALTER TABLE content_hits RENAME COLUMN content_guid TO old;
         ALTER TABLE content_hits ADD COLUMN content_guid INTEGER;
         DROP INDEX content_hits_content_guid;
         ALTER TABLE content_hits DROP COLUMN old;",
    );
    let (before, files) = (site.dump(), site.hashes());
    site.db(&["--yes"]).fails(
        3,
        &[
            "closest is `2026.06`",
            "table shiny_app_usage, column colour: not in the schema",
            "table rmd_and_static_hits, column rendering_id: missing from the source",
            "table content_hits, column content_guid: declared INTEGER, which cannot hold a \
             text stored as text",
            "hint: ",
        ],
    );
    site.dump().is(&before, "changed");
    assert_eq!(site.hashes(), files);
}

/// Files of different servers, or of a server whose upgrade broke off, do not make a pair.
#[test]
fn databases_of_different_versions_are_refused() {
    let site = Site::with(&sample_files(60, Some("2023.09")));
    let newer = sample_files(60, Some("2026.03")).join("connect-instrumentation.db");
    fs::copy(newer, site.file("connect-instrumentation.db")).unwrap();
    site.db(&["--yes"]).fails(
        3,
        &["different versions", "connect/core is 2023.09", "connect/instrumentation is 2025.04"],
    );
}
