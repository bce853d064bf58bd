//! One row on its way: what generated encode functions call, a line for each column.

use super::{Cell, Codec, Out, Refused};
use crate::diagnostic::{Found, Id, Note, Notes};

/// Sees the values of a row as they pass: the column's place, the value, and the bytes of its
/// field, or none where it is NULL or refused.
pub type Watch<'a> = dyn FnMut(usize, Cell<'_>, Option<&[u8]>) + 'a;

/// A row of SQLite being encoded. Generated code calls [`encode_required`](Row::encode_required)
/// and [`encode_nullable`](Row::encode_nullable) once for each column, in order.
pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
    out: &'a mut Out,
    notes: &'a mut Notes,
    watch: Option<&'a mut Watch<'a>>,
}

/// A value that was refused, and where in the row.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The column's place among the copied columns.
    pub column: usize,
    /// What the codec said.
    pub why: Refused,
}

impl<'a> Row<'a> {
    /// Begins a row of `fields` columns. `notes` counts (column, finding id) pairs over all rows.
    pub fn begin_row(
        row: &'a rusqlite::Row<'a>,
        fields: u16,
        out: &'a mut Out,
        notes: &'a mut Notes,
    ) -> Row<'a> {
        out.begin_row(fields);
        Row { row, out, notes, watch: None }
    }

    /// Has every value seen by `watch`, when there is one.
    pub fn with_watch(self, watch: Option<&'a mut Watch<'a>>) -> Row<'a> {
        Row { watch, ..self }
    }

    /// Encodes a column that must have a value. Its name is for people who read generated code or
    /// a debugger.
    ///
    /// # Errors
    /// When the value is NULL (`K14`) or not as the codec wants it.
    #[inline]
    pub fn encode_required(
        &mut self,
        column: usize,
        _name: &'static str,
        codec: impl Codec,
    ) -> Result<(), Refusal> {
        match self.cell_at(column) {
            Cell::Null => {
                self.notify_watch(column, Cell::Null, None);
                let why = Refused { id: Id::K14, expected: "a value".into(), found: Found::Null };
                Err(Refusal { column, why })
            }
            cell => self.encode_value(column, cell, codec),
        }
    }

    /// Encodes a column that may be NULL; the name as above.
    ///
    /// # Errors
    /// When there is a value and it is not as the codec wants it.
    #[inline]
    pub fn encode_nullable(
        &mut self,
        column: usize,
        _name: &'static str,
        codec: impl Codec,
    ) -> Result<(), Refusal> {
        match self.cell_at(column) {
            Cell::Null => {
                self.out.write_null();
                self.notify_watch(column, Cell::Null, None);
                Ok(())
            }
            cell => self.encode_value(column, cell, codec),
        }
    }

    #[inline]
    fn encode_value(
        &mut self,
        column: usize,
        cell: Cell<'_>,
        codec: impl Codec,
    ) -> Result<(), Refusal> {
        let start = self.out.bytes().len();
        let encoded = encode_noting(self.out, self.notes, column, cell, codec);
        // Behind the field's length.
        self.notify_watch(column, cell, encoded.is_ok().then_some(start + 4));
        encoded
    }

    #[inline]
    fn notify_watch(&mut self, column: usize, cell: Cell<'_>, field: Option<usize>) {
        if let Some(watch) = &mut self.watch {
            watch(column, cell, field.and_then(|start| self.out.bytes().get(start..)));
        }
    }

    /// The value of a column. The statement was made from the same description as the calls, so
    /// a column that is not there cannot be; it would read as NULL and be refused.
    #[inline]
    fn cell_at(&self, column: usize) -> Cell<'a> {
        self.row.get_ref(column).unwrap_or(Cell::Null)
    }
}

#[inline]
fn encode_noting(
    out: &mut Out,
    notes: &mut Notes,
    column: usize,
    cell: Cell<'_>,
    codec: impl Codec,
) -> Result<(), Refusal> {
    let taken = codec(out, cell);
    while let Some(id) = out.take_note() {
        if taken.is_err() {
            continue;
        }
        match notes.iter_mut().find(|note| note.column == column && note.id == id) {
            Some(note) => note.count += 1,
            None => notes.push(Note { column, id, count: 1 }),
        }
    }
    taken.map_err(|why| Refusal { column, why })
}
