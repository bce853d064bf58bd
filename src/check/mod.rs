//! Everything that is checked before anything is written: every row by the codecs that will copy
//! it and what PostgreSQL will check between rows ([`rows`]), what SQLite and the server say of
//! whole columns ([`columns`]), columns of which nobody has said how they are stored
//! ([`undecided`]) or that are described wrongly ([`encodings`]), whether tables that stand in the
//! target can be loaded ([`existing`]), and what the tables need of the server ([`server`]).

pub mod columns;
pub mod encodings;
pub mod existing;
pub mod mixed_times;
pub mod rows;
pub mod server;
pub mod undecided;
