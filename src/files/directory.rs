//! Schema directories: a new one that gets its name last, and files of one that are replaced.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::new_file::{NewFile, with_random_name};
use super::place::{Place, describe_kind, parent_of, sync_directory};
use crate::diagnostic::{Error, Exit, Result};

/// A file of a schema directory: its name and its text.
pub type SchemaFile = (String, String);

/// Checks that a directory which `flag` names can be made: there is none, or an empty one of this
/// user's.
///
/// # Errors
/// What is there otherwise.
pub fn check_new_directory(flag: &str, path: &Path) -> Result<()> {
    let refuse = |why: &str| {
        let hint = format!("name a directory that does not exist yet, or is empty: `{flag} DIR`");
        Error::new(Exit::Usage, format!("{flag}: {} {why}", path.display()), hint)
    };
    let failed = |error: io::Error| refuse(&format!("cannot be written: {error}"));
    if fs::metadata(parent_of(path)).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        // It will be made, if it can be.
        return Ok(());
    }
    let place = Place::find_directory(path).map_err(failed)?;
    let Some(there) = place.stat_file().map_err(failed)? else { return Ok(()) };
    let kind = FileType::from_raw_mode(there.st_mode);
    if kind == FileType::Symlink {
        return Err(refuse("is a symbolic link"));
    }
    if kind != FileType::Directory || fs::read_dir(path).map_err(failed)?.next().is_some() {
        return Err(refuse("exists already"));
    }
    if place.belongs_to_others(&there).map_err(failed)? {
        let text = "belongs to another user, in a directory that others can write to";
        return Err(refuse(text));
    }
    Ok(())
}

/// Writes a new directory (mode 0700) with these files (mode 0600): beside its place first, then it
/// is moved there as one.
///
/// # Errors
/// The system's, and when the name is taken; nothing is left then but directories above it.
pub fn write_new_directory(flag: &str, path: &Path, files: &[SchemaFile]) -> Result<()> {
    check_new_directory(flag, path)?;
    let failed = |error: io::Error| {
        let hint = format!("name a writable directory: `{flag} DIR`");
        Error::new(Exit::Usage, format!("{}: {error}", path.display()), hint)
    };
    fs::create_dir_all(parent_of(path)).map_err(failed)?;
    let place = Place::find_directory(path).map_err(failed)?;
    let new = NewDirectory::create(&place).map_err(failed)?;
    let written = new.write(files).and_then(|()| new.rename_to(&place));
    written.map_err(|error| {
        new.remove(files);
        failed(error)
    })
}

struct NewDirectory<'a> {
    place: &'a Place,
    name: std::ffi::OsString,
    open: OwnedFd,
}

impl NewDirectory<'_> {
    fn create(place: &Place) -> io::Result<NewDirectory<'_>> {
        let parent = &*place.directory;
        let (name, ()) = with_random_name(|name| rustix::fs::mkdirat(parent, name, Mode::RWXU))?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = rustix::fs::openat(parent, &name, flags, Mode::empty())?;
        Ok(NewDirectory { place, name, open })
    }

    fn write(&self, files: &[SchemaFile]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for (name, text) in files {
            let open = rustix::fs::openat(&self.open, name, flags, Mode::RUSR | Mode::WUSR)?;
            let mut file = fs::File::from(open);
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        sync_directory(&self.open)
    }

    /// Takes the place of nothing, or of an empty directory: no call replaces more by a directory.
    fn rename_to(&self, place: &Place) -> io::Result<()> {
        let parent = &*place.directory;
        rustix::fs::renameat(parent, &self.name, parent, &place.name)?;
        sync_directory(parent)
    }

    fn remove(&self, files: &[SchemaFile]) {
        // What cannot be removed has a name that says where it comes from.
        for (name, _) in files {
            let _ = rustix::fs::unlinkat(&self.open, name, AtFlags::empty());
        }
        let _ = rustix::fs::unlinkat(&*self.place.directory, &self.name, AtFlags::REMOVEDIR);
    }
}

/// Gives a directory another name, which nothing has yet, and returns it.
///
/// # Errors
/// The system's.
pub fn move_directory_away(path: &Path) -> Result<PathBuf> {
    let failed = |error: io::Error| {
        let text = format!("cannot rename {}: {error}", path.display());
        Error::new(Exit::Usage, text, "name another directory")
    };
    let place = Place::find_directory(path).map_err(failed)?;
    let parent = &*place.directory;
    for number in 1..=NAMES_MOST {
        let mut name = place.name.clone();
        name.push(format!(".{number}"));
        let flags = rustix::fs::RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(parent, &place.name, parent, &name, flags) {
            Ok(()) => return Ok(path.with_file_name(name)),
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(failed(error.into())),
        }
    }
    Err(failed(ErrorKind::AlreadyExists.into()))
}

/// How many names are tried for a directory.
const NAMES_MOST: usize = 1000;

/// Whether a path is a directory of this user's to which nobody else can write.
pub fn is_private_directory(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::symlink_metadata(path).is_ok_and(|there| {
        let is_own = there.uid() == rustix::process::geteuid().as_raw();
        there.is_dir() && is_own && there.mode() & 0o022 == 0
    })
}

/// Checks that a file of a directory can be replaced, or made.
///
/// # Errors
/// Another kind of file, or a file of another user in a directory that others can write to.
pub fn find_replaceable_file(path: &Path) -> io::Result<Place> {
    let mut place = Place::find_place(path)?;
    let Some(there) = place.stat_file()? else { return Ok(place) };
    let refuse = |text: String| Err(io::Error::new(ErrorKind::InvalidInput, text));
    if FileType::from_raw_mode(there.st_mode) != FileType::RegularFile {
        return refuse(format!("it is {}, not a regular file", describe_kind(&there)));
    }
    if place.belongs_to_others(&there)? {
        let text = "it belongs to another user, in a directory that others can write to";
        return refuse(text.to_owned());
    }
    place.accept_existing(&there);
    Ok(place)
}

/// Replaces files of a directory, each with the permissions that it had: all are written and synced
/// beside their places before the first takes its own.
///
/// # Errors
/// The first file that fails, by its name: nothing was replaced, or the files before it were.
pub fn replace_files(directory: &Path, files: &[SchemaFile]) -> Result<(), (String, io::Error)> {
    let mut written = Vec::new();
    for (name, text) in files {
        let write = || -> io::Result<(NewFile, Place)> {
            let place = find_replaceable_file(&directory.join(name))?;
            let mut file = NewFile::create(&place)?;
            file.write_all(text.as_bytes())?;
            if let Some(there) = place.stat_file()? {
                file.set_mode(there.st_mode)?;
            }
            file.sync()?;
            Ok((file, place))
        };
        written.push((name, write().map_err(|error| (name.clone(), error))?));
    }
    for (name, (mut file, mut place)) in written {
        file.rename_to(&mut place).map_err(|error| (name.clone(), error))?;
    }
    Ok(())
}
