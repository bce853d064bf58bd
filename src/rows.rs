//! Reading the rows of a table: each is encoded by its codecs, and has a name in messages.

use rusqlite::types::ValueRef;

use crate::codec::{self, Cell, Out, Refusal, Row, Watch};
use crate::diagnostic::console::WorkItem;
use crate::diagnostic::{Finding, Id, Notes, Result};
use crate::plan::{self, Copy};
use crate::sqlite::{Reading, Structure};
use crate::stop::Stop;
use crate::text;

/// What a loop over rows heeds every few rows: whether to stop, and who counts them.
#[derive(Clone, Copy)]
pub struct RowLoop<'a> {
    /// Whether a signal came.
    pub stop: &'a Stop,
    /// The table in work.
    pub work: Option<&'a WorkItem>,
}

/// How much is read between two looks at the stop flag: a row is one, and each so many of its bytes
/// one more.
const CHECK_WEIGHT: usize = 1024;
const CHECK_BYTES: usize = 256;

/// What was read since the last look.
#[derive(Default)]
struct Unheeded {
    rows: u64,
    weight: usize,
}

impl Unheeded {
    /// Counts a row; now and then it tells how many there were, and looks whether to stop.
    #[inline]
    fn add_row(&mut self, bytes: usize, control: RowLoop<'_>) -> Result<()> {
        self.rows += 1;
        self.weight += 1 + bytes / CHECK_BYTES;
        if self.weight < CHECK_WEIGHT {
            return Ok(());
        }
        self.report_rows(control);
        control.stop.fail_if_asked()
    }

    fn report_rows(&mut self, control: RowLoop<'_>) {
        if let Some(work) = control.work {
            work.add(self.rows);
        }
        *self = Unheeded::default();
    }
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
pub fn for_each_row(
    reading: Reading<'_>,
    copy: &Copy,
    out: &mut Out,
    control: RowLoop<'_>,
    mut watch: Option<&mut Watch<'_>>,
    each: &mut dyn FnMut(Step<'_>) -> Result<()>,
) -> Result<(u64, Notes)> {
    let fail = |error: rusqlite::Error| reading.read_error(&error);
    let key = Key::of_table(reading.structure, copy);
    let mut statement = reading.connection.prepare(&copy.select_sql(&key.columns)).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let fields = copy.table().copied_columns().count();
    let header = u16::try_from(fields).unwrap_or(u16::MAX);
    let mut notes = Notes::new();
    let (mut count, mut unheeded) = (0_u64, Unheeded::default());
    while let Some(row) = rows.next().map_err(fail)? {
        count += 1;
        let before = out.bytes().len();
        let watch: Option<&mut Watch<'_>> = match &mut watch {
            Some(watch) => Some(&mut **watch),
            None => None,
        };
        let mut cells = Row::begin_row(row, header, out, &mut notes).with_watch(watch);
        let encoded = copy.shape.encode_row(&mut cells);
        unheeded.add_row(out.bytes().len().saturating_sub(before), control)?;
        match encoded {
            Ok(()) => each(Step::Encoded(out))?,
            Err(refusal) => {
                out.truncate(before);
                each(Step::Refused { row, refusal, key: key.describe_row(row, fields) })?;
            }
        }
    }
    unheeded.report_rows(control);
    Ok((count, notes))
}

/// A refused value with its place.
pub fn refusal_finding(copy: &Copy, mut refusal: Refusal, key: String) -> Finding {
    let column = copy.table().copied_columns().nth(refusal.column).map_or("", |column| column.name);
    if refusal.why.id == Id::K14 && copy.table().primary_key.contains(&column) {
        refusal.why.id = Id::K8;
    }
    Finding::of_refused_value(&copy.database, copy.table().name, column, refusal.why, key)
}

/// Everything that is refused in one row, not only the first: each column by itself. Those behind
/// the first, at `seen`, were not watched yet.
pub fn find_refusals(
    row: &rusqlite::Row<'_>,
    copy: &Copy,
    seen: usize,
    watch: &mut Watch<'_>,
) -> Vec<Refusal> {
    let mut out = Out::default();
    let mut notes = Notes::new();
    let mut found = Vec::new();
    for (index, column) in copy.table().copied_columns().enumerate() {
        let mut watch =
            |position: usize, cell: Cell<'_>, field: Option<&[u8]>| watch(position, cell, field);
        let unseen: Option<&mut Watch<'_>> = if index > seen { Some(&mut watch) } else { None };
        let mut cells = Row::begin_row(row, 0, &mut out, &mut notes).with_watch(unseen);
        let codec = |out: &mut Out, cell: Cell<'_>| codec::encode_value(column, out, cell);
        let encoded = match column.null {
            true => cells.encode_nullable(index, column.name, codec),
            false => cells.encode_required(index, column.name, codec),
        };
        found.extend(encoded.err());
        out.clear();
    }
    found
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
    pub fn of_table(structure: &Structure, copy: &Copy) -> Key {
        let Some(own) = structure.table(copy.table().source) else {
            return Key { columns: Vec::new(), names: Vec::new() };
        };
        if copy.numbered {
            return Key { columns: vec![plan::NUMBER.to_owned()], names: vec!["row".to_owned()] };
        }
        match own.rowid_name() {
            Some(rowid) => Key { columns: vec![rowid.to_owned()], names: vec![rowid.to_owned()] },
            None => Key {
                columns: own.primary_key_columns().into_iter().map(model::sql::quote).collect(),
                names: own.primary_key_columns().into_iter().map(str::to_owned).collect(),
            },
        }
    }

    /// The number in the table's own SQL that names the current row, where there is such a one.
    pub fn row_number(&self, row: &rusqlite::Row<'_>, fields: usize) -> Option<i64> {
        let placed = self.columns.iter().any(|column| column == plan::NUMBER);
        match (row.get_ref(fields), self.columns.as_slice()) {
            (Ok(ValueRef::Integer(number)), [_]) if !placed => Some(number),
            _ => None,
        }
    }

    /// The key of the current row: `rowid 17`, or `(tenant, code) = (4, text of 12 bytes)`. Only
    /// integers are shown: a text key may be a secret.
    pub fn describe_row(&self, row: &rusqlite::Row<'_>, fields: usize) -> String {
        let value = |index: usize| match row.get_ref(fields + index) {
            Ok(ValueRef::Integer(value)) => value.to_string(),
            Ok(ValueRef::Real(value)) => value.to_string(),
            Ok(ValueRef::Text(bytes)) => format!("text of {}", text::count_bytes(bytes)),
            Ok(ValueRef::Blob(bytes)) => format!("blob of {}", text::count_bytes(bytes)),
            Ok(ValueRef::Null) | Err(_) => "NULL".to_owned(),
        };
        let values: Vec<String> = (0..self.names.len()).map(value).collect();
        match (self.names.as_slice(), values.as_slice()) {
            ([name], [value]) => format!("{name} {value}"),
            (names, values) => format!("({}) = ({})", names.join(", "), values.join(", ")),
        }
    }
}
