//! A private copy of a database, where the file cannot be read in place without writing there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::diagnostic::Id;
use crate::event;
use crate::files::open_regular_file;
use crate::files::scratch::{self, ScratchDirectory};

use super::files::{sibling_path, take_stamp, unreadable_file};
use super::{Trouble, make_trouble, open};

/// Room that is left beside a copy, for SQLite's own small files.
const SPARE: u64 = 16 << 20;

/// A copy; its folder goes when it is dropped.
#[derive(Debug)]
pub struct Copy {
    /// The copied database.
    pub path: PathBuf,
    _folder: ScratchDirectory,
}

/// Copies a file with its `-wal` and `-journal` into a folder that only this user can enter. An
/// interrupted transaction is played back there.
///
/// # Errors
/// When there is no room, or somebody wrote while it was copied.
pub fn copy_database(path: &Path) -> Result<Copy, Trouble> {
    let before = take_stamp(path);
    let length =
        |suffix: &str| fs::metadata(sibling_path(path, suffix)).map_or(0, |data| data.len());
    let need = ["", "-wal", "-journal"].map(length).iter().sum::<u64>();
    check_free_space(
        &std::env::temp_dir(),
        need,
        &format!("a private copy of {}", path.display()),
    )?;
    let fail = |error: io::Error| {
        let what = format!("{}: cannot be copied to read it: {error}", path.display());
        make_trouble(Id::F13, what, "")
    };
    let folder = ScratchDirectory::create().map_err(fail)?;
    let to = folder.path().join("snapshot.db");
    for suffix in ["", "-wal", "-journal"] {
        let from = sibling_path(path, suffix);
        match open_regular_file(&from) {
            Ok(open) => copy_file(open, &sibling_path(&to, suffix)).map_err(fail)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {}
            Err(error) => return Err(unreadable_file(&from, &error)),
        }
    }
    if take_stamp(path) != before {
        let what = format!("{}: another process wrote to it while it was copied", path.display());
        return Err(make_trouble(Id::F5, what, ""));
    }
    play_back_journal(&to).map_err(|error| open::explain_open_error(path, &error))?;
    Ok(Copy { path: to, _folder: folder })
}

fn copy_file(mut from: fs::File, to: &Path) -> io::Result<()> {
    let mut to = scratch::create_file(to)?;
    io::copy(&mut from, &mut to).map(drop)
}

/// Has SQLite play back the copy's journal: the only connection that may write, and to the copy.
fn play_back_journal(copy: &Path) -> rusqlite::Result<()> {
    if !sibling_path(copy, "-journal").exists() {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Whether a folder's file system has room for so many bytes.
///
/// # Errors
/// When it has not.
pub fn check_free_space(folder: &Path, bytes: u64, what: &str) -> Result<(), Trouble> {
    // A file system that does not tell is tried.
    let Ok(space) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let free = event::test_limit("disk").unwrap_or(free);
    if free >= bytes.saturating_add(SPARE) {
        return Ok(());
    }
    let mega = |bytes: u64| bytes.div_ceil(1 << 20);
    let what = format!(
        "not enough space in `{}` for {what}: {} MiB needed, {} MiB free",
        folder.display(),
        mega(bytes.saturating_add(SPARE)),
        mega(free)
    );
    Err(make_trouble(Id::F13, what, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_has_room_for_everything() {
        let folder = std::env::temp_dir();
        assert_eq!(check_free_space(&folder, 1, "a byte"), Ok(()));
        let text = check_free_space(&folder, u64::MAX, "a world").unwrap_err().to_string();
        assert!(
            text.starts_with("F13 not enough space in `") && text.contains(" for a world: "),
            "{text}"
        );
    }
}
