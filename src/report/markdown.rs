//! The page of a report as Markdown, to be pasted into a ticket.

use std::fmt::Write;

use super::page::{Block, Notice, Page, Table, Tone};
use crate::text::escape_markdown;

/// How such a file begins, of any release.
pub const BEGINNING: &str = "<!-- connect-migrate-report/";

/// What it is.
const COMMENT: &str = "<!-- connect-migrate-report/1 -->\n";

/// The page.
pub fn markdown_page(page: &Page) -> String {
    let mut out = format!("{COMMENT}\n# {}\n", escape_markdown(&page.title));
    page.blocks.iter().for_each(|block| push_block(&mut out, block));
    out
}

fn push_block(out: &mut String, block: &Block) {
    out.push('\n');
    match block {
        Block::Heading(text) => {
            let _ = writeln!(out, "## {}", escape_markdown(text));
        }
        Block::Facts(facts) => {
            let rows = facts.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]);
            push_table(out, &["", ""], rows);
        }
        Block::Bars(bars) => {
            let rows = bars.iter().map(|bar| vec![bar.name.clone(), bar.value.clone()]);
            push_table(out, &["", ""], rows);
        }
        Block::Table(Table { heads, rows }) => push_table(out, heads, rows.iter().cloned()),
        Block::Notices(notices) => notices.iter().for_each(|notice| push_notice(out, notice)),
        Block::List(lines) => lines.iter().for_each(|line| push_item(out, "", line)),
    }
}

fn push_table(out: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |", heads.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(heads.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escape_markdown(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn push_item(out: &mut String, indent: &str, line: &str) {
    let _ = writeln!(out, "{indent}- {}", escape_markdown(line));
}

fn push_notice(out: &mut String, notice: &Notice) {
    let tone = match notice.tone {
        Tone::Bad => "error",
        Tone::Warning => "warning",
        Tone::Good | Tone::Plain => "note",
    };
    let (title, kind) = (escape_markdown(&notice.title), escape_markdown(&notice.kind));
    let _ = writeln!(out, "- **{title}** {kind} ({tone})");
    notice.lines.iter().for_each(|line| push_item(out, "  ", line));
    for hint in notice.hints.iter() {
        push_item(out, "  ", &format!("hint: {}", hint.text));
        hint.lines.iter().for_each(|line| push_item(out, "    ", line));
    }
}
