//! The tables of a database as aligned lines.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::TableReport;
use crate::text::{self, Lines};
use crate::text::{count_with_noun, group_thousands};

/// A line for each table, and one for all.
pub(super) fn table_lines(tables: &[TableReport]) -> Lines {
    let mut rows = vec![["table", "rows", "bytes", "time", "verified"].map(str::to_owned)];
    for table in tables {
        let verified = match table.verified {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "-",
        };
        rows.push([
            text::escape(&table.shown_name()).into_owned(),
            group_thousands(table.rows),
            group_thousands(table.bytes),
            format!("{:.2} s", table.time.as_secs_f64()),
            verified.to_owned(),
        ]);
    }
    rows.push([
        count_with_noun(tables.len() as u64, "table"),
        group_thousands(tables.iter().map(|table| table.rows).sum()),
        group_thousands(tables.iter().map(|table| table.bytes).sum()),
        format!("{:.2} s", tables.iter().map(|table| table.time.as_secs_f64()).sum::<f64>()),
        verified_summary(tables).to_owned(),
    ]);
    // A dry run or a comparison copies nothing: what would be zeros all the way is left out.
    let copied = tables.iter().any(|table| table.bytes > 0);
    let compared = tables.iter().any(|table| table.verified.is_some());
    let shown = [true, true, copied, copied, compared];
    let widths: Vec<usize> = (0..5)
        .map(|c| rows.iter().filter_map(|row| row.get(c)).map(|text| text.width()).max())
        .map(Option::unwrap_or_default)
        .collect();
    let mut out = Lines::default();
    for row in &rows {
        let mut line = String::new();
        for (place, (text, width)) in row.iter().zip(&widths).enumerate() {
            if !shown.get(place).copied().unwrap_or(true) {
                continue;
            }
            // Letters of some scripts take two columns of a terminal.
            let blanks = " ".repeat(width.saturating_sub(text.width()));
            let _ = match place {
                0 => write!(line, "  {text}{blanks}"),
                _ => write!(line, "  {blanks}{text}"),
            };
        }
        out.add_line(line.trim_end());
    }
    out
}

fn verified_summary(tables: &[TableReport]) -> &'static str {
    if tables.iter().all(|table| table.verified == Some(true)) {
        "all"
    } else if tables.iter().any(|table| table.verified == Some(false)) {
        "NO"
    } else {
        "-"
    }
}
