//! What is said if the system refuses a thread.

use std::io;

use super::{Error, Exit, Hint, Hints};

/// A thread that the run needs was refused.
pub fn refused_thread_error(exit: Exit, error: &io::Error) -> Error {
    Error::new(exit, format!("cannot start a thread: {error}"), hints_about_limits())
}

/// What to do if a thread was refused.
pub fn hints_about_limits() -> Hints {
    Hints::from("free up memory on this machine, and run the command again").and(Hint::with_lines(
        "raise the limits of this shell, and run the command again:",
        vec!["ulimit -v unlimited".to_owned(), "ulimit -u 1024".to_owned()],
    ))
}
