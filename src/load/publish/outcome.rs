//! What became of a COMMIT whose answer did not come.
//!
//! The number of a transaction alone says nothing: another server of the same URL, or a standby
//! that was promoted meanwhile, has transactions of the same number. So the server that answers
//! must be of the same history (`system_identifier`, timeline), and the loaded tables must be the
//! very relations that this run has filled (OID and file).

use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use postgres::Client;

use super::Pending;
use crate::event;
use crate::postgres::connection::{self, Connection, Host};
use crate::postgres::direct::DirectQueries;
use crate::postgres::is_connection_lost;
use crate::threads::spawn_thread;

/// How long the server is asked: it may be restarting, or still busy with the COMMIT.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(250);

/// What became of the transaction.
pub enum Outcome {
    /// It is committed.
    Committed,
    /// It is rolled back.
    RolledBack,
    /// It could not be found out, and why.
    Unknown(&'static str),
}

/// One answer of the server.
enum Answer {
    Final(Outcome),
    /// The transaction is not finished.
    InProgress,
}

/// A loaded table as the catalog knows it: name, OID, and the file that holds its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Relation {
    schema: String,
    name: String,
    oid: u32,
    file: Option<u32>,
}

/// By what the transaction and its server are recognized. Read inside the transaction.
#[derive(Clone, Debug)]
pub struct Identity {
    transaction: i64,
    backend: i32,
    server: Option<Server>,
    relations: Vec<Relation>,
}

/// A server's history: its cluster (`system_identifier`), and the timeline of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Server {
    system: i64,
    timeline: Option<String>,
}

impl Identity {
    /// Reads it in the transaction that is going to be committed.
    pub fn read_identity(
        client: &mut Client,
        tables: &[(String, String)],
    ) -> Result<Identity, postgres::Error> {
        let row = client.query_one_directly("SELECT txid_current(), pg_backend_pid()", &[])?;
        let relations = read_relations(client, tables)?;
        // Functions that a role may not call, or that a managed service does not have, must not
        // end the transaction.
        client.batch_execute("SAVEPOINT connect_migrate")?;
        let server = Server::read_server(client).ok();
        client.batch_execute(
            "ROLLBACK TO SAVEPOINT connect_migrate; RELEASE SAVEPOINT connect_migrate",
        )?;
        Ok(Identity { transaction: row.get(0), backend: row.get(1), server, relations })
    }

    /// `committed`, `aborted`, `in progress`, or nothing for a transaction too long ago.
    pub fn transaction_status(
        &self,
        client: &mut Client,
    ) -> Result<Option<String>, postgres::Error> {
        Ok(client.query_one_directly("SELECT txid_status($1)", &[&self.transaction])?.get(0))
    }

    /// Ends the session of the transaction if it waits for a statement: nobody will send one, and
    /// as long as it waits nobody knows the outcome. A COMMIT in work is not touched.
    fn end_waiting_session(&self, client: &mut Client) -> Result<(), postgres::Error> {
        let number = (self.transaction & 0xffff_ffff).to_string();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
                   WHERE pid = $1 AND backend_xid::text = $2 \
                     AND state IN ('idle in transaction', 'idle in transaction (aborted)')";
        client.query_directly(end, &[&self.backend, &number]).map(drop)
    }

    fn table_names(&self) -> Vec<(String, String)> {
        let name = |known: &Relation| (known.schema.clone(), known.name.clone());
        self.relations.iter().map(name).collect()
    }
}

impl Server {
    fn read_server(client: &mut Client) -> Result<Server, postgres::Error> {
        let system = "SELECT system_identifier FROM pg_catalog.pg_control_system()";
        let system = client.query_one_directly(system, &[])?.get(0);
        // A standby has no timeline of its own; the function refuses there.
        let timeline = "SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN \
                        left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) END";
        let timeline = client.query_one_directly(timeline, &[])?.get(0);
        Ok(Server { system, timeline })
    }
}

fn read_relations(
    client: &mut Client,
    tables: &[(String, String)],
) -> Result<Vec<Relation>, postgres::Error> {
    let (schemas, names): (Vec<&str>, Vec<&str>) =
        tables.iter().map(|(schema, name)| (schema.as_str(), name.as_str())).unzip();
    let query = "SELECT n.nspname::text, c.relname::text, c.oid, \
                        pg_catalog.pg_relation_filenode(c.oid)::oid \
                 FROM unnest($1::text[], $2::text[]) AS loaded (schema, name) \
                 JOIN pg_catalog.pg_namespace n ON n.nspname = loaded.schema \
                 JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = loaded.name \
                 ORDER BY 1, 2";
    let rows = client.query_directly(query, &[&schemas, &names])?;
    let relation = |row: &postgres::Row| Relation {
        schema: row.get(0),
        name: row.get(1),
        oid: row.get(2),
        file: row.get(3),
    };
    Ok(rows.iter().map(relation).collect())
}

/// Asks until the server says what became of the transaction, or patience ends.
pub fn find_outcome(client: &mut Client, pending: &Pending<'_>, identity: &Identity) -> Outcome {
    // A session that goes on after a refused COMMIT knows best.
    if !client.is_closed()
        && let Ok(Answer::Final(outcome)) =
            ask_for_outcome(client, pending.host, pending.host, identity)
    {
        return outcome;
    }
    let patience = event::test_limit("commit-wait").map_or(PATIENCE, Duration::from_millis);
    let deadline = Instant::now() + patience;
    let (send, receive) = mpsc::channel();
    let (address, environment) = (pending.address.clone(), pending.environment.clone());
    let (host, identity) = (pending.host.clone(), identity.clone());
    // On a thread of its own: a server that accepts a connection and then says nothing must not
    // keep the run for ever.
    let asking = spawn_thread(move || {
        let mut last = "PostgreSQL cannot be reached";
        while Instant::now() < deadline {
            if let Ok(mut reached) = connection::connect(&address, &environment) {
                match ask_once(&mut reached, &host, &identity, deadline) {
                    Some(Answer::Final(outcome)) => {
                        let _ = send.send(outcome);
                        return;
                    }
                    Some(Answer::InProgress) => last = "the transaction is still in progress",
                    None => last = "PostgreSQL does not answer",
                }
            }
            sleep(PAUSE);
        }
        let _ = send.send(Outcome::Unknown(last));
    });
    if asking.is_err() {
        return Outcome::Unknown("no thread could be started to ask PostgreSQL");
    }
    let silent = Outcome::Unknown("PostgreSQL does not answer");
    receive.recv_timeout(patience + Duration::from_secs(1)).unwrap_or(silent)
}

/// One question on a new connection; after half of the time a session that only waits is ended.
fn ask_once(
    reached: &mut Connection,
    host: &Host,
    identity: &Identity,
    deadline: Instant,
) -> Option<Answer> {
    let other = reached.host.clone();
    let answer = ask_for_outcome(&mut reached.client, host, &other, identity).ok()?;
    let late = deadline.saturating_duration_since(Instant::now()) < PATIENCE / 2;
    if matches!(answer, Answer::InProgress) && late {
        let _ = identity.end_waiting_session(&mut reached.client);
    }
    Some(answer)
}

/// What the server at the other end of `client` knows of the transaction. `old_host` is the host
/// that it was begun on, `new_host` the one that answers.
fn ask_for_outcome(
    client: &mut Client,
    old_host: &Host,
    new_host: &Host,
    identity: &Identity,
) -> Result<Answer, postgres::Error> {
    let server = match Server::read_server(client) {
        Ok(server) => Some(server),
        // Nothing is known of a server whose connection broke meanwhile.
        Err(error) if is_connection_lost(&error) => return Err(error),
        Err(_) => None,
    };
    let same_system = match (&identity.server, &server) {
        (Some(old_host), Some(new_host)) => old_host.system == new_host.system,
        // Neither could be read: then only the very host will do.
        (None, None) => old_host == new_host,
        _ => false,
    };
    if !same_system {
        return Ok(Answer::Final(Outcome::Unknown(
            "the server that answers now is not the one that the rows were sent to",
        )));
    }
    let is_unchanged = read_relations(client, &identity.table_names())? == identity.relations;
    let same_timeline = old_host == new_host && identity.server == server;
    if !same_timeline {
        // A standby took over: it has the relations if it had received the COMMIT.
        return Ok(Answer::Final(match is_unchanged && !identity.relations.is_empty() {
            true => Outcome::Committed,
            false => Outcome::Unknown(
                "another server has taken over and does not have the rows; the first server may \
                 have them",
            ),
        }));
    }
    Ok(match identity.transaction_status(client)?.as_deref() {
        Some("in progress") => Answer::InProgress,
        Some("committed") if is_unchanged => Answer::Final(Outcome::Committed),
        Some("aborted") => Answer::Final(Outcome::RolledBack),
        _ => Answer::Final(Outcome::Unknown("the server no longer knows the transaction")),
    })
}
