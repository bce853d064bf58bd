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
               WHERE t.tgrelid = c.oid AND t.tgisinternal AND t.tgenabled <> 'O'),
       ARRAY(SELECT h.inhrelid::regclass::text
               FROM pg_inherits h JOIN pg_class i ON i.oid = h.inhrelid
              WHERE c.oid IN (h.inhrelid, h.inhparent) AND i.relkind IN ('r', 'f')
                AND NOT i.relispartition
              ORDER BY h.inhrelid, h.inhseqno),
       ARRAY(SELECT h.inhparent::regclass::text
               FROM pg_inherits h JOIN pg_class i ON i.oid = h.inhrelid
              WHERE c.oid IN (h.inhrelid, h.inhparent) AND i.relkind IN ('r', 'f')
                AND NOT i.relispartition
              ORDER BY h.inhrelid, h.inhseqno),
       -- What keeps rows from going through a partitioned table into its partitions.
       CASE WHEN c.relkind <> 'p' THEN NULL
            WHEN c.relispartition THEN 'it is a partition of another table'
            WHEN EXISTS (SELECT FROM pg_partition_tree(c.oid) p
                           JOIN pg_class q ON q.oid = p.relid
                          WHERE q.relkind NOT IN ('r', 'p') OR q.relpersistence <> 'p')
            THEN 'one of its partitions is no ordinary table that keeps its rows'
            WHEN EXISTS (SELECT FROM pg_partition_tree(c.oid) p
                           JOIN pg_trigger t ON t.tgrelid = p.relid
                          WHERE p.level > 0 AND NOT t.tgisinternal
                            AND coalesce((to_jsonb(t) ->> 'tgparentid')::oid, 0) = 0)
            THEN 'one of its partitions has triggers of its own'
       END,
       n.nspname::text
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE (n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($1::text[], $2::text[]))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 ORDER BY c.relname::text COLLATE "C"
