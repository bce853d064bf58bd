//! The rows, looked at before anything is written, whatever is wrong with either end.

use std::time::Instant;

use super::sources::Database;
use super::targets::Target;
use super::wrong::Wrong;
use super::{World, table_report};
use crate::check;
use crate::diagnostic::{Exit, Fault, Finding, Offer, RepairKind, Result, Severity};
use crate::plan::{Copy, Plan};
use crate::repair;
use crate::report::Report;
use crate::text::grouped;

/// Reads every row before anything is written.
pub fn look(
    databases: &[Database],
    targets: &mut [Target],
    plan: &Plan,
    world: &mut World,
    report: &mut Report,
    wrong: &mut Wrong,
) -> Result<()> {
    let begun = Instant::now();
    let before = report.findings.len();
    let all = plan.targets.iter().map(|target| target.copies.as_slice());
    let tasks = all.flat_map(|copies| copies.iter().map(move |copy| (copy, copies)));
    let tasks: Vec<check::rows::Task<'_>> = tasks
        .filter_map(|(copy, copies)| {
            let source = &databases.get(copy.input)?.source;
            Some(check::rows::Task { source, copy, copies })
        })
        .collect();
    let (stop, console) = (&world.stop, &mut world.console);
    let seen = check::rows::look(&tasks, stop, &mut |copy| {
        console.doing(&format!("reading {} {}", copy.database, copy.table().name));
    })?;
    for (task, seen) in tasks.iter().zip(seen) {
        let table = table_report(report, task.copy);
        table.rows = seen.rows;
        table.notes = seen.notes;
        table.profiles = seen.profiles;
        for mut finding in seen.findings {
            finding.repairs = offered(&finding, task.copy);
            report.findings.push(finding);
        }
    }
    look_further(databases, targets, plan, world, report)?;
    report.step("preflight", begun, ());
    let found = report.findings.get(before..).unwrap_or_default();
    let of = |severity: Severity| found.iter().filter(move |one| one.severity == severity);
    of(Severity::Warning).for_each(|finding| world.console.warn(&finding.fault()));
    let faults: Vec<Fault> = of(Severity::Error).map(Finding::fault).collect();
    let rows: u64 = report.databases.iter().flat_map(|d| &d.tables).map(|t| t.rows).sum();
    if faults.is_empty() && rows > 0 {
        world.console.say(&format!("preflight: {} rows read, all fit", grouped(rows)));
    }
    wrong.add(Exit::Findings, faults);
    Ok(())
}

/// What can repair a finding. Nothing that changes the table is offered for one that the
/// application has made.
fn offered(finding: &Finding, copy: &Copy) -> Vec<Offer> {
    let mut offers = repair::offer::offers(finding, copy.table());
    offers.retain(|offer| !(copy.prepared && offer.kind.changes_table()));
    offers
}

/// What is looked at beside the rows' values and keys.
fn look_further(
    databases: &[Database],
    targets: &mut [Target],
    plan: &Plan,
    world: &mut World,
    report: &mut Report,
) -> Result<()> {
    for (place, target) in plan.targets.iter().enumerate() {
        for copy in &target.copies {
            let Some(database) = databases.get(copy.input) else { continue };
            let entry = table_report(report, copy);
            let (notes, profiles) = (entry.notes.clone(), entry.profiles.clone());
            let look = check::columns::Look {
                source: &database.source,
                copy,
                notes: &notes,
                profiles: &profiles,
            };
            let client = targets.get_mut(place).map(|target| &mut target.connection.client);
            for mut finding in check::columns::table(look, client, &world.stop)? {
                // The codecs take these rows, so that there is nothing for quarantine.
                finding.repairs = offered(&finding, copy);
                finding.repairs.retain(|offer| offer.kind != RepairKind::Quarantine);
                report.findings.push(finding);
            }
        }
    }
    Ok(())
}
