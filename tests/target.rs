//! What the server is fit for, and what a loading transaction is kept safe from.

use std::time::Duration;

use connect_migrate::diagnostic::{Error, Exit};
use connect_migrate::postgres::connection::Connection;
use connect_migrate::postgres::facts::{self, Facts, Relationship};
use connect_migrate::postgres::pooling::{self, Pooling};
use connect_migrate::postgres::schemas::TableSchemas;
use connect_migrate::postgres::sequences::bodies::{Function, Functions};
use connect_migrate::postgres::sequences::pieces;
use connect_migrate::postgres::watcher::Watcher;
use connect_migrate::postgres::{quote_if_needed, sequences, session, text_literal};
use postgres::IsolationLevel;

use crate::hint_log;
use crate::server::installation::Installation;
use crate::server::{self, Database, Wanted};

/// A role that owns nothing, and its URL of `database`.
fn stranger(database: &Database) -> (String, String) {
    let role = server::role("stranger");
    server::execute(&database.url, &format!("CREATE ROLE {role} LOGIN PASSWORD 'p'"));
    let url = database.url.replacen("admin:Throw-away%201!", &format!("{role}:p"), 1);
    (role, url)
}

fn facts(url: &str) -> Facts {
    facts::read_facts(&mut server::connect(url).client).unwrap_or_else(|error| panic!("{error}"))
}

/// The faults of the server at `url`, as text and hint.
fn faults(url: &str) -> Vec<(String, String)> {
    let faults = facts::check_facts(&facts(url)).faults;
    faults.into_iter().map(|fault| (fault.text.clone(), fault.full_hint())).collect()
}

#[test]
fn fit_server_has_no_faults() {
    let database = server::database(server::shared());
    let facts = facts(&database.url);
    let checked = facts::check_facts(&facts);
    assert_eq!((checked.faults, checked.warnings), (vec![], vec![]));
    assert_eq!(facts.encoding, "UTF8");
    assert_eq!(facts.schema.as_deref(), Some("public"));
    assert!(facts.may_create && facts.may_create_schemas && facts.system.is_some());
    let port = server::shared().port.to_string();
    let place = facts.describe_place();
    assert!(place.contains(&database.name) && place.contains(&port), "{place}");
    assert!(place.contains("127.0.0.1") && place.contains("PostgreSQL"), "{place}");
}

#[test]
fn ascii_database_is_refused() {
    let cluster = server::shared();
    let name = server::database(cluster).name + "_ascii";
    let create = format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0");
    server::execute(&cluster.url("postgres"), &create);
    let faults = faults(&cluster.url(&name));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].0.contains("SQL_ASCII") && faults[0].1.contains("ENCODING 'UTF8'"));
}

#[test]
fn read_only_database_is_refused() {
    let cluster = server::shared();
    let database = server::database(cluster);
    for set in ["DATABASE {}", "ROLE admin IN DATABASE {}"] {
        let target = set.replace("{}", &database.name);
        let alter = |what: &str| {
            server::execute(&cluster.url("postgres"), &format!("ALTER {target} {what}"));
        };
        alter("SET default_transaction_read_only = on");
        let faults = faults(&database.url);
        alter("RESET default_transaction_read_only");
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].1.contains("RESET default_transaction_read_only"), "{faults:?}");
    }
    let by_url = format!("{}&default_transaction_read_only=on", database.url);
    assert_eq!(faults(&by_url).len(), 1);
    assert_eq!(faults(&database.url), []);
}

#[test]
fn standby_is_refused() {
    let wanted = Wanted { files: vec![("standby.signal".into(), vec![])], ..Wanted::default() };
    let cluster = server::start(&wanted);
    let faults = faults(&cluster.url("postgres"));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].0.contains("standby") && faults[0].1.contains("primary"));
}

#[test]
fn role_without_create_has_a_hint_with_the_grant() {
    let database = server::database(server::shared());
    server::execute(&database.url, "REVOKE CREATE ON SCHEMA public FROM public");
    server::execute(&database.url, "CREATE SCHEMA \"Odd one\"");
    let (_, url) = stranger(&database);
    for parameter in ["", "&search_path=%22Odd%20one%22,public"] {
        let url = format!("{url}{parameter}");
        let faults = faults(&url);
        assert_eq!(faults.len(), 1, "{faults:?}");
        // Under the second path the role sees public only, as it may not even use the other.
        let grant = faults[0].1.split_once("owner:\n  ").unwrap().1;
        server::execute(&database.url, grant);
        assert_eq!(self::faults(&url), []);
        let (_, role) = grant.trim_end_matches(';').rsplit_once(' ').unwrap();
        let revoke = format!("REVOKE ALL ON SCHEMA public FROM {role}");
        server::execute(&database.url, &revoke);
    }
}

#[test]
fn missing_schema_has_a_hint_to_create_it() {
    let database = server::database(server::shared());
    let url = format!("{}&options=-csearch_path=\"Core\"", database.url);
    let faults = faults(&url);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let create = faults[0].1.lines().find_map(|line| line.strip_prefix("  ")).unwrap();
    assert_eq!(create, "CREATE SCHEMA \"Core\" AUTHORIZATION admin;");
    server::execute(&database.url, create);
    assert_eq!(self::faults(&url), []);
    // The next schema of the path would be taken in silence.
    let url = format!("{}&search_path=nowhere,%20%22$user%22,%22Core%22", database.url);
    let facts = facts(&url);
    assert_eq!(facts.missing_schemas, ["nowhere"]);
    let warnings = facts::check_facts(&facts).warnings;
    assert!(warnings[0].text.contains("the tables go to \"Core\""), "{warnings:?}");
}

/// A slip in the URL's parameter, as the program tells it.
#[test]
fn missing_schema_is_named() {
    let database = server::database(server::shared());
    let run = |path: &str| {
        let url = format!("URL = \"{}&search_path={path}\"", database.url);
        Installation::new(&url).run(&["db", "-dry-run"])
    };
    let one = run("usage");
    one.expect(4, &["P4 schema usage does not exist", "  CREATE SCHEMA usage AUTHORIZATION"]);
    one.expect(4, &["schema 'usage' (missing)", "correct `search_path` in the URL"]);
    let two = run("usage,%22Odd%20one%22");
    two.expect(4, &["P4 no schema of search_path exists: usage, \"Odd one\""]);
    let none = run("%22$user%22");
    none.expect(4, &["P4 search_path names no schema", "no schema"]);
    hint_log::note_followed(&none.err);
    assert!(!run("public").err.contains("error: P4 "));
    for ended in [one, two, none] {
        assert!(!ended.err.contains("'none'"), "{}", ended.err);
    }
}

#[test]
fn other_sessions_are_listed() {
    let database = server::database(server::shared());
    let mut other = server::connect(&database.url);
    other.client.batch_execute("SET application_name = 'rstudio-connect'").unwrap();
    let facts = facts(&database.url);
    assert_eq!(facts.sessions.len(), 1);
    assert_eq!(facts.sessions[0].application_name.as_deref(), Some("rstudio-connect"));
    assert_eq!(facts.sessions[0].state.as_deref(), Some("idle"));
    let warning = facts::warn_of_other_sessions(&facts, false).unwrap();
    assert!(warning.details[0].contains("rstudio-connect"), "{warning:?}");
    drop(other);
}

#[test]
fn versions_and_impostors_are_judged() {
    let database = server::database(server::shared());
    let good = facts(&database.url);
    let judge = |version_num: u32| facts::check_facts(&Facts { version_num, ..good.clone() });
    assert!(judge(120_022).faults[0].text.contains("older than 13"));
    assert_eq!(judge(130_000).faults, []);
    assert_eq!(judge(180_004), facts::Checked::default());
    assert!(judge(190_000).warnings[0].text.contains("newer"));
    let impostor = Facts { impostor: Some("CockroachDB"), ..Facts::default() };
    assert!(facts::check_facts(&impostor).faults[0].text.contains("not PostgreSQL"));
}

#[test]
fn relationship_of_two_targets_is_described() {
    let cluster = server::shared();
    let (one, two) = (server::database(cluster), server::database(cluster));
    server::execute(&one.url, "CREATE SCHEMA instrumentation");
    let core = facts(&one.url);
    let relate = |url: &str| facts::relate_targets(&core, &facts(url));
    assert_eq!(relate(&one.url), Relationship::SameSchema);
    let schema = format!("{}&search_path=instrumentation", one.url);
    assert_eq!(relate(&schema), Relationship::SameDatabase);
    assert_eq!(relate(&two.url), Relationship::SameServer);
    let elsewhere = server::start(&Wanted::default());
    assert_eq!(relate(&elsewhere.url("postgres")), Relationship::Apart);
    assert_eq!(relate(&schema).describe(), "in one database, in two schemas");
}

/// Connects with a role whose statements may take 0.7 s, and whose transactions a second.
fn hurried(database: &Database) -> Connection {
    let (role, url) = stranger(database);
    let mut alter = format!("ALTER ROLE {role} SET statement_timeout = '700ms'\n");
    alter += &format!("ALTER ROLE {role} SET idle_in_transaction_session_timeout = '1s'\n");
    if facts(&database.url).version_num >= 170_000 {
        alter += &format!("ALTER ROLE {role} SET transaction_timeout = '1s'");
    }
    server::execute(&database.url, &alter);
    server::connect(&url)
}

#[test]
fn time_limits_are_lifted() {
    let database = server::database(server::shared());
    let mut connection = hurried(&database);
    let long = "SELECT pg_sleep(1.3)";
    connection.client.batch_execute(long).unwrap();
    let mut transaction = connection.client.transaction().unwrap();
    session::lift_limits(&mut transaction, Duration::from_secs(30)).unwrap();
    transaction.batch_execute(long).unwrap();
    let row = transaction.query_one("SHOW lock_timeout", &[]).unwrap();
    assert_eq!(row.get::<_, String>(0), "30s");
    transaction.commit().unwrap();
    let row = connection.client.query_one("SHOW statement_timeout", &[]).unwrap();
    assert_eq!(row.get::<_, String>(0), "0");
}

#[test]
fn two_migrations_cannot_meet() {
    let database = server::database(server::shared());
    let (mut one, mut two) = (server::connect(&database.url), server::connect(&database.url));
    let mut first = one.client.transaction().unwrap();
    let silent = &mut |text: &str| panic!("{text}");
    assert!(!session::lock_schema(&mut first, &database.name, "public", silent).unwrap());
    let pid: i32 = first.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let mut second = two.client.transaction().unwrap();
    session::lift_limits(&mut second, Duration::from_millis(20)).unwrap();
    session::lock_schema(&mut second, &database.name, "other", silent).unwrap();
    let mut output = String::new();
    let print_line = &mut |text: &str| output.push_str(text);
    let error =
        session::lock_schema(&mut second, &database.name, "public", print_line).unwrap_err();
    assert!(output.contains(&format!("pid {pid}")), "{output}");
    second.rollback().unwrap();
    assert_eq!(error.exit, Exit::Target);
    let text = error.to_string();
    assert!(text.contains(&format!("pid {pid}, \"connect-migrate\"")), "{text}");
    assert!(text.contains(&format!("pg_terminate_backend({pid})")), "{text}");
    // Whoever waits gets it as soon as it is free.
    let mut second = two.client.transaction().unwrap();
    let (name, (sender, receiver)) = (&database.name, std::sync::mpsc::channel());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let print_line = &mut |text: &str| sender.send(text.to_owned()).unwrap();
            session::lock_schema(&mut second, name, "public", print_line)
        });
        assert!(receiver.recv().unwrap().contains("another migration into schema"));
        assert!(receiver.recv().unwrap().contains(&format!("pid {pid}")));
        first.rollback().unwrap();
        assert!(waiting.join().unwrap().unwrap());
    });
    let keys = [("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc")];
    let mut keys: Vec<_> =
        keys.iter().map(|(db, schema)| session::schema_lock_key(db, schema)).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 4);
}

#[test]
fn blocking_session_is_named() {
    let database = server::database(server::shared());
    server::execute(&database.url, "CREATE TABLE apps (id int)");
    let mut blocker = server::connect(&database.url);
    let mut blocking = blocker.client.transaction().unwrap();
    blocking.batch_execute("LOCK TABLE apps IN ACCESS SHARE MODE").unwrap();
    let holder: i32 = blocking.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let mut own_session = server::connect(&database.url);
    let watcher = Watcher::new(server::connect(&database.url));
    let mut transaction = own_session.client.transaction().unwrap();
    session::lift_limits(&mut transaction, Duration::from_secs(2)).unwrap();
    let pid: i32 = transaction.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let otherwise = |error: postgres::Error| Error::new(Exit::Load, error.to_string(), "");
    let mut output = Vec::new();
    let mut run = |sql: &str| {
        let work = || transaction.batch_execute(sql);
        let print_line = &mut |text: &str| output.push(text.to_owned());
        session::run_watched(&watcher, pid, print_line, work, otherwise)
    };
    run("SELECT 1").unwrap();
    let error = run("LOCK TABLE apps IN ACCESS EXCLUSIVE MODE").unwrap_err();
    assert_eq!(error.exit, Exit::Target);
    let text = error.to_string();
    assert!(text.contains(&format!("pid {holder}, ")), "{text}");
    assert!(text.contains(&format!("pg_terminate_backend({holder})")), "{text}");
    assert_eq!(run("SELECT 1").unwrap_err().exit, Exit::Load);
    let [_, session] = output.as_slice() else { panic!("{output:?}") };
    assert!(session.contains(&format!("pid {holder}, ")), "{output:?}");
}

#[test]
fn direct_connections_are_not_taken_for_a_pooler() {
    let database = server::database(server::shared());
    let (mut one, mut two) = (server::connect(&database.url), server::connect(&database.url));
    assert_eq!(
        pooling::detect_pooling(&mut one.client, &mut two.client).unwrap(),
        Pooling::NotDetected
    );
}

#[test]
fn names_are_quoted_where_they_must_be() {
    for (name, quoted) in [
        ("apps", "apps"),
        ("_a1", "_a1"),
        ("Apps", "\"Apps\""),
        ("1a", "\"1a\""),
        ("a\"b", "\"a\"\"b\""),
        ("user", "\"user\""),
        ("", "\"\""),
        ("é", "\"é\""),
    ] {
        assert_eq!(quote_if_needed(name), quoted);
    }
    assert_eq!(text_literal("it's"), "'it''s'");
}

/// A transaction still sees the rows of what another session has dropped, and the server's
/// functions answer NULL for it.
#[test]
fn objects_that_are_dropped_while_they_are_read_end_nothing() {
    let database = server::database(server::shared());
    server::execute(&database.url, "CREATE TABLE t (id serial PRIMARY KEY, n int DEFAULT 7 + 1)");
    let mut client = server::connect(&database.url).client;
    let reading = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let mut reading = reading.start().unwrap();
    reading.query_one("SELECT count(*) FROM pg_class", &[]).unwrap();
    server::execute(&database.url, "DROP TABLE t");
    sequences::read_survey(&mut reading, &TableSchemas::of_one("public"), &[]).unwrap();
}

/// A function that calls itself many times, alone or by way of another one, has no value that could
/// be written down; following it eight calls deep would not come to an end.
#[test]
fn functions_that_call_themselves_are_not_followed() {
    let function = |name: &str, body: String| Function {
        schema: "public".to_owned(),
        name: name.to_owned(),
        language: "sql".to_owned(),
        body,
        parameters: vec!["a".to_owned()],
    };
    let calls = |name: &str| vec![format!("{name}(a)"); 30].join(" + ");
    let all = vec![
        function("one", format!("SELECT {}", calls("other"))),
        function("other", format!("SELECT {}", calls("one"))),
        function("own", format!("SELECT {}", calls("own"))),
        function("plain", "SELECT nextval('s') + a".to_owned()),
    ];
    let functions = Functions { all, schema: "public".to_owned() };
    let expand = |text: &str| {
        let expanded = functions.expand_calls(&pieces::split_into_pieces(text));
        pieces::pieces_to_text(&expanded.pieces)
    };
    assert_eq!([expand("own(1)"), expand("one(1)")], ["own(1)", "one(1)"]);
    assert!(expand("plain(7)").contains("nextval"), "{}", expand("plain(7)"));
}
