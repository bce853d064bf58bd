//! Pages for a browser: one file that needs nothing else, not even a network.
//!
//! There is no script in them, and their own policy allows none: names come from a database, and a
//! table may be called anything.

use std::fmt::Write;

use crate::text::is_hidden;

/// How every page looks; a page may add to it.
const STYLE: &str = include_str!("page.css");

/// The beginning of a page, up to its body: a comment that says what the file is, which may be
/// empty, the title, and what its style has beside that of all pages.
pub fn page_start(comment: &str, title: &str, style: &str) -> String {
    let title = escape_html(title);
    format!(
        "<!DOCTYPE html>\n{comment}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n"
    )
}

/// Text as a page holds it: nothing of it is markup.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if is_hidden(c) => {
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
