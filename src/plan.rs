//! What will be done, decided before anything is: statements, copies, and their order.
//!
//! Pure: versions, schemas and what already exists go in, lists come out. Everything afterwards
//! is loops over these lists.

use std::collections::{BTreeMap, BTreeSet};

use model::sql::{self, ForeignKeyObject, Object, QualifiedName, Section, Statement};
use model::{Identity, Table};

use crate::diagnostic::{Error, Exit, Fault};
use crate::postgres::existing::{Prepared, suspend};
use crate::postgres::sequences;
use crate::schema::{Shape, Version};

/// A database that will be copied, as the plan needs it.
#[derive(Clone, Debug)]
pub struct Input {
    /// `core`, `instrumentation`, or a name given on the command line.
    pub database: String,
    /// The version of its schema.
    pub version: &'static Version,
    /// Which target connection it goes to.
    pub target: usize,
    /// The PostgreSQL schema there.
    pub schema: String,
    /// The tables that are copied, as they fit what stands in the target.
    pub tables: Vec<Planned>,
    /// Whether all of them stand there, and at least one has rows: it may have been done before.
    pub filled: bool,
    /// Tables of the application that stand there and are loaded as they are.
    pub prepared: Option<Prepared>,
    /// Whether tables of the plan that exist are to be dropped first.
    pub drop: Vec<&'static str>,
    /// Migration history tables of the plan that exist and stay with their rows.
    pub kept: Vec<&'static str>,
    /// Enum types of the plan that exist and are to be dropped first.
    pub drop_types: Vec<&'static str>,
}

/// A table of a database.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// The table and its encoder.
    pub shape: &'static Shape,
    /// What both ends are compared by: the table with those computed columns that the source has.
    pub compared: &'static Table,
    /// Whether nothing names its rows in SQLite but their place.
    pub numbered: bool,
}

/// Everything that a run does, for each target connection.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One for each target connection.
    pub targets: Vec<TargetPlan>,
}

/// What happens on one target connection, in this order.
#[derive(Clone, Debug, Default)]
pub struct TargetPlan {
    /// The tables that stand there and are locked first.
    pub prepared: Vec<Prepared>,
    /// Statements before the data.
    pub before: Vec<Statement>,
    /// The tables.
    pub copies: Vec<Copy>,
    /// Statements after the data: keys and indexes first, then foreign keys.
    pub after: Vec<Statement>,
    /// Where sequences are looked for, a database each.
    pub counted: Vec<Counted>,
}

/// A database whose sequences go on behind its rows.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Which input it comes from.
    pub input: usize,
    /// The database's name.
    pub database: String,
    /// The PostgreSQL schema.
    pub schema: String,
    /// The version, for what it says of sequences.
    pub version: &'static Version,
}

impl Counted {
    /// What a person has said about sequences.
    pub fn lines(&self) -> &'static [model::Sequence] {
        self.version.sequences
    }

    /// The sequences that are named there.
    pub fn named(&self) -> Vec<&'static str> {
        self.lines().iter().map(|line| line.name).collect()
    }
}

/// A table to be copied.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Which input it comes from.
    pub input: usize,
    /// The database's name.
    pub database: String,
    /// The PostgreSQL schema.
    pub schema: String,
    /// The table and its encoder.
    pub shape: &'static Shape,
    /// What both ends are compared by.
    pub compared: &'static Table,
    /// Whether the table is created or emptied in the same transaction, which lets rows be frozen.
    pub fresh: bool,
    /// Whether a table of that name stands there before.
    pub stands: bool,
    /// Whether the application has made it, so that it must be the same afterwards.
    pub prepared: bool,
    /// Whether nothing names its rows in SQLite but their place, [`NUMBER`].
    pub numbered: bool,
    /// What repairs change of it.
    pub repaired: Repaired,
}

/// The place of a row in the order of reading, from 1, as SQL of SQLite; for tables whose rows have
/// no other name.
pub const NUMBER: &str = "\"migrate row\"";

/// What repairs change of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// The subquery that is read in the place of the SQLite table; its columns have the names of
    /// the table's.
    pub rows: Option<String>,
    /// Foreign keys that are added without a look at the rows that are there.
    pub not_valid: Vec<&'static str>,
    /// Columns whose unit of time was said, so that nothing is to be asked about it.
    pub units: Vec<&'static str>,
}

impl Copy {
    /// The table's description.
    pub fn table(&self) -> &'static Table {
        &self.shape.table
    }

    /// The SELECT on SQLite: the copied columns in order. Never through an index: a damaged one
    /// would lose rows in silence.
    pub fn select(&self, key: &[String]) -> String {
        let columns = self.table().copied().map(|column| sql::quote(column.source));
        let all: Vec<String> = columns.chain(key.iter().cloned()).collect();
        format!("SELECT {} FROM {}", all.join(", "), self.rows())
    }

    /// The SQLite table as SQL reads it, or what repairs put in its place. Never through an index.
    pub fn rows(&self) -> String {
        match &self.repaired.rows {
            Some(rows) => format!("({rows})"),
            None => self.unrepaired_rows(""),
        }
    }

    /// The same with a name for the rows.
    pub fn rows_as(&self, name: &str) -> String {
        match &self.repaired.rows {
            Some(rows) => format!("({rows}) AS {name}"),
            None => self.unrepaired_rows(&format!(" AS {name}")),
        }
    }

    /// The SQLite table as SQL reads it without any repair; `name` follows it.
    pub fn unrepaired_rows(&self, name: &str) -> String {
        let table = sql::quote(self.table().source);
        match self.numbered {
            true => {
                format!(
                    "(SELECT *, row_number() OVER () AS {NUMBER} FROM {table} NOT INDEXED){name}"
                )
            }
            false => format!("{table}{name} NOT INDEXED"),
        }
    }

    /// The COPY on PostgreSQL.
    pub fn copy(&self) -> String {
        let columns: Vec<&str> = self.table().copied().map(|column| column.name).collect();
        let freeze = if self.fresh { ", FREEZE" } else { "" };
        format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary{freeze})",
            sql::qualified(&self.schema, self.table().name),
            sql::list(&columns)
        )
    }

    /// The columns for which PostgreSQL makes ids.
    pub fn identities(&self) -> impl Iterator<Item = &'static model::Column> + use<> {
        self.table().columns.iter().filter(|column| column.identity != Identity::No)
    }
}

/// Plans a run over `targets` connections.
pub fn plan(inputs: &[Input], targets: usize) -> Plan {
    let mut plan = Plan { targets: vec![TargetPlan::default(); targets] };
    for (place, input) in inputs.iter().enumerate() {
        if let Some(target) = plan.targets.get_mut(input.target) {
            add(target, place, input);
        }
    }
    for target in &mut plan.targets {
        // Foreign keys need all keys of all tables; triggers come last.
        target.after.sort_by_key(|statement| statement.section);
        // A foreign key between two databases of the run is found from both ends.
        for statements in [&mut target.before, &mut target.after] {
            let mut seen = BTreeSet::new();
            statements.retain(|statement| seen.insert(statement.sql().into_owned()));
        }
    }
    plan
}

fn add(target: &mut TargetPlan, place: usize, input: &Input) {
    match &input.prepared {
        Some(prepared) => {
            target.before.extend(suspend::suspend(prepared));
            target.after.extend(suspend::restore(prepared));
            target.prepared.push(prepared.clone());
        }
        None => create(target, input),
    }
    let (database, schema) = (input.database.clone(), input.schema.clone());
    target.counted.push(Counted { input: place, database, schema, version: input.version });
    for planned in &input.tables {
        let name = planned.shape.table.name;
        target.copies.push(Copy {
            input: place,
            database: input.database.clone(),
            schema: input.schema.clone(),
            shape: planned.shape,
            compared: planned.compared,
            numbered: planned.numbered,
            fresh: true,
            stands: input.prepared.is_some() || input.drop.contains(&name),
            prepared: input.prepared.is_some(),
            repaired: Repaired::default(),
        });
    }
}

/// Adds the statements that create a database's tables, those of an earlier load dropped first.
fn create(target: &mut TargetPlan, input: &Input) {
    let schema = &input.schema;
    let qualified = |name| QualifiedName { schema, name };
    let mut statements = Vec::new();
    if !input.drop.is_empty() {
        let names: Vec<_> = input.drop.iter().map(|name| qualified(name)).collect();
        // One statement and no CASCADE: the tables may depend on each other, nothing else may.
        let object = Object::DroppedTables { database: input.database.clone(), count: names.len() };
        statements.push(Statement::new(Section::Drop, object, sql::drop_tables(&names)));
    }
    for name in &input.drop_types {
        let object = Object::DroppedType { name: (*name).to_owned() };
        statements.push(Statement::new(Section::Drop, object, sql::drop_type(qualified(name))));
    }
    for name in sequences::named_by_defaults(schema, input.version) {
        let sql = sql::create_sequence(&name);
        statements.push(Statement::new(Section::Sequences, Object::Sequence { name }, sql));
    }
    let created = input.version.tables().filter(|table| !input.kept.contains(&table.name));
    statements.extend(sql::statements(schema, input.version.enums, created));
    statements.sort_by_key(|statement| statement.section);
    let (before, after): (Vec<_>, Vec<_>) =
        statements.into_iter().partition(|statement| statement.section.precedes_rows());
    target.before.extend(before);
    target.after.extend(after);
}

impl Plan {
    /// Takes over what repairs change, by database and table.
    ///
    /// # Errors
    /// When a foreign key that is to be left unvalidated is not one that this plan adds, or is the
    /// application's own.
    pub fn repair(
        &mut self,
        repaired: &BTreeMap<(usize, &'static str), Repaired>,
    ) -> Result<(), Error> {
        let (mut exit, mut faults) = (Exit::Usage, Vec::new());
        for target in &mut self.targets {
            for copy in &mut target.copies {
                let Some(own) = repaired.get(&(copy.input, copy.table().name)) else { continue };
                copy.repaired = own.clone();
                let keys = copy.table().foreign_keys.iter();
                for key in keys.filter(|key| own.not_valid.contains(&key.name)) {
                    match find_foreign_key(&mut target.after, copy, key.name) {
                        Some(added) if !added.validate => {}
                        _ if copy.prepared => {
                            exit = Exit::Target;
                            faults.push(stays(copy, key.name));
                        }
                        Some(added) => added.validate = false,
                        None => {
                            let text = format!("{} is not added by this run", key.name);
                            let hint = "orphan-not-valid is for foreign keys that the run adds";
                            faults.push(Fault::new(text, hint));
                        }
                    }
                }
            }
        }
        Error::all(exit, faults)
    }
}

/// The foreign key of that name that a run adds to a table.
fn find_foreign_key<'a>(
    statements: &'a mut [Statement],
    copy: &Copy,
    name: &str,
) -> Option<&'a mut ForeignKeyObject> {
    statements.iter_mut().find_map(|statement| match &mut statement.object {
        Object::ForeignKey(key) => {
            let same = key.name == name && key.table == copy.table().name;
            (same && key.schema == copy.schema).then_some(key)
        }
        _ => None,
    })
}

/// A foreign key of the application that would be another one afterwards.
fn stays(copy: &Copy, key: &str) -> Fault {
    let text = format!(
        "{}.{}: orphan-not-valid would change the foreign key {key}, which is the application's \
         own and stays as it is",
        copy.database,
        copy.table().name
    );
    let hint = "use orphan-null or orphan-quarantine; or let its owner make the key NOT VALID in \
                PostgreSQL, and draft the schema files again";
    Fault::new(text, hint)
}

/// Tables that two databases would both put into one schema: `(schema, table)`.
pub fn collisions(inputs: &[Input]) -> Vec<(String, &'static str)> {
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    for input in inputs {
        for table in input.version.tables() {
            if !seen.insert((input.target, input.schema.clone(), table.name)) {
                twice.push((input.schema.clone(), table.name));
            }
        }
    }
    twice
}
