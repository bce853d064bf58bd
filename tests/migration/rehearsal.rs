//! `--rehearse`: everything that a run does until it would publish, and nothing of it stays.

use super::Site;
use super::run_modes::holds_everything;

const REHEARSED: &str =
    "every value was compared, and everything was rolled back: nothing was changed.\n";

#[test]
fn rehearsal_leaves_nothing_and_says_how_long_a_run_takes() {
    let site = Site::occupied();
    let (before, files) = (site.dump(), site.hashes());
    for words in [&["--rehearse", "--yes"][..], &["--rehearse", "--yes", "--check-first"]] {
        let ran = site.db(words);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains(REHEARSED), "{ran:?}");
        assert!(ran.out.contains("\nA migration takes about "), "{ran:?}");
        assert!(ran.err.contains("verified: ") && !ran.out.contains("Next\n"), "{ran:?}");
        site.dump().is(&before, "changed");
        let report = site.report();
        assert_eq!(
            (&report["mode"], &report["outcome"]),
            (&"rehearse".into(), &"rehearsed".into())
        );
        assert_eq!(report["exit"], 0);
        let steps: f64 = report["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["seconds"].as_f64().unwrap())
            .sum();
        assert!(report["rehearsal"].as_f64().unwrap() + 0.1 >= steps, "{report:#}");
        assert!(!report["steps"].as_array().unwrap().iter().any(|s| s["step"] == "publish"));
        assert_eq!(report["databases"][0]["tables"][0]["verified"], true);
    }
    assert_eq!(site.hashes(), files);
    site.migrate();
    assert!(holds_everything(&site));
    assert!(site.report()["rehearsal"].is_null());
    let again = site.db(&["--rehearse", "--yes"]);
    assert!(again.code == Some(0) && again.out.contains("Already migrated: "), "{again:?}");
}

/// Tables of an earlier run are dropped and made again, and then are what they were.
#[test]
fn rehearsal_over_tables_of_an_earlier_run_leaves_them() {
    let site = Site::new();
    site.migrate();
    crate::server::execute(&site.database.url, "UPDATE apps SET title = 'other'");
    let before = site.dump();
    let ran = site.db(&["--rehearse", "--yes", "--drop-all"]);
    assert!(ran.code == Some(0) && ran.out.contains(REHEARSED), "{ran:?}");
    site.dump().is(&before, "changed");
}

#[test]
fn rehearsal_is_asked_for_like_a_run() {
    let site = Site::new();
    site.db(&["--rehearse"]).fails(2, &["standard input is not a terminal", "add `--yes`"]);
    for other in ["--dry-run", "--verify"] {
        site.db(&["--rehearse", "--yes", other]).fails(2, &["cannot be used with"]);
    }
}

/// It ends as the run would, with the same words.
#[test]
fn rehearsal_of_a_run_that_fails_fails() {
    let site = Site::new();
    let before = site.dump();
    let ran = site.db_hooked("sql Verify 1 DELETE FROM audit_log", &["--rehearse", "--yes"]);
    ran.fails(6, &["core.audit_log: SQLite has 90 rows, PostgreSQL has 0", "nothing was changed"]);
    site.db_hooked("signal Verify 1 INT", &["--rehearse", "--yes"])
        .fails(8, &["stopped by a signal"]);
    site.sqlite("connect.db", "UPDATE users SET first_name = 'a' || char(0) WHERE id = 1");
    let ran = site.db(&["--rehearse", "--yes"]);
    ran.fails(1, &["core.users.first_name", "nothing was changed"]);
    site.dump().is(&before, "changed");
    assert!(site.report()["rehearsal"].is_null());
}
