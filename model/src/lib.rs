//! Schema files: reading them, resolving their versions, checking, and rendering SQL and Rust.
//!
//! The way through this crate is the way a schema goes: [`types`] and [`table`] are the
//! vocabulary and knows nothing of files.

pub mod table;
pub mod types;

pub use table::{
    Action, Check, Column, Database, ForeignKey, Identity, Index, Part, Table, Unique, nullable,
    required,
};
pub use types::{Affinity, Enum, Stored, Type};
