//! Go's way of writing flags, before clap sees them: one dash or two, `=` or a space.

/// `-word` becomes `--word`; everything after `--` stays. There are no clusters of short flags:
/// `-yes` is one word, as in Connect's own tools.
pub fn normalize(words: impl IntoIterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let mut plain = false;
    words
        .into_iter()
        .enumerate()
        .map(|(place, word)| {
            let Some(text) = word.to_str() else { return word };
            if place == 0 || plain {
                return word;
            }
            if text == "--" {
                plain = true;
                return word;
            }
            let Some(rest) = text.strip_prefix('-') else { return word };
            match rest.chars().next() {
                Some('-') | None => word,
                _ if rest == "h" => "--help".into(),
                _ if rest == "V" => "--version".into(),
                Some(first) if first.is_ascii_alphabetic() => format!("--{rest}").into(),
                Some(_) => word,
            }
        })
        .collect()
}
