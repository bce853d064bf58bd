//! Databases of real applications, where the folder with them is there.

use std::path::{Path, PathBuf};

use super::Case;
use crate::server;

/// The file; says so where it is missing.
pub fn file(name: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let file = data.join(name);
    if !file.is_file() {
        eprintln!("SKIPPED: {} is not there", file.display());
        return None;
    }
    Some(file)
}

/// Draft, compare with the source, copy, compare with the target: nothing is edited.
fn whole_way(name: &str, rows: &[(&str, &str)]) {
    let Some(file) = file(name) else { return };
    let case = Case::of(&file);
    let diff = case.draft().diff();
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    assert!(case.read("RESIDUE.md").contains("describe everything"), "{}", case.read("RESIDUE.md"));
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let target = format!("postgres:{}", database.url);
    let diff = super::migrate(&["schema", "diff", &case.out(), &target]);
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    let mut client = server::connect(&database.url).client;
    for (sql, wanted) in rows {
        let found: String = client.query_one(*sql, &[]).unwrap().get(0);
        assert_eq!(found, *wanted, "{sql}");
    }
}

#[test]
fn chinook_goes_over_as_drafted() {
    whole_way(
        "chinook/chinook_autoincrement.sqlite",
        &[
            (r#"SELECT sum("Total")::text FROM "Invoice""#, "2328.60"),
            (r#"SELECT min("BirthDate")::text FROM "Employee""#, "1947-09-19 00:00:00"),
            (r#"SELECT count(*)::text FROM "PlaylistTrack""#, "8715"),
        ],
    );
}

#[test]
fn workbench_goes_over_as_drafted() {
    whole_way(
        "workbench/workbench.sqlite",
        &[
            ("SELECT count(*)::text FROM licensed_users WHERE locked", "48"),
            ("SELECT count(*)::text FROM active_session_metadata", "300"),
        ],
    );
    whole_way("workbench/ghost-orchid.sqlite", &[]);
    whole_way("workbench/prairie-trillium.sqlite", &[]);
}

#[test]
fn headscale_goes_over_as_drafted() {
    whole_way(
        "headscale/headscale_0_26_1_dump.sqlite",
        &[("SELECT min(id) FROM migrations", "202312101416")],
    );
}

#[test]
fn rows_that_refer_to_nothing_are_named_by_the_draft_and_refused_by_the_copy() {
    let Some(file) = file("headscale/failing-node-preauth-constraint_dump.sqlite") else { return };
    let case = Case::of(&file);
    assert_eq!(case.draft().diff().code, 0);
    let residue = case.read("RESIDUE.md");
    let named = "- **foreign key (auth_key_id)**: rows that refer to a row that does not exist in \
                 pre_auth_keys: 6,";
    assert!(residue.contains(named), "{residue}");
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 1, "{}{}", copied.out, copied.err);
    assert!(copied.err.contains("K1b draft.nodes.auth_key_id"), "{}", copied.err);
    let mut client = server::connect(&database.url).client;
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(client.query_one(left, &[]).unwrap().get::<_, i64>(0), 0);
    let (out, source) = (case.out(), case.file());
    let words = ["copy", "--yes", "--schema", &out, "--source", &source, "--target", &database.url];
    let repair = ["--repair", "draft.nodes.auth_key_id=orphan-null"];
    let copied = super::migrate(&[&words[..], &repair[..]].concat());
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let orphans = rusqlite::Connection::open(&source).unwrap().query_row(
        "SELECT count(*), (SELECT count(auth_key_id) FROM nodes) FROM nodes AS n \
         WHERE auth_key_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM pre_auth_keys AS p WHERE p.id = n.auth_key_id)",
        [],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    );
    let kept = "SELECT count(auth_key_id) FROM nodes";
    let (lost, all) = orphans.unwrap();
    assert_eq!((lost, client.query_one(kept, &[]).unwrap().get::<_, i64>(0)), (6, all - lost));
}
