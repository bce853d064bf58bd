//! Everything that reads SQLite: one read-only snapshot of a file, its structure, and the version
//! that it matches.
//!
//! The file is never written: it is opened read-only and `query_only`, and a `-wal` beside it is
//! honoured. Two connections see one snapshot, so that copying and checking can run side by side;
//! a third, outside any transaction, tells whether somebody wrote meanwhile. Where the file cannot
//! be read in place without writing beside it, a private copy is read.

mod codes;
mod damage;
pub mod ddl;
pub mod files;
mod holders;
mod inspection;
mod integrity;
mod left_behind;
mod matching;
mod mounts;
mod open;
mod reading;
mod snapshot;
mod structure;
mod structure_reader;
pub mod tokens;
pub mod wal;

pub use codes::describe_error;
pub use files::Header;
pub use integrity::{Integrity, IntegrityCheck, Interruption};
pub use matching::{Difference, detect_versions, differences_from_version};
pub use reading::{Reading, SecondReading};
pub use snapshot::check_free_space;
pub use structure::{
    IndexOrigin, IndexPart, SourceColumn, SourceForeignKey, SourceIndex, SourceObject, SourceTable,
    Structure, TableKind,
};
pub use structure_reader::read_structure;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use crate::diagnostic::{Error, Exit, Finding, Hints, Id, Result, Severity};

use files::{Files, Stamp};
use holders::Held;
use open::Place;

/// What stops the reading of a file; boxed, as it is seldom there.
pub type Trouble = Box<Finding>;

/// How a file is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// What to do if there is no such file; empty if the catalogue's hint for F12 applies.
    pub missing_file_hint: &'a str,
    /// Whether a running application is only worth a warning: nothing will be published.
    pub rehearsal: bool,
    /// Whether the application's configuration names the file, so that it is no copy.
    pub configured: bool,
    /// Names of the application's processes.
    pub application: &'static [&'static str],
    /// Whether the file is read though its `-wal` has lost committed rows.
    pub accept_wal_loss: bool,
}

/// A SQLite database, open at one snapshot.
#[derive(Debug)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The snapshot that is copied.
    pub reader: Connection,
    /// The same snapshot on another connection, for verification by another thread.
    pub checker: Mutex<Connection>,
    /// The same snapshot on a third connection, for an integrity check beside both.
    inspector: Option<Connection>,
    /// What tables there are.
    pub structure: Structure,
    /// What the file's header says.
    pub header: Header,
    watch: Connection,
    seen: i64,
    stamp: Stamp,
    real: PathBuf,
    is_checked: bool,
    // Dropped last: the connections are closed before their file goes.
    _copy: Option<snapshot::Copy>,
}

impl Source {
    /// Opens a file, takes its snapshot and reads its structure. What deserves a word goes to
    /// `findings`.
    ///
    /// # Errors
    /// When the file is missing, unreadable, not a database, in use, or cannot be read
    /// without writing to it; with what to do about it.
    pub fn open(
        path: &Path,
        options: How<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Source, Trouble> {
        let files = files::inspect_files(path, options.missing_file_hint)?;
        let held = holders::find_holders(&files.path);
        check_holders(path, &held, options, findings)?;
        note_surroundings(path, &files, &held, options, findings);
        check_wal(path, &files, &held, options, findings)?;
        let (place, copy) = choose_place(path, &files, &held, findings)?;
        let stamp = files::take_stamp(&files.path);
        files::warm_page_cache(&place.path);
        let fail = |error| open::explain_open_error(path, &error);
        let watch = open::open_read_only(&place).map_err(fail)?;
        for _ in 0..10 {
            let seen = read_data_version(&watch).map_err(fail)?;
            let reader = open::open_snapshot(&place).map_err(fail)?;
            let checker = open::open_snapshot(&place).map_err(fail)?;
            let inspector = open::open_snapshot(&place).map_err(fail)?;
            if read_data_version(&watch).map_err(fail)? != seen {
                continue;
            }
            let structure = read_structure(&reader).map_err(fail)?;
            return Ok(Source {
                path: path.to_owned(),
                reader,
                checker: Mutex::new(checker),
                inspector: Some(inspector),
                structure,
                header: files.header,
                watch,
                seen,
                stamp,
                real: files.path,
                is_checked: false,
                _copy: copy,
            });
        }
        Err(busy_file(path))
    }

    /// Has SQLite check the file for damage. What deserves a word goes to `findings`.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn check_integrity(
        &mut self,
        integrity: Integrity,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Trouble> {
        integrity::check_file(&self.path, &self.reader, &self.structure, integrity, findings)?;
        self.is_checked = true;
        Ok(())
    }

    /// The same check for another thread, on a connection of its own; there is one of each file.
    pub fn take_integrity_check(&mut self, integrity: Integrity) -> Option<IntegrityCheck> {
        let (path, structure) = (self.path.clone(), self.structure.clone());
        let connection = self.inspector.take()?;
        Some(IntegrityCheck { path, connection, structure, integrity })
    }

    /// Whether the file was checked for damage, and has none.
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// Fails when somebody has written to the file since it was opened.
    ///
    /// # Errors
    /// When the file changed: what was copied is no longer what the application has.
    pub fn check_unchanged(&self) -> Result<()> {
        let now = read_data_version(&self.watch).map_err(|error| self.read_error(&error))?;
        let same = now == self.seen && files::take_stamp(&self.real) == self.stamp;
        if same { Ok(()) } else { Err(refusal_error(&busy_file(&self.path))) }
    }

    /// The bytes of its pages.
    pub fn size_in_bytes(&self) -> u64 {
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size = self.reader.query_row(size, [], |row| row.get::<_, i64>(0));
        size.unwrap_or_default().unsigned_abs()
    }

    /// A look at its rows by the first connection.
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            path: &self.path,
            connection: &self.reader,
            structure: &self.structure,
            utf16: self.header.utf16,
        }
    }

    /// A look at its rows by the second connection, for another thread.
    pub fn second_reading(&self) -> SecondReading<'_> {
        SecondReading {
            path: &self.path,
            connection: &self.checker,
            structure: &self.structure,
            utf16: self.header.utf16,
        }
    }

    /// The highest id that SQLite remembers for a table with AUTOINCREMENT, deleted rows included.
    ///
    /// # Errors
    /// When SQLite cannot be asked.
    pub fn remembered_id(&self, table: &str) -> Result<Option<i64>> {
        self.reading().remembered_id(table)
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// When SQLite cannot be asked.
    pub fn count_rows(&self, table: &str) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {} NOT INDEXED", model::sql::quote(table));
        let rows = self.reader.query_row(&sql, [], |row| row.get::<_, i64>(0));
        rows.map(i64::unsigned_abs).map_err(|error| self.read_error(&error))
    }

    /// An error of SQLite while this file was read.
    pub fn read_error(&self, error: &rusqlite::Error) -> Error {
        refusal_error(&open::explain_open_error(&self.path, error))
    }
}

fn read_data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

/// Something that stops the reading of a file, with hints of its own.
fn make_trouble(id: Id, what: impl Into<String>, hints: impl Into<Hints>) -> Trouble {
    let mut finding = Finding::without_rows(id, Severity::Error, what);
    finding.hints = hints.into();
    Box::new(finding)
}

fn refusal_error(trouble: &Finding) -> Error {
    Error { exit: Exit::Source, faults: vec![trouble.to_fault()] }
}

fn busy_file(path: &Path) -> Trouble {
    let what = format!("{}: the application wrote to the database during the run", path.display());
    make_trouble(Id::F5, what, "")
}

/// Refuses a file that an application at work holds; warns of other processes that have it open.
/// Whoever writes to it during the run is noticed before COMMIT all the same.
fn check_holders(
    path: &Path,
    held: &Held,
    options: How<'_>,
    findings: &mut Vec<Finding>,
) -> Result<(), Trouble> {
    if held.by.is_empty() {
        return Ok(());
    }
    let what = format!("{}: in use by {}", path.display(), held.list_names());
    let hints = match options.rehearsal {
        true => {
            "stop it before the migration; a dry run, rehearsal or comparison does not need that"
                .into()
        }
        false => held.hints(),
    };
    let found = make_trouble(Id::F5, what, hints);
    let is_running = held.includes_application(options.application);
    warn_or_refuse(found, options.rehearsal || !is_running, findings)
}

/// Refuses a file whose `-wal` has committed rows that SQLite would leave out without a word. While
/// an application has it open it writes there, and only its own index says what counts.
fn check_wal(
    path: &Path,
    files: &Files,
    held: &Held,
    options: How<'_>,
    findings: &mut Vec<Finding>,
) -> Result<(), Trouble> {
    if !files.wal || !held.by.is_empty() {
        return Ok(());
    }
    let page_size = usize::try_from(files.header.page_size).unwrap_or_default();
    let lost = wal::find_lost_frames(&files.path, page_size)
        .map_err(|error| files::unreadable_file(&files::sibling_path(path, "-wal"), &error))?;
    let Some(lost) = lost else { return Ok(()) };
    let what = format!("{}-wal: {lost}", path.display());
    let found = make_trouble(Id::F17, what, "");
    warn_or_refuse(found, options.accept_wal_loss, findings)
}

/// A finding that stops the reading, unless somebody has said that it may go on.
fn warn_or_refuse(
    mut found: Trouble,
    goes_on: bool,
    findings: &mut Vec<Finding>,
) -> Result<(), Trouble> {
    if !goes_on {
        return Err(found);
    }
    found.severity = Severity::Warning;
    findings.push(*found);
    Ok(())
}

/// What can be said of the file where it lies.
fn note_surroundings(
    path: &Path,
    files: &Files,
    held: &Held,
    options: How<'_>,
    findings: &mut Vec<Finding>,
) {
    let shown = path.display();
    if let Some(kind) = mounts::network_file_system(&files.path) {
        let what = format!("{shown}: on a network file system ({kind})");
        findings.push(Finding::without_rows(Id::F11, Severity::Warning, what));
    }
    if files.header.wal && !files.wal && held.by.is_empty() {
        let severity = if options.configured { Severity::Note } else { Severity::Warning };
        let what = format!("{shown}: in WAL mode, but without a -wal file that has content");
        findings.push(Finding::without_rows(Id::F1, severity, what));
    }
    if files.header.utf16 {
        let what = format!("{shown}: its text is UTF-16");
        findings.push(Finding::without_rows(Id::T4, Severity::Note, what));
    }
}

/// Where the file is read: in place, unless that would mean to write there, or to read half a
/// transaction.
fn choose_place(
    path: &Path,
    files: &Files,
    held: &Held,
    findings: &mut Vec<Finding>,
) -> Result<(Place, Option<snapshot::Copy>), Trouble> {
    let shown = path.display();
    let in_place = |immutable| Place { path: files.path.clone(), immutable };
    // With a writer alive its journal is no wreck: its locks say so to SQLite.
    let wreck = files.journal && held.by.is_empty();
    if wreck && files.spanning {
        let what = format!("{shown}: a transaction over several files was interrupted");
        return Err(make_trouble(Id::F4, what, ""));
    }
    let writable = files
        .path
        .parent()
        .is_some_and(|folder| rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok());
    let wal = files.header.wal || files.wal;
    if !wreck && (writable || !wal || !held.by.is_empty()) {
        return Ok((in_place(false), None));
    }
    let (id, severity, what) = if wreck {
        let what =
            "a transaction was interrupted; it is rolled back in a private copy, which is read";
        (Id::F4, Severity::Warning, what)
    } else if !files.wal && held.complete {
        (
            Id::F3,
            Severity::Note,
            "its directory is not writable; the file is complete and read in place",
        )
    } else {
        (Id::F3, Severity::Note, "its directory is not writable; a private copy is read")
    };
    let immutable = id == Id::F3 && !files.wal && held.complete;
    let copy = if immutable { None } else { Some(snapshot::copy_database(&files.path)?) };
    findings.push(Finding::without_rows(id, severity, format!("{shown}: {what}")));
    let place = match &copy {
        Some(copy) => Place { path: copy.path.clone(), immutable: false },
        None => in_place(true),
    };
    Ok((place, copy))
}
