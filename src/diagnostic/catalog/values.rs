//! Findings about values: booleans, JSON and ids, storage classes, text.

use super::Outcome::*;
use crate::diagnostic::Id;

use super::{Entry, make_entry};

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    make_entry(
        Id::B2,
        Counted,
        "a boolean as one of the words that PostgreSQL reads too",
        "'t', 'yes', 'off'",
        "nothing to do: the word is taken as PostgreSQL takes it",
    ),
    make_entry(
        Id::B3,
        RefusedOrCounted,
        "a boolean that is no integer 0 or 1; 0.0 and 1.0 are counted, the rest is refused",
        "2, '', 'maybe'",
        "set the row's value to 0 or 1: ask the application what it meant by anything else",
    ),
    make_entry(
        Id::J1,
        Refused,
        "text that is not JSON by RFC 8259, or beyond what jsonb can hold",
        "'{a: 1}', '', NaN",
        "write valid JSON, or NULL where the column allows it; empty text is not JSON",
    ),
    make_entry(
        Id::J2,
        Refused,
        "an escaped NUL in a jsonb column, which cannot hold it",
        "{\"a\": \"\\u0000\"}",
        "take \\u0000 out of the document",
    ),
    make_entry(
        Id::J3,
        Refused,
        "half of a UTF-16 surrogate pair in a jsonb column",
        "{\"a\": \"\\ud800\"}",
        "replace the lone \\ud800 to \\udfff escape, usually the rest of a cut emoji",
    ),
    make_entry(
        Id::J4,
        Warned,
        "an object with a key twice: jsonb keeps the last, json keeps both",
        "{\"a\": 1, \"a\": 2}",
        "nothing to do, if the last value is the right one",
    ),
    make_entry(
        Id::J5,
        Refused,
        "SQLite's binary JSON in a column of JSON",
        "jsonb('{}')",
        "write it as text, with SQLite 3.45 or later: UPDATE … SET x = json(x)",
    ),
    make_entry(
        Id::J6,
        Refused,
        "a UUID that is no text of 32 hexadecimal digits",
        "'', urn:uuid:…",
        "write the UUID's usual form; empty text means NULL where the column allows it",
    ),
    make_entry(
        Id::J7,
        Refused,
        "a UUID in bytes where text is described, or of another length than 16",
        "x'00ff'",
        "describe the column with stored = \"blob\" in the schema file if all its values are 16 \
         bytes; else correct the rows",
    ),
    make_entry(
        Id::J8,
        Refused,
        "a label that the enum type does not have; case counts",
        "'Viewer' for 'viewer'",
        "set the row to one of the labels, or add the label in the schema file",
    ),
    make_entry(
        Id::J9,
        Refused,
        "an array column whose text is no array of the element's type, in the notation that is \
         described",
        "'a,b', [[1],[2,3]]",
        "write an array of plain values, or describe the column as what all its values are: stored \
         = \"json\", \"pg_array\" for PostgreSQL's own notation, or \"csv\" for commas alone",
    ),
    make_entry(
        Id::J10,
        Refused,
        "text that is no network address; cidr allows no bit behind the mask",
        "'10.0.0.1/8' in cidr",
        "write the address as PostgreSQL reads it, or use inet instead of cidr",
    ),
    make_entry(
        Id::J11,
        Refused,
        "a value that is no text of hexadecimal digits, or of base64, where such text is described \
         for bytes; or no blob, where bytes are described that become such text",
        "'abc', three hexadecimal digits",
        "correct the text, or describe the column as what all its values are: stored = \"hex\", \
         \"base64\", or \"blob\" for bytes that stand there themselves; in a column of text \
         \"text\", or \"blob_as_hex\", \"blob_as_base64\" for bytes",
    ),
    make_entry(
        Id::S1,
        Refused,
        "another storage class than described: text for a number, bytes for anything else",
        "'n/a' in an integer column",
        "replace the value by one that the column's type can hold or, where the column allows it, \
         by NULL",
    ),
    make_entry(
        Id::S2,
        Counted,
        "a number written as text, taken exactly",
        "'12' in an integer column",
        "nothing to do",
    ),
    make_entry(
        Id::S3,
        RefusedOrCounted,
        "a real in an integer column: 12.0 is counted, 12.5 and reals beyond 2^53 are refused",
        "12.5",
        "round the value in the application if it was meant to be whole; nothing is rounded here",
    ),
    make_entry(
        Id::S4,
        Counted,
        "a number in a text column, printed as SQLite prints it",
        "1.0 in a text column",
        "nothing to do; look whether leading zeros were lost when it was written",
    ),
    make_entry(
        Id::S5,
        RefusedWarnedOrNoted,
        "a number that SQLite made of text by the column's declared type: noted in a column of \
         JSON, a warning in a column of text, where zeros at either end may be lost",
        "'0123' in a column declared STRING",
        "look at the numbers in the application; what SQLite kept is what arrives",
    ),
    make_entry(
        Id::S6,
        Refused,
        "an integer that a double does not hold exactly",
        "9007199254740993 in a float8 column",
        "make the column int8 or numeric in the schema file, if the application's own schema has \
         it so",
    ),
    make_entry(
        Id::S7,
        Refused,
        "a decimal number with more digits than numeric(p,s) or PostgreSQL has room for",
        "1.005 in numeric(10,2)",
        "round the value in the application, or widen the type if the application allows it",
    ),
    make_entry(
        Id::S9,
        Refused,
        "an infinite number in a numeric column",
        "Inf",
        "replace it by NULL or a finite number",
    ),
    make_entry(
        Id::S11,
        Refused,
        "a double that a float4 does not hold",
        "16777217.0 in a float4 column",
        "describe the column as float8, if the application's own schema has it so",
    ),
    make_entry(
        Id::S12,
        RefusedOrCounted,
        "a real number written as text: counted, or refused when it is too large or small",
        "'1e400'",
        "replace the value by one that a double holds",
    ),
    make_entry(
        Id::S13,
        Refused,
        "an integer beyond the column's type",
        "3000000000 in an int4 column",
        "correct the value, or use int8 if the application's own schema has it so; nothing is \
         clamped",
    ),
    make_entry(
        Id::S15,
        Warned,
        "negative numbers in a column declared UNSIGNED; they arrive as they are",
        "-1 for 18446744073709551615",
        "ask the application what they mean; for numbers of 64 bits without a sign use numeric \
         and correct the rows",
    ),
    make_entry(
        Id::S16,
        Refused,
        "values that differ in SQLite and are one in PostgreSQL, in a key that must be unique",
        "'1' and 1; a UUID in two cases",
        "decide which row stays, or give one another key",
    ),
    make_entry(
        Id::S17,
        Noted,
        "STRICT tables, whose values cannot have another class than declared",
        "CREATE TABLE t (a INT) STRICT",
        "nothing to do",
    ),
    make_entry(
        Id::S20,
        Refused,
        "a column that a schema file calls stored = \"undecided\", and that holds a value, or what \
         `undecided` in its database.toml names: nothing proves what SQLite means by it, or which \
         of two PostgreSQL tables is meant, and nothing is copied",
        "1700000000 for a timestamptz",
        "replace stored = \"undecided\" in the table's schema file by the encoding that the \
         application uses; take what is settled out of `undecided` in database.toml",
    ),
    make_entry(
        Id::S21,
        RefusedOrCounted,
        "a value of a column that a schema file calls stored = \"server_text\" and that \
         PostgreSQL's own input function refuses, or that the length of its type would cut or pad; \
         or a type that the database does not have, or that has no binary form. Counted \
         where there is no server to ask. At most 1,000 values of a column are counted",
        "'02:00:00:00:00' for macaddr",
        "correct the value, or the column's type in its table's schema file; \
         --show-server-messages shows what PostgreSQL says of the first one",
    ),
    make_entry(
        Id::T1,
        Refused,
        "a NUL character inside text, which PostgreSQL cannot hold",
        "'a\\0b'",
        "find it with instr(CAST(x AS BLOB), x'00') and remove it; SQLite shows the text only up \
         to it",
    ),
    make_entry(
        Id::T2,
        Refused,
        "text that is not UTF-8",
        "latin-1 file names, cut characters",
        "write the text anew from its source; or, where the values are bytes and no text, describe \
         the column with type = \"bytea\", which takes them as they are",
    ),
    make_entry(
        Id::T4,
        Noted,
        "a database in UTF-16: text is converted, half a surrogate pair becomes U+FFFD",
        "PRAGMA encoding = 'UTF-16le'",
        "nothing to do",
    ),
    make_entry(
        Id::T5,
        Refused,
        "bytes in a text column",
        "x'616263'",
        "if the bytes are text: UPDATE … SET x = CAST(x AS TEXT); else use bytea",
    ),
    make_entry(
        Id::T6,
        Counted,
        "text in a column of bytes, taken as its UTF-8 bytes",
        "'abc' in a bytea column",
        "nothing to do",
    ),
    make_entry(
        Id::T7,
        Refused,
        "text longer than the column; SQLite does not look at the length",
        "8 characters in varchar(3)",
        "shorten the text, or widen the column if the application allows it; nothing is cut",
    ),
    make_entry(
        Id::T8,
        Refused,
        "keys that differ only by spaces at the end, which char(n) ignores",
        "'a' and 'a ' in a char(4) key",
        "decide which row stays, or give one another key",
    ),
    make_entry(
        Id::T9,
        Refused,
        "empty text where a time is described",
        "'' in a timestamp column",
        "UPDATE … SET x = NULL WHERE x = '', where the column allows NULL",
    ),
    make_entry(
        Id::T13,
        Refused,
        "a row of more bytes than PostgreSQL takes at once, 1 GB",
        "two documents of 600 MB in one row",
        "shorten the values in the application",
    ),
    make_entry(
        Id::T14,
        RefusedOrWarned,
        "an index entry has 2704 bytes at most, after compression: a value that cannot be made \
         so small is refused, one that may be is a warning, and the building of the index \
         decides, before anything is committed",
        "a text of 5 KB in a unique column",
        "shorten the value, or describe the index over md5(column) if the application's own \
         schema has it so",
    ),
    make_entry(
        Id::T15,
        Warned,
        "a document of more than 1 MB under full-text search, whose words may take more than \
         PostgreSQL has room for; the building of the index decides",
        "to_tsvector('simple', body)",
        "shorten the document, or index its beginning: left(body, 500000)",
    ),
    make_entry(
        Id::T16,
        Warned,
        "a row that PostgreSQL holds and that pg_dump cannot dump: its text, in which bytea takes \
         two bytes for each of its own, has more than 1 GB",
        "a document of 600 MB in a bytea column",
        "shorten or split the value in the application; until then back the database up with \
         pg_basebackup, not with pg_dump",
    ),
];
