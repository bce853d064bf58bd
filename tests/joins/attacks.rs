//! What must not be loaded: another server's tables, other structures, answers that no longer hold.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{RULES, Server};

/// That nothing of SQLite is in PostgreSQL.
fn expect_nothing_loaded(server: &Server) {
    assert_eq!(server.value("SELECT count(*) FROM works"), "0");
    assert_eq!(server.value("SELECT count(*) FROM hits"), "0");
}

/// The rules but for one.
fn rules_without(text: &str) -> Vec<(&'static str, &'static str)> {
    RULES.iter().copied().filter(|(rule, _)| *rule != text).collect()
}

#[test]
fn another_servers_rows_are_never_replaced_by_a_yes() {
    let server = Server::new();
    server.target("UPDATE roles SET id = id + 100");
    let refused = server.answer(&[], RULES);
    refused.expect(4, &["O6", "no row of roles has a key that exists in SQLite", "another server"]);
    assert_eq!(server.value("SELECT count(*) FROM roles"), "2");
    expect_nothing_loaded(&server);
}

/// Small numbers are keys on every server; what they name is not.
#[test]
fn rows_with_the_keys_of_sqlite_and_other_names_are_another_servers() {
    let server = Server::new();
    server.target(
        "INSERT INTO users SELECT id, gen_random_uuid(), 'x' || id, false, now(), NULL
             FROM (VALUES (1), (7)) v (id)",
    );
    let refused = server.answer(&[], RULES);
    refused.expect(4, &["O6", "rows of users have the same keys as in SQLite but other names"]);
    assert!(!refused.text.contains("replace them with SQLite's rows?"), "{}", refused.text);
    expect_nothing_loaded(&server);
}

#[test]
fn rows_with_the_keys_of_sqlite_and_mostly_other_values_are_another_servers() {
    let server = Server::new();
    server.target("UPDATE roles SET name = 'other ' || name");
    let refused = server.answer(&[], RULES);
    refused.expect(4, &["O6", "2 rows have the same key as in SQLite but other values"]);
    server.target("UPDATE roles SET name = 'viewer' WHERE id = 1");
    let rules: Vec<_> = RULES.iter().copied().chain([("replace them", "n")]).collect();
    let asked = server.answer(&[], &rules);
    asked.expect(4, &["roles: 2 rows, SQLite has 3 rows; 1 with other values in SQLite (2)"]);
    expect_nothing_loaded(&server);
}

#[test]
fn rows_without_a_key_are_counted_and_not_shown() {
    let server = Server::new();
    server.target("CREATE TABLE moods (name text, level int)");
    server.target("INSERT INTO moods VALUES ('secret', NULL), ('calm', 3)");
    server.source("connect", "CREATE TABLE moods (name TEXT, level INTEGER)");
    server.source("connect", "INSERT INTO moods VALUES ('secret', NULL)");
    let ran = server.answer(&[], RULES);
    ran.expect(0, &["moods: 2 rows, SQLite has 1 row; 1 not in SQLite\n"]);
    assert!(!ran.text.contains("calm"), "{}", ran.text);
}

#[test]
fn rows_that_only_postgresql_has_are_shown_by_their_keys() {
    let server = Server::new();
    server.target("INSERT INTO roles VALUES (44, 'operator')");
    let rules: Vec<_> = RULES.iter().copied().chain([("replace them", "n")]).collect();
    let refused = server.answer(&[], &rules);
    refused.expect(4, &["roles: 3 rows, SQLite has 3 rows; 1 not in SQLite (44)", "O6"]);
    assert_eq!(server.value("SELECT count(*) FROM roles"), "3");
    expect_nothing_loaded(&server);
}

#[test]
fn more_rows_than_a_seed_has_need_the_flag() {
    let server = Server::new();
    server.target("INSERT INTO roles SELECT n, 'role' FROM generate_series(3, 101) n");
    let refused = server.answer(&[], RULES);
    refused.expect(4, &["O6", "roles\": 101 rows", "--replace-seed"]);
    assert!(!refused.text.contains("replace them with SQLite's rows?"), "{}", refused.text);
    expect_nothing_loaded(&server);
}

#[test]
fn the_list_of_a_newer_release_is_asked_about() {
    let server = Server::new();
    server.target("INSERT INTO schema_migrations VALUES (18, false)");
    let rules: Vec<_> = RULES.iter().copied().chain([("keep PostgreSQL's list", "n")]).collect();
    let refused = server.answer(&[], &rules);
    refused.expect(4, &["O4", "PostgreSQL also has 18, 0"]);
    expect_nothing_loaded(&server);
}

#[test]
fn a_count_that_nobody_explains_is_not_loaded() {
    let server = Server::new();
    let refused = server.answer(&[], &rules_without("works.seen"));
    refused.expect(3, &["S20 core.works.seen", "unix_s", "apple_s"]);
    expect_nothing_loaded(&server);
    // What was not answered is asked again, and only that.
    let ran = server.answer(&[], RULES);
    ran.expect(0, &["Done: "]);
    server.expect_everything();
}

#[test]
fn a_dry_run_reports_undecided_columns_and_seed_rows_together() {
    let server = Server::new();
    server.answer(&["--dry-run"], &rules_without("works.seen")).expect(3, &["S20", "O6"]);
    server.run(&["--dry-run"]).expect(3, &["S20", "O6"]);
}

#[test]
fn times_without_offset_need_a_word() {
    let server = Server::new();
    server.source("connect", "UPDATE users SET created_time = '2024-03-01 09:00:00' WHERE id = 1");
    let rules: Vec<_> = [("no offset", "-")].into_iter().chain(RULES.iter().copied()).collect();
    server.answer(&[], &rules).expect(3, &["S20 core.users.created_time"]);
    expect_nothing_loaded(&server);
    server.answer(&[], RULES).expect(0, &["no offset", "Done: "]);
    server.expect_everything();
}

#[test]
fn times_of_another_zone_are_read_by_a_repair() {
    let server = Server::new();
    server.source("connect", "UPDATE users SET created_time = '2024-03-01 10:00:00' WHERE id = 1");
    let rules: Vec<_> =
        [("no offset", "another zone")].into_iter().chain(RULES.iter().copied()).collect();
    let refused = server.answer(&["--dry-run"], &rules);
    // Seed rows are refused, too.
    refused.expect(4, &["D5", "--repair core.users.created_time=naive-zone:ZONE"]);
    let repair = "core.users.created_time=naive-zone:Europe/Berlin";
    server.answer(&["--repair", repair], &rules).expect(0, &["Done: "]);
    server.expect_everything();
}

#[test]
fn a_repair_of_a_database_that_is_not_decided_waits() {
    let server = Server::new();
    server.answer(&["--dry-run"], &rules_without("works.seen")).expect(3, &["S20"]);
    let refused = server.run(&["--dry-run", "--repair", "core.users.email=strip-nul"]);
    refused.expect(3, &["S20 core.works.seen"]);
    for word in ["internal error", "applies to no row"] {
        assert!(!refused.err.contains(word), "{}", refused.err);
    }
}

#[test]
fn names_that_differ_in_case_alone_are_not_chosen_between() {
    let server = Server::new();
    server.target("ALTER TABLE plugins RENAME TO \"Plugins\"");
    server.target("CREATE TABLE \"PLUGINS\" (id integer PRIMARY KEY, name text, size float8)");
    let refused = server.run(&["--yes"]);
    refused.expect(
        3,
        &["O1 core.plugins", "'core.plugins=Plugins'", "'core.plugins=PLUGINS'"]
            .map(|text| text.trim_matches('\'')),
    );
    expect_nothing_loaded(&server);
}

#[test]
fn a_table_that_only_sqlite_has_is_left_behind_on_request_alone() {
    let server = Server::new();
    server.source("connect", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)");
    server.source("connect", "INSERT INTO notes VALUES (1, 'a'), (2, 'b')");
    let refused = server.run(&["--yes"]);
    refused.expect(3, &["O1 core.notes", "2 rows", "--ignore core.notes"]);
    expect_nothing_loaded(&server);
    let rules: Vec<_> = RULES.iter().copied().chain([("notes", "-")]).collect();
    let ran = server.answer(&[], &rules);
    ran.expect(0, &["Done: ", "notes, 2 rows"]);
    server.expect_everything();
}

#[test]
fn answers_are_not_used_for_another_structure() {
    let server = Server::new();
    server.answer(&["--dry-run"], RULES).expect(4, &["O6"]);
    server.source("connect", "ALTER TABLE works ADD COLUMN beaten INTEGER");
    let refused = server.run(&["--yes", "--replace-seed"]);
    refused.expect(3, &["O1 core.labels", "S20 core.works.seen", "connect-2"]);
    expect_nothing_loaded(&server);
}

#[test]
fn a_column_that_was_empty_is_asked_about_when_it_holds_something() {
    let server = Server::new();
    server.source("connect", "UPDATE works SET beats = NULL");
    server.answer(&["--dry-run"], &rules_without("works.beats")).expect(4, &["O6"]);
    server.source("connect", "UPDATE works SET beats = 1709283600123 WHERE id = 3");
    server.source("connect", "UPDATE works SET beats = 1709283700456 WHERE id = 9");
    server.run(&["--yes", "--replace-seed"]).expect(3, &["S20 core.works.beats"]);
    expect_nothing_loaded(&server);
    server.answer(&[], RULES).expect(0, &["Done: "]);
    server.expect_everything();
}

#[test]
fn a_saved_schema_that_others_can_write_is_not_used() {
    let server = Server::new();
    server.answer(&["--dry-run"], RULES).expect(4, &["O6"]);
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(server.saved().join("core"), open).unwrap();
    server.run(&["--yes", "--replace-seed"]).expect(3, &["S20 core.works.seen", "connect-2"]);
    expect_nothing_loaded(&server);
}

#[test]
fn flags_that_mean_nothing_are_refused() {
    let server = Server::new();
    server
        .run(&["--yes", "--same", "core.nothing=marks"])
        .expect(2, &["--same core.nothing=marks"]);
    server.run(&["--yes", "--ignore", "nothing"]).expect(2, &["--ignore nothing"]);
    server.run(&["--yes", "--naive-zone", "Mars"]).expect(2, &["`Mars` is not a time zone"]);
    expect_nothing_loaded(&server);
}

#[test]
fn without_a_home_the_place_must_be_named() {
    let server = Server::new();
    let mut command = server.command(&["--yes"]);
    command.env_remove("HOME");
    let ended = crate::server::installation::Ended::of(&command.output().unwrap());
    ended.expect(2, &["HOME is not set", "--save-schema"]);
    let place = server.home().join("elsewhere");
    let words = ["--yes", "--save-schema", place.to_str().unwrap()];
    server.run(&words).expect(3, &["S20 core.works.seen"]);
    assert!(place.join("core/database.toml").is_file());
    assert!(place.join("instrumentation/hits.toml").is_file());
}
