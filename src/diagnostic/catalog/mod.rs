//! What each finding id means and what removes it: the one table of them.
//!
//! Hints are taken from here and `docs/findings.md` is rendered from here. The table has exactly
//! the ids that the code can emit; a test compares the two.

mod ends;
mod exits;
mod server;
mod targets;
mod times;
mod values;

use std::fmt::Write as _;

use super::Id;
use crate::text;

pub use exits::{EXITS, ExitEntry, exit_lines};

/// What becomes of a run that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The run stops before anything is published.
    Refused,
    /// Taken without loss (or as `docs/conversions.md` says), and counted.
    Counted,
    /// One or the other, as the meaning says.
    RefusedOrCounted,
    /// One or the other, as the meaning says.
    RefusedOrWarned,
    /// The run goes on; somebody should look.
    Warned,
    /// For the record.
    Noted,
    /// One or the other, as the meaning says.
    WarnedOrNoted,
    /// One or the other, as the meaning says.
    RefusedOrNoted,
    /// One of the three, as the meaning says.
    RefusedWarnedOrNoted,
}

/// A finding id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `T1`, `K1`, `D6`, …: stable.
    pub id: Id,
    /// What becomes of the run.
    pub outcome: Outcome,
    /// What it means.
    pub meaning: &'static str,
    /// What it may look like; may be empty.
    pub example: &'static str,
    /// What a person can do.
    pub hint: &'static str,
}

const fn make_entry(
    id: Id,
    outcome: Outcome,
    meaning: &'static str,
    example: &'static str,
    hint: &'static str,
) -> Entry {
    Entry { id, outcome, meaning, example, hint }
}

/// The groups of the page: heading and entries.
pub const GROUPS: &[(&str, &[Entry])] = &[
    ("Values", values::ENTRIES),
    ("Dates and times", times::ENTRIES),
    ("Files, keys and relations", ends::ENTRIES),
    ("The server", server::ENTRIES),
    ("Tables in PostgreSQL", targets::ENTRIES),
    ("Repairs", REPAIRS),
];

const REPAIRS: &[Entry] = &[
    make_entry(
        Id::R1,
        Outcome::Noted,
        "rows that a repair touched, because it was named",
        "core.apps.title=strip-nul: 3 rows",
        "nothing to do; the report lists the rows",
    ),
    make_entry(
        Id::R2,
        Outcome::Noted,
        "a repair that touched no row",
        "core.apps.title=strip-nul touches no row",
        "leave it out, or look whether it names the right column",
    ),
];

/// All of them.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|(_, entries)| *entries)
}

/// The hint of a finding, as a message.
pub fn catalog_hint(id: Id) -> String {
    text::make_message(entries().find(|entry| entry.id == id).map_or("", |entry| entry.hint))
}

impl Entry {
    /// What is said of it, as the page and `migrate explain` have it.
    pub fn body_text(&self) -> String {
        let mut text = format!("{}: {}.\n", describe_outcome(self.outcome), self.meaning);
        if !self.example.is_empty() {
            let _ = writeln!(text, "For example: `{}`.", self.example);
        }
        let _ = writeln!(text, "\nCure: {}.", self.hint);
        text
    }
}

/// The page `docs/findings.md`.
pub fn findings_page() -> String {
    let mut page = PAGE_HEAD.to_owned();
    for (heading, entries) in GROUPS {
        let _ = write!(page, "\n## {heading}\n");
        for entry in *entries {
            let _ = write!(page, "\n### {}\n\n{}", entry.id, entry.body_text());
        }
    }
    page.push_str("\n## Exit codes\n");
    for entry in EXITS {
        let _ = write!(page, "\n### Exit code {}\n\n{}", entry.exit as u8, entry.body_text());
    }
    page
}

const PAGE_HEAD: &str = "\
# Findings

Before anything is published, every file, row and relation is checked, and everything that is wrong
is reported at once. A finding has an id, a place (database, table, column), up to five rows by
their rowid or primary key, a count, and a cure. The ids are stable; the report in JSON has them
under `findings`. No message holds the text of a cell: numbers are shown, text only by its shape or
length.

*Refused* stops the run and nothing is published. The exit code is 1 for rows, 3 for a file or its
structure, 4 for the server; where several are at fault, 3 comes before 4 and 4 before 1, and all
is reported in one list. *Counted* is taken, and the report says how often. *Warned* and *noted*
stop nothing. What begins with *not decided* is known only when PostgreSQL does it, in the load's
transaction: if it fails there, nothing is committed.

Correct rows in the application or, with the application stopped and a copy of the file kept, in
SQLite; or name a repair ([repairs.md](repairs.md)), where the finding's hint offers one.

This page is rendered from the program's own table: `migrate explain K1` prints one entry of it,
`migrate explain` alone lists all.
";

fn describe_outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused => "Refused",
        Outcome::Counted => "Counted",
        Outcome::RefusedOrCounted => "Refused or counted",
        Outcome::RefusedOrWarned => "Refused or warned",
        Outcome::Warned => "Warned",
        Outcome::Noted => "Noted",
        Outcome::WarnedOrNoted => "Warned or noted",
        Outcome::RefusedOrNoted => "Refused or noted",
        Outcome::RefusedWarnedOrNoted => "Refused, warned or noted",
    }
}
