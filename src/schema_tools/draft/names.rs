//! Names in PostgreSQL: the same as in SQLite, unless they are empty, longer than PostgreSQL keeps,
//! or taken. Tables, indexes and keys share one name space.

use std::collections::BTreeSet;

use crate::sqlite::{SourceTable, Structure};

/// PostgreSQL cuts longer names, in bytes.
pub const NAME_MAX: usize = 63;

/// The names of a table and its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The table's.
    pub table: String,
    /// Its columns', in their order.
    pub columns: Vec<String>,
    /// Its primary key's, where the usual one is taken.
    pub key: Option<String>,
}

/// Names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// The wanted name, or the nearest to it that is free; it is taken then.
    pub fn free_name(&mut self, wanted_name: &str) -> String {
        let wanted_name = if wanted_name.is_empty() { "unnamed" } else { wanted_name };
        let mut name = cut_to_bytes(wanted_name, NAME_MAX).to_owned();
        let mut count = 2_u64;
        while !self.0.insert(name.clone()) {
            let suffix = format!("_{count}");
            name = format!("{}{suffix}", cut_to_bytes(wanted_name, NAME_MAX - suffix.len()));
            count += 1;
        }
        name
    }

    /// Takes a name; whether it was free.
    pub fn take_name(&mut self, name: &str) -> bool {
        self.0.insert(name.to_owned())
    }
}

/// The beginning of a name, whole characters, at most so many bytes.
fn cut_to_bytes(name: &str, limit: usize) -> &str {
    let mut end = name.len().min(limit);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default()
}

/// The name that PostgreSQL's primary key of a table gets.
pub fn primary_key_name(table: &str) -> String {
    format!("{}_pkey", cut_to_bytes(table, NAME_MAX - "_pkey".len()))
}

/// Names for all tables; those of tables and of their primary keys are taken then. A name that a
/// table really has stays; one that is cut or made here gives way to it.
pub fn assign_names(inspection: &Structure, taken: &mut Taken) -> Vec<Names> {
    let fits = |name: &str| !name.is_empty() && name.len() <= NAME_MAX;
    let tables = || inspection.ordinary_tables();
    for table in tables().filter(|table| fits(&table.name)) {
        taken.take_name(&table.name);
    }
    let mut assigned = Vec::new();
    for table in tables() {
        let name = match fits(&table.name) {
            true => table.name.clone(),
            false => taken.free_name(&table.name),
        };
        assigned.push(Names { columns: assign_column_names(table), table: name, key: None });
    }
    for (table, names) in tables().zip(&mut assigned) {
        let key = primary_key_name(&names.table);
        if !table.primary_key_columns().is_empty() && !taken.take_name(&key) {
            names.key = Some(taken.free_name(&key));
        }
    }
    assigned
}

/// Every table of PostgreSQL has columns of these names already.
const SYSTEM: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

fn assign_column_names(table: &SourceTable) -> Vec<String> {
    let short = |name: &&str| !name.is_empty() && name.len() <= NAME_MAX && !SYSTEM.contains(name);
    let mut taken = Taken(SYSTEM.iter().map(|name| (*name).to_owned()).collect());
    let all = || table.columns.iter().map(|column| column.name.as_str());
    all().filter(short).for_each(|name| {
        taken.take_name(name);
    });
    all().map(|name| if short(&name) { name.to_owned() } else { taken.free_name(name) }).collect()
}
