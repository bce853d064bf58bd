//! URLs as they may be shown: without anything that could be a password.
//!
//! The text may be malformed (that is when it is shown), so this does not parse it: in doubt it
//! hides too much. Reading URLs is the business of the connection's module.

/// What stands for a hidden part.
pub const MASK: &str = "********";

/// The URL with its password, and every parameter that looks like one, hidden.
#[must_use]
pub fn mask_url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return MASK.to_owned() };
    if !scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-:".contains(c)) {
        return MASK.to_owned();
    }
    let (user, rest) = match rest.rsplit_once('@') {
        // A raw `/`, `?`, `#` or `@` in a password moves the borders, so the outermost count.
        Some((userinfo, rest)) => match userinfo.split_once(':') {
            Some((user, _)) => (format!("{user}:{MASK}@"), rest),
            None => (format!("{userinfo}@"), rest),
        },
        None => (String::new(), rest),
    };
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    let place = if user.is_empty() { strip_odd_port(place) } else { place.to_owned() };
    let query = query.map(|query| {
        let parts: Vec<String> = query.split('&').map(mask_parameter).collect();
        format!("?{}", parts.join("&"))
    });
    format!("{scheme}://{user}{place}{}", query.unwrap_or_default())
}

/// Whether the URL names a password of its own.
#[must_use]
pub fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let userinfo = authority.rsplit_once('@').map_or("", |(userinfo, _)| userinfo);
    userinfo.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

/// `user:secret` that lost its `@host` to a comment sign looks like a host with a port.
fn strip_odd_port(place: &str) -> String {
    let (authority, path) = match place.split_once('/') {
        Some((authority, path)) => (authority, format!("/{path}")),
        None => (place, String::new()),
    };
    let ends_here = path.is_empty();
    let host = |host: &str| match host.rsplit_once(':') {
        Some((name, port))
            if !host.ends_with(']') && (ends_here || !port.bytes().all(|b| b.is_ascii_digit())) =>
        {
            format!("{name}:{MASK}")
        }
        _ => host.to_owned(),
    };
    let hosts: Vec<String> = authority.split(',').map(host).collect();
    format!("{}{path}", hosts.join(","))
}

fn mask_parameter(part: &str) -> String {
    let Some((key, _)) = part.split_once('=') else {
        // No key: whatever it is, it was not meant as a parameter.
        return if part.is_empty() { String::new() } else { MASK.to_owned() };
    };
    // A misspelt `pasword` is as secret as the right one, so what is not known is hidden.
    let harmless = HARMLESS.contains(&key) || key.ends_with("_timeout");
    if harmless { part.to_owned() } else { format!("{key}={MASK}") }
}

/// Parameters whose values are no secrets, and that one wants to see when a connection fails.
const HARMLESS: [&str; 20] = [
    "application_name",
    "channel_binding",
    "client_encoding",
    "dbname",
    "default_transaction_read_only",
    "fallback_application_name",
    "host",
    "hostaddr",
    "options",
    "port",
    "role",
    "search_path",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "timezone",
    "user",
];

/// What the command line says, with passwords of URLs in it hidden: a message
/// may repeat it, and messages end up in logs.
#[must_use]
pub fn mask_words(message: &str, words: &[String]) -> String {
    let mut message = message.to_owned();
    for word in words {
        if let Some(at) = word.find("://") {
            let start = word.get(..at).and_then(|before| before.rfind('=')).map_or(0, |at| at + 1);
            let text = word.get(start..).unwrap_or_default();
            message = message.replace(text, &mask_url(text));
        } else if word.contains("password=") {
            message = message.replace(word.as_str(), MASK);
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::{has_password, mask_url};

    #[test]
    fn nothing_that_could_be_a_password_is_left() {
        for (text, shown) in [
            (
                "postgres://u:p@h:5432/db?sslmode=require",
                "postgres://u:********@h:5432/db?sslmode=require",
            ),
            ("postgres://u@h/db", "postgres://u@h/db"),
            ("postgres://h:5432/db", "postgres://h:5432/db"),
            ("postgres://h1:5432,h2:5433/db", "postgres://h1:5432,h2:5433/db"),
            ("postgres://[::1]:5432/db", "postgres://[::1]:5432/db"),
            ("postgres://u:a/b?c#d@e@h/db", "postgres://u:********@h/db"),
            ("postgres://u:secret", "postgres://u:********"),
            ("postgres://u:12", "postgres://u:********"),
            (
                "postgres://h/db?password=x&sslmode=b&sslpassword=y&pasword=z",
                "postgres://h/db?password=********&sslmode=b&sslpassword=********&pasword=********",
            ),
            ("postgres://h/db?%70assword=x&rest", "postgres://h/db?%70assword=********&********"),
            ("jdbc:postgresql://u:p@h/db", "jdbc:postgresql://u:********@h/db"),
            ("host=h password=x", "********"),
            ("secret", "********"),
            ("", "********"),
        ] {
            assert_eq!(mask_url(text), shown, "{text}");
        }
    }

    #[test]
    fn a_password_of_its_own() {
        for (text, expected) in [
            ("postgres://u:p@h/db", true),
            ("postgres://u:@h/db", false),
            ("postgres://u@h/db?x=a:b@c", false),
            ("postgres://h:5432/db", false),
        ] {
            assert_eq!(has_password(text), expected, "{text}");
        }
    }
}
