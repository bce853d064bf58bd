-- The sequences that make values for a table's columns, by identity, OWNED BY or a default.
WITH made AS (
    SELECT d.objid AS sequence, d.refobjsubid AS attnum
      FROM pg_depend d
     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1
       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid, a.adnum
      FROM pg_attrdef a
      JOIN pg_depend d
        ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
       AND d.refclassid = 'pg_catalog.pg_class'::regclass
     WHERE a.adrelid = $1
)
SELECT s.oid, n.nspname::text, s.relname::text, a.attname::text,
       pg_get_userbyid(s.relowner)::text, pg_has_role(s.relowner, 'USAGE')
  FROM made m
  JOIN pg_class s ON s.oid = m.sequence AND s.relkind = 'S'
  JOIN pg_namespace n ON n.oid = s.relnamespace
  JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = m.attnum
 ORDER BY 2, 3, 4
