//! Cases of both ends that need more than files: servers that are not reached, sessions of others.
//! Their directories have nothing but what is expected.

use connect_migrate::diagnostic::Fault;
use connect_migrate::postgres::facts::{self, Facts};
use connect_migrate::postgres::pooling;

use super::case::{Case, Place, root};
use super::{ROLE, Wrong, blank, busy, quiet};
use crate::server;
use crate::server::installation::ROLE_PASSWORD;

fn scripted(name: &str) -> Case {
    let directory = root().join(name);
    std::fs::create_dir_all(&directory).unwrap();
    Case { name: name.to_owned(), directory }
}

fn expect(name: &str, text: &str) {
    let wrong = Wrong::default();
    scripted(name).expect("expected.txt", text, &wrong);
    wrong.end();
}

/// A case whose tables all runs here have.
fn usual() -> Case {
    scripted("P1-no-superuser")
}

#[test]
fn servers_that_are_not_reached_are_named() {
    let cluster = busy();
    let database = blank(cluster);
    let place = Place::of(&[&usual()]);
    let url = database.url.replacen("admin:Throw-away%201!", ROLE, 1);
    let port = cluster.port.to_string();
    let run = |case: &str, url: &str, password: &str| {
        let ran = place.run_at(url, password, &database, &["--dry-run"], &usual());
        expect(case, &ran.text());
    };
    let required = url.replacen("sslmode=disable", "sslmode=require", 1);
    assert_ne!(required, url);
    run("P6-no-tls", &required, ROLE_PASSWORD);
    run("P7-wrong-password", &url, "not it");
    run("P23-no-such-database", &url.replacen(&database.name, "nowhere", 1), ROLE_PASSWORD);
    run("P10-nobody-listens", &url.replacen(&port, "1", 1), ROLE_PASSWORD);
}

#[test]
fn other_sessions_are_told() {
    let cluster = quiet();
    let database = blank(&cluster);
    let mut other = server::connect(&database.url);
    other.client.batch_execute("SET application_name = 'rstudio-connect'").unwrap();
    let pid: i32 = other.client.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let place = Place::of(&[&usual()]);
    let ran = place.run(&database, &["--dry-run"], &usual());
    let text = format!("exit {}\n\n{}\nreport:\n{}\n", ran.code, ran.warnings(), ran.sessions());
    expect("P15-other-sessions", &text.replace(&pid.to_string(), "PID"));
    drop(other);
}

/// More columns than PostgreSQL has room for are refused before it is asked for them.
#[test]
fn too_many_columns_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..1601).map(|place| format!("c{place}")).collect();
    let lines: Vec<String> =
        names.iter().map(|name| format!("{name} = {{ type = \"bool\", null = true }}")).collect();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("o15_many.toml", &format!("[columns]\n{}\n", lines.join("\n")));
    file("source.sql", &format!("CREATE TABLE o15_many ({});", names.join(" BOOL, ")));
    let case = Case { name: "many".to_owned(), directory: folder.path().to_owned() };
    let ran = Place::of(&[&case]).run(&blank(busy()), &["--dry-run"], &case);
    expect("O15-too-many-columns", &ran.text());
}

/// What is said of a server that no test can start.
fn said(faults: &[Fault], severity: &str) -> String {
    let mut text = format!("exit {}\n\n", if severity == "error" { 4 } else { 0 });
    for fault in faults {
        text.push_str(&format!("{severity}: {}\nhint: {}\n", fault.said(), fault.hint));
    }
    text.push_str("\nreport:\n");
    for fault in faults {
        text.push_str(&format!("{} {severity} - 1 {}\n", fault.id.unwrap(), fault.text));
    }
    text
}

#[test]
fn servers_of_another_kind_are_judged() {
    let good = Facts {
        version: "PostgreSQL 15.4".to_owned(),
        version_num: 150_004,
        encoding: "UTF8".to_owned(),
        schema: Some("public".to_owned()),
        may_create: true,
        ..Facts::default()
    };
    let old =
        Facts { version: "PostgreSQL 12.22".to_owned(), version_num: 120_022, ..good.clone() };
    expect("P16-old-server", &said(&facts::check(&old).faults, "error"));
    let new = Facts { version_num: 990_000, ..good.clone() };
    expect("P16-new-server", &said(&facts::check(&new).warnings, "warning"));
    let other = Facts {
        version: "CockroachDB CCL v24.1.0".to_owned(),
        impostor: Some("CockroachDB"),
        ..good
    };
    expect("P17-no-postgresql", &said(&facts::check(&other).faults, "error"));
    expect("P5-pooler", &said(&[pooling::fault()], "error"));
}

/// Source, target and rows are at fault: all of it is told at once, and the source's code wins.
#[test]
fn faults_of_both_ends_and_of_rows_are_told_together() {
    let cluster = busy();
    let database = blank(cluster);
    let read_only =
        format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name);
    server::execute(&database.url, &read_only);
    let rows = ["B3-other-values", "K1-orphans", "K13-broken-rules"].map(scripted);
    let cases: Vec<&Case> = rows.iter().collect();
    for mode in ["--dry-run", "--yes"] {
        let ran = Place::of(&cases).run(&database, &[mode], &rows[0]);
        assert_eq!(ran.code, 4, "{}", ran.err);
        for id in ["P12 ", "B3 ", "K1 ", "K13 "] {
            assert!(ran.err.contains(&format!("error: {id}")), "no {id} in {}", ran.err);
        }
    }
    // Nobody answers: the rows are looked at all the same, and what only a server can judge is
    // said.
    let nobody = "postgres://mover@127.0.0.1:1/nowhere?sslmode=disable";
    let ran = Place::of(&cases).run_at(nobody, "", &database, &["--dry-run"], &rows[0]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    for text in ["error: P10 ", "error: B3 ", "error: K1 "] {
        assert!(ran.err.contains(text), "no {text} in {}", ran.err);
    }
    assert!(ran.said.findings.iter().any(|line| line.contains("there is no server to ask")));
}
