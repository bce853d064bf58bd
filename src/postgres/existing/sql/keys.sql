-- The foreign keys of and to the planned tables; those of partitions go with their parent's.
SELECT k.conname::text,
       cn.nspname::text, c.relname::text,
       pn.nspname::text, p.relname::text,
       pg_get_constraintdef(k.oid),
       obj_description(k.oid, 'pg_constraint'),
       pg_get_userbyid(c.relowner)::text,
       pg_has_role(c.relowner, 'USAGE'),
       has_table_privilege(p.oid, 'REFERENCES'),
       c.relkind = 'p' OR c.relispartition,
       k.convalidated
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = k.confrelid
  JOIN pg_namespace pn ON pn.oid = p.relnamespace
 WHERE k.contype = 'f' AND (k.conrelid = ANY ($1) OR k.confrelid = ANY ($1)) AND k.conparentid = 0
 ORDER BY cn.nspname::text COLLATE "C", c.relname::text COLLATE "C", k.conname::text COLLATE "C"
