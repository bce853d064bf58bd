//! What repairs make of the source, for verification: the second implementation of
//! `docs/repairs.md`, apart from the one that the copy uses.
//!
//! Values are repaired by libraries and by this module's own readers where the copy's code is
//! hand-written; rows are judged by their canonical forms and named by their place in the scan.
//! Both sides share the list of what was asked for, and nothing else.

mod equal;
mod file;
mod number;
mod rows;
mod text;
mod time;

use std::cell::RefCell;
use std::collections::BTreeMap;

use model::{Column, Stored, Table, Type};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

#[cfg(feature = "internals")]
pub use file::sum_quarantine_file;
pub use file::{Content, sum_open_quarantine_file};

use super::Unread;
use super::value::Reader;
use crate::diagnostic::Result;
use crate::ids::DatabaseId;
use crate::keys::Scratch;
use crate::repair::{Action, RefusedRows, Repairs};

/// A value that stands in the place of another.
enum Held {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
}

impl Held {
    fn as_value(&self) -> ValueRef<'_> {
        match self {
            Held::Null => ValueRef::Null,
            Held::Integer(value) => ValueRef::Integer(*value),
            Held::Real(value) => ValueRef::Real(*value),
            Held::Text(bytes) => ValueRef::Text(bytes),
        }
    }
}

/// What a repair makes of a value.
enum RepairEffect {
    /// It is left as it is.
    Same,
    /// It counts as touched, and the column's description takes it.
    Matched,
    /// Another value.
    Value(Held),
    /// It is read as if the column were stored so.
    As(Stored),
    /// This is its canonical form, without the mark.
    Form(i64),
}

/// What verification itself found that repairs did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that each repair touched, by its place in the list.
    pub touched: BTreeMap<usize, u64>,
    /// Rows in quarantine, by table.
    pub quarantined: BTreeMap<&'static str, u64>,
    /// The sum of the hashes of those rows, as SQLite holds them.
    pub content: u128,
}

/// Judges the rows of one database.
pub struct Judge<'r> {
    repairs: &'r Repairs,
    database: DatabaseId,
    scratch: Option<Scratch>,
    /// Rows that the server has named.
    refused: &'r RefusedRows,
    tally: RefCell<Tally>,
}

/// Judges the rows of one table.
pub struct TableJudge<'j> {
    judge: &'j Judge<'j>,
    /// Repairs of values by the column's place: the repair's place, the column as the schema has
    /// it, what to do.
    values: Vec<(usize, usize, &'static Column, &'j Action)>,
    /// Columns whose references may be taken.
    nulls: Vec<(usize, usize)>,
    /// Columns whose references may be written as the parent's key.
    spellings: Vec<(usize, usize)>,
    /// The table's number in the memory.
    place: i64,
    /// Whether rows may be missing.
    pub quarantines: bool,
}

impl<'r> Judge<'r> {
    /// Looks at all tables of a database. `tables` are those of the run, in its order; `refused`
    /// are the rows that the server itself has named.
    ///
    /// # Errors
    /// SQLite's, a full disk, or when `stop` says so.
    pub fn judge_tables(
        connection: &Connection,
        tables: &[&'static Table],
        repairs: &'r Repairs,
        database: DatabaseId,
        refused: &'r RefusedRows,
        stop: &dyn Fn() -> bool,
    ) -> Result<Judge<'r>> {
        let own = repairs.all.iter().filter(|repair| repair.database == database);
        let rows = own.clone().any(|repair| !repair.action.changes_values());
        let mut judge =
            Judge { repairs, database, scratch: None, refused, tally: RefCell::default() };
        if rows {
            judge.scratch = Some(rows::make_scratch()?);
            rows::judge_all_rows(connection, &judge, tables, stop)?;
        }
        Ok(judge)
    }

    /// The judge of a table; none when it has no repairs.
    pub fn judge_of_table<'j>(
        &'j self,
        table: &Table,
        tables: &[&'static Table],
    ) -> Option<TableJudge<'j>> {
        let own: Vec<_> = self.repairs.repairs_of_table(self.database, table.name).collect();
        let index = tables.iter().position(|known| known.name == table.name)?;
        if own.is_empty() {
            return None;
        }
        let mut judge = TableJudge {
            judge: self,
            values: Vec::new(),
            nulls: Vec::new(),
            spellings: Vec::new(),
            place: i64::try_from(index).unwrap_or(i64::MAX),
            quarantines: own.iter().any(|(_, repair)| repair.action.quarantines_rows()),
        };
        for (at, repair) in own {
            let field = repair.column.and_then(|named| {
                table.copied_columns().position(|column| column.name == named.name)
            });
            match (field.zip(repair.column), &repair.action) {
                (Some((field, _)), Action::OrphanNull) => judge.nulls.push((at, field)),
                (Some((field, _)), Action::ParentSpelling) => judge.spellings.push((at, field)),
                (Some((field, column)), action) if action.changes_values() => {
                    judge.values.push((at, field, column, action));
                }
                _ => {}
            }
        }
        Some(judge)
    }

    /// What was found.
    pub fn tally(&self) -> Tally {
        self.tally.borrow().clone()
    }
}

impl TableJudge<'_> {
    /// Whether the row of this number went into quarantine.
    pub(super) fn is_quarantined(&self, row: u64) -> Result<bool> {
        match &self.judge.scratch {
            Some(scratch) if self.quarantines => rows::is_quarantined(scratch, self.place, row),
            _ => Ok(false),
        }
    }

    /// The repair that took the reference in a column of this row.
    fn nulling_repair(&self, field: usize, row: u64) -> Result<Option<usize>> {
        let Some((at, _)) = self.nulls.iter().find(|(_, place)| *place == field) else {
            return Ok(None);
        };
        let Some(scratch) = &self.judge.scratch else { return Ok(None) };
        Ok(rows::is_nulled(scratch, self.place, field, row)?.then_some(*at))
    }

    /// The form of the parent's spelling of a reference, and the repair that puts it there.
    fn parent_spelling(&self, field: usize, row: u64) -> Result<Option<(usize, Vec<u8>)>> {
        let asked = self.spellings.iter().find(|(_, place)| *place == field);
        let (Some((at, _)), Some(scratch)) = (asked, &self.judge.scratch) else {
            return Ok(None);
        };
        let found = rows::parent_spelling(scratch, self.place, field, row)?;
        Ok(found.map(|form| (*at, form)))
    }

    /// Appends the canonical form of what the column holds after repairs, and notes which touched
    /// it.
    pub(super) fn append_repaired(
        &self,
        reader: &mut Reader<'_>,
        field: usize,
        column: &Column,
        value: ValueRef<'_>,
        touched: &mut Vec<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        let mut stored = column.stored;
        let mut held: Option<Held> = None;
        for (at, _, described, action) in self.values.iter().filter(|(_, at, ..)| *at == field) {
            let now = held.as_ref().map_or(value, Held::as_value);
            let fills = matches!(action, Action::NullAs(_));
            if fills != matches!(now, ValueRef::Null) {
                continue;
            }
            let made = apply_repair(action, described, now);
            if !matches!(made, RepairEffect::Same) {
                touched.push(*at);
            }
            match made {
                RepairEffect::Same | RepairEffect::Matched => {}
                RepairEffect::Value(value) => held = Some(value),
                RepairEffect::As(other) => stored = other,
                RepairEffect::Form(form) => {
                    out.push(super::form::VALUE);
                    out.extend_from_slice(&form.to_le_bytes());
                    return Ok(());
                }
            }
        }
        let now = held.as_ref().map_or(value, Held::as_value);
        // Whether it is JSON is otherwise known by then; here it decides where the row goes.
        if let (Type::Json, ValueRef::Text(text), true) = (column.ty, now, self.quarantines) {
            text::check_json(text)?;
        }
        reader.append_value(column.ty, stored, now, out)
    }

    /// Appends the canonical form of a column of a row that is loaded.
    pub(super) fn append_column(
        &self,
        reader: &mut Reader<'_>,
        (row, field): (u64, usize),
        column: &Column,
        value: ValueRef<'_>,
        touched: &mut Vec<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unread> {
        let taken =
            self.nulling_repair(field, row).map_err(|_| "a reference that cannot be checked")?;
        if let Some(at) = taken {
            touched.push(at);
            out.push(super::form::NULL);
            return Ok(());
        }
        let type_sql =
            self.parent_spelling(field, row).map_err(|_| "a reference that cannot be checked")?;
        if let Some((at, form)) = type_sql {
            touched.push(at);
            out.extend_from_slice(&form);
            return Ok(());
        }
        self.append_repaired(reader, field, column, value, touched, out)
    }

    /// Counts what repairs did to a row that is loaded.
    pub(super) fn count_touched(&self, touched: &mut Vec<usize>) {
        let mut tally = self.judge.tally.borrow_mut();
        for at in touched.drain(..) {
            *tally.touched.entry(at).or_default() += 1;
        }
    }

    /// Counts a row in quarantine; `content` is the hash of the whole row as SQLite holds it.
    pub(super) fn count_quarantined(&self, table: &'static str, content: u128) {
        let mut tally = self.judge.tally.borrow_mut();
        *tally.quarantined.entry(table).or_default() += 1;
        tally.content = tally.content.wrapping_add(content);
    }
}

/// What one repair makes of one value.
fn apply_repair(action: &Action, column: &Column, value: ValueRef<'_>) -> RepairEffect {
    let counts =
        matches!(column.stored, Stored::UnixS | Stored::UnixMs | Stored::UnixUs | Stored::UnixNs);
    let held = match action {
        Action::StripNul => text::replace_nul(column.ty, value, ""),
        Action::ReplaceNul(with) => text::replace_nul(column.ty, value, &with.to_string()),
        Action::Decode(charset) => text::decode_charset(*charset, value),
        Action::ReplaceInvalid => text::replace_invalid(column.ty, value),
        Action::EnumMap(map) => match value {
            ValueRef::Text(text) => map
                .iter()
                .find(|(old, _)| old.as_bytes() == text)
                .map(|(_, new)| Held::Text(new.as_bytes().to_vec())),
            ValueRef::Integer(number) => map
                .iter()
                .find(|(old, _)| **old == format!("{number}"))
                .map(|(_, new)| Held::Text(new.as_bytes().to_vec())),
            _ => None,
        },
        Action::NullAs(value) => Some(number::read_typed_value(column, value)),
        Action::EmptyAsNull => text::is_empty(column.ty, value).then_some(Held::Null),
        Action::ZeroAsNull => number::is_zero(value).then_some(Held::Null),
        Action::InvalidAsNull => time::is_impossible(column, value).then_some(Held::Null),
        Action::NonzeroTrue => number::number_to_true(value),
        Action::Round => number::round_to_type(column.ty, value),
        Action::EpochUnit(_) if counts => {
            let number = matches!(value, ValueRef::Integer(_) | ValueRef::Real(_));
            return if number { RepairEffect::Matched } else { RepairEffect::Same };
        }
        Action::EpochUnit(unit) => {
            return if time::is_representable_count(*unit, value) {
                RepairEffect::As(*unit)
            } else {
                RepairEffect::Same
            };
        }
        Action::NaiveZone(zone) => {
            return time::instant_in_zone(zone, value)
                .map_or(RepairEffect::Same, RepairEffect::Form);
        }
        Action::KeepWallClock => {
            return time::wall_clock_time(value).map_or(RepairEffect::Same, RepairEffect::Form);
        }
        Action::Truncate => cut_to_type(column.ty, value).map(Held::Text),
        Action::Widen => {
            let long = cut_to_type(column.ty, value).is_some();
            return if long { RepairEffect::Matched } else { RepairEffect::Same };
        }
        // These are for rows.
        Action::ParentSpelling
        | Action::OrphanNull
        | Action::OrphanQuarantine
        | Action::OrphanNotValid
        | Action::DuplicateQuarantine
        | Action::Quarantine => None,
    };
    held.map_or(RepairEffect::Same, RepairEffect::Value)
}

/// What is left of a text that is longer than its type allows.
fn cut_to_type(ty: Type, value: ValueRef<'_>) -> Option<Vec<u8>> {
    match ty {
        Type::Varchar(most) | Type::Char(most) => text::first_characters(most as usize, value),
        _ => None,
    }
}
