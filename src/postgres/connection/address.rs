//! What a connection string means to us: one plain [`Address`], with everything decided.
//!
//! The words come from [`super::driver`]; [`super::url`] fills this in. Nothing here connects.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::guard::{Losses, RequiredMethods};
use crate::diagnostic::Fault;

/// A text that is never shown and is zeroed when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes `text` over.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, for the driver.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where to connect, as whom, and how. Made by [`Address::parse_setting`](super::url).
#[derive(Clone, Debug)]
pub struct Address {
    /// The setting this came from (`Postgres.URL`), for messages.
    pub setting: String,
    /// The setting of Connect's that a password for it belongs to, for messages; none where the
    /// environment or a password file has it.
    pub password_setting: Option<&'static str>,
    /// The hosts to try, in order; at least one.
    pub hosts: Vec<Host>,
    /// The role.
    pub user: String,
    /// The password, when the setting, the URL or `PGPASSWORD` gives one.
    pub password: Option<Secret>,
    /// The password file the URL names.
    pub passfile: Option<PathBuf>,
    /// The database as the URL names it; see [`Address::database_name`].
    pub dbname: Option<String>,
    /// Everything about encryption.
    pub tls: Tls,
    /// The name that Connect's own sessions will bear.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests compare it"))]
    pub application_name: Option<String>,
    /// The limit for one attempt; `None` waits for ever.
    pub connect_timeout: Option<Duration>,
    /// Which of several servers will do.
    pub target_session_attrs: Attrs,
    /// Whether SCRAM must be tied to the TLS connection.
    pub channel_binding: Binding,
    /// The ways in which the server may have the role authenticate.
    pub required_methods: RequiredMethods,
    /// Command-line options for the server, as given.
    pub options: String,
    /// Server settings that the URL names one by one, in the driver's order.
    pub runtime: Vec<(String, String)>,
    /// TCP keepalives.
    pub keepalives: Keepalives,
    /// What will work here but deserves a word.
    pub warnings: Vec<Fault>,
}

/// One server to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// A name, an address, or (beginning with `/`) the directory of a unix socket.
    pub name: String,
    /// The numeric address to connect to, when the URL gives one beside the name.
    pub addr: Option<std::net::IpAddr>,
    /// The port.
    pub port: u16,
}

impl Host {
    /// Whether this is a directory that holds a unix socket.
    pub fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Host { name, port, .. } = self;
        if self.is_socket() {
            write!(f, "{name}/.s.PGSQL.{port}")
        } else if name.contains(':') {
            write!(f, "[{name}]:{port}")
        } else {
            write!(f, "{name}:{port}")
        }
    }
}

/// How much TLS is asked for; the meaning is libpq's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never.
    Disable,
    /// TLS only if the server insists; treated as `Prefer`.
    Allow,
    /// TLS if the server has it.
    Prefer,
    /// TLS; the certificate is checked only when `sslrootcert` names a file.
    Require,
    /// TLS with a certificate of a trusted authority.
    VerifyCa,
    /// The same, and the certificate must bear the host's name.
    VerifyFull,
}

impl SslMode {
    /// The word for it in a URL.
    pub fn url_word(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }
}

/// Everything about encryption.
#[derive(Clone, Debug)]
pub struct Tls {
    /// How much of it.
    pub mode: SslMode,
    /// The authorities to trust.
    pub sslrootcert: Option<String>,
    /// The client certificate.
    pub sslcert: Option<String>,
    /// Its key.
    pub sslkey: Option<Secret>,
    /// The key's own password.
    pub sslpassword: Option<Secret>,
    /// The three values above are PEM text instead of file names.
    pub inline: bool,
    /// Whether the host's name is sent in the clear.
    pub sni: bool,
    /// Whether a client certificate from `~/.postgresql` may be used.
    pub client_certificate: bool,
    /// Start with TLS at once, without asking for it (PostgreSQL 17).
    pub direct: bool,
    /// The lowest protocol version, as the URL names it.
    pub lowest_version: Option<String>,
    /// The highest protocol version, as the URL names it.
    pub highest_version: Option<String>,
}

/// Which of several servers will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attrs {
    /// The first that answers.
    Any,
    /// One that takes writes.
    ReadWrite,
    /// One that takes none.
    ReadOnly,
    /// One that is not a standby.
    Primary,
}

/// Whether SCRAM must be tied to the TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Never.
    Disable,
    /// Where both sides can.
    Prefer,
    /// Always.
    Require,
}

/// TCP keepalives; `None` leaves the system's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keepalives {
    /// Whether they are sent at all.
    pub on: bool,
    /// Silence before the first.
    pub idle: Option<Duration>,
    /// Silence between two.
    pub interval: Option<Duration>,
    /// How many may stay unanswered.
    pub count: Option<u32>,
    /// How long sent data may stay unanswered.
    pub user_timeout: Option<Duration>,
}

impl Address {
    /// Whether another address leads to the same database as the same role, as far as both say it.
    pub fn is_same_database(&self, other: &Address) -> bool {
        let place = |address: &Address| (address.hosts.clone(), address.user.clone());
        place(self) == place(other) && self.database_name() == other.database_name()
    }

    /// The database the server will be asked for: the user's name where none is given.
    pub fn database_name(&self) -> &str {
        self.dbname.as_deref().unwrap_or(&self.user)
    }

    /// The server's command-line options and single settings as one `options` value.
    ///
    /// The settings come last, so that, as with the driver, they win over `-c` of the same name.
    pub fn startup_options(&self) -> String {
        let mut all = self.options.clone();
        for (key, value) in &self.runtime {
            if !all.is_empty() {
                all.push(' ');
            }
            all.push_str("-c ");
            for c in key.chars().chain(['=']).chain(value.chars()) {
                if c == '\\' || c.is_ascii_whitespace() || c == '\x0b' {
                    all.push('\\');
                }
                all.push(c);
            }
        }
        all
    }
}

/// What of the process a connection may depend on, gathered once so that tests can replace it.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The operating system's name for whoever runs us.
    pub user: Option<String>,
    /// The home directory: `~/.pgpass`, `~/.postgresql`.
    pub home: Option<PathBuf>,
    /// `PGPASSWORD`.
    pub password: Option<Secret>,
    /// `PGPASSFILE`.
    pub passfile: Option<PathBuf>,
    /// `SSL_CERT_FILE`: the file with the system's trusted authorities.
    pub authorities_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: the directory with the system's trusted authorities.
    pub authorities_directory: Option<PathBuf>,
    /// Other `PG…` variables that are set; they are not used, and said so.
    pub unused: Vec<String>,
    /// How many of the connections that were made in it were lost.
    pub losses: Losses,
}

impl Environment {
    /// The environment of this process.
    pub fn from_process() -> Environment {
        let path = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let unused = ["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSSLMODE", "PGOPTIONS"];
        Environment {
            user: text("USER").or_else(|| text("LOGNAME")),
            home: path("HOME"),
            password: text("PGPASSWORD").map(Secret::new),
            passfile: path("PGPASSFILE"),
            authorities_file: path("SSL_CERT_FILE"),
            authorities_directory: path("SSL_CERT_DIR"),
            unused: unused
                .into_iter()
                .filter(|name| text(name).is_some())
                .map(Into::into)
                .collect(),
            losses: Losses::default(),
        }
    }
}
