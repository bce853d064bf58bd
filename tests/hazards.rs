//! One case for every known hazard, by the built program: a directory of `tests/cases/hazards`,
//! and a test of its name in `cases.rs`.
//!
//! A case has the schema files of its tables (`schema/*.toml`), the script that makes its SQLite
//! database (`source.sql`) and what is expected of it (`expected.txt`). It may have:
//!
//! - `schema/database.toml`: more lines for the schema directory's `database.toml`;
//! - `target.sql`: what the target has before, a statement a line, run by the superuser;
//! - `case.toml`: options of the test, which are the fields of [`case::Options`];
//! - `repair.toml` with `repaired.txt`: repairs, and what is expected of the run with them.
//!
//! The first line of `expected.txt` is the exit code. What follows are the words for a person, the
//! findings and counts of the report, and, where the rows fit, what PostgreSQL holds afterwards.
//! `outcomes.txt` says which case shows which hazard.

mod case;
mod cases;
mod connections_left;
mod hints;
mod hostile_servers;
mod lost_connections;
mod middle_of_a_run;
mod outcomes;
mod run_output;
mod servers;
mod silent_servers;

use std::collections::BTreeSet;
use std::fs;
use std::sync::{OnceLock, PoisonError, RwLock};

use case::{Case, Place};
use run_output::{ReportLines, Run};

use crate::golden;
use crate::server::installation::ROLE_PASSWORD;
use crate::server::{self, Cluster, Database, Wanted};

/// The role that runs everything: no superuser, it owns the databases.
const ROLE: &str = "mover";

/// A server where nothing happens but what is tested.
fn start_quiet_cluster() -> Cluster {
    start_cluster(["autovacuum = off", "fsync = off"].map(str::to_owned).to_vec())
}

/// A server with these settings that has the role.
fn start_cluster(settings: Vec<String>) -> Cluster {
    let cluster = server::start(&Wanted { settings, ..Wanted::default() });
    let password = ROLE_PASSWORD.replace('\'', "''");
    let create = format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'");
    server::execute(&cluster.url("postgres"), &create);
    cluster
}

/// The server of the runs that must write nothing.
struct ReadOnlyServer {
    cluster: Cluster,
    /// The target of the cases that need nothing there.
    empty: Database,
    /// Held for writing while a test makes its target, and for reading while a test holds that
    /// nothing at all is written on this server.
    writes: RwLock<()>,
}

fn read_only_server() -> &'static ReadOnlyServer {
    static SERVER: OnceLock<ReadOnlyServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let cluster = start_quiet_cluster();
        let empty = create_empty_database(&cluster);
        ReadOnlyServer { cluster, empty, writes: RwLock::default() }
    })
}

/// A server for tests that write, each in a database of its own.
fn shared_cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start_quiet_cluster)
}

/// A database of the role's.
fn create_empty_database(cluster: &Cluster) -> Database {
    let database = server::database(cluster);
    server::execute(&database.url, &format!("ALTER DATABASE {} OWNER TO {ROLE}", database.name));
    database
}

/// A target as a case wants it.
fn create_target(cluster: &Cluster, case: &Case) -> Database {
    let database = match &case.options.create_database {
        Some(options) => {
            let name = server::role("special");
            let create = format!("CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0");
            server::execute(&cluster.url("postgres"), &format!("{create} {options}"));
            Database { url: cluster.url(&name), name }
        }
        None => create_empty_database(cluster),
    };
    let before = case.file("target.sql").unwrap_or_default();
    let before = before.replace("{database}", &database.name).replace("{role}", ROLE);
    server::execute(&database.url, &before);
    database
}

/// The number of the next transaction that writes anything, in any database of the server; one
/// that is rolled back counts as well, one that only reads does not.
fn next_write(cluster: &Cluster) -> String {
    let mut client = server::connect(&cluster.url("postgres")).client;
    let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
    client.query_one(next, &[]).unwrap().get(0)
}

/// A case on its own: a dry run, the real run, and the real run with repairs.
fn check_case(name: &str) {
    let case = Case::named(name);
    let place = Place::of(&[&case]);
    let dry = check_without_writing(&case, &place);
    if dry.code == 0 {
        check_migration(&case, &place, &dry);
    }
    if case.file("repair.toml").is_some() {
        check_repairs(&case);
    }
}

/// What a dry run says is expected, it says the same again, and writes nothing; where something is
/// wrong the real run says the same and stops, and writes nothing either.
fn check_without_writing(case: &Case, place: &Place) -> Run {
    let server = read_only_server();
    let own = case.has_target().then(|| {
        let _writes = server.writes.write().unwrap_or_else(PoisonError::into_inner);
        create_target(&server.cluster, case)
    });
    let database = own.as_ref().unwrap_or(&server.empty);
    let is_temporary = case.options.temporary_tables.is_some();
    let _writes =
        is_temporary.then(|| server.writes.write().unwrap_or_else(PoisonError::into_inner));
    let _reads =
        (!is_temporary).then(|| server.writes.read().unwrap_or_else(PoisonError::into_inner));
    let is_compared = own.is_some() || is_temporary;
    let before = is_compared.then(|| run_output::dump(database));
    let next = next_write(&server.cluster);
    let mut refused = None;
    let dry = place.run(database, &["--dry-run"], case);
    let again = place.run(database, &["--dry-run"], case);
    assert_eq!(dry.text(), again.text(), "the second dry run says something else");
    if dry.code != 0 {
        golden::check(&case.directory.join("expected.txt"), &dry.text());
        refused = Some(check_refusal(place, database, &dry, case));
    }
    assert!(!place.is_changed(), "the source changed");
    // Temporary tables move it, though nothing is left of them.
    let moved = next_write(&server.cluster) != next;
    assert_eq!(moved, is_temporary, "whether a transaction wrote something");
    // Where there was nothing, the next transaction's number says it all.
    assert!(is_compared.then(|| run_output::dump(database)) == before, "the target changed");
    if let Some(first) = refused {
        check_refusal_beside_copy(place, &first, case);
    }
    dry
}

/// The real run that checks first ends as the dry run did, with the same findings.
fn check_refusal(place: &Place, database: &Database, dry: &Run, case: &Case) -> Run {
    let real = place.run(database, &["--yes", "--check-first"], case);
    let same = real.code == dry.code && real.report.findings == dry.report.findings;
    assert!(same, "dry\n{}\nand really\n{}", dry.text(), real.text());
    let is_reported = real.code == 2 || real.err.contains("nothing was changed");
    assert!(is_reported, "does not say that nothing was changed: {}", real.err);
    real
}

/// The real run that checks rows while it copies them says the same, and nothing is left of it.
fn check_refusal_beside_copy(place: &Place, first: &Run, case: &Case) {
    let database = create_target(shared_cluster(), case);
    let before = run_output::dump(&database);
    let beside = place.run(&database, &["--yes"], case);
    assert_eq!(beside.text(), first.text(), "checked beside the copy, and before");
    assert!(run_output::dump(&database) == before, "the target changed");
}

/// What fits arrives: read from PostgreSQL by SQL, as text. Where only PostgreSQL could decide, and
/// decided against it, nothing is left of the load.
fn check_migration(case: &Case, place: &Place, dry: &Run) {
    let database = create_target(shared_cluster(), case);
    let before = run_output::dump(&database);
    let real = place.run(&database, &["--yes"], case);
    let ended = match real.code {
        0 => format!("migrated:\n{}", run_output::target_rows(&database, &case.target_schema())),
        _ => format!("run:\n{}", real.text()),
    };
    golden::check(&case.directory.join("expected.txt"), &format!("{}\n{ended}", dry.text()));
    if real.code == 0 {
        assert_eq!(real.report.findings, dry.report.findings, "really\n{}", real.text());
        server::next_values_are_free(&database.url);
    } else {
        assert!(run_output::dump(&database) == before, "the run failed and the target changed");
    }
}

/// With its repairs the run goes through, and what they did is reported.
fn check_repairs(case: &Case) {
    let (place, database) = (Place::of(&[case]), create_target(shared_cluster(), case));
    let folder = tempfile::tempdir().unwrap();
    let quarantine = folder.path().join("quarantine.jsonl");
    let repairs = case.directory.join("repair.toml");
    let words = ["--repairs", repairs.to_str().unwrap()];
    let words = [&words[..], &["--quarantine", quarantine.to_str().unwrap()]].concat();
    let real = place.run(&database, &[&["--yes"], words.as_slice()].concat(), case);
    let rows = run_output::target_rows(&database, &case.target_schema());
    let removed = fs::read_to_string(&quarantine);
    let removed = removed.map(|rows| run_output::without_brackets(&rows));
    let removed = removed.map_or(String::new(), |rows| format!("\nquarantine:\n{rows}"));
    let text = format!("{}\nmigrated:\n{rows}{removed}", real.text());
    golden::check(&case.directory.join("repaired.txt"), &text);
    let verified = place.run(&database, &[&["--verify"], words.as_slice()].concat(), case);
    assert_eq!((real.code, verified.code), (0, 0), "{}\n{}", real.err, verified.err);
}

/// All cases in one database are found as each is alone.
#[test]
fn together_the_same_is_found() {
    let cases: Vec<Case> = Case::all().into_iter().filter(|case| !case.is_alone()).collect();
    let all: Vec<&Case> = cases.iter().collect();
    let database = create_empty_database(shared_cluster());
    let ran = Place::of(&all).run(&database, &["--dry-run"], all[0]);
    let mut expected = BTreeSet::new();
    for case in &all {
        expected.extend(ReportLines::of_text(&case.expected()).at_places());
    }
    assert!(all.len() > 90 && expected.len() > 90, "{} cases", all.len());
    let found: BTreeSet<String> = ran.report.at_places().into_iter().collect();
    assert_eq!(ran.code, 1, "{}", ran.err);
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
        a.difference(b).cloned().collect()
    };
    let (missing, more) = (only(&expected, &found), only(&found, &expected));
    assert_eq!((missing, more), (vec![], vec![]));
}

/// All cases that fit go over in one run.
#[test]
fn together_what_fits_arrives() {
    let cases: Vec<Case> = Case::all().into_iter().filter(|case| !case.is_alone()).collect();
    let fitting: Vec<&Case> =
        cases.iter().filter(|case| case.expected().contains("\nmigrated:\n")).collect();
    assert!(fitting.len() > 50, "{} cases", fitting.len());
    let database = create_empty_database(shared_cluster());
    let ran = Place::of(&fitting).run(&database, &["--yes"], fitting[0]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let held = run_output::target_rows(&database, "public");
    for case in fitting {
        let expected = case.expected();
        let (_, rows) = expected.split_once("\nmigrated:\n").unwrap();
        for part in rows.split("\n\n") {
            assert!(held.contains(part.trim_end()), "{}: no {part} in {held}", case.name);
        }
    }
}

/// With the feature `bracketed-texts` all cases run with messages in brackets, and nothing else may
/// change: the program does not read what it wrote.
#[test]
fn messages_stand_in_brackets_where_that_is_asked_for() {
    let case = Case::named("T7-too-long");
    let database = create_empty_database(shared_cluster());
    let ran = Place::of(&[&case]).run(&database, &["--dry-run"], &case);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.bracketed, cfg!(feature = "bracketed-texts"));
}
