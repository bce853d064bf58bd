//! Whenever a run ends, the target is as it was, or wholly new; and the next run copes.

use super::whole::newest;
use super::{Site, UNRELATED, compare::compare};
use crate::server;

/// Where a run is killed before its COMMIT.
const BEFORE: [&str; 6] = [
    "kill Copy 12",
    "kill Index 30",
    "kill ForeignKey 5",
    "kill Sequence 4",
    "kill Verify 20",
    "kill BeforeCommit 1",
];

fn holds_everything(site: &Site) {
    for (file, version) in newest() {
        let compared = compare(&site.file(file), &site.database.url, version);
        assert_eq!(compared.differing, [] as [String; 0]);
        assert_eq!(compared.cells, compared.counted);
    }
}

#[test]
fn killed_before_commit_nothing_has_changed_and_the_rerun_succeeds() {
    for hook in BEFORE {
        let site = Site::occupied();
        let (before, files) = (site.dump(), site.hashes());
        let ran = site.db_hooked(hook, &["--yes"]);
        assert_eq!(ran.code, None, "{hook}: {ran:?}");
        assert_eq!(site.dump(), before, "{hook}");
        assert_eq!(site.hashes(), files, "{hook}");
        site.migrate();
        holds_everything(&site);
        assert_eq!(site.number("SELECT nextval('tickets')"), 12);
    }
}

#[test]
fn killed_after_commit_everything_is_there_and_the_rerun_says_so() {
    let site = Site::occupied();
    let ran = site.db_hooked("kill AfterCommit 1", &["--yes"]);
    assert_eq!(ran.code, None, "{ran:?}");
    holds_everything(&site);
    let there = site.dump();
    let again = site.db(&["--yes"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("done before"), "{again:?}");
    assert_eq!(site.report()["outcome"], "already there");
    assert_eq!(site.dump(), there);
}

/// A run that is killed while it replaces tables leaves the old ones, with their rows.
#[test]
fn killed_while_replacing_the_old_tables_stay() {
    let site = Site::new();
    server::execute(&site.database.url, UNRELATED);
    server::execute(&site.database.url, "CREATE TABLE apps (id int, own text)");
    server::execute(&site.database.url, "INSERT INTO apps VALUES (1, 'kept')");
    server::execute(&site.database.url, &format!("ALTER TABLE apps OWNER TO {}", super::ROLE));
    let before = site.dump();
    let ran = site.db_hooked("kill ForeignKey 1", &["--yes", "--drop-all"]);
    assert_eq!(ran.code, None, "{ran:?}");
    assert_eq!(site.dump(), before);
    let again = site.db(&["--yes", "--drop-all"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    holds_everything(&site);
}

/// The server may not have noticed yet that the client of an earlier run is gone: its locks are
/// waited for, and its session is named.
#[test]
fn a_run_waits_for_the_locks_of_another_one() {
    let site = Site::new();
    let mut other = server::connect(&super::url_of(&site)).client;
    let key = connect_migrate::target::session::lock_key(&site.database.name, "public");
    let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    other.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock({key})")).unwrap();
    let mut command = site.command(&["--yes"]);
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let mut lines = lines.map(Result::unwrap);
    let waiting = lines.find(|line| line.contains("waiting: another migration")).unwrap();
    assert!(waiting.contains("schema \"public\""), "{waiting}");
    assert!(lines.next().unwrap().contains(&format!("pid {pid}")));
    other.batch_execute("ROLLBACK").unwrap();
    lines.for_each(drop);
    assert!(child.wait().unwrap().success());
    holds_everything(&site);
}

/// What the run before did while it was waited for is not overwritten and not misunderstood.
#[test]
fn a_run_that_waited_for_another_ones_commit_looks_again() {
    let site = Site::new();
    let mut other = server::connect(&super::url_of(&site)).client;
    let key = connect_migrate::target::session::lock_key(&site.database.name, "public");
    other
        .batch_execute(&format!(
            "BEGIN; SELECT pg_advisory_xact_lock({key}); CREATE TABLE apps (id int)"
        ))
        .unwrap();
    let mut command = site.command(&["--yes"]);
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let mut lines = lines.map(Result::unwrap);
    lines.find(|line| line.contains("waiting: another migration")).unwrap();
    other.batch_execute("COMMIT").unwrap();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("has ended while this one waited")), "{rest:?}");
    assert_eq!(site.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 1);
}
