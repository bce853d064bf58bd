//! Outputs that have no place of their own: open descriptors, FIFOs, character devices.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

use super::FileId;
use super::place::Place;

/// How long a FIFO may be without a reader: a shell starts both at about the same time.
const WAIT_FOR_READER: Duration = Duration::from_secs(10);

/// The descriptor that a path stands for: `-`, `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`.
pub(super) fn descriptor_of(path: &Path) -> Option<u32> {
    match path.as_os_str().as_bytes() {
        b"-" | b"/dev/stdout" => Some(1),
        b"/dev/stderr" => Some(2),
        other => {
            let digits = std::str::from_utf8(other.strip_prefix(b"/dev/fd/")?).ok()?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        }
    }
}

/// A second handle of an open descriptor that this process was given, for writing.
///
/// # Errors
/// When it is not open, not open for writing, or one that this process opened itself.
pub(super) fn open_descriptor(number: u32) -> io::Result<File> {
    let file: File = match number {
        1 => io::stdout().as_fd().try_clone_to_owned()?.into(),
        2 => io::stderr().as_fd().try_clone_to_owned()?.into(),
        number => given_descriptor(number)?,
    };
    require_writable(number, rustix::fs::fcntl_getfl(&file)?)?;
    Ok(file)
}

fn require_writable(number: u32, flags: OFlags) -> io::Result<()> {
    let access = flags & OFlags::RWMODE;
    if access == OFlags::WRONLY || access == OFlags::RDWR {
        return Ok(());
    }
    let text = format!("descriptor {number} is not open for writing");
    Err(io::Error::new(ErrorKind::InvalidInput, text))
}

fn given_descriptor(number: u32) -> io::Result<File> {
    let closed = || {
        let text = format!("descriptor {number} is not open");
        io::Error::new(ErrorKind::InvalidInput, text)
    };
    let raw = i32::try_from(number).map_err(|_| closed())?;
    let state = super::read_text_file(Path::new(&format!("/proc/self/fdinfo/{number}")));
    let state = state.map_err(|_| closed())?;
    let flags = state.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    let flags = OFlags::from_bits_retain(flags.unwrap_or_default());
    // What a process is given is never closed on exec; what this one opens always is.
    if flags.contains(OFlags::CLOEXEC) {
        return Err(closed());
    }
    require_writable(number, flags)?;
    let copied = pidfd_open(getpid(), PidfdFlags::empty())
        .and_then(|own| pidfd_getfd(own, raw, PidfdGetfdFlags::empty()));
    if let Ok(copied) = copied {
        return Ok(copied.into());
    }
    // Kernels before 5.6, and containers that forbid that call: another open file description, so
    // what is there already is kept by writing at the end.
    let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::NOCTTY | OFlags::CLOEXEC;
    let path = format!("/dev/fd/{number}");
    Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?.into())
}

/// Opens the FIFO or character device that was found at a place. A FIFO must have a reader, or get
/// one within seconds.
///
/// # Errors
/// The system's, and when the FIFO has no reader.
pub(super) fn open_special_file(place: &Place, found: &Stat) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let flags = flags | OFlags::NOCTTY | OFlags::CLOEXEC;
    let fifo = FileType::from_raw_mode(found.st_mode) == FileType::Fifo;
    let begun = Instant::now();
    let open = loop {
        match rustix::fs::openat(&*place.directory, &place.name, flags, Mode::empty()) {
            Err(Errno::NXIO) if fifo && begun.elapsed() < WAIT_FOR_READER => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(Errno::NXIO) if fifo => {
                let text = "it is a FIFO that no process reads";
                return Err(io::Error::new(ErrorKind::NotConnected, text));
            }
            opened => break opened?,
        }
    };
    if FileId::from(&rustix::fs::fstat(&open)?) != FileId::from(found) {
        let text = "another process has put a file there in the meantime";
        return Err(io::Error::new(ErrorKind::AlreadyExists, text));
    }
    // From here on a slow reader is waited for.
    let flags = rustix::fs::fcntl_getfl(&open)? - OFlags::NONBLOCK;
    rustix::fs::fcntl_setfl(&open, flags)?;
    Ok(open.into())
}
