//! A file that the user names for an output: what may be there, and how it is written.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat};

use super::FileId;
use super::new_file::NewFile;
use super::place::{Place, describe_kind};
use super::stream;
use crate::diagnostic::{Error, Exit, Hints, Result};

/// What an output is for: how messages call it, and what it may replace.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// The flag that names it.
    pub flag: &'static str,
    /// What it is: `the report`.
    pub noun: &'static str,
    /// Whether it can go to a descriptor, a FIFO or a character device; otherwise it is read again,
    /// and must be a regular file.
    pub takes_streams: bool,
    /// Whether a file that begins like this is an earlier one of the same kind.
    pub is_same_kind: fn(&[u8]) -> bool,
}

impl Purpose {
    /// Why nothing can be written there, with what to do.
    pub fn refusal_error(&self, path: &Path, why: &str, hints: impl Into<Hints>) -> Error {
        let (noun, shown) = (self.noun, path.display());
        Error::new(Exit::Usage, format!("{noun} {shown} cannot be written: {why}"), hints)
    }

    /// The same for an error of the system.
    pub fn system_error(&self, path: &Path, error: &io::Error) -> Error {
        let flag = self.flag;
        let hints = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Hints::from([
                "free up space on this disk".to_owned(),
                format!("name a file on another disk with `{flag}`"),
            ]),
            _ => format!("name a file in a writable directory with `{flag}`").into(),
        };
        self.refusal_error(path, &error.to_string(), hints)
    }
}

/// What to do about a file that must not be lost, where `flag` names another one.
pub fn hints_about_existing_file(flag: &str) -> Hints {
    Hints::from([
        "move the file away".to_owned(),
        format!("name another file with `{flag}`"),
        "replace the file: `--force`".to_owned(),
    ])
}

/// What the path of an output stands for, found by looking only.
#[derive(Debug)]
pub struct Destination {
    pub(super) purpose: Purpose,
    /// The path as the user gave it.
    pub path: PathBuf,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// An open descriptor.
    Descriptor(File),
    /// A FIFO or a character device, as it was found.
    Special(Place, Stat),
    /// A regular file, or none yet.
    Regular(Place, Option<Stat>),
}

impl Destination {
    /// Looks what is at a path; what can never be an output is refused.
    ///
    /// # Errors
    /// Symbolic links, directories, sockets, block devices; a directory that cannot be opened.
    pub fn find_destination(path: &Path, purpose: Purpose) -> Result<Destination> {
        let with = |kind| Ok(Destination { purpose, path: path.to_owned(), kind });
        let failed = |error: io::Error| purpose.system_error(path, &error);
        let flag = purpose.flag;
        if let Some(number) = stream::descriptor_of(path) {
            let hint = || format!("name a regular file with `{flag}`");
            if !purpose.takes_streams {
                return Err(purpose.refusal_error(path, "it is an open descriptor", hint()));
            }
            let file = stream::open_descriptor(number).map_err(failed)?;
            let stat = rustix::fs::fstat(&file).map_err(|error| failed(error.into()))?;
            return match FileType::from_raw_mode(stat.st_mode) {
                FileType::BlockDevice | FileType::Directory => {
                    let why = format!("it is {}", describe_kind(&stat));
                    Err(purpose.refusal_error(path, &why, hint()))
                }
                _ => with(Kind::Descriptor(file)),
            };
        }
        let place = Place::find_place(path).map_err(failed)?;
        let there = place.stat_file().map_err(failed)?;
        let Some(stat) = there else { return with(Kind::Regular(place, None)) };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => with(Kind::Regular(place, there)),
            FileType::Fifo | FileType::CharacterDevice if purpose.takes_streams => {
                with(Kind::Special(place, stat))
            }
            _ => {
                let hint = format!("name a regular file with `{flag}`");
                Err(purpose.refusal_error(path, &format!("it is {}", describe_kind(&stat)), hint))
            }
        }
    }

    /// Judges what is there by its owner and its content.
    ///
    /// # Errors
    /// A file of another user in a directory that others can write to; a file of another kind,
    /// unless `force` allows to replace it.
    pub fn check_existing(&mut self, force: bool) -> Result<()> {
        let (purpose, path) = (self.purpose, &self.path);
        let failed = |error: io::Error| purpose.system_error(path, &error);
        let (place, there) = match &mut self.kind {
            Kind::Descriptor(_) | Kind::Regular(_, None) => return Ok(()),
            Kind::Special(place, there) | Kind::Regular(place, Some(there)) => (place, *there),
        };
        if place.belongs_to_others(&there).map_err(failed)? {
            let why = format!(
                "it belongs to another user (uid {}), in a directory that others can write to",
                there.st_uid
            );
            let hint = "name a file in a directory that only this user can write to, with";
            return Err(purpose.refusal_error(path, &why, format!("{hint} `{}`", purpose.flag)));
        }
        if FileType::from_raw_mode(there.st_mode) != FileType::RegularFile {
            return Ok(());
        }
        // An empty file holds nothing that could be lost.
        let replaced = force || there.st_size == 0;
        if !replaced && !(purpose.is_same_kind)(&place.read_beginning().map_err(failed)?) {
            let earlier = purpose.noun.trim_start_matches("the ");
            let why = format!("it exists already and is not an earlier {earlier}");
            return Err(purpose.refusal_error(path, &why, hints_about_existing_file(purpose.flag)));
        }
        place.accept_existing(&there);
        Ok(())
    }

    /// The file that is there now.
    pub(super) fn existing_file_id(&self) -> Option<FileId> {
        match &self.kind {
            Kind::Descriptor(file) => rustix::fs::fstat(file).ok().map(|stat| FileId::from(&stat)),
            Kind::Special(_, there) => Some(FileId::from(there)),
            Kind::Regular(_, there) => there.as_ref().map(FileId::from),
        }
    }

    /// The place of a regular file.
    pub fn into_place(self) -> Option<Place> {
        match self.kind {
            Kind::Regular(place, _) => Some(place),
            _ => None,
        }
    }

    /// Whether a regular file is written, at a place of its own.
    pub fn is_regular(&self) -> bool {
        matches!(self.kind, Kind::Regular(..))
    }
}

/// Finds and judges the place of an output that is a regular file.
///
/// # Errors
/// As [`Destination::find_destination`] and [`Destination::check_existing`].
pub fn find_place(path: &Path, purpose: Purpose, force: bool) -> Result<Place> {
    let mut destination = Destination::find_destination(path, purpose)?;
    destination.check_existing(force)?;
    let hint = format!("name a regular file with `{}`", purpose.flag);
    destination
        .into_place()
        .ok_or_else(|| purpose.refusal_error(path, "it is not a regular file", hint))
}

/// An output that is written as a whole, once or several times.
#[derive(Debug)]
pub enum Output {
    /// A regular file, replaced each time.
    Regular(Place),
    /// An open descriptor.
    Descriptor(File),
    /// A FIFO or a character device, open.
    Special(File),
}

impl Output {
    /// Opens what was found and judged.
    ///
    /// # Errors
    /// A FIFO without a reader, a device that cannot be opened.
    pub fn open(destination: Destination) -> Result<Output> {
        let Destination { purpose, path, kind } = destination;
        match kind {
            Kind::Descriptor(file) => Ok(Output::Descriptor(file)),
            Kind::Regular(place, _) => Ok(Output::Regular(place)),
            Kind::Special(place, found) => {
                stream::open_special_file(&place, &found).map(Output::Special).map_err(|error| {
                    let hints = [
                        "start its reader first".to_owned(),
                        format!("name a file with `{}`", purpose.flag),
                    ];
                    purpose.refusal_error(&path, &error.to_string(), hints)
                })
            }
        }
    }

    /// Whether what is written replaces what was written before; a stream gets it in addition.
    pub fn is_regular(&self) -> bool {
        matches!(self, Output::Regular(_))
    }

    /// Whether it is the file, terminal or pipe that standard output is.
    pub fn is_standard_output(&self) -> bool {
        let Output::Descriptor(file) = self else { return false };
        let stat = rustix::fs::fstat(file).map(|stat| FileId::from(&stat));
        let own = rustix::fs::fstat(io::stdout()).map(|stat| FileId::from(&stat));
        matches!((stat, own), (Ok(stat), Ok(own)) if stat == own)
    }

    /// Writes all of it: a regular file has the old content or the new one at every instant.
    ///
    /// # Errors
    /// The system's; nothing is left beside a regular file then.
    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Output::Descriptor(file) | Output::Special(file) => {
                file.write_all(bytes).and_then(|()| file.flush())
            }
            Output::Regular(place) => {
                let mut file = NewFile::create(place)?;
                file.write_all(bytes)?;
                file.rename_to(place)
            }
        }
    }
}
