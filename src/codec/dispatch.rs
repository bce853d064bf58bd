//! Columns that are known only at run time: the same codecs, found by a match.

use model::{Column, Stored, Type};

use super::{
    Cell, Out, Refused, array, epoch, inet, json, label, number, numeric, text, times, uuid,
};

/// Encodes a value of the column, as the codec that generated code would name does.
///
/// # Errors
/// As that codec.
#[inline]
pub fn encode(column: &Column, out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    encode_as(column.ty, column.stored, out, cell)
}

/// The list of pairs; `model::types` says which there are.
pub(super) fn encode_as(
    ty: Type,
    stored: Stored,
    out: &mut Out,
    cell: Cell<'_>,
) -> Result<(), Refused> {
    match (ty, stored) {
        (Type::Bool, Stored::Boolean) => number::boolean(out, cell),
        (Type::Int2, Stored::Integer) => number::int2(out, cell),
        (Type::Int4, Stored::Integer) => number::int4(out, cell),
        (Type::Int8, Stored::Integer) => number::int8(out, cell),
        (Type::Float4, Stored::Real) => number::float4(out, cell),
        (Type::Float8, Stored::Real) => number::float8(out, cell),
        (Type::Numeric(None), Stored::Decimal) => numeric::numeric(out, cell),
        (Type::Numeric(Some((precision, scale))), Stored::Decimal) => {
            numeric::numeric_within(precision, scale)(out, cell)
        }
        (Type::Text | Type::Citext, Stored::Text) => text::text(out, cell),
        (Type::Varchar(limit), Stored::Text) => text::varchar(limit)(out, cell),
        (Type::Char(limit), Stored::Text) => text::character(limit)(out, cell),
        (Type::Bytea, Stored::Blob) => text::bytea(out, cell),
        (Type::Uuid, Stored::Text) => uuid::uuid(out, cell),
        (Type::Uuid, Stored::Blob) => uuid::uuid_blob(out, cell),
        (Type::Uuid, Stored::GuidLe) => uuid::uuid_guid_le(out, cell),
        (Type::Json, Stored::JsonText) => json::json(out, cell),
        (Type::Jsonb, Stored::JsonText) => json::jsonb(out, cell),
        (Type::Inet, Stored::Text) => inet::inet(out, cell),
        (Type::Cidr, Stored::Text) => inet::cidr(out, cell),
        (Type::Enum(declared), Stored::Text) => label::label(declared.labels)(out, cell),
        (Type::Array(element), Stored::JsonText) => array::array(element)(out, cell),
        _ => encode_time(ty, stored, out, cell),
    }
}

fn encode_time(ty: Type, stored: Stored, out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match (ty, stored) {
        (Type::Date, Stored::Text) => times::date(out, cell),
        (Type::Date, Stored::UnixS) => epoch::date_unix_s(out, cell),
        (Type::Date, Stored::Julian) => epoch::date_julian(out, cell),
        (Type::Time, Stored::Text) => times::time(out, cell),
        (Type::Timestamp, Stored::Text) => times::timestamp(out, cell),
        (Type::Timestamp, Stored::UnixS) => epoch::timestamp_unix_s(out, cell),
        (Type::Timestamp, Stored::UnixMs) => epoch::timestamp_unix_ms(out, cell),
        (Type::Timestamp, Stored::UnixUs) => epoch::timestamp_unix_us(out, cell),
        (Type::Timestamp, Stored::UnixNs) => epoch::timestamp_unix_ns(out, cell),
        (Type::Timestamp, Stored::Julian) => epoch::timestamp_julian(out, cell),
        (Type::Timestamptz, Stored::Text) => times::timestamptz(out, cell),
        (Type::Timestamptz, Stored::TextUtc) => times::timestamptz_utc(out, cell),
        (Type::Timestamptz, Stored::UnixS) => epoch::timestamptz_unix_s(out, cell),
        (Type::Timestamptz, Stored::UnixMs) => epoch::timestamptz_unix_ms(out, cell),
        (Type::Timestamptz, Stored::UnixUs) => epoch::timestamptz_unix_us(out, cell),
        (Type::Timestamptz, Stored::UnixNs) => epoch::timestamptz_unix_ns(out, cell),
        (Type::Timestamptz, Stored::Julian) => epoch::timestamptz_julian(out, cell),
        (Type::Interval, Stored::Nanoseconds) => epoch::interval_ns(out, cell),
        (Type::Interval, Stored::Microseconds) => epoch::interval_us(out, cell),
        (Type::Interval, Stored::Milliseconds) => epoch::interval_ms(out, cell),
        (Type::Interval, Stored::Seconds) => epoch::interval_s(out, cell),
        _ => Err(unknown(ty, stored)),
    }
}

/// Schema files with another pair are refused when they are read; nothing is guessed here.
#[cold]
fn unknown(ty: Type, stored: Stored) -> Refused {
    Refused {
        id: "S1",
        expected: format!("an encoding of {ty}").into(),
        found: format!("a column described as stored = {stored:?}"),
    }
}
