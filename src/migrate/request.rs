//! What a run is asked for.

use std::path::PathBuf;

use crate::ids::DatabaseId;
use crate::postgres::connection::Address;
use crate::repair::Asked;
use crate::schema::Schema;
use crate::sqlite::Integrity;

/// What is asked for.
#[derive(Debug)]
pub struct Request {
    /// The databases, in the order in which they are migrated.
    pub databases: Vec<RequestedDatabase>,
    /// What to do with them.
    pub mode: Mode,
    /// How far the files are checked for damage.
    pub integrity: Integrity,
    /// Whether planned tables that exist in the target are replaced: dropped, if this program
    /// created them, emptied otherwise.
    pub drop_all: bool,
    /// Whether rows of the application's own tables are replaced.
    pub replace_seed: bool,
    /// Whether the application is at work on the target already, so that only tables without rows
    /// are loaded.
    pub blank_only: bool,
    /// Migration history tables whose lists may differ, as `TABLE` or `DATABASE.TABLE`.
    pub accepted_histories: Vec<String>,
    /// The repairs.
    pub repairs: RequestedRepairs,
}

impl Request {
    /// Nothing but these databases: the quick check, nothing replaced, nothing repaired.
    pub fn new(databases: Vec<RequestedDatabase>, mode: Mode) -> Request {
        Request {
            databases,
            mode,
            integrity: Integrity::default(),
            drop_all: false,
            replace_seed: false,
            blank_only: false,
            accepted_histories: Vec::new(),
            repairs: RequestedRepairs::default(),
        }
    }

    /// The databases and what each is called by in this run.
    pub fn entries(&self) -> impl Iterator<Item = (DatabaseId, &RequestedDatabase)> {
        let databases = self.databases.iter().enumerate();
        databases.map(|(position, database)| (DatabaseId::new(position), database))
    }
}

/// One database to be migrated.
#[derive(Debug)]
pub struct RequestedDatabase {
    /// `core`, `instrumentation`, or the schema's name.
    pub name: String,
    /// Its schema in all versions.
    pub schema: Schema,
    /// The version, where it is not the structure that decides.
    pub version: Option<String>,
    /// The SQLite file.
    pub source: PathBuf,
    /// What to do where there is no such file; empty where the usual words will do.
    pub missing_cure: String,
    /// Whether the application's configuration names it.
    pub configured: bool,
    /// Names of the application's processes, which must not run.
    pub application: &'static [&'static str],
    /// Where it goes.
    pub address: Address,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Copy, verify, publish.
    Migrate,
    /// Check everything, write nothing.
    DryRun,
    /// Compare what source and target hold.
    Verify,
}

/// The repairs that are asked for, and the files that list what they did.
#[derive(Clone, Debug, Default)]
pub struct RequestedRepairs {
    /// The repairs, as the user named them.
    pub asked: Vec<Asked>,
    /// The file for rows that are not loaded.
    pub quarantine: Option<PathBuf>,
    /// The file for keys of touched rows that are too many for the report.
    pub keys: Option<PathBuf>,
    /// Whether files of another kind than this run writes there are replaced.
    pub force: bool,
}
