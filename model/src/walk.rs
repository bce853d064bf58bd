//! Walking a TOML document with the place of everything: keys that are known, values of the right
//! kind, ranges of versions. What is wrong becomes a fault and the walk goes on.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::Faults;
use crate::file::Range;

/// A TOML value with its place.
pub type Value<'a> = Spanned<DeValue<'a>>;

/// A file being read.
pub struct Walk<'a> {
    /// The file, for faults.
    pub file: &'a Path,
    /// Where its lines begin, but for the first.
    pub line_starts: Vec<usize>,
    /// The names of the versions, to read ranges.
    pub versions: &'a [String],
    /// Where faults go.
    pub faults: &'a mut Faults,
}

/// A table of the document, its entries in the order of the file.
pub struct Entries<'d, 'a> {
    /// The line it begins on.
    pub line: usize,
    entries: Vec<(&'d str, usize, &'d Value<'a>)>,
}

impl<'d, 'a> Entries<'d, 'a> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'d Value<'a>> {
        self.entries.iter().find(|(name, ..)| *name == key).map(|(.., value)| *value)
    }

    /// Key, the key's line, value.
    pub fn iter(&self) -> impl Iterator<Item = (&'d str, usize, &'d Value<'a>)> {
        self.entries.iter().copied()
    }
}

/// Where the lines of a text begin, but for the first.
pub fn find_line_starts(text: &str) -> Vec<usize> {
    text.match_indices('\n').map(|(place, _)| place + 1).collect()
}

impl Walk<'_> {
    /// The line of a byte offset, from 1.
    pub fn line_at(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset) + 1
    }

    /// Adds a fault at a value.
    pub fn fault_at(&mut self, value: &Value<'_>, text: impl Into<String>) {
        let line = self.line_at(value.span().start);
        self.faults.add(self.file, line, text);
    }

    /// The entries of a table in file order.
    pub fn entries<'d, 'b>(&self, line: usize, table: &'d DeTable<'b>) -> Entries<'d, 'b> {
        let mut places: Vec<_> = table.iter().collect();
        places.sort_by_key(|(key, _)| key.span().start);
        let entries = places
            .into_iter()
            .map(|(key, value)| (key.get_ref().as_ref(), self.line_at(key.span().start), value))
            .collect();
        Entries { line, entries }
    }

    /// The entries of a value that must be a table, with none but the known keys.
    pub fn require_table<'d, 'b>(
        &mut self,
        value: &'d Value<'b>,
        what: &str,
        known: &[&str],
    ) -> Option<Entries<'d, 'b>> {
        let Some(table) = value.get_ref().as_table() else {
            self.fault_at(value, format!("{what} must be a table, like {{ key = value }}"));
            return None;
        };
        let entries = self.entries(self.line_at(value.span().start), table);
        self.refuse_unknown_keys(&entries, what, known);
        Some(entries)
    }

    /// Reads a key under the name that it had in earlier releases; both names at once are a fault.
    pub fn accept_former_key(
        &mut self,
        entries: &mut Entries<'_, '_>,
        former: &str,
        key: &'static str,
    ) {
        let has_key = entries.get(key).is_some();
        let found = entries.entries.iter().position(|(name, ..)| *name == former);
        let Some(entry) = found.and_then(|index| entries.entries.get_mut(index)) else { return };
        if !has_key {
            entry.0 = key;
            return;
        }
        let line = entry.1;
        entries.entries.retain(|(name, ..)| *name != former);
        let text = format!(
            "`{former}` is the former name of `{key}`, and the file has both: write all of its \
             lines under `{key}`"
        );
        self.faults.add(self.file, line, text);
    }

    /// Faults for keys that are not known.
    pub fn refuse_unknown_keys(&mut self, entries: &Entries<'_, '_>, what: &str, known: &[&str]) {
        for (key, line, _) in entries.iter() {
            if !known.contains(&key) {
                let list = known.join(", ");
                let text = format!("unknown key `{key}` in {what}; known are {list}");
                self.faults.add(self.file, line, text);
            }
        }
    }

    /// A value that must be a string, if it is there.
    pub fn read_string(&mut self, value: Option<&Value<'_>>, key: &str) -> Option<String> {
        let value = value?;
        match value.get_ref().as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.fault_at(value, format!("`{key}` must be a string"));
                None
            }
        }
    }

    /// A value that must be `true` or `false`; absent is `false`.
    pub fn read_flag(&mut self, value: Option<&Value<'_>>, key: &str) -> bool {
        self.read_flag_or(value, key, false)
    }

    /// A value that must be `true` or `false`; absent is `default`, and so is one that is wrong.
    pub fn read_flag_or(&mut self, value: Option<&Value<'_>>, key: &str, default: bool) -> bool {
        let Some(value) = value else { return default };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.fault_at(value, format!("`{key}` must be true or false"));
            default
        })
    }

    /// A value that must be a list of strings; absent is empty.
    pub fn read_strings(&mut self, value: Option<&Value<'_>>, key: &str) -> Vec<String> {
        let Some(value) = value else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.fault_at(value, format!("`{key}` must be a list of strings"));
            return Vec::new();
        };
        let mut strings = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(text) => strings.push(text.to_owned()),
                None => self.fault_at(item, format!("`{key}` must hold strings only")),
            }
        }
        strings
    }

    /// One of the words of a list; absent is the first.
    pub fn read_word<T: Copy + Default>(
        &mut self,
        value: Option<&Value<'_>>,
        key: &str,
        words: &[(&str, T)],
    ) -> T {
        let Some(text) = self.read_string(value, key) else { return T::default() };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, item)) => *item,
            None => {
                let list: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                if let Some(value) = value {
                    let known = list.join(", ");
                    self.fault_at(value, format!("unknown {key} `{text}`; known are {known}"));
                }
                T::default()
            }
        }
    }

    /// A range of versions; absent is `all`, and so is one that is wrong.
    pub fn read_range(&mut self, value: Option<&Value<'_>>, all: Range) -> Range {
        let Some(value) = value else { return all };
        let Some(text) = self.read_string(Some(value), "versions") else { return all };
        if self.versions.is_empty() {
            return all; // what is wrong with `database.toml` is said there
        }
        let Some((from, to)) = text.split_once("..") else {
            self.fault_at(value, format!("`{text}` is no range of versions, like \"2024.08..\""));
            return all;
        };
        let from = self.read_version(value, from, 0);
        let to = self.read_version(value, to, self.versions.len());
        let (Some(from), Some(to)) = (from, to) else { return all };
        let range = Range { from, to };
        if range.is_empty() {
            self.fault_at(value, format!("the range of versions `{text}` is empty"));
            return all;
        }
        let inside = range.intersect(all);
        if inside.is_empty() {
            self.fault_at(value, format!("`{text}` lies outside the versions of the table"));
            return all;
        }
        inside
    }

    fn read_version(&mut self, value: &Value<'_>, name: &str, open: usize) -> Option<usize> {
        if name.is_empty() {
            return Some(open);
        }
        let place = self.versions.iter().position(|known| known == name);
        if place.is_none() {
            let list = self.versions.join(", ");
            self.fault_at(value, format!("unknown version `{name}`; known are {list}"));
        }
        place
    }
}
