//! Sequences in a run: what is to be decided about them before anything is written, and what a
//! sequence that is behind its column means.

use model::Table;
use postgres::Client;

use super::targets::Target;
use crate::diagnostic::{Fault, Finding, Id, Result};
use crate::plan::{Copy, Counted, Input, TargetPlan};
use crate::postgres::sequences::{self, Survey, Tie, judge};
use crate::postgres::server_error;
use crate::verify::sequences::{self as verify, Behind, Fed};

/// The sequences that the database's schema files name.
pub fn named(input: &Input) -> Vec<&'static str> {
    input.version.sequences.iter().map(|line| line.name).collect()
}

/// What is to be decided about sequences, and what should be known.
pub fn find(target: &Target, input: &Input, survey: &Survey) -> Vec<Finding> {
    let tables = input.tables.iter().map(|planned| &planned.shape.table);
    let tables: Vec<judge::Table> = tables.map(judge::Table::from).collect();
    let (database, user) = (&input.database, &target.facts.user);
    let asked = judge::Asked { database, user, tables: &tables, lines: input.version.sequences };
    judge::find(survey, asked)
}

/// The sequences of a target that would give values that are taken; with what is to be compared
/// stands whether this run has loaded it.
pub fn behind(client: &mut Client, (todo, loaded): (&TargetPlan, bool)) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for counted in &todo.counted {
        let fail = |error| server_error("reading sequences", &error);
        let own = todo.copies.iter().filter(|copy| copy.input == counted.input);
        let tables: Vec<&'static Table> = own.map(Copy::table).collect();
        let schema = &counted.schema;
        let survey = sequences::read(client, schema, &counted.named()).map_err(fail)?;
        let told: Vec<Fed> = survey.ties.iter().filter_map(|tie| told(&survey, tie)).collect();
        let behind = verify::behind(client, schema, &tables, &told, counted.lines());
        let behind = behind.map_err(fail)?;
        faults.extend(behind.iter().map(|behind| fault(counted, behind, loaded)));
    }
    Ok(faults)
}

/// What texts of the application say, which the catalog does not.
fn told(survey: &Survey, tie: &Tie) -> Option<Fed> {
    let sequence = survey.sequences.iter().find(|sequence| sequence.oid == tie.sequence)?;
    Some(Fed {
        table: tie.table.clone(),
        column: tie.column.clone()?,
        sequence: (sequence.schema.clone(), sequence.name.clone()),
        around: tie.around.clone()?,
    })
}

fn fault(counted: &Counted, behind: &Behind, loaded: bool) -> Fault {
    let Behind { table, column, sequence, next, wanted } = behind;
    let text = match (table.is_empty(), wanted) {
        (true, Some(wanted)) => format!(
            "{}: sequence {sequence} gives {next} next, and database.toml has {wanted}",
            counted.database
        ),
        _ => format!(
            "{}.{table}.{column}: sequence {sequence} gives {next} next, and that is at or behind \
             a value of the column",
            counted.database
        ),
    };
    let hint = match (loaded, wanted) {
        (true, _) => {
            "this is a fault of this program: keep the report and tell its makers".to_owned()
        }
        (false, Some(wanted)) => format!("{};", model::sql::restart_sequence(sequence, wanted)),
        (false, None) => {
            format!("ALTER SEQUENCE {sequence} RESTART WITH the first value that is free;")
        }
    };
    Fault::new(text, hint).with_id(Id::Q16)
}
