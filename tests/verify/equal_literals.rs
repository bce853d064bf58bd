//! Literals of both databases that mean the same, for every type and encoding.

use super::MOOD;
use model::{Column, Stored, Type, nullable};

/// A column with pairs of literals, SQLite's and PostgreSQL's, that mean the same.
pub type Pairs = (Column, &'static [(&'static str, &'static str)]);

const fn array(element: &'static Type) -> Type {
    Type::Array(element)
}

/// Every type, and every encoding of times.
pub const EVERYTHING: &[Pairs] = &[
    (nullable("c_bool", Type::Bool), &[("1", "true"), ("'F'", "false"), ("0.0", "false")]),
    (nullable("c_int2", Type::Int2), &[("-32768", "-32768"), ("'12'", "12"), ("7.0", "7")]),
    (nullable("c_int4", Type::Int4), &[("-1", "-1"), ("2147483647", "2147483647")]),
    (nullable("c_int8", Type::Int8), &[("9223372036854775807", "9223372036854775807")]),
    (
        nullable("c_float4", Type::Float4),
        &[("0.1", "0.1"), ("-1e999", "'-Infinity'"), ("'1e30'", "1e30")],
    ),
    (
        nullable("c_float8", Type::Float8),
        &[
            ("0.1", "0.1"),
            ("-0.0", "'-0'"),
            ("9e999", "'Infinity'"),
            ("5e-324", "5e-324"),
            ("3", "3"),
        ],
    ),
    (
        nullable("c_numeric", Type::Numeric(None)),
        &[
            ("0.1", "0.1"),
            ("'12345678901234567890.012345678900'", "12345678901234567890.0123456789"),
            ("'-1e-10'", "-0.0000000001"),
            ("'1e25'", "1e25"),
            ("0", "0.00"),
            ("-10000", "-10000"),
            ("'100000.0001'", "100000.0001"),
        ],
    ),
    (
        nullable("c_number_word", Type::Numeric(None)).stored(Stored::NumberOrWord),
        &[("'nan'", "'NaN'"), ("1.5", "1.5")],
    ),
    (
        nullable("c_double_word", Type::Float8).stored(Stored::NumberOrWord),
        &[("' NaN '", "'NaN'"), ("'-INF'", "'-Infinity'"), ("'2.5'", "2.5")],
    ),
    (
        nullable("c_single_word", Type::Float4).stored(Stored::NumberOrWord),
        &[("'nan'", "'NaN'"), ("'+infinity'", "'Infinity'")],
    ),
    (
        nullable("c_bool_blob", Type::Bool).stored(Stored::Blob),
        &[("x'01'", "true"), ("x'30'", "false"), ("1", "true")],
    ),
    (
        nullable("c_money", Type::Numeric(Some((9, 2)))),
        &[("1.5", "1.50"), ("'-1234567.89'", "-1234567.89")],
    ),
    (
        nullable("c_text", Type::Text),
        &[("'äö€😀'", "'äö€😀'"), ("''", "''"), ("1.0", "'1.0'"), ("1e100", "'1.0e+100'")],
    ),
    (nullable("c_citext", Type::Citext), &[("'MiXed'", "'MiXed'")]),
    (nullable("c_varchar", Type::Varchar(4)), &[("'äöü '", "'äöü '"), ("12", "'12'")]),
    (nullable("c_char", Type::Char(4)), &[("'ab'", "'ab'"), ("'ab '", "'ab'"), ("''", "''")]),
    (
        nullable("c_bytea", Type::Bytea),
        &[("x'00ff'", "'\\x00ff'"), ("x''", "''"), ("'\\x41'", "'\\\\x41'")],
    ),
    (
        nullable("c_hex", Type::Bytea).stored(Stored::Hex),
        &[("'0x00FF'", "'\\x00ff'"), ("''", "''"), ("'\\x41'", "'A'"), ("'6162'", "'ab'")],
    ),
    (
        nullable("c_base64", Type::Bytea).stored(Stored::Base64),
        &[("'AP8='", "'\\x00ff'"), ("'-_8'", "'\\xfbff'"), ("'YWI='||char(10)", "'ab'")],
    ),
    (
        nullable("c_text_hex", Type::Text).stored(Stored::BlobAsHex),
        &[("x'00FF'", "'00ff'"), ("x''", "''")],
    ),
    (
        nullable("c_char_base64", Type::Char(8)).stored(Stored::BlobAsBase64),
        &[("x'00FF'", "'AP8='"), ("x'fbff'", "'+/8='")],
    ),
    (
        nullable("c_uuid", Type::Uuid),
        &[("'00112233445566778899AABBCCDDEEFF'", "'00112233-4455-6677-8899-aabbccddeeff'")],
    ),
    (
        nullable("c_uuid16", Type::Uuid).stored(Stored::Blob),
        &[("x'00112233445566778899AABBCCDDEEFF'", "'00112233-4455-6677-8899-aabbccddeeff'")],
    ),
    (
        nullable("c_guid_le", Type::Uuid).stored(Stored::GuidLe),
        &[("x'33221100554477668899AABBCCDDEEFF'", "'00112233-4455-6677-8899-aabbccddeeff'")],
    ),
    (
        nullable("c_json", Type::Json),
        &[
            ("'{\"b\": 1, \"a\":2}'", "'{\"b\": 1, \"a\":2}'"),
            ("1.5", "'1.5'"),
            ("'[1.0]'", "'[1.0]'"),
        ],
    ),
    (
        nullable("c_jsonb", Type::Jsonb),
        &[
            (
                r#"'{"b":1.50,"a":[1e2,"\u00e4\n\\"],"b":{"z":-0.0,"aa":null,"c":true}}'"#,
                r#"'{"b":1.50,"a":[1e2,"\u00e4\n\\"],"b":{"z":-0.0,"aa":null,"c":true}}'"#,
            ),
            ("'1e400'", "'1e400'"),
            ("12345678901234567", "'12345678901234567'"),
            ("'\"x\"'", "'\"x\"'"),
        ],
    ),
    (
        nullable("c_date", Type::Date),
        &[
            ("'2024-02-29'", "'2024-02-29'"),
            ("'0001-01-01'", "'0001-01-01'"),
            ("'294276-12-31'", "'294276-12-31'"),
        ],
    ),
    (nullable("c_date_s", Type::Date).stored(Stored::UnixS), &[("-86400", "'1969-12-31'")]),
    (nullable("c_date_j", Type::Date).stored(Stored::Julian), &[("2460369.5", "'2024-02-29'")]),
    (
        nullable("c_time", Type::Time),
        &[
            ("'23:59:59.9999999'", "'23:59:59.999999'"),
            ("'24:00'", "'24:00:00'"),
            ("'01:02'", "'01:02'"),
        ],
    ),
    (
        nullable("c_timestamp", Type::Timestamp),
        &[
            ("'2024-01-02 03:04:05.6789'", "'2024-01-02 03:04:05.6789'"),
            ("'2024-01-02T03:04:05+05:30'", "'2024-01-01 21:34:05'"),
            ("'1900-03-01'", "'1900-03-01'"),
        ],
    ),
    (
        nullable("c_timestamptz", Type::Timestamptz),
        &[
            ("'2024-01-02 03:04:05.123456789 -0500 EST m=+0.1'", "'2024-01-02 03:04:05.123456-05'"),
            ("'0001-01-01 00:00:00+00:00'", "'0001-01-01 00:00:00+00'"),
            ("'294276-12-31 23:59:59.999999Z'", "'294276-12-31 23:59:59.999999Z'"),
            ("'10000-03-01T00:00:00Z'", "'10000-03-01T00:00:00Z'"),
            ("'1600-02-29T00:00:00Z'", "'1600-02-29T00:00:00Z'"),
            ("'2016-12-31T23:59:60Z'", "'2017-01-01T00:00:00Z'"),
        ],
    ),
    (
        nullable("c_tz_utc", Type::Timestamptz).stored(Stored::TextUtc),
        &[("'2024-01-02 03:04'", "'2024-01-02 03:04Z'")],
    ),
    (
        nullable("c_tz_s", Type::Timestamptz).stored(Stored::UnixS),
        &[("1704164645.25", "'2024-01-02 03:04:05.25Z'")],
    ),
    (
        nullable("c_tz_ms", Type::Timestamptz).stored(Stored::UnixMs),
        &[("-1", "'1969-12-31 23:59:59.999Z'")],
    ),
    (
        nullable("c_tz_us", Type::Timestamptz).stored(Stored::UnixUs),
        &[("1", "'1970-01-01 00:00:00.000001Z'")],
    ),
    (
        nullable("c_tz_ns", Type::Timestamptz).stored(Stored::UnixNs),
        &[("-1", "'1969-12-31 23:59:59.999999Z'")],
    ),
    (
        nullable("c_tz_j", Type::Timestamptz).stored(Stored::Julian),
        &[("2440587.5", "'1970-01-01Z'"), ("0", "'4714-11-24 12:00:00Z BC'")],
    ),
    (
        nullable("c_tz_ole", Type::Timestamptz).stored(Stored::OleDay),
        &[("45293.5", "'2024-01-02 12:00:00Z'"), ("-1", "'1899-12-29Z'")],
    ),
    (
        nullable("c_ts_apple", Type::Timestamp).stored(Stored::AppleS),
        &[("700000000.5", "'2023-03-08 20:26:40.5'")],
    ),
    (
        nullable("c_ts_apple_ns", Type::Timestamp).stored(Stored::AppleNs),
        &[("700000000000000999", "'2023-03-08 20:26:40'")],
    ),
    (
        nullable("c_tz_webkit", Type::Timestamptz).stored(Stored::WebkitUs),
        &[("13344480000000001", "'2023-11-15 00:00:00.000001Z'")],
    ),
    (
        nullable("c_tz_filetime", Type::Timestamptz).stored(Stored::Filetime),
        &[("133444800000000019", "'2023-11-15 00:00:00.000001Z'")],
    ),
    (
        nullable("c_ts_ticks", Type::Timestamp).stored(Stored::DotnetTicks),
        &[
            ("638356032000000010", "'2023-11-15 00:00:00.000001'"),
            ("-1", "'0001-12-31 23:59:59.999999 BC'"),
        ],
    ),
    (
        nullable("c_ts_digits", Type::Timestamp).stored(Stored::Yyyymmddhhmmss),
        &[
            ("20241125040301", "'2024-11-25 04:03:01'"),
            ("'20241125040302'", "'2024-11-25 04:03:02'"),
        ],
    ),
    (
        nullable("c_tz_minutes", Type::Timestamptz).stored(Stored::Yyyymmddhhmm),
        &[("202411250403", "'2024-11-25 04:03:00Z'")],
    ),
    (
        nullable("c_tz_days", Type::Timestamptz).stored(Stored::Yyyymmdd),
        &[("20241125.0", "'2024-11-25Z'")],
    ),
    (
        nullable("c_date_ms", Type::Date).stored(Stored::UnixMs),
        &[("1707523200000", "'2024-02-10'")],
    ),
    (
        nullable("c_date_digits", Type::Date).stored(Stored::Yyyymmdd),
        &[("20240210", "'2024-02-10'")],
    ),
    (nullable("c_date_ole", Type::Date).stored(Stored::OleDay), &[("45332", "'2024-02-10'")]),
    (
        nullable("c_date_ticks", Type::Date).stored(Stored::DotnetTicks),
        &[("638356032000000000", "'2023-11-15'")],
    ),
    (
        nullable("c_time_rails", Type::Time).stored(Stored::RailsTime),
        &[
            ("'2000-01-01 08:30:00.500000'", "'08:30:00.5'"),
            ("'2000-01-01 23:59:59'", "'23:59:59'"),
        ],
    ),
    (
        nullable("c_interval", Type::Interval),
        &[("1500", "'1 microsecond'"), ("-1", "'-1 microsecond'")],
    ),
    (nullable("c_interval_s", Type::Interval).stored(Stored::Seconds), &[("90000", "'25:00:00'")]),
    (
        nullable("c_interval_date", Type::Interval).stored(Stored::EpochDate),
        &[
            ("'1970-01-02 03:04:05.000006'", "'1 day 03:04:05.000006'"),
            ("'1969-12-31 23:59:30.000000'", "'-1 day +23:59:30'"),
        ],
    ),
    (
        nullable("c_interval_span", Type::Interval).stored(Stored::Timespan),
        &[("'1.02:03:04.5000000'", "'1 day 02:03:04.5'"), ("'-00:00:01'", "'-00:00:01'")],
    ),
    (
        nullable("c_interval_delta", Type::Interval).stored(Stored::Timedelta),
        &[
            ("'1 day, 2:03:04.500000'", "'1 day 02:03:04.5'"),
            ("'-2 days, 23:59:59'", "'-2 days +23:59:59'"),
            ("'0:00:00.5'", "'00:00:00.5'"),
        ],
    ),
    (
        nullable("c_interval_iso", Type::Interval).stored(Stored::IsoDuration),
        &[("'P1Y2M3DT4H5M6.5S'", "'14 mons 3 days 04:05:06.5'"), ("'-P1M'", "'-1 mon'")],
    ),
    (
        nullable("c_inet", Type::Inet),
        &[("'10.1.2.3/8'", "'10.1.2.3/8'"), ("'::1'", "'::1'"), ("'1.2.3.4'", "'1.2.3.4'")],
    ),
    (
        nullable("c_cidr", Type::Cidr),
        &[("'10.0.0.0/8'", "'10.0.0.0/8'"), ("'fe80::/64'", "'fe80::/64'")],
    ),
    (nullable("c_mood", MOOD), &[("'so so'", "'so so'")]),
    (
        nullable("c_ints", array(&Type::Int4)),
        &[("'[1,null,-3]'", "'{1,NULL,-3}'"), ("'[]'", "'{}'")],
    ),
    (
        nullable("c_texts", array(&Type::Text)),
        &[("'[\"a\",\"\",null,\"\\u00e4,\\\"\"]'", "ARRAY['a','',NULL,'ä,\"']")],
    ),
    (
        nullable("c_nums", array(&Type::Numeric(None))),
        &[("'[0.1000000000000000000001,2]'", "'{0.1000000000000000000001,2.0}'")],
    ),
    (
        nullable("c_squares", array(&Type::Int4)),
        &[("'[[1,2],[3,null]]'", "'{{1,2},{3,NULL}}'"), ("'[[[1]]]'", "'{{{1}}}'")],
    ),
    (
        nullable("c_documents", array(&Type::Jsonb)),
        &[("'[{\"a\":1},[2],true]'", "ARRAY['{\"a\":1}','[2]','true']::jsonb[]")],
    ),
    (
        nullable("c_braces", array(&Type::Text)).stored(Stored::PgArray),
        &[("'{a, \"b c\" ,NULL,\"NULL\"}'", "'{a,\"b c\",NULL,\"NULL\"}'"), ("'{}'", "'{}'")],
    ),
    (
        nullable("c_braced_doubles", array(&Type::Float8)).stored(Stored::PgArray),
        &[("'{{1.5,NaN},{-Infinity,+2}}'", "'{{1.5,NaN},{-Infinity,2}}'")],
    ),
    (
        nullable("c_commas", array(&Type::Text)).stored(Stored::Csv),
        &[("'a,\"b,\"\"\",'", "ARRAY['a','b,\"','']"), ("''", "'{}'")],
    ),
    (nullable("c_moods", array(&MOOD)), &[("'[\"sad\"]'", "'{sad}'")]),
    (
        nullable("c_stamps", array(&Type::Timestamptz)),
        &[("'[\"2024-01-02T03:04:05Z\"]'", "ARRAY['2024-01-02 03:04:05Z'::timestamptz]")],
    ),
];
