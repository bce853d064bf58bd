//! What the settings mean together: defaults, fall-backs, secrets opened, all faults at once.
//!
//! A [`Survey`] is made of every configuration, also of one that cannot be used, so that
//! `check-config` can show what there is beside what is wrong with it.

mod keyring;

use std::path::{Path, PathBuf};

use super::gcfg::environment::Environment;
use super::key::Key;
use super::secret::Secret;
use super::settings::{Layers, Source, StatedSetting, migration_file_beside, url_to_show};
use super::{Config, Databases, Pair, Provider, advice, mask};
use crate::diagnostic::{Error, Exit, Fault, Result};
use keyring::Keyring;

const DATA_DIR: &str = "/var/lib/rstudio-connect";
const KEY_FILE: &str = "secret.key";
const NOT_SET: &str = "(not set)";

const URL: &str = "Postgres.URL";
const PASSWORD: &str = "Postgres.Password";
const OWN_URL: &str = "Postgres.InstrumentationURL";
const OWN_PASSWORD: &str = "Postgres.InstrumentationPassword";

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
    /// Everything that stops a migration of the databases that it was made for.
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
    /// Reads everything there is. What is wrong with a database that is not one of `wanted` is
    /// only a warning.
    #[must_use]
    pub fn read_survey(file: &Path, environment: &Environment, wanted: Databases) -> Survey {
        let mut resolver = Resolver::new(file, environment, wanted);
        let config = resolver.is_complete().then(|| resolver.make_config(file)).flatten();
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
pub fn read_key(file: &Path, environment: &Environment) -> Result<(Key, Vec<Fault>)> {
    let mut resolver = Resolver::new(file, environment, Databases::BOTH);
    if resolver.is_complete() {
        let data_dir =
            resolver.resolve_directory("Server", "DataDir", "Server.DataDir", DATA_DIR.into());
        let default_dir = data_dir.join("db");
        let dir = resolver.resolve_directory("Database", "Dir", "Database.Dir", default_dir);
        match resolver.find_keyring(&dir).key {
            Ok(key) => return Ok((key, resolver.warnings)),
            Err(fault) if !resolver.faults.contains(&fault) => resolver.faults.push(fault),
            Err(_) => {}
        }
    }
    Err(Error { exit: Exit::Usage, faults: resolver.faults })
}

struct Resolver {
    file: PathBuf,
    layers: Layers,
    wanted: Databases,
    settings: Vec<Effective>,
    warnings: Vec<Fault>,
    faults: Vec<Fault>,
}

/// What was said of a setting, and which databases need it.
struct Named {
    name: &'static str,
    stated: StatedSetting,
    of: Databases,
}

impl Resolver {
    fn new(file: &Path, environment: &Environment, wanted: Databases) -> Resolver {
        let mut layers = Layers::read_layers(file, environment);
        let warnings = std::mem::take(&mut layers.warnings);
        let faults = std::mem::take(&mut layers.faults);
        Resolver { file: file.to_owned(), layers, wanted, settings: Vec::new(), warnings, faults }
    }

    fn is_complete(&self) -> bool {
        self.layers.complete
    }

    fn make_config(&mut self, file: &Path) -> Option<Config> {
        let data_dir =
            self.resolve_directory("Server", "DataDir", "Server.DataDir", DATA_DIR.into());
        let beneath = data_dir.join("db");
        // The key's two settings are listed before the directory that is its default place.
        let at = self.settings.len();
        let database_dir =
            self.resolve_directory("Database", "Dir", "Database.Dir", beneath.clone());
        let later = self.settings.split_off(at);
        let keyring = self.find_keyring(&database_dir);
        let key_file = keyring.file.clone();
        let provider = self.resolve_provider();
        self.settings.extend(later);
        let sqlite_dir = self.resolve_directory("SQLite", "Dir", "SQLite.Dir", beneath);

        let (core, instrumentation) = self.resolve_pairs(file, &sqlite_dir, keyring);
        Some(Config {
            file: file.to_owned(),
            provider: provider?,
            variables: self.effective_variables(),
            core: Pair { sqlite: sqlite_dir.join("connect.db"), ..core },
            instrumentation: Pair {
                sqlite: sqlite_dir.join("connect-instrumentation.db"),
                ..instrumentation
            },
            beside: vec![
                ("the old configuration file", migration_file_beside(file)),
                ("the encryption key", key_file),
            ],
            warnings: self.warnings.clone(),
        })
    }

    /// Where the two databases go, and with which passwords.
    fn resolve_pairs(&mut self, file: &Path, sqlite: &Path, mut keyring: Keyring) -> (Pair, Pair) {
        let is_set = |field| {
            self.layers
                .last_stated("Postgres", field)
                .is_some_and(|stated| !stated.value.is_empty())
        };
        let of = |own| if is_set(own) { Databases::CORE } else { Databases::BOTH };
        // What has no setting of its own needs that of core.
        let (of_url, of_password) = (of("InstrumentationURL"), of("InstrumentationPassword"));
        let only = Databases::INSTRUMENTATION;

        let url = self.last_nonempty("Postgres", "URL");
        let shown = url.as_ref().map_or_else(|| NOT_SET.to_owned(), url_to_show);
        let url_source = url.as_ref().map_or(Source::Default, |stated| stated.source.clone());
        self.add_effective(URL, shown.clone(), url_source);
        let password = self.resolve_password(PASSWORD, None, of_password, &mut keyring);
        let own_url = self.last_nonempty("Postgres", "InstrumentationURL");
        let (own_shown, own_source) = match &own_url {
            Some(stated) => (url_to_show(stated), stated.source.clone()),
            None => (shown, Source::As(URL)),
        };
        self.add_effective(OWN_URL, own_shown, own_source);
        let own_password = self.resolve_password(OWN_PASSWORD, Some(PASSWORD), only, &mut keyring);
        self.report_key_faults(keyring);

        let called = if own_password.is_some() { OWN_PASSWORD } else { PASSWORD };
        let own_password = own_password.or_else(|| password.clone());
        let own_pair = own_url.map(|stated| {
            let url = Named { name: OWN_URL, stated, of: only };
            let pair = self.resolve_pair(&url, own_password.clone(), called, sqlite);
            Pair { password_setting: OWN_PASSWORD, ..pair }
        });
        let core_pair = match url {
            Some(stated) => self.resolve_pair(
                &Named { name: URL, stated, of: of_url },
                password,
                PASSWORD,
                sqlite,
            ),
            None => {
                let emptied = self.emptying_variable("Postgres", "URL");
                let fault = advice::advise_on_missing_url(file, emptied.as_deref());
                self.refuse_databases(of_url, fault);
                Pair::without_url(sqlite, PASSWORD)
            }
        };
        let own_pair =
            own_pair.unwrap_or_else(|| Pair { password: own_password, ..core_pair.clone() });
        (core_pair, own_pair)
    }

    /// Notes what keeps these databases from being moved: a warning, where they are not wanted.
    fn refuse_databases(&mut self, databases: Databases, fault: Fault) {
        match self.wanted.overlaps(databases) {
            true => self.faults.push(fault),
            false => self.warnings.push(fault),
        }
    }

    /// What was said of a setting and is not empty; notes what is to say about its writing.
    fn last_nonempty(&mut self, section: &str, field: &str) -> Option<StatedSetting> {
        let stated = self.layers.last_stated(section, field)?.clone();
        self.warnings.extend(stated.traps.warnings.iter().cloned());
        if let (true, Source::Environment(variable)) = (stated.value.is_empty(), &stated.source)
            && let Some(before) = self.layers.stated_in_files(section, field)
        {
            let setting = format!("{section}.{field}");
            let warning = advice::advise_on_empty_variable(variable, &setting, &before.source);
            self.warnings.push(warning);
        }
        // An empty text means "not set", which is how an environment variable takes one back.
        (!stated.value.is_empty()).then_some(stated)
    }

    /// The empty variable that takes back what a file says of a setting.
    fn emptying_variable(&self, section: &str, field: &str) -> Option<String> {
        let stated = self.layers.last_stated(section, field)?;
        let Source::Environment(variable) = &stated.source else { return None };
        let is_reported = self.layers.stated_in_files(section, field).is_some();
        (is_reported && stated.value.is_empty()).then(|| variable.clone())
    }

    /// The environment variables that count, in the order of the settings.
    fn effective_variables(&self) -> Vec<String> {
        let variables = self.settings.iter().filter_map(|setting| match &setting.source {
            Source::Environment(name) => Some(name.clone()),
            _ => None,
        });
        variables.collect()
    }

    fn add_effective(&mut self, name: &'static str, shown: String, source: Source) {
        self.settings.push(Effective { name, shown, source });
    }

    fn resolve_directory(
        &mut self,
        section: &str,
        field: &str,
        name: &'static str,
        default: PathBuf,
    ) -> PathBuf {
        let (dir, source) = match self.last_nonempty(section, field) {
            Some(stated) => (PathBuf::from(stated.text()), stated.source),
            None => (default, Source::Default),
        };
        if dir.is_relative() {
            let text = format!("{name} ({source}) is not an absolute path");
            let hint = "write an absolute path: a relative one depends on the working directory";
            self.warnings.push(Fault::new(text, hint));
        }
        self.add_effective(name, dir.display().to_string(), source);
        dir
    }

    fn resolve_provider(&mut self) -> Option<Provider> {
        let stated = self.last_nonempty("Database", "Provider");
        let text = stated.as_ref().map_or("sqlite", StatedSetting::text).to_ascii_lowercase();
        let source = stated.map_or(Source::Default, |stated| stated.source);
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
        self.add_effective("Database.Provider", text, source);
        provider
    }

    fn resolve_password(
        &mut self,
        name: &'static str,
        fallback: Option<&'static str>,
        of: Databases,
        keyring: &mut Keyring,
    ) -> Option<Secret> {
        let field = name.rsplit('.').next().unwrap_or(name);
        let Some(stated) = self.last_nonempty("Postgres", field) else {
            let source = fallback.map_or(Source::Default, Source::As);
            self.add_effective(name, NOT_SET.to_owned(), source);
            return None;
        };
        let (secret, state) =
            self.open_secret(&Named { name, stated: stated.clone(), of }, keyring);
        self.add_effective(name, format!("{} ({state})", mask::MASK), stated.source);
        secret.filter(|secret| !secret.is_empty())
    }

    fn resolve_pair(
        &mut self,
        url: &Named,
        password: Option<Secret>,
        password_called: &str,
        sqlite: &Path,
    ) -> Pair {
        let Named { name, stated, of } = url;
        let source = &stated.source;
        let mut url = stated.value.clone();
        if stated.text().contains("{$}") {
            let text =
                format!("{name} ({source}) holds {{$}}, which Connect 1.8.2 and later refuse");
            let hint = "remove `:{$}` from the URL; the password setting is used without it";
            self.warnings.push(Fault::new(text, hint));
            if password.is_none() {
                let text = format!("{name} ({source}) holds {{$}}, but no password is set");
                let variable = "CONNECT_POSTGRES_PASSWORD";
                let hints = advice::hints_to_set("Postgres", "Password = PASSWORD", variable);
                self.refuse_databases(*of, Fault::new(text, hints));
            }
            url = Secret::new(stated.text().replace(":{$}", "").replace("{$}", ""));
        } else if password.is_some() && mask::has_password(stated.text()) {
            let text = format!("the password inside {name} ({source}) is not used");
            let hint = format!("remove one of the two: {password_called} is used instead");
            self.warnings.push(Fault::new(text, hint));
        }
        Pair {
            sqlite: sqlite.to_owned(),
            url,
            url_shown: url_to_show(stated),
            url_source: source.to_string(),
            password,
            password_setting: PASSWORD,
        }
    }
}
