//! The type of a column that is declared to hold times.
//!
//! Texts are judged by the codecs, numbers by their range: only where all of them lie in one
//! unit's range is that unit taken, and the note shows the times that come of it.

use jiff::Timestamp;
use model::{Stored, Type};

use super::choose::{Chosen, by_values, empties, mixed, otherwise};
use super::profile::Profile;

const TZ: (Type, Stored) = (Type::Timestamptz, Stored::Text);
const NAIVE: (Type, Stored) = (Type::Timestamp, Stored::Text);

/// A column declared DATETIME or the like; `zoned` where the declared type has a time zone.
pub fn timestamp(profile: &Profile, zoned: bool) -> Chosen {
    let usual = if zoned { Type::Timestamptz } else { Type::Timestamp };
    if profile.values() == 0 {
        let undecided = !zoned;
        return Chosen { undecided, ..Chosen::plain(usual) };
    }
    if profile.texts == 0 && profile.blobs == 0 {
        return numbers(profile);
    }
    if profile.texts < profile.values() {
        let said = profile.texts - profile.empties;
        let numbers = Some(numbers(profile)).filter(|chosen| chosen.finding.is_none());
        return match numbers.filter(|_| profile.integers + profile.reals > said) {
            Some(chosen) => mixed(chosen, profile),
            None => mixed(Chosen::plain(of_texts(profile)), profile),
        };
    }
    texts(profile, zoned)
}

/// The kind of time that most texts are.
fn of_texts(profile: &Profile) -> Type {
    let with_offset = profile.values() - profile.refused(TZ).unwrap_or(0);
    let any = profile.values() - profile.refused(NAIVE).unwrap_or(0);
    if with_offset * 2 > any { Type::Timestamptz } else { Type::Timestamp }
}

fn texts(profile: &Profile, zoned: bool) -> Chosen {
    let refused = |candidate| profile.refused(candidate).unwrap_or(0);
    let (no_offset, no_time) = (refused(TZ), refused(NAIVE));
    if no_offset == 0 {
        return Chosen::plain(Type::Timestamptz);
    }
    let (said, none) = (profile.texts - profile.empties, no_time - profile.empties.min(no_time));
    if none * 2 > said || said == 0 {
        return Chosen::plain(Type::Text)
            .because(format!("declared as a time, but {no_time} of {} are none", profile.texts));
    }
    let naive = no_offset.saturating_sub(no_time);
    if no_time > 0 {
        let ty = if naive * 2 > said { Type::Timestamp } else { Type::Timestamptz };
        let empties = empties(profile);
        let text = format!("{no_time} of {} values are no times{empties}", profile.texts);
        return Chosen::plain(ty).but(text);
    }
    if naive == profile.texts && !zoned {
        return Chosen::plain(Type::Timestamp).because("no value says its offset");
    }
    Chosen::plain(Type::Timestamptz).but(format!(
        "{naive} of {} values say no offset; where they mean UTC, add stored = \"text_utc\"",
        profile.texts
    ))
}

/// A column declared DATE.
pub fn date(profile: &Profile) -> Chosen {
    if profile.values() == 0 || profile.takes(Type::Date, Stored::Text) {
        return Chosen::plain(Type::Date);
    }
    let chosen = timestamp(profile, false);
    let no_dates = profile.refused((Type::Date, Stored::Text)).unwrap_or(0);
    let (dates, said) = (profile.values() - no_dates, profile.values() - profile.empties);
    if chosen.finding.is_some() && dates * 2 > said {
        let (values, empties) = (profile.values(), empties(profile));
        let text = format!("{no_dates} of {values} values are no dates{empties}");
        return Chosen::plain(Type::Date).but(text);
    }
    match chosen.note {
        Some(_) if chosen.ty != Type::Timestamp => chosen,
        _ if chosen.finding.is_some() => chosen,
        _ => chosen.because("declared DATE, but holds times of day"),
    }
}

/// Numbers that count something since some day.
pub fn numbers(profile: &Profile) -> Chosen {
    if let (Some((least, most)), 0) = (profile.real, profile.integers)
        && least >= 1_721_425.5
        && most < 5_373_484.5
    {
        return Chosen::stored(Type::Timestamp, Stored::Julian).because("Julian day numbers");
    }
    let whole = profile.whole.map(|(least, most)| (least as f64, most as f64));
    let ranges: Vec<(f64, f64)> = [whole, profile.real].into_iter().flatten().collect();
    let least = ranges.iter().map(|(least, _)| *least).fold(f64::INFINITY, f64::min);
    let most = ranges.iter().map(|(_, most)| *most).fold(f64::NEG_INFINITY, f64::max);
    let (Some(unit), Some(other)) = (unit(most), unit(least)) else {
        return undecided(profile);
    };
    if unit != other {
        return undecided(profile);
    }
    let (stored, word, divisor) = unit;
    let show = |value: f64| {
        let second = Timestamp::from_second((value / divisor) as i64);
        second.map(|second| second.to_string()).unwrap_or_default()
    };
    Chosen::stored(Type::Timestamptz, stored).because(format!(
        "{word} since 1970: {} to {}",
        show(least),
        show(most)
    ))
}

fn undecided(profile: &Profile) -> Chosen {
    let chosen = otherwise(profile, "a time").or_else(|| by_values(profile));
    chosen.unwrap_or(Chosen::plain(Type::Int8)).but(
        "numbers in a column of times that lie in no one unit's range (seconds, milliseconds, \
         microseconds, nanoseconds since 1970): say which with stored = \"unix_s\" and the like",
    )
}

/// The unit in whose range (the years 1973 to 5138) a number lies.
fn unit(value: f64) -> Option<(Stored, &'static str, f64)> {
    match value.abs() {
        size if (1e8..1e11).contains(&size) => Some((Stored::UnixS, "seconds", 1.0)),
        size if (1e11..1e14).contains(&size) => Some((Stored::UnixMs, "milliseconds", 1e3)),
        size if (1e14..1e17).contains(&size) => Some((Stored::UnixUs, "microseconds", 1e6)),
        size if (1e17..1e19).contains(&size) => Some((Stored::UnixNs, "nanoseconds", 1e9)),
        _ => None,
    }
}
