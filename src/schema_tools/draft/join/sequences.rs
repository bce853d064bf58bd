//! What a draft says of sequences: those that only a person can tie to a column, and those that
//! nothing is tied to.

use model::Identity;
use model::file::TableFile;

use super::Target;
use super::schemas::table_schemas;
use crate::diagnostic::{Finding, Severity};
use crate::postgres::direct::DirectQueries;
use crate::postgres::sequences;
use crate::postgres::sequences::judge::{self, Asked, Column, Table};
use crate::schema_tools::draft::residue::{Clause, Kind, Residue, Subject};
use crate::text::escape_hidden;

/// What is found, and lines for `database.toml` that a person only has to take the `#` from.
#[derive(Default)]
pub struct Found {
    /// For RESIDUE.md.
    pub residue: Vec<Residue>,
    /// Commented lines.
    pub lines: String,
}

/// Looks at the sequences of the drafted tables.
///
/// # Errors
/// The server's.
pub fn find_sequences(
    target: &mut Target<'_>,
    files: &[TableFile],
) -> Result<Found, postgres::Error> {
    let mut transaction = target.client.transaction()?;
    let schemas = table_schemas(target.schema, files);
    let survey = sequences::read_survey(&mut transaction, &schemas, &[])?;
    let user: String = transaction.query_one_directly("SELECT current_user::text", &[])?.get(0);
    transaction.rollback()?;
    let tables: Vec<Table> = files.iter().map(table_of_file).collect();
    let file = "database.toml";
    let asked = Asked { database: "", user: &user, tables: &tables, lines: &[], file };
    let mut found = Found::default();
    for finding in judge::find_sequence_findings(&survey, asked) {
        let kind = match (finding.severity, judge::TO_DECIDE.contains(&finding.id)) {
            (Severity::Error, true) => Kind::Decide,
            (Severity::Note, _) => Kind::Untied,
            // Rights are checked when rows are loaded.
            _ => continue,
        };
        let file = files.iter().find(|file| file.name == finding.table);
        let column = match finding.columns.as_slice() {
            [] => "the sequences".into(),
            names => Subject::Column(names.join(", ")),
        };
        let table = file.map(|file| file.source.clone()).unwrap_or_default();
        let mut why = format!("{} [{}]", finding.what, finding.id);
        if kind == Kind::Decide {
            why.push_str(
                ". The copy refuses the database until [[sequence]] lines in database.toml state \
                 it; the draft contains them as comments",
            );
            found.lines.push_str(&comment_lines(&finding));
        }
        let sql = Clause::None;
        found.residue.push(Residue { table, kind, what: column, why, sql });
    }
    Ok(found)
}

/// A table as its file has it.
fn table_of_file(file: &TableFile) -> Table {
    let column = |line: &model::file::ColumnLine| Column {
        name: line.name.clone(),
        numbers: judge::can_hold_sequence_values(line.ty),
        copied: line.generated.is_none() && !line.target_only,
        made: line.identity != Identity::No
            || line.default.as_deref().is_some_and(judge::calls_nextval),
    };
    Table {
        name: file.name.clone(),
        source: file.source.clone(),
        columns: file.columns.iter().map(|line| column(&line.item)).collect(),
        key: file.primary_keys.first().map(|key| key.item.clone()).unwrap_or_default(),
    }
}

/// What is to be decided, and the lines that would decide it.
fn comment_lines(finding: &Finding) -> String {
    let mut out = format!("\n# To decide: {}\n", escape_hidden(&finding.what));
    for hint in finding.hints.iter() {
        for line in [&hint.text].into_iter().chain(&hint.lines) {
            out.push_str(&format!("# {}\n", escape_hidden(line)));
        }
    }
    out
}
