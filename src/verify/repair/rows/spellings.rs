//! References that are written as the parent writes its key.

use std::collections::BTreeMap;

use model::{ForeignKey, Stored, Table, Type};
use rusqlite::OptionalExtension;

use super::{JudgeContext, equal, ordinal_number};
use crate::diagnostic::Result;
use crate::keys::{Scratch, scratch_error};
use crate::verify::form::VALUE;

/// The form of the parent's spelling, where a row's reference is written so.
pub fn parent_spelling(
    scratch: &Scratch,
    index: i64,
    field: usize,
    row: u64,
) -> Result<Option<Vec<u8>>> {
    let disk = |error: rusqlite::Error| scratch_error(&error);
    let sql = "SELECT form FROM spelled WHERE place = ?1 AND field = ?2 AND number = ?3";
    let mut statement = scratch.connection.prepare_cached(sql).map_err(disk)?;
    let values = (index, ordinal_number(field), row.cast_signed());
    statement.query_row(values, |row| row.get(0)).optional().map_err(disk)
}

impl JudgeContext<'_> {
    /// Finds of rows that refer to nothing those whose text one parent alone has in other letters.
    pub(super) fn find_spellings(
        &self,
        table: &'static Table,
        key: &ForeignKey,
        field: usize,
    ) -> Result<()> {
        let disk = |error: rusqlite::Error| scratch_error(&error);
        let is_text = |table: &Table, name: &str| {
            let column = table.copied_columns().find(|column| column.name == name);
            column.is_some_and(|column| {
                matches!(column.ty, Type::Text | Type::Varchar(_)) && column.stored == Stored::Text
            })
        };
        let parent = self.tables.iter().find(|parent| parent.name == key.table);
        let ([own], [to], Some(parent)) = (key.columns, key.to, parent) else { return Ok(()) };
        if !is_text(table, own) || !is_text(parent, to) {
            return Ok(());
        }
        self.collect_orphans(table, key)?;
        let connection = &self.scratch.connection;
        let mut select = connection.prepare("SELECT number, form FROM children").map_err(disk)?;
        let orphans: rusqlite::Result<Vec<(i64, Vec<u8>)>> =
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(disk)?.collect();
        let orphans = orphans.map_err(disk)?.into_iter();
        let orphans: Vec<(i64, String)> = orphans
            .filter_map(|(number, form)| Some((number, equal::fold_text(key_text(&form)?)?)))
            .collect();
        let mut spellings: BTreeMap<&str, Vec<Vec<u8>>> =
            orphans.iter().map(|(_, folded)| (folded.as_str(), Vec::new())).collect();
        let parents = "SELECT form FROM parents WHERE loose = 0";
        let mut select = connection.prepare(parents).map_err(disk)?;
        let mut rows = select.query([]).map_err(disk)?;
        while let Some(row) = rows.next().map_err(disk)? {
            let form: Vec<u8> = row.get(0).map_err(disk)?;
            let text = key_text(&form).unwrap_or_default();
            let folded = equal::fold_text(text).unwrap_or_default();
            if let Some(known) = spellings.get_mut(folded.as_str()) {
                known.push(text.to_vec());
            }
        }
        for (number, folded) in &orphans {
            if let Some([spelling]) = spellings.get(folded.as_str()).map(Vec::as_slice) {
                let form = [&[VALUE], spelling.as_slice()].concat();
                let values = (self.table_place(table), ordinal_number(field), number, form);
                self.execute("INSERT OR IGNORE INTO spelled VALUES (?1, ?2, ?3, ?4)", values)?;
            }
        }
        Ok(())
    }
}

/// The text of a key that has one part, behind its length.
fn key_text(form: &[u8]) -> Option<&[u8]> {
    form.get(8..)
}
