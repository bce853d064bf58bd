//! A step as a line: of a terminal's width, or of a log.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, io};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::progress::{View, lock_mutex};
use super::step::{Total, Unit};
use crate::text::{self, group_thousands};

/// From this width on a line has a bar.
const COLUMNS_WITH_BAR: usize = 120;
/// The bar's columns.
const BAR: usize = 20;
/// A table's name keeps so many columns, however narrow the terminal is.
const NAME_LEAST: usize = 24;
/// An elapsed time is shown from then on.
const ELAPSED_AFTER: Duration = Duration::from_secs(1);

/// A part of a line, and how soon it is left out where there is no room: the highest first.
struct Part {
    text: String,
    leave_out: u8,
}

/// The line of a terminal of so many columns.
pub fn screen_line(view: &View, columns: usize, color: bool) -> String {
    let bar = view.percent().filter(|_| columns >= COLUMNS_WITH_BAR);
    // The last column stays empty: some terminals go to the next line behind it.
    let columns = columns.saturating_sub(1).max(1);
    let room = columns - bar.map_or(0, |_| BAR + 1);
    let mut parts = line_parts(view, group_thousands);
    let name = escaped_name(view);
    // The name gives way last, but for what it needs to be known by.
    let needs = |parts: &[Part]| head_width(view) + name.width().min(NAME_LEAST) + width_of(parts);
    while needs(&parts) > room {
        let least = parts.iter().map(|part| part.leave_out).max().unwrap_or(0);
        if least == 0 {
            // A number that is cut would be another one.
            parts.splice(.., count_part(view, Total::Unknown, &group_thousands));
            break;
        }
        parts.retain(|part| part.leave_out < least);
    }
    let left = room.saturating_sub(head_width(view) + width_of(&parts));
    let text = join_parts(view, &shorten_name(&name, left.max(NAME_LEAST)), &parts);
    render_line(view, &text, bar.is_some(), columns, color)
}

/// The line of a log, behind its time.
pub fn log_line(view: &View) -> String {
    join_parts(view, &escaped_name(view), &line_parts(view, |number| number.to_string()))
}

/// The line of a log for a step that begins.
pub fn begin_line(view: &View) -> String {
    let total = match (view.total, view.step.unit()) {
        (Total::Known(total), Unit::Rows) => format!(": {total} {}", row_noun(total)),
        (Total::AtMost(total), Unit::Rows) => format!(": at most {total} {}", row_noun(total)),
        (Total::Known(1), Unit::Statements) => ": 1 statement".to_owned(),
        (Total::Known(total), Unit::Statements) => format!(": {total} statements"),
        _ => String::new(),
    };
    let subject = text::escape(&view.subject);
    format!("{}{}{subject}{total}", view.step.text(), blank_before(&subject))
}

fn blank_before(text: &str) -> &'static str {
    if text.is_empty() { "" } else { " " }
}

/// The table in work, or what the step is about.
fn escaped_name(view: &View) -> String {
    let name = if view.work.is_empty() { &view.subject } else { &view.work };
    text::escape(name).into_owned()
}

/// The columns of what stands before and behind the name.
fn head_width(view: &View) -> usize {
    view.step.text().width() + " ".len() + ": ".len()
}

fn width_of(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.text.width() + ", ".len()).sum()
}

/// Statements have their number first, tables their name.
fn join_parts(view: &View, name: &str, parts: &[Part]) -> String {
    let mut out = view.step.text().to_owned();
    let texts = parts.iter().map(|part| part.text.as_str());
    match view.step.unit() {
        Unit::Statements => {
            let name = Some(name).filter(|name| !name.is_empty());
            let texts: Vec<&str> = texts.take(1).chain(name).collect();
            let rest = parts.iter().skip(1).map(|part| part.text.as_str());
            let all: Vec<&str> = texts.into_iter().chain(rest).collect();
            let _ = write!(out, ": {}", all.join(", "));
        }
        Unit::Rows | Unit::Nothing => {
            let all: Vec<&str> = texts.collect();
            let colon = if all.is_empty() { "" } else { ": " };
            let _ = write!(out, "{}{name}{colon}{}", blank_before(name), all.join(", "));
        }
    }
    out
}

/// What is said of a step, in its order.
fn line_parts(view: &View, number: impl Fn(u64) -> String) -> Vec<Part> {
    let mut parts: Vec<Part> = count_part(view, view.total, &number).into_iter().collect();
    let mut add = |leave_out, text: String| parts.push(Part { text, leave_out });
    if !view.detail.is_empty() {
        add(1, text::escape(&view.detail).into_owned());
    }
    if let Some(percent) = view.percent() {
        add(1, format!("{percent} %"));
    }
    if let Some(rate) = view.rate {
        add(4, format!("{} rows/s", number(rate)));
    }
    if view.elapsed >= ELAPSED_AFTER {
        add(3, format!("{} elapsed", clock_time(view.elapsed)));
    }
    if let Some(remaining) = view.remaining().filter(|remaining| !remaining.is_zero()) {
        let most = if matches!(view.total, Total::AtMost(_)) { "at most" } else { "about" };
        add(2, format!("{most} {} left", clock_time(remaining)));
    }
    parts
}

/// How much is done, of so much in all.
fn count_part(view: &View, total: Total, number: &impl Fn(u64) -> String) -> Option<Part> {
    let (done, current) = (number(view.done), view.done.saturating_add(1));
    let text = match (view.step.unit(), total) {
        (Unit::Rows, Total::Known(total)) => {
            format!("{done} of {} {}", number(total), row_noun(total))
        }
        (Unit::Rows, Total::AtMost(total)) => {
            format!("{done} of at most {} {}", number(total), row_noun(total))
        }
        (Unit::Rows, Total::Unknown) => format!("{done} {}", row_noun(view.done)),
        (Unit::Statements, Total::Known(total)) => {
            format!("{} of {}", number(current.min(total)), number(total))
        }
        (Unit::Statements, _) => number(current),
        (Unit::Nothing, _) => return None,
    };
    Some(Part { text, leave_out: 0 })
}

fn row_noun(count: u64) -> &'static str {
    if count == 1 { "row" } else { "rows" }
}

/// `0:09`, `1:14`, `2:00:05`
fn clock_time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// A name in at most so many columns; its beginning counts most.
fn shorten_name(name: &str, columns: usize) -> String {
    if name.width() <= columns {
        return name.to_owned();
    }
    let mut out = String::new();
    let mut width = "…".width();
    for letter in name.chars() {
        width += letter.width().unwrap_or(0);
        if width > columns {
            break;
        }
        out.push(letter);
    }
    out.push('…');
    out
}

/// The line as indicatif draws it, cut to the columns; no part of it reaches a terminal from here.
fn render_line(view: &View, text: &str, has_bar: bool, columns: usize, color: bool) -> String {
    let template = match (has_bar, color) {
        (false, _) => "{wide_msg}",
        (true, false) => "{bar:20} {wide_msg}",
        (true, true) => "\u{1b}[36m{bar:20}\u{1b}[0m {wide_msg}",
    };
    let Ok(style) = ProgressStyle::with_template(template) else { return text.to_owned() };
    let paper = Paper { columns, drawn: Arc::default() };
    let drawn = paper.drawn.clone();
    let total = match view.total {
        Total::Known(total) => Some(total),
        Total::AtMost(_) | Total::Unknown => None,
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::term_like(Box::new(paper)))
        .with_style(style.progress_chars("█▉▊▋▌▍▎▏░"))
        .with_message(text.to_owned())
        .with_position(view.done);
    bar.force_draw();
    lock_mutex(&drawn).trim_end().to_owned()
}

/// What indicatif draws on: text in memory, of one line.
struct Paper {
    columns: usize,
    drawn: Arc<Mutex<String>>,
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paper")
    }
}

impl TermLike for Paper {
    fn width(&self) -> u16 {
        u16::try_from(self.columns).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        lock_mutex(&self.drawn).push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::console::step::Step;

    fn copying_view(work: &str, done: u64, total: Total) -> View {
        View {
            step: Step::Copy,
            subject: String::new(),
            work: work.to_owned(),
            detail: String::new(),
            work_done: done,
            done,
            total,
            elapsed: Duration::from_secs(74),
            rate: Some(212_000),
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_in_its_order() {
        let view = copying_view("core.jobs", 15_688_000, Total::Known(30_803_114));
        let lines = [200, 100, 80, 60, 40].map(|columns| screen_line(&view, columns, false));
        let expected = [
            "██████████▎░░░░░░░░░ copying core.jobs: 15,688,000 of 30,803,114 rows, 50 %, \
             212,000 rows/s, 1:14 elapsed, about 1:12 left",
            "copying core.jobs: 15,688,000 of 30,803,114 rows, 50 %, 1:14 elapsed, about 1:12 left",
            "copying core.jobs: 15,688,000 of 30,803,114 rows, 50 %, about 1:12 left",
            "copying core.jobs: 15,688,000 of 30,803,114 rows, 50 %",
            "copying core.jobs: 15,688,000 rows",
        ];
        for (line, expected) in lines.iter().zip(expected) {
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn a_limit_is_no_total() {
        let view = copying_view("core.jobs", 412_000, Total::AtMost(803_114));
        assert_eq!(
            screen_line(&view, 110, false),
            "copying core.jobs: 412,000 of at most 803,114 rows, 212,000 rows/s, 1:14 elapsed, \
             at most 0:02 left"
        );
        let view = copying_view("core.jobs", 412_000, Total::Unknown);
        assert_eq!(log_line(&view), "copying core.jobs: 412000 rows, 212000 rows/s, 1:14 elapsed");
    }

    #[test]
    fn a_long_name_leaves_the_count() {
        let view = copying_view(&"表".repeat(60), 412_000, Total::Known(803_114));
        for columns in [40, 60, 61, 80, 120, 200] {
            let line = screen_line(&view, columns, false);
            assert!(line.width() < columns, "{columns}: {line}");
            assert!(line.contains("表表"), "{columns}: {line}");
            assert!(line.contains("412,000") || columns < 60, "{columns}: {line}");
        }
        let line = screen_line(&copying_view("a\u{1b}[2Jb", 1, Total::Unknown), 80, false);
        assert!(line.starts_with("copying a\\u{1b}[2Jb: 1 row,"), "{line}");
    }

    #[test]
    fn the_index_in_work_is_named_with_its_phase() {
        let view = View {
            step: Step::BuildKeys,
            work: "index a_b".to_owned(),
            detail: "sorting, 62 %".to_owned(),
            done: 36,
            total: Total::Known(96),
            rate: None,
            ..copying_view("", 0, Total::Unknown)
        };
        assert_eq!(
            screen_line(&view, 80, false),
            "building keys and indexes: 37 of 96, index a_b, sorting, 62 %, 1:14 elapsed"
        );
    }
}
