//! What a declared type means to say. SQLite takes any words there; these are the ones in use.

use model::{Affinity, Stored, Type};
use sea_schema::sea_query::{ColumnType, StringLen};

use super::profile::Candidate;

/// What a declared type means to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `BOOLEAN`
    Boolean,
    /// `INTEGER` and its kin, with the PostgreSQL type that has the same name.
    Integer(Type),
    /// `REAL`, `DOUBLE`, …
    Real,
    /// `DECIMAL(10,2)`
    Decimal(Type),
    /// `TEXT`
    Text,
    /// `VARCHAR(40)`
    Varchar(u32),
    /// `CHAR(40)`
    Char(u32),
    /// `BLOB`
    Blob,
    /// `DATETIME`
    Timestamp,
    /// `TIMESTAMP WITH TIME ZONE`
    Timestamptz,
    /// `DATE`
    Date,
    /// A type that PostgreSQL has under the same name, and that its codec can judge.
    Same(Type),
    /// No declared type, or one that says nothing.
    Open,
}

impl Family {
    /// The family of a declared type.
    pub fn of_declared(declared: &str) -> Family {
        if let Some(family) = family_by_sea_schema(declared) {
            return family;
        }
        if let Some(element) = declared.trim_end().strip_suffix("[]")
            && let Some(element) = Family::of_declared(element).element_type()
        {
            return Family::Same(Type::Array(Box::leak(Box::new(element))));
        }
        let upper = declared.to_ascii_uppercase();
        let (base, inside) = upper.split_once('(').unwrap_or((&upper, ""));
        let base = base.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let inside = inside.split(')').next().unwrap_or_default();
        match &*base {
            "" | "ANY" | "POINT" | "INTERVAL" => Family::Open,
            "BOOL" | "BOOLEAN" => Family::Boolean,
            "TINYINT" | "SMALLINT" | "INT2" => Family::Integer(Type::Int2),
            // What makes ids in PostgreSQL is written in SQLite by those who know both.
            "SERIAL" | "BIGSERIAL" | "SMALLSERIAL" => Family::Integer(Type::Int8),
            "MEDIUMINT" | "INT4" => Family::Integer(Type::Int4),
            "FLOATING POINT" => Family::Real,
            "NUMERIC" | "DECIMAL" | "DEC" | "NUMBER" | "MONEY" | "CURRENCY" => {
                Family::Decimal(decimal_type(inside))
            }
            "STRING" => Family::Text,
            "BINARY" | "VARBINARY" | "BYTEA" | "IMAGE" => Family::Blob,
            "DATETIME" | "TIMESTAMP" | "DATETIME2" | "SMALLDATETIME" => Family::Timestamp,
            "TIMESTAMP WITHOUT TIME ZONE" => Family::Timestamp,
            "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" | "DATETIMEOFFSET" => Family::Timestamptz,
            "DATE" => Family::Date,
            "TIME" => Family::Same(Type::Time),
            "JSON" => Family::Same(Type::Json),
            "JSONB" => Family::Same(Type::Jsonb),
            "UUID" | "GUID" | "UNIQUEIDENTIFIER" => Family::Same(Type::Uuid),
            "INET" => Family::Same(Type::Inet),
            "CIDR" => Family::Same(Type::Cidr),
            _ => family_by_affinity(declared, &base, inside),
        }
    }

    /// The type of an array's elements, where the word leaves no doubt.
    fn element_type(self) -> Option<Type> {
        match self {
            Family::Boolean => Some(Type::Bool),
            Family::Integer(ty) | Family::Decimal(ty) => Some(ty),
            Family::Same(ty) => Some(ty).filter(|ty| !matches!(ty, Type::Array(_))),
            Family::Real => Some(Type::Float8),
            Family::Text => Some(Type::Text),
            Family::Varchar(length) => Some(Type::Varchar(length)),
            Family::Char(length) => Some(Type::Char(length)),
            Family::Timestamp | Family::Timestamptz | Family::Date => None,
            Family::Blob | Family::Open => None,
        }
    }

    /// The types that a column of this family may get; its values are shown to their codecs.
    pub fn candidates(self) -> Vec<Candidate> {
        let number = |first: Option<Type>| {
            let rest = [Type::Float8, Type::Numeric(None)];
            first.into_iter().chain(rest).map(|ty| (ty, ty.usual_encoding())).collect::<Vec<_>>()
        };
        let mut all = match self {
            Family::Boolean => {
                let mut all = number(None);
                all.splice(0..0, [(Type::Bool, Stored::Boolean), (Type::Bool, Stored::Blob)]);
                all
            }
            Family::Decimal(ty) => {
                let mut all = number(Some(ty).filter(|ty| *ty != Type::Numeric(None)));
                all.extend([(Type::Bool, Stored::Boolean), (ty, Stored::NumberOrWord)]);
                all
            }
            Family::Real => {
                let mut all = number(None);
                all.push((Type::Float8, Stored::NumberOrWord));
                all
            }
            Family::Integer(_) | Family::Open => number(None),
            Family::Timestamp | Family::Timestamptz => {
                vec![(Type::Timestamptz, Stored::Text), (Type::Timestamp, Stored::Text)]
            }
            Family::Date => vec![
                (Type::Date, Stored::Text),
                (Type::Timestamptz, Stored::Text),
                (Type::Timestamp, Stored::Text),
            ],
            Family::Same(Type::Uuid) => {
                vec![(Type::Uuid, Stored::Text), (Type::Uuid, Stored::Blob)]
            }
            Family::Same(Type::Time) => {
                vec![(Type::Time, Stored::Text), (Type::Time, Stored::RailsTime)]
            }
            Family::Same(ty @ Type::Array(_)) => {
                vec![(ty, Stored::JsonText), (ty, Stored::PgArray)]
            }
            Family::Same(ty) => vec![(ty, ty.usual_encoding())],
            Family::Text | Family::Varchar(_) | Family::Char(_) | Family::Blob => Vec::new(),
        };
        // Anything can turn out to be text, or bytes, or whole numbers.
        all.extend([
            (Type::Text, Stored::Text),
            (Type::Bytea, Stored::Blob),
            (Type::Int8, Stored::Integer),
        ]);
        all
    }
}

/// The longest text that a type of PostgreSQL can name.
const LENGTH_MAX: u32 = 10_485_760;

/// Texts with a length: of what sea-schema reads, the part that can be trusted. Times, JSON and
/// UUIDs it takes for types of their own making, and other words by their affinity alone.
fn family_by_sea_schema(declared: &str) -> Option<Family> {
    let length = |length: u32| (1..=LENGTH_MAX).contains(&length).then_some(length);
    match sea_schema::sqlite::def::parse_type(declared.to_owned()).ok()? {
        ColumnType::Char(Some(found)) => length(found).map(Family::Char),
        ColumnType::String(StringLen::N(found)) => length(found).map(Family::Varchar),
        _ => None,
    }
}

fn family_by_affinity(declared: &str, base: &str, inside: &str) -> Family {
    match Affinity::of_declared(declared) {
        Affinity::Integer => Family::Integer(Type::Int8),
        Affinity::Real => Family::Real,
        Affinity::Blob => Family::Blob,
        Affinity::Numeric => Family::Open,
        Affinity::Text => {
            let length = inside.trim().parse().ok().filter(|n| (1..=LENGTH_MAX).contains(n));
            let varying = base.contains("VAR");
            match length {
                Some(length) if varying => Family::Varchar(length),
                Some(length) if base.ends_with("CHAR") || base.ends_with("CHARACTER") => {
                    Family::Char(length)
                }
                _ => Family::Text,
            }
        }
    }
}

fn decimal_type(inside: &str) -> Type {
    if inside.is_empty() {
        return Type::Numeric(None);
    }
    let word = format!("numeric({inside})");
    model::types::parse_type(&word, &[]).unwrap_or(Type::Numeric(None))
}
