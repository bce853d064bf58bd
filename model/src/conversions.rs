//! The one list of conversions: which encodings each type may have, and the codec of each pair.
//!
//! The encodings of a type, the names in generated code and the codecs found at run time are all
//! made of it, and so is what people read: a test compares `schema/README.md`. Verification reads
//! the same enums and none of the codecs.

use crate::types::{Stored, Type};

/// Passes the list to a macro: for each type its encodings, the usual one first, each with its
/// codec's name and what the type's parameters give that.
#[macro_export]
macro_rules! conversions {
    ($generate:ident) => {
        $generate! {
            Bool => [Boolean: boolean, Blob: boolean_blob],
            Int2 => [Integer: int2],
            Int4 => [Integer: int4],
            Int8 => [Integer: int8],
            Float4 => [Real: float4, NumberOrWord: float4_or_word],
            Float8 => [Real: float8, NumberOrWord: float8_or_word],
            Numeric(None) => [Decimal: numeric, NumberOrWord: numeric_or_word],
            Numeric(Some((precision, scale))) => [
                Decimal: numeric_within(precision, scale),
                NumberOrWord: numeric_within_or_word(precision, scale),
            ],
            Text => [Text: text, BlobAsHex: hex_of_blob, BlobAsBase64: base64_of_blob],
            Citext => [Text: text, BlobAsHex: hex_of_blob, BlobAsBase64: base64_of_blob],
            Varchar(limit) => [
                Text: varchar(limit),
                BlobAsHex: hex_of_blob_within(limit),
                BlobAsBase64: base64_of_blob_within(limit),
            ],
            Char(limit) => [
                Text: character(limit),
                BlobAsHex: hex_of_blob_within(limit),
                BlobAsBase64: base64_of_blob_within(limit),
            ],
            Bytea => [Blob: bytea, Hex: bytea_hex, Base64: bytea_base64],
            Uuid => [Text: uuid, Blob: uuid_blob, GuidLe: uuid_guid_le],
            Json => [JsonText: json],
            Jsonb => [JsonText: jsonb],
            Date => [
                Text: date,
                UnixS: date_unix_s,
                UnixMs: date_unix_ms,
                UnixUs: date_unix_us,
                UnixNs: date_unix_ns,
                Julian: date_julian,
                OleDay: date_ole_day,
                AppleS: date_apple_s,
                AppleNs: date_apple_ns,
                WebkitUs: date_webkit_us,
                Filetime: date_filetime,
                DotnetTicks: date_dotnet_ticks,
                Yyyymmdd: date_yyyymmdd,
                Yyyymmddhhmm: date_yyyymmddhhmm,
                Yyyymmddhhmmss: date_yyyymmddhhmmss,
            ],
            Time => [Text: time, RailsTime: time_rails],
            Timestamp => [
                Text: timestamp,
                UnixS: timestamp_unix_s,
                UnixMs: timestamp_unix_ms,
                UnixUs: timestamp_unix_us,
                UnixNs: timestamp_unix_ns,
                Julian: timestamp_julian,
                OleDay: timestamp_ole_day,
                AppleS: timestamp_apple_s,
                AppleNs: timestamp_apple_ns,
                WebkitUs: timestamp_webkit_us,
                Filetime: timestamp_filetime,
                DotnetTicks: timestamp_dotnet_ticks,
                Yyyymmdd: timestamp_yyyymmdd,
                Yyyymmddhhmm: timestamp_yyyymmddhhmm,
                Yyyymmddhhmmss: timestamp_yyyymmddhhmmss,
            ],
            Timestamptz => [
                Text: timestamptz,
                TextUtc: timestamptz_utc,
                UnixS: timestamptz_unix_s,
                UnixMs: timestamptz_unix_ms,
                UnixUs: timestamptz_unix_us,
                UnixNs: timestamptz_unix_ns,
                Julian: timestamptz_julian,
                OleDay: timestamptz_ole_day,
                AppleS: timestamptz_apple_s,
                AppleNs: timestamptz_apple_ns,
                WebkitUs: timestamptz_webkit_us,
                Filetime: timestamptz_filetime,
                DotnetTicks: timestamptz_dotnet_ticks,
                Yyyymmdd: timestamptz_yyyymmdd,
                Yyyymmddhhmm: timestamptz_yyyymmddhhmm,
                Yyyymmddhhmmss: timestamptz_yyyymmddhhmmss,
            ],
            Interval => [
                Nanoseconds: interval_ns,
                Microseconds: interval_us,
                Milliseconds: interval_ms,
                Seconds: interval_s,
                EpochDate: interval_epoch_date,
                Timespan: interval_timespan,
                Timedelta: interval_timedelta,
                IsoDuration: interval_iso_duration,
            ],
            Inet => [Text: inet],
            Cidr => [Text: cidr],
            Enum(declared) => [Text: label(declared.labels)],
            Array(element) => [
                JsonText: array(element),
                PgArray: array_literal(element),
                Csv: array_csv(element),
            ],
            ReadByServer(_words) => [ServerText: text],
        }
    };
}

macro_rules! describe {
    ($(
        $ty:ident $(($inner:pat))? => [
            $($stored:ident: $codec:ident $(($($given:expr),*))?),* $(,)?
        ],
    )*) => {
        impl Type {
            /// The encodings a column of this type may have; the first is the usual one.
            #[allow(unused_variables, reason = "the parameters are the codecs' business")]
            pub const fn encodings(self) -> &'static [Stored] {
                match self {
                    $(Type::$ty $(($inner))? => &[$(Stored::$stored),*],)*
                }
            }

            /// The name of the codec of a pair, where there is one.
            #[allow(unused_variables, reason = "the parameters are the codecs' business")]
            pub const fn codec_name(self, stored: Stored) -> Option<&'static str> {
                match self {
                    $(Type::$ty $(($inner))? => match stored {
                        $(Stored::$stored => Some(stringify!($codec)),)*
                        _ => None,
                    },)*
                }
            }
        }
    };
}

conversions!(describe);

/// A type as PostgreSQL's own catalog has it, the same in every database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogType {
    /// `pg_type.typname`.
    pub name: &'static str,
    /// What `format_type` writes without a length or precision.
    pub format: &'static str,
    /// `pg_type.oid`.
    pub oid: u32,
    /// The number of its array type.
    pub array_oid: u32,
    /// `pg_type.typlen` and `typalign` in bytes, where all values have one width.
    pub width: Option<(usize, usize)>,
}

impl Type {
    /// What the catalog says of it; nothing for types that a database or an extension makes.
    pub const fn catalog_type(self) -> Option<CatalogType> {
        let (name, format, oid, array_oid, width) = match self {
            Type::Bool => ("bool", "boolean", 16, 1000, Some((1, 1))),
            Type::Int2 => ("int2", "smallint", 21, 1005, Some((2, 2))),
            Type::Int4 => ("int4", "integer", 23, 1007, Some((4, 4))),
            Type::Int8 => ("int8", "bigint", 20, 1016, Some((8, 8))),
            Type::Float4 => ("float4", "real", 700, 1021, Some((4, 4))),
            Type::Float8 => ("float8", "double precision", 701, 1022, Some((8, 8))),
            Type::Numeric(_) => ("numeric", "numeric", 1700, 1231, None),
            Type::Text => ("text", "text", 25, 1009, None),
            Type::Varchar(_) => ("varchar", "character varying", 1043, 1015, None),
            Type::Char(_) => ("bpchar", "character", 1042, 1014, None),
            Type::Bytea => ("bytea", "bytea", 17, 1001, None),
            Type::Uuid => ("uuid", "uuid", 2950, 2951, Some((16, 1))),
            Type::Json => ("json", "json", 114, 199, None),
            Type::Jsonb => ("jsonb", "jsonb", 3802, 3807, None),
            Type::Date => ("date", "date", 1082, 1182, Some((4, 4))),
            Type::Time => ("time", "time without time zone", 1083, 1183, Some((8, 8))),
            Type::Timestamp => {
                ("timestamp", "timestamp without time zone", 1114, 1115, Some((8, 8)))
            }
            Type::Timestamptz => {
                ("timestamptz", "timestamp with time zone", 1184, 1185, Some((8, 8)))
            }
            Type::Interval => ("interval", "interval", 1186, 1187, Some((16, 8))),
            Type::Inet => ("inet", "inet", 869, 1041, None),
            Type::Cidr => ("cidr", "cidr", 650, 651, None),
            Type::Citext | Type::Enum(_) | Type::Array(_) | Type::ReadByServer(_) => return None,
        };
        Some(CatalogType { name, format, oid, array_oid, width })
    }

    /// The bytes of a value in a row and its alignment, where all values have one width.
    pub const fn fixed_width(self) -> Option<(usize, usize)> {
        match (self, self.catalog_type()) {
            (Type::Enum(_), _) => Some((4, 4)),
            (_, Some(known)) => known.width,
            (_, None) => None,
        }
    }
}
