//! Moves an application's SQLite databases into PostgreSQL: once, in a downtime, for good.
//!
//! The modules in the order of a run: [`config`] and [`connection`] read what is asked for,
//! [`source`] and [`target`] look at both ends, [`plan`] decides, [`preflight`] reads every row,
//! [`copy`], [`finish`] and [`sequences`] write unseen, [`verify`] reads both ends again,
//! [`publish`] commits, [`report`] tells. [`run`] calls them in that order; [`cli`] is the command
//! line. Beside a run, [`draft`] writes schema files from what [`inspect`] reads, and [`compare`]
//! says how two differ.
#![warn(clippy::indexing_slicing)]
// Printing macros end the process when their reader is gone; `console` prints.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod checks;
pub mod cli;
pub mod codec;
pub mod compare;
pub mod config;
pub mod connection;
pub mod console;
pub mod copy;
pub mod draft;
pub mod error;
pub mod event;
pub mod files;
pub mod finding;
pub mod finish;
pub mod inspect;
pub mod libraries;
pub mod plan;
pub mod preflight;
pub mod publish;
pub mod repair;
pub mod report;
pub mod run;
pub mod schema;
pub mod sequences;
pub mod server_text;
pub mod source;
pub mod statement;
pub mod stop;
pub mod tally;
pub mod target;
pub mod text;
pub mod undecided;
pub mod verify;
