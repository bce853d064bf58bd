-- How many locks a load of these tables takes, and for how many the server has room.
SELECT (SELECT count(*) FROM pg_class c
         WHERE c.oid = ANY ($1) OR c.oid IN (
             SELECT i.indexrelid FROM pg_index i
              WHERE i.indrelid = ANY ($1) OR i.indrelid IN (
                  SELECT t.reltoastrelid FROM pg_class t WHERE t.oid = ANY ($1)))
            OR c.oid IN (SELECT t.reltoastrelid FROM pg_class t WHERE t.oid = ANY ($1))),
       current_setting('max_locks_per_transaction')::int8
           * (current_setting('max_connections')::int8
              + current_setting('max_prepared_transactions')::int8)
