//! How rows reach the server to be judged: the columns that are needed travel as arrays in a
//! transaction that only reads, or, where they are too many or no arrays, into a temporary table of
//! a transaction that is rolled back.

use std::io::Write;
use std::time::Duration;

use model::sql;
use postgres::types::ToSql;
use postgres::{Client, Row};
use rusqlite::types::ValueRef;

use super::needed::{Needed, PLACE, STAGED};
use crate::check::columns::CheckedTable;
use crate::check::columns::rules::{Elements, array_type, describe_value};
use crate::codec::{self, Out};
use crate::diagnostic::server_text::ServerText;
use crate::diagnostic::{Error, Example, Exit, Found, Result};
use crate::postgres::{server_error, session};
use crate::stop::Stop;

/// So many rows, or bytes, travel as arrays at once.
const ROWS: usize = 20_000;
const BYTES: usize = 8 << 20;
/// Bytes that are collected before they are sent into a temporary table.
const BUFFER: usize = 128 * 1024;
/// How long a question waits for a lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// Signature, flags and header extension of binary COPY, and its end.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &[0xff, 0xff];

/// Takes a row: its place, and its fields as codecs have encoded them. It says whether to go on.
type EachRow<'a> = dyn FnMut(i64, &[Vec<u8>]) -> Result<bool> + 'a;

/// Why the server could not say.
#[derive(Debug)]
pub struct Unanswered {
    /// The SQLSTATE.
    pub state: String,
    /// Its own words.
    pub server_text: ServerText,
}

/// An answer of the server, or why there is none.
pub type Answer<T> = std::result::Result<T, Unanswered>;

/// Rows as arrays.
pub struct Arrays {
    places: Vec<i64>,
    columns: Vec<Elements>,
}

impl Arrays {
    fn new(needed: &Needed<'_>) -> Arrays {
        let arrays = needed.copied.iter().filter_map(|(column, _)| array_type(column.ty));
        let columns = arrays.map(|(oid, _)| Elements::new(&oid)).collect();
        Arrays { places: Vec::new(), columns }
    }

    fn push(&mut self, index: i64, fields: &[Vec<u8>]) {
        self.places.push(index);
        for (elements, field) in self.columns.iter_mut().zip(fields) {
            elements.push(field);
        }
    }

    fn is_full(&self) -> bool {
        let size: usize = self.columns.iter().map(Elements::size).sum();
        self.places.len() >= ROWS || size >= BYTES
    }

    /// How many rows they have.
    pub fn rows(&self) -> usize {
        self.places.len()
    }

    /// Asks the server.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn ask(&self, client: &mut Client, query: &str) -> Result<Answer<Vec<Row>>> {
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&self.places];
        parameters.extend(self.columns.iter().map(|elements| elements as &(dyn ToSql + Sync)));
        answer_of_result(client.query(query, &parameters))
    }
}

/// What a query came to.
///
/// # Errors
/// When the connection breaks.
pub fn answer_of_result<T>(result: std::result::Result<T, postgres::Error>) -> Result<Answer<T>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.as_db_error() {
            Some(server_text) => {
                let state = server_text.code().code().to_owned();
                Ok(Err(Unanswered { state, server_text: ServerText::from_error(server_text) }))
            }
            None => Err(server_error("checking rows", &error)),
        },
    }
}

/// Begins a transaction that only reads.
///
/// # Errors
/// The server's.
pub fn begin_reading(client: &mut Client) -> Result<()> {
    // What a question before has left open is of no use.
    let begin = "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    client.batch_execute(begin).map_err(|error| server_error("BEGIN", &error))?;
    session::lift_limits(client, LOCK_TIMEOUT)
}

/// Begins one that may make temporary tables, unless the server is one that only reads; it is never
/// committed.
///
/// # Errors
/// When the connection breaks, or limits cannot be lifted.
pub fn begin_trial(client: &mut Client) -> Result<Answer<()>> {
    let begin = "ROLLBACK; BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    if let Err(why) = answer_of_result(client.batch_execute(begin))? {
        return Ok(Err(why));
    }
    session::lift_limits(client, LOCK_TIMEOUT).map(Ok)
}

/// Begins a transaction that only reads, in which all types are there.
///
/// # Errors
/// When the connection breaks, or the server does not begin.
pub fn begin_question(client: &mut Client, needed: &Needed<'_>) -> Result<Answer<()>> {
    if !needed.lacks_types() {
        return begin_reading(client).map(Ok);
    }
    if let Err(why) = begin_trial(client)? {
        return Ok(Err(why));
    }
    make_for_question(client, needed, &[])
}

/// Makes the types that are lacking, and what else is said; from then on nothing is written.
fn make_for_question(
    client: &mut Client,
    needed: &Needed<'_>,
    more: &[String],
) -> Result<Answer<()>> {
    let types = needed.enums.iter().map(|own| sql::create_enum("pg_temp", own));
    let read_only = "SET TRANSACTION READ ONLY".to_owned();
    for statement in types.chain(more.iter().cloned()).chain([read_only]) {
        if let Err(why) = answer_of_result(client.batch_execute(&statement))? {
            return Ok(Err(why));
        }
    }
    Ok(Ok(()))
}

/// Ends either.
///
/// # Errors
/// The server's.
pub fn end_transaction(client: &mut Client) -> Result<()> {
    client.batch_execute("ROLLBACK").map_err(|error| server_error("ROLLBACK", &error))
}

/// All rows as arrays, unless they are too many.
///
/// # Errors
/// SQLite's, or a stop.
pub fn collect_arrays(
    checked: CheckedTable<'_>,
    needed: &Needed<'_>,
    stop: &Stop,
) -> Result<Option<Arrays>> {
    if !needed.fits_in_arrays() {
        return Ok(None);
    }
    let mut arrays = Arrays::new(needed);
    let mut fits = true;
    for_each_row(checked, needed, stop, &mut |place, fields| {
        fits = !arrays.is_full();
        if fits {
            arrays.push(place, fields);
        }
        Ok(fits)
    })?;
    Ok(fits.then_some(arrays))
}

/// Calls `each` with all rows, as many at a time as travel at once, and at least once. It says
/// whether to go on.
///
/// # Errors
/// SQLite's, those of `each`, or a stop.
pub fn for_each_batch(
    checked: CheckedTable<'_>,
    needed: &Needed<'_>,
    stop: &Stop,
    each: &mut dyn FnMut(&Arrays) -> Result<bool>,
) -> Result<()> {
    let mut arrays = Arrays::new(needed);
    let (mut goes_on, mut any) = (true, false);
    for_each_row(checked, needed, stop, &mut |place, fields| {
        if arrays.is_full() {
            any = true;
            goes_on = each(&arrays)?;
            arrays = Arrays::new(needed);
        }
        arrays.push(place, fields);
        Ok(goes_on)
    })?;
    if goes_on && (arrays.rows() > 0 || !any) {
        each(&arrays)?;
    }
    Ok(())
}

/// Encodes the needed columns of every row. Rows with a value that a codec refuses have a finding
/// of their own and are left out. `each` says whether to go on.
fn for_each_row(
    checked: CheckedTable<'_>,
    needed: &Needed<'_>,
    stop: &Stop,
    each: &mut EachRow<'_>,
) -> Result<()> {
    let fail = |error: rusqlite::Error| checked.source.read_error(&error);
    let columns: Vec<String> =
        needed.copied.iter().map(|(column, _)| sql::quote(column.source)).collect();
    let columns = if columns.is_empty() { "NULL".to_owned() } else { columns.join(", ") };
    let select = format!("SELECT {columns} FROM {}", checked.rows_sql());
    let mut statement = checked.source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let mut fields = vec![Vec::new(); needed.copied.len()];
    let (mut out, mut index) = (Out::default(), 0_i64);
    while let Some(row) = rows.next().map_err(fail)? {
        index += 1;
        if index % 4096 == 0 {
            stop.fail_if_asked()?;
        }
        let mut is_taken = true;
        for (number, ((column, _), field)) in needed.copied.iter().zip(&mut fields).enumerate() {
            out.clear();
            match row.get_ref(number).map_err(fail)? {
                ValueRef::Null => out.write_null(),
                cell => is_taken &= codec::encode_value(column, &mut out, cell).is_ok(),
            }
            while out.take_note().is_some() {}
            field.clear();
            field.extend_from_slice(out.bytes());
        }
        if is_taken && !each(index, &fields)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Makes the temporary table, in a transaction that only reads from then on; `more` are statements
/// that make what else is needed.
///
/// # Errors
/// SQLite's, a stop, or when the connection breaks.
pub fn stage_rows(
    checked: CheckedTable<'_>,
    needed: &Needed<'_>,
    more: &[String],
    client: &mut Client,
    stop: &Stop,
) -> Result<Answer<()>> {
    if let Err(why) = begin_trial(client)? {
        return Ok(Err(why));
    }
    let mut columns = vec![format!("{PLACE} pg_catalog.int8")];
    for (number, (copied, column)) in needed.copied.iter().enumerate() {
        columns.push(format!("c{number} {}", needed.type_of_staged_column(copied, column)));
    }
    let create =
        format!("CREATE TEMPORARY TABLE \"migrate rows\" ({}) ON COMMIT DROP", columns.join(", "));
    let statements: Vec<String> = std::iter::once(create).chain(more.iter().cloned()).collect();
    if let Err(why) = make_for_question(client, needed, &statements)? {
        return Ok(Err(why));
    }
    send_rows(checked, needed, client, stop)
}

fn send_rows(
    checked: CheckedTable<'_>,
    needed: &Needed<'_>,
    client: &mut Client,
    stop: &Stop,
) -> Result<Answer<()>> {
    let copy = format!("COPY {STAGED} FROM STDIN (FORMAT binary)");
    let mut sink = match answer_of_result(client.copy_in(&copy))? {
        Ok(sink) => sink,
        Err(why) => return Ok(Err(why)),
    };
    let count = u16::try_from(needed.copied.len() + 1).unwrap_or(u16::MAX);
    let mut bytes = HEADER.to_vec();
    let mut refused = None;
    for_each_row(checked, needed, stop, &mut |place, fields| {
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&8_i32.to_be_bytes());
        bytes.extend_from_slice(&place.to_be_bytes());
        fields.iter().for_each(|field| bytes.extend_from_slice(field));
        if bytes.len() >= BUFFER {
            refused = sink.write_all(&bytes).err();
            bytes.clear();
        }
        Ok(refused.is_none())
    })?;
    bytes.extend_from_slice(TRAILER);
    if refused.is_none() {
        refused = sink.write_all(&bytes).err();
    }
    match refused {
        None => Ok(answer_of_result(sink.finish())?.map(|_| ())),
        Some(error) => match error.downcast::<postgres::Error>() {
            Ok(error) => answer_of_result(Err(error)),
            Err(error) => Err(Error::new(Exit::Load, format!("checking rows: {error}"), "")),
        },
    }
}

/// The rows at these places in the order of reading, with what they hold in the needed columns.
///
/// # Errors
/// SQLite's.
pub fn show_rows(
    checked: CheckedTable<'_>,
    needed: &Needed<'_>,
    places: &[i64],
) -> Result<Vec<Example>> {
    let fail = |error: rusqlite::Error| checked.source.read_error(&error);
    let (key, fields) = (checked.row_key(), needed.copied.len());
    let columns = needed.copied.iter().map(|(column, _)| sql::quote(column.source));
    let mut columns: Vec<String> = columns.chain(key.columns.iter().cloned()).collect();
    columns.push("1".to_owned());
    let select =
        format!("SELECT {} FROM {} LIMIT 1 OFFSET ?1", columns.join(", "), checked.rows_sql());
    let mut statement = checked.source.reader.prepare(&select).map_err(fail)?;
    let show = |row: &rusqlite::Row<'_>| {
        let values: Vec<String> =
            (0..fields).map(|place| describe_value(row.get_ref(place))).collect();
        let found = match values.is_empty() {
            true => "no value of SQLite".to_owned(),
            false => values.join(", "),
        };
        Ok(Example { key: key.describe_row(row, fields), found: Found::Described(found) })
    };
    places.iter().map(|place| statement.query_row([place - 1], show).map_err(fail)).collect()
}
