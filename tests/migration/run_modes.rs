//! What is asked for, what stands in the target, and how runs end.

use std::fs;

use super::compare::compare;
use super::end_to_end::newest;
use super::{PASSWORD, ROLE, Ran, Site, database, dump, program, ran, url};
use crate::server;

/// Tables of the plan that stand in the target as somebody else's, and one that nobody planned.
pub(super) fn create_foreign_tables(site: &Site) {
    server::execute(
        &site.database.url,
        &format!(
            "SET ROLE {ROLE}\n\
             CREATE TABLE apps (id int PRIMARY KEY, own text)\n\
             INSERT INTO apps SELECT n, 'old' FROM generate_series(1, 1234) n\n\
             CREATE TABLE bundles (id int, app_id int REFERENCES apps)\n\
             CREATE TYPE matching_rule AS ENUM ('old')\n\
             CREATE TABLE theirs (id int PRIMARY KEY, kind matching_rule[])\n\
             INSERT INTO theirs VALUES (1, NULL)"
        ),
    );
}

pub(super) fn holds_everything(site: &Site) -> bool {
    newest().iter().all(|(file, version)| {
        let compared = compare(&site.file(file), &site.database.url, version);
        compared.differing.is_empty() && compared.cells == compared.counted
    })
}

#[test]
fn planned_table_that_is_there_is_refused_even_empty() {
    let site = Site::new();
    create_foreign_tables(&site);
    let before = site.dump();
    site.db(&["--yes"]).fails(
        4,
        &[
            "\"public\".\"apps\": 1,234 rows",
            "\"public\".\"bundles\": 0 rows",
            "\"public\".\"matching_rule\" (a type)",
            "those of another SQLite file",
        ],
    );
    site.dump().is(&before, "changed");
    assert!(before.contains("theirs"));
}

#[test]
fn something_else_under_a_planned_name_is_refused() {
    let site = Site::new();
    server::execute(&site.database.url, "CREATE VIEW apps AS SELECT 1 AS id");
    server::execute(&site.database.url, "CREATE SEQUENCE jobs_running");
    let before = site.dump();
    for words in [&["--yes"][..], &["--yes", "--drop-all"]] {
        site.db(words).fails(4, &["view apps in schema public has", "sequence jobs_running in"]);
    }
    site.dump().is(&before, "changed");
}

/// Two descriptions with the same table for one schema; in two schemas they do not meet.
#[test]
fn same_table_from_two_sources_in_one_schema_is_refused() {
    use connect_migrate::migrate::{
        self, ChosenSchema, Context, Mode, Request, RequestedDatabase, RequestedSchema,
    };
    use connect_migrate::postgres::connection::{Address, Environment};
    let site = Site::new();
    let core = connect_migrate::schema::built_in("connect/core").unwrap();
    let wanted = |name: &str, parameter: &str| {
        let url = format!("{}{parameter}", site.database.url);
        let address = Address::parse_setting("url", &url, None, &Environment::default()).unwrap();
        let (name, source) = (name.to_owned(), site.file("connect.db"));
        RequestedDatabase {
            name,
            schema: RequestedSchema::Given(ChosenSchema { schema: *core, version: None }),
            source,
            missing_file_hint: String::new(),
            load_hint: connect_migrate::diagnostic::Hints::default(),
            configured: true,
            application: &[],
            address,
        }
    };
    let run = |other: &str| {
        let databases = vec![wanted("one", ""), wanted("two", other)];
        let request = Request::new(databases, Mode::Migrate);
        let stop = connect_migrate::stop::Stop::default();
        let console = connect_migrate::diagnostic::console::Console::silent();
        migrate::run(&request, &mut Context::new(Environment::default(), stop, console))
    };
    let error = run("").unwrap_err();
    assert_eq!(error.exit as u8, 4);
    assert!(error.to_string().contains("both go to schema public"), "{error}");
    assert!(error.to_string().contains("have a table apps"), "{error}");
    assert_eq!(site.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
    server::execute(&site.database.url, "CREATE SCHEMA second");
    run("&search_path=second").unwrap();
    assert_eq!(site.number("SELECT count(*) FROM second.apps"), 16);
}

/// One database, one transaction: what instrumentation's last step meets takes core back, too.
#[test]
fn core_and_instrumentation_share_a_transaction() {
    let site = Site::occupied();
    let before = site.dump();
    let ids = "CREATE TABLE ids AS SELECT xmin::text AS x FROM apps \
               UNION SELECT xmin::text FROM shiny_app_usage";
    let ran = site.db_hooked(&format!("sql BeforeCommit 1 {ids}; SELECT 1/0"), &["--yes"]);
    ran.fails(5, &["division_by_zero (SQLSTATE 22012)", "nothing was changed"]);
    site.dump().is(&before, "changed");
    let ran = site.db_hooked(&format!("sql BeforeCommit 1 {ids}"), &["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("core and instrumentation: 52 tables in one transaction"), "{ran:?}");
    assert_eq!(site.number("SELECT count(*) FROM ids"), 1);
}

/// A second database for the instrumentation.
fn two_databases() -> (Site, server::Database) {
    let (site, second) = (Site::new(), database());
    let instrumentation = format!(
        "InstrumentationURL = \"{}\"\nInstrumentationPassword = {}",
        url(&second.name),
        super::password()
    );
    site.configure(&instrumentation);
    (site, second)
}

fn both_hold_everything(site: &Site, second: &server::Database) -> bool {
    let [(core, core_version), (usage, usage_version)] = newest();
    let first = compare(&site.file(core), &site.database.url, core_version);
    let other = compare(&site.file(usage), &second.url, usage_version);
    [first, other].iter().all(|c| c.differing.is_empty() && c.cells == c.counted && c.cells > 0)
}

#[test]
fn two_databases_are_both_committed() {
    let (site, second) = two_databases();
    let ran = site.migrate();
    assert!(ran.err.contains("core: 49 tables in transaction 1 of 2"), "{ran:?}");
    assert!(both_hold_everything(&site, &second));
    assert!(!dump(&second.url, &[]).contains("apps"));
}

#[test]
fn second_commit_that_fails_is_reported_and_the_rerun_does_the_rest() {
    let (site, second) = two_databases();
    // A constraint that speaks at COMMIT.
    let late = "CREATE TABLE late (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); \
                INSERT INTO late VALUES (1), (1)";
    let ran = site.db_hooked(&format!("sql BeforeCommit 2 {late}"), &["--yes"]);
    ran.fails(1, &["late_a_key", "is already committed", "run the command again"]);
    assert!(ran.err.contains("core is in PostgreSQL, the rest is not"), "{ran:?}");
    assert!(!ran.err.contains("nothing was changed"), "{ran:?}");
    let committed: Vec<_> = site.report()["databases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|database| database["committed"].clone())
        .collect();
    assert_eq!(committed, [true, false]);
    assert!(!dump(&second.url, &[]).contains("shiny"));
    let first = site.dump();
    let ran = site.migrate();
    assert!(ran.err.contains("instrumentation: 3 tables"), "{ran:?}");
    assert!(both_hold_everything(&site, &second));
    site.dump().is(&first, "changed");
}

#[test]
fn killed_between_two_commits_the_rerun_does_the_rest() {
    let (site, second) = two_databases();
    let ran = site.db_hooked("kill AfterCommit 1", &["--yes"]);
    assert_eq!(ran.code, None, "{ran:?}");
    assert!(!dump(&second.url, &[]).contains("shiny"));
    site.migrate();
    assert!(both_hold_everything(&site, &second));
    let ran = site.db(&["--yes"]);
    assert!(ran.out.contains("Already migrated"), "{ran:?}");
}

#[test]
fn one_database_alone_is_moved_where_asked() {
    let site = Site::new();
    let tables =
        |site: &Site| site.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
    let ran = site.db(&["-yes", "-data=instrumentation"]);
    assert_eq!((ran.code, tables(&site)), (Some(0), 3), "{ran:?}");
    let ran = site.db(&["--yes", "-data", "core"]);
    assert_eq!((ran.code, tables(&site)), (Some(0), 52), "{ran:?}");
    assert!(holds_everything(&site));
    site.db(&["-data=cores", "-yes"]).fails(2, &["cores"]);
}

#[test]
fn dry_run_reads_every_row_and_writes_nothing() {
    let site = Site::occupied();
    let (before, files) = (site.dump(), site.hashes());
    let ran = site.db(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains(" can be migrated. Nothing was written.\n"), "{ran:?}");
    site.dump().is(&before, "changed");
    assert_eq!(site.hashes(), files);
    let report = site.report();
    assert_eq!((&report["mode"], &report["outcome"]), (&"dry-run".into(), &"clean".into()));
    site.sqlite("connect.db", "UPDATE apps SET locked = 2");
    let count = site.hashes();
    site.db(&["--dry-run"]).fails(1, &["core.apps.locked", "(in 16 rows)"]);
    site.dump().is(&before, "changed");
    assert_eq!(site.hashes(), count);
}

#[test]
fn verify_compares_what_both_sides_hold() {
    let site = Site::new();
    site.db(&["--verify"]).fails(4, &["does not have all tables", "run the migration first"]);
    site.migrate();
    let there = site.dump();
    let ran = site.db(&["--verify"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("and every value was compared"), "{ran:?}");
    site.dump().is(&there, "changed");
    let plant = "UPDATE users SET email = email || ' ' WHERE id = (SELECT min(id) FROM users)";
    server::execute(&site.database.url, plant);
    site.db(&["--verify"]).fails(6, &["core.users: column email differs", "id 1"]);
    assert_eq!(site.report()["outcome"], "failed");
    // A changed target is not taken for the work of an earlier run.
    site.db(&["--yes"]).fails(4, &["already have rows in the target", "--drop-all"]);
}

#[test]
fn without_a_terminal_the_question_needs_its_answer_on_the_command_line() {
    let site = Site::occupied();
    let before = site.dump();
    site.db(&[]).fails(2, &["standard input is not a terminal", "add `--yes`"]);
    site.dump().is(&before, "changed");
}

#[test]
fn report_has_every_table_of_both_databases() {
    let site = Site::new();
    let ran = site.migrate();
    let report = site.report();
    assert_eq!(report["format"], "connect-migrate-report/1");
    assert_eq!((&report["mode"], &report["exit"]), (&"migrate".into(), &0.into()));
    assert_eq!(report["outcome"], "migrated");
    assert_eq!(report["errors"], serde_json::Value::from(vec![0; 0]));
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["severity"] == "note"), "{findings:?}");
    let steps: Vec<_> =
        report["steps"].as_array().unwrap().iter().map(|step| step["step"].clone()).collect();
    let wanted = ["source", "target", "integrity", "create", "copy", "keys", "verify", "publish"];
    assert_eq!(steps, wanted);
    for (database, (file, version)) in report["databases"].as_array().unwrap().iter().zip(newest())
    {
        assert_eq!(database["source"], site.file(file).display().to_string());
        assert!(database["target"].as_str().unwrap().contains(&site.database.name));
        assert_eq!(database["committed"], true);
        let sqlite = rusqlite::Connection::open(site.file(file)).unwrap();
        let tables = database["tables"].as_array().unwrap();
        assert_eq!(tables.len(), version.shapes.len());
        for (entry, table) in tables.iter().zip(version.tables()) {
            let count = format!("SELECT count(*) FROM {}", model::sql::quote(table.source));
            let rows: i64 = sqlite.query_row(&count, [], |row| row.get(0)).unwrap();
            assert_eq!(entry["name"], table.name);
            assert_eq!((&entry["rows"], &entry["verified"]), (&rows.into(), &true.into()));
        }
    }
    // Digits below the microsecond were cut, and counted.
    let notes = report.pointer("/databases/1/tables").unwrap().as_array().unwrap();
    assert!(notes.iter().any(|table| table["notes"][0]["count"].as_i64() > Some(0)), "{notes:?}");
    for secret in [PASSWORD, "p%40ss"] {
        let all = format!("{report} {} {}", ran.out, ran.err);
        assert!(!all.contains(secret));
    }
}

/// The same tables, whether their description is built in or read from its files: their COPY
/// bytes, and everything in the target.
#[test]
fn schema_files_read_at_run_time_give_the_same_target() {
    let (built_in, at_run_time) = (Site::new(), Site::new());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/connect");
    let copy = |site: &Site, schema: &str, file: &str| -> (Ran, serde_json::Value) {
        let mut command = program();
        command.env("PGPASSWORD", PASSWORD).args(["copy", "--yes", "--schema", schema]);
        command.arg("--source").arg(site.file(file));
        command.args(["--target", &url(&site.database.name), "--report"]);
        let report = site.folder.path().join("report.json");
        let ran = ran(command.arg(&report));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        (ran, serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap())
    };
    for (name, file) in [("core", "connect.db"), ("instrumentation", "connect-instrumentation.db")]
    {
        let (_, one) = copy(&built_in, &format!("connect/{name}@2026.06"), file);
        let (_, other) = copy(&at_run_time, &format!("{root}/{name}"), file);
        let bytes = |report: &serde_json::Value| {
            let tables = report.pointer("/databases/0/tables").unwrap().as_array().unwrap();
            tables.iter().map(|table| table["bytes"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(bytes(&one), bytes(&other));
        let loop_of = format!("{root}/{name}");
        same_bytes(name, &built_in.file(file), std::path::Path::new(&loop_of));
    }
    assert!(holds_everything(&at_run_time));
    at_run_time.dump().is(&built_in.dump(), "differs");
}

/// Every row through the generated function and through the loop over columns.
fn same_bytes(name: &str, file: &std::path::Path, directory: &std::path::Path) {
    use connect_migrate::codec::{Out, Row};
    let built_in = connect_migrate::schema::built_in(&format!("connect/{name}")).unwrap();
    let read = connect_migrate::schema::read_schema_directory(directory).unwrap();
    let sqlite = rusqlite::Connection::open(file).unwrap();
    let (typed, looped) = (built_in.versions.last().unwrap(), read.versions.last().unwrap());
    assert_eq!(typed.shapes.len(), looped.shapes.len());
    let mut rows_in_progress = 0;
    for (typed, looped) in typed.shapes.iter().zip(looped.shapes) {
        let names: Vec<_> =
            typed.table.copied_columns().map(|column| model::sql::quote(column.source)).collect();
        let table = model::sql::quote(typed.table.source);
        let select = format!("SELECT {} FROM {table}", names.join(", "));
        let mut statement = sqlite.prepare(&select).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            rows_in_progress += 1;
            let encoded = [typed, looped].map(|shape| {
                let (mut out, mut notes) = (Out::default(), Vec::new());
                shape.encode_row(&mut Row::begin_row(row, 7, &mut out, &mut notes)).unwrap();
                (out.bytes().to_vec(), notes)
            });
            assert_eq!(encoded[0], encoded[1], "{table}");
        }
    }
    assert!(rows_in_progress > 200, "{rows_in_progress}");
}
