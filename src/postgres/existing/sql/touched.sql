-- Tables on which somebody has put what no schema file says.
SELECT c.relname::text
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE (n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($1::text[], $2::text[]))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND (c.relkind <> 'r' OR c.relpersistence <> 'p' OR c.relacl IS NOT NULL
        OR c.reloptions IS NOT NULL OR c.reltablespace <> 0 OR c.relrowsecurity
        OR c.relforcerowsecurity OR c.relreplident <> 'd' OR c.relispartition OR c.relhassubclass
        OR EXISTS (SELECT FROM pg_catalog.pg_trigger t
                    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
        OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent))
        OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel p WHERE p.prrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_description d
                    WHERE d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
                     JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
                    WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attnum > 0
                      AND (a.attacl IS NOT NULL OR a.attoptions IS NOT NULL
                           OR a.attstorage <> y.typstorage
                           -- A compression method; PostgreSQL 13 has no such column.
                           OR coalesce(to_jsonb(a) ->> 'attcompression', '') <> ''
                           -- Less than 0 before PostgreSQL 17, NULL since then, where none is set.
                           OR coalesce((to_jsonb(a) ->> 'attstattarget')::int, -1) >= 0))
        OR EXISTS (SELECT FROM pg_catalog.pg_index i
                    WHERE i.indrelid = c.oid AND i.indisclustered)
        -- A sequence of a column that was set to count in another way, or to start elsewhere.
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                     JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass
                      AND d.refclassid = 'pg_catalog.pg_class'::regclass
                      AND d.refobjid = c.oid AND d.deptype IN ('a', 'i')
                      AND (s.seqincrement <> 1 OR s.seqcache <> 1 OR s.seqmin <> 1
                           OR s.seqstart <> 1 OR s.seqcycle
                           OR s.seqmax <> CASE s.seqtypid WHEN 'int2'::regtype THEN 32767
                                                          WHEN 'int4'::regtype THEN 2147483647
                                                          ELSE 9223372036854775807 END))
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
                      AND d.classid = 'pg_catalog.pg_rewrite'::regclass)
        OR EXISTS (SELECT FROM pg_catalog.pg_constraint k
                    WHERE k.contype = 'f' AND k.confrelid = c.oid
                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_class o
                                       JOIN pg_catalog.pg_namespace m ON m.oid = o.relnamespace
                                       WHERE o.oid = k.conrelid
                                         AND (m.nspname::text, o.relname::text)
                                             IN (SELECT * FROM unnest($1::text[], $2::text[])))))
 UNION
-- Types that something else uses.
SELECT t.typname::text
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  JOIN pg_catalog.pg_depend d
    ON d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
   AND d.deptype = 'n'
 WHERE (n.nspname::text, t.typname::text) IN (SELECT * FROM unnest($1::text[], $2::text[]))
   AND t.typtype = 'e'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c
                   JOIN pg_catalog.pg_namespace m ON m.oid = c.relnamespace
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
                      AND (m.nspname::text, c.relname::text)
                          IN (SELECT * FROM unnest($1::text[], $2::text[])))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef a
                     JOIN pg_catalog.pg_class c ON c.oid = a.adrelid
                     JOIN pg_catalog.pg_namespace m ON m.oid = c.relnamespace
                    WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.oid = d.objid
                      AND (m.nspname::text, c.relname::text)
                          IN (SELECT * FROM unnest($1::text[], $2::text[])))
 ORDER BY 1
