//! What a run is asked for.

use std::path::PathBuf;

use crate::check::columns::Trial;
use crate::diagnostic::{Error, Hints, Result};
use crate::ids::DatabaseId;
use crate::postgres::connection::Address;
use crate::repair::Asked;
use crate::schema::{Schema, Version};
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
    /// How far the server is asked about rows before anything is written.
    pub trial: Trial,
    /// Whether files and rows are checked before anything is copied, also where nobody is asked.
    pub check_first: bool,
    /// Whether planned tables that exist in the target are replaced: dropped, if this program
    /// created them, emptied otherwise.
    pub drop_all: bool,
    /// Whether rows of the application's own tables are replaced.
    pub replace_seed: bool,
    /// Whether files are read whose `-wal` has lost committed rows.
    pub accept_wal_loss: bool,
    /// Whether the application is at work on the target already, so that only tables without rows
    /// are loaded.
    pub blank_only: bool,
    /// What is said of schemas that have to be found.
    pub search: SchemaSearch,
    /// Migration history tables whose lists may differ, as `TABLE` or `DATABASE.TABLE`.
    pub accepted_histories: Vec<String>,
    /// The repairs.
    pub repairs: RequestedRepairs,
    /// The application's key, to be tried on values of the sources.
    pub key: Option<Box<dyn KeyTrial>>,
}

/// A key that is tried on values.
pub trait KeyTrial: std::fmt::Debug {
    /// Tries to open a value of a text or blob column.
    fn try_value(&self, value: &[u8]) -> TriedValue;

    /// What tells the key from others without giving it away.
    fn fingerprint(&self) -> String;
}

/// What trying a key on a value came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriedValue {
    /// The key has opened it.
    Opened,
    /// It looks encrypted, and the key does not open it.
    Refused,
    /// It does not look encrypted.
    NotEncrypted,
}

impl Request {
    /// Nothing but these databases: the quick check, nothing replaced, nothing repaired.
    pub fn new(databases: Vec<RequestedDatabase>, mode: Mode) -> Request {
        Request {
            databases,
            mode,
            integrity: Integrity::default(),
            trial: Trial::default(),
            check_first: false,
            drop_all: false,
            replace_seed: false,
            accept_wal_loss: false,
            blank_only: false,
            search: SchemaSearch::default(),
            accepted_histories: Vec::new(),
            repairs: RequestedRepairs::default(),
            key: None,
        }
    }

    /// Whether all checks come before the copy: where nothing is to be written, where a person is
    /// asked (`ask`) or where that is wanted.
    pub fn checks_first(&self, ask: bool) -> bool {
        ask || self.check_first || !self.mode.loads()
    }

    /// When the rows are checked: before the copy also where repairs are asked for, which say what
    /// they will do.
    pub fn when_rows_are_checked(&self, ask: bool) -> RowChecks {
        match self.checks_first(ask) || !self.repairs.asked.is_empty() {
            true => RowChecks::Before,
            false => RowChecks::Beside,
        }
    }

    /// A database of the run.
    ///
    /// # Errors
    /// When there is none of that number, which is a bug in this program.
    pub fn database(&self, id: DatabaseId) -> Result<&RequestedDatabase> {
        let mut entries = self.entries();
        let found = entries.find(|(known, _)| *known == id).map(|(_, database)| database);
        found.ok_or_else(|| Error::internal("a database that nobody has asked for"))
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
    /// Where the description of its tables comes from.
    pub schema: RequestedSchema,
    /// The SQLite file.
    pub source: PathBuf,
    /// The command that does without the file where there is none; empty where it is needed.
    pub missing_file_hint: String,
    /// What to do where a comparison finds that nothing was loaded; none where the same command
    /// without `--verify` loads it.
    pub load_hint: Hints,
    /// Whether the application's configuration names it.
    pub configured: bool,
    /// Names of the application's processes, which must not run.
    pub application: &'static [&'static str],
    /// Where it goes.
    pub address: Address,
}

/// Where the description of a database's tables comes from.
#[derive(Clone, Debug)]
pub enum RequestedSchema {
    /// It is given.
    Given(ChosenSchema),
    /// It is found: a built-in one whose structure is the file's, otherwise what SQLite and
    /// PostgreSQL say together.
    Find {
        /// The built-in schema of the application, where there is one.
        built_in: Option<Schema>,
    },
}

impl RequestedSchema {
    /// The latest version of the built-in schema, if the schema of the run is not given but found.
    pub fn latest_built_in_version(&self) -> Option<&'static Version> {
        match self {
            RequestedSchema::Find { built_in } => built_in.as_ref()?.versions.last().copied(),
            RequestedSchema::Given(_) => None,
        }
    }
}

/// What is said of schemas that have to be found.
#[derive(Clone, Debug, Default)]
pub struct SchemaSearch {
    /// Where they are saved, and looked for; none where the usual place is meant.
    pub directory: Option<PathBuf>,
    /// What the directory in the usual place is called.
    pub name: String,
    /// Whether each database has a directory of its own below it.
    pub has_directory_each: bool,
    /// The application's other file, where the run moves one of two.
    pub other_source: Option<PathBuf>,
    /// Names that belong together: `[DATABASE.]TABLE=TABLE`, `[DATABASE.]TABLE.COLUMN=COLUMN`.
    pub same: Vec<String>,
    /// Tables and columns of SQLite that are left behind: `[DATABASE.]TABLE[.COLUMN]`.
    pub ignored: Vec<String>,
    /// Whether tables that PostgreSQL lacks are created there.
    pub create_missing: bool,
    /// The zone of times that say no offset.
    pub naive_zone: Option<String>,
    /// Whether SQLite alone may say what the tables are, where PostgreSQL has none.
    pub may_draft: bool,
    /// Whether no row is to be read: then nothing is joined.
    pub reads_no_rows: bool,
    /// The command of this run with its flags, as it can be run again.
    pub command: String,
}

/// The schema that a run takes for a database.
#[derive(Clone, Debug)]
pub struct ChosenSchema {
    /// All its versions.
    pub schema: Schema,
    /// The version, where it is not the structure that decides.
    pub version: Option<String>,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Copy, verify, publish.
    Migrate,
    /// The same, but for publishing: everything is rolled back.
    Rehearse,
    /// Check everything, write nothing.
    DryRun,
    /// Compare what source and target hold.
    Verify,
}

impl Mode {
    /// Whether the targets are loaded, and a person is asked before.
    pub fn loads(self) -> bool {
        matches!(self, Mode::Migrate | Mode::Rehearse)
    }
}

/// When the rows are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChecks {
    /// Before anything is written.
    Before,
    /// While they are copied, and then before anything is published.
    Beside,
}

/// The repairs that are asked for, and the files that list what they did.
#[derive(Clone, Debug, Default)]
pub struct RequestedRepairs {
    /// The repairs, as the user named them.
    pub asked: Vec<Asked>,
    /// The file for rows that are not loaded.
    pub quarantine: Option<PathBuf>,
    /// The file for the keys of all affected rows.
    pub keys: Option<PathBuf>,
    /// Whether files of another kind than this run writes there are replaced.
    pub force: bool,
}
