//! Whether a connection pooler deals out server sessions one transaction at a time (hazard P5).
//!
//! Two client connections of ours are put so that a pooler gives itself away: while the first is
//! idle between transactions the second opens one. Without a pooler, and with one that deals out
//! whole sessions, each keeps its own server process; PgBouncer in transaction mode gives the
//! second the process that the first has just let go of, and then gives the first another.
//!
//! **What this cannot decide:** a pooler that has idle server processes and picks among them at
//! random may look innocent for all rounds. Loading stays right even then, because it happens in
//! one transaction, with `SET LOCAL` and transaction locks only.

use postgres::Client;

use crate::diagnostic::{Fault, Id, Result};

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Every connection kept a server process of its own.
    NotDetected,
    /// Two connections shared a process, or one changed its process.
    Transaction,
}

/// How often the two connections are compared.
const ROUNDS: usize = 4;

/// Compares two connections to the same address.
///
/// # Errors
/// With [`Exit::Target`], when a connection fails.
pub fn detect_pooling(first: &mut Client, second: &mut Client) -> Result<Pooling> {
    let mut seen = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        seen.push(
            observe_round(first, second)
                .map_err(|error| super::failure::unanswered_query_error(PID, &error))?,
        );
    }
    Ok(judge_rounds(&seen))
}

const PID: &str = "SELECT pg_backend_pid()::text";

/// The process of the first connection, of the second while it holds a transaction open, and of
/// the first meanwhile.
fn observe_round(first: &mut Client, second: &mut Client) -> Result<[String; 3], postgres::Error> {
    let idle = backend_pid(first)?;
    second.batch_execute("BEGIN")?;
    let busy = backend_pid(second);
    let meanwhile = backend_pid(first);
    second.batch_execute("ROLLBACK")?;
    Ok([idle, busy?, meanwhile?])
}

/// By the simple protocol: prepared statements are what such a pooler breaks.
fn backend_pid(client: &mut Client) -> Result<String, postgres::Error> {
    let messages = client.simple_query(PID)?;
    let value = messages.iter().find_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(value.unwrap_or_default().to_string())
}

/// Each connection must have kept one process throughout, and not the other's.
fn judge_rounds(rounds: &[[String; 3]]) -> Pooling {
    let mut firsts = rounds.iter().flat_map(|[idle, _, meanwhile]| [idle, meanwhile]);
    let mut seconds = rounds.iter().map(|[_, busy, _]| busy);
    let first = firsts.next();
    let second = seconds.next();
    let steady = firsts.all(|pid| Some(pid) == first) && seconds.all(|pid| Some(pid) == second);
    if steady && first != second { Pooling::NotDetected } else { Pooling::Transaction }
}

/// The fault of a pooler in transaction mode.
pub fn transaction_pooler_fault() -> Fault {
    Fault::new(
        "a connection pooler in transaction mode is between this program and the server",
        [
            "name the host and the port of the PostgreSQL server itself in the URL",
            "name the pooler's port for session mode in the URL",
        ],
    )
    .with_id(Id::P5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_rounds(pids: &[[&str; 3]]) -> Vec<[String; 3]> {
        pids.iter().map(|round| round.map(String::from)).collect()
    }

    #[test]
    fn judges_by_processes() {
        let direct = to_rounds(&[["1", "2", "1"], ["1", "2", "1"]]);
        assert_eq!(judge_rounds(&direct), Pooling::NotDetected);
        for pooled in [
            to_rounds(&[["1", "1", "2"], ["2", "2", "1"]]),
            to_rounds(&[["1", "2", "1"], ["1", "1", "2"]]),
            to_rounds(&[["1", "2", "1"], ["1", "3", "1"]]),
            to_rounds(&[["1", "2", "3"]]),
        ] {
            assert_eq!(judge_rounds(&pooled), Pooling::Transaction, "{pooled:?}");
        }
    }
}
