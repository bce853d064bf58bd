//! A case's directory, and the files that a run of it needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ROLE;
use super::run_output::Run;
use crate::server::Database;
use crate::server::installation::{ROLE_PASSWORD, limited_program, program};
use crate::{case_options, preflight};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/hazards")
}

/// Options of a case, in its `case.toml`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Why it cannot share a database with the other cases.
    pub alone: Option<String>,
    /// Options of the target's CREATE DATABASE.
    pub create_database: Option<String>,
    /// Parameters added to the target's URL.
    pub url: Option<String>,
    /// Hooks of the program, as in `src/event.rs`.
    pub hooks: Option<String>,
    /// Why a dry run makes temporary tables.
    pub temporary_tables: Option<String>,
    /// What the program reads instead of the system's table of mounts: `{mounts}` in the hooks is
    /// the name of a file with it.
    pub mounts: Option<String>,
}

/// A directory of `tests/cases/hazards`.
pub struct Case {
    pub name: String,
    pub directory: PathBuf,
    pub options: Options,
}

impl Case {
    pub fn new(name: &str, directory: PathBuf) -> Case {
        let options = case_options::read(&directory);
        Case { name: name.to_owned(), directory, options }
    }

    pub fn named(name: &str) -> Case {
        Case::new(name, root().join(name))
    }

    /// All with a script, in the order of their names.
    pub fn all() -> Vec<Case> {
        let mut names: Vec<String> = fs::read_dir(root())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().join("source.sql").exists())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names.iter().map(|name| Case::named(name)).collect()
    }

    pub fn file(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.directory.join(name)).ok()
    }

    /// Whether it has a target of its own kind.
    pub fn has_target(&self) -> bool {
        let Options { create_database, url, .. } = &self.options;
        create_database.is_some() || url.is_some() || self.file("target.sql").is_some()
    }

    /// Whether it cannot share a database with others.
    pub fn is_alone(&self) -> bool {
        self.has_target() || self.options.alone.is_some() || self.options.hooks.is_some()
    }

    pub fn expected(&self) -> String {
        self.file("expected.txt").unwrap_or_default()
    }

    /// The schema that its tables go to.
    pub fn target_schema(&self) -> String {
        let url = self.options.url.as_deref().unwrap_or_default();
        let path = url.split('&').find_map(|part| part.strip_prefix("search_path="));
        path.and_then(|path| path.split(',').next_back()).unwrap_or("public").to_owned()
    }

    /// Its schema files: name and text.
    fn tables(&self) -> Vec<(String, String)> {
        let Ok(files) = fs::read_dir(self.directory.join("schema")) else { return Vec::new() };
        let of = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name != "database.toml").then(|| (name, fs::read_to_string(&path).unwrap()))
        };
        files.filter_map(|entry| of(entry.unwrap().path())).collect()
    }
}

/// A folder with a source and its schema directory.
pub struct Place {
    folder: tempfile::TempDir,
    before: BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)>,
    /// How many KiB of addresses the program may have.
    address_space: Option<u32>,
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
            let more = case.file("schema/database.toml").unwrap_or_default();
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
        Place { folder, before, address_space: None }
    }

    /// The same for runs that may have so many KiB of addresses.
    pub fn with_address_space(self, kibibytes: u32) -> Place {
        Place { address_space: Some(kibibytes), ..self }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn is_changed(&self) -> bool {
        preflight::contents(&self.folder.path().join("app.db")) != self.before
    }

    /// Runs `migrate copy`.
    pub fn run(&self, database: &Database, words: &[&str], case: &Case) -> Run {
        let mut url = database.url.replacen("admin:Throw-away%201!", ROLE, 1);
        if let Some(more) = &case.options.url {
            url = format!("{url}&{more}");
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
    ) -> Run {
        let report = tempfile::tempdir().unwrap();
        let report = report.path().join("report.json");
        fs::create_dir_all(report.parent().unwrap()).unwrap();
        let mut command = match self.address_space {
            Some(limit) => limited_program(&format!("ulimit -v {limit}")),
            None => program(),
        };
        command.arg("copy").args(words);
        command.arg("--schema").arg(self.folder.path().join("app"));
        command.arg("--source").arg(self.folder.path().join("app.db"));
        command.args(["--target", url]).env("PGPASSWORD", password);
        if let Some(hooks) = &case.options.hooks {
            let mounts = report.with_file_name("mounts");
            fs::write(&mounts, case.options.mounts.as_deref().unwrap_or_default()).unwrap();
            command.env("MIGRATE_TEST", hooks.replace("{mounts}", mounts.to_str().unwrap()));
        }
        let output = command.arg("--report").arg(&report).output().unwrap();
        let report = fs::read_to_string(&report).unwrap_or("{}".to_owned());
        let (_, behind) = database.url.split_once("127.0.0.1:").unwrap();
        let port = format!("127.0.0.1:{}", behind.split('/').next().unwrap());
        let places = [
            (self.folder.path().to_str().unwrap(), "DIR"),
            (database.name.as_str(), "DATABASE"),
            (port.as_str(), "127.0.0.1:PORT"),
        ];
        Run::of(&output, &serde_json::from_str(&report).unwrap(), &places)
    }
}
