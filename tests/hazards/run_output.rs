//! The output and the report of a run in the form of expected texts, and the rows of its target.

use std::process::Output;

use postgres::Client;
use serde_json::Value;

use crate::hint_log;
use crate::migration;
use crate::server::{self, Database};

/// A run that ended.
pub struct Run {
    pub code: i32,
    pub err: String,
    /// Whether its messages stand in brackets, which the feature `bracketed-texts` puts there.
    pub bracketed: bool,
    out: String,
    sessions: Vec<String>,
    pub report: ReportLines,
}

/// What is in the report, a line each.
#[derive(Debug, PartialEq, Eq)]
pub struct ReportLines {
    /// `id severity place count what`
    pub findings: Vec<String>,
    /// `id counted place count`
    pub counted: Vec<String>,
}

/// Lines of progress, which name what differs from run to run.
const PROGRESS: &[&str] = &[
    "source: ",
    "schema: ",
    "integrity: ",
    "target: ",
    "plan: ",
    "preflight: ",
    "estimate: ",
    "warning: P15 other sessions use",
    "copied: ",
    "checked: ",
    "verified: ",
    "  pid ",
    "hint: stop the application first",
    "hint: end a session that remains",
    "  SELECT pg_terminate_backend(PID)",
    "hint: end them before the real run",
];

/// Without the times at the end of a table's lines.
fn without_times(text: &str) -> String {
    let without = |line: &str| {
        let is_of_table = line.starts_with("  ") && line.contains(" bytes  ");
        let cut = line.strip_suffix(" s").and_then(|rest| rest.rsplit_once(' '));
        match cut.filter(|_| is_of_table) {
            Some((head, _)) => format!("{}\n", head.trim_end()),
            None => format!("{line}\n"),
        }
    };
    text.lines().map(without).collect()
}

/// A text as it is made without the feature `bracketed-texts`.
pub fn without_brackets(text: &str) -> String {
    text.replace(['⟦', '⟧'], "")
}

impl Run {
    /// `places` are what differs from run to run, and what is said for it.
    ///
    /// Other sessions of the target are left out: the one before may still be ending.
    pub fn of(output: &Output, report: &Value, places: &[(&str, &str)]) -> Run {
        let plain = |text: &str| {
            places.iter().fold(text.to_owned(), |text, (what, word)| text.replace(what, word))
        };
        let raw = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let text = |bytes: &[u8]| plain(&without_times(&without_brackets(&raw(bytes))));
        let report = plain(&without_brackets(&report.to_string()));
        let report: Value = serde_json::from_str(&report).unwrap();
        let bracketed = raw(&output.stderr).contains('⟦');
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        hint_log::note_printed(&err);
        let mut lines = ReportLines::of(&report);
        let (sessions, findings) =
            lines.findings.into_iter().partition(|line| line.starts_with("P15 warning"));
        lines.findings = findings;
        let code = output.status.code().unwrap_or(-1);
        Run { code, err, bracketed, out, sessions, report: lines }
    }

    /// The beginning of an expected text.
    pub fn text(&self) -> String {
        let unlike = |line: &&str| {
            !server::is_log_line(line) && !PROGRESS.iter().any(|start| line.starts_with(start))
        };
        let lines = self.err.lines().filter(unlike);
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        let mut text = format!("exit {}\n\n", self.code);
        for part in [lines.trim(), self.out.trim()] {
            // Where it goes is another place in every run.
            let is_elsewhere = |line: &str| {
                ["Report: ", "Rows in quarantine: ", "A migration takes ", "  Rows were copied at "]
                    .iter()
                    .any(|start| line.starts_with(start))
            };
            let lines = part.lines().filter(|line| !is_elsewhere(line));
            let part: String = lines.map(|line| format!("{line}\n")).collect();
            let part = part.trim();
            if !part.is_empty() {
                text.push_str(&format!("{part}\n\n"));
            }
        }
        text.push_str("report:\n");
        for line in self.report.findings.iter().chain(&self.report.counted) {
            text.push_str(&format!("{line}\n"));
        }
        text
    }
}

impl Run {
    /// The warnings with their hints.
    pub fn warnings(&self) -> String {
        let lines = self.err.lines().skip_while(|line| !line.starts_with("warning: "));
        let lines = lines.take_while(|line| !line.starts_with("target: "));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// What the report says of other sessions.
    pub fn sessions(&self) -> String {
        self.sessions.join("\n")
    }
}

impl ReportLines {
    fn of(report: &Value) -> ReportLines {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let field = |value: &Value, name: &str| value[name].as_str().unwrap_or("").to_owned();
        let mut lines = ReportLines { findings: Vec::new(), counted: Vec::new() };
        for finding in list(&report["findings"]) {
            let place = ["table", "column"].map(|name| field(&finding, name));
            let place: Vec<_> = place.iter().filter(|part| !part.is_empty()).cloned().collect();
            let place = if place.is_empty() { "-".to_owned() } else { place.join(".") };
            let (id, severity) = (field(&finding, "id"), field(&finding, "severity"));
            let what = field(&finding, "what").replace('\n', " ");
            let line = format!("{id} {severity} {place} {} {what}", finding["count"]);
            lines.findings.push(line.trim_end().to_owned());
        }
        for database in list(&report["databases"]) {
            for table in list(&database["tables"]) {
                let name = field(&table, "name");
                for note in list(&table["notes"]) {
                    let (id, column) = (field(&note, "id"), field(&note, "column"));
                    lines.counted.push(format!("{id} counted {name}.{column} {}", note["count"]));
                }
            }
        }
        lines
    }

    /// Reads it from an expected text.
    pub fn of_text(text: &str) -> ReportLines {
        let (_, report) = text.split_once("report:\n").unwrap_or_default();
        let lines = report.lines().take_while(|line| !line.is_empty());
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let (counted, findings) = lines.into_iter().partition(|line| line.contains(" counted "));
        ReportLines { findings, counted }
    }

    /// Ids, places and counts of what has a place; of the rest the ids alone.
    pub fn at_places(&self) -> Vec<String> {
        let of = |line: &String| {
            let words: Vec<&str> = line.split(' ').collect();
            if words.get(2) == Some(&"-") { words[..2].join(" ") } else { line.clone() }
        };
        self.findings.iter().chain(&self.counted).map(of).collect()
    }
}

/// What `pg_dump` says of a database.
pub fn dump(database: &Database) -> String {
    migration::dump(&database.url, &[]).to_string()
}

/// Every table of a schema, row by row as PostgreSQL prints it, and the ids that come next.
pub fn target_rows(database: &Database, schema: &str) -> String {
    let mut client = server::connect(&database.url).client;
    client.batch_execute("SET TimeZone = 'UTC'").unwrap();
    let mut text = String::new();
    let tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = $1 ORDER BY 1";
    for name in texts(&mut client, tables, &[&schema]) {
        let rows = format!("SELECT t::text FROM {schema}.{name} AS t ORDER BY 1");
        text.push_str(&format!("{name}\n"));
        for row in texts(&mut client, &rows, &[]) {
            match row.chars().count() {
                ..=300 => text.push_str(&format!("{row}\n")),
                long => text.push_str(&format!("{long} characters\n")),
            }
        }
        text.push('\n');
    }
    let sequences = "SELECT quote_ident(sequencename) FROM pg_sequences \
                     WHERE schemaname = $1 ORDER BY 1";
    for name in texts(&mut client, sequences, &[&schema]) {
        let next = format!("SELECT nextval('{schema}.{name}')::text");
        text.push_str(&format!("next of {name}: {}\n", texts(&mut client, &next, &[])[0]));
    }
    text.trim_end().to_owned() + "\n"
}

fn texts(
    client: &mut Client,
    sql: &str,
    values: &[&(dyn postgres::types::ToSql + Sync)],
) -> Vec<String> {
    let rows = client.query(sql, values).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| row.get(0)).collect()
}
