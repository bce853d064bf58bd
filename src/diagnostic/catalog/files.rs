//! Findings about SQLite files.

use super::Outcome::{Error, Note, Warning};
use super::{Entry, STOP_THE_APPLICATION};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::F1,
        outcomes: &[Warning, Note],
        meaning: "a SQLite file in WAL mode has no `-wal` file",
        details: &[
            "This is normal after the application was stopped. It is also the case if somebody \
             copied the file and forgot its `-wal` file. The newest rows are then missing. The \
             program cannot distinguish the two cases",
            "Warning: the file is not the one that Connect's configuration file names",
            "Note: the file is the one that Connect's configuration file names",
        ],
        example: "a copy of `connect.db` without `connect.db-wal`",
        advice: &[
            "if the file is a copy, make sure that the application was stopped when the copy was \
             made",
            "if you are not sure, stop the application, and copy the `.db` file and, if it exists, \
             the `-wal` file again. If there is no `-wal` file after this, no action is needed",
        ],
        hints: &[
            "if the file is a copy, make sure that the application was stopped when the copy was \
             made",
            "if you are not sure, stop the application, and copy the `.db` file and the `-wal` \
             file again",
        ],
    },
    Entry {
        id: Id::F3,
        outcomes: &[Error, Note],
        meaning: "the SQLite file cannot be read, or its directory is read-only",
        details: &[
            "Note: the directory is read-only, and SQLite would have to create files in it. The \
             program reads the file without them, or makes a private copy and reads the copy",
            "Error: the user who runs the program cannot read the file or the files beside it",
        ],
        example: "a file in WAL mode in a read-only directory",
        advice: &[
            "after a note, no action is needed",
            "after an error, run the command with `sudo`",
            "or stop the application, copy the `.db` file and the `-wal` file to a directory of \
             your own, and name this copy as the source",
        ],
        hints: &[
            "run the command with sudo",
            "copy the `.db` file and the `-wal` file to a directory of your own, and name the copy",
        ],
    },
    Entry {
        id: Id::F4,
        outcomes: &[Error, Warning],
        meaning: "a transaction of the application was interrupted",
        details: &[
            "Its journal is beside the SQLite file, and SQLite must undo the transaction. The \
             program never does this in the file itself",
            "Warning: the program undoes the transaction in a private copy, and reads the copy",
            "Error: the transaction includes other files, so a copy of this file is not enough",
        ],
        example: "`connect.db-journal` after a crash",
        advice: &[
            "start and stop the application once, so that SQLite undoes the transaction",
            "then run the command again",
        ],
        hints: &[
            "start and stop the application once, which undoes the transaction, and run again",
        ],
    },
    Entry {
        id: Id::F5,
        outcomes: &[Error, Warning],
        meaning: "another process has the SQLite file open",
        details: &[
            "Rows that this process writes after the copy would be lost",
            "Error: the process is a service or the application's server, and the run is a \
             migration",
            "Error: a process wrote to the file during a migration, or while schema files were \
             made from it",
            "Warning: the process is another program, or the run is a dry run, a rehearsal or a \
             verification run",
        ],
        example: "`rstudio-connect (pid 812)`",
        advice: &[
            "after an error, stop the application (for Connect: `sudo systemctl stop \
             rstudio-connect`), and run the command again",
            "after a warning in a dry run, a rehearsal or a verification run, no action is needed",
            "if the process is another program, make sure that it does not write to the file",
        ],
        hints: STOP_THE_APPLICATION,
    },
    Entry {
        id: Id::F9,
        outcomes: &[Error],
        meaning: "another process has locked the SQLite file",
        details: &["The program waits for 5 seconds before it reports this"],
        example: "a backup program that locks the file",
        advice: &[
            "stop the application (for Connect: `sudo systemctl stop rstudio-connect`), and run \
             the command again",
            "if another program has locked the file, stop that program",
        ],
        hints: STOP_THE_APPLICATION,
    },
    Entry {
        id: Id::F10,
        outcomes: &[Error],
        meaning: "the SQLite file is damaged",
        details: &["Its pages, rows or indexes contradict each other"],
        example: "a page that contains only zeros",
        advice: &[
            "keep the file, and restore a backup",
            "if only an index is damaged, run `REINDEX` in a copy of the file",
            "if there is no backup, save the rows that can still be read. All other rows are lost. \
             In this command, COPY is a copy of the file, and NEW is a new file: `sqlite3 COPY \
             .dump | sed 's/^ROLLBACK;.*/COMMIT;/' | sqlite3 NEW`",
        ],
        hints: &[
            "keep the file, and restore a backup",
            "if only an index is damaged, run the statement `REINDEX` on a copy of the file",
            "without a backup, save the rows that can still be read, from a copy of the file:",
            "  sqlite3 COPY .dump | sed 's/^ROLLBACK;.*/COMMIT;/' | sqlite3 NEW",
        ],
    },
    Entry {
        id: Id::F11,
        outcomes: &[Warning],
        meaning: "the SQLite file is on a network file system",
        details: &[
            "Locks are not reliable there. Another machine could write to the file, and the \
             program may not notice it",
        ],
        example: "`nfs4`, `cifs`",
        advice: &[
            "make sure that no other machine has the file open",
            "or stop the application, and copy the files to a local disk",
        ],
        hints: &[
            "make sure that no other machine has the file open",
            "stop the application, and copy the files to a local disk",
        ],
    },
    Entry {
        id: Id::F12,
        outcomes: &[Error],
        meaning: "the file is not a SQLite database that the program can read",
        details: &[
            "The file does not exist, or it is not a regular file",
            "The file is empty, encrypted, or not a database of SQLite 3",
            "The file has a newer format than the SQLite in this program knows",
            "If only `connect-instrumentation.db` does not exist, the server perhaps has no usage \
             history. In this case use `--data core`",
        ],
        example: "a file of 0 bytes",
        advice: &[
            "check the path",
            "if the database is encrypted, let its application decrypt it first",
        ],
        hints: &["check the path", "decrypt an encrypted database with its application first"],
    },
    Entry {
        id: Id::F13,
        outcomes: &[Error],
        meaning: "there is not enough space for temporary files",
        details: &[
            "The program needs space to copy a file, or to sort keys. SQLite needs space for its \
             own files beside the database",
        ],
        example: "a full `/tmp`",
        advice: &[
            "free up space on the disk of the directory that the message names",
            "or set the environment variable `TMPDIR` to a directory that has more space",
        ],
        hints: &[
            "free up space on the disk of this directory",
            "name another directory in the environment variable `TMPDIR`",
        ],
    },
    Entry {
        id: Id::F14,
        outcomes: &[Note],
        meaning: "a part of the SQLite file could not be checked for damage",
        details: &[
            "This part uses a function, a collation or a module that only the application has",
            "Tables of a file with such a part are checked one by one. SQLite ends the check of a \
             table after 100 remarks, also if none of them is about damage (for example, remarks \
             about values that violate their declaration)",
            "The tables are read as usual",
        ],
        example: "a `CHECK` constraint that calls a function of the application",
        advice: &["if the application works with the file, no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::F15,
        outcomes: &[Warning],
        meaning: "the configured key does not decrypt values that the application has encrypted",
        details: &[
            "The values are copied unchanged. With this key, the application cannot read them \
             after the migration",
        ],
        example: "a key file of another server",
        advice: &["before the migration, set `Server.EncryptionKeyFile` to the key file of the \
             server that wrote the SQLite file. If this setting is not used, copy that key file to \
             the directory `Database.Dir`, with the name `secret.key`"],
        hints: &[
            "set `Server.EncryptionKeyFile` to the key file of the server that wrote the file",
            "put the key file of that server into `Database.Dir`",
        ],
    },
    Entry {
        id: Id::F17,
        outcomes: &[Error, Warning],
        meaning: "the `-wal` file is damaged, and committed transactions follow after the damage",
        details: &[
            "SQLite ignores these transactions and prints no message. A power failure can cause \
             such damage. With `--accept-wal-loss`, this is a warning, and the run continues \
             without these transactions",
        ],
        example: "a part of the `-wal` file that does not match its checksum",
        advice: &[
            "first copy the SQLite file, its `-wal` file and its `-shm` file to another place. \
             When the application starts, it can remove these transactions",
            "if you need these transactions, restore a backup that contains them",
            "if you do not need them, start and stop the application once, and run the command \
             again",
            "or continue without them: add `--accept-wal-loss`",
        ],
        hints: &[
            "start and stop the application once, which discards these transactions, and run again",
            "go on without these transactions: `--accept-wal-loss`",
        ],
    },
    Entry {
        id: Id::F18,
        outcomes: &[Error],
        meaning: "the program cannot open enough files at the same time",
        details: &[
            "The program has already raised the limit as far as the system allows. The exit code \
             is 2",
        ],
        example: "`ulimit -n 64`",
        advice: &[
            "as root, raise the limit in the shell, and run the command again: `ulimit -n 1024`",
            "in a systemd service, set `LimitNOFILE=1024`",
        ],
        hints: &[
            "as root, raise the limit in the shell, and run again:",
            "  ulimit -n 1024",
            "in a systemd service, set `LimitNOFILE=1024`",
        ],
    },
];
