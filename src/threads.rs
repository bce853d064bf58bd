//! Threads. The system can refuse one, for example if memory or the number of processes is limited.
//! The functions of the standard library that panic then are not used in this program.

use std::io;
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// Starts a thread that nobody waits for.
///
/// # Errors
/// When the system refuses it; `work` is not done then.
pub fn spawn_thread(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().spawn(work).map(drop)
}

/// Starts a thread that ends before its scope.
///
/// # Errors
/// When the system refuses it; `work` is not done then.
pub fn spawn_in_scope<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().spawn_scoped(scope, work)
}
