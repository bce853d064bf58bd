//! The integration tests, one binary; each module is one boundary of the product.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test itself"
)]

mod properties;
mod settings;
mod vectors;
