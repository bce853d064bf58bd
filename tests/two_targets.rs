//! Where core and instrumentation go, seen together by the built program.

use serde_json::Value;

use crate::server::installation::{Ended, Installation, ROLE_PASSWORD, owned, tables};
use crate::server::{self, Database, Wanted};

fn postgres(core: &str, instrumentation: Option<&str>) -> String {
    let password = ROLE_PASSWORD.replace('"', "\\\"");
    let mut text = format!("URL = \"{core}\"\nPassword = \"{password}\"\n");
    if let Some(url) = instrumentation {
        text += &format!("InstrumentationURL = \"{url}\"\n");
    }
    text
}

#[test]
fn relationship_of_the_targets_is_printed_first() {
    let cluster = server::shared();
    let (one, two) = (server::database(cluster), server::database(cluster));
    let (role, url) = owned(&one);
    server::execute(&one.url, &format!("CREATE SCHEMA instrumentation AUTHORIZATION {role}"));
    server::execute(&two.url, &format!("ALTER DATABASE {} OWNER TO {role}", two.name));
    let installation = Installation::new("");
    let dry = |instrumentation: Option<&str>| -> Ended {
        installation.configure(&postgres(&url, instrumentation));
        installation.run(&["db", "-dry-run"])
    };
    let all = "one transaction, all or nothing";
    dry(None).expect(0, &["the targets are in one database, in one schema", all]);
    let schema = format!("{url}&search_path=instrumentation");
    dry(Some(&schema)).expect(0, &["the targets are in one database, in two schemas", all]);
    let apart = "two transactions, committed one after the other";
    let database = url.replace(&one.name, &two.name);
    dry(Some(&database)).expect(0, &["the targets are on one server, in two databases", apart]);
    let elsewhere = server::start(&Wanted::default());
    dry(Some(&elsewhere.url("postgres"))).expect(4, &["the password is not accepted"]);
    // The password of the setting counts; over there it is another.
    let text = postgres(&url, Some(&elsewhere.url("postgres")));
    installation.configure(&format!("{text}InstrumentationPassword = \"{}\"", server::PASSWORD));
    let ended = installation.run(&["db", "-dry-run"]);
    ended.expect(0, &["the targets are on two servers", apart]);
    assert!(!ended.err.contains("other sessions"), "{}", ended.err);
}

/// The second target's copy goes on where the first one's has ended.
#[test]
fn progress_counts_over_both_targets() {
    let cluster = server::shared();
    let (one, two) = (server::database(cluster), server::database(cluster));
    let (role, url) = owned(&one);
    server::execute(&two.url, &format!("ALTER DATABASE {} OWNER TO {role}", two.name));
    let installation = Installation::new(&postgres(&url, Some(&url.replace(&one.name, &two.name))));
    let words = ["db", "--yes", "--check-first", "--log-format", "json"];
    for (words, steps) in [
        (&words[..], &["copy", "read-source", "read-target"][..]),
        (&["db", "--verify", "--log-format", "json"], &["read-target"]),
    ] {
        let ended = installation.run(words);
        ended.expect(0, &[]);
        let lines: Vec<Value> =
            ended.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let rows = lines.last().unwrap()["rows"].clone();
        for step in steps {
            let of = |kind: &str, key: &str| -> Vec<Value> {
                let lines = lines.iter().filter(|line| line["kind"] == kind);
                let lines = lines.filter(|line| line["step"] == *step);
                lines.map(|line| line[key].clone()).collect()
            };
            let done = of("step-finished", "done");
            assert_eq!(done.len(), 2, "{step}: {}", ended.err);
            assert!(done[0].as_u64() < done[1].as_u64(), "{step}: {done:?}");
            assert_eq!(done[1], rows, "{step}");
            if words[1] == "--yes" {
                assert_eq!(of("step-started", "total"), [rows.clone(), rows.clone()], "{step}");
            }
        }
    }
}

#[test]
fn errors_of_both_targets_are_reported_together() {
    let cluster = server::shared();
    let (one, two) = (server::database(cluster), server::database(cluster));
    let (role, url) = owned(&one);
    let ascii = format!("{}_ascii", two.name);
    let create = format!("CREATE DATABASE {ascii} ENCODING 'SQL_ASCII' TEMPLATE template0");
    server::execute(&cluster.url("postgres"), &create);
    server::execute(&cluster.url(&ascii), "REVOKE CREATE ON SCHEMA public FROM public");
    let to = |name: &str| url.replace(&one.name, name);
    let installation = Installation::new(&postgres(&to("nowhere"), Some(&to(&ascii))));
    let grant = format!("GRANT USAGE, CREATE ON SCHEMA public TO {role}");
    let ended = installation.run(&["db", "-yes"]);
    ended.expect(4, &["CREATE DATABASE nowhere", "SQL_ASCII", &grant, "nothing was changed"]);
    // The same fault of one server is reported once.
    installation.configure(&postgres(&to("nowhere"), None));
    let ended = installation.run(&["db", "-yes"]);
    assert_eq!(ended.err.matches("error: ").count(), 1, "{}", ended.err);
}

#[test]
fn provider_postgres_stops_all_but_a_comparison() {
    let database = server::database(server::shared());
    let (_, url) = owned(&database);
    let installation = Installation::new(&postgres(&url, None));
    installation.run(&["db", "-yes"]).expect(0, &[]);
    installation.configure(&format!("{}\n[Database]\nProvider = Postgres", postgres(&url, None)));
    for words in [&["db", "-yes"][..], &["db", "-dry-run"]] {
        let ended = installation.run(words);
        ended.expect(2, &["Provider is postgres already", "migrate db --verify"]);
    }
    let ended = installation.run(&["db", "-verify"]);
    ended.expect(0, &[]);
    assert!(ended.out.contains("and every value was compared"), "{}", ended.out);
}

#[test]
fn time_limits_of_the_role_do_not_matter() {
    let database = server::database(server::shared());
    let (role, url) = owned(&database);
    for limit in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        server::execute(&database.url, &format!("ALTER ROLE {role} SET {limit} = '1s'"));
    }
    let installation = Installation::new(&postgres(&url, None));
    let slow = "sql Verify 1 SELECT pg_sleep(1.5)";
    installation.run_with(slow, &["db", "-yes"]).expect(0, &[]);
    installation.run_with(slow, &["db", "-verify"]).expect(0, &[]);
}

/// The limit that a hint names is enough for both databases.
#[test]
fn connections_of_both_databases_are_counted() {
    let database = server::database(server::shared());
    let (role, url) = owned(&database);
    let installation = Installation::new(&postgres(&url, None));
    for limit in [1, 2, 3] {
        server::execute(&database.url, &format!("ALTER ROLE {role} CONNECTION LIMIT {limit}"));
        let hint = format!("as a superuser:\n  ALTER ROLE {role} CONNECTION LIMIT 4;");
        let ended = installation.run(&["db", "-dry-run"]);
        ended.expect(4, &["error: P13 4 connections to database", &hint]);
        crate::hint_log::note_followed(&ended.err);
    }
    server::execute(&database.url, &format!("ALTER ROLE {role} CONNECTION LIMIT 4"));
    installation.run(&["db", "-dry-run"]).expect(0, &[]);
    // Two of them are closed as soon as both databases are known to be one.
    let count = "sql Verify 1 DO $$ BEGIN PERFORM pg_stat_clear_snapshot(); ASSERT 2 = (SELECT \
                 count(*) FROM pg_stat_activity WHERE datname = current_database() AND \
                 application_name = 'connect-migrate'); END $$";
    installation.run_with(count, &["db", "-yes"]).expect(0, &[]);
}

#[test]
fn blocking_and_idle_sessions_are_named() {
    let database = server::database(server::shared());
    let (_, url) = owned(&database);
    let installation = Installation::new(&postgres(&url, None));
    installation.run(&["db", "-yes"]).expect(0, &[]);
    let before = tables(&database.url);
    let mut blocker = server::connect(&database.url);
    let mut holding = blocker.client.transaction().unwrap();
    holding.batch_execute("SET application_name = 'rstudio-connect'; SELECT * FROM apps").unwrap();
    let pid: i32 = holding.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    change(&database);
    let ended = installation
        .run_with("sql Create 1 SET LOCAL lock_timeout = '1s'", &["db", "--drop-all", "-yes"]);
    let end = format!("SELECT pg_terminate_backend({pid});");
    let named = format!("pid {pid}, \"rstudio-connect\"");
    let words = ["other sessions use database", "locked by another session", &named, &end];
    ended.expect(4, &words);
    // As another session at the beginning, and as the one that stood in the way at the end.
    let (before_error, error) = ended.err.split_once("error: ").unwrap();
    assert!(before_error.contains(&named) && error.contains(&named), "{}", ended.err);
    assert!(!ended.err.contains("\"connect-migrate\""), "{}", ended.err);
    crate::hint_log::note_followed(&ended.err);
    let mut other = server::connect(&database.url);
    other.client.batch_execute(&end).unwrap();
    assert!(holding.batch_execute("SELECT 1").is_err(), "the session was ended");
    drop(holding);
    assert_eq!(tables(&database.url), before);
    installation.run(&["db", "--drop-all", "-yes"]).expect(0, &[]);
}

/// Makes the target differ, so that a rerun has something to do.
fn change(database: &Database) {
    server::execute(&database.url, "DELETE FROM tags");
}
