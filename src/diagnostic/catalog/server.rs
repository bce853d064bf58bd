//! Findings about the server, its database and the role.

use super::Outcome::*;
use crate::diagnostic::Id;

use super::{Entry, make_entry};

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    make_entry(
        Id::O20,
        Refused,
        "a type of an extension that the database does not have",
        "a citext column, and no extension citext",
        "the hint has the statement that makes it, and who may run it",
    ),
    make_entry(
        Id::P3,
        Refused,
        "the role may not connect to the database, or not create tables in the schema",
        "public of PostgreSQL 15 and later",
        "the hint has the GRANT, to be run by the owner",
    ),
    make_entry(
        Id::P5,
        Refused,
        "a connection pooler hands statements of one session to different ones of the server",
        "pgbouncer in transaction mode",
        "name the PostgreSQL server itself in the URL",
    ),
    make_entry(
        Id::P6,
        Refused,
        "the encrypted connection was not made: no TLS there, or a certificate that cannot be \
         trusted",
        "sslmode=verify-full and another host's name",
        "the hint says which file or parameter to name",
    ),
    make_entry(
        Id::P7,
        Refused,
        "the server does not let the role in, or asks for a password in a way that is not taken: \
         as it is, over a connection that is not encrypted",
        "a wrong password, no line in pg_hba.conf",
        "the hint says what the server wants",
    ),
    make_entry(
        Id::P9,
        Refused,
        "a statement was cancelled on the server; the limits of role and database are lifted \
         before",
        "pg_cancel_backend",
        "run the command again: nothing is left of the load",
    ),
    make_entry(
        Id::P10,
        Refused,
        "the server cannot be reached or answers no more, or the connection broke; nothing is left \
         of the load, and a lost answer to COMMIT is asked for again",
        "connection refused",
        "make the server reachable and run the same command again",
    ),
    make_entry(
        Id::P11,
        RefusedOrCounted,
        "room on the server's disk: not to be known from here, a note for large files; refused \
         when it runs out while rows are loaded",
        "No space left on device",
        "free space there, and run again",
    ),
    make_entry(
        Id::P12,
        Refused,
        "the server takes no writes: a standby, or transactions that only read",
        "default_transaction_read_only = on",
        "name the primary server, or lift the setting as the hint says",
    ),
    make_entry(
        Id::P13,
        Refused,
        "the server has no connection left, for this role or at all; two are needed for each \
         target, and are used",
        "too many clients already",
        "end sessions that are not needed, or raise max_connections",
    ),
    make_entry(
        Id::P14,
        Refused,
        "more tables and indexes than the server has locks for",
        "thousands of tables",
        "raise max_locks_per_transaction and restart the server",
    ),
    make_entry(
        Id::P15,
        RefusedOrWarned,
        "other sessions use the database: a warning; refused when one holds a lock for longer \
         than the run waits",
        "the application, pg_dump",
        "wait until they are done, or end them as the hint says",
    ),
    make_entry(
        Id::P16,
        RefusedOrWarned,
        "a server older than tested is refused, a newer one is worth a warning",
        "PostgreSQL 12",
        "load into a version that is tested",
    ),
    make_entry(
        Id::P17,
        RefusedOrWarned,
        "a server that speaks PostgreSQL's protocol and is none, or sends without an end; or an \
         extension that changes what tables are",
        "CockroachDB, citus",
        "load into PostgreSQL",
    ),
    make_entry(
        Id::P23,
        Refused,
        "the target is not the empty one that was meant: what would be made stands there, or \
         the database does not exist",
        "a table apps with rows",
        "check the URL; use an empty database or schema",
    ),
    make_entry(
        Id::T10,
        Refused,
        "a database that takes any bytes as text",
        "SQL_ASCII",
        "load into a database with encoding UTF8",
    ),
    make_entry(
        Id::T11,
        Refused,
        "a database whose encoding has no place for every character",
        "LATIN1",
        "load into a database with encoding UTF8",
    ),
];
