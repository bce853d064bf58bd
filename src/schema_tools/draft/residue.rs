//! RESIDUE.md: what the schema files do not say, with its original text.

use std::fmt::Write;

pub use super::subject::{Clause, Subject};
use crate::text;

/// One thing that a schema file does not express, or that a person must decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residue {
    /// The table it belongs to; empty for the database as a whole.
    pub table: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is: `index users_by_name`.
    pub what: Subject,
    /// Why it is here and what it means.
    pub why: String,
    /// Its text as SQLite has it.
    pub sql: Clause,
}

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something to decide before the data is copied.
    Decide,
    /// A sequence that nothing is tied to; the copy leaves it as it is.
    Untied,
    /// A rule or an index that PostgreSQL will not have.
    Lost,
    /// Something of SQLite that is not data.
    Left,
    /// Something that is there, in another way.
    Changed,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Kind::Decide => "To decide before copying",
            Kind::Untied => "Sequences that the copy does not change",
            Kind::Lost => "Rules and indexes that PostgreSQL will not have",
            Kind::Left => "Not data: not migrated",
            Kind::Changed => "Different in PostgreSQL",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Kind::Decide => {
                "The copy refuses undecided tables and columns, and values that do not fit their \
                 column. Correct the schema files, or change the values in the application."
            }
            Kind::Untied => {
                "Nothing in PostgreSQL shows which column gets its values from these sequences. If \
                 the application uses one of them for a copied column, write a [[sequence]] entry \
                 in database.toml, so that the sequence continues after the copied values."
            }
            Kind::Lost => {
                "The data is copied without them. If you need them, write them in PostgreSQL's \
                 syntax in the schema files, or create them after the migration."
            }
            Kind::Left => {
                "These objects contain SQL for SQLite. If the application needs them in \
                 PostgreSQL, it must create them there."
            }
            Kind::Changed => "For information. No action is needed.",
        }
    }
}

impl Residue {
    /// In one line: `table: what: why`.
    pub fn one_line(&self) -> String {
        format!(
            "{}: {}: {}",
            markdown_text(&self.table),
            markdown_text(&self.what.to_string()),
            markdown_text(&self.why)
        )
    }
}

/// How the file begins.
pub const TITLE: &str = "# What the schema files of ";

/// The whole file.
pub fn residue_markdown(source: &str, residue: &[Residue]) -> String {
    let mut out = format!("{TITLE}{} do not contain\n", markdown_name(source));
    if residue.is_empty() {
        out.push_str("\nThe schema files describe everything in the database.\n");
        return out;
    }
    for kind in [Kind::Decide, Kind::Untied, Kind::Lost, Kind::Left, Kind::Changed] {
        let mut items: Vec<&Residue> = residue.iter().filter(|item| item.kind == kind).collect();
        if items.is_empty() {
            continue;
        }
        items.sort_by(|a, b| a.table.cmp(&b.table));
        let _ = write!(out, "\n## {}\n\n{}\n", kind.title(), kind.explanation());
        let mut table = None;
        for item in items {
            if table != Some(&item.table) {
                let _ = write!(out, "\n### {}\n", markdown_name(&item.table));
            }
            table = Some(&item.table);
            let why = markdown_text(&item.why).replace('<', "\\<");
            let _ = write!(out, "\n- **{}**: {why}\n", markdown_name(&item.what.to_string()));
            let sql = item.sql.to_string();
            if !sql.is_empty() {
                let (fence, sql) = (choose_fence(&sql), escape_statement(&sql));
                let _ = write!(out, "\n{fence}sql\n{sql}\n{fence}\n");
            }
        }
    }
    out
}

/// A statement as SQLite keeps it; line breaks and tabs stay, other hidden characters are escaped.
fn escape_statement(sql: &str) -> String {
    let line = |line: &str| {
        let parts: Vec<_> = line.split('\t').map(text::escape_hidden).collect();
        parts.join("\t")
    };
    let lines: Vec<String> = sql.trim_end().lines().map(line).collect();
    lines.join("\n")
}

/// A fence that the text itself does not hold.
fn choose_fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// A name in Markdown: nothing of it begins a tag, a link or emphasis.
fn markdown_name(text: &str) -> String {
    let mut out = String::new();
    for c in markdown_text(text).chars() {
        if matches!(c, '<' | '[' | '*' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A name in running text: on one line.
pub(super) fn markdown_text(text: &str) -> String {
    if text.is_empty() {
        return "(no name)".to_owned();
    }
    text::escape_hidden(text).into_owned()
}
