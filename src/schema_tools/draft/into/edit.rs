//! A table's file as text: ranges closed and opened, lines added, and every other byte kept.
//!
//! What a person wrote a line in, is kept as it is: only the range is added or ended. What is new
//! is aligned with the line before it.

use super::notes;

use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Key, RawString, Table, TableLike, Value,
};

/// A file being edited. What goes wrong is said in words: which line has a form of its own.
pub struct File {
    document: DocumentMut,
    /// Whether its lines end as on Windows; the editing itself knows one end of a line.
    windows: bool,
    version: String,
}

/// A line is at most so long; longer ones are broken.
const WIDTH: usize = 100;

/// What an edit cannot do.
pub type Done = Result<(), String>;

impl File {
    /// Takes a file's text, for a new version.
    ///
    /// # Errors
    /// When the text could not be written again as it is.
    pub fn new(text: &str, version: &str) -> Result<File, String> {
        let windows = text.contains("\r\n");
        let plain = if windows { text.replace("\r\n", "\n") } else { text.to_owned() };
        let document: DocumentMut =
            plain.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
        let file = File { document, windows, version: version.to_owned() };
        match file.text() == text {
            true => Ok(file),
            false => {
                Err("its lines end in different ways, or it begins with a byte order mark"
                    .to_owned())
            }
        }
    }

    /// The text as it is now.
    pub fn text(&self) -> String {
        let text = self.document.to_string();
        if self.windows { text.replace('\n', "\r\n") } else { text }
    }

    /// Adds the version to `database.toml`.
    pub fn add_version(&mut self) -> Done {
        let version = self.version.clone();
        let list = self.document.get_mut("versions").and_then(Item::as_array_mut);
        let list = list.ok_or("`versions` is not a list")?;
        push_in_style(list, Value::from(version));
        Ok(())
    }

    /// Ends the table as a whole.
    pub fn close_table(&mut self) -> Done {
        let version = self.version.clone();
        if !self.document.contains_key("versions") {
            self.add_first("versions", Value::from(format!("..{version}")));
            return Ok(());
        }
        close_range(self.document.as_table_mut(), &version, false)
    }

    /// Lets the table begin.
    pub fn open_table(&mut self) {
        self.add_first("versions", Value::from(format!("{}..", self.version)));
    }

    /// Adds a line above `[columns]`; a comment at the top of the file stays there.
    fn add_first(&mut self, name: &str, mut value: Value) {
        let empty = self.document.as_table().get_values().is_empty();
        value.decor_mut().set_prefix(" ");
        let mut key = Key::new(name);
        key.leaf_decor_mut().set_suffix(" ");
        if empty
            && let Some(columns) = self.document.get_mut("columns").and_then(Item::as_table_mut)
        {
            let above = columns.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
            let above = above.trim_end();
            if !above.is_empty() {
                key.leaf_decor_mut().set_prefix(format!("{above}\n"));
            }
            columns.decor_mut().set_prefix("\n");
        }
        self.document.as_table_mut().insert_formatted(&key, Item::Value(value));
    }

    fn columns(&mut self) -> Result<&mut Table, String> {
        let columns = self.document.get_mut("columns").and_then(Item::as_table_mut);
        columns.ok_or_else(|| "`columns` is not written as [columns]".to_owned())
    }

    /// Ends a column.
    pub fn close_column(&mut self, name: &str) -> Done {
        let version = self.version.clone();
        let columns = self.columns()?;
        close_range(newest_line(columns, name)?, &version, true)?;
        break_long_line(columns, name);
        Ok(())
    }

    /// Ends the line of a column that holds, and adds another.
    pub fn change_column(&mut self, name: &str, line: &str, notes: &[String]) -> Done {
        let version = self.version.clone();
        close_range(newest_line(self.columns()?, name)?, &version, true)?;
        self.open_line(name, line, notes)
    }

    /// Adds a line to a column whose others have ended.
    pub fn open_line(&mut self, name: &str, line: &str, notes: &[String]) -> Done {
        let entry = self.entry(line)?;
        let columns = self.columns()?;
        let item = columns.get_mut(name).ok_or_else(|| missing_column_fault(name))?;
        let value = item.as_value_mut().ok_or_else(|| unusual_form_fault(name))?;
        match value {
            Value::Array(list) => push_in_style(list, entry),
            Value::InlineTable(_) => {
                let decor = value.decor().clone();
                let mut old = value.clone();
                old.decor_mut().clear();
                let mut list: Array = [old, entry].into_iter().collect();
                *list.decor_mut() = decor;
                *value = Value::Array(list);
            }
            _ => return Err(unusual_form_fault(name)),
        }
        break_long_line(columns, name);
        self.add_notes(name, notes)
    }

    /// Adds a column behind another, or as the first.
    pub fn add_column(
        &mut self,
        name: &str,
        after: Option<&str>,
        line: &str,
        notes: &[String],
    ) -> Done {
        let entry = self.entry(line)?;
        let columns = self.columns()?;
        let width = alignment_width(columns, after);
        let names: Vec<String> = columns.iter().map(|(key, _)| key.to_owned()).collect();
        let at = after.and_then(|after| names.iter().position(|known| known == after));
        let rest: Vec<(Key, Item)> = names
            .iter()
            .skip(at.map_or(0, |at| at + 1))
            .filter_map(|known| columns.remove_entry(known))
            .collect();
        let mut key = Key::new(name);
        let own = key.to_string().trim().chars().count();
        let suffix = " ".repeat(width.saturating_sub(own).max(1));
        key.leaf_decor_mut().set_suffix(suffix);
        let mut value = entry;
        value.decor_mut().set_prefix(" ");
        columns.insert_formatted(&key, Item::Value(value));
        for (key, item) in rest {
            columns.insert_formatted(&key, item);
        }
        break_long_line(columns, name);
        notes::add_notes(columns, name, notes, WIDTH - 2);
        Ok(())
    }

    /// Writes comments above a column, those that it does not have yet.
    pub fn add_notes(&mut self, name: &str, notes: &[String]) -> Done {
        let version = self.version.clone();
        let columns = self.columns()?;
        let new = notes.iter().filter(|note| !notes::has_note(columns, name, note));
        let new: Vec<String> = new.map(|note| format!("{version}: {note}")).collect();
        notes::add_notes(columns, name, &new, WIDTH - 2);
        Ok(())
    }

    /// The line of a column, from the new version on.
    fn entry(&self, line: &str) -> Result<Value, String> {
        let text =
            format!("{{ {line}, versions = {} }}", Value::from(format!("{}..", self.version)));
        text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())
    }

    /// Ends one of the tables of a list: the `index`th `[[kind]]`.
    pub fn close_block(&mut self, kind: &str, index: usize) -> Done {
        let version = self.version.clone();
        let list = self.document.get_mut(kind).and_then(Item::as_array_of_tables_mut);
        let block = list.and_then(|list| list.get_mut(index));
        let block = block.ok_or_else(|| format!("[[{kind}]] is written in another way"))?;
        close_range(block, &version, false)
    }

    /// Adds a table to a list; `text` is how a file of its own would have it.
    pub fn add_block(&mut self, kind: &str, text: &str) -> Done {
        let other = format!("`{kind}` is not written as [[{kind}]]");
        let mut written: DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
        let range = format!("{}..", self.version);
        let list = written.get_mut(kind).and_then(Item::as_array_of_tables_mut);
        let list = list.map(std::mem::take).ok_or_else(|| other.clone())?;
        let new = || Item::ArrayOfTables(ArrayOfTables::new());
        let into = self.document.entry(kind).or_insert_with(new).as_array_of_tables_mut();
        let into = into.ok_or(other)?;
        for mut block in list {
            block.set_position(None);
            block.decor_mut().set_prefix("\n");
            block.insert("versions", Item::Value(Value::from(range.clone())));
            into.push(block);
        }
        Ok(())
    }

    /// Ends the primary key and lets another begin; without columns none.
    pub fn change_key(&mut self, had: bool, columns: &[String]) -> Done {
        let version = self.version.clone();
        let mut new = InlineTable::new();
        new.insert("columns", Value::from_iter(columns.iter().map(String::as_str)));
        new.insert("versions", Value::from(format!("{version}..")));
        let new = (!columns.is_empty()).then_some(Value::InlineTable(new));
        let root = self.document.as_table_mut();
        let mut all = Array::new();
        if had {
            let old = root.get_mut("primary_key").and_then(Item::as_array_mut);
            let old = old.ok_or("`primary_key` is not a list")?;
            if old.iter().all(Value::is_str) {
                let mut line = InlineTable::new();
                let mut names = old.clone();
                *names.decor_mut() = toml_edit::Decor::new(" ", "");
                line.insert("columns", Value::Array(names));
                line.insert("versions", Value::from(format!("..{version}")));
                all.push(Value::InlineTable(line));
            } else {
                let open = old.iter_mut().filter_map(Value::as_inline_table_mut);
                for line in open.filter(|line| is_open(*line)) {
                    close_range(line, &version, true)?;
                }
                all = old.clone();
            }
            *all.decor_mut() = old.decor().clone();
        } else if let Some(old) = root.get("primary_key").and_then(Item::as_array) {
            all = old.clone();
        }
        new.into_iter().for_each(|new| push_in_style(&mut all, new));
        match root.get_mut("primary_key") {
            Some(item) => *item = Item::Value(Value::Array(all)),
            None => self.add_first("primary_key", Value::Array(all)),
        }
        Ok(())
    }
}

fn missing_column_fault(name: &str) -> String {
    format!("there is no column `{name}`")
}

fn unusual_form_fault(name: &str) -> String {
    format!("column `{name}` is written in another way than `{name} = {{ … }}`")
}

/// Whether a line's range has no end.
fn is_open(line: &dyn TableLike) -> bool {
    let range = line.get("versions").and_then(Item::as_str);
    range.is_none_or(|range| range.ends_with(".."))
}

/// The line of a column that holds in the newest version.
fn newest_line<'a>(columns: &'a mut Table, name: &str) -> Result<&'a mut InlineTable, String> {
    let value = columns.get_mut(name).ok_or_else(|| missing_column_fault(name))?;
    let found = match value.as_value_mut() {
        Some(Value::InlineTable(line)) => Some(line),
        Some(Value::Array(list)) => {
            list.iter_mut().filter_map(Value::as_inline_table_mut).find(|line| is_open(&**line))
        }
        _ => None,
    };
    found.ok_or_else(|| unusual_form_fault(name))
}

/// Ends a range.
fn close_range(line: &mut dyn TableLike, version: &str, inline: bool) -> Done {
    if let Some(item) = line.get_mut("versions") {
        let value = item.as_value_mut().ok_or("`versions` is not a text")?;
        let from = value.as_str().unwrap_or_default().to_owned();
        let decor = value.decor().clone();
        *value = Value::from(format!("{from}{version}"));
        *value.decor_mut() = decor;
        return Ok(());
    }
    let mut value = Value::from(format!("..{version}"));
    value.decor_mut().set_prefix(" ");
    // The blank before the brace belongs to the last value: it goes behind the new one.
    if inline && let Some((_, Item::Value(last))) = line.iter_mut().last() {
        let end = last.decor().suffix().and_then(RawString::as_str).unwrap_or_default().to_owned();
        last.decor_mut().set_suffix("");
        value.decor_mut().set_suffix(end);
    }
    line.insert("versions", Item::Value(value));
    if inline && let Some(mut key) = line.key_mut("versions") {
        *key.leaf_decor_mut() = toml_edit::Decor::new(" ", " ");
    }
    Ok(())
}

/// Adds a value to a list, in the form that the list has.
fn push_in_style(list: &mut Array, mut value: Value) {
    let broken = list.iter().any(|value| {
        value.decor().prefix().and_then(RawString::as_str).is_some_and(|text| text.contains('\n'))
    });
    if !broken {
        value.decor_mut().set_prefix(if list.is_empty() { "" } else { " " });
        list.push_formatted(value);
        return;
    }
    let first = list.get(0).and_then(|first| first.decor().prefix()?.as_str().map(str::to_owned));
    let first = first.unwrap_or_default();
    let indent = first.rsplit('\n').next().unwrap_or_default().to_owned();
    // What stands behind the last value, comments among it, stays there.
    let after = match list.trailing_comma() {
        true => list.trailing().as_str().unwrap_or_default().to_owned(),
        false => {
            let last = list.len().saturating_sub(1);
            let suffix = list.get(last).and_then(|last| last.decor().suffix()?.as_str());
            let after = suffix.unwrap_or_default().to_owned()
                + list.trailing().as_str().unwrap_or_default();
            if let Some(last) = list.get_mut(last) {
                last.decor_mut().set_suffix("");
            }
            after
        }
    };
    value.decor_mut().set_prefix(format!("{}\n{indent}", after.trim_end()));
    list.push_formatted(value);
    list.set_trailing("\n");
}

/// How many characters stand before the `=` in the line of a column, or of the first.
fn alignment_width(columns: &Table, like: Option<&str>) -> usize {
    let name = like.or_else(|| columns.iter().next().map(|(name, _)| name));
    let Some(key) = name.and_then(|name| columns.key(name)) else { return 0 };
    let blanks = key.leaf_decor().suffix().and_then(RawString::as_str).unwrap_or(" ");
    key.display_repr().chars().count() + blanks.chars().count()
}

/// Breaks a column's line that has become too long: its list, or its comment goes above it.
fn break_long_line(columns: &mut Table, name: &str) {
    let before = alignment_width(columns, Some(name));
    let Some(Item::Value(value)) = columns.get_mut(name) else { return };
    let length = |value: &Value| before + 1 + value.to_string().chars().count();
    if value.to_string().contains('\n') || length(value) <= WIDTH {
        return;
    }
    if let Value::Array(list) = value {
        for value in list.iter_mut() {
            *value.decor_mut() = toml_edit::Decor::new("\n  ", "");
        }
        list.set_trailing("\n");
        list.set_trailing_comma(true);
        return;
    }
    let suffix = value.decor().suffix().and_then(RawString::as_str).unwrap_or_default().to_owned();
    value.decor_mut().set_suffix("");
    if !suffix.trim().is_empty() {
        let comment = suffix.trim().trim_start_matches("# ").to_owned();
        notes::add_notes(columns, name, &[comment], WIDTH - 2);
    }
}
