//! `migrate explain`: what the catalogue says of a finding or an exit code, what
//! `docs/repairs.md` says of a repair, and the pages that hints name.
//!
//! Nothing is said a second time here: the texts are those that the documentation is made of.

use std::fmt::Write as _;

use crate::diagnostic::console::{output_width, print_result};
use crate::diagnostic::{Error, Exit, Hints, Id, RepairKind, Result, catalog};
use crate::program_name::with_program_name;
use crate::repair::offer::repair_kinds_answering;
use crate::text::wrap_line;

const REPAIRS_PAGE: &str = include_str!("../../docs/repairs.md");

/// Pages that hints name: by what they are called here, and where the documentation has them.
const PAGES: &[(&str, &str, &str)] = &[
    ("repairs", "docs/repairs.md", REPAIRS_PAGE),
    ("schema-files", "schema/README.md", include_str!("../../schema/README.md")),
    ("existing-tables", "docs/existing-tables.md", include_str!("../../docs/existing-tables.md")),
    ("new-version", "docs/new-version.md", include_str!("../../docs/new-version.md")),
    ("report", "docs/report.md", include_str!("../../docs/report.md")),
    ("progress", "docs/progress.md", include_str!("../../docs/progress.md")),
];

/// How an item of a list begins.
const LIST_MARK: &str = "- ";

/// The page that is made of the catalogue.
const FINDINGS_PAGE: (&str, &str) = ("findings", "docs/findings.md");

/// Prints what is known of a topic; without one the list of all.
pub fn explain(topic: Option<&str>) -> Result<Exit> {
    let width = output_width();
    match topic {
        None => print_result(&*with_program_name(&list_topics(width))),
        Some(topic) => match describe_topic(topic, width) {
            Some(text) => print_result(&*with_program_name(&text)),
            None => Err(unknown_topic(topic)),
        },
    }
}

/// The text of a topic, if there is one of that name.
fn describe_topic(topic: &str, width: usize) -> Option<String> {
    let is_topic = |name: &str| name.eq_ignore_ascii_case(topic);
    if let Some(entry) = catalog::entries().find(|entry| is_topic(entry.id.as_str())) {
        let text = format!("{}\n\n{}{}", entry.id, entry.body_text(), repairs_text(entry.id));
        return Some(wrap_text(&text, width));
    }
    if let Some(entry) = catalog::EXITS.iter().find(|entry| is_topic(&exit_name(entry.exit))) {
        let text = format!("Exit code {}\n\n{}", exit_name(entry.exit), entry.body_text());
        return Some(wrap_text(&text, width));
    }
    if let Some(kind) = RepairKind::ALL.iter().find(|kind| is_topic(kind.word())) {
        return Some(wrap_text(&describe_repair(*kind), width));
    }
    let (name, file) = FINDINGS_PAGE;
    if is_topic(name) || is_topic(file) {
        return Some(catalog::findings_page());
    }
    let page = PAGES.iter().find(|(name, file, _)| is_topic(name) || is_topic(file));
    page.map(|(_, _, text)| (*text).to_owned())
}

fn exit_name(exit: Exit) -> String {
    (exit as u8).to_string()
}

/// The repairs that can answer a finding, as the end of its text.
fn repairs_text(id: Id) -> String {
    let mut words: Vec<&str> = repair_kinds_answering(id).map(RepairKind::word).collect();
    words.dedup();
    match words.first() {
        None => String::new(),
        Some(first) => {
            let words = words.join(", ");
            format!("\nRepairs: {words}. `migrate explain {first}` says what the first one does.\n")
        }
    }
}

/// A line of a table on the page of repairs: the heads and the cells.
fn repair_row(kind: RepairKind) -> Vec<(&'static str, &'static str)> {
    let cells = |line: &'static str| -> Vec<&'static str> {
        line.trim_matches('|').split('|').map(str::trim).collect()
    };
    let word = format!("`{}`", kind.word());
    let mut heads = Vec::new();
    for line in REPAIRS_PAGE.lines().filter(|line| line.starts_with('|')) {
        let row = cells(line);
        match row.first() {
            Some(&"word") => heads = row,
            Some(first) if *first == word => return heads.into_iter().zip(row).collect(),
            _ => {}
        }
    }
    Vec::new()
}

/// What the page of repairs says of a word.
fn describe_repair(kind: RepairKind) -> String {
    let mut text = format!("{}\n", kind.word());
    for (head, cell) in repair_row(kind).into_iter().skip(1).filter(|(_, cell)| !cell.is_empty()) {
        let _ = write!(text, "\n{head}: {cell}\n");
    }
    text.push_str("\n`migrate explain repairs` says how repairs are named and what they can do.\n");
    text
}

/// What the page of repairs says in one cell of what a word does.
fn repair_meaning(kind: RepairKind) -> &'static str {
    let row = repair_row(kind);
    row.iter().find(|(head, _)| *head == "what it does").map_or("", |(_, cell)| cell)
}

/// Everything that can be explained, a line each.
fn list_topics(width: usize) -> String {
    let mut text = "`migrate explain NAME` says more about each of these.\n".to_owned();
    for (heading, entries) in catalog::GROUPS {
        let lines = entries.iter().map(|entry| (entry.id.as_str().to_owned(), entry.meaning));
        push_group(&mut text, heading, lines.collect(), width);
    }
    let exits = catalog::EXITS.iter().map(|entry| (exit_name(entry.exit), entry.meaning));
    push_group(&mut text, "Exit codes", exits.collect(), width);
    let repairs =
        RepairKind::ALL.iter().map(|kind| (kind.word().to_owned(), repair_meaning(*kind)));
    push_group(&mut text, "Words of --repair", repairs.collect(), width);
    let pages = PAGES.iter().map(|(name, file, _)| (*name, *file)).chain([FINDINGS_PAGE]);
    let pages = pages.map(|(name, file)| (name.to_owned(), file));
    push_group(&mut text, "Pages", pages.collect(), width);
    text
}

/// A heading and its lines: a name and what it stands for.
fn push_group(text: &mut String, heading: &str, lines: Vec<(String, &str)>, width: usize) {
    let longest = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let _ = write!(text, "\n{heading}\n");
    for (name, what) in lines {
        let line = format!("  {name:<longest$}  {what}");
        let _ = writeln!(text, "{}", wrap_line(&line, width, longest + 4));
    }
}

/// Wraps each line of a text at that width; an item of a list continues below its text.
fn wrap_text(text: &str, width: usize) -> String {
    let text = with_program_name(text);
    let indent_of = |line: &str| if line.starts_with(LIST_MARK) { LIST_MARK.len() } else { 0 };
    text.lines().map(|line| wrap_line(line, width, indent_of(line)) + "\n").collect()
}

/// What is said of a topic that there is not, with the nearest one.
fn unknown_topic(topic: &str) -> Error {
    let list = "list all names: `migrate explain`";
    let hints = match nearest_topic(topic) {
        Some(near) => Hints::from(format!("did you mean `migrate explain {near}`?")).and(list),
        None => list.into(),
    };
    let text = format!("unknown topic `{topic}`: not a finding, an exit code, a repair or a page");
    Error::new(Exit::Usage, text, hints)
}

/// The topic that is written most like a word, if one is.
fn nearest_topic(topic: &str) -> Option<String> {
    let ids = catalog::entries().map(|entry| entry.id.as_str().to_owned());
    let exits = catalog::EXITS.iter().map(|entry| exit_name(entry.exit));
    let repairs = RepairKind::ALL.iter().map(|kind| kind.word().to_owned());
    let pages = PAGES.iter().map(|(name, ..)| *name).chain([FINDINGS_PAGE.0]).map(str::to_owned);
    let written = Some(topic.to_ascii_lowercase()).filter(|written| !written.is_empty())?;
    let first = written.chars().next();
    let known = ids.chain(exits).chain(repairs).chain(pages);
    let most = 1 + written.chars().count() / 4;
    let near = known.filter_map(|name| {
        let distance = strsim::damerau_levenshtein(&written, &name.to_ascii_lowercase());
        // The letter of an id says more than its number.
        let is_alike = name.len() > 4 || name.to_ascii_lowercase().chars().next() == first;
        (distance <= most && is_alike).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_items_of_a_list_continue_below_their_text() {
        let text = "What to do:\n\n- Write the time that is meant.\n- Or set it to `NULL`.\n";
        let wrapped =
            "What to do:\n\n- Write the time\n  that is meant.\n- Or set it to\n  `NULL`.\n";
        assert_eq!(wrap_text(text, 16), wrapped);
        assert_eq!(wrap_text("Write the time - that\n", 16), "Write the time -\nthat\n");
    }
}
