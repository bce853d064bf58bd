//! What is derived from other files: SQL of the schema files, lists of tests, and, for
//! `cargo xtask expand`, Rust of the schema files.

use std::env;
use std::path::{Path, PathBuf};

use model::rust::{self, Resolved};
use model::sql;

use crate::case_lists::render_case_lists;

/// The workspace's root, where `schema/` is.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// All built-in schemas.
///
/// # Errors
/// The schema files' faults.
pub fn schemas() -> Result<Vec<Resolved>, String> {
    model::load_built_in(&root().join("schema")).map_err(|faults| faults.to_string())
}

/// Every rendered file and what it should hold: `postgres.sql` of the newest version of each
/// schema, and the lists of tests that have a directory each.
///
/// # Errors
/// The schema files' faults, or a directory that cannot be read.
pub fn rendered() -> Result<Vec<(PathBuf, String)>, String> {
    let newest = |resolved: &Resolved| {
        let database = resolved.versions.last()?;
        Some((resolved.directory.path.join("postgres.sql"), sql::database_script(database)))
    };
    let mut files: Vec<_> = schemas()?.iter().filter_map(newest).collect();
    files.extend(render_case_lists(&root())?);
    Ok(files)
}

/// The generated Rust of a version, or of one of its tables. `database` is `core` or
/// `connect/core`.
///
/// # Errors
/// When there is no such database, version or table.
pub fn expand(database: &str, version: &str, table: Option<&str>) -> Result<String, String> {
    let all = schemas()?;
    let named = |resolved: &&Resolved| {
        let name = &resolved.directory.name;
        name == database || name.rsplit('/').next() == Some(database)
    };
    let Some(resolved) = all.iter().find(named) else {
        let known: Vec<_> = all.iter().map(|known| known.directory.name.as_str()).collect();
        return Err(format!("no database {database}; there are {}", known.join(", ")));
    };
    let Some(at) = resolved.versions.iter().find(|known| known.version == version) else {
        let known = resolved.directory.versions.join(", ");
        return Err(format!("no version {version}; there are {known}"));
    };
    if let Some(table) = table
        && !at.tables.iter().any(|known| known.name == table)
    {
        return Err(format!("no table {table} in {database} {version}"));
    }
    rust::expand_version(resolved, version, table).map_err(|error| error.to_string())
}
