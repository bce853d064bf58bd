//! `migrate copy` without `--schema`.

use std::path::PathBuf;
use std::process::Command;

use crate::server::installation::{Ended, program};
use crate::server::{self, Database};

use super::terminal::{Answered, answer_questions};

pub struct Files {
    folder: tempfile::TempDir,
    pub database: Database,
}

impl Files {
    pub fn new(source: &str, target: &str) -> Files {
        let files = Files {
            folder: tempfile::tempdir().unwrap(),
            database: server::database(server::shared()),
        };
        let connection = rusqlite::Connection::open(files.source()).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection.execute_batch(source).unwrap();
        server::connect(&files.database.url).client.batch_execute(target).unwrap();
        files
    }

    pub fn source(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    /// A file beside the source.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        self.command_at(&self.database.url, words)
    }

    fn command_at(&self, url: &str, words: &[&str]) -> Command {
        let mut command = program();
        command.env("HOME", self.folder.path()).args(["copy", "--source"]).arg(self.source());
        command.args(["--target", url]).args(words);
        command
    }

    /// A run with another URL of the database.
    pub fn run_at(&self, url: &str, words: &[&str]) -> Ended {
        Ended::of(&self.command_at(url, words).output().unwrap())
    }

    pub fn answer_at(&self, url: &str, words: &[&str], rules: &[(&str, &str)]) -> Answered {
        answer_questions(&self.command_at(url, words), self.folder.path(), rules)
    }

    /// Runs SQL in the target.
    pub fn execute(&self, sql: &str) {
        server::connect(&self.database.url).client.batch_execute(sql).unwrap();
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    fn answer(&self, words: &[&str], rules: &[(&str, &str)]) -> Answered {
        answer_questions(&self.command(words), self.folder.path(), rules)
    }

    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        server::connect(&self.database.url).client.query_one(&sql, &[]).unwrap().get(0)
    }
}

const ORDERS: &str = "
    CREATE TABLE orders (id INTEGER PRIMARY KEY, paid BOOLEAN NOT NULL, total NUMERIC(10, 2));
    INSERT INTO orders VALUES (1, 1, 12.5), (2, 0, NULL);";

#[test]
fn existing_tables_are_enough() {
    let files = Files::new(
        ORDERS,
        "CREATE TABLE orders (id bigserial PRIMARY KEY, paid boolean NOT NULL,
            total numeric(10, 2))",
    );
    let joined = "shop is joined from SQLite and PostgreSQL";
    files.run(&["--yes"]).expect(0, &[joined, "migrate copy --source"]);
    assert_eq!(files.count("orders WHERE paid AND total = 12.5 OR NOT paid"), 2);
    files.run(&["--verify"]).expect(0, &[]);
    assert!(files.folder.path().join("migrate-schema/shop/orders.toml").is_file());
}

#[test]
fn without_tables_a_draft_is_asked_for() {
    let files = Files::new(ORDERS, "");
    let refused = files.run(&["--yes"]);
    refused.expect(3, &["has no tables", "--draft"]);
    crate::hint_log::note_followed(&refused.err);
    Files::new(ORDERS, "").run(&["--yes", "--draft"]).expect(0, &[]);
    files.answer(&[], &[("create the tables", "n")]).expect(3, &["types would be chosen"]);
    let ran = files.answer(&[], &[]);
    ran.expect(0, &["create the tables from SQLite's structure?", "every value was compared"]);
    assert_eq!(files.count("orders"), 2);
    // The draft is what describes the tables that it has made.
    files.run(&["--verify"]).expect(0, &["schema: shop is in "]);
    assert!(!files.folder.path().join("migrate-schema/shop-2").exists());
    files.run(&["--yes"]).expect(0, &[]);
}

#[test]
fn a_draft_can_be_asked_for_by_its_flag() {
    let files = Files::new(ORDERS, "");
    files.run(&["--yes", "--draft"]).expect(0, &["is drafted from SQLite"]);
    assert_eq!(files.count("orders"), 2);
}

/// Whether a flag has an effect cannot be known of a file that cannot be read.
#[test]
fn a_file_that_is_not_there_is_named_whatever_the_flags() {
    let files = Files::new("CREATE TABLE t (id INTEGER PRIMARY KEY)", "");
    std::fs::remove_file(files.source()).unwrap();
    for flag in ["--draft", "--create-missing"] {
        let ended = files.run(&["--dry-run", flag]);
        ended.expect(3, &["error: F12"]);
        assert!(!ended.err.contains("no effect"), "{}", ended.err);
    }
}

#[test]
fn tables_of_another_application_are_refused() {
    let files = Files::new(ORDERS, "CREATE TABLE visitors (id int PRIMARY KEY)");
    files.run(&["--yes"]).expect(4, &["none of them has the name of a table", "search_path"]);
}

/// Nothing is created under a name that is taken, so that it is not offered.
#[test]
fn a_view_of_the_name_of_a_table_is_called_a_view() {
    let target = "CREATE TABLE orders (id bigserial PRIMARY KEY, paid boolean NOT NULL,
            total numeric(10, 2));
        CREATE VIEW notes AS SELECT id FROM orders; CREATE TABLE memos (id int PRIMARY KEY, t text);
        CREATE MATERIALIZED VIEW sums AS SELECT sum(total) FROM orders";
    let source = format!(
        "{ORDERS} CREATE TABLE notes (id INTEGER PRIMARY KEY, t TEXT);
         INSERT INTO notes VALUES (4, 'x'); CREATE TABLE sums (s INTEGER); INSERT INTO sums
         VALUES (1)"
    );
    let files = Files::new(&source, target);
    let refused = files.run(&["--yes"]);
    refused.expect(
        3,
        &[
            "O1 shop.notes: it has 1 row, but in PostgreSQL this is the name of a view",
            "O1 shop.sums: it has 1 row, but in PostgreSQL this is the name of a materialized view",
            "--same shop.notes=memos",
        ],
    );
    assert!(!refused.err.contains("--create-missing"), "{}", refused.err);
    crate::hint_log::note_followed(&refused.err);
    let flags = ["--yes", "--same", "notes=memos", "--ignore", "sums"];
    files.run(&flags).expect(0, &["verified: 2 tables"]);
    let asked = Files::new(&source, target);
    let out = asked.path("drafted");
    let mut command = program();
    command.args(["schema", "draft", "--source"]).arg(asked.source()).arg("--out").arg(&out);
    let output = command.args(["--target", &asked.database.url]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let residue = std::fs::read_to_string(out.join("RESIDUE.md")).unwrap();
    assert!(residue.contains("its name in PostgreSQL is that of a view"), "{residue}");
}

const PLUGIN: &str = "
    CREATE TABLE kinds (code TEXT PRIMARY KEY);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, \"order\" INTEGER REFERENCES orders (id),
        kind TEXT REFERENCES kinds (code), text TEXT NOT NULL CHECK (length(text) < 9));
    CREATE INDEX notes_kind ON notes (kind);
    CREATE TABLE unused (id INTEGER PRIMARY KEY);
    INSERT INTO notes VALUES (4, 1, NULL, 'first'), (9, NULL, NULL, '');";

const ORDERS_TARGET: &str = "CREATE TABLE orders (id bigserial PRIMARY KEY, paid boolean NOT NULL,
    total numeric(10, 2));";

#[test]
fn tables_that_postgresql_lacks_are_created_on_request() {
    let files = Files::new(&format!("{ORDERS}{PLUGIN}"), ORDERS_TARGET);
    let refused = files.run(&["--yes"]);
    refused.expect(3, &["O1", "notes", "--ignore shop.notes", "--create-missing"]);
    let asked = files.answer(&[], &[("notes", "-")]);
    asked.expect(0, &["+ to create the table", "every value was compared"]);
    assert_eq!(files.count("pg_class WHERE relname = 'notes'"), 0);
    let left = "not moved: table shop.notes: 2 rows";
    asked.expect(0, &[left, "Not moved, only in SQLite\n  table shop.notes: 2 rows"]);
    let verified = files.run(&["--verify"]);
    verified.expect(0, &[left]);
    assert!(verified.out.contains("Not moved, only in SQLite\n  table"), "{}", verified.out);

    let files = Files::new(&format!("{ORDERS}{PLUGIN}"), ORDERS_TARGET);
    let asked = files.answer(&[], &[("notes", "+")]);
    asked.expect(0, &["every value was compared", "verified: 3 tables"]);
    files.run(&["--verify"]).expect(0, &[]);

    let files = Files::new(&format!("{ORDERS}{PLUGIN}"), ORDERS_TARGET);
    files
        .run(&["--dry-run", "--create-missing"])
        .expect(0, &["tables to be created: kinds, notes"]);
    assert_eq!(files.count("pg_class WHERE relname = 'notes'"), 0);
    files.run(&["--yes", "--create-missing"]).expect(0, &["verified: 3 tables"]);
    assert_eq!(files.count("notes WHERE id = 4 AND \"order\" = 1 AND text = 'first'"), 1);
    assert_eq!(files.count("pg_constraint WHERE conrelid = 'notes'::regclass"), 4);
    assert_eq!(files.count("pg_class WHERE relname IN ('unused', 'kinds', 'notes_kind')"), 2);
    // The next id is behind those that came over.
    let insert = "INSERT INTO notes (text) VALUES ('new')";
    server::connect(&files.database.url).client.batch_execute(insert).unwrap();
    assert_eq!(files.count("notes WHERE id = 10"), 1);
    server::connect(&files.database.url)
        .client
        .batch_execute("DELETE FROM notes WHERE id = 10")
        .unwrap();
    // Both sides have all tables now, and the same schema describes them.
    files.run(&["--verify"]).expect(0, &["schema: shop is in "]);
    files.run(&["--yes"]).expect(0, &["already"]);
    assert!(!files.folder.path().join("migrate-schema/shop-2").exists());
}

/// Values that are not taken along are named before the question, at the end, and in the report.
#[test]
fn columns_that_are_left_behind_are_named_with_their_values() {
    let source = "CREATE TABLE orders (id INTEGER PRIMARY KEY, mark TEXT, unused TEXT,
            twice INTEGER AS (id * 2));
        INSERT INTO orders (id, mark) VALUES (1, 'a'), (2, 'b'), (3, NULL);
        CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, dirty BOOLEAN);
        INSERT INTO schema_migrations VALUES (7, 0);";
    let target = "CREATE TABLE orders (id bigint PRIMARY KEY)";
    let words = ["--ignore", "shop.orders.mark", "--ignore", "shop.orders.unused"];
    let others = ["--ignore", "shop.orders.twice", "--ignore", "shop.schema_migrations"];
    let words = [&words[..], &others].concat();
    let files = Files::new(source, target);
    let report = files.folder.path().join("report.json");
    let named = ["--yes", "--report", report.to_str().unwrap()];
    let ran = files.run(&[&words[..], &named].concat());
    ran.expect(0, &["not moved: column shop.orders.mark: 2 values"]);
    let listed = "Not moved, only in SQLite\n  column shop.orders.mark: 2 values\n";
    assert!(ran.out.contains(listed), "{}", ran.out);
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let not_moved = &report["databases"][0]["not_moved"];
    let expected = serde_json::json!([{"table": "orders", "column": "mark", "count": 2}]);
    assert_eq!(*not_moved, expected);
}

/// A load that was not committed leaves the application's tables as they were.
#[test]
fn tables_that_were_never_loaded_are_no_difference() {
    let files = Files::new(ORDERS, ORDERS_TARGET);
    files.run(&["--verify"]).expect(4, &["nothing was loaded", "without `--verify`"]);
    files.run(&["--yes"]).expect(0, &[]);
    files.run(&["--verify"]).expect(0, &[]);
    let delete = "DELETE FROM orders WHERE id = 2";
    server::connect(&files.database.url).client.batch_execute(delete).unwrap();
    files.run(&["--verify"]).expect(6, &[]);
}

#[test]
fn a_draft_describes_tables_that_are_to_be_created() {
    let files = Files::new(&format!("{ORDERS}{PLUGIN}"), ORDERS_TARGET);
    let out = files.folder.path().join("drafted");
    let mut draft = program();
    draft.args(["schema", "draft", "--create-missing", "--source"]).arg(files.source());
    draft.args(["--target", &files.database.url, "--out"]).arg(&out);
    Ended::of(&draft.output().unwrap()).expect(0, &[]);
    let copied = files.run(&["--yes", "--schema", out.to_str().unwrap()]);
    copied.expect(0, &["tables to be created: kinds, notes", "verified: 3 tables"]);
    assert_eq!(files.count("notes"), 2);
}

#[test]
fn what_has_the_name_of_a_created_table_stops_the_run() {
    let taken = format!("{ORDERS_TARGET} CREATE VIEW notes AS SELECT 1 AS one");
    let files = Files::new(&format!("{ORDERS}{PLUGIN}"), &taken);
    let refused = files.run(&["--yes", "--create-missing"]);
    refused.expect(4, &["O19", "view notes in schema "]);
    assert_eq!(files.count("orders"), 0);
}

/// PostgreSQL keeps tables, indexes and sequences in one name space.
#[test]
fn names_that_are_made_give_way_to_tables() {
    let files = Files::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE users_id_seq (last INTEGER);
         CREATE TABLE orders (id INTEGER PRIMARY KEY);
         CREATE TABLE orders_pkey (code TEXT PRIMARY KEY, n INTEGER UNIQUE);
         CREATE TABLE orders_pkey_n_key (v TEXT);
         INSERT INTO users VALUES (7, 'ada'); INSERT INTO users_id_seq VALUES (3);
         INSERT INTO orders VALUES (5); INSERT INTO orders_pkey VALUES ('a', 1);
         INSERT INTO orders_pkey_n_key VALUES ('x');",
        "",
    );
    files.run(&["--yes", "--draft"]).expect(0, &["verified: 5 tables"]);
    for table in ["users_id_seq", "orders_pkey", "orders_pkey_n_key"] {
        assert_eq!(files.count(table), 1, "{table}");
    }
    let insert = "INSERT INTO users (name) VALUES ('bob'); INSERT INTO orders DEFAULT VALUES";
    server::connect(&files.database.url).client.batch_execute(insert).unwrap();
    assert_eq!(files.count("users WHERE id = 8"), 1);
    assert_eq!(files.count("orders WHERE id = 6"), 1);
    let update = "UPDATE orders SET id = 5 WHERE id = 6";
    assert!(server::connect(&files.database.url).client.batch_execute(update).is_err());
}

#[test]
fn a_file_of_virtual_tables_alone_is_described() {
    let files = Files::new(
        "CREATE VIRTUAL TABLE notes USING fts5 (text); INSERT INTO notes VALUES ('hello');
         CREATE VIRTUAL TABLE found USING fts5 (text, content='')",
        "",
    );
    let refused = files.run(&["--yes", "--draft"]);
    let kept = "only virtual tables, which cannot be copied: found, notes (1 row of its own)";
    refused.expect(3, &["only virtual tables", kept, "ordinary tables first"]);
    crate::hint_log::note_followed(&refused.err);
    let source = rusqlite::Connection::open(files.source()).unwrap();
    source.execute_batch("CREATE TABLE kept_notes AS SELECT * FROM notes").unwrap();
    drop(source);
    files.run(&["--yes", "--draft"]).expect(0, &[]);
    assert_eq!(files.count("kept_notes"), 1);
}
