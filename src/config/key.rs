//! The encryption key: its text, its file, its fingerprint.
//!
//! The text is 512 bytes in hexadecimal or base64. What is kept is the working key, whose first
//! 32 bytes the ciphers use ([`super::secret`]). The file is only ever read.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::gcfg::quote;
use super::secret::decode_base64;
use crate::diagnostic::Fault;
use crate::files;
use crate::text::command_on_path;

const KEY_BYTES: usize = 512;
/// Shorter texts are refused before any decoding.
const TEXT_BYTES_LEAST: usize = 384;
/// A key file is a kilobyte; a larger one than this is refused.
const FILE_BYTES_MOST: u64 = 1 << 20;
/// What to do where the key file is not the right one.
pub(super) const NAME_THE_KEY_FILE: &str =
    "name the key file of this server in [Server] EncryptionKeyFile";
const PATTERN: [u8; 10] = [0xdf, 0x63, 0x6f, 0xa0, 0x7a, 0xd4, 0xdf, 0x69, 0x25, 0xbe];

/// A working key, wiped after use.
pub struct Key(Zeroizing<Vec<u8>>);

/// Never shows the key.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// Why a text is not a key, in the words of Posit's own tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 512 bytes, or too short to be.
    #[error("Encryption keys must be 512 bytes when decoded")]
    Length,
    /// Neither hexadecimal nor base64; this is what is wrong with it as hexadecimal.
    #[error("failed to decode secret: encoding/hex: {0}")]
    Hex(String),
}

impl Key {
    /// Reads a key's text by Posit's exact rule, which takes no white space at the ends of
    /// hexadecimal digits.
    ///
    /// # Errors
    /// When the text is not a key.
    pub fn parse(text: &[u8]) -> Result<Key, KeyError> {
        if text.len() < TEXT_BYTES_LEAST {
            return Err(KeyError::Length);
        }
        let decoded = match decode_hex(text) {
            Ok(bytes) => bytes,
            Err(why) => decode_base64(text).map_err(|_| KeyError::Hex(why))?,
        };
        if decoded.len() != KEY_BYTES {
            return Err(KeyError::Length);
        }
        let mut working = decoded;
        for (byte, mask) in working.iter_mut().zip(PATTERN.iter().cycle()) {
            *byte ^= mask;
        }
        Ok(Key(working))
    }

    /// Reads a key's text; where the exact rule refuses it, without the white space around it.
    /// Says whether that was needed.
    ///
    /// # Errors
    /// What the exact rule says, when the text is no key either way.
    pub fn parse_trimmed(text: &[u8]) -> Result<(Key, bool), KeyError> {
        match Key::parse(text) {
            Ok(key) => Ok((key, false)),
            Err(error) => Key::parse(text.trim_ascii()).map(|key| (key, true)).map_err(|_| error),
        }
    }

    /// Reads a key file. Says whether white space had to be taken off.
    ///
    /// # Errors
    /// When it cannot be read, is open to others than its owner, or is not a key.
    pub fn read_file(path: &Path) -> Result<(Key, bool), Fault> {
        let shown = path.display();
        let unreadable = |error: std::io::Error| {
            let hint = match error.kind() {
                std::io::ErrorKind::PermissionDenied => "run the command with sudo",
                std::io::ErrorKind::NotFound
                | std::io::ErrorKind::InvalidInput
                | std::io::ErrorKind::FileTooLarge => NAME_THE_KEY_FILE,
                _ => "",
            };
            Fault::new(format!("cannot read the key file {shown}: {error}"), hint)
        };
        let file = files::open_regular_file(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            let text = format!(
                "the key file {shown} has mode {mode:04o}, but only its owner may have access: \
                 0600 or 0400"
            );
            return Err(Fault::new(text, command_on_path("chmod 0600", path)));
        }
        let mut text = Zeroizing::new(Vec::new());
        files::read_open_file(&file, FILE_BYTES_MOST, &mut text).map_err(unreadable)?;
        Key::parse_trimmed(&text).map_err(|error| {
            let hint = "name a file that holds 512 bytes as 1024 hexadecimal digits or as base64";
            Fault::new(format!("the key file {shown} is not a valid key: {error}"), hint)
        })
    }

    /// What Connect logs to tell keys apart; it does not give the key away.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&*self.0))
    }

    /// The 32 bytes for the ciphers.
    pub(super) fn cipher_key(&self) -> &[u8] {
        self.0.get(..32).unwrap_or_default()
    }
}

/// Decodes hexadecimal digits; the error is Go's, which looks at whole pairs first.
fn decode_hex(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let digit = |byte: u8| {
        let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digit.ok_or_else(|| format!("invalid byte: {}", quote::show_code_point(char::from(byte))))
    };
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for pair in text.chunks(2) {
        match pair {
            [high, low] => out.push(digit(*high)? << 4 | digit(*low)?),
            [last] => {
                digit(*last)?;
                return Err("odd length hex string".to_owned());
            }
            _ => {}
        }
    }
    Ok(out)
}
