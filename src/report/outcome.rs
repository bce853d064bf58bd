//! How a run ended.

use super::Report;
use super::page::Tone;
use crate::diagnostic::{Error, catalog};
use crate::text::describe_time;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was copied and verified, and is published.
    Migrated,
    /// Everything was copied and verified, and then rolled back.
    Rehearsed,
    /// It was migrated before: the target holds exactly the source's content.
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

impl Report {
    /// The outcome's word, also of a run that has not ended.
    pub fn outcome_word(&self) -> &'static str {
        self.outcome.as_ref().map_or("unfinished", Outcome::word)
    }

    /// The last word of a run that did not fail; with repairs a comparison is of what they make of
    /// the files.
    pub fn verdict(&self) -> String {
        let held = match self.repairs.is_empty() {
            true => "exactly what the SQLite files hold",
            false => "what the SQLite files hold with these repairs",
        };
        let held = match self.not_compared.as_slice() {
            [] => held.to_owned(),
            changed => {
                format!("{held}, but for what `after_load` changes: {}", changed.join(", "))
            }
        };
        let except = match self.leaves_something() {
            true => ", but for what is listed as not moved",
            false => "",
        };
        match &self.outcome {
            Some(Outcome::Migrated) => {
                format!("done: everything was copied, verified and committed{except}")
            }
            Some(Outcome::Rehearsed) => {
                let time = describe_time(self.rehearsal.unwrap_or_default());
                format!(
                    "rehearsed: everything was copied and verified{except}, and then rolled back: \
                     nothing was changed\nthe same run takes about {time}"
                )
            }
            Some(Outcome::AlreadyThere) => {
                format!(
                    "already migrated: PostgreSQL already holds {held}{except}; nothing was changed"
                )
            }
            Some(Outcome::Clean) => "clean: every row fits; nothing was written".to_owned(),
            Some(Outcome::Same) => format!("verified: PostgreSQL holds {held}{except}"),
            Some(Outcome::Declined | Outcome::Failed(_)) | None => String::new(),
        }
    }

    /// How the run ended, in a sentence for a page, and how that is to be taken.
    pub(super) fn describe_outcome(&self) -> (String, Tone) {
        match &self.outcome {
            None => (
                "unfinished: the run had not ended when this was written".to_owned(),
                Tone::Warning,
            ),
            Some(Outcome::Declined) => {
                ("not confirmed; nothing was changed".to_owned(), Tone::Warning)
            }
            Some(Outcome::Failed(error)) => {
                let entry = catalog::EXITS.iter().find(|entry| entry.exit == error.exit);
                (format!("failed: {}", entry.map_or("", |entry| entry.meaning)), Tone::Bad)
            }
            Some(_) => (self.verdict().replace('\n', "; "), Tone::Good),
        }
    }
}
