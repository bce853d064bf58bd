//! PostgreSQL tables that lie in several schemas of the search path: which schemas concern a file,
//! and which table is meant where two schemas have one of the same name.

use std::collections::BTreeSet;

use model::file::TableFile;
use postgres::{Client, Error};

use super::columns::Undecided;
use super::pairings::{Pairings, pair_tables};
use super::same::find_common_prefix;
use super::{Joined, Kind, Subject};
use crate::postgres::inspection::{Inspection, Table, inspect_schemas};
use crate::postgres::schemas::TableSchemas;
use crate::schema_tools::draft::names::{self, Taken};
use crate::sqlite::Structure;

/// A table of SQLite for which several schemas have a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The table of SQLite.
    pub source: String,
    /// The name of the tables in PostgreSQL.
    pub name: String,
    /// Their schemas, in the order of the search path.
    pub schemas: Vec<String>,
}

/// Reads the first schema of a search path, and those of the others that have a table for one of
/// SQLite's.
///
/// # Errors
/// The server's.
pub fn inspect_search_path(
    client: &mut Client,
    schemas: &[String],
    structure: &Structure,
) -> Result<Inspection, Error> {
    let all: Vec<&str> = schemas.iter().map(String::as_str).collect();
    let mut found = inspect_schemas(client, &all)?;
    let others = all.iter().skip(1);
    let strange: Vec<&str> =
        others.copied().filter(|schema| !has_tables_of(&found, schema, structure)).collect();
    if !strange.is_empty() {
        let meant: Vec<&str> =
            all.iter().copied().filter(|schema| !strange.contains(schema)).collect();
        found = inspect_schemas(client, &meant)?;
    }
    let mut seen = BTreeSet::new();
    (found.tables, found.shadowed) =
        found.tables.into_iter().partition(|table| seen.insert(table.name.clone()));
    Ok(found)
}

/// Whether a schema has a table for one of SQLite's.
fn has_tables_of(found: &Inspection, schema: &str, structure: &Structure) -> bool {
    let tables = found.tables.iter().filter(|table| table.schema == schema).cloned().collect();
    let there = Inspection { tables, ..Inspection::default() };
    let given = names::assign_names(structure, &mut Taken::default());
    let pairs = pair_tables(structure, &given, &there, &Pairings::default());
    pairs.iter().any(Option::is_some) || find_common_prefix(structure, &there).is_some()
}

/// The same tables, where a person has said which of two schemas is meant with that one.
pub fn choose_tables(inspection: &Inspection, pairings: &Pairings) -> Inspection {
    let mut chosen = inspection.clone();
    let Inspection { tables, shadowed, .. } = &mut chosen;
    for (name, schema) in &pairings.schemas {
        let meant =
            shadowed.iter().position(|table| table.name == *name && table.schema == *schema);
        let first = tables.iter_mut().find(|table| table.name == *name);
        if let (Some(meant), Some(first)) = (meant, first) {
            *first = shadowed.remove(meant);
        }
        shadowed.retain(|table| table.name != *name);
    }
    chosen
}

/// The tables of SQLite for which several schemas have a table, and nobody has said which is meant.
pub fn find_clashes(structure: &Structure, there: &Inspection, pairings: &Pairings) -> Vec<Clash> {
    let there = choose_tables(there, pairings);
    let given = names::assign_names(structure, &mut Taken::default());
    let pairs = pair_tables(structure, &given, &there, pairings);
    let clash = |(table, pair): (&crate::sqlite::SourceTable, &Option<(usize, _)>)| {
        let first = there.tables.get((*pair)?.0)?;
        let schemas = schemas_of_table(&there, &first.name);
        let (source, name) = (table.name.clone(), first.name.clone());
        (schemas.len() > 1).then_some(Clash { source, name, schemas })
    };
    structure.ordinary_tables().zip(&pairs).filter_map(clash).collect()
}

/// The schemas that have a table of that name.
pub(super) fn schemas_of_table(inspection: &Inspection, name: &str) -> Vec<String> {
    let all =
        inspection.tables.iter().chain(&inspection.shadowed).filter(|table| table.name == name);
    all.map(|table| table.schema.clone()).collect()
}

impl Joined {
    /// Notes in which schema the table lies that was described last: another than the usual one,
    /// or one that only a person can choose.
    pub(super) fn note_schema(
        &mut self,
        source: &str,
        table: &Table,
        inspection: &Inspection,
        usual: &str,
    ) {
        if let Some(file) = self.files.last_mut().filter(|_| table.schema != usual) {
            file.schema = Some(table.schema.clone());
        }
        let schemas = schemas_of_table(inspection, &table.name);
        if schemas.len() > 1 {
            let (name, schema) = (&table.name, &table.schema);
            let why = format!(
                "the schemas {} each have a table with this name, and {schema}.{name} is \
                 described. If this is the correct one, remove {name:?} from `undecided` in \
                 database.toml; otherwise draft again with --same {source}=SCHEMA.{name}",
                schemas.join(", "),
            );
            self.add_item(source, Kind::Decide, Subject::Table(source.to_owned()), why);
            self.undecided.push(Undecided { table: name.clone(), column: None });
        }
    }
}

/// The tables of the usual schema, and those of others that are described: what else lies in other
/// schemas is not the application's for certain.
pub(super) fn leave_out_strangers(
    inspection: &Inspection,
    files: &[TableFile],
    usual: &str,
) -> Inspection {
    let mut own = inspection.clone();
    own.tables.retain(|table| {
        let is_described = |file: &TableFile| {
            file.name == table.name && file.schema.as_deref() == Some(table.schema.as_str())
        };
        table.schema == usual || files.iter().any(is_described)
    });
    own
}

/// In which schemas the described tables lie.
pub(super) fn table_schemas(usual: &str, files: &[TableFile]) -> TableSchemas {
    let named = files.iter().map(|file| (file.name.as_str(), file.schema.as_deref()));
    TableSchemas::of_names(usual, named)
}
