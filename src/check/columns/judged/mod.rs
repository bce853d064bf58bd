//! What PostgreSQL alone can judge of rows, asked of it before anything is written: checks and
//! defaults of its tables ([`conditions`]), and what keeps rows apart ([`keys`]).
//!
//! [`catalog`] reads a table that stands there, [`described`] one that is yet to be made;
//! [`references`] looks at what its defaults refer to, [`needed`] and [`travel`] bring the rows.
//! What cannot be asked is said to be not decided.

mod catalog;
mod conditions;
mod described;
mod keys;
mod needed;
mod references;
mod travel;

use std::collections::BTreeMap;
use std::time::Duration;

use postgres::Client;

use super::CheckedTable;
use crate::diagnostic::{Finding, Hints, Id, Result, Severity};
use crate::postgres::describe_code;
use crate::repair::ServerQuestion;
use crate::stop::Stop;

use catalog::ServerTable;
pub use described::is_plain_spelling;

/// How far a question may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trial {
    /// Temporary tables are made where nothing else decides.
    #[default]
    Complete,
    /// Nothing is made.
    Quick,
}

/// What one pass over the tables of a server has learned from it.
#[derive(Debug, Default)]
pub struct AskedServer {
    /// How long the server was asked for its own judgement.
    pub time: Duration,
    /// The application's own tables, once they were read, by schema and name.
    existing: Option<BTreeMap<(String, String), ServerTable>>,
}

impl AskedServer {
    /// The server's own table of this name. The first question reads all of the pass.
    fn existing_table(
        &mut self,
        checked: CheckedTable<'_>,
        client: &mut Client,
    ) -> Result<Option<ServerTable>> {
        let tables = match &mut self.existing {
            Some(tables) => tables,
            unread => {
                let all = checked.others.iter().filter(|(_, copy)| copy.is_of_application);
                let all: Vec<(&str, &str)> =
                    all.map(|(_, copy)| (copy.schema.as_str(), copy.table().name)).collect();
                unread.insert(catalog::read_existing_tables(client, &all)?)
            }
        };
        let place = (checked.copy.schema.clone(), checked.copy.table().name.to_owned());
        Ok(tables.get(&place).cloned())
    }
}

/// Looks at a table, but for what needs columns of which the server has `refused` values.
///
/// # Errors
/// SQLite's, the server's, or a stop; what is wrong with rows is no error here.
pub fn find_refused_rows(
    checked: CheckedTable<'_>,
    refused: &[String],
    client: Option<&mut Client>,
    trial: Trial,
    asked: &mut AskedServer,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let Some(client) = client else { return Ok(open_without_server(checked)) };
    let mut findings = foreign_key_notes(checked);
    let mut table = match read_server_table(checked, client, trial, asked)? {
        Ok(table) => table,
        Err(finding) => {
            findings.push(*finding);
            described::describe_table(checked.copy.table())
        }
    };
    table.refused = refused.to_vec();
    findings.extend(conditions::find_broken_conditions(checked, &table, trial, client, stop)?);
    findings.extend(keys::find_repeated_keys(checked, &table, trial, client, stop)?);
    findings.extend(references::find_missing_parents(
        checked,
        &table,
        trial,
        (client, asked),
        stop,
    )?);
    Ok(findings)
}

/// The places of rows that the server does not take, for repairs.
///
/// # Errors
/// SQLite's, the server's, or a stop.
pub fn find_rows_to_take_out(
    checked: CheckedTable<'_>,
    question: ServerQuestion,
    client: &mut Client,
    trial: Trial,
    stop: &Stop,
) -> Result<Vec<i64>> {
    let place = (checked.copy.schema.as_str(), checked.copy.table().name);
    // After a load the tables stand, whoever has made them.
    let table = match catalog::read_existing_tables(client, &[place])?.into_values().next() {
        Some(existing) => existing,
        None => match read_server_table(checked, client, trial, &mut AskedServer::default())? {
            Ok(table) => table,
            Err(_) => return Ok(Vec::new()),
        },
    };
    match question {
        ServerQuestion::Repeated => keys::find_later_rows(checked, &table, trial, client, stop),
        ServerQuestion::Broken(column) => {
            conditions::find_breaking_rows(checked, &table, column, trial, client, stop)
        }
    }
}

/// What the server has of the table, or will have; or what keeps from knowing it.
fn read_server_table(
    checked: CheckedTable<'_>,
    client: &mut Client,
    trial: Trial,
    asked: &mut AskedServer,
) -> Result<std::result::Result<ServerTable, Box<Finding>>> {
    let table = checked.copy.table();
    if checked.copy.is_of_application
        && let Some(existing) = asked.existing_table(checked, client)?
    {
        return Ok(Ok(existing));
    }
    if !described::needs_twin(table) {
        return Ok(Ok(described::describe_table(table)));
    }
    if trial == Trial::Quick {
        let what = "its rules in PostgreSQL's syntax: --dry-run=quick creates no table for them";
        return Ok(Err(Box::new(open_finding(checked, Id::K17, &[], what))));
    }
    let why = match described::read_twin(client, table)? {
        Ok(twin) => return Ok(Ok(twin)),
        Err(why) => why,
    };
    let state = describe_code(&why.state);
    if !is_refusing_state(checked, &why.state) {
        let what = format!("{}: cannot create a table for it: {state}", why.what);
        return Ok(Err(Box::new(open_finding(checked, Id::K17, &[], &what))));
    }
    let what = format!("PostgreSQL refuses the {}: {state}", why.what);
    let mut finding = checked.make_finding(Id::K17, Severity::Error, &[], what);
    finding.hints = Hints::from([
        "correct it in the table's schema file",
        "add `--show-server-messages` to see PostgreSQL's message",
    ]);
    finding.server = Some(why.server_text);
    Ok(Err(Box::new(finding)))
}

/// Whether an error means that a load fails in the same way: the rows do it, or the schema file
/// does. Others mean that a question is no load.
fn is_refusing_state(checked: CheckedTable<'_>, state: &str) -> bool {
    match state.get(..2) {
        Some("22" | "23") => true,
        // A function of the database raises it.
        Some(_) if state.starts_with('P') => true,
        Some("42") => !checked.copy.is_of_application && state != "42501",
        _ => false,
    }
}

/// Something that only a load shows.
fn open_finding(checked: CheckedTable<'_>, id: Id, columns: &[&str], what: &str) -> Finding {
    let what = format!(
        "not decided: {what}; PostgreSQL checks it during the load, before anything is committed"
    );
    checked.make_finding(id, Severity::Warning, columns, what)
}

/// Foreign keys in PostgreSQL's own words.
fn foreign_key_notes(checked: CheckedTable<'_>) -> Vec<Finding> {
    let keys = checked.copy.table().rules.iter().filter(|rule| rule.is_foreign_key());
    let note = |rule: &model::Rule| {
        let what = format!(
            "not decided: the constraint {}; PostgreSQL checks it when it is added, before \
             anything is committed",
            rule.name
        );
        checked.make_finding(Id::K17, Severity::Note, &[], what)
    };
    keys.map(note).collect()
}

/// Everything that is left open where there is no connection to the server.
fn open_without_server(checked: CheckedTable<'_>) -> Vec<Finding> {
    let table = checked.copy.table();
    let open = |id: Id, name: &str| {
        let what = format!("not decided: {name}: there is no connection to the server");
        checked.make_finding(id, Severity::Note, &[], what)
    };
    let mut findings: Vec<Finding> =
        table.checks.iter().map(|check| open(Id::K13, check.name)).collect();
    let keys = table.unique_keys().into_iter().filter(|key| key.columns.is_none());
    findings.extend(keys.map(|key| open(Id::K16, key.name)));
    findings.extend(table.rules.iter().map(|rule| open(Id::K17, rule.name)));
    findings
}
