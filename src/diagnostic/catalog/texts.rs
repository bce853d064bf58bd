//! Findings about text and bytes.

use super::Outcome::{Counted, Error, Note, Warning};
use super::{ANOTHER_KEY, Entry};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::T1,
        outcomes: &[Error],
        meaning: "text contains a NUL character",
        details: &[
            "PostgreSQL cannot store this character in text. SQLite shows such a text only up to \
             the NUL",
        ],
        example: "`'a\\0b'`",
        advice: &[
            "find the rows in SQLite by the condition `instr(CAST(COLUMN AS BLOB), x'00') > 0`, \
             and remove the NUL",
        ],
        hints: &["find the NUL with `instr(CAST(x AS BLOB), x'00')`, and remove it"],
    },
    Entry {
        id: Id::T2,
        outcomes: &[Error],
        meaning: "text is not UTF-8",
        details: &[],
        example: "a file name in Latin-1, or a text that was cut within a character",
        advice: &[
            "write the correct text in the application",
            "if the values are bytes and not text, and the application's tables in PostgreSQL use \
             `bytea`, write `type = \"bytea\"` in the schema file. The bytes are then copied \
             unchanged",
        ],
        hints: &[
            "write the correct text in the application",
            "if the values are bytes and not text, write `type = \"bytea\"` for the column",
        ],
    },
    Entry {
        id: Id::T4,
        outcomes: &[Note],
        meaning: "the SQLite file stores text in UTF-16",
        details: &[
            "Text is converted to UTF-8. Half of a surrogate pair becomes U+FFFD, the replacement \
             character",
        ],
        example: "`PRAGMA encoding = 'UTF-16le'`",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::T5,
        outcomes: &[Error],
        meaning: "a text column contains a blob",
        details: &[],
        example: "`x'616263'`",
        advice: &[
            "if the bytes are text, run `UPDATE TABLE SET COLUMN = CAST(COLUMN AS TEXT) WHERE \
             typeof(COLUMN) = 'blob'`",
            "otherwise, if the application's tables in PostgreSQL use `bytea`, write `type = \
             \"bytea\"` in the schema file",
        ],
        hints: &[
            "if the bytes are text, convert them in SQLite:",
            "  UPDATE … SET x = CAST(x AS TEXT)",
            "otherwise write `type = \"bytea\"` for the column",
        ],
    },
    Entry {
        id: Id::T6,
        outcomes: &[Counted],
        meaning: "a column of bytes contains text",
        details: &["The bytes of the text in UTF-8 are stored"],
        example: "`'abc'` in a `bytea` column",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::T7,
        outcomes: &[Error],
        meaning: "text is longer than the column in PostgreSQL allows",
        details: &[
            "SQLite does not check the declared length. The program does not cut the text by \
             itself",
        ],
        example: "8 characters in a `varchar(3)` column",
        advice: &[
            "shorten the text in the application",
            "or, if the application allows it, write a longer type in the schema file",
        ],
        hints: &[
            "shorten the text",
            "write a longer type in the schema file, if the application allows it",
        ],
    },
    Entry {
        id: Id::T8,
        outcomes: &[Error],
        meaning: "two keys differ only by spaces at the end",
        details: &["PostgreSQL ignores these spaces in `char(n)`, so the keys are equal"],
        example: "`'a'` and `'a '` in a `char(4)` key",
        advice: &["delete one of the rows", "or change the key of one of the rows"],
        hints: ANOTHER_KEY,
    },
    Entry {
        id: Id::T9,
        outcomes: &[Error],
        meaning: "a time column contains empty text",
        details: &[],
        example: "`''` in a `timestamp` column",
        advice: &[
            "if the column allows `NULL`, run `UPDATE TABLE SET COLUMN = NULL WHERE COLUMN = ''`",
            "otherwise write the correct time in the application",
        ],
        hints: &[
            "replace empty text by NULL in SQLite, where the column allows NULL:",
            "  UPDATE … SET x = NULL WHERE x = ''",
        ],
    },
    Entry {
        id: Id::T10,
        outcomes: &[Error],
        meaning: "the PostgreSQL database has the encoding SQL_ASCII",
        details: &["Such a database accepts any bytes as text, and does not check them"],
        example: "a database of a server that was set up with the locale `C`",
        advice: &[
            "load into a database with the encoding `UTF8`. The statement in the hint creates one",
        ],
        hints: &["load into a database with the encoding `UTF8`"],
    },
    Entry {
        id: Id::T11,
        outcomes: &[Error],
        meaning: "the PostgreSQL database has an encoding that does not contain all characters",
        details: &[],
        example: "`LATIN1`",
        advice: &[
            "load into a database with the encoding `UTF8`. The statement in the hint creates one",
        ],
        hints: &["load into a database with the encoding `UTF8`"],
    },
    Entry {
        id: Id::T13,
        outcomes: &[Error],
        meaning: "a row is too large for PostgreSQL",
        details: &["PostgreSQL accepts rows of about 1 GB at most"],
        example: "two documents of 600 MB in one row",
        advice: &["shorten the values in the application"],
        hints: &[],
    },
    Entry {
        id: Id::T14,
        outcomes: &[Error, Warning],
        meaning: "a value is too large for an index, or may be too large",
        details: &[
            "An index entry has 2,704 bytes at most, after compression",
            "Error: the value is too large even after compression",
            "Warning: compression may make the value small enough. This is known only when \
             PostgreSQL builds the index. If the entry is too large, everything is rolled back",
        ],
        example: "a text of 5 KB in a unique column",
        advice: &[
            "shorten the value in the application",
            "or, if the application's tables have an index over `md5(column)`, describe this \
             index in the schema file",
        ],
        hints: &[
            "shorten the value",
            "if the application's tables have an index over `md5(column)`, describe this index",
        ],
    },
    Entry {
        id: Id::T15,
        outcomes: &[Error, Warning],
        meaning: "a document may be too large for full-text search",
        details: &[
            "Warning: the document has 1 MB or more. PostgreSQL stores at most 1 MB of words for \
             it. Whether they fit is known only when it builds the index",
            "Error: the words were too large during the load. Everything was rolled back",
        ],
        example: "a long text with an index over `to_tsvector('simple', body)`",
        advice: &[
            "shorten the document in the application",
            "or index only its beginning: `left(body, 500000)`",
        ],
        hints: &[
            "shorten the document",
            "index the beginning of the document: `left(body, 500000)`",
        ],
    },
    Entry {
        id: Id::T16,
        outcomes: &[Warning],
        meaning: "`pg_dump` cannot dump a row",
        details: &[
            "PostgreSQL can store the row. `pg_dump` writes it as text, and this text has more \
             than 1 GB. The text of a `bytea` value has two characters for each byte",
        ],
        example: "a document of 600 MB in a `bytea` column",
        advice: &[
            "shorten or split the value in the application",
            "until then, use `pg_basebackup` for backups, not `pg_dump`",
        ],
        hints: &[],
    },
];
