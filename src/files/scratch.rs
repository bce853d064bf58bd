//! Scratch files and directories, which only this user can enter and which go with the process.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A directory of mode 0700 under a random name; it is removed when this is dropped.
#[derive(Debug)]
pub struct ScratchDirectory(TempDir);

impl ScratchDirectory {
    /// Makes one in `TMPDIR`.
    ///
    /// # Errors
    /// The system's.
    pub fn create() -> io::Result<ScratchDirectory> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("connect-migrate-").permissions(Permissions::from_mode(0o700));
        Ok(ScratchDirectory(builder.tempdir()?))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes a directory in it.
    ///
    /// # Errors
    /// The system's.
    pub fn create_directory(&self, name: &Path) -> io::Result<PathBuf> {
        let path = self.path().join(name);
        std::fs::create_dir(&path)?;
        Ok(path)
    }
}

/// Makes a new file of mode 0600 in a scratch directory.
///
/// # Errors
/// The system's.
pub fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Writes a new file of mode 0600 in a scratch directory.
///
/// # Errors
/// The system's.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_file(path)?.write_all(bytes)
}

/// A file without a name in a directory.
///
/// # Errors
/// The system's.
pub fn create_unnamed_file(directory: &Path) -> io::Result<File> {
    tempfile::tempfile_in(directory)
}
