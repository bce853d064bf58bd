//! Whether ids are left for new rows.

use model::{Type, sql};
use rusqlite::types::ValueRef;

use crate::diagnostic::{Finding, Id, Result, Severity};
use crate::plan::Copy;
use crate::sqlite::Reading;

/// Looks at the highest id of every column for which PostgreSQL will make ids.
///
/// # Errors
/// SQLite's.
pub fn find_exhausted_sequences(reading: Reading<'_>, copy: &Copy) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for column in copy.identity_columns() {
        let last = match column.ty {
            Type::Int2 => i64::from(i16::MAX),
            Type::Int4 => i64::from(i32::MAX),
            _ => i64::MAX,
        };
        let (table, name) = (copy.table(), sql::quote(column.source));
        let all = format!("SELECT max({name}) FROM {} NOT INDEXED", sql::quote(table.source));
        let highest = match query_highest(reading, &all)? {
            Highest::Id(id) => Some(id),
            Highest::None => None,
            // Text is higher than every number; it is a finding of the codecs.
            Highest::Other => {
                match query_highest(reading, &format!("{all} WHERE typeof({name}) = 'integer'"))? {
                    Highest::Id(id) => Some(id),
                    _ => None,
                }
            }
        };
        let Some(highest) = highest.max(reading.remembered_id(table.source)?) else { continue };
        if highest >= last {
            let what = format!("the highest id is {highest} and the sequence ends at {last}");
            let mut finding = Finding::without_rows(Id::Q7, Severity::Error, what);
            finding.database.clone_from(&copy.database);
            table.name.clone_into(&mut finding.table);
            finding.set_columns([column.name]);
            findings.push(finding);
        }
    }
    Ok(findings)
}

enum Highest {
    Id(i64),
    None,
    Other,
}

fn query_highest(reading: Reading<'_>, sql: &str) -> Result<Highest> {
    let read = reading.connection.query_row(sql, [], |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(id) => Highest::Id(id),
            ValueRef::Null => Highest::None,
            _ => Highest::Other,
        })
    });
    read.map_err(|error| reading.read_error(&error))
}
