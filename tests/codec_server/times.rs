//! Dates, times, and lengths of time before the server.

use model::{Stored, Type};
use proptest::prelude::*;
use rusqlite::types::Value;

use super::{Cases, Judge, some, text, themselves};

/// A time in its parts, and one of the ways to write it.
#[derive(Debug, Clone)]
struct Written {
    date: String,
    clock: String,
    fraction: String,
    sign: char,
    hours: u32,
    minutes: u32,
    form: usize,
}

fn some_written() -> impl Strategy<Value = Written> {
    let days = (1..=9999_u32, 1..=12_u32, 1..=28_u32);
    let clock = (0..24_u32, 0..60_u32, 0..60_u32);
    let zone = (prop::bool::ANY, 0..=15_u32, 0..60_u32);
    (days, clock, "[0-9]{0,18}", zone, 0..12_usize).prop_map(|(d, c, fraction, z, form)| Written {
        date: format!("{:04}-{:02}-{:02}", d.0, d.1, d.2),
        clock: format!("{:02}:{:02}:{:02}", c.0, c.1, c.2),
        fraction,
        sign: if z.0 { '+' } else { '-' },
        hours: z.1,
        minutes: z.2,
        form,
    })
}

impl Written {
    /// As an application may write it, and as PostgreSQL reads it without rounding.
    fn both(&self) -> (Value, String) {
        let Written { date, clock, fraction, sign, hours, minutes, form } = self;
        let point = if fraction.is_empty() { "" } else { "." };
        let zone = format!("{sign}{hours:02}:{minutes:02}");
        let compact = format!("{sign}{hours:02}{minutes:02}");
        let (separator, offset, meant) = match form {
            0 => (" ", zone.clone(), zone),
            1 => ("T", zone.clone(), zone),
            2 => ("T", "Z".into(), "+00".into()),
            3 => (" ", " +0000 UTC".into(), "+00".into()),
            4 => (" ", format!(" {compact} {compact}"), zone),
            5 => (" ", format!(" {compact} CEST m=+0.000000123"), zone),
            6 => ("  ", "z".into(), "+00".into()),
            7 => ("t", "  UTC".into(), "+00".into()),
            8 => (" ", format!("{sign}{hours:02}"), format!("{sign}{hours:02}:00")),
            9 => (" ", format!("{zone}:07"), format!("{zone}:07")),
            10 => ("T", format!("{compact}59"), format!("{zone}:59")),
            _ => (" ", " GMT m=-1.5".into(), "+00".into()),
        };
        let six: String = format!("{fraction}000000").chars().take(6).collect();
        (
            text(&format!("{date}{separator}{clock}{point}{fraction}{offset}")),
            format!("{date} {clock}.{six}{meant}"),
        )
    }
}

pub(super) fn written(judge: &mut Judge<'_>) {
    let cases: Cases = some(4000, some_written()).iter().map(Written::both).collect();
    judge.hear_usual(Type::Timestamptz, &cases);
    judge.hear(Type::Timestamptz, Stored::TextUtc, &cases);
    // Without a zone the server would drop the offset, so it is asked for the time of UTC.
    let meant: Vec<String> = judge
        .client
        .query(
            "SELECT (e::timestamptz AT TIME ZONE 'UTC')::text FROM unnest($1::text[]) e",
            &[&cases.iter().map(|(_, e)| e.as_str()).collect::<Vec<_>>()],
        )
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let plain = cases.into_iter().zip(meant).map(|((value, _), meant)| (value, meant)).collect();
    judge.hear_usual(Type::Timestamp, &plain);
    let odd = [
        ("2024-02-29", "2024-02-29 00:00:00"),
        ("2024-12-31 24:00:00", "2025-01-01 00:00:00"),
        ("2016-12-31T23:59:60", "2017-01-01 00:00:00"),
        ("2016-12-31T23:59:60.25Z", "2017-01-01 00:00:00.25"),
        ("2024-02-29 07:00", "2024-02-29 07:00:00"),
        ("0001-01-01 00:00:00+00:00", "0001-01-01 00:00:00"),
        ("0001-01-01 00:00:00+15:59", "0001-12-31 08:01:00 BC"),
        ("9999-12-31 23:59:59.9999999", "9999-12-31 23:59:59.999999"),
        ("1969-12-31 23:59:59.9999999", "1969-12-31 23:59:59.999999"),
        ("10000-01-01 00:00", "10000-01-01 00:00:00"),
        ("294276-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999"),
    ];
    let odd: Cases = odd.map(|(v, e)| (text(v), e.to_owned())).to_vec();
    judge.hear_usual(Type::Timestamp, &odd);
    judge.hear(Type::Timestamptz, Stored::TextUtc, &odd);
    let dates = some(1000, some_written());
    let dates: Cases = dates.iter().map(|w| (text(&w.date), w.date.clone())).collect();
    judge.hear_usual(Type::Date, &dates);
    let dates = ["2024-01-02 00:00:00+05:30", "2024-01-02T00:00Z", " 2024-01-02 00:00:00.000"];
    judge.hear_usual(Type::Date, &dates.map(|v| (text(v), "2024-01-02".into())).to_vec());
    let clocks = some(1000, some_written());
    let clocks = clocks.iter().map(|w| (text(&w.clock), w.clock.clone())).collect();
    judge.hear_usual(Type::Time, &clocks);
    judge.hear_usual(Type::Time, &themselves(&["24:00:00", "23:59:60", "12:30", "00:00:00.5"]));
}

pub(super) fn counted(judge: &mut Judge<'_>) {
    let units = [
        (Stored::UnixS, 1_000_000_000_i128),
        (Stored::UnixMs, 1_000_000),
        (Stored::UnixUs, 1000),
        (Stored::UnixNs, 1),
    ];
    let range = -62_135_596_800_000_000_000_i128..253_402_300_799_000_000_000;
    for (stored, unit) in units {
        let moments = some(1000, range.clone()).into_iter().map(|nanos| nanos / unit);
        let moments = moments.filter_map(|count| i64::try_from(count).ok());
        let cases: Cases = moments
            .map(|count| {
                let micros = (i128::from(count) * unit).div_euclid(1000);
                let time = jiff::Timestamp::from_microsecond(i64::try_from(micros).unwrap());
                (Value::Integer(count), time.unwrap().to_string())
            })
            .collect();
        judge.hear(Type::Timestamptz, stored, &cases);
        judge.hear(Type::Timestamp, stored, &cases);
        let as_text = |(value, e): &(Value, String)| match value {
            Value::Integer(count) => (text(&count.to_string()), e.clone()),
            _ => unreachable!(),
        };
        judge.hear(Type::Timestamptz, stored, &cases.iter().map(as_text).collect());
    }
    let seconds = [
        (Value::Real(1.5), "1970-01-01 00:00:01.5"),
        (Value::Real(1_700_000_000.123_456_7), "2023-11-14 22:13:20.123456"),
        (Value::Real(-0.000_000_1), "1969-12-31 23:59:59.999999"),
        (text("-1.0000001"), "1969-12-31 23:59:58.999999"),
        (Value::Integer(-210_866_803_200), "4714-11-24 00:00:00 BC"),
        (Value::Integer(9_224_318_015_999), "294276-12-31 23:59:59"),
        (text("9224318015999.999999"), "294276-12-31 23:59:59.999999"),
    ];
    let seconds = seconds.map(|(v, e)| (v, e.to_owned())).to_vec();
    judge.hear(Type::Timestamptz, Stored::UnixS, &seconds);

    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    let days = some(2000, 1_721_426.0..5_373_484.5).into_iter().chain([2_440_587.5, 2_460_311.25]);
    let days: Cases = days
        .map(|day: f64| {
            let sql = "SELECT strftime('%Y-%m-%d %H:%M:%f', ?1)";
            (Value::Real(day), sqlite.query_row(sql, [day], |row| row.get(0)).unwrap())
        })
        .collect();
    judge.hear(Type::Timestamptz, Stored::Julian, &days);
    judge.hear(Type::Timestamp, Stored::Julian, &days);
    let first = vec![(Value::Integer(0), "4714-11-24 12:00:00 BC".to_owned())];
    judge.hear(Type::Timestamp, Stored::Julian, &first);
    let dates = some(500, -700_000..2_900_000_i64);
    let date = |day: i64| jiff::Timestamp::from_second(day * 86_400).unwrap().to_string();
    let unix = dates.iter().map(|day| (Value::Integer(day * 86_400), date(*day)));
    judge.hear(Type::Date, Stored::UnixS, &unix.collect());
    let julian = dates.iter().map(|day| (Value::Real(*day as f64 + 2_440_587.5), date(*day)));
    judge.hear(Type::Date, Stored::Julian, &julian.collect());
}

/// Lengths of time as text: what the server reads is asked for apart from the form.
pub(super) fn written_lengths(judge: &mut Judge<'_>) {
    let clock = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?";
    let spans =
        some(500, ("-?", "([0-9]{1,8}\\.)?", clock)).into_iter().map(|(sign, day, clock)| {
            let days = format!("{sign}{} days", day.trim_end_matches('.').parse().unwrap_or(0));
            (text(&format!("{sign}{day}{clock}")), format!("{days} {sign}{clock}"))
        });
    judge.hear(Type::Interval, Stored::Timespan, &spans.collect());
    let whole = "-?[0-9]{1,8}";
    let date = (whole, whole, whole).prop_map(|(y, m, d)| format!("{y}Y{m}M{d}D"));
    let time = (whole, whole, "-?[0-9]{1,8}(\\.[0-9]{1,6})?");
    let time = time.prop_map(|(h, m, s)| format!("T{h}H{m}M{s}S"));
    let iso = some(500, (date, time)).into_iter().map(|(date, time)| format!("P{date}{time}"));
    let iso: Vec<String> = iso.chain(["P3W", "P1M", "PT5M"].map(str::to_owned)).collect();
    let iso: Vec<&str> = iso.iter().map(String::as_str).collect();
    judge.hear(Type::Interval, Stored::IsoDuration, &themselves(&iso));
    let times = some(500, clock).into_iter().map(|clock| {
        let value = text(&format!("2000-01-01 {clock}"));
        (value, clock)
    });
    let deltas = [
        ("1 day, 2:03:04.500000", "1 day 02:03:04.5"),
        ("-1 day, 23:59:59", "-1 days +23:59:59"),
        ("0:00:00.000001", "00:00:00.000001"),
        ("-999999999 days, 0:00:00", "-999999999 days"),
    ];
    let deltas = deltas.map(|(value, meant)| (text(value), meant.to_owned()));
    judge.hear(Type::Interval, Stored::Timedelta, &deltas.to_vec());
    judge.hear(Type::Time, Stored::RailsTime, &times.collect());
    let days = some(500, (-700_000..2_900_000_i64, clock)).into_iter().map(|(days, clock)| {
        let date = jiff::civil::date(1970, 1, 1) + jiff::SignedDuration::from_hours(24 * days);
        (text(&format!("{date} {clock}")), format!("{days} days +{clock}"))
    });
    judge.hear(Type::Interval, Stored::EpochDate, &days.collect());
}

pub(super) fn lengths(judge: &mut Judge<'_>) {
    let units = [
        (Stored::Nanoseconds, 1_i64, 1000),
        (Stored::Microseconds, 1, 1),
        (Stored::Milliseconds, 1000, 1),
        (Stored::Seconds, 1_000_000, 1),
    ];
    for (stored, times, parts) in units {
        let cases = some(500, -7_000_000_000_i64..7_000_000_000).into_iter().map(|count| {
            let micros = (count * times).div_euclid(parts);
            let (sign, size) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
            let (seconds, below) = (size / 1_000_000, size % 1_000_000);
            let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
            let clock = format!("{sign}{hours}:{minutes:02}:{:02}.{below:06}", seconds % 60);
            (Value::Integer(count), clock)
        });
        judge.hear(Type::Interval, stored, &cases.collect());
    }
}
