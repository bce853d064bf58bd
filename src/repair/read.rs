//! Repairs as they are written: a TOML file, or flags like `core.apps.title=strip-nul`.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use model::Stored;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Action, Asked, Charset, Path, Word};
use crate::diagnostic::{Fault, RepairKind};
use crate::files;

const PAGE: &str = "read what can be written there: `migrate explain repairs`";

/// The keys of an entry that have text.
const KEYS: [&str; 8] = ["database", "table", "column", "repair", "with", "zone", "unit", "value"];

/// A word's argument.
enum Argument<'a> {
    None,
    Text(&'a str),
    Map(BTreeMap<String, String>),
}

/// Reads a file; what is wrong with it goes to `faults`, each with file and line.
pub fn read_file(file: &std::path::Path, faults: &mut Vec<Fault>) -> Vec<Asked> {
    let shown = file.display().to_string();
    let text = match files::read_text_file(file) {
        Ok(text) => text,
        Err(error) => {
            faults.push(Fault::new(format!("--repairs {shown}: {error}"), PAGE));
            return Vec::new();
        }
    };
    let (document, errors) = DeTable::parse_recoverable(&text);
    let mut reading = Reading { shown: &shown, text: &text, faults };
    for error in &errors {
        let start = error.span().map_or(0, |span| span.start);
        reading.add_fault(start, error.message());
    }
    if errors.is_empty() { reading.read_document(document.get_ref()) } else { Vec::new() }
}

struct Reading<'a> {
    shown: &'a str,
    text: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Reading<'_> {
    fn origin_at(&self, offset: usize) -> String {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{}:{line}", self.shown)
    }

    fn add_fault(&mut self, offset: usize, text: &str) {
        let origin = self.origin_at(offset);
        self.faults.push(Fault::new(format!("{origin}: {text}"), PAGE));
    }

    fn read_document(&mut self, document: &DeTable<'_>) -> Vec<Asked> {
        let mut asked = Vec::new();
        for (key, value) in document.iter() {
            let list = value.get_ref().as_array().filter(|_| key.get_ref() == "repair");
            let Some(list) = list else {
                self.add_fault(key.span().start, "expected only [[repair]] tables");
                continue;
            };
            for item in list.iter() {
                match item.get_ref().as_table() {
                    Some(table) => asked.extend(self.read_repair(item.span().start, table)),
                    None => self.add_fault(item.span().start, "expected a [[repair]] table"),
                }
            }
        }
        asked
    }

    fn read_repair(&mut self, start: usize, table: &DeTable<'_>) -> Option<Asked> {
        // The table's own place may be that of its first key; both are in its lines.
        let first = table.iter().map(|(key, _)| key.span().start).min().unwrap_or(start);
        let mut texts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        let mut map = None;
        for (key, value) in table.iter() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            match (name, value.get_ref()) {
                ("map", DeValue::Table(entries)) => map = Some((self.read_string_map(entries), at)),
                ("map", DeValue::String(text)) => map = Some((self.read_written_map(text, at), at)),
                ("map", _) => {
                    self.add_fault(at, "map must be a table, like { Viewer = \"viewer\" }")
                }
                (name, DeValue::String(text)) if KEYS.contains(&name) => {
                    texts.insert(name, (text, at));
                }
                (name, _) if KEYS.contains(&name) => {
                    self.add_fault(at, &format!("{name} must be text"));
                }
                _ => {
                    let text = format!("{name} is not a key of a repair");
                    let known = KEYS.iter().copied();
                    self.add_fault(at, &with_nearest(&text, name, known));
                }
            }
        }
        let text = |name: &str| texts.get(name).map(|(text, _)| (*text).to_owned());
        let (Some(table), Some((name, at))) = (text("table"), texts.get("repair").copied()) else {
            self.add_fault(first, "a repair needs at least table and repair");
            return None;
        };
        let word = match find_word(name) {
            Ok(word) => word,
            Err(text) => {
                self.add_fault(at, &text);
                return None;
            }
        };
        let given: Vec<(&str, usize)> = ["with", "zone", "unit", "value"]
            .into_iter()
            .filter_map(|key| texts.get(key).map(|(_, at)| (key, *at)))
            .chain(map.as_ref().map(|(_, at)| ("map", *at)))
            .collect();
        for (key, at) in given.iter().filter(|(key, _)| word.argument != Some(key)) {
            self.add_fault(*at, &format!("{} takes no {key}", word.name()));
        }
        let argument = match (word.argument, map) {
            (Some("map"), Some((map, _))) => Argument::Map(map?),
            (Some(key), _) => {
                texts.get(key).map_or(Argument::None, |(text, _)| Argument::Text(text))
            }
            (None, _) => Argument::None,
        };
        match make_action(word, argument) {
            Ok(action) => {
                let path =
                    Path::Named { database: text("database"), table, column: text("column") };
                Some(Asked { origin: self.origin_at(first), path, action })
            }
            Err(text) => {
                self.add_fault(at, &text);
                None
            }
        }
    }

    fn read_written_map(&mut self, text: &str, index: usize) -> Option<BTreeMap<String, String>> {
        parse_map(Some(text)).map_err(|why| self.add_fault(index, &why)).ok()
    }

    fn read_string_map(&mut self, entries: &DeTable<'_>) -> Option<BTreeMap<String, String>> {
        let mut map = BTreeMap::new();
        for (key, value) in entries.iter() {
            let value: &Spanned<DeValue<'_>> = value;
            let Some(new) = value.get_ref().as_str() else {
                self.add_fault(value.span().start, "map must assign text to text");
                return None;
            };
            map.insert(key.get_ref().to_string(), new.to_owned());
        }
        Some(map)
    }
}

/// Reads a flag: `core.apps.title=decode:latin-1`.
///
/// # Errors
/// What is wrong with it.
pub fn read_flag(flag: &str) -> Result<Asked, Fault> {
    let origin = format!("--repair {flag}");
    let fault = |text: String| Fault::new(format!("{origin}: {text}"), PAGE);
    let Some((path, stated)) = flag.split_once('=') else {
        return Err(fault("expected DATABASE.TABLE.COLUMN=WORD".to_owned()));
    };
    let parts: Vec<String> = path.split('.').map(str::to_owned).collect();
    if parts.len() > 3 || parts.iter().any(String::is_empty) {
        return Err(fault("expected DATABASE.TABLE.COLUMN before the equals sign".to_owned()));
    }
    let (name, argument) = match stated.split_once(':') {
        Some((name, argument)) => (name, Argument::Text(argument)),
        None => (stated, Argument::None),
    };
    let word = find_word(name).map_err(fault)?;
    if word.argument.is_none() && !matches!(argument, Argument::None) {
        return Err(fault(format!("{} takes no argument", word.name())));
    }
    let action = make_action(word, argument).map_err(fault)?;
    Ok(Asked { origin, path: Path::Parts(parts), action })
}

fn find_word(name: &str) -> Result<Word, String> {
    let names = RepairKind::ALL.iter().map(|kind| kind.word());
    RepairKind::ALL
        .iter()
        .find(|kind| kind.word() == name)
        .map(|kind| Word::of_kind(*kind))
        .ok_or_else(|| with_nearest(&format!("there is no repair named {name}"), name, names))
}

/// The text, and the name that was probably meant.
pub fn with_nearest<'a>(text: &str, written: &str, known: impl Iterator<Item = &'a str>) -> String {
    let far = (written.chars().count() / 3).max(2);
    let near = known
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, _)| *distance <= far)
        .min();
    match near {
        Some((_, name)) => format!("{text}; did you mean {name}?"),
        None => text.to_owned(),
    }
}

fn make_action(word: Word, argument: Argument<'_>) -> Result<Action, String> {
    let text = match &argument {
        Argument::Text(text) => Some(*text),
        _ => None,
    };
    Ok(match word.kind {
        RepairKind::StripNul => Action::StripNul,
        RepairKind::ReplaceNul => Action::ReplaceNul(parse_replacement(text)?),
        RepairKind::Decode => Action::Decode(parse_charset(text)?),
        RepairKind::ReplaceInvalid => Action::ReplaceInvalid,
        RepairKind::EnumMap => match argument {
            Argument::Map(map) if !map.is_empty() => Action::EnumMap(map),
            _ => Action::EnumMap(parse_map(text)?),
        },
        RepairKind::NullAs => {
            Action::NullAs(text.ok_or("null-as needs a value, like null-as:0")?.to_owned())
        }
        RepairKind::EmptyAsNull => Action::EmptyAsNull,
        RepairKind::ZeroAsNull => Action::ZeroAsNull,
        RepairKind::InvalidAsNull => Action::InvalidAsNull,
        RepairKind::NonzeroTrue => Action::NonzeroTrue,
        RepairKind::Round => Action::Round,
        RepairKind::EpochUnit => Action::EpochUnit(parse_unit(text)?),
        RepairKind::NaiveZone => Action::NaiveZone(parse_zone(text)?),
        RepairKind::KeepWallClock => Action::KeepWallClock,
        RepairKind::Truncate => Action::Truncate,
        RepairKind::Widen => Action::Widen,
        RepairKind::ParentSpelling => Action::ParentSpelling,
        RepairKind::OrphanNull => Action::OrphanNull,
        RepairKind::OrphanQuarantine => Action::OrphanQuarantine,
        RepairKind::OrphanNotValid => Action::OrphanNotValid,
        RepairKind::DuplicateQuarantine => Action::DuplicateQuarantine,
        RepairKind::Quarantine => Action::Quarantine,
    })
}

/// `1=draft,2=published`
fn parse_map(text: Option<&str>) -> Result<BTreeMap<String, String>, String> {
    const NEEDS: &str = "enum-map needs OLD=NEW,OLD=NEW, or in a file map = { OLD = \"NEW\" }";
    let text = text.ok_or(NEEDS)?;
    let mut map = BTreeMap::new();
    for pair in text.split(',') {
        let (old, new) = pair.split_once('=').ok_or(NEEDS)?;
        if map.insert(old.to_owned(), new.to_owned()).is_some() {
            return Err("enum-map names a value twice".to_owned());
        }
    }
    Ok(map)
}

fn parse_replacement(text: Option<&str>) -> Result<char, String> {
    let mut characters = text.unwrap_or("\u{fffd}").chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) if one != '\0' => Ok(one),
        _ => Err("replace-nul takes one character, not NUL".to_owned()),
    }
}

fn parse_charset(text: Option<&str>) -> Result<Charset, String> {
    match text {
        Some("latin-1") => Ok(Charset::Latin1),
        Some("cp1252") => Ok(Charset::Cp1252),
        Some("utf-8") => Ok(Charset::Utf8),
        _ => Err("decode needs one of latin-1, cp1252, utf-8".to_owned()),
    }
}

fn parse_unit(text: Option<&str>) -> Result<Stored, String> {
    match text {
        Some("s") => Ok(Stored::UnixS),
        Some("ms") => Ok(Stored::UnixMs),
        Some("us") => Ok(Stored::UnixUs),
        Some("ns") => Ok(Stored::UnixNs),
        _ => Err("epoch-unit needs one of s, ms, us, ns".to_owned()),
    }
}

fn parse_zone(text: Option<&str>) -> Result<String, String> {
    let name = text.ok_or("naive-zone needs a zone, like Europe/Berlin")?;
    match TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => {
            Err(format!("{name} is not a zone of the time zone database, such as Europe/Berlin"))
        }
    }
}
