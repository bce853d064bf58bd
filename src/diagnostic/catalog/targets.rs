//! Findings about tables that stand in PostgreSQL already.

use super::Outcome::*;
use crate::diagnostic::Id;

use super::{Entry, make_entry};

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    make_entry(
        Id::K17,
        RefusedOrCounted,
        "row-level security hides rows from the role, or the triggers behind foreign keys are \
         switched off: refused. The application's own triggers are disabled during the load, \
         except those that `fire_triggers` of a schema file names, and rules do not act on a load: \
         reported. \
         So is a foreign key in PostgreSQL's own words, which only PostgreSQL can judge, before \
         anything is committed. A trigger that is named there and that the table does not have, or \
         a definition of the schema file that PostgreSQL does not take: refused",
        "a trigger that writes an audit row",
        "for row-level security run as the table's owner, or as a role with BYPASSRLS; triggers \
         are switched on again as they were",
    ),
    make_entry(
        Id::O2,
        Refused,
        "a column of SQLite that the schema files do not describe, or a described one that the \
         table in PostgreSQL does not have; names are compared to the letter",
        "Title for title",
        "draft the schema files from both sides again (docs/existing-tables.md), or let the \
         application make its tables in the version of the SQLite file",
    ),
    make_entry(
        Id::O3,
        RefusedOrCounted,
        "a table or column that is described and SQLite does not have: refused. A column that only \
         PostgreSQL has: told when it may be NULL or gets a value by itself, refused otherwise",
        "a column of the application's next version",
        "let the application make its tables in the version of the SQLite file; where a trigger \
         fills the column, write fire_triggers = [\"NAME\"] at the top of the table's schema file",
    ),
    make_entry(
        Id::O4,
        RefusedWarnedOrNoted,
        "the migration history tables of both sides (`migration_history` of the schema files) \
         differ: they are of different versions, or the application keeps another list in each \
         database. \
         Each side's own entries and the newest one of both are named. Told when the lists are \
         equal, when only one side has the table, and when --accept-migration-history TABLE (or a \
         yes at the terminal) has accepted it. PostgreSQL's list stays in every case",
        "SQLite also has 20260301",
        "let the same release of the application make its tables in PostgreSQL that has last \
         written the SQLite file",
    ),
    make_entry(
        Id::O6,
        Refused,
        "tables of the migration have rows already, or only some of the tables are there, or \
         another session has made one meanwhile",
        "an administrator that the application made at its first start",
        "if these rows are only what the application puts into new tables, --replace-seed empties \
         exactly these tables before it loads them, also where SQLite holds the same rows; never \
         where another SQLite file was loaded into them: use an empty database then. --drop-all \
         does the same to tables of the application and drops those that this program has made",
    ),
    make_entry(
        Id::O11,
        RefusedOrCounted,
        "a column that both sides compute has another value in PostgreSQL than in SQLite: the \
         server computes each row's value before anything is loaded. Or a column that the schema \
         files call computed is an ordinary one in PostgreSQL. Told where the server cannot be \
         asked beforehand",
        "lower('É'), which SQLite leaves as it is",
        "where PostgreSQL's value is right, write `source = false` in the column's line and its \
         name under `ignore` of the table in its schema file: it is not compared then",
    ),
    make_entry(
        Id::O19,
        Refused,
        "what has a planned table's name is no ordinary table that keeps its rows: a view, a \
         foreign, inherited, unlogged or temporary table, a partition",
        "a view apps",
        "load into a database in which it is an ordinary table",
    ),
    make_entry(
        Id::P2,
        Refused,
        "the role does not own a table, or lacks a right, that the load needs",
        "tables made by another role",
        "the hint names the statement that gives the right",
    ),
    make_entry(
        Id::P4,
        RefusedOrWarned,
        "no schema of the search path exists, or one that a schema file states does not, or tables \
         whose files state none stand in several schemas; a warning when one does not exist and \
         the tables go to the next",
        "apps in public, users in connect",
        "say which schema is meant: add ?search_path=NAME to the URL, or create it; where each \
         table has its own, write schema = \"NAME\" into its schema file",
    ),
    make_entry(
        Id::P19,
        Warned,
        "a publication or an event trigger sees the load and may pass it on",
        "logical replication",
        "decide whether it should; if not, take it away before and put it back afterwards",
    ),
    make_entry(
        Id::S14,
        Refused,
        "a column has another type in PostgreSQL than the schema files say",
        "int8 in the schema files, integer in PostgreSQL",
        "draft the schema files from both sides again (docs/existing-tables.md), or correct the \
         column's line",
    ),
];
