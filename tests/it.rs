//! The integration tests, one binary; each module is one boundary of the product.

mod connecting;
mod encryption;
mod server;
mod target;
mod urls;
