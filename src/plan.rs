//! What will be done, decided before anything is: statements, copies, and their order.
//!
//! Pure: versions, schemas and what already exists go in, lists come out. Everything afterwards
//! is loops over these lists.

mod copy;
mod database;

use std::collections::{BTreeMap, BTreeSet};

use model::sql::{self, ForeignKeyObject, Object, QualifiedName, Section, Statement};
use model::{Enum, Table};

use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::ids::{DatabaseId, TargetId};
use crate::postgres::existing::{ExistingTables, suspend};
use crate::postgres::schemas::TableSchemas;
use crate::postgres::sequences;
use crate::schema::Version;

pub use copy::{Copy, NUMBER, Repaired};
pub use database::{
    Collision, ExistingTarget, PlannedDatabase, PlannedTable, Replacement, TargetState,
    find_collisions,
};

/// Everything that a run does, for each target connection.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One for each target, and a last one for databases whose target cannot be used.
    pub parts: Vec<TargetPlan>,
}

impl Plan {
    /// The databases whose tables are read.
    pub fn database_names(&self) -> BTreeSet<&str> {
        self.parts.iter().flat_map(TargetPlan::database_names).collect()
    }
}

/// What happens on one target connection, in this order.
#[derive(Clone, Debug, Default)]
pub struct TargetPlan {
    /// Which one; none for databases whose target cannot be used.
    pub target: Option<TargetId>,
    /// The existing tables that are loaded; they are locked first.
    pub existing: Vec<ExistingTables>,
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
    /// In which schemas its tables lie.
    pub schemas: TableSchemas,
    /// The version, for what it says of sequences.
    pub version: &'static Version,
}

impl SequencePlan {
    /// What a person has said about sequences.
    pub fn stated_sequences(&self) -> &'static [model::Sequence] {
        self.version.sequences
    }

    /// The sequences that are named there.
    pub fn stated_sequence_names(&self) -> Vec<&'static str> {
        self.stated_sequences().iter().map(|line| line.name).collect()
    }
}

impl TargetPlan {
    /// The databases whose tables go there.
    pub fn database_names(&self) -> BTreeSet<&str> {
        self.copies.iter().map(|copy| &*copy.database).collect()
    }

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

/// Plans a run of these databases over these target connections.
///
/// # Errors
/// When a database goes to none of them, which is a bug in this program.
pub fn plan_run<'d>(
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
        part.after.sort_by_key(|statement| statement.section);
        // A foreign key between two databases of the run is found from both databases.
        for statements in [&mut part.before, &mut part.after] {
            let mut seen = BTreeSet::new();
            statements.retain(|statement| seen.insert(statement.sql().into_owned()));
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
            part.before.extend(suspend::suspend_statements(&existing.tables));
            part.after.extend(suspend::restore_statements(&existing.tables));
            part.existing.push(existing.tables.clone());
            let is_created = |table: &&Table| existing.created.contains(&table.name);
            let created: Vec<&Table> = database.version.tables().filter(is_created).collect();
            add_tables(part, &database.schema, &[], &created);
        }
    }
    part.sequences.push(SequencePlan {
        database_id: database.id,
        database: database.name.clone(),
        schemas: database.table_schemas(),
        version: database.version,
    });
    part.copies.extend(database.tables.iter().map(|planned| Copy::new(database, planned)));
}

/// Adds the statements that create a database's tables, those of an earlier load dropped first.
fn add_creation(part: &mut TargetPlan, database: &PlannedDatabase, replacement: &Replacement) {
    let schema = &database.schema;
    let schemas = database.table_schemas();
    let mut statements = Vec::new();
    if !replacement.tables.is_empty() {
        let names = replacement.tables.iter();
        let names: Vec<_> = names.map(|name| schemas.qualified_name(name)).collect();
        // One statement and no CASCADE: the tables may depend on each other, nothing else may.
        let object = Object::DroppedTables { database: database.name.clone(), count: names.len() };
        statements.push(Statement::new(Section::Drop, object, sql::drop_tables(&names)));
    }
    for name in &replacement.types {
        let object = Object::DroppedType { name: (*name).to_owned() };
        statements.push(Statement::new(
            Section::Drop,
            object,
            sql::drop_type(QualifiedName { schema, name }),
        ));
    }
    statements.sort_by_key(|statement| statement.section);
    part.before.extend(statements);
    let kept = &replacement.remaining_histories;
    let created = database.version.tables().filter(|table| !kept.contains(&table.name));
    add_tables(part, schema, database.version.enums, &created.collect::<Vec<_>>());
}

/// Adds the statements that create tables.
fn add_tables(part: &mut TargetPlan, schema: &str, enums: &[Enum], created: &[&Table]) {
    let mut statements = Vec::new();
    for name in sequences::sequences_named_by_defaults(schema, created.iter().copied()) {
        let sql = sql::create_sequence(&name);
        statements.push(Statement::new(Section::Sequences, Object::Sequence { name }, sql));
    }
    statements.extend(sql::create_statements(schema, enums, created.iter().copied()));
    statements.sort_by_key(|statement| statement.section);
    let (before, after): (Vec<_>, Vec<_>) =
        statements.into_iter().partition(|statement| statement.section.precedes_rows());
    part.before.extend(before);
    part.after.extend(after);
}

impl Plan {
    /// Takes over what repairs change, by database and table.
    ///
    /// # Errors
    /// When a foreign key that is to be left unvalidated is not one that this plan adds, or is the
    /// application's own.
    pub fn apply_repairs(
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
                    match find_foreign_key(&mut part.after, copy, key.name) {
                        Some(added) if !added.validate => {}
                        _ if copy.is_of_application => {
                            exit = Exit::Target;
                            faults.push(stale_foreign_key_fault(copy, key.name));
                        }
                        Some(added) => added.validate = false,
                        None => {
                            let text = format!("{} is not added by this run", key.name);
                            let hint =
                                "use `orphan-not-valid` only for foreign keys that the run adds";
                            faults.push(Fault::new(text, hint));
                        }
                    }
                }
            }
        }
        Error::from_faults(exit, faults)
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
fn stale_foreign_key_fault(copy: &Copy, key: &str) -> Fault {
    let text = format!(
        "{}.{}: orphan-not-valid would change the foreign key {key}, which belongs to the \
         application and is not changed",
        copy.database,
        copy.table().name
    );
    let hints = [
        "use the repair `orphan-null` or `orphan-quarantine`",
        "let its owner make the key NOT VALID in PostgreSQL, and draft the schema files again",
    ];
    Fault::new(text, hints)
}
