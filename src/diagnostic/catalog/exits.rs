//! What each exit code means, what is changed then, and what to do: the one table of them.
//!
//! The help, the manual pages, `docs/findings.md` and `migrate explain` are made from it.

use std::fmt::Write as _;

use super::push_advice;
use crate::diagnostic::Exit;

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitEntry {
    /// The code.
    pub exit: Exit,
    /// What it means, without backticks: the help and the reports print it.
    pub meaning: &'static str,
    /// What has changed.
    pub state: &'static str,
    /// What a person can do, one step or one alternative each.
    pub next: &'static [&'static str],
}

/// All of them, by their numbers.
pub const EXITS: &[ExitEntry] = &[
    ExitEntry {
        exit: Exit::Done,
        meaning: "done and verified, or a dry run or rehearsal without errors",
        state: "after a migration, all rows are in PostgreSQL. After a dry run, a rehearsal or \
                `--verify`, nothing has changed",
        next: &[
            "after a migration, switch the application to PostgreSQL and start it",
            "after a dry run or a rehearsal, stop the application and run the migration",
        ],
    },
    ExitEntry {
        exit: Exit::Findings,
        meaning: "values or rows that PostgreSQL cannot store, and nothing was committed",
        state: "nothing has changed in PostgreSQL. Two commands use this exit code in another way. \
                `schema draft` has written its files, and you must decide something in them. \
                `schema diff` has found differences",
        next: &[
            "correct the rows that are listed",
            "or name a repair that the hint of the finding offers",
            "then run the same command again",
        ],
    },
    ExitEntry {
        exit: Exit::Usage,
        meaning: "wrong option or configuration, or an output file cannot be written",
        state: "nothing has changed",
        next: &[
            "correct the option, the setting or the path that the message names",
            "`migrate check-config` prints the settings that are used",
        ],
    },
    ExitEntry {
        exit: Exit::Source,
        meaning: "a SQLite file cannot be used, or its tables are unknown or undecided",
        state: "nothing has changed",
        next: &[
            "if the file cannot be used, follow the hints",
            "if the tables are unknown, let the application create its tables in PostgreSQL, or \
             use a schema directory that describes them",
            "if something is undecided, answer the questions at a terminal, or change the schema \
             files as the hints say",
        ],
    },
    ExitEntry {
        exit: Exit::Target,
        meaning: "the PostgreSQL server, database or tables cannot be used",
        state: "nothing has changed",
        next: &[
            "follow the hints about the server, the privileges or the existing tables",
            "after `--verify`, this exit code can also mean that the rows of a SQLite database are \
             not in PostgreSQL",
        ],
    },
    ExitEntry {
        exit: Exit::Load,
        meaning: "the load failed and was rolled back",
        state: "nothing has changed. There is one exception. If the URLs name two PostgreSQL \
                databases or two roles, there are two transactions. The first one may then be \
                committed already. The last lines of the output say so",
        next: &[
            "remove the cause, for example a full disk, a lost connection or a stopped server",
            "then run the same command again",
        ],
    },
    ExitEntry {
        exit: Exit::Verification,
        meaning: "verification has found differences (a migration or rehearsal was rolled back)",
        state: "nothing has changed. A migration or a rehearsal was rolled back. `--verify` only \
                reads",
        next: &[
            "after `--verify`, find out whether a program has written to SQLite or PostgreSQL \
             since the migration",
            "after a migration or a rehearsal with `fire_triggers` or `[[after_load]]` in the \
             schema files, check whether these change copied columns. A table that \
             `[[after_load]]` changes must be named in its key `changes`",
            "after any other migration or rehearsal, keep the report and report a bug",
        ],
    },
    ExitEntry {
        exit: Exit::CommitUnknown,
        meaning: "the result of the COMMIT is unknown: run again with --verify",
        state: "either nothing has changed, or everything is committed. If there are two \
                transactions, the first one may be committed and the second one not",
        next: &[
            "do not start the application before you know the result",
            "run the same command with `--verify`, and without `--drop-all`, `--replace-seed`, \
             `--accept-migration-history`, `--check-first` and `--keys`",
            "if its exit code is 0, everything is committed",
            "if its exit code is 4, and the messages say that a database was not loaded or that \
             tables are missing, this database was not committed. With two transactions, the other \
             database can be committed. Run the migration again with the same options",
            "if its exit code is 4, and the messages are about the server, correct what they name, \
             and repeat the command with `--verify`",
            "if its exit code is 6, and you migrated with `--drop-all`, the rows in PostgreSQL are \
             usually still those of the earlier migration. Make sure that no other program has \
             written to PostgreSQL since then, because such rows would be removed. Then run the \
             migration again with the same options",
            "if its exit code is 6, look for a listed table that has rows in SQLite and is empty \
             in PostgreSQL. If there is one, its database was not committed, and the rows in the \
             other tables of this database are seed rows. Run the migration again with the same \
             options and `--replace-seed`. A database that is already committed stays as it is",
            "if its exit code is 6 in other cases, everything is committed, and another program \
             has changed some rows since. First find out which program this was",
        ],
    },
    ExitEntry {
        exit: Exit::Interrupted,
        meaning: "interrupted or not confirmed, and rolled back",
        state: "nothing has changed",
        next: &["run the same command again"],
    },
];

impl ExitEntry {
    /// The text of its entry on the page and in `migrate explain`.
    pub fn body_text(&self) -> String {
        let ExitEntry { meaning, state, next, .. } = self;
        let mut text = format!("Meaning: {meaning}.\n\nState: {state}.\n");
        push_advice(&mut text, next);
        text
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
