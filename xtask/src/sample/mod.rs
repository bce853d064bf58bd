//! `cargo xtask sample`: SQLite databases as a Connect server of some version might have them.
//!
//! They are made from the schema files, so that every column, key and index of the schema occurs,
//! and hold what a migration takes without a finding: the sample is for showing and measuring,
//! tests plant their own damage. [`plan`] decides what each column gets, [`value`], [`text`] and
//! [`time`] make the cells, [`ddl`] the tables; names are known to [`hints`] alone.

mod ddl;
mod hints;
mod plan;
pub(crate) mod random;
mod text;
mod time;
mod value;

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use model::{Database, Faults, Identity};
use rusqlite::{Connection, ErrorCode, params, params_from_iter};

use plan::{Plan, SampleContext};

/// What to make.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory, made when it is not there.
    pub out: PathBuf,
    /// Rows of the instrumentation database in all; the core has as many as belong to that.
    pub rows: u64,
    /// The schema's version, the newest when `None`.
    pub version: Option<String>,
    /// Equal seeds make equal samples.
    pub seed: u64,
}

impl Options {
    /// The usual sample: 20,000 rows of instrumentation at the newest version.
    pub fn new(out: impl Into<PathBuf>) -> Options {
        Options { out: out.into(), rows: 20_000, version: None, seed: 1 }
    }
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The schema's version.
    pub version: String,
    /// The files.
    pub files: Vec<SampleFile>,
    /// Indexes and check constraints that SQLite cannot have.
    pub left_out: Vec<String>,
}

/// One file of a sample.
#[derive(Clone, Debug)]
pub struct SampleFile {
    /// The file.
    pub path: PathBuf,
    /// The database's description.
    pub database: Database,
    /// The rows of each of its tables.
    pub rows: Vec<u64>,
}

/// Why there is no sample.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The schema files have faults.
    #[error("the schema files do not read:\n{0}")]
    Schema(Faults),
    /// No such version.
    #[error("there is no version {wanted}; there are {}", .known.join(", "))]
    Version {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// A unique set that the plan cannot keep.
    #[error("rows of {table} cannot be made unique: two of its unique sets share a foreign key")]
    Unique {
        /// The table.
        table: &'static str,
    },
    /// A file is in the way. It may be a real one.
    #[error("{} is already there; a sample overwrites nothing", .0.display())]
    Exists(PathBuf),
    /// The directory.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, std::io::Error),
    /// SQLite.
    #[error("{0}: {1}")]
    Sqlite(&'static str, rusqlite::Error),
}

/// The schema files of this workspace.
pub fn schema_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema")
}

/// Makes the files of a sample.
///
/// # Errors
/// When the version is unknown, a file is already there, or cannot be written.
pub fn write(options: &Options) -> Result<Summary, Error> {
    let databases = databases(options.version.as_deref())?;
    let both: Vec<(Database, bool)> =
        databases.iter().map(|(database, _, in_all)| (*database, *in_all)).collect();
    let context = SampleContext::new(options.seed, options.rows, &both)?;
    fs::create_dir_all(&options.out).map_err(|error| Error::File(options.out.clone(), error))?;
    let mut summary = Summary::default();
    for (_, file, _) in &databases {
        let path = options.out.join(file);
        if path.exists() {
            return Err(Error::Exists(path));
        }
    }
    for (index, (database, file, _)) in databases.iter().enumerate() {
        let path = options.out.join(file);
        let plans = || context.tables.iter().enumerate().filter(|(_, plan)| plan.database == index);
        let filled = fill(&path, database, &context, plans(), &mut summary.left_out);
        if let Err(error) = filled {
            // Half a sample would look like a whole one.
            for made in summary.files.iter().map(|made| &made.path).chain([&path]) {
                let _ = fs::remove_file(made);
            }
            return Err(error);
        }
        let rows = plans().map(|(_, plan)| plan.rows).collect();
        summary.version = database.version.to_owned();
        summary.files.push(SampleFile { path, database: *database, rows });
    }
    Ok(summary)
}

/// The databases that have a file, at a version: description, file name, whether rows are in all.
fn databases(version: Option<&str>) -> Result<Vec<(Database, &'static str, bool)>, Error> {
    let all = model::load_built_in(&schema_root()).map_err(Error::Schema)?;
    let mut found = Vec::new();
    for (name, file, in_all) in hints::FILES {
        let Some(resolved) = all.iter().find(|known| known.directory.name == *name) else {
            continue;
        };
        let database = match version {
            None => resolved.versions.last(),
            Some(wanted) => resolved.versions.iter().find(|known| known.version == wanted),
        };
        let database = database.ok_or_else(|| Error::Version {
            wanted: version.unwrap_or_default().to_owned(),
            known: resolved.versions.iter().map(|known| known.version).collect(),
        })?;
        found.push((*database, *file, *in_all));
    }
    Ok(found)
}

/// Makes one file: tables, rows, indexes, in one transaction without a journal, because nobody
/// reads the file before it is whole. At the end it is as Connect leaves it: in WAL mode, closed.
fn fill<'a>(
    path: &Path,
    database: &Database,
    context: &SampleContext,
    plans: impl Iterator<Item = (usize, &'a Plan)> + Clone,
    left_out: &mut Vec<String>,
) -> Result<(), Error> {
    let fault = |error| Error::Sqlite(database.name, error);
    let mut connection = Connection::open(path).map_err(fault)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF",
        )
        .map_err(fault)?;
    let transaction = connection.transaction().map_err(fault)?;
    write_migration_history(&transaction, database).map_err(fault)?;
    for (place, plan) in plans {
        let made = create(&transaction, database, plan, left_out)
            .and_then(|()| insert(&transaction, context, place, plan))
            .and_then(|()| sequence(&transaction, plan))
            .and_then(|()| indexes(&transaction, plan, left_out));
        made.map_err(|error| Error::Sqlite(plan.table.name, error))?;
    }
    transaction.commit().map_err(fault)?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
    connection.close().map_err(|(_, error)| fault(error))
}

/// The tables that are not copied, as Go's migration libraries make them.
fn write_migration_history(connection: &Connection, database: &Database) -> rusqlite::Result<()> {
    for ignored in database.ignored.iter().filter(|name| !name.contains('*')) {
        let table = ddl::name(ignored);
        connection.execute_batch(&format!("CREATE TABLE {table} (version uint64, dirty bool)"))?;
        let number: String = database.version.chars().filter(char::is_ascii_digit).collect();
        connection.execute(&format!("INSERT INTO {table} VALUES (?, 0)"), params![number])?;
    }
    Ok(())
}

fn create(
    connection: &Connection,
    database: &Database,
    plan: &Plan,
    left_out: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let statement = |checks| ddl::create_table(&plan.table, checks, database.tables);
    if plan.table.checks.is_empty() || connection.execute_batch(&statement(true)).is_err() {
        left_out.extend(plan.table.checks.iter().map(|check| check.name.to_owned()));
        connection.execute_batch(&statement(false))?;
    }
    Ok(())
}

fn insert(
    connection: &Connection,
    context: &SampleContext,
    index: usize,
    plan: &Plan,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&ddl::insert(&plan.table))?;
    let columns = plan.columns.iter().enumerate();
    let columns: Vec<usize> =
        columns.filter(|(_, at)| at.column.generated.is_none()).map(|(index, _)| index).collect();
    for row in 0..plan.rows {
        let cells = columns.iter().map(|column| context.cell(index, *column, row));
        statement.execute(params_from_iter(cells))?;
    }
    Ok(())
}

/// What SQLite remembers of rows that were deleted: their ids are not given again.
fn sequence(connection: &Connection, plan: &Plan) -> rusqlite::Result<()> {
    if plan.deleted == 0 || plan.table.columns.iter().all(|c| c.identity == Identity::No) {
        return Ok(());
    }
    let (table, deleted) = (plan.table.source, plan.deleted.cast_signed());
    let moved = connection.execute(
        "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?",
        params![deleted, table],
    )?;
    if moved == 0 {
        connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
            params![table, deleted],
        )?;
    }
    Ok(())
}

/// Indexes come after the rows, which is faster. One that SQLite cannot have is left out; one that
/// the rows contradict is an error.
fn indexes(
    connection: &Connection,
    plan: &Plan,
    left_out: &mut Vec<String>,
) -> rusqlite::Result<()> {
    for index in plan.table.indexes {
        let made = ddl::create_index(&plan.table, index)
            .map(|statement| connection.execute_batch(&statement));
        match made {
            Some(Ok(())) => {}
            Some(Err(error)) if error.sqlite_error_code() != Some(ErrorCode::Unknown) => {
                return Err(error);
            }
            Some(Err(_)) | None => left_out.push(index.name.to_owned()),
        }
    }
    Ok(())
}

/// What a person wants to know: files, tables and rows.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for made in &self.files {
            let rows: u64 = made.rows.iter().sum();
            writeln!(
                f,
                "{}: {} {}, {} tables, {rows} rows",
                made.path.display(),
                made.database.name,
                made.database.version,
                made.rows.len(),
            )?;
        }
        Ok(())
    }
}
