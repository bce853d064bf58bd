//! The drafted files' texts.

use std::collections::BTreeSet;

use model::file::Directory;

use super::Joined;
use crate::schema_tools::draft::residue::{self, Residue};
use crate::schema_tools::draft::{choose_file_stem, write};

/// The files' names and texts.
pub fn make_files(
    title: &str,
    version: &str,
    directory: &Directory,
    joined: &Joined,
    residue: &[Residue],
) -> Vec<(String, String)> {
    let mut database = write::database_toml(title, version);
    for (word, names) in [
        ("ignore", &directory.ignore),
        ("target_only", &directory.target_only),
        ("create_missing", &directory.create_missing),
        ("undecided", &directory.undecided),
    ] {
        if !names.is_empty() {
            database.push_str(&format!("{word} = {}\n", write::toml_list(names)));
        }
    }
    database.push_str("joined = true\n");
    if !directory.migration_histories.is_empty() {
        database.push_str("\n# The application's own migrations: compared, never copied over.\n");
        database.push_str("[migration_history]\n");
    }
    for (table, columns) in &directory.migration_histories {
        database.push_str(&format!("{} = {}\n", write::toml_key(table), write::toml_list(columns)));
    }
    if !directory.enums.is_empty() {
        database.push_str("\n[enums]\n");
    }
    for declared in &directory.enums {
        let labels: Vec<String> = declared.labels.iter().map(|label| (*label).to_owned()).collect();
        database.push_str(&format!(
            "{} = {}\n",
            write::toml_key(declared.name),
            write::toml_list(&labels)
        ));
    }
    let mut out = vec![("database.toml".to_owned(), database)];
    let mut stems: BTreeSet<String> = BTreeSet::from(["database".to_owned()]);
    for ((file, notes), rows) in joined.files.iter().zip(&joined.notes).zip(&joined.rows) {
        let stem = choose_file_stem(&file.name, &mut stems);
        out.push((format!("{stem}.toml"), write::table_toml(file, &stem, *rows, notes)));
    }
    out.push(("RESIDUE.md".to_owned(), residue::residue_markdown(title, residue)));
    out
}
