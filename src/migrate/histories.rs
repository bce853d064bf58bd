//! The tables in which an application keeps which of its own migrations were done, in a run: where
//! both sides have another list, somebody must say that this is right. PostgreSQL's list stays in
//! every case.

use std::collections::BTreeSet;

use model::{Table, sql};

use super::context::Context;
use super::request::Request;
use super::target_state::{Blocker, Inspection};
use super::targets::{Target, begin_reading, end_reading};
use crate::diagnostic::{Error, Exit, Fault, Finding, Hint, Id, Result, Severity};
use crate::ids::{DatabaseId, PerDatabase};
use crate::libraries;
use crate::plan::PlannedDatabase;
use crate::postgres::existing::migration_history::{self, Difference};
use crate::postgres::tables::{ExistingRelation, Kind};
use crate::report::AcceptedHistory;
use crate::sqlite::Source;
use crate::text::count_with_noun;

/// Lists that differ, of one database.
pub struct DifferingHistory {
    /// The database.
    database: DatabaseId,
    /// What is said of it.
    finding: Finding,
    /// What the difference is.
    difference: Difference,
}

/// What comparing the lists of one database came to.
#[derive(Default)]
pub struct ComparedHistories {
    /// Lists that differ.
    pub differing: Vec<DifferingHistory>,
    /// What is to be said of the others.
    pub findings: Vec<Finding>,
}

/// A flag must name a table that is one: otherwise it is a slip of the pen.
///
/// # Errors
/// With every flag that names none of the run's migration history tables.
pub fn check_accepted_histories(
    request: &Request,
    databases: &PerDatabase<PlannedDatabase>,
) -> Result<()> {
    let known: Vec<(&str, &str)> = databases
        .iter()
        .flat_map(|database| {
            database
                .version
                .migration_histories
                .iter()
                .map(|kept| (database.name.as_str(), kept.table))
        })
        .collect();
    let faults = request.accepted_histories.iter().filter_map(|flag| {
        if known.iter().any(|(database, table)| is_meant(flag, database, table)) {
            return None;
        }
        let names: Vec<&str> = known.iter().map(|(_, table)| *table).collect();
        let hint = match names.is_empty() {
            true => "name the table under `[migration_history]` in the schema's database.toml"
                .to_owned(),
            false => {
                format!("name one that the schema files have: {}", names.join(", "))
            }
        };
        let text =
            format!("--accept-migration-history {flag}: not a migration history table of this run");
        Some(Fault::new(text, hint))
    });
    Error::from_faults(Exit::Usage, faults.collect())
}

/// Whether a flag's word means a table; it may name the database before it.
fn is_meant(flag: &str, database: &str, table: &str) -> bool {
    let of_database = flag.strip_prefix(database).and_then(|rest| rest.strip_prefix('.'));
    flag == table || of_database == Some(table)
}

/// Compares the lists of both sides.
///
/// # Errors
/// SQLite's, and the server's.
pub fn compare_histories(
    source: &Source,
    target: &mut Target,
    database: &PlannedDatabase,
) -> Result<ComparedHistories> {
    let mut result = ComparedHistories::default();
    let (name, version) = (&database.name, database.version);
    if version.migration_histories.is_empty() {
        return Ok(result);
    }
    let client = &mut target.connection.client;
    begin_reading(client)?;
    let all =
        migration_history::compare_history_tables(name, version, source, client, &database.schema)?;
    end_reading(client)?;
    for compared in all {
        let (database, finding) = (database.id, compared.finding);
        match compared.difference {
            Some(difference) => {
                result.differing.push(DifferingHistory { database, finding, difference });
            }
            None => result.findings.push(finding),
        }
    }
    Ok(result)
}

/// History tables with rows, which are not dropped: PostgreSQL's list stays.
pub fn remaining_histories(
    database: &PlannedDatabase,
    existing: &[ExistingRelation],
    context: &mut Context,
) -> Vec<&'static str> {
    let mut kept = Vec::new();
    for table in existing.iter().filter(|object| object.kind == Kind::Table) {
        let described = database.version.tables().find(|known| known.name == table.name);
        let Some(described) =
            described.filter(|known| database.version.is_history_table(known.name))
        else {
            continue;
        };
        if table.rows != Some(0) {
            let name = sql::qualified_name(&table.schema, &table.name);
            context.print_line(&format!("plan: {name} is kept: it is a migration history table"));
            kept.push(described.name);
        }
    }
    kept
}

/// Tables with rows that a library has made for its list, and that the schema files take for any
/// other table: they would be emptied and loaded.
pub fn unnamed_histories<'r>(
    database: &PlannedDatabase,
    rows: impl Iterator<Item = (&'r str, Option<u64>)>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, count) in rows.filter(|(_, count)| *count != Some(0)) {
        let table = database.version.loaded_tables().find(|table| table.name == name);
        let Some(columns) = table.and_then(history_columns) else { continue };
        let rows = count.map_or_else(|| "rows".to_owned(), |count| count_with_noun(count, "row"));
        let what = format!(
            "PostgreSQL has {rows} in the migration history table of a library, and the schema \
             files would replace them with SQLite's"
        );
        let mut finding = Finding::without_rows(Id::O4, Severity::Error, what);
        database.name.clone_into(&mut finding.database);
        name.clone_into(&mut finding.table);
        let columns: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        finding.hints = Hint::with_line(
            "compare both lists, keep PostgreSQL's: under `[migration_history]` in database.toml:",
            format!("{name} = [{}]", columns.join(", ")),
        )
        .into();
        findings.push(finding);
    }
    findings
}

/// Whether a table is a library's migration history table, by its name and columns.
pub fn history_columns(table: &Table) -> Option<&'static [&'static str]> {
    libraries::history_columns(table.name, |column| table.column(column).is_some())
}

/// Accepts lists that differ where somebody says so, by a flag or at the terminal; what nobody has
/// accepted becomes a blocker. Databases that are already migrated are not asked about, and nobody
/// is asked when something else ends the run.
///
/// # Errors
/// When a signal came while somebody was asked.
pub fn accept_differences(
    request: &Request,
    inspection: Inspection,
    migrated: &BTreeSet<DatabaseId>,
    context: &mut Context,
) -> Result<Vec<Blocker>> {
    let Inspection { mut blockers, differing, .. } = inspection;
    let goes_on = context.diagnostics.is_empty()
        && blockers.iter().all(|blocker| migrated.contains(&blocker.database));
    let may_ask = goes_on && request.mode.loads() && context.ask && context.console.can_ask();
    for DifferingHistory { database, mut finding, difference } in differing {
        if migrated.contains(&database) {
            continue;
        }
        let mut flags = request.accepted_histories.iter();
        let by_flag = flags.any(|flag| is_meant(flag, &finding.database, &finding.table));
        if !(by_flag || may_ask && is_confirmed(&finding, context)?) {
            blockers.push(Blocker { database, finding });
            continue;
        }
        finding.severity = Severity::Warning;
        finding.what.push_str("; accepted, and PostgreSQL's list is kept");
        finding.hints =
            "start the application once before its users return, and check that it runs \
                        no migration again"
                .into();
        let table = finding.table.clone();
        let report = context.report.databases.get_mut(database)?;
        report.accepted_histories.push(AcceptedHistory { table, difference });
        context.report_finding(finding, Exit::Target);
    }
    Ok(blockers)
}

/// The question; only a yes is one.
fn is_confirmed(finding: &Finding, context: &mut Context) -> Result<bool> {
    context.print_line(&finding.to_string());
    context.ask_to_confirm(&format!("keep PostgreSQL's list in {} and continue?", finding.table))
}
