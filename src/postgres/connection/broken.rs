//! The driver's own errors, those that are no answer of the server, in words.
//!
//! The driver repeats what a peer sends here and there (SCRAM's error, names of types). So only its
//! fixed words, the operating system's and OpenSSL's are shown.

use std::error::Error as _;
use std::io;

/// What the driver says of itself, word by word; anything else may be the peer's.
const FIXED: &[&str] = &[
    "password missing",
    "server does not support TLS",
    "server did not use channel binding",
    "unsupported authentication method",
    "unsupported SASL mechanism",
    "SCRAM verification error",
    "invalid nonce",
    "unexpected EOF",
    "no hostname provided for TLS handshake",
];

/// An error of the driver, for example `error communicating with the server: Connection reset by
/// peer (os error 104)`.
pub fn driver_words(error: &postgres::Error) -> String {
    let own = match error.to_string() {
        // The name is one that the server chose.
        text if text.starts_with("invalid column") => "a column is missing".to_owned(),
        text => text,
    };
    match cause(error) {
        Some(cause) => format!("{own}: {cause}"),
        None => own,
    }
}

/// The cause in words that are not the peer's.
fn cause(error: &postgres::Error) -> Option<String> {
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
