//! Statements on objects that exist already: their names come from the server's catalog.

use std::fmt;

use super::{qualified_name, quote, text_literal};

/// A name with its schema; it is printed as SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualifiedName<'a> {
    /// The schema.
    pub schema: &'a str,
    /// The name in it.
    pub name: &'a str,
}

impl fmt::Display for QualifiedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&qualified_name(self.schema, self.name))
    }
}

/// When an enabled trigger fires: `session_replication_role` decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerMode {
    /// In ordinary sessions.
    Origin,
    /// In sessions that replay changes.
    Replica,
    /// In all sessions.
    Always,
}

fn list_tables(tables: &[QualifiedName<'_>]) -> String {
    tables.iter().map(QualifiedName::to_string).collect::<Vec<_>>().join(", ")
}

/// Locks tables against all other sessions, readers too.
pub fn lock_tables(tables: &[QualifiedName<'_>]) -> String {
    format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", list_tables(tables))
}

/// Deletes all rows of exactly these tables; no CASCADE.
pub fn truncate(tables: &[QualifiedName<'_>]) -> String {
    format!("TRUNCATE {}", list_tables(tables))
}

/// Drops tables, in one statement since they may depend on each other; no CASCADE.
pub fn drop_tables(tables: &[QualifiedName<'_>]) -> String {
    format!("DROP TABLE {}", list_tables(tables))
}

/// Drops a type.
pub fn drop_type(name: QualifiedName<'_>) -> String {
    format!("DROP TYPE {name}")
}

/// Drops an index that no constraint owns.
pub fn drop_index(name: QualifiedName<'_>) -> String {
    format!("DROP INDEX {name}")
}

/// Drops a constraint, and with a unique one its index.
pub fn drop_constraint(table: QualifiedName<'_>, name: &str) -> String {
    format!("ALTER TABLE {table} DROP CONSTRAINT {}", quote(name))
}

/// Adds a constraint whose definition is PostgreSQL's own text.
pub fn add_constraint(table: QualifiedName<'_>, name: &str, definition: &str) -> String {
    format!("ALTER TABLE {table} ADD CONSTRAINT {} {definition}", quote(name))
}

/// Turns a unique index into a constraint of the same name; `deferrable` is `DEFERRABLE …` or
/// empty.
pub fn add_key_using_index(
    table: QualifiedName<'_>,
    name: &str,
    is_primary: bool,
    deferrable: &str,
) -> String {
    let (name, key) = (quote(name), if is_primary { "PRIMARY KEY" } else { "UNIQUE" });
    format!("ALTER TABLE {table} ADD CONSTRAINT {name} {key} USING INDEX {name} {deferrable}")
}

/// Makes an index whose definition after the table's name is PostgreSQL's own text.
pub fn create_index(
    table: QualifiedName<'_>,
    name: &str,
    unique: bool,
    definition: &str,
) -> String {
    let unique = if unique { "UNIQUE " } else { "" };
    format!("CREATE {unique}INDEX {} ON {table} {definition}", quote(name))
}

/// Makes a table with the columns of another one, and nothing else of it.
pub fn create_table_like(table: QualifiedName<'_>, model: QualifiedName<'_>) -> String {
    format!("CREATE TABLE {table} (LIKE {model})")
}

/// Disables a trigger.
pub fn disable_trigger(table: QualifiedName<'_>, trigger: &str) -> String {
    format!("ALTER TABLE {table} DISABLE TRIGGER {}", quote(trigger))
}

/// Enables a trigger.
pub fn enable_trigger(table: QualifiedName<'_>, trigger: &str, mode: TriggerMode) -> String {
    let mode = match mode {
        TriggerMode::Origin => "ENABLE",
        TriggerMode::Replica => "ENABLE REPLICA",
        TriggerMode::Always => "ENABLE ALWAYS",
    };
    format!("ALTER TABLE {table} {mode} TRIGGER {}", quote(trigger))
}

/// Comments on a constraint.
pub fn comment_on_constraint(table: QualifiedName<'_>, name: &str, comment: &str) -> String {
    format!("COMMENT ON CONSTRAINT {} ON {table} IS {}", quote(name), text_literal(comment))
}

/// Comments on an index.
pub fn comment_on_index(index: QualifiedName<'_>, comment: &str) -> String {
    format!("COMMENT ON INDEX {index} IS {}", text_literal(comment))
}

/// Alters an index; `action` is PostgreSQL's own text.
pub fn alter_index(index: QualifiedName<'_>, action: &str) -> String {
    format!("ALTER INDEX {index} {action}")
}

/// Marks an index as the one that `CLUSTER` uses.
pub fn cluster_on(table: QualifiedName<'_>, index: &str) -> String {
    format!("ALTER TABLE {table} CLUSTER ON {}", quote(index))
}

/// Makes an index the table's replica identity.
pub fn set_replica_identity(table: QualifiedName<'_>, index: &str) -> String {
    format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX {}", quote(index))
}

/// Sets the tablespace of what the transaction creates next; empty for the database's own.
pub fn set_tablespace(tablespace: &str) -> String {
    format!("SET LOCAL default_tablespace = {}", text_literal(tablespace))
}

/// Ends what [`set_tablespace`] began.
pub fn reset_tablespace() -> String {
    "RESET default_tablespace".to_owned()
}

/// Makes a sequence unless there is one of that name, which is SQL already.
pub fn create_sequence(name: &str) -> String {
    format!("CREATE SEQUENCE IF NOT EXISTS {name}")
}

/// Sets the next value of a sequence, as a part of the transaction; the name is SQL already.
pub fn restart_sequence(name: &str, next: impl fmt::Display) -> String {
    format!("ALTER SEQUENCE {name} RESTART WITH {next}")
}

/// Gathers the planner's statistics of tables.
pub fn analyze(tables: &[QualifiedName<'_>]) -> String {
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    format!("ANALYZE {}", names.join(", "))
}
