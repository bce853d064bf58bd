//! Schema files: reading them, resolving their versions, checking, and rendering SQL and Rust.
//!
//! The way through this crate is the way a schema goes: [`read`] takes TOML files to what they say
//! ([`file`]), [`resolve`] takes that to tables at each version ([`table`], [`types`]), [`sql`]
//! renders PostgreSQL's DDL from those and `rust` (feature `generate`) the copy code. Faults
//! ([`fault`]) are collected all the way and carry file and line.
//!
//! Nothing here opens a database or knows a table by name.

mod after_load;
mod check;
mod constraints;
pub mod conversions;
pub mod expression;
pub mod fault;
pub mod file;
pub mod input;
pub mod keys;
mod names;
pub mod read;
mod read_table;
mod read_type;
pub mod resolve;
#[cfg(feature = "generate")]
pub mod rust;
mod sequences;
pub mod sql;
mod stored;
pub mod table;
#[cfg(feature = "generate")]
mod tokens;
pub mod types;
mod unique_keys;
mod walk;

use std::path::Path;

pub use fault::{Fault, Faults};
pub use file::Directory;
pub use table::{
    Action, AfterLoad, Check, Column, Database, ForeignKey, Identity, Index, MigrationHistory,
    Next, Part, Rule, Sequence, Table, Unique, nullable, required,
};
pub use types::{Affinity, Enum, Stored, Type, can_refer};
pub use unique_keys::UniqueKey;

/// Reads a schema directory and resolves all its versions; `name` is what the program calls it.
///
/// # Errors
/// Everything that is wrong, in the files' form and between them, with file and line. When a file
/// is no TOML at all, only the files' form is judged: what refers to it would seem to be at fault.
pub fn load_directory(path: &Path, name: &str) -> Result<(Directory, Vec<Database>), Faults> {
    let read::Files { directory, mut faults, is_complete } = read::read_files(path, name);
    let mut databases = Vec::new();
    if is_complete {
        match resolve::resolve_versions(&directory) {
            Ok(resolved) => databases = resolved,
            Err(found) => faults.0.extend(found.0),
        }
    }
    faults.none_or((directory, databases))
}

/// Reads and resolves every schema below `root`: the directories that have a `database.toml`, two
/// levels down, named `application/database`.
///
/// # Errors
/// The faults of all of them together, and that there is none.
#[cfg(feature = "generate")]
pub fn load_built_in(root: &Path) -> Result<Vec<rust::Resolved>, Faults> {
    let mut faults = Faults::default();
    let mut all = Vec::new();
    for application in schema_directories(root, &mut faults) {
        for path in schema_directories(&application, &mut faults) {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            match load_directory(&path, &name) {
                Ok((directory, versions)) => all.push(rust::Resolved { directory, versions }),
                Err(found) => faults.0.extend(found.0),
            }
        }
    }
    if all.is_empty() && faults.0.is_empty() {
        faults.add(root, 0, "no schema here; it would be in APPLICATION/DATABASE");
    }
    faults.none_or(all)
}

#[cfg(feature = "generate")]
fn schema_directories(path: &Path, faults: &mut Faults) -> Vec<std::path::PathBuf> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            faults.add(path, 0, format!("cannot list the directory: {error}"));
            return Vec::new();
        }
    };
    let mut found: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}
