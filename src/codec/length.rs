//! `interval` of lengths of time that are stored as text.

use super::calendar::{SECOND, UNIX_DAYS};
use super::decimal::{split_digits, split_sign, trim_white_space};
use super::moment::{Moment, read_fraction, two_digits};
use super::refuse::refuse_showing_shape;
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

/// What PostgreSQL keeps of an interval, before it is looked whether it can.
#[derive(Default)]
struct Length {
    months: i128,
    days: i128,
    micros: i128,
    /// Whether digits below the microsecond were cut.
    cut: bool,
}

/// `interval` stored as the date and time of day that it ends at when it begins with 1970.
///
/// # Errors
/// When the value is anything else (`D19`).
#[inline]
pub fn interval_epoch_date(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_length(out, cell, read_epoch_date, "a date and time of day that count from 1970-01-01")
}

/// `interval` stored as .NET writes it, `[-][d.]hh:mm:ss[.fffffff]`.
///
/// # Errors
/// When the value is anything else (`D19`).
#[inline]
pub fn interval_timespan(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_length(out, cell, read_timespan, "a length of time like 1.02:03:04.5")
}

/// `interval` stored as Python's `str(timedelta)` writes it, `[-]d day[s], h:mm:ss[.ffffff]`.
///
/// # Errors
/// When the value is anything else (`D19`).
#[inline]
pub fn interval_timedelta(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_length(out, cell, read_timedelta, "a length of time like 1 day, 2:03:04.5")
}

/// `interval` stored as a duration of ISO 8601.
///
/// # Errors
/// When the value is anything else, or out of range (`D19`).
#[inline]
pub fn interval_iso_duration(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_length(out, cell, read_iso_duration, "a length of time like P1DT2H3M4.5S")
}

fn put_length(
    out: &mut Out,
    cell: Cell<'_>,
    read: impl FnOnce(&[u8]) -> Option<Length>,
    expected: &'static str,
) -> Result<(), Refused> {
    let text = match cell {
        Cell::Text(text) => Some(trim_white_space(text)),
        _ => None,
    };
    text.and_then(read)
        .and_then(|length| write_length(out, &length))
        .ok_or_else(|| refuse_showing_shape(Id::D19, expected, cell))
}

/// Writes the field, where PostgreSQL has such an interval.
fn write_length(out: &mut Out, length: &Length) -> Option<()> {
    let micros = i64::try_from(length.micros).ok()?;
    let days = i32::try_from(length.days).ok()?;
    let months = i32::try_from(length.months).ok()?;
    // From version 17 on these two are infinite.
    let ends = [(i64::MAX, i32::MAX, i32::MAX), (i64::MIN, i32::MIN, i32::MIN)];
    if ends.contains(&(micros, days, months)) {
        return None;
    }
    out.write_field_with(|bytes| {
        bytes.extend_from_slice(&micros.to_be_bytes());
        bytes.extend_from_slice(&days.to_be_bytes());
        bytes.extend_from_slice(&months.to_be_bytes());
    });
    if length.cut {
        out.add_note(Id::D11);
    }
    Some(())
}

fn read_epoch_date(text: &[u8]) -> Option<Length> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let [b' ' | b'T', clock @ ..] = rest else { return None };
    let days = Moment::parse(date).ok()?.days + UNIX_DAYS;
    let (micros, cut) = read_full_clock(clock)?;
    Some(Length { months: 0, days: days.into(), micros: micros.into(), cut })
}

fn read_timespan(text: &[u8]) -> Option<Length> {
    let (negative, text) = match text {
        [b'-', text @ ..] => (true, text),
        _ => (false, text),
    };
    let (days, clock) = match text {
        [_, _, b':', ..] => (0, text),
        _ => {
            let (days, clock) = read_whole(text, 8)?;
            (days, clock.strip_prefix(b".")?)
        }
    };
    // .NET counts tenths of a microsecond.
    if clock.len() > b"hh:mm:ss.fffffff".len() {
        return None;
    }
    let (micros, cut) = read_full_clock(clock)?;
    let micros = toward_the_past(negative, micros.into(), cut);
    Some(Length { months: 0, days: if negative { -days } else { days }, micros, cut })
}

/// Only the days have a sign: `-1 day, 23:59:59` is a second before nothing.
fn read_timedelta(text: &[u8]) -> Option<Length> {
    let (negative, unsigned) = match text {
        [b'-', unsigned @ ..] => (true, unsigned),
        _ => (false, text),
    };
    let (days, clock) = match read_whole(unsigned, 9)? {
        (_, [b':', ..]) if !negative => (0, text),
        (days, rest) => {
            let word: &[u8] = if days == 1 { b" day, " } else { b" days, " };
            (if negative { -days } else { days }, rest.strip_prefix(word)?)
        }
    };
    let padded = [b"0", clock].concat();
    let clock = if matches!(clock, [_, b':', ..]) { &padded } else { clock };
    // Python counts microseconds.
    if clock.len() > b"hh:mm:ss.ffffff".len() {
        return None;
    }
    let (micros, _) = read_full_clock(clock)?;
    Some(Length { months: 0, days, micros: micros.into(), cut: false })
}

fn read_iso_duration(text: &[u8]) -> Option<Length> {
    let (negative, text) = split_sign(text);
    let mut rest = text.strip_prefix(b"P")?;
    let mut length = Length::default();
    let (mut of_day, mut units, mut found) = (false, b"YMWD".as_slice(), false);
    while !rest.is_empty() {
        if let ([b'T', time @ ..], false) = (rest, of_day) {
            (of_day, units, found, rest) = (true, b"HMS", false, time);
            continue;
        }
        let (minus, part) = split_sign(rest);
        let (size, part) = read_whole(part, 18)?;
        let (fraction, part) = match part {
            [b'.', part @ ..] => read_fraction(part).map(|(read, part)| (Some(read), part)).ok()?,
            _ => (None, part),
        };
        let [unit, after @ ..] = part else { return None };
        let index = units.iter().position(|known| known == unit)?;
        if fraction.is_some() && *unit != b'S' {
            return None;
        }
        units = units.get(index + 1..)?;
        let signed = if negative == minus { size } else { -size };
        match (of_day, unit) {
            (false, b'Y') => length.months += signed * 12,
            (false, b'M') => length.months += signed,
            (false, b'W') => length.days += signed * 7,
            (false, _) => length.days += signed,
            (true, b'H') => length.micros += signed * 3600 * i128::from(SECOND),
            (true, b'M') => length.micros += signed * 60 * i128::from(SECOND),
            (true, _) => {
                let (fraction, cut) = fraction.unwrap_or_default();
                let micros = size * i128::from(SECOND) + i128::from(fraction);
                length.micros += toward_the_past(negative != minus, micros, cut);
                length.cut = cut;
            }
        }
        (found, rest) = (true, after);
    }
    found.then_some(length)
}

/// Reads `HH:MM:SS` with or without a fraction, from 00:00:00 to 23:59:59: microseconds, and
/// whether digits below them were cut.
pub(super) fn read_full_clock(text: &[u8]) -> Option<(i64, bool)> {
    let (clock, rest) = text.split_first_chunk::<8>()?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let hour = two_digits(*h1, *h2).filter(|hour| *hour < 24)?;
    let minute = two_digits(*m1, *m2).filter(|minute| *minute < 60)?;
    let second = two_digits(*s1, *s2).filter(|second| *second < 60)?;
    let (fraction, cut) = match rest {
        [] => (0, false),
        [b'.', digits @ ..] => match read_fraction(digits) {
            Ok((fraction, [])) => fraction,
            _ => return None,
        },
        _ => return None,
    };
    Some((i64::from(hour * 3600 + minute * 60 + second) * SECOND + fraction, cut))
}

/// Reads a whole number of at most so many digits.
fn read_whole(text: &[u8], most: usize) -> Option<(i128, &[u8])> {
    let (digits, rest) = split_digits(text).filter(|(digits, _)| digits.len() <= most)?;
    let value = digits.iter().fold(0, |value, digit| value * 10 + i128::from(digit - b'0'));
    Some((value, rest))
}

fn toward_the_past(negative: bool, micros: i128, cut: bool) -> i128 {
    if negative { -micros - i128::from(cut) } else { micros }
}
