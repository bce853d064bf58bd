//! Verification: source and target are read again, and what they hold is compared.
//!
//! Each side is brought to one canonical form by its own reading: [`value`] reads what SQLite
//! stores, [`field`] what PostgreSQL sends in binary. Both follow `docs/conversions.md`, as the
//! codecs do, and share no code with them, so that a fault in a codec cannot agree with itself.
//! [`digest`] sums hashes of (key, column, value) and compares the sums; [`locate`] names the rows
//! where they differ. Nothing depends on an order, and no table is ever held in memory.
//!
//! Opening the transaction in which both are read, and deciding what a difference means for
//! the run, is left to the caller.

pub mod decimal;
pub mod digest;
pub mod field;
pub mod form;
pub mod json;
pub mod locate;
mod net;
pub mod repair;
mod row;
pub mod sequences;
mod server_text;
pub mod show;
mod source;
pub mod target;
pub mod time;
pub mod value;

pub use digest::{ColumnDigest, Difference, TableDigest, compare_digests};
#[cfg(feature = "internals")]
pub use locate::locate_differences;
pub use locate::{Located, What, locate_differences_after_repairs};
#[cfg(feature = "internals")]
pub use source::digest_source;
pub use source::{digest_source_after_repairs, digest_source_with_server};
pub use target::digest_target;

use crate::diagnostic::{Error, Exit};

/// Why a value has no canonical form: a fragment that never holds the value itself.
pub type Unread = &'static str;

/// How many rows pass between two questions whether to stop.
pub const STOP_EVERY: u64 = 1024;

/// A name as both databases quote it.
fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The end of a run that was asked to stop.
fn interrupted_error() -> Error {
    Error::new(Exit::Interrupted, "interrupted while verifying", "")
}
