//! The second session of a target: it says what the first one waits for, how far an index is, and
//! whether the server still answers.

use std::sync::{Arc, Mutex, PoisonError};

use postgres::Client;

use super::connection::{Connection, Question};

/// A session that several threads ask, one after the other.
#[derive(Clone)]
pub struct Watcher(Arc<Mutex<Connection>>);

impl Watcher {
    /// Makes a connection a watcher.
    pub fn new(connection: Connection) -> Watcher {
        connection.mark_as_watcher();
        Watcher(Arc::new(Mutex::new(connection)))
    }

    /// Asks something short.
    pub fn ask<T>(&self, question: impl FnOnce(&mut Client) -> T) -> T {
        question(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).client)
    }

    /// Asks whether the server still answers. A session that was lost or closed knows nothing of
    /// that.
    pub fn question(&self) -> Question {
        // The session ends with its target, whoever could still ask.
        let own = Arc::downgrade(&self.0);
        Arc::new(move || {
            let Some(own) = own.upgrade() else { return false };
            let mut watcher = own.lock().unwrap_or_else(PoisonError::into_inner);
            watcher.client.batch_execute("SELECT 1").is_err() && watcher.was_silent()
        })
    }
}
