//! Repairs that a finding can be answered with, as typed values; the flags to type are made of
//! them when they are printed. What each repair does is `crate::repair`'s.

use std::fmt;

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
    NonzeroTrue "nonzero-true"
    Round "round"
    EpochUnit "epoch-unit"
    NaiveZone "naive-zone"
    KeepWallClock "keep-wall-clock"
    Truncate "truncate"
    Widen "widen"
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
}

impl OfferedArgument {
    fn suffix(self) -> &'static str {
        match self {
            OfferedArgument::None => "",
            OfferedArgument::Latin1 => ":latin-1",
            OfferedArgument::Cp1252 => ":cp1252",
            OfferedArgument::Utf8 => ":utf-8",
            OfferedArgument::Unit => ":UNIT",
            OfferedArgument::Zone => ":ZONE",
        }
    }
}

/// A repair that a finding offers, with the place where it would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it does.
    pub kind: RepairKind,
    /// With what.
    pub argument: OfferedArgument,
    /// The database's name in the run.
    pub database: String,
    /// The table's name.
    pub table: String,
    /// The column's name; none where the repair is for tables.
    pub column: Option<String>,
}

/// The flag to type: `--repair core.jobs.start_time=invalid-as-null`.
impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--repair {}.{}", self.database, self.table)?;
        if let Some(column) = &self.column {
            write!(f, ".{column}")?;
        }
        write!(f, "={}{}", self.kind.word(), self.argument.suffix())
    }
}
