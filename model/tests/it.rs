//! The tests of schema files at the crate's boundary: text in, SQL, Rust or faults out.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test itself"
)]

mod connect;
#[allow(dead_code, reason = "the test crates share it")]
#[path = "../../tests/golden.rs"]
mod golden;
mod properties;
mod readme;
mod schema_files;
