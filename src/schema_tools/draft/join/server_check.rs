//! The server's own word on whether a draft describes its tables.

use model::file::Directory;
use model::resolve;

use super::Target;
use crate::postgres::inspection::{self as postgres, Inspection};
use crate::postgres::is_interruption;
use crate::schema_tools::compare::side;
use crate::schema_tools::draft::residue::{Clause, Kind, Residue, Subject};

/// What the server says differs between its tables and the draft.
///
/// # Errors
/// When the server is interrupted.
pub fn check_with_server(
    target: &mut Target<'_>,
    directory: &Directory,
    inspection: &Inspection,
) -> Result<Vec<Residue>, ::postgres::Error> {
    let make_residue = |table: String, what: Subject, why: String| {
        let (kind, sql) = (Kind::Changed, Clause::None);
        Residue { table, kind, what, why, sql }
    };
    let Ok(databases) = resolve::resolve_versions(directory) else { return Ok(Vec::new()) };
    let Some(database) = databases.first() else { return Ok(Vec::new()) };
    match postgres::inspect_expected_tables(target.client, database, target.schema) {
        Ok(expected) => {
            let (mut found, mut inspection) = (Vec::new(), inspection.clone());
            postgres::reread_differing_rules(
                target.client,
                target.schema,
                &expected,
                &mut inspection,
            )?;
            let mut expected = expected;
            expected.tables.retain(|table| !directory.create_missing.contains(&table.name));
            for difference in side::diff_inspections(&expected, &inspection, &directory.target_only)
            {
                let why = format!(
                    "PostgreSQL's table differs from the schema file here: {} and {}",
                    difference.right, difference.left
                );
                found.push(make_residue(difference.table, difference.subject.into(), why));
            }
            Ok(found)
        }
        Err(error) if is_interruption(&error) => Err(error),
        Err(error) => {
            let code = error.code().map_or("no code", |code| code.code()).to_owned();
            let why = format!(
                "the server did not create the draft's tables, so they were not compared with its \
                 own ({code})"
            );
            Ok(vec![make_residue(String::new(), "the check of the draft".into(), why)])
        }
    }
}
