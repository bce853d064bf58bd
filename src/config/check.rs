//! `migrate check-config`: what a configuration comes to, secrets masked.

use std::path::Path;

use super::Databases;
use super::gcfg::environment::Environment;
use super::survey::Survey;
use crate::diagnostic::{Error, Exit, Result};
use crate::text::Lines;

/// The effective settings as text for standard output, and how the check ends.
///
/// The second part is the error with all faults, for the caller to print and to take the exit
/// code from; what could be read is shown in either case.
pub fn check(file: &Path, environment: &Environment) -> (String, Result<()>) {
    let survey = Survey::of(file, environment, Databases::BOTH);
    let text = render(&survey);
    (text, Error::all(Exit::Usage, survey.faults))
}

/// The settings, the two databases, and the warnings of a survey.
#[must_use]
pub fn render(survey: &Survey) -> String {
    let mut out = Lines::default();
    out.line(format!("configuration: {}", survey.file.display()));
    if let Some(companion) = &survey.companion {
        out.line(format!("also read, of lower rank: {}", companion.display()));
    }
    if !survey.settings.is_empty() {
        out.blank();
    }
    let name_width = survey.settings.iter().map(|s| s.name.len()).max().unwrap_or(0);
    for setting in &survey.settings {
        let (name, shown, source) = (setting.name, &setting.shown, &setting.source);
        out.line(format!("{name:name_width$}  {shown}  [{source}]"));
    }
    if let Some(config) = &survey.config {
        out.blank();
        for (name, pair) in [("core", &config.core), ("instrumentation", &config.instrumentation)] {
            out.line(format!("{name}: {} -> {}", pair.sqlite.display(), pair.url_shown));
        }
    }
    for warning in &survey.warnings {
        out.blank();
        out.append(warning.lines("warning"));
        out.append(warning.shown_hint());
    }
    out.into_text()
}
