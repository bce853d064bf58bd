//! What a run can end with: exit codes, and faults that each carry their hints.
//!
//! A step that refuses collects everything it can find wrong first and returns one [`Error`] with
//! all of it. Texts are lower-case fragments that name the place (file, line, table, column, key);
//! they never hold a secret or the value of a cell.

use std::collections::BTreeSet;
use std::fmt;

use super::server_text::ServerText;
use super::{Hints, Id};
use crate::text::{self, Lines};

/// The exit codes of `migrate`; stable, documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done and verified, or a clean dry run or rehearsal.
    Done = 0,
    /// Values that do not fit; nothing was published.
    Findings = 1,
    /// Usage or configuration.
    Usage = 2,
    /// The SQLite side cannot be used, or its structure is not one we know.
    Source = 3,
    /// The PostgreSQL side cannot be used.
    Target = 4,
    /// Loading failed; rolled back.
    Load = 5,
    /// Verification failed; rolled back where it was part of a run.
    Verification = 6,
    /// The connection was lost around COMMIT: whether it took effect is not known.
    CommitUnknown = 7,
    /// Stopped by a signal; rolled back.
    Interrupted = 8,
}

/// What to do about what cannot be.
pub const BUG_HINT: &str = "this is a bug in migrate; please report it with the report file";

/// One thing that is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong and where: a lower-case fragment, one line.
    pub text: String,
    /// Things that the text introduces: tables, sessions, rows; a line each.
    pub details: Vec<String>,
    /// The finding's id; none where it is no finding.
    pub id: Option<Id>,
    /// The index that could not be made or filled.
    pub index: Option<String>,
    /// What a person can do about it, one alternative each; none when there is nothing to offer.
    pub hints: Hints,
    /// What the server said about it; no part of the text, and shown only on request.
    pub server: Option<ServerText>,
    /// Whether it was printed when it was found, and is not printed again at the end.
    pub is_reported: bool,
    /// What the finding says beside it, where the report has it as one of its own.
    pub finding: Option<Box<FindingPart>>,
    /// How many problems it stands for: one, or all that are not listed.
    pub problems: u32,
}

/// What a finding says beside its text and its hints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingPart {
    /// The table that it is about, as `database.table`; empty where there is none.
    pub table: String,
    /// Further hints: the repairs that it offers.
    pub alternatives: Hints,
}

/// Why a run stopped: one exit code, and every fault that was found before stopping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// How the process ends.
    pub exit: Exit,
    /// At least one fault, in the order found.
    pub faults: Vec<Fault>,
}

/// The result of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Fault {
    /// A fault with its hints.
    pub fn new(text: impl Into<String>, hints: impl Into<Hints>) -> Fault {
        Fault {
            text: text::make_message(text),
            details: Vec::new(),
            id: None,
            index: None,
            hints: hints.into(),
            server: None,
            is_reported: false,
            finding: None,
            problems: 1,
        }
    }

    /// The same with a list below its text.
    pub fn with_details(self, details: Vec<String>) -> Fault {
        Fault { details, ..self }
    }

    /// The same under a finding's id.
    pub fn with_id(self, id: Id) -> Fault {
        Fault { id: Some(id), ..self }
    }

    /// The same with what the server said about it.
    pub fn with_server_text(self, error: &postgres::Error) -> Fault {
        Fault { server: error.as_db_error().map(ServerText::from_error), ..self }
    }

    /// What is wrong, with the id before it and the details behind it, exactly; not for a terminal.
    pub fn text_with_id(&self) -> String {
        match self.id {
            None => self.full_text(),
            Some(id) => format!("{id} {}", self.full_text()),
        }
    }

    /// The text with the details behind it, exactly; not for a terminal.
    pub fn full_text(&self) -> String {
        text::with_lines(&self.text, &self.details)
    }

    /// Its own hints with those of its finding behind them.
    pub fn all_hints(&self) -> Hints {
        self.hints.clone().and(self.alternatives())
    }

    /// The hints behind its own.
    fn alternatives(&self) -> Hints {
        self.finding.as_ref().map(|finding| finding.alternatives.clone()).unwrap_or_default()
    }

    /// The table that it is about; empty where there is none.
    fn table(&self) -> &str {
        self.finding.as_ref().map_or("", |finding| &finding.table)
    }

    /// All hints in one text, a line each and the lines that they introduce below them, exactly;
    /// not for a terminal.
    pub fn full_hint(&self) -> String {
        self.full_hints().join("\n")
    }

    /// The hints, one alternative each, exactly; not for a terminal.
    pub fn full_hints(&self) -> Vec<String> {
        self.all_hints().full_texts()
    }

    /// What a terminal shows of the hints, a line each; nothing where there is none.
    pub fn shown_hints(&self) -> Lines {
        self.all_hints().shown_lines()
    }

    /// What a terminal shows: a line that begins with `word`, a line for each detail.
    pub fn terminal_lines(&self, word: &str) -> Lines {
        let mut lines = Lines::default();
        match self.id {
            None => lines.add_line(format!("{word}: {}", self.text)),
            Some(id) => lines.add_line(format!("{word}: {id} {}", self.text)),
        }
        self.details.iter().for_each(|detail| lines.add_line(format!("  {detail}")));
        lines
    }
}

impl Error {
    /// An error of one fault.
    pub fn new(exit: Exit, text: impl Into<String>, hints: impl Into<Hints>) -> Error {
        Error { exit, faults: vec![Fault::new(text, hints)] }
    }

    /// A state that cannot be: a bug in this program. Nothing is committed.
    #[must_use]
    pub fn internal(what: &str) -> Error {
        Error::new(Exit::Load, format!("internal error: {what}"), BUG_HINT)
    }

    /// An error of all faults found, or nothing when there are none.
    ///
    /// # Errors
    /// When `faults` is not empty.
    pub fn from_faults(exit: Exit, faults: Vec<Fault>) -> Result<()> {
        if faults.is_empty() { Ok(()) } else { Err(Error { exit, faults }) }
    }

    /// How many problems it is of, and how many of these were printed before.
    pub fn count_problems(&self) -> (u64, u64) {
        let reported = self.faults.iter().filter(|fault| fault.is_reported);
        let count = |fault: &Fault| u64::from(fault.problems);
        (self.faults.iter().map(count).sum(), reported.map(count).sum())
    }

    /// How many tables it is about; nothing where that is not known of each fault.
    pub fn count_tables(&self) -> Option<u64> {
        let is_known = |fault: &Fault| fault.problems == 1 && !fault.table().is_empty();
        let tables: BTreeSet<&str> = self.faults.iter().map(Fault::table).collect();
        self.faults.iter().all(is_known).then_some(tables.len() as u64)
    }

    /// The faults that are still to be printed. Those of one kind stand together, in the order in
    /// which the kinds were found.
    fn unprinted_faults(&self) -> Vec<&Fault> {
        let mut faults: Vec<&Fault> =
            self.faults.iter().filter(|fault| !fault.is_reported).collect();
        let ids: Vec<Option<Id>> = faults.iter().map(|fault| fault.id).collect();
        let mut place = 0;
        faults.sort_by_cached_key(|fault| {
            place += 1;
            let same_kind = |id: &Option<Id>| id.is_some() && *id == fault.id;
            ids.iter().position(same_kind).map_or(place, |first| first + 1)
        });
        faults
    }
}

/// As a terminal shows it: text from outside is escaped.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::default();
        let new = self.unprinted_faults();
        for (index, fault) in new.iter().enumerate() {
            lines.append_lines(fault.terminal_lines("error"));
            // A run of faults with the same hints shows them once, behind the last of them.
            if new.get(index + 1).is_none_or(|next| next.hints != fault.hints) {
                lines.append_lines(fault.hints.shown_lines());
            }
            lines.append_lines(fault.alternatives().shown_lines());
        }
        f.write_str(lines.into_text().trim_end_matches('\n'))
    }
}

impl std::error::Error for Error {}
