//! The PostgreSQL side, before anything is written to it.
//!
//! [`facts`] asks the server what it is and says what is wrong with it; [`session`] holds what a
//! loading transaction needs of its session: no time limits, locks with an end, one run at a time;
//! [`needs`] says whether the server has what the tables want, [`tables`] what has names of the
//! plan, [`prepared`] what to do with tables that the application made itself, [`sequences`] which
//! sequence makes values for which column.

mod conditions;
mod context;
pub mod facts;
mod failure;
pub mod needs;
pub mod pooling;
pub mod prepared;
pub mod sequences;
pub mod session;
pub mod tables;

pub use conditions::described;
pub use context::{Refused, refused_row};
pub use failure::{error, error_in, named_column, words};
pub use model::sql::{identifier, literal};
