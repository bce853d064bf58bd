//! A file for `--repairs` that answers what a run has found: of each finding the first repair that
//! it offers and that needs no decision of a person, with the others in comments.

use std::collections::BTreeSet;

use super::{FINDINGS_MOST, Outcome, Report};
use crate::diagnostic::{Finding, Offer, Severity};
use crate::program_name::with_program_name;
use crate::text::{Lines, count_with_noun, escape_lines, group_thousands, toml_string, wrap_line};

/// How such a file begins.
pub const BEGINNING: &str = "# Repairs that answer what a run has found";

/// The columns of a comment.
const COLUMNS: usize = 98;

/// Renders the file.
pub fn render_proposed_repairs(report: &Report) -> String {
    let mut out = Lines::default();
    out.add_line(format!("{BEGINNING}: read them, change those that are not what you want,"));
    out.add_line("# and name this file in the next run, for instance in a dry run:");
    out.add_line("#   --dry-run --repairs FILE");
    out.add_line("# Rows that are put into quarantine need --quarantine ROWS.jsonl as well.");
    let more = with_program_name("`migrate explain repairs` says what each repair does.");
    out.add_line(format!("# {more}"));
    if report.outcome.is_none() {
        out.add_line("# The run has not ended yet.");
        return out.into_text();
    }
    let errors = || report.findings.iter().filter(|found| found.severity == Severity::Error);
    let mut written = BTreeSet::new();
    for finding in errors() {
        if let Some(offer) = first_usable(&finding.repairs) {
            add_repair(finding, offer, &mut written, &mut out);
        }
    }
    let left: Vec<&Finding> =
        errors().filter(|finding| first_usable(&finding.repairs).is_none()).collect();
    if !left.is_empty() {
        out.add_blank_line();
        out.add_line("# These findings need a decision:");
    }
    for finding in left {
        add_comment(&finding.to_string(), &mut out);
        let offers = finding.repairs.iter();
        offers.for_each(|offer| add_comment(&format!("  possible: {offer}"), &mut out));
    }
    if report.findings_left_out > 0 {
        out.add_blank_line();
        add_comment(&describe_left_out(report), &mut out);
    }
    if errors().next().is_none() {
        out.add_blank_line();
        out.add_line(match report.outcome {
            Some(Outcome::Failed(_)) => {
                "# The run failed before it found anything that needs a repair."
            }
            _ => "# Nothing was found that needs a repair.",
        });
    }
    out.into_text()
}

/// What the file does not answer, because a report keeps only so many findings.
pub fn describe_left_out(report: &Report) -> String {
    format!(
        "no repair is proposed for {}: at most {} findings are kept",
        count_with_noun(report.findings_left_out, "more finding"),
        group_thousands(FINDINGS_MOST as u64)
    )
}

/// The first repair of which everything is known; one that helps with all rows before others.
fn first_usable(offers: &[Offer]) -> Option<&Offer> {
    let usable = || offers.iter().filter(|offer| offer.is_complete());
    usable().find(|offer| offer.share.is_none()).or_else(|| usable().next())
}

fn add_repair(finding: &Finding, offer: &Offer, written: &mut BTreeSet<String>, out: &mut Lines) {
    let entries: Vec<String> = offer
        .entries()
        .into_iter()
        .map(|(key, value)| format!("{key} = {}", toml_string(value)))
        .collect();
    out.add_blank_line();
    add_comment(&finding.to_string(), out);
    if let Some(share) = offer.share {
        out.add_line(format!("# It repairs {} of {} rows.", share.repaired, share.all));
    }
    // Two findings of a column can be answered by one repair.
    match written.insert(entries.join("\n")) {
        true => {
            ["[[repair]]".to_owned()].iter().chain(&entries).for_each(|line| out.add_line(line))
        }
        false => out.add_line("# A repair above also applies to this finding."),
    }
    for other in finding.repairs.iter().filter(|other| *other != offer) {
        add_comment(&format!("or: {other}"), out);
    }
}

fn add_comment(text: &str, out: &mut Lines) {
    for line in wrap_line(&escape_lines(text).replace('\n', " "), COLUMNS, 2).lines() {
        out.add_line(format!("# {line}"));
    }
}
