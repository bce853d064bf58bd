//! Statements that a plan holds, as values: what each does and what it makes is not read out of its
//! SQL.

use std::borrow::Cow;

use crate::event::Event;

/// A statement and what it does, in words for the progress display and for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The kind of event it is.
    pub event: Event,
    /// What it does: `index apps_owner_title`.
    pub what: String,
    /// The SQL, but for the words that leave a foreign key unvalidated.
    pub text: String,
    /// What it makes, where that matters later.
    pub makes: Makes,
}

/// What a statement makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Makes {
    /// An index of this name, by itself or for a key.
    Index(String),
    /// A foreign key.
    ForeignKey(AddedKey),
    /// Something else, or nothing.
    Other,
}

/// A foreign key that a statement adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedKey {
    /// The schema of the referring table.
    pub schema: String,
    /// The referring table.
    pub table: String,
    /// The key's name.
    pub name: String,
    /// Whether the rows that are there are looked at.
    pub validate: bool,
}

impl Statement {
    /// The SQL.
    pub fn sql(&self) -> Cow<'_, str> {
        match &self.makes {
            Makes::ForeignKey(key) if !key.validate => format!("{} NOT VALID", self.text).into(),
            _ => self.text.as_str().into(),
        }
    }

    /// The foreign key of that name and table that it adds, if it does.
    pub fn added_key(&mut self, schema: &str, table: &str, name: &str) -> Option<&mut AddedKey> {
        let same = |key: &AddedKey| key.schema == schema && key.table == table && key.name == name;
        match &mut self.makes {
            Makes::ForeignKey(key) if same(key) => Some(key),
            _ => None,
        }
    }

    /// What is being done to it.
    pub fn doing(&self) -> &'static str {
        match self.event {
            Event::Create => "creating",
            Event::SetAside => "setting aside",
            Event::PutBack => "putting back",
            _ => "building",
        }
    }
}
