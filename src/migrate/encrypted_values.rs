//! Whether the application's key opens what the application has encrypted in its SQLite file. A
//! key of another server would be noticed only after the switch.

use model::sql;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::context::Context;
use super::request::{KeyTrial, Request, TriedValue};
use crate::diagnostic::{Exit, Finding, Id, Result, Severity};
use crate::ids::PerDatabase;
use crate::sqlite::{Source, SourceTable};
use crate::text::{count_with_noun, group_thousands};

/// The key is tried on so many rows of a table.
const ROWS_MOST: u32 = 1000;

/// Values of other lengths than these, in bytes, are no encrypted ones of a column.
const BYTES: std::ops::RangeInclusive<usize> = 40..=100_000;

/// A column with values that look encrypted.
struct TriedColumn {
    table: String,
    column: String,
    opened: u64,
    refused: u64,
    /// Texts that do not look encrypted.
    others: u64,
}

impl TriedColumn {
    fn count_maybe_encrypted(&self) -> u64 {
        self.opened + self.refused
    }
}

/// Tries the key on the first rows of every table, and says how many values it opens.
///
/// # Errors
/// SQLite's.
pub fn try_key(
    request: &Request,
    files: &PerDatabase<&Source>,
    context: &mut Context,
) -> Result<()> {
    let Some(key) = &request.key else { return Ok(()) };
    let mut tried: Vec<(String, TriedColumn)> = Vec::new();
    let mut is_complete = true;
    for (id, requested) in request.entries() {
        let Some(source) = files.find(id) else {
            is_complete = false;
            continue;
        };
        for table in source.structure.ordinary_tables() {
            let columns = try_table(&source.reader, table, &**key);
            let columns = columns.map_err(|error| source.read_error(&error))?;
            tried.extend(columns.into_iter().map(|column| (requested.name.clone(), column)));
        }
    }
    let opens_any = tried.iter().any(|(_, column)| column.opened > 0);
    // Text that only looks encrypted is not opened by the right key either.
    let (of_key, others): (Vec<_>, Vec<_>) = tried
        .into_iter()
        .partition(|(_, column)| column.opened > 0 || !opens_any && column.others == 0);
    for (database, column) in &of_key {
        describe_column(database, column, context);
    }
    // What a file holds that is not read is not known.
    if of_key.is_empty() && (is_complete || !others.is_empty()) {
        describe_untested(&others, &key.fingerprint(), context);
    }
    Ok(())
}

/// Says that no value shows whether the key is the right one.
fn describe_untested(others: &[(String, TriedColumn)], fingerprint: &str, context: &mut Context) {
    let may_be_encrypted: u64 =
        others.iter().map(|(_, column)| column.count_maybe_encrypted()).sum();
    let what = match others.first() {
        None => "no value in SQLite looks encrypted".to_owned(),
        Some((database, TriedColumn { table, column, .. })) => format!(
            "it does not decrypt {} in SQLite that {} encrypted, as in {database}.{table}.{column}",
            count_with_noun(may_be_encrypted, "value"),
            if may_be_encrypted == 1 { "looks" } else { "look" }
        ),
    };
    context.print_line(&format!(
        "key: {what}, so nothing shows whether it is the correct key; compare its fingerprint with \
         the one in Connect's log: {fingerprint}"
    ));
}

fn describe_column(database: &str, column: &TriedColumn, context: &mut Context) {
    let TriedColumn { table, column: name, opened, .. } = column;
    let all = column.count_maybe_encrypted();
    let values = count_with_noun(all, "value");
    if *opened == all {
        context.print_line(&format!(
            "key: {database}.{table}.{name}: the key decrypts {} of {values}",
            group_thousands(*opened)
        ));
        return;
    }
    let what = format!(
        "the configured key decrypts {} of {values} that look encrypted",
        group_thousands(*opened)
    );
    let mut finding = Finding::without_rows(Id::F15, Severity::Warning, what);
    database.clone_into(&mut finding.database);
    finding.table.clone_from(table);
    finding.set_columns([name.as_str()]);
    context.report_finding(finding, Exit::Source);
}

fn try_table(
    connection: &Connection,
    table: &SourceTable,
    key: &dyn KeyTrial,
) -> rusqlite::Result<Vec<TriedColumn>> {
    let stored = table.columns.iter().filter(|column| !column.generated);
    let mut tried: Vec<TriedColumn> = stored
        .map(|column| TriedColumn {
            table: table.name.clone(),
            column: column.name.clone(),
            opened: 0,
            refused: 0,
            others: 0,
        })
        .collect();
    let names: Vec<String> = tried.iter().map(|column| sql::quote(&column.column)).collect();
    let select = format!(
        "SELECT {} FROM {} NOT INDEXED LIMIT {ROWS_MOST}",
        names.join(", "),
        sql::quote(&table.name)
    );
    let mut statement = connection.prepare(&select)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for (index, column) in tried.iter_mut().enumerate() {
            let tried = match row.get_ref(index)? {
                ValueRef::Null => continue,
                ValueRef::Text(text) | ValueRef::Blob(text) if text.is_empty() => continue,
                ValueRef::Text(text) | ValueRef::Blob(text) if BYTES.contains(&text.len()) => {
                    key.try_value(text)
                }
                _ => TriedValue::NotEncrypted,
            };
            match tried {
                TriedValue::Opened => column.opened += 1,
                TriedValue::Refused => column.refused += 1,
                TriedValue::NotEncrypted => column.others += 1,
            }
        }
    }
    tried.retain(|column| column.count_maybe_encrypted() > 0);
    Ok(tried)
}
