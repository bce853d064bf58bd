//! Structures read in full, for drafting and comparing schemas: every key, index, default and text.
//!
//! What a run needs of a source is in `source`, and of a target in `target`; both are thin on
//! purpose. Here nothing is left out, and nothing is judged: [`sqlite`] asks SQLite's pragmas,
//! [`ddl`] finds in the statements what the pragmas lose ([`tokens`] splits them), and
//! [`postgres`] asks PostgreSQL's catalog ([`types`] reads its words for types).

mod catalog;
pub mod ddl;
pub mod postgres;
pub mod sqlite;
pub mod tokens;
pub mod types;
