-- What a load does not touch and does not trigger, but somebody should know about.
WITH RECURSIVE reading (oid) AS (
    SELECT unnest($1::oid[])
    UNION
    SELECT r.ev_class
      FROM reading w
      JOIN pg_depend d
        ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = w.oid
       AND d.classid = 'pg_catalog.pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid
)
SELECT 'rule', format('rule %I of %s', r.rulename, r.ev_class::regclass)
  FROM pg_rewrite r WHERE r.ev_class = ANY ($1) AND r.rulename <> '_RETURN'
UNION
SELECT 'view', format('materialized view %s', c.oid::regclass)
  FROM reading w JOIN pg_class c ON c.oid = w.oid AND c.relkind = 'm'
UNION
SELECT 'publication', format('publication %I has %s', p.pubname, c.oid::regclass)
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
 WHERE c.oid = ANY ($1)
UNION
SELECT 'event trigger', format('event trigger %I', e.evtname)
  FROM pg_event_trigger e WHERE e.evtenabled IN ('O', 'A')
 ORDER BY 1, 2
