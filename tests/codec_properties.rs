//! What holds for all values: nothing panics, what is taken comes back, both ways to a codec
//! write the same, and other implementations agree.

use connect_migrate::codec::{self, Cell, Codec, Out};
use model::{Column, Enum, Stored, Type, required, types};
use proptest::prelude::*;
use rusqlite::types::Value;

const MOOD: Enum = Enum { name: "mood", labels: &["sad", "ok"] };

/// The field that a codec writes, without its length; none when it refuses.
fn field(codec: impl Codec, cell: Cell<'_>) -> Option<Vec<u8>> {
    let mut out = Out::default();
    codec(&mut out, cell).ok()?;
    Some(out.bytes()[4..].to_vec())
}

/// The same by way of a column's description.
fn dispatched(ty: Type, stored: Stored, cell: Cell<'_>) -> Option<Vec<u8>> {
    let column = Column { stored, ..required("c", ty) };
    field(|out: &mut Out, cell: Cell<'_>| codec::encode_value(&column, out, cell), cell)
}

/// Every (type, stored) pair there is.
fn pairs() -> Vec<(Type, Stored)> {
    let more = [
        Type::Numeric(Some((6, 2))),
        Type::Varchar(5),
        Type::Char(5),
        Type::Enum(MOOD),
        Type::Array(&Type::Int4),
        Type::Array(&Type::Numeric(None)),
        Type::Array(&Type::Float4),
        Type::Array(&Type::Text),
        Type::Array(&Type::Timestamptz),
        Type::Array(&Type::Jsonb),
    ];
    let types = types::PLAIN_TYPES.iter().map(|(_, ty)| *ty).chain(more);
    types.flat_map(|ty| ty.encodings().iter().map(move |stored| (ty, *stored))).collect()
}

/// Values of all storage classes, and text that is nearly something.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Integer),
        (-70_000..70_000_i64).prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Real),
        (-3e6..6e6).prop_map(Value::Real),
        any::<String>().prop_map(Value::Text),
        "[-+]?[0-9.eE+-]{0,25}".prop_map(Value::Text),
        "[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}[ T]?[0-9:.]{0,20}[-+Z ]?[0-9A-Zm:=+ ]{0,12}"
            .prop_map(Value::Text),
        "[0-9a-fA-F:./{}-]{0,40}".prop_map(Value::Text),
        "[\\[\\]{}\",: 0-9a-f\\\\un.-]{0,30}".prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Blob),
    ]
}

/// JSON documents, sound or with one place changed.
pub fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,5})?([eE][-+]?[0-9]{1,2})?",
        "\"([a-zé]|\\\\[\"\\\\/bfnrt]|\\\\u0[0-9a-f]{3}|\\\\ud83d\\\\ude0[0-9]){0,8}\"",
    ];
    let sound = scalar.prop_recursive(5, 40, 5, |inner| {
        let member = ("\"[a-c]{0,2}\"", inner.clone()).prop_map(|(key, v)| format!("{key} : {v}"));
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|v| format!("[ {} ]", v.join(" ,\n"))),
            prop::collection::vec(member, 0..5).prop_map(|v| format!("{{{}}}", v.join(","))),
        ]
    });
    let change = (any::<prop::sample::Index>(), "[\\[\\]{}\",:0-9a-z\\\\ .\t-]?", any::<bool>());
    (sound, change).prop_map(|(sound, (place, patch, changed))| {
        if !changed {
            return sound;
        }
        let mut characters: Vec<char> = sound.chars().collect();
        let place = place.index(characters.len());
        characters.splice(place..=place, patch.chars());
        characters.into_iter().collect()
    })
}

/// A float as the server prints it: as short as can be, and even in the middle.
pub fn printed(value: f32) -> String {
    let short = format!("{value:e}");
    let digits = short.split('e').next().unwrap().matches(|c: char| c.is_ascii_digit()).count();
    format!("{value:.*e}", digits - 1)
}

/// How SQLite prints a value as text.
fn cast(value: Value) -> String {
    thread_local! {
        static SQLITE: rusqlite::Connection = rusqlite::Connection::open_in_memory().unwrap();
    }
    SQLITE.with(|sqlite| {
        sqlite.query_row("SELECT CAST(?1 AS TEXT)", [value], |row| row.get(0)).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn nothing_panics_and_refusals_hide_text(value in value()) {
        for (ty, stored) in pairs() {
            let column = Column { stored, ..required("c", ty) };
            let mut out = Out::default();
            let cell = Cell::from(&value);
            match codec::encode_value(&column, &mut out, cell) {
                Ok(()) => {
                    let length = u32::from_be_bytes(out.bytes()[..4].try_into().unwrap());
                    prop_assert_eq!(usize::try_from(length).unwrap(), out.bytes().len() - 4);
                }
                Err(why) => {
                    prop_assert!(out.bytes().is_empty());
                    let found = why.found.to_string();
                    prop_assert!(found.chars().count() <= 80, "{found}");
                    let shape = found.strip_prefix("text like ").unwrap_or_default();
                    let secret = |c: char| c.is_alphanumeric() && !"aA9".contains(c);
                    let secret = shape.contains(secret);
                    prop_assert!(!secret, "{found}");
                }
            }
        }
    }

    #[test]
    fn numbers_come_back(integer in any::<i64>(), real in any::<f64>(), float in any::<f32>()) {
        prop_assert_eq!(field(codec::int8, Cell::Integer(integer)).unwrap(), integer.to_be_bytes());
        let text = format!(" {integer}");
        let read = field(codec::int8, Cell::Text(text.as_bytes()));
        prop_assert_eq!(read.unwrap(), integer.to_be_bytes());
        let small = i16::try_from(integer).ok().map(|v| v.to_be_bytes().to_vec());
        prop_assert_eq!(field(codec::int2, Cell::Integer(integer)), small);
        let middle = i32::try_from(integer).ok().map(|v| v.to_be_bytes().to_vec());
        prop_assert_eq!(field(codec::int4, Cell::Integer(integer)), middle);
        if !real.is_nan() {
            prop_assert_eq!(field(codec::float8, Cell::Real(real)).unwrap(), real.to_be_bytes());
        }
        if real.is_finite() {
            let text = format!("{real:e}");
            let read = field(codec::float8, Cell::Text(text.as_bytes()));
            prop_assert_eq!(read.unwrap(), real.to_be_bytes());
        }
        if float.is_finite() {
            let written: f64 = printed(float).parse().unwrap();
            let read = field(codec::float4, Cell::Real(written));
            prop_assert_eq!(read.unwrap(), float.to_be_bytes());
            let widened = field(codec::float4, Cell::Real(f64::from(float)));
            prop_assert_eq!(widened.unwrap(), float.to_be_bytes());
        }
    }

    #[test]
    fn text_is_as_sqlite_prints_it(
        text in any::<String>(),
        integer in any::<i64>(),
        real in any::<f64>(),
    ) {
        let taken = field(codec::text, Cell::Text(text.as_bytes()));
        prop_assert_eq!(taken, (!text.contains('\0')).then(|| text.into_bytes()));
        let taken = field(codec::text, Cell::Integer(integer)).unwrap();
        prop_assert_eq!(taken, cast(Value::Integer(integer)).into_bytes());
        if !real.is_nan() {
            let taken = field(codec::text, Cell::Real(real)).unwrap();
            prop_assert_eq!(taken, cast(Value::Real(real)).into_bytes());
        }
    }

    #[test]
    fn timestamps_come_back(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
        let expected = (micros - 946_684_800_000_000).to_be_bytes();
        let time = jiff::Timestamp::from_microsecond(micros).unwrap();
        let rfc = time.to_string();
        prop_assert_eq!(field(codec::timestamptz, Cell::Text(rfc.as_bytes())).unwrap(), expected);
        let go = time.strftime("%Y-%m-%d %H:%M:%S%.f +0000 UTC").to_string();
        prop_assert_eq!(field(codec::timestamptz, Cell::Text(go.as_bytes())).unwrap(), expected);
        let counted = field(codec::timestamptz_unix_us, Cell::Integer(micros));
        prop_assert_eq!(counted.unwrap(), expected);
    }

    #[test]
    fn serde_json_agrees(text in document()) {
        let sound = serde_json::from_str::<serde_json::Value>(&text);
        let json = field(codec::json, Cell::Text(text.as_bytes()));
        let jsonb = field(codec::jsonb, Cell::Text(text.as_bytes()));
        // A lone surrogate is no text for serde_json, and 1e999 no number, but both are JSON.
        let narrower = sound.as_ref().is_err_and(|why| {
            let why = why.to_string();
            ["surrogate", "hex escape", "out of range"].iter().any(|part| why.contains(part))
        });
        if !narrower {
            prop_assert_eq!(sound.is_ok(), json.is_some(), "{:?}", sound);
        }
        if sound.is_ok() {
            prop_assert_eq!(jsonb.is_some(), !text.contains("\\u0000"));
        }
        prop_assert!(json.is_some() || jsonb.is_none());
    }

    #[test]
    fn std_agrees_on_addresses(
        text in "(::)?([0-9a-f]{1,4}(:|:|:|::)){0,8}([0-9a-f]{0,5}|1\\.2\\.3\\.4)|\
            ([0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9a-f:.]{0,20}"
    ) {
        let meant: Option<Vec<u8>> = text.parse().ok().map(|address| match address {
            std::net::IpAddr::V4(v4) => [&[2, 32, 0, 4][..], &v4.octets()].concat(),
            std::net::IpAddr::V6(v6) => [&[3, 128, 0, 16][..], &v6.octets()].concat(),
        });
        prop_assert_eq!(field(codec::inet, Cell::Text(text.as_bytes())), meant);
    }

    #[test]
    fn jiff_agrees_on_times(
        text in "(0[1-9]|[1-9][0-9])[0-9]{2}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5]\
            [0-9](\\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-5]):[0-5][0-9])"
    ) {
        let encoded = field(codec::timestamptz, Cell::Text(text.as_bytes()));
        let theirs = text.parse::<jiff::Timestamp>().ok().map(|time| {
            let micros = time.as_nanosecond().div_euclid(1000) - 946_684_800_000_000;
            i64::try_from(micros).unwrap().to_be_bytes().to_vec()
        });
        // Our 24:00:00, and our last hours of the year 9999, are beyond jiff.
        if theirs.is_some() || !text.contains("24:00:00") && !text.starts_with("9999-12-3") {
            prop_assert_eq!(encoded, theirs);
        }
    }

    #[test]
    fn both_ways_write_the_same(value in value()) {
        let cell = Cell::from(&value);
        macro_rules! same {
            ($($ty:expr, $stored:ident, $codec:expr;)*) => {$(
                prop_assert_eq!(dispatched($ty, Stored::$stored, cell), field($codec, cell));
            )*};
        }
        same! {
            Type::Bool, Boolean, codec::boolean;
            Type::Int2, Integer, codec::int2;
            Type::Int4, Integer, codec::int4;
            Type::Int8, Integer, codec::int8;
            Type::Float4, Real, codec::float4;
            Type::Float8, Real, codec::float8;
            Type::Numeric(None), Decimal, codec::numeric;
            Type::Numeric(Some((10, 2))), Decimal, codec::numeric_within(10, 2);
            Type::Text, Text, codec::text;
            Type::Citext, Text, codec::text;
            Type::Varchar(5), Text, codec::varchar(5);
            Type::Char(5), Text, codec::character(5);
            Type::Bytea, Blob, codec::bytea;
            Type::Bytea, Hex, codec::bytea_hex;
            Type::Bytea, Base64, codec::bytea_base64;
            Type::Uuid, Text, codec::uuid;
            Type::Uuid, Blob, codec::uuid_blob;
            Type::Uuid, GuidLe, codec::uuid_guid_le;
            Type::Json, JsonText, codec::json;
            Type::Jsonb, JsonText, codec::jsonb;
            Type::Inet, Text, codec::inet;
            Type::Cidr, Text, codec::cidr;
            Type::Enum(MOOD), Text, codec::label(&["sad", "ok"]);
            Type::Array(&Type::Int4), JsonText, codec::array(&Type::Int4);
        }
    }

    #[test]
    fn both_ways_write_the_same_in_other_encodings(value in value()) {
        let cell = Cell::from(&value);
        macro_rules! same {
            ($($ty:expr, $stored:ident, $codec:expr;)*) => {$(
                prop_assert_eq!(dispatched($ty, Stored::$stored, cell), field($codec, cell));
            )*};
        }
        same! {
            Type::Text, BlobAsHex, codec::hex_of_blob;
            Type::Citext, BlobAsBase64, codec::base64_of_blob;
            Type::Varchar(5), BlobAsHex, codec::hex_of_blob_within(5);
            Type::Char(5), BlobAsBase64, codec::base64_of_blob_within(5);
            Type::Array(&Type::Int4), PgArray, codec::array_literal(&Type::Int4);
            Type::Array(&Type::Text), PgArray, codec::array_literal(&Type::Text);
            Type::Array(&Type::Numeric(None)), Csv, codec::array_csv(&Type::Numeric(None));
            Type::Bool, Blob, codec::boolean_blob;
            Type::Float4, NumberOrWord, codec::float4_or_word;
            Type::Float8, NumberOrWord, codec::float8_or_word;
            Type::Numeric(None), NumberOrWord, codec::numeric_or_word;
        }
    }

    #[test]
    fn both_ways_write_the_same_times(value in value()) {
        let cell = Cell::from(&value);
        macro_rules! same {
            ($($ty:expr, $stored:ident, $codec:expr;)*) => {$(
                prop_assert_eq!(dispatched($ty, Stored::$stored, cell), field($codec, cell));
            )*};
        }
        same! {
            Type::Date, Text, codec::date;
            Type::Date, UnixS, codec::date_unix_s;
            Type::Date, Julian, codec::date_julian;
            Type::Time, Text, codec::time;
            Type::Time, RailsTime, codec::time_rails;
            Type::Timestamp, Text, codec::timestamp;
            Type::Timestamp, UnixS, codec::timestamp_unix_s;
            Type::Timestamp, UnixMs, codec::timestamp_unix_ms;
            Type::Timestamp, UnixUs, codec::timestamp_unix_us;
            Type::Timestamp, UnixNs, codec::timestamp_unix_ns;
            Type::Timestamp, Julian, codec::timestamp_julian;
            Type::Timestamptz, Text, codec::timestamptz;
            Type::Timestamptz, TextUtc, codec::timestamptz_utc;
            Type::Timestamptz, UnixS, codec::timestamptz_unix_s;
            Type::Timestamptz, UnixMs, codec::timestamptz_unix_ms;
            Type::Timestamptz, UnixUs, codec::timestamptz_unix_us;
            Type::Timestamptz, UnixNs, codec::timestamptz_unix_ns;
            Type::Timestamptz, Julian, codec::timestamptz_julian;
            Type::Date, UnixMs, codec::date_unix_ms;
            Type::Date, UnixUs, codec::date_unix_us;
            Type::Date, UnixNs, codec::date_unix_ns;
            Type::Date, OleDay, codec::date_ole_day;
            Type::Date, AppleS, codec::date_apple_s;
            Type::Date, AppleNs, codec::date_apple_ns;
            Type::Date, WebkitUs, codec::date_webkit_us;
            Type::Date, Filetime, codec::date_filetime;
            Type::Date, DotnetTicks, codec::date_dotnet_ticks;
            Type::Date, Yyyymmdd, codec::date_yyyymmdd;
            Type::Date, Yyyymmddhhmm, codec::date_yyyymmddhhmm;
            Type::Date, Yyyymmddhhmmss, codec::date_yyyymmddhhmmss;
            Type::Timestamp, OleDay, codec::timestamp_ole_day;
            Type::Timestamp, AppleS, codec::timestamp_apple_s;
            Type::Timestamp, AppleNs, codec::timestamp_apple_ns;
            Type::Timestamp, WebkitUs, codec::timestamp_webkit_us;
            Type::Timestamp, Filetime, codec::timestamp_filetime;
            Type::Timestamp, DotnetTicks, codec::timestamp_dotnet_ticks;
            Type::Timestamp, Yyyymmdd, codec::timestamp_yyyymmdd;
            Type::Timestamp, Yyyymmddhhmm, codec::timestamp_yyyymmddhhmm;
            Type::Timestamp, Yyyymmddhhmmss, codec::timestamp_yyyymmddhhmmss;
            Type::Timestamptz, OleDay, codec::timestamptz_ole_day;
            Type::Timestamptz, AppleS, codec::timestamptz_apple_s;
            Type::Timestamptz, AppleNs, codec::timestamptz_apple_ns;
            Type::Timestamptz, WebkitUs, codec::timestamptz_webkit_us;
            Type::Timestamptz, Filetime, codec::timestamptz_filetime;
            Type::Timestamptz, DotnetTicks, codec::timestamptz_dotnet_ticks;
            Type::Timestamptz, Yyyymmdd, codec::timestamptz_yyyymmdd;
            Type::Timestamptz, Yyyymmddhhmm, codec::timestamptz_yyyymmddhhmm;
            Type::Timestamptz, Yyyymmddhhmmss, codec::timestamptz_yyyymmddhhmmss;
            Type::Interval, Nanoseconds, codec::interval_ns;
            Type::Interval, Microseconds, codec::interval_us;
            Type::Interval, Milliseconds, codec::interval_ms;
            Type::Interval, Seconds, codec::interval_s;
            Type::Interval, EpochDate, codec::interval_epoch_date;
            Type::Interval, Timespan, codec::interval_timespan;
            Type::Interval, Timedelta, codec::interval_timedelta;
            Type::Interval, IsoDuration, codec::interval_iso_duration;
        }
    }
}
