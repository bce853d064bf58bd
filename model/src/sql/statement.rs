//! Statements as values: what each is about, in which section of a load it runs, and its SQL.

use std::borrow::Cow;
use std::fmt;

/// When a statement runs. The sections are finer than those of `pg_dump`, in whose terms all up to
/// [`Section::Tables`] are pre-data and the others are post-data; the rows come between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Tables and types of an earlier load are dropped.
    Drop,
    /// What slows the rows of existing tables down or refuses them is dropped or disabled.
    Suspend,
    /// Types, which columns need.
    Types,
    /// Sequences, which defaults need.
    Sequences,
    /// Tables without keys and indexes.
    Tables,
    /// Keys, constraints and indexes of one table each.
    Indexes,
    /// Foreign keys, which need the keys of all tables.
    ForeignKeys,
    /// Triggers are enabled and comments restored.
    Triggers,
}

/// What a statement is about, in words for the progress display and for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are names of objects in PostgreSQL")]
pub enum Object {
    /// Tables of a database that are dropped together.
    DroppedTables { database: String, count: usize },
    /// A type that is dropped.
    DroppedType { name: String },
    /// An enum type.
    Type { name: String },
    /// A sequence, by its name as SQL.
    Sequence { name: String },
    /// A table.
    Table { name: String },
    /// All rows of some tables.
    Rows { tables: usize },
    /// A table's primary key.
    PrimaryKey { table: String, name: String },
    /// A unique constraint.
    UniqueKey { table: String, name: String },
    /// An index.
    Index { table: String, name: String },
    /// Another constraint.
    Constraint { table: String, name: String },
    /// A foreign key.
    ForeignKey(ForeignKeyObject),
    /// A trigger.
    Trigger { table: String, name: String },
    /// A comment on a constraint.
    Comment { table: String, name: String },
}

/// A foreign key that a statement adds or drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKeyObject {
    /// The schema of the referring table.
    pub schema: String,
    /// The referring table.
    pub table: String,
    /// The constraint's name.
    pub name: String,
    /// Whether the rows that are there are checked; otherwise it is added as `NOT VALID`.
    pub validate: bool,
}

/// A statement, what it is about, and when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// When it runs.
    pub section: Section,
    /// What it is about.
    pub object: Object,
    /// The SQL, where `object` does not add to it.
    text: String,
}

impl Statement {
    /// A statement; that of a foreign key without `NOT VALID`, which `object` says.
    pub fn new(section: Section, object: Object, text: String) -> Statement {
        Statement { section, object, text }
    }

    /// The SQL, without a semicolon at its end.
    pub fn sql(&self) -> Cow<'_, str> {
        match &self.object {
            Object::ForeignKey(ForeignKeyObject { validate: false, .. }) => {
                Cow::Owned(format!("{} NOT VALID", self.text))
            }
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// What is being done, in words: `building index apps_title`.
    pub fn progress_text(&self) -> String {
        let verb = match self.section {
            Section::Drop | Section::Types | Section::Sequences | Section::Tables => "creating",
            Section::Suspend => "suspending",
            Section::Indexes | Section::ForeignKeys => "building",
            Section::Triggers => "restoring",
        };
        format!("{verb} {}", self.object)
    }
}

impl Section {
    /// Whether statements of it run before the rows.
    pub fn precedes_rows(self) -> bool {
        self <= Section::Tables
    }
}

impl Object {
    /// The table that it is or belongs to.
    pub fn table_name(&self) -> Option<&str> {
        match self {
            Object::Table { name } => Some(name),
            Object::PrimaryKey { table, .. }
            | Object::UniqueKey { table, .. }
            | Object::Index { table, .. }
            | Object::Constraint { table, .. }
            | Object::ForeignKey(ForeignKeyObject { table, .. })
            | Object::Trigger { table, .. }
            | Object::Comment { table, .. } => Some(table),
            Object::DroppedTables { .. }
            | Object::DroppedType { .. }
            | Object::Type { .. }
            | Object::Sequence { .. }
            | Object::Rows { .. } => None,
        }
    }
}

impl Object {
    /// The name of the index that it is or has.
    pub fn index_name(&self) -> Option<&str> {
        match self {
            Object::PrimaryKey { name, .. }
            | Object::UniqueKey { name, .. }
            | Object::Index { name, .. } => Some(name),
            Object::DroppedTables { .. }
            | Object::DroppedType { .. }
            | Object::Type { .. }
            | Object::Sequence { .. }
            | Object::Table { .. }
            | Object::Rows { .. }
            | Object::Constraint { .. }
            | Object::ForeignKey(_)
            | Object::Trigger { .. }
            | Object::Comment { .. } => None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::DroppedTables { database, count } => {
                write!(f, "drop of {count} tables of {database}")
            }
            Object::DroppedType { name } => write!(f, "drop of type {name}"),
            Object::Type { name } => write!(f, "type {name}"),
            Object::Sequence { name } => write!(f, "sequence {name}"),
            Object::Table { name } => write!(f, "table {name}"),
            Object::Rows { tables } => write!(f, "rows of {tables} tables"),
            Object::PrimaryKey { table, .. } => write!(f, "primary key of {table}"),
            Object::UniqueKey { name, .. } => write!(f, "unique key {name}"),
            Object::Index { name, .. } => write!(f, "index {name}"),
            Object::Constraint { name, .. } => write!(f, "constraint {name}"),
            Object::ForeignKey(key) => write!(f, "foreign key {}", key.name),
            Object::Trigger { table, name } => write!(f, "trigger {name} of {table}"),
            Object::Comment { name, .. } => write!(f, "comment on {name}"),
        }
    }
}
