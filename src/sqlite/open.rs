//! Opening a SQLite file without ever writing to it, and saying why it cannot be done.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Trouble, codes, make_trouble};
use crate::diagnostic::Id;

/// Where SQLite finds the file, and how.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, or its private copy.
    pub path: PathBuf,
    /// Whether SQLite may take for granted that nobody changes the file. It then ignores a `-wal`
    /// and locks: only for a file that has none and that nobody holds.
    pub immutable: bool,
}

impl Place {
    fn sqlite_path(&self) -> PathBuf {
        if !self.immutable {
            return self.path.clone();
        }
        let mut uri = "file:".to_owned();
        for byte in self.path.as_os_str().as_bytes() {
            match byte {
                b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
                byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
                byte => uri.push_str(&format!("%{byte:02x}")),
            }
        }
        uri.push_str("?immutable=1");
        PathBuf::from(uri)
    }
}

/// A connection that cannot write and does not trust what the file says about itself.
pub fn open_read_only(place: &Place) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_URI, place.immutable);
    let connection = Connection::open_with_flags(place.sqlite_path(), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // An order that only the application knows must not stop a scan, which needs no order.
    connection.collation_needed(|connection, name| {
        connection.create_collation(name, |one: &str, other: &str| one.cmp(other))
    })?;
    Ok(connection)
}

/// A connection in a read transaction that has begun: `BEGIN` alone takes no snapshot, the first
/// read does.
pub fn open_snapshot(place: &Place) -> rusqlite::Result<Connection> {
    let connection = open_read_only(place)?;
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    register_missing_collations(&connection)?;
    Ok(connection)
}

/// Registers a stand-in for every collation of an index that only the application has. SQLite does
/// not ask for one when it opens a table WITHOUT ROWID whose key has it in a UTF-16 database: it
/// refuses to read the table. Nothing here sorts or seeks by it. (`pragma_collation_list` is no
/// help: it lists those that a table only names, too.)
fn register_missing_collations(connection: &Connection) -> rusqlite::Result<()> {
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
pub fn explain_open_error(path: &Path, error: &rusqlite::Error) -> Trouble {
    let (id, hint) = match error.sqlite_error_code() {
        _ if codes::is_disk_full(error) => {
            (Id::F13, "free up space on the disk of the file, where SQLite creates its `-shm` file")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (Id::F9, ""),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            Id::F3,
            "run as a user that can write to its directory, which reading in WAL mode needs",
        ),
        Some(ErrorCode::NotADatabase) => (Id::F12, ""),
        _ => (Id::F10, ""),
    };
    let text = match error.sqlite_error_code() {
        // SQLite's own words speak of writing, which would be a shock.
        Some(ErrorCode::ReadOnly) => {
            "this user has no permission to write to its directory, which reading the file needs"
                .to_owned()
        }
        _ => codes::describe_error(error),
    };
    make_trouble(id, format!("{}: {text}", path.display()), hint)
}
