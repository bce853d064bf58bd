//! What the terminal says of values that were taken in a way that is counted, and of notes: a line
//! for each id, however many columns and rows there are.

use std::fmt::Write as _;

use crate::diagnostic::{Id, Note, Severity};
use crate::report::Report;
use crate::text::Lines;
use crate::text::group_thousands;

/// So many columns of an id are named.
const NAMED: usize = 4;

/// The lines; nothing where there is nothing to say.
pub fn notes_text(report: &Report) -> Lines {
    let mut out = Lines::default();
    let counted = count_notes(report);
    if !counted.is_empty() {
        out.add_line("counted (`migrate explain ID` says what each is):");
    }
    for (id, places) in counted {
        let named = places.iter().take(NAMED);
        let named: Vec<String> =
            named.map(|(place, count)| format!("{place} {}", group_thousands(*count))).collect();
        let mut line = format!("  {id:<4} {}", named.join(", "));
        if places.len() > NAMED {
            let all: u64 = places.iter().map(|(_, count)| count).sum();
            let more = places.len() - NAMED;
            let _ = write!(line, " and {more} more columns, {} in all", group_thousands(all));
        }
        out.add_line(line);
    }
    // Repairs are listed by themselves.
    let notes = report.findings.iter().filter(|finding| !finding.id.is_of_repairs());
    let notes: Vec<_> = notes.filter(|finding| finding.severity == Severity::Note).collect();
    if !notes.is_empty() {
        out.add_line("noted:");
    }
    for note in notes {
        out.add_line(format!("  {note}"));
        note.details.iter().for_each(|detail| out.add_line(format!("    {detail}")));
    }
    if !out.is_empty() {
        out.add_blank_line();
    }
    out
}

/// Each id with its columns and counts, in the order in which they were met.
fn count_notes(report: &Report) -> Vec<(Id, Vec<(String, u64)>)> {
    let mut counted: Vec<(Id, Vec<(String, u64)>)> = Vec::new();
    for database in &report.databases {
        for table in &database.tables {
            for Note { column, id, count } in &table.notes {
                let column = table.columns.get(*column).copied().unwrap_or_default();
                let place = format!("{}.{}.{column}", database.name, table.name);
                match counted.iter_mut().find(|(known, _)| known == id) {
                    Some((_, places)) => places.push((place, *count)),
                    None => counted.push((*id, vec![(place, *count)])),
                }
            }
        }
    }
    counted
}
