//! Findings about keys, references and constraints.

use super::Outcome::{Error, Note, Warning};
use super::{ANOTHER_KEY, Entry};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::K1,
        outcomes: &[Error, Note],
        meaning: "a row refers to a row that does not exist, or perhaps does not exist",
        details: &[
            "SQLite allows this unless the application forbids it. The program does not delete \
             such rows by itself",
            "Note: only PostgreSQL can decide whether the row exists, and it decides during the \
             load",
        ],
        example: "a comment on a deleted post",
        advice: &["let the row refer to a row that exists", "or delete the row in the application"],
        hints: &["let the row refer to a row that exists", "delete the row in the application"],
    },
    Entry {
        id: Id::K1b,
        outcomes: &[Error],
        meaning: "a row has 0 or empty text in place of a reference",
        details: &[
            "Probably the application means that the row refers to nothing. In PostgreSQL, such a \
             row must have `NULL`",
        ],
        example: "0 in a column that refers to `users`",
        advice: &["if the value means that the row refers to nothing, set it to `NULL`"],
        hints: &[],
    },
    Entry {
        id: Id::K5,
        outcomes: &[Error],
        meaning: "a reference and the key that it probably means are written differently",
        details: &["They are equal if upper case and lower case, hyphens and braces are ignored. \
             PostgreSQL does not ignore them"],
        example: "the reference `'AB-12'` and the key `'ab12'`",
        advice: &["write the reference exactly as the key is written"],
        hints: &[],
    },
    Entry {
        id: Id::K8,
        outcomes: &[Error],
        meaning: "a primary key contains `NULL`",
        details: &["SQLite allows this, PostgreSQL does not"],
        example: "a column that is declared as `TEXT PRIMARY KEY` without `NOT NULL`",
        advice: &["give the row a key", "or delete the row in the application"],
        hints: &["give the row a key", "delete the row in the application"],
    },
    Entry {
        id: Id::K10,
        outcomes: &[Error],
        meaning: "two keys differ only in upper case and lower case",
        details: &["PostgreSQL ignores the case in this key, so the keys are equal"],
        example: "`'Ann'` and `'ann'` in a `citext` key",
        advice: &["delete one of the rows", "or change the key of one of the rows"],
        hints: ANOTHER_KEY,
    },
    Entry {
        id: Id::K11,
        outcomes: &[Error],
        meaning: "two rows have the same key, and the key must be unique",
        details: &["SQLite does not prevent this, because it has no such unique index"],
        example: "a unique index that was dropped in SQLite",
        advice: &["delete one of the rows", "or change the key of one of the rows"],
        hints: ANOTHER_KEY,
    },
    Entry {
        id: Id::K13,
        outcomes: &[Error, Warning, Note],
        meaning: "a row violates a constraint in PostgreSQL, or may violate it",
        details: &[
            "Error: PostgreSQL itself has checked the row. The constraint is a check constraint, a \
             domain, or the limits of a partition",
            "Warning: only PostgreSQL can check the constraint, and only during the load. If a row \
             then violates it, everything is rolled back",
            "Note: a dry run could not connect to PostgreSQL, so the constraint was not checked",
        ],
        example: "-1 in a column with `CHECK (price >= 0)`",
        advice: &[
            "correct the row in the application",
            "if the application's tables in PostgreSQL do not have the constraint, remove it from \
             the schema file",
        ],
        hints: &[
            "correct the row",
            "if the application's tables do not have the constraint, remove it in the schema file",
        ],
    },
    Entry {
        id: Id::K14,
        outcomes: &[Error],
        meaning: "a column that must have a value contains `NULL`",
        details: &[],
        example: "`NULL` in a column that is `NOT NULL` in PostgreSQL",
        advice: &[
            "give the row a value",
            "if the application's tables in PostgreSQL allow `NULL` in the column, allow it in the \
             schema file: `null = true`",
        ],
        hints: &[
            "give the row a value",
            "if the application's tables allow NULL, write `null = true` in the schema file",
        ],
    },
    Entry {
        id: Id::K15,
        outcomes: &[Error],
        meaning: "a table in SQLite has another primary key than the schema states",
        details: &[],
        example: "a table without a primary key",
        advice: &[
            "let the application create its tables in PostgreSQL, and load into these tables",
            "or describe the tables in a schema directory. `migrate explain schema-files` \
             describes the format",
            "or use a release of this program that knows the tables",
        ],
        hints: &[
            "describe this structure in a schema directory: `migrate explain schema-files`",
            "install a release of this program that knows this structure",
        ],
    },
    Entry {
        id: Id::K16,
        outcomes: &[Error, Warning, Note],
        meaning: "rows violate a unique index or an exclusion constraint in PostgreSQL, or may \
                  violate it",
        details: &[
            "Error: PostgreSQL itself has compared the rows",
            "Warning: PostgreSQL can compare the rows only during the load. If rows then violate \
             the index, everything is rolled back",
            "Note: a dry run could not connect to PostgreSQL, so the rows were not compared",
        ],
        example: "`Ann` and `ann` in a column with a unique index over `lower(name)`",
        advice: &["delete one of the rows", "or change the key of one of the rows"],
        hints: ANOTHER_KEY,
    },
    Entry {
        id: Id::K17,
        outcomes: &[Error, Warning, Note],
        meaning: "triggers, rules, row-level security or constraints in PostgreSQL affect the load",
        details: &[
            "Error: row-level security hides rows of a table from the role",
            "Error: before the run, somebody has disabled the triggers of PostgreSQL that enforce \
             foreign keys",
            "Error: `fire_triggers` in a schema file names a trigger that the table does not have, \
             or that is disabled. A table that this run creates has no triggers",
            "Error: PostgreSQL does not accept a definition in a schema file",
            "Warning: a schema file states checks, indexes or constraints in PostgreSQL's syntax, \
             and this run could not try them in PostgreSQL, for example because of \
             `--dry-run=quick`. PostgreSQL checks them during the load. If rows then violate one \
             of them, everything is rolled back",
            "Note: a schema file states a foreign key in PostgreSQL's syntax (`[[constraint]]`). \
             PostgreSQL always checks it during the load",
            "Note: a dry run could not connect to PostgreSQL, so constraints that a schema file \
             states in PostgreSQL's syntax were not checked",
            "Note: triggers of the application are disabled during the load, and then have their \
             previous state again. Triggers that `fire_triggers` names are not disabled",
            "Note: a rule of a table (`CREATE RULE`) does not act on loaded rows",
        ],
        example: "a trigger that writes a row into an audit table",
        advice: &[
            "after an error about row-level security, use a role with `BYPASSRLS`, or the \
             statement in the hint",
            "after another error, follow its hint",
            "after a warning or a note, no action is needed before the load",
        ],
        hints: &["run as the table's owner", "run as a role with BYPASSRLS"],
    },
];
