//! What differs in the columns of a table that the schema knows already.
//!
//! What SQLite states counts; where it says nothing, what a person wrote stays. So a default that
//! only the file has is kept, and one that only the source has is new.

use model::file::{ColumnLine, TableFile};
use model::{Identity, Type};

use super::described_tables::{Facts, declaration_fits_line, line_of};
use super::lengths;
use crate::schema_tools::draft::choose::Chosen;
use crate::schema_tools::draft::column_remark;
use crate::sqlite::{SourceColumn, SourceTable};

/// What becomes of a column.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is gone.
    Gone,
    /// It is another from now on; with what differs, in words.
    Changed(Box<ColumnLine>, Vec<String>),
    /// It is new.
    New(Box<ColumnLine>),
    /// It is the same, and only its own keys may make a new line of it.
    Same(Box<ColumnLine>),
}

/// A column and what becomes of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its name in PostgreSQL.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What to say about it in the file.
    pub note: Option<String>,
}

/// A table on both sides.
pub struct Both<'a> {
    /// What the file says.
    pub file: &'a TableFile,
    /// The version that it is compared with.
    pub newest: usize,
    /// The new table.
    pub own: &'a SourceTable,
    /// As a draft would describe it.
    pub wanted: &'a TableFile,
    /// The types.
    pub chosen: &'a [Option<Chosen>],
    /// What else was found of its columns.
    pub facts: &'a [Facts],
}

impl Both<'_> {
    /// What becomes of every column: those of the source in its order, then those that are gone.
    pub fn find_column_changes(&self) -> Vec<Change> {
        let mut all = Vec::new();
        for (index, column) in self.own.columns.iter().enumerate() {
            let lines = self.wanted.columns.iter().map(|line| &line.item);
            let wanted = lines.clone().find(|line| line.source == column.name);
            // What nobody can compute has no line, neither here nor in a draft.
            let Some(wanted) = wanted else { continue };
            let chosen = self.chosen.get(index).and_then(Option::as_ref);
            let nulls = self.facts.get(index).map_or(0, |facts| facts.nulls);
            let (fate, note) = match line_of(self.file, self.newest, &column.name) {
                Some(line) => change_of_known_column(line, wanted, column, chosen, nulls),
                None => (Fate::New(Box::new(wanted.clone())), chosen.and_then(column_remark)),
            };
            let name = wanted.name.clone();
            all.push(Change { name, fate, note });
        }
        for line in self.file.columns.iter().filter(|line| line.range.has_version(self.newest)) {
            let line = &line.item;
            let there = self.own.columns.iter().any(|column| column.name == line.source)
                || self.own.is_rowid(&line.source);
            // PostgreSQL computes it by itself: SQLite need not have it.
            if !there && line.generated.is_none() && !line.target_only {
                all.push(Change { name: line.name.clone(), fate: Fate::Gone, note: None });
            }
        }
        all
    }

    /// What only the lines of columns say that hold from now on: the application may have dropped
    /// it, or a person may have known better.
    pub fn find_stated_only_in_file(&self, changes: &[Change]) -> Vec<String> {
        let mut all = Vec::new();
        for (index, column) in self.own.columns.iter().enumerate() {
            let mut lines = self.wanted.columns.iter().map(|line| &line.item);
            let Some(wanted) = lines.find(|line| line.source == column.name) else { continue };
            let change = changes.iter().find(|change| change.name == wanted.name);
            let Some(Fate::Same(line) | Fate::Changed(line, _)) = change.map(|one| &one.fate)
            else {
                continue;
            };
            if wanted.null && !line.null && line.identity == Identity::No {
                all.push(format!("column {}: not null", line.name));
            }
            if self.facts.get(index).is_some_and(|facts| facts.wider) {
                let declared = &column.declared;
                all.push(format!("column {}: {}, declared {declared}", line.name, line.ty));
            }
        }
        all
    }
}

fn change_of_known_column(
    line: &ColumnLine,
    wanted: &ColumnLine,
    column: &SourceColumn,
    chosen: Option<&Chosen>,
    nulls: u64,
) -> (Fate, Option<String>) {
    let same_type = (line.ty, line.stored) == (wanted.ty, wanted.stored);
    let new = merge_lines(line, wanted, column, nulls);
    let words = describe_differences(line, &new);
    let note = chosen.and_then(column_remark);
    match (words.is_empty(), same_type) {
        (true, _) => (Fate::Same(Box::new(new)), note),
        (false, true) => (Fate::Changed(Box::new(new), words), note),
        (false, false) => {
            let word = if column.declared.is_empty() { "nothing" } else { &column.declared };
            let why = format!("declared {word} now");
            let note = note.map_or(why.clone(), |note| format!("{why}; {note}"));
            (Fate::Changed(Box::new(new), words), Some(note))
        }
    }
}

/// The line from now on.
fn merge_lines(
    line: &ColumnLine,
    wanted: &ColumnLine,
    column: &SourceColumn,
    nulls: u64,
) -> ColumnLine {
    let mut new =
        ColumnLine { name: line.name.clone(), source: line.source.clone(), ..wanted.clone() };
    if lengths::have_same_type(line, wanted) {
        if declaration_fits_line(line, &column.declared) {
            new.declared.clone_from(&line.declared);
        }
        if line.ty == wanted.ty {
            new.type_sql.clone_from(&line.type_sql);
        }
        new.default = merged_default(line.default.as_deref(), wanted.default.as_deref());
    }
    if !line.null && nulls == 0 {
        new.null = false;
    }
    if column.generated && new.generated.is_none() {
        new.generated.clone_from(&line.generated);
    }
    let is_integer = matches!(new.ty, Type::Int2 | Type::Int4 | Type::Int8);
    let counts = is_integer && new.generated.is_none() && nulls == 0;
    new.identity = if counts { line.identity } else { Identity::No };
    if new.identity != Identity::No {
        (new.null, new.default) = (false, None);
    }
    if new.generated.is_some() {
        new.default = None;
    }
    new
}

/// The default from now on: a constant of the source counts, and so does an expression where the
/// file has a constant or nothing.
fn merged_default(line: Option<&str>, wanted: Option<&str>) -> Option<String> {
    let (Some(old), Some(new)) = (line, wanted) else {
        return wanted.or(line).map(str::to_owned);
    };
    let kept = match (plain_constant(old), plain_constant(new)) {
        (Some(old), Some(new)) => old == new,
        (None, None) => true,
        _ => false,
    };
    Some(if kept { old } else { new }.to_owned())
}

/// A constant without its cast and its quotes.
fn plain_constant(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = match text.rsplit_once("::") {
        Some((inner, ty)) if !ty.contains('\'') => inner.trim(),
        _ => text,
    };
    let quoted = inner.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match quoted {
        Some(quoted) if !quoted.replace("''", "").contains('\'') => Some(quoted.to_owned()),
        Some(_) => None,
        None if inner.parse::<f64>().is_ok() => Some(inner.to_owned()),
        None => match &*inner.to_ascii_lowercase() {
            word @ ("true" | "false") => Some(word.to_owned()),
            _ => None,
        },
    }
}

/// What differs between two lines of a column, in words.
pub fn describe_differences(old: &ColumnLine, new: &ColumnLine) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |what: &str, old: String, new: String| {
        if old != new {
            let shown = |text: String| if text.is_empty() { "none".to_owned() } else { text };
            found.push(format!("{what}{} → {}", shown(old), shown(new)));
        }
    };
    let ty = |line: &ColumnLine| match line.stored == line.ty.usual_encoding() {
        true => line.ty.to_string(),
        false => format!("{} stored as {}", line.ty, line.stored),
    };
    add("", ty(old), ty(new));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    add("declared ", text(&old.declared), text(&new.declared));
    let null = |line: &ColumnLine| if line.null { "null" } else { "not null" }.to_owned();
    add("", null(old), null(new));
    add("default ", text(&old.default), text(&new.default));
    add("generated ", text(&old.generated), text(&new.generated));
    if old.identity != new.identity {
        add("identity ", "yes".to_owned(), String::new());
    }
    found
}

/// Columns that may be others under a new name: gone and new at one place among those that stay,
/// and every value of the new one fits what the old one was.
pub fn find_renames(
    both: &Both<'_>,
    changes: &[Change],
    fits: impl Fn(&SourceColumn, &ColumnLine) -> bool,
) -> Vec<(String, String)> {
    let gone = |name: &str| {
        changes.iter().any(|change| change.name == name && matches!(change.fate, Fate::Gone))
    };
    let new = |name: &str| {
        changes.iter().any(|change| change.name == name && matches!(change.fate, Fate::New(_)))
    };
    let old: Vec<&ColumnLine> = {
        let lines = both.file.columns.iter().filter(|line| line.range.has_version(both.newest));
        lines.map(|line| &line.item).collect()
    };
    let before = find_places(old.iter().map(|line| line.name.as_str()), gone);
    let after = find_places(both.wanted.columns.iter().map(|line| line.item.name.as_str()), new);
    let mut found = Vec::new();
    for (name, place) in &after {
        let Some((was, _)) = before.iter().find(|(_, old)| old == place) else { continue };
        let line = old.iter().find(|line| line.name == *was);
        let wanted = both.wanted.columns.iter().find(|line| line.item.name == *name);
        let source = wanted.map(|line| line.item.source.as_str());
        let column = both.own.columns.iter().find(|column| Some(column.name.as_str()) == source);
        if let (Some(line), Some(column)) = (line, column)
            && fits(column, line)
        {
            found.push(((*was).to_owned(), (*name).to_owned()));
        }
    }
    found
}

/// Where chosen names stand: behind which of the others, and as which among those there.
fn find_places<'a>(
    names: impl Iterator<Item = &'a str>,
    chosen: impl Fn(&str) -> bool,
) -> Vec<(&'a str, (Option<&'a str>, usize))> {
    let mut found = Vec::new();
    let (mut last, mut count) = (None, 0);
    for name in names {
        if chosen(name) {
            found.push((name, (last, count)));
            count += 1;
        } else {
            (last, count) = (Some(name), 0);
        }
    }
    found
}

/// A column's nature, for people.
pub fn describe_line(line: &ColumnLine) -> String {
    format!("{}{}", line.ty, if line.null { "" } else { " not null" })
}
