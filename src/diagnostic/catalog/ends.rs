//! Findings about files, keys and relations, and what is left behind.

use super::Outcome::*;
use crate::diagnostic::Id;

use super::{Entry, make_entry};

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    make_entry(
        Id::F1,
        WarnedOrNoted,
        "a file in WAL mode without its -wal: the usual state after a clean stop, and that of a \
         copy whose -wal was forgotten; nothing in the file tells which. A warning when the file \
         is not the configured one",
        "connect.db copied alone",
        "if the file is a copy, make sure that the application was stopped before, or copy the \
         .db and the -wal together",
    ),
    make_entry(
        Id::F3,
        RefusedOrCounted,
        "the file cannot be read where it lies without writing beside it; it is read as it is, or \
         from a private copy, where that is safe",
        "a WAL file in a read-only folder",
        "run with sudo, or copy the .db and the -wal file together to a folder of your own and \
         name that",
    ),
    make_entry(
        Id::F4,
        RefusedOrWarned,
        "a transaction was interrupted and its journal must be played back; that is done on a \
         private copy, the files themselves stay as they are",
        "connect.db-journal after a crash",
        "start and stop the application once, which plays the journal back, then run again",
    ),
    make_entry(
        Id::F5,
        RefusedOrWarned,
        "another process holds the file open: what it writes after the copy would be lost. \
         Refused when it is a service or the application's server, a warning otherwise and in a \
         dry run",
        "rstudio-connect (pid 812)",
        "stop the application (for Connect: sudo systemctl stop rstudio-connect) and run again",
    ),
    make_entry(
        Id::F9,
        Refused,
        "another process has locked the file",
        "BEGIN EXCLUSIVE elsewhere",
        "stop the application (for Connect: sudo systemctl stop rstudio-connect) and run again",
    ),
    make_entry(
        Id::F10,
        Refused,
        "the file is damaged: pages, rows or indexes contradict each other",
        "a page of zeros",
        "keep the file and restore a backup; a damaged index alone is repaired on a copy by \
         REINDEX; without a backup, the rows that can still be read, and only those, are saved by: \
         sqlite3 COPY .dump | sed 's/^ROLLBACK;.*/COMMIT;/' | sqlite3 NEW",
    ),
    make_entry(
        Id::F11,
        Warned,
        "the file lies on a network file system, whose locks cannot be relied on",
        "nfs4, cifs",
        "make sure that no other machine has it open, or copy the files to a local disk while the \
         application is stopped",
    ),
    make_entry(
        Id::F12,
        Refused,
        "no such file, no SQLite 3 database, an encrypted one, an empty file, or a newer format",
        "0 bytes",
        "check the path; an encrypted database must be decrypted by its application first",
    ),
    make_entry(
        Id::F13,
        Refused,
        "there is no room for a private copy, for sorting, or for what SQLite makes beside a file",
        "a full /tmp",
        "free space there, or name another place in the environment variable TMPDIR",
    ),
    make_entry(
        Id::F14,
        Noted,
        "a part of the database uses a function or module that only the application has; it could \
         not be checked, tables are read all the same",
        "a CHECK with an own function",
        "nothing to do, if the application works with the file",
    ),
    make_entry(
        Id::F15,
        Warned,
        "values that the application has encrypted do not open with the configured key; they are \
         copied as they are, and the application could not read them",
        "a key file of another server",
        "configure the key file of the server that has written the SQLite file: \
         Server.EncryptionKeyFile, or the file in Database.Dir",
    ),
    make_entry(
        Id::F17,
        RefusedOrWarned,
        "the -wal beside the file is damaged, and committed transactions stand behind that place: \
         SQLite would leave them out without a word. A loss of power can leave the same",
        "a frame with another checksum",
        "start and stop the application once, so that it decides what is left of them, and run \
         again; or go on without them: --accept-wal-loss",
    ),
    make_entry(
        Id::F18,
        Refused,
        "the process may have too few files open at once for a run; the limit is raised as far as \
         the system allows without being asked",
        "ulimit -n 64",
        "raise the limit in the shell, and run again: ulimit -n 1024",
    ),
    make_entry(
        Id::K1,
        Refused,
        "a row that refers to a row that does not exist; SQLite allows it unless told otherwise",
        "a comment of a deleted post",
        "give the row a parent that exists, or delete it in the application; nothing is deleted \
         here",
    ),
    make_entry(
        Id::K1b,
        Refused,
        "0 or empty text where NULL would mean: refers to nothing",
        "0 in a column that refers to users",
        "set it to NULL, if that is what it means",
    ),
    make_entry(
        Id::K5,
        Refused,
        "a reference that would fit if upper and lower case, hyphens and braces did not count",
        "'AB-12' for 'ab12'",
        "write the parent's own spelling",
    ),
    make_entry(
        Id::K8,
        Refused,
        "NULL in a primary key, which SQLite allows",
        "a TEXT PRIMARY KEY without NOT NULL",
        "give the row a key, or delete it in the application",
    ),
    make_entry(
        Id::K10,
        Refused,
        "keys that differ only by case, in a key that ignores it",
        "'Ann' and 'ann' in a citext key",
        "decide which row stays, or give one another key",
    ),
    make_entry(
        Id::K11,
        Refused,
        "two rows with one key that must be unique; SQLite does not keep it unique",
        "an index that was dropped",
        "decide which row stays, or give one another key",
    ),
    make_entry(
        Id::K13,
        RefusedOrCounted,
        "a row that breaks a rule of the PostgreSQL table, as the server itself judges it; a \
         note where it can judge only while rows are loaded",
        "CHECK (price >= 0)",
        "correct the row, or take the rule out of the schema file if the application's own schema \
         does not have it",
    ),
    make_entry(
        Id::K14,
        Refused,
        "NULL in a column that must have a value",
        "",
        "give the row a value, or let the schema file allow NULL if the application's own schema \
         does",
    ),
    make_entry(
        Id::K15,
        Refused,
        "another primary key than described",
        "no primary key",
        "describe this structure in a schema directory (schema/README.md), or take a release of \
         this program that knows it",
    ),
    make_entry(
        Id::K16,
        RefusedOrWarned,
        "rows that a unique index or an exclusion constraint keeps apart, as the server itself \
         compares them; a warning where only the load shows it",
        "UNIQUE (lower(name)) with Ann and ann",
        "decide which row stays, or give one another key",
    ),
    make_entry(
        Id::O1,
        RefusedOrNoted,
        "a table that only SQLite has",
        "plugin_settings with 12 rows",
        "describe it in the schema directory, or list it under `ignore` in database.toml if \
         nothing of it is needed",
    ),
    make_entry(
        Id::O8,
        Noted,
        "virtual tables and the tables they keep for themselves are left behind",
        "full-text search",
        "let the application build its search index anew",
    ),
    make_entry(
        Id::O9,
        Noted,
        "a virtual table whose module only the application has; it is left behind",
        "a table of vectors",
        "let the application build it anew",
    ),
    make_entry(
        Id::O10,
        Noted,
        "views and triggers are left behind; a materialized view in PostgreSQL is not refreshed",
        "",
        "nothing to do: the application's PostgreSQL schema has its own; refresh materialized \
         views afterwards",
    ),
    make_entry(
        Id::O15,
        Refused,
        "a row too wide for a page of PostgreSQL even with its long \
         values moved out",
        "700 columns of names",
        "split the table in the application, or describe several columns as one of JSON",
    ),
    make_entry(
        Id::Q7,
        Refused,
        "the highest id leaves none for new rows",
        "9223372036854775807",
        "renumber the row with that id in the application, then run again",
    ),
    make_entry(
        Id::Q13,
        Refused,
        "a sequence that makes values for a table in a way that must be decided: only its name \
         speaks of a column, or what asks it does not tell which values are taken, or which column \
         gets them",
        "a sequence note_id_seq that no default, function or trigger names",
        "add a [[sequence]] to the schema's database.toml, with the column whose values it makes, \
         or with its next value",
    ),
    make_entry(
        Id::Q14,
        Noted,
        "a sequence in the schema of the tables that is tied to no column, and stays as it is",
        "a sequence that the application asks for numbers of its own",
        "nothing, unless the application takes ids from it: then add a [[sequence]] to the \
         schema's database.toml",
    ),
    make_entry(
        Id::Q15,
        Refused,
        "a [[sequence]] of database.toml that cannot be: there is no such sequence, or its `next` \
         is outside of the sequence's range or not beyond an id that is taken",
        "next = 5 where the column holds 7",
        "correct the line in database.toml",
    ),
    make_entry(
        Id::Q16,
        Refused,
        "verification: a sequence is at or behind a value of the column that it makes values for; \
         a run is rolled back",
        "a sequence that gives 5 next, and the column holds 7",
        "restart the sequence as the hint says",
    ),
];
