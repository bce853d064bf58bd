//! `migrate check-config`: what a configuration comes to, secrets masked.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::Databases;
use super::gcfg::environment::Environment;
use super::survey::{Effective, Survey};
use crate::diagnostic::{Error, Exit, Result};
use crate::files;
use crate::text::{Lines, count_with_noun};

/// The effective settings as text for standard output, and how the check ends.
///
/// The second part is the error with all faults, for the caller to print and to take the exit
/// code from; what could be read is shown in either case.
pub fn check_config(
    file: &Path,
    environment: &Environment,
    wanted: Databases,
) -> (String, Result<()>) {
    let survey = Survey::read_survey(file, environment, wanted);
    let text = render_survey(&survey);
    (text, Error::from_faults(Exit::Usage, survey.faults))
}

/// The settings, the two databases, and the warnings of a survey.
#[must_use]
pub fn render_survey(survey: &Survey) -> String {
    let mut out = Lines::default();
    out.add_line(format!("configuration: {}", survey.file.display()));
    if let Some(companion) = &survey.companion {
        out.add_line(format!("also read, with lower precedence: {}", companion.display()));
    }
    if !survey.settings.is_empty() {
        out.add_blank_line();
    }
    let name_width = survey.settings.iter().map(|s| s.name.len()).max().unwrap_or(0);
    for setting in &survey.settings {
        setting_lines(setting, name_width).iter().for_each(|line| out.add_line(line));
    }
    if let Some(config) = &survey.config {
        for (name, pair) in [("core", &config.core), ("instrumentation", &config.instrumentation)] {
            if name == "core" {
                out.add_blank_line();
            }
            out.add_line(name);
            out.add_line(format!("  from  {}", pair.sqlite.display()));
            out.add_line(format!("        {}", describe_file_state(&pair.sqlite)));
            out.add_line(format!("  to    {}", pair.url_shown));
        }
    }
    for warning in &survey.warnings {
        out.add_blank_line();
        out.append_lines(warning.terminal_lines("warning"));
        out.append_lines(warning.shown_hints());
    }
    out.into_text()
}

/// A line of a narrow terminal has so many characters.
const NARROW: usize = 80;

/// A setting on one line, if it fits; else what does not fit is on lines of its own. A path or a
/// URL stays whole, so that it can be copied.
fn setting_lines(setting: &Effective, name_width: usize) -> Vec<String> {
    let (name, shown) = (setting.name, &setting.shown);
    let source = format!("[{}]", setting.source);
    let fits = |line: &String| line.chars().count() <= NARROW;
    let first = format!("{name:name_width$}  {shown}");
    let all = format!("{first}  {source}");
    let value = format!("    {shown}  {source}");
    match (fits(&all), fits(&first), fits(&value)) {
        (true, _, _) => vec![all],
        (_, true, _) => vec![first, format!("    {source}")],
        (_, _, true) => vec![name.to_owned(), value],
        _ => vec![name.to_owned(), format!("    {shown}"), format!("    {source}")],
    }
}

/// Whether a SQLite file is there and can be read. SQLite does not open it.
fn describe_file_state(path: &Path) -> String {
    let is_there = |path: &Path| path.parent().is_some_and(Path::is_dir);
    match fs::metadata(path) {
        Ok(data) if !data.is_file() => "this is not a regular file".to_owned(),
        Ok(data) => match files::open_regular_file(path) {
            Ok(_) => {
                format!("the file exists and can be read, {}", count_with_noun(data.len(), "byte"))
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                "this user has no permission to read the file: run this with sudo".to_owned()
            }
            Err(error) => format!("the file cannot be read: {error}"),
        },
        Err(error) => match error.kind() {
            ErrorKind::NotFound if is_there(path) => {
                "the file does not exist, but its directory does".to_owned()
            }
            ErrorKind::NotFound => "the file and its directory do not exist".to_owned(),
            ErrorKind::PermissionDenied => {
                "this user has no permission to search its directory: run this with sudo".to_owned()
            }
            _ => format!("the file cannot be read: {error}"),
        },
    }
}
