//! What each finding id means and what a person can do about it: the one table of them.
//!
//! Hints are taken from here and `docs/findings.md` is rendered from here. The table has exactly
//! the ids that the code can emit; a test compares the two. No text ends with a full stop: the page
//! adds it.

mod booleans;
mod documents;
mod exits;
mod files;
mod keys;
mod numbers;
mod repairs;
mod sequences;
mod server;
mod tables;
mod texts;
mod times;

use std::fmt::Write as _;

use super::{Hint, Hints, Id};

pub use exits::{EXITS, ExitEntry, exit_lines};

/// What becomes of a run that has a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is committed.
    Error,
    /// The run continues; somebody should read it before the result is used.
    Warning,
    /// The run continues.
    Note,
    /// The value is accepted as `docs/conversions.md` says, and the report has the number of such
    /// values.
    Counted,
}

/// A finding id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `T1`, `K1`, `D6`, …: stable.
    pub id: Id,
    /// What can become of the run; `details` say when, where there are several.
    pub outcomes: &'static [Outcome],
    /// What happened, in one sentence.
    pub meaning: &'static str,
    /// More about it: a paragraph, or the items of a list where there are several. May be empty.
    pub details: &'static [&'static str],
    /// What it may look like.
    pub example: &'static str,
    /// What a person can do, one step or one alternative each: the items of the page.
    pub advice: &'static [&'static str],
    /// The hints of a message, if items of `advice` are none by themselves: they are longer than a
    /// line, name the hint, or refer to the item before. Otherwise empty.
    pub hints: &'static [&'static str],
}

/// The groups of the page: heading and entries.
pub const GROUPS: &[(&str, &[Entry])] = &[
    ("B: booleans", booleans::ENTRIES),
    ("D: dates and times", times::ENTRIES),
    ("F: SQLite files", files::ENTRIES),
    ("J: JSON, UUIDs, enums, arrays, addresses and bytes as text", documents::ENTRIES),
    ("K: keys and constraints", keys::ENTRIES),
    ("O: tables and columns", tables::ENTRIES),
    ("P: the PostgreSQL server", server::ENTRIES),
    ("Q: sequences", sequences::ENTRIES),
    ("R: repairs", repairs::ENTRIES),
    ("S: numbers, declared types and encodings", numbers::ENTRIES),
    ("T: text and bytes", texts::ENTRIES),
];

/// All of them.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|(_, entries)| *entries)
}

/// What to do about a finding, one alternative each: the hints of its entry, or its advice.
pub fn hints_of(id: Id) -> Hints {
    let Some(entry) = entries().find(|entry| entry.id == id) else { return Hints::default() };
    if entry.hints.is_empty() { entry.advice.into() } else { hints_with_lines(entry.hints) }
}

/// A text that begins with two blanks is a line that the hint before it introduces.
fn hints_with_lines(texts: &[&str]) -> Hints {
    let mut hints: Vec<Hint> = Vec::new();
    for text in texts {
        match (text.strip_prefix("  "), hints.last_mut()) {
            (Some(line), Some(hint)) => hint.lines.push(line.to_owned()),
            _ => hints.push(Hint::new(*text)),
        }
    }
    hints.into()
}

// Hints of several findings.
const ANOTHER_KEY: &[&str] =
    &["decide which row to keep, and delete the others", "give the other rows another key"];
const STOP_THE_APPLICATION: &[&str] =
    &["stop the application (for Connect: `sudo systemctl stop rstudio-connect`) and run again"];
const DRAFT_AGAIN: &str =
    "draft the schema files again, with SQLite and PostgreSQL: `migrate explain existing-tables`";
const MAKE_TABLES: &str =
    "let the release that last wrote the SQLite file create its tables in PostgreSQL";

impl Entry {
    /// The text of its entry on the page and in `migrate explain`.
    pub fn body_text(&self) -> String {
        let mut text = format!("{}: {}.\n", describe_outcomes(self.outcomes), self.meaning);
        match self.details {
            [] => {}
            [paragraph] => {
                let _ = write!(text, "\n{paragraph}.\n");
            }
            items => push_items(&mut text, items),
        }
        let _ = write!(text, "\nFor example: {}.\n", self.example);
        push_advice(&mut text, self.advice);
        text
    }
}

/// What a person can do: a sentence, or a list.
fn push_advice(text: &mut String, advice: &[&str]) {
    text.push_str("\nWhat to do:");
    match advice {
        [single] => {
            let _ = writeln!(text, " {single}.");
        }
        items => {
            text.push('\n');
            push_items(text, items);
        }
    }
}

/// A list of sentences, with an empty line before it.
fn push_items(text: &mut String, items: &[&str]) {
    text.push('\n');
    for item in items {
        let _ = writeln!(text, "- {}.", capitalize_first(item));
    }
}

fn capitalize_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => format!("{}{}", first.to_ascii_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

/// The page `docs/findings.md`.
pub fn findings_page() -> String {
    let mut page = PAGE_HEAD.to_owned();
    page.push_str("\n## Contents\n\n");
    for heading in GROUPS.iter().map(|(heading, _)| *heading).chain(["Exit codes"]) {
        let _ = writeln!(page, "- [{heading}](#{})", anchor_of_heading(heading));
    }
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

/// The anchor that a heading has in a Markdown page.
fn anchor_of_heading(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == ' ');
    kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
}

const PAGE_HEAD: &str = "\
# Findings

A finding is a problem or a remark that a check reports. This page describes all findings and all
exit codes. `migrate explain K1` prints the entry of one finding, `migrate explain 4` prints the
entry of an exit code, and `migrate explain` prints a list of all of them.

A finding has:

- an id, such as `K1`, which never changes. Its letter shows what the finding is about;
- a place: the database, the table and the column;
- the number of rows, and up to five of them, each with its rowid or its primary key;
- a hint, which says what you can do. If [repairs](repairs.md) can help, the hint names them.

A check reports all of its findings together. At most 10,000 findings are listed. Messages contain
no text of a cell, with [a few exceptions](security.md#data-in-messages-and-reports). In the JSON
report, the list `findings` contains errors, warnings and notes. Counted values are not in this
list: each table in the report has its own list of them. It is called `notes`, but it contains only
counted values.

## Severities

| severity | what happens |
|---|---|
| Error | nothing is committed (exceptions: exit codes 5 and 7) |
| Warning | the run continues; read the warning before you use the result |
| Note | the run continues |
| Counted | the value is accepted, and the report contains the number of such values |

Counted values are not findings, but they have ids and entries too. Some entries have more than one
severity. They state when each of them applies.

The exit code of a run with errors depends on what is wrong: 1 for values and rows, 3 for SQLite
files and descriptions of tables, 4 for PostgreSQL. If there are errors of several kinds, the exit
code is 3 if one of the errors has this code, and otherwise 4. An error during the load can have the
exit code 5, and an error of the verification has 6. F18 has 2.

A message that begins with `not decided` is about a check that the run has not made. PostgreSQL
makes this check during the load. If the check fails then, everything is rolled back. A dry run with
`--dry-run=quick` makes fewer checks than other dry runs.

## How to correct rows and schema files

There are three ways to correct rows:

- Correct the rows in the application.
- Correct the rows in the SQLite file. First stop the application, and copy the `.db`
  file and, if it exists, its `-wal` file. In the statements of this page, replace `TABLE` and
  `COLUMN` by the names in SQLite.
- Name a [repair](repairs.md). It changes the rows while they are copied, and not in the SQLite
  file.

Some entries say that you can change a *schema file*. A schema directory contains one file for each
table, and the file `database.toml` for everything else. The schema file is the file for the table
that the finding names. The directory is the one that you name with the option `--schema`; otherwise
it is the [saved schema](glossary.md#saved-schema). [Schema files](../schema/README.md) describes
the format;
`migrate explain schema-files` prints the same page. You cannot change a built-in schema.
";

/// The outcomes as words: `Error, warning or note`.
fn describe_outcomes(outcomes: &[Outcome]) -> String {
    let words: Vec<&str> = outcomes.iter().map(|outcome| outcome_word(*outcome)).collect();
    match words.as_slice() {
        [] => String::new(),
        [single] => capitalize_first(single),
        [first @ .., last] => capitalize_first(&format!("{} or {last}", first.join(", "))),
    }
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Error => "error",
        Outcome::Warning => "warning",
        Outcome::Note => "note",
        Outcome::Counted => "counted",
    }
}
