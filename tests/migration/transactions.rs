//! Whenever a run ends, the target is unchanged, or completely new; and the next run copes.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStderr, Stdio};

use connect_migrate::postgres::session::schema_lock_key;

use super::compare::compare;
use super::end_to_end::newest;
use super::{ROLE, Ran, Site, UNRELATED};
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

/// A server gives 64 MB where nobody has chosen; who has chosen more has it.
#[test]
fn keys_are_built_with_more_memory_and_never_with_less_than_was_chosen() {
    for (own, wanted) in [("64MB", "256MB"), ("1GB", "1GB")] {
        let site = Site::new();
        let name = &site.database.name;
        let setting = format!("ALTER ROLE {ROLE} IN DATABASE {name} SET maintenance_work_mem");
        server::execute(&site.database.url, &format!("{setting} = '{own}'"));
        let memory = "current_setting('maintenance_work_mem') AS memory";
        let hook = format!("sql Index 1 CREATE TABLE seen AS SELECT {memory}");
        let ran = site.db_hooked(&hook, &["--yes"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let seen = format!("SELECT count(*) FROM seen WHERE memory = '{wanted}'");
        assert_eq!(site.number(&seen), 1, "{own}");
    }
}

#[test]
fn killed_before_commit_nothing_has_changed_and_the_rerun_succeeds() {
    for hook in BEFORE {
        let site = Site::occupied();
        let (before, files) = (site.dump(), site.hashes());
        let ran = site.db_hooked(hook, &["--yes"]);
        assert_eq!(ran.code, None, "{hook}: {ran:?}");
        site.dump().is(&before, hook);
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
    assert!(again.out.contains("Already migrated"), "{again:?}");
    assert_eq!(site.report()["outcome"], "already there");
    site.dump().is(&there, "changed");
}

/// A run that is killed while it replaces tables leaves the old ones, with their rows.
#[test]
fn killed_while_replacing_the_old_tables_stay() {
    let site = Site::new();
    server::execute(&site.database.url, UNRELATED);
    site.migrate();
    server::execute(&site.database.url, "UPDATE apps SET title = 'kept'");
    let before = site.dump();
    let ran = site.db_hooked("kill ForeignKey 1", &["--yes", "--drop-all"]);
    assert_eq!(ran.code, None, "{ran:?}");
    site.dump().is(&before, "changed");
    let again = site.db(&["--yes", "--drop-all"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    holds_everything(&site);
}

/// The server may not have noticed yet that the client of an earlier run is gone: its locks are
/// waited for, and its session is named.
#[test]
fn a_run_waits_for_the_lock_of_another_one() {
    let site = Site::new();
    let key = schema_lock_key(&site.database.name, "public");
    let mut waiting = Waiting::start(
        &site,
        &format!("SELECT pg_advisory_xact_lock({key})"),
        &["--yes"],
        "waiting: another migration into schema \"public\" is running",
    );
    let ran = waiting.ends_after("ROLLBACK");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    holds_everything(&site);
}

/// What the run before did while it was waited for is not overwritten and not misunderstood.
#[test]
fn a_run_that_waited_for_another_commit_checks_again() {
    let site = Site::new();
    let key = schema_lock_key(&site.database.name, "public");
    let mut waiting = Waiting::start(
        &site,
        &format!("SELECT pg_advisory_xact_lock({key}); CREATE TABLE apps (id int)"),
        &["--yes"],
        "waiting: another migration into schema \"public\" is running",
    );
    let ran = waiting.ends_after("COMMIT");
    ran.fails(4, &["has ended while this one waited", "run the command again"]);
    assert_eq!(site.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 1);
}

/// A killed `--drop-all` leaves its locks on the tables for a moment, and anybody may read them.
#[test]
fn tables_that_another_session_holds_are_waited_for() {
    for (mode, words) in [
        // Held up while it looks,
        ("ACCESS EXCLUSIVE", &["--yes", "--drop-all"]),
        // and when it comes to replacing the table.
        ("ACCESS SHARE", &["--yes", "--drop-all"]),
        ("ACCESS SHARE", &["--yes", "--replace-seed"]),
    ] {
        let site = Site::new();
        site.migrate();
        server::execute(&site.database.url, "UPDATE apps SET title = 'other'");
        let lock = format!("LOCK TABLE apps IN {mode} MODE");
        let output = "waiting: a table is locked by another session";
        let ran = Waiting::start(&site, &lock, words, output).ends_after("ROLLBACK");
        assert_eq!(ran.code, Some(0), "{mode}: {ran:?}");
        holds_everything(&site);
    }
}

/// A rehearsal takes the locks of a run, and waits for those of others like it.
#[test]
fn rehearsal_waits_for_a_table_that_another_session_holds() {
    let site = Site::new();
    site.migrate();
    server::execute(&site.database.url, "UPDATE apps SET title = 'other'");
    let before = site.dump();
    let words = &["--rehearse", "--yes", "--drop-all"];
    let output = "waiting: a table is locked by another session";
    let lock = "LOCK TABLE apps IN ACCESS SHARE MODE";
    let ran = Waiting::start(&site, lock, words, output).ends_after("ROLLBACK");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    site.dump().is(&before, "changed");
}

/// A run that waits for another session.
struct Waiting {
    other: postgres::Client,
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Waiting {
    /// Starts a run while another session holds what `sql` takes; it must say so and name it.
    fn start(site: &Site, sql: &str, words: &[&str], output: &str) -> Waiting {
        let mut other = server::connect(&super::url_of(site)).client;
        let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
        other.batch_execute(&format!("BEGIN; {sql}")).unwrap();
        let mut child = site.command(words).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(output)), "never said: {output}");
        let named = lines.next().unwrap().unwrap();
        assert!(named.contains(&format!("pid {pid}")), "{named}");
        Waiting { other, child, lines }
    }

    /// Lets the other session end.
    fn ends_after(&mut self, sql: &str) -> Ran {
        self.other.batch_execute(sql).unwrap();
        let lines: Vec<String> = self.lines.by_ref().map(Result::unwrap).collect();
        let code = self.child.wait().unwrap().code();
        Ran { code, out: String::new(), err: lines.join("\n") }
    }
}
