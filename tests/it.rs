//! The integration tests, one binary; each module is one boundary of the product.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test itself"
)]

mod client_certificate;
mod codec_properties;
mod codec_server;
mod codecs;
mod connecting;
mod encryption;
mod properties;
mod schemas;
mod server;
mod server_codec;
mod server_verify;
mod settings;
mod target;
mod urls;
mod vectors;
mod verify;
