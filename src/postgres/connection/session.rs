//! The settings on which our statements and answers depend, the same in every session of ours,
//! whatever role, database, server and URL say.
//!
//! They are sent twice. As options of the start-up packet they hold before the first statement,
//! which a role's `statement_timeout` could otherwise end; a connection pooler may refuse or drop
//! such options, so that they are set once more by the first statement, and read back.

use postgres::Client;
use postgres::error::SqlState;

use super::guard::Violation;
use crate::diagnostic::server_text::ServerText;
use crate::diagnostic::{Hint, Hints, Id};
use crate::postgres::direct::DirectQueries;
use crate::postgres::is_connection_lost;

/// A setting and its value, as `pg_settings` shows it.
type Setting = (&'static str, &'static str);

/// Settings that every supported server has and every role may make.
const SETTINGS: &[Setting] = &[
    // How values are written in texts: definitions and what `::text` says.
    ("client_encoding", "UTF8"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "3"),
    ("bytea_output", "hex"),
    ("quote_all_identifiers", "off"),
    // How our statements, and the definitions in them, are read.
    ("standard_conforming_strings", "on"),
    ("backslash_quote", "safe_encoding"),
    ("transform_null_equals", "off"),
    ("array_nulls", "on"),
    ("xmloption", "content"),
    // What a transaction is. One that only reads is what somebody has chosen, and a finding.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_deferrable", "off"),
    // No limits that were made for an application's questions. A lock has its own, in milliseconds.
    ("statement_timeout", "0"),
    ("lock_timeout", "30000"),
    ("idle_in_transaction_session_timeout", "0"),
    // Nobody reads notices here, and a function of the database can raise one for each row.
    ("client_min_messages", "error"),
];

/// Limits that only newer servers know: the first version with each (as `server_version_num`).
const NEWER: &[(i32, Setting)] =
    &[(140_000, ("idle_session_timeout", "0")), (170_000, ("transaction_timeout", "0"))];

/// A server that has it (PostgreSQL 14, on Linux) notices while a statement runs that we are gone,
/// and lets go of our locks.
const CHECK_CLIENT: &str = "SET client_connection_check_interval = '10s'";

/// A server that is asked to notices a client that is gone while it waits, and lets go of our
/// locks. Over TCP alone, and not read back: behind a pooler it holds between the two of us, and
/// some systems do not have all of it.
const WATCH_CLIENT: &[&str] = &[
    "SET tcp_keepalives_idle = '60s'",
    "SET tcp_keepalives_interval = '10s'",
    "SET tcp_keepalives_count = 6",
    "SET tcp_user_timeout = '10min'",
];

/// Why a session cannot be used.
pub(super) struct Refused {
    /// The finding that it is.
    pub id: Id,
    /// What was refused, or what did not come out as set.
    pub what: String,
    /// What to do about it.
    pub hints: Hints,
    /// What the server said about it.
    pub server: Option<ServerText>,
}

/// The settings as options of the start-up packet, to follow those of the URL. The driver names
/// the encoding itself.
pub(super) fn startup_options() -> String {
    let options = SETTINGS.iter().filter(|(name, _)| *name != "client_encoding");
    let options = options.map(|(name, value)| format!("-c {name}={}", value.replace(' ', "\\ ")));
    options.collect::<Vec<_>>().join(" ")
}

/// Whether a server, or a pooler before it, ended a connection because of options: a pooler calls
/// them unsupported (08P01), a server may forbid or lack one.
pub(super) fn refuses_options(state: &SqlState) -> bool {
    [
        SqlState::PROTOCOL_VIOLATION,
        SqlState::UNDEFINED_OBJECT,
        SqlState::INVALID_PARAMETER_VALUE,
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::FEATURE_NOT_SUPPORTED,
        SqlState::CANT_CHANGE_RUNTIME_PARAM,
    ]
    .contains(state)
}

/// Makes all settings by the session's first statements, and reads them back.
pub(super) fn apply_session_settings(client: &mut Client, is_socket: bool) -> Result<(), Refused> {
    let all: Vec<String> = SETTINGS.iter().map(set_statement).collect();
    if let Err(error) = client.batch_execute(&all.join("; ")) {
        if is_connection_lost(&error) {
            return Err(describe_lost(&error));
        }
        // Once more, one by one: which of them it was stands in the message.
        for statement in &all {
            run_setting(client, statement)?;
        }
    }
    let number = "SELECT pg_catalog.current_setting('server_version_num')::int4";
    let row = unless_refused(client.query_one_directly(number, &[]))?;
    let version: i32 = row.map_or(0, |row| row.get(0));
    for (_, setting) in NEWER.iter().filter(|(from, _)| *from <= version) {
        run_setting(client, &set_statement(setting))?;
    }
    require_triggers_enabled(client)?;
    // A commit that is not on disk when it is answered would be no end of a migration.
    unless_refused(client.batch_execute(DURABLE))?;
    // Nothing but speed depends on it.
    unless_refused(client.batch_execute(FAST_SESSION))?;
    // Older servers and other systems do not have it; nothing depends on it.
    unless_refused(client.batch_execute(CHECK_CLIENT))?;
    for statement in WATCH_CLIENT.iter().filter(|_| !is_socket) {
        unless_refused(client.batch_execute(statement))?;
    }
    check_settings_hold(client)
}

fn set_statement((name, value): &Setting) -> String {
    format!("SET {name} = '{value}'")
}

/// What a statement came to that a server may refuse; nothing where it did. That the connection was
/// lost is an error of any statement.
fn unless_refused<T>(answer: Result<T, postgres::Error>) -> Result<Option<T>, Refused> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_connection_lost(&error) => Err(describe_lost(&error)),
        Err(_) => Ok(None),
    }
}

fn run_setting(client: &mut Client, statement: &str) -> Result<(), Refused> {
    client.batch_execute(statement).map_err(|error| match is_connection_lost(&error) {
        true => describe_lost(&error),
        false => Refused {
            id: Id::P17,
            what: format!("refused {statement}: {}", crate::postgres::describe_error(&error)),
            hints: "name the host and the port of a PostgreSQL server in the URL".into(),
            server: error.as_db_error().map(ServerText::from_error),
        },
    })
}

/// A session that ended before it was set up.
fn describe_lost(error: &postgres::Error) -> Refused {
    let violation = Violation::find_in(error);
    let id = match violation {
        Some(Violation::Silence(_) | Violation::Unanswered(_)) | None => Id::P10,
        Some(_) => Id::P17,
    };
    let usual = || {
        Hints::from([
            "check that the server is not overloaded or stopped; its log says why",
            "run the command again",
        ])
    };
    Refused {
        id,
        what: format!("did not set up the session: {}", crate::postgres::describe_error(error)),
        hints: violation.map_or_else(usual, Violation::hints),
        server: error.as_db_error().map(ServerText::from_error),
    }
}

/// `replica` switches triggers and foreign keys off; only a superuser can have set it.
fn require_triggers_enabled(client: &mut Client) -> Result<(), Refused> {
    let replica = "SELECT pg_catalog.current_setting('session_replication_role') <> 'origin'";
    let is_replica = unless_refused(client.query_one_directly(replica, &[]))?;
    match is_replica.map(|row| row.get(0)) {
        Some(true) => {
            let reset = run_setting(client, "SET session_replication_role = 'origin'");
            reset.map_err(|refused| {
                let reset = Hint::with_line(
                    "reset it, as a superuser, for the role, the database or the server, as in:",
                    "ALTER ROLE … RESET session_replication_role;",
                );
                Refused { hints: reset.into(), ..refused }
            })
        }
        _ => Ok(()),
    }
}

/// Memory for building one key or index, all processes that do so together: whole tables are
/// sorted. Who has chosen more has it. And no query is compiled: questions to the catalog about
/// many tables are estimated to be so costly that compiling them takes longer than answering them.
const FAST_SESSION: &str = "\
SELECT pg_catalog.set_config('maintenance_work_mem', '256MB', false)
WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) < 268435456;
SELECT pg_catalog.set_config('jit', 'off', false)
WHERE pg_catalog.current_setting('jit', true) IS NOT NULL";

/// Every other value than `off` was chosen with more in mind.
const DURABLE: &str = "\
SELECT pg_catalog.set_config('synchronous_commit', 'local', false)
WHERE pg_catalog.current_setting('synchronous_commit') = 'off'";

const SETTINGS_NOW: &str = "\
SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1)";

/// Makes sure that what was set holds.
fn check_settings_hold(client: &mut Client) -> Result<(), Refused> {
    let names: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
    // Servers that are only like PostgreSQL may lack the view; what they are is found out later.
    let rows = unless_refused(client.query_directly(SETTINGS_NOW, &[&names]))?;
    for row in rows.unwrap_or_default() {
        let (name, now): (String, String) = (row.get(0), row.get(1));
        let wanted = SETTINGS.iter().find(|(known, _)| *known == name);
        if let Some((_, value)) = wanted.filter(|(_, value)| *value != now) {
            return Err(Refused {
                id: Id::P5,
                what: format!("keeps {name} at {now} after it was set to {value}"),
                hints: "connect to the server directly: a proxy or pooler changes settings".into(),
                server: None,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::startup_options;

    #[test]
    fn blanks_in_values_are_escaped_in_options() {
        let options = startup_options();
        assert!(options.contains("-c DateStyle=ISO,\\ MDY -c IntervalStyle=postgres"), "{options}");
        assert!(!options.contains("client_encoding"), "{options}");
    }
}
