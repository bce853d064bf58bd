//! Copying a table: one reader steps SQLite and encodes straight into binary COPY buffers.

use std::cell::Cell;
use std::io::Write;
use std::time::{Duration, Instant};

use postgres::Client;

use crate::codec::{Out, Watch};
use crate::diagnostic::{Error, Exit, Notes, Result};
use crate::event::Event;
use crate::load::hooks::Hooks;
use crate::load::server_text::ServerColumns;
use crate::plan::Copy;
use crate::postgres::{find_refused_row, named_column, server_error};
use crate::rows::{Key, RowLoop, Step, for_each_row, refusal_finding};
use crate::sqlite::{Reading, Source};
use crate::text::count_with_noun;

/// Bytes that are collected before they are sent as one message.
const BUFFER: usize = 128 * 1024;
/// So many bytes, or rows, have the server read their values at once.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_ROWS: u64 = 5_000;

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

/// Copies a table; `watch` sees every value as it is encoded.
///
/// # Errors
/// A value that is not as described ([`Exit::Findings`]), an error of SQLite or PostgreSQL, or a
/// stop. The transaction is the caller's to roll back.
pub fn copy_table(
    source: &Source,
    client: &mut Client,
    copy: &Copy,
    watch: Option<&mut Watch<'_>>,
    hooks: &mut Hooks,
    control: RowLoop<'_>,
) -> Result<Copied> {
    let row = Cell::new(None);
    let ended = send_rows(source, client, copy, watch, hooks, control, &row);
    ended.map_err(|mut error| {
        if let (Some(row), Some(fault)) = (row.get(), error.faults.first_mut())
            && let Ok(key) = row_name_at(source, copy, row)
        {
            fault.text.push_str(&format!("; the row is {key}"));
        }
        error
    })
}

/// The name of a row by its place in the order of reading.
fn row_name_at(source: &Source, copy: &Copy, index: u64) -> rusqlite::Result<String> {
    let key = Key::of_table(&source.structure, copy);
    let sql =
        format!("{} LIMIT 1 OFFSET {}", copy.select_sql(&key.columns), index.saturating_sub(1));
    let fields = copy.table().copied_columns().count();
    source.reader.query_row(&sql, [], |row| Ok(key.describe_row(row, fields)))
}

/// Sends the rows; `refused` gets the place of the one that PostgreSQL did not take.
fn send_rows(
    source: &Source,
    client: &mut Client,
    copy: &Copy,
    watch: Option<&mut Watch<'_>>,
    hooks: &mut Hooks,
    control: RowLoop<'_>,
    refused: &Cell<Option<u64>>,
) -> Result<Copied> {
    let begun = Instant::now();
    if let Some(columns) = ServerColumns::of_copy(client, copy)? {
        let mut batches = Batches { client, copy, columns, hooks, refused, sent: Sent::default() };
        let (rows, notes) = batches.send_all(source.reading(), watch, control)?;
        let Sent { bytes, written, .. } = batches.sent;
        check_row_count(copy, rows, written)?;
        return Ok(Copied { rows, bytes, time: begun.elapsed(), notes });
    }
    let load = |error: &postgres::Error| copy_error(copy, error, 0, refused);
    let mut sink = client.copy_in(&copy.copy_sql()).map_err(|error| load(&error))?;
    let broken = |error: std::io::Error| stream_error(copy, error, &load);
    let mut bytes = 0_u64;
    let mut out = Out::default();
    out.append_raw(HEADER);
    let reading = source.reading();
    let (rows, notes) =
        for_each_row(reading, copy, &mut out, control, watch, &mut |step| match step {
            Step::Encoded(out) if out.bytes().len() < BUFFER => Ok(()),
            Step::Encoded(out) => {
                hooks.run_at(Event::Copy);
                bytes += out.bytes().len() as u64;
                sink.write_all(out.bytes()).map_err(broken)?;
                out.clear();
                Ok(())
            }
            Step::Refused { refusal, key, .. } => {
                Err(refusal_finding(copy, refusal, key).into_error())
            }
        })?;
    out.append_raw(TRAILER);
    bytes += out.bytes().len() as u64;
    hooks.run_at(Event::Copy);
    sink.write_all(out.bytes()).map_err(broken)?;
    let written = sink.finish().map_err(|error| load(&error))?;
    check_row_count(copy, rows, written)?;
    Ok(Copied { rows, bytes, time: begun.elapsed(), notes })
}

/// What was sent so far.
#[derive(Clone, Copy, Default)]
struct Sent {
    rows: u64,
    bytes: u64,
    written: u64,
}

/// Rows with values that the server reads first, in a COPY for each batch.
struct Batches<'a> {
    client: &'a mut Client,
    copy: &'a Copy,
    columns: ServerColumns,
    hooks: &'a mut Hooks,
    refused: &'a Cell<Option<u64>>,
    sent: Sent,
}

impl Batches<'_> {
    fn send_all(
        &mut self,
        reading: Reading<'_>,
        watch: Option<&mut Watch<'_>>,
        control: RowLoop<'_>,
    ) -> Result<(u64, Notes)> {
        let (copy, mut out, mut waiting) = (self.copy, Out::default(), 0);
        let read = for_each_row(reading, copy, &mut out, control, watch, &mut |step| match step {
            Step::Encoded(out) => {
                waiting += 1;
                if out.bytes().len() >= BATCH_BYTES || waiting >= BATCH_ROWS {
                    self.send_batch(out.bytes(), waiting)?;
                    waiting = 0;
                    out.clear();
                }
                Ok(())
            }
            Step::Refused { refusal, key, .. } => {
                Err(refusal_finding(copy, refusal, key).into_error())
            }
        })?;
        self.send_batch(out.bytes(), waiting)?;
        Ok(read)
    }

    fn send_batch(&mut self, encoded: &[u8], rows: u64) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        let read = self.columns.read_texts(self.client, encoded)?;
        let (copy, before) = (self.copy, self.sent.rows);
        let load = |error: &postgres::Error| copy_error(copy, error, before, self.refused);
        let mut sink = self.client.copy_in(&copy.copy_sql()).map_err(|error| load(&error))?;
        self.hooks.run_at(Event::Copy);
        for bytes in [HEADER, &read, TRAILER] {
            sink.write_all(bytes).map_err(|error| stream_error(copy, error, &load))?;
            self.sent.bytes += bytes.len() as u64;
        }
        self.sent.written += sink.finish().map_err(|error| load(&error))?;
        self.sent.rows += rows;
        Ok(())
    }
}

/// What keeps PostgreSQL from taking the rows, with the row, behind those `before`.
fn copy_error(
    copy: &Copy,
    error: &postgres::Error,
    before: u64,
    refused: &Cell<Option<u64>>,
) -> Error {
    let columns = copy.table().copied_columns().map(|column| column.name);
    let place = find_refused_row(error, copy.table().name, columns);
    let named = named_column(error);
    let mut error = server_error(&describe_copy(copy), error);
    if let (Some(place), Some(fault)) = (place, error.faults.first_mut()) {
        refused.set(Some(before + place.row));
        fault.text.push_str(&format!(", row {} of the rows sent", before + place.row));
        let column = place.column.filter(|name| named.as_deref() != Some(*name));
        fault.text.extend(column.map(|name| format!(", column {name}")));
    }
    error
}

fn stream_error(
    copy: &Copy,
    error: std::io::Error,
    load: &dyn Fn(&postgres::Error) -> Error,
) -> Error {
    match error.downcast::<postgres::Error>() {
        Ok(error) => load(&error),
        Err(error) => Error::new(Exit::Load, format!("{}: {error}", describe_copy(copy)), ""),
    }
}

fn describe_copy(copy: &Copy) -> String {
    format!("copying {} {}", copy.database, copy.table().name)
}

fn check_row_count(copy: &Copy, rows: u64, written: u64) -> Result<()> {
    if written == rows {
        return Ok(());
    }
    Err(Error::new(
        Exit::Load,
        format!(
            "{}: {} sent to PostgreSQL, {written} accepted",
            describe_copy(copy),
            count_with_noun(rows, "row")
        ),
        "check the rules and triggers of the table, which may drop rows",
    ))
}
