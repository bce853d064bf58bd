//! What a schema directory says, as its files say it: lines with their version ranges.
//!
//! `read` fills these structs from TOML, `resolve` turns them into tables at a version.

use std::path::PathBuf;

use crate::table::{Action, Identity};
use crate::types::{Enum, Stored, Type};

/// A schema directory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The path as it was given, used in faults.
    pub path: PathBuf,
    /// `connect/core`, or the directory's own name.
    pub name: String,
    /// The versions, oldest first.
    pub versions: Vec<String>,
    /// Names (or `prefix*`) of SQLite tables that are not copied.
    pub ignore: Vec<String>,
    /// Names (or `prefix*`) of tables that only PostgreSQL has.
    pub target_only: Vec<String>,
    /// Tables that a run creates where PostgreSQL has the others and lacks these.
    pub create_missing: Vec<String>,
    /// Tables (`table`) and columns (`table.column`) of which somebody must say that they are the
    /// ones of SQLite, or that they mean the same there; nothing is copied before.
    pub undecided: Vec<String>,
    /// Tables in which the application keeps its own migrations, and the columns that count.
    pub migration_histories: Vec<(String, Vec<String>)>,
    /// SQL for SQLite that says the version.
    pub version_query: Option<String>,
    /// Enum types.
    pub enums: Vec<Enum>,
    /// Whether PostgreSQL's own tables told what SQLite could not.
    pub joined: bool,
    /// Sequences of PostgreSQL that a person has tied to a column or a number, with their lines
    /// in `database.toml`.
    pub sequences: Vec<(usize, SequenceLine)>,
    /// Statements that run after a load, with their lines in `database.toml`.
    pub after_load: Vec<(usize, AfterLoadLine)>,
    /// The tables' files in the order of their names.
    pub tables: Vec<TableFile>,
}

/// An `[[after_load]]` of `database.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AfterLoadLine {
    /// The statement.
    pub sql: String,
    /// Tables whose copied values it changes.
    pub changes: Vec<String>,
}

/// A `[[sequence]]` of `database.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceLine {
    /// The sequence: `name`, or `schema.name`.
    pub name: String,
    /// How it goes on after the load.
    pub goes_on: GoesOn,
}

/// How a sequence goes on, as the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoesOn {
    /// Beyond the values of a column: `table.column`.
    After(String),
    /// At this value.
    At(i64),
}

/// The versions in which something holds: places in [`Directory::versions`], the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first version.
    pub from: usize,
    /// The first version in which it no longer holds.
    pub to: usize,
}

/// A statement of a file, the line it stands on, the versions in which it holds, and whether it is
/// a guess.
#[derive(Clone, Debug)]
pub struct Ranged<T> {
    /// From 1.
    pub line: usize,
    /// Where it holds.
    pub range: Range,
    /// Whether nobody has seen it in the application's own tables.
    pub guess: bool,
    /// What it says.
    pub item: T,
}

/// A table's file: the table's whole history.
#[derive(Clone, Debug)]
pub struct TableFile {
    /// The file.
    pub file: PathBuf,
    /// The table in PostgreSQL.
    pub name: String,
    /// Its schema in PostgreSQL, where it is not the one of the database's other tables.
    pub schema: Option<String>,
    /// The table in SQLite.
    pub source: String,
    /// The versions that have the table.
    pub range: Range,
    /// Whether nobody has seen the table, so that all of it is a guess where a line says nothing.
    pub guess: bool,
    /// The columns' lines in file order; a column that changed has several, side by side.
    pub columns: Vec<Ranged<ColumnLine>>,
    /// The primary keys, by version.
    pub primary_keys: Vec<Ranged<Vec<String>>>,
    /// The primary key's name, where it is not the usual one.
    pub key_name: Option<String>,
    /// SQLite columns that are not copied.
    pub ignore: Vec<String>,
    /// SQLite's primary key by its own columns' names, where it is another one.
    pub source_key: Option<Vec<String>>,
    /// Unique constraints, those of columns' lines among them.
    pub uniques: Vec<Ranged<UniqueLine>>,
    /// Indexes.
    pub indexes: Vec<Ranged<IndexLine>>,
    /// Foreign keys, those of columns' lines among them.
    pub foreign_keys: Vec<Ranged<ForeignKeyLine>>,
    /// Check constraints.
    pub checks: Vec<Ranged<CheckLine>>,
    /// Constraints in PostgreSQL's own words.
    pub rules: Vec<Ranged<RuleLine>>,
    /// Triggers of PostgreSQL that fire while rows are loaded.
    pub fire_triggers: Vec<String>,
}

/// A column's line.
#[derive(Clone, Debug)]
pub struct ColumnLine {
    /// The name in PostgreSQL.
    pub name: String,
    /// The name in SQLite.
    pub source: String,
    /// PostgreSQL's type.
    pub ty: Type,
    /// SQLite's encoding.
    pub stored: Stored,
    /// The type that SQLite's table declares, where its affinity would not tell.
    pub declared: Option<String>,
    /// Whether NULL is allowed.
    pub null: bool,
    /// A PostgreSQL expression.
    pub default: Option<String>,
    /// Whether PostgreSQL makes ids.
    pub identity: Identity,
    /// The expression of a generated column.
    pub generated: Option<String>,
    /// How PostgreSQL's table names the type, where that says more.
    pub type_sql: Option<String>,
    /// Whether only PostgreSQL has it.
    pub target_only: bool,
}

/// A unique constraint.
#[derive(Clone, Debug)]
pub struct UniqueLine {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// An index.
#[derive(Clone, Debug)]
pub struct IndexLine {
    /// Its name.
    pub name: String,
    /// Its parts.
    pub parts: Vec<PartLine>,
    /// Whether it is unique.
    pub unique: bool,
    /// The access method.
    pub method: String,
    /// The predicate.
    pub predicate: Option<String>,
    /// In PostgreSQL's own words, in place of the rest.
    pub definition: Option<String>,
}

/// A part of an index.
#[derive(Clone, Debug)]
pub struct PartLine {
    /// A column or an expression.
    pub text: String,
    /// Which of the two.
    pub expression: bool,
    /// Whether it is ordered downwards.
    pub descending: bool,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub struct ForeignKeyLine {
    /// Its name.
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// The columns referred to; empty for that table's primary key.
    pub to: Vec<String>,
    /// `on_delete`.
    pub on_delete: Action,
    /// `on_update`.
    pub on_update: Action,
    /// Whether it is checked at the end of a transaction.
    pub deferred: bool,
    /// Whether a transaction may put the check off.
    pub deferrable: bool,
}

/// A check constraint.
#[derive(Clone, Debug)]
pub struct CheckLine {
    /// Its name.
    pub name: String,
    /// A PostgreSQL expression.
    pub expression: String,
}

/// A constraint in PostgreSQL's own words.
#[derive(Clone, Debug)]
pub struct RuleLine {
    /// Its name.
    pub name: String,
    /// Everything behind its name.
    pub definition: String,
}

impl TableFile {
    /// A table's file with nothing in it yet.
    pub fn new(name: String, source: String, range: Range) -> TableFile {
        TableFile {
            file: PathBuf::new(),
            name,
            schema: None,
            source,
            range,
            guess: false,
            columns: Vec::new(),
            primary_keys: Vec::new(),
            key_name: None,
            ignore: Vec::new(),
            source_key: None,
            uniques: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            rules: Vec::new(),
            fire_triggers: Vec::new(),
        }
    }
}

impl Range {
    /// Whether it holds in a version.
    pub fn has_version(self, version: usize) -> bool {
        self.from <= version && version < self.to
    }

    /// What both have in common.
    pub fn intersect(self, other: Range) -> Range {
        Range { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Whether it holds in no version.
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }
}
