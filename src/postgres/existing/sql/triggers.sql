-- The triggers that people have made and that are not switched off.
SELECT t.tgname::text AS name, t.tgenabled::text AS enabled, t.tgrelid AS relation
  FROM pg_trigger t
 WHERE t.tgrelid = ANY ($1) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
 ORDER BY t.tgname::text COLLATE "C"
