//! What a page says of errors, findings and repairs.

use super::page::{Block, Notice, Table, Tone, push_heading};
use super::{Outcome, Report};
use crate::diagnostic::{Fault, Finding, Hints, Note, Severity, catalog};
use crate::text::{count_with_noun, group_thousands};

/// What stopped the run or wants a look, above everything else.
pub(super) fn push_problems(blocks: &mut Vec<Block>, report: &Report) {
    let errors = match &report.outcome {
        Some(Outcome::Failed(error)) => error.faults.as_slice(),
        _ => &[],
    };
    let errors = errors.iter().filter(|fault| !is_finding(fault, &report.findings));
    let mut errors: Vec<Notice> = errors.map(notice_of_fault).collect();
    let of = |severity: Severity| {
        let findings = report.findings.iter().filter(move |one| one.severity == severity);
        findings.filter(|finding| !finding.id.is_of_repairs()).map(notice_of_finding)
    };
    errors.extend(of(Severity::Error));
    if !errors.is_empty() {
        push_heading(blocks, &count_with_noun(errors.len() as u64, "problem"));
        blocks.push(Block::Notices(errors));
    }
    if report.findings_left_out > 0 {
        let left_out = count_with_noun(report.findings_left_out, "more finding");
        blocks.push(Block::List(vec![format!("{left_out}, not listed")]));
    }
    let warnings: Vec<Notice> = of(Severity::Warning).collect();
    let unrecorded = report.warnings.iter().filter(|warning| {
        // A warning that is a finding is listed as one.
        !report.findings.iter().any(|finding| finding.full_text() == **warning)
    });
    let unrecorded: Vec<String> = unrecorded.cloned().collect();
    let count = warnings.len() + unrecorded.len();
    if count > 0 {
        push_heading(blocks, &count_with_noun(count as u64, "warning"));
        if !warnings.is_empty() {
            blocks.push(Block::Notices(warnings));
        }
        if !unrecorded.is_empty() {
            blocks.push(Block::List(unrecorded));
        }
    }
}

/// What is for the record: values that were counted, notes, repairs.
pub(super) fn push_remarks(blocks: &mut Vec<Block>, report: &Report) {
    let notes = report.findings.iter().filter(|finding| finding.severity == Severity::Note);
    let notes: Vec<Notice> =
        notes.filter(|finding| !finding.id.is_of_repairs()).map(notice_of_finding).collect();
    if !notes.is_empty() {
        push_heading(blocks, "Notes");
        blocks.push(Block::Notices(notes));
    }
    let counted = counted_rows(report);
    if !counted.is_empty() {
        push_heading(blocks, "Converted values");
        let heads = vec!["column", "values", "how", "id"];
        blocks.push(Block::Table(Table { heads, rows: counted }));
    }
    if !report.repairs.is_empty() {
        push_heading(blocks, "Repairs");
        let rows = report.repairs.iter();
        let rows = rows.map(|repair| vec![repair.repair.clone(), group_thousands(repair.rows)]);
        let heads = vec!["repair", "rows"];
        blocks.push(Block::Table(Table { heads, rows: rows.collect() }));
    }
}

/// A row for each column and id of values that were counted.
fn counted_rows(report: &Report) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for database in &report.databases {
        for table in &database.tables {
            for Note { column, id, count } in &table.notes {
                let column = table.columns.get(*column).copied().unwrap_or_default();
                let entry = catalog::entries().find(|entry| entry.id == *id);
                rows.push(vec![
                    format!("{}.{}.{column}", database.name, table.name),
                    group_thousands(*count),
                    entry.map_or("", |entry| entry.meaning).to_owned(),
                    id.as_str().to_owned(),
                ]);
            }
        }
    }
    rows
}

/// Whether an error of the run is one of the findings, which say more.
fn is_finding(fault: &Fault, findings: &[Finding]) -> bool {
    findings.iter().any(|finding| {
        let is_recorded = Some(finding.id) == fault.id && finding.what == fault.text;
        is_recorded || finding.to_fault() == Fault { is_reported: false, ..fault.clone() }
    })
}

fn notice_of_fault(fault: &Fault) -> Notice {
    let mut lines = vec![fault.text.clone()];
    lines.extend(fault.details.iter().cloned());
    Notice {
        tone: Tone::Bad,
        title: "the run".to_owned(),
        kind: fault.id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
        lines,
        hints: fault.all_hints(),
    }
}

fn notice_of_finding(finding: &Finding) -> Notice {
    let columns = finding.columns_text();
    let place = [finding.database.as_str(), finding.table.as_str(), columns.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let mut lines = match finding.what.as_str() {
        "" => vec![format!("expected {}", finding.expected)],
        what => vec![what.to_owned()],
    };
    lines.extend(finding.details.iter().cloned());
    let examples = finding.examples.iter();
    lines.extend(examples.map(|example| format!("{}: {}", example.key, example.found)));
    if finding.count > 1 {
        lines.push(format!("in {}", count_with_noun(finding.count, "row")));
    }
    let fault = finding.to_fault();
    Notice {
        tone: match finding.severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Warning,
            Severity::Note => Tone::Plain,
        },
        title: if place.is_empty() { "the run".to_owned() } else { place.join(".") },
        kind: finding.id.as_str().to_owned(),
        lines,
        hints: match finding.severity {
            Severity::Note => Hints::default(),
            _ => fault.all_hints(),
        },
    }
}
