//! Reads the structure of a SQLite file by SQLite's pragmas.
//!
//! Names are bound to table-valued pragmas, never pasted into SQL. `table_xinfo` is used because
//! `table_info` hides generated columns. Collations and modules that this program does not have do
//! not matter: nothing is sorted and no virtual table is opened.

use std::collections::HashMap;

use rusqlite::{Connection, Row};

use super::ddl::{self, Ddl};
use super::structure::{
    IndexOrigin, IndexPart, SourceColumn, SourceForeignKey, SourceIndex, SourceObject, SourceTable,
    Structure, TableKind,
};

/// Reads everything of the main database.
///
/// # Errors
/// SQLite's own, for instance of a damaged schema.
pub fn read_structure(connection: &Connection) -> rusqlite::Result<Structure> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL",
    )?;
    let texts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let texts: Statements = texts.collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare(
        "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' \
         AND type <> 'view' AND name NOT IN ('sqlite_schema', 'sqlite_master') ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        tables.push(read_table(connection, row, &texts)?);
    }
    let mut statement = connection.prepare(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema \
         WHERE type IN ('view', 'trigger') ORDER BY type DESC, name",
    )?;
    let object = |row: &Row<'_>| {
        let (kind, name) = (row.get(0)?, row.get(1)?);
        Ok(SourceObject { kind, name, table: row.get(2)?, sql: row.get(3)? })
    };
    let others = statement.query_map([], object)?.collect::<rusqlite::Result<_>>()?;
    let encoding = connection.query_row("PRAGMA encoding", [], |row| row.get(0))?;
    Ok(Structure { tables, others, encoding })
}

/// The statements of tables and indexes by their names, which are all different.
type Statements = HashMap<String, String>;

fn read_table(
    connection: &Connection,
    row: &Row<'_>,
    texts: &Statements,
) -> rusqlite::Result<SourceTable> {
    let name: String = row.get(0)?;
    let sql = texts.get(&name).cloned().unwrap_or_default();
    let kind = match row.get_ref(1)?.as_str()? {
        "virtual" => TableKind::Virtual,
        "shadow" => TableKind::Shadow,
        _ if name.starts_with("sqlite_") => TableKind::Internal,
        _ => TableKind::Table,
    };
    let mut table = SourceTable {
        kind,
        without_rowid: row.get(2)?,
        strict: row.get(3)?,
        ddl: Ddl::default(),
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        name,
        sql,
    };
    // A virtual table's module may be missing, and then even its columns cannot be asked.
    if kind == TableKind::Table {
        table.ddl = ddl::parse_create_table(&table.sql);
        table.columns = read_columns(connection, &table.name)?;
        table.indexes = read_indexes(connection, &table.name, texts)?;
        table.foreign_keys = read_foreign_keys(connection, &table)?;
    }
    Ok(table)
}

fn read_columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<SourceColumn>> {
    let mut statement = connection.prepare(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden \
         FROM pragma_table_xinfo(?1, 'main')",
    )?;
    let columns = statement.query_map([table], |row| {
        Ok(SourceColumn {
            name: row.get(0)?,
            declared: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            key_place: row.get(4)?,
            generated: row.get::<_, i64>(5)? > 1,
        })
    })?;
    columns.collect()
}

fn read_indexes(
    connection: &Connection,
    table: &str,
    texts: &Statements,
) -> rusqlite::Result<Vec<SourceIndex>> {
    let mut statement = connection.prepare(
        "SELECT name, \"unique\", origin, partial FROM pragma_index_list(?1, 'main') \
         ORDER BY seq DESC",
    )?;
    let mut rows = statement.query([table])?;
    let mut indexes = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let origin = match row.get_ref(2)?.as_str()? {
            "u" => IndexOrigin::Unique,
            "pk" => IndexOrigin::PrimaryKey,
            _ => IndexOrigin::Statement,
        };
        let parts = read_index_parts(connection, &name)?;
        let (unique, partial) = (row.get(1)?, row.get(3)?);
        let sql = texts.get(&name).cloned().unwrap_or_default();
        indexes.push(SourceIndex { name, unique, origin, sql, partial, parts });
    }
    Ok(indexes)
}

fn read_index_parts(connection: &Connection, index: &str) -> rusqlite::Result<Vec<IndexPart>> {
    let mut statement = connection.prepare(
        "SELECT name, \"desc\", coalesce(coll, 'BINARY') FROM pragma_index_xinfo(?1, 'main') \
         WHERE key = 1 ORDER BY seqno",
    )?;
    let part = |row: &Row<'_>| {
        Ok(IndexPart { column: row.get(0)?, descending: row.get(1)?, collation: row.get(2)? })
    };
    statement.query_map([index], part)?.collect()
}

fn read_foreign_keys(
    connection: &Connection,
    table: &SourceTable,
) -> rusqlite::Result<Vec<SourceForeignKey>> {
    let mut statement = connection.prepare(
        "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update \
         FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq",
    )?;
    let mut rows = statement.query([&table.name])?;
    let mut keys: Vec<(i64, SourceForeignKey)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if keys.last().is_none_or(|(last, _)| *last != id) {
            let (parent, on_delete, on_update) = (row.get(1)?, row.get(4)?, row.get(5)?);
            let (columns, to) = (Vec::new(), Vec::new());
            let (name, deferred) = (None, false);
            let key =
                SourceForeignKey { name, parent, columns, to, on_delete, on_update, deferred };
            keys.push((id, key));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.columns.push(row.get(2)?);
            key.to.extend(row.get::<_, Option<String>>(3)?);
        }
    }
    // The pragma counts from the last of the statement.
    let mut keys: Vec<SourceForeignKey> = keys.into_iter().map(|(_, key)| key).collect();
    if keys.len() == table.ddl.foreign_keys.len() {
        for (key, declared) in keys.iter_mut().zip(&table.ddl.foreign_keys) {
            key.name.clone_from(&declared.name);
            key.deferred = declared.deferred;
        }
    }
    Ok(keys)
}
