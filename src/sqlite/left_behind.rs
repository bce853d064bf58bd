//! What is in a file and stays there: it is said, and nothing is done about it.

use rusqlite::Connection;

use super::structure::{SourceTable, Structure, TableKind};
use crate::diagnostic::{Finding, Id, Severity};
use crate::text::count_with_noun;

/// Virtual tables whose module this program does not have, with the module's name.
fn tables_without_module(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_module_list")?;
    let known = statement.query_map([], |row| row.get::<_, String>(0))?;
    let known = known.collect::<rusqlite::Result<Vec<String>>>()?;
    let select = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 \
                  AND sql LIKE '%USING%' ORDER BY name";
    let mut statement = connection.prepare(select)?;
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let mut missing = Vec::new();
    for table in tables {
        let (name, sql) = table?;
        let mut words = sql.split_whitespace().skip_while(|w| !w.eq_ignore_ascii_case("using"));
        let module = words.nth(1).unwrap_or_default();
        let module = module.split('(').next().unwrap_or_default().trim_matches('"');
        if !module.is_empty() && !known.iter().any(|known| known.eq_ignore_ascii_case(module)) {
            missing.push((name, module.to_owned()));
        }
    }
    Ok(missing)
}

/// What is in the file and stays there, for the record.
pub fn note_left_behind(
    connection: &Connection,
    structure: &Structure,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    let named = |wanted: &dyn Fn(&SourceTable) -> bool| -> Vec<&str> {
        let tables = structure.tables.iter().filter(|table| wanted(table));
        tables.map(|table| table.name.as_str()).collect()
    };
    let mut note =
        |id, what: String| findings.push(Finding::without_rows(id, Severity::Note, what));
    let kept = named(&|table| table.kind == TableKind::Virtual);
    if !kept.is_empty() {
        let shadows = named(&|table| table.kind == TableKind::Shadow).len() as u64;
        let shadows = count_with_noun(shadows, "shadow table");
        let what = format!("virtual tables {}, with {shadows}", kept.join(", "));
        note(Id::O8, what);
    }
    for (name, module) in tables_without_module(connection)? {
        note(
            Id::O9,
            format!("virtual table {name} needs the module {module}, which is not available"),
        );
    }
    let strict = named(&|table| table.strict && table.kind == TableKind::Table);
    if !strict.is_empty() {
        note(Id::S17, format!("STRICT tables {}", strict.join(", ")));
    }
    let mut statement = connection.prepare(
        "SELECT type || ' ' || name FROM sqlite_schema WHERE type IN ('view', 'trigger') \
         ORDER BY type, name",
    )?;
    let residue = statement.query_map([], |row| row.get::<_, String>(0))?;
    let residue = residue.collect::<rusqlite::Result<Vec<String>>>()?;
    if !residue.is_empty() {
        note(Id::O10, residue.join(", "));
    }
    Ok(())
}
