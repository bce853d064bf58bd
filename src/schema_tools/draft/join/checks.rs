//! Checks of SQLite's tables that PostgreSQL's own keep in another way: the same rule in other
//! words, or a type that has no other values.

use model::file::TableFile;
use model::{Enum, Type};

use super::Target;
use super::simplify_expressions;
use crate::postgres::inspection::Inspection;
use crate::schema_tools::draft::build::since_draft_version;
use crate::schema_tools::draft::residue::{Clause, Kind, Residue};

/// Takes out the checks that were taken for lost and hold in PostgreSQL all the same.
///
/// # Errors
/// When the server is interrupted.
pub fn take_out_kept_checks(
    target: &mut Target<'_>,
    enums: &[Enum],
    inspection: &Inspection,
    files: &[TableFile],
    residue: &mut Vec<Residue>,
) -> Result<(), postgres::Error> {
    for item in std::mem::take(residue) {
        if !is_check_kept(target, enums, inspection, files, &item)? {
            residue.push(item);
        }
    }
    Ok(())
}

fn is_check_kept(
    target: &mut Target<'_>,
    enums: &[Enum],
    inspection: &Inspection,
    files: &[TableFile],
    item: &Residue,
) -> Result<bool, postgres::Error> {
    let (Clause::Check(text), Kind::Lost) = (&item.sql, item.kind) else { return Ok(false) };
    let Some(file) = files.iter().find(|file| file.source == item.table) else { return Ok(false) };
    let mut lines = file.columns.iter().filter(|line| !line.item.target_only);
    if lines.any(|line| is_implied_by_type(&line.item, text)) {
        return Ok(true);
    }
    has_equivalent_check(target, enums, inspection, file, text)
}

/// Whether the column's type alone says it.
fn is_implied_by_type(column: &model::file::ColumnLine, text: &str) -> bool {
    let name = strip_punctuation(&column.source);
    let (rest, literals) = split_literals(text);
    let has_form = |form: &str| rest == form.replace('?', &name);
    match column.ty {
        Type::Bool => {
            let forms = ["?in0,1", "?in1,0", "?infalse,true", "?intrue,false"];
            literals.is_empty() && forms.iter().any(|form| has_form(form))
        }
        Type::Json | Type::Jsonb => {
            let forms = ["json_valid?", "json_valid?or?isnull", "?isnullorjson_valid?"];
            forms.iter().any(|form| has_form(form))
        }
        Type::Enum(declared) => {
            let list = ",".repeat(literals.len().saturating_sub(1));
            let allowed = |label: &&str| literals.iter().any(|literal| literal == label);
            has_form(&format!("?in{list}")) && declared.labels.iter().all(allowed)
        }
        _ => false,
    }
}

/// A text without what does not tell it from another, and its literals.
fn split_literals(text: &str) -> (String, Vec<String>) {
    let mut parts = text.split('\'');
    let mut rest = parts.next().map(strip_punctuation).unwrap_or_default();
    let mut literals = Vec::new();
    while let Some(literal) = parts.next() {
        literals.push(literal.to_owned());
        rest.push_str(&parts.next().map(strip_punctuation).unwrap_or_default());
    }
    (rest, literals)
}

fn strip_punctuation(text: &str) -> String {
    let kept = |letter: &char| !letter.is_whitespace() && !"\"`[]()".contains(*letter);
    text.chars().filter(kept).flat_map(char::to_lowercase).collect()
}

/// Whether the server writes it like one of its own table's checks.
fn has_equivalent_check(
    target: &mut Target<'_>,
    enums: &[Enum],
    inspection: &Inspection,
    file: &TableFile,
    text: &str,
) -> Result<bool, postgres::Error> {
    let Some(existing) = inspection.tables.iter().find(|table| table.name == file.name) else {
        return Ok(false);
    };
    let (name, expression) = ("the_check".to_owned(), text.to_owned());
    let check = since_draft_version(model::file::CheckLine { name, expression });
    let (indexes, rules) = (Vec::new(), Vec::new());
    let asked = TableFile { checks: vec![check], indexes, rules, ..file.clone() };
    let Some(asked) = simplify_expressions::ask_server_for_table(target, enums, &asked)? else {
        return Ok(false);
    };
    let written = asked.constraints.iter().find(|rule| rule.kind == 'c');
    Ok(written.is_some_and(|written| {
        existing.constraints.iter().any(|rule| rule.kind == 'c' && rule.text == written.text)
    }))
}
