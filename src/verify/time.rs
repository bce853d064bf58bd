//! Times as text and as numbers, brought to microseconds and days since 2000-01-01.
//!
//! The calendar is jiff's; the grammar is that of `docs/conversions.md`, which is wider in some
//! places (Go's `Time.String`) and narrower in others than what jiff reads. Which parts a column
//! needs is left to the reader of values.

use super::Unread;
use jiff::civil::{Date, date};

/// Microseconds in a day.
pub const DAY: i64 = 86_400_000_000;
/// From 1970-01-01 to 2000-01-01, in days.
pub const UNIX_DAYS: i64 = 10_957;
/// From the Julian day number 0 to 1970-01-01, in milliseconds.
const JULIAN_MS: i64 = 210_866_760_000_000;
/// PostgreSQL's range of `timestamp`: Julian day 0, and the end of the year 294276.
const FIRST: i128 = -211_813_488_000_000_000;
const LAST: i128 = 9_223_371_331_200_000_000 - 1;

const EPOCH: Date = date(2000, 1, 1);

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Days since 2000-01-01 of the date as it is written.
    pub days: i64,
    /// Microseconds since midnight; up to and including 24:00:00.
    pub time: Option<i64>,
    /// Seconds east of Greenwich.
    pub offset: Option<i64>,
}

impl Written {
    /// Microseconds since 2000-01-01, in UTC where an offset is written.
    ///
    /// # Errors
    /// When PostgreSQL has no such time.
    pub fn to_micros(self) -> Result<i64, Unread> {
        let local = i128::from(self.days) * i128::from(DAY) + i128::from(self.time.unwrap_or(0));
        micros_in_range(local - i128::from(self.offset.unwrap_or(0)) * 1_000_000)
    }
}

/// A time that PostgreSQL has.
///
/// # Errors
/// When it does not.
pub fn micros_in_range(micros: i128) -> Result<i64, Unread> {
    if (FIRST..=LAST).contains(&micros) { Ok(micros as i64) } else { Err("a time out of range") }
}

/// Microseconds since 2000 of a Julian day number, by the millisecond that SQLite would show.
///
/// # Errors
/// When SQLite's date functions do not take the number either.
pub fn julian_day_to_micros(day: f64) -> Result<i64, Unread> {
    if !(0.0..=5_373_484.5).contains(&day) {
        return Err("not a Julian day number");
    }
    let ms = (day * 86_400_000.0 + 0.5).floor() as i64;
    micros_in_range(i128::from(ms - JULIAN_MS) * 1000 - i128::from(UNIX_DAYS * DAY))
}

/// Microseconds since 2000 of a day number of OLE automation, to the millisecond.
///
/// # Errors
/// When it is none from the year 100 to the year 9999, or has a time of day before day 0.
pub fn ole_day_to_micros(day: f64) -> Result<i64, Unread> {
    let is_integer = day.fract() == 0.0;
    if !(-657_434.0..2_958_466.0).contains(&day) || day < 0.0 && !is_integer {
        return Err("not a day number of OLE automation");
    }
    let ms = (day * 86_400_000.0 + 0.5).floor() as i64;
    // 2000-01-01 is day 36526.
    micros_in_range(i128::from(ms) * 1000 - 36_526 * i128::from(DAY))
}

/// Reads a date with or without a time and an offset.
///
/// # Errors
/// When it is anything else.
pub fn read_time(text: &[u8]) -> Result<Written, Unread> {
    let mut cursor = Cursor { rest: text };
    let days = cursor.read_date()?;
    let mut written = Written { days, time: None, offset: None };
    if let Some(rest) = cursor.rest.strip_prefix(b" m=") {
        cursor.rest = rest;
        cursor.skip_monotonic()?;
    }
    if cursor.rest.is_empty() {
        return Ok(written);
    }
    if !cursor.eat_any(b"Tt") && cursor.skip_spaces() == 0 {
        return Err("not a time");
    }
    written.time = Some(cursor.read_clock()?);
    if !cursor.rest.is_empty() {
        written.offset = cursor.read_offset()?;
    }
    Ok(written)
}

/// Reads a time of day alone.
///
/// # Errors
/// When it is anything else.
pub fn read_clock(text: &[u8]) -> Result<i64, Unread> {
    let mut cursor = Cursor { rest: text };
    let clock = cursor.read_clock()?;
    if cursor.rest.is_empty() && clock <= DAY { Ok(clock) } else { Err("not a time of day") }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn read_date(&mut self) -> Result<i64, Unread> {
        let before = self.rest.len();
        let mut year: i64 = 0;
        while let Some((digit @ b'0'..=b'9', rest)) = self.rest.split_first() {
            year = year.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
            self.rest = rest;
        }
        let digits = before - self.rest.len();
        if !(4..=6).contains(&digits) || !(1..=294_276).contains(&year) {
            return Err("not a date");
        }
        let month = self
            .expect_byte(b'-')
            .and_then(|()| self.read_two_digits(12))
            .map_err(|_| "not a date")?;
        let day = self
            .expect_byte(b'-')
            .and_then(|()| self.read_two_digits(31))
            .map_err(|_| "not a date")?;
        // The calendar repeats every 400 years, jiff's ends with the year 9999.
        let cycles = (year - 2000).div_euclid(400).max(0);
        let within = i16::try_from(year - cycles * 400).map_err(|_| "not a date")?;
        let date = Date::new(within, month as i8, day as i8).map_err(|_| "no such day")?;
        Ok(date.duration_since(EPOCH).as_hours() / 24 + cycles * 146_097)
    }

    /// Microseconds since midnight; second 60 and 24:00:00 are what follows them.
    fn read_clock(&mut self) -> Result<i64, Unread> {
        let hour = self.read_two_digits(24)?;
        self.expect_byte(b':')?;
        let minute = self.read_two_digits(59)?;
        let (mut second, mut micros, mut zeros) = (0, 0, true);
        if self.eat_any(b":") {
            second = self.read_two_digits(60)?;
            if self.eat_any(b".") {
                (micros, zeros) = self.read_fraction()?;
            }
        }
        if hour == 24 && (minute, second, zeros) != (0, 0, true) {
            return Err("no such time of day");
        }
        Ok(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
    }

    /// Microseconds, and whether all the digits are zeros.
    fn read_fraction(&mut self) -> Result<(i64, bool), Unread> {
        let (mut micros, mut count, mut zeros) = (0, 0, true);
        while let Some((digit @ b'0'..=b'9', rest)) = self.rest.split_first() {
            zeros &= *digit == b'0';
            if count < 6 {
                micros = micros * 10 + i64::from(digit - b'0');
            }
            count += 1;
            self.rest = rest;
        }
        for _ in count..6 {
            micros *= 10;
        }
        if (1..=18).contains(&count) { Ok((micros, zeros)) } else { Err("not a time") }
    }

    /// What follows the time of day, to the end.
    fn read_offset(&mut self) -> Result<Option<i64>, Unread> {
        let mut offset = None;
        if !self.rest.starts_with(b" m=") {
            self.skip_spaces();
            offset = Some(self.read_zone()?);
        }
        if let Some(rest) = self.rest.strip_prefix(b" m=") {
            self.rest = rest;
            self.skip_monotonic()?;
        }
        if self.rest.is_empty() { Ok(offset) } else { Err("not an offset") }
    }

    fn read_zone(&mut self) -> Result<i64, Unread> {
        if self.eat_any(b"Zz") {
            return Ok(0);
        }
        for name in [b"UTC", b"GMT"] {
            if let Some(rest) = self.rest.strip_prefix(name) {
                self.rest = rest;
                return Ok(0);
            }
        }
        let offset = self.read_numeric_offset()?;
        // Go writes the zone's name after it, or the offset again; the offset has said it all.
        if !self.rest.starts_with(b" m=") && self.eat_any(b" ") {
            let letters = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            match letters {
                0 => {
                    self.read_numeric_offset()?;
                }
                2..=6 => self.rest = self.rest.get(letters..).unwrap_or_default(),
                _ => return Err("not an offset"),
            }
        }
        Ok(offset)
    }

    fn read_numeric_offset(&mut self) -> Result<i64, Unread> {
        let sign = match self.rest.split_first() {
            Some((b'+', rest)) => (1, rest),
            Some((b'-', rest)) => (-1, rest),
            _ => return Err("not an offset"),
        };
        self.rest = sign.1;
        let hour = self.read_two_digits(15)?;
        let colon = self.eat_any(b":");
        let (mut minute, mut second) = (0, 0);
        if colon || self.rest.first().is_some_and(u8::is_ascii_digit) {
            minute = self.read_two_digits(59)?;
            let more = if colon { self.eat_any(b":") } else { self.is_digit() };
            if more {
                second = self.read_two_digits(59)?;
            }
        }
        Ok(sign.0 * ((hour * 60 + minute) * 60 + second))
    }

    /// Go's monotonic reading after ` m=`.
    fn skip_monotonic(&mut self) -> Result<(), Unread> {
        let rest = self.rest;
        let rest = rest.strip_prefix(b"+").or(rest.strip_prefix(b"-")).ok_or("not a time")?;
        let mut parts = rest.split(|byte| *byte == b'.');
        let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        if parts.by_ref().take(2).all(digits) && parts.next().is_none() {
            self.rest = &[];
            return Ok(());
        }
        Err("not a time")
    }

    fn is_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    /// Two digits, up to `greatest`.
    fn read_two_digits(&mut self, greatest: i64) -> Result<i64, Unread> {
        match self.rest {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
                self.rest = rest;
                let value = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
                if value <= greatest { Ok(value) } else { Err("no such time") }
            }
            _ => Err("not a time"),
        }
    }

    fn expect_byte(&mut self, byte: u8) -> Result<(), Unread> {
        if self.eat_any(&[byte]) { Ok(()) } else { Err("not a time") }
    }

    fn eat_any(&mut self, any: &[u8]) -> bool {
        match self.rest.split_first() {
            Some((byte, rest)) if any.contains(byte) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn skip_spaces(&mut self) -> usize {
        let count = self.rest.iter().take_while(|byte| **byte == b' ').count();
        self.rest = self.rest.get(count..).unwrap_or_default();
        count
    }
}
