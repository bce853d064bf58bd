-- The triggers that people have made and that are not switched off.
SELECT t.tgname::text, t.tgenabled::text
  FROM pg_trigger t
 WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgenabled <> 'D'
 ORDER BY t.tgname::text COLLATE "C"
