//! Findings about sequences.

use super::Entry;
use super::Outcome::{Error, Note};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::Q7,
        outcomes: &[Error],
        meaning: "there are no free ids for new rows",
        details: &[
            "The highest id in SQLite has reached the last number of the sequence in PostgreSQL",
        ],
        example: "`9223372036854775807`",
        advice: &[
            "give the row with the highest id another id in the application, and run the command \
             again",
        ],
        hints: &[],
    },
    Entry {
        id: Id::Q13,
        outcomes: &[Error],
        meaning: "it is not known which column a sequence belongs to",
        details: &[
            "Only the name of the sequence suggests a column",
            "A function or a trigger uses the sequence, and its text does not show in which way",
            "The exit code is 3",
        ],
        example: "a sequence `note_id_seq` that no default, function or trigger uses",
        advice: &[
            "add a `[[sequence]]` to `database.toml` in the schema directory. Write the column \
             that gets the values (`column`), or the next value (`next`)",
        ],
        hints: &["add a `[[sequence]]` with `column` or `next` to the schema's database.toml"],
    },
    Entry {
        id: Id::Q14,
        outcomes: &[Note],
        meaning: "a sequence belongs to no column",
        details: &["It is in the PostgreSQL schema of the tables, and it is not changed"],
        example: "a sequence that the application uses for invoice numbers",
        advice: &[
            "if copied rows contain no number from this sequence, no action is needed",
            "if copied rows contain numbers from this sequence (ids or other numbers), add a \
             `[[sequence]]` to `database.toml` in the schema directory",
        ],
        hints: &["if copied rows contain numbers from it, add a `[[sequence]]` to database.toml"],
    },
    Entry {
        id: Id::Q15,
        outcomes: &[Error],
        meaning: "a `[[sequence]]` in `database.toml` is not correct",
        details: &[
            "The sequence does not exist",
            "The value of `next` is out of the range of the sequence",
            "The value of `next` is already used, or ids after it are already used",
        ],
        example: "`next = 5`, and the column contains 7",
        advice: &["correct the entry in `database.toml`"],
        hints: &[],
    },
    Entry {
        id: Id::Q16,
        outcomes: &[Error],
        meaning: "the next value of a sequence is already used",
        details: &[
            "The verification has found this. A new row would get an id that already exists. A \
             migration is rolled back",
        ],
        example: "the next value is 5, and the column contains 7",
        advice: &[
            "after `--verify`, run the statement in the hint",
            "after a migration, report a bug with the report file",
        ],
        hints: &[],
    },
];
