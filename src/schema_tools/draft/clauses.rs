//! Clauses of constraints that PostgreSQL does not have, or that SQLite reads and does not obey.

use super::residue::{Clause, Kind, Residue};
use crate::sqlite::{SourceTable, Structure};

/// One line for each kind of clause in each table.
pub fn find_left_out_clauses(inspection: &Structure) -> Vec<Residue> {
    inspection.ordinary_tables().flat_map(find_clauses_of_table).collect()
}

fn find_clauses_of_table(table: &SourceTable) -> Vec<Residue> {
    let line = |what: String, why: String| Residue {
        table: table.name.clone(),
        kind: Kind::Lost,
        what: what.into(),
        why,
        sql: Clause::None,
    };
    let conflict = |word: &String| {
        let done = match &**word {
            "REPLACE" => "replaces the other row by it",
            "IGNORE" => "ignores it",
            "FAIL" => "keeps the changes that the statement made before it",
            "ROLLBACK" => "ends the transaction",
            // As everywhere.
            _ => return None,
        };
        let why = format!(
            "in PostgreSQL, a row that violates a constraint with this clause is an error; SQLite \
             {done}"
        );
        Some(line(format!("ON CONFLICT {word}"), why))
    };
    let matching = |word: &String| {
        let why = "SQLite ignores it and uses MATCH SIMPLE, and so does the foreign key in \
                   PostgreSQL";
        (word != "SIMPLE").then(|| line(format!("MATCH {word}"), why.to_owned()))
    };
    let conflicts = table.ddl.conflicts.iter().filter_map(conflict);
    conflicts.chain(table.ddl.matches.iter().filter_map(matching)).collect()
}
