//! The tables in which an application keeps which of its own migrations were done, in a run: where
//! both sides have another list, somebody must say that this is right. PostgreSQL's list stays in
//! every case.

use model::{Table, sql};

use super::standing::Looked;
use super::targets::{Target, begin_reading, end_reading};
use super::{Mode, Request, World};
use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result, Severity};
use crate::libraries;
use crate::plan::Input;
use crate::postgres::existing::bookkeeping::{self, Difference};
use crate::postgres::tables::{Kind, Standing};
use crate::report::{AcceptedHistory, Report};
use crate::sqlite::Source;
use crate::text::counted;

/// Lists that differ, of one database.
pub struct Differing {
    /// The database's place.
    pub place: usize,
    /// What is said of it.
    pub finding: Finding,
    /// What the difference is.
    pub difference: Difference,
}

/// A flag must name a table that is one: otherwise it is a slip of the pen.
///
/// # Errors
/// With every flag that names none of the run's migration history tables.
pub fn check_flags(request: &Request, inputs: &[Input]) -> Result<()> {
    let known: Vec<(&str, &str)> = inputs
        .iter()
        .flat_map(|input| {
            input.version.bookkeeping.iter().map(|kept| (input.database.as_str(), kept.table))
        })
        .collect();
    let faults = request.accepted_histories.iter().filter_map(|flag| {
        if known.iter().any(|(database, table)| is_meant(flag, database, table)) {
            return None;
        }
        let names: Vec<&str> = known.iter().map(|(_, table)| *table).collect();
        let hint = match names.is_empty() {
            true => "no schema of this run names such tables: [bookkeeping] in database.toml does"
                .to_owned(),
            false => format!("the schema files name {} under [bookkeeping]", names.join(", ")),
        };
        let text =
            format!("--accept-migration-history {flag}: not a migration history table of this run");
        Some(Fault::new(text, hint))
    });
    Error::all(Exit::Usage, faults.collect())
}

/// Whether a flag's word means a table; it may name the database before it.
fn is_meant(flag: &str, database: &str, table: &str) -> bool {
    let of_database = flag.strip_prefix(database).and_then(|rest| rest.strip_prefix('.'));
    flag == table || of_database == Some(table)
}

/// Compares the lists of both sides: the findings, and the lists that differ.
///
/// # Errors
/// SQLite's, and the server's.
pub fn compare(
    place: usize,
    source: &Source,
    target: &mut Target,
    input: &Input,
    looked: &mut Looked,
) -> Result<Vec<Finding>> {
    if input.version.bookkeeping.is_empty() {
        return Ok(Vec::new());
    }
    let client = &mut target.connection.client;
    begin_reading(client)?;
    let all = bookkeeping::compare(&input.database, input.version, source, client, &input.schema)?;
    end_reading(client)?;
    let mut findings = Vec::new();
    for compared in all {
        let finding = compared.finding;
        match compared.difference {
            Some(difference) => looked.differing.push(Differing { place, finding, difference }),
            None => findings.push(finding),
        }
    }
    Ok(findings)
}

/// Keeps history tables with rows out of what is dropped: PostgreSQL's list stays.
pub fn keep(input: &mut Input, standing: &[Standing], world: &mut World) {
    for table in standing.iter().filter(|standing| standing.kind == Kind::Table) {
        let described = input.version.tables().find(|known| known.name == table.name);
        let Some(described) = described.filter(|known| input.version.keeps(known.name)) else {
            continue;
        };
        if table.rows != Some(0) {
            let name = sql::qualified(&table.schema, &table.name);
            world.console.say(&format!("plan: {name} stays: it is a migration history table"));
            input.kept.push(described.name);
        }
    }
    let kept = &input.kept;
    input.tables.retain(|planned| !kept.contains(&planned.shape.table.name));
}

/// Tables with rows that a library has made for its list, and that the schema files take for any
/// other table: they would be emptied and loaded.
pub fn unnamed<'r>(
    input: &Input,
    rows: impl Iterator<Item = (&'r str, Option<u64>)>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, count) in rows.filter(|(_, count)| *count != Some(0)) {
        let table = input.version.loaded().find(|table| table.name == name);
        let Some(columns) = table.and_then(history_columns) else { continue };
        let rows = count.map_or_else(|| "rows".to_owned(), |count| counted(count, "row"));
        let what = format!(
            "PostgreSQL has {rows} in the migration history table of a library, and the schema \
             files would replace them with SQLite's"
        );
        let mut finding = Finding::about(Id::O4, Severity::Error, what);
        input.database.clone_into(&mut finding.database);
        name.clone_into(&mut finding.table);
        finding.cure = format!(
            "add {name} = [{}] under [bookkeeping] in database.toml: both lists are compared, and \
             PostgreSQL's stays",
            columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
        );
        findings.push(finding);
    }
    findings
}

/// Whether a table is a library's migration history table, by its name and columns.
pub fn history_columns(table: &Table) -> Option<&'static [&'static str]> {
    libraries::history_columns(table.name, |column| table.column(column).is_some())
}

/// Takes lists that differ where somebody says so, by a flag or at the terminal; what nobody has
/// accepted becomes a blocker. Databases that are `done` are not asked about, and nobody is asked
/// when something else ends the run (`free` is false).
///
/// # Errors
/// When a signal came while somebody was asked.
pub fn decide(
    request: &Request,
    looked: Looked,
    done: &[usize],
    free: bool,
    world: &mut World,
    report: &mut Report,
) -> Result<Vec<super::standing::Blocker>> {
    let Looked { mut blockers, differing } = looked;
    let free = free && blockers.iter().all(|(place, _)| done.contains(place));
    for Differing { place, mut finding, difference } in differing {
        if done.contains(&place) {
            continue;
        }
        let mut flags = request.accepted_histories.iter();
        let by_flag = flags.any(|flag| is_meant(flag, &finding.database, &finding.table));
        let asks = free && request.mode == Mode::Migrate && world.ask && world.console.can_ask();
        let is_accepted = by_flag || (asks && is_confirmed(&finding, world)?);
        if !is_accepted {
            blockers.push((place, finding));
            continue;
        }
        finding.severity = Severity::Warning;
        finding.what.push_str("; accepted, and PostgreSQL's list stays as it is");
        finding.cure = "before its users come back, start the application once and see that it \
                        runs no migration again"
            .to_owned();
        world.console.warn(&finding.fault());
        if let Some(entry) = report.databases.get_mut(place) {
            let table = finding.table.clone();
            entry.accepted_histories.push(AcceptedHistory { table, difference });
        }
        report.findings.push(finding);
    }
    Ok(blockers)
}

/// The question; only a yes is one.
fn is_confirmed(finding: &Finding, world: &mut World) -> Result<bool> {
    world.console.say(&finding.to_string());
    let question = format!("keep PostgreSQL's list in {} and go on?", finding.table);
    let confirmed = world.console.confirm(&question, &|| world.stop.asked());
    world.stop.check()?;
    Ok(confirmed)
}
