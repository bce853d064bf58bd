//! The integration tests, one binary; each module is one boundary of the product.

// clippy.toml lets tests panic; this lets their helpers do so too.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod client_certificate;
mod connecting;
mod encryption;
mod server;
mod target;
mod urls;
mod vectors;
