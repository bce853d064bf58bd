//! What a run leaves in SQLite: tables and columns that hold something and are not copied.

use serde_json::{Value, json};

use super::DatabaseReport;
use crate::text::count_with_noun;

/// A table with rows, or a column with values, that is not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotMoved {
    /// The table's name in SQLite.
    pub table: String,
    /// The column's name in SQLite; nothing where it is the whole table.
    pub column: Option<String>,
    /// The table's rows, or the column's values that are not NULL.
    pub count: u64,
}

impl NotMoved {
    /// `column core.jobs.remote_id: 377 values`
    #[must_use]
    pub fn describe(&self, database: &str) -> String {
        let Self { table, column, count } = self;
        match column {
            None => format!("table {database}.{table}: {}", count_with_noun(*count, "row")),
            Some(column) => {
                let values = count_with_noun(*count, "value");
                format!("column {database}.{table}.{column}: {values}")
            }
        }
    }

    /// As the report in JSON has it.
    pub(super) fn to_json(&self) -> Value {
        json!({"table": self.table, "column": self.column, "count": self.count})
    }
}

/// So many things of a database are named on the terminal.
const NAMED: usize = 20;

impl DatabaseReport {
    /// What stays in SQLite alone, a line each.
    pub fn describe_not_moved(&self) -> Vec<String> {
        let named = self.not_moved.iter().take(NAMED);
        let mut lines: Vec<String> = named.map(|one| one.describe(&self.name)).collect();
        if let Some(more) = self.not_moved.len().checked_sub(NAMED).filter(|more| *more > 0) {
            lines.push(format!("and {more} more, which --report lists"));
        }
        lines
    }
}
