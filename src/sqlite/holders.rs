//! Who has a file open: by the descriptors and the locks that the kernel lists under `/proc`.
//!
//! A process of another user shows its descriptors to root only; its locks are shown to all, but
//! an application that is idle in rollback mode holds none.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::sibling_path;
use crate::diagnostic::{Hint, Hints};
use crate::files::read_text_file;
use crate::text::shell_word;

/// A process that has the file open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its name, as the kernel has it.
    pub name: String,
    /// The systemd unit it runs in.
    pub unit: Option<String>,
}

/// What could be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// By process id.
    pub by: Vec<Holder>,
    /// Whether every process could be read.
    pub complete: bool,
}

/// How long a process may take to begin its own program.
const START: Duration = Duration::from_millis(100);

/// Looks for processes that hold the file or one of its siblings, this one excepted.
///
/// A process that is just being started still has its parent's files, whatever it does with them:
/// it does not count when it runs another program a moment later, or none.
pub fn find_holders(path: &Path) -> Held {
    let (mut found, complete) = scan_holders(path);
    if !found.is_empty() {
        std::thread::sleep(START);
        let (again, _) = scan_holders(path);
        found.retain(|pid, ran| {
            again.contains_key(pid) || (is_process_alive(*pid) && *ran == program_of(*pid))
        });
    }
    Held { by: found.into_keys().map(describe_process).collect(), complete }
}

/// The program that a process runs, where it can be seen.
fn program_of(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

fn is_process_alive(pid: u32) -> bool {
    fs::metadata(format!("/proc/{pid}")).is_ok()
}

/// The processes that hold the file now, with what they run, and whether all could be read.
fn scan_holders(path: &Path) -> (BTreeMap<u32, Option<PathBuf>>, bool) {
    let identity = |suffix: &str| {
        let data = fs::metadata(sibling_path(path, suffix)).ok()?;
        Some((data.dev(), data.ino()))
    };
    let wanted: Vec<(u64, u64)> =
        ["", "-wal", "-shm", "-journal"].into_iter().filter_map(identity).collect();
    let mut found = BTreeMap::new();
    let complete = collect_descriptor_holders(&wanted, &mut found);
    if let Ok(locks) = read_text_file(Path::new("/proc/locks")) {
        for pid in lock_holders(&locks, &wanted) {
            found.entry(pid).or_insert_with(|| program_of(pid));
        }
    }
    found.remove(&std::process::id());
    (found, complete)
}

/// Collects the processes with a descriptor of a wanted file; `false` when one could not be seen.
fn collect_descriptor_holders(
    wanted_files: &[(u64, u64)],
    holders: &mut BTreeMap<u32, Option<PathBuf>>,
) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    let mut complete = true;
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let open = match fs::read_dir(process.path().join("fd")) {
            Ok(open) => open,
            Err(error) => {
                // A process may end while we look.
                complete &= error.kind() != std::io::ErrorKind::PermissionDenied;
                continue;
            }
        };
        let holds = open.flatten().any(|descriptor| {
            fs::metadata(descriptor.path())
                .is_ok_and(|data| wanted_files.contains(&(data.dev(), data.ino())))
        });
        if holds {
            holders.insert(pid, program_of(pid));
        }
    }
    complete
}

/// The processes with a lock on a wanted file, by the lines of `/proc/locks`:
/// `1: POSIX  ADVISORY  READ 812 08:01:5512 1073741826 1073742335`.
fn lock_holders(locks: &str, wanted_files: &[(u64, u64)]) -> Vec<u32> {
    let locker = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| word.ends_with(':'));
        if words.next()? == "->" {
            return None;
        }
        let pid = words.nth(2)?.parse().ok()?;
        let mut place = words.next()?.splitn(3, ':');
        let mut number = |radix| u64::from_str_radix(place.next()?, radix).ok();
        let (major, minor, inode) = (number(16)?, number(16)?, number(10)?);
        let same = |(device, known): &(u64, u64)| {
            u64::from(rustix::fs::major(*device)) == major
                && u64::from(rustix::fs::minor(*device)) == minor
                && *known == inode
        };
        wanted_files.iter().any(same).then_some(pid)
    };
    locks.lines().filter_map(locker).collect()
}

fn describe_process(pid: u32) -> Holder {
    let read =
        |file: &str| read_text_file(Path::new(&format!("/proc/{pid}/{file}"))).unwrap_or_default();
    let name = read("comm").trim().to_owned();
    let unit = read("cgroup").lines().find_map(systemd_unit);
    let name = if name.is_empty() { "another process".to_owned() } else { name };
    Holder { pid, name, unit }
}

/// `0::/system.slice/rstudio-connect.service` names the unit in its last part, or before it.
fn systemd_unit(line: &str) -> Option<String> {
    let path = line.splitn(3, ':').nth(2)?;
    let unit = path.split('/').rev().find_map(|part| part.strip_suffix(".service"))?;
    // A user's own manager holds everything that user starts by hand.
    (!unit.starts_with("user@")).then(|| unit.to_owned())
}

impl Held {
    /// `rstudio-connect (pid 812), cron (pid 9)`
    pub fn list_names(&self) -> String {
        let names: Vec<String> =
            self.by.iter().map(|holder| format!("{} (pid {})", holder.name, holder.pid)).collect();
        names.join(", ")
    }

    /// Whether one of them is an application at work: a process of a service other than our own,
    /// or one by a name that the application has. A shell or a viewer that has the file open
    /// does not write to it behind anybody's back.
    pub fn includes_application(&self, application: &[&str]) -> bool {
        let own = describe_process(std::process::id()).unit;
        self.by.iter().any(|holder| {
            let service = holder.unit.is_some() && holder.unit != own;
            service || application.contains(&holder.name.as_str())
        })
    }

    /// What ends them.
    pub fn hints(&self) -> Hints {
        let unit = self.by.iter().find_map(|holder| holder.unit.as_deref());
        match unit {
            Some(unit) => Hint::with_line(
                "stop it, and run the command again:",
                format!("sudo systemctl stop {}", shell_word(unit)),
            )
            .into(),
            None => Hints::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_name_their_processes() {
        let locks = "1: POSIX  ADVISORY  READ 812 08:01:5512 1073741826 1073742335\n\
                     1: -> POSIX  ADVISORY  WRITE 813 08:01:5512 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 9 08:01:5513 0 EOF\n\
                     3: POSIX  ADVISORY  READ -1 08:01:5512 0 EOF\nodd\n";
        let device = rustix::fs::makedev(8, 1);
        assert_eq!(lock_holders(locks, &[(device, 5512)]), [812]);
        assert_eq!(lock_holders(locks, &[(device, 5513)]), [9]);
        assert_eq!(lock_holders(locks, &[(device, 1)]), Vec::<u32>::new());
    }

    #[test]
    fn a_service_or_a_name_of_the_application_is_at_work() {
        let held = |name: &str, unit: Option<&str>| {
            let holder = Holder { pid: 1, name: name.into(), unit: unit.map(str::to_owned) };
            Held { by: vec![holder], complete: true }
        };
        assert!(held("python3", Some("some-application")).includes_application(&[]));
        assert!(held("connect", None).includes_application(&["connect"]));
        assert!(!held("sqlite3", None).includes_application(&["connect"]));
    }

    #[test]
    fn the_unit_is_the_last_service() {
        let of = |path: &str| systemd_unit(&format!("0::{path}"));
        assert_eq!(of("/system.slice/connect.service").as_deref(), Some("connect"));
        assert_eq!(of("/system.slice/connect.service/job").as_deref(), Some("connect"));
        assert_eq!(of("/user.slice/user@0.service/app.scope"), None);
        assert_eq!(of("/"), None);
    }
}
