//! What stands in a target, as text.

use model::sql;

use super::World;
use crate::plan::Input;
use crate::postgres::identifier;
use crate::postgres::tables::{Kind, Standing};
use crate::text::counted;

/// Tables with their rows, and types, a line each.
pub fn list(standing: &[Standing]) -> Vec<String> {
    let line = |found: &Standing| {
        let name = sql::qualified(&found.schema, &found.name);
        match found.kind {
            Kind::Enum => format!("{name} (a type)"),
            _ => format!("{name}: {}", shown(found.rows)),
        }
    };
    standing.iter().map(line).collect()
}

/// The tables that are not there, where others are.
pub fn lacking(input: &Input, standing: &[Standing]) -> Option<String> {
    let there = |name: &str| standing.iter().any(|found| found.name == name);
    let lacking = input.version.loaded().map(|table| table.name).filter(|name| !there(name));
    let names: Vec<String> = lacking.map(identifier).collect();
    match standing.iter().any(|found| matches!(found.kind, Kind::Table)) && !names.is_empty() {
        true => Some(format!("missing: {}", names.join(", "))),
        false => None,
    }
}

/// How many rows, where they may be counted.
pub fn shown(rows: Option<i64>) -> String {
    match rows {
        Some(rows) => counted(rows.unsigned_abs(), "row"),
        None => "rows that may not be counted".to_owned(),
    }
}

/// What was found, in words.
pub fn announce(input: &Input, class: &str, world: &mut World) {
    let (name, schema) = (&input.database, identifier(&input.schema));
    let stand = match input.tables.len() {
        1 => "the one table stands".to_owned(),
        count => format!("all {count} tables stand"),
    };
    match class {
        "blank" => world
            .console
            .say(&format!("target: {name}: schema {schema} has none of the tables: they are made")),
        "prepared" => world.console.say(&format!(
            "target: {name}: {stand} in schema {schema}, without rows: the application's own \
             tables are loaded as they are"
        )),
        _ => {}
    }
}
