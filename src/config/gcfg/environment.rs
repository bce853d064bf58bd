//! Settings from environment variables, by the rules of Posit's gcfgenv.
//!
//! `PREFIX_SECTION_FIELD`, upper-cased, `-` as `_`; with subsections
//! `PREFIX_SECTION_subsection_FIELD`, the subsection's case kept. The value is taken raw. A list
//! is split at commas and added to what is there; everything else replaces it, even when empty.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::table::{Field, Kind, Origin, Row, Section, Table, store_text};

/// The variables of a process, or those a test has made up. Not `Debug`: they may be secrets.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, Zeroizing<String>>,
    /// Names of variables without the prefix, for misspelt ones.
    others: Vec<String>,
}

impl Environment {
    /// The variables of this process whose name starts with `prefix` and an underscore; `prefix`
    /// is without its underscore, as in [`Table::override_from`]. One that is not UTF-8 is kept
    /// with replacement characters, so that it cannot pass for a password unnoticed. Of all other
    /// variables only the names are kept.
    #[must_use]
    pub fn from_process(prefix: &str) -> Environment {
        let mut environment = Environment::default();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            if name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_')) {
                let value = Zeroizing::new(value.to_string_lossy().into_owned());
                environment.variables.insert(name, value);
            } else {
                environment.others.push(name);
            }
        }
        environment.others.sort();
        environment
    }

    /// These variables.
    #[cfg(feature = "internals")]
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Environment {
        let pairs = pairs.into_iter().map(|(n, v)| (n.into(), Zeroizing::new(v.into())));
        Environment { variables: pairs.collect(), others: Vec::new() }
    }

    /// The names, those with the prefix first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().chain(&self.others).map(String::as_str)
    }
}

impl Table {
    /// Takes the variables in; `prefix` is without its underscore.
    ///
    /// # Errors
    /// The first value that does not fit; what was stored before it stays.
    pub fn override_from(&mut self, prefix: &str, environment: &Environment) -> Result<(), String> {
        for (index, section) in self.sections.iter().enumerate() {
            let prefix = format!("{prefix}_{}_", upper_snake_case(section.name));
            if section.keyed {
                self.override_keyed(index, section, &prefix, environment)?;
                continue;
            }
            let row = self.rows.entry((index, String::new())).or_default();
            for (number, field) in section.fields.iter().enumerate() {
                let name = format!("{prefix}{}", upper_snake_case(field.name));
                if let Some(text) = environment.variables.get(&name) {
                    replace_value(row, number, field, text, name)?;
                }
            }
        }
        Ok(())
    }

    fn override_keyed(
        &mut self,
        index: usize,
        section: &Section,
        prefix: &str,
        environment: &Environment,
    ) -> Result<(), String> {
        let mut left: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for (name, text) in &environment.variables {
            if let Some(rest) = name.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
                left.insert(rest, (name, text));
            }
        }
        // Subsections that exist come first: their names may look like more than one thing.
        for ((_, sub), row) in self.rows.iter_mut().filter(|((position, _), _)| *position == index)
        {
            for (number, field) in section.fields.iter().enumerate() {
                let field_name = upper_snake_case(field.name);
                let rest = if sub.is_empty() { field_name } else { format!("{sub}_{field_name}") };
                if let Some((name, text)) = left.remove(rest.as_str()) {
                    replace_value(row, number, field, text, name.to_owned())?;
                }
            }
        }
        let start = self.start_values(section);
        for (number, field) in section.fields.iter().enumerate() {
            let suffix = format!("_{}", upper_snake_case(field.name));
            let found: Vec<&str> = left.keys().copied().filter(|r| r.ends_with(&suffix)).collect();
            for rest in found {
                let Some((name, text)) = left.remove(rest) else { continue };
                // The first occurrence, not the last: as gcfgenv does.
                let sub = rest.replacen(&suffix, "", 1);
                let row = self.rows.entry((index, sub)).or_insert_with(|| start.clone());
                replace_value(row, number, field, text, name.to_owned())?;
            }
        }
        Ok(())
    }
}

fn replace_value(
    row: &mut Row,
    number: usize,
    field: &Field,
    text: &str,
    variable: String,
) -> Result<(), String> {
    let origin = Origin::Environment(variable);
    match field.kind {
        Kind::Bool => store_text(row, number, field.kind, Some(&text.replace(' ', "")), &origin),
        Kind::List(Kind::Bool) => {
            add_list_values(row, number, field.kind, &text.replace(' ', ""), &origin)
        }
        Kind::List(_) => add_list_values(row, number, field.kind, text, &origin),
        // Unlike a file's, a number with something after it is not stored at all.
        kind => {
            let mut trial = Row::new();
            store_text(&mut trial, number, kind, Some(text), &origin)?;
            row.append(&mut trial);
            Ok(())
        }
    }
}

fn add_list_values(
    row: &mut Row,
    number: usize,
    kind: Kind,
    text: &str,
    origin: &Origin,
) -> Result<(), String> {
    let mut trial = row.clone();
    for part in text.split(',') {
        store_text(&mut trial, number, kind, Some(part), origin)?;
    }
    *row = trial;
    Ok(())
}

fn upper_snake_case(name: &str) -> String {
    name.to_ascii_uppercase()
}
