//! PostgreSQL's errors in the administrator's words, without any value of a row.
//!
//! What the server says (message, detail, hint, context) can quote values, and is in the server's
//! language. Nothing is decided by it and nothing of it is shown: an error is described by what was
//! being done, the condition name of its SQLSTATE, and the names of objects in the protocol's own
//! fields. The server's words travel beside it as a
//! [`ServerText`](crate::diagnostic::server_text::ServerText).

use postgres::error::{DbError, ErrorPosition, SqlState};

use super::conditions;
use crate::diagnostic::{Error, Exit, Fault, Id};
use crate::postgres::connection::describe_driver_error;
use crate::text;

/// Whether an error means that the connection is gone: the driver's own, or one with which the
/// server ends a session.
pub fn is_connection_lost(error: &postgres::Error) -> bool {
    error.as_db_error().is_none_or(|db| finding_id(db) == Some(Id::P10))
}

/// Whether the server, a standby or one without the right to it, makes no temporary tables. Every
/// other error says nothing about that: a statement may also be cancelled, or the disk be full.
pub fn is_refusal_of_temporary_tables(error: &postgres::Error) -> bool {
    let no = [
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    error.code().is_some_and(|code| no.contains(code))
}

/// Whether a statement was ended from outside: somebody cancelled it, it was the victim of a
/// deadlock, or its session or server ended. Such an error says nothing about what was asked, and
/// must not be taken for the server's answer.
pub fn is_interruption(error: &postgres::Error) -> bool {
    let ended = |db| ["08", "40", "57", "58"].contains(&sql_state_class(db));
    is_connection_lost(error) || error.as_db_error().is_some_and(ended)
}

/// What a lost connection means for whoever runs this.
const LOST: &str =
    "run the command again: the connection to PostgreSQL broke, and nothing was committed";

/// An error of a statement; `what` says which in words.
pub fn server_error(what: &str, error: &postgres::Error) -> Error {
    let text = format!("{what}: {}", describe_error(error));
    let Some(db) = error.as_db_error() else {
        return Error { exit: Exit::Load, faults: vec![Fault::new(text, LOST).with_id(Id::P10)] };
    };
    let (exit, hints) = exit_and_hints(db);
    // A limit of an index is said under the name of its constraint.
    let index = db.constraint().filter(|_| names_objects(db) && sql_state_class(db) == "54");
    let index = index.map(str::to_owned);
    let fault =
        Fault { id: finding_id(db), index, ..Fault::new(text, hints) }.with_server_text(error);
    Error { exit, faults: vec![fault] }
}

/// An error of a question to the server about itself.
pub(super) fn unanswered_query_error(query: &str, error: &postgres::Error) -> Error {
    let why = describe_error(error);
    let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let query: String = query.chars().take(60).collect();
    let text = format!("the server does not answer {query}…: {why}");
    let id = error.as_db_error().and_then(finding_id).unwrap_or(Id::P17);
    let (exit, id, hint) = match is_connection_lost(error) {
        true => (Exit::Load, Id::P10, LOST),
        false => (Exit::Target, id, "connect as a role that is permitted to run this query"),
    };
    let fault = Fault::new(text, hint).with_id(id).with_server_text(error);
    Error { exit, faults: vec![fault] }
}

/// The same for a statement of ours, of which the word is shown that the error is about.
pub fn server_error_in(what: &str, sql: &str, cause: &postgres::Error) -> Error {
    let mut error = server_error(what, cause);
    let position = cause.as_db_error().and_then(DbError::position);
    if let (Some(ErrorPosition::Original(position)), Some(fault)) =
        (position, error.faults.first_mut())
    {
        let word = name_at_position(sql, *position);
        fault.text.extend(word.map(|word| format!(", at {word}")));
    }
    error
}

/// The name that begins at the character with this number, from 1, of a statement.
fn name_at_position(sql: &str, position: u32) -> Option<&str> {
    let skipped = usize::try_from(position).ok()?.checked_sub(1)?;
    let (start, first) = sql.char_indices().nth(skipped)?;
    let rest = sql.get(start..)?;
    let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    if first == '"' {
        let end = rest.char_indices().skip(1).find(|(_, letter)| *letter == '"')?.0;
        return rest.get(..=end);
    }
    let starts = first.is_alphabetic() || first == '_';
    starts.then(|| rest.split(|letter| !part(letter)).next()).flatten()
}

/// What an error is, in words without data: `unique_violation (SQLSTATE 23505), table apps,
/// constraint apps_pkey`.
pub fn describe_error(error: &postgres::Error) -> String {
    text::make_message(describe_error_names(error))
}

fn describe_error_names(error: &postgres::Error) -> String {
    let Some(db) = error.as_db_error() else { return describe_driver_error(error) };
    let mut text = conditions::describe_code(db.code().code());
    if is_raised_by_function(db) {
        text.push_str(", raised by a function of the database");
        return text;
    }
    if !names_objects(db) {
        return text;
    }
    for (word, name) in [
        ("schema", db.schema().filter(|schema| *schema != "public")),
        ("table", db.table()),
        ("column", db.column()),
        ("data type", db.datatype()),
        ("constraint", db.constraint()),
    ] {
        // A longer text is no name of an object.
        if let Some(name) = name.filter(|name| name.len() < NAME) {
            text.push_str(&format!(", {word} {name}"));
        }
    }
    text
}

/// The column that [`describe_error_names`] names.
pub fn named_column(error: &postgres::Error) -> Option<String> {
    let db = error.as_db_error().filter(|db| !is_raised_by_function(db) && names_objects(db))?;
    db.column().filter(|name| name.len() < NAME).map(str::to_owned)
}

/// Bytes that a name of PostgreSQL has room for, and one more (`NAMEDATALEN`).
const NAME: usize = 64;

/// Routines of procedural languages in which a function of the database raises an error with
/// whatever it likes in every field.
const RAISING: &[&str] = &["exec_stmt_raise", "PLy_output", "PLy_elog", "PLy_elog_impl"];

/// Whether the error is of a function's own making.
fn is_raised_by_function(db: &DbError) -> bool {
    // No other class begins so.
    sql_state_class(db).starts_with('P')
        || db.routine().is_some_and(|routine| RAISING.contains(&routine))
}

/// Whether the server itself fills in names of objects for such an error.
fn names_objects(db: &DbError) -> bool {
    db.routine().is_some() && matches!(sql_state_class(db), "22" | "23" | "42" | "44" | "54" | "55")
}

fn sql_state_class(db: &DbError) -> &str {
    db.code().code().get(..2).unwrap_or_default()
}

/// The finding that an error of the server is: what preflight cannot decide, and what may happen
/// to a server while rows are loaded.
fn finding_id(db: &DbError) -> Option<Id> {
    let id = match (sql_state_class(db), db.code().code()) {
        (_, "23502") => Id::K14,
        (_, "23503") => Id::K1,
        (_, "23505" | "23P01") => Id::K16,
        (_, "23514") => Id::K13,
        (_, "25006") => Id::P12,
        (_, "42501") => Id::P2,
        (_, "42P07" | "42710") => Id::O6,
        (_, "53100") => Id::P11,
        (_, "53200") => Id::P14,
        (_, "53300") => Id::P13,
        ("54", _) => too_large_finding_id(db.routine().unwrap_or_default()),
        (_, "55P03") => Id::P15,
        (_, "57014") => Id::P9,
        ("57" | "08", _) => Id::P10,
        _ => return None,
    };
    Some(id)
}

/// Which limit a value exceeds, by the routine that found it: their names are not translated.
/// Sources: `nbtutils.c` and `nbtsort.c`, `indextuple.c`, `hashinsert.c`, `gistutil.c`,
/// `spgdoinsert.c`, `ginentrypage.c`, `brin_tuple.c`; `to_tsany.c`, `tsvector.c`, `tsvector_op.c`.
fn too_large_finding_id(routine: &str) -> Id {
    const INDEXES: &[&str] =
        &["_bt_", "index_form_tuple", "_hash_", "gist", "spg", "Gin", "gin", "brin_"];
    if routine.contains("tsvector") {
        Id::T15
    } else if INDEXES.iter().any(|start| routine.starts_with(start)) {
        Id::T14
    } else {
        Id::O15
    }
}

/// How to learn more where there is nothing else to say.
const SHOW: &str = "run again with `--show-server-messages` to read the server's message, which \
                    may \
                    quote values";

/// The same where the object has a name.
const SHOW_NAME: &str = "add `--show-server-messages` to read the name of the object";

fn exit_and_hints(db: &DbError) -> (Exit, &'static [&'static str]) {
    match (sql_state_class(db), db.code().code()) {
        (_, "57014") => (Exit::Load, &["run the command again: the statement was cancelled"]),
        (_, "55P03") => {
            (Exit::Target, &["end the session that holds a lock on the table, and run again"])
        }
        (_, "2BP01") => (
            Exit::Target,
            &["drop what depends on the objects that are to be replaced, and run again", SHOW_NAME],
        ),
        (_, "42501") => (
            Exit::Target,
            &[
                "let the owner or a superuser grant the privilege to the role",
                "connect as the owner",
                SHOW_NAME,
            ],
        ),
        (_, "42P07" | "42710") => (
            Exit::Target,
            &[
                "run the command again, in case another session has just created the object",
                "rename or drop the other object of that name",
                SHOW_NAME,
            ],
        ),
        (_, "53100") => (
            Exit::Load,
            &["free up space on the server's disk for tables, indexes and the log, and run again"],
        ),
        (_, "53200") => (
            Exit::Load,
            &["raise `max_locks_per_transaction` in postgresql.conf, and restart the server"],
        ),
        ("54", _) => (
            Exit::Findings,
            &[
                "shorten the value in SQLite",
                "remove the index from the schema file",
                "index `md5(column)` instead, whose entries are short",
            ],
        ),
        ("53", _) => (
            Exit::Load,
            &["check the server's disk, memory and connections, and run the command again"],
        ),
        ("23", _) => {
            (Exit::Findings, &["correct the rows in SQLite: they break a rule of the new table"])
        }
        ("57" | "08", _) => (
            Exit::Load,
            &["run the command again: the server closed the connection; nothing was committed"],
        ),
        _ => (Exit::Load, &[SHOW]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_a_statement_are_shown() {
        let sql = "CREATE INDEX é ON t (lower(b), \"a b\", 'text', 12)";
        for (word, shown) in [
            ("é", Some("é")),
            ("lower", Some("lower")),
            ("\"a b\"", Some("\"a b\"")),
            ("'text'", None),
            ("12", None),
            ("(", None),
        ] {
            let position = sql.chars().count() - sql.split_once(word).unwrap().1.chars().count();
            let position = position - word.chars().count() + 1;
            assert_eq!(name_at_position(sql, u32::try_from(position).unwrap()), shown, "{word}");
        }
        assert_eq!(name_at_position(sql, 0), None);
        assert_eq!(name_at_position(sql, 4000), None);
    }
}
