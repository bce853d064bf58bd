//! Times with more digits behind the second than their column in PostgreSQL keeps (D11): it would
//! round them, and verification would find other values than SQLite has.

use model::sql;
use rusqlite::types::ValueRef;

use super::CheckedTable;
use crate::check::rows::{has_finer_fraction, kept_fraction_digits};
use crate::codec::{self, Out};
use crate::diagnostic::{EXAMPLES, Example, Finding, Found, Hints, Id, Result, Severity};
use crate::stop::Stop;

/// The columns in which the row pass has counted some. They are read once more for the rows' names.
pub fn find_cut_fractions(checked: CheckedTable<'_>, stop: &Stop) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for column in checked.copy.table().copied_columns() {
        let count = checked.profile_of(column).map_or(0, |profile| profile.rounded);
        let (Some(kept), true) = (kept_fraction_digits(column), count > 0) else { continue };
        let what = format!(
            "more fractional digits of the second than the {kept} that the column in PostgreSQL \
             keeps; PostgreSQL would round them"
        );
        let mut finding = checked.make_finding(Id::D11, Severity::Error, &[column.name], what);
        finding.hints = Hints::from([
            "cut the digits in SQLite",
            "let the table's owner allow more digits in PostgreSQL, and draft the files again",
        ]);
        (finding.count, finding.examples) =
            (count, cut_fraction_examples(checked, column, kept, stop)?);
        findings.push(finding);
    }
    Ok(findings)
}

/// The first of these rows.
fn cut_fraction_examples(
    checked: CheckedTable<'_>,
    column: &model::Column,
    kept: u32,
    stop: &Stop,
) -> Result<Vec<Example>> {
    let fail = |error: rusqlite::Error| checked.source.read_error(&error);
    let key = checked.row_key();
    let name = sql::quote(column.source);
    let all: Vec<String> = [name].into_iter().chain(key.columns.iter().cloned()).collect();
    let select = format!("SELECT {} FROM {}", all.join(", "), checked.rows_sql());
    let mut statement = checked.source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let (mut out, mut examples) = (Out::default(), Vec::new());
    while let Some(row) = rows.next().map_err(fail)? {
        stop.fail_if_asked()?;
        let cell = row.get_ref(0).map_err(fail)?;
        let taken = cell != ValueRef::Null && codec::encode_value(column, &mut out, cell).is_ok();
        // A field's length stands before it.
        let field = out.bytes().get(4..).unwrap_or_default();
        if taken && has_finer_fraction(field, kept) {
            let found = match cell {
                ValueRef::Text(text) => Found::Text { bytes: text.len() },
                ValueRef::Integer(value) => Found::Integer(value),
                _ => Found::Described("a real number".to_owned()),
            };
            examples.push(Example { key: key.describe_row(row, 1), found });
        }
        while out.take_note().is_some() {}
        out.clear();
        if examples.len() == EXAMPLES {
            break;
        }
    }
    Ok(examples)
}
