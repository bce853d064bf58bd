-- The columns of tables. A domain is followed to the type beneath it, an array to its elements.
WITH RECURSIVE chain (relation, attnum, type, modifier, must) AS (
    SELECT a.attrelid, a.attnum, a.atttypid, a.atttypmod, a.attnotnull
      FROM pg_attribute a
     WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT c.relation, c.attnum, t.typbasetype, t.typtypmod, t.typnotnull
      FROM chain c JOIN pg_type t ON t.oid = c.type AND t.typtype = 'd'
)
SELECT a.attname::text,
       format_type(a.atttypid, a.atttypmod),
       (SELECT bool_or(c.must) FROM chain c
         WHERE c.relation = a.attrelid AND c.attnum = a.attnum),
       a.attgenerated <> '',
       a.attidentity <> '' OR (a.atthasdef AND a.attgenerated = ''),
       coalesce(e.oid, t.oid),
       coalesce(e.typname, t.typname)::text,
       b.modifier,
       e.oid IS NOT NULL,
       coalesce((SELECT x.extname::text
                   FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
                  WHERE d.classid = 'pg_catalog.pg_type'::regclass
                    AND d.objid = coalesce(e.oid, t.oid)
                    AND d.refclassid = 'pg_catalog.pg_extension'::regclass
                    AND d.deptype = 'e'), ''),
       ARRAY(SELECT l.enumlabel::text FROM pg_enum l
              WHERE l.enumtypid = coalesce(e.oid, t.oid) ORDER BY l.enumsortorder),
       a.attrelid AS relation
  FROM pg_attribute a
  JOIN chain b ON b.relation = a.attrelid AND b.attnum = a.attnum
  JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
