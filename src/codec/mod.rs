//! The codecs: one function per (type, stored) pair, from a SQLite value to a binary COPY field.
//!
//! A codec takes a value exactly or refuses it; it never guesses, rounds or clamps. What it may
//! change without loss (digits below the microsecond cut toward the past are the one exception,
//! see [`Out::add_note`]) it notes, and the notes are counted. NULL never reaches a codec:
//! [`Row`] writes it, or refuses it where the column must have a value. The rules are those of
//! `docs/conversions.md`, no more and no fewer.
//!
//! Plain codecs are functions, `codec::int8`; those with parameters are functions that return
//! one, `codec::varchar(64)`. Generated code names them; [`encode_value`] finds the same ones for a
//! column that is known only at run time.
//!
//! Reading tables, naming keys and sending buffers is left to `copy`. Verification shares nothing
//! with this module on purpose.

mod array;
mod array_text;
mod bytes;
mod calendar;
mod compact;
pub(crate) mod decimal;
mod dispatch;
mod epoch;
mod inet;
mod json;
mod label;
mod length;
pub(crate) mod moment;
mod number;
mod numeric;
mod out;
mod print;
mod refuse;
mod row;
mod scan;
mod text;
mod times;
mod uuid;

pub use crate::diagnostic::Refused;
pub use array::array;
pub use array_text::{array_csv, array_literal};
pub use bytes::{
    base64_of_blob, base64_of_blob_within, bytea_base64, bytea_hex, hex_of_blob, hex_of_blob_within,
};
pub use compact::{
    date_yyyymmdd, date_yyyymmddhhmm, date_yyyymmddhhmmss, timestamp_yyyymmdd,
    timestamp_yyyymmddhhmm, timestamp_yyyymmddhhmmss, timestamptz_yyyymmdd,
    timestamptz_yyyymmddhhmm, timestamptz_yyyymmddhhmmss,
};
pub use dispatch::encode_value;
pub use epoch::{
    date_apple_ns, date_apple_s, date_dotnet_ticks, date_filetime, date_julian, date_ole_day,
    date_unix_ms, date_unix_ns, date_unix_s, date_unix_us, date_webkit_us, interval_ms,
    interval_ns, interval_s, interval_us, timestamp_apple_ns, timestamp_apple_s,
    timestamp_dotnet_ticks, timestamp_filetime, timestamp_julian, timestamp_ole_day,
    timestamp_unix_ms, timestamp_unix_ns, timestamp_unix_s, timestamp_unix_us, timestamp_webkit_us,
    timestamptz_apple_ns, timestamptz_apple_s, timestamptz_dotnet_ticks, timestamptz_filetime,
    timestamptz_julian, timestamptz_ole_day, timestamptz_unix_ms, timestamptz_unix_ns,
    timestamptz_unix_s, timestamptz_unix_us, timestamptz_webkit_us,
};
pub use inet::{cidr, inet};
pub use json::{json, jsonb};
pub use label::label;
pub use length::{
    interval_epoch_date, interval_iso_duration, interval_timedelta, interval_timespan,
};
pub use number::{
    boolean, boolean_blob, float4, float4_or_word, float8, float8_or_word, int2, int4, int8,
};
pub use numeric::{numeric, numeric_or_word, numeric_within, numeric_within_or_word};
pub use out::Out;
pub use row::{Refusal, Row, Watch};
pub(crate) use scan::Scanner;
pub use text::{bytea, character, text, varchar};
pub use times::{date, time, time_rails, timestamp, timestamptz, timestamptz_utc};
pub use uuid::{uuid, uuid_blob, uuid_guid_le};

/// One value as SQLite holds it.
pub type Cell<'a> = rusqlite::types::ValueRef<'a>;

/// A codec with its parameters bound: what a column is encoded by.
pub trait Codec: Fn(&mut Out, Cell<'_>) -> Result<(), Refused> {}

impl<F: Fn(&mut Out, Cell<'_>) -> Result<(), Refused>> Codec for F {}
