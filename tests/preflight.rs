//! What the dry run finds, by the built program: a directory of `tests/cases/preflight` is a case,
//! `source.sql` on top of `base.sql` makes its database and `expected.txt` is what is said.
//! Each has a test of its name: in `cases.rs`, or where it needs more than SQL in `files.rs`.

mod cases;
mod damaged_wal;
mod files;
mod hints;
mod integrity;
mod profile;
mod shortcuts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde_json::Value;

use crate::golden;
use crate::server::installation::{Ended, Installation, owned, program};
use crate::server::{self, Database};

fn cases_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/preflight")
}

/// A database file made by `base.sql` and more, with an application's own functions and orders.
fn make(file: &Path, more: &str) -> Connection {
    let connection = application(file);
    connection.execute_batch(&fs::read_to_string(cases_root().join("base.sql")).unwrap()).unwrap();
    connection.execute_batch(more).unwrap();
    connection
}

/// A database file, opened with an application's own functions and orders.
pub fn application(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    let any = FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for name in ["own_function", "own_check"] {
        connection.create_scalar_function(name, 1, any, |_| Ok(1)).unwrap();
    }
    connection.create_collation("own_order", |a: &str, b: &str| b.cmp(a)).unwrap();
    connection
}

/// A target that has what the schema's tables need.
fn blank() -> Database {
    let database = server::database(server::shared());
    server::execute(&database.url, "CREATE EXTENSION citext");
    database
}

/// What a dry run of a file said.
struct RunOutput {
    ended: Ended,
    report: Value,
}

/// Runs it, and holds that neither side changed.
fn dry_run(file: &Path, database: &Database) -> RunOutput {
    dry_run_with(program(), file, database)
}

fn dry_run_with(mut command: std::process::Command, file: &Path, database: &Database) -> RunOutput {
    let report = tempfile::tempdir().unwrap();
    let report = report.path().join("report.json");
    fs::create_dir_all(report.parent().unwrap()).unwrap();
    let before = contents(file);
    command.args(["copy", "--dry-run", "--schema"]).arg(cases_root().join("schema"));
    command.arg("--source").arg(file);
    target(&mut command, database);
    let output = command.arg("--report").arg(&report).output().unwrap();
    assert_eq!(contents(file), before, "the source changed");
    let count = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let row = server::connect(&database.url).client.query_one(count, &[]).unwrap();
    assert_eq!(row.get::<_, i64>(0), 0, "the target changed");
    let text = fs::read_to_string(&report).unwrap_or("{}".to_owned());
    RunOutput { ended: Ended::of(&output), report: serde_json::from_str(&text).unwrap() }
}

/// The target, its password where nobody sees it.
fn target(command: &mut std::process::Command, database: &Database) {
    let url = database.url.replacen("admin:Throw-away%201!", "admin", 1);
    command.arg("--target").arg(url).env("PGPASSWORD", server::PASSWORD);
}

/// Bytes and times of a file and its siblings, but for `-shm`, which readers make.
pub fn contents(file: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let siblings = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let kept = siblings.filter(|path| path.is_file() && !path.to_string_lossy().ends_with("-shm"));
    let of = |path: PathBuf| {
        let (bytes, data) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap());
        (!bytes.is_empty()).then(|| (path, (bytes, data.modified().unwrap())))
    };
    kept.filter_map(of).collect()
}

impl RunOutput {
    /// The exit code, what a person reads of findings, and what the report says of them.
    fn text(&self, file: &Path) -> String {
        let mut text = format!("exit {}\n", self.ended.code.unwrap());
        let progress = [
            "source: ",
            "schema: ",
            "integrity: ",
            "target: ",
            "plan: ",
            "preflight: ",
            "estimate: ",
            "copied: ",
            "checked: ",
            "verified: ",
            "Report: ",
        ];
        let text_of_output = self.ended.err.lines().filter(|line| !server::is_log_line(line));
        for line in
            text_of_output.filter(|line| !progress.iter().any(|start| line.starts_with(start)))
        {
            text.push_str(line);
            text.push('\n');
        }
        let folder = file.parent().unwrap().display().to_string();
        let mut text = text.replace(&folder, "DIR").trim_end().to_owned();
        text.push_str("\n\nreport:\n");
        for finding in self.report["findings"].as_array().unwrap_or(&Vec::new()) {
            let field = |name: &str| finding[name].as_str().unwrap().replace(&folder, "DIR");
            let place = ["database", "table", "column"].map(field);
            let place: Vec<_> = place.iter().filter(|part| !part.is_empty()).cloned().collect();
            let place = place.join(".");
            let (id, severity, count) = (field("id"), field("severity"), &finding["count"]);
            text.push_str(&format!("{id} {severity} {place} {count} {}\n", field("what")));
        }
        text
    }
}

/// Compares with the expected text of a case, or rewrites it.
fn expect(case: &str, text: &str) {
    golden::check(&cases_root().join(case).join("expected.txt"), text);
}

fn check_case(name: &str) {
    let sql = fs::read_to_string(cases_root().join(name).join("source.sql")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    drop(make(&file, &sql));
    // Of its own: a run tells of the sessions of others in its database.
    let database = blank();
    let text_of_output = dry_run(&file, &database);
    let again = dry_run(&file, &database);
    assert_eq!(text_of_output.text(&file), again.text(&file), "the same run says the same");
    let cells = ["secret", "AB-12", "no uuid", "Élan"];
    let printed = text_of_output.ended.err.clone() + &text_of_output.report.to_string();
    assert!(!cells.iter().any(|cell| printed.contains(cell)), "a cell's text is shown: {printed}");
    expect(name, &text_of_output.text(&file));
}

/// `MIGRATION_ROWS` says how many rows the instrumentation has.
#[test]
fn a_clean_installation_has_no_error_and_no_warning() {
    let database = server::database(server::shared());
    let (_, url) = owned(&database);
    let password = server::installation::ROLE_PASSWORD.replace('"', "\\\"");
    let rows = env::var("MIGRATION_ROWS").map_or(300, |rows| rows.parse().unwrap());
    let installation =
        Installation::of(rows, &format!("URL = \"{url}\"\nPassword = \"{password}\""));
    let report = installation.directory.path().join("report.json");
    let ended = installation.run(&["db", "--dry-run", "--report", report.to_str().unwrap()]);
    ended.expect(0, &[]);
    let report: Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let severe: Vec<_> = findings.iter().filter(|finding| finding["severity"] != "note").collect();
    assert!(severe.is_empty(), "{severe:?}");
    assert!(!ended.err.contains("F1 ") && !ended.err.contains("warning:"), "{}", ended.err);
    assert_eq!(report["warnings"], serde_json::json!([]));
    let tables = report["databases"].as_array().unwrap().iter().map(|database| &database["tables"]);
    let counts = tables.flat_map(|tables| tables.as_array().unwrap()).map(|table| &table["rows"]);
    let read: u64 = counts.map(|rows| rows.as_u64().unwrap()).sum();
    println!("{read} rows without an error or a warning");
    assert!(read > rows, "{read}");
    // How long a real run takes is shown, and in the report.
    assert!(ended.out.contains("A migration takes about "), "{}", ended.out);
    assert!(report["estimate"].as_f64().unwrap() > 0.0);
}
