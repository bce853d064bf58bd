//! Moves an application's SQLite databases into PostgreSQL: once, in a downtime, for good.
//!
//! The library has one public function, [`run`]. Everything else is the program's own: the feature
//! `internals` makes the modules public for the integration tests of this package, and only there.
//!
//! Modules are in dependency order: imports point only to modules listed earlier, and a test holds
//! that.
#![warn(clippy::indexing_slicing)]
// What a module passes on for tests alone is unused without them.
#![cfg_attr(not(feature = "internals"), allow(unused_imports))]
// Printing macros end the process when their reader is gone; `diagnostic::console` prints.
#![deny(clippy::print_stdout, clippy::print_stderr)]

// What everything uses.
#[cfg(feature = "internals")]
pub mod text;
#[cfg(not(feature = "internals"))]
mod text;

#[cfg(feature = "internals")]
pub mod program_name;
#[cfg(not(feature = "internals"))]
mod program_name;

#[cfg(feature = "internals")]
pub mod html;
#[cfg(not(feature = "internals"))]
mod html;

#[cfg(feature = "internals")]
pub mod threads;
#[cfg(not(feature = "internals"))]
mod threads;

#[cfg(feature = "internals")]
pub mod diagnostic;
#[cfg(not(feature = "internals"))]
mod diagnostic;

#[cfg(feature = "internals")]
pub mod files;
#[cfg(not(feature = "internals"))]
mod files;

#[cfg(feature = "internals")]
pub mod stop;
#[cfg(not(feature = "internals"))]
mod stop;

#[cfg(feature = "internals")]
pub mod event;
#[cfg(not(feature = "internals"))]
mod event;

#[cfg(feature = "internals")]
pub mod ids;
#[cfg(not(feature = "internals"))]
mod ids;

#[cfg(feature = "internals")]
pub mod libraries;
#[cfg(not(feature = "internals"))]
mod libraries;

// What tables are, and how their values are encoded.
#[cfg(feature = "internals")]
pub mod codec;
#[cfg(not(feature = "internals"))]
mod codec;

#[cfg(feature = "internals")]
pub mod schema;
#[cfg(not(feature = "internals"))]
mod schema;

// Both databases.
#[cfg(feature = "internals")]
pub mod sqlite;
#[cfg(not(feature = "internals"))]
mod sqlite;

#[cfg(feature = "internals")]
pub mod postgres;
#[cfg(not(feature = "internals"))]
mod postgres;

// The steps of a run.
#[cfg(feature = "internals")]
pub mod plan;
#[cfg(not(feature = "internals"))]
mod plan;

#[cfg(feature = "internals")]
pub mod rows;
#[cfg(not(feature = "internals"))]
mod rows;

#[cfg(feature = "internals")]
pub mod keys;
#[cfg(not(feature = "internals"))]
mod keys;

#[cfg(feature = "internals")]
pub mod repair;
#[cfg(not(feature = "internals"))]
mod repair;

#[cfg(feature = "internals")]
pub mod check;
#[cfg(not(feature = "internals"))]
mod check;

#[cfg(feature = "internals")]
pub mod load;
#[cfg(not(feature = "internals"))]
mod load;

#[cfg(feature = "internals")]
pub mod verify;
#[cfg(not(feature = "internals"))]
mod verify;

// Drafts, joins and comparisons of structures.
#[cfg(feature = "internals")]
pub mod schema_tools;
#[cfg(not(feature = "internals"))]
mod schema_tools;

#[cfg(feature = "internals")]
pub mod report;
#[cfg(not(feature = "internals"))]
mod report;

#[cfg(feature = "internals")]
pub mod migrate;
#[cfg(not(feature = "internals"))]
mod migrate;

#[cfg(feature = "internals")]
pub mod config;
#[cfg(not(feature = "internals"))]
mod config;

#[cfg(feature = "internals")]
pub mod cli;
#[cfg(not(feature = "internals"))]
mod cli;

/// Runs the program with the arguments of a process, the program's name first, and says how the
/// process shall end. The README lists the exit codes.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> std::process::ExitCode {
    cli::main(arguments)
}
