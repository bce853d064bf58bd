//! Connect's configuration.
pub mod gcfg;
