-- Everything that keeps rows of tables apart: unique indexes, those of constraints among them, and
-- exclusion constraints; for each key its text, its column where it is one, and its collation.
SELECT c.relname::text,
       CASE WHEN i.indisexclusion THEN pg_get_constraintdef(k.oid)
            ELSE pg_get_indexdef(i.indexrelid) END,
       i.indisexclusion,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false),
       pg_get_expr(i.indpred, i.indrelid),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, n + 1, false)
               FROM generate_series(0, i.indnkeyatts - 1) n ORDER BY n),
       ARRAY(SELECT (SELECT a.attname::text FROM pg_attribute a
                      WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[n])
               FROM generate_series(0, i.indnkeyatts - 1) n ORDER BY n),
       ARRAY(SELECT (SELECT format('%I.%I', s.nspname, l.collname)
                       FROM pg_collation l JOIN pg_namespace s ON s.oid = l.collnamespace
                      WHERE l.oid = i.indcollation[n])
               FROM generate_series(0, i.indnkeyatts - 1) n ORDER BY n),
       -- Whether equal means the same bytes wherever the type's own equality says so.
       NOT EXISTS (SELECT FROM pg_collation l
                    WHERE l.oid = ANY (i.indcollation::oid[]) AND NOT l.collisdeterministic),
       -- Whether every key is compared by the equality that its type has everywhere.
       NOT EXISTS (
           SELECT FROM generate_series(0, i.indnkeyatts - 1) n
             JOIN pg_opclass o ON o.oid = i.indclass[n]
            WHERE (SELECT p.amopopr FROM pg_amop p
                    WHERE p.amopfamily = o.opcfamily AND p.amopstrategy = 3
                      AND p.amoppurpose = 's' AND p.amoplefttype = o.opcintype
                      AND p.amoprighttype = o.opcintype)
                  IS DISTINCT FROM
                  (SELECT p.amopopr FROM pg_opclass q
                     JOIN pg_am m ON m.oid = q.opcmethod AND m.amname = 'btree'
                     JOIN pg_amop p ON p.amopfamily = q.opcfamily AND p.amopstrategy = 3
                      AND p.amoppurpose = 's' AND p.amoplefttype = q.opcintype
                      AND p.amoprighttype = q.opcintype
                    WHERE q.opcdefault AND q.opcintype = o.opcintype)),
       i.indrelid AS relation
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_constraint k
    ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
 WHERE i.indrelid = ANY ($1) AND (i.indisunique OR i.indisexclusion) AND i.indisready
 ORDER BY c.relname::text COLLATE "C"
