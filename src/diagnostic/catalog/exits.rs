//! What each exit code means, what is changed then, and what to do: the one table of them.
//!
//! The help, the manual pages, `docs/findings.md` and `migrate explain` are made from it.

use std::fmt::Write as _;

use crate::diagnostic::Exit;

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitEntry {
    /// The code.
    pub exit: Exit,
    /// What it means.
    pub meaning: &'static str,
    /// What has changed.
    pub state: &'static str,
    /// What a person can do.
    pub next: &'static str,
}

/// All of them, by their numbers.
pub const EXITS: &[ExitEntry] = &[
    ExitEntry {
        exit: Exit::Done,
        meaning: "done and verified, or a clean dry run or rehearsal",
        state: "a migration is committed; after a dry run, a rehearsal and --verify nothing has \
                changed",
        next: "after a migration start the application on PostgreSQL; after a dry run stop it and \
               run the migration",
    },
    ExitEntry {
        exit: Exit::Findings,
        meaning: "values that do not fit; nothing was published",
        state: "nothing has changed; after `schema draft` its files are written and something in \
                them is to be decided, after `schema diff` the two sides differ",
        next: "correct the rows that are listed, or name a repair that their hints offer, and run \
               the same command again",
    },
    ExitEntry {
        exit: Exit::Usage,
        meaning: "usage or configuration; or the requested output cannot be written",
        state: "nothing has changed",
        next: "correct the flag, the setting or the path that the message names; `migrate \
               check-config` shows the settings that count",
    },
    ExitEntry {
        exit: Exit::Source,
        meaning: "the SQLite side cannot be used, or its structure is unknown",
        state: "nothing has changed",
        next: "do what the hints say about the file, or decide what they leave open about its \
               structure",
    },
    ExitEntry {
        exit: Exit::Target,
        meaning: "the PostgreSQL side cannot be used",
        state: "nothing has changed",
        next: "do what the hints say about the server, the rights or the tables that are there",
    },
    ExitEntry {
        exit: Exit::Load,
        meaning: "loading failed; rolled back",
        state: "nothing has changed; where two databases of PostgreSQL are loaded, the first may \
                be committed, which the last line says",
        next: "remove the cause (a full disk, a lost connection, a stopped server), and run the \
               same command again",
    },
    ExitEntry {
        exit: Exit::Verification,
        meaning: "verification failed; rolled back",
        state: "nothing has changed",
        next: "after --verify: find out whether the application has written to one side since; \
               after a migration keep the report and report a bug",
    },
    ExitEntry {
        exit: Exit::CommitUnknown,
        meaning: "whether COMMIT took effect is unknown: run again with --verify",
        state: "either nothing has changed, or everything is committed",
        next: "run the same command with --verify: 0 means that it is committed, 4 that nothing \
               was written",
    },
    ExitEntry {
        exit: Exit::Interrupted,
        meaning: "interrupted, or not confirmed; rolled back",
        state: "nothing has changed",
        next: "run the same command again",
    },
];

impl ExitEntry {
    /// What is said of it, a line each, as the page and `migrate explain` have it.
    pub fn body_text(&self) -> String {
        let ExitEntry { meaning, state, next, .. } = self;
        format!("{meaning}.\n\nState: {state}.\n\nNext: {next}.\n")
    }
}

/// A line for each code, as the help has them.
pub fn exit_lines() -> String {
    let mut lines = String::new();
    for entry in EXITS {
        let _ = writeln!(lines, "  {}  {}", entry.exit as u8, entry.meaning);
    }
    lines.trim_end_matches('\n').to_owned()
}
