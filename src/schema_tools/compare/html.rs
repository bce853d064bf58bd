//! Differences as a page: one file that needs nothing else, not even a network.
//!
//! There is no script in it, and its own policy allows none: names come from a database, and a
//! table may be called anything.

use std::fmt::Write;

use super::diff::{Difference, Meaning};
use super::print::{summary_text, table_name};
use super::shape::Shape;
use crate::html::{escape_html, page_start};

/// The page.
pub fn html_page(left: &Shape, right: &Shape, differences: &[Difference]) -> String {
    let (one, two) = (escape_html(&left.heading()), escape_html(&right.heading()));
    let mut out = page_start("", &format!("{} → {}", left.heading(), right.heading()), "");
    let _ = write!(
        out,
        "<header>\n\
         <h1>{}</h1>\n<div class=\"pair\">\n\
         <div><b>left: where rows come from</b><bdi>{one}</bdi></div>\n\
         <div><b>right: where they go</b><bdi>{two}</bdi></div>\n</div>\n",
        escape_html(&differences_heading(differences))
    );
    let groups = group_by_table(differences);
    push_counts(&mut out, differences);
    push_contents(&mut out, &groups);
    out.push_str("</header>\n<main>\n");
    for (index, group) in groups.iter().enumerate() {
        push_section(&mut out, index, group);
    }
    out.push_str("</main>\n");
    if !differences.is_empty() {
        push_legend(&mut out);
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// `12 differences`, or that there is none.
fn differences_heading(differences: &[Difference]) -> String {
    let summary = summary_text(differences);
    summary.split(':').next().unwrap_or_default().to_owned()
}

/// The differences of each table; they are in order already.
fn group_by_table(differences: &[Difference]) -> Vec<&[Difference]> {
    differences.chunk_by(|one, two| one.table == two.table).collect()
}

/// The class of a meaning.
fn css_class(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Blocks => "blocks",
        Meaning::Loses => "loses",
        Meaning::Harmless => "harmless",
    }
}

const MEANINGS: [Meaning; 3] = [Meaning::Blocks, Meaning::Loses, Meaning::Harmless];

fn push_counts(out: &mut String, differences: &[Difference]) {
    if differences.is_empty() {
        return;
    }
    out.push_str("<ul class=\"counts\">\n");
    for meaning in MEANINGS {
        let count = differences.iter().filter(|found| found.meaning == meaning).count();
        let words = match meaning {
            Meaning::Blocks => "may block a migration",
            Meaning::Loses => "would lose data",
            Meaning::Harmless => "harmless",
        };
        if count > 0 {
            let class = css_class(meaning);
            let _ = writeln!(out, "<li class=\"{class}\"><strong>{count}</strong> {words}</li>");
        }
    }
    out.push_str("</ul>\n");
}

/// Links to the tables, where there are enough to look for one.
fn push_contents(out: &mut String, groups: &[&[Difference]]) {
    if groups.len() < 2 {
        return;
    }
    out.push_str("<nav aria-label=\"tables\">\n<ul>\n");
    for (index, group) in groups.iter().enumerate() {
        let Some(first) = group.first() else { continue };
        let worst = group.iter().map(|found| found.meaning).min().unwrap_or(first.meaning);
        let (class, name) = (css_class(worst), escape_html(table_name(first)));
        let _ = writeln!(
            out,
            "<li class=\"{class}\"><a href=\"#t{index}\"><bdi>{name}</bdi></a> {}</li>",
            group.len()
        );
    }
    out.push_str("</ul>\n</nav>\n");
}

fn push_section(out: &mut String, index: usize, group: &[Difference]) {
    let Some(first) = group.first() else { return };
    let s = if group.len() == 1 { "" } else { "s" };
    let _ = writeln!(
        out,
        "<section id=\"t{index}\">\n<h2><bdi>{}</bdi><small>{} difference{s}</small></h2>",
        escape_html(table_name(first)),
        group.len()
    );
    group.iter().for_each(|difference| push_article(out, difference));
    out.push_str("</section>\n");
}

fn push_article(out: &mut String, difference: &Difference) {
    let _ = writeln!(
        out,
        "<article class=\"{}\">\n<h3><bdi>{}</bdi><small>{}</small></h3>\n\
         <p><strong>{}:</strong> {}</p>",
        css_class(difference.meaning),
        escape_html(&difference.subject),
        difference.kind_of_change().word(),
        difference.meaning.word(),
        escape_html(difference.because)
    );
    let side = |name: &str, tint: &str, text: &str| match text.is_empty() {
        true => format!("<div><b>{name}</b><i>nothing</i></div>"),
        false => {
            let text = escape_html(text);
            format!("<div class=\"{tint}\"><b>{name}</b><code><bdi>{text}</bdi></code></div>")
        }
    };
    let (left, right) = (&difference.left, &difference.right);
    let _ = writeln!(
        out,
        "<div class=\"pair\">\n{}\n{}\n</div>\n</article>",
        side("left", "gone", left),
        side("right", "come", right)
    );
}

fn push_legend(out: &mut String) {
    out.push_str("<footer>\n<dl>\n");
    for meaning in MEANINGS {
        let words = match meaning {
            Meaning::Blocks => "rows are refused, or may be",
            Meaning::Loses => "something on the left does not exist on the right",
            Meaning::Harmless => "every row is accepted unchanged",
        };
        let (class, word) = (css_class(meaning), meaning.word());
        let _ = writeln!(out, "<div class=\"{class}\"><dt>{word}:</dt> <dd>{words}</dd></div>");
    }
    out.push_str("</dl>\n</footer>\n");
}
