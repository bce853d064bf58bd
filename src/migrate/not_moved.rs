//! Finds what a run leaves in SQLite although it holds something.

use rusqlite::Error;

use crate::libraries;
use crate::report::NotMoved;
use crate::schema::Version;
use crate::sqlite::{Source, SourceTable};

/// Tables with rows and columns with values that are not copied, in the order of the file.
/// Migration histories are not among them: each side keeps its own. Nor is what SQLite computes.
///
/// # Errors
/// SQLite's.
pub fn find_not_moved(source: &Source, version: &Version) -> Result<Vec<NotMoved>, Error> {
    let mut found = Vec::new();
    for table in source.structure.ordinary_tables() {
        if version.ignores(&table.name) {
            if is_specific_to_database(version, table) {
                continue;
            }
            let count = count_values(source, &table.name, "*")?;
            found.push(NotMoved { table: table.name.clone(), column: None, count });
            continue;
        }
        let described = version.tables().find(|known| known.source == table.name);
        let ignored = described.map_or(&[][..], |known| known.ignored);
        let columns = table.columns.iter().filter(|column| !column.generated);
        for column in columns.filter(|column| ignored.contains(&column.name.as_str())) {
            let count = count_values(source, &table.name, &model::sql::quote(&column.name))?;
            let column = Some(column.name.clone());
            found.push(NotMoved { table: table.name.clone(), column, count });
        }
    }
    found.retain(|one| one.count > 0);
    Ok(found)
}

fn is_specific_to_database(version: &Version, table: &SourceTable) -> bool {
    let has = |name: &str| table.columns.iter().any(|column| column.name == name);
    version.is_history_table(&table.name)
        || libraries::history_columns(&table.name, has).is_some()
        || libraries::is_specific_to_database(&table.name, has)
}

fn count_values(source: &Source, table: &str, what: &str) -> Result<u64, Error> {
    let select = format!("SELECT count({what}) FROM {} NOT INDEXED", model::sql::quote(table));
    source.reader.query_row(&select, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}
