//! Differences for people (plain text, Markdown) and for programs (JSON).

use serde_json::json;

use super::diff::{Difference, Meaning};
use super::shape::Shape;
use crate::text::{self, Lines};

impl Meaning {
    /// In a few words.
    pub fn word(self) -> &'static str {
        match self {
            Meaning::Blocks => "blocks",
            Meaning::Loses => "loses data",
            Meaning::Harmless => "harmless",
        }
    }
}

/// Which side has what differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the left one.
    Missing,
    /// Only the right one.
    Added,
    /// Both, in different ways.
    Changed,
}

impl Change {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Change::Missing => "missing",
            Change::Added => "added",
            Change::Changed => "changed",
        }
    }
}

impl Difference {
    /// Which side has it.
    pub fn kind_of_change(&self) -> Change {
        // A property of a column that both sides have may be empty on one of them.
        match (self.left.is_empty(), self.right.is_empty()) {
            (false, true) if !self.property => Change::Missing,
            (true, false) if !self.property => Change::Added,
            _ => Change::Changed,
        }
    }
}

/// Who is compared, and how many differences of each meaning there are.
pub fn summary_text(all: &[Difference]) -> String {
    if all.is_empty() {
        return "no differences".to_owned();
    }
    let count = |meaning| all.iter().filter(|found| found.meaning == meaning).count();
    let counted = [Meaning::Blocks, Meaning::Loses, Meaning::Harmless].map(|meaning| {
        let number = count(meaning);
        (number > 0).then(|| match meaning {
            Meaning::Blocks => format!("{number} may block a migration"),
            Meaning::Loses => format!("{number} would lose data"),
            Meaning::Harmless => format!("{number} harmless"),
        })
    });
    let counted = counted.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let s = if all.len() == 1 { "" } else { "s" };
    format!("{} difference{s}: {counted}", all.len())
}

/// The table that a difference is about.
pub fn table_name(difference: &Difference) -> &str {
    if difference.table.is_empty() { "(types)" } else { &difference.table }
}

fn describe_definitions(difference: &Difference) -> String {
    let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    match difference.kind_of_change() {
        Change::Missing => format!("only left: {}", difference.left),
        Change::Added => format!("only right: {}", difference.right),
        Change::Changed => format!("{} → {}", shown(&difference.left), shown(&difference.right)),
    }
}

/// Plain text.
pub fn to_plain_text(left: &Shape, right: &Shape, differences: &[Difference]) -> String {
    let mut out = Lines::default();
    out.add_line(format!("left:  {}", left.heading()));
    out.add_line(format!("right: {}", right.heading()));
    out.add_line(summary_text(differences));
    let mut table = None;
    for difference in differences {
        if table != Some(&difference.table) {
            out.add_blank_line();
            out.add_line(table_name(difference));
        }
        table = Some(&difference.table);
        out.add_line(format!("  {:<10}  {}", difference.meaning.word(), difference.subject));
        out.add_line(format!("              {}", describe_definitions(difference)));
        out.add_line(format!("              {}", difference.because));
    }
    out.into_text()
}

/// Markdown.
pub fn to_markdown(left: &Shape, right: &Shape, differences: &[Difference]) -> String {
    let mut out = format!(
        "# {} → {}\n\n{}\n",
        escape_cell(&left.heading()),
        escape_cell(&right.heading()),
        summary_text(differences)
    );
    let mut table = None;
    for difference in differences {
        if table != Some(&difference.table) {
            out.push_str(&format!("\n## {}\n\n", escape_cell(table_name(difference))));
            out.push_str("| meaning | what | left | right | why |\n|---|---|---|---|---|\n");
        }
        table = Some(&difference.table);
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            difference.meaning.word(),
            escape_cell(&difference.subject),
            escape_cell(&difference.left),
            escape_cell(&difference.right),
            difference.because
        ));
    }
    out
}

/// Text in a cell of a table: on one line, and no markup.
fn escape_cell(text: &str) -> String {
    // Before the markup: what is shown for a hidden character holds a backslash, which stays one.
    text::escape_markdown(text)
}

/// JSON.
pub fn to_json(left: &Shape, right: &Shape, all: &[Difference]) -> String {
    let differences: Vec<_> = all
        .iter()
        .map(|difference| {
            json!({
                "table": difference.table,
                "subject": difference.subject,
                "change": difference.kind_of_change().word(),
                "left": difference.left,
                "right": difference.right,
                "meaning": difference.meaning.word(),
                "because": difference.because,
            })
        })
        .collect();
    let all = json!({
        "left": left.heading(),
        "right": right.heading(),
        "equal": differences.is_empty(),
        "differences": differences,
    });
    text::escape_hidden_in_json(&format!("{all:#}\n")).into_owned()
}
