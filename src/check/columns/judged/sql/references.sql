-- The foreign keys of tables that hold for the rows that are there.
SELECT k.conname::text, n.nspname::text, p.relname::text,
       ARRAY(SELECT a.attname::text
               FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
              ORDER BY u.place),
       ARRAY(SELECT a.attname::text
               FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
              ORDER BY u.place),
       k.conrelid AS relation
  FROM pg_constraint k
  JOIN pg_class p ON p.oid = k.confrelid
  JOIN pg_namespace n ON n.oid = p.relnamespace
 WHERE k.conrelid = ANY ($1) AND k.contype = 'f' AND k.convalidated
   AND coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
 ORDER BY k.conname::text COLLATE "C"
