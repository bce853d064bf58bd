//! The keys that schema files know. `schema/README.md` explains each; a test compares the two.

/// Of `database.toml`.
pub const DATABASE: &[&str] = &[
    "versions",
    "ignore",
    "target_only",
    "create_missing",
    "undecided",
    "migration_history",
    "version_query",
    "enums",
    "joined",
    "sequence",
    "after_load",
];

/// What `migration_history` was called in earlier releases, and is still read as.
pub const FORMER_MIGRATION_HISTORY: &str = "bookkeeping";

/// Of `[[after_load]]`.
pub const AFTER_LOAD: &[&str] = &["sql", "changes"];

/// Of `[[sequence]]`.
pub const SEQUENCE: &[&str] = &["name", "column", "next"];

/// Of a table's file.
pub const TABLE: &[&str] = &[
    "name",
    "schema",
    "source",
    "versions",
    "primary_key",
    "primary_key_name",
    "source_key",
    "ignore",
    "columns",
    "unique",
    "index",
    "foreign_key",
    "check",
    "constraint",
    "fire_triggers",
    "guess",
];

/// Of a column's line.
pub const COLUMN: &[&str] = &[
    "type",
    "as",
    "stored",
    "declared",
    "null",
    "default",
    "identity",
    "generated",
    "unique",
    "references",
    "on_delete",
    "on_update",
    "source",
    "versions",
    "guess",
];

/// Of an item of `primary_key`.
pub const PRIMARY_KEY: &[&str] = &["columns", "versions"];

/// Of `[[unique]]`.
pub const UNIQUE: &[&str] = &["columns", "name", "versions", "guess"];

/// Of `[[index]]`.
pub const INDEX: &[&str] =
    &["name", "columns", "unique", "where", "method", "definition", "versions", "guess"];

/// Of a part of an index.
pub const PART: &[&str] = &["column", "expression", "desc"];

/// Of `[[foreign_key]]`.
pub const FOREIGN_KEY: &[&str] = &[
    "columns",
    "references",
    "to",
    "name",
    "on_delete",
    "on_update",
    "deferred",
    "deferrable",
    "versions",
    "guess",
];

/// Of `[[constraint]]`.
pub const CONSTRAINT: &[&str] = &["name", "definition", "versions", "guess"];

/// Of `[[check]]`.
pub const CHECK: &[&str] = &["name", "expression", "versions", "guess"];
