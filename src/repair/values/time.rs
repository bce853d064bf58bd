//! Times: zones, wall clocks, counts since 1970.

use jiff::civil::date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use model::Stored;

use super::RepairedValue;
use crate::codec::Cell;
use crate::codec::decimal::trim_white_space;
use crate::codec::moment::Moment;

/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// A time without offset with the one that its zone had then; none where the zone's clocks showed
/// the time twice or not at all.
pub fn add_zone_offset(zone: &str, cell: Cell<'_>) -> Option<RepairedValue> {
    let Cell::Text(bytes) = cell else { return None };
    let text = trim_white_space(bytes);
    let moment = Moment::parse(text).ok()?;
    let (Some(clock), None) = (moment.clock, moment.offset) else { return None };
    if !text.last()?.is_ascii_digit() || text.contains(&b'=') {
        return None;
    }
    let micros = moment.days.checked_mul(DAY)?.checked_add(clock.micros)?;
    let local = date(2000, 1, 1).at(0, 0, 0, 0);
    let local = local.checked_add(SignedDuration::from_micros(micros)).ok()?;
    let zone = TimeZone::get(zone).ok()?;
    let AmbiguousOffset::Unambiguous { offset } = zone.to_ambiguous_timestamp(local).offset()
    else {
        return None;
    };
    let seconds = offset.seconds();
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let written = format!("{sign}{:02}:{:02}:{:02}", size / 3600, size / 60 % 60, size % 60);
    Some(RepairedValue::Text([text, written.as_bytes()].concat()))
}

/// A time with another offset than 0, without it.
pub fn drop_offset(cell: Cell<'_>) -> Option<RepairedValue> {
    let Cell::Text(bytes) = cell else { return None };
    let text = trim_white_space(bytes);
    Moment::parse(text).ok()?.offset.filter(|offset| *offset != 0)?;
    let date = text.iter().position(|byte| matches!(byte, b' ' | b'T' | b't'))?;
    let clock = date + text.get(date..)?.iter().position(u8::is_ascii_digit)?;
    let of_clock = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.');
    let end = clock + text.get(clock..)?.iter().position(|byte| !of_clock(byte))?;
    Some(RepairedValue::Text(text.get(..end)?.to_vec()))
}

/// A count since 1970 as text, for a column that is described as text.
pub fn epoch_to_text(unit: Stored, cell: Cell<'_>) -> Option<RepairedValue> {
    let count = match cell {
        Cell::Integer(count) => count,
        Cell::Text(bytes) => {
            let digits = trim_white_space(bytes);
            let unsigned = digits.strip_prefix(b"-").unwrap_or(digits);
            let plain = !unsigned.is_empty() && unsigned.iter().all(u8::is_ascii_digit);
            plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()?
        }
        _ => return None,
    };
    let nanos = match unit {
        Stored::UnixS => i128::from(count) * 1_000_000_000,
        Stored::UnixMs => i128::from(count) * 1_000_000,
        Stored::UnixUs => i128::from(count) * 1_000,
        _ => i128::from(count),
    };
    let time = Timestamp::from_nanosecond(nanos).ok()?;
    // Years before 1 have no text that a column takes.
    let time = time.strftime("%Y-%m-%d %H:%M:%S%.9f+00:00").to_string();
    (!time.starts_with('-') && !time.starts_with("0000"))
        .then(|| RepairedValue::Text(time.into_bytes()))
}

/// Whether text begins as a date does, a minus sign before it or not.
pub fn begins_with_date(cell: Cell<'_>) -> bool {
    let Cell::Text(bytes) = cell else { return false };
    let text = trim_white_space(bytes);
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let Some((_, rest)) = crate::codec::decimal::split_digits(text) else { return false };
    let [b'-', month @ .., b'-', d1, d2] = rest.get(..6).unwrap_or_default() else { return false };
    [d1, d2].into_iter().chain(month).all(u8::is_ascii_digit)
}
