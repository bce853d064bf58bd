//! Repairs within a run: every row judged before the load, what that touches reported, and what
//! verification found compared with it.

use super::context::Context;
use super::key_list::KeyPlace;
use super::repair_files::RepairFiles;
use super::server_rows::ServerJudge;
use super::sources::Sources;
use super::targets::Target;
use crate::diagnostic::console::Step;
use crate::diagnostic::{BUG_HINT, EXAMPLES, Example, Exit, Fault, Finding, Id, Result, Severity};
use crate::ids::{PerDatabase, PerTarget};
use crate::plan::{Copy, Plan};
use crate::repair::{self, Action, Repair};
use crate::report::{RepairReport, Report};
use crate::text::count_with_noun;
use crate::verify::repair::Tally;

/// Judges all rows of `plan`, which has every table of the run; rows in quarantine are on the disk
/// afterwards.
///
/// # Errors
/// SQLite's, a full disk, a file that cannot be written, or a stop.
pub fn judge_rows(
    sources: &mut Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    files: &mut RepairFiles,
    context: &mut Context,
) -> Result<()> {
    if sources.repairs.all.is_empty() {
        return Ok(());
    }
    context.begin_step(Step::FindRepairs, "");
    let copies: Vec<Copy> = plan.parts.iter().flat_map(|part| &part.copies).cloned().collect();
    let mut judge = ServerJudge::new(targets, plan, context);
    let mut keys = std::mem::take(&mut context.keys);
    let databases = &sources.databases;
    let list = &mut |repair: &Repair, key: &str| {
        let place = KeyPlace {
            database: &databases.get(repair.database)?.name,
            table: repair.table,
            column: repair.column.map_or("", |column| column.name),
        };
        keys.add_repaired(place, &repair.label, key)
    };
    let (repairs, stop) = (&sources.repairs, &context.stop);
    let judged = repair::prepare_repaired_tables(
        &sources.source_files(),
        &copies,
        repairs,
        list,
        files.writer(),
        &mut |source, copy, question| judge.find_rows(source, copy, question),
        stop,
    );
    context.keys = keys;
    sources.judged = judged?;
    files.complete_quarantine()?;
    report_touched(sources, context)?;
    for copy in &copies {
        let table = (copy.database_id, copy.table().name);
        if let Some(rows) = sources.judged.quarantined.get(&table) {
            context.report.table_report(copy.database_id, copy.table())?.quarantined = *rows;
        }
    }
    Ok(())
}

/// What repairs touch, on the terminal, in the report, and as notes.
fn report_touched(sources: &Sources, context: &mut Context) -> Result<()> {
    for (repair, touched) in sources.repairs.all.iter().zip(&sources.judged.touched) {
        let (id, what) = match touched.count {
            0 => (Id::R2, format!("{} applies to no row", repair.label)),
            count => (Id::R1, format!("{}: {}", repair.label, count_with_noun(count, "row"))),
        };
        context.print_line(&format!("repair: {what}"));
        let mut finding = Finding::without_rows(id, Severity::Note, what);
        finding.database.clone_from(&sources.databases.get(repair.database)?.name);
        repair.table.clone_into(&mut finding.table);
        finding.set_columns(repair.column.map(|column| column.name));
        finding.count = touched.count;
        let example =
            |key: &String| Example { key: key.clone(), found: "repaired".to_owned().into() };
        finding.examples = touched.keys.iter().take(EXAMPLES).map(example).collect();
        context.report_finding(finding, Exit::Findings);
        context.report.repairs.push(RepairReport {
            repair: repair.label.clone(),
            rows: touched.count,
            keys: touched.keys.clone(),
        });
    }
    Ok(())
}

/// What verification itself found and the repairs did not do, or the other way round. Databases
/// without a tally were not compared.
pub fn find_disagreements(sources: &Sources, tallies: &PerDatabase<Tally>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |text: String| {
        let hint = BUG_HINT;
        faults.push(Fault::new(text, hint));
    };
    for (index, (repair, touched)) in
        sources.repairs.all.iter().zip(&sources.judged.touched).enumerate()
    {
        let Some(tally) = tallies.find(repair.database) else { continue };
        if repair.action == Action::OrphanNotValid || repair.action.quarantines_rows() {
            continue;
        }
        let found = tally.touched.get(&index).copied().unwrap_or(0);
        if found != touched.count {
            let (label, done) = (&repair.label, touched.count);
            fault(format!(
                "{label}: {} repaired, verification found {found}",
                count_with_noun(done, "row")
            ));
        }
    }
    for ((database, table), rows) in &sources.judged.quarantined {
        let Some(tally) = tallies.find(*database) else { continue };
        let found = tally.quarantined.get(table).copied().unwrap_or(0);
        if found != *rows {
            fault(format!(
                "{table}: {} in quarantine, verification found {found}",
                count_with_noun(*rows, "row")
            ));
        }
    }
    faults
}

/// Writes into the report what verification found, where nothing was copied.
pub fn report_tallies(sources: &Sources, tallies: &PerDatabase<Tally>, report: &mut Report) {
    for (index, repair) in sources.repairs.all.iter().enumerate() {
        let touched = tallies.find(repair.database).and_then(|tally| tally.touched.get(&index));
        let rows = touched.copied().unwrap_or(0);
        let repair = repair.label.clone();
        if !report.repairs.iter().any(|known| known.repair == repair) {
            report.repairs.push(RepairReport { repair, rows, keys: Vec::new() });
        }
    }
}
