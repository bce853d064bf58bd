//! Answers, written into the files of a saved schema.

use std::path::Path;

use model::Stored;
use model::file::Directory;
use toml_edit::{DocumentMut, Item, Value};

use crate::diagnostic::{Error, Exit, Result};
use crate::files::directory::replace_files;
use crate::files::{TEXT_BYTES_MOST, read_regular_file};

/// How a column is stored, as somebody has said.
pub struct StoredAnswer {
    /// The table in PostgreSQL.
    pub table: String,
    /// The column in PostgreSQL.
    pub column: String,
    /// The encoding.
    pub stored: String,
    /// The declared type, where the encoding does not follow from it.
    pub declared: Option<String>,
}

/// Writes encodings into the tables' files.
///
/// # Errors
/// When a file cannot be read, edited or written.
pub fn write_encodings(
    directory: &Path,
    files: &Directory,
    answers: &[StoredAnswer],
) -> Result<()> {
    for answer in answers {
        let table = files.tables.iter().find(|table| table.name == answer.table);
        let table = table.ok_or_else(|| Error::internal("an answer about an unknown table"))?;
        edit_file(directory, &table.file, |document| {
            let columns = document.get_mut("columns").and_then(Item::as_table_like_mut)?;
            let value = columns.get_mut(&answer.column)?.as_value_mut()?;
            let line = value.as_inline_table_mut()?;
            line.insert("stored", Value::from(answer.stored.as_str()));
            if let Some(declared) = &answer.declared {
                line.insert("declared", Value::from(declared.as_str()));
            }
            line.fmt();
            value.decor_mut().set_suffix("  # answered at a terminal");
            Some(())
        })?;
    }
    Ok(())
}

/// Takes names out of `undecided` in `database.toml`.
///
/// # Errors
/// When the file cannot be read, edited or written.
pub fn remove_undecided(directory: &Path, names: &[&str]) -> Result<()> {
    edit_file(directory, &directory.join("database.toml"), |document| {
        let list = document.get_mut("undecided")?.as_array_mut()?;
        list.retain(|name| name.as_str().is_none_or(|name| !names.contains(&name)));
        if list.is_empty() {
            document.remove("undecided");
        }
        Some(())
    })
}

/// Writes into a directory what an earlier one for the same two structures says of columns and
/// names that are open in it: answers, and changes by hand. How many there were.
///
/// # Errors
/// When a file cannot be read, edited or written.
pub fn keep_earlier_answers(directory: &Path, earlier: &Directory) -> Result<u64> {
    // It was written a moment ago.
    let Ok((files, _)) = model::load_directory(directory, "") else { return Ok(0) };
    let file_of = |source: &str| earlier.tables.iter().find(|file| file.source == source);
    let mut answers = Vec::new();
    for table in &files.tables {
        let Some(before) = file_of(&table.source) else { continue };
        let open = table.columns.iter().map(|line| &line.item);
        for column in open.filter(|column| column.stored == Stored::Undecided) {
            let mut lines = before.columns.iter().map(|line| &line.item);
            let line = lines.find(|line| line.source == column.source && line.ty == column.ty);
            if let Some(line) = line.filter(|line| line.stored != Stored::Undecided) {
                answers.push(StoredAnswer {
                    table: table.name.clone(),
                    column: column.name.clone(),
                    stored: line.stored.to_string(),
                    declared: line.declared.clone(),
                });
            }
        }
    }
    let is_described = |name: &str| {
        let (table, column) = name.split_once('.').unwrap_or((name, ""));
        let file = earlier.tables.iter().find(|file| file.name == table);
        file.is_some_and(|file| {
            column.is_empty() || file.columns.iter().any(|line| line.item.name == column)
        })
    };
    let settled: Vec<&str> = files.undecided.iter().map(String::as_str).collect();
    let settled: Vec<&str> = settled
        .into_iter()
        .filter(|name| is_described(name) && !earlier.undecided.iter().any(|open| open == name))
        .collect();
    write_encodings(directory, &files, &answers)?;
    if !settled.is_empty() {
        remove_undecided(directory, &settled)?;
    }
    let kept = answers.len() + settled.len();
    if kept > 0 {
        note_answers(directory)?;
    }
    Ok(kept as u64)
}

/// What RESIDUE.md begins with, once questions were answered.
const ANSWERED: &str = "\
> Questions were answered after this was written. The TOML files beside it contain the result:
> columns with `stored = \"undecided\"`, and the names in the list `undecided` of database.toml, are
> still undecided.

";

/// Says in RESIDUE.md, which lists what was to decide, that answers have come.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note_answers(directory: &Path) -> Result<()> {
    let file = directory.join("RESIDUE.md");
    let failed = |why: String| {
        let text = format!("{}: {why}", file.display());
        Error::new(Exit::Usage, text, "replace it with a file that can be written")
    };
    let text =
        read_regular_file(&file, TEXT_BYTES_MOST).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.starts_with(ANSWERED) {
        return Ok(());
    }
    replace_files(directory, &[("RESIDUE.md".to_owned(), format!("{ANSWERED}{text}"))])
        .map_err(|(_, error)| failed(error.to_string()))
}

fn edit_file(
    directory: &Path,
    file: &Path,
    edit: impl FnOnce(&mut DocumentMut) -> Option<()>,
) -> Result<()> {
    let failed = |why: String| {
        let text = format!("{}: {why}", file.display());
        Error::new(Exit::Usage, text, ["correct the file", "write the answer into it by hand"])
    };
    let text =
        read_regular_file(file, TEXT_BYTES_MOST).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| failed(error.message().to_owned()))?;
    edit(&mut document).ok_or_else(|| failed("the answer cannot be written into it".to_owned()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    replace_files(directory, &[(name, document.to_string())])
        .map_err(|(_, error)| failed(error.to_string()))
}
