//! The report file and its page: every key that is written is explained, with its kind, and every
//! key that is explained is written.

mod pages;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use connect_migrate::check::rows::Profile;
use connect_migrate::codec::Cell;
use connect_migrate::diagnostic::{
    EXAMPLES, Error, Example, Exit, FINDINGS_MOST, Fault, Finding, Id, Note, Offer,
    OfferedArgument, RepairKind, Severity,
};
use connect_migrate::files::{Output, output};
use connect_migrate::ids::DatabaseId;
use connect_migrate::postgres::existing::migration_history::Difference;
use connect_migrate::report::{
    AcceptedHistory, Build, DatabaseReport, Digests, FORMAT, Format, NotMoved, Outcome,
    RepairReport, Report, ReportFile, RunFacts, TableReport, TargetClass,
};
use serde_json::Value;

const PAGE: &str = include_str!("../docs/report.md");

fn failure() -> Error {
    Error { exit: Exit::Load, faults: vec![Fault::new("the server is gone", "start it")] }
}

fn finding(severity: Severity) -> Finding {
    Finding {
        id: Id::D13,
        severity,
        database: "core".to_owned(),
        table: "jobs".to_owned(),
        columns: vec!["start_time".to_owned()],
        index: None,
        count: 3,
        what: String::new(),
        details: Vec::new(),
        expected: "a time".to_owned(),
        hints: connect_migrate::diagnostic::Hints::default(),
        examples: vec![Example { key: "rowid 17".to_owned(), found: "text".to_owned().into() }],
        repairs: vec![Offer {
            text: None,
            kind: RepairKind::InvalidAsNull,
            argument: OfferedArgument::None,
            database: "core".to_owned(),
            table: "jobs".to_owned(),
            column: Some("start_time".to_owned()),
            share: None,
        }],
        server: None,
    }
}

/// What a column of numbers and texts holds.
fn profile() -> Profile {
    let mut profile = Profile::empty_for_column(&model::nullable("id", model::Type::Bool));
    profile.observe_value(Cell::Text(b"true"), Some(&[1]));
    profile
}

/// A report in which nothing is empty.
fn full() -> Report {
    let table = TableReport {
        schema: None,
        name: "jobs".to_owned(),
        columns: vec!["id", "start_time"],
        rows: 2,
        quarantined: 1,
        bytes: 70,
        time: Duration::from_micros(1_234_567),
        verified: Some(true),
        digests: Some(Digests { source: "5f".to_owned(), target: "5f".to_owned() }),
        notes: vec![Note { column: 1, id: Id::D5, count: 2 }],
        profiles: vec![profile()],
    };
    let database = DatabaseReport {
        accepted_histories: vec![AcceptedHistory {
            table: "schema_migrations".into(),
            difference: Difference {
                source_only: 2,
                target_only: 1,
                newest_common: Some("20240101".into()),
            },
        }],
        class: Some(TargetClass::EmptyTables),
        replaced: vec![("apps".into(), 3)],
        name: "core".to_owned(),
        source: "connect.db".to_owned(),
        schema: "connect/core".to_owned(),
        versions: vec!["2025.04".to_owned(), "2026.03".to_owned()],
        schema_digest: "e3b0".to_owned(),
        server_version: "16.4".to_owned(),
        target: "connect on localhost:5432, schema public".to_owned(),
        application_id: 1,
        user_version: 2,
        integrity: "quick",
        not_moved: vec![
            NotMoved { table: "plugins".into(), column: None, count: 2 },
            NotMoved { table: "apps".into(), column: Some("mark".into()), count: 1 },
        ],
        committed: true,
        tables: vec![table],
    };
    Report {
        mode: "migrate",
        databases: [(DatabaseId::new(0), database)].into_iter().collect(),
        steps: vec![("copy", Duration::from_millis(1500))],
        estimate: Some(Duration::from_secs(9)),
        not_compared: vec!["core.settings".to_owned()],
        rehearsal: Some(Duration::from_secs(8)),
        findings: vec![finding(Severity::Error)],
        findings_left_out: 0,
        repairs: vec![RepairReport {
            repair: "core.jobs.start_time=invalid-as-null".to_owned(),
            rows: 1,
            keys: vec!["rowid 17".to_owned()],
        }],
        warnings: vec!["other sessions".to_owned()],
        run: run_facts(),
        with_profile: true,
        outcome: Some(Outcome::Failed(failure())),
    }
}

/// A run of a minute and a half.
fn run_facts() -> RunFacts {
    let build = Build {
        release: "1.2.3",
        commit: "0123456789ab 2026-11-28",
        target: "x86_64-unknown-linux-gnu",
        sqlite: "3.54.1",
        openssl: "3.6.3",
    };
    RunFacts {
        build,
        started: Some("2026-11-29T10:00:00Z".parse().unwrap()),
        ended: Some("2026-11-29T10:01:30.5Z".parse().unwrap()),
        time: Some(Duration::from_millis(90_500)),
        host: "db1".to_owned(),
        user: "root".to_owned(),
        sudo_user: Some("ann".to_owned()),
        command_line: "migrate db --yes".to_owned(),
    }
}

/// The keys of a value with the kinds of what they hold.
fn collect(path: &str, value: &Value, found: &mut BTreeMap<String, &'static str>) {
    let kind = match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&path, value, found);
            }
            return;
        }
        Value::Array(items) => {
            assert!(!items.is_empty(), "{path} is empty: fill the report");
            items.iter().for_each(|item| collect(&format!("{path}[]"), item, found));
            "list"
        }
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "yes, no",
        Value::Null => "null",
    };
    found.insert(path.to_owned(), kind);
}

/// The first cells and the second cells of the table whose head begins so.
fn rows<'a>(page: &'a str, head: &str) -> Vec<(&'a str, &'a str, &'a str)> {
    let lines = page.lines().skip_while(|line| !line.starts_with(head));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').splitn(3, '|').map(str::trim);
        let mut cell = || cells.next().unwrap();
        (cell(), cell(), cell())
    })
    .collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What the page says otherwise than the code.
fn differences(page: &str) -> Vec<String> {
    let mut written = BTreeMap::new();
    collect("", &full().to_json(), &mut written);
    let mut wrong = Vec::new();
    let mut explained = BTreeSet::new();
    for (key, kinds, _) in rows(page, "| key |") {
        let key = words(key)[0];
        explained.insert(key.to_owned());
        match written.get(key) {
            None => wrong.push(format!("{key} is not written")),
            Some(kind) if !kinds.contains(kind) => {
                wrong.push(format!("{key} is {kind}, the page says {kinds}"));
            }
            Some(_) => {}
        }
    }
    let missing = written.keys().filter(|key| !explained.contains(*key));
    wrong.extend(missing.map(|key| format!("{key} is not explained")));
    wrong
}

#[test]
fn the_page_explains_every_key_and_no_other() {
    assert_eq!(differences(PAGE), Vec::<String>::new(), "docs/report.md");
    assert!(PAGE.contains(&format!("`format` is `{FORMAT}`")));
    assert!(PAGE.contains(&format!("up to {EXAMPLES} of them")));
}

#[test]
fn a_page_that_differs_is_noticed() {
    for (right, wrong, printed) in [
        (
            "| `exit` | number or null |",
            "| `code` | number |",
            vec!["code is not written", "exit is not"],
        ),
        (
            "| `exit` | number or null |",
            "| `exit` | text |",
            vec!["exit is number, the page says text"],
        ),
        ("| `findings[].examples[].key`", "| `findings[].key`", vec!["findings[].key is not"]),
        ("| `warnings[]` | text | one of them |\n", "", vec!["warnings[] is not explained"]),
    ] {
        let found = differences(&PAGE.replace(right, wrong));
        let noticed =
            printed.iter().all(|printed| found.iter().any(|line| line.starts_with(printed)));
        assert!(noticed, "{right}: {found:?}");
    }
}

#[test]
fn outcomes_and_their_exits_are_those_of_the_page() {
    let outcomes = [
        Some(Outcome::Migrated),
        Some(Outcome::Rehearsed),
        Some(Outcome::AlreadyThere),
        Some(Outcome::Clean),
        Some(Outcome::Same),
        Some(Outcome::Declined),
        Some(Outcome::Failed(failure())),
        None,
    ];
    let mut found = Vec::new();
    for outcome in outcomes {
        let failed = matches!(outcome, Some(Outcome::Failed(_)));
        let json = Report { outcome, ..full() }.to_json();
        let exit =
            if failed { "the exit code of the error".to_owned() } else { json["exit"].to_string() };
        found.push((json["outcome"].as_str().unwrap().to_owned(), exit));
        assert_eq!(json["errors"].as_array().unwrap().is_empty(), !failed);
    }
    let page: Vec<_> = rows(PAGE, "| outcome |")
        .iter()
        .map(|(outcome, exit, _)| (words(outcome)[0].to_owned(), (*exit).to_owned()))
        .collect();
    assert_eq!(found, page);
    assert_eq!(Report { ..full() }.to_json()["exit"], Exit::Load as u8);
}

#[test]
fn severities_are_those_of_the_page() {
    let all = [Severity::Error, Severity::Warning, Severity::Note];
    let report = Report { findings: all.map(finding).to_vec(), ..full() };
    let json = report.to_json();
    let found: Vec<_> =
        json["findings"].as_array().unwrap().iter().map(|one| one["severity"].clone()).collect();
    let row = rows(PAGE, "| key |").into_iter().find(|row| row.0 == "`findings[].severity`");
    assert_eq!(found, words(row.unwrap().2));
}

/// The steps that the sources name, in any order.
fn steps_of(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            steps_of(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let calls = text.split("report.record_step(\"").skip(1);
            found.extend(calls.map(|call| call.split('"').next().unwrap().to_owned()));
        }
    }
}

#[test]
fn steps_are_those_of_the_page() {
    let mut found = BTreeSet::new();
    steps_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let row = rows(PAGE, "| key |").into_iter().find(|row| row.0 == "`steps[].step`");
    let page: BTreeSet<String> = words(row.unwrap().2).into_iter().map(str::to_owned).collect();
    assert_eq!(found, page);
}

#[test]
fn every_key_is_there_when_nothing_happened() {
    let mut full_keys: Vec<String> =
        full().to_json().as_object().unwrap().keys().cloned().collect();
    let json = Report::default().to_json();
    let mut keys: Vec<String> = json.as_object().unwrap().keys().cloned().collect();
    full_keys.sort();
    keys.sort();
    assert_eq!(keys, full_keys);
    assert_eq!((&json["outcome"], &json["exit"]), (&Value::from("unfinished"), &Value::Null));
}

#[test]
fn units_are_seconds_of_three_decimals_and_null_is_not_compared() {
    let mut report = full();
    report.record_step("copy", Instant::now(), ());
    let json = report.to_json();
    assert_eq!(json["steps"].as_array().unwrap().len(), 1, "a step's times are added");
    let table = &json["databases"][0]["tables"][0];
    assert_eq!((&table["seconds"], &table["verified"]), (&Value::from(1.235), &Value::from(true)));
    assert_eq!(table["notes"][0]["column"], "start_time");
    report.databases.get_mut(DatabaseId::new(0)).unwrap().tables[0].verified = None;
    assert_eq!(report.to_json()["databases"][0]["tables"][0]["verified"], Value::Null);
}

#[test]
fn the_report_is_complete_and_nothing_is_left_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    let report = full();
    let find = || {
        let place = output::find_place(&path, Format::Json.purpose(), false).unwrap();
        let output = Output::Regular(place);
        ReportFile { path: path.clone(), format: Format::Json, output }
    };
    for _ in 0..2 {
        find().write(&report).unwrap();
        let read: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(read["databases"], report.to_json()["databases"]);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
    let mut file = find();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = file.write(&report).unwrap_err();
    assert_eq!(error.exit, Exit::Usage);
    assert!(error.to_string().contains("report.json cannot be written"), "{error}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn findings_beyond_ten_thousand_are_counted() {
    let mut report = Report::default();
    (0..FINDINGS_MOST + 7).for_each(|_| report.add_finding(finding(Severity::Warning)));
    let json = report.to_json();
    assert_eq!(json["findings"].as_array().unwrap().len(), 10_000);
    assert_eq!(json["findings_left_out"], 7);
    let page = report.render(Format::Markdown);
    assert!(page.contains("7 more findings, not listed"), "{page}");
}

/// What was found while an integrity check ran is put aside and comes back, or is forgotten.
#[test]
fn restored_findings_are_counted_too() {
    let add = |report: &mut Report, count: usize| {
        (0..count).for_each(|_| report.add_finding(finding(Severity::Warning)));
    };
    let mut report = Report::default();
    add(&mut report, 3);
    let since = report.take_findings_since(3);
    add(&mut report, 2);
    report.restore_findings(since);
    add(&mut report, FINDINGS_MOST);
    let since = report.take_findings_since(5);
    assert_eq!((report.findings.len(), report.findings_left_out), (5, 0));
    add(&mut report, 1);
    report.restore_findings(since);
    assert_eq!((report.findings.len(), report.findings_left_out), (FINDINGS_MOST, 6));
}
