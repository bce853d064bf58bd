//! `migrate schema`, at the binary: listing, showing, drafting, comparing.

mod all_features;
mod applications;
mod column_types;
mod completeness;
mod decisions;
mod diff;
mod diff_reports;
mod draft_into;
mod draft_with_target;
mod encodings;
mod expressions;
mod guide;
mod lengths_of_time;
mod lost_rules;
mod new_version;
mod postgres_types;
mod properties;
mod real_databases;
mod repeated_names;
mod roundtrip;
mod rowids;
mod undecided;
mod unproved_units;
mod uuid_bytes;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rusqlite::Connection;

use crate::hint_log;

/// What the program said, and how it ended.
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs the program.
pub fn migrate(words: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
    let Output { status, stdout, stderr } = command.args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) };
    hint_log::note_printed(&ran.err);
    hint_log::note_printed(&ran.out);
    ran
}

/// A folder with a SQLite file made by some statements, and a place for a draft.
pub struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    /// Makes the file.
    pub fn new(sql: &str) -> Case {
        let case = Case { folder: tempfile::tempdir().unwrap() };
        let connection = Connection::open(case.folder.path().join("app.db")).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = off").unwrap();
        connection.execute_batch(sql).unwrap();
        case
    }

    /// Takes a file that is there.
    pub fn of(file: &Path) -> Case {
        let case = Case { folder: tempfile::tempdir().unwrap() };
        std::fs::copy(file, case.folder.path().join("app.db")).unwrap();
        case
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The SQLite file.
    pub fn file(&self) -> String {
        self.path().join("app.db").display().to_string()
    }

    /// The drafted directory.
    pub fn out(&self) -> String {
        self.path().join("draft").display().to_string()
    }

    /// Drafts, which must succeed; the exit code is 1 where something is to be decided.
    pub fn draft(&self) -> &Case {
        let ran = migrate(&["schema", "draft", "--source", &self.file(), "--out", &self.out()]);
        let open = self.read("RESIDUE.md").contains("## To decide");
        assert_eq!(ran.code, i32::from(open), "{}{}", ran.out, ran.err);
        self
    }

    /// A drafted file's text.
    pub fn read(&self, name: &str) -> String {
        let path = PathBuf::from(self.out()).join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The line of a drafted column.
    pub fn column(&self, table: &str, column: &str) -> String {
        let text = self.read(&format!("{table}.toml"));
        let mut lines = text.lines();
        let line = lines.find(|line| line.split(" = {").next().unwrap().trim_end() == column);
        line.unwrap_or_else(|| panic!("no {column} in\n{text}")).to_owned()
    }

    /// `migrate copy` with the draft.
    pub fn copy(&self, url: &str) -> Ran {
        let (out, file) = (self.out(), self.file());
        migrate(&["copy", "--yes", "--schema", &out, "--source", &file, "--target", url])
    }

    /// The differences of the file and its draft.
    pub fn diff(&self) -> Ran {
        migrate(&["schema", "diff", &format!("sqlite:{}", self.file()), &self.out()])
    }
}

#[test]
fn list_names_every_schema_and_version() {
    let ran = migrate(&["schema", "list"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for schema in connect_migrate::schema::SCHEMAS {
        assert!(ran.out.contains(&format!("{}\n", schema.name)), "{}", ran.out);
        for version in schema.versions {
            let line = format!("  {:<12} {} tables", version.name, version.shapes.len());
            assert!(ran.out.contains(&line), "{line} in {}", ran.out);
        }
    }
}

#[test]
fn show_prints_columns_and_rules_of_a_version() {
    let ran = migrate(&["schema", "show", "connect/core@2024.08"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("connect/core 2024.08: 37 tables\n"), "{}", ran.out);
    let line = "  started_at      timestamp    not null, stored unix_s\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(ran.out.contains("  foreign key (user_id) references users (id) on delete cascade\n"));
}

#[test]
fn show_prints_the_same_sql_as_the_rendered_file() {
    let newest = connect_migrate::schema::built_in("connect/core").unwrap().versions.last();
    let word = format!("connect/core@{}", newest.unwrap().name);
    let ran = migrate(&["schema", "show", &word, "--sql"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rendered = std::fs::read_to_string(root.join("schema/connect/core/postgres.sql")).unwrap();
    assert_eq!(ran.out, rendered);
    assert_eq!(migrate(&["schema", "show", "connect/core", "--sql"]).out, rendered);
}

#[test]
fn unknown_schemas_and_versions_are_usage_errors() {
    for (word, printed) in [
        ("connect/cor", "error: connect/cor is neither a built-in schema nor a directory"),
        (
            "connect/core@1999",
            "error: connect/core has no version 1999\nhint: name a known version",
        ),
    ] {
        let ran = migrate(&["schema", "show", word]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with(printed), "{}", ran.err);
    }
}

#[test]
fn a_draft_overwrites_nothing() {
    let case = Case::new("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    case.draft();
    let ran = migrate(&["schema", "draft", "--source", &case.file(), "--out", &case.out()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("exists already"), "{}", ran.err);
    assert!(std::fs::read_dir(case.path()).unwrap().count() == 2, "something was left behind");
}

#[test]
fn a_file_without_tables_is_refused() {
    let case = Case::new("CREATE TABLE t (id INTEGER); DROP TABLE t");
    let ran = migrate(&["schema", "draft", "--source", &case.file(), "--out", &case.out()]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.err.contains("has no tables"), "{}", ran.err);
}

#[test]
fn a_search_index_that_lags_behind_its_table_is_no_damage() {
    let case = Case::new(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT);
         CREATE VIRTUAL TABLE found USING fts4(content=\"notes\", title);
         INSERT INTO notes VALUES (1, 'a word')",
    );
    assert_eq!(case.draft().diff().code, 0);
    assert!(case.read("RESIDUE.md").contains("- **virtual table found**"));
}

/// Does what RESIDUE.md says of `undecided` in database.toml: what it names is as the draft has it.
pub fn choose_names(directory: &Path) {
    let file = directory.join("database.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("undecided = [")).collect();
    std::fs::write(&file, kept.join("\n") + "\n").unwrap();
}
