//! `cargo xtask bless` and `expand`: what is derived from the schema files, for people to read.

use std::path::{Path, PathBuf};
use std::{env, fs};

use model::rust::{self, Resolved};
use model::sql;

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
    model::built_in(&root().join("schema")).map_err(|faults| faults.to_string())
}

/// Every rendered file and what it should hold: `postgres.sql` of the newest version of each.
///
/// # Errors
/// The schema files' faults.
pub fn rendered() -> Result<Vec<(PathBuf, String)>, String> {
    let newest = |resolved: &Resolved| {
        let database = resolved.versions.last()?;
        Some((resolved.directory.path.join("postgres.sql"), sql::script(database)))
    };
    Ok(schemas()?.iter().filter_map(newest).collect())
}

/// Rewrites what differs.
///
/// # Errors
/// The schema files' faults, or a file that cannot be written.
pub fn bless() -> Result<(), String> {
    for (file, text) in rendered()? {
        if fs::read_to_string(&file).is_ok_and(|old| old == text) {
            continue;
        }
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("wrote {}", file.display());
    }
    Ok(())
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
    rust::expand(resolved, version, table).map_err(|error| error.to_string())
}
