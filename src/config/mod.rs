//! Connect's configuration.
pub mod gcfg;
pub mod key;
pub mod secret;
