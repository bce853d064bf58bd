//! The questions to PostgreSQL's catalog, and their answers' rows.

use postgres::types::Oid;
use postgres::{Error, GenericClient, Row};

use super::inspection::{
    Base, Column, Constraint, Index, IndexKey, Inspection, Names, OtherRelation, Table,
};
use crate::postgres::direct::DirectQueries;

/// The tables and enum types of a schema, by its OID; `all` are the schemas to whose tables a
/// foreign key may lead.
pub(super) fn read_schema_tables(
    client: &mut impl GenericClient,
    schema: Oid,
    all: &[Oid],
) -> Result<Inspection, Error> {
    let mut inspection = Inspection::default();
    for row in client.query_directly(TABLES, &[&schema])? {
        let (relation, name): (Oid, String) = (row.get(0), row.get(1));
        let columns =
            client.query_directly(COLUMNS, &[&relation])?.iter().map(column_of_row).collect();
        let constraints = client.query_directly(CONSTRAINTS, &[&relation, &all])?;
        let constraints = constraints.iter().map(constraint_of_row).collect();
        let indexes =
            client.query_directly(INDEXES, &[&relation])?.iter().map(index_of_row).collect();
        let schema = row.get(2);
        inspection.tables.push(Table { schema, name, columns, constraints, indexes });
    }
    for row in client.query_directly(OTHERS, &[&schema])? {
        let kind = match row.get::<_, &str>(2) {
            "v" => "a view",
            "m" => "a materialized view",
            _ => "a foreign table",
        };
        inspection.others.push(OtherRelation { schema: row.get(0), name: row.get(1), kind });
    }
    let enums = client.query_directly(ENUMS, &[&schema])?;
    inspection.enums = enums.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(inspection)
}

fn column_of_row(row: &Row) -> Column {
    let expression: Option<String> = row.get(3);
    let (identity, generated): (String, String) = (row.get(4), row.get(5));
    let serial: bool = row.get(13);
    let identity = match &*identity {
        "d" => "by default",
        "a" => "always",
        _ if serial => "serial",
        _ => "",
    };
    let (default, generated) = match (generated.is_empty(), serial) {
        (true, true) => (None, None),
        (true, false) => (expression, None),
        (false, _) => (None, expression),
    };
    let base = Base {
        text: row.get(6),
        plain: row.get(7),
        label: row.get(8),
        length: row.get(9),
        precision: row.get(10),
        scale: row.get(11),
        fraction: row.get(12),
    };
    let (name, ty, null) = (row.get(0), row.get(1), row.get(2));
    Column { name, ty, base, null, default, identity, generated }
}

fn constraint_of_row(row: &Row) -> Constraint {
    let letter = |index: usize| row.get::<_, String>(index).chars().next().unwrap_or(' ');
    Constraint {
        name: row.get(0),
        kind: letter(1),
        text: row.get(2),
        columns: Names { plain: row.get(3), quoted: row.get(4) },
        parent: row.get(5),
        parent_schema: row.get(13),
        parent_text: row.get(6),
        to: Names { plain: row.get(7), quoted: row.get(8) },
        on_delete: letter(9),
        on_update: letter(10),
        deferrable: row.get(11),
        deferred: row.get(12),
    }
}

fn index_of_row(row: &Row) -> Index {
    let text: String = row.get(2);
    // `CREATE INDEX name ON schema.table USING …`: names may hold the word, too, but only in
    // quotes, and those come before the one that counts.
    let index = text.find(" USING ").map_or(0, |at| at + 1);
    let text = text.get(index..).unwrap_or_default().to_owned();
    let columns: Vec<Option<String>> = row.get(5);
    let (texts, order): (Vec<String>, Vec<i32>) = (row.get(6), row.get(7));
    let parts = columns.into_iter().zip(texts).zip(order);
    let parts = parts.map(|((column, text), order)| IndexKey { column, text, order }).collect();
    let (name, unique) = (row.get(0), row.get(1));
    Index { name, unique, text, method: row.get(3), parts, predicate: row.get(4) }
}

const TABLES: &str = "\
SELECT c.oid, c.relname::text, n.nspname::text FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
ORDER BY c.relname::text COLLATE \"C\"";

const OTHERS: &str = "\
SELECT n.nspname::text, c.relname::text, c.relkind::text FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = $1 AND c.relkind IN ('v', 'm', 'f')
ORDER BY 2";

/// A `serial` is a column of whole numbers whose default is its own sequence and nothing else.
/// A domain's values are those of the type behind it; the functions are those that
/// `information_schema.columns` is made with.
const COLUMNS: &str = "\
SELECT a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
           || coalesce(' COLLATE ' || pg_catalog.quote_ident(o.collname), ''),
       NOT a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity::text,
       a.attgenerated::text, pg_catalog.format_type(b.type, b.modifier),
       pg_catalog.format_type(b.type, NULL),
       CASE WHEN b.typtype = 'e' THEN b.typname WHEN e.typtype = 'e' THEN e.typname END::text,
       information_schema._pg_char_max_length(b.type, b.modifier)::int4,
       information_schema._pg_numeric_precision(b.type, b.modifier)::int4,
       information_schema._pg_numeric_scale(b.type, b.modifier)::int4,
       information_schema._pg_datetime_precision(coalesce(e.oid, b.type), b.modifier)::int4,
       EXISTS (SELECT FROM pg_catalog.pg_depend o
               WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.deptype = 'a'
                 AND o.refclassid = 'pg_catalog.pg_class'::regclass
                 AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum
                 AND t.typname IN ('int2', 'int4', 'int8')
                 AND pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                     = 'nextval(' || pg_catalog.quote_literal(o.objid::regclass::text)
                       || '::regclass)')
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (
    WITH RECURSIVE behind AS (
        SELECT a.atttypid AS type, a.atttypmod AS modifier
        UNION ALL
        SELECT d.typbasetype, d.typtypmod FROM behind
        JOIN pg_catalog.pg_type d ON d.oid = behind.type WHERE d.typtype = 'd')
    SELECT behind.type, behind.modifier, f.typtype, f.typname, f.typelem, f.typcategory
    FROM behind JOIN pg_catalog.pg_type f ON f.oid = behind.type WHERE f.typtype <> 'd') b
LEFT JOIN pg_catalog.pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation AND o.oid <> t.typcollation
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

const CONSTRAINTS: &str = "\
SELECT k.conname::text, k.contype::text, coalesce(pg_catalog.pg_get_constraintdef(k.oid), ''),
       own.plain, own.quoted, p.relname::text, coalesce(nullif(k.confrelid, 0)::regclass::text, ''),
       there.plain, there.quoted, k.confdeltype::text, k.confupdtype::text,
       k.condeferrable, k.condeferred,
       CASE WHEN p.relnamespace <> k.connamespace THEN q.nspname::text END
FROM pg_catalog.pg_constraint k
LEFT JOIN pg_catalog.pg_class p ON p.oid = k.confrelid AND p.relnamespace = ANY ($2)
LEFT JOIN pg_catalog.pg_namespace q ON q.oid = p.relnamespace
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(a.attname::text ORDER BY u.place), '{}') AS plain,
           coalesce(array_agg(pg_catalog.quote_ident(a.attname) ORDER BY u.place), '{}') AS quoted
    FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) own
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(a.attname::text ORDER BY u.place), '{}') AS plain,
           coalesce(array_agg(pg_catalog.quote_ident(a.attname) ORDER BY u.place), '{}') AS quoted
    FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) there
WHERE k.conrelid = $1 AND k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY k.contype, k.conname::text COLLATE \"C\"";

const INDEXES: &str = "\
SELECT c.relname::text, i.indisunique, coalesce(pg_catalog.pg_get_indexdef(i.indexrelid), ''),
       m.amname::text,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       ARRAY(SELECT a.attname::text FROM generate_series(1, i.indnkeyatts::int4) AS n
             LEFT JOIN pg_catalog.pg_attribute a
             ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1] AND a.attnum > 0 ORDER BY n),
       ARRAY(SELECT coalesce(pg_catalog.pg_get_indexdef(i.indexrelid, n, false), '')
             FROM generate_series(1, i.indnkeyatts::int4) AS n ORDER BY n),
       ARRAY(SELECT i.indoption[n - 1]::int4
             FROM generate_series(1, i.indnkeyatts::int4) AS n ORDER BY n)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE i.indrelid = $1
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                  WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                    AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname::text COLLATE \"C\"";

/// Those of another schema that a column is of, too, where no other enum has the name.
const ENUMS: &str = "\
SELECT t.typname::text, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
WHERE t.typnamespace = $1
   OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
              JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
              WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0
                AND a.atttypid IN (t.oid, t.typarray))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type o
                      WHERE o.typtype = 'e' AND o.typname = t.typname AND o.oid <> t.oid)
GROUP BY t.oid, 1 ORDER BY 1";
