//! Answers, written into the files of a saved schema.

use std::path::Path;

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

/// What RESIDUE.md begins with, once questions were answered.
const ANSWERED: &str = "\
> Questions were answered after this was written. What counts stands in the TOML files beside it:
> a column that is `stored = \"undecided\"` there, and a name in `undecided` of database.toml, are
> still to decide.

";

/// Says in RESIDUE.md, which lists what was to decide, that answers have come.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note_answers(directory: &Path) -> Result<()> {
    let file = directory.join("RESIDUE.md");
    let failed = |why: String| {
        let text = format!("{}: {why}", file.display());
        Error::new(Exit::Usage, text, "make it a file that can be written")
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
        Error::new(Exit::Usage, text, "correct the file, or write the answer into it by hand")
    };
    let text =
        read_regular_file(file, TEXT_BYTES_MOST).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| failed(error.message().to_owned()))?;
    edit(&mut document).ok_or_else(|| failed("the answer has no place in it".to_owned()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    replace_files(directory, &[(name, document.to_string())])
        .map_err(|(_, error)| failed(error.to_string()))
}
