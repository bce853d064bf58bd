//! Moves an application's SQLite databases into PostgreSQL: once, in a downtime, for good.
//!
//! Modules are in dependency order: imports point only to modules listed earlier, and a test holds
//! that.
#![warn(clippy::indexing_slicing)]
// Printing macros end the process when their reader is gone; `diagnostic::console` prints.
#![deny(clippy::print_stdout, clippy::print_stderr)]

// What everything uses.
pub mod text;

pub mod diagnostic;

pub mod files;

pub mod stop;

pub mod event;

pub mod ids;

pub mod libraries;

// What tables are, and how their values are encoded.
pub mod codec;

pub mod schema;

// Both databases.
pub mod sqlite;

pub mod postgres;

// The steps of a run.
pub mod plan;

pub mod rows;

pub mod keys;

pub mod repair;

pub mod check;

pub mod load;

pub mod verify;

pub mod report;

pub mod migrate;

// What a run never uses.
pub mod schema_tools;

pub mod config;

pub mod cli;
