//! Times and lengths of time that are stored as numbers.

use super::calendar::{DAY, UNIX_DAYS, in_range};
use super::decimal::{Decimal, Printed};
use super::refuse::refuse_showing_shape;
use super::times::{put_date, put_timestamp};
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

/// From 1970-01-01 to 2000-01-01 in microseconds.
const UNIX: i64 = UNIX_DAYS * DAY;
/// From 2001-01-01.
const APPLE: i64 = -366 * DAY;
/// From 1601-01-01.
const YEAR_1601: i64 = 145_731 * DAY;
/// From 0001-01-01.
const YEAR_1: i64 = 730_119 * DAY;

/// Julian days end before the year 10000, where SQLite's date functions end.
const JULIAN_END: f64 = 5_373_484.5;
/// The Julian day of 2000-01-01 00:00.
const JULIAN_2000: f64 = 2_451_544.5;

/// The OLE day of 2000-01-01; day 0 is 1899-12-30.
const OLE_2000: f64 = 36_526.0;
/// OLE days go from the year 100 up to but without the year 10000.
const OLE_FIRST: f64 = -657_434.0;
const OLE_END: f64 = 2_958_466.0;

/// A unit: ten to the power of this many are a microsecond (or less, below zero).
#[derive(Clone, Copy)]
struct Unit(i8);

const S: Unit = Unit(6);
const MS: Unit = Unit(3);
const US: Unit = Unit(0);
/// What Windows and .NET count in.
const TENTHS_US: Unit = Unit(-1);
const NS: Unit = Unit(-3);

impl Unit {
    /// Whole microseconds, cut toward the past, and whether something was cut.
    ///
    /// In 128 bits: the last years that PostgreSQL has are beyond 64 bits from 1970 on.
    #[inline]
    fn to_micros(self, value: i64) -> (i128, bool) {
        let value = i128::from(value);
        match self.0 {
            6 => (value * 1_000_000, false),
            3 => (value * 1000, false),
            0 => (value, false),
            -1 => (value.div_euclid(10), value.rem_euclid(10) != 0),
            _ => (value.div_euclid(1000), value.rem_euclid(1000) != 0),
        }
    }
}

/// Declares the codecs of one count: they differ in nothing but the unit and the first day.
macro_rules! count {
    ($unit:expr, $word:literal, $first:expr, $day:literal, $date:ident, $timestamp:ident,
     $timestamptz:ident) => {
        #[doc = concat!("`timestamp` stored as ", $word, " from ", $day, " 00:00 UTC.")]
        ///
        /// # Errors
        /// When the value is no number (`D6`, `S1`) or out of range (`D10`).
        #[inline]
        pub fn $timestamp(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            let expected = concat!("a number of ", $word, " from ", $day);
            put_count_as_time(out, cell, $unit, $first)
                .map_err(|id| refuse_showing_shape(id, expected, cell))
        }

        #[doc = concat!("`timestamptz` stored as ", $word, " from ", $day, " 00:00 UTC.")]
        ///
        /// # Errors
        /// When the value is no number (`D6`, `S1`) or out of range (`D10`).
        #[inline]
        pub fn $timestamptz(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            $timestamp(out, cell)
        }

        #[doc = concat!("`date` stored as ", $word, " from ", $day, ", whole days of them.")]
        ///
        /// # Errors
        /// When the value is no integer (`D6`), no whole day (`D18`) or out of range (`D10`).
        #[inline]
        pub fn $date(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            let expected = concat!("whole days in ", $word, " from ", $day);
            put_count_as_date(out, cell, $unit, $first)
                .map_err(|id| refuse_showing_shape(id, expected, cell))
        }
    };
}

count!(S, "seconds", UNIX, "1970-01-01", date_unix_s, timestamp_unix_s, timestamptz_unix_s);
count!(
    MS,
    "milliseconds",
    UNIX,
    "1970-01-01",
    date_unix_ms,
    timestamp_unix_ms,
    timestamptz_unix_ms
);
count!(
    US,
    "microseconds",
    UNIX,
    "1970-01-01",
    date_unix_us,
    timestamp_unix_us,
    timestamptz_unix_us
);
count!(NS, "nanoseconds", UNIX, "1970-01-01", date_unix_ns, timestamp_unix_ns, timestamptz_unix_ns);
count!(S, "seconds", APPLE, "2001-01-01", date_apple_s, timestamp_apple_s, timestamptz_apple_s);
count!(
    NS,
    "nanoseconds",
    APPLE,
    "2001-01-01",
    date_apple_ns,
    timestamp_apple_ns,
    timestamptz_apple_ns
);
count!(
    US,
    "microseconds",
    YEAR_1601,
    "1601-01-01",
    date_webkit_us,
    timestamp_webkit_us,
    timestamptz_webkit_us
);
count!(
    TENTHS_US,
    "tenths of a microsecond",
    YEAR_1601,
    "1601-01-01",
    date_filetime,
    timestamp_filetime,
    timestamptz_filetime
);
count!(
    TENTHS_US,
    "tenths of a microsecond",
    YEAR_1,
    "0001-01-01",
    date_dotnet_ticks,
    timestamp_dotnet_ticks,
    timestamptz_dotnet_ticks
);

/// `first` is what lies between the first day and 2000-01-01, in microseconds.
#[inline]
fn put_count_as_time(out: &mut Out, cell: Cell<'_>, unit: Unit, first: i64) -> Result<(), Id> {
    let (micros, cut) = match cell {
        Cell::Integer(value) => unit.to_micros(value),
        _ => read_unusual_count(out, cell, unit)?,
    };
    let micros = i64::try_from(micros - i128::from(first)).map_err(|_| Id::D10)?;
    put_timestamp(out, micros).ok_or(Id::D10)?;
    if cut {
        out.add_note(Id::D11);
    }
    Ok(())
}

/// A number that is not stored as an integer.
#[inline(never)]
fn read_unusual_count(out: &mut Out, cell: Cell<'_>, unit: Unit) -> Result<(i128, bool), Id> {
    let shift = i64::from(unit.0);
    match cell {
        Cell::Real(value) if value.is_finite() => {
            let printed = Printed::shortest(value);
            Decimal::parse(printed.as_bytes()).ok_or(Id::D6)?.scaled_floor(shift).ok_or(Id::D10)
        }
        Cell::Real(_) => Err(Id::D10),
        Cell::Text(bytes) => {
            let number = Decimal::from_text(bytes).filter(|number| !number.has_exponent());
            let micros = number.ok_or(Id::D6)?.scaled_floor(shift).ok_or(Id::D10)?;
            out.add_note(Id::S2);
            Ok(micros)
        }
        Cell::Integer(_) | Cell::Null | Cell::Blob(_) => Err(Id::S1),
    }
}

/// `timestamp` stored as a Julian day number, to the nearest millisecond as SQLite reads it.
///
/// # Errors
/// When the value is no number or not within SQLite's days (`D7`).
#[inline]
pub fn timestamp_julian(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_julian(out, cell).ok_or_else(|| refuse_showing_shape(Id::D7, "a Julian day number", cell))
}

/// `timestamptz` stored as a Julian day number.
///
/// # Errors
/// As [`timestamp_julian`].
#[inline]
pub fn timestamptz_julian(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    timestamp_julian(out, cell)
}

fn put_julian(out: &mut Out, cell: Cell<'_>) -> Option<()> {
    let day = julian_day_number(cell)?;
    // What SQLite's date functions compute; both results are far below 2^53.
    let millis = (day * 86_400_000.0 + 0.5).floor() as i64;
    let millis_2000 = (JULIAN_2000 * 86_400_000.0) as i64;
    put_timestamp(out, (millis - millis_2000) * 1000)
}

/// A day number for which SQLite has a date.
fn julian_day_number(cell: Cell<'_>) -> Option<f64> {
    let day = match cell {
        Cell::Integer(value) => f64::from(i32::try_from(value).ok()?),
        Cell::Real(value) => value,
        _ => return None,
    };
    (0.0..JULIAN_END).contains(&day).then_some(day)
}

fn put_count_as_date(out: &mut Out, cell: Cell<'_>, unit: Unit, first: i64) -> Result<(), Id> {
    let Cell::Integer(value) = cell else { return Err(Id::D6) };
    let (micros, cut) = unit.to_micros(value);
    let micros = i64::try_from(micros - i128::from(first)).ok();
    let micros = micros.filter(|micros| in_range(*micros)).ok_or(Id::D10)?;
    if cut || micros % DAY != 0 {
        return Err(Id::D18);
    }
    put_date(out, micros / DAY).ok_or(Id::D10)
}

/// `date` stored as the Julian day number of its midnight.
///
/// # Errors
/// When the value is no such number (`D7`) or no midnight (`D18`).
#[inline]
pub fn date_julian(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_julian_date(out, cell)
        .map_err(|id| refuse_showing_shape(id, "the Julian day number of a midnight", cell))
}

fn put_julian_date(out: &mut Out, cell: Cell<'_>) -> Result<(), Id> {
    let days = julian_day_number(cell).ok_or(Id::D7)? - JULIAN_2000;
    if days.trunc() != days {
        return Err(Id::D18);
    }
    put_date(out, days as i64).ok_or(Id::D7)
}

/// `timestamp` stored as a day number of OLE automation and of spreadsheets, to the nearest
/// millisecond. Day 0 is 1899-12-30; from 1900-03-01, day 61, on spreadsheets count alike.
///
/// # Errors
/// When the value is no such number, or one before day 0 with a time of day, which OLE automation
/// and spreadsheets read in two ways (`D7`).
#[inline]
pub fn timestamp_ole_day(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_ole(out, cell)
        .ok_or_else(|| refuse_showing_shape(Id::D7, "a day number from 1899-12-30", cell))
}

/// `timestamptz` stored as a day number of OLE automation.
///
/// # Errors
/// As [`timestamp_ole_day`].
#[inline]
pub fn timestamptz_ole_day(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    timestamp_ole_day(out, cell)
}

/// `date` stored as a day number of OLE automation.
///
/// # Errors
/// When the value is no such number (`D7`) or no whole one (`D18`).
#[inline]
pub fn date_ole_day(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_ole_date(out, cell)
        .map_err(|id| refuse_showing_shape(id, "a whole day number from 1899-12-30", cell))
}

fn put_ole(out: &mut Out, cell: Cell<'_>) -> Option<()> {
    let day = ole_day_number(cell).filter(|day| *day >= 0.0 || day.trunc() == *day)?;
    // Far below 2^53.
    let millis = (day * 86_400_000.0 + 0.5).floor() as i64;
    let millis_2000 = (OLE_2000 * 86_400_000.0) as i64;
    put_timestamp(out, (millis - millis_2000) * 1000)
}

fn put_ole_date(out: &mut Out, cell: Cell<'_>) -> Result<(), Id> {
    let day = ole_day_number(cell).ok_or(Id::D7)?;
    if day.trunc() != day {
        return Err(Id::D18);
    }
    put_date(out, (day - OLE_2000) as i64).ok_or(Id::D7)
}

fn ole_day_number(cell: Cell<'_>) -> Option<f64> {
    let day = match cell {
        Cell::Integer(value) => f64::from(i32::try_from(value).ok()?),
        Cell::Real(value) => value,
        _ => return None,
    };
    (OLE_FIRST..OLE_END).contains(&day).then_some(day)
}

/// Declares `interval` codecs.
macro_rules! interval {
    ($unit:expr, $word:literal, $name:ident) => {
        #[doc = concat!("`interval` stored as a count of ", $word, ".")]
        ///
        /// # Errors
        /// When the value is no integer or out of range (`D19`).
        #[inline]
        pub fn $name(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            let expected = concat!("a whole number of ", $word);
            put_interval(out, cell, $unit)
                .ok_or_else(|| refuse_showing_shape(Id::D19, expected, cell))
        }
    };
}

interval!(NS, "nanoseconds", interval_ns);
interval!(US, "microseconds", interval_us);
interval!(MS, "milliseconds", interval_ms);
interval!(S, "seconds", interval_s);

/// Writes the field: microseconds, days, months.
#[inline]
fn put_interval(out: &mut Out, cell: Cell<'_>, unit: Unit) -> Option<()> {
    let Cell::Integer(value) = cell else { return None };
    let (micros, cut) = unit.to_micros(value);
    let micros = i64::try_from(micros).ok()?;
    out.write_field_with(|bytes| {
        bytes.extend_from_slice(&micros.to_be_bytes());
        bytes.extend_from_slice(&[0; 8]);
    });
    if cut {
        out.add_note(Id::D11);
    }
    Some(())
}
