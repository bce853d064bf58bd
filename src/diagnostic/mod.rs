//! Everything that is reported: findings with their ids, errors with their exit codes, and the
//! console that prints them.

pub mod catalog;
pub mod console;
mod error;
mod finding;
mod found;
mod hint;
mod id;
mod offer;
pub mod server_text;
pub mod threads;

pub use error::{BUG_HINT, Error, Exit, Fault, FindingPart, Result};
pub use finding::{EXAMPLES, Example, FINDINGS_MOST, Finding, Note, Notes, Refused, Severity};
pub use found::{Found, Shape};
pub use hint::{Hint, Hints};
pub use id::Id;
pub use offer::{Offer, OfferedArgument, OfferedShare, RepairKind, repair_setting};
