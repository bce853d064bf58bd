//! Connecting: passwords, sockets, several hosts, and what is said when it does not work.

use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use connect_migrate::diagnostic::Exit;
use connect_migrate::postgres::connection::{self, APPLICATION_NAME, Address, Environment, Secret};

use crate::server::{self, PASSWORD, SUPERUSER, Wanted};

/// Every printable ASCII character.
fn printable() -> String {
    (' '..='~').collect()
}

/// `text` as it must stand in a URL's user information.
fn encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The error of an attempt that must fail; no word of any password may stand in it.
fn refused(url: &str) -> String {
    let error = server::try_connect(url).err().expect("the attempt should have failed");
    assert_eq!(error.exit, Exit::Target, "{error}");
    let text = format!("{error} {error:?}");
    for secret in [PASSWORD, "Throw-away", "wrong-secret"] {
        assert!(!text.contains(secret), "{text}");
    }
    error.to_string()
}

#[test]
fn password_of_every_printable_character() {
    let cluster = server::shared();
    let (role, password) = (server::role("printable"), printable());
    let quoted = password.replace('\'', "''");
    server::execute(
        &cluster.url("postgres"),
        &format!("CREATE ROLE {role} LOGIN PASSWORD '{quoted}'"),
    );
    let port = cluster.port;
    let end = format!("127.0.0.1:{port}/postgres?sslmode=disable");
    // In the URL.
    server::connect(&format!("postgres://{role}:{}@{end}", encode(&password)));
    // In the query.
    server::connect(&format!("postgres://{end}&user={role}&password={}", encode(&password)));
    // As key=value words.
    let word = password.replace('\\', "\\\\").replace('\'', "\\'");
    let words = format!("host=127.0.0.1 port={port} user={role} dbname=postgres sslmode=disable");
    server::connect(&format!("{words} password='{word}'"));
    // Apart from the URL, as it is, and over what the URL says.
    let environment = Environment::default();
    let url = format!("postgres://{role}:wrong-secret@{end}");
    let apart = Secret::new(password.clone());
    let address = Address::parse_setting("Postgres.URL", url, Some(&apart), &environment).unwrap();
    connection::connect(&address, &environment).unwrap();
    // From PGPASSWORD.
    let environment = Environment { password: Some(apart), ..Environment::default() };
    server::try_connect_in(&format!("postgres://{role}@{end}"), &environment).unwrap();
    // From the password file.
    let directory = tempfile::tempdir().unwrap();
    let line = password.replace('\\', "\\\\").replace(':', "\\:");
    let file = directory.path().join(".pgpass");
    std::fs::write(&file, format!("# a comment\n127.0.0.1:{port}:*:{role}:{line}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let home = Some(directory.path().to_path_buf());
    let environment = Environment { home, ..Environment::default() };
    server::try_connect_in(&format!("postgres://{role}@{end}"), &environment).unwrap();
}

#[test]
fn password_file_follows_its_rules() {
    let cluster = server::shared();
    let (role, port) = (server::role("passfile"), cluster.port);
    let create = format!("CREATE ROLE {role} LOGIN PASSWORD 'right:one'");
    server::execute(&cluster.url("postgres"), &create);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("passwords");
    let environment = Environment { passfile: Some(file.clone()), ..Environment::default() };
    let tcp = format!("postgres://{role}@127.0.0.1:{port}/postgres?sslmode=disable");
    let socket =
        format!("postgres://{role}@/postgres?host={}&port={port}", cluster.directory.display());
    for (lines, url, works) in [
        (format!("127.0.0.1:{port}:postgres:{role}:right\\:one"), &tcp, true),
        (format!("127.0.0.1:{port}:postgres:{role}:right:one"), &tcp, true),
        ("*:*:*:*:right\\:one".to_string(), &tcp, true),
        (format!("other:*:*:*:x\n*:{port}:*:*:right\\:one\r\n*:*:*:*:late"), &tcp, true),
        (format!("*:*:*:{role}:early\n*:*:*:*:right\\:one"), &tcp, false),
        (format!("#*:*:*:*:right\\:one\nlocalhost:{port}:*:*:x"), &tcp, false),
        ("*:*:other:*:right\\:one\n*:1:*:*:right\\:one".to_string(), &tcp, false),
        ("*:*:*".to_string(), &tcp, false),
        ("localhost:*:*:*:right\\:one".to_string(), &socket, true),
    ] {
        std::fs::write(&file, &lines).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let outcome = server::try_connect_in(url, &environment);
        assert_eq!(outcome.is_ok(), works, "{lines}: {:?}", outcome.err());
    }
    // A file that others may read is not used, and said so.
    std::fs::write(&file, "*:*:*:*:right\\:one").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = server::try_connect_in(&tcp, &environment).err().unwrap().to_string();
    assert!(error.contains("none is given") && error.contains("Postgres.Password"), "{error}");
    let address = Address::parse_setting("Postgres.URL", &tcp, None, &environment).unwrap();
    let mut warnings = Vec::new();
    let host = &address.hosts[0];
    connection::passfile::read_password(&address, host, &environment, &mut warnings);
    assert!(warnings[0].full_hint().starts_with("chmod 0600 "), "{warnings:?}");
}

#[test]
fn session_is_set_up() {
    let cluster = server::shared();
    let database = server::database(cluster);
    let url = format!("{}&TimeZone=Asia/Tokyo&application_name=other", database.url);
    let mut connection = server::connect(&url);
    assert!(!connection.tls);
    assert_eq!(connection.host.port, cluster.port);
    for (name, value) in [
        ("application_name", APPLICATION_NAME),
        ("client_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO, MDY"),
        ("extra_float_digits", "3"),
    ] {
        let show = "SELECT current_setting($1)";
        let row = connection.client.query_one(show, &[&name]).unwrap();
        assert_eq!(row.get::<_, String>(0), value, "{name}");
    }
    let row = connection
        .client
        .query_one(
            "SELECT (SELECT setting FROM pg_settings WHERE name = \
             'client_connection_check_interval'), current_setting('server_version_num')::int4",
            &[],
        )
        .unwrap();
    let expected = (row.get::<_, i32>(1) >= 140_000).then_some("10000");
    assert_eq!(row.get::<_, Option<&str>>(0), expected);
}

#[test]
fn search_path_in_every_spelling() {
    let cluster = server::shared();
    let database = server::database(cluster);
    let schema = r#""Odd, \ schema""#;
    server::execute(&database.url, &format!("CREATE SCHEMA connect\nCREATE SCHEMA {schema}"));
    for (parameter, expected) in [
        ("search_path=connect", "connect"),
        ("options=-csearch_path=connect", "connect"),
        ("options=-c+search_path=connect", "connect"),
        ("options=-c%20search_path%3Dconnect", "connect"),
        ("options=--search_path=connect", "connect"),
        ("options=-csearch_path=public&search_path=connect", "connect"),
        ("search_path=nowhere,%20connect", "connect"),
        ("search_path=%22Odd,%20%5C%20schema%22", r"Odd, \ schema"),
    ] {
        let mut connection = server::connect(&format!("{}&{parameter}", database.url));
        let row = connection.client.query_one("SELECT current_schema()::text", &[]).unwrap();
        assert_eq!(row.get::<_, String>(0), expected, "{parameter}");
    }
}

#[test]
fn unix_socket_needs_no_tls() {
    let cluster = server::shared();
    let (directory, port) = (cluster.directory.display(), cluster.port);
    for url in [
        format!("postgres://{SUPERUSER}:Throw-away%201!@/postgres?host={directory}&port={port}"),
        format!(
            "host={directory} port={port} user={SUPERUSER} password='{PASSWORD}' dbname=postgres"
        ),
        format!(
            "postgres:///postgres?host={directory},127.0.0.1&port={port},{port}&user={SUPERUSER}\
             &password=Throw-away%201!"
        ),
    ] {
        let connection = server::connect(&url);
        assert!(!connection.tls && connection.host.is_socket());
    }
    let text = refused(&format!("postgres://u:p@/postgres?host={directory}/nowhere&port={port}"));
    assert!(text.contains("unix_socket_directories"), "{text}");
}

#[test]
fn failures_name_place_and_hint() {
    let cluster = server::shared();
    let port = cluster.port;
    let role = server::role("failing");
    let database = server::database(cluster).name;
    server::execute(
        &cluster.url("postgres"),
        &format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'p' CONNECTION LIMIT 0\n\
             REVOKE CONNECT ON DATABASE {database} FROM public\n\
             CREATE ROLE {role}_b LOGIN PASSWORD 'p'"
        ),
    );
    let admin = format!("{SUPERUSER}:Throw-away%201!@127.0.0.1:{port}");
    for (url, words) in [
        (
            format!("{SUPERUSER}:wrong-secret@127.0.0.1:{port}/postgres?sslmode=disable"),
            vec!["28P01", "Postgres.Password", "as user admin"],
        ),
        (
            format!("{SUPERUSER}@127.0.0.1:{port}/postgres?sslmode=disable"),
            vec!["none is given", "Postgres.Password"],
        ),
        (
            format!("{admin}/No%20such?sslmode=disable"),
            vec!["3D000", r#"CREATE DATABASE "No such" OWNER admin ENCODING 'UTF8'"#],
        ),
        (
            format!("{role}_b:p@127.0.0.1:{port}/{database}?sslmode=disable"),
            vec!["42501", "GRANT CONNECT ON DATABASE"],
        ),
        (
            format!("{role}:p@127.0.0.1:{port}/postgres?sslmode=disable"),
            vec!["53300", "CONNECTION LIMIT"],
        ),
        (format!("{admin}/postgres"), vec!["does not support TLS", "?sslmode=disable"]),
        (
            format!("{admin}/postgres?sslmode=disable&nonsense=1"),
            vec!["nonsense", "correct the URL"],
        ),
        (format!("{admin}/postgres?sslmode=disable&work_mem=x"), vec!["work_mem", "its value"]),
        (
            "u:wrong-secret@no-such-host.invalid/d".into(),
            vec![
                "host is unknown",
                "getent hosts no-such-host.invalid",
                "no-such-host.invalid:5432",
            ],
        ),
    ] {
        let text = refused(&format!("postgres://{url}"));
        for word in words {
            assert!(text.contains(word), "{word} is not in: {text}");
        }
    }
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = refused(&format!("postgres://u:wrong-secret@127.0.0.1:{port}/d"));
    assert!(text.contains(&format!("127.0.0.1:{port}")), "{text}");
    assert!(text.contains("nothing listens on port") && text.contains("as user u"), "{text}");
}

#[test]
fn starting_server_is_distinguished_from_a_broken_one() {
    let text = refused(&fake_server(b"E\0\0\0\x2bSFATAL\0C57P03\0Mthe server is starting\0\0"));
    assert!(text.contains("57P03") && text.contains("wait until the server is ready"), "{text}");
}

#[test]
fn something_else_on_the_port() {
    let text = refused(&fake_server(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert!(text.contains("cannot connect to database d"), "{text}");
    let text = refused(&fake_server(b""));
    assert!(text.contains("closed the connection"), "{text}");
}

/// The URL of something that takes the start-up packet, answers `answer` once, and hangs up.
fn fake_server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = std::io::Write::write_all(&mut stream, answer);
    });
    format!("postgres://u:wrong-secret@127.0.0.1:{port}/d?sslmode=disable")
}

#[test]
fn silence_ends_at_connect_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgres://u:wrong-secret@127.0.0.1:{port}/d?connect_timeout=1");
    let text = refused(&url);
    assert!(text.contains("no answer within 1 s"), "{text}");
    let environment = Environment::default();
    for (parameter, limit) in [
        ("", Some(Duration::from_secs(30))),
        ("?connect_timeout=0", None),
        ("?connect_timeout=7", Some(Duration::from_secs(7))),
    ] {
        let url = format!("postgres://u@h/d{parameter}");
        let address = Address::parse_setting("Postgres.URL", url, None, &environment).unwrap();
        assert_eq!(address.connect_timeout, limit);
    }
}

#[test]
fn hosts_are_tried_in_order() {
    let cluster = server::shared();
    let database = server::database(cluster);
    let (port, name) = (cluster.port, &database.name);
    let user = format!("{SUPERUSER}:Throw-away%201!");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hosts = format!("127.0.0.1:{closed},no-such-host.invalid:1,127.0.0.1:{port}");
    for attrs in ["any", "read-write", "primary"] {
        let url = format!(
            "postgres://{user}@{hosts}/{name}?sslmode=disable&target_session_attrs={attrs}"
        );
        let connection = server::connect(&url);
        assert_eq!(connection.host.port, port);
        let passed_over = |text: &str| text.contains("nothing") || text.contains("cannot connect");
        let output = connection.warnings.iter().filter(|warning| passed_over(&warning.text));
        assert_eq!(output.count(), 2, "{:?}", connection.warnings);
    }
    let url = format!("postgres://{user}@{hosts}/{name}?sslmode=disable");
    let text = refused(&format!("{url}&target_session_attrs=read-only"));
    assert_eq!(text.matches("error: ").count(), 3, "{text}");
    assert!(text.contains("the server is writable"), "{text}");
    // A read-only database is passed over by read-write, and taken by read-only.
    let alter = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    server::execute(&cluster.url("postgres"), &alter);
    let text = refused(&format!("{url}&target_session_attrs=read-write"));
    assert!(text.contains("the server is read-only"), "{text}");
    server::connect(&format!("{url}&target_session_attrs=read-only"));
    // A wrong password is wrong everywhere: the second host is not asked.
    let twice = format!("127.0.0.1:{port},127.0.0.1:{port}");
    let text =
        refused(&format!("postgres://{SUPERUSER}:wrong-secret@{twice}/{name}?sslmode=disable"));
    assert_eq!(text.matches("error: ").count(), 1, "{text}");
}

#[test]
fn hostaddr_is_dialled_under_the_hosts_name() {
    let cluster = server::shared();
    let url = cluster.url("postgres").replace("127.0.0.1", "no-such-host.invalid");
    let connection = server::connect(&format!("{url}&hostaddr=127.0.0.1"));
    assert_eq!(connection.host.name, "no-such-host.invalid");
}

#[test]
fn missing_admission_is_named() {
    let wanted = Wanted {
        admission: vec!["host all admin 127.0.0.1/32 scram-sha-256".into()],
        ..Wanted::default()
    };
    let cluster = server::start(&wanted);
    server::execute(&cluster.url("postgres"), "CREATE ROLE nobody_in LOGIN PASSWORD 'p'");
    let port = cluster.port;
    let text =
        refused(&format!("postgres://nobody_in:p@127.0.0.1:{port}/postgres?sslmode=disable"));
    assert!(text.contains("28000") && text.contains("pg_reload_conf()"), "{text}");
    assert!(text.contains("host postgres nobody_in"), "{text}");
    let directory = cluster.directory.clone();
    cluster.stop();
    assert!(!directory.exists());
}

#[test]
fn running_statement_can_be_cancelled() {
    let database = server::database(server::shared());
    let mut connection = server::connect(&database.url);
    let cancel = connection.make_cancellation();
    // Cancelling is a race by nature; it is repeated until the statement has ended.
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let canceller = std::thread::spawn(move || {
        let wait = Duration::from_millis(20);
        while is_done.recv_timeout(wait) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            cancel();
        }
    });
    let error = connection.client.batch_execute("SELECT pg_sleep(600)").unwrap_err();
    drop(done);
    canceller.join().unwrap();
    assert_eq!(error.code(), Some(&postgres::error::SqlState::QUERY_CANCELED));
}

/// A server that is asked to notices a client that is gone, and lets go of its locks.
#[test]
fn the_server_watches_over_tcp_whether_we_are_there() {
    let database = server::database(server::shared());
    let settings = "SELECT current_setting('tcp_keepalives_idle'), \
                    current_setting('tcp_keepalives_interval'), \
                    current_setting('tcp_keepalives_count'), current_setting('tcp_user_timeout')";
    let mut client = server::connect(&database.url).client;
    let row = client.query_one(settings, &[]).unwrap();
    let values: Vec<String> = (0..4).map(|place| row.get(place)).collect();
    assert_eq!(values, ["60", "10", "6", "600000"]);
    // Over a socket there is nothing to be watched.
    let (directory, port) = (server::shared().directory.display(), server::shared().port);
    let url =
        format!("postgres:///{}?host={directory}&port={port}&user={SUPERUSER}", database.name);
    let url = format!("{url}&password=Throw-away%201!");
    let mut client = server::connect(&url).client;
    assert_eq!(client.query_one("SELECT 1", &[]).unwrap().get::<_, i32>(0), 1);
}
