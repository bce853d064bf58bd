//! Times and lengths of time as SQLite stores them: what [`time`](crate::verify::time) reads, and
//! which of it each type and encoding takes.

use super::lengths::{Length, is_full_clock, read_length};
use super::{Reader, text_of, trim_white_space};
use crate::verify::decimal::Notation;
use crate::verify::{Unread, time};
use model::{Stored, Type};
use rusqlite::types::ValueRef;

impl Reader<'_> {
    /// Days for a date, microseconds for everything else.
    pub(super) fn read_time(
        &mut self,
        ty: Type,
        stored: Stored,
        value: ValueRef<'_>,
    ) -> Result<i64, Unread> {
        match (ty, stored) {
            (Type::Time, Stored::RailsTime) => read_rails_time(text_of(value)?),
            (Type::Time, _) => time::read_clock(trim_white_space(text_of(value)?)),
            (Type::Date, Stored::Text) => {
                let written = time::read_time(trim_white_space(text_of(value)?))?;
                let midnight = written.time.unwrap_or(0) == 0;
                if midnight { Ok(written.days) } else { Err("a date with a time of day") }
            }
            (Type::Date, _) => {
                let is_exact = match (stored.counts_since_a_day(), value) {
                    (false, _) => true,
                    // A midnight has no digits below the microsecond.
                    (true, ValueRef::Integer(count)) => match stored {
                        Stored::Filetime | Stored::DotnetTicks => count % 10 == 0,
                        Stored::UnixNs | Stored::AppleNs => count % 1000 == 0,
                        _ => true,
                    },
                    (true, _) => return Err("not a whole count"),
                };
                let micros = self.read_moment(stored, value)?;
                let midnight = is_exact && micros % time::DAY == 0;
                if midnight { Ok(micros / time::DAY) } else { Err("a date with a time of day") }
            }
            (_, Stored::Text | Stored::TextUtc) => {
                let written = time::read_time(trim_white_space(text_of(value)?))?;
                let has_both = written.offset.is_some() && written.time.is_some();
                if ty == Type::Timestamptz && stored == Stored::Text && !has_both {
                    return Err("a time without an offset");
                }
                written.to_micros()
            }
            _ => self.read_moment(stored, value),
        }
    }

    /// Microseconds since 2000 of a count, of a day number, or of digits that write a time.
    fn read_moment(&mut self, stored: Stored, value: ValueRef<'_>) -> Result<i64, Unread> {
        let (places, first) = match stored {
            Stored::UnixS => (6, 10_957),
            Stored::UnixMs => (3, 10_957),
            Stored::UnixUs => (0, 10_957),
            Stored::UnixNs => (-3, 10_957),
            Stored::AppleS => (6, -366),
            Stored::AppleNs => (-3, -366),
            Stored::WebkitUs => (0, 145_731),
            Stored::Filetime => (-1, 145_731),
            Stored::DotnetTicks => (-1, 730_119),
            Stored::Julian | Stored::OleDay => {
                let day = match value {
                    ValueRef::Real(day) => day,
                    ValueRef::Integer(day) => day as f64,
                    _ => return Err("not a day number"),
                };
                return if stored == Stored::Julian {
                    time::julian_day_to_micros(day)
                } else {
                    time::ole_day_to_micros(day)
                };
            }
            Stored::Yyyymmdd => return read_digits(value, 8),
            Stored::Yyyymmddhhmm => return read_digits(value, 12),
            Stored::Yyyymmddhhmmss => return read_digits(value, 14),
            _ => return Err("not a count of time"),
        };
        let micros = match value {
            ValueRef::Integer(count) if places < 0 => {
                Some(i128::from(count).div_euclid(10i128.pow(-places as u32)))
            }
            ValueRef::Integer(count) => Some(i128::from(count) * 10i128.pow(places as u32)),
            ValueRef::Real(real) if self.decimal.set_real(real) => {
                self.decimal.scaled_floor(places)
            }
            ValueRef::Text(text) => {
                self.read_decimal(trim_white_space(text), Notation::Fraction)?;
                self.decimal.scaled_floor(places)
            }
            _ => return Err("not a count of time"),
        };
        let first = first * i128::from(time::DAY);
        time::micros_in_range(micros.ok_or("a time out of range")?.saturating_sub(first))
    }
}

/// A time of day behind the date 2000-01-01.
fn read_rails_time(text: &[u8]) -> Result<i64, Unread> {
    const NOT: Unread = "not a time of day on 2000-01-01";
    let text = std::str::from_utf8(trim_white_space(text)).map_err(|_| NOT)?;
    match text.split_once([' ', 'T']) {
        Some(("2000-01-01", clock)) if is_full_clock(clock) => time::read_clock(clock.as_bytes()),
        _ => Err(NOT),
    }
}

/// Microseconds, days and months of a length of time.
pub(super) fn read_interval(stored: Stored, value: ValueRef<'_>) -> Result<Length, Unread> {
    let count = match (stored, value) {
        (Stored::EpochDate | Stored::Timespan | Stored::Timedelta | Stored::IsoDuration, value) => {
            return read_length(stored, text_of(value)?);
        }
        (_, ValueRef::Integer(count)) => count,
        _ => return Err("not a whole number"),
    };
    let micros = match stored {
        Stored::Seconds => count.checked_mul(1_000_000),
        Stored::Milliseconds => count.checked_mul(1_000),
        Stored::Microseconds => Some(count),
        _ => Some(count.div_euclid(1000)),
    };
    Ok((micros.ok_or("an interval out of range")?, 0, 0))
}

/// So many digits that write a time, as a number or as text.
fn read_digits(value: ValueRef<'_>, length: usize) -> Result<i64, Unread> {
    let written = match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) if number.fract() == 0.0 && (0.0..1e15).contains(&number) => {
            (number as u64).to_string()
        }
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(trim_white_space(text)).map_err(|_| "not digits")?;
            text.to_owned()
        }
        _ => return Err("not digits"),
    };
    if written.len() != length || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("not so many digits");
    }
    let part = |index: usize| written.get(index..index + 2).unwrap_or("00");
    let clock = format!("{}:{}:{}", part(8), part(10), part(12));
    if part(8) == "24" || part(12) == "60" {
        return Err("no such time of day");
    }
    let date = format!("{}{}-{}-{}", part(0), part(2), part(4), part(6));
    time::read_time(format!("{date} {clock}").as_bytes())?.to_micros()
}
