-- The checks of tables that hold for new rows.
SELECT k.conname::text, pg_get_expr(k.conbin, k.conrelid), k.conrelid AS relation
  FROM pg_constraint k
 WHERE k.conrelid = ANY ($1) AND k.contype = 'c'
   AND coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
 ORDER BY k.conname::text COLLATE "C"
