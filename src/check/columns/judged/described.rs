//! What a table that is yet to be made will refuse: by its description where that says all, else by
//! an empty twin, which is made in a transaction that is rolled back, and read as an existing table
//! is.

use model::sql::{self, Statement};
use model::{Column, Enum, Identity, Index, Table};
use postgres::Client;

use super::catalog::{self, Condition, Key, KeyPart, ServerColumn, ServerTable};
use super::needed;
use super::travel;
use crate::diagnostic::Result;
use crate::diagnostic::server_text::ServerText;
use crate::postgres::direct::DirectQueries;
use crate::postgres::server_error;

/// Why a twin could not be made.
pub struct NotMade {
    /// The statement that failed, in words.
    pub what: String,
    /// The SQLSTATE.
    pub state: String,
    /// The server's own words.
    pub server_text: ServerText,
}

/// Whether a description leaves something to the server's own words.
pub fn needs_twin(table: &Table) -> bool {
    let is_worded = |index: &Index| index.unique && index.definition.is_some();
    table.indexes.iter().any(is_worded)
        || table.rules.iter().any(|rule| !rule.is_foreign_key())
        || table
            .columns
            .iter()
            .any(|column| column.type_sql.is_some_and(|text| !is_plain_spelling(text)))
}

/// Words of types that say no more than a length or a precision.
const PLAIN: &[&str] = &[
    "timestamp",
    "timestamptz",
    "time",
    "interval",
    "with",
    "without",
    "zone",
    "numeric",
    "decimal",
    "varchar",
    "character",
    "varying",
    "char",
    "bpchar",
    "text",
    "bit",
    "to",
    "second",
    "minute",
    "hour",
    "day",
    "month",
    "year",
];

/// Whether a type is spelled with no more than a length or a precision, so that it is no domain.
pub fn is_plain_spelling(type_sql: &str) -> bool {
    type_sql
        .to_lowercase()
        .split(|letter: char| !letter.is_alphabetic() && !"_.\"".contains(letter))
        .all(|word| word.is_empty() || PLAIN.contains(&word))
}

/// The table by its description alone.
pub fn describe_table(table: &'static Table) -> ServerTable {
    let mut described = ServerTable { lacks_enums: true, ..ServerTable::default() };
    for column in table.columns {
        if !column.null {
            described.conditions.push(Condition::Value { column: column.name.to_owned() });
        }
        described.columns.push(ServerColumn {
            name: column.name.to_owned(),
            ty: match needed::enum_of_type(column.ty) {
                Some(_) => sql::type_name("pg_temp", column.ty),
                None => column.ty.to_string(),
            },
            collation: None,
            must: !column.null,
            default: column.default.map(str::to_owned),
            generated: column.generated.map(str::to_owned),
            counted: column.identity != Identity::No
                || column.default.is_some_and(|default| default.starts_with("nextval(")),
        });
    }
    for check in table.checks {
        let (name, expression) = (check.name.to_owned(), check.expression.to_owned());
        described.conditions.push(Condition::Check { name, expression });
    }
    if !table.primary_key.is_empty() {
        described.keys.push(key_of_columns("the primary key", table.primary_key));
    }
    let uniques = table.uniques.iter().map(|unique| key_of_columns(unique.name, unique.columns));
    described.keys.extend(uniques);
    let indexes = table.indexes.iter().filter(|index| index.unique);
    described.keys.extend(indexes.map(key_of_index));
    described
}

/// The types of labels that a table's columns have, each once.
fn enums_of_table(table: &Table) -> Vec<Enum> {
    let mut found: Vec<Enum> = Vec::new();
    for column in table.columns {
        let own = needed::enum_of_type(column.ty);
        found.extend(own.filter(|own| !found.iter().any(|known| known.name == own.name)));
    }
    found
}

fn key_of_columns(name: &str, columns: &[&str]) -> Key {
    let part = |column: &&str| KeyPart {
        text: sql::quote_if_needed(column),
        column: Some((*column).to_owned()),
        collation: None,
    };
    let parts = columns.iter().map(part).collect();
    Key {
        name: name.to_owned(),
        parts,
        deterministic: true,
        usual_equality: true,
        ..Key::default()
    }
}

fn key_of_index(index: &Index) -> Key {
    let part = |part: &model::Part| KeyPart {
        text: match part.expression {
            true => part.text.to_owned(),
            false => sql::quote_if_needed(part.text),
        },
        column: (!part.expression).then(|| part.text.to_owned()),
        collation: None,
    };
    let parts = index.parts.iter().map(part).collect();
    let predicate = index.predicate.map(str::to_owned);
    Key { predicate, parts, ..key_of_columns(index.name, &[]) }
}

/// The table by a twin of it.
///
/// # Errors
/// The server's, but for those of the statements that make the twin.
pub fn read_twin(
    client: &mut Client,
    table: &'static Table,
) -> Result<std::result::Result<ServerTable, NotMade>> {
    let not_made = |what: String, why: travel::Unanswered| {
        Ok(Err(NotMade { what, state: why.state, server_text: why.server_text }))
    };
    if let Err(why) = travel::begin_trial(client)? {
        return not_made("its rules in PostgreSQL's syntax".to_owned(), why);
    }
    let (twin, enums) = (twin_of_table(table), enums_of_table(table));
    for statement in sql::create_statements("pg_temp", &enums, [&twin]) {
        if let Err(why) = travel::answer_of_result(client.batch_execute(&statement.sql()))? {
            let what = describe_statement(&statement);
            travel::end_transaction(client)?;
            return not_made(what, why);
        }
    }
    let read = |client: &mut Client| {
        let name = sql::qualified_name("pg_temp", table.name);
        let oid = client.query_one_directly("SELECT to_regclass($1)::oid", &[&name])?.get(0);
        let found = catalog::read_tables(client, &[oid])?;
        Ok(found.into_values().next().unwrap_or_default())
    };
    let found: ServerTable =
        read(client).map_err(|error| server_error("reading constraints", &error))?;
    travel::end_transaction(client)?;
    Ok(Ok(ServerTable { lacks_enums: true, ..found }))
}

fn describe_statement(statement: &Statement) -> String {
    statement.object.to_string()
}

/// The table without what other tables or sequences are needed for.
fn twin_of_table(table: &'static Table) -> Table {
    let column = |column: &Column| Column {
        default: column.default.filter(|_| column.target_only),
        identity: Identity::No,
        ..*column
    };
    let columns: Vec<Column> = table.columns.iter().map(column).collect();
    let rules: Vec<model::Rule> =
        table.rules.iter().filter(|rule| !rule.is_foreign_key()).copied().collect();
    Table { columns: columns.leak(), rules: rules.leak(), foreign_keys: &[], ..*table }
}
