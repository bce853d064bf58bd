//! What a cell of SQLite must become, as PostgreSQL prints it: small rules of the test's own, with
//! SQLite's functions for everything about the calendar.

use model::{Column, Stored, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// The rules, and SQLite to compute with.
pub struct Rules<'a> {
    sqlite: &'a Connection,
}

impl<'a> Rules<'a> {
    pub fn new(sqlite: &'a Connection) -> Rules<'a> {
        Rules { sqlite }
    }

    /// The text of a cell; `None` for NULL.
    pub fn text(&mut self, column: &Column, cell: ValueRef<'_>) -> Option<String> {
        if cell == ValueRef::Null {
            return None;
        }
        Some(match column.ty {
            // Some frameworks keep letters.
            Type::Bool if matches!(cell, ValueRef::Text(_)) => text(cell),
            Type::Bool => if integer(cell) == 1 { "t" } else { "f" }.to_owned(),
            Type::Int2 | Type::Int4 | Type::Int8 => integer(cell).to_string(),
            Type::Float4 => format!("{:08x}", (real(cell) as f32).to_bits()),
            Type::Float8 => format!("{:016x}", real(cell).to_bits()),
            Type::Numeric(_) => match cell {
                ValueRef::Integer(value) => value.to_string(),
                _ => real(cell).to_string(),
            },
            Type::Char(_) => text(cell).trim_end_matches(' ').to_owned(),
            Type::Bytea => format!("\\x{}", hex::encode(cell.as_bytes().unwrap())),
            Type::Uuid if column.stored == Stored::Blob => hex::encode(cell.as_blob().unwrap()),
            Type::Array(_) => elements(&text(cell)),
            Type::Date => self.date(column.stored, cell),
            Type::Timestamp => self.moment(column.stored, cell),
            Type::Timestamptz => self.moment(column.stored, cell) + "+00",
            Type::Interval if matches!(cell, ValueRef::Text(_)) => self.since_epoch(&text(cell)),
            Type::Interval => length(column.stored, integer(cell)),
            _ => text(cell),
        })
    }

    fn date(&self, stored: Stored, cell: ValueRef<'_>) -> String {
        match stored {
            Stored::Text => text(cell),
            Stored::UnixS => self.ask("SELECT date(?1, 'unixepoch')", integer(cell)),
            _ => self.ask("SELECT date(?1)", real(cell)),
        }
    }

    /// A length of time as the time that it is after 1970 began: `1 day 03:04:05.000006`.
    fn since_epoch(&self, written: &str) -> String {
        let days = "SELECT CAST(CAST(julianday(?1) - 2440587.5 AS INTEGER) AS TEXT)";
        let days = self.ask(days, &written[..10]);
        let clock = written[11..].trim_end_matches(".000000");
        let clock = if clock.contains('.') { clock.trim_end_matches('0') } else { clock };
        match &*days {
            "0" => clock.to_owned(),
            "1" => format!("1 day {clock}"),
            days => format!("{days} days {clock}"),
        }
    }

    /// A time in UTC.
    fn moment(&self, stored: Stored, cell: ValueRef<'_>) -> String {
        match stored {
            Stored::UnixS => self.stamp(integer(cell), 0),
            Stored::UnixMs => self.since_1970(integer(cell), 1_000),
            Stored::UnixUs => self.since_1970(integer(cell), 1_000_000),
            Stored::UnixNs => self.since_1970(integer(cell), 1_000_000_000),
            Stored::Julian => {
                let shown = self.ask("SELECT strftime('%Y-%m-%d %H:%M:%f', ?1)", real(cell));
                shown.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            _ => self.written(&text(cell)),
        }
    }

    fn since_1970(&self, number: i64, units: i64) -> String {
        let (second, rest) = (number.div_euclid(units), number.rem_euclid(units));
        // Nanoseconds lose what microseconds cannot hold.
        self.stamp(second, i128::from(rest) * 1_000_000 / i128::from(units))
    }

    fn stamp(&self, second: i64, micros: i128) -> String {
        let clock = self.ask("SELECT strftime('%Y-%m-%d %H:%M:%S', ?1, 'unixepoch')", second);
        match micros {
            0 => clock,
            micros => format!("{clock}.{micros:06}").trim_end_matches('0').to_owned(),
        }
    }

    /// A date, a space or T, a clock, digits, an offset in one of Go's forms.
    fn written(&self, written: &str) -> String {
        let (day, rest) = written.split_at(10);
        let rest = rest.strip_prefix([' ', 'T']).unwrap_or("00:00:00");
        let (clock, rest) = rest.split_at(8);
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, zone) = rest.split_at(end);
        let digits: String = digits.chars().skip(1).chain("000000".chars()).take(6).collect();
        let zone = zone.trim_start();
        let offset: Vec<i64> = zone
            .get(1..)
            .unwrap_or_default()
            .split(' ')
            .next()
            .unwrap_or_default()
            .chars()
            .filter_map(|c| c.to_digit(10).map(i64::from))
            .collect();
        let minutes = match offset.as_slice() {
            [h, hh, m, mm] => (h * 10 + hh) * 60 + m * 10 + mm,
            [] => 0,
            _ => panic!("what offset is this: {written}"),
        };
        let east = if zone.starts_with('-') { -minutes } else { minutes };
        let local = "SELECT strftime('%s', ?1)";
        let second: i64 = self.ask(local, format!("{day} {clock}")).parse().unwrap();
        self.stamp(second - east * 60, digits.parse().unwrap())
    }

    fn ask(&self, sql: &str, value: impl rusqlite::ToSql) -> String {
        let mut statement = self.sqlite.prepare(sql).unwrap();
        statement.query_row([value], |row| row.get(0)).unwrap()
    }
}

fn integer(cell: ValueRef<'_>) -> i64 {
    cell.as_i64().unwrap()
}

/// A column of affinity REAL keeps whole numbers as integers; they are reals all the same.
fn real(cell: ValueRef<'_>) -> f64 {
    match cell {
        #[expect(clippy::cast_precision_loss, reason = "SQLite does the same")]
        ValueRef::Integer(value) => value as f64,
        _ => cell.as_f64().unwrap(),
    }
}

fn text(cell: ValueRef<'_>) -> String {
    match cell {
        ValueRef::Integer(value) => value.to_string(),
        _ => cell.as_str().unwrap().to_owned(),
    }
}

/// `-01:02:03.5`, hours beyond 24 among them.
fn length(stored: Stored, number: i64) -> String {
    let micros = match stored {
        Stored::Seconds => number * 1_000_000,
        Stored::Milliseconds => number * 1_000,
        Stored::Microseconds => number,
        _ => number.div_euclid(1_000),
    };
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.abs());
    let (second, micros) = (micros / 1_000_000, micros % 1_000_000);
    let clock = format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
    match micros {
        0 => format!("{sign}{clock}"),
        micros => format!("{sign}{clock}.{micros:06}").trim_end_matches('0').to_owned(),
    }
}

/// The elements of a JSON array, each by itself.
pub fn elements(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    let elements = value.as_array().unwrap().iter().map(|element| match element {
        serde_json::Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    });
    elements.collect::<Vec<_>>().join(" | ")
}
