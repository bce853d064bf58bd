//! The integration tests, one binary; each module is one boundary of the product.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test itself"
)]

mod codec_properties;
mod codec_server;
mod codecs;
mod properties;
mod server_codec;
mod server_verify;
mod settings;
mod vectors;
mod verify;
