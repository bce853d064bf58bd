//! Findings about numbers, declared types and encodings.

use super::Outcome::{Counted, Error, Note, Warning};
use super::{ANOTHER_KEY, DRAFT_AGAIN, Entry};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::S1,
        outcomes: &[Error],
        meaning: "a value has another SQLite type than the column needs",
        details: &[],
        example: "`'n/a'` in an integer column, or a blob in a time column",
        advice: &[
            "replace the value by one that fits the type of the column",
            "if there is no value, and the column allows `NULL`, set it to `NULL`",
        ],
        hints: &[],
    },
    Entry {
        id: Id::S2,
        outcomes: &[Counted],
        meaning: "a number is stored as text",
        details: &["The number is copied exactly"],
        example: "`'12'` in an integer column",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::S3,
        outcomes: &[Error, Counted],
        meaning: "an integer column contains a real number",
        details: &[
            "12.0 is accepted as 12 and counted. 12.5 is an error. Real numbers above 2^53 are \
             errors too, because they are not exact",
        ],
        example: "`12.5`",
        advice: &["if an integer was meant, round the value in the application"],
        hints: &[],
    },
    Entry {
        id: Id::S4,
        outcomes: &[Counted],
        meaning: "a text column contains a number",
        details: &[
            "The number becomes the text that SQLite prints for it. A real number can lose digits",
        ],
        example: "`1.0` in a text column",
        advice: &[
            "usually no action is needed",
            "if the texts can begin with zeros, check in the application whether SQLite has lost \
             the zeros",
        ],
        hints: &[],
    },
    Entry {
        id: Id::S5,
        outcomes: &[Error, Warning, Counted],
        meaning: "a column contains numbers because of its declared type in SQLite",
        details: &[
            "For some declared types, such as `STRING`, SQLite converts a text to a number if it \
             looks like one. `0123` becomes 123",
            "Counted: a JSON column contains numbers. They are copied as JSON numbers",
            "Warning: a text column contains numbers, and SQLite may have made them from texts. \
             Zeros at the beginning or at the end can be lost",
            "Error: `stored` in the schema file is not possible with this declared type, because \
             SQLite changes such values. For example, the text `0012` of a column with `stored = \
             \"hex\"` becomes the number 12",
        ],
        example: "`'0123'` in a column that is declared as `STRING`",
        advice: &[
            "after a warning, check in the application whether these values have lost zeros. The \
             program copies what SQLite has stored",
            "after an error, correct `stored` or `type` of the column in the schema file",
        ],
        hints: &["compare the numbers with the application: what SQLite has stored is copied"],
    },
    Entry {
        id: Id::S6,
        outcomes: &[Error],
        meaning: "an integer cannot be stored exactly in a `float8` column",
        details: &["`float8` stores all integers up to 2^53, but not all larger ones"],
        example: "`9007199254740993` in a `float8` column",
        advice: &[
            "if the application's tables in PostgreSQL use `int8` or `numeric`, write it in the \
             schema file",
            "otherwise correct the value in the application",
        ],
        hints: &[],
    },
    Entry {
        id: Id::S7,
        outcomes: &[Error],
        meaning: "a decimal number has too many digits",
        details: &["It has more digits than `numeric(p,s)` or PostgreSQL allows"],
        example: "`1.005` in a `numeric(10,2)` column",
        advice: &[
            "round the value in the application",
            "or, if the application allows it, write a type with more digits in the schema file",
        ],
        hints: &[
            "round the value in the application",
            "write a type with more digits in the schema file, if the application allows it",
        ],
    },
    Entry {
        id: Id::S9,
        outcomes: &[Error],
        meaning: "a `numeric` column contains an infinite number",
        details: &[
            "PostgreSQL before version 14 cannot store it. The program does not copy it to any \
             version",
        ],
        example: "`Inf`",
        advice: &[
            "set the value to a finite number",
            "or, if the column allows `NULL`, set the value to `NULL`",
        ],
        hints: &[
            "replace it by a finite number",
            "replace it by NULL where the column allows NULL",
        ],
    },
    Entry {
        id: Id::S11,
        outcomes: &[Error],
        meaning: "a real number cannot be stored in a `float4` column",
        details: &["`float4` has about 7 significant digits. A real number in SQLite has about 15"],
        example: "`16777217.0` in a `float4` column",
        advice: &[
            "if the application's tables in PostgreSQL use `float8`, write this type in the schema \
             file",
            "otherwise correct the value in the application",
        ],
        hints: &[],
    },
    Entry {
        id: Id::S12,
        outcomes: &[Error, Counted],
        meaning: "a real number is stored as text",
        details: &[
            "The number is accepted and counted. It is an error if it is too large for the type, \
             or so small that it would become 0",
        ],
        example: "`'1e400'`, which is too large",
        advice: &[
            "if the number is too large or too small, replace it by one that the type can store",
        ],
        hints: &[],
    },
    Entry {
        id: Id::S13,
        outcomes: &[Error],
        meaning: "an integer is out of range for the type of the column",
        details: &[],
        example: "`3000000000` in an `int4` column",
        advice: &[
            "correct the value in the application",
            "or, if the application's tables in PostgreSQL use `int8`, write this type in the \
             schema file",
        ],
        hints: &[
            "correct the value in the application",
            "write `type = \"int8\"` if the application's tables in PostgreSQL use this type",
        ],
    },
    Entry {
        id: Id::S14,
        outcomes: &[Error],
        meaning: "a column has another type in PostgreSQL than in the schema files",
        details: &[],
        example: "`int8` in the schema files, `integer` in PostgreSQL",
        advice: &[
            "make the schema files again with `schema draft`, from SQLite and from PostgreSQL",
            "or correct the type in the line of the column",
        ],
        hints: &[DRAFT_AGAIN, "correct the column's line in its schema file"],
    },
    Entry {
        id: Id::S15,
        outcomes: &[Warning],
        meaning: "a column that is declared as UNSIGNED contains negative numbers",
        details: &[
            "They are copied unchanged. An application can store a large unsigned number of 64 \
             bits as a negative number",
        ],
        example: "-1, which can stand for 18446744073709551615",
        advice: &[
            "find out what these numbers mean in the application",
            "if they are unsigned numbers of 64 bits, the column needs the type `numeric` in \
             PostgreSQL. After the migration, add 18446744073709551616 to each negative number \
             there",
        ],
        hints: &[
            "find out what negative numbers mean in the application",
            "if they are unsigned 64-bit numbers, use `numeric`, and add 2^64 after the migration",
        ],
    },
    Entry {
        id: Id::S16,
        outcomes: &[Error],
        meaning: "values of a unique key differ in SQLite and are equal in PostgreSQL",
        details: &[],
        example: "`'1'` and `1`, or the same UUID in upper case and in lower case",
        advice: &["delete one of the rows", "or change the key of one of the rows"],
        hints: ANOTHER_KEY,
    },
    Entry {
        id: Id::S17,
        outcomes: &[Note],
        meaning: "the SQLite file has STRICT tables",
        details: &["SQLite accepts only values of the declared types in these tables"],
        example: "`CREATE TABLE t (a INT) STRICT`",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::S20,
        outcomes: &[Error],
        meaning: "something about a table or a column is undecided",
        details: &[
            "A column has `stored = \"undecided\"` in its schema file, and it contains values. The \
             program does not know what these values mean, for example seconds or milliseconds",
            "The list `undecided` in `database.toml` names a table or a column. The program does \
             not know whether its counterpart in PostgreSQL is the correct one",
            "Nothing is copied, and the exit code is 3",
        ],
        example: "`1700000000` for a `timestamptz` column",
        advice: &[
            "if you do not use `--schema`, run the command at a terminal, and answer the questions",
            "or change the schema files yourself: replace `stored = \"undecided\"` by the encoding \
             that the application uses, and remove each name that you have checked from the list \
             `undecided` in `database.toml`",
        ],
        hints: &[
            "write the encoding that the application uses instead of `stored = \"undecided\"`",
            "remove the names that you have checked from `undecided` in database.toml",
        ],
    },
    Entry {
        id: Id::S21,
        outcomes: &[Error, Note],
        meaning: "PostgreSQL cannot read a value of a column with `stored = \"server_text\"`, or \
                  this was not checked",
        details: &[
            "Error: PostgreSQL's input function refuses the value",
            "Error: the declared length of the type would cut or pad the value",
            "Error: the database does not have the type, or PostgreSQL cannot send values of the \
             type in its binary format",
            "Note: a dry run could not connect to PostgreSQL, so the values were not checked",
            "At most 1,000 refused values of a column are counted",
        ],
        example: "`'02:00:00:00:00'` in a `macaddr` column",
        advice: &[
            "correct the value",
            "or correct the type of the column in the table's schema file",
            "to see what PostgreSQL says about the first value, add `--show-server-messages`",
        ],
        hints: &[
            "correct the value",
            "correct the column's type in its table's schema file",
            "add `--show-server-messages` to read what PostgreSQL says of the first value",
        ],
    },
];
