//! Lengths of time that SQLite has as text.

use super::trim_white_space;
use crate::verify::decimal::{Decimal, Notation};
use crate::verify::{Unread, time};
use model::Stored;

/// No number of a length has more digits, before or behind its point.
const DIGITS: usize = 18;

const NOT: Unread = "not a length of time";

/// Microseconds, days and months, as PostgreSQL keeps them apart.
pub(super) type Length = (i64, i32, i32);

/// Reads a length of time.
///
/// # Errors
/// When the rules do not take the text, or PostgreSQL has no such interval.
pub(super) fn read_length(stored: Stored, text: &[u8]) -> Result<Length, Unread> {
    let text = std::str::from_utf8(trim_white_space(text)).map_err(|_| NOT)?;
    let [micros, days, months] = match stored {
        Stored::EpochDate => read_epoch_date(text),
        Stored::Timespan => read_timespan(text),
        Stored::Timedelta => read_timedelta(text),
        Stored::IsoDuration => read_duration(text),
        _ => None,
    }
    .ok_or(NOT)?;
    let length = (
        i64::try_from(micros).map_err(|_| NOT)?,
        i32::try_from(days).map_err(|_| NOT)?,
        i32::try_from(months).map_err(|_| NOT)?,
    );
    match length {
        (i64::MAX, i32::MAX, i32::MAX) | (i64::MIN, i32::MIN, i32::MIN) => {
            Err("no finite interval")
        }
        _ => Ok(length),
    }
}

/// Whether a text is a clock with seconds that shows a time of its day, as 24:00 and 60 do not.
pub(super) fn is_full_clock(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let below = |part: &str, limit: u8| {
        part.len() == 2 && is_number(part) && part.parse::<u8>().is_ok_and(|n| n < limit)
    };
    is_number(fraction)
        && matches!(&*parts, [hour, minute, second]
            if below(hour, 24) && below(minute, 60) && below(second, 60))
}

fn is_number(text: &str) -> bool {
    (1..=DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_epoch_date(text: &str) -> Option<[i128; 3]> {
    let (date, clock) = text.split_once([' ', 'T'])?;
    if date.len() != 10 || !is_full_clock(clock) {
        return None;
    }
    let written = time::read_time(text.as_bytes()).ok()?;
    Some([written.time?.into(), (written.days + time::UNIX_DAYS).into(), 0])
}

fn read_timespan(text: &str) -> Option<[i128; 3]> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (before, clock) = text.split_at_checked(text.find(':')?.checked_sub(2)?)?;
    let days = match before.strip_suffix('.') {
        None if before.is_empty() => 0,
        Some(days) if is_number(days) && days.len() <= 8 => days.parse::<i128>().ok()?,
        _ => return None,
    };
    let (integer, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    if !is_full_clock(clock) || fraction.len() > 7 {
        return None;
    }
    let seconds = time::read_clock(integer.as_bytes()).ok()? / 1_000_000;
    let ticks: i128 = format!("{seconds}{fraction:0<7}").parse().ok()?;
    Some([(sign * ticks).div_euclid(10), sign * days, 0])
}

/// `1 day, 2:03:04.500000`: days with their sign, if there are any, and a clock.
fn read_timedelta(text: &str) -> Option<[i128; 3]> {
    let (days, clock) = text.split_once(", ").map_or((None, text), |(days, c)| (Some(days), c));
    let days: i128 = match days {
        None => 0,
        Some(days) => {
            let (count, noun) = days.split_once(' ')?;
            let digits = count.strip_prefix('-').unwrap_or(count);
            let count: i128 = count.parse().ok().filter(|_| is_number(digits))?;
            let usual = if count.abs() == 1 { "day" } else { "days" };
            (noun == usual && digits.len() <= 9).then_some(count)?
        }
    };
    let clock = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock.to_owned() };
    let (integer, fraction) = clock.split_once('.').unwrap_or((&clock, "0"));
    if !is_full_clock(&clock) || fraction.len() > 6 {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").parse().ok()?;
    Some([(time::read_clock(integer.as_bytes()).ok()? + micros).into(), days, 0])
}

/// `P1Y2M3W4DT5H6M7.8S`: each part a number and its unit, with a sign of its own.
fn read_duration(text: &str) -> Option<[i128; 3]> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix('P')?;
    let (date, clock) = text.split_once('T').map_or((text, None), |(d, c)| (d, Some(c)));
    if clock.unwrap_or(date).is_empty() {
        return None;
    }
    let [mut micros, mut days, mut months] = [0, 0, 0];
    read_parts(date, sign, &["Y", "M", "W", "D"], |unit, number| match unit {
        "Y" => months += 12 * number,
        "M" => months += number,
        "W" => days += 7 * number,
        _ => days += number,
    })?;
    read_parts(clock.unwrap_or_default(), sign, &["H", "M", "S"], |unit, number| match unit {
        "H" => micros += 3_600_000_000 * number,
        "M" => micros += 60_000_000 * number,
        _ => micros += number,
    })?;
    Some([micros, days, months])
}

/// Hands over each part: units in their order, seconds in microseconds.
fn read_parts(
    text: &str,
    sign: i128,
    units: &[&str],
    mut take: impl FnMut(&str, i128),
) -> Option<()> {
    let mut left = units.iter();
    for part in text.split_inclusive(|letter: char| letter.is_ascii_alphabetic()) {
        let (number, unit) = part.split_at_checked(part.len().checked_sub(1)?)?;
        left.find(|known| **known == unit)?;
        let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
        let minus = number.starts_with('-') != (sign < 0);
        let written = if minus { format!("-{digits}") } else { digits.to_owned() };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if !is_number(integer) || !is_number(fraction) {
            return None;
        }
        if unit == "S" {
            let mut decimal = Decimal::default();
            let read = decimal.read_text(written.as_bytes(), Notation::Fraction);
            take(unit, decimal.scaled_floor(6).filter(|_| read)?);
        } else {
            take(unit, written.parse().ok()?);
        }
    }
    Some(())
}
