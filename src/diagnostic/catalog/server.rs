//! Findings about the PostgreSQL server, its database and the role.

use super::Entry;
use super::Outcome::{Error, Note, Warning};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::P2,
        outcomes: &[Error],
        meaning: "the role does not own a table, or a privilege is missing",
        details: &["The role needs this for the load"],
        example: "tables that another role created",
        advice: &["run the statement in the hint"],
        hints: &["let the owner or a superuser grant the privilege"],
    },
    Entry {
        id: Id::P3,
        outcomes: &[Error],
        meaning: "the role cannot connect to the database, or cannot create tables in the \
                  PostgreSQL schema",
        details: &[],
        example: "the schema `public` in PostgreSQL 15 and later",
        advice: &[
            "let the owner of the database or of the schema run the `GRANT` statement in the hint",
        ],
        hints: &["let the owner of the database or of the schema grant the privilege"],
    },
    Entry {
        id: Id::P4,
        outcomes: &[Error, Warning],
        meaning: "a PostgreSQL schema does not exist, or it is not clear which one is meant",
        details: &[
            "Error: no schema of the search path exists",
            "Error: a schema file names a PostgreSQL schema that does not exist",
            "Error: the tables are in several PostgreSQL schemas, and the schema files do not say \
             which table is in which PostgreSQL schema",
            "Warning: a schema of the search path does not exist, and the tables go to the next \
             schema of the path",
        ],
        example: "`apps` in the schema `public`, and `users` in the schema `connect`",
        advice: &[
            "create the schema with the statement in the hint",
            "or add `?search_path=NAME` to the URL",
            "if the tables are in several schemas, write `schema = \"NAME\"` in the schema file of \
             each table",
        ],
        hints: &[
            "name the schema in the URL: `?search_path=NAME`",
            "create the schema",
            "if tables have schemas of their own, write `schema = \"NAME\"` into their files",
        ],
    },
    Entry {
        id: Id::P5,
        outcomes: &[Error],
        meaning: "a connection pooler sends the statements of one session to different server \
                  processes",
        details: &["The program needs a session of its own"],
        example: "PgBouncer in transaction mode",
        advice: &["write the host and the port of the PostgreSQL server itself in the URL"],
        hints: &[],
    },
    Entry {
        id: Id::P6,
        outcomes: &[Error],
        meaning: "the encrypted connection could not be made",
        details: &["The server does not support TLS, or its certificate cannot be trusted"],
        example: "`sslmode=verify-full` and a certificate for another host name",
        advice: &["correct the file or the parameter that the hint names"],
        hints: &["correct the certificates, or the TLS parameters of the URL"],
    },
    Entry {
        id: Id::P7,
        outcomes: &[Error],
        meaning: "the server rejects the login",
        details: &[
            "The password is wrong or missing, or `pg_hba.conf` does not allow the connection",
            "The server asks for the password as plain text, and the connection is not encrypted. \
             The program does not send it",
            "The server asks for a kind of login that the program does not support",
        ],
        example: "a wrong password",
        advice: &["correct the setting that the hint names"],
        hints: &["correct the user, the password, or the server's rules for connections"],
    },
    Entry {
        id: Id::P9,
        outcomes: &[Error],
        meaning: "somebody cancelled a statement on the server",
        details: &[
            "The load was rolled back. A time limit of the role or of the database is not the \
             cause, because the program removes these limits for its sessions",
        ],
        example: "`pg_cancel_backend`",
        advice: &["find out who cancelled it", "then run the command again"],
        hints: &["find out who cancelled it, and run the command again"],
    },
    Entry {
        id: Id::P10,
        outcomes: &[Error],
        meaning: "the server cannot be reached, does not answer, or the connection was lost",
        details: &[
            "If this happens before the `COMMIT`, nothing is committed (with two transactions: \
             before the first `COMMIT`). If it happens during a `COMMIT`, the program asks the \
             server for the result. If it gets no answer, the run ends with exit code 7",
        ],
        example: "`connection refused`",
        advice: &[
            "make the server reachable",
            "then run the command again. After exit code 7, first find out the result",
        ],
        hints: &["make the server reachable, and run the command again"],
    },
    Entry {
        id: Id::P11,
        outcomes: &[Error, Note],
        meaning: "the disk of the PostgreSQL server may be too small",
        details: &[
            "Note: a SQLite file is large (1 GiB or more), and the program cannot find out how \
             much space the server has",
            "Error: the disk became full during the load. Everything was rolled back",
        ],
        example: "`No space left on device`",
        advice: &[
            "after a note, compare the free space of the server with the estimate in the note",
            "after an error, free up space on the server, and run the command again",
        ],
        hints: &["free up space on the server, and run the command again"],
    },
    Entry {
        id: Id::P12,
        outcomes: &[Error],
        meaning: "the server does not accept writes",
        details: &["The server is a standby, or its transactions are read-only"],
        example: "`default_transaction_read_only = on`",
        advice: &[
            "write the address of the primary server in the URL",
            "or remove the setting, as the hint describes",
        ],
        hints: &[
            "write the address of the primary server in the URL",
            "remove the read-only setting",
        ],
    },
    Entry {
        id: Id::P13,
        outcomes: &[Error],
        meaning: "the server has no free connection",
        details: &[
            "The program opens two connections for each PostgreSQL database that it loads into. \
             The server, the role and the database can each have a limit",
        ],
        example: "`too many clients already`",
        advice: &[
            "end sessions that are not needed",
            "or raise the limit that the hint names, for example `max_connections`",
        ],
        hints: &["end sessions that are not needed", "raise `max_connections`"],
    },
    Entry {
        id: Id::P14,
        outcomes: &[Error],
        meaning: "the server does not have enough locks for all tables and indexes",
        details: &[],
        example: "thousands of tables",
        advice: &["raise `max_locks_per_transaction` on the server, and restart the server"],
        hints: &[],
    },
    Entry {
        id: Id::P15,
        outcomes: &[Error, Warning],
        meaning: "other sessions use the database",
        details: &[
            "Warning: other sessions are connected",
            "Error: another session has locked a table, and the program has waited for 30 seconds",
            "Error: another migration into the same schema is running",
        ],
        example: "the application, or `pg_dump`",
        advice: &[
            "wait until the other sessions have ended",
            "or end them with the statement in the hint",
        ],
        hints: &["wait until the other sessions have ended", "end the other sessions"],
    },
    Entry {
        id: Id::P16,
        outcomes: &[Error, Warning],
        meaning: "the program was not tested with this version of PostgreSQL",
        details: &[
            "Error: the server is older than the versions that were tested",
            "Warning: the server is newer than the versions that were tested",
        ],
        example: "PostgreSQL 12",
        advice: &["load into a version that the hint names"],
        hints: &["load into a version of PostgreSQL that is tested"],
    },
    Entry {
        id: Id::P17,
        outcomes: &[Error, Warning],
        meaning: "the server is not PostgreSQL, or an extension changes its tables",
        details: &[
            "Error: the server uses PostgreSQL's protocol, but is another product, or it sends \
             answers that PostgreSQL does not send",
            "Error: the server does not answer a query about itself",
            "Warning: an extension changes how tables are stored",
        ],
        example: "CockroachDB, or the extension `citus`",
        advice: &["load into a PostgreSQL server", "or load into a database without the extension"],
        hints: &["load into a PostgreSQL server", "load into a database without the extension"],
    },
    Entry {
        id: Id::P19,
        outcomes: &[Warning],
        meaning: "a publication or an event trigger sees the load",
        details: &[
            "A publication sends the loaded rows to its subscribers. An event trigger acts on the \
             statements that drop and create indexes and keys",
        ],
        example: "logical replication",
        advice: &[
            "decide whether it should see the load",
            "if not, drop the publication or disable the event trigger before the migration, and \
             restore it afterwards",
        ],
        hints: &["drop it before the run if it should not see the load, and create it again later"],
    },
    Entry {
        id: Id::P23,
        outcomes: &[Error],
        meaning: "the PostgreSQL database does not exist",
        details: &[],
        example: "a misspelt name in the URL",
        advice: &[
            "correct the name of the database in the URL",
            "or create the database with the statement in the hint",
        ],
        hints: &["check the URL", "use an empty database or schema"],
    },
];
