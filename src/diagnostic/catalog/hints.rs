//! Hints of findings of which the catalogue's items are no hints by themselves, because they are
//! longer than a line, name the hint, or go on from the item before: one alternative each.

use crate::diagnostic::{Hint, Hints, Id};

/// The hints of a finding; a text that begins with two blanks is a line that the hint before it
/// introduces.
const ALTERNATIVES: &[(Id, &[&str])] = &[
    // Values.
    (
        Id::J1,
        &[
            "write valid JSON",
            "write NULL instead of empty text, which is not JSON, where the column allows NULL",
        ],
    ),
    (
        Id::J6,
        &[
            "write the UUID in its usual form",
            "write NULL instead of empty text where the column allows NULL",
        ],
    ),
    (
        Id::J7,
        &[
            "correct the rows",
            "if all values are 16 bytes, write `stored = \"blob\"` for the column",
        ],
    ),
    (Id::J8, &["set the row to one of the labels", "add the label to the type in the schema file"]),
    (
        Id::J9,
        &[
            "write an array of plain values",
            "if all values are JSON arrays, write `stored = \"json\"` for the column",
            "if all values have PostgreSQL's notation, write `stored = \"pg_array\"` instead",
            "if commas alone separate the elements, write `stored = \"csv\"` instead",
        ],
    ),
    (
        Id::J10,
        &[
            "write the address as PostgreSQL reads it",
            "write `type = \"inet\"` instead of `cidr` for the column",
        ],
    ),
    (
        Id::J11,
        &[
            "correct the text",
            "in a `bytea` column, write how all values are: `stored = \"hex\"`, `\"base64\"`, …",
            "in a text column, write how all values are: `stored = \"blob_as_hex\"`, …",
        ],
    ),
    (
        Id::S7,
        &[
            "round the value in the application",
            "write a type with more digits in the schema file, if the application allows it",
        ],
    ),
    (
        Id::S13,
        &[
            "correct the value in the application",
            "write `type = \"int8\"` if the application's tables in PostgreSQL use this type",
        ],
    ),
    (
        Id::S15,
        &[
            "find out what negative numbers mean in the application",
            "if they are unsigned 64-bit numbers, use `numeric`, and add 2^64 after the migration",
        ],
    ),
    (Id::S16, ANOTHER_KEY),
    (
        Id::S20,
        &[
            "write the encoding that the application uses instead of `stored = \"undecided\"`",
            "remove the names that you have checked from `undecided` in database.toml",
        ],
    ),
    (
        Id::S21,
        &[
            "correct the value",
            "correct the column's type in its table's schema file",
            "add `--show-server-messages` to read what PostgreSQL says of the first value",
        ],
    ),
    (Id::T1, &["find the NUL with `instr(CAST(x AS BLOB), x'00')`, and remove it"]),
    (
        Id::T2,
        &[
            "write the correct text in the application",
            "if the values are bytes and not text, write `type = \"bytea\"` for the column",
        ],
    ),
    (
        Id::T5,
        &[
            "if the bytes are text, convert them in SQLite:",
            "  UPDATE … SET x = CAST(x AS TEXT)",
            "otherwise write `type = \"bytea\"` for the column",
        ],
    ),
    (
        Id::T7,
        &[
            "shorten the text",
            "write a longer type in the schema file, if the application allows it",
        ],
    ),
    (Id::T8, ANOTHER_KEY),
    (
        Id::T9,
        &[
            "replace empty text by NULL in SQLite, where the column allows NULL:",
            "  UPDATE … SET x = NULL WHERE x = ''",
        ],
    ),
    (
        Id::T14,
        &[
            "shorten the value",
            "if the application's tables have an index over `md5(column)`, describe this index",
        ],
    ),
    (
        Id::T15,
        &["shorten the document", "index the beginning of the document: `left(body, 500000)`"],
    ),
    (
        Id::J4,
        &[
            "no action is needed if the last value is the correct one",
            "otherwise remove the wrong value from the document",
        ],
    ),
    (
        Id::J5,
        &[
            "write it as text, with SQLite 3.45 or later:",
            "  UPDATE … SET x = json(x) WHERE typeof(x) = 'blob'",
        ],
    ),
    (Id::S5, &["compare the numbers with the application: what SQLite has stored is copied"]),
    (Id::S9, &["replace it by a finite number", "replace it by NULL where the column allows NULL"]),
    (Id::T10, &["load into a database with the encoding `UTF8`"]),
    (Id::T11, &["load into a database with the encoding `UTF8`"]),
    // Dates and times.
    (Id::D5, &["write `stored = \"text_utc\"` for the column if the application means UTC"]),
    (
        Id::D6,
        &[
            "if all values are numbers, write their unit for the column: `stored = \"unix_s\"`, …",
            "if SQLite declares such a column as text, write `declared = \"TEXT\"` as well",
            "if other rows contain text, write `stored = \"text\"`, and repair with `epoch-unit`",
        ],
    ),
    (
        Id::D9,
        &[
            "replace it by NULL in SQLite, if it means unset and the column allows NULL:",
            "  UPDATE … SET x = NULL WHERE …",
        ],
    ),
    (
        Id::D11,
        &[
            "no action is needed for digits after the microsecond, which PostgreSQL does not store",
            "if the column in PostgreSQL stores fewer digits, cut the digits in SQLite",
            "if the column in PostgreSQL stores fewer digits, change its type",
        ],
    ),
    (
        Id::D16,
        &[
            "write YYYY-MM-DD HH:MM:SS with an offset",
            "if all values are digits, write which: `stored = \"unix_s\"`, `\"yyyymmddhhmmss\"`, …",
        ],
    ),
    (
        Id::D17,
        &[
            "write YYYY-MM-DD",
            "if all values are numbers, write which: `stored = \"unix_s\"`, `\"yyyymmdd\"`, …",
        ],
    ),
    (Id::D18, &["remove the time of day", "write `type = \"timestamp\"` for the column"]),
    (
        Id::D19,
        &[
            "write the duration in the form that `stored` states in the schema file",
            "if all texts are like 1.02:03:04.5, write `stored = \"timespan\"` instead",
            "if all texts are like P1DT2H3M, write `stored = \"iso_duration\"` instead",
            "if all texts are like 1970-01-02 02:03:04, write `stored = \"epoch_date\"` instead",
        ],
    ),
    // Files.
    (
        Id::F3,
        &[
            "run the command with sudo",
            "copy the `.db` file and the `-wal` file to a directory of your own, and name the copy",
        ],
    ),
    (Id::F4, &["start and stop the application once, which undoes the transaction, and run again"]),
    (Id::F5, STOP_THE_APPLICATION),
    (Id::F9, STOP_THE_APPLICATION),
    (
        Id::F10,
        &[
            "keep the file, and restore a backup",
            "if only an index is damaged, run the statement `REINDEX` on a copy of the file",
            "without a backup, save the rows that can still be read, from a copy of the file:",
            "  sqlite3 COPY .dump | sed 's/^ROLLBACK;.*/COMMIT;/' | sqlite3 NEW",
        ],
    ),
    (
        Id::F11,
        &[
            "make sure that no other machine has the file open",
            "stop the application, and copy the files to a local disk",
        ],
    ),
    (Id::F12, &["check the path", "decrypt an encrypted database with its application first"]),
    (
        Id::F13,
        &[
            "free up space on the disk of this directory",
            "name another directory in the environment variable `TMPDIR`",
        ],
    ),
    (
        Id::F15,
        &[
            "set `Server.EncryptionKeyFile` to the key file of the server that wrote the file",
            "put the key file of that server into `Database.Dir`",
        ],
    ),
    (
        Id::F17,
        &[
            "start and stop the application once, which discards these transactions, and run again",
            "go on without these transactions: `--accept-wal-loss`",
        ],
    ),
    (
        Id::F18,
        &[
            "raise the limit in the shell, and run again:",
            "  ulimit -n 1024",
            "in a systemd service, set `LimitNOFILE=1024`",
        ],
    ),
    // Keys and relations.
    (Id::K1, &["let the row refer to a row that exists", "delete the row in the application"]),
    (Id::K8, &["give the row a key", "delete the row in the application"]),
    (Id::K10, ANOTHER_KEY),
    (Id::K11, ANOTHER_KEY),
    (
        Id::K13,
        &[
            "correct the row",
            "if the application's tables do not have the constraint, remove it in the schema file",
        ],
    ),
    (
        Id::K14,
        &[
            "give the row a value",
            "if the application's tables allow NULL, write `null = true` in the schema file",
        ],
    ),
    (
        Id::K15,
        &[
            "describe this structure in a schema directory: `migrate explain schema-files`",
            "install a release of this program that knows this structure",
        ],
    ),
    (Id::K16, ANOTHER_KEY),
    (Id::K17, &["run as the table's owner", "run as a role with BYPASSRLS"]),
    // Tables.
    (
        Id::O1,
        &[
            "describe the table in the schema directory",
            "if you do not need its rows, add the table to `ignore` in database.toml",
        ],
    ),
    (Id::O2, &[DRAFT_AGAIN, MAKE_TABLES]),
    (
        Id::O3,
        &[
            MAKE_TABLES,
            "if a trigger fills the column, name it at the top of the table's schema file:",
            "  fire_triggers = [\"NAME\"]",
        ],
    ),
    (Id::O4, &["let the release that last wrote the SQLite file create its tables in PostgreSQL"]),
    (
        Id::O6,
        &[
            "use an empty database if the rows are those of another SQLite file",
            "replace rows that the application puts into new tables: `--replace-seed`",
            "empty the application's tables, and drop those of earlier runs: `--drop-all`",
        ],
    ),
    (
        Id::O10,
        &[
            "no action is needed for views and triggers that the application creates in PostgreSQL",
            "refresh materialized views after the run",
        ],
    ),
    (
        Id::O11,
        &[
            "if PostgreSQL's value is correct, do not compare the column; in its schema file:",
            "  ignore = [\"COLUMN\"]",
            "  COLUMN = { …, source = false }",
        ],
    ),
    (
        Id::O15,
        &[
            "split the table in the application",
            "store several columns as one JSON column in the application",
        ],
    ),
    (Id::O20, &["create the extension"]),
    // The server, and sequences.
    (Id::P2, &["let the owner or a superuser grant the privilege"]),
    (Id::P3, &["let the owner of the database or of the schema grant the privilege"]),
    (
        Id::P4,
        &[
            "name the schema in the URL: `?search_path=NAME`",
            "create the schema",
            "if tables have schemas of their own, write `schema = \"NAME\"` into their files",
        ],
    ),
    (Id::P6, &["correct the certificates, or the TLS parameters of the URL"]),
    (Id::P7, &["correct the user, the password, or the server's rules for connections"]),
    (Id::P9, &["find out who cancelled it, and run the command again"]),
    (Id::P10, &["make the server reachable, and run the command again"]),
    (Id::P11, &["free up space on the server, and run the command again"]),
    (
        Id::P12,
        &["write the address of the primary server in the URL", "remove the read-only setting"],
    ),
    (Id::P13, &["end sessions that are not needed", "raise `max_connections`"]),
    (Id::P15, &["wait until the other sessions have ended", "end the other sessions"]),
    (Id::P16, &["load into a version of PostgreSQL that is tested"]),
    (Id::P17, &["load into a PostgreSQL server", "load into a database without the extension"]),
    (Id::P19, &["drop it before the run if it should not see the load, and create it again later"]),
    (Id::P23, &["check the URL", "use an empty database or schema"]),
    (Id::Q13, &["add a `[[sequence]]` with `column` or `next` to the schema's database.toml"]),
    (Id::Q14, &["if the application takes ids from it, add a `[[sequence]]` to database.toml"]),
    (Id::S14, &[DRAFT_AGAIN, "correct the column's line in its schema file"]),
    (Id::R2, &["leave the repair out", "check whether it names the correct column"]),
];

const ANOTHER_KEY: &[&str] =
    &["decide which row to keep, and delete the others", "give the other rows another key"];

const STOP_THE_APPLICATION: &[&str] =
    &["stop the application (for Connect: `sudo systemctl stop rstudio-connect`) and run again"];

const DRAFT_AGAIN: &str =
    "draft the schema files again, with SQLite and PostgreSQL: `migrate explain existing-tables`";

const MAKE_TABLES: &str =
    "let the release that last wrote the SQLite file create its tables in PostgreSQL";

/// The hints of a finding that has several alternatives.
pub(super) fn alternatives_of(id: Id) -> Option<Hints> {
    let (_, texts) = ALTERNATIVES.iter().find(|(known, _)| *known == id)?;
    let mut all: Vec<Hint> = Vec::new();
    for text in *texts {
        match (text.strip_prefix("  "), all.last_mut()) {
            (Some(line), Some(hint)) => hint.lines.push(line.to_owned()),
            _ => all.push(Hint::new(*text)),
        }
    }
    Some(all.into())
}
