//! Profiles as the report shows them.

use serde_json::{Value, json};

use super::profile::{Kind, Profile};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// From 0000-03-01, where the count of years begins that is used here, to 2000-01-01.
const DAYS_2000: i64 = 730_425;

impl Profile {
    /// The column of that name.
    pub fn to_json(&self, name: &str) -> Value {
        let [nulls, integer, real, text, blob] = self.classes;
        let (low, high) = self.range_json();
        let forms =
            self.forms.iter().map(|(form, count)| json!({"form": form.name(), "count": count}));
        json!({
            "column": name,
            "null": nulls,
            "integer": integer,
            "real": real,
            "text": text,
            "blob": blob,
            "min": low,
            "max": high,
            "longest_text": self.longest_text,
            "longest_blob": self.longest_blob,
            "forms": forms.collect::<Vec<_>>(),
        })
    }

    /// The least and the greatest number or time; null where there is none, or the column is for
    /// neither.
    fn range_json(&self) -> (Value, Value) {
        if let Some((low, high)) = self.times {
            return (self.format_time(low).into(), self.format_time(high).into());
        }
        match (self.integers, self.reals) {
            (None, None) => (Value::Null, Value::Null),
            (Some((low, high)), None) => (low.into(), high.into()),
            (None, Some((low, high))) => (real_json(low), real_json(high)),
            (Some((low, high)), Some((least, greatest))) => (
                if (low as f64) < least { low.into() } else { real_json(least) },
                if (high as f64) > greatest { high.into() } else { real_json(greatest) },
            ),
        }
    }

    fn format_time(&self, value: i64) -> String {
        match self.kind {
            Kind::Date => format_date(value),
            Kind::Clock => format_clock(value),
            Kind::Timestamp { utc } => {
                let zone = if utc { "Z" } else { "" };
                format!(
                    "{}T{}{zone}",
                    format_date(value.div_euclid(DAY)),
                    format_clock(value.rem_euclid(DAY))
                )
            }
            _ => value.to_string(),
        }
    }
}

/// JSON has no infinities.
fn real_json(value: f64) -> Value {
    if value.is_finite() { value.into() } else { value.to_string().into() }
}

/// A day by its number from 2000-01-01, as ISO 8601 writes it: the year before 1 is 0.
fn format_date(days: i64) -> String {
    let days = days + DAYS_2000;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_years = of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096;
    let year = of_years / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    // Years begin in March here.
    let (month, more) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + more;
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}-{month:02}-{day:02}", year.abs())
}

fn format_clock(micros: i64) -> String {
    let (seconds, below) = (micros / SECOND, micros % SECOND);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if below == 0 { clock } else { format!("{clock}.{below:06}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        let dates = [
            (0, "2000-01-01"),
            (59, "2000-02-29"),
            (-1, "1999-12-31"),
            (-36_465, "1900-03-01"),
            (-730_119, "0001-01-01"),
            (-730_120, "0000-12-31"),
            (-2_451_545, "-4713-11-24"),
            (106_751_982, "294276-12-31"),
        ];
        for (days, text) in dates {
            assert_eq!(format_date(days), text);
        }
        assert_eq!(format_clock(3_723_000_001), "01:02:03.000001");
    }
}
