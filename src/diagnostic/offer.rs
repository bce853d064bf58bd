//! Repairs that a finding can be answered with, as typed values; the flags to type are made of
//! them when they are printed. What each repair does is `crate::repair`'s.

use std::borrow::Cow;
use std::fmt;

use super::Hint;
use crate::text::{escape, shell_word, toml_string};

macro_rules! repair_kinds {
    ($($kind:ident $word:literal)*) => {
        /// What a repair does, without its argument; in the order in which they are done to a
        /// value.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RepairKind {
            $($kind,)*
        }

        impl RepairKind {
            /// All kinds.
            pub const ALL: &[RepairKind] = &[$(RepairKind::$kind,)*];

            /// The word to type.
            pub const fn word(self) -> &'static str {
                match self {
                    $(RepairKind::$kind => $word,)*
                }
            }
        }
    };
}

repair_kinds! {
    StripNul "strip-nul"
    ReplaceNul "replace-nul"
    Decode "decode"
    ReplaceInvalid "replace-invalid"
    EnumMap "enum-map"
    EmptyAsNull "empty-as-null"
    ZeroAsNull "zero-as-null"
    InvalidAsNull "invalid-as-null"
    NullAs "null-as"
    NonzeroTrue "nonzero-true"
    Round "round"
    EpochUnit "epoch-unit"
    NaiveZone "naive-zone"
    KeepWallClock "keep-wall-clock"
    Truncate "truncate"
    Widen "widen"
    ParentSpelling "parent-spelling"
    OrphanNull "orphan-null"
    OrphanQuarantine "orphan-quarantine"
    OrphanNotValid "orphan-not-valid"
    DuplicateQuarantine "duplicate-quarantine"
    Quarantine "quarantine"
}

impl RepairKind {
    /// Whether it makes the table another one than the schema file describes.
    pub fn changes_table(self) -> bool {
        matches!(self, RepairKind::Widen | RepairKind::OrphanNotValid)
    }
}

/// The argument of an offered repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferedArgument {
    /// The repair takes none, or has one that goes without saying.
    None,
    /// ISO 8859-1.
    Latin1,
    /// Windows 1252.
    Cp1252,
    /// UTF-8.
    Utf8,
    /// A unit of time that a person has to name.
    Unit,
    /// A time zone that a person has to name.
    Zone,
    /// A value that a person has to name.
    Value,
    /// Values and what takes their places, which a person has to name.
    Map,
}

impl OfferedArgument {
    /// The key of a file's entry, and the word.
    fn key_and_word(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            OfferedArgument::None => return None,
            OfferedArgument::Latin1 => ("with", "latin-1"),
            OfferedArgument::Cp1252 => ("with", "cp1252"),
            OfferedArgument::Utf8 => ("with", "utf-8"),
            OfferedArgument::Unit => ("unit", "UNIT"),
            OfferedArgument::Zone => ("zone", "ZONE"),
            OfferedArgument::Value => ("value", "VALUE"),
            OfferedArgument::Map => ("map", "OLD=LABEL"),
        })
    }
}

/// A repair that a finding offers, with the place where it would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it does.
    pub kind: RepairKind,
    /// With what.
    pub argument: OfferedArgument,
    /// The argument's text, where that is known and not only its kind.
    pub text: Option<String>,
    /// The database's name in the run.
    pub database: String,
    /// The table's name.
    pub table: String,
    /// The column's name; none where the repair is for tables.
    pub column: Option<String>,
    /// With how many of the rows it helps; none where it helps with all of them.
    pub share: Option<OfferedShare>,
}

/// With how many rows of a finding a repair helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedShare {
    /// The rows that it repairs.
    pub repaired: u64,
    /// The rows of the finding.
    pub all: u64,
}

/// Whether a name can stand before a flag's equals sign, between periods, and is shown as it is.
fn is_flag_name(name: &str) -> bool {
    !name.contains(['.', '=']) && matches!(escape(name), Cow::Borrowed(_))
}

/// The option that names a file of repairs.
const REPAIRS_FILE: &str = "--repairs FILE";

/// What to type for a repair: `--repair core.jobs.start_time=invalid-as-null`, quoted for a shell
/// where a name needs it. A name that a flag cannot hold needs an entry of a file. `names` are the
/// database's, the table's and the column's, empty where there is none; `argument` is the file's
/// key and its value.
#[must_use]
pub fn repair_setting(
    names: [&str; 3],
    kind: RepairKind,
    argument: Option<(&str, &str)>,
) -> String {
    match repair_flag(names, kind, argument) {
        Some(flag) => flag,
        None => {
            let line = repair_line(names, kind, argument);
            format!("{REPAIRS_FILE}, with this line in it: {line}")
        }
    }
}

/// The parts of a name that are not empty, with their keys in a file.
fn named_parts<'n>(names: [&'n str; 3]) -> impl Iterator<Item = (&'n str, &'n str)> {
    let keys: [&'n str; 3] = ["database", "table", "column"];
    keys.into_iter().zip(names).filter(|(_, name)| !name.is_empty())
}

/// The flag for a repair, where a flag can hold its names.
fn repair_flag(
    names: [&str; 3],
    kind: RepairKind,
    argument: Option<(&str, &str)>,
) -> Option<String> {
    if !named_parts(names).all(|(_, name)| is_flag_name(name)) {
        return None;
    }
    let path = named_parts(names).map(|(_, name)| name).collect::<Vec<_>>().join(".");
    let argument = argument.map(|(_, value)| format!(":{value}")).unwrap_or_default();
    Some(format!("--repair {}", shell_word(&format!("{path}={}{argument}", kind.word()))))
}

/// The line of a file for a repair.
fn repair_line(names: [&str; 3], kind: RepairKind, argument: Option<(&str, &str)>) -> String {
    let entries = named_parts(names).chain([("repair", kind.word())]).chain(argument);
    let entries: Vec<String> =
        entries.map(|(key, value)| format!("{key} = {}", toml_string(value))).collect();
    format!("repair = [{{ {} }}]", entries.join(", "))
}

impl Offer {
    /// The hint that names the repair behind `what` it does: a flag, or a line of a file.
    pub fn as_hint(&self, what: &str) -> Hint {
        let (names, argument) = (self.names(), self.key_and_text());
        match repair_flag(names, self.kind, argument) {
            Some(flag) => Hint::new(format!("{what} with {flag}")),
            None => Hint::with_line(
                format!("{what} with {REPAIRS_FILE}, and write this line into the file:"),
                repair_line(names, self.kind, argument),
            ),
        }
    }

    /// The names of its database, table and column; empty where there is none.
    fn names(&self) -> [&str; 3] {
        [&self.database, &self.table, self.column.as_deref().unwrap_or_default()]
    }

    /// Whether nothing is left for a person to fill in.
    pub fn is_complete(&self) -> bool {
        use OfferedArgument::{Cp1252, Latin1, None, Utf8};
        self.text.is_some() || matches!(self.argument, None | Latin1 | Cp1252 | Utf8)
    }

    /// The keys of its entry in a file of `--repairs`, with their values.
    pub fn entries(&self) -> Vec<(&'static str, &str)> {
        let place = [("database", &*self.database), ("table", &*self.table)];
        let column = self.column.as_deref().map(|column| ("column", column));
        let word = ("repair", self.kind.word());
        place.into_iter().chain(column).chain([word]).chain(self.key_and_text()).collect()
    }

    /// The key of a file's entry, and what to type.
    fn key_and_text(&self) -> Option<(&'static str, &str)> {
        let (key, word) = self.argument.key_and_word()?;
        Some((key, self.text.as_deref().unwrap_or(word)))
    }
}

/// What to type, as [`repair_setting`] has it.
impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&repair_setting(self.names(), self.kind, self.key_and_text()))
    }
}
