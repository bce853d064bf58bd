//! A small file system in memory, which can be full. Mounting it takes root.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::fs::{FallocateFlags, Mode, OFlags};
use rustix::io::Errno;

/// The file that takes the room.
pub const BALLAST: &str = "ballast";

/// A small file system in memory. It goes away with this process, however that ends.
pub struct SmallDisk {
    keeper: Child,
    directory: PathBuf,
}

/// Mounts it, says so, and waits for its standard input to end.
const MOUNT: &str = "trap '' HUP INT TERM; mkdir \"$1\" && \
    mount -t tmpfs -o size=$4m,mode=0700,uid=$2,gid=$3 tmpfs \"$1\" || exit 1; \
    echo mounted; read -r _; umount -l \"$1\"; rmdir \"$1\"";

impl SmallDisk {
    /// Mounts one of this size as `small` in a directory, to whose owner it belongs; `None` where
    /// that is not allowed.
    ///
    /// # Errors
    /// The system's.
    pub fn mount(within: &Path, mebibytes: u64) -> Result<Option<SmallDisk>, String> {
        let owner = fs::metadata(within).map_err(|error| error.to_string())?;
        let directory = within.join("small");
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", MOUNT, "keeper"])
            .arg(&directory)
            .args([owner.uid().to_string(), owner.gid().to_string(), mebibytes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut line = String::new();
        if let Some(out) = keeper.stdout.take() {
            let _ = BufReader::new(out).read_line(&mut line);
        }
        if line.trim() != "mounted" {
            let _ = keeper.wait();
            let _ = fs::remove_dir(&directory);
            return Ok(None);
        }
        Ok(Some(SmallDisk { keeper, directory }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Leaves so many bytes free. If a server writes to the disk meanwhile, less may be left.
    ///
    /// # Errors
    /// The system's.
    pub fn fill(&self, free: u64) -> Result<(), String> {
        let mut attempts = 100;
        loop {
            match self.fill_once(free) {
                // A server has taken room since it was asked for.
                Err(Errno::NOSPC) if attempts > 0 => attempts -= 1,
                result => return result.map_err(|error| error.to_string()),
            }
        }
    }

    fn fill_once(&self, free: u64) -> Result<(), Errno> {
        let status = rustix::fs::statvfs(&self.directory)?;
        let ballast = (status.f_bavail * status.f_frsize).saturating_sub(free);
        if ballast == 0 {
            return Ok(());
        }
        // A process that another thread starts meanwhile must not keep the room when the file is
        // removed.
        let flags = OFlags::CREATE | OFlags::TRUNC | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = rustix::fs::open(self.directory.join(BALLAST), flags, Mode::RUSR | Mode::WUSR)?;
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, ballast)
    }

    /// Makes a directory there of the disk's owner.
    ///
    /// # Errors
    /// The system's.
    pub fn make_directory(&self, name: &str) -> Result<PathBuf, String> {
        let fail = |error: std::io::Error| error.to_string();
        let owner = fs::metadata(&self.directory).map_err(fail)?;
        let path = self.directory.join(name);
        fs::create_dir(&path).map_err(fail)?;
        chown(&path, Some(owner.uid()), Some(owner.gid())).map_err(fail)?;
        Ok(path)
    }

    /// Takes the ballast away.
    pub fn make_room(&self) {
        let _ = fs::remove_file(self.directory.join(BALLAST));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
