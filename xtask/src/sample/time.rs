//! Times in all the forms that SQLite files of a Go application have.
//!
//! What a form means stands in `docs/conversions.md`; here are only forms that it takes without
//! any doubt, and two that it counts: digits below the microsecond and Go's zero time.

use rusqlite::types::Value;

use super::random::Dice;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// The Julian day of 1970-01-01 00:00.
const JULIAN_1970: f64 = 2_440_587.5;

/// An instant in nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Instant(pub i64);

/// The stretch of time that a sample tells of.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    end: i64,
}

impl Span {
    /// Two years up to the month that a version is named after (`2024.08`), or up to 2025.
    pub fn before(version: &str) -> Span {
        let named = version.split_once('.').and_then(|(year, month)| {
            let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
            Some((year.parse().ok().filter(|year| (1980..=2200).contains(year))?, month))
        });
        let (year, month) = named.unwrap_or((2025, 1));
        Span { end: days(year, month, 1) * DAY * SECOND }
    }

    /// The time of a row: rows follow each other, and the columns of a row too. `row_dice` is the
    /// same for all columns of the row.
    pub fn at(
        self,
        row: u64,
        rows: u64,
        index: u32,
        row_dice: &mut Dice,
        dice: &mut Dice,
    ) -> Instant {
        let span = 2 * 365 * DAY * SECOND;
        let step = span / i64::try_from(rows).unwrap_or(i64::MAX).max(1);
        let start = self.end - span + step * i64::try_from(row).unwrap_or_default();
        let wait = if index == 0 { 0 } else { dice.between(1, 900 * SECOND) };
        Instant(start + row_dice.between(0, step) + i64::from(index) * 900 * SECOND + wait)
    }
}

/// `timestamptz` as text: every form says its offset.
pub fn with_offset(at: Instant, dice: &mut Dice) -> Value {
    if dice.one_in(199) {
        let zero = ["0001-01-01 00:00:00+00:00", "0001-01-01T00:00:00Z"];
        return Value::Text(dice.pick(&zero).to_owned());
    }
    let at = if dice.one_in(401) { Instant(-at.0 / 40) } else { at };
    let text = match dice.below(32) {
        0..=13 => format!("{}+00:00", clock(at, 0, ' ', nano_digits(dice))),
        14..=18 => format!("{}Z", clock(at, 0, 'T', nano_digits(dice))),
        19..=21 => format!("{} +0000 UTC", clock(at, 0, ' ', nano_digits(dice))),
        22 => format!("{} +0330 +0330", clock(at, 12_600, ' ', 9)),
        23 => format!("{} +0545 +0545", clock(at, 20_700, ' ', 6)),
        24 | 25 => format!("{}-05:00", clock(at, -18_000, 'T', 3)),
        26 => format!("{} -0500 EST", clock(at, -18_000, ' ', 9)),
        27 => {
            let (seconds, nanos) = (dice.below(90_000), dice.below(1_000_000_000));
            format!("{} +0000 UTC m=+{seconds}.{nanos:09}", clock(at, 0, ' ', 9))
        }
        28 => format!("{}+05:30", clock(at, 19_800, ' ', 6)),
        29 => format!("{}+00:00", clock(at, 0, 'T', 6)),
        _ => format!("{}+00:00", clock(at, 0, ' ', 0)),
    };
    Value::Text(text)
}

/// A text that means UTC where it says no offset.
pub fn utc(at: Instant, dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => with_offset(at, dice),
        1 => Value::Text(clock(at, 0, 'T', 3)),
        _ => Value::Text(clock(at, 0, ' ', 0)),
    }
}

/// `timestamp` as text, also as a date alone.
pub fn without_zone(at: Instant, dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => with_offset(at, dice),
        1 => Value::Text(day_text(at.0.div_euclid(SECOND * DAY))),
        2 => Value::Text(clock(at, 0, 'T', 6)),
        _ => Value::Text(clock(at, 0, ' ', nano_digits(dice))),
    }
}

/// Since 1970, in a unit of so many nanoseconds.
pub const fn unix(at: Instant, unit: i64) -> Value {
    Value::Integer(at.0.div_euclid(unit))
}

/// A Julian day number, to the millisecond as SQLite writes it.
pub fn julian(at: Instant) -> Value {
    let milliseconds = at.0.div_euclid(1_000_000);
    Value::Real(small(milliseconds) / 86_400_000.0 + JULIAN_1970)
}

/// The day of a time as a Julian day number: a midnight.
pub fn julian_day(day: i64) -> Value {
    Value::Real(small(day) + JULIAN_1970)
}

/// A day since 1970 as text.
pub fn day_text(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time of day.
pub fn of_day(dice: &mut Dice) -> Value {
    let (hour, minute, second) = (dice.below(24), dice.below(60), dice.below(60));
    Value::Text(match dice.below(8) {
        0 => "24:00:00".to_owned(),
        1 | 2 => format!("{hour:02}:{minute:02}"),
        3 => format!("{hour:02}:{minute:02}:{second:02}.{:06}", dice.below(1_000_000)),
        _ => format!("{hour:02}:{minute:02}:{second:02}"),
    })
}

/// The day of an instant, in days since 1970.
pub const fn day_of(at: Instant) -> i64 {
    at.0.div_euclid(SECOND * DAY)
}

fn nano_digits(dice: &mut Dice) -> usize {
    if dice.one_in(3) { 6 } else { 9 }
}

/// Date and time of an instant in an offset, with at most so many digits of the second. Zeros at
/// the end are left out, as Go leaves them out.
fn clock(at: Instant, offset: i64, between: char, digits: usize) -> String {
    let seconds = at.0.div_euclid(SECOND) + offset;
    let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let mut fraction = format!(".{:09}", at.0.rem_euclid(SECOND));
    fraction.truncate(digits + 1);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{}{between}{hour:02}:{minute:02}:{second:02}{fraction}", day_text(day))
}

/// Exact: days and milliseconds of our centuries stay below 2^53.
#[expect(clippy::cast_precision_loss, reason = "see above")]
const fn small(number: i64) -> f64 {
    number as f64
}

/// Days since 1970 of a date of the Gregorian calendar.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse: year, month, day.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        assert_eq!(day_text(0), "1970-01-01");
        assert_eq!(days(2024, 2, 29), 19_782);
        for day in -200_000..200_000 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn fractions_lose_their_zeros() {
        let at = Instant(1_690_224_568_226_058_740);
        assert_eq!(clock(at, 0, 'T', 9), "2023-07-24T18:49:28.22605874");
        assert_eq!(clock(at, -18_000, ' ', 0), "2023-07-24 13:49:28");
        assert_eq!(clock(Instant(-1), 0, ' ', 9), "1969-12-31 23:59:59.999999999");
    }
}
