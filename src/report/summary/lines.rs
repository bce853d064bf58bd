//! The end of a run as people read it: the most important first.

use std::iter::repeat_n;

use unicode_width::UnicodeWidthStr;

use super::totals::rows_per_second;
use super::{Change, DatabaseTotal, Left, Summary, Tense};
use crate::diagnostic::Id;
use crate::text::{
    Lines, count_with_noun, describe_bytes, describe_duration, escape, group_thousands,
    wrap_message,
};

/// So many columns of a kind of change are named.
const COLUMNS_NAMED: usize = 4;

/// So many things that stay in SQLite are named.
const LEFT_NAMED: usize = 20;

impl Summary<'_> {
    /// The text, broken at blanks where there is a `width`.
    pub fn to_text(&self, width: Option<usize>) -> String {
        let mut out = Printer { width, lines: Lines::default() };
        self.headline.iter().for_each(|line| out.add_text("", line));
        if !self.is_declined {
            self.add_totals(&mut out);
            self.add_changes(&mut out);
            self.add_replaced(&mut out);
            self.add_things_not_moved(&mut out);
            self.add_notes(&mut out);
            self.add_next(&mut out);
        }
        if !self.files.is_empty() {
            out.lines.add_blank_line();
            self.add_files(&mut out);
        }
        out.lines.into_text()
    }

    /// A line for each file that was written.
    pub fn files_text(&self) -> String {
        let mut out = Printer { width: None, lines: Lines::default() };
        self.add_files(&mut out);
        out.lines.into_text()
    }

    fn add_files(&self, out: &mut Printer) {
        for file in &self.files {
            out.lines.add_line(format!("{}: {}", capitalize(file.what), file.path.display()));
        }
    }

    /// A line for each database and one for all; nothing where the headline has said it.
    fn add_totals(&self, out: &mut Printer) {
        if self.databases.len() < 2 && !self.total.was_copied() {
            return;
        }
        let mut rows = vec![["database", "tables", "rows", "bytes", "time"].map(str::to_owned)];
        rows.extend(self.databases.iter().map(cells_of_database));
        if self.databases.len() > 1 {
            rows.push(cells_of_database(&self.total));
        }
        let shown = if self.total.was_copied() { 5 } else { 3 };
        out.lines.add_blank_line();
        align_rows(&rows, shown).iter().for_each(|line| out.lines.add_line(line));
        if self.total.was_copied() {
            let rate = group_thousands(rows_per_second(&self.databases));
            let time = self.time.map(describe_duration).unwrap_or_default();
            out.add_text(
                "  ",
                &format!("Rows were copied at {rate} rows/s; the whole run took {time}."),
            );
        }
    }

    fn add_changes(&self, out: &mut Printer) {
        let title = match self.tense {
            Tense::Past => "Changed by the migration",
            Tense::Future => "What the migration changes",
        };
        let repairs = self.changes.repairs.iter().map(|(repair, rows)| {
            let id = if *rows == 0 { Id::R2 } else { Id::R1 };
            format!("{} by the repair {repair} [{id}]", count_with_noun(*rows, "row"))
        });
        let lossy = self.changes.lossy.iter().flat_map(|change| self.change_lines(change));
        out.add_section(title, lossy.chain(repairs));
        let lossless = self.changes.lossless.iter();
        let lossless = lossless.flat_map(|change| self.change_lines(change));
        out.add_section("Converted without loss", lossless);
    }

    /// The change in words, and the columns below it.
    fn change_lines(&self, change: &Change) -> [String; 2] {
        let columns = change.columns.iter().take(COLUMNS_NAMED);
        let named: Vec<String> = match change.columns.as_slice() {
            [(column, _)] => vec![column.clone()],
            _ => {
                columns.map(|(name, count)| format!("{name} {}", group_thousands(*count))).collect()
            }
        };
        let more = match change.columns.len().saturating_sub(COLUMNS_NAMED) {
            0 => String::new(),
            more => format!(" and {}", count_with_noun(more as u64, "more column")),
        };
        [
            format!("{} [{}]", change.describe(self.tense), change.id),
            format!("  in {}{more}", named.join(", ")),
        ]
    }

    fn add_replaced(&self, out: &mut Printer) {
        let title = match self.tense {
            Tense::Past => "Replaced in PostgreSQL",
            Tense::Future => "What the migration replaces in PostgreSQL",
        };
        let replaced = self.replaced.iter().map(|replaced| {
            format!("table {}: {}", replaced.table, count_with_noun(replaced.rows, "row"))
        });
        out.add_section(title, replaced);
    }

    fn add_things_not_moved(&self, out: &mut Printer) {
        let mut lines: Vec<String> = self.left.iter().take(LEFT_NAMED).map(describe_left).collect();
        if let Some(more) = self.left.len().checked_sub(LEFT_NAMED).filter(|more| *more > 0) {
            lines.push(format!("and {more} more, which --report lists"));
        }
        out.add_section("Not moved, only in SQLite", lines.into_iter());
    }

    fn add_notes(&self, out: &mut Printer) {
        let notes = self.notes.iter().flat_map(|note| {
            let details = note.details.iter().map(|detail| format!("  {detail}"));
            [format!("{} [{}]", note.describe(), note.id)].into_iter().chain(details)
        });
        out.add_section("Notes", notes);
    }

    fn add_next(&self, out: &mut Printer) {
        let mut lines = Vec::new();
        for (number, step) in (1..).zip(&self.next.steps) {
            lines.push(format!("{number}. {}", step.text));
            lines.extend(step.lines.iter().map(|line| format!("     {line}")));
        }
        out.add_section("Next", lines.into_iter());
        if self.next.steps.is_empty() && !self.next.remarks.is_empty() {
            out.lines.add_blank_line();
        }
        self.next.remarks.iter().for_each(|remark| out.add_text("", remark));
    }
}

/// Lines for a terminal of a width, or for something else.
struct Printer {
    width: Option<usize>,
    lines: Lines,
}

impl Printer {
    /// A title and lines below it; nothing where there are none.
    fn add_section(&mut self, title: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_none() {
            return;
        }
        self.lines.add_blank_line();
        self.lines.add_line(title);
        lines.for_each(|line| self.add_text("  ", &line));
    }

    /// Adds a line. What is indented by itself is to be pasted, and is not broken.
    fn add_text(&mut self, indent: &str, line: &str) {
        let line = format!("{indent}{}", escape(line));
        let is_text = !line.starts_with("     ");
        match self.width.filter(|_| is_text) {
            Some(width) => {
                let wrapped = wrap_message(&line, width, indent.len() + 2);
                wrapped.lines().for_each(|line| self.lines.add_line(line));
            }
            None => self.lines.add_line(line),
        }
    }
}

fn describe_left(left: &Left<'_>) -> String {
    match left {
        Left::NotMoved(database, one) => one.describe(database),
        Left::Quarantined(database, table, rows) => {
            format!("table {database}.{table}: {} in quarantine", count_with_noun(*rows, "row"))
        }
        Left::History(database, table) => format!(
            "migration history {database}.{table}: the lists differ, the difference was \
             accepted, and PostgreSQL's list is kept"
        ),
    }
}

fn cells_of_database(database: &DatabaseTotal) -> [String; 5] {
    [
        escape(&database.name).into_owned(),
        group_thousands(database.tables),
        group_thousands(database.rows),
        describe_bytes(database.bytes),
        describe_duration(database.time),
    ]
}

/// The first columns of rows, the first to the left, the others to the right.
fn align_rows(rows: &[[String; 5]], shown: usize) -> Vec<String> {
    let cells = |row: &'_ [String; 5]| row.iter().take(shown).cloned().collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    // Letters of some scripts take two columns of a terminal.
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..shown).map(width).collect();
    let align = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(index, (cell, width))| {
            let blanks: String = repeat_n(' ', width.saturating_sub(cell.width())).collect();
            if index == 0 { format!("{cell}{blanks}") } else { format!("{blanks}{cell}") }
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  "))
    };
    rows.iter().map(align).collect()
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}
