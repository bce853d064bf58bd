//! A file that gets its name last: made beside it, written, synced, renamed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

use super::FileId;
use super::place::{Place, stat_in, sync_directory};

/// How often a name that nobody can foresee is tried.
const TRIES: u32 = 16;

/// A file under a temporary name, which it loses when it is dropped or gets its own name.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    directory: Arc<OwnedFd>,
    name: OsString,
    /// Where it is now.
    pub path: PathBuf,
    temporary: bool,
}

impl NewFile {
    /// Makes a file beside a place: exclusively, mode 0600.
    ///
    /// # Errors
    /// The system's.
    pub fn create(place: &Place) -> io::Result<NewFile> {
        let (name, file) = with_random_name(|name| {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
            let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            rustix::fs::openat(&*place.directory, name, flags, Mode::RUSR | Mode::WUSR)
        })?;
        let directory = Arc::clone(&place.directory);
        let path = place.path.with_file_name(&name);
        Ok(NewFile { file: file.into(), directory, name, path, temporary: true })
    }

    /// Gives it the permissions (0777 at most) of the file that it will replace.
    ///
    /// # Errors
    /// The system's.
    pub fn set_mode(&self, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.file, Mode::from_raw_mode(mode & 0o777))?)
    }

    /// Brings its content to the disk.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Syncs it and moves it to a place of the same directory, in one step. A file that is there is
    /// replaced only if it is the one that the place knows.
    ///
    /// # Errors
    /// The system's, and when another file is there; the new file then is where it was.
    pub fn rename_to(&mut self, place: &mut Place) -> io::Result<()> {
        self.sync()?;
        place.check_unchanged()?;
        self.check_still_named()?;
        let (from, to) = (&*self.directory, &*place.directory);
        match place.stat_file()? {
            Some(_) => rustix::fs::renameat(from, &self.name, to, &place.name)?,
            None => rename_to_free_name(from, &self.name, to, &place.name)?,
        }
        self.temporary = false;
        self.directory = Arc::clone(&place.directory);
        self.name.clone_from(&place.name);
        self.path.clone_from(&place.path);
        place.known = Some(self.file_id()?);
        sync_directory(&self.directory)
    }

    /// Another handle of the file, at its beginning. They share one position.
    ///
    /// # Errors
    /// The system's.
    pub fn reopen_for_reading(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// Removes the file, whatever its name is by now.
    pub fn remove(mut self) {
        self.temporary = true;
    }

    fn file_id(&self) -> io::Result<FileId> {
        Ok(FileId::from(&self.file.metadata()?))
    }

    /// In a directory that others can write to, the name may have become that of another file.
    fn check_still_named(&self) -> io::Result<()> {
        let there = stat_in(&self.directory, &self.name)?;
        if there.is_some_and(|there| self.file_id().is_ok_and(|id| id == FileId::from(&there))) {
            return Ok(());
        }
        let text = "the file was moved or removed while it was written";
        Err(io::Error::new(ErrorKind::NotFound, text))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if self.temporary && self.check_still_named().is_ok() {
            // Nothing more can be done about a directory that has become read-only.
            let _ = rustix::fs::unlinkat(&*self.directory, &self.name, AtFlags::empty());
        }
    }
}

/// Renames a file to a name that must not be there.
fn rename_to_free_name(
    from: &OwnedFd,
    name: &OsStr,
    to: &OwnedFd,
    free_name: &OsStr,
) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, name, to, free_name, RenameFlags::NOREPLACE) {
        // The file system (NFS among them) or the kernel has no such rename; the name was free.
        Err(Errno::INVAL | Errno::NOSYS) => rustix::fs::renameat(from, name, to, free_name),
        done => done,
    }
}

/// Makes something under a name that nobody can foresee.
pub(super) fn with_random_name<T>(
    mut make: impl FnMut(&OsStr) -> Result<T, Errno>,
) -> io::Result<(OsString, T)> {
    for _ in 0..TRIES {
        let mut random = [0_u8; 16];
        getrandom(&mut random, GetRandomFlags::empty())?;
        let name = OsString::from(format!(".migrate-{}.new", hex::encode(random)));
        match make(&name) {
            Err(Errno::EXIST) => {}
            made => return Ok((name, made?)),
        }
    }
    Err(io::Error::from(ErrorKind::AlreadyExists))
}
