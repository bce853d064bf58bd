//! Statements of `database.toml` that run after a load was verified, in its transaction.

use postgres::Client;

use crate::diagnostic::Result;
use crate::plan::SequencePlan;
use crate::postgres::existing::tie_sequences_to_transaction;
use crate::postgres::{sequences, server_error};

/// Runs the statements of a database, and returns how many.
///
/// # Errors
/// The server's.
pub fn run_statements(client: &mut Client, planned: &SequencePlan) -> Result<u64> {
    let statements = planned.version.after_load;
    if statements.is_empty() {
        return Ok(0);
    }
    let survey = sequences::read_survey(client, &planned.schemas, &planned.stated_sequence_names())
        .map_err(|error| server_error("reading the sequences of the schema", &error))?;
    tie_sequences_to_transaction(client, &survey)?;
    for (index, statement) in statements.iter().enumerate() {
        let what = format!("{}: statement {} of `after_load`", planned.database, index + 1);
        // A statement that is prepared is one alone.
        client.execute(statement.sql, &[]).map_err(|error| server_error(&what, &error))?;
    }
    // Constraints that could wait would otherwise speak at COMMIT.
    let now = "SET CONSTRAINTS ALL IMMEDIATE";
    client.batch_execute(now).map_err(|error| server_error("`after_load`", &error))?;
    Ok(statements.len() as u64)
}
