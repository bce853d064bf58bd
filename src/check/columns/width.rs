//! Rows that are too wide for a page of PostgreSQL (O15): what is left of a row when all long
//! values are moved out of it must fit into 8160 bytes. That a table has 1600 columns at most is
//! known when its schema file is read.

use model::{Column, Stored, Type};
use rusqlite::types::ValueRef;

use super::CheckedTable;
use crate::diagnostic::{EXAMPLES, Example, Finding, Id, Result, Severity};
use crate::stop::Stop;
use crate::text::group_thousands;

/// The most bytes of a row in its page (`MaxHeapTupleSize`).
const ROW: usize = 8160;
/// A row's header before its bitmap of NULLs.
const HEADER: usize = 23;
/// A value of more bytes than this can be moved out of its row.
const MOVABLE: usize = 24;
/// The bytes that refer to a value that was moved out.
const REFERENCE: usize = 18;
/// So many columns of the widest values that stay fit into a row.
const SAFE: usize = (ROW - 256) / (MOVABLE + 8);

/// Looks at a table.
pub fn find_too_wide_rows(checked: CheckedTable<'_>, stop: &Stop) -> Result<Vec<Finding>> {
    let table = checked.copy.table();
    if table.columns.len() <= SAFE {
        return Ok(Vec::new());
    }
    let fail = |error: rusqlite::Error| checked.source.read_error(&error);
    let key = checked.row_key();
    let columns: Vec<&Column> = table.copied_columns().collect();
    let mut statement =
        checked.source.reader.prepare(&checked.copy.select_sql(&key.columns)).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let what = format!("rows that do not fit into {} bytes", group_thousands(ROW as u64));
    let mut finding = checked.make_finding(Id::O15, Severity::Error, &[], what);
    finding.count = 0;
    while let Some(row) = rows.next().map_err(fail)? {
        stop.fail_if_asked()?;
        let mut position = HEADER + columns.len().div_ceil(8);
        position = position.next_multiple_of(8);
        for (index, column) in columns.iter().enumerate() {
            position = next_value_offset(position, column, row.get_ref(index).map_err(fail)?);
        }
        if position <= ROW {
            continue;
        }
        finding.count += 1;
        if finding.examples.len() < EXAMPLES {
            let found = format!(
                "{} bytes even with all long values stored out of line",
                group_thousands(position as u64)
            );
            let (key, found) = (key.describe_row(row, columns.len()), found.into());
            finding.examples.push(Example { key, found });
        }
    }
    Ok(if finding.count > 0 { vec![finding] } else { Vec::new() })
}

/// Where the next value of a row begins, at the earliest.
fn next_value_offset(index: usize, column: &Column, value: ValueRef<'_>) -> usize {
    let ty = column.ty;
    let fixed = |width: usize, align: usize| index.next_multiple_of(align) + width;
    let varies = |length: usize| match length + 1 > MOVABLE {
        true => index + REFERENCE,
        false => index + length + 1,
    };
    let length = match value {
        ValueRef::Null => return index,
        ValueRef::Text(text) if column.stored == Stored::Hex => text.len().saturating_sub(2) / 2,
        ValueRef::Text(text) if column.stored == Stored::Base64 => {
            let counts = |byte: &&u8| !matches!(byte, b'\n' | b'\r' | b'=');
            text.iter().filter(counts).count() * 3 / 4
        }
        ValueRef::Blob(bytes) if column.stored == Stored::BlobAsHex => bytes.len() * 2,
        ValueRef::Blob(bytes) if column.stored == Stored::BlobAsBase64 => {
            bytes.len().div_ceil(3) * 4
        }
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        ValueRef::Integer(_) | ValueRef::Real(_) => 1,
    };
    match (ty.fixed_width(), ty) {
        (Some((width, align)), _) => fixed(width, align),
        (None, Type::Inet | Type::Cidr) => fixed(7, 1),
        // At the least a header, a number's weight and scale, and a digit.
        (None, Type::Numeric(_)) => fixed(5, 1),
        (None, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) | Type::Bytea) => {
            varies(length)
        }
        (None, Type::Json | Type::Jsonb | Type::Array(_)) => varies(length),
        // What is not known takes a byte.
        (None, _) => fixed(1, 1),
    }
}
