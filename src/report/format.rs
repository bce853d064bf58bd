//! The files that a report is written to, each in the format of its ending.

use std::path::{Path, PathBuf};

use super::{Report, html, markdown, page, proposed_repairs};
use crate::diagnostic::Result;
use crate::files::{Output, Purpose};
use crate::text::escape_hidden_in_json;

/// The format's name; its number grows when a reader of the old one would be misled.
pub const FORMAT: &str = "connect-migrate-report/1";

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs: every key of `docs/report.md`.
    Json,
    /// One page for a browser.
    Html,
    /// The same page as Markdown.
    Markdown,
    /// A file for `--repairs`.
    Repairs,
}

/// A file that a run writes its report to.
#[derive(Debug)]
pub struct ReportFile {
    /// As it was named.
    pub path: PathBuf,
    /// How it is written.
    pub format: Format,
    /// Where it goes, checked and open.
    pub output: Output,
}

impl Format {
    /// The format of a file's ending: JSON where that says nothing.
    pub fn of_path(path: &Path) -> Format {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending.to_str() {
            Some("html" | "htm") => Format::Html,
            Some("md") => Format::Markdown,
            _ => Format::Json,
        }
    }

    /// What such a report is to the rules of outputs.
    pub fn purpose(self) -> Purpose {
        let is_same_kind: fn(&[u8]) -> bool = match self {
            Format::Json => is_json_report,
            Format::Html => |beginning: &[u8]| beginning.starts_with(html::BEGINNING.as_bytes()),
            Format::Markdown => {
                |beginning: &[u8]| beginning.starts_with(markdown::BEGINNING.as_bytes())
            }
            Format::Repairs => {
                |beginning: &[u8]| beginning.starts_with(proposed_repairs::BEGINNING.as_bytes())
            }
        };
        if self == Format::Repairs {
            let (flag, noun) = ("--propose-repairs", "the proposed repairs");
            return Purpose { flag, noun, takes_streams: true, is_same_kind };
        }
        Purpose { flag: "--report", noun: "the report", takes_streams: true, is_same_kind }
    }
}

/// Whether a file begins like a report in JSON of any release: `format` comes first.
fn is_json_report(beginning: &[u8]) -> bool {
    let plain = beginning.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    plain.take(64).collect::<Vec<u8>>().starts_with(b"{\"format\":\"connect-migrate-report/")
}

impl Report {
    /// The report in a format.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Json => {
                let json = format!("{:#}\n", self.to_json());
                escape_hidden_in_json(&json).into_owned()
            }
            Format::Html => html::html_page(&page::lower_report(self)),
            Format::Markdown => markdown::markdown_page(&page::lower_report(self)),
            Format::Repairs => proposed_repairs::render_proposed_repairs(self),
        }
    }
}

impl ReportFile {
    /// Writes the report. A regular file is replaced in one step, so that no half report is ever
    /// read.
    ///
    /// # Errors
    /// When it cannot be written; an earlier report is unchanged then.
    pub fn write(&mut self, report: &Report) -> Result<()> {
        let text = report.render(self.format);
        let written = self.output.write_all(text.as_bytes());
        written.map_err(|error| self.format.purpose().system_error(&self.path, &error))
    }
}
