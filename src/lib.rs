//! Moves an application's SQLite databases into PostgreSQL: once, in a downtime, for good.
#![warn(clippy::indexing_slicing)]

pub mod codec;
pub mod config;
pub mod connection;
pub mod error;
pub mod target;
pub mod verify;
