//! Tables as frameworks make them on both sides, each a case directory with a test of its name:
//! drafted with the existing tables of the target, nothing different, copied into the very tables,
//! every value compared.
//!
//! `repair.sql` is what a person does to a copy of the file where the draft asks for a decision;
//! `case.toml` has which encodings the framework is known to use.
//! Times without offset are those of UTC in all of them, and integers mean the same on both sides.
//! `expected.txt` has the drafted files, what they leave to a person, and all rows as PostgreSQL
//! prints them.

mod cases;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use connect_migrate::schema::{self, Version};
use serde::Deserialize;

use crate::migration::{PASSWORD, ROLE, Ran, compare, database, dump, program, ran, url};
use crate::{case_options, golden, server};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/frameworks");

/// Options of a case, in its `case.toml`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// How columns are stored that the draft leaves undecided: by table and column.
    stored: BTreeMap<String, BTreeMap<String, String>>,
}

/// A framework's file and its tables in PostgreSQL.
struct Place<'a> {
    case: &'a Path,
    folder: tempfile::TempDir,
    database: server::Database,
}

impl Place<'_> {
    fn new(case: &Path) -> Place<'_> {
        let place = Place { case, folder: tempfile::tempdir().unwrap(), database: database() };
        place.sqlite("source.sql");
        let target = fs::read_to_string(case.join("target.sql")).unwrap();
        place.postgres(&format!("SET ROLE {ROLE}; {target}"));
        place
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn sqlite(&self, name: &str) {
        let sql = fs::read_to_string(self.case.join(name)).unwrap();
        let connection = rusqlite::Connection::open(self.path("app.db")).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    fn postgres(&self, sql: &str) {
        let mut client = server::connect(&self.database.url).client;
        client.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    fn run(&self, words: &[&str]) -> Ran {
        let mut command = program();
        command.env("PGPASSWORD", PASSWORD).current_dir(self.folder.path()).args(words);
        ran(&mut command)
    }

    fn draft(&self) -> Ran {
        let _ = fs::remove_dir_all(self.path("draft"));
        let url = url(&self.database.name);
        let words = ["schema", "draft", "--source", "app.db", "--target", &url, "--out", "draft"];
        self.run(&[&words[..], &["--naive-zone", "UTC"]].concat())
    }

    /// Says in the drafted files what the draft has left undecided.
    fn state_undecided(&self) {
        let options: Options = case_options::read(self.case);
        for (table, columns) in &options.stored {
            for (column, stored) in columns {
                self.rewrite(&format!("{table}.toml"), |line| {
                    match line.split(" = {").next().map(str::trim_end) {
                        Some(name) if name == column => line.replace("undecided", stored),
                        _ => line.to_owned(),
                    }
                });
            }
        }
        self.rewrite("database.toml", |line| match line.starts_with("undecided = ") {
            true => String::new(),
            false => line.to_owned(),
        });
    }

    fn rewrite(&self, file: &str, change: impl Fn(&str) -> String) {
        let path = self.folder.path().join("draft").join(file);
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<String> = text.lines().map(change).collect();
        fs::write(path, lines.join("\n")).unwrap();
    }

    /// A run without schema files finds out the same, and ends in the same way.
    fn joins_the_same(&self) {
        let drafted = self.copy(&["--dry-run"]);
        let url = url(&self.database.name);
        let words = ["copy", "--source", "app.db", "--target", &url, "--naive-zone", "UTC"];
        let mut command = program();
        command.env("PGPASSWORD", PASSWORD).env("HOME", self.folder.path());
        command.current_dir(self.folder.path()).args(words).arg("--dry-run");
        let joined = ran(&mut command);
        assert_eq!(joined.code, drafted.code, "{joined:?}\n{drafted:?}");
        let read = |path: &Path| {
            let mut files: Vec<_> = fs::read_dir(path).unwrap().map(Result::unwrap).collect();
            files.retain(|file| file.path().extension().is_some_and(|end| end == "toml"));
            files.sort_by_key(fs::DirEntry::file_name);
            files.iter().map(|file| fs::read_to_string(file.path()).unwrap()).collect::<Vec<_>>()
        };
        let saved = self.folder.path().join("migrate-schema/app");
        // The first line names both sides.
        let without_title = |texts: Vec<String>| -> Vec<String> {
            texts.iter().map(|text| text.lines().skip(1).collect::<Vec<_>>().join("\n")).collect()
        };
        let drafted = read(Path::new(&self.path("draft")));
        assert_eq!(without_title(read(&saved)), without_title(drafted));
        fs::remove_dir_all(saved).unwrap();
    }

    fn copy(&self, words: &[&str]) -> Ran {
        let url = url(&self.database.name);
        let all = ["copy", "--schema", "draft", "--source", "app.db", "--target", &url];
        self.run(&[&all[..], words].concat())
    }

    /// All rows of a table in PostgreSQL's words.
    fn rows(&self, table: &str) -> Vec<String> {
        let table = model::sql::quote(table);
        let all =
            format!("SELECT of_it::text FROM {table} of_it ORDER BY of_it::text COLLATE \"C\"");
        let mut client = server::connect(&self.database.url).client;
        client.batch_execute("SET timezone = 'UTC'").unwrap();
        client.query(&all, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// What the draft says, file by file.
    fn drafted(&self, ran: &Ran) -> String {
        let mut text = format!("exit {}\n", ran.code.unwrap());
        let mut files: Vec<_> = fs::read_dir(self.path("draft")).unwrap().collect();
        files.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
        for file in files.into_iter().map(Result::unwrap) {
            let name = file.file_name().into_string().unwrap();
            let all = fs::read_to_string(file.path()).unwrap();
            let says = |line: &&str| match name.as_str() {
                "RESIDUE.md" => line.starts_with("- ") || line.starts_with("##"),
                _ => !line.is_empty() && !line.starts_with('#'),
            };
            let lines: Vec<&str> = all.lines().filter(says).collect();
            text += &format!("\n{name}\n{}\n", lines.join("\n"));
        }
        text
    }

    /// Tables in which each side keeps its own rows.
    fn own(&self, version: &Version) -> Vec<String> {
        let kept = version.migration_histories.iter().map(|kept| kept.table);
        kept.chain(version.target_only.iter().copied()).map(str::to_owned).collect()
    }

    /// Other migrations of the application there than here.
    fn refused_where_versions_differ(&self, version: &Version) {
        assert!(!version.migration_histories.is_empty(), "{}", self.case.display());
        for kept in version.migration_histories {
            let table = model::sql::quote(kept.table);
            self.postgres(&format!(
                "CREATE SCHEMA aside; CREATE TABLE aside.kept AS TABLE {table};
                 DELETE FROM {table}"
            ));
            let output = "the application's own migrations differ: SQLite also has ";
            let ran = self.copy(&["--dry-run"]);
            ran.fails(4, &[&format!("O4 draft.{}", kept.table), output]);
            self.postgres(&format!(
                "INSERT INTO {table} SELECT * FROM aside.kept; DROP SCHEMA aside CASCADE"
            ));
        }
    }
}

/// Drafts and migrates one framework's tables; what is to be compared with the expected text.
fn draft_and_migrate(case: &Path) -> String {
    let place = Place::new(case);
    let structure = dump(&place.database.url, &["--schema-only"]);
    let mut drafted = place.draft();
    let mut text = place.drafted(&drafted);
    if case.join("repair.sql").is_file() {
        assert_eq!(drafted.code, Some(1), "{drafted:?}");
        assert_ne!(place.copy(&["--dry-run"]).code, None);
        place.sqlite("repair.sql");
        drafted = place.draft();
        if drafted.code == Some(1) {
            text += "\nrepaired, and still to be decided\n";
        }
    }
    assert!(matches!(drafted.code, Some(0 | 1)), "{drafted:?}");
    place.joins_the_same();
    place.state_undecided();
    let there = format!("postgres:{}", url(&place.database.name));
    let diff = place.run(&["schema", "diff", "draft", &there]);
    assert_eq!(diff.code, Some(0), "{}: {diff:?}", case.display());
    let version =
        schema::read_schema_directory(Path::new(&place.path("draft"))).unwrap().versions[0];
    place.refused_where_versions_differ(version);
    let own = place.own(version);
    let before: Vec<_> = own.iter().map(|table| place.rows(table)).collect();
    let seeded = version.loaded_tables().any(|table| !place.rows(table.name).is_empty());
    if seeded {
        place.copy(&["--yes"]).fails(4, &["O6 draft: tables of the migration already have rows"]);
        text += "\nwith --replace-seed\n";
    }
    let copied = place.copy(if seeded { &["--yes", "--replace-seed"] } else { &["--yes"] });
    assert_eq!(copied.code, Some(0), "{}: {copied:?}", case.display());
    dump(&place.database.url, &["--schema-only"]).is(&structure, &case.display().to_string());
    let after: Vec<_> = own.iter().map(|table| place.rows(table)).collect();
    assert_eq!(before, after, "{}", case.display());
    let file = place.folder.path().join("app.db");
    let compared = compare::tables(&file, &place.database.url, version.loaded_tables());
    assert_eq!(compared.differing, [] as [String; 0], "{}", case.display());
    assert_eq!(compared.cells, compared.counted);
    assert!(place.copy(&["--yes"]).out.contains("Already migrated"), "{}", case.display());
    assert_eq!(place.copy(&["--verify"]).code, Some(0), "{}", case.display());
    for table in version.loaded_tables() {
        text += &format!("\nrows of {}\n{}\n", table.name, place.rows(table.name).join("\n"));
    }
    server::next_values_are_free(&place.database.url);
    text
}

fn check_case(name: &str) {
    let case = Path::new(ROOT).join(name);
    // PostgreSQL 13 writes this in other words.
    let (own, output) = ("timezone('utc'::text, now())", "(now() AT TIME ZONE 'utc'::text)");
    golden::check(&case.join("expected.txt"), &draft_and_migrate(&case).replace(own, output));
}
