//! The only visible write: COMMIT, and finding out what became of it when its answer is lost.

mod outcome;

use postgres::Client;

use crate::diagnostic::{Error, Exit, Result};
use crate::event::Event;
use crate::load::hooks::Hooks;
use crate::postgres::connection::{Address, Environment, Host};
use crate::postgres::server_error;
use crate::stop::Stop;

use outcome::{Identity, Outcome};

/// What is to be committed, and how its server is reached again.
pub struct Pending<'a> {
    /// The host that the loading session is connected to.
    pub host: &'a Host,
    /// The target's address.
    pub address: &'a Address,
    /// Password files and the like.
    pub environment: &'a Environment,
    /// The loaded tables: schema and name.
    pub tables: Vec<(String, String)>,
}

/// Commits the load.
///
/// An error in place of the answer proves nothing: a pooler between us and the server may have
/// made it up after the server had committed. So whenever COMMIT is not answered with success the
/// server is asked what became of the transaction, and only its answer is believed.
///
/// # Errors
/// [`Exit::Interrupted`] when a signal came before COMMIT was sent; [`Exit::CommitUnknown`] when
/// its outcome could not be found out; otherwise the error of a transaction that is known to be
/// rolled back.
pub fn commit_load(
    client: &mut Client,
    pending: &Pending<'_>,
    stop: &Stop,
    hooks: &mut Hooks,
    print_line: &mut dyn FnMut(&str),
) -> Result<()> {
    let identity = Identity::read_identity(client, &pending.tables)
        .map_err(|error| server_error("before COMMIT", &error))?;
    stop.begin_commit()?;
    hooks.run_at(Event::CommitSent);
    let Err(error) = client.batch_execute("COMMIT") else {
        return confirm_committed(client, &identity);
    };
    print_line("COMMIT was not confirmed; asking the server for the outcome of the transaction");
    match outcome::find_outcome(client, pending, &identity) {
        Outcome::Committed => {
            print_line("the server has committed the transaction");
            Ok(())
        }
        Outcome::RolledBack => Err(server_error("COMMIT", &error)),
        Outcome::Unknown(why) => Err(Error::new(
            Exit::CommitUnknown,
            format!(
                "the connection was lost during COMMIT; whether it took effect is not known: {why}"
            ),
            "when PostgreSQL answers again, run with `--verify`, without `--drop-all` and \
             `--replace-seed`",
        )),
    }
}

/// Makes sure that a COMMIT that was answered with success has committed: for a transaction that
/// had failed before, the server answers in the same way and rolls back.
fn confirm_committed(client: &mut Client, identity: &Identity) -> Result<()> {
    match identity.transaction_status(client) {
        Ok(Some(status)) if status == "aborted" => Err(Error::new(
            Exit::Load,
            "the server answered COMMIT but rolled the transaction back",
            "run the command again; nothing was committed",
        )),
        // What the server has confirmed holds, even if the connection ends now.
        _ => Ok(()),
    }
}
