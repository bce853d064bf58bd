//! From a connection string to an [`Address`]: which settings are honoured, which get a warning,
//! which are refused by name.
//!
//! How the string is cut into settings is [`super::driver`]'s business; files are first opened by
//! [`super::tls`] and [`super::passfile`]. All faults of a string are reported at once.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use super::address::{Address, Attrs, Binding, Environment, Host, Keepalives, Secret};
use super::driver::{self, Settings};
use super::guard::RequiredMethods;
use super::keys;
use crate::diagnostic::{Error, Exit, Fault, Hints, Result};

/// The limit for one attempt to connect when the URL sets none. The driver would wait for ever;
/// during a downtime a host that swallows packets must be named instead.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// What is gathered while reading: nothing is refused before everything has been read.
pub(super) struct Reading<'a> {
    pub setting: &'a str,
    pub settings: &'a Settings,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

impl Reading<'_> {
    pub fn value_of(&self, key: &str) -> Option<&str> {
        self.settings.get(key).filter(|value| !value.is_empty())
    }

    pub fn add_fault(&mut self, text: impl AsRef<str>, hints: impl Into<Hints>) {
        let Reading { setting, .. } = self;
        self.faults.push(Fault::new(format!("{setting}: {}", text.as_ref()), hints));
    }

    pub fn add_warning(&mut self, text: impl AsRef<str>, hints: impl Into<Hints>) {
        let Reading { setting, .. } = self;
        self.warnings.push(Fault::new(format!("{setting}: {}", text.as_ref()), hints));
    }

    /// A setting that we honour and the driver of Connect (lib/pq 1.10) would not.
    pub fn warn_setting_unknown_to_connect(&mut self, what: impl AsRef<str>) {
        let what = what.as_ref();
        self.add_warning(
            format!("{what} works here, but Connect itself may not start with this URL"),
            "try the URL with Connect first: its driver may not support this parameter",
        );
    }

    /// The value of `key` by `parse`, or a fault that says what it should be.
    pub fn parse_value<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value_of(key)?.to_string();
        let parsed = parse(&value);
        if parsed.is_none() {
            self.add_fault(
                format!("{key}={value:?} is not {expected}"),
                format!("set {key} to {expected}"),
            );
        }
        parsed
    }
}

impl Address {
    /// Reads `input`, a URL or `key=value` words, as the value of `setting`.
    ///
    /// `password` is the one given apart from the URL (`Postgres.Password`); when it is not empty
    /// it counts whatever the URL says.
    ///
    /// # Errors
    /// With [`Exit::Usage`], when the driver would refuse the string or a setting cannot be
    /// honoured; with every fault found, and without any piece of a password.
    pub fn parse_setting(
        setting: &str,
        input: impl AsRef<[u8]>,
        password: Option<&Secret>,
        environment: &Environment,
    ) -> Result<Address> {
        let (input, placeholder) = without_placeholder(input.as_ref());
        let settings = driver::parse_settings(&input).map_err(|refused| {
            let text = format!("{setting}: {}", refused.shown);
            Error::new(Exit::Usage, text, refused.hints)
        })?;
        let mut reading =
            Reading { setting, settings: &settings, faults: Vec::new(), warnings: Vec::new() };
        let placeholder = placeholder || settings.get("password") == Some("{$}");
        if placeholder {
            let text = "{$} in the URL is no longer replaced by a password";
            reading.add_warning(
                text,
                "remove it from the URL, and set the password in `Postgres.Password`",
            );
        }
        warn_of_silent_driver_choices(&mut reading, environment);
        keys::refuse_unsupported_keys(&mut reading);
        if settings.stray {
            let text = "there is an @ after the first / and none before it";
            let hints =
                ["write a / in the password as %2F", "write an @ in the database's name as %40"];
            reading.add_fault(text, hints);
        }
        let address = assemble_address(&mut reading, password, placeholder, environment);
        Error::from_faults(Exit::Usage, reading.faults)?;
        let warnings = reading.warnings;
        Ok(Address { warnings, ..address })
    }
}

/// The URL without the old placeholder for the password, which Go's URL reader refuses.
fn without_placeholder(input: &[u8]) -> (zeroize::Zeroizing<Vec<u8>>, bool) {
    let mut input = zeroize::Zeroizing::new(input.to_vec());
    let url = input.starts_with(b"postgres://") || input.starts_with(b"postgresql://");
    match input.windows(5).position(|window| window == b":{$}@") {
        Some(at) if url => {
            input.drain(at..at + 4);
            (input, true)
        }
        _ => (input, false),
    }
}

/// What the driver decides in silence is said aloud.
fn warn_of_silent_driver_choices(reading: &mut Reading<'_>, environment: &Environment) {
    for note in reading.settings.notes.clone() {
        reading.add_warning(note, "");
    }
    if !environment.unused.is_empty() {
        let (names, are) = (environment.unused.join(", "), environment.unused.len() > 1);
        let are = if are { "are" } else { "is" };
        reading.add_warning(
            format!("{names} {are} set in this shell but not used"),
            "write these settings in the URL: only the URL is used",
        );
    }
}

fn assemble_address(
    reading: &mut Reading<'_>,
    password: Option<&Secret>,
    placeholder: bool,
    environment: &Environment,
) -> Address {
    let given = reading.value_of("password").filter(|_| !placeholder).map(Secret::new);
    let apart = password.filter(|password| !password.reveal().is_empty()).cloned();
    let hosts = read_hosts(reading);
    let tls = keys::read_tls_settings(reading, &hosts);
    let address = Address {
        setting: reading.setting.to_string(),
        password_setting: Some("Postgres.Password"),
        user: read_user(reading, environment),
        password: apart.or(given).or_else(|| environment.password.clone()),
        passfile: reading.value_of("passfile").map(Into::into),
        dbname: reading.value_of("dbname").map(Into::into),
        tls,
        application_name: reading.value_of("application_name").map(Into::into),
        connect_timeout: read_connect_timeout(reading),
        target_session_attrs: read_session_attrs(reading),
        channel_binding: read_channel_binding(reading),
        required_methods: read_required_methods(reading),
        options: reading.value_of("options").unwrap_or_default().to_string(),
        runtime: keys::runtime_parameters(reading),
        keepalives: read_keepalives(reading),
        warnings: Vec::new(),
        hosts,
    };
    if address.passfile.is_some() {
        reading.warn_setting_unknown_to_connect("passfile");
    }
    refuse_nul(reading, &address);
    address
}

/// A zero byte would end a value early on its way to the server.
fn refuse_nul(reading: &mut Reading<'_>, address: &Address) {
    let password = address.password.as_ref().map(Secret::reveal).unwrap_or_default();
    let mut texts = vec![&*address.user, address.database_name(), &*address.options, password];
    texts.extend(address.hosts.iter().map(|host| &*host.name));
    texts.extend(address.runtime.iter().flat_map(|(key, value)| [&**key, &**value]));
    if texts.iter().any(|text| text.contains('\0')) {
        reading.add_fault("a value contains a zero byte (%00)", "remove the zero byte");
    }
}

fn read_user(reading: &mut Reading<'_>, environment: &Environment) -> String {
    if let Some(user) = reading.value_of("user") {
        return user.to_string();
    }
    let hint = "name the role in the URL: postgres://USER@HOST/DATABASE";
    match &environment.user {
        Some(user) => {
            let text = format!("no user is named; using {user:?}, who runs this program");
            reading.add_warning(text, hint);
            user.clone()
        }
        None => {
            reading.add_fault("no user is named", hint);
            String::new()
        }
    }
}

/// The list of hosts, each with its port, whichever way they were written.
fn read_hosts(reading: &mut Reading<'_>) -> Vec<Host> {
    let names = reading.value_of("host").unwrap_or("localhost").to_string();
    let ports = reading.value_of("port").unwrap_or("5432").to_string();
    let ports: Vec<&str> = ports.split(',').collect();
    let names: Vec<&str> = names.split(',').collect();
    let addrs = reading.value_of("hostaddr").map(|addrs| addrs.to_string()).unwrap_or_default();
    let addrs: Vec<&str> = addrs.split(',').filter(|addr| !addr.is_empty()).collect();
    if names.len() > 1 {
        reading.warn_setting_unknown_to_connect("a list of hosts");
        if ports.len() == 1 && ports != ["5432"] && !names.iter().any(|name| has_port(name)) {
            let text = format!("port {} is used for all hosts of the list", ports.join(""));
            reading.add_warning(text, "write the port after each host: a:5432,b:5433");
        }
    }
    if ports.len() > 1 && ports.len() != names.len() {
        let text = format!("{} hosts, but {} ports", names.len(), ports.len());
        reading.add_fault(text, "give one port, or as many as hosts");
    }
    if !addrs.is_empty() {
        reading.warn_setting_unknown_to_connect("hostaddr");
        if addrs.len() != names.len() {
            let text = format!("{} hosts, but {} addresses in hostaddr", names.len(), addrs.len());
            reading.add_fault(text, "give as many addresses as hosts");
        }
    }
    let mut hosts = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or("5432");
        let addr = addrs.get(index).and_then(|addr| match IpAddr::from_str(addr) {
            Ok(addr) => Some(addr),
            Err(_) => {
                let text = format!("hostaddr={addr:?} is not an IP address");
                reading
                    .add_fault(text, "write the name in `host` and the IP address in `hostaddr`");
                None
            }
        });
        hosts.extend(read_host(reading, name, port, names.len() > 1, addr));
    }
    hosts
}

/// Whether `name` ends in a port of its own, which happens in a list only.
fn has_port(name: &str) -> bool {
    name.starts_with('[') && name.contains("]:")
        || !name.starts_with('/') && name.matches(':').count() == 1
}

fn read_host(
    reading: &mut Reading<'_>,
    name: &str,
    port: &str,
    listed: bool,
    addr: Option<IpAddr>,
) -> Option<Host> {
    let (name, port) = match name.rsplit_once(':') {
        Some((name, own)) if listed && has_port(&format!("{name}:{own}")) => {
            (name, if own.is_empty() { "5432" } else { own })
        }
        _ => (name, port),
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    if bare.is_some() && !listed {
        reading.warn_setting_unknown_to_connect("an IPv6 address without a port");
    }
    let name = bare.unwrap_or(name);
    let unusable = match name {
        "" => Some("a host is empty"),
        _ if name.starts_with('@') => Some("abstract sockets cannot be used"),
        _ if name.contains('%') => Some("IPv6 addresses with a zone cannot be used"),
        _ => None,
    };
    if let Some(text) = unusable {
        reading.add_fault(text, "name a host, or the directory of the server's socket");
        return None;
    }
    match port.parse::<u16>() {
        Ok(port) if port > 0 => Some(Host { name: name.to_string(), addr, port }),
        _ => {
            let text = format!("port {port:?} is not a number from 1 to 65535");
            reading.add_fault(text, "write a port from 1 to 65535; PostgreSQL's default is 5432");
            None
        }
    }
}

fn read_connect_timeout(reading: &mut Reading<'_>) -> Option<Duration> {
    let Some(value) = reading.value_of("connect_timeout") else { return Some(CONNECT_TIMEOUT) };
    match value.parse::<i64>() {
        Ok(0) => None,
        Ok(seconds) if seconds > 0 => Some(Duration::from_secs(seconds.unsigned_abs())),
        Ok(_) => {
            reading.add_warning(
                "connect_timeout is negative: no limit",
                "write 0, or a number of seconds",
            );
            None
        }
        Err(error) => {
            let range = *error.kind() == std::num::IntErrorKind::PosOverflow;
            let why = if range { "value out of range" } else { "invalid syntax" };
            let text = format!(
                "invalid value for parameter connect_timeout: strconv.ParseInt: parsing {}: {why}",
                super::gourl::quote_as_go(value.as_bytes())
            );
            reading.add_fault(text, "write a number of seconds, without a unit");
            None
        }
    }
}

fn read_session_attrs(reading: &mut Reading<'_>) -> Attrs {
    let Some(word) = reading.value_of("target_session_attrs").map(str::to_string) else {
        return Attrs::Any;
    };
    reading.warn_setting_unknown_to_connect("target_session_attrs");
    match word.as_str() {
        "any" => Attrs::Any,
        "read-write" => Attrs::ReadWrite,
        "read-only" => Attrs::ReadOnly,
        "primary" => Attrs::Primary,
        _ => {
            let text = format!("target_session_attrs={word:?} cannot be used");
            reading.add_fault(
                text,
                "write `read-write` or `primary`: the data goes to the primary server",
            );
            Attrs::Any
        }
    }
}

fn read_channel_binding(reading: &mut Reading<'_>) -> Binding {
    if reading.value_of("channel_binding").is_some() {
        reading.warn_setting_unknown_to_connect("channel_binding");
    }
    let read = |word: &str| match word {
        "disable" => Some(Binding::Disable),
        "prefer" => Some(Binding::Prefer),
        "require" => Some(Binding::Require),
        _ => None,
    };
    let parsed = reading.parse_value("channel_binding", "disable, prefer or require", read);
    parsed.unwrap_or(Binding::Prefer)
}

fn read_required_methods(reading: &mut Reading<'_>) -> RequiredMethods {
    if reading.value_of("require_auth").is_some() {
        reading.warn_setting_unknown_to_connect("require_auth");
    }
    let expected =
        "a list of none, password, md5 and scram-sha-256, or of these with ! before each";
    let read = reading.parse_value("require_auth", expected, RequiredMethods::parse);
    read.unwrap_or_default()
}

fn read_keepalives(reading: &mut Reading<'_>) -> Keepalives {
    let number = |value: &str| value.parse::<u32>().ok();
    let mut seconds = |key: &str| {
        if reading.value_of(key).is_some() {
            reading.warn_setting_unknown_to_connect(key);
        }
        reading.parse_value(key, "a number", number)
    };
    let time = |seconds: Option<u32>| {
        seconds.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.into()))
    };
    Keepalives {
        on: seconds("keepalives") != Some(0),
        idle: time(seconds("keepalives_idle")),
        interval: time(seconds("keepalives_interval")),
        count: seconds("keepalives_count").filter(|count| *count > 0),
        user_timeout: seconds("tcp_user_timeout")
            .filter(|ms| *ms > 0)
            .map(|ms| Duration::from_millis(ms.into())),
    }
}
