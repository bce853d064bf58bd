//! Negative numbers where the application means unsigned ones (S15): whoever keeps 64 bits without
//! a sign in SQLite has the upper half as negative numbers.

use super::figures::{Figure, Figures, Want};
use super::{CheckedTable, declared_type};
use crate::check::rows::Kind;
use crate::diagnostic::{Finding, Id, Result, Severity};

const NEGATIVE: &str = "sum(typeof({}) = 'integer' AND {} < 0)";

/// Columns declared UNSIGNED.
pub fn wanted_figures(checked: CheckedTable<'_>) -> Vec<Want> {
    let unsigned = |column: &&'static model::Column| {
        declared_type(checked, column)
            .is_some_and(|ty| ty.to_ascii_uppercase().contains("UNSIGNED"))
    };
    // Columns of numbers have their least one in their profile.
    let may_be_negative = |column: &&'static model::Column| {
        checked.profile_of(column).is_none_or(|profile| match profile.kind {
            Kind::Number => profile.integers.is_some_and(|(least, _)| least < 0),
            _ => true,
        })
    };
    let columns = checked.copy.table().copied_columns().filter(unsigned).filter(may_be_negative);
    columns.map(|column| Want::new(column, Figure::Negative, NEGATIVE)).collect()
}

/// Those of them with negative numbers.
pub fn find_negative_unsigned(
    checked: CheckedTable<'_>,
    figures: &Figures,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for column in checked.copy.table().copied_columns() {
        if figures.figure_of(column.name, Figure::Negative) == 0 {
            continue;
        }
        let name = model::sql::quote(column.source);
        let condition = format!("typeof({name}) = 'integer' AND {name} < 0");
        let shown = |row: &rusqlite::Row<'_>| {
            format!("integer {}", row.get::<_, i64>(0).unwrap_or_default())
        };
        let what = format!(
            "negative numbers in a column declared {}: they are copied unchanged",
            declared_type(checked, column).unwrap_or_default()
        );
        let mut finding = checked.make_finding(Id::S15, Severity::Warning, &[column.name], what);
        (finding.count, finding.examples) =
            checked.count_rows_with_examples(&name, &condition, "", &shown)?;
        findings.push(finding);
    }
    Ok(findings)
}
