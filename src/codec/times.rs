//! Dates and times that are stored as text.

use super::calendar::{DAY, GO_ZERO, SECOND, in_range};
use super::decimal::trim_white_space;
use super::length::read_full_clock;
use super::moment::{Beyond, Clock, Moment};
use super::refuse::refuse_showing_shape;
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

const WITH_OFFSET: &str = "a date and time with its offset";
const MAYBE_OFFSET: &str = "a date and time";
const DATE: &str = "a date";
const TIME: &str = "a time of day";
const RAILS_TIME: &str = "a time of day on 2000-01-01";

/// `timestamptz` stored as text that says its offset.
///
/// # Errors
/// When there is no offset (`D5`) or no time (`D16`), for a number (`D6`), and for text that is
/// not read as a time (`D3`, `D9`, `D10`, `D13` to `D16`, `T9`).
#[inline]
pub fn timestamptz(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let check = |moment: &Moment| match (moment.clock, moment.offset) {
        (None, _) => Err(Id::D16),
        (_, None) => Err(Id::D5),
        _ => Ok(()),
    };
    put_instant(out, cell, check).map_err(|id| refuse_showing_shape(id, WITH_OFFSET, cell))
}

/// `timestamptz` stored as text that means UTC where it does not say an offset.
///
/// # Errors
/// As [`timestamptz`], but for texts without time or offset.
#[inline]
pub fn timestamptz_utc(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_instant(out, cell, |_| Ok(())).map_err(|id| refuse_showing_shape(id, MAYBE_OFFSET, cell))
}

/// `timestamp` stored as text; with an offset the time of UTC is kept.
///
/// # Errors
/// As [`timestamptz_utc`].
#[inline]
pub fn timestamp(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    timestamptz_utc(out, cell)
}

#[inline]
fn put_instant(
    out: &mut Out,
    cell: Cell<'_>,
    check: impl FnOnce(&Moment) -> Result<(), Id>,
) -> Result<(), Id> {
    let text = text_or_id(cell, Id::D6)?;
    let moment = Moment::parse(text)?;
    check(&moment)?;
    let micros = moment.clock.map_or(0, |clock| clock.micros);
    let micros = moment.days * DAY + micros - moment.offset.unwrap_or(0) * SECOND;
    put_timestamp(out, micros).ok_or(Id::D10)?;
    note_year(out, &moment);
    if let Some(clock) = moment.clock {
        note_clock(out, &clock);
    }
    Ok(())
}

/// Writes microseconds from 2000-01-01 where PostgreSQL has such a time.
#[inline]
pub(super) fn put_timestamp(out: &mut Out, micros: i64) -> Option<()> {
    if !in_range(micros) {
        return None;
    }
    if micros == GO_ZERO {
        out.add_note(Id::D8);
    }
    out.write_field8(micros.to_be_bytes());
    Some(())
}

/// `date` stored as text; midnight and an offset may follow, the written date counts.
///
/// # Errors
/// When another time follows (`D18`), for a number (`D17`), and for text that is not read as a
/// date (`D9`, `D10`, `D13` to `D16`, `T9`).
#[inline]
pub fn date(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_written_date(out, cell).map_err(|id| refuse_showing_shape(id, DATE, cell))
}

#[inline]
fn put_written_date(out: &mut Out, cell: Cell<'_>) -> Result<(), Id> {
    let text = text_or_id(cell, Id::D17)?;
    let moment = Moment::parse(text)?;
    if let Some(clock) = moment.clock {
        if clock.micros != 0 || clock.cut {
            return Err(Id::D18);
        }
        out.add_note(Id::D18);
    }
    put_date(out, moment.days).ok_or(Id::D10)?;
    note_year(out, &moment);
    Ok(())
}

/// Writes days from 2000-01-01.
#[inline]
pub(super) fn put_date(out: &mut Out, days: i64) -> Option<()> {
    out.write_field4(i32::try_from(days).ok()?.to_be_bytes());
    Some(())
}

/// `time` stored as text.
///
/// # Errors
/// When there is a date or an offset or no time (`D16`), or a time that does not exist (`D13`).
#[inline]
pub fn time(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_written_time(out, cell).map_err(|id| refuse_showing_shape(id, TIME, cell))
}

#[inline]
fn put_written_time(out: &mut Out, cell: Cell<'_>) -> Result<(), Id> {
    let text = text_or_id(cell, Id::D16)?;
    let clock = Clock::parse(text)?;
    if clock.micros > DAY || clock.micros == DAY && clock.cut {
        return Err(Id::D13);
    }
    out.write_field8(clock.micros.to_be_bytes());
    match clock.beyond {
        // 24:00:00 stays what it is.
        Some(Beyond::Midnight) => {}
        _ => note_clock(out, &clock),
    }
    Ok(())
}

/// `time` stored as text that puts 2000-01-01 before the time of day, as Rails does.
///
/// # Errors
/// When there is another date, none, an offset, or no time with seconds from 00:00:00 to 23:59:59
/// (`D16`), for empty text (`T9`), and for a blob (`S1`).
#[inline]
pub fn time_rails(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_rails_time(out, cell).map_err(|id| refuse_showing_shape(id, RAILS_TIME, cell))
}

fn put_rails_time(out: &mut Out, cell: Cell<'_>) -> Result<(), Id> {
    let text = trim_white_space(text_or_id(cell, Id::D16)?);
    if text.is_empty() {
        return Err(Id::T9);
    }
    let clock = match text.strip_prefix(b"2000-01-01") {
        Some([b' ' | b'T', clock @ ..]) => clock,
        _ => return Err(Id::D16),
    };
    let (micros, cut) = read_full_clock(clock).ok_or(Id::D16)?;
    out.write_field8(micros.to_be_bytes());
    if cut {
        out.add_note(Id::D11);
    }
    Ok(())
}

/// The text, or the id for a value that is none.
#[inline]
fn text_or_id<'a>(cell: Cell<'a>, number: Id) -> Result<&'a [u8], Id> {
    match cell {
        Cell::Text(text) => Ok(text),
        Cell::Integer(_) | Cell::Real(_) => Err(number),
        Cell::Null | Cell::Blob(_) => Err(Id::S1),
    }
}

#[inline]
fn note_year(out: &mut Out, moment: &Moment) {
    if moment.long_year {
        out.add_note(Id::D10);
    }
}

#[inline]
fn note_clock(out: &mut Out, clock: &Clock) {
    if clock.cut {
        out.add_note(Id::D11);
    }
    if clock.beyond.is_some() {
        out.add_note(Id::D12);
    }
}
