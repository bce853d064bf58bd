//! Schema files as text: only what differs from the default, one column a line, comments beside.

use std::fmt::Write;

use model::file::{CheckLine, ColumnLine, ForeignKeyLine, IndexLine, TableFile, UniqueLine};
use model::table::ACTIONS;
use model::{Action, Identity};

use crate::text::escape_hidden;
pub use crate::text::toml_string as text;

/// The text of `database.toml`.
pub fn database_toml(source: &str, version: &str) -> String {
    format!(
        "# Drafted from {}; RESIDUE.md lists what these files do not contain.\nversions = [{}]\n",
        comment_text(source),
        text(version)
    )
}

/// The text of a table's file. `notes` has a comment for each column; `stem` is the file's name.
pub fn table_toml(file: &TableFile, stem: &str, rows: u64, notes: &[Option<String>]) -> String {
    let s = if rows == 1 { "" } else { "s" };
    let mut out = format!("# {rows} row{s} when this was drafted\n");
    if file.name != stem {
        let _ = writeln!(out, "name = {}", text(&file.name));
    }
    if let Some(schema) = &file.schema {
        let _ = writeln!(out, "schema = {}", text(schema));
    }
    if file.source != file.name {
        let _ = writeln!(out, "source = {}", text(&file.source));
    }
    for key in &file.primary_keys {
        let _ = writeln!(out, "primary_key = {}", toml_list(&key.item));
    }
    if let Some(name) = &file.key_name {
        let _ = writeln!(out, "primary_key_name = {}", text(name));
    }
    if let Some(key) = &file.source_key {
        let _ = writeln!(out, "source_key = {}", toml_list(key));
    }
    if !file.ignore.is_empty() {
        let _ = writeln!(out, "ignore = {}", toml_list(&file.ignore));
    }
    if file.guess {
        out.push_str("guess = true\n");
    }
    out.push_str("\n[columns]\n");
    let keys: Vec<String> = file.columns.iter().map(|line| toml_key(&line.item.name)).collect();
    let width = keys.iter().map(|key| key.chars().count()).filter(|width| *width <= 32).max();
    for ((line, key), note) in file.columns.iter().zip(&keys).zip(notes) {
        let note = match note {
            Some(note) => format!("  # {}", comment_text(note)),
            None => String::new(),
        };
        let column = column_toml(file, &line.item, line.guess);
        let _ = writeln!(out, "{key:width$} = {{ {column} }}{note}", width = width.unwrap_or(0));
    }
    for line in file.uniques.iter().filter(|line| !is_unique_inline(file, &line.item)) {
        push_unique(&mut out, file, &line.item);
        write_guess(&mut out, file, line.guess);
    }
    for line in &file.indexes {
        push_index(&mut out, &line.item);
        write_guess(&mut out, file, line.guess);
    }
    for line in file.foreign_keys.iter().filter(|line| !is_foreign_key_inline(file, &line.item)) {
        push_foreign_key(&mut out, file, &line.item);
        write_guess(&mut out, file, line.guess);
    }
    for line in &file.checks {
        push_check(&mut out, &line.item);
        write_guess(&mut out, file, line.guess);
    }
    for line in &file.rules {
        let (name, definition) = (text(&line.item.name), text(&line.item.definition));
        let _ = write!(out, "\n[[constraint]]\nname = {name}\ndefinition = {definition}\n");
        write_guess(&mut out, file, line.guess);
    }
    out
}

/// What a statement says of itself where it is a guess and its table is not, or the other way
/// round.
fn guess_key(file: &TableFile, guess: bool) -> Option<String> {
    (guess != file.guess).then(|| format!("guess = {guess}"))
}

/// The same as the last line of a block.
pub(super) fn write_guess(out: &mut String, file: &TableFile, guess: bool) {
    if let Some(key) = guess_key(file, guess) {
        let _ = writeln!(out, "{key}");
    }
}

pub(super) fn column_toml(file: &TableFile, column: &ColumnLine, guess: bool) -> String {
    // A column that only PostgreSQL has may be of any type.
    let type_sql = column.type_sql.as_ref();
    let (ty, type_sql) = match type_sql.filter(|_| column.target_only) {
        Some(type_sql) => (type_sql.clone(), None),
        None => (column.ty.to_string(), type_sql),
    };
    let mut parts = vec![format!("type = {}", text(&ty))];
    if let Some(type_sql) = type_sql {
        parts.push(format!("as = {}", text(type_sql)));
    }
    if column.ty.needs_stated_encoding(column.stored) {
        parts.push(format!("stored = {}", text(column.stored.word())));
    }
    if let Some(declared) = &column.declared {
        parts.push(format!("declared = {}", text(declared)));
    }
    if column.null {
        parts.push("null = true".to_owned());
    }
    match column.identity {
        Identity::No => {}
        Identity::ByDefault => parts.push("identity = true".to_owned()),
        Identity::Always => parts.push("identity = \"always\"".to_owned()),
        Identity::Serial => parts.push("identity = \"serial\"".to_owned()),
    }
    if let Some(expression) = &column.default {
        parts.push(format!("default = {}", text(expression)));
    }
    if let Some(expression) = &column.generated {
        parts.push(format!("generated = {}", text(expression)));
    }
    let own = |columns: &[String]| columns == [column.name.as_str()];
    let uniques = file.uniques.iter().map(|line| &line.item).filter(|line| own(&line.columns));
    if uniques.into_iter().any(|line| is_unique_inline(file, line)) {
        parts.push("unique = true".to_owned());
    }
    let keys = file.foreign_keys.iter().map(|line| &line.item).filter(|line| own(&line.columns));
    for key in keys.filter(|key| is_foreign_key_inline(file, key)) {
        let to = key.to.first().map(String::as_str).unwrap_or_default();
        parts.push(format!("references = {}", text(&format!("{}.{to}", key.table))));
        for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
            parts.extend(action_word(action).map(|found| format!("{word} = {}", text(found))));
        }
    }
    if column.target_only {
        parts.push("source = false".to_owned());
    } else if column.source != column.name {
        parts.push(format!("source = {}", text(&column.source)));
    }
    parts.extend(guess_key(file, guess));
    parts.join(", ")
}

/// Whether a column's own line can say it.
pub(super) fn is_unique_inline(file: &TableFile, line: &UniqueLine) -> bool {
    matches!(&*line.columns, [column] if line.name == format!("{}_{column}_key", file.name))
}

/// Whether a column's own line can say it: one column, the usual name, and no dot in the name of
/// the column referred to.
pub(super) fn is_foreign_key_inline(file: &TableFile, line: &ForeignKeyLine) -> bool {
    match (&*line.columns, &*line.to) {
        ([column], [to]) => {
            let usual = line.name == format!("{}_{column}_fkey", file.name);
            usual && !line.deferred && !line.deferrable && !to.contains('.') && !to.is_empty()
        }
        _ => false,
    }
}

fn action_word(action: Action) -> Option<&'static str> {
    let found = ACTIONS.iter().find(|(_, known)| *known == action);
    found.map(|(word, _)| *word).filter(|_| action != Action::NoAction)
}

pub(super) fn push_unique(out: &mut String, file: &TableFile, line: &UniqueLine) {
    out.push_str("\n[[unique]]\n");
    if line.name != format!("{}_{}_key", file.name, line.columns.join("_")) {
        let _ = writeln!(out, "name = {}", text(&line.name));
    }
    let _ = writeln!(out, "columns = {}", toml_list(&line.columns));
}

pub(super) fn push_index(out: &mut String, line: &IndexLine) {
    let parts: Vec<String> = line
        .parts
        .iter()
        .map(|part| {
            let desc = if part.descending { ", desc = true" } else { "" };
            match (part.expression, part.descending) {
                (false, false) => text(&part.text),
                (false, true) => format!("{{ column = {}{desc} }}", text(&part.text)),
                (true, _) => format!("{{ expression = {}{desc} }}", text(&part.text)),
            }
        })
        .collect();
    let (name, parts) = (text(&line.name), parts.join(", "));
    let definition = match &line.definition {
        Some(definition) => format!("definition = {}", text(definition)),
        None => format!("columns = [{parts}]"),
    };
    let _ = write!(out, "\n[[index]]\nname = {name}\n{definition}\n");
    if line.unique {
        out.push_str("unique = true\n");
    }
    if let Some(predicate) = &line.predicate {
        let _ = writeln!(out, "where = {}", text(predicate));
    }
    if line.method != "btree" {
        let _ = writeln!(out, "method = {}", text(&line.method));
    }
}

pub(super) fn push_foreign_key(out: &mut String, file: &TableFile, line: &ForeignKeyLine) {
    out.push_str("\n[[foreign_key]]\n");
    if line.name != format!("{}_{}_fkey", file.name, line.columns.join("_")) {
        let _ = writeln!(out, "name = {}", text(&line.name));
    }
    let _ = writeln!(out, "columns = {}", toml_list(&line.columns));
    let _ = writeln!(out, "references = {}", text(&line.table));
    let _ = writeln!(out, "to = {}", toml_list(&line.to));
    for (word, action) in [("on_delete", line.on_delete), ("on_update", line.on_update)] {
        if let Some(found) = action_word(action) {
            let _ = writeln!(out, "{word} = {}", text(found));
        }
    }
    if line.deferred {
        out.push_str("deferred = true\n");
    } else if line.deferrable {
        out.push_str("deferrable = true\n");
    }
}

pub(super) fn push_check(out: &mut String, line: &CheckLine) {
    let (name, expression) = (text(&line.name), text(&line.expression));
    let _ = write!(out, "\n[[check]]\nname = {name}\nexpression = {expression}\n");
}

/// A TOML list of strings.
pub fn toml_list(names: &[String]) -> String {
    let all: Vec<String> = names.iter().map(|name| text(name)).collect();
    format!("[{}]", all.join(", "))
}

/// A TOML key, in quotes where it must be.
pub fn toml_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { text(name) }
}

/// Text in a comment: on one line.
fn comment_text(content: &str) -> String {
    escape_hidden(content).into_owned()
}
