//! encrypted-values.json: keys, key files and ciphertexts.

use connect_migrate::config::key::Key;
use connect_migrate::config::secret::{Form, Secret, decrypt, encrypt};
use serde_json::Value;

use super::{agree, bytes, same, text};

#[test]
fn vectors_secrets_keys() {
    agree("encrypted-values.json", "keys", |_, case| {
        if !matches!(text(case, "encoding"), "hex" | "base64") {
            return Ok(()); // a Workbench key, which Connect cannot use either
        }
        let key = Key::parse(text(case, "key_file").as_bytes()).map_err(|e| e.to_string())?;
        same("fingerprint", key.fingerprint().as_str(), text(case, "fingerprint"))?;
        // What the derived key is, shows in what it opens: both ciphers, there and back.
        for form in [Form::Secretbox, Form::Fips] {
            let sealed = encrypt(&key, form, &Secret::new("plain")).map_err(|e| e.to_string())?;
            let opened = decrypt(&key, sealed.as_bytes()).map_err(|e| e.to_string())?;
            same("round trip", opened.expose(), b"plain")?;
        }
        Ok(())
    });
}

#[test]
fn vectors_secrets_key_parse() {
    agree("encrypted-values.json", "key_parse", |_, case| {
        let outcome = Key::parse(&bytes(case, "key_file"));
        same("ok", outcome.is_ok(), case["ok"].as_bool().unwrap())?;
        match outcome {
            Ok(key) => same("fingerprint", key.fingerprint().as_str(), text(case, "fingerprint")),
            Err(error) => same("error", error.to_string().as_str(), text(case, "error")),
        }
    });
}

#[test]
fn vectors_secrets_decrypt() {
    agree("encrypted-values.json", "decrypt", |whole, case| {
        if text(case, "mode") == "workbench" {
            return Ok(());
        }
        let key = key_named(whole, text(case, "key"));
        let outcome = decrypt(&key, &bytes(case, "ciphertext"));
        same("ok", outcome.is_ok(), case["ok"].as_bool().unwrap())?;
        match outcome {
            Ok(plain) => same("plaintext", plain.expose(), &bytes(case, "plaintext")),
            Err(error) => same("error", error.to_string().as_str(), text(case, "error")),
        }
    });
}

fn key_named(whole: &Value, id: &str) -> Key {
    let keys = whole["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| text(key, "id") == id).expect("a case names a key");
    Key::parse(text(key, "key_file").as_bytes()).expect("the named keys are keys")
}
