//! Rows whose foreign key refers to no row: SQLite allows them unless it is set otherwise,
//! PostgreSQL refuses them.

use model::sql::quote;
use rusqlite::Connection;

use super::foreign::find_parent;
use super::residue::{Kind, Residue};
use crate::sqlite::{SourceTable, Structure};

/// Counts them, for every foreign key whose parent is there.
///
/// # Errors
/// SQLite's.
pub fn find_orphans(
    connection: &Connection,
    inspection: &Structure,
) -> rusqlite::Result<Vec<Residue>> {
    let tables: Vec<&SourceTable> = inspection.ordinary_tables().collect();
    let mut found = Vec::new();
    for table in &tables {
        for key in &table.foreign_keys {
            let Some((place, to)) = find_parent(&tables, key) else { continue };
            let Some(parent) = tables.get(place) else { continue };
            let pairs = || key.columns.iter().zip(&to);
            let equal = pairs().map(|(own, to)| format!("p.{} = c.{}", quote(to), quote(own)));
            let given = pairs().map(|(own, _)| format!("c.{} IS NOT NULL", quote(own)));
            let sql = format!(
                "SELECT count(*) FROM {} AS c NOT INDEXED WHERE {} AND NOT EXISTS \
                 (SELECT 1 FROM {} AS p WHERE {})",
                quote(&table.name),
                given.collect::<Vec<_>>().join(" AND "),
                quote(&parent.name),
                equal.collect::<Vec<_>>().join(" AND ")
            );
            // A column that does not exist is reported with the foreign key itself.
            let Ok(mut statement) = connection.prepare(&sql) else { continue };
            let rows: i64 = statement.query_row([], |row| row.get(0))?;
            if rows > 0 {
                let what = format!("foreign key ({})", key.columns.join(", ")).into();
                let why = format!(
                    "rows that refer to a row that does not exist in {}: {rows}, as SQLite \
                     compares them; a dry run lists the rows that PostgreSQL refuses",
                    parent.name
                );
                let name = table.name.clone();
                found.push(Residue { table: name, kind: Kind::Decide, what, why, sql: sql.into() });
            }
        }
    }
    Ok(found)
}
