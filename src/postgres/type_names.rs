//! PostgreSQL's words for types, and the model's types behind them.
//!
//! sea-schema reads them, without a driver of its own; what it makes of them counts only where it
//! is written just as the server itself writes the type (`format_type`). It loses long lengths,
//! precisions and extension types, and those the server's words alone decide.

use std::collections::HashMap;

use model::types::{PLAIN_TYPES, parse_type};
use model::{Enum, Type};
use sea_schema::postgres::def::Type as Read;
use sea_schema::postgres::query::ColumnQueryResult;

use super::inspection::Base;

/// The type whose values have this form; nothing where no codec makes them.
pub fn model_type_of_base(base: &Base, enums: &[Enum]) -> Option<Type> {
    if let Some(label) = &base.label {
        let declared = enums.iter().find(|declared| declared.name == label)?;
        let one = Type::Enum(*declared);
        return Some(if base.text.ends_with("[]") { array_type(one) } else { one });
    }
    if let Some(element) = base.text.strip_suffix("[]") {
        return type_by_text(element).map(array_type);
    }
    type_by_sea_schema(base)
        .filter(|ty| format_type_name(*ty) == base.text)
        .or_else(|| type_by_text(&base.text))
}

fn array_type(element: Type) -> Type {
    Type::Array(Box::leak(Box::new(element)))
}

fn type_by_sea_schema(base: &Base) -> Option<Type> {
    let result = ColumnQueryResult {
        column_type: base.plain.clone(),
        numeric_precision: base.precision,
        numeric_scale: base.scale,
        character_maximum_length: base.length,
        datetime_precision: base.fraction,
        ..ColumnQueryResult::default()
    };
    // No key of the map: the catalog itself distinguishes enums.
    Some(match result.parse(&HashMap::new()).col_type {
        Read::SmallInt => Type::Int2,
        Read::Integer => Type::Int4,
        Read::BigInt => Type::Int8,
        Read::Real => Type::Float4,
        Read::DoublePrecision => Type::Float8,
        Read::Numeric(digits) => Type::Numeric(digits.precision.zip(digits.scale)),
        Read::Varchar(text) => Type::Varchar(text.length?.into()),
        Read::Char(text) => Type::Char(text.length?.into()),
        Read::Text => Type::Text,
        Read::Bytea => Type::Bytea,
        Read::Timestamp(_) => Type::Timestamp,
        Read::TimestampWithTimeZone(_) => Type::Timestamptz,
        Read::Date => Type::Date,
        Read::Time(_) => Type::Time,
        Read::Interval(_) => Type::Interval,
        Read::Boolean => Type::Bool,
        Read::Cidr => Type::Cidr,
        Read::Inet => Type::Inet,
        Read::Uuid => Type::Uuid,
        Read::Json => Type::Json,
        Read::JsonBinary => Type::Jsonb,
        _ => return None,
    })
}

/// What the server's own words say, parameters and all.
fn type_by_text(text: &str) -> Option<Type> {
    if let Some((_, ty)) = PLAIN_TYPES.iter().find(|(_, ty)| format_type_name(*ty) == text) {
        return Some(*ty);
    }
    // Both are text to whoever writes and reads them.
    if matches!(text, "character varying" | "bpchar") {
        return Some(Type::Text);
    }
    // An extension may live in a schema that is not on the path.
    if text.rsplit_once('.').is_some_and(|(_, name)| name == "citext") {
        return Some(Type::Citext);
    }
    for (word, short) in [("character varying(", "varchar("), ("character(", "char(")] {
        if let Some(rest) = text.strip_prefix(word) {
            return parse_type(&format!("{short}{rest}"), &[]);
        }
    }
    if text.starts_with("numeric(") {
        return parse_type(text, &[]);
    }
    // With a precision: the values are the same, with fewer digits.
    for (word, rest, ty) in [
        ("timestamp(", ") without time zone", Type::Timestamp),
        ("timestamp(", ") with time zone", Type::Timestamptz),
        ("time(", ") without time zone", Type::Time),
        ("interval(", ")", Type::Interval),
    ] {
        let inside = text.strip_prefix(word).and_then(|text| text.strip_suffix(rest));
        if inside.is_some_and(|digits| digits.parse::<u8>().is_ok()) {
            return Some(ty);
        }
    }
    None
}

/// A type as `format_type` writes it.
pub fn format_type_name(ty: Type) -> String {
    match ty {
        Type::Varchar(length) => format!("character varying({length})"),
        Type::Char(length) => format!("character({length})"),
        Type::Enum(declared) => model::sql::quote_if_needed(declared.name),
        Type::Array(element) => format!("{}[]", format_type_name(*element)),
        Type::Numeric(Some(_)) => ty.to_string(),
        plain => plain.catalog_type().map_or_else(|| plain.to_string(), |of| of.format.to_owned()),
    }
}
