//! Puts a failed attempt to connect into words, with the hint.
//!
//! Names host, port, database and user; never a password, and nothing of the URL itself. What the
//! other side says is not repeated either: it may be a pooler, or no PostgreSQL at all. Its
//! SQLSTATE and the name of the server's routine, which is not translated, say what is meant.

use std::error::Error as _;
use std::io;

use postgres::error::{DbError, SqlState};

use super::address::{Address, Host, SslMode};
use super::broken::{DriverFailure, describe_driver_error};
use super::guard::Violation;
use super::tls::Connector;
use crate::diagnostic::{Fault, Id};
use crate::postgres::{describe_code, quote_if_needed, text_literal};

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
    let (why, hint) = match cause {
        Cause::Unknown(error) => describe_unknown_host(error, host),
        Cause::Silence(limit) => (
            format!("no answer within {} s", limit.as_secs()),
            "is the host right, and does a firewall between the two let the port through? \
             connect_timeout=SECONDS in the URL waits longer"
                .to_string(),
        ),
        Cause::WrongKind(what) => (
            format!("the server is {what}, and target_session_attrs asks for another"),
            "name the primary server in the URL".to_string(),
        ),
        Cause::Driver(error) => explain_driver_error(error, address, host, connector),
    };
    let fault = Fault::new(format!("{place}: {why}"), hint).with_id(finding_id(cause));
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

fn describe_unknown_host(error: &io::Error, host: &Host) -> (String, String) {
    let hint = "is the host spelled right in the URL, and does this machine's DNS know it? try: \
                getent hosts ";
    (format!("the host is unknown ({error})"), format!("{hint}{}", host.name))
}

fn explain_driver_error(
    error: &postgres::Error,
    address: &Address,
    host: &Host,
    connector: &Connector,
) -> (String, String) {
    if let Some(error) = error.as_db_error() {
        return describe_refusal(error, address, connector);
    }
    if let Some(violation) = Violation::find_in(error) {
        return (violation.to_string(), violation.hint());
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
        let hint = match address.password_setting {
            Some(setting) => format!(
                "give the role's password: {setting} (or PGPASSWORD, or a line in ~/.pgpass)"
            ),
            None => "give the role's password in PGPASSWORD or in a line of ~/.pgpass".to_owned(),
        };
        return ("the server asks for a password, and none is given".into(), hint);
    }
    let hint = match failure {
        DriverFailure::NoChannelBinding => {
            "channel_binding=require needs TLS and a password kept as scram-sha-256 \
                 (password_encryption on the server)"
        }
        _ => "is this the port of a PostgreSQL server?",
    };
    (describe_driver_error(error), hint.into())
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

fn describe_network_error(error: &io::Error, words: String, host: &Host) -> (String, String) {
    let Host { port, .. } = host;
    let hint = match error.kind() {
        io::ErrorKind::ConnectionRefused if host.is_socket() => {
            "no server listens on this socket: is PostgreSQL running?".to_string()
        }
        io::ErrorKind::ConnectionRefused => format!(
            "nothing listens on port {port} there: is PostgreSQL running, is the port right, and \
             does listen_addresses on the server include this interface?"
        ),
        io::ErrorKind::NotFound => "there is no socket in that directory: is PostgreSQL running, \
             and do directory and port fit unix_socket_directories and port of the server?"
            .to_string(),
        io::ErrorKind::PermissionDenied => {
            "this user may not use the server's socket: run with sudo, or use host and port".into()
        }
        io::ErrorKind::TimedOut => {
            "is the host right, and does a firewall between the two let the port through?".into()
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no way through the network to this address".into()
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => return describe_hang_up(),
        _ => "is there a way through the network to this address, and what does the server's log \
              say?"
            .into(),
    };
    (if error.raw_os_error().is_some() { error.to_string() } else { words }, hint)
}

fn describe_hang_up() -> (String, String) {
    let hint = "its log says why; or the port belongs to something else than PostgreSQL";
    ("the server hung up".into(), hint.into())
}

fn describe_refusal(error: &DbError, address: &Address, connector: &Connector) -> (String, String) {
    let (user, database) =
        (quote_if_needed(&address.user), quote_if_needed(address.database_name()));
    let code = error.code();
    let hint = if *code == SqlState::INVALID_PASSWORD {
        format!(
            "the password is wrong, or the role does not exist: check {}, or set it on the \
             server: ALTER ROLE {user} PASSWORD '…'",
            address.password_setting.unwrap_or("PGPASSWORD and ~/.pgpass")
        )
    } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        describe_not_admitted(error.routine().unwrap_or_default(), address, connector)
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        format!(
            "create it, as a superuser of the server: CREATE DATABASE {database} OWNER {user} \
             ENCODING 'UTF8' TEMPLATE template0;"
        )
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        format!("let the role in: GRANT CONNECT ON DATABASE {database} TO {user};")
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        "end sessions that are not needed (is Connect, or a pool, still connected?), or raise the \
         limit: max_connections of the server, CONNECTION LIMIT of role and database"
            .into()
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        "the server is starting, stopping or recovering: wait until it is ready, and run this \
         again"
            .into()
    } else if *code == SqlState::UNDEFINED_OBJECT || *code == SqlState::INVALID_PARAMETER_VALUE {
        let names: Vec<&str> = address.runtime.iter().map(|(name, _)| name.as_str()).collect();
        format!(
            "the URL names a server setting that does not exist, or gives it a wrong value ({}); \
             Connect's driver would be refused as well: correct the URL",
            names.join(", ")
        )
    } else if is_from_pooler(error) {
        "a connection pooler may stand in between that does not pass the URL's settings on, or \
         does not know the database: name the PostgreSQL server itself in the URL; \
         --show-server-messages shows what it says"
            .into()
    } else {
        "add --show-server-messages to read what the server says".into()
    };
    let words = describe_code(code.code());
    (refusal_meaning(error).map_or_else(|| words.clone(), |own| format!("{own}: {words}")), hint)
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
        ("28000", "InitializeSessionUserId") => "the role does not exist, or may not log in",
        ("28000", "ClientAuthentication") => "pg_hba.conf of the server does not admit this",
        ("28000", "auth_failed") => "the way to authenticate that the server asks for failed",
        ("3D000", _) => "the database does not exist",
        ("42501", _) => "the role may not connect to the database",
        ("53300", _) => "no connection is left",
        ("57P03", _) => "the server takes no connections now",
        ("08P01", "") => "what answers is not PostgreSQL itself",
        _ => return None,
    };
    Some(own)
}

/// SQLSTATE 28000: nobody like this is let in. Which of the reasons it is, the server says only in
/// words; its routines tell three kinds apart.
fn describe_not_admitted(routine: &str, address: &Address, connector: &Connector) -> String {
    let (user, database) = (&address.user, address.database_name());
    match routine {
        // auth.c: no line of pg_hba.conf, one that rejects, or a certificate that is asked for.
        "ClientAuthentication" => {
            let encrypted = connector.last_handshake().certificate;
            let kind = if encrypted { "hostssl" } else { "host" };
            let line = format!("{kind} {database} {user} ADDRESS/32 scram-sha-256");
            let other = match encrypted {
                true => "if it asks for a client certificate, name its files in sslcert and sslkey",
                false => "if it admits this role over TLS only, write sslmode=require",
            };
            format!(
                "add to pg_hba.conf on the server, with our address: {line} then: SELECT \
                 pg_reload_conf(); {other}"
            )
        }
        // auth.c: a line admits the role, but by peer, ident, certificate or the like.
        "auth_failed" => format!(
            "with peer authentication the operating system's user must be {}: connect by \
             host=localhost with a password, or add a scram-sha-256 line to pg_hba.conf; with \
             certificate authentication (sslcert, sslkey) the common name must be the role's name",
            text_literal(user)
        ),
        // miscinit.c
        "InitializeSessionUserId" => {
            let name = quote_if_needed(user);
            format!(
                "create the role: CREATE ROLE {name} LOGIN PASSWORD '…'; or let it log in: ALTER \
                 ROLE {name} LOGIN;"
            )
        }
        _ => "the server's pg_hba.conf and log say why".into(),
    }
}

/// OpenSSL's numbers for what is wrong with a certificate (`x509_vfy.h`).
mod x509 {
    pub const NOT_YET_VALID: i32 = 9;
    pub const EXPIRED: i32 = 10;
    pub const HOSTNAME: i32 = 62;
    pub const IP_ADDRESS: i32 = 64;
}

fn describe_failed_handshake(
    error: &postgres::Error,
    failure: DriverFailure,
    (host, mode): (&Host, SslMode),
    connector: &Connector,
) -> (String, String) {
    if failure == DriverFailure::NoTls {
        let hint = "add ?sslmode=disable to the URL if the connection may go unencrypted (Connect \
                    itself needs that too), or turn TLS on: ssl = on in postgresql.conf";
        return ("the server does not support TLS".into(), hint.into());
    }
    let trust = connector.trust.as_deref().unwrap_or("nothing");
    let Some((code, words)) =
        connector.last_handshake().failure.filter(|_| connector.trust.is_some())
    else {
        let hint = "the server may ask for a client certificate (sslcert, sslkey), or speak only \
                    older versions of TLS: its log says why";
        let inner = error.source().map(ToString::to_string).unwrap_or_default();
        return (format!("the TLS handshake failed: {inner}"), hint.into());
    };
    let mode = mode.url_word();
    match code {
        x509::EXPIRED => (
            "the server's certificate, or one that it rests on, has expired".into(),
            "have the certificate renewed; sslmode=require, without sslrootcert, checks none"
                .into(),
        ),
        x509::NOT_YET_VALID => (
            "the server's certificate is not valid yet".into(),
            "is this machine's clock right?".into(),
        ),
        x509::HOSTNAME | x509::IP_ADDRESS => (
            format!("the server's certificate is not made out to {}", host.name),
            "name the host in the URL as the certificate does (openssl x509 -noout -ext \
             subjectAltName shows it), or write sslmode=verify-ca"
                .into(),
        ),
        _ => (
            format!(
                "the server's certificate is not signed by an authority that sslmode={mode} \
                 trusts here ({trust}): {words}"
            ),
            "name the file of the authority that signed it: sslrootcert=/path/ca.crt; managed \
             services offer theirs for download"
                .into(),
        ),
    }
}
