//! Findings about tables, columns and other objects.

use super::Outcome::{Error, Note, Warning};
use super::{DRAFT_AGAIN, Entry, MAKE_TABLES};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::O1,
        outcomes: &[Error, Note],
        meaning: "a table exists only in SQLite",
        details: &[
            "Error: the schema does not describe the table, or PostgreSQL has no such table",
            "Note: the schema files state that the table is not copied",
            "You can use `--same`, `--create-missing` and `--ignore` if you do not give \
             `--schema`, and no built-in schema describes the tables. The program then matches the \
             tables of SQLite and PostgreSQL by their names. If there is a saved schema, and you \
             change these options, the program matches the tables again",
        ],
        example: "`plugin_settings` with 12 rows",
        advice: &[
            "if the table has another name in PostgreSQL, add `--same`",
            "if PostgreSQL needs the table, add `--create-missing`, or describe the table in the \
             schema directory",
            "if you do not need its rows, add `--ignore`, or add the table to the list `ignore` in \
             `database.toml`",
        ],
        hints: &[
            "describe the table in the schema directory",
            "if you do not need its rows, add the table to `ignore` in database.toml",
        ],
    },
    Entry {
        id: Id::O2,
        outcomes: &[Error],
        meaning: "a column has no counterpart",
        details: &[
            "The schema files do not describe a column of SQLite",
            "The table in PostgreSQL does not have a column that the schema files describe",
            "Names are case-sensitive: `Title` and `title` are two columns",
        ],
        example: "`Title` in SQLite and `title` in PostgreSQL",
        advice: &[
            "make the schema files again with `schema draft`, from SQLite and from PostgreSQL",
            "or let the application create its tables again, in the release that last wrote the \
             SQLite file",
        ],
        hints: &[DRAFT_AGAIN, MAKE_TABLES],
    },
    Entry {
        id: Id::O3,
        outcomes: &[Error, Note],
        meaning: "a table or a column is not in SQLite",
        details: &[
            "Error: the schema files describe it, and SQLite does not have it",
            "Error: only PostgreSQL has the column, the column must have a value, and it has no \
             default",
            "Note: only PostgreSQL has the column. It can be `NULL`, has a default, or is \
             generated",
        ],
        example: "a column of the application's next release",
        advice: &[
            "let the application create its tables in the release that last wrote the SQLite file",
            "if a trigger fills the column, write `fire_triggers = [\"NAME\"]` at the top of the \
             table's schema file",
        ],
        hints: &[
            MAKE_TABLES,
            "if a trigger fills the column, name it at the top of the table's schema file:",
            "  fire_triggers = [\"NAME\"]",
        ],
    },
    Entry {
        id: Id::O4,
        outcomes: &[Error, Warning, Note],
        meaning: "the migration history tables of SQLite and PostgreSQL do not have the same \
                  entries",
        details: &[
            "In such a table, the application records the changes that it has made to its own \
             tables, for example `schema_migrations`",
            "Error: the entries differ. The tables were created by different releases of the \
             application, or the application always records different entries in SQLite and in \
             PostgreSQL. The finding lists the entries that only one table has, and the newest \
             entry that both have",
            "Error: the table is the migration history table of a well-known library, and \
             `database.toml` does not name it. Its rows in PostgreSQL would be replaced, like \
             those of other tables",
            "Error: `database.toml` names a migration history table that neither database has",
            "Warning: only one of the two databases has the table",
            "Warning: the entries differ, and you have accepted this",
            "Note: the entries are equal",
            "The program never changes the entries of a table that `database.toml` names as a \
             migration history table",
        ],
        example: "the entry `20260301` is only in SQLite",
        advice: &[
            "let the release of the application that last wrote the SQLite file create the tables \
             in PostgreSQL",
            "if the application always records different entries in SQLite and in PostgreSQL, add \
             `--accept-migration-history TABLE`",
        ],
        hints: &["let the release that last wrote the SQLite file create its tables in PostgreSQL"],
    },
    Entry {
        id: Id::O6,
        outcomes: &[Error],
        meaning: "target tables already contain rows, or only some of the tables exist",
        details: &[
            "The rows are seed rows, rows of an earlier migration, or rows of something else",
            "Only some of the tables exist",
            "Another session has created a table during the run",
            "If every table contains exactly the rows of SQLite, this is not reported: the \
             database is already migrated, and stays as it is",
        ],
        example: "a user that the application inserted when it was started for the first time",
        advice: &[
            "if the application inserted these rows when it created its tables, add \
             `--replace-seed`. It empties the tables that contain rows before the load",
            "if the rows come from an earlier migration of the same SQLite file, add `--drop-all`. \
             It empties tables that the application created, and drops tables that this program \
             created",
            "otherwise use an empty database or another PostgreSQL schema",
        ],
        hints: &[
            "use an empty database if the rows are those of another SQLite file",
            "replace rows that the application puts into new tables: `--replace-seed`",
            "empty the application's tables, and drop those of earlier runs: `--drop-all`",
        ],
    },
    Entry {
        id: Id::O8,
        outcomes: &[Note],
        meaning: "virtual tables are not copied",
        details: &["The tables in which a virtual table keeps its data are not copied either"],
        example: "an index for full-text search",
        advice: &["let the application build its search index again"],
        hints: &[],
    },
    Entry {
        id: Id::O9,
        outcomes: &[Note],
        meaning: "a virtual table needs a module that only the application has",
        details: &["The table is not copied"],
        example: "a table of vectors",
        advice: &["let the application build the table again"],
        hints: &[],
    },
    Entry {
        id: Id::O10,
        outcomes: &[Note],
        meaning: "views and triggers are not copied, and materialized views are not refreshed",
        details: &[],
        example: "`trigger apps_updated`",
        advice: &[
            "if the application has its own views and triggers in PostgreSQL, no action is needed",
            "otherwise create them after the migration",
            "refresh materialized views after the migration",
        ],
        hints: &[
            "no action is needed for views and triggers that the application creates in PostgreSQL",
            "refresh materialized views after the run",
        ],
    },
    Entry {
        id: Id::O11,
        outcomes: &[Error, Note],
        meaning: "a generated column has another value in PostgreSQL than in SQLite, or may have \
                  one",
        details: &[
            "Error: PostgreSQL has computed the value of each row before the load, and some values \
             differ",
            "Error: the schema file states that the column is generated, and in PostgreSQL it is \
             an ordinary column",
            "Note: the values can be compared only after the load. This is done before the \
             `COMMIT`",
        ],
        example: "`lower('É')`, which SQLite does not change",
        advice: &[
            "if PostgreSQL's value is correct, write `source = false` in the line of the column, \
             and add its name to the list `ignore` in the table's schema file. The column is then \
             not compared",
            "if SQLite's value is correct, correct the expression in PostgreSQL",
            "if the column is an ordinary column in PostgreSQL, draft the schema files again",
        ],
        hints: &[
            "if PostgreSQL's value is correct, do not compare the column; in its schema file:",
            "  ignore = [\"COLUMN\"]",
            "  COLUMN = { …, source = false }",
        ],
    },
    Entry {
        id: Id::O15,
        outcomes: &[Error],
        meaning: "a row does not fit into a page of PostgreSQL",
        details: &[
            "A page has 8 kB. PostgreSQL can store long values outside of the page, but the rest \
             of the row is still too large",
        ],
        example: "a row with 700 columns of short texts",
        advice: &[
            "split the table in the application",
            "or store several columns as one JSON column in the application",
        ],
        hints: &[
            "split the table in the application",
            "store several columns as one JSON column in the application",
        ],
    },
    Entry {
        id: Id::O19,
        outcomes: &[Error],
        meaning: "an object with the name of a table is not an ordinary table",
        details: &[
            "It is a view, a foreign table, a partition, or an inherited, unlogged or temporary \
             table",
        ],
        example: "a view with the name `apps`",
        advice: &["load into a database in which it is an ordinary table"],
        hints: &[],
    },
    Entry {
        id: Id::O20,
        outcomes: &[Error],
        meaning: "a column has a type of an extension that the PostgreSQL database does not have",
        details: &[],
        example: "a column of the type `citext` in a database without the extension `citext`",
        advice: &["run the statement in the hint. The hint also states who can run it"],
        hints: &["create the extension"],
    },
];
