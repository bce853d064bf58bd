//! When, where, by whom and with which words a run was made.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::Build;
use crate::files::read_text_file;

/// What surrounds a run. Of a report that is about no run everything is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// What the program was built of.
    pub build: Build,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended; none while it runs.
    pub ended: Option<Timestamp>,
    /// How long it took, waiting for answers included; none while it runs.
    pub time: Option<Duration>,
    /// The machine.
    pub host: String,
    /// The user that it ran as.
    pub user: String,
    /// The user who called it by `sudo`.
    pub sudo_user: Option<String>,
    /// The command as it was typed; what may be a password is hidden.
    pub command_line: String,
}

impl RunFacts {
    /// Those of a run that begins now. The command line must hold no secret.
    pub fn begin(command_line: String) -> RunFacts {
        let line = |path: &str| read_text_file(Path::new(path)).ok();
        RunFacts {
            build: Build::default(),
            started: Some(Timestamp::now()),
            host: line("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned(),
            user: user_name(&line("/etc/passwd").unwrap_or_default()),
            sudo_user: std::env::var("SUDO_USER").ok().filter(|user| !user.is_empty()),
            command_line,
            ..RunFacts::default()
        }
    }

    /// Says that it has ended, after so long.
    pub fn end(&mut self, time: Duration) {
        (self.ended, self.time) = (Some(Timestamp::now()), Some(time));
    }
}

/// The name of this process's user, or its number where the file does not have it.
fn user_name(passwd: &str) -> String {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("uid {uid}"))
}

/// `2026-11-30T10:00:00Z`, to the second.
pub fn describe_instant(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
