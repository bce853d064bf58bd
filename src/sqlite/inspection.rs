//! Opening a file to learn about it, for drafts and comparisons.

use std::path::Path;

use super::{How, Integrity, Source, refusal_error};
use crate::diagnostic::{Fault, Finding, Id, Result};

/// What to do where a file has lost rows that a draft or a comparison should have seen.
const LOST_ROWS: &str =
    "start and stop the application once, which discards these transactions, and run again";

impl How<'_> {
    /// How a file is opened to learn about it: nothing of it is published.
    pub const TO_INSPECT: How<'static> = How {
        missing_file_hint: "",
        rehearsal: true,
        configured: true,
        application: &[],
        accept_wal_loss: true,
    };
}

impl Source {
    /// Opens a file to learn about it: the application may be running, nothing will be published.
    /// That it has lost rows goes to `warnings`: what is learned is that of the rows that are left.
    ///
    /// # Errors
    /// As [`Source::open`], and when it is damaged.
    pub fn open_to_inspect(path: &Path, warnings: &mut Vec<Fault>) -> Result<Source> {
        let mut findings = Vec::new();
        let opened = Source::open(path, How::TO_INSPECT, &mut findings);
        let mut source = opened.map_err(|trouble| refusal_error(&trouble))?;
        let lost = findings.into_iter().filter(|finding| finding.id == Id::F17);
        warnings
            .extend(lost.map(|finding| Finding { hints: LOST_ROWS.into(), ..finding }.to_fault()));
        let checked = source.check_integrity(Integrity::Quick, &mut Vec::new());
        checked.map_err(|trouble| refusal_error(&trouble))?;
        Ok(source)
    }
}
