//! The two words that say a column's nature: its PostgreSQL type and its SQLite encoding.
//!
//! A (type, stored) pair has exactly one codec in the product. `conversions` is the list of pairs;
//! `schema/README.md` shows the same list to people and a test compares the two.

use std::fmt;

pub use crate::stored::{STORED, Stored, UNDECIDED};

/// A PostgreSQL type as a schema file may name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `bool`
    Bool,
    /// `int2`
    Int2,
    /// `int4`
    Int4,
    /// `int8`
    Int8,
    /// `float4`
    Float4,
    /// `float8`
    Float8,
    /// `numeric` or `numeric(precision,scale)`
    Numeric(Option<(u16, u16)>),
    /// `text`
    Text,
    /// `citext`, an extension type that the server must have
    Citext,
    /// `varchar(n)`, n in characters
    Varchar(u32),
    /// `char(n)`, n in characters
    Char(u32),
    /// `bytea`
    Bytea,
    /// `uuid`
    Uuid,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// `date`
    Date,
    /// `time`
    Time,
    /// `timestamp` (without time zone)
    Timestamp,
    /// `timestamptz`
    Timestamptz,
    /// `interval`
    Interval,
    /// `inet`
    Inet,
    /// `cidr`
    Cidr,
    /// An enum type of the database, declared in `database.toml`.
    Enum(Enum),
    /// `TYPE[]`, of any type above but an array; its values may have several dimensions.
    Array(&'static Type),
    /// A type without a codec, by PostgreSQL's words for it: the server reads its values.
    ReadByServer(&'static str),
}

/// An enum type: its name and its labels in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Enum {
    /// The type's name in PostgreSQL.
    pub name: &'static str,
    /// The labels, exactly as PostgreSQL has them.
    pub labels: &'static [&'static str],
}

/// The affinity that SQLite derives from a column's declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Affinity {
    /// `INT` in the declared type.
    Integer,
    /// `CHAR`, `CLOB` or `TEXT`.
    Text,
    /// `BLOB`, or no declared type at all.
    Blob,
    /// `REAL`, `FLOA` or `DOUB`.
    Real,
    /// Everything else: `DATETIME`, `BOOLEAN`, `DECIMAL`, `JSON`, …
    Numeric,
}

/// The words for the types without parameters.
pub const PLAIN_TYPES: &[(&str, Type)] = &[
    ("bool", Type::Bool),
    ("int2", Type::Int2),
    ("int4", Type::Int4),
    ("int8", Type::Int8),
    ("float4", Type::Float4),
    ("float8", Type::Float8),
    ("numeric", Type::Numeric(None)),
    ("text", Type::Text),
    ("citext", Type::Citext),
    ("bytea", Type::Bytea),
    ("uuid", Type::Uuid),
    ("json", Type::Json),
    ("jsonb", Type::Jsonb),
    ("date", Type::Date),
    ("time", Type::Time),
    ("timestamp", Type::Timestamp),
    ("timestamptz", Type::Timestamptz),
    ("interval", Type::Interval),
    ("inet", Type::Inet),
    ("cidr", Type::Cidr),
];

impl Type {
    /// Whether PostgreSQL takes a number for a value of it, as a default.
    pub const fn takes_number_default(self) -> bool {
        let number = matches!(self, Type::Int2 | Type::Int4 | Type::Int8);
        let text = matches!(self, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_));
        number || text || matches!(self, Type::Float4 | Type::Float8 | Type::Numeric(_))
    }

    /// Whether the server's own input function reads its values, and no codec.
    pub const fn is_read_by_server(self) -> bool {
        matches!(self, Type::ReadByServer(_))
    }

    /// Whether a file must write the encoding.
    pub fn needs_stated_encoding(self, stored: Stored) -> bool {
        self.is_read_by_server() || stored != self.usual_encoding()
    }

    /// The encoding a file need not write.
    pub const fn usual_encoding(self) -> Stored {
        match self.encodings() {
            [first, ..] => *first,
            [] => Stored::Text,
        }
    }

    /// Whether a column whose declared type has this affinity can hold such values undamaged.
    ///
    /// INTEGER, REAL and NUMERIC affinity turn text that looks like a number into one
    /// (`'0123'` becomes 123), so text-like types do not accept them; JSON and dates never look
    /// like a number unless they are one, so they do. BLOB affinity changes nothing.
    pub const fn stores_undamaged(self, stored: Stored, affinity: Affinity) -> bool {
        // It changes nothing.
        if matches!(affinity, Affinity::Blob) {
            return true;
        }
        let is_integer = matches!(affinity, Affinity::Integer | Affinity::Numeric);
        match stored {
            // Whatever is not decided yet is refused by the copy itself.
            Stored::Undecided => true,
            Stored::Boolean | Stored::Integer => is_integer,
            Stored::UnixS | Stored::UnixMs | Stored::UnixUs | Stored::UnixNs => is_integer,
            Stored::AppleNs | Stored::WebkitUs | Stored::Filetime | Stored::DotnetTicks => {
                is_integer
            }
            Stored::Seconds | Stored::Milliseconds => is_integer,
            Stored::Microseconds | Stored::Nanoseconds => is_integer,
            // Cocoa writes seconds with a fraction; digits of a date stay whole in a double.
            Stored::AppleS => is_integer || matches!(affinity, Affinity::Real),
            Stored::Yyyymmdd | Stored::Yyyymmddhhmm | Stored::Yyyymmddhhmmss => true,
            Stored::Decimal | Stored::Real | Stored::NumberOrWord => {
                !matches!(affinity, Affinity::Text)
            }
            Stored::Julian | Stored::OleDay => !matches!(affinity, Affinity::Text),
            Stored::TextUtc
            | Stored::JsonText
            | Stored::EpochDate
            | Stored::RailsTime
            | Stored::Timespan
            | Stored::Timedelta
            | Stored::IsoDuration => {
                matches!(affinity, Affinity::Text | Affinity::Numeric)
            }
            Stored::Text => match affinity {
                Affinity::Text | Affinity::Blob => true,
                Affinity::Numeric => matches!(
                    self,
                    Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz | Type::Enum(_)
                ),
                Affinity::Integer | Affinity::Real => false,
            },
            Stored::Hex | Stored::Base64 | Stored::Csv => matches!(affinity, Affinity::Text),
            // Braces never look like a number.
            Stored::PgArray => true,
            Stored::ServerText => matches!(affinity, Affinity::Text),
            // No affinity changes bytes, nor a truth value beside them.
            Stored::Blob => matches!(self, Type::Bool),
            Stored::BlobAsHex | Stored::BlobAsBase64 => true,
            Stored::GuidLe => false,
        }
    }

    /// The declared type that a SQLite table made from the schema file gives such a column.
    pub const fn declared_type(self, stored: Stored) -> &'static str {
        match stored {
            Stored::Text | Stored::TextUtc => match self {
                Type::Timestamp | Type::Timestamptz => "DATETIME",
                Type::Date if matches!(stored, Stored::Text) => "DATE",
                _ => "TEXT",
            },
            Stored::JsonText | Stored::Hex | Stored::Base64 => "TEXT",
            Stored::PgArray | Stored::Csv | Stored::ServerText => "TEXT",
            Stored::EpochDate => "DATETIME",
            Stored::RailsTime => "TIME",
            Stored::Timespan | Stored::Timedelta | Stored::IsoDuration => "TEXT",
            Stored::Blob | Stored::GuidLe | Stored::BlobAsHex | Stored::BlobAsBase64 => "BLOB",
            Stored::NumberOrWord if matches!(self, Type::Numeric(_)) => "DECIMAL",
            Stored::Decimal => "DECIMAL",
            Stored::Real | Stored::NumberOrWord | Stored::Julian | Stored::OleDay => "REAL",
            Stored::Boolean => "BOOLEAN",
            Stored::Integer
            | Stored::UnixS
            | Stored::UnixMs
            | Stored::UnixUs
            | Stored::UnixNs
            | Stored::AppleS
            | Stored::AppleNs
            | Stored::WebkitUs
            | Stored::Filetime
            | Stored::DotnetTicks
            | Stored::Yyyymmdd
            | Stored::Yyyymmddhhmm
            | Stored::Yyyymmddhhmmss
            | Stored::Seconds
            | Stored::Milliseconds
            | Stored::Microseconds
            | Stored::Nanoseconds => "INTEGER",
            // Nobody has said it, and the type alone does not.
            Stored::Undecided if matches!(self, Type::Bool) => "BOOLEAN",
            Stored::Undecided => "INTEGER",
        }
    }
}

impl Affinity {
    /// SQLite's rules for a declared type, in their order (<https://sqlite.org/datatype3.html>).
    pub fn of_declared(declared: &str) -> Affinity {
        let upper = declared.to_ascii_uppercase();
        let has = |part: &str| upper.contains(part);
        if has("INT") {
            Affinity::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Affinity::Text
        } else if has("BLOB") || upper.trim().is_empty() {
            Affinity::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Affinity::Real
        } else {
            Affinity::Numeric
        }
    }
}

/// Whether PostgreSQL can order values of a type, as keys and ordinary indexes need.
pub(crate) fn is_comparable(ty: Type) -> bool {
    match ty {
        Type::Json => false,
        Type::Array(element) => is_comparable(*element),
        _ => true,
    }
}

/// Whether PostgreSQL lets a foreign key of one type refer to a key of another: an operator family
/// compares the two, or the referring value turns into the key's type by itself.
///
/// The list is PostgreSQL's own (`ATAddForeignKeyConstraint` in `tablecmds.c`); a test tries every
/// pair on a server.
pub fn can_refer(from: Type, to: Type) -> bool {
    let is_integer = |ty: Type| matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    let numeric = |ty: Type| matches!(ty, Type::Numeric(_));
    let float = |ty: Type| matches!(ty, Type::Float4 | Type::Float8);
    let text = |ty: Type| matches!(ty, Type::Text | Type::Varchar(_));
    let moment = |ty: Type| matches!(ty, Type::Date | Type::Timestamp | Type::Timestamptz);
    let address = |ty: Type| matches!(ty, Type::Inet | Type::Cidr);
    match (from, to) {
        (Type::Json, _) => false,
        // PostgreSQL takes such a key where elements have a length or precision, and then cannot
        // check the rows that are there.
        (Type::Array(from), Type::Array(to)) => {
            from == to && is_comparable(*from) && !has_limit(*from)
        }
        (Type::Citext | Type::Char(_), to) if text(to) => true,
        (from, Type::Char(_)) => text(from) || matches!(from, Type::Char(_)),
        (Type::Time, Type::Interval) => true,
        (from, to) if is_integer(to) => is_integer(from),
        (from, to) if numeric(to) => is_integer(from) || numeric(from),
        (from, to) if float(to) => is_integer(from) || numeric(from) || float(from),
        (from, to) => {
            let alike = [text, moment, address].iter().any(|of| of(from) && of(to));
            alike || from == to
        }
    }
}

/// Whether a type has a length or precision.
fn has_limit(ty: Type) -> bool {
    matches!(ty, Type::Numeric(Some(_)) | Type::Varchar(_) | Type::Char(_))
}

/// The word of a schema file, which PostgreSQL understands as it is.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Numeric(Some((precision, scale))) => write!(f, "numeric({precision},{scale})"),
            Type::Varchar(length) => write!(f, "varchar({length})"),
            Type::Char(length) => write!(f, "char({length})"),
            Type::Enum(declared) => f.write_str(declared.name),
            Type::Array(element) => write!(f, "{element}[]"),
            Type::ReadByServer(words) => f.write_str(words),
            plain => f.write_str(
                PLAIN_TYPES.iter().find(|(_, known)| known == plain).map_or("", |(word, _)| word),
            ),
        }
    }
}

/// Reads a type word; `None` when it is neither a type of ours nor an enum of the database.
///
/// Outer parameters are checked against PostgreSQL's own limits: `numeric` precision 1–1000 and
/// scale up to the precision, `varchar` and `char` 1–10485760.
pub fn parse_type(word: &str, enums: &[Enum]) -> Option<Type> {
    if let Some(element) = word.strip_suffix("[]") {
        // An array of arrays is refused by its text: a recursion as deep as the text would end
        // the process.
        let element = (!element.ends_with("[]")).then(|| parse_type(element, enums)).flatten()?;
        return Some(Type::Array(Box::leak(Box::new(element))));
    }
    if let Some((_, plain)) = PLAIN_TYPES.iter().find(|(plain, _)| *plain == word) {
        return Some(*plain);
    }
    if let Some(declared) = enums.iter().find(|declared| declared.name == word) {
        return Some(Type::Enum(*declared));
    }
    let (name, rest) = word.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    let length = || inner.trim().parse().ok().filter(|n| (1..=10_485_760).contains(n));
    match name {
        "varchar" => length().map(Type::Varchar),
        "char" => length().map(Type::Char),
        "numeric" => {
            let (precision, scale) = inner.split_once(',').unwrap_or((inner, "0"));
            let precision = precision.trim().parse().ok().filter(|p| (1..=1000).contains(p))?;
            let scale = scale.trim().parse().ok().filter(|s| *s <= precision)?;
            Some(Type::Numeric(Some((precision, scale))))
        }
        _ => None,
    }
}
