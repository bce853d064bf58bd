//! What will be done, decided before anything is: statements, copies, and their order.
//!
//! Pure: versions, schemas and what already exists go in, lists come out. Everything afterwards
//! is loops over these lists.

use std::collections::BTreeMap;

use model::{Identity, Table, sql};

use crate::diagnostic::{Error, Exit, Fault};
use crate::event::Event;
use crate::postgres::existing::{Prepared, aside};
use crate::postgres::sequences;
use crate::schema::{Shape, Version};
use crate::statement::{AddedKey, Makes, Statement};

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
        target.after.sort_by_key(|statement| match statement.event {
            Event::ForeignKey => 1,
            Event::PutBack => 2,
            _ => 0,
        });
        // A foreign key between two databases of the run is found from both ends.
        for statements in [&mut target.before, &mut target.after] {
            let mut seen = std::collections::BTreeSet::new();
            statements.retain(|statement| seen.insert(statement.sql().into_owned()));
        }
    }
    plan
}

fn add(target: &mut TargetPlan, place: usize, input: &Input) {
    match &input.prepared {
        Some(prepared) => {
            target.before.extend(aside::before(prepared));
            target.after.extend(aside::after(prepared));
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

fn create(target: &mut TargetPlan, input: &Input) {
    let schema = &input.schema;
    let mut before = |what: String, text: String| {
        target.before.push(Statement { event: Event::Create, what, text, makes: Makes::Other });
    };
    if !input.drop.is_empty() {
        let names: Vec<_> = input.drop.iter().map(|name| sql::qualified(schema, name)).collect();
        // One statement and no CASCADE: the tables may depend on each other, nothing else may.
        let what = format!("drop of {} tables of {}", names.len(), input.database);
        before(what, format!("DROP TABLE {}", names.join(", ")));
    }
    for name in &input.drop_types {
        before(
            format!("drop of type {name}"),
            format!("DROP TYPE {}", sql::qualified(schema, name)),
        );
    }
    for declared in input.version.enums {
        before(format!("type {}", declared.name), sql::create_enum(schema, declared));
    }
    for name in sequences::named_by_defaults(schema, input.version) {
        before(format!("sequence {name}"), format!("CREATE SEQUENCE IF NOT EXISTS {name}"));
    }
    let made = || input.version.tables().filter(|table| !input.kept.contains(&table.name));
    for table in made() {
        before(format!("table {}", table.name), sql::create_table(schema, table));
    }
    made().for_each(|table| after(target, schema, table));
}

fn after(target: &mut TargetPlan, schema: &str, table: &Table) {
    let mut add = |event, what: String, text, makes| {
        target.after.push(Statement { event, what, text, makes });
    };
    let index = |name: &str| Makes::Index(name.to_owned());
    if let Some(key) = sql::primary_key(schema, table) {
        let name = model::resolve::primary_key_name(table);
        add(Event::Index, format!("primary key of {}", table.name), key, index(&name));
    }
    for unique in table.uniques {
        let (what, text) =
            (format!("unique key {}", unique.name), sql::unique(schema, table, unique));
        add(Event::Index, what, text, index(unique.name));
    }
    for line in table.indexes {
        let (what, text) = (format!("index {}", line.name), sql::index(schema, table, line));
        add(Event::Index, what, text, index(line.name));
    }
    for rule in table.rules {
        let event = if rule.refers() { Event::ForeignKey } else { Event::Index };
        let (what, text) = (format!("constraint {}", rule.name), sql::rule(schema, table, rule));
        add(event, what, text, Makes::Other);
    }
    for key in table.foreign_keys {
        let what = format!("foreign key {}", key.name);
        let added = AddedKey {
            schema: schema.to_owned(),
            table: table.name.to_owned(),
            name: key.name.to_owned(),
            validate: true,
        };
        let text = sql::foreign_key(schema, table, key);
        add(Event::ForeignKey, what, text, Makes::ForeignKey(added));
    }
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
                    let (schema, table) = (&copy.schema, copy.table().name);
                    let mut statements = target.after.iter_mut();
                    match statements.find_map(|one| one.added_key(schema, table, key.name)) {
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
    let mut seen = std::collections::BTreeSet::new();
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
