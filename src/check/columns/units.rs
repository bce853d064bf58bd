//! Times as numbers in more than one unit (D6): seconds, milliseconds, microseconds and
//! nanoseconds since 1970 lie a factor of 1000 apart, so that times from 1973 to 5138 cannot be
//! taken for each other. A column with numbers in two of these ranges has two units in it, and
//! which row has which is the application's to say.

use model::{Column, Stored};

use super::CheckedTable;
use super::figures::{Figure, Figures, Want};
use crate::check::rows::Kind;
use crate::diagnostic::{Finding, Hints, Id, Result, Severity};
use crate::text::group_thousands;

/// The units, by how many powers of 1000 they are to a second.
const UNITS: &[(u32, &str)] =
    &[(0, "seconds"), (1, "milliseconds"), (2, "microseconds"), (3, "nanoseconds")];

/// The unit that a column is described with, where nobody has said which one it is.
fn assumed_unit(checked: CheckedTable<'_>, column: &Column) -> Option<u32> {
    if checked.copy.repaired.units.contains(&column.name) {
        return None;
    }
    match column.stored {
        Stored::UnixS => Some(0),
        Stored::UnixMs => Some(1),
        Stored::UnixUs => Some(2),
        Stored::UnixNs => Some(3),
        _ => None,
    }
}

/// The last second that PostgreSQL has, of the year 294276; what is later is refused as such.
const LAST: u64 = 9_224_318_015_999;

/// The numbers that are times from 1973 to 5138 in a unit, from 10^8 seconds to 10^11, and times
/// that PostgreSQL has in the column's own unit.
fn numbers_that_are_times_sql(unit: u32, own: u32, column: &str) -> String {
    let zeros = 8 + 3 * unit;
    let numbers = format!(
        "typeof({column}) IN ('integer', 'real') AND {column} >= 1e{zeros} AND {column} <= \
         {LAST}e{}",
        3 * own
    );
    match unit {
        3 => numbers,
        _ => format!("{numbers} AND {column} < 1e{}", zeros + 3),
    }
}

/// Whether the first and the last time of a column show that no number of it is a time in another
/// unit than its own: all are from 1973 to 5138, or too small for any unit.
fn has_only_own_unit(checked: CheckedTable<'_>, column: &Column, own: u32) -> bool {
    const MICROS: i64 = 1_000_000;
    /// Seconds from 1970 to 2000.
    const SHIFT: i64 = 946_684_800;
    let Some(profile) = checked.profile_of(column) else { return false };
    if !matches!(profile.kind, Kind::Timestamp { .. }) {
        return false;
    }
    let seconds = |time: i64| time.div_euclid(MICROS) + SHIFT;
    profile.times.is_some_and(|(first, last)| {
        let is_late_enough = own == 0 || seconds(first) >= 100_000_000;
        is_late_enough && seconds(last) < 100_000_000_000
    })
}

/// Columns of numbers that are times.
pub fn wanted_figures(checked: CheckedTable<'_>) -> Vec<Want> {
    let columns = checked.copy.table().copied_columns();
    let columns = columns.filter_map(|column| Some((column, assumed_unit(checked, column)?)));
    let columns = columns.filter(|(column, own)| !has_only_own_unit(checked, column, *own));
    let of = |(column, own): (&'static Column, u32)| {
        UNITS.iter().map(move |(unit, _)| {
            let sum = format!("sum({})", numbers_that_are_times_sql(*unit, own, "{}"));
            Want::new(column, Figure::Times(*unit), &sum)
        })
    };
    columns.flat_map(of).collect()
}

/// Those with more than one unit, and those with another one than described.
pub fn find_doubtful_units(checked: CheckedTable<'_>, figures: &Figures) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for column in checked.copy.table().copied_columns() {
        let Some(own) = assumed_unit(checked, column) else { continue };
        let count = |unit: u32| figures.figure_of(column.name, Figure::Times(unit));
        let others: Vec<&(u32, &str)> =
            UNITS.iter().filter(|(unit, _)| *unit != own && count(*unit) > 0).collect();
        let Some((first, _)) = others.first() else { continue };
        let list: Vec<String> = UNITS
            .iter()
            .filter(|(unit, _)| count(*unit) > 0)
            .map(|(unit, name)| format!("{} look like {name}", group_thousands(count(*unit))))
            .collect();
        let mixed = count(own) > 0 || others.len() > 1;
        let (severity, what) = match mixed {
            true => (Severity::Error, "times in more than one unit"),
            false => (Severity::Warning, "times in a different unit than described"),
        };
        let what = format!("{what}, {}: {}", column.stored, list.join(", "));
        let mut finding = checked.make_finding(Id::D6, severity, &[column.name], what);
        let name = model::sql::quote(column.source);
        let shown = |row: &rusqlite::Row<'_>| match row.get_ref(0) {
            Ok(rusqlite::types::ValueRef::Integer(value)) => format!("integer {value}"),
            Ok(rusqlite::types::ValueRef::Real(value)) => format!("real {value:?}"),
            _ => String::new(),
        };
        let examples = checked.count_rows_with_examples(
            &name,
            &numbers_that_are_times_sql(*first, own, &name),
            "",
            &shown,
        )?;
        finding.examples = examples.1;
        finding.count = others.iter().map(|(unit, _)| count(*unit)).sum();
        finding.hints = match mixed {
            true => Hints::from([
                format!("convert all rows to {}", column.stored),
                "set meaningless values to NULL".to_owned(),
            ]),
            false => "change `stored` if the schema file is wrong about the unit".into(),
        };
        findings.push(finding);
    }
    Ok(findings)
}
