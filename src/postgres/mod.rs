//! Everything that connects to PostgreSQL and reads what stands there.
//!
//! [`facts`] asks the server what it is and says what is wrong with it; [`session`] holds what a
//! loading transaction needs of its session: no time limits, locks with an end, one run at a time;
//! [`tables`] says what has names of the plan, [`existing`] what to do with tables that the
//! application made itself, [`sequences`] which sequence makes values for which column.
//! [`schemas`] says in which schemas the tables of a database lie.
//! [`connection`] makes sessions, [`watcher`] has the second one of a target. [`inspection`] reads
//! a whole structure and judges nothing.

mod catalog;
mod conditions;
pub mod connection;
pub mod context;
pub mod direct;
pub mod existing;
pub mod facts;
mod failure;
pub mod index_progress;
pub mod inspection;
pub mod pooling;
pub mod room;
pub mod schemas;
pub mod sequences;
pub mod server_types;
pub mod session;
pub mod speed;
pub mod tables;
pub mod type_names;
pub mod watcher;

pub use conditions::describe_code;
pub use context::{Refused, find_refused_row};
pub use failure::{
    describe_error, is_connection_lost, is_interruption, is_refusal_of_temporary_tables,
    named_column, server_error, server_error_in,
};
pub use model::sql::{quote_if_needed, text_literal};
