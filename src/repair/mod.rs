//! Repairs: what an administrator names, value by value and row by row, so that rows which do not
//! fit can go over all the same. Off by default, counted, listed, and verified.
//!
//! This is the vocabulary; `read` takes it from a TOML file and from flags, `resolve` holds it
//! against the databases of a run, `values` does it to values and `rows` to rows, for the copy.
//! Verification does all of that again by its own code, in `verify::repair`. What each word means
//! is said in `docs/repairs.md`.

pub mod offer;
pub mod quarantine;
mod read;
mod resolve;
mod rows;
mod trial;
mod values;

use std::collections::BTreeMap;

use model::{Column, Stored, Table, Type};

use crate::diagnostic::RepairKind;
use crate::ids::DatabaseId;

pub use read::{read_file, read_flag};
pub use resolve::{Known, resolve_repairs, version_with_repairs};
pub use rows::{
    Judged, RefusedRows, RowsOfServer, ServerQuestion, Touched, prepare_repaired_tables,
};
pub use trial::keep_helpful_offers;
pub use values::{Effect, RepairedValue, ValueRepair, epoch_to_text};

/// What a repair does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Takes NUL characters out of text.
    StripNul,
    /// Puts a character in the place of each NUL.
    ReplaceNul(char),
    /// Reads bytes that are not UTF-8 as text of this character set.
    Decode(Charset),
    /// Puts U+FFFD in the place of what is not UTF-8.
    ReplaceInvalid,
    /// Puts labels, or other texts, in the place of texts and whole numbers.
    EnumMap(BTreeMap<String, String>),
    /// Takes empty text for NULL.
    EmptyAsNull,
    /// Takes the number 0 for NULL.
    ZeroAsNull,
    /// Takes times that do not exist, Go's zero time and infinite numbers for NULL.
    InvalidAsNull,
    /// Puts a value in the place of NULL.
    NullAs(String),
    /// Takes every number but 0 for true.
    NonzeroTrue,
    /// Rounds, halves away from zero.
    Round,
    /// Reads numbers as counts of this unit since 1970.
    EpochUnit(Stored),
    /// Reads times without offset as those of this zone.
    NaiveZone(String),
    /// Takes a time as it is written and passes over its offset.
    KeepWallClock,
    /// Cuts text that is too long.
    Truncate,
    /// Makes the column `text`.
    Widen,
    /// Writes references as the parent writes its key.
    ParentSpelling,
    /// Sets references to nothing to NULL.
    OrphanNull,
    /// Puts rows that refer to nothing into quarantine.
    OrphanQuarantine,
    /// Adds the foreign key without looking at the rows that are there.
    OrphanNotValid,
    /// Keeps the first row of a key and puts the others into quarantine.
    DuplicateQuarantine,
    /// Puts rows with a value that is refused into quarantine.
    Quarantine,
}

/// Whether a column takes whole numbers as such, so that `null-as` puts one there where it can.
pub fn takes_integers(column: &Column) -> bool {
    let numbers = matches!(
        column.stored,
        Stored::Boolean | Stored::Integer | Stored::Real | Stored::Decimal | Stored::NumberOrWord
    );
    let counts = column.stored.is_count_of_units() || column.stored.is_compact();
    (numbers || counts) && !matches!(column.ty, Type::Array(_))
}

/// What bytes are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// ISO 8859-1: every byte is a character.
    Latin1,
    /// Windows 1252: five bytes are none.
    Cp1252,
    /// UTF-8 in a blob.
    Utf8,
}

/// What a word stands with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A column.
    Column,
    /// A table.
    Table,
    /// Either.
    Any,
}

/// A word: what it does, where it stands, and the key of its argument in a file.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// What it does.
    pub kind: RepairKind,
    /// What it stands with.
    pub place: Place,
    /// The argument's key.
    pub argument: Option<&'static str>,
}

impl Word {
    /// The word of a kind.
    pub const fn of_kind(kind: RepairKind) -> Word {
        let (place, argument) = match kind {
            RepairKind::ReplaceNul | RepairKind::Decode => (Place::Column, Some("with")),
            RepairKind::EnumMap => (Place::Column, Some("map")),
            RepairKind::NullAs => (Place::Column, Some("value")),
            RepairKind::EpochUnit => (Place::Column, Some("unit")),
            RepairKind::NaiveZone => (Place::Column, Some("zone")),
            RepairKind::StripNul
            | RepairKind::ReplaceInvalid
            | RepairKind::EmptyAsNull
            | RepairKind::ZeroAsNull
            | RepairKind::InvalidAsNull
            | RepairKind::NonzeroTrue
            | RepairKind::Round
            | RepairKind::KeepWallClock
            | RepairKind::Truncate
            | RepairKind::Widen
            | RepairKind::ParentSpelling
            | RepairKind::OrphanNull
            | RepairKind::OrphanQuarantine
            | RepairKind::OrphanNotValid => (Place::Column, None),
            RepairKind::DuplicateQuarantine => (Place::Table, None),
            RepairKind::Quarantine => (Place::Any, None),
        };
        Word { kind, place, argument }
    }

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        self.kind.word()
    }
}

impl Action {
    /// What it does, without its argument.
    pub fn kind(&self) -> RepairKind {
        match self {
            Action::StripNul => RepairKind::StripNul,
            Action::ReplaceNul(_) => RepairKind::ReplaceNul,
            Action::Decode(_) => RepairKind::Decode,
            Action::ReplaceInvalid => RepairKind::ReplaceInvalid,
            Action::EnumMap(_) => RepairKind::EnumMap,
            Action::EmptyAsNull => RepairKind::EmptyAsNull,
            Action::ZeroAsNull => RepairKind::ZeroAsNull,
            Action::InvalidAsNull => RepairKind::InvalidAsNull,
            Action::NullAs(_) => RepairKind::NullAs,
            Action::NonzeroTrue => RepairKind::NonzeroTrue,
            Action::Round => RepairKind::Round,
            Action::EpochUnit(_) => RepairKind::EpochUnit,
            Action::NaiveZone(_) => RepairKind::NaiveZone,
            Action::KeepWallClock => RepairKind::KeepWallClock,
            Action::Truncate => RepairKind::Truncate,
            Action::Widen => RepairKind::Widen,
            Action::ParentSpelling => RepairKind::ParentSpelling,
            Action::OrphanNull => RepairKind::OrphanNull,
            Action::OrphanQuarantine => RepairKind::OrphanQuarantine,
            Action::OrphanNotValid => RepairKind::OrphanNotValid,
            Action::DuplicateQuarantine => RepairKind::DuplicateQuarantine,
            Action::Quarantine => RepairKind::Quarantine,
        }
    }

    /// Its word.
    pub fn word(&self) -> &'static str {
        self.kind().word()
    }

    /// Whether it looks at one value and may put another in its place.
    pub fn changes_values(&self) -> bool {
        self.kind() <= RepairKind::Widen
    }

    /// Whether it puts something else in the place of a reference.
    pub fn changes_references(&self) -> bool {
        matches!(self, Action::ParentSpelling | Action::OrphanNull)
    }

    /// Whether it takes rows out of their table.
    pub fn quarantines_rows(&self) -> bool {
        matches!(self, Action::OrphanQuarantine | Action::DuplicateQuarantine | Action::Quarantine)
    }
}

/// What was asked for, and where; not yet held against anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `repairs.toml:4`, or the flag.
    pub origin: String,
    /// What it is to be done to.
    pub path: Path,
    /// What is to be done.
    pub action: Action,
}

impl Asked {
    /// Whether it is for a column of this name in a table of that one.
    pub fn is_for(&self, table: &str, column: &str) -> bool {
        match &self.path {
            Path::Named { table: own, column: of, .. } => {
                own == table && of.as_deref() == Some(column)
            }
            Path::Parts(parts) => parts.ends_with(&[table.to_owned(), column.to_owned()]),
        }
    }
}

/// Where a repair applies, as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// By a file's keys.
    Named {
        /// The database; none when there is one only.
        database: Option<String>,
        /// The table.
        table: String,
        /// The column.
        column: Option<String>,
    },
    /// By a flag's parts, which the word and the databases tell apart.
    Parts(Vec<String>),
}

/// A repair of a run.
#[derive(Clone, Debug)]
pub struct Repair {
    /// `core.apps.title=strip-nul`
    pub label: String,
    /// Where it was asked for.
    pub origin: String,
    /// Its database.
    pub database: DatabaseId,
    /// The table's name in PostgreSQL.
    pub table: &'static str,
    /// The column as the schema describes it.
    pub column: Option<&'static Column>,
    /// What is done.
    pub action: Action,
}

/// All repairs of a run; verification is given the same.
#[derive(Clone, Debug, Default)]
pub struct Repairs {
    /// Ordered by what is done first.
    pub all: Vec<Repair>,
}

impl Repair {
    /// The place of its column among those of a table that are copied.
    pub fn column_index(&self, table: &Table) -> Option<usize> {
        let named = self.column?;
        table.copied_columns().position(|column| column.name == named.name)
    }
}

impl Repairs {
    /// The repairs of a table, with their places in the list.
    pub fn repairs_of_table<'a>(
        &'a self,
        database: DatabaseId,
        table: &'a str,
    ) -> impl Iterator<Item = (usize, &'a Repair)> {
        let here = move |repair: &&Repair| repair.database == database && repair.table == table;
        self.all.iter().enumerate().filter(move |(_, repair)| here(repair))
    }

    /// Whether rows can go into quarantine.
    #[cfg(feature = "internals")]
    pub fn has_quarantine(&self) -> bool {
        self.all.iter().any(|repair| repair.action.quarantines_rows())
    }
}
