//! How many files this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::diagnostic::{Error, Exit, Fault, Hint, Id, Result};

/// Files that a run may need: SQLite's and its siblings on four connections each, sorted keys,
/// sessions, outputs.
const NEEDED: u64 = 128;

/// What is asked for where it is free.
const WANTED: u64 = 1024;

/// Makes sure that there are enough, and raises the limit as far as any user may.
///
/// # Errors
/// When there are not: SQLite and the driver would fail in the middle of something, with words that
/// say another thing.
pub fn require_open_files() -> Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = maximum.unwrap_or(u64::MAX);
    if current.unwrap_or(u64::MAX) >= WANTED.min(most) {
        return refuse_fewer(current.unwrap_or(u64::MAX));
    }
    let raised = Rlimit { current: Some(WANTED.min(most)), maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => refuse_fewer(WANTED.min(most)),
        Err(_) => refuse_fewer(current.unwrap_or(u64::MAX)),
    }
}

fn refuse_fewer(limit: u64) -> Result<()> {
    if limit >= NEEDED {
        return Ok(());
    }
    let text = format!("this process may open {limit} files at once, and a run needs {NEEDED}");
    let hints = [
        Hint::with_line("raise the limit in this shell, and run again:", "ulimit -n 1024"),
        Hint::with_line("raise the limit of the service:", "LimitNOFILE=1024"),
    ];
    Err(Error { exit: Exit::Usage, faults: vec![Fault::new(text, hints).with_id(Id::F18)] })
}
