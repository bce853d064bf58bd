//! What holds for any input: the readers give an answer to all bytes, and what is written can be
//! read back.

use connect_migrate::config::gcfg::table::{Section, Table};
use connect_migrate::config::gcfg::{self, quantity, traps, value};
use connect_migrate::config::key::Key;
use connect_migrate::config::mask;
use connect_migrate::config::secret::{Form, Secret, decrypt, encrypt, may_be_encrypted};
use connect_migrate::config::settings::SECTIONS;
use proptest::prelude::*;

/// Bytes that are more often near to gcfg than random ones.
fn gcfg_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"[Postgres]",
        b"[Sub \"a\"]",
        b"URL",
        b" = ",
        b"\"",
        b"\\",
        b"\n",
        b"\r",
        b"\0",
        b"#",
        b";",
        b" ",
        b"[",
        b"]",
        b"a",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xe4\xb8",
        "“".as_bytes(),
        "é".as_bytes(),
        "ſ".as_bytes(),
        b"1",
    ];
    let piece = prop_oneof![
        9 => prop::sample::select(pieces).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn some_key(seed: &[u8]) -> Key {
    let digits: String = (0..512)
        .map(|at| format!("{:02x}", seed[at % seed.len()].wrapping_add(at as u8)))
        .collect();
    Key::parse(digits.as_bytes()).unwrap()
}

proptest! {
    #[test]
    fn any_bytes_are_read_as_gcfg(source in gcfg_bytes()) {
        static NONE: &[Section] = &[];
        let reading = gcfg::read_gcfg(&source);
        let lines = 1 + reading.text.iter().filter(|byte| **byte == b'\n').count();
        for event in &reading.events {
            prop_assert!(event.place.line <= lines);
            if let Some(variable) = &event.variable {
                prop_assert!(variable.raw.end <= reading.text.len());
                for trap in traps::find_traps(&reading, variable) {
                    prop_assert!(trap.place.line <= lines);
                }
                let swallowed = traps::swallowed_lines(&reading, variable);
                prop_assert!(swallowed.len() < lines);
            }
        }
        if let Some(error) = &reading.error {
            prop_assert!(1 <= error.place.column && error.place.line <= lines);
        }
        for sections in [SECTIONS, NONE] {
            let filled = Table::new(sections).fill_from(&reading);
            prop_assert!(reading.error.is_none() || filled.is_err());
        }
    }

    #[test]
    fn a_quoted_value_is_read_back(plain in "[^\0\r]{0,40}") {
        let escaped = plain.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let source = format!("[S]\nname = \"{escaped}\" ; comment\n");
        let reading = gcfg::read_gcfg(source.as_bytes());
        prop_assert_eq!(reading.error, None);
        let value = reading.events[1].variable.as_ref().unwrap().value.as_ref().unwrap();
        prop_assert_eq!(value.as_str(), plain);
    }

    #[test]
    fn any_text_is_read_as_a_number(text in "[-+0-9a-fxXpPinINE._ \n]{0,12}|.{0,12}") {
        let _ = (value::parse_i64(&text).error, value::parse_u8(&text).error);
        let _ = (value::parse_f64(&text).error, value::parse_bool(&text));
        let _ = (quantity::parse_duration(&text), quantity::parse_size(&text));
        let _ = mask::mask_url(&text);
    }

    #[test]
    fn integers_are_read_back(number in any::<i64>()) {
        prop_assert_eq!(value::parse_i64(&number.to_string()).value, Some(number));
        let sign = if number < 0 { "-" } else { "" };
        let hex = format!("{sign}{:#x}", number.unsigned_abs());
        prop_assert_eq!(value::parse_i64(&hex).value, Some(number));
    }

    #[test]
    fn any_bytes_are_read_as_a_key(
        text in prop::collection::vec(any::<u8>(), 0..1500),
        digits in "[0-9a-fA-F]{1020,1028}[\r\n ]{0,2}",
        base64 in "[A-Za-z0-9+/]{680,684}[=\n]{0,3}",
    ) {
        for text in [&text, digits.as_bytes(), base64.as_bytes()] {
            let exact = Key::parse(text);
            let lax = Key::parse_trimmed(text);
            prop_assert!(exact.is_err() || matches!(lax, Ok((_, false))));
        }
    }

    #[test]
    fn any_bytes_are_tried_as_a_ciphertext(
        seed in prop::collection::vec(any::<u8>(), 1..8),
        noise in prop::collection::vec(any::<u8>(), 0..80),
        base64 in "(AQ|Ag|[A-Za-z0-9+/]{2})[A-Za-z0-9+/]{0,80}={0,2}",
    ) {
        for text in [&noise, base64.as_bytes()] {
            prop_assert!(decrypt(&some_key(&seed), text).is_err());
        }
    }

    #[test]
    fn what_is_encrypted_opens_with_its_key_only(
        seed in prop::collection::vec(any::<u8>(), 1..8),
        plain in prop::collection::vec(any::<u8>(), 0..200),
        fips in any::<bool>(),
    ) {
        let form = if fips { Form::Fips } else { Form::Secretbox };
        let (key, plain) = (some_key(&seed), Secret::new(plain));
        let text = encrypt(&key, form, &plain).unwrap();
        prop_assert!(may_be_encrypted(text.as_bytes()));
        prop_assert!(decrypt(&key, text.as_bytes()).unwrap() == plain);
        let other = some_key(&[seed[0].wrapping_add(1)]);
        prop_assert!(decrypt(&other, text.as_bytes()).is_err());
    }

    #[test]
    fn a_url_shows_no_password(
        user in "[a-z]{0,5}",
        password in "[ -~]{1,12}",
        rest in "[a-z]{1,5}(:[0-9]{1,4})?/[a-z]{0,5}",
    ) {
        let url = format!("postgres://{user}:XX{password}XX@{rest}");
        let shown = mask::mask_url(&url);
        let secret = format!("XX{password}XX");
        prop_assert!(!shown.contains("XX") && !shown.contains(&secret), "{}", shown);
    }
}
