//! Puts a failed attempt to connect into words, with its hints.
//!
//! Names host, port, database and user; never a password, and nothing of the URL itself. What the
//! other side says is not repeated either: it may be a pooler, or no PostgreSQL at all. Its
//! SQLSTATE and the name of the server's routine, which is not translated, say what is meant.

use std::error::Error as _;
use std::io;

use postgres::error::{DbError, SqlState};

use super::address::{Address, Host};
use super::broken::{DriverFailure, describe_driver_error};
use super::failed_handshake::describe_failed_handshake;
use super::guard::Violation;
use super::tls::Connector;
use crate::diagnostic::{Fault, Hint, Hints, Id};
use crate::postgres::{describe_code, quote_if_needed, text_literal};
use crate::text::shell_word;

/// Why one attempt failed.
pub(super) enum Cause {
    /// The name has no address.
    Unknown(io::Error),
    /// Nothing was heard within `connect_timeout`.
    Silence(std::time::Duration),
    /// The server is not of the wanted kind.
    WrongKind(&'static str),
    /// The driver's own error.
    Driver(postgres::Error),
}

impl Cause {
    pub(super) fn sql_state(&self) -> Option<&SqlState> {
        match self {
            Cause::Driver(error) => error.code(),
            _ => None,
        }
    }

    /// The rule that the other end broke.
    pub(super) fn violation(&self) -> Option<Violation> {
        match self {
            Cause::Driver(error) => Violation::find_in(error),
            _ => None,
        }
    }

    /// Whether the other hosts would say the same: the role, its password or the database is wrong.
    pub(super) fn is_final(&self) -> bool {
        let of_class = |state: &SqlState| state.code().starts_with("28");
        self.sql_state().is_some_and(|state| {
            of_class(state)
                || *state == SqlState::INVALID_CATALOG_NAME
                || *state == SqlState::INSUFFICIENT_PRIVILEGE
        })
    }

    /// Whether the TLS handshake itself failed, so that `prefer` may try without.
    pub(super) fn is_handshake(&self) -> bool {
        matches!(self, Cause::Driver(error) if DriverFailure::from_error(error).is_handshake())
    }
}

/// What `cause` means for whoever runs this.
pub(super) fn describe_failure(
    cause: &Cause,
    address: &Address,
    host: &Host,
    connector: &Connector,
) -> Fault {
    let place = format!(
        "{}: cannot connect to database {} on {host} as user {}",
        address.setting,
        quote_if_needed(address.database_name()),
        quote_if_needed(&address.user)
    );
    let (why, hints) = match cause {
        Cause::Unknown(error) => describe_unknown_host(error, host),
        Cause::Silence(limit) => (
            format!("no answer within {} s", limit.as_secs()),
            Hints::from(NO_ANSWER).and("wait longer: `connect_timeout=SECONDS` in the URL"),
        ),
        Cause::WrongKind(what) => (
            format!("the server is {what}, but target_session_attrs requires another kind"),
            "name the primary server in the URL".into(),
        ),
        Cause::Driver(error) => explain_driver_error(error, address, host, connector),
    };
    let fault = Fault::new(format!("{place}: {why}"), hints).with_id(finding_id(cause));
    match cause {
        Cause::Driver(error) => fault.with_server_text(error),
        _ => fault,
    }
}

/// The finding that a failure is.
fn finding_id(cause: &Cause) -> Id {
    let Cause::Driver(error) = cause else {
        return if matches!(cause, Cause::WrongKind(_)) { Id::P12 } else { Id::P10 };
    };
    match Violation::find_in(error) {
        Some(Violation::PlainPassword | Violation::Method(_)) => return Id::P7,
        Some(Violation::Silence(_) | Violation::Unanswered(_)) => return Id::P10,
        Some(_) => return Id::P17,
        None => {}
    }
    match error.as_db_error() {
        Some(db) if is_from_pooler(db) => Id::P5,
        Some(db) => match db.code() {
            code if code.code().starts_with("28") => Id::P7,
            code if *code == SqlState::TOO_MANY_CONNECTIONS => Id::P13,
            code if *code == SqlState::INVALID_CATALOG_NAME => Id::P23,
            code if *code == SqlState::INSUFFICIENT_PRIVILEGE => Id::P3,
            _ => Id::P10,
        },
        None => match DriverFailure::from_error(error) {
            DriverFailure::NoTls | DriverFailure::Handshake => Id::P6,
            DriverFailure::NoPassword | DriverFailure::NoChannelBinding => Id::P7,
            DriverFailure::Other => Id::P10,
        },
    }
}

fn describe_unknown_host(error: &io::Error, host: &Host) -> (String, Hints) {
    let lookup = Hint::with_line(
        "check that this machine can look the host up:",
        format!("getent hosts {}", shell_word(&host.name)),
    );
    let hints = Hints::from("check the spelling of the host in the URL").and(lookup);
    (format!("the host is unknown ({error})"), hints)
}

/// What to check where nothing answers.
const NO_ANSWER: &[&str] = &[
    "check the host in the URL",
    "check that no firewall between this machine and the server blocks the port",
];

const CHECK_PORT: &str = "check that the port in the URL is that of a PostgreSQL server";

fn explain_driver_error(
    error: &postgres::Error,
    address: &Address,
    host: &Host,
    connector: &Connector,
) -> (String, Hints) {
    if let Some(error) = error.as_db_error() {
        return describe_refusal(error, address, connector);
    }
    if let Some(violation) = Violation::find_in(error) {
        return (violation.to_string(), violation.hints());
    }
    let failure = DriverFailure::from_error(error);
    if failure.is_handshake() {
        return describe_failed_handshake(error, failure, (host, address.tls.mode), connector);
    }
    if let Some(found) = io_error(error) {
        return describe_network_error(found, describe_driver_error(error), host);
    }
    if error.is_closed() {
        return describe_hang_up();
    }
    if failure == DriverFailure::NoPassword {
        let mut hints = Hints::default();
        if let Some(setting) = address.password_setting {
            hints.add(format!("give the role's password in `{setting}`"));
        }
        hints.add("give the role's password in the environment variable `PGPASSWORD`");
        hints.add("give the role's password in a line of `~/.pgpass`");
        return ("the server asks for a password, but none is given".into(), hints);
    }
    let hints = match failure {
        DriverFailure::NoChannelBinding => Hints::from([
            "use TLS: `channel_binding=require` needs it",
            "store the role's password as scram-sha-256 (`password_encryption` on the server)",
        ]),
        _ => CHECK_PORT.into(),
    };
    (describe_driver_error(error), hints)
}

/// An error of the network; one that the driver made of what it was sent is none.
fn io_error(error: &postgres::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            let made = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Other);
            return Some(error).filter(|error| error.raw_os_error().is_some() || !made);
        }
        source = inner.source();
    }
    None
}

fn describe_network_error(error: &io::Error, words: String, host: &Host) -> (String, Hints) {
    let Host { port, .. } = host;
    let hints = match error.kind() {
        io::ErrorKind::ConnectionRefused if host.is_socket() => {
            Hints::from("check that PostgreSQL is running: nothing listens on this socket")
        }
        io::ErrorKind::ConnectionRefused => Hints::from([
            format!("check that PostgreSQL is running: nothing listens on port {port} there"),
            "check the port in the URL".to_owned(),
            "check that `listen_addresses` of the server includes this interface".to_owned(),
        ]),
        io::ErrorKind::NotFound => Hints::from([
            "check that PostgreSQL is running: there is no socket in that directory",
            "check that the directory is in `unix_socket_directories` of the server",
            "check that the port is `port` of the server",
        ]),
        io::ErrorKind::PermissionDenied => Hints::from([
            "run the command with sudo: this user has no permission to use the socket",
            "use a host and a port instead of the socket",
        ]),
        io::ErrorKind::TimedOut => NO_ANSWER.into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "check the network: it has no route to this address".into()
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => return describe_hang_up(),
        _ => Hints::from([
            "check that the network has a route to this address",
            "read the server's log",
        ]),
    };
    (if error.raw_os_error().is_some() { error.to_string() } else { words }, hints)
}

fn describe_hang_up() -> (String, Hints) {
    let hints = Hints::from(["read the server's log, which says why", CHECK_PORT]);
    ("the server closed the connection".into(), hints)
}

fn describe_refusal(error: &DbError, address: &Address, connector: &Connector) -> (String, Hints) {
    let (user, database) =
        (quote_if_needed(&address.user), quote_if_needed(address.database_name()));
    let code = error.code();
    let hints = if *code == SqlState::INVALID_PASSWORD {
        let places = address.password_setting.unwrap_or("PGPASSWORD` and `~/.pgpass");
        let check = format!("check `{places}`: the password is wrong, or the role does not exist");
        Hints::from(check).and(Hint::with_line(
            "set the role's password on the server:",
            format!("ALTER ROLE {user} PASSWORD '…';"),
        ))
    } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        describe_not_admitted(error.routine().unwrap_or_default(), address, connector)
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        Hints::from("check the name of the database in the URL").and(Hint::with_line(
            "create the database, as a superuser of the server:",
            format!("CREATE DATABASE {database} OWNER {user} ENCODING 'UTF8' TEMPLATE template0;"),
        ))
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        let grant = format!("GRANT CONNECT ON DATABASE {database} TO {user};");
        Hint::with_line("let the role connect, as the owner of the database:", grant).into()
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        Hints::from([
            "end sessions that are not needed, such as those of the application or of a pool",
            "raise `max_connections` of the server",
            "raise `CONNECTION LIMIT` of the role or of the database",
        ])
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        "wait until the server is ready, and run the command again".into()
    } else if *code == SqlState::UNDEFINED_OBJECT || *code == SqlState::INVALID_PARAMETER_VALUE {
        let names: Vec<&str> = address.runtime.iter().map(|(name, _)| name.as_str()).collect();
        format!("correct the URL: the server refuses a setting or its value: {}", names.join(", "))
            .into()
    } else if is_from_pooler(error) {
        Hints::from([
            "name the PostgreSQL server itself in the URL, not a connection pooler",
            "add `--show-server-messages` to read what the pooler says",
        ])
    } else {
        "add `--show-server-messages` to read what the server says".into()
    };
    let words = describe_code(code.code());
    (refusal_meaning(error).map_or_else(|| words.clone(), |own| format!("{own}: {words}")), hints)
}

/// Whether a connection pooler refuses the start of a session: it says that the protocol is
/// violated (08P01), and no routine, which PostgreSQL always does.
fn is_from_pooler(error: &DbError) -> bool {
    *error.code() == SqlState::PROTOCOL_VIOLATION && error.routine().is_none()
}

/// What a refusal means, where its code alone is not plain.
fn refusal_meaning(error: &DbError) -> Option<&'static str> {
    let own = match (error.code().code(), error.routine().unwrap_or_default()) {
        ("28P01", _) => "the password is not accepted",
        ("28000", "InitializeSessionUserId") => {
            "the role does not exist, or is not permitted to log in"
        }
        ("28000", "ClientAuthentication") => {
            "pg_hba.conf of the server does not allow this connection"
        }
        ("28000", "auth_failed") => "the authentication method of the server failed",
        ("3D000", _) => "the database does not exist",
        ("42501", _) => "the role has no permission to connect to the database",
        ("53300", _) => "all connections are in use",
        ("57P03", _) => "the server does not accept connections now",
        ("08P01", "") => "the answer does not come from PostgreSQL itself",
        _ => return None,
    };
    Some(own)
}

/// SQLSTATE 28000: nobody like this is let in. Which of the reasons it is, the server says only in
/// words; its routines tell three kinds apart.
fn describe_not_admitted(routine: &str, address: &Address, connector: &Connector) -> Hints {
    let (user, database) = (&address.user, address.database_name());
    match routine {
        // auth.c: no line of pg_hba.conf, one that rejects, or a certificate that is asked for.
        "ClientAuthentication" => {
            let encrypted = connector.last_handshake().certificate;
            let kind = if encrypted { "hostssl" } else { "host" };
            let line = format!("{kind} {database} {user} ADDRESS/32 scram-sha-256");
            let other = match encrypted {
                true => "name the files of a client certificate in `sslcert` and `sslkey`",
                false => "write `sslmode=require`, if the server accepts this role over TLS only",
            };
            let add = Hint::with_lines(
                "add to pg_hba.conf on the server, with this machine's address, and reload it:",
                vec![line, "SELECT pg_reload_conf();".to_owned()],
            );
            Hints::from(add).and(other)
        }
        // auth.c: a line admits the role, but by peer, ident, certificate or the like.
        "auth_failed" => Hints::from([
            format!("for peer authentication, run as the system user {}", text_literal(user)),
            "connect with `host=localhost` and a password".to_owned(),
            "add a scram-sha-256 line for the role to pg_hba.conf on the server".to_owned(),
            "for certificate authentication, use a certificate with the role's name as common name"
                .to_owned(),
        ]),
        // miscinit.c
        "InitializeSessionUserId" => {
            let name = quote_if_needed(user);
            let create = format!("CREATE ROLE {name} LOGIN PASSWORD '…';");
            Hints::from([
                Hint::with_line("create the role:", create),
                Hint::with_line("let the role log in:", format!("ALTER ROLE {name} LOGIN;")),
            ])
        }
        _ => "read pg_hba.conf and the log of the server, which say why".into(),
    }
}
