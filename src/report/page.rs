//! What a report says to people, most important first: a page of plain pieces, which `html` and
//! `markdown` print.
//!
//! It holds nothing that the report in JSON does not hold, and never the profile.

use std::time::Duration;

use super::run_facts::describe_instant;
use super::{DatabaseReport, Report, TableReport, findings};
use crate::diagnostic::Hints;
use crate::text::{
    count_with_noun, describe_bytes, describe_duration, group_thousands, version_range,
};

/// How something is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is wrong.
    Bad,
    /// Somebody should look.
    Warning,
    /// It is as it should be.
    Good,
    /// For the record.
    Plain,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// How it ended.
    pub title: String,
    /// How that is to be taken.
    pub tone: Tone,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// A piece of a page.
#[derive(Debug)]
pub enum Block {
    /// The heading of what follows.
    Heading(String),
    /// Names with their values.
    Facts(Vec<(&'static str, String)>),
    /// Lengths that are compared.
    Bars(Vec<Bar>),
    /// Rows below their heads.
    Table(Table),
    /// Things that somebody should read.
    Notices(Vec<Notice>),
    /// Lines by themselves.
    List(Vec<String>),
}

/// A length with its name.
#[derive(Debug)]
pub struct Bar {
    /// What it is the length of.
    pub name: String,
    /// Hundredths of the longest.
    pub percent: u8,
    /// The length in words.
    pub value: String,
}

/// A table: the first column is text, and so is the last.
#[derive(Debug)]
pub struct Table {
    /// What each column holds.
    pub heads: Vec<&'static str>,
    /// The rows, each with as many cells.
    pub rows: Vec<Vec<String>>,
}

/// Something that somebody should read.
#[derive(Debug)]
pub struct Notice {
    /// How it is to be taken.
    pub tone: Tone,
    /// Where it is.
    pub title: String,
    /// Its kind: an id.
    pub kind: String,
    /// What it is, a line each.
    pub lines: Vec<String>,
    /// What to do; none where there is nothing to do.
    pub hints: Hints,
}

/// So many tables have a bar of their own.
const BARS_MOST: usize = 20;

/// The page of a report.
pub fn lower_report(report: &Report) -> Page {
    let (title, tone) = report.describe_outcome();
    let mut blocks = vec![Block::Facts(run_facts(report))];
    findings::push_problems(&mut blocks, report);
    push_charts(&mut blocks, report);
    for database in &report.databases {
        push_database(&mut blocks, database);
    }
    findings::push_remarks(&mut blocks, report);
    push_heading(&mut blocks, "Versions");
    let components = report.run.build.components();
    let versions = components.map(|(name, release)| (name, release.to_owned()));
    blocks.push(Block::Facts(versions.into_iter().collect()));
    Page { title, tone, blocks }
}

pub(super) fn push_heading(blocks: &mut Vec<Block>, heading: &str) {
    blocks.push(Block::Heading(heading.to_owned()));
}

/// The first facts: how, when, where, who, how long, how much.
fn run_facts(report: &Report) -> Vec<(&'static str, String)> {
    let run = &report.run;
    let exit = match &report.outcome {
        Some(_) => format!("{} (exit code {})", report.outcome_word(), report.exit_status() as u8),
        None => report.outcome_word().to_owned(),
    };
    let user = match &run.sudo_user {
        Some(sudo_user) => format!("{} (by sudo from {sudo_user})", run.user),
        None => run.user.clone(),
    };
    let seconds = run.time.map_or(0.0, |time| time.as_secs_f64());
    let rows = report.total_rows();
    let rate = (rows as f64 / seconds.max(0.001)) as u64;
    let bytes: u64 = report.tables().map(|table| table.bytes).sum();
    let amount = match (bytes, rate) {
        (0, _) => String::new(),
        (bytes, 0) => format!(", {}", describe_bytes(bytes)),
        (bytes, rate) => {
            format!(", {}, {} rows/s overall", describe_bytes(bytes), group_thousands(rate))
        }
    };
    let tables = count_with_noun(report.tables().count() as u64, "table");
    let all = [
        ("outcome", exit),
        ("mode", report.mode.to_owned()),
        ("started", run.started.map(describe_instant).unwrap_or_default()),
        ("ended", run.ended.map(describe_instant).unwrap_or_default()),
        ("took", run.time.map(describe_duration).unwrap_or_default()),
        ("host", run.host.clone()),
        ("user", user),
        ("command", run.command_line.clone()),
        ("size", format!("{} in {tables}{amount}", count_with_noun(rows, "row"))),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// A step of the report in words.
fn describe_step(step: &str) -> &str {
    match step {
        "source" => "opening the SQLite files",
        "target" => "inspecting PostgreSQL",
        "integrity" => "checking the files for damage",
        "preflight" => "checking rows",
        "create" => "creating tables",
        "copy" => "copying rows",
        "keys" => "building keys and indexes",
        "verify" => "comparing source and target",
        "publish" => "committing",
        other => other,
    }
}

/// Time by step, and rows by table.
fn push_charts(blocks: &mut Vec<Block>, report: &Report) {
    if !report.steps.is_empty() {
        push_heading(blocks, "Time by step");
        let most = report.steps.iter().map(|(_, time)| *time).max().unwrap_or_default();
        let bar = |(name, time): &(&str, Duration)| Bar {
            name: describe_step(name).to_owned(),
            percent: percent_of(time.as_secs_f64(), most.as_secs_f64()),
            value: describe_duration(*time),
        };
        blocks.push(Block::Bars(report.steps.iter().map(bar).collect()));
    }
    let mut tables: Vec<(String, u64)> = Vec::new();
    for database in &report.databases {
        let name = |table: &TableReport| format!("{}.{}", database.name, table.name);
        tables.extend(database.tables.iter().map(|table| (name(table), table.rows)));
    }
    tables.retain(|(_, rows)| *rows > 0);
    tables.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let Some(most) = tables.first().map(|(_, rows)| *rows) else { return };
    push_heading(blocks, "Rows by table");
    let bar = |(name, rows): &(String, u64)| Bar {
        name: name.clone(),
        percent: percent_of(*rows as f64, most as f64),
        value: group_thousands(*rows),
    };
    blocks.push(Block::Bars(tables.iter().take(BARS_MOST).map(bar).collect()));
    if let Some(rest) = tables.get(BARS_MOST..).filter(|rest| !rest.is_empty()) {
        let rows = rest.iter().map(|(_, rows)| rows).sum();
        let others = count_with_noun(rest.len() as u64, "smaller table");
        blocks.push(Block::List(vec![format!("{others}: {}", count_with_noun(rows, "row"))]));
    }
}

/// A length in hundredths of the longest; what is there can be seen.
fn percent_of(length: f64, most: f64) -> u8 {
    if length <= 0.0 || most <= 0.0 {
        return 0;
    }
    (length / most * 100.0).clamp(1.0, 100.0) as u8
}

/// What a database is, and its tables.
fn push_database(blocks: &mut Vec<Block>, database: &DatabaseReport) {
    push_heading(blocks, &format!("Database {}", database.name));
    let server = match database.server_version.as_str() {
        "" => String::new(),
        version => format!("PostgreSQL {version}"),
    };
    let class = database.class.map(|class| class.word().to_owned()).unwrap_or_default();
    let committed = if database.committed { "yes" } else { "no" };
    let facts = [
        ("SQLite file", database.source.clone()),
        ("target", database.target.clone()),
        ("server", server),
        ("schema", format!("{} {}", database.schema, version_range(&database.versions))),
        ("schema digest", database.schema_digest.clone()),
        ("integrity check", database.integrity.to_owned()),
        ("target before the run", class),
        ("committed", committed.to_owned()),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.trim().is_empty());
    blocks.push(Block::Facts(facts.collect()));
    if !database.tables.is_empty() {
        let heads = ["table", "rows", "bytes", "time", "compared", "digest"];
        let rows = database.tables.iter().map(table_row).collect();
        blocks.push(Block::Table(Table { heads: heads.to_vec(), rows }));
    }
    let replaced = database.replaced.iter().map(|(table, rows)| {
        format!("rows replaced in {table}: {}", count_with_noun(*rows, "row"))
    });
    let not_moved = database
        .not_moved
        .iter()
        .map(|one| format!("not moved, only in SQLite: {}", one.describe(&database.name)));
    let accepted = database.accepted_histories.iter().map(|accepted| {
        format!("the migration history in {} differs; the difference was accepted", accepted.table)
    });
    let lines: Vec<String> = not_moved.chain(replaced).chain(accepted).collect();
    if !lines.is_empty() {
        blocks.push(Block::List(lines));
    }
}

fn table_row(table: &TableReport) -> Vec<String> {
    let compared = match table.verified {
        Some(true) => "equal",
        Some(false) => "DIFFERENT",
        None => "not compared",
    };
    let digest = match &table.digests {
        None => String::new(),
        Some(digests) if digests.source == digests.target => digests.source.clone(),
        Some(digests) => format!("SQLite {}, PostgreSQL {}", digests.source, digests.target),
    };
    vec![
        table.shown_name(),
        group_thousands(table.rows),
        if table.bytes == 0 { String::new() } else { describe_bytes(table.bytes) },
        if table.time.is_zero() { String::new() } else { describe_duration(table.time) },
        compared.to_owned(),
        digest,
    ]
}
