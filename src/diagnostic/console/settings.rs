//! How the program's output looks: decided once, when the command line is known.

use std::sync::OnceLock;

/// How the output looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Only errors, warnings, questions and results are shown.
    pub quiet: bool,
    /// Words and bars have colours.
    pub color: bool,
    /// What goes to standard error is lines of JSON.
    pub json: bool,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal that has them, unless `NO_COLOR` says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// Decides for the rest of the process; the first decision counts.
pub fn set_settings(settings: Settings) {
    let _ = SETTINGS.set(settings);
}

/// What was decided.
pub fn current_settings() -> Settings {
    SETTINGS.get().copied().unwrap_or_default()
}

/// Whether there are colours. `NO_COLOR` counts when it is not empty (no-color.org).
pub fn has_color(color: Color, is_terminal: bool) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !is_set("NO_COLOR") && !is_dumb_terminal(),
    }
}

/// Whether the terminal cannot move its cursor.
pub fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Words at the beginning of a line that have a colour, with its code.
const LABELS: &[(&str, &str)] =
    &[("error:", "\u{1b}[1;31m"), ("warning:", "\u{1b}[1;33m"), ("hint:", "\u{1b}[36m")];

/// A line with its label in colour, if that is what was decided.
pub fn color_label(line: &str) -> String {
    let label = LABELS.iter().find(|(label, _)| line.starts_with(label));
    match label.filter(|_| current_settings().color) {
        Some((label, code)) => {
            format!("{code}{label}\u{1b}[0m{}", line.get(label.len()..).unwrap_or_default())
        }
        None => line.to_owned(),
    }
}
