//! Columns that are known only at run time: the same codecs, found by a match.

use model::{Column, Stored, Type};

use super::{
    Cell, Out, Refused, array, compact, epoch, inet, json, label, number, numeric, text, times,
    uuid,
};
use crate::diagnostic::Id;

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
        (Type::Date, _) => encode_date(stored, out, cell),
        (Type::Time, Stored::Text) => times::time(out, cell),
        (Type::Timestamp, Stored::Text) => times::timestamp(out, cell),
        (Type::Timestamptz, Stored::Text) => times::timestamptz(out, cell),
        (Type::Timestamptz, Stored::TextUtc) => times::timestamptz_utc(out, cell),
        // What counts, or says the time of UTC, is one instant in both types.
        (Type::Timestamp | Type::Timestamptz, _) => encode_moment(ty, stored, out, cell),
        (Type::Interval, Stored::Nanoseconds) => epoch::interval_ns(out, cell),
        (Type::Interval, Stored::Microseconds) => epoch::interval_us(out, cell),
        (Type::Interval, Stored::Milliseconds) => epoch::interval_ms(out, cell),
        (Type::Interval, Stored::Seconds) => epoch::interval_s(out, cell),
        _ => Err(unknown(ty, stored)),
    }
}

fn encode_date(stored: Stored, out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match stored {
        Stored::UnixS => epoch::date_unix_s(out, cell),
        Stored::UnixMs => epoch::date_unix_ms(out, cell),
        Stored::UnixUs => epoch::date_unix_us(out, cell),
        Stored::UnixNs => epoch::date_unix_ns(out, cell),
        Stored::Julian => epoch::date_julian(out, cell),
        Stored::OleDay => epoch::date_ole_day(out, cell),
        Stored::AppleS => epoch::date_apple_s(out, cell),
        Stored::AppleNs => epoch::date_apple_ns(out, cell),
        Stored::WebkitUs => epoch::date_webkit_us(out, cell),
        Stored::Filetime => epoch::date_filetime(out, cell),
        Stored::DotnetTicks => epoch::date_dotnet_ticks(out, cell),
        Stored::Yyyymmdd => compact::date_yyyymmdd(out, cell),
        Stored::Yyyymmddhhmm => compact::date_yyyymmddhhmm(out, cell),
        Stored::Yyyymmddhhmmss => compact::date_yyyymmddhhmmss(out, cell),
        _ => Err(unknown(Type::Date, stored)),
    }
}

fn encode_moment(ty: Type, stored: Stored, out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match stored {
        Stored::UnixS => epoch::timestamp_unix_s(out, cell),
        Stored::UnixMs => epoch::timestamp_unix_ms(out, cell),
        Stored::UnixUs => epoch::timestamp_unix_us(out, cell),
        Stored::UnixNs => epoch::timestamp_unix_ns(out, cell),
        Stored::Julian => epoch::timestamp_julian(out, cell),
        Stored::OleDay => epoch::timestamp_ole_day(out, cell),
        Stored::AppleS => epoch::timestamp_apple_s(out, cell),
        Stored::AppleNs => epoch::timestamp_apple_ns(out, cell),
        Stored::WebkitUs => epoch::timestamp_webkit_us(out, cell),
        Stored::Filetime => epoch::timestamp_filetime(out, cell),
        Stored::DotnetTicks => epoch::timestamp_dotnet_ticks(out, cell),
        Stored::Yyyymmdd => compact::timestamp_yyyymmdd(out, cell),
        Stored::Yyyymmddhhmm => compact::timestamp_yyyymmddhhmm(out, cell),
        Stored::Yyyymmddhhmmss => compact::timestamp_yyyymmddhhmmss(out, cell),
        _ => Err(unknown(ty, stored)),
    }
}

/// Schema files with another pair are refused when they are read, and a run stops at a column that
/// is undecided; nothing is guessed here.
#[cold]
fn unknown(ty: Type, stored: Stored) -> Refused {
    Refused {
        id: Id::S1,
        expected: format!("an encoding of {ty}").into(),
        found: format!("a column described as stored = {stored:?}"),
    }
}
