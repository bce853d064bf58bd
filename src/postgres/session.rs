//! What a loading transaction needs of its session: no time limits, locks with an end, and the
//! certainty that no other migration runs into the same schema.
//!
//! Everything here holds for one transaction (`SET LOCAL`, transaction locks), so it is right
//! behind a pooler too and leaves nothing behind.

use std::sync::mpsc;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, GenericClient};
use sha2::{Digest, Sha256};

use super::facts::{Session, session_of_row};
use super::failure::unanswered_query_error;
use super::watcher::Watcher;
use crate::diagnostic::{Error, Exit, Fault, Hint, Hints, Id, Result};
use crate::postgres::direct::DirectQueries;
use crate::threads::spawn_in_scope;

/// Takes every time limit off the transaction, gives locks one of `lock_timeout`, and looks
/// whether the server did so.
///
/// # Errors
/// With [`Exit::Target`], when the server refuses a setting, or reports another value afterwards.
pub fn lift_limits(transaction: &mut impl GenericClient, lock_timeout: Duration) -> Result<()> {
    let lock_timeout = lock_timeout.as_millis().clamp(1, i32::MAX as u128).to_string();
    let limits = [
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        // From PostgreSQL 17 on.
        ("transaction_timeout", "0"),
        ("lock_timeout", &*lock_timeout),
    ];
    let names: Vec<&str> = limits.iter().map(|(name, _)| *name).collect();
    let values: Vec<&str> = limits.iter().map(|(_, value)| *value).collect();
    transaction
        .query_directly(SET_LIMITS, &[&names, &values])
        .map_err(|error| unanswered_query_error(SET_LIMITS, &error))?;
    let rows = transaction
        .query_directly(READ_LIMITS, &[&names])
        .map_err(|error| unanswered_query_error(READ_LIMITS, &error))?;
    for row in rows {
        let (name, got): (&str, &str) = (row.get(0), row.get(1));
        let wanted = limits.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != got) {
            let text = format!("{name} is still {got} ms after it was set to {wanted} ms");
            let hint = "connect to the server directly: a proxy or pooler changes settings";
            let fault = Fault::new(text, hint).with_id(Id::P5);
            return Err(Error { exit: Exit::Target, faults: vec![fault] });
        }
    }
    Ok(())
}

/// Sets the limits that the server has, in milliseconds, until the transaction ends.
const SET_LIMITS: &str = "\
SELECT pg_catalog.set_config(w.name, w.value, true) FROM unnest($1, $2) AS w (name, value)
WHERE pg_catalog.current_setting(w.name, true) IS NOT NULL";

/// Not in the same statement: it would read them before they are all set.
const READ_LIMITS: &str = "\
SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1)";

/// The key of the lock that keeps two migrations into one schema apart.
pub fn schema_lock_key(database: &str, schema: &str) -> i64 {
    let mut hash = Sha256::new();
    for part in ["connect-migrate", database, schema] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// Takes the lock that keeps two migrations into one schema apart, until the transaction ends.
/// Whether another session has it is reported to `waiting`; then the transaction's `lock_timeout`
/// is how long it is waited for: a server may need a moment to see that a killed client is gone.
/// Returns whether it had to wait.
///
/// # Errors
/// With [`Exit::Target`], when another session keeps it: the fault names that session.
pub fn lock_schema(
    transaction: &mut impl GenericClient,
    database: &str,
    schema: &str,
    waiting: &mut dyn FnMut(&str),
) -> Result<bool> {
    let key = schema_lock_key(database, schema);
    let lock = "SELECT pg_try_advisory_xact_lock($1)";
    let row = transaction
        .query_one_directly(lock, &[&key])
        .map_err(|error| unanswered_query_error(lock, &error))?;
    if row.get(0) {
        return Ok(false);
    }
    let rows = transaction
        .query_directly(HOLDERS, &[&key])
        .map_err(|error| unanswered_query_error(HOLDERS, &error))?;
    let holders: Vec<_> = rows.iter().map(session_of_row).collect();
    let text = format!("another migration into schema {schema:?} is running");
    report_waiting(&text, &holders, waiting);
    let wait = "SELECT pg_advisory_xact_lock($1)";
    match transaction.execute(wait, &[&key]) {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            Err(lock_held_error(&text, &holders))
        }
        Err(error) => Err(unanswered_query_error(wait, &error)),
    }
}

/// A 64-bit key stands in `pg_locks` as two halves.
const HOLDERS: &str = "
SELECT a.pid, a.usename::text, a.application_name, host(a.client_addr), a.state
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
   AND (l.classid::int8 << 32) | l.objid::int8 = $1";

const BLOCKERS: &str = "
SELECT a.pid, a.usename::text, a.application_name, host(a.client_addr), a.state
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid = ANY (pg_blocking_pids($1))
 ORDER BY a.pid";

/// The sessions that `pid` is waiting for.
///
/// # Errors
/// When the connection fails.
pub fn blocking_sessions(watcher: &mut Client, pid: i32) -> Result<Vec<Session>, postgres::Error> {
    Ok(watcher.query_directly(BLOCKERS, &[&pid])?.iter().map(session_of_row).collect())
}

/// How often a waiting statement is asked whom it waits for.
const WATCH: Duration = Duration::from_millis(250);

/// Runs `work`, statements of session `pid`, while `watcher` (another connection) notes which
/// sessions they wait for; those are reported to `waiting`, once.
///
/// # Errors
/// With [`Exit::Target`] and the blocking sessions' names when a lock did not become free within
/// `lock_timeout` (SQLSTATE 55P03); other failures of `work` by `otherwise`.
pub fn run_watched<T>(
    watcher: &Watcher,
    pid: i32,
    waiting: &mut (dyn FnMut(&str) + Send),
    work: impl FnOnce() -> Result<T, postgres::Error>,
    otherwise: impl FnOnce(postgres::Error) -> Error,
) -> Result<T> {
    let mut seen = Vec::new();
    let mut watch = |watcher: &mut Client| match blocking_sessions(watcher, pid) {
        Ok(now) if !now.is_empty() => {
            if seen.is_empty() {
                report_waiting(LOCKED, &now, waiting);
            }
            seen = now;
            true
        }
        Ok(_) => true,
        Err(_) => false,
    };
    let result = run_observed(watcher, &mut watch, work);
    result.map_err(|error| match error.code() {
        Some(state) if *state == SqlState::LOCK_NOT_AVAILABLE => blocked_lock_error(&seen),
        _ => otherwise(error),
    })
}

/// Runs `work`, while another thread has `observe` ask `watcher` every quarter of a second, until
/// that says `false`.
pub fn run_observed<T>(
    watcher: &Watcher,
    observe: &mut (dyn FnMut(&mut Client) -> bool + Send),
    work: impl FnOnce() -> T,
) -> T {
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // Without a thread for it, the work is done and nothing is shown meanwhile.
        let watch = spawn_in_scope(scope, move || {
            while is_done.recv_timeout(WATCH) == Err(mpsc::RecvTimeoutError::Timeout)
                && watcher.ask(&mut *observe)
            {}
        });
        let result = work();
        drop(done);
        let _ = watch.map(|watch| watch.join());
        result
    })
}

/// The error of a lock that did not become free.
fn blocked_lock_error(sessions: &[Session]) -> Error {
    lock_held_error(LOCKED, sessions)
}

const LOCKED: &str = "a table is locked by another session";

fn lock_held_error(text: &str, sessions: &[Session]) -> Error {
    let details = sessions.iter().map(Session::to_string).collect();
    let fault = Fault::new(text, hint_to_end_sessions(sessions)).with_details(details);
    let fault = fault.with_id(Id::P15);
    Error { exit: Exit::Target, faults: vec![fault] }
}

/// Says what is waited for: a line, and one for each session.
fn report_waiting(text: &str, sessions: &[Session], waiting: &mut dyn FnMut(&str)) {
    waiting(&format!("waiting: {text}"));
    sessions.iter().for_each(|session| waiting(&format!("  {session}")));
}

fn hint_to_end_sessions(sessions: &[Session]) -> Hints {
    let end = |session: &Session| format!("SELECT pg_terminate_backend({});", session.pid);
    let statements = sessions.iter().map(end).collect();
    match sessions {
        [] => "stop other programs that use the database, and run the command again".into(),
        _ => Hints::from("wait until it is done, and run the command again")
            .and(Hint::with_lines("end it in PostgreSQL:", statements)),
    }
}
