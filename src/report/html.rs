//! The page of a report for a browser: one file to attach to a ticket, and to read on a phone.

use std::fmt::Write;

use super::page::{Bar, Block, Notice, Page, Table, Tone};
use crate::html::{escape_html, page_start};

/// How such a file begins, of any release.
pub const BEGINNING: &str = "<!DOCTYPE html>\n<!-- connect-migrate-report/";

/// What it is.
const COMMENT: &str = "<!-- connect-migrate-report/1 -->\n";

/// What its style has beside that of all pages.
const STYLE: &str = include_str!("report.css");

/// The page.
pub fn html_page(page: &Page) -> String {
    let mut out = page_start(COMMENT, &page.title, STYLE);
    let _ = writeln!(
        out,
        "<header>\n<h1 class=\"outcome {}\">{}</h1>\n</header>\n<main>",
        css_class(page.tone),
        escape_html(&page.title)
    );
    page.blocks.iter().for_each(|block| push_block(&mut out, block));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// The class of a tone.
fn css_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "blocks",
        Tone::Warning => "loses",
        Tone::Good => "harmless",
        Tone::Plain => "plain",
    }
}

fn push_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(text) => {
            let _ = writeln!(out, "<h2><bdi>{}</bdi></h2>", escape_html(text));
        }
        Block::Facts(facts) => {
            out.push_str("<dl class=\"facts\">\n");
            for (name, value) in facts {
                let value = escape_html(value);
                let _ = writeln!(out, "<div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>");
            }
            out.push_str("</dl>\n");
        }
        Block::Bars(bars) => {
            out.push_str("<ul class=\"bars\">\n");
            bars.iter().for_each(|bar| push_bar(out, bar));
            out.push_str("</ul>\n");
        }
        Block::Table(table) => push_table(out, table),
        Block::Notices(notices) => notices.iter().for_each(|notice| push_notice(out, notice)),
        Block::List(lines) => {
            out.push_str("<ul>\n");
            for line in lines {
                let _ = writeln!(out, "<li><bdi>{}</bdi></li>", escape_html(line));
            }
            out.push_str("</ul>\n");
        }
    }
}

fn push_bar(out: &mut String, bar: &Bar) {
    let (name, value) = (escape_html(&bar.name), escape_html(&bar.value));
    let _ = writeln!(
        out,
        "<li><span class=\"name\"><bdi>{name}</bdi></span><span class=\"value\">{value}</span>\
         <span class=\"track\"><span class=\"bar\" style=\"width:{}%\"></span></span></li>",
        bar.percent
    );
}

/// On a narrow screen each row is a block, and each cell has its head before it.
fn push_table(out: &mut String, table: &Table) {
    out.push_str("<table>\n<thead><tr>");
    for head in &table.heads {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (head, cell) in table.heads.iter().zip(row) {
            let cell = escape_html(cell);
            let _ = write!(out, "<td data-head=\"{head}\"><bdi>{cell}</bdi></td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn push_notice(out: &mut String, notice: &Notice) {
    let _ = writeln!(
        out,
        "<article class=\"{}\">\n<h3><bdi>{}</bdi><small>{}</small></h3>",
        css_class(notice.tone),
        escape_html(&notice.title),
        escape_html(&notice.kind)
    );
    for line in &notice.lines {
        let _ = writeln!(out, "<p><bdi>{}</bdi></p>", escape_html(line));
    }
    for hint in notice.hints.iter() {
        let text = escape_html(&hint.text);
        let _ = writeln!(out, "<p class=\"hint\">hint: <bdi>{text}</bdi></p>");
        for line in &hint.lines {
            let _ = writeln!(out, "<p class=\"hint\"><code>{}</code></p>", escape_html(line));
        }
    }
    out.push_str("</article>\n");
}
