//! Tables that migration libraries keep for themselves ([`crate::libraries`]), as the draft
//! proposes them; what counts afterwards is what its `database.toml` says.

use model::file::TableFile;

use crate::libraries;
use crate::postgres::inspection::Table;

/// Those among a draft's tables that have these columns on both sides.
pub fn find_history_tables(files: &[TableFile]) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for file in files {
        let here = |column: &&str| {
            let mut lines = file.columns.iter().map(|line| &line.item);
            lines.any(|line| line.name == *column && !line.target_only)
        };
        if let Some(counting) = libraries::history_columns(&file.name, |column| here(&column)) {
            let columns = counting.iter().map(|column| (*column).to_owned()).collect();
            found.push((file.name.clone(), columns));
        } else if file.name == "migrations" && file.columns.len() == 1 && here(&"id") {
            // The names of what was done, and nothing else.
            found.push((file.name.clone(), vec!["id".to_owned()]));
        }
    }
    found
}

/// Whether each side keeps its own of a table.
pub fn is_specific_to_database(table: &Table) -> bool {
    libraries::is_specific_to_database(&table.name, |name| {
        table.columns.iter().any(|there| there.name == name)
    })
}
