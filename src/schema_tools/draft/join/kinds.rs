//! Tables of PostgreSQL's of a kind into which nothing is loaded: said by the draft already, with
//! what a run would say.

use model::file::TableFile;

use super::Target;
use super::schemas::table_schemas;
use crate::check::existing::find_unfit_tables;
use crate::diagnostic::{Finding, Hint, Result};
use crate::postgres::existing::survey_tables;
use crate::postgres::{inspection, server_error};
use crate::schema_tools::draft::residue::{Clause, Kind, Residue};

/// Looks at the tables of the draft that stand there.
///
/// # Errors
/// The server's.
pub fn find_unfit_kinds(
    target: &mut Target<'_>,
    files: &[TableFile],
    created: &[String],
) -> Result<Vec<Residue>> {
    let names = files.iter().filter(|file| !created.contains(&file.name));
    let names: Vec<&str> = names.map(|file| file.name.as_str()).collect();
    let fail = |error: postgres::Error| server_error("reading existing tables", &error);
    inspection::begin_reading(target.client, target.schema).map_err(fail)?;
    let schemas = table_schemas(target.schema, files);
    let survey = survey_tables(target.client, &schemas, &names).map_err(fail)?;
    target.client.batch_execute("ROLLBACK").map_err(fail)?;
    let findings = survey.map(|survey| find_unfit_tables(&survey)).unwrap_or_default();
    Ok(findings.into_iter().map(|finding| residue_of_finding(finding, files)).collect())
}

fn residue_of_finding(finding: Finding, files: &[TableFile]) -> Residue {
    let own = files.iter().find(|file| file.name == finding.table);
    let tables = match finding.details.as_slice() {
        [] => String::new(),
        names => format!(" {}", names.join(", ")),
    };
    let hints: Vec<&Hint> = finding.hints.iter().collect();
    let hint = match hints.as_slice() {
        [] => "; the copy refuses it".to_owned(),
        hints => {
            let texts: Vec<&str> = hints.iter().map(|hint| hint.text.as_str()).collect();
            format!("; {}", texts.join("; "))
        }
    };
    let lines: Vec<&str> = hints.iter().flat_map(|hint| &hint.lines).map(String::as_str).collect();
    Residue {
        table: own.map(|file| file.source.clone()).unwrap_or_default(),
        kind: Kind::Decide,
        what: "the table in PostgreSQL".into(),
        why: format!("{}{tables}{hint}", finding.what),
        sql: match lines.is_empty() {
            true => Clause::None,
            false => Clause::from(lines.join("\n")),
        },
    }
}
