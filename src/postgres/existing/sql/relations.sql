-- Planned tables by schema and name, whatever kind of relation has the name.
SELECT c.oid, c.relname::text, c.relkind::text, c.relpersistence::text,
       pg_get_userbyid(c.relowner)::text,
       pg_has_role(c.relowner, 'USAGE'),
       ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'TRUNCATE']) AS p
             WHERE NOT has_table_privilege(c.oid, p)),
       row_security_active(c.oid),
       c.relispartition OR EXISTS (SELECT FROM pg_inherits h
                                   WHERE c.oid IN (h.inhrelid, h.inhparent)),
       EXISTS (SELECT FROM pg_trigger t
               WHERE t.tgrelid = c.oid AND t.tgisinternal AND t.tgenabled <> 'O')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relname::text = ANY ($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 ORDER BY c.relname::text COLLATE "C"
