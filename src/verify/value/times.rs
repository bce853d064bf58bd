//! Times and lengths of time as SQLite stores them: what [`time`](crate::verify::time) reads, and
//! which of it each type and encoding takes.

use super::{Reader, text_of, trimmed};
use crate::verify::decimal::Notation;
use crate::verify::{Unread, time};
use model::{Stored, Type};
use rusqlite::types::ValueRef;

impl Reader<'_> {
    /// Days for a date, microseconds for everything else.
    pub(super) fn time(
        &mut self,
        ty: Type,
        stored: Stored,
        value: ValueRef<'_>,
    ) -> Result<i64, Unread> {
        match (ty, stored) {
            (Type::Time, _) => time::read_clock(trimmed(text_of(value)?)),
            (Type::Date, Stored::Text) => {
                let written = time::read(trimmed(text_of(value)?))?;
                let midnight = written.time.unwrap_or(0) == 0;
                if midnight { Ok(written.days) } else { Err("a date with a time of day") }
            }
            (Type::Date, _) => {
                if stored == Stored::UnixS && !matches!(value, ValueRef::Integer(_)) {
                    return Err("not whole seconds");
                }
                let micros = self.moment(stored, value)?;
                let midnight = micros % time::DAY == 0;
                if midnight { Ok(micros / time::DAY) } else { Err("a date with a time of day") }
            }
            (Type::Interval, _) => {
                let ValueRef::Integer(count) = value else { return Err("not a whole number") };
                let length = match stored {
                    Stored::Seconds => count.checked_mul(1_000_000),
                    Stored::Milliseconds => count.checked_mul(1_000),
                    Stored::Microseconds => Some(count),
                    _ => Some(count.div_euclid(1000)),
                };
                length.ok_or("an interval out of range")
            }
            (_, Stored::Text | Stored::TextUtc) => {
                let written = time::read(trimmed(text_of(value)?))?;
                let said = written.offset.is_some() && written.time.is_some();
                if ty == Type::Timestamptz && stored == Stored::Text && !said {
                    return Err("a time without an offset");
                }
                written.micros()
            }
            _ => self.moment(stored, value),
        }
    }

    /// Microseconds since 2000 of a count since 1970, or of a Julian day number.
    fn moment(&mut self, stored: Stored, value: ValueRef<'_>) -> Result<i64, Unread> {
        let places = match stored {
            Stored::UnixS => 6,
            Stored::UnixMs => 3,
            Stored::UnixUs => 0,
            Stored::UnixNs => -3,
            _ => {
                return match value {
                    ValueRef::Real(day) => time::julian(day),
                    ValueRef::Integer(day) => time::julian(day as f64),
                    _ => Err("not a Julian day number"),
                };
            }
        };
        let micros = match value {
            ValueRef::Integer(count) if places < 0 => Some(i128::from(count.div_euclid(1000))),
            ValueRef::Integer(count) => Some(i128::from(count) * 10i128.pow(places as u32)),
            ValueRef::Real(real) if self.decimal.set_real(real) => self.decimal.floor(places),
            ValueRef::Text(text) => {
                self.number(trimmed(text), Notation::Fraction)?;
                self.decimal.floor(places)
            }
            _ => return Err("not a count of time"),
        };
        let epoch = i128::from(time::UNIX_DAYS * time::DAY);
        time::ranged(micros.ok_or("a time out of range")?.saturating_sub(epoch))
    }
}
