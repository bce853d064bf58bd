//! `migrate copy` without `--schema`.

use std::path::PathBuf;
use std::process::Command;

use crate::server::installation::{Ended, program};
use crate::server::{self, Database};

use super::terminal::{Answered, answer_questions};

struct Files {
    folder: tempfile::TempDir,
    database: Database,
}

impl Files {
    fn new(source: &str, target: &str) -> Files {
        let files = Files {
            folder: tempfile::tempdir().unwrap(),
            database: server::database(server::shared()),
        };
        let connection = rusqlite::Connection::open(files.source()).unwrap();
        connection.execute_batch(source).unwrap();
        server::connect(&files.database.url).client.batch_execute(target).unwrap();
        files
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.env("HOME", self.folder.path()).args(["copy", "--source"]).arg(self.source());
        command.args(["--target", &self.database.url]).args(words);
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    fn answer(&self, words: &[&str], rules: &[(&str, &str)]) -> Answered {
        answer_questions(&self.command(words), self.folder.path(), rules)
    }

    fn count(&self, table: &str) -> i64 {
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
    files.run(&["--yes"]).expect(0, &["shop is joined from both sides", "migrate copy --source"]);
    assert_eq!(files.count("orders WHERE paid AND total = 12.5 OR NOT paid"), 2);
    files.run(&["--verify"]).expect(0, &[]);
    assert!(files.folder.path().join("migrate-schema/shop/orders.toml").is_file());
}

#[test]
fn without_tables_a_draft_is_asked_for() {
    let files = Files::new(ORDERS, "");
    files.run(&["--yes"]).expect(3, &["holds no tables", "--draft"]);
    files.answer(&[], &[("make the tables", "n")]).expect(3, &["types would be chosen"]);
    let ran = files.answer(&[], &[]);
    ran.expect(0, &["make the tables by what SQLite says?", "copied, verified and committed"]);
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

#[test]
fn tables_of_another_application_are_refused() {
    let files = Files::new(ORDERS, "CREATE TABLE visitors (id int PRIMARY KEY)");
    files.run(&["--yes"]).expect(4, &["none of them has the name of a table", "search_path"]);
}
