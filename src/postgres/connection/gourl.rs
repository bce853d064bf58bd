//! Go's `net/url` as far as a connection URL needs it: the same cuts, the same refusals.
//!
//! Works on bytes, because a Go string is bytes. The words of its errors are Go's; a second form
//! of each leaves out the pieces of the input, which may be pieces of a password.

use unicode_general_category::{GeneralCategory as Category, get_general_category};
use zeroize::Zeroizing;

/// The parts of a URL, decoded.
pub(super) struct Url {
    /// User and password; `None` when there is no `@`.
    pub userinfo: Option<Userinfo>,
    /// Host and port, still together.
    pub host: Vec<u8>,
    /// The path with its leading slash.
    pub path: Vec<u8>,
    /// Each key once, with its first value, in the order they stand.
    pub query: Vec<(Vec<u8>, Zeroizing<Vec<u8>>)>,
    /// A raw `@` stands behind the host, and none before it.
    pub stray: bool,
    /// What was dropped in silence, in words.
    pub notes: Vec<String>,
}

/// User and password.
type Userinfo = (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

/// Why Go refuses a URL.
pub(super) struct Fault {
    /// The part of the URL that Go repeats in front of the reason.
    pub url: Zeroizing<Vec<u8>>,
    pub reason: Zeroizing<String>,
    pub shown: String,
    pub hints: &'static [&'static str],
}

/// A reason with and without the piece of the input that it is about.
struct Reason {
    exact: Zeroizing<String>,
    shown: String,
    hints: &'static [&'static str],
}

/// Where a percent sign stands decides what it may mean.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Plain,
    Host,
    Zone,
    Query,
}

const ENCODE: &[&str] = &[
    "write a special character of the password as % and its code: @ %40, / %2F, ? %3F, # %23",
    "remove the password from the URL, and set `Postgres.Password` or `PGPASSWORD`",
];

/// Cuts the URL apart; `input` must begin with a scheme and `//`.
pub(super) fn parse_url(input: &[u8]) -> Result<Url, Fault> {
    let (main, fragment) = split_once_at(input, b'#');
    let fault = |url: &[u8], reason: Reason| Fault {
        url: Zeroizing::new(url.to_vec()),
        reason: reason.exact,
        shown: reason.shown,
        hints: reason.hints,
    };
    let mut url = parse_main(main).map_err(|reason| fault(main, reason))?;
    if let Some(fragment) = fragment {
        unescape(fragment, Place::Plain).map_err(|reason| fault(input, reason))?;
        if !fragment.is_empty() {
            url.notes.push("the part after the # is ignored".into());
        }
    }
    Ok(url)
}

fn parse_main(main: &[u8]) -> Result<Url, Reason> {
    if main.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
        let text = "net/url: invalid control character in URL";
        return Err(make_reason(text, None, "", &["remove the line break or tab from the URL"]));
    }
    let (before, query) = split_once_at(main, b'?');
    let rest = before.iter().position(|&byte| byte == b':').and_then(|at| before.get(at + 3..));
    let rest = rest.unwrap_or_default();
    let slash = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(slash);
    let (userinfo, host) = parse_authority(authority)?;
    let stray = userinfo.is_none() && path.contains(&b'@');
    let path = unescape(path, Place::Plain)?.to_vec();
    let mut notes = Vec::new();
    let query = parse_query(query.unwrap_or_default(), &mut notes);
    Ok(Url { userinfo, host, path, query, stray, notes })
}

fn parse_authority(authority: &[u8]) -> Result<(Option<Userinfo>, Vec<u8>), Reason> {
    let Some(at) = authority.iter().rposition(|&byte| byte == b'@') else {
        return Ok((None, parse_host(authority)?));
    };
    let (userinfo, host) = authority.split_at(at);
    let host = parse_host(host.get(1..).unwrap_or_default())?;
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !userinfo.iter().all(allowed) {
        return Err(make_reason("net/url: invalid userinfo", None, "", ENCODE));
    }
    let (user, password) = split_once_at(userinfo, b':');
    let user = unescape(user, Place::Plain)?;
    let password = unescape(password.unwrap_or_default(), Place::Plain)?;
    Ok((Some((user, password)), host))
}

fn parse_host(host: &[u8]) -> Result<Vec<u8>, Reason> {
    if host.starts_with(b"[") {
        let hints = &["write an IPv6 address in brackets: [::1]:5432"];
        let Some(end) = host.iter().rposition(|&byte| byte == b']') else {
            return Err(make_reason("missing ']' in host", None, "", hints));
        };
        let (address, port) = host.split_at(end);
        check_port(port.get(1..).unwrap_or_default())?;
        if let Some(zone) = address.windows(3).position(|window| window == b"%25") {
            let (address, zone) = address.split_at(zone);
            let mut unescaped = unescape(address, Place::Host)?.to_vec();
            unescaped.extend_from_slice(&unescape(zone, Place::Zone)?);
            unescaped.extend_from_slice(&unescape(port, Place::Host)?);
            return Ok(unescaped);
        }
    } else if let Some(colon) = host.iter().rposition(|&byte| byte == b':') {
        check_port(host.get(colon..).unwrap_or_default())?;
    }
    Ok(unescape(host, Place::Host)?.to_vec())
}

/// Nothing, or a colon and digits (possibly none).
fn check_port(port: &[u8]) -> Result<(), Reason> {
    match port.split_first() {
        None => Ok(()),
        Some((b':', digits)) if digits.iter().all(u8::is_ascii_digit) => Ok(()),
        _ => Err(make_reason("invalid port ", Some(port), " after host", ENCODE)),
    }
}

fn parse_query(query: &[u8], notes: &mut Vec<String>) -> Vec<(Vec<u8>, Zeroizing<Vec<u8>>)> {
    let mut pairs: Vec<(Vec<u8>, Zeroizing<Vec<u8>>)> = Vec::new();
    for part in query.split(|&byte| byte == b'&').filter(|part| !part.is_empty()) {
        let (key, value) = split_once_at(part, b'=');
        if part.contains(&b';') {
            notes
                .push("a part of the query with an unescaped ; is ignored (write ; as %3B)".into());
            continue;
        }
        let key = unescape(key, Place::Query);
        let value = unescape(value.unwrap_or_default(), Place::Query);
        let (Ok(key), Ok(value)) = (key, value) else {
            notes.push("a part of the query with an invalid % escape is ignored".into());
            continue;
        };
        if pairs.iter().any(|(known, _)| *known == *key) {
            let key = text_from_bytes(&key);
            notes.push(format!("{key} is in the query more than once: the first value is used"));
        } else {
            pairs.push((key.to_vec(), value));
        }
    }
    pairs
}

/// Host and port of `host:port`, or `None` where Go finds no port.
pub(super) fn split_host_port(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = address.iter().rposition(|&byte| byte == b':')?;
    let (host, port) = (address.get(..colon)?, address.get(colon + 1..)?);
    if address.starts_with(b"[") {
        let end = address.iter().position(|&byte| byte == b']')?;
        let host = host.get(1..end)?;
        let clean = end + 1 == colon && !host.contains(&b'[') && !port.contains(&b']');
        return (clean && !port.contains(&b'[')).then_some((host, port));
    }
    let odd = |byte: &u8| matches!(byte, b'[' | b']');
    (!host.contains(&b':') && !address.iter().any(odd)).then_some((host, port))
}

/// Decodes `%XX` (and, in a query, `+`).
fn unescape(input: &[u8], place: Place) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut output = Zeroizing::new(Vec::with_capacity(input.len()));
    let mut rest = input;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => {
                let digits = |pair: &[u8; 2]| Some(hex_value(pair[0])? << 4 | hex_value(pair[1])?);
                let decoded = after.first_chunk::<2>().and_then(digits);
                let Some(decoded) = decoded.filter(|byte| may_be_escaped(*byte, place)) else {
                    let mut piece = vec![b'%'];
                    piece.extend(after.iter().take(2));
                    return Err(make_reason("invalid URL escape ", Some(&piece), "", ENCODE));
                };
                output.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            b'+' if place == Place::Query => output.push(b' '),
            _ if matches!(place, Place::Host | Place::Zone) && !may_stand_in_host(byte) => {
                let (before, after) = ("invalid character ", " in host name");
                return Err(make_reason(before, Some(&[byte]), after, ENCODE));
            }
            _ => output.push(byte),
        }
    }
    Ok(output)
}

/// In a host only bytes beyond ASCII may be escaped, and the percent sign itself.
fn may_be_escaped(byte: u8, place: Place) -> bool {
    match place {
        Place::Plain | Place::Query => true,
        Place::Host => byte >= 0x80 || byte == b'%',
        Place::Zone => matches!(byte, b'%' | b' ') || byte < 0x80 && may_stand_in_host(byte),
    }
}

fn may_stand_in_host(byte: u8) -> bool {
    byte >= 0x80 || byte.is_ascii_alphanumeric() || b"!$&'()*+,;=:[]<>\"-_.~".contains(&byte)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn split_once_at(input: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match input.iter().position(|&byte| byte == at) {
        Some(index) => (input.get(..index).unwrap_or_default(), input.get(index + 1..)),
        None => (input, None),
    }
}

fn make_reason(
    text_before: &str,
    piece: Option<&[u8]>,
    text_after: &str,
    hints: &'static [&'static str],
) -> Reason {
    let quoted = Zeroizing::new(piece.map(quote_as_go).unwrap_or_default());
    Reason {
        exact: Zeroizing::new(format!("{text_before}{}{text_after}", quoted.as_str())),
        shown: format!("{text_before}{}{text_after}", if piece.is_some() { "\"…\"" } else { "" }),
        hints,
    }
}

/// Bytes as text, each byte that is not UTF-8 as one U+FFFD.
pub(super) fn text_from_bytes(input: &[u8]) -> String {
    let mut text = String::with_capacity(input.len());
    for chunk in input.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Bytes in double quotes, as Go's `%q` prints them.
pub(super) fn quote_as_go(input: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for chunk in input.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                '\x07' => quoted.push_str("\\a"),
                '\x08' => quoted.push_str("\\b"),
                '\x0c' => quoted.push_str("\\f"),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                '\x0b' => quoted.push_str("\\v"),
                c if is_printable(c) => quoted.push(c),
                c if u32::from(c) < 0x20 || c == '\x7f' => {
                    quoted.push_str(&format!("\\x{:02x}", u32::from(c)));
                }
                c if u32::from(c) < 0x10000 => {
                    quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
            }
        }
        for byte in chunk.invalid() {
            quoted.push_str(&format!("\\x{byte:02x}"));
        }
    }
    quoted.push('"');
    quoted
}

/// Letters, marks, numbers, punctuation, symbols and the plain space.
fn is_printable(c: char) -> bool {
    c == ' '
        || !matches!(
            get_general_category(c),
            Category::Control
                | Category::Format
                | Category::LineSeparator
                | Category::ParagraphSeparator
                | Category::PrivateUse
                | Category::SpaceSeparator
                | Category::Surrogate
                | Category::Unassigned
        )
}
