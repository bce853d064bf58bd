//! The subquery that stands in the place of a table, and the functions that it calls.

use std::sync::Arc;

use model::sql;
use rusqlite::functions::{Context, FunctionFlags, SqlFnArg};
use rusqlite::types::{ToSql, ToSqlOutput};

use super::foreign_keys_with_column;
use super::memory::{Memory, changed_reference, key_bytes, quarantine_repair};
use crate::diagnostic::Result;
use crate::plan::{Copy, Repaired};
use crate::repair::{Action, Repair, RepairedValue, ValueRepair};
use crate::rows::Key;
use crate::sqlite::Source;

/// What stands in the place of a table.
pub(super) fn repaired_subquery(
    source: &Source,
    copy: &Copy,
    repairs: &[(usize, &Repair)],
    value_repairs: &[ValueRepair],
    key: &Key,
    index: i64,
    memory: &Memory,
) -> Result<Repaired> {
    let table = copy.table();
    let has = |wanted: &dyn Fn(&Action) -> bool| repairs.iter().any(|(_, r)| wanted(&r.action));
    let named = key.columns.join(", ");
    let mut selected = Vec::new();
    for (field, column) in table.copied_columns().enumerate() {
        let name = sql::quote(column.source);
        let value_repair =
            value_repairs.iter().find(|value_repair| value_repair.column_index == field).cloned();
        let changes = repairs.iter().any(|(_, repair)| {
            repair.action.changes_references() && repair.column_index(table) == Some(field)
        });
        if value_repair.is_none() && !changes {
            selected.push(name);
            continue;
        }
        let function = format!("migrate_repair_{index}_{field}");
        let memory = changes.then(|| Arc::clone(memory));
        let repair_in_function = move |context: &mut Context<'_>| {
            repaired_value(context, value_repair.as_ref(), memory.as_ref(), index, field)
        };
        define_function(source, &function, repair_in_function)?;
        let rest = if changes { format!(", {named}") } else { String::new() };
        selected.push(format!("{function}({name}{rest}) AS {name}"));
    }
    let copied =
        |name: &String| table.copied_columns().any(|column| sql::quote(column.source) == *name);
    let own = key.columns.iter().filter(|name| !copied(name));
    selected.extend(own.map(|name| format!("{name} AS {name}")));
    let from = copy.unrepaired_rows_sql("");
    let mut text = format!("SELECT {} FROM {from}", selected.join(", "));
    if has(&Action::quarantines_rows) {
        let function = format!("migrate_kept_{index}");
        let memory = Arc::clone(memory);
        let kept = move |context: &mut Context<'_>| {
            let key = key_bytes((0..context.len()).map(|at| context.get_raw(at)));
            Ok(quarantine_repair(&memory, index, &key)?.is_none())
        };
        define_function(source, &function, kept)?;
        text.push_str(&format!(" WHERE {function}({named})"));
    }
    let touches =
        !value_repairs.is_empty() || has(&|a| a.quarantines_rows() || a.changes_references());
    let not_valid = |(_, repair): &(usize, &Repair)| match (&repair.action, repair.column) {
        (Action::OrphanNotValid, Some(column)) => Some(foreign_keys_with_column(table, column)),
        _ => None,
    };
    let not_valid = repairs.iter().filter_map(not_valid).flatten().map(|key| key.name).collect();
    let unit = |(_, repair): &(usize, &Repair)| match (&repair.action, repair.column) {
        (Action::EpochUnit(_), Some(column)) => Some(column.name),
        _ => None,
    };
    let units = repairs.iter().filter_map(unit).collect();
    Ok(Repaired { rows: touches.then_some(text), not_valid, units })
}

/// Makes a function known to both connections of the snapshot: preflight reads by two threads.
fn define_function<T: ToSql>(
    source: &Source,
    name: &str,
    function: impl Fn(&mut Context<'_>) -> rusqlite::Result<T> + Clone + Send + 'static,
) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    let define = |connection: &rusqlite::Connection| {
        connection.create_scalar_function(name, -1, flags, function.clone())
    };
    define(&source.reader)
        .and_then(|()| source.second_reading().read_with(|reading| define(reading.connection)))
        .map_err(|error| source.read_error(&error))
}

/// What a function of ours gives: its first argument, or another value.
enum Given {
    Same(SqlFnArg),
    Other(RepairedValue),
}

impl ToSql for Given {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Given::Same(argument) => argument.to_sql(),
            Given::Other(repaired_value) => Ok(ToSqlOutput::Borrowed(repaired_value.as_cell())),
        }
    }
}

fn repaired_value(
    context: &Context<'_>,
    value_repair: Option<&ValueRepair>,
    memory: Option<&Memory>,
    index: i64,
    field: usize,
) -> rusqlite::Result<Given> {
    if let Some(memory) = memory {
        let key = key_bytes((1..context.len()).map(|at| context.get_raw(at)));
        if let Some((_, repaired_value)) = changed_reference(memory, index, field, &key)? {
            return Ok(Given::Other(repaired_value));
        }
    }
    let repaired_value = value_repair
        .and_then(|value_repair| value_repair.repair_value(context.get_raw(0), &mut Vec::new()));
    Ok(repaired_value.map_or_else(|| Given::Same(context.get_arg(0)), Given::Other))
}
