//! The driver's own errors, those that are no answer of the server, in words.
//!
//! The driver repeats what a peer sends here and there (SCRAM's error, names of types). So only its
//! fixed words, the operating system's and OpenSSL's are shown.

use std::error::Error as _;
use std::io;

use super::guard::{HandshakeFailure, Violation};

/// What the driver says of itself, word by word; anything else may be the peer's.
const FIXED: &[&str] = &[
    "password missing",
    "server did not use channel binding",
    "unsupported authentication method",
    "unsupported SASL mechanism",
    "SCRAM verification error",
    "invalid nonce",
    "unexpected EOF",
];

/// What the driver failed at, where that tells what to do.
///
/// The driver keeps the kinds of its errors to itself, so that they are recognized only by its own
/// fixed words, which are in its sources and in no other language. This is the one place that
/// reads them. They are checked against servers in `tests/connecting.rs` and `tests/encryption.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DriverFailure {
    /// The server does not speak TLS.
    NoTls,
    /// Another failure before the connection was encrypted.
    Handshake,
    /// The server asks for a password, and there is none.
    NoPassword,
    /// The server cannot bind the password to the encrypted connection.
    NoChannelBinding,
    /// Anything else, errors of the network among them.
    Other,
}

impl DriverFailure {
    /// Tells them apart; what the server itself answered is none of them.
    pub(super) fn from_error(error: &postgres::Error) -> DriverFailure {
        if error.as_db_error().is_some() {
            return DriverFailure::Other;
        }
        match error.source().and_then(|inner| inner.downcast_ref()) {
            Some(HandshakeFailure::NoTls) => return DriverFailure::NoTls,
            Some(HandshakeFailure::Tls(_)) => return DriverFailure::Handshake,
            Some(HandshakeFailure::Network(_)) => return DriverFailure::Other,
            None => {}
        }
        let inner = error.source().map(ToString::to_string).unwrap_or_default();
        if inner.contains("password missing") {
            DriverFailure::NoPassword
        } else if inner.contains("channel binding") {
            DriverFailure::NoChannelBinding
        } else {
            DriverFailure::Other
        }
    }

    /// Whether the TLS handshake failed, or did not begin.
    pub(super) fn is_handshake(self) -> bool {
        matches!(self, DriverFailure::NoTls | DriverFailure::Handshake)
    }
}

/// An error of the driver, for example `error communicating with the server: Connection reset by
/// peer (os error 104)`.
pub fn describe_driver_error(error: &postgres::Error) -> String {
    let own = match error.to_string() {
        // The name is one that the server chose.
        text if text.starts_with("invalid column") => "a column is missing".to_owned(),
        text => text,
    };
    if let Some(violation) = Violation::find_in(error) {
        return format!("the connection was ended from here: {violation}");
    }
    match describe_cause(error) {
        Some(cause) => format!("{own}: {cause}"),
        None => own,
    }
}

/// The cause in words that are not the peer's.
fn describe_cause(error: &postgres::Error) -> Option<String> {
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if inner.is::<openssl::ssl::Error>() || inner.is::<openssl::error::ErrorStack>() {
            return Some(text);
        }
        if FIXED.contains(&text.as_str()) {
            return Some(text);
        }
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            let encrypted = io.get_ref().is_some_and(|inner| inner.is::<openssl::ssl::Error>());
            match io.kind() {
                _ if io.raw_os_error().is_some() || encrypted => return Some(text),
                io::ErrorKind::Other => {}
                kind => return Some(kind.to_string()),
            }
        }
        source = inner.source();
    }
    None
}
