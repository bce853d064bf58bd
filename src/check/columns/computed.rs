//! Columns that both sides compute (O11): PostgreSQL computes each row's value before anything is
//! loaded, in a transaction that only reads, and it must be the one that SQLite has.

use model::{Column, Type, sql};
use postgres::Client;

use super::CheckedTable;
use super::rules::{self, Question, Verdict};
use crate::diagnostic::{Finding, Id, Result, Severity};
use crate::postgres::direct::DirectQueries;
use crate::postgres::server_error;
use crate::stop::Stop;

/// Looks at every column that is computed there and that SQLite has as well.
pub fn find_computed_differences(
    checked: CheckedTable<'_>,
    mut client: Option<&mut Client>,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    // SQLite computes from values as they were before repairs.
    if checked.copy.repaired.rows.is_some() {
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    for column in checked.copy.compared.columns.iter().filter(|column| is_on_both(checked, column))
    {
        let open = |why: &str| {
            let what = format!(
                "not decided: whether PostgreSQL computes the same values as SQLite: {why}; both \
                 are compared after the load, before anything is committed"
            );
            checked.make_finding(Id::O11, Severity::Note, &[column.name], what)
        };
        let Some(client) = client.as_deref_mut() else {
            findings.push(open("there is no connection to the server"));
            continue;
        };
        let Some(expression) = computed_expression(checked, column, client)? else { continue };
        let mut columns = rules::columns_named_in(checked, &expression);
        columns.push(column);
        if let Some(why) = rules::why_not_evaluable(checked, &expression, &columns)
            .or_else(|| why_not_comparable(column))
        {
            findings.push(open(&why));
            continue;
        }
        let mut finding = checked.make_finding(
            Id::O11,
            Severity::Error,
            &[column.name],
            format!("PostgreSQL computes a value that differs from SQLite's: {expression}"),
        );
        finding.count = 0;
        let question = Question { holds: equality_sql(column, &expression), columns, finding };
        match rules::ask_in_read_only_transaction(checked, question, client, stop)? {
            Verdict::Holds => {}
            Verdict::Broken(finding) => findings.push(*finding),
            Verdict::Unanswered(state) => findings.push(open(&format!("SQLSTATE {state}"))),
        }
    }
    Ok(findings)
}

/// Whether PostgreSQL computes a column that is compared with SQLite's.
fn is_on_both(checked: CheckedTable<'_>, column: &Column) -> bool {
    let there = checked.copy.table().column(column.name);
    column.generated.is_none() && there.is_some_and(|there| there.generated.is_some())
}

/// The expression: the server's own where the table stands, else the schema file's.
fn computed_expression(
    checked: CheckedTable<'_>,
    column: &Column,
    client: &mut Client,
) -> Result<Option<String>> {
    let own = checked.copy.table().column(column.name).and_then(|column| column.generated);
    if !checked.copy.is_of_application {
        return Ok(own.filter(|text| !text.is_empty()).map(str::to_owned));
    }
    // What a question before has left open is of no use.
    client.batch_execute("ROLLBACK").map_err(|error| server_error("ROLLBACK", &error))?;
    let (schema, table) = (&checked.copy.schema, checked.copy.table().name);
    let row = client.query_opt_directly(EXPRESSION, &[schema, &table, &column.name]);
    let row = row.map_err(|error| server_error("reading an expression", &error))?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Types whose values the server does not compare.
fn why_not_comparable(column: &Column) -> Option<String> {
    matches!(column.ty, Type::Json).then(|| format!("{} is json", column.name))
}

/// What PostgreSQL computes, and what SQLite has, are one value.
fn equality_sql(column: &Column, expression: &str) -> String {
    let own = sql::quote(column.name);
    match column.ty {
        Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Enum(_) => format!(
            "({expression}\n)::text COLLATE \"C\" IS NOT DISTINCT FROM {own}::text COLLATE \"C\""
        ),
        ty => format!("({expression}\n)::{ty} IS NOT DISTINCT FROM {own}"),
    }
}

const EXPRESSION: &str = "\
SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3 AND a.attgenerated <> ''";
