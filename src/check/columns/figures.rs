//! What SQLite says of all rows of a table at once.

use model::Column;
use rusqlite::types::ValueRef;

use super::CheckedTable;
use crate::diagnostic::Result;

/// Something to be asked about a column.
#[derive(Clone, Debug)]
pub struct Want {
    column: &'static str,
    figure: Figure,
    sql: String,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The longest value, in bytes.
    Longest,
    /// How many integers are negative.
    Negative,
    /// How many numbers are times, if the unit is that many to a second, a power of 1000.
    Times(u32),
}

/// The answers.
#[derive(Debug, Default)]
pub struct Figures(Vec<(&'static str, Figure, u64)>);

impl Want {
    /// An aggregate over the column, which stands as `{}` in the SQL.
    pub fn new(column: &'static Column, figure: Figure, sql: &str) -> Want {
        let sql = sql.replace("{}", &model::sql::quote(column.source));
        Want { column: column.name, figure, sql }
    }
}

impl Figures {
    /// An answer; 0 for what was not asked.
    pub fn figure_of(&self, column: &str, figure: Figure) -> u64 {
        let found = self.0.iter().find(|(name, known, _)| *name == column && *known == figure);
        found.map_or(0, |(.., value)| *value)
    }
}

/// So many columns a SELECT may have.
const COLUMNS: usize = 1000;

/// Asks everything in as few looks at the table as there can be.
pub fn query_figures(checked: CheckedTable<'_>, wants: Vec<Want>) -> Result<Figures> {
    let mut figures = Figures::default();
    for wants in wants.chunks(COLUMNS) {
        let all: Vec<&str> = wants.iter().map(|want| want.sql.as_str()).collect();
        let select = format!("SELECT {} FROM {}", all.join(", "), checked.rows_sql());
        let answers = checked.source.reader.query_row(&select, [], |row| {
            wants
                .iter()
                .enumerate()
                .map(|(index, _)| Ok(number_or_zero(row.get_ref(index)?)))
                .collect()
        });
        let answers: Vec<u64> = answers.map_err(|error| checked.source.read_error(&error))?;
        figures.0.extend(
            wants.iter().zip(answers).map(|(want, value)| (want.column, want.figure, value)),
        );
    }
    Ok(figures)
}

fn number_or_zero(value: ValueRef<'_>) -> u64 {
    match value {
        ValueRef::Integer(value) => u64::try_from(value).unwrap_or(0),
        _ => 0,
    }
}
