//! Schema files: reading them, resolving their versions, checking, and rendering SQL and Rust.
//!
//! The way through this crate is the way a schema goes: [`read`] takes TOML files to what they say
//! ([`file`]), [`resolve`] takes that to tables at each version ([`table`], [`types`]), [`sql`]
//! renders PostgreSQL's DDL from those and `rust` (feature `generate`) the copy code. Faults
//! ([`fault`]) are collected all the way and carry file and line.
//!
//! Nothing here opens a database or knows a table by name.

pub mod fault;
pub mod file;
pub mod read;
mod read_table;
pub mod resolve;
#[cfg(feature = "generate")]
pub mod rust;
pub mod sql;
pub mod table;
pub mod types;
mod walk;

pub use fault::{Fault, Faults};
pub use table::{
    Action, Check, Column, Database, ForeignKey, Identity, Index, Part, Table, Unique, nullable,
    required,
};
pub use types::{Affinity, Enum, Stored, Type};

/// Reads and resolves every schema below `root`: the directories that have a `database.toml`, two
/// levels down, named `application/database`.
///
/// # Errors
/// The faults of all of them together.
#[cfg(feature = "generate")]
pub fn built_in(root: &std::path::Path) -> Result<Vec<rust::Resolved>, Faults> {
    let mut faults = Faults::default();
    let mut all = Vec::new();
    for application in directories(root) {
        for path in directories(&application) {
            if !path.join("database.toml").is_file() {
                continue;
            }
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            let resolved = read::read(&path, &name).and_then(|directory| {
                let versions = resolve::resolve(&directory)?;
                Ok(rust::Resolved { directory, versions })
            });
            match resolved {
                Ok(resolved) => all.push(resolved),
                Err(found) => faults.0.extend(found.0),
            }
        }
    }
    faults.none_or(all)
}

#[cfg(feature = "generate")]
fn directories(path: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
