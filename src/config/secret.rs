//! Secrets, and the encrypted form in which a configuration may hold them.
//!
//! A [`Secret`] is wiped when it goes and never shows itself. Ciphertexts are standard base64 of
//! one of three forms (see [`Form`]); nothing marks a text as one of them, so [`may_be_encrypted`]
//! decides whether a text that does not open may be taken as plain.

use std::fmt;

use aes_gcm::Aes256Gcm;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::XSalsa20Poly1305;
use crypto_secretbox::aead::{Aead, AeadCore, KeyInit, OsRng};
use zeroize::Zeroizing;

use super::key::Key;
use crate::migrate::{KeyTrial, TriedValue};

/// Bytes that are wiped after use and that no formatting shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Secret {
        Secret(Zeroizing::new(bytes.into()))
    }

    /// The bytes, for those who must send them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, where they are UTF-8.
    #[must_use]
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

/// The forms in which a value can be encrypted for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nonce and NaCl secretbox, without a version byte: what every release of Connect reads.
    Secretbox,
    /// `02`, nonce and AES-256-GCM: for servers in FIPS mode (Connect 2022.03 and later).
    Fips,
}

/// Why a text did not open, in the words of Posit's own tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not base64; the number is the offset of the first byte that does not fit.
    #[error("invalid decryption payload: illegal base64 data at input byte {0}")]
    Base64(usize),
    /// Fewer bytes than nonce and authentication tag.
    #[error("Payload is too short to be encrypted")]
    TooShort,
    /// Another key, or altered bytes.
    #[error("Decryption failed")]
    Failed,
}

const SECRETBOX_NONCE: usize = 24;
const SECRETBOX_LEAST: usize = SECRETBOX_NONCE + 16;
const AES_NONCE: usize = 12;
const AES_LEAST: usize = 1 + AES_NONCE + 16;

/// Opens a ciphertext.
///
/// The first byte only says what to try first: a secretbox without a version may start with any
/// byte, so it is tried last in every case, and its error is the one that counts.
///
/// # Errors
/// When `text` is not a value encrypted with `key`.
pub fn decrypt(key: &Key, text: &[u8]) -> Result<Secret, OpenError> {
    let payload = decode_base64(text).map_err(OpenError::Base64)?;
    open_payload(key, &payload)
}

fn open_payload(key: &Key, payload: &[u8]) -> Result<Secret, OpenError> {
    let versioned = match payload.split_first() {
        None => return Err(OpenError::TooShort),
        Some((1, rest)) => open_secretbox(key, rest),
        Some((2, rest)) => open_aes(key, rest),
        Some(_) => Err(OpenError::Failed),
    };
    versioned.or_else(|_| open_secretbox(key, payload))
}

/// Encrypts a value; the result has no white space and needs no quotes in a gcfg file.
///
/// # Errors
/// When the cipher refuses, which it does only for values of many gigabytes.
pub fn encrypt(key: &Key, form: Form, plain: &Secret) -> Result<String, OpenError> {
    let payload = match form {
        Form::Secretbox => {
            let nonce = XSalsa20Poly1305::generate_nonce(&mut OsRng);
            let sealed = secretbox_cipher(key)?.encrypt(&nonce, plain.expose());
            [nonce.as_slice(), &sealed.map_err(|_| OpenError::Failed)?].concat()
        }
        Form::Fips => {
            let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
            let sealed = aes_cipher(key)?.encrypt(&nonce, plain.expose());
            [[2].as_slice(), nonce.as_slice(), &sealed.map_err(|_| OpenError::Failed)?].concat()
        }
    };
    Ok(STANDARD.encode(payload))
}

/// Whether a text that does not open is so much like a ciphertext that it must not be sent
/// anywhere as a password: base64 that is long enough for one of the forms.
#[must_use]
pub fn may_be_encrypted(text: &[u8]) -> bool {
    decode_base64(text).is_ok_and(|payload| {
        SECRETBOX_LEAST <= payload.len()
            || payload.first() == Some(&2) && AES_LEAST <= payload.len()
    })
}

impl KeyTrial for Key {
    fn try_value(&self, value: &[u8]) -> TriedValue {
        // A blob may hold the bytes themselves.
        if decrypt(self, value).or_else(|_| open_payload(self, value)).is_ok() {
            return TriedValue::Opened;
        }
        // Hexadecimal digits and plain words are base64, too; a ciphertext of that length without
        // one of these classes does not happen.
        let has = |is_of_class: fn(&u8) -> bool| value.iter().any(is_of_class);
        let is_mixed =
            has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
        match is_mixed && may_be_encrypted(value) {
            true => TriedValue::Refused,
            false => TriedValue::NotEncrypted,
        }
    }

    fn fingerprint(&self) -> String {
        Key::fingerprint(self)
    }
}

fn open_secretbox(key: &Key, payload: &[u8]) -> Result<Secret, OpenError> {
    if payload.len() < SECRETBOX_LEAST {
        return Err(OpenError::TooShort);
    }
    let (nonce, sealed) = payload.split_at(SECRETBOX_NONCE);
    let plain = secretbox_cipher(key)?.decrypt(nonce.into(), sealed);
    plain.map(Secret::new).map_err(|_| OpenError::Failed)
}

fn open_aes(key: &Key, payload: &[u8]) -> Result<Secret, OpenError> {
    if 1 + payload.len() < AES_LEAST {
        return Err(OpenError::TooShort);
    }
    let (nonce, sealed) = payload.split_at(AES_NONCE);
    let plain = aes_cipher(key)?.decrypt(nonce.into(), sealed);
    plain.map(Secret::new).map_err(|_| OpenError::Failed)
}

fn secretbox_cipher(key: &Key) -> Result<XSalsa20Poly1305, OpenError> {
    XSalsa20Poly1305::new_from_slice(key.cipher_key()).map_err(|_| OpenError::Failed)
}

fn aes_cipher(key: &Key) -> Result<Aes256Gcm, OpenError> {
    Aes256Gcm::new_from_slice(key.cipher_key()).map_err(|_| OpenError::Failed)
}

/// Decodes standard base64 as Go does: CR and LF are skipped anywhere, padding is required, the
/// unused bits of the last digit may be anything. Hand-written for the offset in the error, which
/// Go counts in its own way (a text that ends inside a group is blamed on the group's start).
pub(super) fn decode_base64(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, usize> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let mut group = [0u8; 4];
    let mut filled = 0;
    let mut rest = text.iter().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    while let Some((index, byte)) = rest.next() {
        if let Some(digit) = base64_value(*byte) {
            if let Some(place) = group.get_mut(filled) {
                *place = digit;
            }
            filled += 1;
            if filled == group.len() {
                push_base64_group(&mut out, group, 3);
                filled = 0;
            }
            continue;
        }
        let padding_fits = match (byte, filled) {
            (b'=', 3) => Ok(()),
            (b'=', 2) => match rest.next() {
                Some((_, b'=')) => Ok(()),
                Some((second, _)) => Err(second - 1),
                None => Err(text.len()),
            },
            _ => Err(index),
        };
        padding_fits?;
        if let Some((garbage, _)) = rest.next() {
            return Err(garbage);
        }
        if let Some(unused) = group.get_mut(filled..) {
            unused.fill(0);
        }
        push_base64_group(&mut out, group, filled - 1);
        return Ok(out);
    }
    if filled == 0 { Ok(out) } else { Err(text.len() - filled) }
}

fn push_base64_group(out: &mut Vec<u8>, [a, b, c, d]: [u8; 4], bytes: usize) {
    let group = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    out.extend(group.iter().take(bytes));
}

fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::alphabet;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    use proptest::prelude::*;

    use super::decode_base64;

    #[test]
    fn base64_errors_stand_where_go_puts_them() {
        for (text, offset) in [
            ("ABC", 0),
            ("ABCDAB\n", 5), // Go counts digits back from the end, line ends or not
            ("ABCDAB=", 7),
            ("ABCDAB=\n\n", 9),
            ("ABCDAB=\nC", 7),
            ("ABCDA===", 5),
            ("ABCDAB==\nC", 9),
            ("AB-D", 2),
        ] {
            assert_eq!(decode_base64(text.as_bytes()).err(), Some(offset), "{text:?}");
        }
    }

    proptest! {
        /// The library, told to be as lax as Go, is the second opinion.
        #[test]
        fn base64_agrees_with_the_library(text in "[A-D+/=\r\n*]{0,24}") {
            let config = GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
            let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
            let theirs = engine.decode(text.replace(['\r', '\n'], "")).ok();
            let decoded = decode_base64(text.as_bytes()).ok().map(|bytes| bytes.to_vec());
            prop_assert_eq!(decoded, theirs);
        }
    }
}
