//! Opening a SQLite file without ever writing to it, and saying why it cannot be done.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Exit, Result};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What can be told from the files themselves. This opens and closes the file by plain calls and
/// therefore must come before SQLite opens it: closing a descriptor drops a process's locks.
pub fn precheck(path: &Path) -> Result<()> {
    let shown = path.display();
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    if let Err(error) = read {
        return Err(match error.kind() {
            ErrorKind::NotFound => Error::new(
                Exit::Source,
                format!("{shown}: there is no such file"),
                "check SQLite.Dir and Server.DataDir in the configuration, or the path given",
            ),
            ErrorKind::PermissionDenied => Error::new(
                Exit::Source,
                format!("{shown}: this user may not read the file"),
                "run the same command with sudo",
            ),
            _ => Error::new(Exit::Source, format!("{shown}: cannot be read: {error}"), ""),
        });
    }
    if header.is_empty() {
        return Err(Error::new(
            Exit::Source,
            format!("{shown}: the file is empty (0 bytes)"),
            "this is not the application's database; check the path",
        ));
    }
    if header.get(..16) != Some(MAGIC) {
        return Err(Error::new(
            Exit::Source,
            format!("{shown}: not a SQLite 3 database, or an encrypted one"),
            "check the path; an encrypted database must be decrypted by its application first",
        ));
    }
    hot_journal(path)
}

/// A rollback journal means an interrupted transaction, which only a writer may undo.
fn hot_journal(path: &Path) -> Result<()> {
    let journal = beside(path, "-journal");
    let hot = match fs::metadata(&journal) {
        Ok(data) if data.len() > 0 => File::open(&journal)
            .and_then(|mut file| {
                let mut first = [0];
                file.read_exact(&mut first)?;
                Ok(first != [0])
            })
            .unwrap_or(true),
        _ => false,
    };
    if !hot {
        return Ok(());
    }
    Err(Error::new(
        Exit::Source,
        format!(
            "{}: a transaction was interrupted: {} must be played back first",
            path.display(),
            journal.display()
        ),
        "start and stop the application once, which does that, then run again",
    ))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A connection that cannot write and does not trust what the file says about itself.
pub fn connection(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// A connection in a read transaction that has begun: `BEGIN` alone takes no snapshot, the first
/// read does.
pub fn snapshot(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connection(path)?;
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    stand_in_collations(&connection)?;
    Ok(connection)
}

/// Registers a stand-in for every collation that only the application has. SQLite refuses even to
/// read a table WITHOUT ROWID whose key has an unknown one; nothing here sorts or seeks by it.
/// (`pragma_collation_list` is no help: it lists those that a table only names, too.)
fn stand_in_collations(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT x.coll FROM pragma_table_list AS t \
         JOIN pragma_index_list(t.name, 'main') AS l JOIN pragma_index_xinfo(l.name, 'main') AS x \
         WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND x.coll IS NOT NULL \
         AND upper(x.coll) NOT IN ('BINARY', 'NOCASE', 'RTRIM')",
    )?;
    let unknown: Vec<String> =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    drop(statement);
    unknown.iter().try_for_each(|name| connection.create_collation(name.as_str(), str::cmp))
}

/// SQLite's errors in the administrator's words.
pub fn explain(path: &Path, error: &rusqlite::Error) -> Error {
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process holds the database; stop the application \
             (for Connect: sudo systemctl stop rstudio-connect) and run again"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
            "a database in WAL mode can only be read where its folder is writable: run with sudo, \
             or copy the .db and the -wal file together to a folder of your own and name that"
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            "the file is damaged: keep it, restore a backup or run sqlite3's .recover on a copy"
        }
        Some(ErrorCode::NotADatabase) => "the file is encrypted or not a database",
        _ => "",
    };
    let text = match error.sqlite_error_code() {
        // SQLite's own words speak of writing, which would be a shock.
        Some(ErrorCode::ReadOnly) => "this user may not take part in reading it".to_owned(),
        _ => error.to_string(),
    };
    Error::new(Exit::Source, format!("{}: {text}", path.display()), hint)
}
