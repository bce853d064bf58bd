//! Findings about JSON, UUIDs, enums, arrays, network addresses, and bytes as text.

use super::Entry;
use super::Outcome::{Error, Warning};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::J1,
        outcomes: &[Error],
        meaning: "text in a JSON column is not valid JSON",
        details: &[
            "RFC 8259 defines valid JSON. Empty text is not valid JSON. In a `jsonb` column, \
             strings and numbers that are too large for `jsonb` are errors too",
        ],
        example: "`'{a: 1}'`, `''`, `NaN`",
        advice: &[
            "write valid JSON",
            "if there is no value, and the column allows `NULL`, set it to `NULL`",
        ],
        hints: &[
            "write valid JSON",
            "write NULL instead of empty text, which is not JSON, where the column allows NULL",
        ],
    },
    Entry {
        id: Id::J2,
        outcomes: &[Error],
        meaning: "a document in a `jsonb` column contains an escaped NUL",
        details: &["`jsonb` cannot store this character"],
        example: "`{\"a\": \"\\u0000\"}`",
        advice: &["remove `\\u0000` from the document"],
        hints: &[],
    },
    Entry {
        id: Id::J3,
        outcomes: &[Error],
        meaning: "a document in a `jsonb` column contains half of a surrogate pair",
        details: &[
            "JSON writes some characters, for example an emoji, as a pair of two escapes. Here one \
             of the two is missing. Usually the text was cut between them",
        ],
        example: "`{\"a\": \"\\ud800\"}`",
        advice: &[
            "remove the single escape (from `\\ud800` to `\\udfff`), or write the complete pair",
        ],
        hints: &[],
    },
    Entry {
        id: Id::J4,
        outcomes: &[Warning],
        meaning: "an object in a jsonb column has the same key twice",
        details: &["`jsonb` keeps only the last value of the key"],
        example: "`{\"a\": 1, \"a\": 2}`",
        advice: &[
            "if the last value is the correct one, no action is needed",
            "otherwise remove the wrong value from the document",
        ],
        hints: &[
            "no action is needed if the last value is the correct one",
            "otherwise remove the wrong value from the document",
        ],
    },
    Entry {
        id: Id::J5,
        outcomes: &[Error],
        meaning: "a JSON column contains SQLite's binary JSON",
        details: &["The documents must be text"],
        example: "`jsonb('{}')`",
        advice: &["in SQLite 3.45 or later, run `UPDATE TABLE SET COLUMN = json(COLUMN) WHERE \
             typeof(COLUMN) = 'blob'`"],
        hints: &[
            "write it as text, with SQLite 3.45 or later:",
            "  UPDATE … SET x = json(x) WHERE typeof(x) = 'blob'",
        ],
    },
    Entry {
        id: Id::J6,
        outcomes: &[Error],
        meaning: "a UUID is not text of 32 hexadecimal digits",
        details: &[
            "Hyphens are allowed after every fourth digit. The usual form (8-4-4-4-12) is one \
             example. Braces around the text are allowed too",
        ],
        example: "`''`, `urn:uuid:…`",
        advice: &[
            "write the UUID in its usual form",
            "if the text is empty, and the column allows `NULL`, set it to `NULL`",
        ],
        hints: &[
            "write the UUID in its usual form",
            "write NULL instead of empty text where the column allows NULL",
        ],
    },
    Entry {
        id: Id::J7,
        outcomes: &[Error],
        meaning: "a UUID is not stored as the schema file states",
        details: &[
            "The schema file states text, and the value is a blob of 16 bytes",
            "The schema file states blobs, and the value is not a blob of 16 bytes",
        ],
        example: "`x'00ff'`",
        advice: &[
            "if all values of the column are blobs of 16 bytes, write `stored = \"blob\"` in the \
             schema file (`stored = \"guid_le\"` for the byte order of .NET)",
            "otherwise correct the rows",
        ],
        hints: &[
            "correct the rows",
            "if all values are 16 bytes, write `stored = \"blob\"` for the column",
        ],
    },
    Entry {
        id: Id::J8,
        outcomes: &[Error],
        meaning: "a value is not a label of the enum type",
        details: &["Labels are case-sensitive. The finding is also reported if the enum type in \
             PostgreSQL does not have all labels of the schema files"],
        example: "`'Viewer'`, where the label is `viewer`",
        advice: &[
            "set the value to one of the labels",
            "if the application uses this label in PostgreSQL too, add it under `[enums]` in \
             `database.toml`",
        ],
        hints: &[
            "set the row to one of the labels",
            "add the label to the type in the schema file",
        ],
    },
    Entry {
        id: Id::J9,
        outcomes: &[Error],
        meaning: "text in an array column is not an array as the schema file states it",
        details: &[],
        example: "`'a,b'` in a column with `stored = \"json\"`",
        advice: &[
            "write a correct array",
            "if all values of the column have another notation, change `stored` in the schema \
             file: `stored = \"json\"`, `stored = \"pg_array\"` (PostgreSQL's notation) or `stored \
             = \"csv\"` (values with commas between them)",
        ],
        hints: &[
            "write an array of plain values",
            "if all values are JSON arrays, write `stored = \"json\"` for the column",
            "if all values have PostgreSQL's notation, write `stored = \"pg_array\"` instead",
            "if commas alone separate the elements, write `stored = \"csv\"` instead",
        ],
    },
    Entry {
        id: Id::J10,
        outcomes: &[Error],
        meaning: "text is not a network address",
        details: &["In a `cidr` column, all bits after the mask must be 0"],
        example: "`'10.0.0.1/8'` in a `cidr` column",
        advice: &[
            "write the address as PostgreSQL accepts it",
            "or, if the application allows it, use the type `inet` in place of `cidr`",
        ],
        hints: &[
            "write the address as PostgreSQL reads it",
            "write `type = \"inet\"` instead of `cidr` for the column",
        ],
    },
    Entry {
        id: Id::J11,
        outcomes: &[Error],
        meaning: "bytes or their text form are not stored as the schema file states",
        details: &[
            "The schema file states `hex` or `base64`, and the value is not such text",
            "The schema file states `blob_as_hex` or `blob_as_base64`, and the value is not a blob",
        ],
        example: "`'abc'` in a column with `stored = \"hex\"`, because the number of digits is odd",
        advice: &[
            "correct the value",
            "if all values of a `bytea` column have another form, write `stored = \"hex\"`, \
             `stored = \"base64\"` or `stored = \"blob\"` in the schema file",
            "if all values of a text column have another form, write `stored = \"text\"`, `stored \
             = \"blob_as_hex\"` or `stored = \"blob_as_base64\"` in the schema file",
        ],
        hints: &[
            "correct the text",
            "in a `bytea` column, write how all values are: `stored = \"hex\"`, `\"base64\"`, …",
            "in a text column, write how all values are: `stored = \"blob_as_hex\"`, …",
        ],
    },
];
