//! The sample of Connect, whose tables have other names than the built-in ones, by one command.

use std::path::Path;

use connect_migrate::schema;

use crate::migration::compare;
use crate::server::installation::{Installation, owned};
use crate::server::{self, Database};

use super::terminal::answer_questions;

/// What the application calls otherwise, on both sides.
const RENAMED: &[(&str, &str)] = &[
    ("TABLE vanities RENAME TO", "vanity_urls"),
    ("TABLE bookmarks RENAME TO", "favourites"),
    ("TABLE apps RENAME title TO", "headline"),
    ("TABLE users RENAME email TO", "mail_address"),
];

/// What PostgreSQL alone calls otherwise.
const ELSEWHERE: &[(&str, &str)] = &[
    ("TABLE custom_documentation RENAME TO", "help_pages"),
    ("TABLE apps RENAME content_category TO", "kind_label"),
    ("TABLE jobs RENAME remote_id TO", "handle"),
];

/// What the application has added since, in SQLite.
const ADDED: &str = "
    ALTER TABLE apps ADD COLUMN archived_at INTEGER;
    UPDATE apps SET archived_at = 1709283600 + id;
    ALTER TABLE users ADD COLUMN grace INTEGER;
    UPDATE users SET grace = 3600 * id;
    CREATE TABLE reviews (id INTEGER PRIMARY KEY AUTOINCREMENT, app_id INTEGER NOT NULL
        REFERENCES apps (id), asked INTEGER, note TEXT);
    INSERT INTO reviews (app_id, asked, note) SELECT id, 1709283600000 + id, 'fine' FROM apps;
    CREATE TABLE review_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO review_kinds VALUES (1, 'short'), (2, 'long'), (3, 'spoken');";

/// The same in PostgreSQL, with two rows of its own.
const ADDED_TARGET: &str = "
    ALTER TABLE apps ADD archived_at timestamptz;
    ALTER TABLE users ADD grace interval;
    CREATE TABLE reviews (id bigserial PRIMARY KEY, app_id bigint NOT NULL REFERENCES apps,
        asked timestamptz, note text);
    CREATE TABLE review_kinds (id integer PRIMARY KEY, name text NOT NULL);
    INSERT INTO review_kinds VALUES (1, 'short'), (2, 'long');
    CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
    INSERT INTO schema_migrations VALUES (202606, false);";

/// What a person who knows the application answers.
const RULES: &[(&str, &str)] = &[
    ("custom_documentation", "help_pages"),
    ("content_category", "kind_label"),
    ("remote_id", "handle"),
    ("environment_volume_mounts.order", "position"),
    ("server_settings.key", "name"),
    ("archived_at", "unix_s"),
    ("users.grace", "01:00:00 to"),
    ("reviews.asked", "unix_ms"),
];

/// Empties the tables that the migration made, as if the application had made them.
const EMPTY: &str = "
    DO $$
    BEGIN
        EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ')
                     || ' RESTART IDENTITY' FROM pg_tables WHERE schemaname = 'public');
    END
    $$;";

fn alter(names: &[(&str, &str)]) -> String {
    let each = names.iter().map(|(what, name)| format!("ALTER {what} {name};"));
    each.collect()
}

/// The opposite of [`alter`].
fn alter_back(names: &[(&str, &str)]) -> String {
    let each = names.iter().map(|(what, name)| {
        let words: Vec<&str> = what.split(' ').collect();
        match words[..] {
            [_, table, _, "TO"] => format!("ALTER TABLE {name} RENAME TO {table};"),
            [_, table, _, column, "TO"] => {
                format!("ALTER TABLE {table} RENAME {name} TO {column};")
            }
            _ => panic!("{what}"),
        }
    });
    each.collect()
}

fn sqlite(installation: &Installation, sql: &str) {
    let file = installation.directory.path().join("db/connect.db");
    rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

fn postgres(database: &Database, role: &str, sql: &str) {
    let sql = format!("SET ROLE {role}; {sql}");
    server::connect(&database.url).client.batch_execute(&sql).unwrap();
}

fn number(database: &Database, select: &str) -> i64 {
    server::connect(&database.url).client.query_one(select, &[]).unwrap().get(0)
}

#[test]
fn one_command_moves_a_server_whose_tables_are_not_built_in() {
    let database = server::database(server::shared());
    let (role, url) = owned(&database);
    let installation = Installation::new(&format!("URL = \"{url}\""));
    // Connect makes its tables in PostgreSQL.
    let mut made = installation.command(&["db", "--yes"]);
    made.env("PGPASSWORD", crate::server::installation::ROLE_PASSWORD);
    assert!(made.output().unwrap().status.success());
    postgres(&database, &role, EMPTY);
    postgres(&database, &role, &(alter(RENAMED) + &alter(ELSEWHERE) + ADDED_TARGET));
    sqlite(&installation, &(alter(RENAMED) + ADDED));

    let home = installation.directory.path();
    let mut command = installation.command(&["db"]);
    command.env("HOME", home).env("PGPASSWORD", crate::server::installation::ROLE_PASSWORD);
    let ran = answer_questions(&command, home, RULES);
    ran.expect(0, &["Done: "]);
    assert!(ran.questions <= 5, "{} questions:\n{}", ran.questions, ran.text);

    for (select, count) in [
        ("SELECT count(*) FROM apps WHERE archived_at = to_timestamp(1709283600 + id)", 16),
        ("SELECT count(*) FROM users WHERE grace = make_interval(hours => id::int)", 16),
        ("SELECT count(*) FROM reviews WHERE asked = to_timestamp(1709283600 + app_id / 1e3)", 16),
        ("SELECT count(*) FROM review_kinds", 3),
    ] {
        assert_eq!(number(&database, select), count, "{select}");
    }
    server::next_values_are_free(&database.url);
    // Under the built-in names, every value is compared by another path.
    postgres(&database, &role, &(alter_back(RENAMED) + &alter_back(ELSEWHERE)));
    sqlite(&installation, &alter_back(RENAMED));
    compare_all(home, &database.url);
}

fn compare_all(folder: &Path, url: &str) {
    for (name, file) in
        [("connect/core", "connect"), ("connect/instrumentation", "connect-instrumentation")]
    {
        let version = *schema::built_in(name).unwrap().versions.last().unwrap();
        let file = folder.join(format!("db/{file}.db"));
        let compared = compare::compare(&file, url, version);
        assert!(compared.differing.is_empty(), "{:?}", compared.differing);
        assert_eq!(compared.cells, compared.counted);
        assert!(compared.tables > 2);
    }
}
