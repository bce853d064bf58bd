//! PostgreSQL's errors in the administrator's words, without any value of a row.

use postgres::error::SqlState;

use crate::error::{Error, Exit, Fault};

/// An error of a statement; `what` says which in words. The server's DETAIL is left out where it
/// quotes rows.
pub fn error(what: &str, error: &postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        let text = format!("{what}: {error}{}", cause.unwrap_or_default());
        let hint =
            "the connection to PostgreSQL broke; nothing was committed, run the command again";
        return Error { exit: Exit::Load, faults: vec![Fault::new(text, hint).with_id("P10")] };
    };
    let mut text = format!("{what}: {} (SQLSTATE {})", db.message(), db.code().code());
    if let Some(place) = db.where_().filter(|place| place.starts_with("COPY")) {
        // The context of a COPY error ends in the value; line and column come before it.
        let end = place.find(": \"").unwrap_or(place.len());
        text.push_str(&format!(" at {}", place.get(..end).unwrap_or_default()));
    }
    for (word, name) in [("table", db.table()), ("constraint", db.constraint())] {
        if let Some(name) = name {
            text.push_str(&format!(", {word} {name}"));
        }
    }
    if let Some(detail) =
        db.detail().filter(|_| *db.code() == SqlState::DEPENDENT_OBJECTS_STILL_EXIST)
    {
        // What depends on what: names of objects, never values of rows.
        detail.lines().for_each(|line| text.push_str(&format!("\n  {line}")));
    }
    let (exit, hint) = judge(db.code());
    let hint = match db.hint() {
        Some(own) if hint.is_empty() => own.to_owned(),
        _ => hint.to_owned(),
    };
    Error { exit, faults: vec![Fault::new(text, hint).with_id(id(db.code(), db.message()))] }
}

/// The finding that an error of the server is: what preflight cannot decide, and what may happen
/// to a server while rows are loaded.
fn id(code: &SqlState, message: &str) -> &'static str {
    let class = code.code().get(..2).unwrap_or_default();
    match (class, code.code()) {
        (_, "23502") => "K14",
        (_, "23503") => "K1",
        (_, "23505") => "K16",
        (_, "23514") => "K13",
        (_, "25006") => "P12",
        (_, "42501") => "P2",
        (_, "53100") => "P11",
        (_, "53200") => "P14",
        (_, "53300") => "P13",
        ("54", _) if message.contains("tsvector") => "T15",
        ("54", _) if message.contains("index row") => "T14",
        ("54", _) => "O15",
        (_, "55P03") => "P15",
        (_, "57014") => "P9",
        ("57" | "08", _) => "P10",
        _ => "",
    }
}

fn judge(code: &SqlState) -> (Exit, &'static str) {
    let class = code.code().get(..2).unwrap_or_default();
    match (class, code.code()) {
        (_, "57014") => (Exit::Load, "somebody cancelled the statement on the server"),
        (_, "55P03") => {
            (Exit::Target, "another session holds a lock on the table; end it and run again")
        }
        (_, "2BP01") => (
            Exit::Target,
            "something outside the plan depends on a table that is to be replaced; \
             drop that first, by hand",
        ),
        (_, "42501") => (Exit::Target, "the role lacks a right; the message names it"),
        (_, "53100") => (
            Exit::Load,
            "a disk of the server is full; nothing is left of the load: make room for the tables, \
             their indexes and as much again for the log, and run again",
        ),
        (_, "53200") => (
            Exit::Load,
            "raise max_locks_per_transaction in postgresql.conf (and restart the server): every \
             table and index of the load is locked until the end",
        ),
        ("54", _) => (
            Exit::Findings,
            "shorten the value in SQLite, or take the index out of the schema file; an index over \
             md5(column) has short entries",
        ),
        ("53", _) => (
            Exit::Load,
            "the server ran out of something (disk, memory, connections); mend that and run again",
        ),
        ("23", _) => (
            Exit::Findings,
            "the rows break a rule of the new table; look for them in SQLite and mend them there",
        ),
        ("57" | "08", _) => {
            (Exit::Load, "the server went away; nothing was committed, run the command again")
        }
        _ => (Exit::Load, ""),
    }
}
