//! What the catalog says of sequences, and of what may ask them: defaults, triggers, functions.
//!
//! The server's functions answer NULL for what another session has dropped meanwhile, though the
//! query still sees its row.

use postgres::types::Oid;
use postgres::{Error, GenericClient, Row};

use super::bodies::{Function, Functions};
use crate::postgres::direct::DirectQueries;
use crate::postgres::schemas::TableSchemas;

/// A sequence as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its step.
    pub increment: i64,
    /// The value that it starts with.
    pub start: i64,
    /// Its least value.
    pub least: i64,
    /// Its greatest value.
    pub greatest: i64,
    /// Its owner.
    pub owner: String,
    /// Whether our role has the owner's rights.
    pub has_owner_rights: bool,
    /// Whether our role may read its state.
    pub readable: bool,
    /// Whether a column owns it, or a default names it, in any schema; or an extension made it.
    pub named: bool,
    /// Whether a column owns it, so that it always has the owner of the table.
    pub of_column: bool,
}

/// A default of a column, its own or its domain's.
pub struct Default {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The expression.
    pub text: String,
}

/// A trigger that acts on each new row before it is stored.
pub struct Trigger {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What it calls.
    pub function: Function,
}

/// The sequences of schemas, and further ones by number or by `schema.name`.
pub(super) fn read_sequences(
    client: &mut impl GenericClient,
    schemas: &TableSchemas,
    others: &[Oid],
    names: &[&str],
) -> Result<Vec<Sequence>, Error> {
    let rows = client.query_directly(SEQUENCES, &[&schemas.all(), &others, &names])?;
    let sequence = |row: &Row| Sequence {
        oid: row.get(0),
        schema: row.get(1),
        name: row.get(2),
        increment: row.get(3),
        start: row.get(4),
        least: row.get(5),
        greatest: row.get(6),
        owner: row.get(7),
        has_owner_rights: row.get(8),
        readable: row.get(9),
        named: row.get(10),
        of_column: row.get(11),
    };
    Ok(rows.iter().map(sequence).collect())
}

/// The sequences that columns own, by identity or `OWNED BY`: sequence, table, column.
pub(super) fn read_owned_sequences(
    client: &mut impl GenericClient,
    schemas: &TableSchemas,
) -> Result<Vec<(Oid, String, String)>, Error> {
    let rows = client.query_directly(OWNED, &[&schemas.all()])?;
    let owned = |row: &Row| (row.get(0), known_name(schemas, row, 3, 1), row.get(2));
    Ok(rows.iter().map(owned).collect())
}

/// What the table of a row is called, whose schema and name are there.
fn known_name(schemas: &TableSchemas, row: &Row, schema: usize, table: usize) -> String {
    schemas.known_name(row.get(schema), row.get(table))
}

/// The defaults of the columns of schemas.
pub(super) fn read_defaults(
    client: &mut impl GenericClient,
    schemas: &TableSchemas,
) -> Result<Vec<Default>, Error> {
    let rows = client.query_directly(DEFAULTS, &[&schemas.all()])?;
    let default = |row: &Row| Default {
        table: known_name(schemas, row, 3, 0),
        column: row.get(1),
        text: row.get(2),
    };
    Ok(rows.iter().map(default).collect())
}

/// The triggers that could give a sequence's value to a new row.
pub(super) fn read_triggers(
    client: &mut impl GenericClient,
    schemas: &TableSchemas,
) -> Result<Vec<Trigger>, Error> {
    let sql = format!("{} {TRIGGERS}", functions_query(client)?);
    let rows = client.query_directly(&sql, &[&schemas.all()])?;
    let trigger = |row: &Row| {
        let arguments: Vec<u8> = row.get(2);
        // Each ends with a zero byte.
        let mut arguments: Vec<String> = arguments
            .split(|byte| *byte == 0)
            .map(|argument| String::from_utf8_lossy(argument).into_owned())
            .collect();
        arguments.pop();
        Trigger {
            schema: row.get(8),
            table: row.get(0),
            name: row.get(1),
            arguments,
            function: function_of_row(row, 3),
        }
    };
    Ok(rows.iter().map(trigger).collect())
}

/// The application's functions.
pub(super) fn read_functions(
    client: &mut impl GenericClient,
    schema: &str,
) -> Result<Functions, Error> {
    let sql = format!("{} {FUNCTIONS}", functions_query(client)?);
    let all = client.query_directly(&sql, &[])?.iter().map(|row| function_of_row(row, 0)).collect();
    Ok(Functions { all, schema: schema.to_owned() })
}

fn function_of_row(row: &Row, index: usize) -> Function {
    Function {
        schema: row.get(index),
        name: row.get(index + 1),
        language: row.get(index + 2),
        body: row.get(index + 3),
        parameters: row.get(index + 4),
    }
}

/// The functions with their bodies; from PostgreSQL 14 on a body may be no text, which the server
/// prints then.
fn functions_query(client: &mut impl GenericClient) -> Result<String, Error> {
    let number = "SELECT pg_catalog.current_setting('server_version_num')::int4";
    let body = match client.query_one_directly(number, &[])?.get::<_, i32>(0) >= 140_000 {
        true => "coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)",
        false => "p.prosrc",
    };
    Ok(format!(
        "WITH bodies AS (
             SELECT p.oid, n.nspname::text, p.proname::text, l.lanname::text, {body} AS body,
                    coalesce((SELECT array_agg(coalesce(p.proargnames[i], '') ORDER BY i)
                              FROM generate_series(1, coalesce(cardinality(p.proallargtypes),
                                                               p.pronargs::int4)) AS i
                              WHERE p.proargmodes IS NULL OR p.proargmodes[i] IN ('i', 'b', 'v')),
                             '{{}}') AS parameters
             FROM pg_catalog.pg_proc p
             JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
             JOIN pg_catalog.pg_language l ON l.oid = p.prolang
             WHERE p.prokind = 'f')"
    ))
}

const FUNCTIONS: &str = "\
SELECT b.nspname, b.proname, b.lanname, b.body, b.parameters
FROM bodies b
WHERE b.nspname NOT IN ('pg_catalog', 'information_schema') AND b.lanname NOT IN ('c', 'internal')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = b.oid
                    AND d.deptype = 'e')
ORDER BY 1, 2, b.oid";

/// `BEFORE INSERT … FOR EACH ROW`, unless it is disabled.
const TRIGGERS: &str = "\
SELECT c.relname::text, t.tgname::text, t.tgargs,
       b.nspname, b.proname, b.lanname, b.body, b.parameters, n.nspname::text
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN bodies b ON b.oid = t.tgfoid
WHERE n.nspname = ANY ($1) AND t.tgtype & 7 = 7 AND NOT t.tgisinternal AND t.tgenabled <> 'D'
ORDER BY 1, 2, 9";

const DEFAULTS: &str = "\
SELECT c.relname::text, a.attname::text,
       coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                pg_catalog.pg_get_expr(t.typdefaultbin, 0), ''), n.nspname::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND a.attgenerated = ''
  AND (d.oid IS NOT NULL OR t.typdefaultbin IS NOT NULL)
ORDER BY 1, 4, a.attnum";

const OWNED: &str = "\
SELECT d.objid, c.relname::text, a.attname::text, n.nspname::text
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::regclass
  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
  AND n.nspname = ANY ($1)
ORDER BY 2, 3, 1";

const SEQUENCES: &str = "\
SELECT s.oid, n.nspname::text, s.relname::text, q.seqincrement, q.seqstart,
       q.seqmin, q.seqmax,
       pg_catalog.pg_get_userbyid(s.relowner)::text,
       pg_catalog.pg_has_role(s.relowner, 'USAGE'),
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_sequence_privilege(s.oid, 'SELECT'), false),
       EXISTS (SELECT FROM pg_catalog.pg_depend d
               WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = s.oid
                 AND d.classid IN ('pg_catalog.pg_attrdef'::regclass,
                                   'pg_catalog.pg_type'::regclass)
                 AND d.deptype = 'n')
           OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.oid
                        AND d.deptype IN ('a', 'i', 'e')
                        AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass),
       EXISTS (SELECT FROM pg_catalog.pg_depend d
               WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.oid
                 AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
                 AND d.deptype IN ('a', 'i'))
FROM pg_catalog.pg_class s
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE n.nspname = ANY ($1) OR s.oid = ANY ($2) OR n.nspname || '.' || s.relname = ANY ($3)
ORDER BY 2, 3";
