//! Cases that need more than files: servers that are not reached, sessions of others, servers of
//! another kind. Their directories have nothing but what is expected; each has a test of its name.

#![allow(non_snake_case, reason = "ids of findings keep their capital letter")]

use connect_migrate::diagnostic::Fault;
use connect_migrate::postgres::facts::{self, Facts};
use connect_migrate::postgres::pooling;

use super::case::{Case, Place, root};
use super::run_output::without_brackets;
use super::{ROLE, create_empty_database, shared_cluster, start_cluster, start_quiet_cluster};
use crate::golden;
use crate::server::installation::ROLE_PASSWORD;
use crate::server::{self, Database};

fn expect(name: &str, text: &str) {
    let text = without_brackets(text);
    golden::check(&root().join(name).join("expected.txt"), &text);
}

/// A case whose tables all runs here have.
fn usual_case() -> Case {
    Case::named("P1-no-superuser")
}

/// What a dry run says when the role's URL of a database is changed, and with this password.
fn expect_unreached(name: &str, change: impl Fn(&str, &Database) -> String, password: &str) {
    let (case, database) = (usual_case(), create_empty_database(shared_cluster()));
    let url = database.url.replacen("admin:Throw-away%201!", ROLE, 1);
    let url = change(&url, &database);
    let ran = Place::of(&[&case]).run_at(&url, password, &database, &["--dry-run"], &case);
    expect(name, &ran.text());
}

#[test]
fn P6_no_tls() {
    let require = |url: &str, _: &Database| {
        let required = url.replacen("sslmode=disable", "sslmode=require", 1);
        assert_ne!(required, url);
        required
    };
    expect_unreached("P6-no-tls", require, ROLE_PASSWORD);
}

#[test]
fn P7_wrong_password() {
    expect_unreached("P7-wrong-password", |url, _| url.to_owned(), "not it");
}

#[test]
fn P23_no_such_database() {
    let nowhere = |url: &str, database: &Database| url.replacen(&database.name, "nowhere", 1);
    expect_unreached("P23-no-such-database", nowhere, ROLE_PASSWORD);
}

#[test]
fn P10_nobody_listens() {
    let port = shared_cluster().port.to_string();
    expect_unreached("P10-nobody-listens", |url, _| url.replacen(&port, "1", 1), ROLE_PASSWORD);
}

#[test]
fn P15_other_sessions() {
    let cluster = start_quiet_cluster();
    let database = create_empty_database(&cluster);
    let mut other = server::connect(&database.url);
    other.client.batch_execute("SET application_name = 'rstudio-connect'").unwrap();
    let pid: i32 = other.client.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let case = usual_case();
    let ran = Place::of(&[&case]).run(&database, &["--dry-run"], &case);
    let text = format!("exit {}\n\n{}\nreport:\n{}\n", ran.code, ran.warnings(), ran.sessions());
    expect("P15-other-sessions", &text.replace(&pid.to_string(), "PID"));
    drop(other);
}

/// The server's own workers are no sessions of anybody, though a role without rights is not shown
/// what they are.
#[test]
fn a_vacuum_of_the_server_is_no_other_session() {
    let settings = [
        "autovacuum_naptime = 1s",
        "autovacuum_vacuum_cost_delay = 100ms",
        "autovacuum_vacuum_cost_limit = 1",
    ];
    let settings = settings.map(str::to_owned).to_vec();
    let cluster = start_cluster(settings);
    let database = create_empty_database(&cluster);
    server::execute(
        &database.url,
        "CREATE SCHEMA elsewhere
         CREATE TABLE elsewhere.dead AS SELECT repeat('x', 400) FROM generate_series(1, 20000)
         DELETE FROM elsewhere.dead",
    );
    let running = "SELECT pg_sleep(0.02), count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND backend_type = 'autovacuum worker'";
    let mut other = server::connect(&database.url);
    while other.client.query_one(running, &[]).unwrap().get::<_, i64>(1) == 0 {}
    drop(other);
    let case = usual_case();
    let ran = Place::of(&[&case]).run(&database, &["--dry-run"], &case);
    let mut other = server::connect(&database.url);
    assert_ne!(other.client.query_one(running, &[]).unwrap().get::<_, i64>(1), 0);
    assert!(!ran.err.contains("P15"), "{}", ran.err);
}

/// More columns than PostgreSQL has room for are refused before it is asked for them.
#[test]
fn O15_too_many_columns() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..1601).map(|place| format!("c{place}")).collect();
    let lines: Vec<String> =
        names.iter().map(|name| format!("{name} = {{ type = \"bool\", null = true }}")).collect();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("schema")).unwrap();
    file("schema/o15_many.toml", &format!("[columns]\n{}\n", lines.join("\n")));
    file("source.sql", &format!("CREATE TABLE o15_many ({});", names.join(" BOOL, ")));
    let case = Case::new("many", folder.path().to_owned());
    let database = create_empty_database(shared_cluster());
    let ran = Place::of(&[&case]).run(&database, &["--dry-run"], &case);
    expect("O15-too-many-columns", &ran.text());
}

/// What a run prints about a server that no test can start.
fn expected_text(faults: &[Fault], severity: &str) -> String {
    let mut text = format!("exit {}\n\n", if severity == "error" { 4 } else { 0 });
    for fault in faults {
        let hints = fault.full_hints();
        let hints: Vec<String> = hints.iter().map(|hint| format!("hint: {hint}\n")).collect();
        text.push_str(&format!("{severity}: {}\n{}", fault.text_with_id(), hints.concat()));
    }
    text.push_str("\nreport:\n");
    for fault in faults {
        text.push_str(&format!("{} {severity} - 1 {}\n", fault.id.unwrap(), fault.text));
    }
    text
}

fn facts_of_a_good_server() -> Facts {
    Facts {
        version: "PostgreSQL 15.4".to_owned(),
        version_num: 150_004,
        encoding: "UTF8".to_owned(),
        schema: Some("public".to_owned()),
        may_create: true,
        ..Facts::default()
    }
}

#[test]
fn P16_old_server() {
    let version = "PostgreSQL 12.22".to_owned();
    let old = Facts { version, version_num: 120_022, ..facts_of_a_good_server() };
    expect("P16-old-server", &expected_text(&facts::check_facts(&old).faults, "error"));
}

#[test]
fn P16_new_server() {
    let new = Facts { version_num: 990_000, ..facts_of_a_good_server() };
    expect("P16-new-server", &expected_text(&facts::check_facts(&new).warnings, "warning"));
}

#[test]
fn P17_no_postgresql() {
    let other = Facts {
        version: "CockroachDB CCL v24.1.0".to_owned(),
        impostor: Some("CockroachDB"),
        ..facts_of_a_good_server()
    };
    expect("P17-no-postgresql", &expected_text(&facts::check_facts(&other).faults, "error"));
}

#[test]
fn P5_pooler() {
    expect("P5-pooler", &expected_text(&[pooling::transaction_pooler_fault()], "error"));
}

/// Source, target and rows are at fault: a dry run tells all of it, and the source's code wins; a
/// migration ends before it reads rows.
#[test]
fn errors_of_source_target_and_rows_are_reported_together() {
    let database = create_empty_database(shared_cluster());
    let read_only =
        format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name);
    server::execute(&database.url, &read_only);
    let rows = ["B3-other-values", "K1-orphans", "K13-broken-rules"].map(Case::named);
    let cases: Vec<&Case> = rows.iter().collect();
    let ran = Place::of(&cases).run(&database, &["--dry-run"], &rows[0]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    for id in ["P12 ", "B3 ", "K1 ", "K13 "] {
        assert!(ran.err.contains(&format!("error: {id}")), "no {id} in {}", ran.err);
    }
    let ran = Place::of(&cases).run(&database, &["--yes"], &rows[0]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("error: P12 ") && !ran.err.contains("error: B3"), "{}", ran.err);
    // Nobody answers: the rows are checked all the same, and what only a server can judge is
    // said.
    let nobody = "postgres://mover@127.0.0.1:1/nowhere?sslmode=disable";
    let ran = Place::of(&cases).run_at(nobody, "", &database, &["--dry-run"], &rows[0]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    for text in ["error: P10 ", "error: B3 ", "error: K1 "] {
        assert!(ran.err.contains(text), "no {text} in {}", ran.err);
    }
    assert!(
        ran.report
            .findings
            .iter()
            .any(|line| line.contains("there is no connection to the server"))
    );
}
