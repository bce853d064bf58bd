//! Rowids that something may refer to, in tables without a key of their own.
//!
//! SQLite numbers the rows of an ordinary table by itself. Where no column is that number, it is
//! not copied, and whoever refers to it refers to nothing afterwards.

use model::file::TableFile;
use model::sql::quote;
use rusqlite::Connection;

use super::residue::{Clause, Kind, Residue};
use crate::sqlite::TableKind;
use crate::sqlite::tokens::{Token, tokenize};
use crate::sqlite::{SourceTable, Structure};

/// Says of every ordinary table whose rowid is no column, and may be referred to, how it is kept;
/// `files` are the drafts of those tables that have one.
///
/// # Errors
/// SQLite's.
pub fn find_rowid_tables(
    connection: &Connection,
    inspection: &Structure,
    files: &[TableFile],
) -> rusqlite::Result<Vec<Residue>> {
    let mut found = Vec::new();
    for table in inspection.ordinary_tables() {
        let Some(rowid) = table.implicit_rowid_name() else { continue };
        let file = files.iter().find(|file| file.source == table.name);
        let kept = |file: &&TableFile| file.columns.iter().any(|c| table.is_rowid(&c.item.source));
        if file.is_none() || file.is_some_and(|file| kept(&file)) {
            continue;
        }
        let columns = columns_holding_rowids(connection, inspection, table, rowid)?;
        let others =
            [foreign_keys_to_rowid(inspection, table), objects_using_rowid(inspection, table)]
                .concat();
        if columns.is_empty() && others.is_empty() {
            continue;
        }
        // A search index or a view stays behind anyway.
        let kind = if columns.is_empty() { Kind::Changed } else { Kind::Decide };
        let why = format!(
            "SQLite's rowid is not copied, and {} may refer to it. To copy it, write rowid = {{ \
             type = \"int8\", source = \"{rowid}\" }} under [columns] in the table's file, or \
             source = \"{rowid}\" in the line of the column that PostgreSQL has for it. Do not run \
             VACUUM before the migration, because it changes rowids",
            [columns, others].concat().join(", ")
        );
        found.push(Residue {
            table: table.name.clone(),
            kind,
            what: "the rowid".into(),
            why,
            sql: Clause::None,
        });
    }
    Ok(found)
}

/// Columns of other tables whose name says so and all of whose values are rowids of this one.
fn columns_holding_rowids(
    connection: &Connection,
    inspection: &Structure,
    table: &SourceTable,
    rowid: &str,
) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    for other in inspection.ordinary_tables() {
        for column in &other.columns {
            if other.name == table.name && !alphanumeric_lower_case(&column.name).ends_with("rowid")
                || !suggests_rowid(&column.name, &table.name)
                || other.rowid_alias().is_some_and(|alias| alias.name == column.name)
            {
                continue;
            }
            let name = quote(&column.name);
            let sql = format!(
                "SELECT count(*), total(typeof({name}) = 'integer' AND {name} IN (SELECT {rowid} \
                 FROM {} NOT INDEXED)) FROM {} NOT INDEXED WHERE {name} IS NOT NULL",
                quote(&table.name),
                quote(&other.name)
            );
            // What SQLite cannot compute is reported with the column itself.
            let Ok(mut statement) = connection.prepare(&sql) else { continue };
            let (values, there): (i64, f64) =
                statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if values > 0 && there == values as f64 {
                let values = if values == 1 { "1 value" } else { &format!("{values} values") };
                found
                    .push(format!("{}.{} ({values}, all of them rowids)", other.name, column.name));
            }
        }
    }
    Ok(found)
}

/// Whether a column's name speaks of a row of the table: `note_rowid`, `noteId`, `rowid_of_note`.
fn suggests_rowid(column: &str, table: &str) -> bool {
    let (column, table) = (alphanumeric_lower_case(column), alphanumeric_lower_case(table));
    let one = table.strip_suffix('s').unwrap_or(&table);
    let named = [&table, one].iter().any(|name| !name.is_empty() && column.contains(*name));
    let number = column.ends_with("id") || column.contains("rowid");
    column.ends_with("rowid") || named && number
}

/// Small letters and digits alone.
fn alphanumeric_lower_case(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Foreign keys that name the rowid.
fn foreign_keys_to_rowid(inspection: &Structure, table: &SourceTable) -> Vec<String> {
    let keys = inspection
        .ordinary_tables()
        .flat_map(|other| other.foreign_keys.iter().map(move |k| (other, k)));
    let to = |key: &crate::sqlite::SourceForeignKey| {
        key.parent.eq_ignore_ascii_case(&table.name)
            && matches!(key.to.as_slice(), [to] if table.is_rowid(to))
    };
    let named = keys.filter(|(_, key)| to(key));
    named.map(|(other, key)| format!("{}.{}", other.name, key.columns.join(", "))).collect()
}

/// Search tables over this one, and views and triggers that speak of a rowid and of this table.
fn objects_using_rowid(inspection: &Structure, table: &SourceTable) -> Vec<String> {
    let mut found = Vec::new();
    for other in inspection.tables.iter().filter(|other| other.kind == TableKind::Virtual) {
        let all = tokenize(&other.sql);
        let content = option_value(&all, "content");
        let by = option_value(&all, "content_rowid");
        let over = content.is_some_and(|name| name.eq_ignore_ascii_case(&table.name));
        if over && by.is_none_or(|name| table.is_rowid(&name)) {
            found.push(format!("the search table {}", other.name));
        }
    }
    for other in &inspection.others {
        let names: Vec<String> = tokenize(&other.sql).iter().filter_map(Token::as_name).collect();
        let named = names.iter().any(|name| name.eq_ignore_ascii_case(&table.name));
        if named && names.iter().any(|name| table.is_rowid(name)) {
            found.push(format!("{} {}", other.kind, other.name));
        }
    }
    found
}

/// The value of an option of a virtual table: `content='note'`.
fn option_value(tokens: &[Token<'_>], name: &str) -> Option<String> {
    tokens.windows(3).find_map(|three| match three {
        [word, mark, value] if word.is_keyword(name) && mark.is_mark("=") => value.as_name(),
        _ => None,
    })
}
