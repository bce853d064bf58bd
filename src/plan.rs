//! What will be done, decided before anything is: statements, copies, and their order.
//!
//! Pure: versions, schemas and what already exists go in, lists come out. Everything afterwards
//! is loops over these lists.

mod copy;
mod database;

use std::collections::{BTreeMap, BTreeSet};

use model::{Table, sql};

use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::event::Event;
use crate::ids::{DatabaseId, TargetId};
use crate::postgres::existing::{Prepared, aside};
use crate::postgres::sequences;
use crate::schema::Version;

pub use copy::{Copy, NUMBER, Repaired};
pub use database::{
    Collision, ExistingTables, PlannedDatabase, PlannedTable, Replacement, TargetState, collisions,
};

/// Everything that a run does, for each target connection.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One for each target, and a last one for databases whose target cannot be used.
    pub parts: Vec<TargetPlan>,
}

/// What happens on one target connection, in this order.
#[derive(Clone, Debug, Default)]
pub struct TargetPlan {
    /// Which one; none for databases whose target cannot be used.
    pub target: Option<TargetId>,
    /// The existing tables that are loaded; they are locked first.
    pub existing: Vec<Prepared>,
    /// Statements before the data.
    pub before: Vec<Statement>,
    /// The tables.
    pub copies: Vec<Copy>,
    /// Statements after the data: keys and indexes first, then foreign keys.
    pub after: Vec<Statement>,
    /// Where sequences are looked for, a database each.
    pub sequences: Vec<SequencePlan>,
}

/// A database whose sequences go on after its rows.
#[derive(Clone, Debug)]
pub struct SequencePlan {
    /// The database.
    pub database_id: DatabaseId,
    /// Its name.
    pub database: String,
    /// The PostgreSQL schema.
    pub schema: String,
    /// The version, for what it says of sequences.
    pub version: &'static Version,
}

impl SequencePlan {
    /// What a person has said about sequences.
    pub fn lines(&self) -> &'static [model::Sequence] {
        self.version.sequences
    }

    /// The sequences that are named there.
    pub fn named(&self) -> Vec<&'static str> {
        self.lines().iter().map(|line| line.name).collect()
    }
}

impl TargetPlan {
    /// The tables of one database.
    pub fn copies_of(&self, database: DatabaseId) -> impl Iterator<Item = &Copy> {
        self.copies.iter().filter(move |copy| copy.database_id == database)
    }

    /// The target that it is for.
    ///
    /// # Errors
    /// When there is none, which is found before anything is written.
    pub fn target_id(&self) -> Result<TargetId> {
        self.target.ok_or_else(|| Error::internal("a load into a target that cannot be used"))
    }
}

/// A statement and what it does, in words for the progress display and for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The kind of event it is.
    pub event: Event,
    /// What it does: `index apps_owner_title`.
    pub what: String,
    /// The SQL.
    pub sql: String,
}

impl Statement {
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

/// Plans a run of these databases over these target connections.
///
/// # Errors
/// When a database goes to none of them, which is a bug in this program.
pub fn plan<'d>(
    databases: impl Iterator<Item = &'d PlannedDatabase>,
    targets: impl Iterator<Item = TargetId>,
) -> Result<Plan> {
    let parts = targets.map(Some).chain([None]);
    let parts = parts.map(|target| TargetPlan { target, ..TargetPlan::default() });
    let mut plan = Plan { parts: parts.collect() };
    for database in databases {
        let part = plan.parts.iter_mut().find(|part| part.target == database.target);
        let part = part.ok_or_else(|| Error::internal("a database without a target"))?;
        add_database(part, database);
    }
    for part in &mut plan.parts {
        // Foreign keys need all keys of all tables; triggers come last.
        part.after.sort_by_key(|statement| match statement.event {
            Event::ForeignKey => 1,
            Event::PutBack => 2,
            _ => 0,
        });
        // A foreign key between two databases of the run is found from both ends.
        for statements in [&mut part.before, &mut part.after] {
            let mut seen = BTreeSet::new();
            statements.retain(|statement| seen.insert(statement.sql.clone()));
        }
    }
    plan.parts.retain(|part| part.target.is_some() || !part.copies.is_empty());
    Ok(plan)
}

fn add_database(part: &mut TargetPlan, database: &PlannedDatabase) {
    match &database.state {
        TargetState::AlreadyMigrated => return,
        // Where nothing can be done the run ends before it writes. What repairs ask for is held
        // against the statements of an empty target.
        TargetState::NotInspected | TargetState::Blocked | TargetState::Blank => {
            add_creation(part, database, &Replacement::default());
        }
        TargetState::Replace(replacement) => add_creation(part, database, replacement),
        TargetState::Existing(existing) => {
            part.before.extend(aside::before(&existing.prepared));
            part.after.extend(aside::after(&existing.prepared));
            part.existing.push(existing.prepared.clone());
        }
    }
    part.sequences.push(SequencePlan {
        database_id: database.id,
        database: database.name.clone(),
        schema: database.schema.clone(),
        version: database.version,
    });
    part.copies.extend(database.tables.iter().map(|planned| Copy::new(database, planned)));
}

fn add_creation(part: &mut TargetPlan, database: &PlannedDatabase, replacement: &Replacement) {
    let schema = &database.schema;
    let mut before = |what: String, sql: String| {
        part.before.push(Statement { event: Event::Create, what, sql });
    };
    if !replacement.tables.is_empty() {
        let names = replacement.tables.iter().map(|name| sql::qualified(schema, name));
        let names: Vec<_> = names.collect();
        // One statement and no CASCADE: the tables may depend on each other, nothing else may.
        let what = format!("drop of {} tables of {}", names.len(), database.name);
        before(what, format!("DROP TABLE {}", names.join(", ")));
    }
    for name in &replacement.types {
        before(
            format!("drop of type {name}"),
            format!("DROP TYPE {}", sql::qualified(schema, name)),
        );
    }
    for declared in database.version.enums {
        before(format!("type {}", declared.name), sql::create_enum(schema, declared));
    }
    for name in sequences::named_by_defaults(schema, database.version) {
        before(format!("sequence {name}"), format!("CREATE SEQUENCE IF NOT EXISTS {name}"));
    }
    let kept = &replacement.kept_histories;
    let created = || database.version.tables().filter(|table| !kept.contains(&table.name));
    for table in created() {
        before(format!("table {}", table.name), sql::create_table(schema, table));
    }
    created().for_each(|table| add_constraints(part, schema, table));
}

fn add_constraints(part: &mut TargetPlan, schema: &str, table: &Table) {
    let mut add = |event, what: String, sql| {
        part.after.push(Statement { event, what, sql });
    };
    if let Some(key) = sql::primary_key(schema, table) {
        add(Event::Index, format!("primary key of {}", table.name), key);
    }
    for unique in table.uniques {
        add(
            Event::Index,
            format!("unique key {}", unique.name),
            sql::unique(schema, table, unique),
        );
    }
    for index in table.indexes {
        add(Event::Index, format!("index {}", index.name), sql::index(schema, table, index));
    }
    for rule in table.rules {
        let event = if rule.refers() { Event::ForeignKey } else { Event::Index };
        add(event, format!("constraint {}", rule.name), sql::rule(schema, table, rule));
    }
    for key in table.foreign_keys {
        let what = format!("foreign key {}", key.name);
        add(Event::ForeignKey, what, sql::foreign_key(schema, table, key));
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
        repaired: &BTreeMap<(DatabaseId, &'static str), Repaired>,
    ) -> Result<()> {
        let (mut exit, mut faults) = (Exit::Usage, Vec::new());
        for part in &mut self.parts {
            for copy in &mut part.copies {
                let Some(own) = repaired.get(&(copy.database_id, copy.table().name)) else {
                    continue;
                };
                copy.repaired = own.clone();
                let keys = copy.table().foreign_keys.iter();
                for key in keys.filter(|key| own.not_valid.contains(&key.name)) {
                    let start = format!(
                        "ALTER TABLE {} ADD CONSTRAINT {} ",
                        sql::qualified(&copy.schema, copy.table().name),
                        sql::quote(key.name)
                    );
                    let same = |known: &&mut Statement| known.sql.starts_with(&start);
                    match part.after.iter_mut().find(same) {
                        Some(statement) if statement.sql.ends_with(" NOT VALID") => {}
                        _ if copy.is_of_application => {
                            exit = Exit::Target;
                            faults.push(foreign_key_stays(copy, key.name));
                        }
                        Some(statement) => statement.sql.push_str(" NOT VALID"),
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
fn foreign_key_stays(copy: &Copy, key: &str) -> Fault {
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
