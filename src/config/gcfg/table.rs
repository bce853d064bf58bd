//! What the events of a file mean, given the settings that exist.
//!
//! A [`Table`] gets its sections and fields as plain data and is filled from files here and
//! from variables by [`super::environment`]: names without regard to case, the last value of a
//! scalar, every value of a list, subsections with the start values of their `Default-` section.
//! An error stops the filling and what was stored stays, as in Go.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{Event, Place, Reading, quantity, value};

/// A section that may occur in a file.
pub struct Section {
    /// Its name, an underscore standing for the file's `-`.
    pub name: &'static str,
    /// Whether it is one section for each subsection, or a single one without.
    pub keyed: bool,
    /// What it holds.
    pub fields: &'static [Field],
}

/// A setting.
pub struct Field {
    /// Its name, an underscore standing for the file's `-`.
    pub name: &'static str,
    /// What its text must be.
    pub kind: Kind,
}

/// The kinds of values.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "settings have some of them"))]
pub enum Kind {
    /// Any text.
    Text,
    /// Any text, where "not given" and "empty" differ.
    OptionalText,
    /// See [`value::parse_bool`].
    Bool,
    /// See [`value::parse_i64`].
    Int,
    /// See [`value::parse_u8`].
    Byte,
    /// See [`value::parse_f64`].
    Float,
    /// See [`quantity::parse_duration`].
    Duration,
    /// See [`quantity::parse_size`].
    Size,
    /// One value for each time the variable is given.
    List(&'static Kind),
}

/// A value as read. Not `Debug`: a text may be a secret.
#[derive(Clone)]
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "settings have some of them"))]
pub enum Value {
    /// Of [`Kind::Text`] and [`Kind::OptionalText`].
    Text(Zeroizing<String>),
    /// Of [`Kind::Bool`].
    Bool(bool),
    /// Of [`Kind::Int`].
    Int(i64),
    /// Of [`Kind::Byte`].
    Byte(u8),
    /// Of [`Kind::Float`].
    Float(f64),
    /// Of [`Kind::Duration`], in nanoseconds.
    Duration(i64),
    /// Of [`Kind::Size`], in bytes.
    Size(u64),
    /// Of [`Kind::List`].
    List(Vec<Value>),
}

/// Where a value was last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a file; which one is the caller's to know.
    File(Place),
    /// In an environment variable of this name.
    Environment(String),
}

/// A value with its origin.
#[derive(Clone)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// Where it was last said.
    pub origin: Origin,
}

/// The entries of one section or subsection, by the index of their field.
pub type Row = BTreeMap<usize, Entry>;

/// The values of all sections.
pub struct Table {
    pub(super) sections: &'static [Section],
    /// By section index and subsection name. A subsection that was only named has an empty row.
    pub(super) rows: BTreeMap<(usize, String), Row>,
}

/// Which of gcfg's two passes over a file is meant: sections without subsections come first, so
/// that a `Default-` section counts wherever it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Sections that are single.
    Plain,
    /// Sections with subsections.
    Keyed,
}

impl Table {
    /// An empty table for these sections.
    #[must_use]
    pub fn new(sections: &'static [Section]) -> Table {
        Table { sections, rows: BTreeMap::new() }
    }

    /// Takes a file in, and returns what it says about things that do not exist.
    ///
    /// # Errors
    /// The first that Go would have met, syntax before types of keyed sections.
    #[cfg(feature = "internals")]
    pub fn fill_from(&mut self, reading: &Reading<'_>) -> Result<Vec<String>, String> {
        let mut warnings = Vec::new();
        for pass in [Pass::Plain, Pass::Keyed] {
            for event in &reading.events {
                warnings.extend(self.take_event(event, pass)?);
            }
            if let Some(error) = &reading.error {
                return Err(error.to_string());
            }
        }
        Ok(warnings)
    }

    /// Takes one event in; gives a warning when there is no place for it.
    ///
    /// # Errors
    /// When the value does not fit the field.
    pub fn take_event(&mut self, event: &Event, pass: Pass) -> Result<Option<String>, String> {
        let sub = &event.subsection;
        let nowhere = |at: String| Ok(Some(format!("can't store data at {at}")));
        let Some((index, section)) = find_by_name(self.sections, |s| s.name, &event.section) else {
            return nowhere(describe_location(&event.section, None, None));
        };
        if section.keyed != (pass == Pass::Keyed) {
            return Ok(None);
        }
        if !section.keyed && !sub.is_empty() {
            return nowhere(describe_location(&event.section, None, None));
        }
        let key = (index, sub.clone());
        if !self.rows.contains_key(&key) {
            let start = if section.keyed { self.start_values(section) } else { Row::new() };
            self.rows.insert(key.clone(), start);
        }
        let Some(variable) = &event.variable else { return Ok(None) };
        let shown_sub = section.keyed.then_some(sub.as_str());
        let at = describe_location(&event.section, shown_sub, Some(&variable.name));
        let Some((number, field)) = find_by_name(section.fields, |f| f.name, &variable.name) else {
            return nowhere(at);
        };
        let row = self.rows.entry(key).or_default();
        let text = variable.value.as_ref().map(|text| text.as_str());
        store_text(row, number, field.kind, text, &Origin::File(event.place))
            .map_err(|error| format!("{error} at {at}"))?;
        Ok(None)
    }

    /// The entry of a field, names as in the table's sections.
    #[must_use]
    #[cfg(feature = "internals")]
    pub fn entry(&self, section: &str, subsection: &str, field: &str) -> Option<&Entry> {
        let (index, section) = find_by_name(self.sections, |s| s.name, section)?;
        let (number, _) = find_by_name(section.fields, |f| f.name, field)?;
        self.rows.get(&(index, subsection.to_owned()))?.get(&number)
    }

    /// Every row with the index of its section and its subsection's name.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &str, &Row)> {
        self.rows.iter().map(|((index, sub), row)| (*index, sub.as_str(), row))
    }

    /// What a new subsection of `section` starts with.
    pub(super) fn start_values(&self, section: &Section) -> Row {
        let name = format!("default_{}", section.name);
        let Some((index, _)) = find_by_name(self.sections, |s| s.name, &name) else {
            return Row::new();
        };
        let row = self.rows.get(&(index, String::new())).cloned().unwrap_or_default();
        // Go copies by an encoding that leaves out what is empty.
        row.into_iter()
            .filter(|(_, e)| !matches!(&e.value, Value::Text(t) if t.is_empty()))
            .collect()
    }
}

/// Stores one text, or the absence of one, as the field's kind wants it.
pub(super) fn store_text(
    row: &mut Row,
    number: usize,
    kind: Kind,
    text: Option<&str>,
    origin: &Origin,
) -> Result<(), String> {
    let (value, error) = match (kind, text) {
        (Kind::List(_), None) => {
            row.remove(&number);
            return Ok(());
        }
        (Kind::Bool, None) => (Some(Value::Bool(true)), None),
        (_, None) => (None, Some("blank value not supported for type".to_owned())),
        (Kind::List(kind), Some(text)) => match parse_value(*kind, text) {
            (Some(value), None) => {
                let mut values = match row.remove(&number) {
                    Some(Entry { value: Value::List(values), .. }) => values,
                    _ => Vec::new(),
                };
                values.push(value);
                (Some(Value::List(values)), None)
            }
            (_, error) => (None, error),
        },
        (_, Some(text)) => parse_value(kind, text),
    };
    if let Some(value) = value {
        row.insert(number, Entry { value, origin: origin.clone() });
    }
    error.map_or(Ok(()), Err)
}

/// A value, an error, or (with numbers) both.
fn parse_value(kind: Kind, text: &str) -> (Option<Value>, Option<String>) {
    fn split_result<T>(
        result: Result<T, String>,
        value: fn(T) -> Value,
    ) -> (Option<Value>, Option<String>) {
        match result {
            Ok(it) => (Some(value(it)), None),
            Err(error) => (None, Some(error)),
        }
    }
    fn value_and_error<T>(
        it: value::Scanned<T>,
        value: fn(T) -> Value,
    ) -> (Option<Value>, Option<String>) {
        (it.value.map(value), it.error)
    }
    match kind {
        Kind::Text | Kind::OptionalText => {
            (Some(Value::Text(Zeroizing::new(text.to_owned()))), None)
        }
        Kind::Bool => split_result(value::parse_bool(text), Value::Bool),
        Kind::Int => value_and_error(value::parse_i64(text), Value::Int),
        Kind::Byte => value_and_error(value::parse_u8(text), Value::Byte),
        Kind::Float => value_and_error(value::parse_f64(text), Value::Float),
        Kind::Duration => split_result(quantity::parse_duration(text), Value::Duration),
        Kind::Size => split_result(quantity::parse_size(text), Value::Size),
        Kind::List(_) => (None, Some("unsupported type".to_owned())),
    }
}

/// Finds a section or field by the name a file gives it.
pub(crate) fn find_by_name<'a, T>(
    candidates: &'a [T],
    name_of: fn(&T) -> &'static str,
    name: &str,
) -> Option<(usize, &'a T)> {
    candidates.iter().enumerate().find(|(_, one)| is_same_name(name_of(one), name))
}

/// Whether a name in a file means this (ASCII) name: simple Unicode case folding, `-` for `_`.
fn is_same_name(known: &str, written: &str) -> bool {
    let folded = written.chars().map(|c| match c {
        '-' => '_',
        'ſ' => 's',
        '\u{212a}' => 'k', // the Kelvin sign; with ſ, all that folds to a letter of ASCII
        other => other.to_ascii_lowercase(),
    });
    known.chars().map(|c| c.to_ascii_lowercase()).eq(folded)
}

fn describe_location(section: &str, subsection: Option<&str>, variable: Option<&str>) -> String {
    let mut at = format!("section \"{section}\"");
    for (what, name) in [("subsection", subsection), ("variable", variable)] {
        if let Some(name) = name {
            at.push_str(&format!(", {what} \"{name}\""));
        }
    }
    at
}
