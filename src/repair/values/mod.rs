//! Values put in the place of others, for the copy: SQLite value in, SQLite value out, before the
//! column's codec sees it.
//!
//! Each word touches only what it is for and leaves everything else to the codec, which refuses
//! what is still wrong.

mod number;
mod text;
mod time;

use model::{Column, Table, Type};

use super::{Action, Repairs, takes_integers};
use crate::codec::{self, Cell, Out};
use crate::diagnostic::Id;
use crate::ids::DatabaseId;

pub use time::epoch_to_text;

/// A value that was put in the place of another.
#[derive(Clone, Debug, PartialEq)]
pub enum RepairedValue {
    /// NULL.
    Null,
    /// An integer.
    Integer(i64),
    /// A real.
    Real(f64),
    /// Text.
    Text(Vec<u8>),
}

impl RepairedValue {
    /// As codecs take it.
    pub fn as_cell(&self) -> Cell<'_> {
        match self {
            RepairedValue::Null => Cell::Null,
            RepairedValue::Integer(value) => Cell::Integer(*value),
            RepairedValue::Real(value) => Cell::Real(*value),
            RepairedValue::Text(bytes) => Cell::Text(bytes),
        }
    }
}

/// What a word does to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Nothing.
    None,
    /// It is one of those that the word is for; the column's description takes it.
    Matched,
    /// It becomes another.
    Repaired(RepairedValue),
}

/// What is done to the values of one column, in order.
#[derive(Clone, Debug)]
pub struct ValueRepair {
    /// Which of the copied columns it is, from 0.
    pub column_index: usize,
    column: &'static Column,
    steps: Vec<(usize, Action)>,
}

impl ValueRepair {
    /// The columns of a table with repairs of their values.
    pub fn value_repairs_of_table(
        repairs: &Repairs,
        database: DatabaseId,
        table: &Table,
    ) -> Vec<ValueRepair> {
        let mut value_repairs: Vec<ValueRepair> = Vec::new();
        for (at, repair) in repairs.repairs_of_table(database, table.name) {
            let (Some(column), Some(column_index), true) =
                (repair.column, repair.column_index(table), repair.action.changes_values())
            else {
                continue;
            };
            let step = (at, repair.action.clone());
            match value_repairs.iter_mut().find(|known| known.column_index == column_index) {
                Some(known) => known.steps.push(step),
                None => value_repairs.push(ValueRepair { column_index, column, steps: vec![step] }),
            }
        }
        value_repairs
    }

    /// One repair of a column by itself.
    pub fn of_action(column: &'static Column, action: Action) -> ValueRepair {
        ValueRepair { column_index: 0, column, steps: vec![(0, action)] }
    }

    /// The value in the place of this one, if there is one. The places of the repairs that touched
    /// it go to `touched`.
    pub fn repair_value(&self, cell: Cell<'_>, touched: &mut Vec<usize>) -> Option<RepairedValue> {
        let mut now: Option<RepairedValue> = None;
        for (at, action) in &self.steps {
            let cell = now.as_ref().map_or(cell, RepairedValue::as_cell);
            if matches!(cell, Cell::Null) != matches!(action, Action::NullAs(_)) {
                continue;
            }
            match effect_on_value(action, self.column, cell) {
                Effect::None => {}
                Effect::Matched => touched.push(*at),
                Effect::Repaired(repaired_value) => {
                    touched.push(*at);
                    now = Some(repaired_value);
                }
            }
        }
        now
    }
}

/// What one word does to one value.
fn effect_on_value(action: &Action, column: &Column, cell: Cell<'_>) -> Effect {
    let repaired_value = match action {
        Action::StripNul => text::replace_nul(column.ty, cell, None),
        Action::ReplaceNul(with) => text::replace_nul(column.ty, cell, Some(*with)),
        Action::Decode(charset) => text::decode_charset(*charset, cell),
        Action::ReplaceInvalid => text::replace_invalid(column.ty, cell),
        Action::EnumMap(map) => match cell {
            Cell::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(|old| map.get(old)),
            Cell::Integer(value) => map.get(&value.to_string()),
            _ => None,
        }
        .map(|new| RepairedValue::Text(new.clone().into_bytes())),
        Action::NullAs(value) => Some(value_for_null(column, value)),
        Action::EmptyAsNull => text::is_empty(column.ty, cell).then_some(RepairedValue::Null),
        Action::ZeroAsNull => number::is_zero(cell).then_some(RepairedValue::Null),
        Action::InvalidAsNull => is_invalid(column, cell).then_some(RepairedValue::Null),
        Action::NonzeroTrue => number::number_to_true(cell),
        Action::Round => number::round_to_type(column.ty, cell),
        Action::EpochUnit(_) if super::resolve::is_numeric_epoch(column) => {
            let number = matches!(cell, Cell::Integer(_) | Cell::Real(_));
            return if number { Effect::Matched } else { Effect::None };
        }
        Action::EpochUnit(unit) => time::epoch_to_text(*unit, cell),
        Action::NaiveZone(zone) => time::add_zone_offset(zone, cell),
        Action::KeepWallClock => time::drop_offset(cell),
        Action::Truncate => truncate_to_type(column.ty, cell),
        Action::Widen => {
            let long = truncate_to_type(column.ty, cell).is_some();
            return if long { Effect::Matched } else { Effect::None };
        }
        // These are for rows.
        Action::ParentSpelling
        | Action::OrphanNull
        | Action::OrphanQuarantine
        | Action::OrphanNotValid
        | Action::DuplicateQuarantine
        | Action::Quarantine => None,
    };
    repaired_value.map_or(Effect::None, Effect::Repaired)
}

/// What `null-as` puts in the place of NULL: a whole number where the column takes such, else text.
pub fn value_for_null(column: &Column, value: &str) -> RepairedValue {
    match value.parse() {
        Ok(number) if takes_integers(column) => RepairedValue::Integer(number),
        _ => RepairedValue::Text(value.as_bytes().to_vec()),
    }
}

/// What is left of a text that is longer than its type allows.
fn truncate_to_type(ty: Type, cell: Cell<'_>) -> Option<RepairedValue> {
    match ty {
        Type::Varchar(limit) | Type::Char(limit) => text::truncate_characters(limit as usize, cell),
        _ => None,
    }
}

/// Whether the codec refuses the value as one that no calendar has, as infinite, or takes it as
/// Go's zero time.
fn is_invalid(column: &Column, cell: Cell<'_>) -> bool {
    let mut out = Out::default();
    match codec::encode_value(column, &mut out, cell) {
        Err(why) if why.id == Id::D9 => column.ty != Type::Time && time::begins_with_date(cell),
        Err(why) => why.id.is_of_impossible_values(),
        Ok(()) => std::iter::from_fn(|| out.take_note()).any(|id| id == Id::D8),
    }
}
