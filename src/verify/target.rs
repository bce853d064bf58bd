//! Reads a PostgreSQL table as a stream of binary COPY, in the caller's transaction.

use super::field::Reader;
use super::row::{Each, Layout, Row};
use super::{STOP_EVERY, TableDigest, interrupted_error, quote_name};
use crate::diagnostic::{Error, Exit, Fault, Id, Result};
use crate::postgres::{is_connection_lost, server_error};
use model::{Column, Table, Type};
use postgres::GenericClient;
use postgres::types::Kind;
use std::io::BufRead;

/// How a binary COPY stream begins.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";

/// Digests the target of a table in a schema.
///
/// # Errors
/// When the table cannot be read, when a column has another type than is declared, or when
/// `stop` says so. After a stop the connection still has the rest of the stream to take in.
pub fn digest_target(
    client: &mut impl GenericClient,
    schema: &str,
    table: &Table,
    stop: &dyn Fn() -> bool,
) -> Result<TableDigest> {
    let layout = Layout::of_table(table);
    let mut digest = TableDigest::new(&layout);
    for_each_row(client, schema, &layout, stop, &mut |row| {
        digest.add_row(row);
        Ok(())
    })?;
    Ok(digest)
}

/// Digests a stream of rows with these columns, of which the first is the key.
///
/// # Errors
/// When it is not a stream of such rows.
#[cfg(feature = "internals")]
pub fn digest_stream(reader: &mut impl BufRead, columns: &'static [Column]) -> Result<TableDigest> {
    let layout = Layout { table: "t", columns: columns.iter().collect(), key: vec![0] };
    let mut digest = TableDigest::new(&layout);
    read_copy_stream(reader, &layout, &|| false, &mut |row| {
        digest.add_row(row);
        Ok(())
    })?;
    Ok(digest)
}

/// Gives each row of the target to `each`.
pub(super) fn for_each_row(
    client: &mut impl GenericClient,
    schema: &str,
    layout: &Layout,
    stop: &dyn Fn() -> bool,
    each: Each<'_>,
) -> Result<()> {
    let select = copy_statement(schema, layout);
    let failed = |error| query_error(layout.table, &error);
    let statement = client.prepare(&select).map_err(failed)?;
    for (column, actual) in layout.columns.iter().zip(statement.columns()) {
        if !sends_same_form(column.ty, actual.type_()) {
            let (declared, actual) = (column.ty, actual.type_().name());
            let place = format!("{}.{}", layout.table, column.name);
            let text = format!("{place} is declared {declared} but is {actual} in PostgreSQL");
            return Err(Error::new(Exit::Verification, text, ""));
        }
    }
    let copy = format!("COPY ({select}) TO STDOUT (FORMAT binary)");
    let mut reader = client.copy_out(&copy).map_err(failed)?;
    read_copy_stream(&mut reader, layout, stop, each)
}

fn copy_statement(schema: &str, layout: &Layout) -> String {
    let selected = |column: &&'static Column| match column.ty {
        Type::ReadByServer(_) => format!("{}::pg_catalog.text", quote_name(column.name)),
        _ => quote_name(column.name),
    };
    let names: Vec<_> = layout.columns.iter().map(selected).collect();
    let (schema, table) = (quote_name(schema), quote_name(layout.table));
    format!("SELECT {} FROM {schema}.{table}", names.join(", "))
}

/// Whether a column of the actual type sends its values as one of the declared type would.
///
/// All kinds of text are alike on the wire; a `char(n)` that pads where `text` is declared shows
/// in the values.
fn sends_same_form(declared: Type, actual: &postgres::types::Type) -> bool {
    let name = actual.name();
    match (&declared, actual.kind()) {
        (Type::Array(element), Kind::Array(actual)) => sends_same_form(**element, actual),
        (Type::Array(_), _) => false,
        (Type::Enum(_), kind) => matches!(kind, Kind::Enum(_)),
        (Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_), _) => {
            matches!(name, "text" | "citext" | "varchar" | "bpchar")
        }
        (Type::Numeric(_), _) => name == "numeric",
        // As the server prints it.
        (Type::ReadByServer(_), _) => name == "text",
        (plain, _) => name == plain.to_string(),
    }
}

/// Reads a whole stream; `reader` may cut it wherever it likes.
///
/// # Errors
/// When it is not a stream of such rows, or ends too early.
pub(super) fn read_copy_stream(
    reader: &mut impl BufRead,
    layout: &Layout,
    stop: &dyn Fn() -> bool,
    each: Each<'_>,
) -> Result<()> {
    let mut stream = Stream { reader: Reader::default(), row: Row::default(), begun: false };
    let mut carry: Vec<u8> = Vec::new();
    let mut count: u64 = 0;
    loop {
        let chunk = reader.fill_buf().map_err(|error| stream_error(layout.table, &error))?;
        if chunk.is_empty() {
            return Err(broken_stream_error(layout.table));
        }
        // The server sends a row in one piece; only what is cut is put together in `carry`.
        let (size, no_carry) = (chunk.len(), carry.is_empty());
        if !no_carry {
            carry.extend_from_slice(chunk);
        }
        let mut rest = if no_carry { chunk } else { &carry };
        while let Some(piece) =
            piece_length(rest, stream.begun).ok_or_else(|| broken_stream_error(layout.table))?
        {
            if count.is_multiple_of(STOP_EVERY) && stop() {
                return Err(interrupted_error());
            }
            count += 1;
            let (head, tail) =
                rest.split_at_checked(piece).ok_or_else(|| broken_stream_error(layout.table))?;
            if !stream.take_piece(head, layout, each)? {
                let is_complete = tail.is_empty();
                reader.consume(size);
                let rest = reader.fill_buf().map_err(|error| stream_error(layout.table, &error))?;
                let is_end = is_complete && rest.is_empty();
                return is_end.then_some(()).ok_or_else(|| broken_stream_error(layout.table));
            }
            rest = tail;
        }
        if no_carry {
            carry = rest.to_vec();
        } else {
            let left = rest.len();
            carry.drain(..carry.len() - left);
        }
        reader.consume(size);
    }
}

/// The length of the header or row that `input` begins with; nothing when it is cut off, and
/// not even that when there can be none.
fn piece_length(input: &[u8], begun: bool) -> Option<Option<usize>> {
    if !begun {
        let Some((head, rest)) = input.split_first_chunk::<19>() else { return Some(None) };
        let extension = usize::try_from(read_i32(head.get(15..)?)?).ok()?;
        return Some((rest.len() >= extension).then_some(head.len() + extension));
    }
    let Some(([high, low], mut rest)) = input.split_first_chunk() else { return Some(None) };
    for _ in 0..i16::from_be_bytes([*high, *low]) {
        let Some((length, tail)) = rest.split_first_chunk::<4>() else { return Some(None) };
        let length = i32::from_be_bytes(*length);
        let length = if length == -1 { 0 } else { usize::try_from(length).ok()? };
        let Some(tail) = tail.get(length..) else { return Some(None) };
        rest = tail;
    }
    Some(Some(input.len() - rest.len()))
}

struct Stream {
    reader: Reader,
    row: Row,
    begun: bool,
}

impl Stream {
    /// Takes one whole piece; false at the end of the stream.
    fn take_piece(&mut self, piece: &[u8], layout: &Layout, each: Each<'_>) -> Result<bool> {
        let broken = || broken_stream_error(layout.table);
        if !self.begun {
            self.begun = true;
            let rest = piece.strip_prefix(SIGNATURE.as_slice()).ok_or_else(broken)?;
            // The upper half of the flags changes the format.
            let flags = read_i32(rest).ok_or_else(broken)?;
            return if flags >> 16 == 0 { Ok(true) } else { Err(broken()) };
        }
        let ([high, low], mut rest) = piece.split_first_chunk().ok_or_else(broken)?;
        let count = i16::from_be_bytes([*high, *low]);
        if count == -1 {
            return Ok(false);
        }
        if usize::try_from(count) != Ok(layout.columns.len()) {
            return Err(broken());
        }
        self.row.clear();
        for column in &layout.columns {
            let (length, tail) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
            let field = match usize::try_from(i32::from_be_bytes(*length)) {
                Ok(length) => {
                    let (field, tail) = tail.split_at_checked(length).ok_or_else(broken)?;
                    rest = tail;
                    Some(field)
                }
                Err(_) => {
                    rest = tail;
                    None
                }
            };
            let reader = &mut self.reader;
            self.row.add_column(|out| reader.append_field(column.ty, field, out)).map_err(
                |why| {
                    let place = format!("{}.{}", layout.table, column.name);
                    Error::new(Exit::Verification, format!("{place} in PostgreSQL: {why}"), "")
                },
            )?;
        }
        self.row.finish_key(layout);
        each(&self.row)?;
        Ok(true)
    }
}

fn read_i32(bytes: &[u8]) -> Option<i32> {
    bytes.first_chunk().map(|word| i32::from_be_bytes(*word))
}

fn broken_stream_error(table: &str) -> Error {
    let text = format!("reading table {table} of PostgreSQL: the response is not a stream of rows");
    let hint = "connect to the server directly: a proxy or pooler changes the data that it sends";
    Error { exit: Exit::Target, faults: vec![Fault::new(text, hint).with_id(Id::P5)] }
}

/// What failed, without PostgreSQL's own words, which may hold values.
fn query_error(table: &str, error: &postgres::Error) -> Error {
    let failed = server_error(&format!("reading table {table} of PostgreSQL"), error);
    match is_connection_lost(error) {
        true => failed,
        false => Error { exit: Exit::Target, ..failed },
    }
}

fn stream_error(table: &str, error: &std::io::Error) -> Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<postgres::Error>()) {
        Some(error) => query_error(table, error),
        None => Error::new(
            Exit::Target,
            format!("reading table {table}: {error}"),
            "run the command again",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::required;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn test_layout() -> Layout {
        let columns = vec![required("id", Type::Int8), required("t", Type::Text)].leak();
        let key = vec![0];
        Layout { table: "t", columns: columns.iter().collect(), key }
    }

    fn make_stream(rows: &[(i64, Option<&str>)]) -> Vec<u8> {
        let mut bytes = [SIGNATURE.as_slice(), &[0; 7], &[3], b"ext"].concat();
        for (id, text) in rows {
            bytes.extend([0, 2, 0, 0, 0, 8].iter().chain(&id.to_be_bytes()));
            bytes.extend(text.map_or(-1, |text| text.len() as i32).to_be_bytes());
            bytes.extend(text.unwrap_or_default().as_bytes());
        }
        bytes.extend([0xff, 0xff]);
        bytes
    }

    /// The digest of a stream that arrives in pieces of this size.
    fn digest_in_pieces(bytes: &[u8], size: usize) -> Result<TableDigest> {
        let layout = test_layout();
        let mut digest = TableDigest::new(&layout);
        let mut reader = BufReader::with_capacity(size, bytes);
        read_copy_stream(&mut reader, &layout, &|| false, &mut |row| {
            digest.add_row(row);
            Ok(())
        })?;
        Ok(digest)
    }

    const ROWS: &[(i64, Option<&str>)] = &[(1, Some("one")), (-2, None), (3, Some(""))];

    #[test]
    fn a_stream_may_be_cut_anywhere() {
        let bytes = make_stream(ROWS);
        let undivided = digest_in_pieces(&bytes, bytes.len()).unwrap();
        assert_eq!(undivided.rows, 3);
        for size in 1..bytes.len() {
            assert_eq!(digest_in_pieces(&bytes, size), Ok(undivided.clone()), "{size}");
        }
        assert_ne!(digest_in_pieces(&make_stream(&ROWS[1..]), 64), Ok(undivided));
    }

    #[test]
    fn a_stream_that_ends_early_or_late_is_refused() {
        let bytes = make_stream(ROWS);
        for end in 0..bytes.len() {
            assert!(digest_in_pieces(&bytes[..end], 16).is_err(), "{end}");
        }
        for size in [1, 7, 4096] {
            assert!(digest_in_pieces(&[bytes.as_slice(), &[0]].concat(), size).is_err(), "{size}");
        }
        let other = |index: usize, byte| {
            let mut bytes = bytes.clone();
            bytes[index] = byte;
            digest_in_pieces(&bytes, 4096)
        };
        // The signature, a flag that changes the format, the number of fields, a length.
        for (index, byte) in [(0, 0), (12, 1), (23, 3), (27, 7), (36, 0x80)] {
            assert!(other(index, byte).is_err(), "{index}");
        }
    }

    proptest! {
        #[test]
        fn no_stream_panics(tail in prop::collection::vec(0u8..9, 0..80), size in 1usize..40) {
            let head = make_stream(&[]);
            let _ = digest_in_pieces(&[&head[..head.len() - 2], &tail].concat(), size);
            let _ = digest_in_pieces(&tail, size);
        }
    }
}
