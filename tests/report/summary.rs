//! The end of a run, as people read it and as the line `result` has it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use connect_migrate::diagnostic::{Id, Note, Severity};
use connect_migrate::ids::DatabaseId;
use connect_migrate::report::{
    DatabaseReport, NextSteps, Outcome, Report, Summary, TableReport, WrittenFile,
};

use super::{finding, full};
use crate::golden;

/// A database of a size that servers have.
fn large() -> DatabaseReport {
    let table = TableReport {
        name: "content_hits".to_owned(),
        columns: vec!["id", "started", "path"],
        rows: 30_401_004,
        bytes: 8_412_345_678,
        time: Duration::from_millis(151_234),
        verified: Some(true),
        notes: vec![
            Note { column: 1, id: Id::D11, count: 2_478_795 },
            Note { column: 2, id: Id::S4, count: 1 },
        ],
        ..TableReport::default()
    };
    DatabaseReport {
        name: "instrumentation".to_owned(),
        committed: true,
        tables: vec![table],
        ..DatabaseReport::default()
    }
}

/// A run of two databases in which every part of the summary has something.
fn report(outcome: Outcome) -> Report {
    let mut report = Report { outcome: Some(outcome), not_compared: Vec::new(), ..full() };
    report.databases.insert(DatabaseId::new(1), large());
    report.findings.push(finding(Severity::Note));
    report
}

fn next() -> NextSteps {
    let mut next = NextSteps::default();
    next.add_step("In c.gcfg set:", &["[Database]", "Provider = postgres"]);
    next.add_step("Start Connect:", &["sudo systemctl start rstudio-connect"]);
    next.add_remark("Keep the SQLite files and their backups.");
    next
}

fn files() -> Vec<WrittenFile> {
    let file = |what, path: &str| WrittenFile { what, path: PathBuf::from(path) };
    vec![file("report", "/root/run.html"), file("rows in quarantine", "/root/rows.jsonl")]
}

fn check(name: &str, text: &str) {
    let file = format!("tests/cases/summary/{name}");
    golden::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file), text);
}

#[test]
fn summaries_are_as_reviewed() {
    for outcome in [
        Outcome::Migrated,
        Outcome::Rehearsed,
        Outcome::AlreadyThere,
        Outcome::Clean,
        Outcome::Same,
        Outcome::Declined,
    ] {
        let report = report(outcome.clone());
        let summary = Summary::of_report(&report, next(), files());
        check(&format!("{}.txt", outcome.word().replace(' ', "-")), &summary.to_text(None));
    }
    let report = report(Outcome::Migrated);
    let summary = Summary::of_report(&report, next(), files());
    check("migrated-60-columns.txt", &summary.to_text(Some(60)));
    check("migrated.json", &format!("{:#}\n", summary.to_json(&report)));
}

/// What was compared is said, and nothing beyond it.
#[test]
fn tables_that_were_not_compared_are_named() {
    let changed = vec!["core.settings".to_owned()];
    let line = |outcome: Outcome, is_compared: bool| {
        let mut report = Report { not_compared: changed.clone(), ..report(outcome) };
        if !is_compared {
            report.not_compared.clear();
            let id = DatabaseId::new(1);
            report.databases.get_mut(id).unwrap().tables[0].verified = None;
        }
        report.headline().remove(0)
    };
    let ends = |line: String, end: &str| assert!(line.ends_with(end), "{line}");
    ends(
        line(Outcome::Migrated, true),
        "every value was compared before statements of `after_load` changed core.settings.",
    );
    ends(
        line(Outcome::Same, true),
        "every value was compared except those of core.settings, which statements of `after_load` \
         change.",
    );
    ends(line(Outcome::Migrated, false), "and the values of 1 of 2 tables were compared.");
}
