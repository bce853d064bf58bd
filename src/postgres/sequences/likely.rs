//! Names of sequences that make it likely which column they make values for: `table_column_seq`,
//! `table_seq`. Pure.

use super::judge::Table;

/// The longest name that PostgreSQL keeps, in bytes.
const LONGEST: usize = 63;

/// The columns of numbers that a sequence's name speaks of: `(table, column)`.
pub fn likely_columns<'a>(name: &str, tables: &'a [Table]) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for table in tables {
        let key = match table.key.as_slice() {
            [key] => key.as_str(),
            _ => "",
        };
        for column in table.columns.iter().filter(|column| column.copied && column.numbers) {
            let named = [&table.name, &table.source].into_iter().any(|table| {
                names_match(name, &default_sequence_name(table, &column.name))
                    || (column.name == key && names_match(name, &default_sequence_name(table, "")))
            });
            if named {
                found.push((table.name.as_str(), column.name.as_str()));
            }
        }
    }
    found
}

fn names_match(name: &str, wanted: &str) -> bool {
    name.to_lowercase() == wanted.to_lowercase()
}

/// The name that PostgreSQL gives the sequence of a column: where it would be too long, the longer
/// of both parts is cut.
fn default_sequence_name(table: &str, column: &str) -> String {
    let (mut table, mut column) = (table.to_owned(), column.to_owned());
    let room = LONGEST - "_seq".len() - usize::from(!column.is_empty());
    while table.len() + column.len() > room {
        if table.len() > column.len() {
            table.pop()
        } else {
            column.pop()
        };
    }
    let parts = [table.as_str(), column.as_str(), "seq"];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}
