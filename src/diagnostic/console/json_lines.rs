//! The lines of `--log-format json`: `docs/progress.md` explains every kind and key.

use serde_json::{Value, json};

use super::progress::View;
use super::step::{Total, Unit};
use crate::diagnostic::Fault;
use crate::program_name::with_program_name;
use crate::text::escape_hidden_in_json;

/// The version of the format. It grows where a key goes away or means something else.
pub const VERSION: u32 = 1;

/// The kinds of lines.
pub const KINDS: &[&str] = &[
    "step-started",
    "progress",
    "step-finished",
    "message",
    "question",
    "finding",
    "warning",
    "error",
    "result",
];

/// A line of a kind, without the line's end.
pub fn json_line(kind: &str, time: &str, members: Value) -> String {
    debug_assert!(KINDS.contains(&kind));
    let mut line = json!({"version": VERSION, "time": time, "kind": kind});
    if let (Some(line), Value::Object(members)) = (line.as_object_mut(), members) {
        line.extend(members);
    }
    // The name is plain: nothing of it needs an escape.
    with_program_name(&escape_hidden_in_json(&line.to_string())).into_owned()
}

/// A step that begins.
pub fn started_line(view: &View) -> Value {
    let (total, limit) = view_totals(view);
    json!({
        "step": view.step.word(),
        "subject": view.subject,
        "unit": unit_word(view),
        "total": total,
        "total_at_most": limit,
    })
}

/// How far a step is.
pub fn progress_line(view: &View) -> Value {
    let (total, limit) = view_totals(view);
    json!({
        "step": view.step.word(),
        "subject": view.subject,
        "object": view.work,
        "object_done": view.work_done,
        "detail": view.detail,
        "unit": unit_word(view),
        "done": view.done,
        "total": total,
        "total_at_most": limit,
        "percent": view.percent(),
        "per_second": view.rate,
        "elapsed_seconds": view.elapsed.as_secs(),
        "remaining_seconds": view.remaining().map(|time| time.as_secs()),
    })
}

/// A step that is over.
pub fn finished_line(view: &View) -> Value {
    json!({
        "step": view.step.word(),
        "subject": view.subject,
        "unit": unit_word(view),
        "done": view.done,
        "elapsed_seconds": view.elapsed.as_millis() as f64 / 1000.0,
    })
}

/// A warning or an error.
pub fn fault_line(fault: &Fault) -> Value {
    json!({
        "id": fault.id.map(|id| id.as_str()),
        "text": fault.full_text(),
        "hint": fault.full_hint(),
        "hints": fault.full_hints(),
    })
}

fn view_totals(view: &View) -> (Option<u64>, Option<u64>) {
    match view.total {
        Total::Known(total) => (Some(total), None),
        Total::AtMost(limit) => (None, Some(limit)),
        Total::Unknown => (None, None),
    }
}

fn unit_word(view: &View) -> Option<&'static str> {
    match view.step.unit() {
        Unit::Rows => Some("rows"),
        Unit::Statements => Some("statements"),
        Unit::Nothing => None,
    }
}
