//! The report as JSON: `docs/report.md` explains every key.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::run_facts::describe_instant;
use super::{
    AcceptedHistory, DatabaseReport, FORMAT, NotMoved, Outcome, RepairReport, Report, TableReport,
    TargetClass,
};
use crate::diagnostic::{Finding, Note, Offer, Severity};
use crate::files::read_text_file;
use crate::postgres::existing::migration_history::Difference;

impl Report {
    /// The report as JSON.
    pub fn to_json(&self) -> Value {
        let errors = match &self.outcome {
            Some(Outcome::Failed(error)) => error.faults.as_slice(),
            _ => &[],
        };
        let errors = errors
            .iter()
            .map(|fault| json!({"text": fault.text_with_id(), "hint": fault.full_hint()}));
        let steps = self
            .steps
            .iter()
            .map(|(name, time)| json!({"step": name, "seconds": rounded_seconds(*time)}));
        let databases =
            self.databases.iter().map(|database| database_json(database, self.with_profile));
        json!({
            "format": FORMAT,
            "release": env!("CARGO_PKG_VERSION"),
            "mode": self.mode,
            "outcome": self.outcome_word(),
            "exit": self.outcome.as_ref().map(|_| self.exit_status() as u8),
            "build": self.run.build.to_json(),
            "started": self.run.started.map(describe_instant),
            "ended": self.run.ended.map(describe_instant),
            "seconds": self.run.time.map(rounded_seconds),
            "host": self.run.host,
            "user": self.run.user,
            "sudo_user": self.run.sudo_user,
            "command_line": self.run.command_line,
            "memory_peak": memory_peak_bytes(),
            "steps": steps.collect::<Vec<_>>(),
            "estimate": self.estimate.map(rounded_seconds),
            "rehearsal": self.rehearsal.map(rounded_seconds),
            "databases": databases.collect::<Vec<_>>(),
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "findings_left_out": self.findings_left_out,
            "not_compared": self.not_compared,
            "repairs": self.repairs.iter().map(repair_json).collect::<Vec<_>>(),
            "warnings": self.warnings,
            "errors": errors.collect::<Vec<_>>(),
        })
    }
}

/// The most memory this process ever held, in bytes, as the kernel counts it (`VmHWM`).
fn memory_peak_bytes() -> Option<u64> {
    let status = read_text_file(Path::new("/proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Seconds with three decimals.
pub(super) fn rounded_seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

fn database_json(database: &DatabaseReport, with_profile: bool) -> Value {
    let tables = database.tables.iter().map(|table| table_json(table, with_profile));
    let replaced =
        database.replaced.iter().map(|(table, rows)| json!({"name": table, "rows": rows}));
    let accepted = database.accepted_histories.iter().map(|accepted: &AcceptedHistory| {
        let Difference { source_only, target_only, newest_common } = &accepted.difference;
        json!({
            "name": accepted.table,
            "source_only": source_only,
            "target_only": target_only,
            "newest_common": newest_common,
        })
    });
    json!({
        "name": database.name,
        "source": database.source,
        "schema": database.schema,
        "versions": database.versions,
        "schema_digest": database.schema_digest,
        "application_id": database.application_id,
        "user_version": database.user_version,
        "integrity": database.integrity,
        "target": database.target,
        "server_version": database.server_version,
        "class": database.class.map_or("", TargetClass::word),
        "replaced": replaced.collect::<Vec<_>>(),
        "accepted_histories": accepted.collect::<Vec<_>>(),
        "not_moved": database.not_moved.iter().map(NotMoved::to_json).collect::<Vec<_>>(),
        "committed": database.committed,
        "tables": tables.collect::<Vec<_>>(),
    })
}

fn table_json(table: &TableReport, with_profile: bool) -> Value {
    let notes = table.notes.iter().map(|Note { column, id, count }| {
        let column = table.columns.get(*column).copied().unwrap_or_default();
        json!({"id": id.as_str(), "column": column, "count": count})
    });
    let profiles = table.columns.iter().zip(&table.profiles).filter(|_| with_profile);
    let profiles = profiles.map(|(name, profile)| profile.to_json(name));
    json!({
        "name": table.name,
        "schema": table.schema,
        "rows": table.rows,
        "quarantined": table.quarantined,
        "bytes": table.bytes,
        "seconds": rounded_seconds(table.time),
        "verified": table.verified,
        "source_digest": table.digests.as_ref().map(|digests| &digests.source),
        "target_digest": table.digests.as_ref().map(|digests| &digests.target),
        "notes": notes.collect::<Vec<_>>(),
        "profile": profiles.collect::<Vec<_>>(),
    })
}

fn repair_json(repair: &RepairReport) -> Value {
    json!({"repair": repair.repair, "rows": repair.rows, "keys": repair.keys})
}

/// A finding, as the report and the lines of JSON have it.
pub fn finding_json(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let examples = finding
        .examples
        .iter()
        .map(|example| json!({"key": example.key, "found": example.found.to_string()}));
    json!({
        "id": finding.id.as_str(),
        "severity": severity,
        "database": finding.database,
        "table": finding.table,
        "column": finding.columns_text(),
        "count": finding.count,
        "what": finding.full_text(),
        "expected": finding.expected,
        "hint": finding.to_fault().full_hint(),
        "repairs": finding.repairs.iter().map(Offer::to_string).collect::<Vec<_>>(),
        "examples": examples.collect::<Vec<_>>(),
    })
}
