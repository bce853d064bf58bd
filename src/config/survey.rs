//! What the settings mean together: defaults, fall-backs, secrets opened, all faults at once.
//!
//! A [`Survey`] is made of every configuration, also of one that cannot be used, so that
//! `check-config` can show what there is beside what is wrong with it.

mod keyring;

use std::path::{Path, PathBuf};

use super::gcfg::environment::Environment;
use super::key::Key;
use super::secret::Secret;
use super::settings::{Layers, Said, Source, companion_of, shown_url};
use super::{Config, Pair, Provider, advice, mask};
use crate::diagnostic::{Error, Exit, Fault, Result};
use keyring::Keyring;

const DATA_DIR: &str = "/var/lib/rstudio-connect";
const KEY_FILE: &str = "secret.key";
const NOT_SET: &str = "(not set)";

/// A configuration as it stands.
pub struct Survey {
    /// The configuration file.
    pub file: PathBuf,
    /// The `-migration.gcfg` beside it, where there is one.
    pub companion: Option<PathBuf>,
    /// Every setting that is read, in the order of the documentation.
    pub settings: Vec<Effective>,
    /// The configuration, unless there are faults.
    pub config: Option<Config>,
    /// What is worth telling but stops nothing.
    pub warnings: Vec<Fault>,
    /// Everything that stops a migration.
    pub faults: Vec<Fault>,
}

/// A setting with the value that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// `Section.Setting`.
    pub name: &'static str,
    /// The value, or a mask and what is known of the secret behind it.
    pub shown: String,
    /// Where the value comes from.
    pub source: Source,
}

impl Survey {
    /// Reads everything there is.
    #[must_use]
    pub fn of(file: &Path, environment: &Environment) -> Survey {
        let mut resolver = Resolver::new(file, environment);
        let config = resolver.complete().then(|| resolver.config(file)).flatten();
        let config = config.filter(|_| resolver.faults.is_empty());
        Survey {
            file: file.to_owned(),
            companion: resolver.layers.companion,
            settings: resolver.settings,
            config,
            warnings: resolver.warnings,
            faults: resolver.faults,
        }
    }
}

/// The server's key alone, for encrypting: what is wrong elsewhere does not matter.
///
/// # Errors
/// When the files cannot be read or there is no key that can be used.
pub fn key(file: &Path, environment: &Environment) -> Result<(Key, Vec<Fault>)> {
    let mut resolver = Resolver::new(file, environment);
    if resolver.complete() {
        let data_dir = resolver.dir("Server", "DataDir", "Server.DataDir", DATA_DIR.into());
        let default_dir = data_dir.join("db");
        let dir = resolver.dir("Database", "Dir", "Database.Dir", default_dir);
        match resolver.keyring(&dir).key {
            Ok(key) => return Ok((key, resolver.warnings)),
            Err(fault) if !resolver.faults.contains(&fault) => resolver.faults.push(fault),
            Err(_) => {}
        }
    }
    Err(Error { exit: Exit::Usage, faults: resolver.faults })
}

struct Resolver {
    layers: Layers,
    settings: Vec<Effective>,
    warnings: Vec<Fault>,
    faults: Vec<Fault>,
}

impl Resolver {
    fn new(file: &Path, environment: &Environment) -> Resolver {
        let mut layers = Layers::read(file, environment);
        let warnings = std::mem::take(&mut layers.warnings);
        let faults = std::mem::take(&mut layers.faults);
        Resolver { layers, settings: Vec::new(), warnings, faults }
    }

    fn complete(&self) -> bool {
        self.layers.complete
    }

    fn config(&mut self, file: &Path) -> Option<Config> {
        let data_dir = self.dir("Server", "DataDir", "Server.DataDir", DATA_DIR.into());
        let beneath = data_dir.join("db");
        // The key's two settings are listed before the directory that is its default place.
        let at = self.settings.len();
        let database_dir = self.dir("Database", "Dir", "Database.Dir", beneath.clone());
        let later = self.settings.split_off(at);
        let mut keyring = self.keyring(&database_dir);
        let key_file = keyring.file.clone();
        let provider = self.provider();
        self.settings.extend(later);
        let sqlite_dir = self.dir("SQLite", "Dir", "SQLite.Dir", beneath);

        let url = self.said("Postgres", "URL");
        let shown = url.as_ref().map_or_else(|| NOT_SET.to_owned(), shown_url);
        let url_source = url.as_ref().map_or(Source::Default, |said| said.source.clone());
        self.list("Postgres.URL", shown.clone(), url_source);
        let password = self.password("Password", "Postgres.Password", None, &mut keyring);

        let own_url = self.said("Postgres", "InstrumentationURL");
        let (own_shown, own_source) = match &own_url {
            Some(said) => (shown_url(said), said.source.clone()),
            None => (shown, Source::As("Postgres.URL")),
        };
        self.list("Postgres.InstrumentationURL", own_shown, own_source);
        let own_password = self.password(
            "InstrumentationPassword",
            "Postgres.InstrumentationPassword",
            Some("Postgres.Password"),
            &mut keyring,
        );
        self.settle(keyring);

        let own_setting = "Postgres.InstrumentationPassword";
        let called = if own_password.is_some() { own_setting } else { "Postgres.Password" };
        let own_password = own_password.or_else(|| password.clone());
        let own_url = own_url.map(|said| {
            let name = "Postgres.InstrumentationURL";
            let pair = self.pair(name, &said, own_password.clone(), called, &sqlite_dir);
            Pair { password_setting: own_setting, ..pair }
        });
        let Some(url) = url else {
            self.faults.push(advice::for_missing_url(file));
            return None;
        };
        let core = self.pair("Postgres.URL", &url, password, "Postgres.Password", &sqlite_dir);
        let instrumentation = own_url.unwrap_or_else(|| Pair {
            sqlite: sqlite_dir.clone(),
            url: core.url.clone(),
            url_shown: core.url_shown.clone(),
            url_source: core.url_source.clone(),
            password: own_password,
            password_setting: core.password_setting,
        });
        Some(Config {
            file: file.to_owned(),
            provider: provider?,
            variables: self.variables(),
            core: Pair { sqlite: sqlite_dir.join("connect.db"), ..core },
            instrumentation: Pair {
                sqlite: sqlite_dir.join("connect-instrumentation.db"),
                ..instrumentation
            },
            beside: vec![
                ("the old configuration file", companion_of(file)),
                ("the encryption key", key_file),
            ],
            warnings: self.warnings.clone(),
        })
    }

    /// What was said of a setting and is not empty; notes what is to say about its writing.
    fn said(&mut self, section: &str, field: &str) -> Option<Said> {
        let said = self.layers.said(section, field)?.clone();
        self.warnings.extend(said.traps.warnings.iter().cloned());
        if let (true, Source::Environment(variable)) = (said.value.is_empty(), &said.source)
            && let Some(before) = self.layers.said_in_files(section, field)
        {
            let setting = format!("{section}.{field}");
            let warning = advice::for_empty_variable(variable, &setting, &before.source);
            self.warnings.push(warning);
        }
        // An empty text means "not set", which is how an environment variable takes one back.
        (!said.value.is_empty()).then_some(said)
    }

    /// The environment variables that count, in the order of the settings.
    fn variables(&self) -> Vec<String> {
        let variables = self.settings.iter().filter_map(|setting| match &setting.source {
            Source::Environment(name) => Some(name.clone()),
            _ => None,
        });
        variables.collect()
    }

    fn list(&mut self, name: &'static str, shown: String, source: Source) {
        self.settings.push(Effective { name, shown, source });
    }

    fn dir(&mut self, section: &str, field: &str, name: &'static str, default: PathBuf) -> PathBuf {
        let (dir, source) = match self.said(section, field) {
            Some(said) => (PathBuf::from(said.text()), said.source),
            None => (default, Source::Default),
        };
        if dir.is_relative() {
            let text = format!("{name} ({source}) is not an absolute path");
            let hint = "Connect and this program start it from the directory they run in";
            self.warnings.push(Fault::new(text, hint));
        }
        self.list(name, dir.display().to_string(), source);
        dir
    }

    fn provider(&mut self) -> Option<Provider> {
        let said = self.said("Database", "Provider");
        let text = said.as_ref().map_or("sqlite", Said::text).to_ascii_lowercase();
        let source = said.map_or(Source::Default, |said| said.source);
        let provider = match text.as_str() {
            "sqlite" => Some(Provider::Sqlite),
            "postgres" => Some(Provider::Postgres),
            _ => None,
        };
        if provider.is_none() {
            let text = format!("Database.Provider ({source}) is neither sqlite nor postgres");
            let hint = match &source {
                Source::Environment(variable) => {
                    format!("set {variable} to sqlite until the migration is done")
                }
                _ => "write Provider = sqlite until the migration is done".to_owned(),
            };
            self.faults.push(Fault::new(text, hint));
        }
        self.list("Database.Provider", text, source);
        provider
    }

    fn password(
        &mut self,
        field: &str,
        name: &'static str,
        fallback: Option<&'static str>,
        keyring: &mut Keyring,
    ) -> Option<Secret> {
        let Some(said) = self.said("Postgres", field) else {
            let source = fallback.map_or(Source::Default, Source::As);
            self.list(name, NOT_SET.to_owned(), source);
            return None;
        };
        let (secret, state) = self.opened(name, &said, keyring);
        self.list(name, format!("{} ({state})", mask::MASK), said.source);
        secret.filter(|secret| !secret.is_empty())
    }

    fn pair(
        &mut self,
        name: &str,
        said: &Said,
        password: Option<Secret>,
        password_called: &str,
        sqlite: &Path,
    ) -> Pair {
        let source = &said.source;
        let mut url = said.value.clone();
        if said.text().contains("{$}") {
            let text =
                format!("{name} ({source}) holds {{$}}, which Connect 1.8.2 and later refuse");
            let hint = "remove `:{$}` from the URL; the password setting counts without it";
            self.warnings.push(Fault::new(text, hint));
            if password.is_none() {
                let text = format!("{name} ({source}) holds {{$}}, but no password is set");
                let hint = "set Password below [Postgres], or CONNECT_POSTGRES_PASSWORD";
                self.faults.push(Fault::new(text, hint));
            }
            url = Secret::new(said.text().replace(":{$}", "").replace("{$}", ""));
        } else if password.is_some() && mask::has_password(said.text()) {
            let text = format!("the password inside {name} ({source}) does not count");
            let hint = format!("{password_called} takes its place; remove one of the two");
            self.warnings.push(Fault::new(text, hint));
        }
        Pair {
            sqlite: sqlite.to_owned(),
            url,
            url_shown: shown_url(said),
            url_source: source.to_string(),
            password,
            password_setting: "Postgres.Password",
        }
    }
}
