//! Days and microseconds as PostgreSQL counts them: from 2000-01-01.

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub(super) const DAY: i64 = 86_400 * SECOND;

/// From 1970-01-01 to 2000-01-01.
pub(super) const UNIX_DAYS: i64 = 10_957;

/// The first microsecond of PostgreSQL's `timestamp`: midnight of 4714-11-24 BC.
const FIRST: i64 = -211_813_488_000_000_000;
/// The first microsecond after it: midnight of the year 294277.
const END: i64 = 9_223_371_331_200_000_000;

/// Go's zero time, 0001-01-01 00:00:00.
pub(super) const GO_ZERO: i64 = -730_119 * DAY;

/// Whether PostgreSQL has such a `timestamp`.
#[inline]
pub(super) fn in_range(micros: i64) -> bool {
    (FIRST..END).contains(&micros)
}

/// The day's number; none for a day that does not exist. Years begin with 1.
#[inline]
pub(super) fn day_number(year: u32, month: u32, day: u32) -> Option<i64> {
    if day == 0 || day > 28 && day > days_in_month(year, month)? || month.wrapping_sub(1) > 11 {
        return None;
    }
    // Years that begin in March have their odd day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (century, of_century) = (year / 400, year % 400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = of_century * 365 + of_century / 4 - of_century / 100 + of_year;
    Some(i64::from(century) * 146_097 + i64::from(days) - 730_425)
}

fn days_in_month(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 => Some(if leap { 29 } else { 28 }),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}
