//! What a column holds, in numbers: for the report, where mixed classes and forms show.
//!
//! No text of a cell gets into it: text is counted, measured and told by its form.

use model::{Column, Stored, Type};

use super::form::{self, Form};
use crate::codec::Cell;

/// A column's values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// How many values are of each storage class: NULL, integer, real, text, blob.
    pub classes: [u64; 5],
    /// The smallest and the largest integer, where the column is for numbers.
    pub integers: Option<(i64, i64)>,
    /// The smallest and the largest real, where the column is for numbers.
    pub reals: Option<(f64, f64)>,
    /// The first and the last time that PostgreSQL gets, in the unit of its type.
    pub times: Option<(i64, i64)>,
    /// Characters of the longest text.
    pub longest_text: u64,
    /// Bytes of the longest text, in UTF-8.
    pub longest_text_bytes: u64,
    /// Bytes of the longest blob.
    pub longest_blob: u64,
    /// In which forms times and booleans are written as text, and how often.
    pub forms: Vec<(Form, u64)>,
    /// What kind of column it is.
    pub kind: Kind,
    /// How many times have more digits behind the second than PostgreSQL's column keeps.
    pub rounded: u64,
    /// The digits that it keeps, where those are fewer than all.
    kept: Option<u32>,
}

/// What can be said of a column's values beyond their class and length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it may hold anything.
    #[default]
    Any,
    /// It holds numbers, lengths of time among them.
    Number,
    /// It holds booleans.
    Boolean,
    /// It holds microseconds from 2000-01-01, as `timestamp` does; of UTC, or of nowhere.
    Timestamp {
        /// Whether they are of UTC.
        utc: bool,
    },
    /// It holds days from 2000-01-01.
    Date,
    /// It holds microseconds from midnight.
    Clock,
}

impl Profile {
    /// Nothing yet of a column.
    pub fn empty_for_column(column: &Column) -> Profile {
        let kind = match column.ty {
            Type::Int2 | Type::Int4 | Type::Int8 => Kind::Number,
            Type::Interval if column.stored.is_count_of_units() => Kind::Number,
            Type::Float4 | Type::Float8 | Type::Numeric(_) => Kind::Number,
            Type::Bool => Kind::Boolean,
            Type::Timestamp => Kind::Timestamp { utc: false },
            Type::Timestamptz => Kind::Timestamp { utc: true },
            Type::Date => Kind::Date,
            Type::Time if column.stored == Stored::Text => Kind::Clock,
            Type::Time | Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) => Kind::Any,
            Type::Bytea | Type::Uuid | Type::Json | Type::Jsonb => Kind::Any,
            Type::Inet | Type::Cidr | Type::Enum(_) | Type::Array(_) => Kind::Any,
            Type::Interval | Type::ReadByServer(_) => Kind::Any,
        };
        Profile { kind, kept: kept_fraction_digits(column), ..Profile::default() }
    }

    /// Sees a value and the field that became of it, when it is taken.
    #[inline]
    pub fn observe_value(&mut self, cell: Cell<'_>, field: Option<&[u8]>) {
        match cell {
            Cell::Null => self.count_class(0),
            Cell::Integer(value) => {
                self.count_class(1);
                if self.kind == Kind::Number {
                    widen_range(&mut self.integers, value);
                }
            }
            Cell::Real(value) => {
                self.count_class(2);
                if self.kind == Kind::Number {
                    widen_range(&mut self.reals, value);
                }
            }
            Cell::Text(bytes) => {
                self.count_class(3);
                // A character has at least one byte: short text need not be counted.
                self.longest_text_bytes = self.longest_text_bytes.max(bytes.len() as u64);
                if bytes.len() as u64 > self.longest_text {
                    self.longest_text = self.longest_text.max(count_characters(bytes));
                }
                match self.kind {
                    Kind::Any | Kind::Number => {}
                    Kind::Boolean => self.count_form(form::form_of_boolean_word(bytes)),
                    _ => self.count_form(form::form_of_time(bytes)),
                }
            }
            Cell::Blob(bytes) => {
                self.count_class(4);
                self.longest_blob = self.longest_blob.max(bytes.len() as u64);
            }
        }
        if let (Some(kept), Some(field)) = (self.kept, field) {
            self.rounded += u64::from(has_finer_fraction(field, kept));
        }
        match (self.kind, field) {
            (Kind::Timestamp { .. } | Kind::Clock, Some([a, b, c, d, e, f, g, h])) => {
                widen_range(&mut self.times, i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]));
            }
            (Kind::Date, Some([a, b, c, d])) => {
                widen_range(&mut self.times, i32::from_be_bytes([*a, *b, *c, *d]).into());
            }
            _ => {}
        }
    }

    #[inline]
    fn count_class(&mut self, class: usize) {
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        }
    }

    /// Counts a form; a column has few of them, and mostly the same again.
    #[inline]
    fn count_form(&mut self, form: Form) {
        match self.forms.iter_mut().find(|(known, _)| *known == form) {
            Some((_, count)) => *count += 1,
            None => self.forms.push((form, 1)),
        }
    }
}

/// The digits behind the second that a column of times keeps in PostgreSQL, where those are not all
/// six: the number in `timestamp(3) with time zone`.
pub fn kept_fraction_digits(column: &Column) -> Option<u32> {
    let times = [Type::Time, Type::Timestamp, Type::Timestamptz, Type::Interval];
    let type_sql = column.type_sql.filter(|_| times.contains(&column.ty))?;
    let (_, rest) = type_sql.split_once('(')?;
    let digits: u32 = rest.split_once(')')?.0.trim().parse().ok()?;
    (digits < 6).then_some(digits)
}

/// Whether a field that begins with microseconds has digits behind those that are kept.
pub fn has_finer_fraction(field: &[u8], kept: u32) -> bool {
    let micros = field.first_chunk().map_or(0, |eight| i64::from_be_bytes(*eight));
    micros.checked_rem(10_i64.pow(6_u32.saturating_sub(kept))).is_some_and(|rest| rest != 0)
}

#[inline]
fn widen_range<T: PartialOrd + Copy>(range: &mut Option<(T, T)>, value: T) {
    match range {
        Some((low, _)) if value < *low => *low = value,
        Some((_, high)) if value > *high => *high = value,
        Some(_) => {}
        None => *range = Some((value, value)),
    }
}

/// Characters of text that need not be UTF-8: bytes that begin one.
fn count_characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}
