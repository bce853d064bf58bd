//! Connection strings: read exactly as Connect's driver reads them, then judged.
//!
//! The vectors hold what lib/pq 1.10.7 made of each URL. `CASES` names another directory with a
//! file of the same form.

use std::collections::BTreeMap;
use std::path::PathBuf;

use connect_migrate::connection::address::{Attrs, Binding, SslMode};
use connect_migrate::connection::{Address, Environment, Secret, driver, tls};
use connect_migrate::error::Exit;
use proptest::prelude::*;
use serde_json::Value;

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

const DIFFERENCES: [Difference; 12] = [
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
        applies: |settings| {
            REFUSED_KEYS.iter().any(|key| !word(settings, key).is_empty())
        },
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
        rule: "a list must name every host, and fit the list of ports",
        refused: true,
        applies: |settings| {
            let hosts: Vec<_> = word(settings, "host").split(',').collect();
            let ports = word(settings, "port").split(',').count();
            hosts.len() > 1 && (hosts.contains(&"") || ports > 1 && ports != hosts.len())
                || ports > 1 && hosts.len() != ports
        },
        why: "lib/pq knows no lists: it takes the whole for one odd host name",
    },
];

const REFUSED_KEYS: [&str; 21] = [
    "service",
    "servicefile",
    "krbsrvname",
    "krbspn",
    "gsslib",
    "gssencmode",
    "gssdelegation",
    "requiressl",
    "require_auth",
    "requirepeer",
    "sslcrl",
    "sslcrldir",
    "sslcompression",
    "load_balance_hosts",
    "replication",
    "scram_client_key",
    "scram_server_key",
    "oauth_issuer",
    "oauth_client_id",
    "sslkeylogfile",
    "database",
];

/// Settings that the driver fills in by itself; the vectors leave them out.
const DEFAULTS: [(&str, &str); 3] =
    [("client_encoding", "UTF8"), ("datestyle", "ISO, MDY"), ("extra_float_digits", "2")];

fn environment() -> Environment {
    Environment { user: Some("<os user>".into()), ..Environment::default() }
}

fn read(url: &str) -> Result<Address, connect_migrate::error::Error> {
    Address::read("Postgres.URL", url, None, &environment())
}

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
    let settings = match (driver::read(url.as_bytes()), early) {
        (Err(refused), Some(text)) if refused.exact() == text => return check_refused(url),
        (Err(refused), _) => {
            return Err(format!("{url}: lib/pq: {expected}; we: {}", refused.exact()));
        }
        (Ok(_), Some(text)) => return Err(format!("{url}: lib/pq refuses: {text}")),
        (Ok(settings), None) => settings,
    };
    let flat = flatten(&settings);
    if at_connect.is_none() {
        let expected = expected_settings(expected);
        let ours: BTreeMap<String, String> = flat
            .iter()
            .filter(|(key, _)| expected.contains_key(*key) || !is_default(key, &flat))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if ours != expected {
            return Err(format!("{url}: lib/pq: {expected:?}; we: {ours:?}"));
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
        let made = tls::connector(&address.tls, &environment(), &mut warnings);
        made.map_err(|fault| {
            connect_migrate::error::Error { exit: Exit::Usage, faults: vec![fault] }
        })
    });
    match (judged, at_connect) {
        (Ok(_), None) => Ok(()),
        (Ok(_), Some(_)) if may_accept => Ok(()),
        (Ok(_), Some(text)) => Err(format!("{url}: lib/pq refuses at connect: {text}")),
        (Err(error), Some(text)) => {
            let text = text.strip_prefix("pq: ").unwrap_or(text);
            let same = error.faults.iter().any(|fault| fault.text.ends_with(text));
            if same { Ok(()) } else { Err(format!("{url}: lib/pq: {text}; we: {error}")) }
        }
        (Err(_), None) if may_refuse || names_missing_file(&all) => Ok(()),
        (Err(error), None) => Err(format!("{url}: lib/pq takes it; we: {error}")),
    }
}

/// The vectors were made on another machine: files they name are not here.
fn names_missing_file(settings: &BTreeMap<String, String>) -> bool {
    ["sslrootcert", "sslcert", "sslkey"].iter().any(|key| word(settings, key).contains('/'))
}

fn plain(settings: &driver::Settings) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        settings.runtime().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    for key in DRIVER_KEYS {
        if let Some(value) = settings.get(key) {
            all.insert(key.to_string(), value.to_string());
        }
    }
    all
}

const DRIVER_KEYS: [&str; 16] = [
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
    for (key, value) in settings.runtime().filter(|(_, value)| !value.is_empty()) {
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

#[test]
fn unknown_keys_become_server_options() {
    let url = "postgres://u@h/d?options=-c+search_path=x&search_path=a,%20b&TimeZone=Etc/UTC";
    let address = read(url).unwrap();
    assert_eq!(
        address.startup_options(),
        r"-c search_path=x -c TimeZone=Etc/UTC -c search_path=a,\ b"
    );
}

#[test]
fn defaults_are_the_drivers() {
    let address = read("postgres://").unwrap();
    assert_eq!(address.hosts[0].to_string(), "localhost:5432");
    assert_eq!((address.user.as_str(), address.database()), ("<os user>", "<os user>"));
    assert_eq!((address.tls.mode, address.tls.mode_given), (SslMode::Require, false));
    assert_eq!(address.target_session_attrs, Attrs::Any);
    assert_eq!(address.channel_binding, Binding::Prefer);
}

#[test]
fn separate_password_wins() {
    let apart = Secret::new("from the file: @/?#");
    let environment = Environment { password: Some(Secret::new("pgpassword")), ..environment() };
    let password = |url: &str, apart: Option<&Secret>| {
        let address = Address::read("Postgres.URL", url, apart, &environment).unwrap();
        address.password.unwrap().reveal().to_string()
    };
    assert_eq!(password("postgres://u:inside@h/d", Some(&apart)), apart.reveal());
    assert_eq!(password("postgres://u:inside@h/d", Some(&Secret::new(""))), "inside");
    assert_eq!(password("postgres://u:inside@h/d", None), "inside");
    assert_eq!(password("postgres://u@h/d", None), "pgpassword");
}

#[test]
fn old_placeholder_is_no_password() {
    for url in ["postgres://u:{$}@h/d", "postgres://u@h/d?password=%7B$%7D", "host=h password={$} user=u"]
    {
        let address = read(url).unwrap();
        assert_eq!(address.password, None, "{url}");
        assert_eq!(address.user, "u");
        assert!(address.warnings.iter().any(|warning| warning.text.contains("{$}")), "{url}");
    }
}

#[test]
fn hosts_in_every_spelling() {
    for (url, hosts) in [
        ("postgres://u@a,b/d", "a:5432 b:5432"),
        ("postgres://u@a:1,b:2/d", "a:1 b:2"),
        ("postgres://u@a,b:7/d", "a:7 b:7"),
        ("postgres:///d?host=a,b&port=1,2&user=u", "a:1 b:2"),
        ("postgres://u@[::1]/d", "[::1]:5432"),
        ("postgres://u@[::1]:7,[::2]:8/d", "[::1]:7 [::2]:8"),
        ("postgres:///d?host=/run/x&port=7", "/run/x/.s.PGSQL.7"),
        ("postgres://u@h/d?host=other", "other:5432"),
    ] {
        let address = read(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        let found: Vec<_> = address.hosts.iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), hosts, "{url}");
    }
}

#[test]
fn what_cannot_be_honoured_is_refused_by_name() {
    for key in REFUSED_KEYS {
        let error = read(&format!("postgres://u:hidden@h/d?{key}=x")).unwrap_err();
        assert_eq!(error.exit, Exit::Usage);
        assert!(error.to_string().contains(key), "{key}: {error}");
        assert!(!error.faults[0].hint.is_empty(), "{key}");
    }
    for word in ["standby", "prefer-standby"] {
        let error = read(&format!("postgres://u@h/d?target_session_attrs={word}")).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn faults_come_all_at_once() {
    let url = "postgres://u:hidden@h/d?service=x&port=0&sslmode=Require&connect_timeout=10s";
    let error = read(url).unwrap_err();
    assert_eq!(error.faults.len(), 4, "{error}");
    let text = r#"invalid value for parameter connect_timeout: strconv.ParseInt: parsing "10s""#;
    assert!(error.to_string().contains(text), "{error}");
}

#[test]
fn what_only_we_honour_is_said() {
    for (url, what) in [
        ("postgres://u@a,b/d", "a list of hosts"),
        ("postgres://u@h/d?sslmode=prefer", "sslmode=prefer"),
        ("postgres://u@h/d?sslmode=allow", "sslmode=allow"),
        ("postgres://u@h/d?target_session_attrs=primary", "target_session_attrs"),
        ("postgres://u@h/d?channel_binding=require", "channel_binding"),
        ("postgres://u@h/d?keepalives_count=3", "keepalives_count"),
        ("postgres://u@h/d?pool_max_conns=3", "pool_max_conns"),
        ("postgres://u@h/d?passfile=/x", "passfile"),
        ("postgres://u@h/d?sslrootcert=system", "sslrootcert=system"),
    ] {
        let address = read(url).unwrap();
        let said = |text: &str| text.contains(what) && text.contains("Connect itself may not");
        assert!(address.warnings.iter().any(|warning| said(&warning.text)), "{url}");
    }
    assert_eq!(read("postgres://u@h/d?sslmode=require&search_path=x").unwrap().warnings, []);
}

#[test]
fn no_refusal_shows_a_password() {
    for url in [
        "POSTGRES://user:hidden@db/connect",
        "postgres://user:hidden#x@db/connect",
        "postgres://user:hidden/x@db/connect",
        "postgres://user:hidden x@db/connect",
        "postgres://user:%hidden@db/connect",
        "postgres://user:p@hidden\\x/connect",
        "postgres://u:hidden@h/d?sslmode=no",
        "host=h password='hidden",
        "host=h hidden",
    ] {
        let error = read(url).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hidden"), "{url}: {error}");
        assert!(!error.faults[0].hint.is_empty(), "{url}");
    }
    let address = read("postgres://u:hidden@h/d?sslkey=hidden&sslpassword=hidden").unwrap();
    assert!(!format!("{address:?}").contains("hidden"));
}

/// Pieces that URLs are made of, so that random input reaches beyond the first check.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "postgres://", "postgresql://", "u:p@", "@", ":", "/", "?", "#", "&", "=", "%", "%25",
        "%41", "%zz", "[", "]", "::1", ",", ";", "+", " ", "'", "\\", "host", "port", "sslmode",
        "5432", "{$}", "é", "\n", "\0", "connect_timeout", "options",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(
        input in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), pieces()],
    ) {
        let _ = Address::read("Postgres.URL", &input, None, &environment());
        let url = [b"postgres://", input.as_slice()].concat();
        let _ = Address::read("Postgres.URL", url, None, &environment());
    }
}
