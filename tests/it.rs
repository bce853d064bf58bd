//! The integration tests, one binary; each module is one boundary of the product.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail like the test itself"
)]

mod case_options;
mod check_config;
mod client_certificate;
mod codec_properties;
mod codec_server;
mod codecs;
mod command_line;
mod configuration_hints;
mod connecting;
mod core_dumps;
mod documentation;
mod encryption;
mod environment_variables;
mod findings;
mod foreign_text;
mod golden;
mod hazards;
mod hint_log;
mod hints;
mod joins;
mod migration;
mod no_cell_in_messages;
mod no_secret_in_output;
mod one_database;
mod oracle;
mod outputs;
mod poolers;
mod preflight;
mod printed_repairs;
mod progress;
mod properties;
mod report;
mod schemas;
mod self_description;
mod server;
mod settings;
mod target;
mod translated_messages;
mod two_targets;
mod urls;
mod vectors;
mod verify;
