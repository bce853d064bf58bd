//! The descriptions the program works by: those built in, and those read from a directory.
//!
//! Both are the same types. A built-in shape carries its generated encode function; one read at
//! run time is encoded by a loop over its columns with the same codecs.

use std::path::Path;

use model::{
    Action, Check, Database, Enum, Faults, ForeignKey, Identity, Index, MigrationHistory, Part,
    Stored, Table, Type, Unique, nullable, required,
};

use crate::codec::{self, Cell, Out, Refusal, Row};

include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// A database in all its versions.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// `connect/core`, or a directory's name.
    pub name: &'static str,
    /// SQL for SQLite that says which version a file has.
    pub version_query: Option<&'static str>,
    /// Oldest first.
    pub versions: &'static [&'static Version],
}

/// A database at one version.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    /// The schema's name.
    pub database: &'static str,
    /// The version's name.
    pub name: &'static str,
    /// The directory that it was read from; none for a built-in one.
    pub directory: Option<&'static Path>,
    /// Its tables.
    pub shapes: &'static [&'static Shape],
    /// Its enum types.
    pub enums: &'static [Enum],
    /// SQLite tables that are not copied; `*` at the end matches any rest.
    pub ignored: &'static [&'static str],
    /// Tables that only PostgreSQL has; `*` at the end matches any rest.
    pub target_only: &'static [&'static str],
    /// Tables that a run creates where PostgreSQL has the others and lacks these.
    pub create_missing: &'static [&'static str],
    /// Tables and columns of which somebody must say what they are before they are copied.
    pub undecided: &'static [&'static str],
    /// Tables in which the application keeps which of its own migrations were done.
    pub migration_histories: &'static [MigrationHistory],
    /// Sequences that `database.toml` ties to a column or a number.
    pub sequences: &'static [model::Sequence],
    /// Statements that run after a load was verified, in its transaction.
    pub after_load: &'static [model::AfterLoad],
}

/// A table's description together with what encodes its rows.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The description.
    pub table: Table,
    /// How rows are encoded.
    pub encode: Encode,
}

/// How a row becomes a tuple of binary COPY.
#[derive(Clone, Copy, Debug)]
pub enum Encode {
    /// A generated function: one straight line of codec calls.
    Typed(fn(&mut Row<'_>) -> Result<(), Refusal>),
    /// A loop over the description's columns.
    Looped,
}

impl Shape {
    /// Encodes a row whose tuple header is already written.
    ///
    /// # Errors
    /// The first value that is not as described.
    #[inline]
    pub fn encode_row(&self, row: &mut Row<'_>) -> Result<(), Refusal> {
        match self.encode {
            Encode::Typed(encode) => encode(row),
            Encode::Looped => {
                for (index, column) in self.table.copied_columns().enumerate() {
                    let codec =
                        |out: &mut Out, cell: Cell<'_>| codec::encode_value(column, out, cell);
                    if column.null {
                        row.encode_nullable(index, column.name, codec)?;
                    } else {
                        row.encode_required(index, column.name, codec)?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl Version {
    /// What generated code begins with: it names only what a version has.
    pub const EMPTY: Version = Version {
        database: "",
        name: "",
        directory: None,
        shapes: &[],
        enums: &[],
        ignored: &[],
        target_only: &[],
        create_missing: &[],
        undecided: &[],
        migration_histories: &[],
        sequences: &[],
        after_load: &[],
    };

    /// Whether a SQLite table is left behind on purpose.
    pub fn ignores(&self, table: &str) -> bool {
        matches_pattern(self.ignored, table) || self.is_history_table(table)
    }

    /// Whether a table of PostgreSQL is none that rows go to.
    pub fn is_target_only(&self, table: &str) -> bool {
        matches_pattern(self.target_only, table) || self.is_history_table(table)
    }

    /// Whether a table is one of the application's own migrations.
    pub fn is_history_table(&self, table: &str) -> bool {
        self.migration_histories.iter().any(|kept| kept.table == table)
    }

    /// The tables whose rows go into existing tables: all but the migration histories.
    pub fn loaded_tables(&self) -> impl Iterator<Item = &'static Table> {
        self.tables().filter(|table| !self.is_history_table(table.name))
    }

    /// The model's own form of it.
    pub fn to_model(self) -> Database {
        Database {
            name: self.database,
            version: self.name,
            tables: self.tables().copied().collect::<Vec<_>>().leak(),
            enums: self.enums,
            ignored: self.ignored,
            target_only: self.target_only,
            create_missing: self.create_missing,
            undecided: self.undecided,
            migration_histories: self.migration_histories,
            sequences: self.sequences,
            after_load: self.after_load,
        }
    }

    /// The same as the model's description, for rendering.
    pub fn tables(&self) -> impl Iterator<Item = &'static Table> + use<> {
        self.shapes.iter().map(|shape| &shape.table)
    }
}

fn matches_pattern(patterns: &[&str], table: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => table.starts_with(start),
        None => table == *pattern,
    })
}

/// The built-in schema of that name.
pub fn built_in(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

/// Reads a schema directory at run time. Its descriptions live as long as the process.
///
/// # Errors
/// Every fault of its files, with their lines.
pub fn read_schema_directory(directory: &Path) -> Result<Schema, Faults> {
    let name = directory.file_name().unwrap_or(directory.as_os_str()).to_string_lossy();
    let (files, databases) = model::load_directory(directory, &name)?;
    let directory: &'static Path = directory.to_path_buf().leak();
    let query = files.version_query.map(|query| &*query.leak());
    let versions: Vec<&'static Version> =
        databases.iter().map(|database| leak_version(database, directory)).collect();
    Ok(Schema { name: name.into_owned().leak(), version_query: query, versions: versions.leak() })
}

fn leak_version(database: &Database, directory: &'static Path) -> &'static Version {
    let shape = |table: &Table| -> &'static Shape {
        Box::leak(Box::new(Shape { table: *table, encode: Encode::Looped }))
    };
    let shapes: Vec<&'static Shape> = database.tables.iter().map(shape).collect();
    Box::leak(Box::new(Version {
        database: database.name,
        name: database.version,
        directory: Some(directory),
        shapes: shapes.leak(),
        enums: database.enums,
        ignored: database.ignored,
        target_only: database.target_only,
        create_missing: database.create_missing,
        undecided: database.undecided,
        migration_histories: database.migration_histories,
        sequences: database.sequences,
        after_load: database.after_load,
    }))
}
