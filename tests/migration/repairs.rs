//! Repairs, a case for each word, through the built program: without the word the run stops with
//! the finding that it is for; with it the dry run is clean and says what it touches, the migration
//! verifies, PostgreSQL holds what the word promises, and the report lists the rows.

mod conflicts;
mod key_lists;
mod key_type_pairs;
mod postgres_functions;
mod random_values;
mod row_names;
mod rows;
mod spellings;
mod values;

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::{Ran, program, ran};
use crate::server;

/// A schema directory, a SQLite file, and a database to fill.
pub struct Shop {
    folder: TempDir,
    pub database: server::Database,
}

impl Shop {
    /// Table files by name, and SQL that makes the SQLite file.
    pub fn new(tables: &[(&str, &str)], sql: &str) -> Shop {
        let shop = Shop { folder: tempfile::tempdir().unwrap(), database: super::database() };
        let schema = shop.path("shop");
        fs::create_dir(&schema).unwrap();
        let database = "versions = [\"1\"]\n\n[enums]\nmood = [\"sad\", \"glad\"]\n";
        fs::write(schema.join("database.toml"), database).unwrap();
        for (name, text) in tables {
            fs::write(schema.join(format!("{name}.toml")), text.replace('\'', "\"")).unwrap();
        }
        let connection = Connection::open(shop.path("shop.db")).unwrap();
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes the SQLite file.
    pub fn sqlite(&self, sql: &str) {
        let connection = Connection::open(self.path("shop.db")).unwrap();
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// `migrate copy` with more words.
    pub fn copy(&self, words: &[&str]) -> Ran {
        self.copy_hooked("", words)
    }

    /// The same, with hooks on events.
    pub fn copy_hooked(&self, hooks: &str, words: &[&str]) -> Ran {
        let mut command = program();
        command.args(["copy", "--yes", "--schema"]).arg(self.path("shop"));
        command.arg("--source").arg(self.path("shop.db"));
        command.args(["--target", &super::url(&self.database.name)]).args(words);
        command.arg("--report").arg(self.path("report.json"));
        ran(command.env("PGPASSWORD", super::PASSWORD).env("MIGRATE_TEST", hooks))
    }

    pub fn report(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("report.json")).unwrap()).unwrap()
    }

    /// One text from the target.
    pub fn text(&self, sql: &str) -> String {
        let mut client = server::connect(&self.database.url).client;
        client.query_one(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
    }

    /// Errors of the last report: id, column, count.
    pub fn errors(&self) -> Vec<(String, String, u64)> {
        let report = self.report();
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["severity"] == "error")
            .map(|finding| {
                let text = |key: &str| finding[key].as_str().unwrap().to_owned();
                (text("id"), text("column"), finding["count"].as_u64().unwrap())
            })
            .collect()
    }

    /// Repairs of the last report: label, rows, keys.
    pub fn repairs(&self) -> Vec<(String, u64, Vec<String>)> {
        let report = self.report();
        let keys = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
        };
        let repairs = report["repairs"].as_array().unwrap().iter();
        repairs
            .map(|repair| {
                let label = repair["repair"].as_str().unwrap().to_owned();
                (label, repair["rows"].as_u64().unwrap(), keys(&repair["keys"]))
            })
            .collect()
    }

    /// The lines of the quarantine file.
    pub fn quarantine(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("out.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn quarantine_file(&self) -> String {
        self.path("out.jsonl").display().to_string()
    }
}
