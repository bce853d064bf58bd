//! Everything that is reported: findings with their ids, errors with their exit codes, and the
//! console that prints them.

pub mod catalog;
pub mod console;
mod error;
mod finding;
mod id;
pub mod server_text;

pub use error::{Error, Exit, Fault, Result, shell_word};
pub use finding::{EXAMPLES, Example, Finding, Note, Notes, Refused, Severity};
pub use id::Id;
