//! Reading files that a user names: regular files only, and none larger than its limit.
//!
//! A FIFO or a device is refused at once. Waiting for a FIFO's writer would never end, and opening
//! a device can have effects. A file above the limit is refused and never cut: the beginning of a
//! configuration is another configuration.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// The limit of files that people write: schema files, repairs, configurations. In bytes.
pub const TEXT_BYTES_MOST: u64 = 16 << 20;

/// What a file is, for messages.
#[must_use]
pub fn kind_of(file_type: FileType) -> &'static str {
    match file_type {
        kind if kind.is_file() => "a regular file",
        kind if kind.is_dir() => "a directory",
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_fifo() => "a FIFO",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_char_device() => "a character device",
        kind if kind.is_block_device() => "a block device",
        _ => "a file of an unknown kind",
    }
}

/// Opens a regular file for reading; symbolic links are followed.
///
/// # Errors
/// The system's. `InvalidInput` when it is another kind of file, which is never waited for.
pub fn open_regular_file(path: &Path) -> io::Result<File> {
    require_regular(fs::metadata(path)?.file_type())?;
    // Another file may be there by now: without O_NONBLOCK, opening a FIFO waits for its writer.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    require_regular(file.metadata()?.file_type())?;
    Ok(file)
}

fn require_regular(file_type: FileType) -> io::Result<()> {
    if file_type.is_file() {
        return Ok(());
    }
    let text = format!("it is {}, not a regular file", kind_of(file_type));
    Err(io::Error::new(ErrorKind::InvalidInput, text))
}

/// Reads the rest of an open regular file of at most `most` bytes. The buffer has its final size
/// from the start: growing would leave copies of secrets in memory.
///
/// # Errors
/// The system's, and `FileTooLarge`; the buffer then holds a part of the file.
pub fn read_open_file(file: &File, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let length = file.metadata()?.len();
    if length <= most {
        bytes.reserve_exact(usize::try_from(length).unwrap_or(0) + 1);
        // Files of /proc have no length, and a regular file may grow while it is read.
        file.take(most + 1).read_to_end(bytes)?;
    }
    if length <= most && bytes.len() as u64 <= most {
        return Ok(());
    }
    let text = format!("it is larger than {most} bytes, the limit for such a file");
    Err(io::Error::new(ErrorKind::FileTooLarge, text))
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open_regular_file`] and [`read_open_file`].
pub fn read_regular_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_open_file(&open_regular_file(path)?, limit, &mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file of UTF-8 text of at most [`TEXT_BYTES_MOST`] bytes.
///
/// # Errors
/// As [`read_regular_file`]; `InvalidData` when it is not UTF-8.
pub fn read_text_file(path: &Path) -> io::Result<String> {
    let bytes = read_regular_file(path, TEXT_BYTES_MOST)?;
    let not_text = |_| io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(bytes).map_err(not_text)
}
