//! The rows, checked before anything is written, whatever is wrong with sources or targets.

use std::time::Instant;

use super::context::Context;
use super::sources::Sources;
use super::targets::Target;
use crate::check;
use crate::diagnostic::{Exit, Finding, Id, Offer, RepairKind, Result};
use crate::ids::PerTarget;
use crate::plan::{Copy, Plan, TargetPlan};
use crate::repair;
use crate::text::count_with_noun;

/// Reads every row before anything is written; what is wrong is collected.
///
/// # Errors
/// SQLite's, a server's, a full disk, or a stop.
pub fn check_rows(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Result<()> {
    let begun = Instant::now();
    let wrong_before = context.diagnostics.count();
    check_values(sources, plan, context)?;
    for part in &plan.parts {
        check_limits(sources, targets, part, context)?;
    }
    context.report.record_step("preflight", begun, ());
    let rows = context.report.total_rows();
    if context.diagnostics.count() == wrong_before && rows > 0 {
        context.print_line(&format!("preflight: {} read, all fit", count_with_noun(rows, "row")));
    }
    Ok(())
}

/// Checks values, keys and references.
fn check_values(sources: &Sources, plan: &Plan, context: &mut Context) -> Result<()> {
    let mut tasks = Vec::new();
    for part in &plan.parts {
        for copy in &part.copies {
            let source = &sources.databases.get(copy.database_id)?.source;
            tasks.push(check::rows::Task { source, copy, copies: &part.copies });
        }
    }
    let (stop, console) = (&context.stop, &mut context.console);
    let all_seen = check::rows::read_tables(&tasks, stop, &mut |copy| {
        console.show_progress(&format!("reading {} {}", copy.database, copy.table().name));
    })?;
    for (task, seen) in tasks.iter().zip(all_seen) {
        let table = context.report.table_report(task.copy.database_id, task.copy.table())?;
        table.rows = seen.rows;
        table.notes = seen.notes;
        table.profiles = seen.profiles;
        for mut finding in seen.findings {
            finding.repairs = offered_repairs(&finding, task.copy);
            try_offers(&mut finding, task)?;
            context.report_finding(finding, Exit::Findings);
        }
    }
    Ok(())
}

/// The flags that can repair a finding. Nothing that changes the table is offered for one that the
/// application has made.
fn offered_repairs(finding: &Finding, copy: &Copy) -> Vec<Offer> {
    let mut offers = repair::offer::offer_repairs(finding, copy.table());
    offers.retain(|offer| !(copy.is_of_application && offer.kind.changes_table()));
    offers
}

/// Tries the repairs of values, and keeps those that help.
fn try_offers(finding: &mut Finding, task: &check::rows::Task<'_>) -> Result<()> {
    let [name] = finding.columns.as_slice() else { return Ok(()) };
    let Some(column) = task.copy.table().column(name) else { return Ok(()) };
    let (offers, rows) = (std::mem::take(&mut finding.repairs), task.copy.source_rows_sql());
    let reader = &task.source.reader;
    let helpful = repair::keep_helpful_offers(reader, &rows, column, finding, offers);
    finding.repairs = helpful.map_err(|error| task.source.read_error(&error))?;
    Ok(())
}

/// Checks what is to be known beside the rows' values and keys: units, limits, rules.
fn check_limits(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    part: &TargetPlan,
    context: &mut Context,
) -> Result<()> {
    let mut target = part.target.map(|id| targets.get_mut(id)).transpose()?;
    for copy in &part.copies {
        let source = &sources.databases.get(copy.database_id)?.source;
        let table = context.report.table_report(copy.database_id, copy.table())?;
        let (notes, profiles) = (table.notes.clone(), table.profiles.clone());
        let look = check::columns::Look { source, copy, notes: &notes, profiles: &profiles };
        let client = target.as_mut().map(|target| &mut target.connection.client);
        let (trial, asking, stop) = (context.trial, &mut context.asking, &context.stop);
        let found = check::columns::check_table_columns(look, client, trial, asking, stop)?;
        for mut finding in found {
            if is_known_duplicate(&finding, &context.report.findings) {
                continue;
            }
            // The codecs take these rows, so that there is nothing for quarantine.
            finding.repairs = offered_repairs(&finding, copy);
            finding.repairs.retain(|offer| offer.kind != RepairKind::Quarantine);
            if finding.id == Id::K16 && !names_copied_column(&finding, copy) {
                finding.repairs.clear();
            }
            context.report_finding(finding, Exit::Findings);
        }
    }
    Ok(())
}

/// Whether the server says once more what the check of the rows has found.
fn is_known_duplicate(finding: &Finding, known: &[Finding]) -> bool {
    let is_same = |other: &Finding| {
        matches!(other.id, Id::K10 | Id::K11 | Id::S16 | Id::T8)
            && (&other.database, &other.table) == (&finding.database, &finding.table)
            && other.columns.len() == finding.columns.len()
            && other.columns.iter().all(|column| finding.columns.contains(column))
    };
    finding.id == Id::K16 && known.iter().any(is_same)
}

/// Whether SQLite has a say in what is found: where it has none, every row would go.
fn names_copied_column(finding: &Finding, copy: &Copy) -> bool {
    let is_copied = |name: &String| copy.table().copied_columns().any(|c| c.name == *name);
    !finding.examples.is_empty() && finding.columns.iter().any(is_copied)
}
