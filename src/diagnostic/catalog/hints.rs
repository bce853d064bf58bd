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
            "in a column of bytes, write what all values are: `stored = \"hex\"`, `\"base64\"`, …",
            "in a column of text, write what all values are: `stored = \"blob_as_hex\"`, …",
        ],
    ),
    (
        Id::S1,
        &[
            "replace the value by one that the column's type can hold",
            "replace the value by NULL where the column allows NULL",
        ],
    ),
    (
        Id::S7,
        &[
            "round the value in the application",
            "widen the column's type if the application allows it",
        ],
    ),
    (
        Id::S13,
        &[
            "correct the value; nothing is clamped",
            "write `type = \"int8\"` for the column if the application's own schema has it so",
        ],
    ),
    (
        Id::S15,
        &[
            "ask the application what negative numbers mean",
            "if they are numbers of 64 bits without a sign, use `numeric` and correct the rows",
        ],
    ),
    (Id::S16, ANOTHER_KEY),
    (
        Id::S20,
        &[
            "write the encoding that the application uses instead of `stored = \"undecided\"`",
            "remove what is settled from `undecided` in database.toml",
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
            "write the text again from its source",
            "if the values are bytes and no text, write `type = \"bytea\"` for the column",
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
    (Id::T7, &["shorten the text", "widen the column if the application allows it"]),
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
            "index `md5(column)` instead, if the application's own schema has it so",
        ],
    ),
    (
        Id::T15,
        &["shorten the document", "index the beginning of the document: `left(body, 500000)`"],
    ),
    (
        Id::T16,
        &[
            "shorten or split the value in the application",
            "until then, back up the database with `pg_basebackup`, not with `pg_dump`",
        ],
    ),
    (
        Id::J4,
        &[
            "nothing to do if the last value is the right one",
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
            "if other rows have texts, write `stored = \"text\"`, and repair with `epoch-unit`",
        ],
    ),
    (Id::D7, &["describe the column as what it holds", "correct the rows"]),
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
            "nothing to do for digits below the microsecond, which PostgreSQL does not have",
            "if the column in PostgreSQL keeps fewer digits, cut the others in SQLite",
            "if the column in PostgreSQL keeps fewer digits, change its type",
        ],
    ),
    (Id::D14, &["write the time that was meant", "write NULL where the column allows NULL"]),
    (
        Id::D16,
        &[
            "write YYYY-MM-DD HH:MM:SS with an offset",
            "if all values are digits, write how: `stored = \"unix_s\"`, `\"yyyymmddhhmmss\"`, …",
        ],
    ),
    (
        Id::D17,
        &[
            "write YYYY-MM-DD",
            "if all values are numbers, write how: `stored = \"unix_s\"`, `\"yyyymmdd\"`, …",
        ],
    ),
    (Id::D18, &["remove the time of day", "write `type = \"timestamp\"` for the column"]),
    (
        Id::D19,
        &[
            "write the number of units",
            "if all texts are like 1.02:03:04.5, write `stored = \"timespan\"` instead",
            "if all texts are like P1DT2H3M, write `stored = \"iso_duration\"` instead",
            "if all texts are like 1970-01-02 02:03:04, write `stored = \"epoch_date\"` instead",
        ],
    ),
    // Files.
    (
        Id::F1,
        &[
            "if the file is a copy, make sure that the application was stopped when it was copied",
            "if it was not stopped, copy the `.db` file and the `-wal` file together",
        ],
    ),
    (
        Id::F3,
        &[
            "run the command with sudo",
            "copy the `.db` and the `-wal` file to a folder of your own, and name the copy",
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
    (Id::F13, &["free space there", "name another place in the environment variable `TMPDIR`"]),
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
    (Id::K1, &["give the row a parent that exists", "delete the row in the application"]),
    (Id::K8, &["give the row a key", "delete the row in the application"]),
    (Id::K10, ANOTHER_KEY),
    (Id::K11, ANOTHER_KEY),
    (
        Id::K13,
        &[
            "correct the row",
            "remove the rule from the schema file if the application's schema does not have it",
        ],
    ),
    (
        Id::K14,
        &[
            "give the row a value",
            "allow NULL in the schema file if the application's own schema does",
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
            "if nothing of the table is needed, list it under `ignore` in database.toml",
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
            "nothing to do for views and triggers, which the application creates in PostgreSQL",
            "refresh materialized views after the run",
        ],
    ),
    (
        Id::O11,
        &[
            "if PostgreSQL's value is right, do not compare the column, in its schema file:",
            "  ignore = [\"COLUMN\"]",
            "  COLUMN = { …, source = false }",
        ],
    ),
    (
        Id::O15,
        &["split the table in the application", "describe several columns as one column of JSON"],
    ),
    (Id::O20, &["create the extension"]),
    // The server, and sequences.
    (Id::P2, &["let the owner or a superuser grant the right"]),
    (Id::P3, &["let the owner of the database or of the schema grant the right"]),
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
    (Id::P11, &["free space on the server, and run the command again"]),
    (
        Id::P12,
        &["write the address of the primary server in the URL", "lift the read-only setting"],
    ),
    (Id::P13, &["end sessions that are not needed", "raise `max_connections`"]),
    (Id::P15, &["wait until the other sessions have ended", "end the other sessions"]),
    (Id::P16, &["load into a version of PostgreSQL that is tested"]),
    (Id::P17, &["load into a PostgreSQL server", "load into a database without the extension"]),
    (Id::P19, &["drop it before the run if it should not see the load, and create it again after"]),
    (Id::P23, &["check the URL", "use an empty database or schema"]),
    (Id::Q13, &["add a `[[sequence]]` with `column` or `next` to the schema's database.toml"]),
    (Id::Q14, &["if the application takes ids from it, add a `[[sequence]]` to database.toml"]),
    (Id::S14, &[DRAFT_AGAIN, "correct the column's line in its schema file"]),
    (Id::R1, &["nothing to do: the report lists the rows"]),
    (Id::R2, &["leave the repair out", "check whether it names the right column"]),
];

const ANOTHER_KEY: &[&str] =
    &["decide which row to keep, and delete the others", "give the other rows another key"];

const STOP_THE_APPLICATION: &[&str] =
    &["stop the application (for Connect: `sudo systemctl stop rstudio-connect`) and run again"];

const DRAFT_AGAIN: &str =
    "draft the schema files from both sides again: `migrate explain existing-tables` says how";

const MAKE_TABLES: &str =
    "let the application create its tables in PostgreSQL in the version of the SQLite file";

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
