//! Reads a connection string as Connect's database driver reads it: Go's `lib/pq` 1.10 on top of
//! Go's `net/url`, odd corners included.
//!
//! A URL is first rewritten as `key='value'` words, the words are sorted, and then read again; so
//! of a user that stands both before the `@` and in the query the alphabetically later one counts.
//! What the settings mean, and which of them we can honour, is [`super::url`]'s business.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::gourl;

/// The settings of a connection string, as the driver holds them before it connects.
#[derive(Default)]
pub struct Settings {
    values: BTreeMap<String, Zeroizing<String>>,
    /// The sslmode that the string gives; the driver forgets it when the host is a socket.
    pub sslmode: Option<String>,
    /// A raw `@` stands behind the host of the URL, and none before it: most likely a raw `/` in
    /// the password has cut it in two.
    pub stray: bool,
    /// What the driver drops or decides in silence, in words.
    pub notes: Vec<String>,
}

/// Why the driver refuses a connection string.
pub struct Refused {
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests compare it"))]
    exact: Zeroizing<String>,
    /// The driver's words, without any piece of the input: a piece may be part of a password.
    pub shown: String,
    /// What to do about it, one alternative each.
    pub hints: &'static [&'static str],
}

impl Refused {
    /// The driver's own error text. It repeats the input, so it may hold a password: compare it,
    /// never show it.
    #[cfg(feature = "internals")]
    pub fn driver_text(&self) -> &str {
        &self.exact
    }

    fn from_parts(text_before: &str, piece: &[u8], text_after: &str) -> Refused {
        let quoted = Zeroizing::new(gourl::quote_as_go(piece));
        Refused {
            exact: Zeroizing::new(format!("{text_before}{}{text_after}", quoted.as_str())),
            shown: format!("{text_before}\"…\"{text_after}"),
            hints: &[
                "write postgres://USER@HOST/DATABASE, with the scheme in lower case",
                "write key=value pairs, with quotes around values that contain spaces",
            ],
        }
    }

    fn from_text(text: impl Into<String>, hints: &'static [&'static str]) -> Refused {
        let text = text.into();
        Refused { exact: Zeroizing::new(text.clone()), shown: text, hints }
    }
}

impl Settings {
    /// The value of `key`, when it was given or the driver has a default for it.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.as_str())
    }

    /// What the driver would send in the start-up packet beside user and database.
    pub fn runtime_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let sent = |key: &str| !DRIVER_SETTINGS.contains(&key) && !matches!(key, "user" | "dbname");
        let all = self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        all.filter(move |(key, _)| sent(key))
    }
}

/// Settings that the driver keeps to itself.
const DRIVER_SETTINGS: [&str; 15] = [
    "host",
    "port",
    "password",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "sslinline",
    "sslsni",
    "fallback_application_name",
    "connect_timeout",
    "disable_prepared_binary_result",
    "binary_parameters",
    "krbsrvname",
    "krbspn",
];

/// Reads `input`, a URL or `key=value` words.
///
/// # Errors
/// When the driver would refuse it, with the driver's own text.
pub fn parse_settings(input: &[u8]) -> Result<Settings, Refused> {
    let mut settings = Settings::default();
    for (key, value) in [("host", "localhost"), ("port", "5432"), ("extra_float_digits", "2")] {
        settings.values.insert(key.into(), Zeroizing::new(value.into()));
    }
    if input.starts_with(b"postgres://") || input.starts_with(b"postgresql://") {
        let words = url_to_words(input, &mut settings.notes, &mut settings.stray)?;
        parse_words(&words, &mut settings.values)?;
    } else {
        parse_words(input, &mut settings.values)?;
    }
    settings.sslmode = settings.get("sslmode").map(str::to_string);
    fill_in_defaults(&mut settings.values)?;
    Ok(settings)
}

/// The URL as sorted `key='value'` words; empty values are left out.
fn url_to_words(
    input: &[u8],
    notes: &mut Vec<String>,
    stray: &mut bool,
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let url = gourl::parse_url(input).map_err(|fault| {
        let quoted = Zeroizing::new(gourl::quote_as_go(&fault.url));
        Refused {
            exact: Zeroizing::new(format!("parse {}: {}", quoted.as_str(), fault.reason.as_str())),
            shown: format!("parse \"…\": {}", fault.shown),
            hints: fault.hints,
        }
    })?;
    notes.extend(url.notes.iter().cloned());
    *stray = url.stray;
    let mut words: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut accrue = |key: &[u8], value: &[u8]| {
        if !value.is_empty() {
            words.push(Zeroizing::new(quote_word(key, value)));
        }
    };
    if let Some((user, password)) = &url.userinfo {
        accrue(b"user", user);
        accrue(b"password", password);
    }
    match gourl::split_host_port(&url.host) {
        Some((host, port)) => {
            accrue(b"host", host);
            accrue(b"port", port);
        }
        None => accrue(b"host", &url.host),
    }
    accrue(b"dbname", url.path.get(1..).unwrap_or_default());
    for (key, value) in &url.query {
        accrue(key, value);
    }
    words.sort_by(|a, b| a.as_slice().cmp(b.as_slice()));
    let mut joined = Zeroizing::new(Vec::new());
    for word in &words {
        joined.extend_from_slice(word);
        joined.push(b' ');
    }
    joined.pop();
    Ok(joined)
}

/// `key='value'` with quotes and backslashes of the value escaped.
fn quote_word(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(key.len() + value.len() + 3);
    word.extend_from_slice(key);
    word.extend_from_slice(b"='");
    for &byte in value {
        if matches!(byte, b'\'' | b'\\') {
            word.push(b'\\');
        }
        word.push(byte);
    }
    word.push(b'\'');
    word
}

/// Reads `key = value` words into `values`; of a repeated key the last counts.
fn parse_words(
    input: &[u8],
    values: &mut BTreeMap<String, Zeroizing<String>>,
) -> Result<(), Refused> {
    let text = Zeroizing::new(gourl::text_from_bytes(input));
    let mut rest = text.chars();
    while let Some(first) = skip_spaces(&mut rest) {
        let mut key = Zeroizing::new(String::new());
        let mut next = Some(first);
        while let Some(c) = next.filter(|c| !c.is_whitespace() && *c != '=') {
            key.push(c);
            next = rest.next();
        }
        if next != Some('=') && skip_spaces(&mut rest) != Some('=') {
            return Err(Refused::from_parts(
                "missing \"=\" after ",
                key.as_bytes(),
                " in connection info string\"",
            ));
        }
        let value = match skip_spaces(&mut rest) {
            None => Zeroizing::new(String::new()),
            Some('\'') => parse_quoted_value(&mut rest)?,
            Some(first) => parse_unquoted_value(first, &mut rest)?,
        };
        values.insert(key.to_string(), value);
    }
    Ok(())
}

fn skip_spaces(rest: &mut std::str::Chars<'_>) -> Option<char> {
    rest.find(|c| !c.is_whitespace())
}

fn parse_quoted_value(rest: &mut std::str::Chars<'_>) -> Result<Zeroizing<String>, Refused> {
    let mut value = Zeroizing::new(String::new());
    loop {
        match rest.next() {
            Some('\'') => return Ok(value),
            Some('\\') => value.push(rest.next().unwrap_or('\0')),
            Some(c) => value.push(c),
            None => {
                let text = "unterminated quoted string literal in connection string";
                let hints = &["close the value with ' (write a ' in it as \\')"];
                return Err(Refused::from_text(text, hints));
            }
        }
    }
}

fn parse_unquoted_value(
    first: char,
    rest: &mut std::str::Chars<'_>,
) -> Result<Zeroizing<String>, Refused> {
    let mut value = Zeroizing::new(String::new());
    let mut next = Some(first);
    while let Some(c) = next.filter(|c| !c.is_whitespace()) {
        if c == '\\' {
            let text = "missing character after backslash";
            let hints = &["write a backslash as \\\\"];
            value.push(rest.next().ok_or_else(|| Refused::from_text(text, hints))?);
        } else {
            value.push(c);
        }
        next = rest.next();
    }
    Ok(value)
}

/// What the driver checks and fills in once all settings are known.
fn fill_in_defaults(values: &mut BTreeMap<String, Zeroizing<String>>) -> Result<(), Refused> {
    if let Some(name) = values.get("fallback_application_name").cloned() {
        values.entry("application_name".into()).or_insert(name);
    }
    if let Some(encoding) = values.get("client_encoding") {
        let plain: String = encoding.chars().filter(char::is_ascii_alphanumeric).collect();
        if !matches!(plain.to_ascii_lowercase().as_str(), "utf8" | "unicode") {
            let text = "client_encoding must be absent or 'UTF8'";
            return Err(Refused::from_text(text, &["remove `client_encoding` from the URL"]));
        }
    }
    values.insert("client_encoding".into(), Zeroizing::new("UTF8".into()));
    let style = values.entry("datestyle".into());
    let style = style.or_insert_with(|| Zeroizing::new("ISO, MDY".into()));
    if style.as_str() != "ISO, MDY" {
        let got = style.as_str();
        let text = format!("setting datestyle must be absent or ISO, MDY; got {got}");
        return Err(Refused::from_text(text, &["remove `datestyle` from the URL"]));
    }
    if values.get("host").is_some_and(|host| host.starts_with('/')) {
        values.insert("sslmode".into(), Zeroizing::new("disable".into()));
    }
    Ok(())
}
