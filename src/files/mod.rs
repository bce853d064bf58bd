//! Files, written and read safely as root: nothing else in this crate opens, makes, renames or
//! removes one (the `tidy` test holds that).
//!
//! Reading ([`open_regular_file`] and what is built on it) takes regular files only, up to a
//! limit. Writing knows three things: an output that the user names ([`output`], judged by
//! [`protected`] before anything is opened), a schema directory ([`directory`]) and a scratch file
//! ([`scratch`]). Whatever is written gets its name last: it is made beside it under a name that
//! nobody can foresee, with `O_EXCL` and mode 0600, synced, and renamed ([`new_file`]). SQLite
//! opens its databases and temporary files itself.

pub mod directory;
pub mod new_file;
mod open_limit;
pub mod output;
pub mod place;
pub mod protected;
pub mod scratch;
mod stream;

use std::fs::{Metadata, ReadDir};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::Stat;

pub use model::input::{
    TEXT_BYTES_MOST, kind_of, open_regular_file, read_open_file, read_regular_file, read_text_file,
};
pub use open_limit::require_open_files;
pub use output::{Output, Purpose};
pub use protected::Protected;

/// What makes two names the same file: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl From<&Stat> for FileId {
    fn from(stat: &Stat) -> FileId {
        FileId { device: stat.st_dev, inode: stat.st_ino }
    }
}

impl From<&Metadata> for FileId {
    fn from(data: &Metadata) -> FileId {
        FileId { device: data.dev(), inode: data.ino() }
    }
}

/// The entries of a directory.
///
/// # Errors
/// The system's.
pub fn list_directory(path: &Path) -> io::Result<ReadDir> {
    std::fs::read_dir(path)
}

/// The name of a file beside another, which differs by what stands at its end.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
