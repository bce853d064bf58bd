//! Connection strings against lib/pq 1.10.7 itself, and the table of what we do otherwise.
//!
//! The vectors hold what the driver made of each URL. `CASES` names another directory with a file
//! of the same form.

use std::collections::BTreeMap;
use std::path::PathBuf;

use connect_migrate::diagnostic::{Error, Exit};
use connect_migrate::postgres::connection::{driver, tls};
use serde_json::Value;

use crate::urls::{REFUSED_KEYS, environment, read};

/// Where we do on purpose what lib/pq 1.10.7 does not: the rule, whether a case falls under it,
/// and why. Everything else must agree. `refused` is what we do with the URL as a whole.
struct Difference {
    rule: &'static str,
    refused: bool,
    applies: fn(&BTreeMap<String, String>) -> bool,
    why: &'static str,
}

fn word<'a>(settings: &'a BTreeMap<String, String>, key: &str) -> &'a str {
    settings.get(key).map(String::as_str).unwrap_or_default()
}

fn is_one_of(settings: &BTreeMap<String, String>, key: &str, words: &[&str]) -> bool {
    words.contains(&word(settings, key))
}

const DIFFERENCES: [Difference; 17] = [
    Difference {
        rule: "sslmode=allow and prefer are honoured",
        refused: false,
        applies: |settings| is_one_of(settings, "sslmode", &["allow", "prefer"]),
        why: "a newer driver in Connect would honour them; the warning says that 1.10 does not",
    },
    Difference {
        rule: "a port that no server can have is refused at once",
        refused: true,
        applies: |settings| {
            let ports = word(settings, "port");
            ports.split(',').any(|port| !port.parse::<u16>().is_ok_and(|port| port > 0))
        },
        why: "lib/pq fails when it dials, with words about the resolver",
    },
    Difference {
        rule: "connect_timeout must be a number",
        refused: true,
        applies: |settings| {
            let value = word(settings, "connect_timeout");
            !value.is_empty() && value.parse::<i64>().is_err()
        },
        why: "lib/pq fails when it dials; the words are the same",
    },
    Difference {
        rule: "standbys and unknown words of target_session_attrs are refused",
        refused: true,
        applies: |settings| {
            let known = ["", "any", "read-write", "read-only", "primary"];
            !is_one_of(settings, "target_session_attrs", &known)
        },
        why: "lib/pq sends the key to the server, which refuses it; a standby takes no data",
    },
    Difference {
        rule: "keys of other drivers that ask for what we cannot do are refused by name",
        refused: true,
        applies: |settings| REFUSED_KEYS.iter().any(|key| !word(settings, key).is_empty()),
        why: "lib/pq sends them to the server, which refuses them with fewer words",
    },
    Difference {
        rule: "a value without a name is refused",
        refused: true,
        applies: |settings| !word(settings, "").is_empty(),
        why: "lib/pq sends an empty name, which ends the start-up packet early",
    },
    Difference {
        rule: "abstract sockets and IPv6 zones are refused",
        refused: true,
        applies: |settings| word(settings, "host").contains(['@', '%']),
        why: "lib/pq takes them for host names that nobody knows",
    },
    Difference {
        rule: "sslinline=true must have a certificate in sslcert",
        refused: true,
        applies: |settings| word(settings, "sslinline") == "true",
        why: "none: lib/pq says the same at connect, and so do we",
    },
    Difference {
        rule: "words of libpq that have a fixed set of values are checked",
        refused: true,
        applies: |settings| {
            !is_one_of(settings, "channel_binding", &["", "disable", "prefer", "require"])
                || !is_one_of(settings, "sslnegotiation", &["", "postgres"])
                || !is_one_of(settings, "sslcertmode", &["", "disable", "allow"])
        },
        why: "lib/pq sends them to the server; sslnegotiation=direct is taken when TLS is forced",
    },
    Difference {
        rule: "sslrootcert=system needs verify-full",
        refused: true,
        applies: |settings| {
            word(settings, "sslrootcert") == "system"
                && !is_one_of(settings, "sslmode", &["", "verify-full"])
        },
        why: "as libpq 16 and later; lib/pq 1.10 looks for a file of that name",
    },
    Difference {
        rule: "keepalives, hostaddr and tcp_user_timeout are read as numbers",
        refused: true,
        applies: |settings| {
            let wrong = |key: &&str| {
                let value = word(settings, key);
                !value.is_empty() && value.parse::<u32>().is_err()
            };
            ["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"]
                .iter()
                .any(wrong)
                || wrong(&"tcp_user_timeout")
                || !word(settings, "hostaddr").is_empty()
        },
        why: "lib/pq sends them to the server, which refuses them",
    },
    Difference {
        rule: "sslrootcert=system is the system's store",
        refused: false,
        applies: |settings| word(settings, "sslrootcert") == "system",
        why: "as libpq 16 and later; lib/pq 1.10 looks for a file of that name",
    },
    Difference {
        rule: "the driver's own switches are yes or no",
        refused: true,
        applies: |settings| {
            !is_one_of(settings, "binary_parameters", &["", "yes", "no"])
                || !is_one_of(settings, "disable_prepared_binary_result", &["", "yes", "no"])
        },
        why: "lib/pq says so when it connects, in the same words",
    },
    Difference {
        rule: "a zero byte is refused",
        refused: true,
        applies: |settings| {
            settings.iter().any(|(key, value)| (key.clone() + value).contains('\0'))
        },
        why: "lib/pq sends it, and the server reads a shorter value",
    },
    Difference {
        rule: "TLS versions have names",
        refused: true,
        applies: |settings| {
            let keys = ["ssl_min_protocol_version", "ssl_max_protocol_version"];
            keys.iter().any(|key| !word(settings, key).is_empty())
        },
        why: "lib/pq sends the key to the server, which refuses it",
    },
    Difference {
        rule: "a raw @ behind the host, and none before it, is refused",
        refused: true,
        applies: |settings| word(settings, "dbname").contains('@'),
        why: "it is the rest of a password with a raw /, and would be shown as a database's name",
    },
    Difference {
        rule: "a list must name every host, and fit the list of ports",
        refused: true,
        applies: |settings| {
            let hosts: Vec<_> = word(settings, "host").split(',').collect();
            let ports = word(settings, "port").split(',').count();
            let own = |host: &&str| host.rsplit_once(':').map(|(_, port)| port.to_string());
            let bad = |port: String| !port.parse::<u16>().is_ok_and(|port| port > 0);
            hosts.len() > 1 && (hosts.contains(&"") || hosts.iter().filter_map(own).any(bad))
                || ports > 1 && hosts.len() != ports
        },
        why: "lib/pq knows no lists: it takes the whole for one odd host name",
    },
];

/// Settings that the driver fills in by itself; the vectors leave them out.
const DEFAULTS: [(&str, &str); 3] =
    [("client_encoding", "UTF8"), ("datestyle", "ISO, MDY"), ("extra_float_digits", "2")];

#[test]
fn vectors_of_postgres_urls() {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/vectors"));
    let directory = std::env::var_os("CASES").map_or(own, PathBuf::from);
    let text = std::fs::read_to_string(directory.join("postgres-urls.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    let wrong: Vec<_> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// One case: the driver's reading must agree to the letter; then ours, but for the table.
fn check(case: &Value) -> Result<(), String> {
    let url = case["url"].as_str().unwrap();
    let expected = &case["lib_pq_1_10_7"];
    let at_connect = expected["error"].as_str().and_then(|text| text.strip_prefix("at connect: "));
    let early = expected["error"].as_str().filter(|_| at_connect.is_none());
    let settings = match (driver::parse_settings(url.as_bytes()), early) {
        (Err(refused), Some(text)) if refused.driver_text() == text => return check_refused(url),
        (Err(refused), _) => {
            return Err(format!("{url}: lib/pq: {expected}; we: {}", refused.driver_text()));
        }
        (Ok(_), Some(text)) => return Err(format!("{url}: lib/pq refuses: {text}")),
        (Ok(settings), None) => settings,
    };
    let flat = flatten(&settings);
    if at_connect.is_none() {
        let expected = expected_settings(expected);
        let parsed: BTreeMap<String, String> = flat
            .iter()
            .filter(|(key, _)| expected.contains_key(*key) || !is_default(key, &flat))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if parsed != expected {
            return Err(format!("{url}: lib/pq: {expected:?}; we: {parsed:?}"));
        }
    }
    check_judgement(url, at_connect, &settings)
}

/// Refused by the driver, refused by us, unless it is the old placeholder; without a word of it.
fn check_refused(url: &str) -> Result<(), String> {
    match read(url) {
        Ok(_) if url.contains(":{$}@") => Ok(()),
        Ok(_) => Err(format!("{url}: lib/pq refuses it, we do not")),
        Err(error) if error.exit != Exit::Usage => Err(format!("{url}: {error}")),
        Err(_) => Ok(()),
    }
}

/// Accepted by the driver: accepted by us, but for the table of differences.
fn check_judgement(
    url: &str,
    at_connect: Option<&str>,
    settings: &driver::Settings,
) -> Result<(), String> {
    let all = plain(settings);
    let differing: Vec<_> = DIFFERENCES.iter().filter(|case| (case.applies)(&all)).collect();
    let may_refuse = differing.iter().any(|case| case.refused);
    let may_accept = differing.iter().any(|case| !case.refused);
    let judged = read(url).and_then(|address| {
        let mut warnings = Vec::new();
        let made = tls::build_connector(&address.tls, &environment(), &mut warnings);
        made.map_err(|fault| Error { exit: Exit::Usage, faults: vec![fault] })
    });
    match (judged, at_connect) {
        (Ok(_), None) => Ok(()),
        (Ok(_), Some(_)) if may_accept => Ok(()),
        (Ok(_), Some(text)) => Err(format!("{url}: lib/pq refuses at connect: {text}")),
        (Err(error), Some(text)) => {
            let text = text.strip_prefix("pq: ").unwrap_or(text);
            let file = text.strip_prefix("open ").and_then(|text| text.split_once(": "));
            if file.is_some_and(|(file, _)| error.to_string().contains(file)) {
                return Ok(());
            }
            let same = error.faults.iter().any(|fault| fault.text.ends_with(text));
            if same { Ok(()) } else { Err(format!("{url}: lib/pq: {text}; we: {error}")) }
        }
        (Err(_), None) if may_refuse || names_missing_file(&all) => Ok(()),
        (Err(error), None) => Err(format!("{url}: lib/pq takes it; we: {error}")),
    }
}

/// The vectors were made on another machine: files they name are not here.
fn names_missing_file(settings: &BTreeMap<String, String>) -> bool {
    ["sslrootcert", "sslcert", "sslkey"].iter().any(|key| !word(settings, key).is_empty())
}

fn plain(settings: &driver::Settings) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = settings
        .runtime_parameters()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect();
    for key in DRIVER_KEYS {
        if let Some(value) = settings.get(key) {
            all.insert(key.to_string(), value.to_string());
        }
    }
    all
}

const DRIVER_KEYS: [&str; 17] = [
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "sslinline",
    "sslsni",
    "connect_timeout",
    "fallback_application_name",
    "binary_parameters",
    "disable_prepared_binary_result",
    "krbsrvname",
    "krbspn",
];

/// As the vectors have it: the driver's own keys, and `runtime:KEY` for what is sent.
fn flatten(settings: &driver::Settings) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    for key in DRIVER_KEYS {
        if let Some(value) = settings.get(key).filter(|value| !value.is_empty()) {
            flat.insert(key.to_string(), value.to_string());
        }
    }
    flat.entry("user".to_string()).or_insert_with(|| "<os user>".to_string());
    for (key, value) in settings.runtime_parameters().filter(|(_, value)| !value.is_empty()) {
        flat.insert(format!("runtime:{key}"), value.to_string());
    }
    flat
}

fn is_default(key: &str, flat: &BTreeMap<String, String>) -> bool {
    let default = |(name, value): &(&str, &str)| {
        key.strip_prefix("runtime:") == Some(name) && flat.get(key).is_some_and(|v| v == value)
    };
    DEFAULTS.iter().any(default)
}

fn expected_settings(expected: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (key, value) in expected.as_object().unwrap() {
        match value {
            Value::Object(runtime) => {
                for (key, value) in runtime {
                    all.insert(format!("runtime:{key}"), value.as_str().unwrap().to_string());
                }
            }
            value => {
                all.insert(key.clone(), value.as_str().unwrap().to_string());
            }
        }
    }
    all.retain(|_, value| !value.is_empty());
    all
}

#[test]
fn differences_have_reasons() {
    for difference in &DIFFERENCES {
        assert!(!difference.rule.is_empty() && !difference.why.is_empty());
    }
}
