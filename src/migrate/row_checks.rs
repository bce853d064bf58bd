//! The rows, checked before anything is written, whatever is wrong with sources or targets; or
//! while they are copied, and then before anything is published.

use std::time::{Duration, Instant};

use super::context::Context;
use super::row_hints;
use super::sources::{self, Sources};
use super::targets::Target;
use crate::check;
use crate::diagnostic::console::{Step, Total};
use crate::diagnostic::{Error, Exit, Finding, Id, Result, Severity};
use crate::ids::PerTarget;
use crate::plan::{Copy, Plan, TargetPlan};
use crate::stop::Stop;
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
    let problems_before = context.diagnostics.count();
    check_values(sources, plan, context)?;
    for part in &plan.parts {
        check_limits(sources, targets, part, context)?;
    }
    context.report.record_step("preflight", begun, ());
    let rows = context.report.rows_of_databases(&plan.database_names());
    if context.diagnostics.count() == problems_before && rows > 0 {
        let text = describe_clean_rows(plan, rows, context);
        context.print_line(&text);
    }
    Ok(())
}

/// Says how many rows fit, and of which databases none was read.
fn describe_clean_rows(plan: &Plan, rows: u64, context: &Context) -> String {
    let fit = format!("{} read, no errors found", count_with_noun(rows, "row"));
    let planned = plan.database_names();
    let named = context.report.databases.iter().map(|database| database.name.as_str());
    let (read, waiting): (Vec<&str>, Vec<&str>) = named.partition(|name| planned.contains(name));
    // Those that are in PostgreSQL already were compared.
    let is_compared = |name: &&str| context.report.rows_of_databases(&[*name].into()) > 0;
    let waiting: Vec<&str> = waiting.into_iter().filter(|name| !is_compared(name)).collect();
    match waiting.is_empty() {
        true => format!("preflight: {fit}"),
        false => format!(
            "preflight: {}: {fit}; {}: no row was read, because of the errors above",
            read.join(", "),
            waiting.join(", ")
        ),
    }
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
    let begin = &mut |step, total: Total| console.begin_step(step, "", total);
    let table_checks = check::rows::read_tables(&tasks, stop, begin)?;
    for (task, table_check) in tasks.iter().zip(table_checks) {
        if context.keys.is_wanted() {
            let keys = &mut context.keys;
            let add = &mut |finding: &Finding, key: &str| keys.add_finding(finding, key);
            check::rows::list_keys_of_findings(
                task,
                &table_check.findings,
                table_check.rows,
                &context.stop,
                add,
            )?;
        }
        let table = context.report.table_report(task.copy.database_id, task.copy.table())?;
        table.rows = table_check.rows;
        table.notes = table_check.notes;
        table.profiles = table_check.profiles;
        for mut finding in table_check.findings {
            // What is not shown needs no repair to choose; to try one reads the table again.
            if !context.diagnostics.is_full() {
                row_hints::complete_hint(&mut finding, task, &context.stop)?;
            }
            context.report_finding(finding, Exit::Findings);
        }
        context.count_findings_left_out(table_check.left_out);
    }
    Ok(())
}

/// Checks what is to be known beside the rows' values and keys: units, limits, rules.
fn check_limits(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    part: &TargetPlan,
    context: &mut Context,
) -> Result<()> {
    let target = part.target.map(|id| targets.get_mut(id)).transpose()?;
    let mut client = target.map(|target| &mut target.connection.client);
    let (trial, mut asked) = (context.trial, check::columns::AskedServer::default());
    let mut check = |checked: check::columns::CheckedTable<'_>, stop: &Stop| {
        let mut findings = check::columns::check_table_columns(checked, stop)?;
        let client = client.as_deref_mut();
        findings.extend(check::columns::check_by_server(checked, client, trial, &mut asked, stop)?);
        Ok(findings)
    };
    check_each_table(sources, part, context, &mut check, &mut |found, context| {
        for finding in found {
            if !is_known_duplicate(&finding, &context.report.findings) {
                context.keys.add_examples(&finding)?;
                context.report_finding(finding, Exit::Findings);
            }
        }
        Ok(())
    })?;
    context.asking += asked.time;
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

/// A check of a table's columns.
type ColumnCheck<'c> =
    dyn FnMut(check::columns::CheckedTable<'_>, &Stop) -> Result<Vec<Finding>> + 'c;

/// Takes what was found in a table.
type TakeFound<'t> = dyn FnMut(Vec<Finding>, &mut Context) -> Result<()> + 't;

/// Checks the columns of each table of a target, by what the report has of their values. What is
/// found goes to `take`, a table at a time.
fn check_each_table(
    sources: &Sources,
    part: &TargetPlan,
    context: &mut Context,
    check: &mut ColumnCheck<'_>,
    take: &mut TakeFound<'_>,
) -> Result<()> {
    let source_of = |copy: &Copy| Ok(&sources.databases.get(copy.database_id)?.source);
    let others = part.copies.iter().map(|copy| Ok((source_of(copy)?, copy)));
    let others = others.collect::<Result<Vec<_>>>()?;
    let progress = context.begin_step(Step::CheckLimits, "");
    for (source, copy) in others.iter().copied() {
        let _work = progress.begin_work(copy.place_name());
        let table = context.report.table_report(copy.database_id, copy.table())?;
        let (notes, profiles) = (&table.notes, &table.profiles);
        let others = &others;
        let checked = check::columns::CheckedTable { source, copy, notes, profiles, others };
        let mut findings = check(checked, &context.stop)?;
        for finding in &mut findings {
            row_hints::offer_repairs_of_rows(finding, copy);
        }
        take(findings, context)?;
    }
    Ok(())
}

/// The tables of a target, for a check of their keys and references on the second connections.
///
/// # Errors
/// When a table's source is missing, which is a bug in this program.
pub fn related_tables<'a>(
    sources: &'a Sources,
    part: &'a TargetPlan,
) -> Result<Vec<check::rows::Related<'a>>> {
    let related = part.copies.iter().map(|copy| {
        let source = &sources.databases.get(copy.database_id)?.source;
        let task = check::rows::Task { source, copy, copies: &part.copies };
        Ok(check::rows::Related::from_task(&task))
    });
    related.collect()
}

/// What was found beside the copy, by table.
#[derive(Default)]
pub struct FoundBeside {
    relations: Vec<Vec<Finding>>,
    limits: Vec<Vec<Finding>>,
}

impl FoundBeside {
    /// Has the server judge the rows of a target's tables, before the load locks them.
    ///
    /// # Errors
    /// SQLite's, the server's, a stop, or the first finding that stops a run. What else is wrong is
    /// looked for then.
    pub fn check_by_server(
        &mut self,
        sources: &Sources,
        target: &mut Target,
        part: &TargetPlan,
        context: &mut Context,
    ) -> Result<()> {
        let client = &mut target.connection.client;
        let (trial, mut asked) = (context.trial, check::columns::AskedServer::default());
        let mut check = |checked: check::columns::CheckedTable<'_>, stop: &Stop| {
            check::columns::check_by_server(checked, Some(&mut *client), trial, &mut asked, stop)
        };
        check_each_table(sources, part, context, &mut check, &mut |found, _| {
            fail_on_error(&found)?;
            self.limits.push(found);
            Ok(())
        })?;
        context.asking += asked.time;
        Ok(())
    }

    /// Checks the columns of tables that were copied; the server has judged them.
    ///
    /// # Errors
    /// As [`FoundBeside::check_by_server`].
    pub fn check_columns(
        &mut self,
        sources: &Sources,
        part: &TargetPlan,
        context: &mut Context,
    ) -> Result<()> {
        let check = &mut check::columns::check_table_columns;
        let mut found = Vec::new();
        check_each_table(sources, part, context, check, &mut |of_table, _| {
            fail_on_error(&of_table)?;
            found.push(of_table);
            Ok(())
        })?;
        let judged = self.limits.len().saturating_sub(found.len());
        for (of_table, found) in self.limits.iter_mut().skip(judged).zip(found) {
            of_table.splice(0..0, found);
        }
        Ok(())
    }

    /// Takes what was found between the rows of a target's tables, in their order.
    ///
    /// # Errors
    /// The first finding that stops a run.
    pub fn add_relations(&mut self, part: &TargetPlan, found: Vec<Vec<Finding>>) -> Result<()> {
        for (copy, mut found) in part.copies.iter().zip(found) {
            fail_on_error(&found)?;
            for finding in &mut found {
                finding.repairs = row_hints::offered_repairs(finding, copy);
            }
            self.relations.push(found);
        }
        Ok(())
    }

    /// Reports all of it, in the order of a check that comes before the copy.
    pub fn report(self, plan: &Plan, context: &mut Context) {
        for finding in self.relations.into_iter().chain(self.limits).flatten() {
            context.report_finding(finding, Exit::Findings);
        }
        let rows = context.report.rows_of_databases(&plan.database_names());
        if rows > 0 {
            context
                .print_line(&format!("checked: {}, no errors found", count_with_noun(rows, "row")));
        }
    }
}

fn fail_on_error(findings: &[Finding]) -> Result<()> {
    match findings.iter().find(|finding| finding.severity == Severity::Error) {
        Some(finding) => Err(finding.clone().into_error()),
        None => Ok(()),
    }
}

/// Why a load failed that had not read the rows before: the rows are read now, to their end, and
/// what is wrong with them is reported instead. Everything that was written is rolled back.
pub fn explain_failure(
    error: Error,
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Error {
    let checked_files = sources::wait_for_integrity_checks(context)
        .and_then(|()| check_rows_after_failure(sources, targets, plan, context));
    match checked_files {
        // A server that is gone cannot say more.
        Ok(()) => check::columns::add_size_findings(error, &context.report.findings),
        Err(found) => found,
    }
}

/// Takes out of the report what a load did that was rolled back.
fn remove_load_from_report(context: &mut Context) {
    for (_, database) in context.report.databases.entries_mut() {
        for table in &mut database.tables {
            (table.bytes, table.time, table.verified) = (0, Duration::ZERO, None);
            table.digests = None;
        }
    }
}

fn check_rows_after_failure(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Result<()> {
    for part in plan.parts.iter().filter(|part| !part.copies.is_empty()) {
        let client = &mut targets.get_mut(part.target_id()?)?.connection.client;
        if client.batch_execute("ROLLBACK").is_err() {
            return Ok(());
        }
    }
    remove_load_from_report(context);
    check_rows(sources, targets, plan, context)?;
    context.diagnostics.fail_if_any()
}
