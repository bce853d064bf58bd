//! Findings about repairs.

use super::Entry;
use super::Outcome::Note;
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::R1,
        outcomes: &[Note],
        meaning: "a repair that you named has changed rows",
        details: &[],
        example: "`core.apps.title=strip-nul`: 3 rows",
        advice: &["no action is needed. The report lists the rows"],
        hints: &[],
    },
    Entry {
        id: Id::R2,
        outcomes: &[Note],
        meaning: "a repair that you named has changed no row",
        details: &[],
        example: "`core.apps.title=strip-nul`: no row",
        advice: &["check whether the repair names the correct column", "or leave out the repair"],
        hints: &["leave the repair out", "check whether it names the correct column"],
    },
];
