//! The tasks' parts that tests use too.

pub mod sample;
