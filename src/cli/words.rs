//! Go's way of writing flags, before clap sees them: one dash or two, `=` or a space.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::diagnostic::Fault;

/// `-word` becomes `--word`, `-yes=true` becomes `--yes`, `-yes=false` takes `--yes` back;
/// everything after `--` stays. There are no clusters of short flags: `-yes` is one word, as in
/// Connect's own tools. `--config` may stand before the command, too. `switches` are the flags
/// without a value.
///
/// # Errors
/// When a switch is given a value that is neither true nor false.
pub fn normalize_arguments(
    words: impl IntoIterator<Item = OsString>,
    switches: &[String],
) -> Result<Vec<OsString>, Fault> {
    let mut words = words.into_iter();
    let mut out: Vec<OsString> = words.next().into_iter().collect();
    for word in words.by_ref() {
        if word == "--" {
            out.push(word);
            break;
        }
        let word = two_dashes(word);
        match value_of_switch(&word, switches) {
            None => out.push(word),
            Some((flag, value)) => match parse_go_boolean(value) {
                Some(true) => out.push(flag),
                Some(false) => out.retain(|known| *known != flag),
                None => return Err(not_a_boolean_fault(&flag, value)),
            },
        }
    }
    out.extend(words);
    move_config_after_command(&mut out);
    Ok(out)
}

/// `migrate --config FILE db` becomes `migrate db --config FILE`; one that stands behind the
/// command as well is the later one, and counts. Without a command it says nothing.
fn move_config_after_command(words: &mut Vec<OsString>) {
    let mut end = 1;
    while let Some(word) = words.get(end) {
        match word.as_bytes() {
            b"--config" if words.len() > end + 1 => end += 2,
            [b'-', b'-', b'c', b'o', b'n', b'f', b'i', b'g', b'=', ..] => end += 1,
            _ => break,
        }
    }
    match words.get(end) {
        None => words.truncate(words.len().min(1)),
        Some(word) if word.as_bytes().starts_with(b"-") => {}
        Some(_) => words.get_mut(1..=end).unwrap_or_default().rotate_right(1),
    }
}

fn two_dashes(word: OsString) -> OsString {
    let bytes = word.as_bytes();
    match bytes {
        b"-h" => "--help".into(),
        b"-V" => "--version".into(),
        [b'-', first, ..] if first.is_ascii_alphabetic() => {
            OsString::from_vec([b"-", bytes].concat())
        }
        _ => word,
    }
}

/// `--yes=false` as `--yes` and `false`, if `yes` is a switch.
fn value_of_switch<'a>(word: &'a OsStr, switches: &[String]) -> Option<(OsString, &'a OsStr)> {
    let bytes = word.as_bytes();
    let index = bytes.iter().position(|byte| *byte == b'=')?;
    let (flag, value) = (bytes.get(..index)?, bytes.get(index + 1..)?);
    let name = std::str::from_utf8(flag).ok()?.strip_prefix("--")?;
    let known = switches.iter().any(|switch| switch == name);
    known.then(|| (OsStr::from_bytes(flag).to_owned(), OsStr::from_bytes(value)))
}

/// The words that Go takes for a boolean.
fn parse_go_boolean(value: &OsStr) -> Option<bool> {
    match value.to_str()? {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn not_a_boolean_fault(flag: &OsStr, value: &OsStr) -> Fault {
    let (flag, value) = (flag.display(), value.display());
    Fault::new(
        format!("{flag}={value}: the value is neither true nor false"),
        format!("write `{flag}` or `{flag}=false`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized_text(text: &str) -> Result<String, Fault> {
        let switches = ["yes".to_owned(), "dry-run".to_owned()];
        let words = text.split(' ').map(OsString::from);
        let out = normalize_arguments(words, &switches)?;
        Ok(out.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn one_dash_is_two() {
        for (given, meant) in [
            ("m db -data core", "m db --data core"),
            ("m db -data=core --yes", "m db --data=core --yes"),
            ("m -h", "m --help"),
            ("m -version", "m --version"),
            ("-m db -yv", "-m db --yv"),
            ("m - -1 ---x", "m - -1 ---x"),
            ("m db -- -yes -yes=false", "m db -- -yes -yes=false"),
            ("m db -yes=true -dry-run=f", "m db --yes"),
            ("m db -yes -dry-run -yes=0", "m db --dry-run"),
            ("m db -yes=F --yes=T", "m db --yes"),
            ("m db -data=yes=no", "m db --data=yes=no"),
            ("m -config f db -yes", "m db --config f --yes"),
            ("m --config=f --config g db --config h", "m db --config=f --config g --config h"),
            ("m -config f", "m"),
            ("m -config", "m --config"),
            ("m -config f -help db", "m --config f --help db"),
        ] {
            assert_eq!(normalized_text(given).unwrap(), meant);
        }
    }

    #[test]
    fn a_switch_is_true_or_false() {
        for given in ["m -yes=maybe", "m --yes=", "m -yes=yes"] {
            let fault = normalized_text(given).unwrap_err();
            assert!(fault.full_hint().contains("--yes=false"), "{fault:?}");
        }
        let odd = OsString::from_vec(b"-yes=\xff".to_vec());
        assert!(normalize_arguments(["m".into(), odd.clone()], &["yes".to_owned()]).is_err());
        let kept = normalize_arguments(["m".into(), odd], &[]).unwrap();
        assert_eq!(kept[1].as_bytes(), b"--yes=\xff");
    }
}
