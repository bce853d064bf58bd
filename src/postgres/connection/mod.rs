//! From a URL to a connected client.
//!
//! [`Address::parse_setting`](address::Address::parse_setting) says where and how; [`connect`]
//! tries the hosts one after the other and hands back a [`Connection`] whose session is set up, or
//! an error that names the hint. What the server is fit for is [`crate::postgres::facts`]'
//! business.

pub mod address;
mod broken;
pub mod driver;
mod failed_handshake;
mod failure;
mod gourl;
mod guard;
mod keys;
pub mod passfile;
mod session;
pub mod tls;
pub mod url;

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use postgres::config::{ChannelBinding, SslMode as DriverMode, SslNegotiation};
use postgres::{Client, Config};

pub use address::{Address, Environment, Host, Secret, SslMode};
use address::{Attrs, Binding};
pub use broken::describe_driver_error;
use failure::{Cause, describe_failure};
#[cfg(feature = "internals")]
pub use guard::pass_messages;
use guard::{Encryption, GuardedConnector, Rules};
pub use guard::{Losses, Question, RequiredMethods};
use tls::Connector;

use crate::diagnostic::{Error, Exit, Fault, Id, Result};
use crate::postgres::direct::DirectQueries;
use crate::stop::Cancellation;

/// The name under which our sessions stand in `pg_stat_activity`.
pub const APPLICATION_NAME: &str = "connect-migrate";

/// A session, set up, and what was seen on the way to it.
pub struct Connection {
    /// The session.
    pub client: Client,
    /// The host that answered.
    pub host: Host,
    /// Whether TLS is spoken.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests compare it"))]
    pub tls: bool,
    /// What the server's certificate was checked against; `None` when it was not.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests compare it"))]
    pub trust: Option<String>,
    /// What deserves a word.
    pub warnings: Vec<Fault>,
    connector: GuardedConnector,
}

/// A session that is not set up yet.
struct Opened {
    client: Client,
    connector: GuardedConnector,
}

impl Connection {
    /// What cancels the statement that the session is running, from another thread.
    pub fn make_cancellation(&self) -> Cancellation {
        let (token, connector) = (self.client.cancel_token(), self.connector.clone());
        Arc::new(move || {
            let _ = token.cancel_query(connector.clone());
        })
    }

    /// Has another session of the server asked when this one waits long for an answer. Not over a
    /// Unix socket, which does without the guard.
    pub fn ask_when_silent(&self, question: Question) {
        self.connector.set_question(question);
    }

    /// Says that the session only watches another one: its questions are short, and losing it ends
    /// nothing.
    pub fn mark_as_watcher(&self) {
        self.connector.mark_as_watcher();
    }

    /// Whether it was ended because nothing was answered.
    pub fn was_silent(&self) -> bool {
        self.connector.was_silent()
    }
}

/// Connects to the first host of `address` that will do, and sets the session up.
///
/// # Errors
/// With [`Exit::Target`] and one fault for each host tried; with [`Exit::Usage`] when a file that
/// the URL names cannot be used.
pub fn connect(address: &Address, environment: &Environment) -> Result<Connection> {
    let mut warnings = address.warnings.clone();
    let connector =
        tls::build_connector(&address.tls, environment, &mut warnings).map_err(|fault| {
            Error::new(Exit::Usage, format!("{}: {}", address.setting, fault.text), fault.hints)
        })?;
    let mut faults = Vec::new();
    for host in &address.hosts {
        let config = driver_config(address, host, environment, &mut warnings);
        match connect_to_host(address, host, &config, &connector, &mut warnings) {
            Ok(opened) => {
                // Hosts that were passed over deserve a word, not an end.
                warnings.append(&mut faults);
                return finish_connection(opened, address, host, &connector, warnings);
            }
            Err(cause) => {
                faults.push(describe_failure(&cause, address, host, &connector));
                if cause.is_final() {
                    break;
                }
            }
        }
    }
    Err(Error { exit: Exit::Target, faults })
}

/// The driver's configuration for one host.
fn driver_config(
    address: &Address,
    host: &Host,
    environment: &Environment,
    warnings: &mut Vec<Fault>,
) -> Config {
    let mut config = Config::new();
    config.user(&address.user).dbname(address.database_name()).application_name(APPLICATION_NAME);
    config.port(host.port);
    if let Some(limit) = address.connect_timeout {
        // Ours ends an attempt first; this one ends the driver's own for cancelling a statement.
        config.connect_timeout(limit + Duration::from_secs(5));
    }
    let options = address.startup_options();
    if !options.is_empty() {
        config.options(&options);
    }
    config.notice_callback(|_| ());
    let resolved = match address.password {
        None => passfile::read_password(address, host, environment, warnings),
        Some(_) => None,
    };
    if let Some(password) = address.password.as_ref().or(resolved.as_ref()) {
        config.password(password.reveal());
    }
    config.channel_binding(match address.channel_binding {
        Binding::Disable => ChannelBinding::Disable,
        Binding::Prefer => ChannelBinding::Prefer,
        Binding::Require => ChannelBinding::Require,
    });
    if host.is_socket() {
        config.ssl_mode(DriverMode::Disable);
    } else {
        // The driver hands over its bare socket at once; what becomes of it is the guard's to say.
        config.ssl_mode(DriverMode::Require).ssl_negotiation(SslNegotiation::Direct);
    }
    set_keepalives(&mut config, address);
    config
}

/// Whether a connection to `host` is encrypted.
fn choose_encryption(address: &Address, host: &Host) -> Encryption {
    match address.tls.mode {
        _ if host.is_socket() => Encryption::Off,
        SslMode::Disable => Encryption::Off,
        SslMode::Allow | SslMode::Prefer => Encryption::Preferred,
        _ if address.tls.direct => Encryption::Direct,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Encryption::Required,
    }
}

/// How long sent data may stay unanswered, unless the URL says otherwise: keepalives are not sent
/// while an answer to data is due, and the system alone would go on for a quarter of an hour.
const USER_TIMEOUT: Duration = Duration::from_secs(180);

/// A dead peer is noticed in minutes, not hours, unless the URL says otherwise.
fn set_keepalives(config: &mut Config, address: &Address) {
    let wanted = &address.keepalives;
    config.keepalives(wanted.on);
    config.keepalives_idle(wanted.idle.unwrap_or(Duration::from_secs(60)));
    config.keepalives_interval(wanted.interval.unwrap_or(Duration::from_secs(10)));
    config.keepalives_retries(wanted.count.unwrap_or(6));
    config.tcp_user_timeout(wanted.user_timeout.unwrap_or(USER_TIMEOUT));
}

/// Tries every address of one host.
fn connect_to_host(
    address: &Address,
    host: &Host,
    config: &Config,
    connector: &Connector,
    warnings: &mut Vec<Fault>,
) -> std::result::Result<Opened, Cause> {
    let encryption = choose_encryption(address, host);
    if host.is_socket() {
        let mut config = config.clone();
        config.host_path(&host.name);
        return connect_with_session_options(address, &config, connector, encryption);
    }
    let mut last = None;
    for ip in resolve_host(host)? {
        let mut config = config.clone();
        config.host(&host.name).hostaddr(ip);
        match connect_with_session_options(address, &config, connector, encryption) {
            Ok(opened) => return Ok(opened),
            Err(cause) if may_retry_without_tls(address, &cause) => {
                let plain = Encryption::Off;
                match connect_with_session_options(address, &config, connector, plain) {
                    Ok(opened) => {
                        let text = format!("{host}: TLS failed, so the connection is unencrypted");
                        warnings.push(Fault::new(text, "write `sslmode=require` to require TLS"));
                        return Ok(opened);
                    }
                    Err(other) if other.violation().is_some() => last = Some(other),
                    Err(_) => last = Some(cause),
                }
            }
            Err(cause) if cause.is_final() => return Err(cause),
            Err(cause) => last = Some(cause),
        }
    }
    let nothing = || Cause::Unknown(std::io::Error::other("the host name has no address"));
    Err(last.unwrap_or_else(nothing))
}

/// `prefer` means what it says: where TLS does not work out, without.
fn may_retry_without_tls(address: &Address, cause: &Cause) -> bool {
    let refused = postgres::error::SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
    matches!(address.tls.mode, SslMode::Allow | SslMode::Prefer)
        && (cause.is_handshake() || cause.sql_state() == Some(&refused))
}

fn resolve_host(host: &Host) -> std::result::Result<Vec<IpAddr>, Cause> {
    if let Some(addr) = host.addr {
        return Ok(vec![addr]);
    }
    let found = (host.name.as_str(), host.port).to_socket_addrs().map_err(Cause::Unknown)?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for found in found {
        if !addresses.contains(&found.ip()) {
            addresses.push(found.ip());
        }
    }
    Ok(addresses)
}

/// One attempt, with the settings of our sessions in the start-up packet, and without where a
/// pooler or server takes no such options.
fn connect_with_session_options(
    address: &Address,
    config: &Config,
    connector: &Connector,
    encryption: Encryption,
) -> std::result::Result<Opened, Cause> {
    let mut with = config.clone();
    let own = config.get_options().unwrap_or_default();
    with.options(format!("{own} {}", session::startup_options()).trim_start());
    let mut opened = match open_connection(address, &with, connector, encryption) {
        Err(cause) if cause.sql_state().is_some_and(session::refuses_options) => {
            open_connection(address, config, connector, encryption)?
        }
        other => other?,
    };
    check_server_kind(&mut opened.client, address.target_session_attrs)?;
    Ok(opened)
}

/// One connection, within `connect_timeout`.
///
/// The driver's own limit ends with the TCP handshake; a server (or something else) that accepts
/// and then says nothing is left behind in its thread.
fn open_connection(
    address: &Address,
    config: &Config,
    connector: &Connector,
    encryption: Encryption,
) -> std::result::Result<Opened, Cause> {
    connector.forget_handshake();
    let (methods, losses) = (address.required_methods.clone(), connector.losses.clone());
    let rules = Rules::new(methods, address.connect_timeout, losses);
    let connector = GuardedConnector::new(connector.connector.clone(), encryption, rules);
    let guarded = connector.clone();
    let client = match address.connect_timeout {
        None => config.connect(guarded).map_err(Cause::Driver)?,
        Some(limit) => {
            let (send, receive) = mpsc::sync_channel(1);
            let config = config.clone();
            let work = move || drop(send.send(config.connect(guarded)));
            let spawned = std::thread::Builder::new().name("connect".into()).spawn(work);
            spawned.map_err(Cause::Unknown)?;
            let answer = receive.recv_timeout(limit).map_err(|_| Cause::Silence(limit))?;
            answer.map_err(Cause::Driver)?
        }
    };
    Ok(Opened { client, connector })
}

/// Whether the server is of the kind that `target_session_attrs` asks for.
fn check_server_kind(client: &mut Client, wanted: Attrs) -> std::result::Result<(), Cause> {
    if wanted == Attrs::Any {
        return Ok(());
    }
    let query = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'";
    let row = client.query_one_directly(query, &[]).map_err(Cause::Driver)?;
    let (standby, read_only): (bool, bool) = (row.get(0), row.get(1));
    match wanted {
        Attrs::Primary if standby => Err(Cause::WrongKind("a standby")),
        Attrs::ReadWrite if standby || read_only => Err(Cause::WrongKind("read-only")),
        Attrs::ReadOnly if !standby && !read_only => Err(Cause::WrongKind("writable")),
        _ => Ok(()),
    }
}

fn finish_connection(
    opened: Opened,
    address: &Address,
    host: &Host,
    connector: &Connector,
    mut warnings: Vec<Fault>,
) -> Result<Connection> {
    let Opened { mut client, connector: guarded } = opened;
    session::apply_session_settings(&mut client, host.is_socket()).map_err(|refused| {
        let text = format!("{}: {host} {}", address.setting, refused.what);
        let fault = Fault { server: refused.server, ..Fault::new(text, refused.hints) };
        Error { exit: Exit::Target, faults: vec![fault.with_id(refused.id)] }
    })?;
    check_search_path(&mut client, address, host)?;
    guarded.end_set_up();
    let seen = connector.last_handshake();
    if seen.common_name_only && address.tls.mode == SslMode::VerifyFull {
        let text = format!(
            "{}: the certificate of {host} has a common name but no subject alternative name",
            address.setting
        );
        let hint = "have a certificate issued with a subjectAltName: Connect's driver refuses \
                    this one";
        warnings.push(Fault::new(text, hint));
    }
    let trust = connector.trust.clone().filter(|_| seen.certificate);
    let (host, tls) = (host.clone(), seen.certificate);
    Ok(Connection { client, host, tls, trust, warnings, connector: guarded })
}

/// A pooler may drop what the start-up packet says; then the tables would go into another schema.
fn check_search_path(client: &mut Client, address: &Address, host: &Host) -> Result<()> {
    let wanted = address.startup_options();
    if !wanted.contains("search_path=") {
        return Ok(());
    }
    let query = "SELECT source = 'client' FROM pg_catalog.pg_settings WHERE name = 'search_path'";
    let held = client.query_one_directly(query, &[]).map(|row| row.get(0));
    if matches!(held, Ok(true)) {
        return Ok(());
    }
    let text = format!(
        "{}: the search_path of the URL did not reach the server behind {host}",
        address.setting
    );
    let hint = "name the PostgreSQL server itself in the URL, not a connection pooler";
    let fault = Fault::new(text, hint).with_id(Id::P5);
    Err(Error { exit: Exit::Target, faults: vec![fault] })
}
