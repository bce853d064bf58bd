//! Virtual tables that hold rows of their own. They are not copied, and where such a row is
//! nowhere else, leaving the table behind would lose it.

use model::sql;
use rusqlite::{Connection, OptionalExtension};

use super::residue::{Kind, Residue, Subject};
use crate::sqlite::TableKind;
use crate::sqlite::tokens::tokenize;
use crate::sqlite::{SourceTable, Structure};
use crate::text::count_with_noun;

/// Modules, and the end of the name of the table in which each keeps rows that are its own. A
/// search index over another table's rows has no such table.
const KEEPERS: &[(&str, &str)] = &[
    ("fts3", "_content"),
    ("fts4", "_content"),
    ("fts5", "_content"),
    ("rtree", "_rowid"),
    ("rtree_i32", "_rowid"),
    ("geopoly", "_rowid"),
];

/// Says of each virtual table among the residue whether it has rows of its own.
///
/// # Errors
/// SQLite's.
pub fn note_rows_of_virtual_tables(
    connection: &Connection,
    inspection: &Structure,
    residue: &mut [Residue],
) -> rusqlite::Result<()> {
    let all = &inspection.tables;
    for table in all.iter().filter(|table| table.kind == TableKind::Virtual) {
        let named = Subject::VirtualTable(table.name.clone());
        let mut items = residue.iter_mut();
        let Some(item) = items.find(|item| item.table == table.name && item.what == named) else {
            continue;
        };
        let Some(module) = module_name(table) else { continue };
        if end_of_keeper(&module).is_none() {
            if !has_module(connection, &module)? {
                item.why = format!(
                    "the module {module} produces its rows, and this program does not have it: \
                     find out whether it contains rows that no other table contains"
                );
            }
            continue;
        }
        let rows = match count_own_rows(connection, inspection, table)? {
            None | Some(0) => continue,
            Some(rows) => count_with_noun(rows, "row"),
        };
        if is_filled_by_triggers(inspection, table) {
            item.why = format!(
                "not copied: {rows}; rows that triggers write to it are also in other tables"
            );
        } else {
            item.kind = Kind::Decide;
            item.why = format!(
                "not copied: {rows}; first copy the rows that are in no other table to an ordinary \
                 table"
            );
        }
    }
    Ok(())
}

/// The rows that a virtual table alone keeps; nothing where its module keeps none, or is not known.
///
/// # Errors
/// SQLite's.
pub fn count_own_rows(
    connection: &Connection,
    inspection: &Structure,
    table: &SourceTable,
) -> rusqlite::Result<Option<u64>> {
    let module = module_name(table);
    let Some(end) = module.as_deref().and_then(end_of_keeper) else { return Ok(None) };
    let name = format!("{}{end}", table.name);
    let mut all = inspection.tables.iter();
    let kept = all.find(|kept| kept.name.eq_ignore_ascii_case(&name));
    kept.map(|kept| count_rows(connection, kept)).transpose()
}

fn end_of_keeper(module: &str) -> Option<&'static str> {
    KEEPERS.iter().find(|(known, _)| module.eq_ignore_ascii_case(known)).map(|(_, end)| *end)
}

/// Whether triggers say that it follows other tables.
fn is_filled_by_triggers(inspection: &Structure, table: &SourceTable) -> bool {
    let named = |name: &str| name.eq_ignore_ascii_case(&table.name);
    let mut triggers = inspection.others.iter().filter(|other| other.kind == "trigger");
    triggers.any(|trigger| {
        let mut words = tokenize(&trigger.sql).into_iter();
        words.any(|word| word.as_name().is_some_and(|name| named(&name)))
    })
}

/// The word behind USING.
fn module_name(table: &SourceTable) -> Option<String> {
    let all = tokenize(&table.sql);
    let index = all.iter().position(|token| token.is_keyword("USING"))?;
    all.get(index + 1)?.as_name()
}

fn has_module(connection: &Connection, module: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM pragma_module_list WHERE name = ?1 COLLATE NOCASE";
    Ok(connection.query_row(sql, [module], |_| Ok(())).optional()?.is_some())
}

fn count_rows(connection: &Connection, table: &SourceTable) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM {} NOT INDEXED", sql::quote(&table.name));
    connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}
