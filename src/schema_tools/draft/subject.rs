//! What an item of RESIDUE.md is about, and the text that SQLite has of it; in words when printed.

use std::fmt;

use super::residue::markdown_text;
use crate::text;

/// What an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `table apps`
    Table(String),
    /// `virtual table search`
    VirtualTable(String),
    /// `column title`
    Column(String),
    /// `unique key apps_title_key`
    UniqueKey(String),
    /// `index apps_by_title`
    Index(String),
    /// `check apps_check`
    Check(String),
    /// `foreign key jobs_app_id_fkey`
    ForeignKey(String),
    /// `foreign key to apps`, where SQLite has no name for it.
    ForeignKeyTo(String),
    /// Anything else, in words.
    Other(String),
}

impl From<&str> for Subject {
    fn from(words: &str) -> Subject {
        Subject::Other(words.to_owned())
    }
}

impl From<String> for Subject {
    fn from(words: String) -> Subject {
        Subject::Other(words)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::make_message(match self {
            Subject::Table(name) => format!("table {}", markdown_text(name)),
            Subject::VirtualTable(name) => format!("virtual table {name}"),
            Subject::Column(name) => format!("column {}", markdown_text(name)),
            Subject::UniqueKey(name) => format!("unique key {}", markdown_text(name)),
            Subject::Index(name) => format!("index {}", markdown_text(name)),
            Subject::Check(name) => format!("check {}", markdown_text(name)),
            Subject::ForeignKey(name) => format!("foreign key {}", markdown_text(name)),
            Subject::ForeignKeyTo(parent) => format!("foreign key to {parent}"),
            Subject::Other(words) => words.clone(),
        }))
    }
}

/// The text that SQLite has of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// None is shown.
    None,
    /// A column's default.
    Default(String),
    /// The collation of a column.
    Collation(String),
    /// The expression of a check.
    Check(String),
    /// The expression of a generated column whose values are copied.
    Generated(String),
    /// Anything else: a statement, a list of columns, a declared type.
    Other(String),
}

impl From<&str> for Clause {
    fn from(text: &str) -> Clause {
        Clause::Other(text.to_owned())
    }
}

impl From<String> for Clause {
    fn from(text: String) -> Clause {
        Clause::Other(text)
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clause::None => Ok(()),
            Clause::Default(value) => write!(f, "DEFAULT {value}"),
            Clause::Collation(name) => write!(f, "COLLATE {name}"),
            Clause::Check(expression) => write!(f, "CHECK ({expression})"),
            Clause::Generated(text) | Clause::Other(text) => f.write_str(text),
        }
    }
}
