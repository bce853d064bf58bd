//! The key by which SQLite names the rows of a table, where PostgreSQL's is another.

use model::file::TableFile;

use super::{Joined, Kind};
use crate::sqlite;

impl Joined {
    /// SQLite may name its rows by another key than PostgreSQL.
    pub(super) fn set_source_key(
        &mut self,
        source_table: &sqlite::SourceTable,
        file: &mut TableFile,
    ) {
        let columns = &file.columns;
        let source = |name: &String| {
            let line = columns.iter().map(|line| &line.item).find(|line| line.name == *name);
            line.map_or(name, |line| &line.source).clone()
        };
        let key = file.primary_keys.first().map(|key| key.item.as_slice()).unwrap_or_default();
        let wanted: Vec<String> = key.iter().map(source).collect();
        // Where the key is SQLite's own number of a row, both name rows alike.
        if matches!(wanted.as_slice(), [only] if source_table.is_rowid(only)) {
            return;
        }
        let has: Vec<String> =
            source_table.primary_key_columns().into_iter().map(str::to_owned).collect();
        if wanted != has {
            let why = match wanted.is_empty() {
                true => {
                    format!("SQLite's is ({}); the table in PostgreSQL has none", has.join(", "))
                }
                false => format!(
                    "SQLite's is ({}), PostgreSQL's is ({}); rows with the same key in PostgreSQL \
                     are refused",
                    has.join(", "),
                    wanted.join(", ")
                ),
            };
            file.source_key = Some(has);
            self.add_item(&source_table.name, Kind::Changed, "the primary key".into(), why);
        }
    }
}
