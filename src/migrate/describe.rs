//! What exists in a target, as text.

use model::sql;

use super::context::Context;
use crate::plan::{PlannedDatabase, TargetState};
use crate::postgres::quote_if_needed;
use crate::postgres::tables::{ExistingRelation, Kind};
use crate::text::count_with_noun;

/// Tables with their rows, and types, a line each.
pub fn list_existing(existing: &[ExistingRelation]) -> Vec<String> {
    let line = |found: &ExistingRelation| {
        let name = sql::qualified_name(&found.schema, &found.name);
        match found.kind {
            Kind::Enum => format!("{name} (a type)"),
            _ => format!("{name}: {}", describe_rows(found.rows)),
        }
    };
    existing.iter().map(line).collect()
}

/// The tables that do not exist, where others do.
pub fn list_missing(database: &PlannedDatabase, existing: &[ExistingRelation]) -> Option<String> {
    let exists = |name: &str| existing.iter().any(|found| found.name == name);
    let missing =
        database.version.loaded_tables().map(|table| table.name).filter(|name| !exists(name));
    let names: Vec<String> = missing.map(quote_if_needed).collect();
    match existing.iter().any(|found| matches!(found.kind, Kind::Table)) && !names.is_empty() {
        true => Some(format!("missing: {}", names.join(", "))),
        false => None,
    }
}

/// How many rows, where they may be counted.
pub fn describe_rows(rows: Option<i64>) -> String {
    match rows {
        Some(rows) => count_with_noun(rows.unsigned_abs(), "row"),
        None => "rows that this role has no permission to count".to_owned(),
    }
}

/// Says what a database's tables meet, where it is what a person may expect.
pub fn announce_state(database: &PlannedDatabase, context: &mut Context) {
    let (name, schemas) = (&database.name, database.shown_schemas());
    let stand = match database.tables.len() {
        1 => "the one table exists".to_owned(),
        count => format!("all {count} tables exist"),
    };
    match &database.state {
        TargetState::Blank => context.print_line(&format!(
            "target: {name}: {schemas} {} no existing tables; they will be created",
            if database.table_schemas().all().len() == 1 { "has" } else { "have" }
        )),
        TargetState::Existing(existing) if !existing.created.is_empty() => {
            let count = database.tables.len() - existing.created.len();
            context.print_line(&format!(
                "target: {name}: {} of the application in {schemas} will be loaded; tables to be \
                 created: {}",
                count_with_noun(count as u64, "table"),
                existing.created.join(", ")
            ));
        }
        TargetState::Existing(existing) if existing.tables.rows.is_empty() => {
            context.print_line(&format!(
                "target: {name}: {stand} in {schemas}, without rows, and will be loaded"
            ));
        }
        _ => {}
    }
}
