-- The indexes of tables that can be built again exactly as they are. Left where they are: those
-- of a partitioned table, to which the partitions' belong; exclusion constraints; what is not valid; what something else than a foreign key depends on (a
-- view that groups by a key, a rule); what belongs to an extension; what lies in a tablespace in
-- which our role may create nothing; and what the server would write in other words once it was
-- built from its own: an array of literals with a cast behind it, which it makes of IN over a
-- varchar.
SELECT c.relname::text,
       pg_get_indexdef(i.indexrelid),
       coalesce(s.spcname, '')::text,
       CASE WHEN k.oid IS NOT NULL THEN
           CASE WHEN k.condeferred THEN 'DEFERRABLE INITIALLY DEFERRED'
                WHEN k.condeferrable THEN 'DEFERRABLE' ELSE '' END
       END,
       obj_description(i.indexrelid, 'pg_class'),
       obj_description(k.oid, 'pg_constraint'),
       i.indisclustered,
       i.indisreplident,
       ARRAY(SELECT format('ALTER COLUMN %s SET STATISTICS %s', a.attnum, a.attstattarget)
               FROM pg_attribute a
              WHERE a.attrelid = i.indexrelid AND coalesce(a.attstattarget, -1) >= 0
              ORDER BY a.attnum),
       i.indisprimary,
       i.indrelid AS relation
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am m ON m.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_constraint k
    ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
 WHERE i.indrelid = ANY ($1) AND c.relkind = 'i'
   AND NOT i.indisexclusion AND i.indisvalid AND i.indisready
   AND (k.oid IS NULL OR (k.contype IN ('p', 'u') AND m.amname = 'btree'))
   AND pg_get_indexdef(i.indexrelid) NOT LIKE '%])::%'
   AND (s.oid IS NULL OR has_tablespace_privilege(s.oid, 'CREATE'))
   AND NOT EXISTS (
       SELECT FROM pg_depend d
        WHERE ((d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indexrelid)
            OR (d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.refobjid = k.oid))
          -- What is part of it (the index of a constraint, a deferred one's trigger) goes along.
          AND d.deptype IN ('n', 'a')
          AND NOT (d.classid = 'pg_catalog.pg_constraint'::regclass
                   AND EXISTS (SELECT FROM pg_constraint f
                                WHERE f.oid = d.objid AND f.contype = 'f')))
   AND NOT EXISTS (
       SELECT FROM pg_depend d
        WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype IN ('e', 'x')
          AND ((d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid)
            OR (d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid)))
 ORDER BY c.relname::text COLLATE "C"
