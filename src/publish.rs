//! The only visible write: COMMIT, and what to think when its answer does not come.

use postgres::Client;

use crate::connection::{self, Address, Environment};
use crate::error::{Error, Exit, Result};
use crate::target;

/// What became of a COMMIT whose answer was lost.
enum Fate {
    Committed,
    Aborted,
    Unknown,
}

/// Commits the load.
///
/// # Errors
/// [`Exit::CommitUnknown`] when the answer was lost and the server could not be asked what
/// happened; otherwise the server's error, after which nothing has changed.
pub fn commit(client: &mut Client, address: &Address, environment: &Environment) -> Result<()> {
    let number = client
        .query_one("SELECT txid_current()", &[])
        .map_err(|error| target::error("before COMMIT", &error))?;
    let transaction: i64 = number.get(0);
    let Err(error) = client.batch_execute("COMMIT") else { return Ok(()) };
    if error.as_db_error().is_some() {
        return Err(target::error("COMMIT", &error));
    }
    match fate(address, environment, transaction) {
        Fate::Committed => Ok(()),
        Fate::Aborted => Err(target::error("COMMIT", &error)),
        Fate::Unknown => Err(Error::new(
            Exit::CommitUnknown,
            "the connection was lost during COMMIT; whether it took effect is not known",
            "when PostgreSQL answers again, run the same command with --verify: it says whether \
             the data is there",
        )),
    }
}

fn fate(address: &Address, environment: &Environment, transaction: i64) -> Fate {
    let Ok(mut connection) = connection::connect(address, environment) else {
        return Fate::Unknown;
    };
    let status = connection.client.query_one("SELECT txid_status($1)", &[&transaction]);
    match status.ok().and_then(|row| row.get::<_, Option<String>>(0)).as_deref() {
        Some("committed") => Fate::Committed,
        Some("aborted") => Fate::Aborted,
        _ => Fate::Unknown,
    }
}
