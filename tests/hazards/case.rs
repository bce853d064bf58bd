//! A case's directory, and the files that a run of it needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::said::Ran;
use super::{ROLE, Wrong, blessing, read};
use crate::preflight;
use crate::server::Database;
use crate::server::installation::{ROLE_PASSWORD, program};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/hazards")
}

/// A directory of `tests/cases/hazards`.
pub struct Case {
    pub name: String,
    pub directory: PathBuf,
}

impl Case {
    /// All with a script, in the order of their names.
    pub fn all() -> Vec<Case> {
        let mut cases: Vec<Case> = fs::read_dir(root())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().join("source.sql").exists())
            .map(|entry| Case {
                name: entry.file_name().into_string().unwrap(),
                directory: entry.path(),
            })
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        cases
    }

    pub fn file(&self, name: &str) -> Option<String> {
        read(&self.directory.join(name))
    }

    /// Whether it has a target of its own kind.
    pub fn has_target(&self) -> bool {
        let special = ["target.sql", "create.txt", "url.txt", "words.txt"];
        special.iter().any(|name| self.file(name).is_some())
    }

    /// Whether it cannot share a database with others.
    pub fn alone(&self) -> bool {
        self.has_target() || self.file("alone.txt").is_some() || self.file("hooks.txt").is_some()
    }

    pub fn expected(&self) -> String {
        self.file("expected.txt").unwrap_or_default()
    }

    /// Whether the expected text is about to be written.
    pub fn blessing(&self) -> bool {
        blessing()
    }

    /// The schema that its tables go to.
    pub fn url_schema(&self) -> String {
        let url = self.file("url.txt").unwrap_or_default();
        let path = url.split('&').find_map(|part| part.trim().strip_prefix("search_path="));
        path.and_then(|path| path.split(',').next_back()).unwrap_or("public").to_owned()
    }

    /// Compares with an expected text, or rewrites it.
    pub fn expect(&self, name: &str, text: &str, wrong: &Wrong) {
        if blessing() {
            fs::write(self.directory.join(name), text).unwrap();
        }
        let expected = self.file(name).unwrap_or_default();
        if text != expected {
            wrong.add(&self.name, &format!("expected\n{expected}\nbut is\n{text}"));
        }
    }

    /// Its schema files: name and text.
    fn tables(&self) -> Vec<(String, String)> {
        let files = fs::read_dir(&self.directory).unwrap().map(|entry| entry.unwrap().path());
        let of = |path: PathBuf| {
            let name = path.file_name()?.to_str()?.to_owned();
            let own = name.ends_with(".toml") && name != "database.toml" && name != "repair.toml";
            own.then(|| (name, read(&path).unwrap_or_default()))
        };
        files.filter_map(of).collect()
    }
}

/// A folder with a source and its schema directory.
pub struct Place {
    folder: tempfile::TempDir,
    before: BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)>,
}

impl Place {
    /// The cases' tables in one database, called `app`.
    pub fn of(cases: &[&Case]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let schema = folder.path().join("app");
        fs::create_dir(&schema).unwrap();
        let (mut head, mut enums) = ("versions = [\"1\"]\n".to_owned(), "[enums]\n".to_owned());
        let connection = preflight::application(&folder.path().join("app.db"));
        // Applications seldom turn them on, and that is how orphans come about.
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for case in cases {
            for (name, text) in case.tables() {
                fs::write(schema.join(name), text).unwrap();
            }
            let more = case.file("database.toml").unwrap_or_default();
            let (own, labels) = more.split_once("[enums]\n").unwrap_or((&more, ""));
            head.push_str(own);
            enums.push_str(labels);
            let sql = case.file("source.sql").unwrap();
            let made = connection.execute_batch(&sql);
            made.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        }
        fs::write(schema.join("database.toml"), head + &enums).unwrap();
        drop(connection);
        let before = preflight::contents(&folder.path().join("app.db"));
        Place { folder, before }
    }

    pub fn changed(&self) -> bool {
        preflight::contents(&self.folder.path().join("app.db")) != self.before
    }

    /// Runs `migrate copy`.
    pub fn run(&self, database: &Database, words: &[&str], case: &Case) -> Ran {
        let mut url = database.url.replacen("admin:Throw-away%201!", ROLE, 1);
        if let Some(more) = case.file("url.txt") {
            url = format!("{url}&{}", more.trim());
        }
        self.run_at(&url, ROLE_PASSWORD, database, words, case)
    }

    /// The same with another URL and password.
    pub fn run_at(
        &self,
        url: &str,
        password: &str,
        database: &Database,
        words: &[&str],
        case: &Case,
    ) -> Ran {
        let report = tempfile::tempdir().unwrap();
        let report = report.path().join("report.json");
        fs::create_dir_all(report.parent().unwrap()).unwrap();
        let own = case.file("words.txt").unwrap_or_default();
        let mut command = program();
        command.arg("copy").args(words).args(own.split_whitespace());
        command.arg("--schema").arg(self.folder.path().join("app"));
        command.arg("--source").arg(self.folder.path().join("app.db"));
        command.args(["--target", url]).env("PGPASSWORD", password);
        let hooks = case.file("hooks.txt").unwrap_or_default();
        command.env("MIGRATE_TEST", hooks.replace("{case}", case.directory.to_str().unwrap()));
        let output = command.arg("--report").arg(&report).output().unwrap();
        let report = read(&report).unwrap_or("{}".to_owned());
        let (_, behind) = database.url.split_once("127.0.0.1:").unwrap();
        let port = format!("127.0.0.1:{}", behind.split('/').next().unwrap());
        let places = [
            (self.folder.path().to_str().unwrap(), "DIR"),
            (database.name.as_str(), "DATABASE"),
            (port.as_str(), "127.0.0.1:PORT"),
        ];
        Ran::of(&output, &serde_json::from_str(&report).unwrap(), &places)
    }
}
