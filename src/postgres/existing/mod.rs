//! Tables of the plan that the application itself has made in the target.
//!
//! [`catalog`] reads what stands there, once, by OIDs; [`suspend`] writes the statements that take
//! keys, indexes and triggers away before the rows and put them back after them, as they were.
//! [`migration_history`] compares the application's own migrations. Whether the tables can be
//! loaded is judged in `check::existing`.

pub mod catalog;
pub mod identical;
pub mod migration_history;
pub mod suspend;

use postgres::{Client, GenericClient};

use crate::diagnostic::{Error, Exit, Finding, Hints, Id, Result, Severity};
use crate::postgres::direct::DirectQueries;
use crate::schema::Version;
use catalog::Survey;

use super::schemas::TableSchemas;
use super::sequences::{self, Sequence};

/// Planned tables that stand in the target and are loaded as they are.
#[derive(Clone, Debug)]
pub struct ExistingTables {
    /// The database whose rows they get.
    pub database: String,
    /// In which schemas its tables lie.
    pub schemas: TableSchemas,
    /// What was found before anybody was asked.
    pub survey: Survey,
    /// The rows that are in them, and that are replaced.
    pub rows: Vec<(String, u64)>,
    /// Columns that are copied: `(table, column)`.
    pub copied: Vec<(String, String)>,
    /// The sequences of the schema, and what they make values for.
    pub sequences: sequences::Survey,
    /// Sequences that `database.toml` names.
    pub named: Vec<&'static str>,
    /// Triggers that fire while rows are loaded: `(table, trigger)`.
    pub fired: Vec<(&'static str, &'static str)>,
}

impl ExistingTables {
    /// Whether a trigger fires while rows are loaded.
    pub fn fires(&self, table: &str, trigger: &str) -> bool {
        self.fired.iter().any(|(known, name)| *known == table && *name == trigger)
    }
}

/// The schema in which those of a version's tables that state no schema stand, or would be made:
/// the first of the search path, unless it has none of them and another one has all.
///
/// # Errors
/// When only several schemas together have them all (`P4`): which are meant cannot be known.
pub fn choose_schema(client: &mut Client, version: &Version, first: &str) -> Result<String> {
    let fail = |error| super::server_error("looking for the tables", &error);
    let unstated = version.loaded_tables().filter(|table| table.schema.is_none());
    let planned: Vec<&str> = unstated.map(|table| table.name).collect();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for row in client.query_directly(VISIBLE, &[&planned]).map_err(fail)? {
        found.push((row.get(0), row.get(1)));
    }
    let has_all = |names: &Vec<String>| names.len() == planned.len();
    if found.iter().any(|(schema, names)| schema == first && has_all(names)) {
        return Ok(first.to_owned());
    }
    let anywhere = planned
        .iter()
        .all(|name| found.iter().any(|(_, names)| names.iter().any(|known| known == name)));
    let here = found.iter().any(|(schema, _)| schema == first);
    match found.iter().find(|(_, names)| has_all(names)) {
        Some((schema, _)) if !here => Ok(schema.clone()),
        _ if anywhere && !planned.is_empty() => Err(scattered_tables_error(&found)),
        _ => Ok(first.to_owned()),
    }
}

fn scattered_tables_error(tables_by_schema: &[(String, Vec<String>)]) -> Error {
    let text = "the tables are in several schemas of the search path:";
    let line = |(schema, names): &(String, Vec<String>)| {
        format!("{}: {}", super::quote_if_needed(schema), names.join(", "))
    };
    let mut finding = Finding::without_rows(Id::P4, Severity::Error, text);
    finding.details = tables_by_schema.iter().map(line).collect();
    finding.hints = Hints::from([
        "name the schema in the URL: `?search_path=NAME`",
        "if tables have schemas of their own, write `schema = \"NAME\"` into their files",
    ]);
    Error { exit: Exit::Target, faults: vec![finding.to_fault()] }
}

/// The planned tables as the catalog describes them, unless one of them is missing. The caller's
/// transaction goes on with its own search path.
///
/// # Errors
/// The server's.
pub fn survey_tables(
    client: &mut impl GenericClient,
    schemas: &TableSchemas,
    planned: &[&str],
) -> Result<Option<Survey>, postgres::Error> {
    const PATH: &str = "SELECT pg_catalog.set_config('search_path', $1, true)";
    let path: String =
        client.query_one_directly("SELECT pg_catalog.current_setting('search_path')", &[])?.get(0);
    // So that every name in a definition comes with its schema.
    client.query_one_directly(PATH, &[&""])?;
    let planned: Vec<_> = planned.iter().map(|table| schemas.qualified_name(table)).collect();
    let survey = catalog::read_survey(client, &planned)?;
    client.query_one_directly(PATH, &[&path])?;
    Ok(survey)
}

/// The rows of the tables that have some.
///
/// # Errors
/// The server's.
pub fn count_rows(
    client: &mut impl GenericClient,
    survey: &Survey,
) -> Result<Vec<(String, u64)>, postgres::Error> {
    let readable = survey.relations.iter().filter(|relation| relation.is_readable());
    let readable: Vec<_> = readable.collect();
    let names: Vec<String> = readable.iter().map(|relation| relation.qualified_name()).collect();
    let counts = super::tables::count_rows_of_tables(client, &names)?;
    let rows = readable.iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(rows.map(|(relation, count)| (relation.name.clone(), count.unsigned_abs())).collect())
}

/// Tables of a schema beside the `known` ones that were loaded before: they have rows, and
/// somebody has analyzed them, as this program does. The statistics say so, and nothing is locked
/// for it. Tables that a library keeps for one database alone say nothing about where rows come
/// from.
///
/// # Errors
/// The server's.
pub fn find_other_loaded_tables(
    client: &mut impl GenericClient,
    schema: &str,
    known: &[&str],
) -> Result<Vec<String>, postgres::Error> {
    let mut others = Vec::new();
    for row in client.query_directly(OTHERS, &[&schema, &known])? {
        let (name, columns): (String, Vec<String>) = (row.get(0), row.get(1));
        if !crate::libraries::is_specific_to_database(&name, |column| {
            columns.iter().any(|has| has == column)
        }) {
            others.push(name);
        }
    }
    Ok(others)
}

/// Takes the locks of a load, as the transaction has begun, and has rules speak at once.
///
/// # Errors
/// The server's.
pub fn lock_for_load(
    client: &mut Client,
    existing: &ExistingTables,
) -> Result<(), postgres::Error> {
    // What is kept and deferred would otherwise speak at COMMIT, when no row can be named.
    let statements = [
        suspend::lock_tables_statement(&existing.survey),
        "SET CONSTRAINTS ALL IMMEDIATE".to_owned(),
    ];
    client.batch_execute(&statements.join("; "))
}

/// With the locks held: makes sure that nothing has changed since it was checked, and lets
/// sequences of columns that are not copied start in this transaction, so that a rollback takes
/// their steps back, too.
///
/// # Errors
/// When something was changed meanwhile, and the server's.
pub fn recheck_under_locks(client: &mut Client, existing: &ExistingTables) -> Result<()> {
    let fail = |error| super::server_error("checking the tables again", &error);
    let survey = &existing.survey;
    let planned: Vec<&str> =
        survey.relations.iter().map(|relation| relation.name.as_str()).collect();
    let now = self::survey_tables(client, &existing.schemas, &planned).map_err(fail)?;
    let sequences =
        sequences::read_survey(client, &existing.schemas, &existing.named).map_err(fail)?;
    let same = now.as_ref() == Some(survey) && sequences == existing.sequences;
    if !same || count_rows(client, survey).map_err(fail)? != existing.rows {
        return Err(Error::new(
            Exit::Target,
            format!("the tables of {} were changed while this run was waiting", existing.database),
            "stop other programs that use the database, and run the command again",
        ));
    }
    if !existing.fired.is_empty() {
        // Whatever sequence a trigger may ask.
        return tie_sequences_to_transaction(client, &existing.sequences);
    }
    let loaded = |table: &str| planned.contains(&table);
    for tie in existing.sequences.ties.iter().filter(|tie| tie.acts && loaded(&tie.table)) {
        let copied = existing
            .copied
            .iter()
            .any(|(table, column)| *table == tie.table && Some(column) == tie.column.as_ref());
        let sequence = existing.sequences.sequences.iter().find(|s| s.oid == tie.sequence);
        if let Some(sequence) = sequence.filter(|_| !copied) {
            hold_sequence(client, sequence).map_err(fail)?;
        }
    }
    Ok(())
}

/// Lets every sequence start in this transaction, so that a rollback takes all their steps back.
///
/// # Errors
/// The server's.
pub fn tie_sequences_to_transaction(client: &mut Client, survey: &sequences::Survey) -> Result<()> {
    let fail = |error| super::server_error("locking sequences", &error);
    survey.sequences.iter().try_for_each(|sequence| hold_sequence(client, sequence).map_err(fail))
}

/// `nextval` is not rolled back, unless the sequence was restarted in the same transaction.
fn hold_sequence(client: &mut Client, sequence: &Sequence) -> Result<(), postgres::Error> {
    let name = model::sql::qualified_name(&sequence.schema, &sequence.name);
    let state = format!(
        "SELECT last_value, is_called, s.seqincrement FROM {name}, pg_catalog.pg_sequence s \
         WHERE s.seqrelid = $1"
    );
    let state = client.query_one_directly(&state, &[&sequence.oid])?;
    let (last, called, increment): (i64, bool, i64) = (state.get(0), state.get(1), state.get(2));
    let next = if called { last.saturating_add(increment) } else { last };
    client.batch_execute(&model::sql::restart_sequence(&name, next))
}

/// Tables beside the planned ones that have rows and were analyzed by a command, with their
/// columns.
const OTHERS: &str = "\
SELECT c.relname::text, array_agg(a.attname::text)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relkind = 'r' AND NOT c.relispartition
  AND c.relname::text <> ALL ($2)
  AND c.reltuples > 0 AND pg_catalog.pg_stat_get_last_analyze_time(c.oid) IS NOT NULL
GROUP BY c.relname ORDER BY 1";

/// The planned tables in each schema of the search path.
const VISIBLE: &str = "\
SELECT n.nspname::text, array_agg(c.relname::text ORDER BY c.relname)
FROM unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (name, place)
JOIN pg_catalog.pg_namespace n ON n.nspname = p.name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
WHERE c.relname::text = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
GROUP BY 1 ORDER BY min(p.place)";
