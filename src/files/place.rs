//! A name in a directory, and what is there now. The directory stays open, so that whatever happens
//! to the directories above it, a file is made, renamed and removed in this one.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::FileId;

/// How much of an existing file is read to see what kind of file it is, in bytes.
const BEGINNING: u64 = 4096;

/// A name in an open directory.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path as the user gave it.
    pub path: PathBuf,
    pub(super) directory: Arc<OwnedFd>,
    pub(super) name: OsString,
    /// The file that may be replaced: the one that was judged, or the one that we put there.
    pub(super) known: Option<FileId>,
}

impl Place {
    /// Finds a place; the last part of the path is never followed as a symbolic link.
    ///
    /// # Errors
    /// When the path names no file, or its directory cannot be opened.
    pub fn find_place(path: &Path) -> io::Result<Place> {
        let no_name = || io::Error::new(ErrorKind::InvalidInput, "the path does not name a file");
        let bytes = path.as_os_str().as_bytes();
        if bytes.ends_with(b"/") || bytes.ends_with(b"/.") {
            return Err(no_name());
        }
        Place::find_directory(path)
    }

    /// As [`Place::find_place`], for a directory: its path may end in a slash.
    ///
    /// # Errors
    /// As [`Place::find_place`].
    pub fn find_directory(path: &Path) -> io::Result<Place> {
        let name = path.file_name().map(OsStr::to_owned);
        let name = name.ok_or_else(|| {
            io::Error::new(ErrorKind::InvalidInput, "the path does not end in a name")
        })?;
        let directory = Arc::new(open_directory(&parent_of(path))?);
        Ok(Place { path: path.to_owned(), directory, name, known: None })
    }

    /// What is there now, a symbolic link itself.
    ///
    /// # Errors
    /// The system's.
    pub fn stat_file(&self) -> io::Result<Option<Stat>> {
        stat_in(&self.directory, &self.name)
    }

    /// The identity of the directory.
    ///
    /// # Errors
    /// The system's.
    pub fn directory_id(&self) -> io::Result<FileId> {
        Ok(FileId::from(&rustix::fs::fstat(&*self.directory)?))
    }

    /// Whether somebody else than root and this user can put files into the directory.
    ///
    /// # Errors
    /// The system's.
    pub fn is_shared(&self) -> io::Result<bool> {
        let stat = rustix::fs::fstat(&*self.directory)?;
        let writable = Mode::from_raw_mode(stat.st_mode).intersects(Mode::WGRP | Mode::WOTH);
        Ok(writable || !(stat.st_uid == 0 || stat.st_uid == own_user_id()))
    }

    /// Why a file there is not replaced, whoever asks: another user put it into a directory that
    /// others can write to.
    ///
    /// # Errors
    /// The system's.
    pub fn belongs_to_others(&self, existing: &Stat) -> io::Result<bool> {
        Ok(existing.st_uid != own_user_id() && self.is_shared()?)
    }

    /// The beginning of the regular file that is there.
    ///
    /// # Errors
    /// The system's.
    pub fn read_beginning(&self) -> io::Result<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = flags | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&*self.directory, &self.name, flags, Mode::empty())?;
        let mut bytes = Vec::new();
        File::from(file).take(BEGINNING).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Takes the file that is there as one that may be replaced.
    pub fn accept_existing(&mut self, existing: &Stat) {
        self.known = Some(FileId::from(existing));
    }

    /// Fails when another file is there than the one that may be replaced.
    ///
    /// # Errors
    /// Also the system's.
    pub fn check_unchanged(&self) -> io::Result<()> {
        match self.stat_file()? {
            Some(there) if self.known != Some(FileId::from(&there)) => {
                let text = "another process has put a file there in the meantime";
                Err(io::Error::new(ErrorKind::AlreadyExists, text))
            }
            _ => Ok(()),
        }
    }

    /// Removes the file that may be replaced, where it is still there.
    ///
    /// # Errors
    /// The system's, and when another file is there.
    pub fn remove(&mut self) -> io::Result<()> {
        if self.known.is_none() || self.stat_file()?.is_none() {
            return Ok(());
        }
        self.check_unchanged()?;
        rustix::fs::unlinkat(&*self.directory, &self.name, AtFlags::empty())?;
        self.known = None;
        Ok(())
    }
}

/// The directory that a path's last part is in.
pub fn parent_of(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Opens a directory as a starting point; symbolic links on the way are followed.
pub(super) fn open_directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?)
}

pub(super) fn stat_in(directory: &OwnedFd, name: &OsStr) -> io::Result<Option<Stat>> {
    match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Brings the names of a directory to the disk.
pub(super) fn sync_directory(directory: &OwnedFd) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = rustix::fs::openat(directory, ".", flags, Mode::empty())?;
    match rustix::fs::fsync(&open) {
        // Some file systems cannot; they have nothing to bring to the disk either.
        Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        synced => Ok(synced?),
    }
}

fn own_user_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// What a file is, for messages.
pub(super) fn describe_kind(stat: &Stat) -> &'static str {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => "a regular file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        FileType::Unknown => "a file of an unknown kind",
    }
}
