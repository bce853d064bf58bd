//! The settings of Connect that a migration needs, and who has said what about them.
//!
//! Three layers, the later over the earlier: the old `-migration.gcfg` companion, the
//! configuration file, the environment. What the values mean together is for [`super::survey`];
//! warnings about how they are written are made by [`super::advice`].

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::advice::{self, Traps};
use super::gcfg::environment::Environment;
use super::gcfg::table::{Entry, Field, Kind, Origin, Pass, Section, Table, Value};
use super::gcfg::{self, Place, Reading};
use super::mask;
use super::secret::Secret;
use crate::diagnostic::Fault;
use crate::files;

/// What all of Connect's environment variables start with.
pub const PREFIX: &str = "CONNECT";

/// The sections and settings that are read; everything else in the file is not ours.
pub static SECTIONS: &[Section] = &[
    Section {
        name: "Server",
        keyed: false,
        fields: &[
            text_field("DataDir"),
            text_field("EncryptionKeyFile"),
            text_field("EncryptionKey"),
        ],
    },
    Section {
        name: "Database",
        keyed: false,
        fields: &[text_field("Provider"), text_field("Dir")],
    },
    Section { name: "SQLite", keyed: false, fields: &[text_field("Dir")] },
    Section {
        name: "Postgres",
        keyed: false,
        fields: &[
            text_field("URL"),
            text_field("Password"),
            text_field("InstrumentationURL"),
            text_field("InstrumentationPassword"),
        ],
    },
];

const fn text_field(name: &'static str) -> Field {
    Field { name, kind: Kind::Text }
}

/// A configuration larger than this is not one, and is refused.
const FILE_BYTES_MOST: u64 = 16 << 20;

/// Where an effective value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, and the place of the setting's name in it.
    File(PathBuf, Place),
    /// An environment variable.
    Environment(String),
    /// Nobody said anything.
    Default,
    /// Nobody said anything, and another setting counts instead.
    As(&'static str),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path, place) => write!(f, "{}:{}", path.display(), place.line),
            Source::Environment(name) => write!(f, "environment variable {name}"),
            Source::Default => f.write_str("default"),
            Source::As(setting) => write!(f, "as {setting}"),
        }
    }
}

/// A text that somebody gave a setting.
#[derive(Clone)]
pub struct StatedSetting {
    /// The text, which may be empty and may be a secret.
    pub value: Secret,
    /// Who said it.
    pub source: Source,
    /// What is to say about the way it is written, when it counts.
    pub traps: Traps,
}

impl StatedSetting {
    /// The text; settings are read from UTF-8, so there is always one.
    #[must_use]
    pub fn text(&self) -> &str {
        self.value.expose_text().unwrap_or_default()
    }
}

/// Everything that was said, and what is to say about it.
pub struct Layers {
    /// The companion, where there is one.
    pub companion: Option<PathBuf>,
    /// Faults of form, all of them.
    pub faults: Vec<Fault>,
    /// Whether all there is could be read; if not, what is missing says nothing.
    pub complete: bool,
    /// Likely misspellings, contradictions between the files.
    pub warnings: Vec<Fault>,
    stated: Vec<(&'static str, &'static str, StatedSetting)>,
}

/// The variables of this process that may be settings of Connect.
#[must_use]
pub fn variables_of_process() -> Environment {
    Environment::from_process(PREFIX)
}

impl Layers {
    /// Reads the files and the environment.
    #[must_use]
    pub fn read_layers(file: &Path, environment: &Environment) -> Layers {
        let mut layers = Layers {
            companion: None,
            faults: Vec::new(),
            complete: true,
            warnings: Vec::new(),
            stated: Vec::new(),
        };
        let companion = migration_file_beside(file);
        match read_bytes(&companion) {
            Ok(bytes) => {
                layers.add_file(&companion, &bytes);
                layers.companion = Some(companion);
            }
            // Most servers have none.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => layers.add_fault(unreadable_file(&companion, &error)),
        }
        match read_bytes(file) {
            Ok(bytes) => layers.add_file(file, &bytes),
            Err(error) => layers.add_fault(unreadable_file(file, &error)),
        }
        layers.take_environment(environment);
        layers
    }

    /// What was said last of a setting, names as in [`SECTIONS`].
    #[must_use]
    pub fn last_stated(&self, section: &str, field: &str) -> Option<&StatedSetting> {
        let found = self.stated.iter().rev().find(|(s, f, _)| (*s, *f) == (section, field));
        found.map(|(_, _, stated)| stated)
    }

    /// What the files say of a setting, where that is not empty.
    #[must_use]
    pub fn stated_in_files(&self, section: &str, field: &str) -> Option<&StatedSetting> {
        let mut all = self.stated.iter().rev().filter(|(s, f, _)| (*s, *f) == (section, field));
        let found = all.find(|(_, _, stated)| matches!(stated.source, Source::File(..)));
        found.map(|(_, _, stated)| stated).filter(|stated| !stated.value.is_empty())
    }

    fn add_fault(&mut self, fault: Fault) {
        self.faults.push(fault);
        self.complete = false;
    }

    fn add_file(&mut self, path: &Path, bytes: &[u8]) {
        let reading = gcfg::read_gcfg(bytes);
        if let Some(error) = &reading.error {
            let text = format!("{}:{error}", path.display());
            self.add_fault(Fault::new(text, advice::syntax_error_hint(error.problem)));
        }
        let mut table = Table::new(SECTIONS);
        for event in &reading.events {
            if let Err(error) = table.take_event(event, Pass::Plain) {
                let Place { line, column } = event.place;
                let text = format!("{}:{line}:{column}: {error}", path.display());
                let hints = ["write `=` and a value after the name", "remove the line"];
                self.faults.push(Fault::new(text, hints));
            }
        }
        for (section, field, entry) in all_entries(&table) {
            self.take_entry(path, &reading, section, field, entry);
        }
        self.warnings.extend(advice::advise_on_file(path, &reading));
    }

    fn take_entry(
        &mut self,
        path: &Path,
        reading: &Reading<'_>,
        section: &'static str,
        field: &'static str,
        entry: &Entry,
    ) {
        let (Value::Text(text), Origin::File(place)) = (&entry.value, &entry.origin) else {
            return;
        };
        let traps = advice::advise_on_value(path, reading, *place, section, field);
        if let Some(before) = self.last_stated(section, field)
            && before.text() != text.as_str()
            && let Source::File(..) = before.source
        {
            let text = format!(
                "{section}.{field} is set differently in {} and in {}:{}; the latter is used",
                before.source,
                path.display(),
                place.line
            );
            self.warnings.push(Fault::new(text, "remove the one that is out of date"));
        }
        let stated = StatedSetting {
            value: Secret::new(text.as_bytes()),
            source: Source::File(path.to_owned(), *place),
            traps,
        };
        self.stated.push((section, field, stated));
    }

    fn take_environment(&mut self, environment: &Environment) {
        let mut table = Table::new(SECTIONS);
        // Texts cannot be wrong; should a number ever be added, its fault belongs here.
        if let Err(error) = table.override_from(PREFIX, environment) {
            self.faults.push(Fault::new(format!("environment: {error}"), ""));
        }
        for (section, field, entry) in all_entries(&table) {
            let (Value::Text(text), Origin::Environment(name)) = (&entry.value, &entry.origin)
            else {
                continue;
            };
            if text.contains(char::REPLACEMENT_CHARACTER) {
                let text = format!("the environment variable {name} is not UTF-8");
                self.faults.push(Fault::new(text, "set it in the configuration file instead"));
            }
            // A key says for itself when there is white space around it.
            let is_secret = field.ends_with("Password") || field == "EncryptionKey";
            let stated = StatedSetting {
                value: Secret::new(text.as_bytes()),
                source: Source::Environment(name.clone()),
                traps: advice::advise_on_variable(name, text, is_secret),
            };
            self.stated.push((section, field, stated));
        }
        self.warnings.extend(advice::advise_on_environment(environment));
    }
}

/// A URL to be shown: masked, and not at all when only the beginning of it is left, for then even
/// what looks like a port may be the beginning of a password.
#[must_use]
pub fn url_to_show(stated: &StatedSetting) -> String {
    if stated.traps.cut { mask::MASK.to_owned() } else { mask::mask_url(stated.text()) }
}

/// The entries of a table by the names of their settings.
fn all_entries(table: &Table) -> impl Iterator<Item = (&'static str, &'static str, &Entry)> {
    table.rows().flat_map(|(index, _, row)| {
        row.iter().filter_map(move |(number, entry)| {
            let section = SECTIONS.get(index)?;
            Some((section.name, section.fields.get(*number)?.name, entry))
        })
    })
}

/// `dir/name.gcfg` has `dir/name-migration.gcfg` beside it, on servers that were upgraded long ago.
pub(super) fn migration_file_beside(file: &Path) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push("-migration");
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

fn read_bytes(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    files::read_open_file(&files::open_regular_file(path)?, FILE_BYTES_MOST, &mut bytes)?;
    Ok(bytes)
}

fn unreadable_file(path: &Path, error: &std::io::Error) -> Fault {
    let hints: &[&str] = match error.kind() {
        ErrorKind::PermissionDenied => &["run the command with sudo: only root may read the file"],
        ErrorKind::NotFound | ErrorKind::InvalidInput | ErrorKind::FileTooLarge => &[
            "name the server's configuration file: `--config FILE`",
            "name an empty file, if all settings are in environment variables",
        ],
        _ => &[],
    };
    Fault::new(format!("cannot read {}: {error}", path.display()), hints)
}
