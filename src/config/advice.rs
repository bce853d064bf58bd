//! Warnings and hints about how a configuration is written.
//!
//! None of this changes what is read. A message names file, line, column, section and setting,
//! and never shows a value.

use std::path::Path;

use super::gcfg::environment::Environment;
use super::gcfg::problem::Problem;
use super::gcfg::table::find_by_name;
use super::gcfg::traps::{self, TrapKind};
use super::gcfg::{Event, Place, Reading, Variable};
use super::settings::{PREFIX, SECTIONS, Source};
use crate::diagnostic::{Fault, Hint, Hints};

/// What is to say about the way one value is written.
#[derive(Clone, Default)]
pub struct Traps {
    /// To be said in any case.
    pub warnings: Vec<Fault>,
    /// Whether a comment sign directly behind the value has cut it.
    pub cut: bool,
    /// To be said when the value is a password and turns out to be plain.
    pub if_plain: Option<Fault>,
}

/// Where Connect's tables are to go is not said, or taken back by an empty variable.
#[must_use]
pub fn advise_on_missing_url(file: &Path, emptied: Option<&str>) -> Fault {
    if let Some(variable) = emptied {
        let text = format!("Postgres.URL is not set: {variable} is empty");
        return Fault::new(text, format!("unset {variable} to use the value from the file"));
    }
    let text = format!("Postgres.URL is not set in {}", file.display());
    let line = "URL = \"postgres://USER@HOST/DATABASE\"";
    Fault::new(text, hints_to_set("Postgres", line, "CONNECT_POSTGRES_URL"))
}

/// How a setting can be made: by a line below a section, or by a variable.
pub fn hints_to_set(section: &str, line: &str, variable: &str) -> Hints {
    let add = format!("add below [{section}] in the configuration file:");
    let set = format!("set the environment variable `{variable}`");
    Hints::from(Hint::with_line(add, line)).and(set)
}

/// Looks at the value of the variable whose name stands at `place`.
#[must_use]
pub fn advise_on_value(
    path: &Path,
    reading: &Reading<'_>,
    place: Place,
    section: &str,
    field: &str,
) -> Traps {
    let mut found = Traps::default();
    let event = reading.events.iter().find(|e| e.place == place && e.variable.is_some());
    let Some(variable) = event.and_then(|e| e.variable.as_ref()) else { return found };
    for trap in traps::find_traps(reading, variable) {
        let Place { line, column } = trap.place;
        let what = trap.kind.describe();
        let text = format!("{}:{line}:{column}: {section}.{field}: {what}", path.display());
        let fault = Fault::new(text, trap.kind.hints());
        match trap.kind {
            TrapKind::Comment(_) => found.if_plain = Some(fault),
            kind => {
                found.cut |= matches!(kind, TrapKind::Cut(_));
                found.warnings.push(fault);
            }
        }
    }
    found
}

/// Looks for what is not ours but may have been meant for us: misspelt names, sections with a
/// subsection, and settings that a foreign value's continuation has swallowed.
#[must_use]
pub fn advise_on_file(path: &Path, reading: &Reading<'_>) -> Vec<Fault> {
    let mut warnings = Vec::new();
    for event in &reading.events {
        let Place { line, column } = event.place;
        let at = format!("{}:{line}:{column}", path.display());
        let section =
            find_by_name(SECTIONS, |s| s.name, &event.section).map(|(_, section)| section);
        match (section, &event.variable) {
            (None, None) => warnings.extend(find_misspelt_section(&at, event)),
            (Some(section), None) if !event.subsection.is_empty() => {
                let text = format!("{at}: the section {} has a subsection here", section.name);
                let hint =
                    format!("write [{}]; settings below this line are ignored", section.name);
                warnings.push(Fault::new(text, hint));
            }
            (_, Some(variable)) if !is_setting_of_connect(event, variable) => {
                warnings.extend(find_misspelt_setting(&at, event, variable));
                warnings.extend(find_swallowed_lines(path, reading, event, variable));
            }
            _ => {}
        }
    }
    warnings
}

fn is_setting_of_connect(event: &Event, variable: &Variable) -> bool {
    let section = find_by_name(SECTIONS, |s| s.name, &event.section);
    let field = section.and_then(|(_, s)| find_by_name(s.fields, |f| f.name, &variable.name));
    event.subsection.is_empty() && field.is_some()
}

/// Looks for variables that are almost one of ours: in other letters, or misspelt.
#[must_use]
pub fn advise_on_environment(environment: &Environment) -> Vec<Fault> {
    let mut warnings = Vec::new();
    for name in environment.names() {
        if let Some(meant) = variable_meant(name) {
            let text = format!("the environment variable {name} is not a known setting");
            warnings.push(Fault::new(text, format!("did you mean {meant}?")));
        }
    }
    warnings
}

/// The variable that one with another name was meant to be; nothing when the name is right, or is
/// near to none.
fn variable_meant(name: &str) -> Option<String> {
    let mut meant = None;
    for section in SECTIONS {
        for field in section.fields {
            let known = variable_of(section.name, field.name);
            if name == known {
                return None;
            }
            if is_near(name, &known) || is_near_in_parts(name, section.name, field.name) {
                meant = meant.or(Some(known));
            }
        }
    }
    meant
}

/// Whether section and setting are both near: with slips in each there may be more in the whole.
fn is_near_in_parts(name: &str, section: &str, field: &str) -> bool {
    let Some((prefix, rest)) = name.split_once('_') else { return false };
    prefix == PREFIX
        && rest
            .match_indices('_')
            .filter_map(|(at, _)| Some((rest.get(..at)?, rest.get(at + 1..)?)))
            .any(|(first, second)| is_near(first, section) && is_near(second, field))
}

/// The environment variable of a setting.
#[must_use]
pub fn variable_of(section: &str, field: &str) -> String {
    format!("{PREFIX}_{section}_{field}").to_ascii_uppercase()
}

/// What is to say of a variable without a value, which takes back what a file says.
#[must_use]
pub fn advise_on_empty_variable(name: &str, setting: &str, overridden: &Source) -> Fault {
    let text =
        format!("the environment variable {name} is empty and overrides {setting} ({overridden})");
    Fault::new(text, format!("unset {name} to use the value from the file"))
}

/// Looks at a value from the environment, where quotes and white space count.
#[must_use]
pub fn advise_on_variable(name: &str, value: &str, is_secret: bool) -> Traps {
    let mut found = Traps::default();
    let quoted = matches!(value.as_bytes(), [b'"', .., b'"'] | [b'\'', .., b'\'']);
    let what = match quoted {
        true => "quotes are read as part of the value",
        false if value.trim() != value => "white space around a value is read as part of it",
        false => return found,
    };
    let hint =
        "set the variable without them; a line end often comes from a secret read from a file";
    let fault = Fault::new(format!("the environment variable {name}: {what}"), hint);
    if is_secret {
        found.if_plain = Some(fault);
    } else {
        found.warnings.push(fault);
    }
    found
}

/// What to do about a syntax error; empty where the error says it all.
#[must_use]
pub fn syntax_error_hint(problem: Problem) -> &'static str {
    match problem {
        Problem::UnquotedBackslash => {
            "put the value in double quotes and write each \\ in it twice"
        }
        Problem::UnknownEscape => {
            "write \\\\ for a backslash and \\\" for a quote in double quotes"
        }
        Problem::StringNotTerminated => "close the double quotes on the line that opens them",
        Problem::IllegalUtf8 => "save the file as UTF-8",
        Problem::IllegalNul | Problem::IllegalCharacter(_) => {
            "write names with letters, digits and `-`; start a comment with ;"
        }
        Problem::ExpectedHeaderOrVariable => {
            "write [Section], Name = value, or a comment that begins with ;"
        }
        Problem::ExpectedHeader => "put the line below the [Section] it belongs to",
        Problem::ExpectedSectionName
        | Problem::ExpectedSubsectionOrBracket
        | Problem::ExpectedBracket => "write [Section] or [Section \"name\"]",
        Problem::ExpectedLineEnd => "put what follows the bracket on a line of its own",
        Problem::ExpectedEquals => "write Name = value",
        Problem::EmptySubsection | Problem::ExpectedValue => "",
    }
}

fn find_misspelt_section(at: &str, event: &Event) -> Option<Fault> {
    let meant = nearest_name(&event.section, SECTIONS, |section| section.name)?;
    let text = format!("{at}: the section {} is not a known section", event.section);
    Some(Fault::new(text, format!("did you mean [{}]?", meant.name)))
}

fn find_misspelt_setting(at: &str, event: &Event, variable: &Variable) -> Option<Fault> {
    let (_, section) = find_by_name(SECTIONS, |s| s.name, &event.section)?;
    // Below a subsection nothing counts, which the header's warning has said.
    if !event.subsection.is_empty() {
        return None;
    }
    let meant = nearest_name(&variable.name, section.fields, |field| field.name)?;
    let name = format!("{}.{}", section.name, variable.name);
    let text = format!("{at}: {name} is not a known setting");
    Some(Fault::new(text, format!("did you mean {}?", meant.name)))
}

fn find_swallowed_lines(
    path: &Path,
    reading: &Reading<'_>,
    event: &Event,
    variable: &Variable,
) -> Vec<Fault> {
    let lines = traps::swallowed_lines(reading, variable).into_iter();
    let own_lines = lines.filter(|(_, line)| is_section_header(line) || is_own_setting_line(line));
    own_lines
        .map(|(Place { line, column }, _)| {
            let what = TrapKind::Continuation.describe();
            let name = format!("{}.{}", event.section, variable.name);
            let text = format!("{}:{line}:{column}: {name}: {what}", path.display());
            Fault::new(text, TrapKind::Continuation.hints())
        })
        .collect()
}

fn is_section_header(line: &str) -> bool {
    line.starts_with('[')
}

fn is_own_setting_line(line: &str) -> bool {
    let Some((name, _)) = line.split_once('=') else { return false };
    SECTIONS.iter().any(|section| find_by_name(section.fields, |f| f.name, name.trim()).is_some())
}

/// The nearest of these names, if one is near.
fn nearest_name<T>(
    written: &str,
    candidates: &'static [T],
    name_of: fn(&T) -> &str,
) -> Option<&'static T> {
    let near = candidates.iter().filter(|one| is_near(written, name_of(one)));
    near.min_by_key(|one| count_slips(written, name_of(one)))
}

/// Whether `written` is `known` but for a slip or two of the hand.
fn is_near(written: &str, known: &str) -> bool {
    let most = if known.chars().count() < 5 { 1 } else { 2 };
    count_slips(written, known) <= most
}

/// How many letters must be put in, left out, changed or swapped with the next one.
fn count_slips(written: &str, known: &str) -> usize {
    strsim::damerau_levenshtein(&written.to_ascii_lowercase(), &known.to_ascii_lowercase())
}
