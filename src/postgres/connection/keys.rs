//! The keys of a connection string, one by one: refused, ignored, sent to the server, or TLS.
//!
//! What is neither the driver's own, nor libpq's, nor pgx's, is taken for a server setting and
//! sent; the server refuses what it does not know, and [`super::failure`] names it then.

use super::address::{Host, Secret, SslMode, Tls};
use super::url::Reading;

/// Keys that ask for something this program cannot do, and what to write instead.
const REFUSED: [(&str, &str); 19] = [
    ("service", "write the settings of the service file into the URL"),
    ("servicefile", "write the settings of the service file into the URL"),
    ("krbsrvname", KERBEROS),
    ("krbspn", KERBEROS),
    ("gsslib", KERBEROS),
    ("gssencmode", KERBEROS),
    ("gssdelegation", KERBEROS),
    ("requiressl", "write sslmode=require"),
    ("requirepeer", "remove it; the owner of the socket's directory shows which server it is"),
    ("sslcrl", "remove it; revocation lists are not read"),
    ("sslcrldir", "remove it; revocation lists are not read"),
    ("sslcompression", "remove it; servers since PostgreSQL 14 have no TLS compression"),
    ("load_balance_hosts", "remove it; the hosts are tried in the order given"),
    ("replication", "remove it; a replication connection cannot load data"),
    ("scram_client_key", "give the password itself"),
    ("scram_server_key", "give the password itself"),
    ("oauth_issuer", OAUTH),
    ("oauth_client_id", OAUTH),
    ("sslkeylogfile", "remove it; keys are not logged"),
];

const KERBEROS: &str = "use a role with a password or a client certificate: Kerberos and GSSAPI \
                        are not built in";
const OAUTH: &str = "use a role with a password or a client certificate: OAuth is not built in";

/// Keys for a driver's own workings, without meaning for a single connection.
const IGNORED: [&str; 12] = [
    "default_query_exec_mode",
    "description_cache_capacity",
    "statement_cache_capacity",
    "pool_max_conns",
    "pool_min_conns",
    "pool_min_idle_conns",
    "pool_max_conn_lifetime",
    "pool_max_conn_lifetime_jitter",
    "pool_max_conn_idle_time",
    "pool_health_check_period",
    "max_protocol_version",
    "min_protocol_version",
];

/// Keys that are read elsewhere, so are no server settings.
const SUPPORTED_KEYS: [&str; 22] = [
    "options",
    "application_name",
    "client_encoding",
    "datestyle",
    "extra_float_digits",
    "hostaddr",
    "passfile",
    "target_session_attrs",
    "channel_binding",
    "require_auth",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "sslpassword",
    "sslnegotiation",
    "sslcertmode",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "database",
    "",
];

/// Keys that others may be slips of the hand for.
const MISSPELT: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "password",
    "dbname",
    "hostaddr",
    "passfile",
    "options",
    "search_path",
    "connect_timeout",
    "application_name",
];

/// Refuses by name what cannot be honoured.
pub(super) fn refuse_unsupported_keys(reading: &mut Reading<'_>) {
    for (key, hint) in REFUSED {
        if reading.value_of(key).is_some() {
            reading.add_fault(format!("{key} is not supported"), hint);
        }
    }
    if reading.value_of("").is_some() {
        reading.add_fault("a value has no name", ["write name=value", "remove the value"]);
    }
    if reading.value_of("database").is_some() {
        let hints = ["write `dbname` instead", "write the name of the database after the host"];
        reading.add_fault("the parameter database is not known", hints);
    }
    for key in ["binary_parameters", "disable_prepared_binary_result"] {
        let value = reading.settings.get(key).unwrap_or("no").to_string();
        if !matches!(value.as_str(), "yes" | "no") {
            let quoted = super::gourl::quote_as_go(value.as_bytes());
            reading.add_fault(format!("unrecognized value {quoted} for {key}"), "write yes or no");
        }
    }
}

/// What goes to the server as a setting of its own.
pub(super) fn runtime_parameters(reading: &mut Reading<'_>) -> Vec<(String, String)> {
    let known =
        |key: &str| SUPPORTED_KEYS.contains(&key) || REFUSED.iter().any(|(name, _)| *name == key);
    let all = reading.settings.runtime_parameters().filter(|(key, _)| !known(key));
    let all: Vec<_> = all.map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let (ignored, sent): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(key, _)| IGNORED.contains(&key.as_str()));
    for (key, _) in ignored {
        reading
            .warn_setting_unknown_to_connect(format!("{key} (ignored: it is for another driver)"));
    }
    for (key, _) in &sent {
        let near = |known: &&&str| (1..=2).contains(&strsim::damerau_levenshtein(key, known));
        if let Some(meant) = MISSPELT.iter().find(near) {
            let text =
                format!("{key} is not a known parameter and is sent to the server as a setting");
            reading.add_warning(text, format!("did you mean {meant}?"));
        }
    }
    sent
}

/// Everything about encryption.
pub(super) fn read_tls_settings(reading: &mut Reading<'_>, hosts: &[Host]) -> Tls {
    let given = reading.settings.sslmode.clone().filter(|word| !word.is_empty());
    let sockets = !hosts.is_empty() && hosts.iter().all(Host::is_socket);
    let system = reading.value_of("sslrootcert") == Some("system");
    let mode = match given.as_deref() {
        _ if sockets => SslMode::Disable,
        None if system => SslMode::VerifyFull,
        None => SslMode::Require,
        Some(word) => parse_ssl_mode(reading, word),
    };
    if system {
        reading.warn_setting_unknown_to_connect("sslrootcert=system");
        if mode < SslMode::VerifyFull && !sockets {
            let word = mode.url_word();
            let text = format!("weak sslmode \"{word}\" may not be used with sslrootcert=system");
            reading.add_fault(text, "write sslmode=verify-full");
        }
    }
    let secret = |value: Option<&str>| value.map(Secret::new);
    let tls = Tls {
        mode,
        sslrootcert: reading.value_of("sslrootcert").map(str::to_string),
        sslcert: reading.value_of("sslcert").map(str::to_string),
        sslkey: secret(reading.value_of("sslkey")),
        sslpassword: secret(reading.value_of("sslpassword")),
        inline: reading.value_of("sslinline") == Some("true"),
        sni: reading.value_of("sslsni").is_none_or(|value| value.starts_with('1')),
        client_certificate: sends_client_certificate(reading),
        direct: uses_direct_tls(reading, mode),
        lowest_version: reading.value_of("ssl_min_protocol_version").map(str::to_string),
        highest_version: reading.value_of("ssl_max_protocol_version").map(str::to_string),
    };
    for key in ["sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version"] {
        if reading.value_of(key).is_some() {
            reading.warn_setting_unknown_to_connect(key);
        }
    }
    tls
}

fn parse_ssl_mode(reading: &mut Reading<'_>, word: &str) -> SslMode {
    match word {
        "disable" => SslMode::Disable,
        "allow" => {
            reading.warn_setting_unknown_to_connect("sslmode=allow");
            let text = "sslmode=allow is treated as prefer: TLS if the server supports it";
            reading.add_warning(text, ["write `sslmode=require`", "write `sslmode=disable`"]);
            SslMode::Allow
        }
        "prefer" => {
            reading.warn_setting_unknown_to_connect("sslmode=prefer");
            SslMode::Prefer
        }
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        _ => {
            let quoted = super::gourl::quote_as_go(word.as_bytes());
            let text = format!(
                "unsupported sslmode {quoted}; only \"require\" (default), \"verify-full\", \
                 \"verify-ca\", and \"disable\" supported"
            );
            reading.add_fault(
                text,
                "write one of these in lower case; this program also accepts \"prefer\"",
            );
            SslMode::Require
        }
    }
}

fn sends_client_certificate(reading: &mut Reading<'_>) -> bool {
    if reading.value_of("sslcertmode").is_some() {
        reading.warn_setting_unknown_to_connect("sslcertmode");
    }
    let read = |word: &str| match word {
        "disable" => Some(false),
        "allow" => Some(true),
        _ => None,
    };
    reading.parse_value("sslcertmode", "disable or allow", read).unwrap_or(true)
}

fn uses_direct_tls(reading: &mut Reading<'_>, mode: SslMode) -> bool {
    if reading.value_of("sslnegotiation").is_some() {
        reading.warn_setting_unknown_to_connect("sslnegotiation");
    }
    let read = |word: &str| match word {
        "postgres" => Some(false),
        "direct" => Some(true),
        _ => None,
    };
    let direct = reading.parse_value("sslnegotiation", "postgres or direct", read).unwrap_or(false);
    if direct && mode < SslMode::Require {
        let word = mode.url_word();
        let text = format!("weak sslmode \"{word}\" may not be used with sslnegotiation=direct");
        reading.add_fault(text, "write sslmode=require");
    }
    direct
}
