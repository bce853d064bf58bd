//! Reading times from text: dates, clocks and offsets by the rules of `docs/conversions.md`.
//!
//! One pass from left to right over slices; the usual forms (RFC 3339, SQLite's own, Go's) never
//! leave the first arm of a match. What a text means for a column is left to `times`.

use super::calendar::{DAY, SECOND, day_number};
use super::decimal::{split_digits, trim_white_space};
use crate::diagnostic::Id;

/// The last year of a PostgreSQL `timestamp`.
const YEAR_MAX: u32 = 294_276;

/// What text says, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Days from 2000-01-01 as written.
    pub days: i64,
    /// Whether the year has more than four digits.
    pub long_year: bool,
    /// The time of day, when there is one.
    pub clock: Option<Clock>,
    /// The offset in seconds, when there is one.
    pub offset: Option<i64>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Microseconds from midnight, a day or more where it rolled over.
    pub micros: i64,
    /// Whether digits below the microsecond were cut.
    pub cut: bool,
    /// What was written beyond 23:59:59.
    pub beyond: Option<Beyond>,
}

/// The two clocks that are read though no clock shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// `24:00:00`
    Midnight,
    /// A second 60.
    Second,
}

/// What is left to read, behind what was read; or the id of the finding.
type Read<'a, T> = Result<(T, &'a [u8]), Id>;

impl Moment {
    /// Reads a date, and a time and an offset when they follow.
    pub fn parse(text: &[u8]) -> Result<Moment, Id> {
        let text = trim_white_space(text);
        let ((days, long_year), rest) = read_date(text)?;
        let (clock, offset) = match rest {
            [] => (None, None),
            [b'T' | b't', rest @ ..] => read_time_of_day(rest)?,
            [b' ', ..] => match strip_monotonic(rest) {
                [] => (None, None),
                rest => read_time_of_day(trim_end_spaces(rest))?,
            },
            _ => return Err(Id::D16),
        };
        Ok(Moment { days, long_year, clock, offset })
    }
}

impl Clock {
    /// Reads a time of day and nothing else.
    pub fn parse(text: &[u8]) -> Result<Clock, Id> {
        let text = trim_white_space(text);
        match text {
            [b'0'..=b'9', b'0'..=b'9', b':', ..] => {
                let (clock, rest) = read_clock(text)?;
                if rest.is_empty() { Ok(clock) } else { Err(Id::D16) }
            }
            _ => Err(unreadable_id(text)),
        }
    }
}

fn read_time_of_day(text: &[u8]) -> Result<(Option<Clock>, Option<i64>), Id> {
    let (clock, rest) = read_clock(text)?;
    Ok((Some(clock), read_offset(rest)?))
}

/// Reads `YYYY-MM-DD`, with up to six digits for the year.
#[inline]
fn read_date(text: &[u8]) -> Read<'_, (i64, bool)> {
    let (year, [b'-', m1, m2, b'-', d1, d2, rest @ ..]) = read_year(text)? else {
        return Err(Id::D16);
    };
    let (Some(month), Some(of_month)) = (two_digits(*m1, *m2), two_digits(*d1, *d2)) else {
        return Err(Id::D16);
    };
    let (year, long) = year;
    if year == 0 {
        return Err(Id::D9);
    }
    if year > YEAR_MAX {
        return Err(Id::D10);
    }
    Ok(((day_number(year, month, of_month).ok_or(Id::D13)?, long), rest))
}

#[inline]
fn read_year(text: &[u8]) -> Read<'_, (u32, bool)> {
    if let Some((&[a, b, c, d], rest)) = text.split_first_chunk()
        && rest.first() == Some(&b'-')
        && let (Some(high), Some(low)) = (two_digits(a, b), two_digits(c, d))
    {
        return Ok(((high * 100 + low, false), rest));
    }
    read_unusual_year(text)
}

#[inline(never)]
fn read_unusual_year(text: &[u8]) -> Read<'_, (u32, bool)> {
    let (year, rest) = split_digits(text).ok_or_else(|| unreadable_id(text))?;
    if !(5..=6).contains(&year.len()) || !rest.starts_with(b"-") {
        return Err(unreadable_id(text));
    }
    let year = year.iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
    Ok(((year, true), rest))
}

/// The id for text that does not begin as a date or a clock does.
#[cold]
fn unreadable_id(text: &[u8]) -> Id {
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let slashed = text.iter().filter(|byte| **byte == b'/').count() == 2;
    if text.is_empty() {
        Id::T9
    } else if unsigned.iter().all(u8::is_ascii_alphabetic) && !unsigned.is_empty() {
        Id::D14
    } else if text.starts_with(b"-") {
        Id::D9
    } else if slashed && text.first().is_some_and(u8::is_ascii_digit) {
        Id::D15
    } else {
        Id::D16
    }
}

/// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff…`.
#[inline]
fn read_clock(text: &[u8]) -> Read<'_, Clock> {
    let [h1, h2, b':', m1, m2, rest @ ..] = text else { return Err(Id::D16) };
    let (Some(hour), Some(minute)) = (two_digits(*h1, *h2), two_digits(*m1, *m2)) else {
        return Err(Id::D16);
    };
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (two_digits(*s1, *s2).ok_or(Id::D16)?, rest),
        _ => (0, rest),
    };
    let ((fraction, below), rest) = match rest {
        // A fraction belongs to seconds: `HH:MM` has none.
        [b'.', rest @ ..] if text.get(5) == Some(&b':') => read_fraction(rest)?,
        _ => ((0, false), rest),
    };
    let micros = i64::from(hour * 3600 + minute * 60 + second) * SECOND + fraction;
    let beyond = if hour > 23 || minute > 59 || second > 59 {
        if micros == DAY && minute == 0 && second == 0 && !below {
            Some(Beyond::Midnight)
        } else if hour < 24 && minute < 60 && second == 60 {
            Some(Beyond::Second)
        } else {
            return Err(Id::D13);
        }
    } else {
        None
    };
    Ok((Clock { micros, cut: below, beyond }, rest))
}

/// Reads up to 18 digits: the microseconds, and whether a digit below them is not 0.
#[inline]
pub(super) fn read_fraction(text: &[u8]) -> Read<'_, (i64, bool)> {
    let (mut micros, mut unit, mut below, mut length) = (0, SECOND / 10, false, 0);
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        micros += i64::from(digit) * unit;
        below |= unit == 0 && digit != 0;
        unit /= 10;
        length += 1;
    }
    match text.split_at_checked(length) {
        Some((_, rest)) if (1..=18).contains(&length) => Ok(((micros, below), rest)),
        _ => Err(Id::D16),
    }
}

/// Reads what follows the time of day, to the end.
#[inline]
fn read_offset(text: &[u8]) -> Result<Option<i64>, Id> {
    match text {
        [] => Ok(None),
        b"Z" | b"+00:00" | b" +0000 UTC" => Ok(Some(0)),
        [b'+' | b'-', _, _, b':', _, _] => match read_numeric_offset(text) {
            Some((offset, [])) => Ok(Some(offset)),
            _ => Err(Id::D16),
        },
        _ => read_unusual_offset(text),
    }
}

#[inline(never)]
fn read_unusual_offset(text: &[u8]) -> Result<Option<i64>, Id> {
    let text = trim_end_spaces(strip_monotonic(text));
    match text {
        [] => return Ok(None),
        b"Z" | b"z" | b"UTC" | b"GMT" => return Ok(Some(0)),
        name if name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'/') => {
            return Err(Id::D3);
        }
        _ => {}
    }
    let (offset, rest) = read_numeric_offset(text).ok_or(Id::D16)?;
    let ignored = match rest {
        [] => true,
        [b' ', name @ ..] if name.iter().all(u8::is_ascii_alphabetic) => {
            (2..=6).contains(&name.len())
        }
        [b' ', again @ ..] => read_numeric_offset(again).is_some_and(|(_, rest)| rest.is_empty()),
        _ => false,
    };
    if ignored { Ok(Some(offset)) } else { Err(Id::D16) }
}

/// Reads a sign and `HH`, `HHMM`, `HH:MM`, `HHMMSS` or `HH:MM:SS`.
fn read_numeric_offset(text: &[u8]) -> Option<(i64, &[u8])> {
    let [sign @ (b'+' | b'-'), h1, h2, rest @ ..] = text else { return None };
    let hours = two_digits(*h1, *h2)?;
    let (minutes, seconds, rest) = match rest {
        [b':', m1, m2, b':', s1, s2, rest @ ..] => {
            (two_digits(*m1, *m2)?, two_digits(*s1, *s2)?, rest)
        }
        [b':', m1, m2, rest @ ..] => (two_digits(*m1, *m2)?, 0, rest),
        [m1 @ b'0'..=b'9', m2, s1 @ b'0'..=b'9', s2, rest @ ..] => {
            (two_digits(*m1, *m2)?, two_digits(*s1, *s2)?, rest)
        }
        [m1 @ b'0'..=b'9', m2, rest @ ..] => (two_digits(*m1, *m2)?, 0, rest),
        _ => (0, 0, rest),
    };
    if hours > 15 || minutes > 59 || seconds > 59 {
        return None;
    }
    let size = i64::from(hours * 3600 + minutes * 60 + seconds);
    Some((if *sign == b'-' { -size } else { size }, rest))
}

/// Takes Go's monotonic reading off the end: ` m=+0.123`.
fn strip_monotonic(text: &[u8]) -> &[u8] {
    let reading = |tail: &[u8]| {
        let [b' ', b'm', b'=', b'+' | b'-', number @ ..] = tail else { return false };
        let Some((_, [b'.', fraction @ ..])) = split_digits(number) else { return false };
        split_digits(fraction).is_some_and(|(_, rest)| rest.is_empty())
    };
    let start = text.windows(3).rposition(|start| start == b" m=");
    match start.and_then(|start| text.split_at_checked(start)) {
        Some((before, tail)) if reading(tail) => before,
        _ => text,
    }
}

fn trim_end_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    text
}

/// Two digits.
#[inline]
pub(super) fn two_digits(high: u8, low: u8) -> Option<u32> {
    let (high, low) = (high.wrapping_sub(b'0'), low.wrapping_sub(b'0'));
    (high <= 9 && low <= 9).then(|| u32::from(high) * 10 + u32::from(low))
}
