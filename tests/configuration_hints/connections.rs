//! Hints about connecting, each followed on a server.

use super::{Scene, check, contains_text, hints};
use crate::hint_log;
use crate::server::{self, Database};

/// A role and a database of its own; the scene reads a configuration that names both.
struct Place {
    database: Database,
    role: String,
    scene: Scene,
}

impl Place {
    /// `PASSWORD` in the lines below `[Postgres]` is the role's, `URL` begins its URL.
    fn new(lines: &str) -> Place {
        let database = server::database(server::shared());
        let role = server::role("hinted");
        server::execute(
            &database.url,
            &format!(
                "CREATE ROLE {role} LOGIN PASSWORD 'right'\n\
                 GRANT CREATE ON SCHEMA public TO {role}"
            ),
        );
        let port = server::shared().port;
        let url = format!("postgres://{role}@127.0.0.1:{port}/{}", database.name);
        let text = format!("[Postgres]\n{}\n", lines.replace("BASE", &url));
        let mut scene = Scene::of_file(&text);
        scene.words.push("--connect".to_owned());
        Place { database, role, scene }
    }

    /// What a run says with a part of a text, and the hint under it.
    #[track_caller]
    fn refused(&self, part: &str) -> super::RunOutput {
        let (code, output) = self.scene.run();
        let found = hints(&output).into_iter().find(|one| one.text.contains(part));
        let found = found.unwrap_or_else(|| panic!("no {part:?}, exit {code}:\n{output}"));
        hint_log::note_hint_followed(&found.text, &found.hint);
        found
    }

    #[track_caller]
    fn expect_gone(&self, text: &str) {
        let (code, output) = self.scene.run();
        assert!(code != 101 && !contains_text(&output, text), "{text}: exit {code}\n{output}");
    }

    /// Runs the statement that begins with a word in a hint; the password that a hint leaves open
    /// is the one that is configured.
    fn execute(&self, hint: &str, word: &str) {
        let (_, rest) = hint.split_once(word).unwrap_or_else(|| panic!("no {word} in {hint}"));
        let end = rest.find("';").map(|at| at + 1).or_else(|| rest.find(';'));
        let statement = format!("{word}{}", &rest[..end.unwrap_or(rest.len())]);
        let statement = statement.replace('…', "other");
        let mut client = server::connect(&self.database.url).client;
        client.batch_execute(&statement).unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}

#[test]
fn a_password_that_is_not_accepted() {
    let place = Place::new("URL = BASE?sslmode=disable\nPassword = other");
    let output = place.refused("the password is not accepted");
    // The setting that is named has the right one.
    assert!(output.hint.contains("check `Postgres.Password`"), "{}", output.hint);
    let right = Place::new("URL = BASE?sslmode=disable\nPassword = right");
    right.expect_gone("the password is not accepted");
    // Or the role is given the one that is configured.
    place.execute(&output.hint, "ALTER ROLE ");
    place.expect_gone(&output.text);
}

#[test]
fn a_password_that_is_not_given() {
    let place = Place::new("URL = BASE?sslmode=disable");
    let output = place.refused("none is given");
    for way in ["Postgres.Password", "PGPASSWORD", "~/.pgpass"] {
        assert!(output.hint.contains(way), "{}", output.hint);
    }
    let mut by_setting = place.scene.clone();
    by_setting.add_line("Postgres", "Password = right");
    let by_variable = place.scene.clone().with_variable("PGPASSWORD", "right");
    let line = format!("127.0.0.1:*:*:{}:right\n", place.role);
    let by_file = place.scene.clone().with_file(".pgpass", line).with_variable("HOME", "DIR");
    for scene in [by_setting, by_variable, by_file] {
        let (code, said_then) = scene.run();
        assert!(!contains_text(&said_then, &output.text), "exit {code}\n{said_then}");
    }
}

#[test]
fn a_role_that_may_not_log_in() {
    let place = Place::new("URL = BASE?sslmode=disable\nPassword = right");
    server::execute(&place.database.url, &format!("ALTER ROLE {} NOLOGIN", place.role));
    let output = place.refused("is not permitted to log in");
    place.execute(&output.hint, "ALTER ROLE ");
    place.expect_gone(&output.text);
}

#[test]
fn a_database_that_does_not_exist() {
    let place = Place::new("URL = BASE_new?sslmode=disable\nPassword = right");
    let output = place.refused("the database does not exist");
    place.execute(&output.hint, "CREATE DATABASE ");
    place.expect_gone(&output.text);
    let mut client = server::connect(&place.database.url).client;
    let drop = format!("DROP DATABASE {}_new WITH (FORCE)", place.database.name);
    client.batch_execute(&drop).unwrap();
}

#[test]
fn a_role_that_may_not_connect() {
    let place = Place::new("URL = BASE?sslmode=disable\nPassword = right");
    let name = &place.database.name;
    server::execute(&place.database.url, &format!("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"));
    let output = place.refused("has no permission to connect");
    place.execute(&output.hint, "GRANT CONNECT ");
    place.expect_gone(&output.text);
}

#[test]
fn a_server_without_tls_and_a_setting_that_does_not_exist() {
    let scene = Place::new("URL = BASE?sslmode=require\nPassword = right").scene;
    check("TLS", &scene, "does not support TLS");
    let scene = Place::new("URL = BASE?sslmode=disable&work_memm=1\nPassword = right").scene;
    check("setting", &scene, "correct the URL");
}
