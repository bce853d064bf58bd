//! The end of a run as the `result` line of JSON: `docs/progress.md` explains every key.

use serde_json::{Value, json};

use super::{Change, DatabaseTotal, Left, NextStep, Summary};
use crate::diagnostic::Severity;
use crate::report::Report;
use crate::report::json::rounded_seconds;

impl Summary<'_> {
    /// The keys of the line.
    pub fn to_json(&self, report: &Report) -> Value {
        let count = |severity: Severity| {
            report.findings.iter().filter(|finding| finding.severity == severity).count()
        };
        let changes = self.changes.lossy.iter().map(|change| self.change_json(change, true));
        let lossless = self.changes.lossless.iter().map(|change| self.change_json(change, false));
        let repairs = self.changes.repairs.iter();
        let repairs = repairs.map(|(repair, rows)| json!({"repair": repair, "rows": rows}));
        let replaced = self.replaced.iter().map(|replaced| {
            json!({
                "database": replaced.database,
                "table": replaced.table,
                "rows": replaced.rows,
            })
        });
        let files = self.files.iter();
        let files =
            files.map(|file| json!({"what": file.what, "path": file.path.display().to_string()}));
        json!({
            "mode": report.mode,
            "outcome": report.outcome_word(),
            "exit": report.exit_status() as u8,
            "text": self.headline.join(" "),
            "seconds": report.run.time.map(rounded_seconds),
            "estimate": report.estimate.map(rounded_seconds),
            "tables": self.total.tables,
            "rows": self.total.rows,
            "bytes": self.total.bytes,
            "copy_seconds": rounded_seconds(self.total.time),
            "databases": self.databases.iter().map(database_json).collect::<Vec<_>>(),
            "changes": changes.chain(lossless).collect::<Vec<_>>(),
            "repairs": repairs.collect::<Vec<_>>(),
            "replaced": replaced.collect::<Vec<_>>(),
            "not_moved": self.left.iter().map(left_json).collect::<Vec<_>>(),
            "next": self.next.steps.iter().map(step_json).collect::<Vec<_>>(),
            "remarks": self.next.remarks,
            "files": files.collect::<Vec<_>>(),
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "notes": count(Severity::Note),
        })
    }

    fn change_json(&self, change: &Change, is_lossy: bool) -> Value {
        let columns = change.columns.iter();
        let columns = columns.map(|(column, count)| json!({"column": column, "count": count}));
        json!({
            "id": change.id.as_str(),
            "count": change.count(),
            "text": change.describe(self.tense),
            "loses": is_lossy,
            "columns": columns.collect::<Vec<_>>(),
        })
    }
}

fn database_json(database: &DatabaseTotal) -> Value {
    json!({
        "name": database.name,
        "tables": database.tables,
        "rows": database.rows,
        "bytes": database.bytes,
        "copy_seconds": rounded_seconds(database.time),
        "committed": database.committed,
    })
}

fn left_json(left: &Left<'_>) -> Value {
    let (kind, database, table, column, count) = match left {
        Left::NotMoved(database, one) => {
            let kind = if one.column.is_some() { "column" } else { "table" };
            (kind, *database, one.table.as_str(), one.column.as_deref(), Some(one.count))
        }
        Left::Quarantined(database, table, rows) => {
            ("quarantine", *database, *table, None, Some(*rows))
        }
        Left::History(database, table) => ("history", *database, *table, None, None),
    };
    json!({
        "kind": kind,
        "database": database,
        "table": table,
        "column": column,
        "count": count,
    })
}

fn step_json(step: &NextStep) -> Value {
    json!({"text": step.text, "lines": step.lines})
}
