-- The columns of tables with the types beneath domains, and the checks of these domains.
WITH RECURSIVE chain (relation, attnum, depth, type, modifier, must) AS (
    SELECT a.attrelid, a.attnum, 0, a.atttypid, a.atttypmod, a.attnotnull
      FROM pg_attribute a
     WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT c.relation, c.attnum, c.depth + 1, t.typbasetype, t.typtypmod, t.typnotnull
      FROM chain c JOIN pg_type t ON t.oid = c.type AND t.typtype = 'd'
)
SELECT a.attname::text,
       (SELECT format_type(c.type, c.modifier) FROM chain c
         WHERE c.relation = a.attrelid AND c.attnum = a.attnum ORDER BY c.depth DESC LIMIT 1),
       CASE WHEN a.attcollation NOT IN (0, 100) THEN
           (SELECT format('%I.%I', n.nspname, l.collname)
              FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
             WHERE l.oid = a.attcollation)
       END,
       (SELECT bool_or(c.must) FROM chain c WHERE c.relation = a.attrelid AND c.attnum = a.attnum),
       CASE WHEN a.attgenerated = '' THEN
           coalesce(pg_get_expr(d.adbin, d.adrelid),
                    (SELECT pg_get_expr(t.typdefaultbin, 0)
                       FROM chain c JOIN pg_type t ON t.oid = c.type AND t.typtype = 'd'
                      WHERE c.relation = a.attrelid AND c.attnum = a.attnum
                        AND t.typdefaultbin IS NOT NULL
                      ORDER BY c.depth LIMIT 1))
       END,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false),
       ARRAY(SELECT k.conname::text
               FROM chain c JOIN pg_constraint k ON k.contypid = c.type AND k.contype = 'c'
              WHERE c.relation = a.attrelid AND c.attnum = a.attnum ORDER BY k.conname, k.oid),
       ARRAY(SELECT pg_get_expr(k.conbin, 0)
               FROM chain c JOIN pg_constraint k ON k.contypid = c.type AND k.contype = 'c'
              WHERE c.relation = a.attrelid AND c.attnum = a.attnum ORDER BY k.conname, k.oid),
       a.attrelid AS relation
  FROM pg_attribute a
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
