//! Times after repairs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Column, Stored, Type};
use rusqlite::types::ValueRef;

use crate::verify::decimal::{Decimal, Notation};
use crate::verify::time::{self, DAY, UNIX_DAYS};
use crate::verify::value::trim_white_space;

/// Go's zero time in microseconds since 2000.
const GO_ZERO: i64 = -730_119 * DAY;

/// The instant of a time without offset in a zone, when there is exactly one.
///
/// The copy asks which offset a local time has; here it is the other way round: which of the
/// offsets that the zone has around that time belong to an instant at which it has them.
pub(super) fn instant_in_zone(zone: &str, value: ValueRef<'_>) -> Option<i64> {
    let ValueRef::Text(text) = value else { return None };
    let text = trim_white_space(text);
    let written = time::read_time(text).ok()?;
    let clock = written.time.filter(|_| written.offset.is_none() && !text.contains(&b'='))?;
    let local = written.days.checked_mul(DAY)?.checked_add(clock)?;
    let zone = TimeZone::get(zone).ok()?;
    let offset = |micros: i64| {
        let since_unix = micros.checked_add(UNIX_DAYS * DAY)?;
        let time = Timestamp::from_microsecond(since_unix).ok()?;
        Some(i64::from(zone.to_offset(time).seconds()) * 1_000_000)
    };
    let mut found: Vec<i64> = Vec::new();
    for near in [local - 2 * DAY, local, local + 2 * DAY] {
        for step in [-DAY, -DAY / 2, 0, DAY / 2, DAY] {
            let instant = local - offset(near + step)?;
            if offset(instant) == Some(local - instant) && !found.contains(&instant) {
                found.push(instant);
            }
        }
    }
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// What the clock on the wall showed, when the time says another offset than 0.
pub(super) fn wall_clock_time(value: ValueRef<'_>) -> Option<i64> {
    let ValueRef::Text(text) = value else { return None };
    let mut written = time::read_time(trim_white_space(text)).ok()?;
    written.offset.take().filter(|offset| *offset != 0)?;
    written.to_micros().ok()
}

/// Whether a value of a column of text is a count that text can say: of the years 1 to 9999.
pub(super) fn is_representable_count(unit: Stored, value: ValueRef<'_>) -> bool {
    let count = match value {
        ValueRef::Integer(count) => count,
        ValueRef::Text(text) => {
            let text = trim_white_space(text);
            let signed = text.starts_with(b"+");
            match std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
                Some(count) if !signed => count,
                _ => return false,
            }
        }
        _ => return false,
    };
    let second = match unit {
        Stored::UnixS => Some(count),
        Stored::UnixMs => Some(count.div_euclid(1_000)),
        Stored::UnixUs => Some(count.div_euclid(1_000_000)),
        _ => Some(count.div_euclid(1_000_000_000)),
    };
    let time = second.and_then(|second| Timestamp::from_second(second).ok());
    let year = time.map(|time| TimeZone::UTC.to_datetime(time).year());
    year.is_some_and(|year| year > 0)
}

/// Whether the value names a time that no calendar or that PostgreSQL does not have, Go's zero
/// time, or for `numeric` an infinite number.
pub(super) fn is_impossible(column: &Column, value: ValueRef<'_>) -> bool {
    if let Type::Numeric(_) = column.ty {
        return match value {
            ValueRef::Real(real) => real.is_infinite(),
            ValueRef::Text(text) if column.stored == Stored::NumberOrWord => {
                let word = String::from_utf8_lossy(trim_white_space(text)).to_lowercase();
                let word = word.strip_prefix(['+', '-']).unwrap_or(&word);
                ["inf", "infinity"].contains(&word)
            }
            _ => false,
        };
    }
    if !matches!(column.stored, Stored::Text | Stored::TextUtc) {
        return is_impossible_number(column, value);
    }
    let ValueRef::Text(text) = value else { return false };
    let text = trim_white_space(text);
    if column.ty == Type::Time {
        return time::read_clock(text).is_err() && is_impossible_clock(text);
    }
    match time::read_time(text) {
        Ok(_) if column.ty == Type::Date => false,
        Ok(written) => match written.to_micros() {
            Ok(micros) => {
                let naive = written.offset.is_none() || written.time.is_none();
                let refused =
                    naive && column.ty == Type::Timestamptz && column.stored == Stored::Text;
                micros == GO_ZERO && !refused
            }
            Err(_) => true,
        },
        Err(_) => has_time_form(text),
    }
}

/// Whether a count since 1970 is beyond PostgreSQL's times, or Go's zero time.
fn is_impossible_number(column: &Column, value: ValueRef<'_>) -> bool {
    let mut decimal = Decimal::default();
    let places = match column.stored {
        Stored::UnixS => 6,
        Stored::UnixMs => 3,
        Stored::UnixUs => 0,
        _ => -3,
    };
    let read = match value {
        ValueRef::Integer(count) => {
            decimal.set_integer(count);
            true
        }
        ValueRef::Real(real) if real.is_infinite() => return true,
        ValueRef::Real(real) => decimal.set_real(real),
        ValueRef::Text(text) => {
            let text = trim_white_space(text);
            text.len() <= 1000 && decimal.read_text(text, Notation::Fraction)
        }
        _ => false,
    };
    let micros = decimal.scaled_floor(places).map(|micros| micros - i128::from(UNIX_DAYS * DAY));
    read && micros
        .and_then(|m| time::micros_in_range(m).ok())
        .is_none_or(|micros| micros == GO_ZERO)
}

/// Whether text that is no time has the form of one: what is wrong then is the day or the clock.
fn has_time_form(text: &[u8]) -> bool {
    let before_christ = text.strip_prefix(b"-");
    let text = before_christ.unwrap_or(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (year, rest) = text.split_at_checked(digits).unwrap_or_default();
    let [b'-', m1, m2, b'-', d1, d2, rest @ ..] = rest else { return false };
    if digits == 0 || ![m1, m2, d1, d2].iter().all(|d| d.is_ascii_digit()) {
        return false;
    }
    if before_christ.is_some() {
        return true;
    }
    if !(4..=6).contains(&digits) {
        return false;
    }
    let date = [year, text.get(digits..digits + 6).unwrap_or_default()].concat();
    if time::read_time(&date).is_err() {
        return true;
    }
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let clock = match rest {
        [b'T' | b't', clock @ ..] => clock,
        _ if spaces > 0 => strip_monotonic(rest.get(spaces..).unwrap_or_default()),
        _ => return false,
    };
    is_impossible_clock(clock)
}

/// What stands before Go's monotonic reading.
fn strip_monotonic(text: &[u8]) -> &[u8] {
    let place = text.windows(3).rposition(|three| three == b" m=");
    let reading = place.and_then(|place| text.get(place + 3..));
    let is_one = reading.is_some_and(|reading| {
        let number = reading.strip_prefix(b"+").or(reading.strip_prefix(b"-"));
        let mut parts = number.unwrap_or_default().split(|byte| *byte == b'.');
        let digits = |part: Option<&[u8]>| {
            part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
        };
        digits(parts.next()) && digits(parts.next()) && parts.next().is_none()
    });
    if is_one { place.and_then(|place| text.get(..place)).unwrap_or(text) } else { text }
}

/// Whether a time of day is written that no clock shows, in the form of one.
fn is_impossible_clock(clock: &[u8]) -> bool {
    let two = |index: usize| match clock.get(index..index + 2) {
        Some([a @ b'0'..=b'9', b @ b'0'..=b'9']) => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    };
    let (Some(hour), Some(b':'), Some(minute)) = (two(0), clock.get(2), two(3)) else {
        return false;
    };
    let (mut second, mut zeros) = (0, true);
    if clock.len() >= 8 && clock.get(5) == Some(&b':') {
        let Some(read) = two(6) else { return false };
        second = read;
        if clock.get(8) == Some(&b'.') {
            let fraction = clock.get(9..).unwrap_or_default();
            let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=18).contains(&count) {
                return false;
            }
            zeros = fraction.iter().take(count).all(|byte| *byte == b'0');
        }
    }
    let midnight = (hour, minute, second, zeros) == (24, 0, 0, true);
    !midnight && (hour > 23 || minute > 59 || second > 60)
}
