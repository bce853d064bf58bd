//! How a run ended.

use std::time::Duration;

use super::Report;
use super::page::Tone;
use crate::diagnostic::{Error, catalog};
use crate::text::{count_with_noun, describe_time};

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
    /// `--verify`: source and target hold the same.
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

    /// How a run ended that did not fail: sentences, a line each. Says what was compared, and
    /// nothing more.
    pub fn headline(&self) -> Vec<String> {
        let amount = self.describe_amount();
        let (are, were) = match self.total_rows() {
            1 => ("is", "was"),
            _ => ("are", "were"),
        };
        let compared = self.describe_comparison();
        let time = |time: Option<Duration>| describe_time(time.unwrap_or_default());
        match &self.outcome {
            Some(Outcome::Migrated) => {
                vec![format!("Done: {amount} {are} in PostgreSQL, and {compared}.")]
            }
            Some(Outcome::Rehearsed) => vec![
                format!(
                    "Rehearsed: {amount} {were} copied, {compared}, and everything was rolled \
                     back: nothing was changed."
                ),
                format!("A migration takes about {}.", time(self.rehearsal)),
            ],
            Some(Outcome::AlreadyThere) => vec![format!(
                "Already migrated: {amount} {are} in PostgreSQL, and {compared}; nothing was \
                 changed."
            )],
            Some(Outcome::Clean) => {
                let mut lines = vec![format!(
                    "No errors were found: {amount} can be migrated. Nothing was written."
                )];
                if self.estimate.is_some() {
                    lines.push(format!("A migration takes about {}.", time(self.estimate)));
                }
                lines
            }
            Some(Outcome::Same) => {
                vec![format!("Verified: {amount} {are} in PostgreSQL, and {compared}.")]
            }
            Some(Outcome::Declined) => vec!["Not confirmed: nothing was changed.".to_owned()],
            Some(Outcome::Failed(_)) | None => Vec::new(),
        }
    }

    /// `31,204,118 rows in 40 tables`
    fn describe_amount(&self) -> String {
        let rows = count_with_noun(self.total_rows(), "row");
        format!("{rows} in {}", count_with_noun(self.tables().count() as u64, "table"))
    }

    /// What was compared, as a clause.
    fn describe_comparison(&self) -> String {
        let compared = self.tables().filter(|table| table.verified == Some(true)).count();
        let changed = self.not_compared.join(", ");
        let is_loaded = matches!(self.outcome, Some(Outcome::Migrated | Outcome::Rehearsed));
        match (self.tables().count(), changed.is_empty()) {
            (all, true) if compared == all => "every value was compared".to_owned(),
            (all, true) => format!("the values of {compared} of {all} tables were compared"),
            (_, false) if is_loaded => format!(
                "every value was compared before statements of `after_load` changed {changed}"
            ),
            (_, false) => format!(
                "every value was compared except those of {changed}, which statements of \
                 `after_load` change"
            ),
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
            Some(_) => (self.headline().join(" "), Tone::Good),
        }
    }
}
