//! Sequences in a run: what is to be decided about them before anything is written, and what a
//! sequence that is behind its column means.

use model::Table;
use postgres::Client;

use super::targets::Target;
use super::verification::Compared;
use crate::check::undecided::schema_file;
use crate::diagnostic::{BUG_HINT, Error, Fault, Finding, Hint, Hints, Id, Result, Severity};
use crate::plan::{Copy, PlannedDatabase, SequencePlan};
use crate::postgres::facts::hints_to_act_as;
use crate::postgres::sequences::{self, Survey, Tie, judge};
use crate::postgres::{quote_if_needed, server_error};
use crate::verify::sequences::{self as verify, Fed, TooLowSequence};

/// The sequences that the database's schema files name.
pub fn named_sequences(database: &PlannedDatabase) -> Vec<&'static str> {
    database.version.sequences.iter().map(|line| line.name).collect()
}

/// What is to be decided about sequences, and what should be known.
pub fn find_sequence_findings(
    target: &Target,
    planned: &PlannedDatabase,
    survey: &Survey,
) -> Vec<Finding> {
    let tables = planned.tables.iter().map(|planned| &planned.shape.table);
    let tables: Vec<judge::Table> = tables.map(judge::Table::from).collect();
    let (database, user) = (&planned.name, &target.facts.user);
    let lines = planned.version.sequences;
    let file = schema_file(planned.version, "database");
    let asked = judge::Asked { database, user, tables: &tables, lines, file: &file };
    judge::find_sequence_findings(survey, asked)
}

/// Sequences that triggers or statements of the schema files could ask, and whose steps a rollback
/// would not take back, because they are another role's.
pub fn find_sequences_not_held(
    target: &Target,
    planned: &PlannedDatabase,
    survey: &Survey,
) -> Vec<Finding> {
    let version = planned.version;
    let fires = version.tables().any(|table| !table.fire_triggers.is_empty());
    if !fires && version.after_load.is_empty() {
        return Vec::new();
    }
    let not_owned = survey.sequences.iter().filter(|sequence| !sequence.has_owner_rights);
    let finding = |sequence: &sequences::Sequence| {
        let name = model::sql::qualified_name(&sequence.schema, &sequence.name);
        let (owner, user) = (quote_if_needed(&sequence.owner), &target.facts.user);
        let what = format!(
            "sequence {name} belongs to {owner}: triggers in `fire_triggers` and statements in \
             `after_load` may advance it, which a rollback does not undo"
        );
        let mut finding = Finding::without_rows(Id::P2, Severity::Error, what);
        finding.database.clone_from(&planned.name);
        finding.hints = hints_to_act_as(&owner, &quote_if_needed(user));
        finding
    };
    not_owned.map(finding).collect()
}

/// The sequences of a target that would give values that are taken.
///
/// # Errors
/// The server's.
pub fn find_too_low_sequences(client: &mut Client, compared: Compared<'_>) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for planned in &compared.part.sequences {
        let fail = |error| server_error("reading sequences", &error);
        let own = compared.part.copies_of(planned.database_id);
        let tables: Vec<&'static Table> = own.map(Copy::table).collect();
        let names = planned.stated_sequence_names();
        let survey = sequences::read_survey(client, &planned.schemas, &names).map_err(fail)?;
        let mut fed = Vec::new();
        for tie in &survey.ties {
            fed.extend(fed_column(&survey, tie)?);
        }
        let too_low = verify::find_too_low_sequences(
            client,
            &planned.schemas.usual,
            &tables,
            &fed,
            planned.stated_sequences(),
        );
        let too_low = too_low.map_err(fail)?;
        faults.extend(
            too_low
                .iter()
                .map(|too_low| too_low_sequence_fault(planned, too_low, compared.is_loaded())),
        );
    }
    Ok(faults)
}

/// What texts of the application say of a column's sequence, which the catalog does not.
fn fed_column(survey: &Survey, tie: &Tie) -> Result<Option<Fed>> {
    let sequence = survey.sequences.iter().find(|sequence| sequence.oid == tie.sequence);
    let sequence = sequence.ok_or_else(|| Error::internal("a column's sequence was not read"))?;
    let (Some(column), Some(around)) = (tie.column.clone(), tie.around.clone()) else {
        return Ok(None);
    };
    let (table, sequence) = (tie.table.clone(), (sequence.schema.clone(), sequence.name.clone()));
    Ok(Some(Fed { table, column, sequence, around }))
}

fn too_low_sequence_fault(planned: &SequencePlan, too_low: &TooLowSequence, loaded: bool) -> Fault {
    let TooLowSequence { table, column, sequence, next, wanted } = too_low;
    let text = match (table.is_empty(), wanted) {
        (true, Some(wanted)) => format!(
            "{}: sequence {sequence} gives {next} next, but database.toml has {wanted}",
            planned.database
        ),
        _ => format!(
            "{}.{table}.{column}: sequence {sequence} gives {next} next, which a value of the \
             column has already reached",
            planned.database
        ),
    };
    let restart =
        |statement: String| Hints::from(Hint::with_line("restart the sequence:", statement));
    let hints = match (loaded, wanted) {
        (true, _) => BUG_HINT.into(),
        (false, Some(wanted)) => {
            restart(format!("{};", model::sql::restart_sequence(sequence, wanted)))
        }
        (false, None) => restart(format!("ALTER SEQUENCE {sequence} RESTART WITH FREE_VALUE;")),
    };
    Fault::new(text, hints).with_id(Id::Q16)
}
