//! Values and rows that are too large: a row's 1 GB (T13), an index entry's 2704 bytes (T14), a
//! search document's 1 MB (T15).
//!
//! An entry is compressed before it is measured, so that length alone decides only at both ends: a
//! short entry fits, and one that could not be made short enough by any compression does not.

use model::{Column, Index, Table, Type};

use super::figures::{Figure, Figures, Want};
use super::{CheckedTable, octets_sql};
use crate::check::rows::Profile;
use crate::diagnostic::{Error, Finding, Id, Result, Severity};
use crate::event;
use crate::text::group_thousands;

/// The most bytes of an entry of a btree (`BTMaxItemSize`).
const ENTRY: u64 = 2704;
/// No compression of PostgreSQL's makes a value smaller than one part in so many.
const RATIO: u64 = 260;
/// The most bytes of a row: 1 GB less what the protocol and the server put around it.
const ROW: u64 = (1 << 30) - (1 << 20);
/// The most bytes of a `tsvector`.
const DOCUMENT: u64 = 1 << 20;

/// Something with a btree over a table's columns.
struct Indexed {
    name: String,
    columns: Vec<&'static Column>,
    /// Whether entries are of whole columns and of all rows.
    plain: bool,
    /// Whether it is a search document.
    document: bool,
}

/// How many bytes of PostgreSQL a byte of SQLite's becomes at most, for types of any length.
fn max_growth(ty: Type) -> Option<u64> {
    match ty {
        Type::Text | Type::Citext | Type::Varchar(_) | Type::Bytea | Type::Numeric(_) => Some(1),
        Type::Char(length) => Some(u64::from(length).max(1)),
        Type::Json => Some(1),
        Type::Jsonb => Some(6),
        Type::Array(_) => Some(9),
        _ => None,
    }
}

fn indexes_with_long_values(table: &'static Table) -> Vec<Indexed> {
    let columns = |names: &[&str]| -> Vec<&'static Column> {
        table.copied_columns().filter(|column| names.contains(&column.name)).collect()
    };
    let plain = |name: String, names: &[&str]| Indexed {
        name,
        columns: columns(names),
        plain: true,
        document: false,
    };
    let mut all: Vec<Indexed> =
        table.uniques.iter().map(|u| plain(u.name.to_owned(), u.columns)).collect();
    if !table.primary_key.is_empty() {
        all.push(plain(model::resolve::primary_key_name(table), table.primary_key));
    }
    all.extend(table.indexes.iter().filter_map(|index| index_with_long_values(table, index)));
    all
}

fn index_with_long_values(table: &'static Table, index: &'static Index) -> Option<Indexed> {
    let expressions: Vec<&str> =
        index.parts.iter().filter(|part| part.expression).map(|part| part.text).collect();
    let document = expressions.iter().any(|text| text.to_lowercase().contains("tsvector"));
    if index.method != "btree" && !document {
        return None;
    }
    // What digests and lengths make of a value is short.
    let short = |text: &str| {
        let text = text.to_lowercase();
        ["md5(", "sha", "left(", "length(", "hashtext", "octet_length("]
            .iter()
            .any(|start| text.starts_with(start))
    };
    let mut names: Vec<String> =
        index.parts.iter().filter(|p| !p.expression).map(|p| p.text.to_owned()).collect();
    for text in expressions.iter().filter(|text| !short(text)) {
        names.extend(model::expression::column_names(text));
        // A function's argument is a name of its own.
        names.extend(model::expression::tokenize(text).iter().map(|token| token.text.to_owned()));
    }
    let columns =
        table.copied_columns().filter(|column| names.iter().any(|name| name == column.name));
    Some(Indexed {
        name: index.name.to_owned(),
        columns: columns.collect(),
        plain: expressions.is_empty() && index.predicate.is_none(),
        document,
    })
}

fn row_limit() -> u64 {
    event::test_limit("row").unwrap_or(ROW)
}

/// The most bytes of any value of a column that its profile leaves possible.
fn max_value_bytes(checked: CheckedTable<'_>, column: &Column) -> u64 {
    let of = |profile: &Profile| profile.longest_text_bytes.max(profile.longest_blob).max(32);
    checked.profile_of(column).map_or(u64::MAX >> 8, of)
}

/// Whether the longest values of all columns together are beyond the limit of a row. Only a large
/// file can have them.
fn may_have_too_large_rows(checked: CheckedTable<'_>) -> bool {
    let columns = checked.copy.table().copied_columns();
    let longest = columns
        .filter(|column| max_growth(column.ty).is_some())
        .map(|column| max_value_bytes(checked, column))
        .fold(0, u64::saturating_add);
    longest > row_limit() && checked.source.size_in_bytes() > row_limit()
}

/// The lengths that matter.
pub fn wanted_lengths(checked: CheckedTable<'_>) -> Vec<Want> {
    let table = checked.copy.table();
    let all = indexes_with_long_values(table);
    let large = may_have_too_large_rows(checked);
    // Most columns' longest values are short enough by what preflight has seen.
    let open = |index: &&Indexed| {
        index.document || max_entry_bytes(index, &|column| max_value_bytes(checked, column)) > ENTRY
    };
    let all: Vec<&Indexed> = all.iter().filter(open).collect();
    let matters = |column: &&'static Column| {
        let indexed = all.iter().any(|index| index.columns.iter().any(|c| c.name == column.name));
        max_growth(column.ty).is_some() && (large || indexed)
    };
    let longest = |column| Want::new(column, Figure::Longest, "max(octet_length({}))");
    table.copied_columns().filter(matters).map(longest).collect()
}

/// What is too large.
pub fn find_too_large(checked: CheckedTable<'_>, figures: &Figures) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let longest = |column: &Column| figures.figure_of(column.name, Figure::Longest);
    for index in indexes_with_long_values(checked.copy.table()) {
        if index.document {
            let long: Vec<&&Column> =
                index.columns.iter().filter(|column| longest(column) >= DOCUMENT).collect();
            findings.extend(find_too_large_documents(checked, &index, &long)?);
        } else if max_entry_bytes(&index, &longest) > ENTRY {
            findings.extend(find_too_large_entries(checked, &index)?);
        }
    }
    let all: u64 = checked.copy.table().copied_columns().map(longest).sum();
    if all > row_limit() {
        findings.extend(find_too_large_rows(checked)?);
    }
    Ok(findings)
}

/// What an entry takes beside the values whose length varies.
fn fixed_entry_bytes(index: &Indexed) -> u64 {
    16 + index.columns.iter().map(|c| if max_growth(c.ty).is_some() { 8 } else { 16 }).sum::<u64>()
}

/// The largest that an entry could be.
fn max_entry_bytes(index: &Indexed, longest: &dyn Fn(&Column) -> u64) -> u64 {
    let of = |column: &&'static Column| match (column.ty, max_growth(column.ty)) {
        (Type::Char(length), _) => u64::from(length) * 4,
        (_, Some(growth)) => longest(column).saturating_mul(growth),
        _ => 0,
    };
    index.columns.iter().map(of).fold(fixed_entry_bytes(index), u64::saturating_add)
}

/// The bytes of some columns together, in SQL.
fn sum_of_bytes_sql(columns: &[&'static Column]) -> String {
    let of = |column: &&'static Column| {
        let growth = max_growth(column.ty).filter(|_| !matches!(column.ty, Type::Char(_)));
        Some(format!("coalesce({}, 0) * {}", octets_sql(column), growth?))
    };
    let all: Vec<String> = columns.iter().filter_map(of).collect();
    if all.is_empty() { "0".to_owned() } else { all.join(" + ") }
}

fn describe_bytes(row: &rusqlite::Row<'_>) -> String {
    let size = row.get::<_, i64>(0).unwrap_or_default().unsigned_abs();
    format!("{} bytes", group_thousands(size))
}

/// Entries that are not certain to fit, and those that are certain not to.
fn find_too_large_entries(checked: CheckedTable<'_>, index: &Indexed) -> Result<Vec<Finding>> {
    let size = sum_of_bytes_sql(&index.columns);
    let names: Vec<&str> = index.columns.iter().map(|column| column.name).collect();
    let exact = index.columns.iter().all(|column| max_growth(column.ty).is_none_or(|by| by == 1));
    let never = ENTRY * RATIO;
    let largest = format!("ORDER BY {size} DESC");
    let mut findings = Vec::new();
    let certain = index.plain && exact;
    let from = ENTRY.saturating_sub(fixed_entry_bytes(index));
    let (few, all) = (format!("{size} > {from}"), format!("{size} > {never}"));
    let open = if certain { format!("{few} AND {size} <= {never}") } else { few };
    if certain {
        let (count, examples) =
            checked.count_rows_with_examples(&size, &all, &largest, &describe_bytes)?;
        let what = format!(
            "{}: an index entry can have at most {} bytes, and these values are too large even \
             when compressed",
            index.name,
            group_thousands(ENTRY)
        );
        let finding = checked.make_finding(Id::T14, Severity::Error, &names, what);
        findings.push(Finding { count, examples, ..finding });
    }
    let (count, examples) =
        checked.count_rows_with_examples(&size, &open, &largest, &describe_bytes)?;
    let what = format!(
        "not decided: {}: an index entry can have at most {} bytes after compression; whether \
         these values fit is known when the index is built, before anything is committed",
        index.name,
        group_thousands(ENTRY)
    );
    let finding = checked.make_finding(Id::T14, Severity::Warning, &names, what);
    findings.push(Finding { count, examples, index: Some(index.name.clone()), ..finding });
    findings.retain(|finding| finding.count > 0);
    Ok(findings)
}

/// Documents that may be too large for full-text search.
fn find_too_large_documents(
    checked: CheckedTable<'_>,
    index: &Indexed,
    long: &[&&Column],
) -> Result<Option<Finding>> {
    let Some(column) = long.first() else { return Ok(None) };
    let size = format!("octet_length({})", model::sql::quote(column.source));
    let condition = format!("{size} >= {DOCUMENT}");
    let (count, examples) = checked.count_rows_with_examples(
        &size,
        &condition,
        &format!("ORDER BY {size} DESC"),
        &describe_bytes,
    )?;
    let what = format!(
        "not decided: {}: the words of a document can take at most {} bytes; whether those of \
         these rows fit is known when the index is built, before anything is committed",
        index.name,
        group_thousands(DOCUMENT)
    );
    let finding = checked.make_finding(Id::T15, Severity::Warning, &[column.name], what);
    Ok(Some(Finding { count, examples, ..finding }))
}

/// Rows that are too large as a whole.
fn find_too_large_rows(checked: CheckedTable<'_>) -> Result<Vec<Finding>> {
    let columns: Vec<&'static Column> = checked
        .copy
        .table()
        .copied_columns()
        .filter(|column| max_growth(column.ty) == Some(1))
        .collect();
    let (size, limit) = (sum_of_bytes_sql(&columns), row_limit());
    let condition = format!("{size} > {limit}");
    let (count, examples) = checked.count_rows_with_examples(
        &size,
        &condition,
        &format!("ORDER BY {size} DESC"),
        &describe_bytes,
    )?;
    let what = format!("PostgreSQL accepts rows of at most {} bytes", group_thousands(limit));
    let finding = checked.make_finding(Id::T13, Severity::Error, &[], what);
    Ok(if count > 0 { vec![Finding { count, examples, ..finding }] } else { Vec::new() })
}

/// An index that could not be built, with the rows that preflight could not decide about.
pub fn add_size_findings(mut error: Error, findings: &[Finding]) -> Error {
    for fault in &mut error.faults {
        let about = |finding: &&Finding| {
            finding.id == Id::T14 && finding.index.is_some() && finding.index == fault.index
        };
        let known: Vec<String> = findings
            .iter()
            .filter(about)
            .flat_map(|finding| {
                let place = format!("{}.{}", finding.database, finding.table);
                finding.examples.iter().map(move |e| format!("{place} {}: {}", e.key, e.found))
            })
            .collect();
        if fault.id == Some(Id::T14) && !known.is_empty() {
            fault.text.push_str("; the largest entries are of");
            fault.details.extend(known);
        }
    }
    error
}
