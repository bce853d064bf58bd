//! What a plan is made of: a database with its tables, and what they meet in its target.

use model::Table;

use crate::ids::{DatabaseId, TargetId};
use crate::postgres::existing::ExistingTables;
use crate::postgres::quote_if_needed;
use crate::postgres::schemas::TableSchemas;
use crate::schema::{Shape, Version};

/// A database of the run, as the plan needs it.
#[derive(Clone, Debug)]
pub struct PlannedDatabase {
    /// Which one.
    pub id: DatabaseId,
    /// `core`, `instrumentation`, or a name given on the command line.
    pub name: String,
    /// The version of its schema.
    pub version: &'static Version,
    /// Which target connection it goes to; none when its server cannot be used. Its rows are
    /// checked all the same.
    pub target: Option<TargetId>,
    /// The PostgreSQL schema there of tables that state none.
    pub schema: String,
    /// The tables that are copied, as they fit what exists in the target.
    pub tables: Vec<PlannedTable>,
    /// What the tables meet in the target.
    pub state: TargetState,
}

impl PlannedDatabase {
    /// In which schemas its tables lie.
    pub fn table_schemas(&self) -> TableSchemas {
        TableSchemas::of_tables(&self.schema, self.version.tables())
    }

    /// The schemas of its tables as a person types them: `local and payments`.
    pub fn shown_schemas(&self) -> String {
        let schemas = self.table_schemas();
        let all: Vec<String> = schemas.all().iter().map(|name| quote_if_needed(name)).collect();
        match all.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                format!("schemas {} and {last}", rest.join(", "))
            }
            _ => format!("schema {}", all.concat()),
        }
    }
}

/// A table of a database.
#[derive(Clone, Copy, Debug)]
pub struct PlannedTable {
    /// The table and its encoder.
    pub shape: &'static Shape,
    /// What source and target are compared by: the table with those computed columns that the
    /// source has.
    pub compared: &'static Table,
    /// Whether nothing names its rows in SQLite but their place.
    pub numbered: bool,
}

/// What a database's tables meet in its target, and so what is done there.
#[derive(Clone, Debug)]
pub enum TargetState {
    /// Nobody has inspected it: the server cannot be used, or the run only compares.
    NotInspected,
    /// None of the tables exists: all of them are created.
    Blank,
    /// Tables that this program has created: they are dropped and created again.
    Replace(Replacement),
    /// Tables that the application has created: they are emptied and loaded as they are.
    Existing(Box<ExistingTarget>),
    /// It holds exactly what the source holds: nothing is done.
    AlreadyMigrated,
    /// Some of the tables exist, or something else has their names: nothing can be done.
    Blocked,
}

/// What is dropped before it is created again.
#[derive(Clone, Debug, Default)]
pub struct Replacement {
    /// Tables of the plan that exist.
    pub tables: Vec<&'static str>,
    /// Enum types of the plan that exist.
    pub types: Vec<&'static str>,
    /// Migration history tables of the plan that exist and stay with their rows.
    pub remaining_histories: Vec<&'static str>,
}

/// Tables of the application, all of which exist.
#[derive(Clone, Debug)]
pub struct ExistingTarget {
    /// What the catalog says of them.
    pub tables: ExistingTables,
    /// Tables of the plan that are missing and created beside them.
    pub created: Vec<&'static str>,
    /// Whether they fit and one has rows: an earlier run may have loaded them.
    pub may_be_migrated: bool,
}

impl TargetState {
    /// The application's tables, if they are what is loaded.
    pub fn existing_tables(&self) -> Option<&ExistingTables> {
        match self {
            TargetState::Existing(existing) => Some(&existing.tables),
            _ => None,
        }
    }

    /// Whether a planned table is the application's own.
    pub fn is_of_application(&self, name: &str) -> bool {
        match self {
            TargetState::Existing(existing) => !existing.created.contains(&name),
            _ => false,
        }
    }

    /// Whether it is a partitioned table of the application's.
    pub fn is_partitioned(&self, name: &str) -> bool {
        match self {
            TargetState::Existing(existing) => {
                let mut relations = existing.tables.survey.relations.iter();
                relations.any(|relation| relation.name == name && relation.kind == "p")
            }
            _ => false,
        }
    }

    /// Whether a planned table exists before the load.
    pub fn has_table(&self, name: &str) -> bool {
        match self {
            TargetState::Existing(existing) => !existing.created.contains(&name),
            TargetState::Replace(replacement) => replacement.tables.contains(&name),
            _ => false,
        }
    }
}

/// A table that two databases would both put into one schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The PostgreSQL schema.
    pub schema: String,
    /// The table's name.
    pub table: &'static str,
}

/// The tables that two databases would both put into one schema.
pub fn find_collisions<'d>(databases: impl Iterator<Item = &'d PlannedDatabase>) -> Vec<Collision> {
    let mut seen = std::collections::BTreeSet::new();
    let mut collisions = Vec::new();
    for database in databases {
        let Some(target) = database.target else { continue };
        for table in database.version.tables() {
            let schema = table.schema_or(&database.schema).to_owned();
            if !seen.insert((target, schema.clone(), table.name)) {
                collisions.push(Collision { schema, table: table.name });
            }
        }
    }
    collisions
}
