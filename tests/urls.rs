//! Connection strings: what they mean, what is warned of, what is refused.
//!
//! That they are cut up as Connect's driver does it is tested in `vectors.rs`.

use connect_migrate::diagnostic::Exit;
use connect_migrate::postgres::connection::address::{Attrs, Binding, SslMode};
use connect_migrate::postgres::connection::{Address, Environment, Secret};
use proptest::prelude::*;

/// Keys that are refused by name, whatever their value.
pub const REFUSED_KEYS: [&str; 20] = [
    "service",
    "servicefile",
    "krbsrvname",
    "krbspn",
    "gsslib",
    "gssencmode",
    "gssdelegation",
    "requiressl",
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

/// An environment with nothing but a user.
pub fn environment() -> Environment {
    Environment { user: Some("<os user>".into()), ..Environment::default() }
}

/// Reads `url` in that environment.
pub fn read(url: &str) -> Result<Address, connect_migrate::diagnostic::Error> {
    Address::parse_setting("Postgres.URL", url, None, &environment())
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
fn settings_are_sorted_before_they_are_read() {
    // lib/pq's own doing: of two users the alphabetically later one counts.
    for (url, user) in
        [("postgres://zoe@h/d?user=adam", "zoe"), ("postgres://adam@h/d?user=zoe", "zoe")]
    {
        assert_eq!(read(url).unwrap().user, user, "{url}");
    }
}

#[test]
fn defaults_are_the_drivers() {
    let address = read("postgres://").unwrap();
    assert_eq!(address.hosts[0].to_string(), "localhost:5432");
    assert_eq!((address.user.as_str(), address.database_name()), ("<os user>", "<os user>"));
    assert_eq!(address.tls.mode, SslMode::Require);
    assert_eq!(address.target_session_attrs, Attrs::Any);
    assert_eq!(address.channel_binding, Binding::Prefer);
}

#[test]
fn separate_password_wins() {
    let apart = Secret::new("from the file: @/?#");
    let environment = Environment { password: Some(Secret::new("pgpassword")), ..environment() };
    let password = |url: &str, apart: Option<&Secret>| {
        let address = Address::parse_setting("Postgres.URL", url, apart, &environment).unwrap();
        address.password.unwrap().reveal().to_string()
    };
    assert_eq!(password("postgres://u:inside@h/d", Some(&apart)), apart.reveal());
    assert_eq!(password("postgres://u:inside@h/d", Some(&Secret::new(""))), "inside");
    assert_eq!(password("postgres://u:inside@h/d", None), "inside");
    assert_eq!(password("postgres://u@h/d", None), "pgpassword");
}

#[test]
fn old_placeholder_is_no_password() {
    for url in
        ["postgres://u:{$}@h/d", "postgres://u@h/d?password=%7B$%7D", "host=h password={$} user=u"]
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
        assert!(!error.faults[0].hints.is_empty(), "{key}");
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
fn settings_that_only_this_program_honours_are_noted() {
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
        let output = |text: &str| text.contains(what) && text.contains("Connect itself may not");
        assert!(address.warnings.iter().any(|warning| output(&warning.text)), "{url}");
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
        "postgres://user:12/hidden@host/db",
        "host=h password='hidden",
        "host=h hidden",
    ] {
        let error = read(url).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hidden"), "{url}: {error}");
        assert!(!error.faults[0].hints.is_empty(), "{url}");
    }
    let address = read("postgres://u:hidden@h/d?sslkey=hidden&sslpassword=hidden").unwrap();
    assert!(!format!("{address:?}").contains("hidden"));
}

/// Pieces that URLs are made of, so that random input reaches beyond the first check.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "postgres://",
        "postgresql://",
        "u:p@",
        "@",
        ":",
        "/",
        "?",
        "#",
        "&",
        "=",
        "%",
        "%25",
        "%41",
        "%zz",
        "[",
        "]",
        "::1",
        ",",
        ";",
        "+",
        " ",
        "'",
        "\\",
        "host",
        "port",
        "sslmode",
        "5432",
        "{$}",
        "é",
        "\n",
        "\0",
        "connect_timeout",
        "options",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(
        input in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), pieces()],
    ) {
        let _ = Address::parse_setting("Postgres.URL", &input, None, &environment());
        let url = [b"postgres://", input.as_slice()].concat();
        let _ = Address::parse_setting("Postgres.URL", url, None, &environment());
    }
}
