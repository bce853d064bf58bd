//! The tests of schema files at the crate's boundary: text in, SQL, Rust or faults out.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test itself"
)]

mod cases;
mod page;
mod properties;
