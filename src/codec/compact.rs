//! Dates and times that are stored as digits alone: 20240102, 202401020304, 20240102030405. SQLite
//! makes numbers of such texts in most columns, so that both are taken.

use super::calendar::{DAY, SECOND, day_number};
use super::decimal::{Printed, trim_white_space};
use super::refuse::refuse_showing_shape;
use super::times::{put_date, put_timestamp};
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

/// Declares the codecs of one form; `$length` is how many digits it has.
macro_rules! compact {
    ($length:literal, $form:literal, $date:ident, $timestamp:ident, $timestamptz:ident) => {
        #[doc = concat!("`timestamp` stored as ", $form, ", the time of UTC.")]
        ///
        /// # Errors
        /// When the value has other digits (`D16`, `S1`), or there is no such time (`D9`, `D13`).
        #[inline]
        pub fn $timestamp(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            put_compact_moment(out, cell, $length)
                .map_err(|id| refuse_showing_shape(id, concat!("a time as ", $form), cell))
        }

        #[doc = concat!("`timestamptz` stored as ", $form, ", the time of UTC.")]
        ///
        /// # Errors
        /// When the value has other digits (`D16`, `S1`), or there is no such time (`D9`, `D13`).
        #[inline]
        pub fn $timestamptz(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            $timestamp(out, cell)
        }

        #[doc = concat!("`date` stored as ", $form, ", a midnight.")]
        ///
        /// # Errors
        /// When the value has other digits (`D16`, `S1`), there is no such time (`D9`, `D13`), or
        /// it is no midnight (`D18`).
        #[inline]
        pub fn $date(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
            put_compact_date(out, cell, $length)
                .map_err(|id| refuse_showing_shape(id, concat!("a date as ", $form), cell))
        }
    };
}

compact!(8, "YYYYMMDD", date_yyyymmdd, timestamp_yyyymmdd, timestamptz_yyyymmdd);
compact!(12, "YYYYMMDDHHMM", date_yyyymmddhhmm, timestamp_yyyymmddhhmm, timestamptz_yyyymmddhhmm);
compact!(
    14,
    "YYYYMMDDHHMMSS",
    date_yyyymmddhhmmss,
    timestamp_yyyymmddhhmmss,
    timestamptz_yyyymmddhhmmss
);

fn put_compact_moment(out: &mut Out, cell: Cell<'_>, length: usize) -> Result<(), Id> {
    let (days, seconds) = read_compact(cell, length)?;
    put_timestamp(out, days * DAY + seconds * SECOND).ok_or(Id::D10)
}

fn put_compact_date(out: &mut Out, cell: Cell<'_>, length: usize) -> Result<(), Id> {
    let (days, seconds) = read_compact(cell, length)?;
    if seconds != 0 {
        return Err(Id::D18);
    }
    put_date(out, days).ok_or(Id::D10)
}

/// Days from 2000-01-01, and seconds from midnight.
fn read_compact(cell: Cell<'_>, length: usize) -> Result<(i64, i64), Id> {
    let printed = match cell {
        Cell::Integer(value) => Printed::from_arguments(format_args!("{value}")),
        // A column of doubles holds such digits exactly, and prints them without a fraction.
        Cell::Real(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
            Printed::from_arguments(format_args!("{value}"))
        }
        Cell::Real(_) => return Err(Id::D16),
        Cell::Text(bytes) => return split_digits(trim_white_space(bytes), length),
        Cell::Null | Cell::Blob(_) => return Err(Id::S1),
    };
    split_digits(printed.as_bytes(), length)
}

fn split_digits(bytes: &[u8], length: usize) -> Result<(i64, i64), Id> {
    if bytes.is_empty() {
        return Err(Id::T9);
    }
    if bytes.len() != length || !bytes.iter().all(u8::is_ascii_digit) {
        return Err(Id::D16);
    }
    let part = |from: usize, to: usize| {
        let digits = bytes.get(from..to).unwrap_or_default();
        digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let year = part(0, 4);
    if year == 0 {
        return Err(Id::D9);
    }
    let days = day_number(year, part(4, 6), part(6, 8)).ok_or(Id::D13)?;
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Id::D13);
    }
    Ok((days, i64::from(hour * 3600 + minute * 60 + second)))
}
