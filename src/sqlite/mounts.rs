//! Whether a file lies on a network file system.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::event;
use crate::files::{TEXT_BYTES_MOST, read_regular_file};

/// Kinds of file system whose locks other machines may not see, or see late.
const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "smb2",
    "smb3",
    "smbfs",
    "vboxsf",
];

/// The kind of network file system that a file lies on.
pub fn network_file_system(path: &Path) -> Option<String> {
    let table = event::test_line_rest("mounts").unwrap_or("/proc/self/mountinfo".to_owned());
    find_network_mount(&read_regular_file(Path::new(&table), TEXT_BYTES_MOST).ok()?, path)
}

/// As [`network_file_system`], by a text like `/proc/self/mountinfo`: the mount point is the fifth
/// word and the kind follows a lone hyphen.
fn find_network_mount(mounts: &[u8], path: &Path) -> Option<String> {
    let mut nearest: Option<(usize, String)> = None;
    for line in mounts.split(|byte| *byte == b'\n') {
        let mut words = line.split(|byte| *byte == b' ');
        let Some(point) = words.nth(4).map(unescape_mount_point) else { continue };
        let Some(kind) = words.skip_while(|word| *word != b"-").nth(1) else { continue };
        let point = Path::new(std::ffi::OsStr::from_bytes(&point)).to_owned();
        // Of mounts on one point the later one is seen.
        let depth = point.components().count();
        if path.starts_with(&point) && nearest.as_ref().is_none_or(|(known, _)| depth >= *known) {
            nearest = Some((depth, String::from_utf8_lossy(kind).into_owned()));
        }
    }
    let (_, kind) = nearest?;
    let plain = kind.strip_prefix("fuse.").unwrap_or(&kind);
    (NETWORK.contains(&plain) || plain == "sshfs" || plain == "s3fs").then_some(kind)
}

/// Blanks and backslashes in a mount point are written as `\040`.
fn unescape_mount_point(word: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = word;
    while let [first, tail @ ..] = rest {
        let octal = |digits: &[u8]| {
            let text = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(text, 8).ok()
        };
        match (*first, tail.get(..3).and_then(octal)) {
            (b'\\', Some(byte)) => {
                out.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &[u8] = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
        30 22 0:40 / /data rw,relatime shared:1 - nfs4 server:/data rw\n\
        31 30 8:2 / /data/local rw - xfs /dev/sdb rw\n\
        32 22 0:41 / /my\\040share rw - fuse.sshfs host: rw\n";

    #[test]
    fn the_nearest_mount_decides() {
        let of = |path: &str| find_network_mount(MOUNTS, Path::new(path));
        assert_eq!(of("/data/connect.db").as_deref(), Some("nfs4"));
        assert_eq!(of("/my share/connect.db").as_deref(), Some("fuse.sshfs"));
        for local in ["/connect.db", "/database/connect.db", "/data/local/connect.db"] {
            assert_eq!(of(local), None, "{local}");
        }
    }
}
