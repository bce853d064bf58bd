//! How a run ended.

use crate::diagnostic::Error;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was copied and verified, and is published.
    Migrated,
    /// Everything was copied and verified, and then rolled back.
    Rehearsed,
    /// It had been done before: the target holds exactly the source's content.
    AlreadyThere,
    /// A dry run without errors.
    Clean,
    /// `--verify`: both ends hold the same.
    Same,
    /// The confirmation was not given.
    Declined,
    /// It failed.
    Failed(Error),
}

impl Outcome {
    /// Its word in the report.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Migrated => "migrated",
            Outcome::Rehearsed => "rehearsed",
            Outcome::AlreadyThere => "already there",
            Outcome::Clean => "clean",
            Outcome::Same => "same",
            Outcome::Declined => "declined",
            Outcome::Failed(_) => "failed",
        }
    }
}
