//! How many connections a run needs is checked before the second one is opened.

use super::case::{Case, Place};
use super::run_output::Run;
use super::{ROLE, create_empty_database, start_cluster};
use crate::hint_log;
use crate::server::{self, Cluster, Database};

fn dry_run(database: &Database) -> Run {
    let case = Case::named("P1-no-superuser");
    Place::of(&[&case]).run(database, &["--dry-run"], &case)
}

/// A server for one test, with these settings.
fn start(settings: &[&str]) -> (Cluster, Database) {
    let cluster = start_cluster(settings.iter().map(|line| (*line).to_owned()).collect());
    let database = create_empty_database(&cluster);
    (cluster, database)
}

#[track_caller]
fn is_refused(ran: &Run, texts: &[&str]) {
    assert_eq!(ran.code, 4, "{}", ran.err);
    let begin = "error: P13 2 connections to database DATABASE are needed; ";
    for text in [begin, "in use, including those of this"].iter().chain(texts) {
        assert!(ran.err.contains(text), "no {text} in {}", ran.err);
    }
}

#[test]
fn the_limit_of_a_role_or_database_is_named() {
    let (cluster, database) = start(&[]);
    let admin = cluster.url("postgres");
    server::execute(&admin, &format!("ALTER ROLE {ROLE} CONNECTION LIMIT 1"));
    let ran = dry_run(&database);
    let limit = format!("CONNECTION LIMIT of role {ROLE} allows 1, and 1 is in use");
    is_refused(&ran, &[&limit, &format!("ALTER ROLE {ROLE} CONNECTION LIMIT 2;")]);
    hint_log::note_followed(&ran.err);
    server::execute(&admin, &format!("ALTER ROLE {ROLE} CONNECTION LIMIT 2"));
    assert_eq!(dry_run(&database).code, 0);
    server::execute(&admin, &format!("ALTER ROLE {ROLE} CONNECTION LIMIT -1"));
    let (_, second) = (database, create_empty_database(&cluster));
    let name = &second.name;
    server::execute(&admin, &format!("ALTER DATABASE {name} CONNECTION LIMIT 1"));
    let ran = dry_run(&second);
    let hint = "as the database's owner:\n  ALTER DATABASE DATABASE CONNECTION LIMIT 2;";
    is_refused(&ran, &["CONNECTION LIMIT of database DATABASE allows 1, and 1 is in use", hint]);
    hint_log::note_followed(&ran.err);
    server::execute(&admin, &format!("ALTER DATABASE {name} CONNECTION LIMIT 2"));
    assert_eq!(dry_run(&second).code, 0);
}

/// What the server keeps for superusers is none of the role's.
#[test]
fn the_limit_of_the_server_is_named() {
    let (_cluster, database) =
        start(&["max_connections = 6", "superuser_reserved_connections = 3"]);
    let others = [(); 2].map(|()| server::connect(&database.url));
    let ran = dry_run(&database);
    is_refused(&ran, &["the server has for this role 3, and ", "max_connections"]);
    drop(others);
}

#[test]
fn the_number_of_connections_is_said_and_is_enough() {
    let (cluster, database) = start(&[]);
    let limit = format!("ALTER ROLE {ROLE} CONNECTION LIMIT 2");
    server::execute(&cluster.url("postgres"), &limit);
    let ran = dry_run(&database);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("target: app uses 2 connections\n"), "{}", ran.err);
}
