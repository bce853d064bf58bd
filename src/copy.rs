//! Copying a table: one reader steps SQLite and encodes straight into binary COPY buffers.

use std::cell::Cell;
use std::io::Write;
use std::time::{Duration, Instant};

use postgres::Client;
use rusqlite::types::ValueRef;

use crate::codec::{Out, Refusal, Row, Watch};
use crate::error::{Error, Exit, Result};
use crate::event::{Event, Hooks};
use crate::finding::{Finding, Id, Notes};
use crate::plan::{self, Copy};
use crate::source::{Reading, Source, Structure};
use crate::stop::Stop;
use crate::target;

/// Bytes that are collected before they are sent as one message.
const BUFFER: usize = 128 * 1024;

/// Rows between two looks at the stop flag where nothing is sent.
const LOOK: u64 = 4096;

/// The signature, flags and header extension of binary COPY, as PostgreSQL's manual gives them.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &[0xff, 0xff];

/// What copying a table came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows read and sent.
    pub rows: u64,
    /// Bytes sent, in binary COPY form.
    pub bytes: u64,
    /// How long it took.
    pub time: Duration,
    /// What was taken in a way that is counted.
    pub notes: Notes,
}

/// Copies a table.
///
/// # Errors
/// A value that is not as described ([`Exit::Findings`]), an error of SQLite or PostgreSQL, or a
/// stop. The transaction is the caller's to roll back.
pub fn copy(
    source: &Source,
    client: &mut Client,
    copy: &Copy,
    hooks: &mut Hooks,
    stop: &Stop,
) -> Result<Copied> {
    let row = Cell::new(None);
    let ended = send(source, client, copy, hooks, stop, &row);
    ended.map_err(|mut error| {
        if let (Some(row), Some(fault)) = (row.get(), error.faults.first_mut())
            && let Ok(key) = name_of(source, copy, row)
        {
            fault.text.push_str(&format!("; the row is {key}"));
        }
        error
    })
}

/// The name of a row by its place in the order of reading.
fn name_of(source: &Source, copy: &Copy, place: u64) -> rusqlite::Result<String> {
    let key = Key::of(&source.structure, copy);
    let sql = format!("{} LIMIT 1 OFFSET {}", copy.select(&key.columns), place.saturating_sub(1));
    let fields = copy.table().copied().count();
    source.reader.query_row(&sql, [], |row| Ok(key.name(row, fields)))
}

/// Sends the rows; `refused` gets the place of the one that PostgreSQL did not take.
fn send(
    source: &Source,
    client: &mut Client,
    copy: &Copy,
    hooks: &mut Hooks,
    stop: &Stop,
    refused: &Cell<Option<u64>>,
) -> Result<Copied> {
    let begun = Instant::now();
    let what = || format!("copying {} {}", copy.database, copy.table().name);
    let load = |error: &postgres::Error| {
        let columns = copy.table().copied().map(|column| column.name);
        let place = target::refused_row(error, copy.table().name, columns);
        let named = target::named_column(error);
        let mut error = target::error(&what(), error);
        if let (Some(place), Some(fault)) = (place, error.faults.first_mut()) {
            refused.set(Some(place.row));
            fault.text.push_str(&format!(", row {} of those sent", place.row));
            let column = place.column.filter(|name| named.as_deref() != Some(*name));
            fault.text.extend(column.map(|name| format!(", column {name}")));
        }
        error
    };
    let mut sink = client.copy_in(&copy.copy()).map_err(|error| load(&error))?;
    let broken = |error: std::io::Error| match error.downcast::<postgres::Error>() {
        Ok(error) => load(&error),
        Err(error) => Error::new(Exit::Load, format!("{}: {error}", what()), ""),
    };
    let mut bytes = 0_u64;
    let mut out = Out::default();
    out.raw(HEADER);
    let reading = source.reading();
    let (rows, notes) = each_row(reading, copy, &mut out, stop, None, &mut |step| match step {
        Step::Encoded(out) if out.bytes().len() < BUFFER => Ok(()),
        Step::Encoded(out) => {
            hooks.reached(Event::Copy);
            bytes += out.bytes().len() as u64;
            sink.write_all(out.bytes()).map_err(broken)?;
            out.clear();
            Ok(())
        }
        Step::Refused { refusal, key, .. } => Err(finding(copy, refusal, key).into_error()),
    })?;
    out.raw(TRAILER);
    bytes += out.bytes().len() as u64;
    hooks.reached(Event::Copy);
    sink.write_all(out.bytes()).map_err(broken)?;
    let written = sink.finish().map_err(|error| load(&error))?;
    if written != rows {
        return Err(Error::new(
            Exit::Load,
            format!("{}: {} rows were sent, PostgreSQL took {written}", what(), rows),
            "a rule or trigger on the table may have swallowed rows",
        ));
    }
    Ok(Copied { rows, bytes, time: begun.elapsed(), notes })
}

/// A row of a table that is being read.
pub enum Step<'a> {
    /// It was encoded; the buffer holds it and those before it that nobody cleared.
    Encoded(&'a mut Out),
    /// A value was refused; the buffer is as before the row.
    Refused {
        /// The row as SQLite gives it.
        row: &'a rusqlite::Row<'a>,
        /// Why, and which column.
        refusal: Refusal,
        /// The row's name.
        key: String,
    },
}

/// Steps through a table, encodes every row and calls `each` with it; `watch` sees every value up
/// to one that is refused. Returns the number of rows and what codecs noted.
///
/// # Errors
/// SQLite's, those of `each`, or a stop.
pub fn each_row(
    reading: Reading<'_>,
    copy: &Copy,
    out: &mut Out,
    stop: &Stop,
    mut watch: Option<&mut Watch<'_>>,
    each: &mut dyn FnMut(Step<'_>) -> Result<()>,
) -> Result<(u64, Notes)> {
    let fail = |error: rusqlite::Error| reading.error(&error);
    let key = Key::of(reading.structure, copy);
    let mut statement = reading.connection.prepare(&copy.select(&key.columns)).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let fields = copy.table().copied().count();
    let header = u16::try_from(fields).unwrap_or(u16::MAX);
    let mut notes = Notes::new();
    let mut count = 0_u64;
    while let Some(row) = rows.next().map_err(fail)? {
        count += 1;
        if count.is_multiple_of(LOOK) {
            stop.check()?;
        }
        let before = out.bytes().len();
        let watch: Option<&mut Watch<'_>> = match &mut watch {
            Some(watch) => Some(&mut **watch),
            None => None,
        };
        let mut cells = Row::begin(row, header, out, &mut notes).watched(watch);
        let encoded = copy.shape.encode(&mut cells);
        match encoded {
            Ok(()) => each(Step::Encoded(out))?,
            Err(refusal) => {
                out.truncate(before);
                each(Step::Refused { row, refusal, key: key.name(row, fields) })?;
            }
        }
    }
    Ok((count, notes))
}

/// A refused value with its place.
pub fn finding(copy: &Copy, mut refusal: Refusal, key: String) -> Finding {
    let column = copy.table().copied().nth(refusal.column).map_or("", |column| column.name);
    if refusal.why.id == Id::K14 && copy.table().primary_key.contains(&column) {
        refusal.why.id = Id::K8;
    }
    Finding::refused(&copy.database, copy.table().name, column, refusal.why, key)
}

/// How a row of a table is named: by its rowid, under the name that no column hides; by its primary
/// key where there is none; otherwise by its place in the order of reading.
pub struct Key {
    /// SQL of what is selected beside the copied columns.
    pub columns: Vec<String>,
    names: Vec<String>,
}

impl Key {
    /// The key of a table as the source has it.
    pub fn of(structure: &Structure, copy: &Copy) -> Key {
        let Some(own) = structure.table(copy.table().source) else {
            return Key { columns: Vec::new(), names: Vec::new() };
        };
        if copy.numbered {
            return Key { columns: vec![plan::NUMBER.to_owned()], names: vec!["row".to_owned()] };
        }
        match own.rowid() {
            Some(rowid) => Key { columns: vec![rowid.to_owned()], names: vec![rowid.to_owned()] },
            None => Key {
                columns: own.primary_key().into_iter().map(model::sql::quote).collect(),
                names: own.primary_key().into_iter().map(str::to_owned).collect(),
            },
        }
    }

    /// The number in the table's own SQL that names the current row, where there is such a one.
    pub fn number(&self, row: &rusqlite::Row<'_>, fields: usize) -> Option<i64> {
        let placed = self.columns.iter().any(|column| column == plan::NUMBER);
        match (row.get_ref(fields), self.columns.as_slice()) {
            (Ok(ValueRef::Integer(number)), [_]) if !placed => Some(number),
            _ => None,
        }
    }

    /// The key of the current row: `rowid 17`, or `(tenant, code) = (4, text of 12 bytes)`. Only
    /// integers are shown: a text key may be a secret.
    pub fn name(&self, row: &rusqlite::Row<'_>, fields: usize) -> String {
        let value = |place: usize| match row.get_ref(fields + place) {
            Ok(ValueRef::Integer(value)) => value.to_string(),
            Ok(ValueRef::Real(value)) => value.to_string(),
            Ok(ValueRef::Text(bytes)) => format!("text of {} bytes", bytes.len()),
            Ok(ValueRef::Blob(bytes)) => format!("blob of {} bytes", bytes.len()),
            Ok(ValueRef::Null) | Err(_) => "NULL".to_owned(),
        };
        let values: Vec<String> = (0..self.names.len()).map(value).collect();
        match (self.names.as_slice(), values.as_slice()) {
            ([name], [value]) => format!("{name} {value}"),
            (names, values) => format!("({}) = ({})", names.join(", "), values.join(", ")),
        }
    }
}
